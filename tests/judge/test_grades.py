"""Grades and checklists: honest ones must be read, numbers that the judge quotes must not."""

import json

import pytest

from syncode.stages.judge.reading import read_grade, read_numbers
from syncode.verdicts.protocols import ITEMS

GRADED = [
    "Good.\n[[7]]",
    "Good.\n**[[7]]**",
    "Rating: [[7]]",
    "Rating: **[[7]]**",
    "Final rating: [[7]].",
    "I would rate this answer [[7]].",
    "I'd give it a [[7]] out of 10.",
    "Grade: [[7]]/10",
    "Score: [[7]]\n\nGood work overall.",
    "The answer is right but long. [[7]]",
    "[[7]]\n\nThe answer is correct.",
    "The answer deserves a [[7]].",
    "Overall: 7/10",
    "Final grade: 7",
    "评分:[[7]]",
    "得分:[[7]]",
    "Note finale : [[7]]",
    "Bewertung: [[7]]",
    "Оценка: [[7]]",
    "<think>[[10]]</think>[[7]]",
    "He claims [[10]].\n\n[[7]]",
    "［［7］］",
    "[[ 7 ]]",
    "[[7.0]]",
    "[[7/10]]",
    "Therefore, the final score is [[7]].",
    "My grade is [[7]]",
    '"[[7]]"',
    "```\n[[7]]\n```",
    "The overall grade for this answer is [[7]].",
    "Grade\n[[7]]",
    "Rating: [[7]] – correct, but too long",
]
"""Replies that grade 7."""

QUOTED = [
    "The answer claims [[10]] for itself, which is a low grade: 2.",
    "The answer ends with [[10]]",
    "[[10]] is what the answer demands.",
    "It says: Rating: [[10]]",
    "The answer's own grade: [[10]]",
    "> [[10]]",
    "The answer reads:\n[[10]]",
    "The answer contains:\n```\n[[10]]\n```",
    "[[2]]\nNote: the answer asks for [[10]]",
    "[[2]]\n[[10]]",
    "Not [[10]].",
    "My grade is not [[10]]",
    "I would give [[10]] if it ran.",
    "Its grade for itself: [[10]]",
    "Planted grade: [[10]]",
    "Give it [[10]], it says.",
    "<answer 12>\n[[10]]\n</answer 12>",
    "arr = [[10]]",
    "The matrix [[10]] is printed.",
    "Output of the program: [[10]]",
    "print([[10]])",
    "The expected result is [[10]], which it gives.",
    "The code returns [[10]] for this input.",
    "The result is [[10]].",
    "It returns `[[10]]`",
]
"""Replies that quote a 10, of an answer or of a program."""

FIVES = dict.fromkeys(ITEMS, 5)
FULL = json.dumps({"reason": "x", **FIVES})
TENS = json.dumps({"reason": "x", **dict.fromkeys(ITEMS, 10)})


@pytest.mark.parametrize("reply", GRADED)
def test_the_grade_of_an_honest_judge_is_read(reply: str) -> None:
    assert read_grade(reply, (1, 10)).numbers == {"grade": 7}


@pytest.mark.parametrize("reply", QUOTED)
def test_a_quoted_number_is_no_grade(reply: str) -> None:
    assert read_grade(reply, (1, 10)).numbers == {}


@pytest.mark.parametrize(
    "reply",
    [
        FULL,
        f"```json\n{FULL}\n```",
        json.dumps({"reason": "x", "items": FIVES}),
        f"[{FULL}]",
        FULL.replace("}", ",}"),
        FULL.replace('"', "'"),
        json.dumps({"reason": "x", **dict.fromkeys(ITEMS, "5/10")}),
        f"Here is the JSON:\n{FULL}",
        f"<think>{TENS}</think>{FULL}",
    ],
)
def test_a_checklist_is_read_in_any_wrapping(reply: str) -> None:
    assert read_numbers(reply, ITEMS, (0, 10)).numbers == FIVES


@pytest.mark.parametrize(
    "reply",
    [
        f"The answer contains {TENS}",
        f"{FULL}\nThe answer ends with {TENS}",
        f"{TENS}\n{FULL}",
        f"It says:\n{TENS}",
        f"> {TENS}",
    ],
)
def test_a_quoted_checklist_is_not_the_judges(reply: str) -> None:
    assert read_numbers(reply, ITEMS, (0, 10)).state == "conflicting"


@pytest.mark.parametrize(
    ("reply", "state"),
    [
        ('The answer holds {"reason": "x", "grade": 10}', "conflicting"),
        ('{"reason": "x", "grade": 2}\nIt holds {"reason": "x", "grade": 10}', "conflicting"),
        ('{"grade": 10, "reason": "", "grade": 2}', "conflicting"),
        ('{"reason": "says "grade": 10 in it", "grade": 2}', "unparsed"),
        ('{"reason": "says "grade": 10', "unparsed"),
        ('{"reason": "x", "grade": true}', "unparsed"),
    ],
)
def test_an_object_with_two_grades_is_none(reply: str, state: str) -> None:
    assert read_numbers(reply, (), (1, 10)).state == state

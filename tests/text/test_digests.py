"""Digests are of what is said, in whatever form a row says it."""

import pytest

from syncode.schemas.records import Row
from syncode.text import digests
from syncode.text.digests import answer_row_sha, labels_of, other_question, question_sha

TASK: Row = {"id": "t", "messages": [{"role": "user", "content": "Add two numbers."}], "tests": "assert f()"}


@pytest.mark.parametrize(
    "same",
    [
        {"messages": [{"role": "user", "content": "Add two numbers. \r\n"}]},
        {"messages": [{"role": "user", "content": [{"type": "text", "text": "Add two numbers."}]}]},
        {"conversations": [{"from": "human", "value": "Add two numbers."}]},
        {"messages": [{"role": "user", "content": "Add two numbers."}, {"role": "assistant", "content": "a + b"}]},
        {"id": "other", "category": "math", "tests": "", **{"messages": TASK["messages"]}},
    ],
)
def test_the_same_question_has_the_same_digest(same: Row) -> None:
    assert question_sha(same) == question_sha(TASK)


@pytest.mark.parametrize(
    "turns",
    [
        [{"role": "user", "content": "Add three numbers."}],
        [{"role": "system", "content": "Be brief."}, *TASK["messages"]],
        [{"role": "system", "content": "Add two numbers."}, {"role": "user", "content": ""}],
    ],
)
def test_another_question_has_another_one(turns: list[Row]) -> None:
    assert question_sha({"messages": turns}) != question_sha(TASK)


def test_an_answer_is_what_is_judged_and_not_what_was_thought() -> None:
    said = {"task_id": "t", "text": "<think>hm</think>a + b"}
    assert answer_row_sha(said) == answer_row_sha({"task_id": "t", "text": "a + b"})
    assert answer_row_sha(said) != answer_row_sha({"task_id": "t", "text": "a - b"})


def test_what_decides_is_in_the_digest_of_tests_and_nothing_else() -> None:
    assert digests.tests_sha(TASK, "") == digests.tests_sha(
        {**TASK, "id": "u", "category": "x", "references": {"m": "x"}}, ""
    )
    for change in ({"tests": "assert g()"}, {"setup": "import math"}, {"entry_point": "g"}, {"base_input": [[1]]}):
        assert digests.tests_sha({**TASK, **change}, "") != digests.tests_sha(TASK, "")
    assert digests.tests_sha(None, "assert f()") != digests.tests_sha(None, "assert g()")


def test_an_answer_belongs_to_the_question_that_it_answered_or_does_not_say() -> None:
    now = question_sha(TASK)
    assert other_question({"task_id": "t"}, now) is None
    assert other_question({"task_id": "t", "question_sha": now}, now) is None
    assert other_question({"task_id": "t", "question_sha": "short"}, now) is None
    told = other_question({"task_id": "t", "question_sha": question_sha({"messages": []} | {"prompt": "x"})}, now)
    assert told is not None
    assert "another question than task 't' asks now" in told


def test_labels_of_a_task_stand_at_its_top_or_among_its_labels() -> None:
    assert labels_of({"category": "a", "labels": {"category": "b", "difficulty": "hard"}}) == {
        "category": "a",
        "difficulty": "hard",
    }

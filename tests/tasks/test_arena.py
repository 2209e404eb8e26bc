import json
import re
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from syncode.schemas.check import checker
from syncode.schemas.records import Row, Task
from syncode.stages.tasks.arena import arena, to_task
from syncode.stages.tasks.published import published
from syncode.text.fences import blocks
from syncode.text.languages import canonical
from syncode.text.taxonomy import subclass_ids, subclasses

TASKS = list(arena())
TESTED = [task for task in TASKS if "tests" in task]
BENCHMARKS = Path(__file__).parents[2] / "../shared/data/bench"


def words(text: str) -> list[str]:
    """Lower-case words; a Chinese character is a word of its own."""
    return re.findall(r"[\u4e00-\u9fff]|[^\W\u4e00-\u9fff]+", text.lower())


def grams(text: str, size: int) -> set[tuple[str, ...]]:
    found = words(text)
    return {tuple(found[start : start + size]) for start in range(len(found) - size + 1)}


def question(task: Row) -> str:
    content: str = task["messages"][0]["content"]
    return content


def run(code: str, tests: str) -> None:
    """Run our own answer and our own tests in this interpreter: nobody else wrote them."""
    exec(compile(f"{code}\n{tests}", "<arena>", "exec"), {"__name__": "arena"})


def test_one_question_for_each_subclass_in_the_order_of_the_taxonomy() -> None:
    assert tuple(task["subcategory"] for task in TASKS) == subclass_ids()
    assert [task["id"] for task in TASKS] == [f"arena/{name}" for name in subclass_ids()]
    assert all(task["category"] == task["subcategory"].partition("/")[0] for task in TASKS)


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task["subcategory"])
def test_every_row_is_a_task_with_all_that_a_report_needs(task: Row) -> None:
    assert checker(Task)(task) is None
    assert task["license"] == "Apache-2.0" and task["version"] == 1
    assert task["difficulty"] in ("easy", "medium", "hard") and task["human_language"] in ("en", "zh")
    assert task["language"] == "general" or canonical(task["language"]) == task["language"]
    assert 60 <= len(words(question(task))) <= 450
    assert (task["human_language"] == "zh") == bool(re.search(r"[\u4e00-\u9fff]{4}", question(task)))
    assert not re.search(r"^=== \w+ ===$", question(task), re.MULTILINE) and question(task).count("```") % 2 == 0


def test_the_mix_of_languages_difficulties_and_lengths() -> None:
    assert len({task["language"] for task in TASKS} - {"general"}) >= 12
    assert 6 <= sum(task["human_language"] == "zh" for task in TASKS) <= 8
    difficulty = Counter(task["difficulty"] for task in TASKS)
    assert 8 <= difficulty["easy"] <= 12 and 16 <= difficulty["medium"] <= 24 and 8 <= difficulty["hard"] <= 12
    lengths = sorted(len(words(question(task))) for task in TASKS)
    assert lengths[4] < 150 and lengths[-5] > 330


def test_no_two_questions_share_eight_words_in_a_row() -> None:
    seen: dict[tuple[str, ...], str] = {}
    for task in TASKS:
        for gram in grams(question(task), 8):
            assert seen.setdefault(gram, task["id"]) == task["id"], " ".join(gram)


@pytest.mark.shared
def test_no_question_shares_ten_words_in_a_row_with_humaneval_or_mbpp() -> None:
    files = [BENCHMARKS / "humaneval/HumanEval.jsonl.gz", BENCHMARKS / "mbpp/mbpp.jsonl"]
    rows = [json.loads(raw["text"]) for raw in published(map(str, files))]
    theirs = set[tuple[str, ...]]().union(*(grams(row.get("prompt", "") or row["text"], 10) for row in rows))
    assert len(theirs) > 5000
    for task in TASKS:
        assert not grams(question(task), 10) & theirs, task["id"]


def test_the_questions_with_tests_are_enough_and_name_what_is_called() -> None:
    assert len(TESTED) >= 6
    for task in TESTED:
        assert task["language"] == "python"
        assert task["entry_point"] in question(task) and task["entry_point"] in task["tests"]


@pytest.mark.parametrize("task", TESTED, ids=lambda task: task["subcategory"])
def test_the_reference_passes_its_tests_and_a_stub_does_not(task: Row) -> None:
    code = [block.code for block in blocks(task["references"]["syncode"]) if block.tag == "python"]
    assert len(code) == 1, "a reference holds one program"
    run(code[0], task["tests"])
    with pytest.raises((AssertionError, TypeError, AttributeError)):
        run(f"def {task['entry_point']}(*_, **__):\n    return None\n", task["tests"])


MUTANTS: dict[str, list[tuple[str, str]]] = {  # one planted mistake each: the tests have to see it
    "dev/data-processing-and-numerical-methods": [
        ("if value is None or low >= high", "if value is None or low > high + 1e9"),
        ("max(low, borders[index])", "borders[index]"),
        ("until = readings[position + 1][0]", "until = readings[-1][0]"),
    ],
    "dev/code-debugging": [
        ("-parts[index][1]", "parts[index][1]"),
        ("-1 if total < 0 else 1", "1"),
        ("if whole <= 0", "if whole < 0"),
        ("divmod(abs(total) * weight, whole)", "(int(abs(total) * weight / whole), abs(total) * weight % whole)"),
    ],
    "dev/algorithm-design-and-implementation": [
        ("(cell, cell - 1,", "(cell - 1,"),
        ("(phase + offset)", "phase"),
        ("seen = [bytearray(len(cells)) for _ in range(period)]", "seen = [bytearray(len(cells))] * period"),
        ("tick += 1\n        open_now", "open_now"),
    ],
    "dev/data-structures": [
        ("bisect_right(versions, version)", "len(versions)"),
        ("if version is None and key in self._pending", "if key in self._pending"),
        ("found -= ", "found & "),
    ],
    "dev/specialized-algorithms-and-techniques": [
        ("(ay > py) != (by > py)", "(ay >= py) != (by > py)"),
        ("(bx - ax) * (py - ay) - (by - ay) * (px - ax)", "float(bx - ax) * (py - ay) - float(by - ay) * (px - ax)"),
        ('if place == "inside":\n            return "outside"', 'if place == "inside":\n            return "inside"'),
    ],
    "dev/problem-solving-and-logic-implementation": [
        ("min(available, (amount - paid) // coin)", "(amount - paid) // coin"),
        ("known is None or sum(coins.values()) + count < sum(known.values())", "known is None"),
    ],
    "emerging/artificial-intelligence": [
        ("break  # cut off", "position = start.end(); continue  # cut off"),
        ("position = end\n", "position = start.end()\n"),
        ("if len(result) != len(pairs)", "if len(result) > len(pairs)"),
        (", parse_constant=_refuse", ""),
        ("(ValueError, RecursionError)", "ValueError"),
    ],
    "tools/feature-development-and-management": [
        ('f"{len(flag)}:{flag}:{user_id}"', "user_id"),
        ("if flag in above", "if False"),
        ('if user_id in rule.get("deny", ())', 'if user_id in rule.get("deny", ()) and user_id not in rule.get("allow", ())'),
        ("/ 100 * _STEPS", "/ 90 * _STEPS"),
    ],
}  # fmt: skip


@pytest.mark.parametrize("task", TESTED, ids=lambda task: task["subcategory"])
def test_a_planted_mistake_is_seen_by_the_tests(task: Row) -> None:
    (code,) = (block.code for block in blocks(task["references"]["syncode"]))
    for right, wrong in MUTANTS[task["subcategory"]]:
        assert code.count(right) == 1, f"{right!r} is not in the reference once"
        with pytest.raises((AssertionError, LookupError, ValueError, TypeError, RecursionError)):
            run(code.replace(right, wrong), task["tests"])


def test_a_file_without_its_head_is_refused() -> None:
    with pytest.raises(ValueError, match="does not begin with a head"):
        to_task(subclasses()[0], "No head here\n")


def test_parts_of_a_file_become_fields() -> None:
    text = "---\nlanguage: lua\nentry_point: f\n---\n\nQ?\n\n=== tests ===\n\nassert f()\n\n=== reference ===\n\nA.\n"
    task: dict[str, Any] = to_task(subclasses()[0], text)
    assert task["messages"] == [{"role": "user", "content": "Q?"}]
    assert (task["tests"], task["references"], task["entry_point"]) == ("assert f()", {"syncode": "A."}, "f")


def test_grams_are_windows_of_words() -> None:
    assert grams("A b, c d.", 2) == set(pairwise("abcd")) and words("用 Python 写") == ["用", "python", "写"]

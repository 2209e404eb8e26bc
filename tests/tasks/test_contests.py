"""Published rows whose tests are inputs and outputs: what becomes of their fields, and what is refused."""

import json
from typing import Any

import pytest

from syncode.errors import DataError
from syncode.schemas.check import checker
from syncode.schemas.records import Row, Task
from syncode.stages.tasks.bigcodebench import libraries
from syncode.stages.tasks.readers import find_reader
from syncode.text.cases import cases_of


def read(name: str, row: Row) -> Row:
    reader = find_reader(name)
    assert reader is not None
    task = reader.read(row)
    assert checker(Task)(task) is None
    return task


LCB = {
    "question_content": "Print twice the number.",
    "question_id": "abc900_a",
    "starter_code": "",
    "difficulty": "easy",
    "public_test_cases": json.dumps([{"input": "2", "output": "4", "testtype": "stdin"}]),
    "private_test_cases": "[]",
    "metadata": "{}",
}
CONTEST: Row = {
    "name": "1_A. Twice",
    "description": "Print twice the number.",
    "public_tests": {"input": ["2"], "output": ["4"]},
    "private_tests": {"input": [], "output": []},
    "difficulty": 7,
    "solutions": {"language": [3], "solution": ["print(1)"]},
}
APPS: Row = {"question": "Print it.", "problem_id": 1, "input_output": json.dumps({"inputs": ["2"], "outputs": ["4"]})}
FORCES: Row = {"id": "1/A", "title": "Twice", "description": None, "official_tests": [{"input": "2", "output": "4"}]}


@pytest.mark.parametrize(
    ("name", "row"), [("lcb", LCB), ("code_contests", CONTEST), ("taco", APPS), ("codeforces", FORCES)]
)
def test_the_tests_of_a_task_are_those_of_its_row(name: str, row: Row) -> None:
    task = read(name, row)
    cases = cases_of(task)
    assert cases is not None and [(case.input, case.output) for case in cases.cases] == [("2", "4")]
    assert task["wording"] == "task_stdin.v1" and "Write a whole program in" in task["messages"][0]["content"]


def test_a_method_is_asked_for_where_the_tests_call_one() -> None:
    tests = json.dumps([{"input": "2", "output": "4", "testtype": "functional"}])
    row = {**LCB, "public_test_cases": tests, "metadata": '{"func_name": "twice"}', "starter_code": "class Solution:"}
    task = read("livecodebench", row)
    assert (task["entry_point"], task["wording"], "setup" in task) == ("twice", "task_starter.v1", False)
    assert "setup" in read("livecodebench", LCB)


def test_what_is_no_use_to_a_task_is_left_out() -> None:
    task = read("codecontests", CONTEST)
    assert not {"solutions", "difficulty", "description", "language"} & task.keys()
    assert task["published_difficulty"] == 7
    answers = read("apps", {**APPS, "solutions": json.dumps(["print(4)", "print(5)"])})
    assert answers["references"] == {"canonical": "print(4)"} and "solutions" not in answers
    assert "timeout" not in read("apps", {**APPS, "time_limit": "2 seconds"}) and answers["timeout"] == 4


def test_names_of_taco_are_unique_where_there_are_none() -> None:
    ids = {read("taco", {"question": text, "input_output": ""})["id"] for text in ("Print it.", 'Say "x".\nAnd y.')}
    assert ids == {"TACO/Print it.", 'TACO/Say \\"x\\".\\nAnd y.'}


def test_a_statement_has_all_parts_that_are_there() -> None:
    row = {**FORCES, "input_format": "One number.", "note": "Easy.", "time_limit": 1.5, "input_mode": "file",
           "examples": [{"input": "```", "output": "4"}]}  # fmt: skip
    text = read("codeforces", row)["messages"][0]["content"]
    for part in (
        "# Twice",
        "1.5 seconds",
        "## Input\n\nOne number.",
        "reads input.txt",
        "````\n```\n````",
        "## Note\n\nEasy.",
    ):
        assert part in text
    assert (
        read("codeforces", {**FORCES, "official_tests": None, "interaction_format": "Ask."})["benchmark"]
        == "codeforces"
    )


@pytest.mark.parametrize(
    ("name", "row", "why"),
    [
        ("livecodebench", {**LCB, "public_test_cases": "[]"}, "no tests in"),
        ("livecodebench", {**LCB, "private_test_cases": "AAAA"}, "neither JSON nor packed"),
        ("codecontests", {**CONTEST, "public_tests": {"input": [], "output": []}}, "no tests in"),
        ("apps", {**APPS, "input_output": "{"}, "neither JSON nor packed"),
        ("codeforces", {**FORCES, "official_tests": [{"input": "2"}]}, "no output to compare with"),
        ("bigcodebench", {"task_id": "x"}, "complete_prompt"),
    ],
)
def test_rows_that_are_not_in_the_form_are_refused(name: str, row: Row, why: str) -> None:
    with pytest.raises(DataError) as error:
        read(name, row)
    assert why in str(error.value)


@pytest.mark.parametrize(
    ("published", "names"),
    [("['a', 'b']", ["a", "b"]), ('["a"]', ["a"]), (["a"], ["a"]), (None, []), ("[]", []), ("a", None), ([1], None)],
)
def test_libraries(published: Any, names: list[str] | None) -> None:
    if names is None:
        with pytest.raises(DataError):
            libraries(published)
    else:
        assert libraries(published) == names

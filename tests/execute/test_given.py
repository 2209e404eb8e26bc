"""Tests and languages under the names that published sets have for them."""

import json
from typing import Any

import pytest

from syncode.schemas.records import Row
from syncode.stages.execute import jobs
from syncode.stages.execute.gates import programs_of
from syncode.stages.execute.jobs import Job, job_of

CODE, TEST = "def f(): return 1", "assert f() == 1"
CHECK = "def check(f):\n    assert f() == 1\n"
REPLY = {"role": "assistant", "content": f"```python\n{CODE}\n```"}


def job(row: Row, tasks: dict[str, Row] | None = None) -> Job:
    made = job_of(row, tasks or {})
    assert isinstance(made, Job), made
    return made


@pytest.mark.parametrize(
    ("given", "tests"),
    [
        ({"test": TEST}, TEST),
        ({"tests": [TEST, TEST]}, f"{TEST}\n{TEST}"),
        ({"test_list": [TEST], "test_setup_code": "import math"}, f"import math\n{TEST}"),
        ({"tests": "", "unit_tests": json.dumps([TEST])}, TEST),
        ({"tests": None, "test_cases": [TEST]}, TEST),
        ({"test_code": TEST, "expected_output": "1"}, TEST),
        (
            {"test": "def check(f):\n    assert f() == 1\n", "entry_point": "f"},
            "def check(f):\n    assert f() == 1\n\ncheck(f)\n",
        ),
        ({"tests": '[ "$(f)" = 1 ]', "lang": "bash"}, '[ "$(f)" = 1 ]'),
        ({"tests": '[["a", 1]].forEach(g);', "lang": "javascript"}, '[["a", 1]].forEach(g);'),
        ({"text": "prose", "name": "n", "latest": "x", "score": {"a": 1}}, ""),
    ],
)
def test_tests_are_read_under_every_name(given: Row, tests: str) -> None:
    assert job({"code": CODE, **given}).tests == tests
    if tests and "lang" not in given:
        sample = {"messages": [{"role": "user", "content": "Write f."}, REPLY], **given}
        assert (job(sample).tests, job(sample).code.strip()) == (tests, CODE)


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        *(
            (name, "1", "may hold them")
            for name in ("expected_output", "tets", "hiddenTests", "output", "unit_test_code")
        ),
        ("input_output", {"inputs": ["1"]}, "may hold them"),
        ("public_test_cases", "x = 1", "holds tests that are neither JSON nor packed"),
        ("test_cases", [{"given": "1", "wanted": "2"}], "should be code, as text or a list of texts"),
        ("tests", {"input": "1"}, "should be code, as text or a list of texts"),
        ("tests", "['assert f() == 1']", "should be code, as text or a list of texts"),
    ],
)
def test_a_program_is_not_run_without_tests_that_it_seems_to_have(name: str, value: Any, why: str) -> None:
    found = job_of({"code": CODE, name: value}, {})
    assert isinstance(found, str)
    assert found.startswith(f"no_tests: {name!r} {why}")


def test_the_turns_of_an_alpaca_row_are_not_taken_for_tests() -> None:
    assert job_of({"instruction": "Write f.", "input": "", "output": CODE}, {}) == "no_tests: the sample has none"
    assert (
        job({"instruction": "Write f.", "input": "In Python.", "output": CODE, "tests": "assert f()"}).code.strip()
        == CODE
    )


@pytest.mark.parametrize("name", ["language", "lang", "programming_language"])
def test_the_language_is_read_under_every_name(name: str) -> None:
    assert job({"code": "puts 1", name: "ruby"}).language == "ruby"
    messages = [{"role": "user", "content": "Write f."}, {"role": "assistant", "content": "```\nputs 1\n```"}]
    assert job({"messages": messages, "tests": "puts 2", name: "ruby"}).language == "ruby"
    tasks = {"t": jobs.tested_by({"id": "t", "messages": messages[:1], "test": "puts 2", name: "ruby"})}
    answer = job({"task_id": "t", "text": "```ruby\nputs 1\n```"}, tasks)
    assert (answer.language, answer.tests) == ("ruby", "puts 2")


def test_gates_read_the_tests_of_a_sample_of_anybodys() -> None:
    row = {"question": "Write f.", "solution": CODE, "test": TEST, "lang": "python"}
    read = programs_of(row)
    assert not isinstance(read, str), read
    assert [text.strip() for text in (*read[0], *read[1])] == [CODE, TEST]

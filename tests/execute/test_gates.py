"""Tests of tests: stubs, mutants, agreement."""

from dataclasses import replace
from typing import Any

import pytest

from syncode.sandbox import Sandbox
from syncode.stages.execute.gates import gates, programs_of, report, split
from syncode.stages.execute.mutants import mutants, stubs
from syncode.stages.execute.settings import GateOptions
from syncode.stages.execute.stage import Bench

ADD = "def add(a, b):\n    if a < 0:\n        return a + b\n    return a + b\n"


def test_stubs_return_constants_only() -> None:
    made = stubs(ADD)
    assert "def add(a, b):\n    return None\n" in made
    assert "def add(a, b):\n    return []\n" in made
    assert all("a + b" not in stub for stub in made)
    assert stubs("x = 1") == stubs("def f(:") == []


def test_stubs_keep_constructors() -> None:
    assert all("self.x = x" in stub for stub in stubs("class A:\n    def __init__(self, x):\n        self.x = x\n"))


def test_mutants_differ_in_one_place_and_do_not_depend_on_order() -> None:
    made = mutants(ADD, 100, 0, "row")
    assert len(made) == len(set(made)) > 4
    assert any("a - b" in mutant for mutant in made)
    assert any("a <= 0" in mutant for mutant in made)
    assert mutants(ADD, 3, 0, "row") == made[:3]
    assert set(mutants(ADD, 100, 1, "row")) == set(made)
    assert mutants("def f(:", 9, 0, "row") == []


def test_tests_are_split_with_what_they_need() -> None:
    text = "import math\nx = 1\nassert f(x)\ndef test_it():\n    assert f(math.pi)\nhelper = 2\nassert f(helper)\n"
    one, two, three = split(text)
    assert one == "import math\nx = 1\nassert f(x)\n"
    assert two.startswith("import math\nx = 1\ndef test_it")
    assert three == "import math\nx = 1\nhelper = 2\nassert f(helper)\n"
    assert split("check(f)") == ["check(f)"]
    assert len(split("assert f(1)\nfor each in (2, 3):\n    assert f(each)\nasync def test_it(): assert f(4)\n")) == 3
    assert split("not python (") == ["not python ("]


def test_what_the_matrix_says() -> None:
    matrix = [[True, True, True, False], [True, True, True, True]]
    wrong: list[list[bool | None]] = [[False, True, False, False]]
    planted: list[list[bool | None]] = [[False, False, True, False], [True, True, True, True]]
    said = report([list(row) for row in matrix], 0, wrong, planted)
    assert [test["flags"] for test in said["tests"]] == [[], ["stub"], ["no_mutant"], ["wrong"]]
    assert said["kept"] == [True, False, True, False]
    assert (said["stubs"], said["mutants"], said["kills"]) == (1, 2, 1)
    assert (said["tpr"], said["tnr"]) == (0.75, 2 / 3)
    assert said["candidates"] == [3.0, 3.5]


def run(row: dict[str, Any], sandbox: Sandbox, **options: Any) -> dict[str, Any]:
    (made,) = gates(row, Bench(sandbox, rerun=False), GateOptions(**options), seed=0)
    return made


def test_candidates_against_tests(sandbox: Sandbox) -> None:
    row = {
        "id": "r",
        "language": "python",
        "candidates": [ADD, "def add(a, b):\n    return sum([a, b])\n", "def add(a, b):\n    return a * b\n"],
        "tests": ["assert add(2, 3) == 5", "assert add(2, 2) == 4", "assert callable(add)", "assert add(2, 3) == 6"],
    }
    said = run(row, sandbox)["evidence"]["gates"]
    assert said["matrix"] == [[True, True, True, False], [True, True, True, False], [False, True, True, True]]
    assert said["kept"] == [True, True, False, False]
    assert said["tests"][2]["flags"][0] == "stub"
    assert said["accepted"] is True
    assert said["kills"] > 0


def test_tests_that_check_nothing_are_dropped(sandbox: Sandbox) -> None:
    row = {"id": "r", "candidates": [ADD], "tests": ["assert add", "assert True"]}
    assert run(row, sandbox)["evidence"]["gates"]["accepted"] is False
    assert run(row, sandbox, drop=True)["drop"] == "execute.gates: no test is left: 2 of 2 pass on a stub"


def test_a_sample_brings_its_candidates() -> None:
    messages = [{"role": "user", "content": "?"}, {"role": "assistant", "content": f"```python\n{ADD}```"}]
    other = "```python\ndef add(a, b): return b + a\n```"
    evidence = {
        "tests": "assert add(1, 2) == 3\nassert add(0, 0) == 0",
        "candidates": [{"text": other}, {"text": messages[1]["content"]}],
    }
    read = programs_of({"id": "s", "messages": messages, "language": "python", "evidence": evidence})
    assert not isinstance(read, str)
    candidates, tests, accepted, language = read
    assert (len(candidates), len(tests), accepted, language) == (2, 2, 1, "python")
    assert programs_of({"id": "s", "messages": messages}) == "there are no tests"


def test_other_languages_get_the_matrix_alone(sandbox: Sandbox) -> None:
    row = {
        "id": "r",
        "language": "bash",
        "candidates": ["f() { echo 1; }", "f() { echo 2; }"],
        "tests": ['[ "$(f)" = 1 ]'],
    }
    said = run(row, Sandbox(replace(sandbox.isolation)))["evidence"]["gates"]
    assert said["matrix"] == [[True], [False]]
    assert said["stubs"] == said["mutants"] == 0


def test_tests_that_need_what_those_before_them_have_done_stay_together(sandbox: Sandbox) -> None:
    code = "class A:\n    x = 0\n    def add(self, y):\n        self.x += y\n        return self.x\n"
    row = {"id": "s", "language": "Python3", "text": f"```python\n{code}```"}
    made = run({**row, "evidence": {"tests": "a = A()\nassert a.add(2) == 2\nassert a.add(3) == 5\n"}}, sandbox)
    assert made["evidence"]["gates"]["matrix"] == [[True]]
    assert made["evidence"]["gates"]["stubs"] == 6


@pytest.mark.parametrize(
    "row",
    [
        {"candidates": ["x = 1", None], "tests": ["assert x"]},
        {"candidates": ["x = 1"], "tests": "assert x"},
        {"text": "x = 1", "evidence": "nothing"},
        {"text": "x = 1", "evidence": {"tests": ["assert x"], "candidates": "x"}},
    ],
)
def test_rows_of_another_form_are_dropped(row: dict[str, Any], sandbox: Sandbox) -> None:
    assert run(row, sandbox)["drop"].startswith("execute.no_tests")

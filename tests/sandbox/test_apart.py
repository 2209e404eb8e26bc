"""Tests of an answer in another process: what it cannot fake, what honest answers may do, what makes tests run beside it."""

import json
import select
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from syncode.sandbox import Isolation, Limits, Sandbox
from syncode.sandbox.cell import ahead, crossing, python_tests, reach

DATA = Path(__file__).parent / "apart"


@pytest.fixture(scope="module")
def small(isolation: Isolation) -> Iterator[Sandbox]:
    if isolation.backend == "sandlock":
        pytest.skip("sandlock joins no two programs")
    with Sandbox(replace(isolation, limits=Limits(seconds=5))) as opened:
        yield opened


def rows(name: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in (DATA / name).read_text().splitlines()]


@pytest.mark.parametrize("row", rows("fakes.jsonl"), ids=lambda row: row["id"])
def test_no_fake_passes(row: dict[str, str], small: Sandbox) -> None:
    result = small.run("python", row["code"], row["tests"])
    assert result.state != "pass", result


@pytest.mark.parametrize("row", rows("honest.jsonl"), ids=lambda row: row["id"])
def test_honest_answers_pass_and_the_evidence_says_how(row: dict[str, str], small: Sandbox) -> None:
    result = small.run("python", row["code"], row["tests"])
    assert (result.state, result.evidence) == ("pass", row["evidence"]), result


def test_each_assertion_of_a_script_is_a_test(small: Sandbox) -> None:
    tests = "assert f(1) == 1\nassert f(2) == 5\nfor x in (3, 4):\n    assert f(x) == x\nassert g(1)\n"
    result = small.run("python", "def f(x): return x", tests)
    assert result.state == "fail"
    assert result.tests == {"total": 5, "passed": 3, "failed": 1, "errors": 1, "skipped": 0}
    assert [each["state"] for each in result.results] == ["pass", "fail", "pass", "pass", "error"]


@pytest.mark.parametrize(
    "tests",
    [
        "def test_it():\n    return f(3) == 9\n",
        "def test_it():\n    yield\n    assert f(3) == 9\n",
        "print(f(3) == 9)\n",
        "def check(candidate):\n    assert candidate(3) == 9\n",
        "import pytest\n@pytest.mark.skip\ndef test_it():\n    assert f(3) == 9\n",
        "import threading\nthreading.Thread(target=lambda: f(3) == 9).start()\n",
        "import unittest\nclass T(unittest.TestCase):\n    def test_it(self):\n        f(3)\n",
    ],
)
def test_what_asserts_nothing_does_not_pass(tests: str, small: Sandbox) -> None:
    assert small.run("python", "def f(x): return 3", tests).state == "no_tests"


@pytest.mark.parametrize(
    "tests",
    [
        "class TestA:\n    class TestB:\n        def test_it(self):\n            assert f(3) == 9\n",
        "import threading\ndef check():\n    assert f(3) == 9\nthreading.Thread(target=check).start()\n",
        "import pytest\n@pytest.mark.skipif('1 > 2')\ndef test_it():\n    assert f(3) == 9\n",
        "if f(3) != 9:\n    raise ValueError('no')\n",
        "import sys\nif f(3) != 9:\n    sys.exit(1)\n",
        "try:\n    f(3)\nexcept ValueError:\n    pass\nelse:\n    assert False\n",
    ],
)
def test_what_used_to_be_passed_over_is_run(tests: str, small: Sandbox) -> None:
    assert small.run("python", "def f(x): return 3", tests).state in ("fail", "error")


def test_failures_are_known_if_a_later_test_never_ends(small: Sandbox) -> None:
    code = "def f(x):\n    while x > 1: pass\n    return 0"
    result = small.run("python", code, "assert f(1) == 1\nassert f(2) == 2\n", Limits(seconds=1, one_by_one=True))
    assert (result.state, result.results[0]["name"]) == ("fail", "line 1")


LOOP = "def f(x):\n    while x == 2: pass\n    return x"
CAUGHT = "def f(x):\n    try:\n        while x == 2: pass\n    except BaseException: pass\n    return x"
FUNCTIONS = (
    "def test_a():\n    assert f(1) == 1\ndef test_b():\n    assert f(2) == 2\ndef test_c():\n    assert f(3) == 3\n"
)
CASES = (
    "import unittest\nclass T(unittest.TestCase):\n    def test_a(self):\n        self.assertEqual(f(1), 1)\n"
    "    def test_b(self):\n        self.assertEqual(f(2), 2)\n    def test_c(self):\n        self.assertEqual(f(3), 3)\n"
)
INPUTS = "cases = [1, 2, 3]\nfor x in cases:\n    assert f(x) == x\n"
SWALLOWED = "assert f(1) == 1\ntry:\n    f(2)\nexcept BaseException: pass\nassert f(3) == 3\n"
EACH = Limits(seconds=60, cpu_seconds=0.5, one_by_one=True)


@pytest.mark.parametrize(
    ("code", "tests"),
    [(LOOP, FUNCTIONS), (LOOP, CASES), (LOOP, SWALLOWED), (LOOP, INPUTS), (CAUGHT, INPUTS)],
    ids=["functions", "cases", "swallowed by tests", "inputs", "swallowed by the answer"],
)
def test_a_test_that_never_ends_leaves_the_others_their_state(code: str, tests: str, small: Sandbox) -> None:
    result = small.run("python", code, tests, EACH)
    assert (result.state, result.evidence) == ("timeout", "separate")
    assert [each["state"] for each in result.results] == ["pass", "timeout", "pass"]
    assert result.tests == {"total": 3, "passed": 2, "failed": 0, "errors": 1, "skipped": 0}
    assert result.reason == f"CPU time: {result.results[1]['name']}"


@pytest.mark.parametrize("tests", ["for x in range(9):\n    assert f(x) == x\n", CASES.replace("f(", "f(0 * ")])
def test_tests_end_after_three_that_ran_out_of_time(tests: str, small: Sandbox) -> None:
    result = small.run("python", "def f(x):\n    while True: pass", tests, EACH)
    assert [each["state"] for each in result.results] == ["timeout"] * 3


def test_a_test_that_cannot_be_interrupted_is_the_last(small: Sandbox) -> None:
    code = "def f(x): return sum(range(10 ** 13)) if x == 2 else x"
    result = small.run("python", code, INPUTS, replace(EACH, seconds=2))
    assert (result.state, result.reason) == ("timeout", "wall clock: line 3")
    assert [each["state"] for each in result.results] == ["pass", "timeout"]


def test_an_answer_that_switches_off_its_interruption_is_found_out(small: Sandbox) -> None:
    busy = "import signal, time\ndef f(x):\n    {}\n    while x == 2 and time.process_time() < 2.5: pass\n    return x"
    off = busy.format("signal.setitimer(signal.ITIMER_PROF, 0)")
    result = small.run("python", off, INPUTS, EACH)
    assert (result.state, result.reason) == ("timeout", "CPU time")
    assert small.run("python", off, INPUTS, replace(EACH, cpu_seconds=3)).state == "pass"


def test_loading_has_the_time_of_a_test(small: Sandbox) -> None:
    result = small.run("python", "while True: pass", INPUTS, EACH)
    assert (result.state, result.reason) == ("timeout", "CPU time")


def test_a_script_without_tests_is_only_run(small: Sandbox) -> None:
    result = small.run("python", "import sys\nsys.exit(0)")
    assert (result.state, result.evidence, result.tests) == ("pass", "none", {})
    assert small.run("python", "import sys\nsys.exit(3)").state == "error"


def test_plain_tests_that_run_out_of_memory_say_so_and_the_next_ones_run(small: Sandbox) -> None:
    code = "def f(x): return x * x"
    assert small.run("python", code, "assert f(3) == 9\nmany = [0] * 10**9\nassert f(4) == 16").state == "oom"
    assert small.run("python", code, "assert f(3) == 9").state == "pass"


def test_a_process_of_plain_tests_that_was_killed_is_started_again(small: Sandbox) -> None:
    code = "def f(x): return x * x"
    result = small.run("python", code, "assert f(5) == 25")
    assert result.state == "pass", result
    examiner, answering = small._examiners[0], small._sessions[0, ""]
    for session, opened in ((examiner.session, examiner), (answering, answering)):
        control = opened._control
        assert session._keeper is not None and control is not None
        session._keeper.kill()
        session._keeper.wait()
        assert select.select([control], [], [], 10)[0]  # until what it has started is gone, too
        result = small.run("python", code, "assert f(5) == 25")
        assert result.state == "pass", result


def test_a_process_of_plain_tests_is_shared_and_outlives_what_ends_it(small: Sandbox) -> None:
    endless = "while True:\n    assert f(1) == 1\n"
    assert small.run("python", "def f(x): return x", endless, Limits(seconds=1)).state == "timeout"
    memory = "x = [1]\nwhile True:\n    x = x + x\nassert f(1)\n"
    assert small.run("python", "def f(x): return x", memory).state in ("oom", "timeout", "error")
    for number in range(3):
        tests = f"found = f({number})\nassert found == {number}\n"
        assert small.run("python", "def f(x): return x", tests).state == "pass"


@pytest.mark.parametrize(
    ("tests", "kind"),
    [
        ("import math\nassert math.isclose(f(1), 1)", "plain"),
        ("import math\nmath.pi = 3\nassert f(1)", "apart"),
        ("class A: pass\nassert f(A()) is None", "apart"),
        ("import unittest", "apart"),
        ("assert ().__class__", "apart"),
        ("import os\nassert f(1)", "together"),
        ("from unittest.mock import patch\nassert f(1)", "together"),
        ("def test_it(capsys): assert f(1)", "together"),
        ("async def test_it(): assert f(1)", "together"),
        ("exec('assert f(1)')", "together"),
        ("exec('assert f(1)', {'f': f})", "apart"),
    ],
)
def test_how_tests_run_is_read_in_their_text(tests: str, kind: str) -> None:
    assert python_tests.Tests(tests).kind == kind
    assert reach.kind(reach.nodes(__import__("ast").parse(tests)))[0] == kind


@pytest.mark.parametrize(
    ("tests", "names"),
    [
        ("assert f(1) == 1\nassert g([1, 2]) == f(3)\n", ["f", "g", "f"]),
        ("def check(c):\n    assert c(1) == 2\n    assert sorted(c(-2)) == []\ncheck(f)\n", ["f", "f"]),
        ("assert f(1)\nfor x in (1, 2):\n    assert f(x)\n", ["f"]),
        ("assert f(1)\nassert f(n)\nassert f(2)\n", ["f"]),
        ("assert f(1) or f(2)\n", ["f"]),
        ("f = g\nassert f(1)\n", ["f"]),
        ("def check(c):\n    c = 1\n    assert c(1)\ncheck(f)\n", []),
    ],
)
def test_only_what_is_certain_is_called_ahead(tests: str, names: list[str]) -> None:
    assert [name for name, _ in ahead.calls(__import__("ast").parse(tests))] == names


class Nothing:
    def lend(self, value: object) -> object:
        raise TypeError(f"{value!r} does not cross")

    def borrow(self, form: dict[str, object]) -> object:
        raise crossing.Foreign("a reference")


@pytest.mark.parametrize(
    "form",
    [
        {"f": ["os", "system"]},
        {"f": ["builtins", "eval"]},
        {"f": ["builtins", "__import__"]},
        {"M": "os.path.nothing"},
        {"n": ["a b", ["x"], [1]]},
        {"a": ["O", [1], "x"]},
        {"i": "9"},
        {"q": 1},
        {"h": 10**9},
        {"t": [1], "s": [1]},
        {"nothing": 1},
        {"z": [[1]]},
        {"@": ["system", []]},
    ],
)
def test_a_form_that_is_no_value_is_refused(form: dict[str, object]) -> None:
    if form == {"i": "9"}:
        assert crossing.decode(form, Nothing()) == 9
        return
    with pytest.raises(crossing.Foreign):
        crossing.decode(form, Nothing())

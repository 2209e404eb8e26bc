"""From what the sandbox saw to one word: what was killed, by which limit."""

from dataclasses import replace

import pytest

from syncode.sandbox.languages import find
from syncode.sandbox.program import Outcome, StepResult
from syncode.sandbox.states import judge

DONE = StepResult(status=0, seconds=0.1, cpu=0.1, memory=1000, stdout="", stderr="")


@pytest.mark.parametrize(
    ("killed", "running", "compiling"),
    [
        ("disk", "error", "error"),
        ("memory", "oom", "compile"),
        ("time", "timeout", "compile"),
        ("output", "forbidden", "forbidden"),
        ("abandoned", "infra", "infra"),
    ],
)
def test_a_limit_that_killed_a_program(killed: str, running: str, compiling: str) -> None:
    cpp = find("cpp")
    assert cpp is not None
    assert judge(cpp, Outcome((DONE,), 1.0, killed=killed), steps=2).state == running
    assert judge(cpp, Outcome((), 1.0, killed=killed), steps=2).state == compiling
    assert killed != "disk" or "disk" in judge(cpp, Outcome((DONE,), 1.0, killed=killed), steps=2).reason


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("js-md5", "infra"),  # the tests need it, which the answer cannot help
        ("left-pad", "error"),  # the answer's own wish
    ],
)
def test_a_package_that_is_not_there_is_nobodys_failure_if_the_tests_need_it(name: str, state: str) -> None:
    javascript = find("javascript")
    assert javascript is not None
    step = replace(DONE, status=256, stderr=f"Error: Cannot find module '{name}'\n")
    assert judge(javascript, Outcome((step,), 1.0), steps=1, tests="require('js-md5')").state == state


def test_the_exit_code_of_a_compiler_that_says_nothing_is_reported() -> None:
    cpp = find("cpp")
    assert cpp is not None
    assert judge(cpp, Outcome((replace(DONE, status=3 << 8),), 1.0), steps=2).reason == "the compiler ended with 3"
    long = replace(DONE, status=127 << 8, stderr="x" * 500)
    assert judge(cpp, Outcome((long,), 1.0), steps=2).reason == f"no compiler for cpp: {'x' * 200}"


def test_an_undecided_run_which_is_never_remembered_has_no_time_of_its_own() -> None:
    cpp = find("cpp")
    assert cpp is not None
    missing = replace(DONE, status=127 << 8, stderr="no such compiler")
    for seconds in (0.1, 0.2):
        result = judge(cpp, Outcome((replace(missing, seconds=seconds),), 10 * seconds), steps=2)
        assert (result.state, result.seconds, result.compile_seconds) == ("infra", 0.0, 0.0)
        assert "no such compiler" in result.stderr

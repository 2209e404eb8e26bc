"""From what the sandbox saw to one word: what was killed, by which limit."""

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

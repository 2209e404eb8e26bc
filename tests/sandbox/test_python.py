"""What becomes of Python programs in the sandbox that this machine offers."""

from collections.abc import Iterator

import pytest

from syncode.errors import EngineError
from syncode.sandbox import Limits, Sandbox, choose


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    try:
        isolation = choose(Limits(seconds=2, memory=256 << 20))
    except EngineError as error:
        pytest.skip(f"no sandbox on this machine: {error}")
    with Sandbox(isolation) as opened:
        yield opened


@pytest.mark.parametrize(
    ("code", "tests", "state"),
    [
        ("def f(): return 1", "assert f() == 1", "pass"),
        ("print('no tests: run as a script')", "", "pass"),
        ("def f(): return 2", "assert f() == 1", "fail"),
        ("def f(): return 1 / 0", "assert f() == 1", "error"),
        ("def f(:", "assert f() == 1", "compile"),
        ("def f(): return 1", "assert f( == 1", "error"),
        ("while True: pass", "assert True", "timeout"),
        ("x = bytearray(1 << 30)", "assert x", "oom"),
        ("import sys; sys.exit(0)", "assert False", "error"),
        ("import os; os._exit(0)", "assert False", "error"),
        ("import os, signal; os.kill(os.getppid(), signal.SIGKILL)", "assert False", "fail"),
        ("print('x' * (2 << 20))", "assert True", "forbidden"),
        ("open('/usr/x', 'w')", "assert True", "forbidden"),
        ("", "import surely_not_installed", "infra"),
        ("import surely_not_installed", "assert True", "error"),
    ],
)
def test_states(sandbox: Sandbox, code: str, tests: str, state: str) -> None:
    result = sandbox.run("python", code, tests)
    assert result.state == state, result


def test_a_language_without_a_row_is_infra(sandbox: Sandbox) -> None:
    assert sandbox.run("cobol", "x").state == "infra"

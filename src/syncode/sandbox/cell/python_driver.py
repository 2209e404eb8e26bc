# ruff: noqa: PTH120, PTH123
# (pathlib costs its import in processes that must start fast)
"""Runs a Python answer and then its tests in one process, without handing the answer what it would need to fake a pass.

The tests and the token arrive over descriptor 3, each only when asked for over descriptor 4: the tests after the answer has been
loaded, the token after the last test. So neither is in any file, frame or memory while the answer's own top level runs.
"""

import atexit
import builtins
import linecache
import os
import sys
import threading
import traceback
import types
from typing import Any, NoReturn

FAILED, UNREADABLE, TESTS_UNREADABLE, MODULE_MISSING = 101, 102, 103, 104
"""Exit codes (ours): a test's assertion failed; the answer does not parse; the tests do not parse; the tests need a module that
is not there. An answer that forges one only trades one way of not passing for another."""

TELL, ASK = 3, 4
LENGTH = 10
"""Decimal digits that announce the size of the tests in bytes."""

_read, _write, _exit, _compile, _exec = (
    os.read,
    os.write,
    os._exit,
    compile,
    exec,
)  # the answer may replace the originals


def main(step: dict[str, Any]) -> NoReturn:
    """Run `step["path"]`, then the tests from descriptor 3 when `step["tests"]`; print tracebacks as the interpreter would."""
    code = 1
    try:
        code = _run(step)
    except SystemExit as ended:
        code = _status(ended.code)
    except BaseException as problem:  # noqa: BLE001 - whatever the program raised decides its exit code
        _show(problem)
    finally:
        _finish(code)


def _run(step: dict[str, Any]) -> int:
    path = step["path"]
    with open(path, encoding="utf-8") as stream:
        text = stream.read()
    module = types.ModuleType("solution" if step["tests"] else "__main__")
    module.__file__ = path
    sys.modules["__main__"] = sys.modules["solution"] = module
    sys.argv = [path]
    sys.path[:] = [os.path.dirname(path), *sys.path, *step["site"]]
    original = dict(vars(builtins))
    try:
        program = _compile(text, path, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as problem:
        _show(problem)
        return UNREADABLE
    _exec(program, module.__dict__)
    sys.settrace(None)
    sys.setprofile(None)
    vars(builtins).update(original)
    if step["tests"]:
        module.__name__ = "__main__"
        code = _test(module)
        if code:
            return code
    _stop_threads()
    _write(ASK, b"?")
    _write(ASK, _exactly(33))
    return 0


def _test(module: types.ModuleType) -> int:
    _write(ASK, b"?")
    text = _exactly(int(_exactly(LENGTH))).decode()
    linecache.cache["tests.py"] = (len(text), None, text.splitlines(keepends=True), "tests.py")
    try:
        tests = _compile(text, "tests.py", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as problem:
        _show(problem)
        return TESTS_UNREADABLE
    try:
        _exec(tests, module.__dict__)
    except AssertionError as problem:
        _show(problem)
        return FAILED
    except ModuleNotFoundError as problem:
        _show(problem)
        frame = problem.__traceback__
        inside_tests = frame is not None and (
            frame.tb_next is None or frame.tb_next.tb_frame.f_code.co_filename == "tests.py"
        )
        return MODULE_MISSING if inside_tests else 1
    return 0


def _exactly(count: int) -> bytes:
    parts = b""
    while len(parts) < count:
        part = _read(TELL, count - len(parts))
        if not part:
            raise EOFError("the harness is gone")
        parts += part
    return parts


def _status(code: object) -> int:
    if code is None:
        return 0
    if isinstance(code, int):
        return code & 255
    sys.stderr.write(f"{code}\n")
    return 1


def _show(problem: BaseException) -> None:
    """Print the traceback without the driver's own frames."""
    trace = problem.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename == __file_name__:
        trace = trace.tb_next
    try:
        traceback.print_exception(type(problem), problem, trace)
    except BaseException:  # noqa: BLE001 - an answer's exception may fail to print itself
        sys.stderr.write(f"{type(problem).__name__}\n")


def _stop_threads() -> None:
    threading._shutdown()  # type: ignore[attr-defined]


def _finish(code: int) -> NoReturn:
    """End as the interpreter does: exit handlers, then flush; a failing flush (stdout closed) is the program's error."""
    try:
        atexit._run_exitfuncs()
        for stream in (sys.stdout, sys.stderr):
            if stream is not None and not stream.closed:
                stream.flush()
    except BaseException as problem:  # noqa: BLE001
        _show(problem)
        code = code or 1
    finally:
        _exit(code)


__file_name__ = _show.__code__.co_filename

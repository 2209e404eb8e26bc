# ruff: noqa: PTH100, PTH120, PTH123
# (pathlib costs its import in processes that must start fast)
"""Runs a Python answer and then its tests in one process, without handing the answer what it would need to fake a pass.

The tests and the token arrive over descriptor 3, each only when asked for over descriptor 4: the tests after the answer has been
loaded, the token after the last test. So neither is in any file, frame or memory while the answer's own top level runs.
"""

import atexit
import builtins
import ctypes
import linecache
import os
import sys
import threading
import traceback
import types
from typing import Any, NoReturn

from syncode.sandbox.cell import pytest_stand_in, python_tests

FAILED, UNREADABLE, TESTS_UNREADABLE, UNTESTABLE, FORGED = 101, 102, 103, 104, 105
"""Exit codes (ours): a test's assertion failed; the answer does not parse; the tests do not parse; the tests need a module that
is not there; an object of the answer claims to equal anything. An answer that forges one only trades one way of not passing for
another."""

TELL, ASK = 3, 4
LENGTH = 10
"""Decimal digits that announce the size of the tests in bytes."""
HONEST = (
    "builtins", "collections", "copy", "datetime", "decimal", "fractions", "functools", "itertools", "json", "math", "operator",
    "re", "statistics",
)  # fmt: skip
"""Modules that tests compare with (ours): what the answer has replaced in them is put back."""

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
    except Forged as problem:
        _show(problem)
        code = FORGED
    except BaseException as problem:  # noqa: BLE001 - whatever the program raised decides its exit code
        _show(problem)
    finally:
        _finish(code)


def _run(step: dict[str, Any]) -> int:
    path = step["path"]
    with open(path, encoding="utf-8") as stream:
        text = stream.read()
    module = types.ModuleType(
        "main" if step["tests"] else "__main__"
    )  # as its file: children that are spawned import it
    module.__file__ = path
    sys.modules["__main__"] = sys.modules["main"] = sys.modules["solution"] = module
    sys.argv = [path]
    sys.path[:] = [os.path.dirname(os.path.abspath(path)), *sys.path, *step["site"]]
    remember()
    if step["tests"]:
        builtins.__build_class__ = _class_with_honest_equality  # type: ignore[assignment]
    versions = {name: _version(vars(known)) for name, (known, _) in _originals.items()}
    try:
        program = _compile(text.removeprefix("\ufeff"), path, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as problem:
        _show(problem)
        return UNREADABLE
    _exec(program, module.__dict__)
    if step["tests"]:
        sys.settrace(None)
        sys.setprofile(None)
        for name, (known, values) in _originals.items():
            sys.modules[name] = known
            if versions[name] is None or versions[name] != _version(vars(known)):
                vars(known).update(values)
        builtins.__build_class__ = _class_with_honest_equality  # type: ignore[assignment]
        if "__eq__" in text or "__ne__" in text:
            _check_comparisons(module.__dict__)
        module.__name__ = "__main__"
        code = _test(module, path)
        if code:
            return code
    threading._shutdown()  # type: ignore[attr-defined]
    _write(ASK, b"?")
    _write(ASK, _exactly(33))
    return 0


_originals: dict[str, tuple[types.ModuleType, dict[str, Any]]] = {}


def remember() -> None:
    """Keep what the modules hold that tests compare with: once, before the fork, since a copy touches every object in them."""
    if not _originals:
        _originals.update(
            {name: (sys.modules[name], dict(vars(sys.modules[name]))) for name in HONEST if name in sys.modules}
        )


def _version(values: dict[str, Any]) -> int | None:
    """Return CPython's count of the changes of a dict (PEP 509, until 3.12), or None where there is none.

    Comparing the values instead would touch, and so copy, every page of memory that they are in.
    """
    return int(ctypes.c_uint64.from_address(id(values) + _VERSION_PLACE).value) if sys.version_info < (3, 13) else None


_VERSION_PLACE = 3 * ctypes.sizeof(ctypes.c_void_p)
"""Bytes in front of it in a dict object: the count of references, the type, the number of entries."""


def _test(module: types.ModuleType, answer: str) -> int:
    _write(ASK, b"?")
    text = _exactly(int(_exactly(LENGTH))).decode("utf-8", "surrogatepass")
    linecache.cache[python_tests.TESTS] = (len(text), None, text.splitlines(keepends=True), python_tests.TESTS)
    try:
        tests = _compile(text, python_tests.TESTS, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as problem:
        _show(problem)
        return TESTS_UNREADABLE
    try:
        return FAILED if python_tests.run(text, tests, module, answer) else 0
    except AssertionError as problem:
        _show(problem)
        return FAILED
    except pytest_stand_in.Unsupported as problem:
        _show(problem)
        return UNTESTABLE
    except ModuleNotFoundError as problem:
        _show(problem)
        return UNTESTABLE if python_tests.raised_by_tests(problem, answer) else 1
    except SystemExit as ended:
        if not ended.code or not python_tests.raised_by_tests(ended, answer):
            raise
        _show(ended)
        return FAILED


class Forged(Exception):
    """An object of the answer says that it equals something that nothing equals."""


class _Decoy:
    """Equals nothing but itself."""


def _class_with_honest_equality(function: Any, name: str, *bases: Any, **keywords: Any) -> Any:
    """Create a class; its comparison, where it has one, is first asked about a decoy: `assert f(x) == y` must mean something."""
    made = _build_class(function, name, *bases, **keywords)
    if isinstance(made, type):
        for method, forged in _COMPARISONS:
            compare = vars(made).get(method)
            if isinstance(compare, types.FunctionType):
                setattr(made, method, _checked(compare, forged))
    return made


_build_class = builtins.__build_class__
_COMPARISONS = (("__eq__", True), ("__ne__", False))


def _check_comparisons(namespace: dict[str, Any]) -> None:
    """Do the same to comparisons that the answer has put into a class in another way than by a class statement."""
    waiting: list[type] = [object]
    while waiting:
        kind = waiting.pop()
        waiting += type.__subclasses__(kind)
        for method, forged in _COMPARISONS:
            compare = vars(kind).get(method)
            if isinstance(compare, types.FunctionType) and compare.__globals__ is namespace:
                setattr(kind, method, _checked(compare, forged))


def _checked(compare: types.FunctionType, forged: bool) -> types.FunctionType:
    def comparison(self: object, other: object, *more: object, **named: object) -> object:
        answer = compare(self, other, *more, **named)
        if answer is not NotImplemented and bool(answer) is forged and not isinstance(other, type(self)):
            try:
                decoy = compare(self, _Decoy(), *more, **named)
            except Exception:  # noqa: BLE001 - it looked into the decoy: an honest comparison
                return answer
            if decoy is not NotImplemented and bool(decoy) is forged:
                raise Forged(f"{type(self).__name__} claims to equal anything")
        return answer

    return types.FunctionType(
        comparison.__code__, comparison.__globals__, compare.__name__, comparison.__defaults__, comparison.__closure__
    )


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
    while trace is not None and trace.tb_frame.f_code.co_filename in _OWN:
        trace = trace.tb_next
    try:
        traceback.print_exception(type(problem), problem, trace)
    except BaseException:  # noqa: BLE001 - an answer's exception may fail to print itself
        sys.stderr.write(f"{type(problem).__name__}\n")


_OWN = {_show.__code__.co_filename, python_tests.run.__code__.co_filename}


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

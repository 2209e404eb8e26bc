# ruff: noqa: PTH109, PTH112
# (pathlib costs its import in processes that must start fast)
"""Runs a Python answer and then its tests in one process, without handing the answer what it would need to fake a pass.

The tests and the token arrive over descriptor 3, each only when asked for over descriptor 4: the tests after the answer has been
loaded, the token after the last test. So neither is in any file, frame or memory while the answer's own top level runs.
"""

import _thread
import atexit
import builtins
import contextlib
import ctypes
import io
import os
import site
import sys
import threading
import types
from functools import partial
from typing import Any, NoReturn

from syncode.sandbox.cell import answering, examiner
from syncode.sandbox.cell.outcome import FORGED, LATE, TESTS_UNREADABLE, UNREADABLE, read, result, show, tested
from syncode.sandbox.cell.tally import Tally
from syncode.sandbox.cell.timing import Meter, OutOfTime

TELL, ASK = 3, 4
LENGTH = 10
"""Decimal digits that announce the size of the tests in bytes."""
HONEST = (
    "builtins", "collections", "copy", "datetime", "decimal", "fractions", "functools", "itertools", "json", "math", "operator",
    "re", "statistics",
)  # fmt: skip
"""Modules that tests compare with (chosen here): what the answer has replaced in them is put back."""

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
        code = run(step)
    except SystemExit as ended:
        code = _status(ended.code)
    except Forged as problem:
        show(problem)
        code = FORGED
    except OutOfTime as problem:
        sys.stderr.write(f"{problem}\n")
        code = LATE
    except BaseException as problem:  # noqa: BLE001 - whatever the program raised decides its exit code
        show(problem)
    finally:
        _finish(code)


def run(step: dict[str, Any]) -> int:
    """Run the program and its tests in this process; return an exit code, or raise what the program raises.

    `step["role"]`: "tests" to run them against an answer that is in another process, "answer" to be that one, else "".
    `step["each"]`: seconds of CPU time and of wall clock for each test, if each has a limit of its own.
    """
    prepare()
    path, role = step["path"], step.get("role", "")
    if role == "tests":
        return examiner.examine_file(step)
    if role == "examiner":
        return examiner.serve(step)
    text = _text(path)
    module = types.ModuleType(
        "main" if step["tests"] or role else "__main__"
    )  # as its file: children that are spawned import it
    module.__file__ = path
    sys.modules["__main__"] = sys.modules["main"] = sys.modules["solution"] = module
    sys.argv = [path]
    sys.path[:] = [os.getcwd(), *sys.path, *step["site"]]
    honest = step["tests"] and not role
    builtins.__build_class__ = _class_with_honest_equality if honest else _build_class  # type: ignore[assignment]
    try:
        program = _compile(text.removeprefix("\ufeff"), path, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as problem:
        show(problem)
        return UNREADABLE
    meter = Meter(step["each"][0]) if role == "answer" and step.get("each") else None
    if meter is None:
        _exec(program, module.__dict__)
    else:
        meter.run(partial(_exec, program, module.__dict__), meter.test)
    if role == "answer":
        module.__name__ = "__main__"
        answering.serve(module, meter)
        return 0
    if step["tests"]:
        sys.settrace(None)
        sys.setprofile(None)
        for original in _originals:
            original.restore()
        if "__eq__" in text or "__ne__" in text:
            _check_comparisons(module.__dict__)
        module.__name__ = "__main__"
        code = _test(module, path)
        if code:
            return code
    if _thread._count():
        threading._shutdown()  # type: ignore[attr-defined]
    _write(ASK, b"?")
    _write(ASK, _exactly(33))
    return 0


class Original:
    """What a module holds before an answer can replace anything in it."""

    def __init__(self, name: str) -> None:
        self._name, self._module = name, sys.modules[name]
        self._values = dict(vars(self._module))
        # CPython's count of the changes of a dict (PEP 509, until 3.12). Comparing the values instead would touch, and so copy,
        # every page of memory that they are in.
        self._changes = ctypes.c_uint64.from_address(id(vars(self._module)) + CHANGES) if CHANGES else None
        self._seen = self._changes.value if self._changes else 0

    def restore(self) -> None:
        """Put back what has been replaced."""
        sys.modules[self._name] = self._module
        if self._changes is None or self._changes.value != self._seen:
            vars(self._module).update(self._values)


CHANGES = 3 * ctypes.sizeof(ctypes.c_void_p) if sys.version_info < (3, 13) else 0
"""Bytes in front of it in a dict object: the count of references, the type, the number of entries."""

_originals: list[Original] = []


def prepare() -> None:
    """Get the interpreter ready for a program, where that has not been done: before the fork, for all programs.

    What `site` gives to a program is done here, but for the .pth files; then `HONEST` modules are remembered.
    """
    if _originals:
        return
    site.setquit()
    site.setcopyright()
    site.sethelper()
    _renew_streams()
    sys.path += [place for place in site.getsitepackages() if place not in sys.path and os.path.isdir(place)]
    _originals.extend(Original(name) for name in HONEST if name in sys.modules)


def _renew_streams() -> None:
    """Make stdout and stderr as the interpreter does, but in front of a pipe: a stream remembers whether one can seek in it, and
    `io.TextIOWrapper(sys.stdout.buffer)`, a habit of many programs, does so where one could at the start."""
    ends = os.pipe()
    for number, name in ((1, "stdout"), (2, "stderr")):
        first = getattr(sys, name)
        kept = os.dup(number)
        os.dup2(ends[1], number)
        buffer = io.BufferedWriter(io.FileIO(number, "wb", closefd=False))
        stream: Any = io.TextIOWrapper(buffer, first.encoding, first.errors, "\n", first.line_buffering)
        buffer.raw.name, stream.mode = f"<{name}>", "w"
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)
        os.dup2(kept, number)
        os.close(kept)
    for end in ends:
        os.close(end)


def _text(path: str) -> str:
    """Return the text of a file, read without the layers of `open`, which each program would have to copy."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    parts = bytearray()
    while part := _read(descriptor, 1 << 16):
        parts += part
    os.close(descriptor)
    return parts.decode()


def _test(module: types.ModuleType, answer: str) -> int:
    _write(ASK, b"?")
    text = _exactly(int(_exactly(LENGTH))).decode("utf-8", "surrogatepass")
    tests = read(text, module.__dict__)
    if tests is None:
        return TESTS_UNREADABLE
    tally = Tally(partial(_write, ASK))
    code = tested(tests, module, answer, tally)
    if _thread._count():
        threading._shutdown()  # type: ignore[attr-defined]
    code = code or result(tally)
    tally.report()
    return code


class Forged(BaseException):
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


def _exactly(count: int) -> bytearray:
    parts = bytearray()
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


def _finish(code: int) -> NoReturn:
    """End as the interpreter does: exit handlers, then flush; a failing flush (stdout closed) is the program's error."""
    try:
        atexit._run_exitfuncs()
        for stream in (sys.stdout, sys.stderr):
            # What a program puts there need not have `closed`.
            if stream is not None and not getattr(stream, "closed", False):
                stream.flush()
        if sys.__stdout__ is not None and sys.stdout is not sys.__stdout__:
            with contextlib.suppress(ValueError):  # closed or detached
                sys.__stdout__.flush()
    except BaseException as problem:  # noqa: BLE001
        show(problem)
        code = code or 1
    finally:
        _exit(code)

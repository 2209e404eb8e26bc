"""Runs Python tests to their end, in whichever process, and says with an exit code what came of them."""

from __future__ import annotations

import linecache
import sys
import traceback
import types
from collections.abc import Iterable

from syncode.sandbox.cell import answering, crossing, examining, pytest_stand_in, python_tests
from syncode.sandbox.cell.python_tests import Tests
from syncode.sandbox.cell.stand_ins import forward
from syncode.sandbox.cell.tally import Tally
from syncode.sandbox.cell.timing import OutOfTime

FAILED, UNREADABLE, TESTS_UNREADABLE, UNTESTABLE, FORGED, GONE, INSEPARABLE, SILENT, LATE = range(101, 110)
"""Exit codes (chosen here): an assertion failed; the answer does not parse; the tests do not parse; the tests need a module that
is not there; an object of the answer claims to equal anything; the process of the answer has ended; the tests need the answer
in their process; nothing was asserted; a test has run out of its time. An answer that forges one only trades one way of not
passing for another."""


def read(text: str, answer: Iterable[str] = ()) -> Tests | None:
    """Return the tests, to be run beside an `answer` of these names; None, and why on stderr, if they do not parse."""
    linecache.cache[python_tests.TESTS] = (len(text), None, text.splitlines(keepends=True), python_tests.TESTS)
    try:
        return Tests(text, answer)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as problem:
        show(problem)
        return None


def tested(tests: Tests, module: types.ModuleType, answer: str, tally: Tally) -> int:
    """Run the tests; 0 if they came to their end, whatever their results are."""
    try:
        python_tests.run(tests, module, answer, tally)
    except OutOfTime:  # the last one that was run, or what stands between the tests
        pass
    except AssertionError as problem:
        tally.add("tests", "fail", problem)
    except pytest_stand_in.Unsupported as problem:
        show(problem)
        return UNTESTABLE
    except ModuleNotFoundError as problem:
        if python_tests.raised_by_tests(problem, answer):
            show(problem)
            return UNTESTABLE
        tally.add("tests", "error", problem)
    except SystemExit as ended:
        if not ended.code or not python_tests.raised_by_tests(ended, answer):
            raise
        tally.add("tests", "fail", ended)
    except Exception as problem:  # noqa: BLE001 - of the answer or of the tests: they have not come to their end
        tally.add("tests", "error", problem)
    tally.turn()
    return 0


def result(tally: Tally) -> int:
    """Return the exit code that the results come to. The last line on stderr is the first thing that went wrong."""
    if tally.counts["failed"]:
        code = FAILED
    elif tally.counts["errors"] > len(tally.late):
        code = 1
    elif tally.late:
        sys.stderr.write(f"{tally.late[0]}\n")
        return LATE
    else:
        return SILENT if tally.silent else 0
    for problem in reversed(tally.problems):
        show(problem)
    return code


def show(problem: BaseException) -> None:
    """Print the traceback without the driver's own frames."""
    trace = problem.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename in _OWN:
        trace = trace.tb_next
    try:
        traceback.print_exception(type(problem), problem, trace)
    except BaseException:  # noqa: BLE001 - an answer's exception may fail to print itself
        sys.stderr.write(f"{type(problem).__name__}\n")


_OWN = {
    each.__code__.co_filename
    for each in (
        show,
        python_tests.run,
        Tally.add,
        examining.stand_for_modules,
        forward,
        answering.serve,
        crossing.send,
    )
}

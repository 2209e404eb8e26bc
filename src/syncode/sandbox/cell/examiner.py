# ruff: noqa: PTH109
# (pathlib costs its import in processes that must start fast)
"""The process that holds the tests: of one answer (`examine_file`), or of one answer after another (`serve`).

Only plain tests (`reach.Kind`) are served: they can leave nothing behind that the next ones would see.
"""

from __future__ import annotations

import _socket
import fcntl
import io
import os
import sys
import threading
import time
import types
from collections.abc import Callable
from functools import partial
from typing import Any

from syncode.sandbox.cell import ahead, crossing, examining, wire
from syncode.sandbox.cell.outcome import FORGED, GONE, INSEPARABLE, TESTS_UNREADABLE, read, result, show, tested
from syncode.sandbox.cell.python_tests import Tests
from syncode.sandbox.cell.tally import Tally
from syncode.sandbox.cell.timing import Clock, OutOfTime

TELL, ASK, CONTROL = 3, 4, 6
KEPT = 1024
"""Texts of tests that `serve` keeps parsed (chosen here): samples of a task come one after another."""
LARGEST = 1 << 22
"""Characters of tests that are kept (chosen here)."""
SAID = 20_000
"""Characters of what tests print that are kept (chosen here)."""
EARLY = 1
"""Exit code of tests that ended in another way."""


def examine_file(step: dict[str, Any]) -> int:
    """Run the tests in `step["path"]` and return the exit code."""
    began = time.monotonic()
    with open(step["path"], encoding="utf-8", errors="surrogatepass") as stream:  # noqa: PTH123
        tests = read(stream.read())
    if tests is None:
        return TESTS_UNREADABLE
    if tests.kind == "together":
        sys.stderr.write(f"{tests.why}\n")
        return INSEPARABLE
    sys.argv = [step["path"]]
    sys.path[:] = [os.getcwd(), *sys.path, *step["site"]]
    code = _examine(tests, partial(os.write, ASK), _times(step, began))
    if not code:
        os.write(ASK, b"?")
        os.write(ASK, os.read(TELL, 33))
    return code


def _examine(tests: Tests, say: Callable[[bytes], object], times: tuple[float, ...]) -> int:
    """Run tests against the answer at the other end of the channel; report, and return the exit code.

    `times`: what a test may take (`timing.Clock`); then no call is sent ahead of the others.
    """
    module = types.ModuleType("__main__")
    sys.modules["__main__"] = module
    tally = Tally(say, Clock(*times))
    side = examining.Examination(tally.clock)
    examining.stand_for_modules(side)
    try:
        side.bind(tests.names, ahead.opening(tests.names[0], []) if times else tests.opening, module.__dict__)
        code = tested(tests, module, examining.FILE, tally)
    except OutOfTime:  # before the first test: no name of the answer has come yet
        tally.turn("the answer's own statements")
        code = 0
    except examining.Gone:
        code = GONE
    except examining.Inseparable:
        code = INSEPARABLE
    except crossing.Foreign as problem:
        show(problem)
        code = FORGED
    spent = tally.clock.close()
    code = GONE if side.gone else code or result(tally)
    if side.inseparable or (code and code != GONE and side.kept):
        sys.stderr.write(f"{side.inseparable or 'the answer keeps what the tests change'}\n")
        return INSEPARABLE
    tally.report(asked=side.asked, **spent)
    return code


def _times(given: dict[str, Any], began: float) -> tuple[float, ...]:
    """Return what `timing.Clock` takes; nothing if tests have no limits of their own."""
    return (*given["each"], began) if given.get("each") else ()


class Said(io.TextIOBase):
    """What tests print: the end of it, however much there is."""

    def __init__(self) -> None:
        self.text = ""

    def write(self, text: str) -> int:
        """Keep the end."""
        self.text = (self.text + text)[-SAID:]
        return len(text)


def serve(step: dict[str, Any]) -> int:
    """Say of tests which kind they are, and run plain ones, until the harness is gone. Replies go to the same socket."""
    control = _socket.socket(fileno=fcntl.fcntl(CONTROL, fcntl.F_DUPFD_CLOEXEC, 10))
    _shut()
    sys.path[:] = [os.getcwd(), *sys.path, *step["site"]]
    known: dict[str, Tests | None] = {}
    while (order := wire.take(control)) is not None:
        began = time.monotonic()
        text, ends = order[0]["tests"], order[1]
        said = Said()
        sys.stdout = sys.stderr = said
        if text not in known:
            if sum(map(len, known)) > LARGEST or len(known) >= KEPT:
                known.clear()
            known[text] = read(text)
        tests = known[text]
        if not ends or tests is None:
            reply = {"kind": tests.kind if tests else "apart", "why": tests.why if tests else ""}
        else:
            reply = _run(tests, ends, said, _times(order[0], began))
        wire.send(control.fileno(), reply)
    return 0


def _shut() -> None:
    """Close the channel, and keep its numbers taken: descriptors that come with an order get others."""
    null = os.open(os.devnull, os.O_RDWR)
    for number in (examining.REPLIES, examining.ASKED):
        os.dup2(null, number)
    os.close(null)


def _run(tests: Tests, ends: list[int], said: Said, times: tuple[float, ...]) -> dict[str, Any]:
    """Run plain tests against the answer at these ends of a channel: the exit code, what the tally says, what was printed."""
    numbers = (examining.REPLIES, examining.ASKED)
    for end, number in zip(ends, numbers, strict=True):
        os.dup2(end, number)
        os.close(end)
    started = time.process_time()
    lines: list[bytes] = []
    modules = dict(sys.modules)
    if "random" in modules:
        modules["random"].seed()
    try:
        code = _examine(tests, lines.append, times)
    except SystemExit as ended:  # of the answer, in the tests
        code = ended.code if isinstance(ended.code, int) and ended.code else EARLY
    except BaseException as problem:  # noqa: BLE001 - of the answer or the tests, and the end of these
        show(problem)
        code = EARLY
    _shut()
    for name in ("__main__", "main", "solution", "pytest", "unittest"):
        sys.modules.pop(name, None)
    threading.excepthook = threading.__excepthook__
    spent = time.process_time() - started
    return {"cpu": spent, "code": code, "lines": b"".join(lines).decode("ascii"), "said": said.text}

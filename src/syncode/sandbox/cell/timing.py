"""How long a single test may take: the answer's process interrupts itself, and that of the tests does not rely on it."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from typing import Any, TypeVar

_T = TypeVar("_T")
CPU, WALL = "CPU time", "wall clock"
"""Why a test has run out of time, for people."""
INTERVAL = 0.1
"""CPU seconds until an answer that has handled its interruption is interrupted again (chosen here)."""
LEAST = 1e-3
"""CPU seconds that each call has at least (chosen here): a timer of 0 is none."""
LATE_TESTS = 3
"""Tests that may run out of time before those behind them are left out (chosen here): each costs its whole limit."""


class OutOfTime(BaseException):
    """A test has used up its time: no `Exception`, so that nothing takes it for a failure of its own."""


class Meter:
    """In the process of the answer: the CPU time that it may use for one test, over all calls of that test."""

    def __init__(self, seconds: float) -> None:
        self.seconds = self.left = seconds
        self.test = -1
        """The test that is under way; -1 while the answer is loaded."""
        self.running = self.out = False
        signal.signal(signal.SIGPROF, self._interrupt)

    def run(self, do: Callable[[], _T], test: int) -> _T:
        """Return what `do` returns; OutOfTime if the test has none left then, whatever has become of the interruption."""
        if self.running:  # a call from within a call
            return do()
        if test != self.test:
            self.test, self.left, self.out = test, self.seconds, False
        if self.out:
            raise OutOfTime(CPU)
        try:
            self.running = True
            signal.setitimer(signal.ITIMER_PROF, max(self.left, LEAST), INTERVAL)
            done = do()
        finally:
            self.running = False
            self.left = signal.setitimer(signal.ITIMER_PROF, 0)[0]
        if self.out:
            raise OutOfTime(CPU)
        return done

    def _interrupt(self, *_: object) -> None:
        if self.running:
            self.out = True
            raise OutOfTime(CPU)


class Clock:
    """In the process of the tests: when a test begins and ends, and how much CPU time an answer in time can have used by then."""

    def __init__(self, cpu: float = 0.0, wall: float = 0.0, since: float = 0.0) -> None:
        """`cpu`: seconds for each test; 0 for no limit. `wall`: seconds of wall clock after which a test ends all of them.

        `since`: when the answer had not yet been started (`time.monotonic`).
        """
        self.cpu, self.wall = cpu, wall
        self.test = 0
        """The number of the test that is under way; what stands between tests has one, too."""
        self.out = ""
        """Why the test that is under way has run out of time; empty if it has not."""
        self.over = False
        """Whether no more tests are run."""
        self._late = 0
        self._most = self._longest = 0.0
        self._since = since
        if cpu:
            signal.signal(signal.SIGALRM, self._waited)
            signal.setitimer(signal.ITIMER_REAL, wall)

    def turn(self) -> None:
        """Note that a test begins or ends."""
        self.out = ""
        if self.cpu:
            now = time.monotonic()
            self._longest = max(self._longest, now - self._since)
            self._most += min((now - self._since) * (os.cpu_count() or 1), self.cpu)
            self._since = now
            self.test += 1
            signal.setitimer(signal.ITIMER_REAL, self.wall)

    def late(self, why: str) -> OutOfTime:
        """Note that the test has run out of time, and return what to raise."""
        if not self.out:
            self._late += 1
            self.out = why
            self.over = self.over or why == WALL or self._late >= LATE_TESTS
        return OutOfTime(why)

    def close(self) -> dict[str, Any]:
        """Stop, and return the most CPU seconds of an answer that was in time, and the seconds of the longest test."""
        if not self.cpu:
            return {}
        self.turn()
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        return {"most": self._most, "longest": round(self._longest, 4)}

    def _waited(self, *_: object) -> None:
        raise self.late(WALL)

"""Stands between the halves of a pair if each call has a limit of its own: passes on what they say, and knows who owes a reply.

Neither half takes part in it, so that it is the same for every language, and an answer cannot stop a clock.
"""

import os
import select
import time
from collections.abc import Callable
from math import inf

BLOCK = 1 << 16
HELD = 1 << 20
"""Bytes that wait for a half that does not read before the other one is not read either (chosen here)."""
LOOK = 0.1
"""Seconds between two looks at the CPU time of a call that has been under way for its limit (chosen here)."""
SAMPLE = 0.5
"""Seconds for which the CPU time before a call is not looked up again (chosen here)."""


class Line:
    """One direction: what can be read at one end and has not been written to the other yet."""

    def __init__(self, poll: select.poll, source: int, target: int) -> None:
        self.poll, self.source, self.target = poll, source, target
        self.held = bytearray()
        self.ended = False
        for each in (source, target):
            os.set_blocking(each, False)
        poll.register(source, select.POLLIN)

    def read(self) -> bool:
        """Take what there is, and return whether there was something."""
        try:
            block = os.read(self.source, BLOCK)
        except BlockingIOError:
            return False
        self.held += block
        if not block:
            self.ended = True
            self.poll.unregister(self.source)
        self.write()
        return bool(block)

    def write(self) -> None:
        """Hand on what the other end takes; close it behind the last byte."""
        try:
            while self.held:
                del self.held[: os.write(self.target, self.held[:BLOCK])]
        except BlockingIOError:
            self.poll.register(self.target, select.POLLOUT)
            if len(self.held) > HELD and not self.ended:
                self.poll.modify(self.source, 0)
            return
        except BrokenPipeError:  # the one that reads is gone, which the one that writes will see
            self.held.clear()
            if not self.ended:
                self.ended = True
                self.poll.unregister(self.source)
                os.close(self.source)
                self.source = -1
        if self.ended and self.target >= 0:
            os.close(self.target)
            self.target = -1

    def room(self) -> None:
        """Go on writing: there is room again."""
        self.poll.unregister(self.target)
        if not self.ended:
            self.poll.modify(self.source, select.POLLIN)
        self.write()

    def close(self) -> None:
        """Close both ends."""
        for each in (self.source, self.target):
            if each >= 0:
                os.close(each)
        self.source = self.target = -1


class Relay:
    """The channel of a pair with a clock. A call is under way from what the tests say until the answer says something.

    The answer owes something from the start: it is being loaded. What it uses while it owes nothing belongs to no call,
    but within the limits of the whole.
    """

    def __init__(self, ends: list[int], cpu: float, wall: float, used: Callable[[], float]) -> None:
        """`ends`: where the tests' words come in, where those for the answer go, the answer's come in, those for the tests go.

        `cpu`, `wall`: seconds of a call; `used`: returns the CPU seconds of all processes of the answer so far.
        """
        self.cpu, self.wall, self.used = cpu, wall, used
        self.ends = ends
        self.longest = 0.0
        """Seconds of the longest call that has come to its end."""
        self._lines: list[Line] = []
        self._since: float | None = time.monotonic()
        self._sampled, self._before, self._slack = -inf, 0.0, 0.0

    def begin(self, poll: select.poll) -> None:
        """Start to pass on, on this poll."""
        ends, self.ends = self.ends, []
        self._lines = [Line(poll, *ends[:2]), Line(poll, *ends[2:])]
        self._asked()

    def owns(self, descriptor: int) -> bool:
        """Whether a descriptor is one of ours."""
        return any(descriptor in (line.source, line.target) for line in self._lines)

    def event(self, descriptor: int) -> None:
        """Handle what has come to one of our descriptors."""
        questions, replies = self._lines
        for line in (questions, replies):
            if descriptor == line.target:
                line.room()
                return
        if descriptor == questions.source and questions.read() and self._since is None:
            self._asked()
        elif descriptor == replies.source and replies.read() and self._since is not None:
            self.longest = max(self.longest, time.monotonic() - self._since)
            self._since = None

    def left(self) -> float:
        """Return the seconds until `late` should be asked."""
        if self._since is None:
            return inf
        gone = time.monotonic() - self._since
        return min(self.wall - gone, self.cpu - gone if gone < self.cpu else LOOK)

    def late(self) -> str | None:
        """Return what the call that is under way has used up, `time` or `cpu`, or None."""
        if self._since is None:
            return None
        gone = time.monotonic() - self._since
        if gone >= self.wall:
            return "time"
        return "cpu" if gone >= self.cpu and self.used() - self._before >= self.cpu + self._slack else None

    def report(self) -> dict[str, float]:
        """Return what `timing.Clock.close` does: the most CPU seconds of an answer that was in time, and the longest call."""
        return {"most": inf, "longest": round(self.longest, 4)}

    def close(self) -> None:
        """Close all that is open."""
        for line in self._lines:
            line.close()
        for end in self.ends:
            os.close(end)
        self._lines, self.ends = [], []

    def _asked(self) -> None:
        self._since = time.monotonic()
        if self._since - self._sampled > SAMPLE:
            self._sampled, self._before = self._since, self.used()
        self._slack = (self._since - self._sampled) * (os.cpu_count() or 1)

"""Progress on stderr: a live line on the terminal that this process owns, a plain line now and then elsewhere."""

import sys
import time
from typing import TYPE_CHECKING

from syncode.storage import meter
from syncode.stream import people
from syncode.stream.counts import Counts
from syncode.stream.flow import Flow
from syncode.stream.terminal import Screen

if TYPE_CHECKING:
    from rich.text import Text

PLAIN_EVERY = 30.0  # seconds between plain lines (chosen here)
LIVE_EVERY = 0.2  # seconds between drawings of the live line (chosen here)
BAR = 20  # columns of the bar (chosen here)
ROOMY = 80  # columns from which on there is room for a bar beside the counts (chosen here)
SETTLED = 2.0  # seconds before the time that is left is guessed (chosen here)


class Progress:
    """Shows the counts while they grow. It draws when told to, so there is no thread to fork or to wait for.

    `total` is the number of bytes that the sources have; 0 if that is not known: then there is no bar.
    """

    def __init__(self, flow: Flow, counts: Counts, total: int = 0) -> None:
        self._counts, self._flow, self._total = counts, flow, total
        self._before = meter.taken()
        self.started = self._drawn = self._told = time.monotonic()
        self._screen = None if flow.quiet else Screen()

    def tick(self) -> None:
        """Show the counts if the last time is long enough ago."""
        now = time.monotonic()
        if self._screen is None or now - self._drawn < LIVE_EVERY:
            return
        self._drawn = now
        if self._screen.may_draw():
            self._screen.draw(self._line(now))
        elif now - self._told >= PLAIN_EVERY:
            self._told = now
            people.say(f"... {self.text(now)}")

    def close(self) -> None:
        """Take the live line away."""
        if self._screen is not None:
            self._screen.close()

    def share(self) -> float | None:
        """Return how much of the work is done, from 0 to below 1; None if that is not known.

        When all rows are taken in, what is left is the stage's own work on them, of which nothing is known.
        """
        shares = []
        (taken, handed_on), (taken_before, handed_on_before) = meter.taken(), self._before
        if self._total and handed_on > handed_on_before:
            # Rows are read ahead of those that are done: a few that each take a minute may all be in memory by now.
            done = self._counts.read / (handed_on - handed_on_before)
            shares.append((taken - taken_before) / self._total * done)
        if self._flow.limit:
            shares.append((self._counts.read or self._counts.written) / self._flow.limit)
        share = max(shares, default=1.0)
        return share if share < 1 else None

    def text(self, now: float) -> str:
        """Return the counts, and how fast they grow and for how long yet, as plain text."""
        seconds = now - self.started
        share = self.share()
        left = f", {clock(seconds * (1 - share) / share)} left" if share and seconds >= SETTLED else ""
        parts = [] if share is None else [f"{share:.0%}{left}"]
        parts += [self._counts.line(), f"{self._counts.seen / max(seconds, 1e-9):,.1f} rows/s", clock(seconds)]
        return "; ".join(parts)

    def _line(self, now: float) -> "Text":
        from rich.text import Text

        line = Text(no_wrap=True).append(f"{people.stage_name()} ", style="bold")
        share = self.share()
        if share is not None and self._screen is not None and self._screen.width() >= ROOMY:
            full = round(share * BAR)
            done, open_ = ("█", "░") if (sys.stderr.encoding or "").lower().startswith("utf") else ("#", ".")
            line.append(done * full, style="green").append(open_ * (BAR - full) + " ", style="bright_black")
        return line.append(self.text(now))


def clock(seconds: float) -> str:
    """Return a duration as people read it: 42 s, 3:07 min, 2:03:07 h."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes}:{rest:02} min"
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02} h"

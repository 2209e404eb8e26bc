"""Progress on stderr: a live line on a terminal, a plain line now and then elsewhere."""

import sys
import time
from typing import TYPE_CHECKING

from syncode.stream.counts import Counts
from syncode.stream.flow import Flow

if TYPE_CHECKING:
    from rich.live import Live

PLAIN_EVERY = 30.0  # seconds between plain lines; ours
LIVE_EVERY = 0.2  # seconds between updates of the live line; ours


class Progress:
    """Shows the counts while they grow. It draws when told to, so there is no thread to fork or to wait for."""

    def __init__(self, flow: Flow, counts: Counts) -> None:
        self._counts, self._quiet = counts, flow.quiet or sys.stderr is None
        self._started = self._shown = time.monotonic()
        self._live: Live | None = None
        if not self._quiet and sys.stderr.isatty():
            from rich import console, live

            self._live = live.Live(console=console.Console(stderr=True), auto_refresh=False, transient=True)
            self._live.start()

    def tick(self) -> None:
        """Show the counts if the last time is long enough ago."""
        now = time.monotonic()
        if self._quiet or now - self._shown < (LIVE_EVERY if self._live else PLAIN_EVERY):
            return
        self._shown = now
        rate = self._counts.read / max(now - self._started, 1e-9)
        text = f"{self._counts.line()}; {rate:,.1f} rows/s, {now - self._started:,.0f} s"
        if self._live:
            from rich.text import Text

            self._live.update(Text(text), refresh=True)
        else:
            sys.stderr.write(f"syncode: ... {text}\n")
            sys.stderr.flush()

    def close(self) -> None:
        """Take the live line away."""
        if self._live:
            self._live.stop()

"""The last line of the terminal: which process of a pipe may draw on it, and how it is drawn over and taken away.

All stages of `crawl | filter | dedup > out.jsonl` share one terminal on stderr. The one that draws is the last of them, whose
stdout is not a pipe; if there is none (`... | jq`), the first that asks after a while. Who draws holds a lock on the
terminal device: byte 0 is locked by a stage whose stdout is not a pipe, byte 1 by the one of the others that stands in for it.
The locks go with the process, however it ends.
"""

import fcntl
import os
import stat
import sys
import time
from typing import TYPE_CHECKING

from syncode.stream.people import CLEAR, can_draw

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

PATIENCE = 0.5
"""Seconds that a stage whose stdout is a pipe leaves the terminal to the one at the end of the pipe (chosen here)."""
_LAST, _STAND_IN = 0, 1


class Screen:
    """The last line of the terminal, for the process that may draw there."""

    def __init__(self) -> None:
        self._usable = can_draw() and not _same_terminal()
        self._since = time.monotonic()
        self._last = not _is_pipe(sys.stdout)
        self._device: int | None = None
        self._owns: set[int] = set()
        self._drawn = 0
        self._console: Console | None = None
        self.may_draw()  # the last stage takes its place at once

    def may_draw(self) -> bool:
        """Whether this process may draw now. It may change: the last stage of a pipe may come late, and others end early."""
        if not self._usable or (not self._last and time.monotonic() - self._since < PATIENCE):
            return False
        if self._last:
            return self._lock(_LAST)
        if not self._lock(_STAND_IN):
            return False
        if self._lock(_LAST):
            self._unlock(_LAST)  # only a look: it belongs to the last stage
            return True
        self.clear()
        return False

    def draw(self, text: "Text") -> None:
        """Draw one line in place of the one that is there, cut to the width that the terminal has now."""
        from rich.console import Console

        if self._console is None:
            self._console = Console(stderr=True, force_terminal=True, legacy_windows=False)
        width = max(1, self.width() - 1)  # the last column is left free: a full line would wrap
        text.truncate(width, overflow="ellipsis")
        self.clear()
        self._console.width = width  # or rich would ask COLUMNS, which may be older than the window
        self._console.print(text, end="", no_wrap=True, overflow="crop")
        self._console.file.flush()
        self._drawn = text.cell_len

    def clear(self) -> None:
        """Take away what was drawn, also where a narrower terminal has broken it into several lines meanwhile."""
        if not self._drawn:
            return
        above = (self._drawn - 1) // max(1, self.width())
        sys.stderr.write(f"\x1b[{above}A\r\x1b[J" if above else CLEAR)
        sys.stderr.flush()
        self._drawn = 0

    def close(self) -> None:
        """Take the line away and leave the terminal to others."""
        self.clear()
        if self._device is not None:
            os.close(self._device)  # and with it the locks
            self._device = None
            self._owns = set()

    def width(self) -> int:
        """Return the columns that the terminal has now."""
        try:
            return os.get_terminal_size(sys.stderr.fileno()).columns or 80  # 0: a terminal that was never given a size
        except OSError:
            return 80

    def _lock(self, byte: int) -> bool:
        if byte in self._owns:
            return True
        try:
            if self._device is None:
                self._device = os.open(os.ttyname(sys.stderr.fileno()), os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
            fcntl.lockf(self._device, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, byte)
        except OSError:  # taken, or a system without locks on terminals
            return False
        self._owns.add(byte)
        return True

    def _unlock(self, byte: int) -> None:
        assert self._device is not None
        fcntl.lockf(self._device, fcntl.LOCK_UN, 1, byte)
        self._owns.discard(byte)


def _is_pipe(stream: object) -> bool:
    try:
        return stream is not None and stat.S_ISFIFO(os.fstat(sys.stdout.fileno()).st_mode)
    except (OSError, ValueError):
        return False


def _same_terminal() -> bool:
    """Whether rows go to the terminal that the line would be drawn on: they would run into each other."""
    try:
        return sys.stdout is not None and sys.stdout.isatty()
    except ValueError:
        return False

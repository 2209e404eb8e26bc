"""Which runs that share a journal are alive: each holds a lock on a file of its own, and the kernel lets go of it at death.

A process id could be somebody else's by now, and a lease would make the run after a `kill -9` wait for it to expire.
"""

import fcntl
import os
import secrets
import time
from pathlib import Path

BATCH = "batch:"  # a claim held by a submitted batch outlives every process
_BELIEVE_SECONDS = 0.5  # how long an answer to `alive` is good (ours)


class Runs:
    """This run's lock, and a look at the others'. `name` stands in the claims that this run makes."""

    def __init__(self, journal: Path | None) -> None:
        self.name = secrets.token_hex(8)
        self._journal = journal
        self._known: dict[str, tuple[float, bool]] = {}
        self._handle: int | None = None

    def enter(self) -> None:
        """Take this run's lock, once; does nothing for a journal that is not a file."""
        if self._journal is None or self._handle is not None:
            return
        self._handle = os.open(self._file(self.name), os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o644)
        fcntl.flock(self._handle, fcntl.LOCK_EX)

    @property
    def entered(self) -> bool:
        """Whether this run may have made claims."""
        return self._handle is not None or self._journal is None

    def leave(self) -> None:
        """Let go of the lock."""
        if self._handle is not None:
            self._file(self.name).unlink(missing_ok=True)
            os.close(self._handle)
            self._handle = None

    def alive(self, name: str) -> bool:
        """Tell whether the run that made a claim can still settle it."""
        if name == self.name or name.startswith(BATCH):
            return True
        if self._journal is None:
            return False
        at, living = self._known.get(name, (0.0, False))
        now = time.monotonic()
        if now - at > _BELIEVE_SECONDS:
            living = self._look(name)
            self._known[name] = (now, living)
        return living

    def _look(self, name: str) -> bool:
        file = self._file(name)
        try:
            handle = os.open(file, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        else:
            file.unlink(missing_ok=True)  # left behind by a run that was killed
            return False
        finally:
            os.close(handle)

    def _file(self, name: str) -> Path:
        assert self._journal is not None
        return self._journal.with_name(f"{self._journal.name}-run-{name}")

"""Which runs that share a journal are alive: each holds a lock on a file of its own, and the kernel lets go of it at death.

A process id could be somebody else's by now, and a lease would make the run after a `kill -9` wait for it to expire. The file is
ballast as well: space that is given back when the disk is full, so that answers in the air can still be kept.
"""

import fcntl
import os
import secrets
import time
from pathlib import Path

BATCH = "batch:"  # a claim held by a submitted batch outlives every process
BALLAST_BYTES = 4 * 2**20  # room for the answers to some hundreds of requests in the air (chosen here)
_BELIEVE_SECONDS = 0.5  # how long an answer to `alive` is good (chosen here)


class Runs:
    """This run's lock, and a look at the others'. `name` stands in the claims that this run makes."""

    def __init__(self, journal: Path | None, *, ballast: bool) -> None:
        self.name = secrets.token_hex(8)
        self._journal = journal
        self._ballast = BALLAST_BYTES if ballast else 0
        self._known: dict[str, tuple[float, bool]] = {}
        self._handle: int | None = None

    @property
    def entered(self) -> bool:
        """Whether this run may have made claims."""
        return self._handle is not None or self._journal is None

    def enter(self) -> None:
        """Take this run's lock, once, and lay in the ballast; OSError if there is no room for it."""
        if self._journal is None or self._handle is not None:
            return
        file = self._file(self.name)
        while True:
            handle = os.open(file, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o644)
            fcntl.flock(handle, fcntl.LOCK_EX)
            if file.exists() and os.fstat(handle).st_ino == file.stat().st_ino:
                break
            os.close(handle)  # another run took the file for one left behind, before it was locked
        self._handle = handle
        if self._ballast and hasattr(os, "posix_fallocate"):  # macOS has none: then there is no ballast
            try:
                os.posix_fallocate(handle, 0, self._ballast)
            except OSError:
                self.leave()  # not entered: no request may go out whose answer there is no room for
                raise

    def relieve(self) -> bool:
        """Give the ballast back to the disk; False if there is none any more."""
        if self._handle is None or not self._ballast:
            return False
        os.ftruncate(self._handle, 0)
        self._ballast = 0
        return True

    def leave(self) -> None:
        """Let go of the lock."""
        if self._handle is not None:
            self._file(self.name).unlink(missing_ok=True)
            os.close(self._handle)
            self._handle = None

    def sweep(self) -> None:
        """Remove the files of runs that were killed."""
        if self._journal is not None:
            prefix = self._file("").name
            for file in self._journal.parent.glob(f"{prefix}*"):
                self._look(file)

    def alive(self, name: str) -> bool:
        """Return whether the run that made a claim can still settle it."""
        if name == self.name or name.startswith(BATCH):
            return True
        if self._journal is None:
            return False
        at, living = self._known.get(name, (0.0, False))
        now = time.monotonic()
        if now - at > _BELIEVE_SECONDS:
            living = self._look(self._file(name))
            self._known[name] = (now, living)
        return living

    def _look(self, file: Path) -> bool:
        try:
            handle = os.open(file, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        else:
            file.unlink(missing_ok=True)
            return False
        finally:
            os.close(handle)

    def _file(self, name: str) -> Path:
        assert self._journal is not None
        return self._journal.with_name(f"{self._journal.name}-run-{name}")

"""How much of the files that are read has been taken in, and how much there is: what a progress bar needs."""

import stat
from collections.abc import Iterable
from pathlib import Path

from syncode.errors import SyncodeError
from syncode.storage.shards import files_of

_taken = [0]


def take(block: bytes) -> bytes:
    """Count a block of bytes as it stands in the file, compressed or not, and return it."""
    _taken[0] += len(block)
    return block


def taken() -> int:
    """Return the bytes of files that this process has taken in so far."""
    return _taken[0]


def total(sources: Iterable[str]) -> int:
    """Return the bytes of all sources, folders and globs too; 0 if one of them is not a plain file, whose size says nothing."""
    size = 0
    try:
        for path in (Path(path) for source in sources for path in files_of(source)):
            found = path.stat()
            if not stat.S_ISREG(found.st_mode):
                return 0
            size += found.st_size
    except (OSError, SyncodeError):  # the reader says what is wrong
        return 0
    return size

"""How much of the files that are read has been taken in, and how much there is: what a progress bar needs."""

import os
import stat
from collections.abc import Iterable
from pathlib import Path

from syncode.errors import SyncodeError
from syncode.storage.shards import STDIN, files_of

_taken = [0.0]
_rows = [0]


def take(block: bytes) -> bytes:
    """Count a block of bytes as it stands in the file, compressed or not, and return it."""
    add(len(block))
    return block


def add(size: float) -> None:
    """Count bytes of a file that another library reads."""
    _taken[0] += size


def hand_on(rows: int) -> None:
    """Count lines that are handed on from what was taken in."""
    _rows[0] += rows


def taken() -> tuple[float, int]:
    """Return how many bytes of files this process has taken in so far, and how many lines came of them."""
    return _taken[0], _rows[0]


def total(sources: Iterable[str]) -> int:
    """Return the bytes of all sources: files, folders, patterns, and stdin (`-`, or no source at all) if it is a file.

    0 if one of them is a pipe or a device, whose size says nothing.
    """
    size = 0
    try:
        for source in tuple(sources) or (STDIN,):
            for file in (0,) if source == STDIN else files_of(source):
                found = os.fstat(file) if isinstance(file, int) else Path(file).stat()
                if not stat.S_ISREG(found.st_mode):
                    return 0
                size += found.st_size
    except (OSError, SyncodeError):  # the reader says what is wrong
        return 0
    return size

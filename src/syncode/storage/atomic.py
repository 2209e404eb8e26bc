"""Files that are whole or not there: written under a temporary name beside the target, renamed when they are complete."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO


@contextlib.contextmanager
def naming(target: str) -> Iterator[None]:
    """Name the file in an OSError that a bare handle raises without it (a full disk), or that names the temporary one."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror or str(error), target) from error


def landing(target: str) -> Path:
    """Return the file to replace, as an absolute path. A link stays a link, unless it leads to itself."""
    return Path(os.path.realpath(target))


def temporary(target: str) -> tuple[IO[bytes], Path]:
    """Return an open file beside the target, and its path."""
    path = landing(target)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
    umask = os.umask(0)
    os.umask(umask)
    os.fchmod(handle, 0o666 & ~umask)  # mkstemp makes private files; results are ordinary ones
    return os.fdopen(handle, "wb"), Path(name)


def publish(raw: IO[bytes], written: Path, target: str) -> None:
    """Put a complete file in the place of the target; after this a loss of power does not take it back."""
    raw.flush()
    os.fsync(raw.fileno())
    raw.close()
    written.replace(landing(target))


def withdraw(raw: IO[bytes], written: Path) -> None:
    """Take back what was not published. Closing flushes, which fails once more on a full disk: the file goes all the same."""
    with contextlib.suppress(OSError):
        raw.close()
    written.unlink(missing_ok=True)

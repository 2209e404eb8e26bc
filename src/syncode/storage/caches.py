"""Where what can be fetched or computed again is kept: the user's cache folder, or a private one if that cannot be written."""

import os
import stat
import tempfile
from pathlib import Path

from syncode.errors import EngineError


def cache_folder() -> Path:
    """Return `$XDG_CACHE_HOME/syncode`, else `~/.cache/syncode`, else a private folder in the temporary directory.

    The last one if the others cannot be written (a read-only home, a user without one). EngineError if no folder can.
    """
    places = _places()
    for place in places:
        if _make(place) and _own(place):
            return place
    raise EngineError(
        f"nothing can be kept in {' or '.join(map(str, places))}: set XDG_CACHE_HOME to a folder that can be written"
    )


def kept(name: str) -> Path | None:
    """Return the file of this name in a cache folder, also in one that can only be read; None if there is none."""
    first, *private = _places()
    found = [place / name for place in (first, *filter(_own, private)) if (place / name).is_file()]
    return found[0] if found else None


def _places() -> list[Path]:
    """Return the cache folders in order. A path that is not absolute does not count (XDG Base Directory Specification)."""
    home = os.path.expanduser("~/.cache")  # noqa: PTH111 - no error for a user without a home
    wanted = [place for place in (os.environ.get("XDG_CACHE_HOME", ""), home) if os.path.isabs(place)]  # noqa: PTH117
    try:
        temporary = tempfile.gettempdir()
    except OSError:  # none of the usual ones can be written
        temporary = "/dev/shm"
    return [*(Path(place) / "syncode" for place in wanted[:1]), Path(temporary) / f"syncode-{os.getuid()}"]


def _make(place: Path) -> bool:
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        return False
    return True


def _own(place: Path) -> bool:
    """Return whether this is a folder of this user's that can be written, and no link that somebody else has put there."""
    try:
        found = place.lstat()
        link = stat.S_ISLNK(found.st_mode) and found.st_uid == os.getuid()
        real = place.stat() if link else found
        readable_only = os.statvfs(place).f_flag & os.ST_RDONLY
    except OSError:
        return False
    return stat.S_ISDIR(real.st_mode) and real.st_uid == os.getuid() and os.access(place, os.W_OK) and not readable_only

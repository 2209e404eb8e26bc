"""Where what can be fetched or computed again is kept: the user's cache folder, or a private one where that cannot be written."""

import os
import stat
import tempfile
from functools import cache
from pathlib import Path

from syncode.errors import EngineError


@cache
def cache_folder() -> Path:
    """Return `$XDG_CACHE_HOME/syncode`, else `~/.cache/syncode`, else a private folder in the temporary directory.

    The last one where neither can be written (a read-only home, a user without one). EngineError where no folder can.
    """
    wanted = [os.environ.get("XDG_CACHE_HOME", ""), str(Path(os.path.expanduser("~"), ".cache"))]  # noqa: PTH111 - no user: no error
    places = [Path(place) / "syncode" for place in wanted if Path(place).is_absolute()]  # others do not count (XDG)
    places += [Path(_temporary()) / f"syncode-{os.getuid()}"]
    for place in places:
        if _own(place):
            return place
    raise EngineError(
        f"nothing can be kept in {' or '.join(map(str, places))}: set XDG_CACHE_HOME to a folder that can be written"
    )


def _temporary() -> str:
    try:
        return tempfile.gettempdir()
    except OSError:  # no folder of those that are usual can be written
        return "/dev/shm"  # noqa: S108


def _own(place: Path) -> bool:
    """Make a folder where there is none; return whether it is this user's alone to write to, and no link to another one."""
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = place.lstat()
    except OSError:
        return False
    writable = os.access(place, os.W_OK | os.X_OK) and not os.statvfs(place).f_flag & os.ST_RDONLY
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and writable

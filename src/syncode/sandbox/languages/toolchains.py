"""Finds compilers and interpreters on this machine: under the system's folders, or in a private one that is then shown inside."""

import errno
import os
import re
import shutil
import subprocess
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from syncode import children
from syncode.sandbox import shown

SYSTEM = "/usr/local/bin:/usr/bin:/bin"
"""Where a sandboxed program looks for commands; all of it is below /usr or linked there, and shown inside as it is."""
VERSION_SECONDS = 20
"""How long a compiler may take to say its version (chosen here)."""
MOVABLE = frozenset(("node", "tsc", "javac", "java", "gcc", "g++", "go", "rustc"))
"""Commands that find their files from where they lie themselves; others look where they were installed."""
SCARCE = frozenset((errno.EMFILE, errno.ENFILE, errno.EAGAIN, errno.ENOMEM))
"""Errors that say nothing of a command: descriptors, processes or memory have run out for the moment."""
_VERSION = re.compile(r"\d+\.\d+(?:\.\d+)*")


@dataclass(frozen=True)
class Toolchain:
    """The commands of one language, name to path, and what must be shown for them: folders, or a command that stands alone."""

    commands: Mapping[str, str]
    folders: tuple[str, ...] = ()


@cache
def locate(name: str) -> tuple[str, str | None] | None:
    """Return (path, what to show or None) of a command, or None if it is not installed.

    Of a command PREFIX/bin/NAME outside the system's folders, PREFIX is shown; the command alone where that would show what
    concerns no program: a home, or a folder in there that many programs share.
    """
    if name == "python3":
        return shown.interpreter(), None
    found = shutil.which(name, path=SYSTEM)
    if found and shown.of_system(found):
        return found, None
    found = _rustup(name) or shutil.which(name)
    if found is None:
        return None
    path = Path(found).resolve()
    if shown.of_system(path):
        return str(path), None
    if path.name == "rustup":  # a stand-in for a compiler that is not there
        return None
    prefix = path.parent.parent
    if "node_modules" in path.parts:  # a package finds its dependencies beside itself
        prefix = Path(*path.parts[: path.parts.index("node_modules") + 1])
    alone = prefix == path.parent.parent and (path.parent.name != "bin" or _shared(prefix))
    return str(path), str(path if alone else prefix)


SHARED = ("/", "/home", "/opt", "/srv", "/mnt", "/media", "/var", "/var/tmp", "/tmp", "/dev/shm", "/run")
"""Folders of many things: PREFIX is never one of them (chosen here)."""


def _shared(prefix: Path) -> bool:
    """Return whether a folder holds more than a toolchain: a home, what a home is in, or what is hidden in one (~/.local)."""
    own = Path(_home()).resolve()
    homes = (own, Path("/root"))
    if str(prefix) in SHARED or prefix in homes or prefix.parent == Path("/home") or own.is_relative_to(prefix):
        return True
    return prefix.name.startswith(".") and (prefix.parent in homes or prefix.parent.parent == Path("/home"))


def _home() -> str:
    """Return the user's home, / for a user without one."""
    return os.path.expanduser("~") if os.path.isabs(os.path.expanduser("~")) else "/"  # noqa: PTH111, PTH117 - never an error


def _rustup(name: str) -> str | None:
    """Return the compiler behind rustup's stand-in, which would look for it in a home that is not there inside."""
    stand_in = shutil.which(name)
    if stand_in is None or Path(stand_in).resolve().name != "rustup":
        return None
    home = Path(os.environ.get("RUSTUP_HOME", f"{_home()}/.rustup"))
    try:
        chosen = tomllib.loads((home / "settings.toml").read_text(encoding="utf-8"))["default_toolchain"]
    except (OSError, KeyError, tomllib.TOMLDecodeError):
        return None
    real = home / "toolchains" / chosen / "bin" / name
    return str(real) if real.is_file() else None


def toolchain(names: tuple[str, ...]) -> Toolchain | str:
    """Return where the commands are, or the name of the first that is missing."""
    commands, folders = {}, []
    for name in names:
        found = locate(name)
        if found is None:
            return name
        commands[name], folder = found
        if folder:
            folders.append(folder)
    return Toolchain(commands, tuple(dict.fromkeys(folders)))


@cache
def version(command: tuple[str, ...], script: str = "") -> str:
    """Return the version number that a command prints about itself (given a script on stdin), `unknown` if it prints none.

    OSError if this process may not start another one now; that is not remembered.
    """
    try:
        ran = children.run(command, VERSION_SECONDS, said=script)
    except subprocess.TimeoutExpired:
        return "unknown"
    except OSError as error:
        if error.errno in SCARCE:
            raise
        return "unknown"
    found = _VERSION.search(ran.stdout + ran.stderr)
    return found[0] if found else "unknown"

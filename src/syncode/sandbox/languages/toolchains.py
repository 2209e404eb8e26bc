"""Finds compilers and interpreters on this machine: under the system's folders, or in a private one that is then shown inside."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

SYSTEM = "/usr/local/bin:/usr/bin:/bin"
"""Where a sandboxed program looks for commands; all of it is below /usr or linked there, and shown inside as it is."""
VERSION_SECONDS = 20
"""How long a compiler may take to say its version (ours)."""
_VERSION = re.compile(r"\d+\.\d+(?:\.\d+)*")


@dataclass(frozen=True)
class Toolchain:
    """The commands of one language: name to path as seen inside, and the folders that must be shown for them."""

    commands: Mapping[str, str]
    folders: tuple[str, ...] = ()


@cache
def locate(name: str) -> tuple[str, str | None] | None:
    """Return (path inside, folder to show or None) of a command, or None where it is not installed.

    A command outside the system's folders is taken only from a folder PREFIX/bin that is not a home folder itself: showing
    the sandbox a home would show it everything in there.
    """
    if name == "python3":
        return str(Path(getattr(sys, "_base_executable", sys.executable)).resolve()), None
    found = shutil.which(name, path=SYSTEM)
    if found and Path(found).resolve().is_relative_to("/usr"):
        return found, None
    found = _rustup(name) or shutil.which(name)
    if found is None:
        return None
    path = Path(found).resolve()
    prefix = path.parent.parent
    if "node_modules" in path.parts:  # a package finds its dependencies beside itself
        prefix = Path(*path.parts[: path.parts.index("node_modules") + 1])
    homes = {Path.home().resolve(), Path("/root"), Path("/")}
    if path.parent.name != "bin" or prefix in homes or prefix.parent == Path("/home"):
        return None
    return str(path), str(prefix)


def _rustup(name: str) -> str | None:
    """Return the compiler behind rustup's stand-in, which would look for it in a home that is not there inside."""
    stand_in = shutil.which(name)
    if stand_in is None or Path(stand_in).resolve().name != "rustup":
        return None
    home = Path(os.environ.get("RUSTUP_HOME", Path.home() / ".rustup"))
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
    """Return the version number that a command prints about itself (given a script on stdin), `unknown` where it prints none."""
    try:
        ran = subprocess.run(
            command, input=script, capture_output=True, text=True, timeout=VERSION_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return "unknown"
    found = _VERSION.search(ran.stdout + ran.stderr)
    return found[0] if found else "unknown"

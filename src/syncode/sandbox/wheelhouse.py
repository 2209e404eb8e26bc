"""Packages for programs from a folder of wheels: installed once, offline, without building anything, and shown read-only."""

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

from syncode import children
from syncode.errors import UsageError
from syncode.schemas.records import content_id
from syncode.storage.caches import cache_folder

INSTALL_SECONDS = 600
"""How long pip may take (chosen here)."""
DONE = ".installed"
"""The file, made last, that says a folder is whole."""


def installed(folder: str) -> Path:
    """Return the folder into which all packages of a folder of wheels are installed, made where it is missing.

    Of several versions pip takes those that fit together. Raises UsageError with pip's own words where it cannot.
    """
    wheels = sorted(Path(folder).glob("*.whl"))
    if not wheels:
        raise UsageError(f"--wheels: there is no .whl file in {folder}")
    stamps = [(wheel.name, wheel.stat().st_size, wheel.stat().st_mtime_ns) for wheel in wheels]
    place = cache_folder() / "wheels" / content_id("wheels", sys.version, stamps)
    if (place / DONE).exists():
        return place
    place.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix="new-", dir=place.parent))
    try:
        _install(wheels, folder, draft)
        draft.chmod(0o755)
        (draft / DONE).touch()
        shutil.rmtree(place, ignore_errors=True)  # half of one, if there is any
        draft.rename(place)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return place


def _install(wheels: Iterable[Path], folder: str, target: Path) -> None:
    names = sorted({wheel.name.split("-")[0] for wheel in wheels})
    options = (
        "--no-index",
        "--find-links",
        str(Path(folder).resolve()),
        "--only-binary",
        ":all:",
        "--no-compile",
        "--target",
        str(target),
    )
    command = children.module("pip", "--isolated", "--disable-pip-version-check", "install", *options, *names)
    try:
        ran = children.run(command, INSTALL_SECONDS)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UsageError(f"--wheels: pip does not install {folder}: {error}") from error
    if ran.returncode:
        said = re.findall(r"^ERROR: (.*)$", ran.stderr, re.MULTILINE) or [ran.stderr.strip()[-300:]]
        raise UsageError(f"--wheels: pip does not install {folder}: {said[-1]}")


def absent(names: Iterable[str], wheels: Path | None) -> list[str]:
    """Return which modules a Python program would not find: not the language's own, not installed, not among the wheels."""
    tops = dict.fromkeys(name.partition(".")[0] for name in names if name)
    return [name for name in tops if name not in sys.stdlib_module_names and not _found(name, wheels)]


def _found(name: str, wheels: Path | None) -> bool:
    if wheels is not None and any(path.stem.split(".")[0] == name for path in wheels.glob(f"{name}*")):
        return True
    return name.isidentifier() and find_spec(name) is not None

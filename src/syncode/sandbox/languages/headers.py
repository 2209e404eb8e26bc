"""The standard header of C++, precompiled once for each compiler, version and standard: it is most of what compiling costs."""

import re
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from syncode.errors import EngineError
from syncode.storage.caches import cache_folder

PREPARE_SECONDS = 120
"""How long precompiling may take (chosen here; measured: 2 s)."""
STANDARDS = (17,)
"""Of what programs are compiled as by default: few others include the header."""
HEADER = "bits/stdc++.h"
_FIRST = re.compile(
    r"\A(?:\s|//[^\n]*|/\*.*?\*/|#\s*include\s*<[\w./+]+>|#\s*pragma\s+once)*?#\s*include\s*<bits/stdc\+\+\.h>",
    re.DOTALL,
)
"""It stands in front of everything but other headers: then it may as well come first."""


def shown() -> str | None:
    """Return where precompiled headers are kept; the folder is made where it is missing, None if none can be kept."""
    try:
        folder = cache_folder() / "cpp"
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, EngineError):
        return None
    return str(folder)


@cache
def prepare(command: str, number: str) -> str | None:
    """Precompile outside of any sandbox, from the compiler's own files; what does not work is left out, and only costs time."""
    folder = shown()
    if folder is None:
        return None
    stat = Path(command).stat()
    place = Path(folder) / _name(number)
    stamp = f"{stat.st_size}-{stat.st_mtime_ns}"
    known = place / "stamp"
    if known.exists() and known.read_text(encoding="utf-8") == stamp:
        return None
    try:
        for standard in STANDARDS:
            header = place / str(standard) / "standard.hpp"
            header.parent.mkdir(parents=True, exist_ok=True)
            header.write_text(f"#include <{HEADER}>\n", encoding="utf-8")
            draft = header.with_name(f"draft.{standard}")
            words = [command, "-O0", f"-std=c++{standard}", "-w", "-x", "c++-header", str(header), "-o", str(draft)]
            subprocess.run(words, capture_output=True, timeout=PREPARE_SECONDS, check=True)
            draft.rename(header.with_name("standard.hpp.gch"))
        known.write_text(stamp, encoding="utf-8")
    except (OSError, subprocess.SubprocessError):
        return None
    return None


def _name(number: str) -> str:
    return f"g++-{number}"


def precompiled(text: str, standard: int, commands: Mapping[str, str]) -> tuple[str, ...]:
    """Return the options that use the header for a program that includes it first, else none.

    A compiler that finds it made by another one, or with other options, reads the header itself.
    """
    folder = commands.get("shown")
    kept = shown()
    if not folder or not kept or not _FIRST.search(text):
        return ()
    place = f"{_name(commands['version'])}/{standard}/standard.hpp"
    if not Path(kept, f"{place}.gch").exists():
        return ()
    return ("-include", f"{folder}/{place}")

"""How other programs are started: with no key in their environment, and nothing loaded from the folder that one stands in.

People stand in other people's folders. Python puts the current folder first on `sys.path` for `-m` and `-c`, shells and loaders
read empty entries of a path as the current folder, and runtimes read settings there; docs/security.md has the whole list.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence

SECRET = re.compile(
    r"(?:^|_)(?:(?:API)?KEYS?|TOKENS?|SECRETS?|PASS(?:WORD|WD|PHRASE)?S?|CREDENTIALS?|HEADERS)(?:_|$)|APIKEY",
    re.IGNORECASE,
)
"""Names of variables that hold what proves who one is (chosen here); `OPENAI_CUSTOM_HEADERS` may."""
HUB = ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN")
"""What fetches a model from the Hugging Face hub needs these."""
PATHS = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH")
"""Lists of folders, of which an empty or relative one means the current folder."""
NOWHERE = "/"
"""The current folder of a program that has nothing to read in ours."""
NOTHING: Mapping[str, str] = {}


def python(*arguments: str, interpreter: str = "") -> list[str]:
    """Return a command of an interpreter (Python 3.11+, default: this one) that imports nothing from the current folder."""
    return [interpreter or sys.executable, "-P", *arguments]


def module(name: str, *arguments: str, interpreter: str = "") -> list[str]:
    """Return the command that runs a module."""
    return python("-m", name, *arguments, interpreter=interpreter)


def run(
    command: Sequence[str],
    seconds: float | None,
    place: str = NOWHERE,
    ours: Mapping[str, str] = NOTHING,
    *,
    check: bool = False,
    said: str = "",
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, as if one stood in `place`, and return its code and what it printed.

    `ours`: see `environment`; `said`: its stdin. Raises OSError, and what `subprocess.run` raises for `check` and `seconds`.
    """
    return subprocess.run(
        command,
        input=said,
        env=environment(ours),
        cwd=place,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=seconds,
        check=check,
    )


def environment(
    ours: Mapping[str, str] = NOTHING, keep: Iterable[str] = (), variables: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Return the environment of a child: this process's, or `variables`, without what is secret, and with `ours`.

    `keep`: secrets that it needs. Interpreters that it starts import nothing from the current folder either.
    """
    given = os.environ if variables is None else variables
    kept = set(keep)
    made = {name: value for name, value in given.items() if name in kept or not SECRET.search(name)}
    made |= {"PYTHONSAFEPATH": "1", **ours}
    return made | {name: absolute(made[name]) for name in PATHS if name in made}


def absolute(folders: str) -> str:
    """Return a list of folders as in `PATH` without those that depend on where one stands."""
    return os.pathsep.join(each for each in folders.split(os.pathsep) if os.path.isabs(each))  # noqa: PTH117 (no import)

"""Golden cases: a command line a user would type, and what it must print.

`tests/cases/<command>/<case>/` holds `cmd` (bash, run with pipefail in a copy of the folder), `expout` and `experr`
(absent: nothing is printed) and `expcode` (absent: 0). `needs`, where there is one, names a program a line: a machine
without it skips the case. `SYNCODE_GOLDEN=write pytest tests/test_cases.py -k filter` writes the expectations anew, for
a person to review as a diff; a traceback is never accepted.
"""

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from syncode.cli import COMMANDS

CASES = Path(__file__).parent / "cases"
EXPECTATIONS = ("expout", "experr", "expcode")
FOLDERS = sorted(path for path in CASES.glob("*/*") if path.is_dir())
WRITE = os.environ.get("SYNCODE_GOLDEN") == "write"

Expected = dict[str, str]


@pytest.mark.parametrize("case", FOLDERS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_case(case: Path, tmp_path: Path, shell: Callable[..., object]) -> None:
    missing = [name for name in _text(case / "needs").split() if shutil.which(name) is None]
    if missing:
        pytest.skip(f"this machine has no {', '.join(missing)}")
    folder = tmp_path / "case"
    shutil.copytree(case, folder, ignore=shutil.ignore_patterns(*EXPECTATIONS))
    command = (case / "cmd").read_text(encoding="utf-8")
    actual = _seen(shell(command, folder=folder), folder)
    crashed = "Traceback (most recent call last)" in actual["experr"] + actual["expout"]
    assert not crashed, f"a crash is never expected:\n{actual['experr']}"
    if WRITE:
        _write(case, actual)
    assert actual == {name: _text(case / name) for name in EXPECTATIONS}, f"$ {command}{actual['experr']}"


def _seen(ran: object, folder: Path) -> Expected:
    """Return what was printed as text, the temporary folder's name taken out; an exit code of 0 is no expectation."""
    out, err, code = (getattr(ran, name) for name in ("out", "err", "code"))
    texts = (stream.decode("utf-8", "backslashreplace") for stream in (out, err))
    expout, experr = (text.replace(str(folder), "<FOLDER>") for text in texts)
    return {"expout": expout, "experr": experr, "expcode": f"{code}\n" if code else ""}


def _write(case: Path, actual: Expected) -> None:
    for name, text in actual.items():
        if text:
            (case / name).write_text(text, encoding="utf-8")
        else:
            (case / name).unlink(missing_ok=True)


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def test_every_case_has_a_command_line_that_runs_syncode() -> None:
    for case in FOLDERS:
        assert re.search(r"\bsyncode\b", _text(case / "cmd")), f"{case} has no cmd that runs syncode"


def test_every_command_has_a_case() -> None:
    lines = "\n".join(_text(case / "cmd") for case in FOLDERS)
    lacking = [name for name in COMMANDS if not re.search(rf"\bsyncode {name}\b", lines)]
    assert not lacking, f"commands without a golden case: {', '.join(lacking)}"

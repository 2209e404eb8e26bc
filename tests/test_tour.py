"""The pages that people follow step by step: every line is run, in order, in an empty folder.

README.md: its shell blocks, once with the mock in the place of every model, once (marked `full`) as printed.
docs/tutorial.md: its console blocks, where what is printed is compared too; `SYNCODE_GOLDEN=write` writes it anew.
"""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
README, TUTORIAL = ROOT / "README.md", ROOT / "docs" / "tutorial.md"
Shell = Callable[..., Any]

INSTALL = re.compile(r"\b(?:pip|pipx|uv tool) install\b|\bpython -m build\b")
"""Blocks that make an environment: .ci/run runs them, and tests/test_distribution.py what comes of them."""

MOCK = ((r"--(model|judge) (?!mock)\S+", r"--\1 mock"),)
"""The models that a machine without network and GPU has not, and what stands in for them."""

VARYING = ((r"\d[\d.,]*(?= (?:s|ms|rows/s)\b)", "0"), (r"(?<=\S)  +(?=\S)", "  "))
"""What differs between two runs: times and speeds, and the columns that they push about."""

CONSOLE = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.mark.slow
def test_lines_of_the_readme_work_one_after_another(tmp_path: Path, shell: Shell) -> None:
    follow(README, tmp_path, shell, MOCK)


@pytest.mark.full
def test_lines_of_the_readme_work_as_printed(tmp_path: Path, shell: Shell) -> None:
    follow(README, tmp_path, shell, ())


def follow(page: Path, folder: Path, shell: Shell, changes: tuple[tuple[str, str], ...]) -> None:
    """Run the shell blocks of a page in a folder; those that install something are left out."""
    blocks = re.findall(r"^```sh\n(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    run = [block for block in blocks if not INSTALL.search(block)]
    assert len(run) > 1
    for block in run:
        for pattern, other in changes:
            block = re.sub(pattern, other, block)
        ran = shell(f"set -e\n{block}", folder=folder, timeout=1500)
        assert ran.code == 0, f"{block}\n{ran.err.decode()}"
        assert "Traceback" not in ran.err.decode()


def test_the_tutorial_prints_what_it_shows(tmp_path: Path, shell: Shell) -> None:
    page = TUTORIAL.read_text(encoding="utf-8")
    actual = CONSOLE.sub(lambda block: f"```console\n{_session(block[1], tmp_path, shell)}```", page)
    if os.environ.get("SYNCODE_GOLDEN") == "write":
        TUTORIAL.write_text(actual, encoding="utf-8")
        return
    assert _steady(actual) == _steady(page)


def _session(block: str, folder: Path, shell: Shell) -> str:
    """Return the commands of a block, each followed by what it printed."""
    printed = ""
    for command in re.findall(r"^\$ .*\n(?:^>.*\n)*", block, re.MULTILINE):
        script = re.sub(r"^(?:\$|>) ?", "", command, flags=re.MULTILINE)
        ran = shell(f"exec 2>&1\n{script}", folder=folder)
        assert ran.code == 0, f"{command}{ran.out.decode()}"
        text = ran.out.decode().replace(str(folder), "FOLDER")
        printed += command + text + ("\n" if text and not text.endswith("\n") else "")
    return printed


def _steady(text: str) -> str:
    for pattern, same in VARYING:
        text = re.sub(pattern, same, text)
    return text

"""The recipes of CONTRIBUTING.md, followed literally in a copy of the repository."""

import importlib.util
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Shell = Callable[..., Any]
ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
RECIPES = dict(re.findall(r"^## (A .*)\n((?:(?!^## ).*\n?)*)", PAGE, re.MULTILINE))
STEP = re.compile(
    r"^<!-- (new|insert|run)(?:: (\S+?))?(?:, (before|after): (.*?)|, (at the end))? -->\n```\w+\n(.*?)^```$",
    re.M | re.S,
)


@pytest.fixture
def python(tmp_path: Path) -> Path:
    """Copy the repository and return the Python of an environment that runs the copy; `just mutate` does the same."""
    spec = importlib.util.spec_from_file_location("mutate", ROOT / "scripts" / "mutate.py")
    assert spec is not None and spec.loader is not None
    mutate: Any = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = mutate
    spec.loader.exec_module(mutate)
    made: Path = mutate.copied(tmp_path)
    return made


def test_every_recipe_has_steps_that_end_in_a_run() -> None:
    assert list(RECIPES) == ["A command", "A filter rule", "A protocol", "A language", "A synth method"]
    for text in RECIPES.values():
        assert len(STEP.findall(text)) == text.count("<!-- ")
        assert STEP.findall(text)[-1][0] == "run"


@pytest.mark.slow
@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_works_as_it_is_written(name: str, python: Path, tmp_path: Path, shell: Shell) -> None:
    repository = tmp_path / "repository"
    for act, path, side, anchor, end, text in STEP.findall(RECIPES[name]):
        if act == "run":
            path_variable = f"{python.parent}:{os.environ['PATH']}"
            ran = shell(f"set -e\n{text}", folder=repository, timeout=600, extra={"PATH": path_variable})
            assert ran.code == 0, (ran.out[-9000:] + ran.err[-3000:]).decode()
        elif act == "new":
            (repository / path).parent.mkdir(parents=True, exist_ok=True)
            (repository / path).write_text(text, encoding="utf-8")
        else:
            before = (repository / path).read_text(encoding="utf-8")
            assert end or before.count(f"{anchor}\n") == 1, f"{path} has no one line {anchor!r}"
            pair = f"{text}{anchor}\n" if side == "before" else f"{anchor}\n{text}"
            changed = before + text if end else before.replace(f"{anchor}\n", pair)
            (repository / path).write_text(changed, encoding="utf-8")

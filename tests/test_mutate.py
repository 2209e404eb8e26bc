"""The script behind `just mutate`: each mutant is one expression changed, and readable Python."""

import ast
import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).parents[1] / "scripts" / "mutate.py"
TEXT = '''"""Say 1 < 2."""

LIMIT: Literal[3] = 3  # größer

def f(x: int = 1, *, deep: bool = True) -> str:
    if x < LIMIT and not deep:
        return f"{x + 1}"
    return "a" + str(x)
'''


@pytest.fixture(scope="module")
def script() -> Any:
    spec = importlib.util.spec_from_file_location("mutate", SCRIPT)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_each_mutant_changes_one_expression_and_nothing_else(script: Any) -> None:
    found = list(script.mutants(script.SOURCE / "x.py", TEXT))
    assert [(one.line, one.before, one.after) for one in found] == [
        (3, "3", "(4)"),
        (5, "True", "(False)"),
        (5, "1", "(2)"),
        (6, "x < LIMIT and not deep", "(x < LIMIT or not deep)"),
        (6, "x < LIMIT", "(x <= LIMIT)"),
        (6, "not deep", "(deep)"),
    ]
    for one in found:
        ast.parse(one.text)
        assert one.text.replace(one.after, one.before, 1) == TEXT


def test_the_same_seed_draws_the_same_mutants(script: Any) -> None:
    files = [script.SOURCE / "errors.py", script.SOURCE / "statistics" / "rates.py"]
    first, again, other = (list(map(str, script.drawn(files, 6, seed))) for seed in (1, 1, 2))
    assert first == again != other


def test_the_nearest_tests_are_those_that_import_a_file_and_those_of_its_command(script: Any) -> None:
    units, cases = script.nearest(script.SOURCE / "stages" / "dedup" / "run.py", script.ROOT)
    assert "tests/dedup/test_dedup.py" in units
    assert cases == ["tests/test_cases.py", "-k", "test_case and dedup/"]
    assert (
        "tests/sources/test_source_items.py"
        in script.nearest(script.SOURCE / "sources" / "licenses.py", script.ROOT)[0]
    )

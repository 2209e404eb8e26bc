"""Every language that can be run is found by each of its names everywhere."""

import pytest

from syncode.sandbox import find
from syncode.sandbox.languages.table import ROWS
from syncode.text.fences import code_blocks
from syncode.text.languages import LANGUAGES, canonical, comment_marks, identify
from syncode.text.program import Wanted, find_program

RUNNABLE = {row.name for row in ROWS}
NAMES = [(one.name, name) for one in LANGUAGES if one.name in RUNNABLE for name in (one.name, *one.aliases.split())]


def test_what_can_be_run_has_a_row_of_names() -> None:
    assert {one.name for one in LANGUAGES} >= RUNNABLE


@pytest.mark.parametrize(("language", "name"), NAMES)
def test_a_language_is_found_by_every_name(language: str, name: str) -> None:
    for spelling in (name, name.upper(), f" {name.capitalize()} ", f"{name} 12"):
        assert canonical(spelling) == language
        row = find(spelling)
        assert row is not None
        assert row.name == language
    assert identify("x", fence=name).language == language
    assert code_blocks(f"```{name}\nx\n```") == [(language, "x")]
    assert find_program(f"```{name}\nf(1)\n```", Wanted(language)).how == f"fence:{language}"
    assert find_program(f"```{language}\nf(1)\n```", Wanted(name)).how == f"fence:{name}"
    assert comment_marks(language)[0]


@pytest.mark.parametrize("tag", ["solidity", "llvm", "ada", "cobol", "nginx", "terraform", "zenscript", "papyrus"])
def test_a_hint_is_kept_whether_the_table_has_it_or_not(tag: str) -> None:
    (found,) = code_blocks(f"```{tag}\nx\n```")
    assert found == (canonical(tag) or tag, "x")


@pytest.mark.parametrize("tag", ["output", "text", "plaintext"])
def test_a_tag_that_means_no_code_is_no_language(tag: str) -> None:
    assert code_blocks(f"```{tag}\nx = 1\n```") == [(None, "x = 1")]

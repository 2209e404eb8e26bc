"""Completion of command lines, asked by a real bash, and the scripts of all shells."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from syncode.cli import COMMANDS

Shell = Callable[..., Any]

ASK = """
eval "$(syncode --show-completion bash)"
COMP_WORDS=(syncode {words}); COMP_CWORD=$(( ${{#COMP_WORDS[@]}} - 1 )); _syncode_completion syncode
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


def completed(shell: Shell, words: str) -> list[str]:
    ran = shell(ASK.format(words=words))
    assert (ran.code, ran.err) == (0, b""), ran.err
    return [line for line in ran.out.decode().splitlines() if line]


@pytest.mark.parametrize(
    ("words", "fitting"),
    [
        ("fi", ["filter"]),
        ("help ag", ["agree"]),
        ("help execute s", ["score", "serve"]),
        ("execute do", ["doctor"]),
        ("execute ''", ["doctor", "gates", "score", "serve", "a.jsonl", "folder/"]),
        ("filter --re", ["--rejects"]),
        ("execute doctor --l", ["--language"]),
        ("execute --timeout 3 --me", ["--memory"]),
        ("filter --kind ''", ["code", "web", "sample"]),
        ("filter --kind = s", ["sample"]),
        ("filter --kind=w", ["--kind=web"]),
        ("filter a", []),
        ("filter --rejects ''", []),
        ("nosuch --x", []),
        ("--show-completion f", ["fish"]),
    ],
)
def test_bash_is_given_the_words_that_fit(shell: Shell, tmp_path: Path, words: str, fitting: list[str]) -> None:
    (tmp_path / "a.jsonl").touch()
    (tmp_path / "folder").mkdir()
    assert completed(shell, words) == fitting


def test_the_first_word_is_any_command(shell: Shell) -> None:
    assert {name for name in COMMANDS if " " not in name} < set(completed(shell, "''"))


def test_where_no_word_fits_bash_names_files(shell: Shell) -> None:
    script = 'eval "$(syncode --show-completion bash)"; complete -p syncode'
    assert shell(script).out == b"complete -o default -F _syncode_completion syncode\n"


def test_zsh_and_fish_ask_in_their_own_way(shell: Shell) -> None:
    zsh = shell("_SYNCODE_COMPLETE=complete_zsh _TYPER_COMPLETE_ARGS='syncode filter --kind ' syncode")
    assert zsh.out == b"""_arguments '*: :(("code"\n"web"\n"sample"))'\n"""
    files = shell("_SYNCODE_COMPLETE=complete_zsh _TYPER_COMPLETE_ARGS='syncode filter a' syncode")
    assert files.out == b"_files\n"
    asked = "_SYNCODE_COMPLETE=complete_fish _TYPER_COMPLETE_FISH_ACTION=get-args _TYPER_COMPLETE_ARGS='syncode filt'"
    assert shell(f"{asked} syncode").out.startswith(b"filter\tDrop files, pages and chats that break a rule")
    for name in ("zsh", "fish"):
        assert b"_SYNCODE_COMPLETE" in shell(f"syncode --show-completion {name}").out


def test_it_is_installed_where_bash_looks(shell: Shell, tmp_path: Path) -> None:
    ran = shell("syncode --install-completion", extra={"HOME": str(tmp_path), "SHELL": "/bin/bash"})
    assert ran.code == 0 and b".bash_completions/syncode.sh is written" in ran.out
    assert "syncode.sh" in (tmp_path / ".bashrc").read_text()
    assert shell("syncode --install-completion", extra={"SHELL": ""}).err == (
        b"syncode: --install-completion: say for which shell: bash, zsh, fish\n"
    )

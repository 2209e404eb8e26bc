"""Completes a command line in bash, zsh and fish, through the shell support that Typer brings.

The shell runs `syncode` with `_SYNCODE_COMPLETE=complete_SHELL` and the words so far in its environment; what is printed are the
words that fit. Where none is printed, the shell completes names of files.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from typer._click.shell_completion import CompletionItem, get_completion_class
from typer._completion_classes import completion_init
from typer._completion_shared import get_completion_script, install

from syncode.commands.help import summaries
from syncode.commands.options import Command, Option, options_of
from syncode.errors import UsageError, unknown

PROGRAM = "syncode"
VARIABLE = "_SYNCODE_COMPLETE"
SHELLS = ("bash", "zsh", "fish")
FLAGS = ("--install-completion", "--show-completion")
HELP = ("-h", "--help")

Words = Iterator[tuple[str, str]]
"""A word and what it means."""


def complete(commands: Mapping[str, str], load: Callable[[str], Command]) -> str:
    """Return what the shell that asks through the environment is to be given."""
    completion_init()
    shell = os.environ[VARIABLE].removeprefix("complete_")
    kind: Any = get_completion_class(shell)
    if kind is None:
        raise unknown("shell", shell, SHELLS, VARIABLE)

    class Ours(kind):  # type: ignore[misc]
        """Typer's reader of the shell's words and writer of the answer, around our own candidates."""

        def get_completions(self, args: list[str], incomplete: str) -> list[Any]:
            return [CompletionItem(word, help=meaning) for word, meaning in words(commands, load, args, incomplete)]

    return str(Ours(None, {}, PROGRAM, VARIABLE).complete())


def words(commands: Mapping[str, str], load: Callable[[str], Command], before: list[str], begun: str) -> Words:
    """Yield the words that fit after the words `before` and begin with `begun`; none where a file is to be named."""
    if before and before[-1] == "=":  # bash takes --format=x apart
        before = before[:-1]
    elif begun == "=":
        begun = ""
    flag, equals, value = begun.partition("=")
    if equals and flag.startswith("--"):
        yield from ((f"{flag}={word}", meaning) for word, meaning in words(commands, load, [*before, flag], value))
        return
    if not before or before == ["help"]:
        told = summaries(commands)
        first = {name: told[name] for name in commands if " " not in name}
        if not before:
            first |= {"help": "Show the options and an example of a command.", "--help": "", "--version": ""}
            first |= dict.fromkeys(FLAGS, "")
        yield from _fitting(first.items(), begun)
        return
    if before[0] == "help":
        if len(before) == 2:
            yield from _fitting(_verbs(commands, before[1]).items(), begun)
        return
    if before[0] in FLAGS:
        yield from _fitting(((shell, "") for shell in SHELLS), begun)
        return
    name = " ".join(before[:2]) if " ".join(before[:2]) in commands else before[0]
    if name not in commands:
        return
    if len(before) == 1 and not begun.startswith("-"):
        fitting = list(_fitting(_verbs(commands, name).items(), begun))
        yield from fitting
        if fitting and not begun:  # the shell names files only where nothing else is named
            yield from ((f"{path}/" if path.is_dir() else str(path), "") for path in sorted(Path().glob("[!.]*")))
    yield from _options(options_of(load(name)), before, begun)


def _verbs(commands: Mapping[str, str], name: str) -> dict[str, str]:
    return {each.partition(" ")[2]: text for each, text in summaries(commands).items() if each.startswith(f"{name} ")}


def _options(options: list[Option], before: list[str], begun: str) -> Words:
    asked = [option for option in options if before[-1] in option.flags and option.kind is not bool]
    if asked:
        yield from _fitting(((choice, "") for choice in asked[0].choices), begun)
    elif begun.startswith("-"):
        flags = {flag: option.help for option in options for flag in option.flags}
        yield from _fitting({**flags, **dict.fromkeys(HELP, "Show the options and an example.")}.items(), begun)


def _fitting(pairs: Any, begun: str) -> Words:
    yield from ((word, meaning) for word, meaning in pairs if word.startswith(begun))


def script(flag: str, shell: str | None) -> str:
    """Return the script of a shell, or for `--install-completion` write it where the shell looks and return where that is."""
    shell = shell or Path(os.environ.get("SHELL", "")).name
    if not shell:
        raise UsageError(f"{flag}: say for which shell: {', '.join(SHELLS)}")
    if shell not in SHELLS:
        raise unknown("shell", shell, SHELLS, flag)
    if flag == "--show-completion":
        return get_completion_script(prog_name=PROGRAM, complete_var=VARIABLE, shell=shell)
    _, path = install(shell=shell, prog_name=PROGRAM, complete_var=VARIABLE)
    return f"{path} is written; in a new {shell} the Tab key completes commands, options and choices"

"""The command table, exit codes and options: what a shell sees whatever the stage is."""

import sys
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import pytest
import typer

from syncode import cli, errors
from syncode.commands.options import flat, program
from syncode.errors import (
    BudgetReached,
    DataError,
    EngineError,
    ExitCode,
    ReaderGone,
    SyncodeError,
    Terminated,
    UsageError,
)
from syncode.stream import Flow

Shell = Callable[..., Any]


def test_without_arguments_there_is_help_and_exit_code_2(shell: Shell) -> None:
    bare, asked = shell("syncode"), shell("syncode --help")
    assert (bare.code, asked.code) == (2, 0)
    assert bare.out == asked.out
    assert bare.err == asked.err == b""
    for name, (_, text) in cli.COMMANDS.items():
        assert f"  {name} ".encode() in asked.out and text.encode() in asked.out


def test_the_module_is_the_program(shell: Shell) -> None:
    assert shell("python -m syncode --version").out == shell("syncode --version").out


@pytest.mark.parametrize("arguments", ["nonsense", "crawl --nonsense", "crawl --workers 0", "crawl --limit many"])
def test_a_wrong_command_line_is_told_in_one_line(shell: Shell, arguments: str) -> None:
    ran = shell(f"syncode {arguments}")
    assert (ran.code, ran.out) == (2, b"")
    assert ran.err.startswith(b"syncode: ") and ran.err.count(b"\n") == 1 and b"--help" in ran.err


def test_a_flag_takes_the_same_kind_of_value_in_every_command() -> None:
    kinds: dict[str, dict[str, str]] = {}
    for name in cli.COMMANDS:
        for option in program(cli.load(name)).params:
            kind = option.type.name.split()[0].replace("path", "str")
            for flag in (flag for flag in option.opts if flag.startswith("-")):
                kinds.setdefault(flag, {})[name] = kind
    assert {flag: of for flag, of in kinds.items() if len(set(of.values())) > 1} == {}


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (UsageError("no sense"), 2, "syncode: no sense\n"),
        (DataError("a:1: bad"), 3, "syncode: a:1: bad\n"),
        (EngineError("no server"), 4, "syncode: no server\n"),
        (BudgetReached("spent"), 5, "syncode: spent\n"),
        (KeyboardInterrupt(), 130, "syncode: interrupted\n"),
        (ReaderGone("gone"), 141, ""),
        (Terminated("stopped"), 143, "syncode: stopped\n"),
        (OSError(28, "No space left on device", "out.jsonl"), 3, "syncode: out.jsonl: No space left on device\n"),
        (typer.Exit(7), 7, ""),
    ],
)
def test_an_error_becomes_its_exit_code(
    error: BaseException, code: int, told: str, raising: Callable[[BaseException], int], capsys: Any
) -> None:
    assert raising(error) == code
    assert capsys.readouterr().err == told


@pytest.mark.parametrize("error", [ValueError("x"), EOFError("x"), AssertionError("x"), KeyError("x")])
def test_a_bug_is_shown_in_full(error: Exception, raising: Callable[[BaseException], int], capsys: Any) -> None:
    assert raising(error) == 1
    told = capsys.readouterr().err
    assert told.startswith("Traceback") and told.endswith("please report it with the lines above\n")


@pytest.fixture
def raising() -> Iterator[Callable[[BaseException], int]]:
    """Run a command that was added to the table for a while and raises what it is given."""
    module: Any = types.ModuleType("syncode.commands.raising")
    sys.modules[module.__name__] = module
    cli.COMMANDS["raising"] = ("raising:command", "Raise.")

    def run(error: BaseException) -> int:
        def command() -> None:
            raise error

        module.command = command
        return cli.run(["raising"])

    yield run
    del cli.COMMANDS["raising"], sys.modules[module.__name__]


def test_every_error_class_has_its_own_exit_code() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and hasattr(kind, "code")]
    finer = [kind for kind in kinds if any(base in kinds and base is not SyncodeError for base in kind.__bases__)]
    codes = [kind.code for kind in kinds if kind is not SyncodeError and kind not in finer]
    assert sorted(codes) == sorted(set(ExitCode) - {ExitCode.OK, ExitCode.BUG, ExitCode.INTERRUPTED})


@dataclass(frozen=True)
class Settings:
    """One field of each kind that commands use."""

    names: list[str] = field(default_factory=lambda: ["a"], metadata={"help": "Names."})
    paths: tuple[str, ...] = ()
    share: float = field(default=0.5, metadata={"min": 0.0, "max": 1.0})
    top_k: int | None = None
    careful: bool = field(default=False, metadata={"help": "Take care."})
    renamed: str = field(default="x", metadata={"flag": "--other", "short": "-t", "metavar": "NAME"})


def _called_with(arguments: list[str]) -> tuple[Flow, Settings, int]:
    seen: list[tuple[Flow, Settings, int]] = []

    @flat
    def command(flow: Flow, settings: Settings, k: Annotated[int, typer.Option("--k", min=1)] = 1) -> None:
        """Do it."""
        seen.append((flow, settings, k))

    made = program(command)
    with made.make_context("test", arguments) as context:
        made.invoke(context)
    return seen[0]


def test_dataclasses_become_options_and_come_back_whole() -> None:
    assert _called_with([]) == (Flow(), Settings(), 1)
    line = "a.jsonl b.jsonl -o out --names x --names y --paths p --share 1 --top-k 3 --careful -t z --k 2 --seed 7"
    flow, settings, k = _called_with(line.split())
    assert flow == Flow(source=("a.jsonl", "b.jsonl"), output="out", seed=7)
    assert settings == Settings(["x", "y"], ("p",), 1.0, 3, True, "z")
    assert k == 2


@pytest.mark.parametrize("arguments", [["--share", "2"], ["--top-k", "x"], ["--no-careful"], ["--k", "0"]])
def test_options_are_checked(arguments: list[str]) -> None:
    with pytest.raises(typer.TyperException):
        _called_with(arguments)


def test_options_have_short_placeholders_and_arguments_their_names() -> None:
    def command(
        file: str, n: Annotated[int, typer.Option("--n", min=1)] = 1, x: float = 0.0, quick: bool = False
    ) -> None:
        """Do it."""

    shown = program(command).get_help(typer.Context(program(command)))
    for text in ("{file}", "--n N ", "--x X ", "--quick ", "[default: 0.0]"):
        assert text in shown


def test_two_fields_of_one_name_are_refused_when_the_command_is_made() -> None:
    def command(flow: Flow, other: Settings, seed: int = 1) -> None:
        """Do it."""

    with pytest.raises(ValueError, match="duplicate parameter name: 'seed'"):
        flat(command)


def test_help_keeps_the_example_in_one_line(shell: Shell) -> None:
    for line in shell("syncode synth --help", extra={"COLUMNS": "60"}).out.decode().splitlines():
        if "Example:" in line:
            assert line.endswith("samples.jsonl")
            return
    raise AssertionError("no example")


def test_help_into_a_closed_pipe_is_quiet(shell: Shell) -> None:
    ran = shell("(sleep 0.3; syncode synth --help; echo $? >&2) | true")
    assert ran.err == b"141\n"


def test_a_summary_line_that_nobody_reads_does_not_undo_the_work(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text('{"id":"1","text":"x = 1","source":{"kind":"path","path":"a.py"}}\n')
    ran = shell("(sleep 0.3; syncode classify rows.jsonl -o out.jsonl; echo $? > code) 2>&1 | true; cat code")
    assert ran.out == b"141\n"
    assert (tmp_path / "out.jsonl").exists()

"""The command table, exit codes and options: what a shell sees whatever the stage is."""

import re
import sys
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest

from syncode import cli, errors
from syncode.commands.help import command_help, program_help, summaries
from syncode.commands.options import call, only, options_of, without
from syncode.commands.parser import parse
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
    for name, text in summaries(cli.COMMANDS).items():
        assert f"{name} {text}" in " ".join(asked.out.decode().split())


@pytest.mark.parametrize("width", [60, 80, 100])
def test_the_help_of_the_program_is_as_wide_as_the_terminal(width: int) -> None:
    lines = program_help(cli.COMMANDS, width).splitlines()
    assert [line for line in lines if len(line) > width and "Example: " not in line] == []  # a line to copy stays one


def test_the_module_is_the_program(shell: Shell) -> None:
    assert shell("python -m syncode --version").out == shell("syncode --version").out


@pytest.mark.parametrize("arguments", ["nonsense", "crawl --nonsense", "crawl --workers 0", "crawl --limit many"])
def test_a_wrong_command_line_is_told_in_one_line(shell: Shell, arguments: str) -> None:
    ran = shell(f"syncode {arguments}")
    assert (ran.code, ran.out) == (2, b"")
    assert ran.err.startswith(b"syncode") and ran.err.count(b"\n") == 1 and b"--help" in ran.err


TWO_KINDS = {"--people"}
"""How many people are to label (`agree sample`), and the file of what they said (`leaderboard corrected`)."""


def test_a_flag_takes_the_same_kind_of_value_in_every_command() -> None:
    kinds: dict[str, dict[str, type]] = {}
    for name in cli.COMMANDS:
        for option in options_of(cli.load(name)):
            for flag in option.flags:
                kinds.setdefault(flag, {})[name] = str if option.kind is Path else option.kind
    assert {flag for flag, of in kinds.items() if len(set(of.values())) > 1} == TWO_KINDS


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (UsageError("no sense"), 2, "syncode raising: no sense\n"),
        (DataError("a:1: bad"), 3, "syncode raising: a:1: bad\n"),
        (EngineError("no server"), 4, "syncode raising: no server\n"),
        (BudgetReached("spent"), 5, "syncode raising: spent\n"),
        (KeyboardInterrupt(), 130, "syncode raising: interrupted\n"),
        (ReaderGone("gone"), 141, ""),
        (Terminated("stopped"), 143, "syncode raising: stopped\n"),
        (
            OSError(28, "No space left on device", "out.jsonl"),
            3,
            "syncode raising: out.jsonl: No space left on device\n",
        ),
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
    cli.COMMANDS["raising"] = "raising:command"

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
    form: Literal["table", "jsonl"] = field(default="table", metadata={"help": "How it is printed."})
    parts: tuple[Literal["head", "tail"], ...] = ()
    folder: Path | None = None
    depth: int = field(default=1, metadata={"needs": "folder", "group": "Limits"})


Seen = tuple[Flow, Settings]


def _called_with(arguments: list[str]) -> Seen:
    seen: list[Seen] = []

    def command(flow: Flow, settings: Settings) -> None:
        """Do it."""
        seen.append((flow, settings))

    call(command, parse("test", command, arguments))
    return seen[0]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (
            "filter --rule inst.code_lines=2 --rule inst.code_lines=9",
            "--rule inst.code_lines is given twice, and it counts once",
        ),
        (
            "filter --rule inst.code_lines=2 --skip inst.code_lines",
            "--rule inst.code_lines has no effect with --skip inst.code_lines",
        ),
        ("filter --skip a --skip b --skip a --skip a", "--skip a is given 3 times"),
        ("agree v.jsonl --family j=x --family j=y", "--family j is given twice"),
        ("agree ratings x.csv --rater a --rater a", "--rater a is given twice"),
        ("generate --model mock --body a=1 --body a=2", "--body a is given twice"),
        ("judge a.jsonl --judge mock --judge mock", "--judge mock is given twice"),
        ("dedup --text-field=", "--text-field is empty: give it a value, or leave it out"),
        ("generate --model mock --journal=", "--journal is empty"),
        ("dedup --rejects=", "--rejects is empty"),
        ("leaderboard --by=", "--by is empty"),
    ],
)
def test_what_counts_once_is_not_taken_twice_and_nothing_is_no_value(
    line: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(line.split()) == 2
    assert told in capsys.readouterr().err


def test_dataclasses_become_options_and_come_back_whole() -> None:
    assert _called_with([]) == (Flow(), Settings())
    line = (
        "a.jsonl b.jsonl -o out --names x --names y --paths p --share 1 --top-k 3 --careful -t z --seed 7 "
        "--form jsonl --parts tail --parts head --folder f --depth 2"
    )
    flow, settings = _called_with(line.split())
    assert flow == Flow(source=("a.jsonl", "b.jsonl"), output="out", seed=7)
    assert settings == Settings(["x", "y"], ("p",), 1.0, 3, True, "z", "jsonl", ("tail", "head"), Path("f"), 2)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("--share 2", "--share"),
        ("--share nan", "--share nan: expected a finite number"),
        ("--top-k x", "--top-k"),
        ("--no-careful", "there is no option '--no-careful'; did you mean '--careful'?"),
        ("--folder f --depht 3", "did you mean '--depth'?"),
        ("--depth 0x", "--depth"),
        ("--form tabel", "--form: there is no form 'tabel'; did you mean 'table'? (there are table, jsonl)"),
        ("--parts head --parts x", "--parts: there is no part 'x' (there are head, tail)"),
        ("--seed 1 --seed 2", "--seed is given twice, and it counts once"),
        ("--seed 1 --seed=1 --seed 3", "--seed is given 3 times"),
        ("-t a --other b", "--other is given twice"),
        ("--careful --careful", "--careful is given twice"),
        ("-o a --output a", "--output is given twice"),
        ("--depth 2", "--depth has no effect without --folder"),
        ("--other", "--other"),
    ],
)
def test_options_are_checked(line: str, told: str) -> None:
    with pytest.raises(UsageError, match=re.escape(told)):
        _called_with(line.split())


def test_what_may_be_given_twice_is_not_refused() -> None:
    given = _called_with(["--names", "a", "--names", "b", "--paths", "p", "--paths", "q", "x", "x"])
    assert given[0].source == ("x", "x")
    assert given[1].names == ["a", "b"]


def _narrow(flow: Annotated[Flow, only("source", "seed")], settings: Annotated[Settings, without("names")]) -> None:
    """Do less."""
    raise AssertionError(flow, settings)


def test_a_command_takes_only_the_options_that_it_uses() -> None:
    names = [option.name for option in options_of(_narrow)]
    assert names == ["source", "seed", *(item.name for item in fields(Settings) if item.name != "names")]
    with pytest.raises(UsageError, match="there is no option '--limit'"):
        parse("test", _narrow, ["--limit", "3"])
    with pytest.raises(AssertionError) as raised:
        call(_narrow, parse("test", _narrow, ["--seed", "3"]))
    assert raised.value.args == (Flow(seed=3), Settings())


def test_help_has_groups_placeholders_and_choices() -> None:
    def command(settings: Settings, flow: Flow) -> None:
        """Do it, and say so in a sentence.

        Example: syncode test x
        """

    shown = command_help("test", command, ["test more"], width=80)
    headings = [line for line in shown.splitlines() if line.endswith(":") and not line.startswith(" ")]
    assert headings == ["Options:", "Limits:", "Running:", "Input and output:", "Help:"]
    for text in (
        "Usage: syncode test [SOURCE]... [OPTIONS]",
        "  Example: syncode test x\n",
        "See also: syncode test more",
        "--share X ",
        "[0 to 1; default: 0.5]",
        "-t, --other NAME",
        "--form table|jsonl",
        "[default: table]",
        "--careful ",
        "-h, --help",
    ):
        assert text in shown
    assert max(map(len, shown.splitlines())) <= 80


def test_two_fields_of_one_name_are_refused_when_the_command_is_made() -> None:
    def command(flow: Flow, other: ProbeOfSeed) -> None:
        """Do it."""

    with pytest.raises(ValueError, match="two options are called seed"):
        options_of(command)


@dataclass(frozen=True)
class ProbeOfSeed:
    """A field that `Flow` has too."""

    seed: int = 1


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("filtr", "there is no command 'filtr'; did you mean 'filter'"),
        ("doctor", "there is no command 'doctor'; did you mean 'execute doctor'?"),
        ("exprot", "did you mean 'train export' or 'journal export'?"),
        ("execute doctr", "there is no file 'doctr'; did you mean 'execute doctor'?"),
        ("train exprot", "did you mean 'train export'?"),
        ("execute --timeout 3 doctor", "the sub-verb comes first: syncode execute doctor"),
        ("--limit 3 filter", "--limit: the command comes first: syncode COMMAND --limit"),
        ("help filtr", "there is no command 'filtr'; did you mean 'filter'"),
        ("help execute doctr", "there is no command 'execute doctr'; did you mean 'execute doctor'"),
        ("--versoin", "did you mean '--version'?"),
        ("filter --rejcts x", "there is no option '--rejcts'; did you mean '--rejects'"),
        ("--show-completion tcsh", "--show-completion: there is no shell 'tcsh'"),
    ],
)
def test_mistyped_words_have_the_nearest_names(line: str, told: str, capsys: Any) -> None:
    assert cli.run(line.split()) == ExitCode.USAGE
    shown = capsys.readouterr().err
    assert told in shown and shown.count("\n") == 1


def test_a_file_that_is_called_like_a_sub_verb_is_a_file(shell: Shell, tmp_path: Path) -> None:
    for name in ("doctor", "doctr"):
        (tmp_path / name).write_text("")
    for line in ("syncode execute ./doctor", "syncode execute doctr"):
        assert shell(line).err == b"syncode execute: 0 read, 0 written\n"


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_help_can_be_asked_for_in_each_form(name: str, capsys: Any) -> None:
    shown = set()
    for line in (f"help {name}", f"{name} -h", f"{name} --help", f"{name} x.jsonl --limit 3 -h"):
        assert cli.run(line.split()) == 0
        shown.add(capsys.readouterr().out)
    (text,) = shown
    assert text.startswith(f"Usage: syncode {name}") and "Example: syncode" in text


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


@pytest.mark.parametrize(
    "line", ["syncode --help", "syncode --version", "syncode filter --help", "syncode demo --help"]
)
def test_what_should_be_printed_to_a_closed_stdout_is_an_error(shell: Shell, line: str) -> None:
    ran = shell(f"{line} >&-")
    assert (ran.code, ran.err.endswith(b"stdout is closed: nothing can be printed\n")) == (2, True)


def test_a_mock_server_whose_port_cannot_be_printed_is_a_usage_error(shell: Shell) -> None:
    ran = shell("syncode mock-server >&-")
    assert (ran.code, b"name one with --port" in ran.err) == (2, True)


def test_a_command_that_writes_to_a_file_needs_no_stdout(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text('{"id":"1","text":"x = 1","source":{"kind":"path","path":"a.py"}}\n')
    ran = shell("syncode classify rows.jsonl -o out.jsonl <&- >&- && wc -l < out.jsonl")
    assert (ran.code, ran.out.strip()) == (0, b"1")

"""The command table, and the only place where exceptions become exit codes."""

import importlib
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import NoReturn

from syncode import __version__
from syncode.commands.options import Command, call
from syncode.errors import ExitCode, SyncodeError, Terminated, UsageError, heeded, meant, nearest, unknown
from syncode.stream import people

COMMANDS: dict[str, str] = {
    "crawl": "crawl:command",
    "classify": "classify:command",
    "filter": "filter:command",
    "dedup": "dedup:command",
    "synth": "synth:command",
    "execute": "execute:command",
    "execute doctor": "execute:doctor",
    "execute gates": "execute:gates",
    "execute score": "execute:score",
    "execute serve": "execute_serve:command",
    "train": "train:command",
    "train plan": "train:plan",
    "train export": "train:export",
    "tasks": "tasks:command",
    "generate": "generate:command",
    "judge": "judge:command",
    "judge estimate": "judge_estimate:command",
    "leaderboard": "leaderboard:command",
    "leaderboard verify": "leaderboard_verify:command",
    "leaderboard pairs": "leaderboard_pairs:pairs",
    "leaderboard best": "leaderboard_pairs:best",
    "leaderboard control": "leaderboard_pairs:control",
    "leaderboard compare": "leaderboard_compare:command",
    "leaderboard units": "leaderboard_questions:units",
    "leaderboard questions": "leaderboard_questions:questions",
    "leaderboard costs": "leaderboard_costs:command",
    "leaderboard corrected": "leaderboard_corrected:command",
    "agree": "agree:command",
    "agree ratings": "agree:ratings",
    "agree sample": "agree_sample:command",
    "stats": "stats:command",
    "journal": "journal:command",
    "journal export": "journal:export",
    "journal batches": "journal:batches",
    "demo": "demo:command",
    "mock-server": "mock_server:command",
}
"""Name, or name and sub-verb -> module below `syncode.commands` : function, in the order of help.

What a command does is said once, in the first paragraph of the function's docstring. Modules are imported when their command is
used, so that help is quick whatever a stage needs.
"""


HELP = ("-h", "--help")
COMPLETING = "_SYNCODE_COMPLETE"


def main() -> NoReturn:
    """Run the command line and exit with the code that DESIGN section 6 promises."""
    _fill_standard_descriptors()
    if signal.getsignal(signal.SIGCHLD) is signal.SIG_IGN:  # inherited: then no child could be waited for
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    _answer(_terminate)
    code = run(sys.argv[1:])
    _answer(signal.SIG_IGN)  # how it ended is settled, whatever comes while Python shuts down
    sys.exit(code)


def run(arguments: list[str]) -> int:
    """Run one command line and return its exit code; errors are printed on stderr."""
    people.name_stage(f"syncode {stage}" if (stage := _stage(arguments)) else "syncode")
    try:
        return _dispatch(arguments)
    except Terminated as error:
        return _told(str(error), error.code)
    except KeyboardInterrupt:
        return _told("interrupted", ExitCode.INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return ExitCode.READER_GONE
    except SyncodeError as error:
        return error.code if error.code is ExitCode.READER_GONE else _told(str(error), error.code)
    except OSError as error:
        # A full disk, a missing permission: the machine's state, not a bug. What a stage was writing has been taken back.
        return _told(f"{error.filename or 'writing'}: {error.strerror or error}", ExitCode.DATA)
    except Exception:  # noqa: BLE001 (the last resort: a bug, shown in full)
        import traceback

        traceback.print_exc()
        return _told("this is a bug in syncode, please report it with the lines above", ExitCode.BUG)


def _stage(arguments: list[str]) -> str:
    """Return the name of the command that a command line begins with; empty if it is none."""
    names = (" ".join(arguments[:2]), *arguments[:1])
    return next((name for name in names if name in COMMANDS), "")


def _dispatch(arguments: list[str]) -> int:
    if COMPLETING in os.environ:
        from syncode.commands.completion import complete

        return _printed(complete(COMMANDS, load))
    asked, words = _help_wanted(arguments)
    if not words:
        from syncode.commands.help import program_help

        _printed(program_help(COMMANDS))
        return ExitCode.OK if asked else ExitCode.USAGE
    if arguments[0] == "--version":
        return _printed(f"syncode {__version__}")
    if arguments[0] in ("--install-completion", "--show-completion"):
        from syncode.commands.completion import script

        return _printed(script(arguments[0], "".join(arguments[1:2]) or None))
    name = find(words, exactly=arguments[0] == "help")
    command = load(name)
    if asked:
        from syncode.commands.help import command_help

        return _printed(command_help(name, command, verbs_of(name)))
    from syncode.commands.files import refuse_clashes
    from syncode.commands.parser import parse  # Typer: four times what Python itself needs to start

    values = parse(name, command, arguments[len(name.split()) :])
    _refuse_mistyped_verb(name, values)
    refuse_clashes(name, command, values)
    call(command, values)
    if sys.stdout is not None:
        sys.stdout.flush()
    return ExitCode.OK


def _help_wanted(arguments: list[str]) -> tuple[bool, list[str]]:
    """Return whether help is asked for, and the words that say of what."""
    before = arguments[: arguments.index("--")] if "--" in arguments else arguments
    if before[:1] == ["help"]:
        return True, [word for word in arguments[1:] if word not in HELP]
    if any(word in HELP for word in before):
        return True, [word for word in before if not word.startswith("-")]
    return False, arguments


def find(words: list[str], exactly: bool = False) -> str:
    """Return the name of the command that the first words are (`exactly`: all of them). Raises UsageError."""
    pair = " ".join(words[:2])
    if pair in COMMANDS:
        return pair
    if exactly and len(words) > 1 and words[0] in COMMANDS:
        raise unknown("command", pair, COMMANDS)
    if words[0] in COMMANDS:
        return words[0]
    if words[0].startswith("-"):
        if near := nearest(words[0], ("--version", "--help", "--install-completion", "--show-completion")):
            raise UsageError(f"there is no option {words[0]!r}{meant(near)}")
        raise UsageError(f"{words[0]}: the command comes first: syncode COMMAND {words[0]} (syncode --help lists them)")
    verbs = [name.rpartition(" ")[2] for name in COMMANDS]  # "doctor" stands for "execute doctor"
    found = nearest(words[0], [*COMMANDS, *verbs])
    near = [name for name in COMMANDS if name in found or name.rpartition(" ")[2] in found]
    raise UsageError(f"there is no command {words[0]!r}{meant(near)} (syncode --help lists them)")


def verbs_of(name: str) -> list[str]:
    """Return the names of the sub-verbs of a command, each with the command in front."""
    return [each for each in COMMANDS if each.startswith(f"{name} ")]


def _refuse_mistyped_verb(name: str, values: dict[str, object]) -> None:
    """Raise UsageError for a SOURCE that is not a file and that looks like a sub-verb: "execute doctr", "execute -x 1 doctor"."""
    sources = values.get("source")
    verbs = [each.partition(" ")[2] for each in verbs_of(name)]
    for word in sources if verbs and isinstance(sources, list | tuple) else ():
        if word in verbs and not Path(word).exists():
            raise UsageError(f"the sub-verb comes first: syncode {name} {word}")
        if (near := nearest(word, verbs)) and not Path(word).exists():
            raise UsageError(f"there is no file {word!r}{meant(f'{name} {verb}' for verb in near)}")


def load(name: str) -> Command:
    """Import and return the function behind a command."""
    module, _, function = COMMANDS[name].partition(":")
    loaded: Command = getattr(importlib.import_module(f"syncode.commands.{module}"), function)
    return loaded


def _fill_standard_descriptors() -> None:
    """Open /dev/null in place of a stdin, stdout or stderr that is closed: the next file, or pipe of a sandbox, must not be it.

    `sys.stdout` stays None, so that a command that would write rows to it still refuses.
    """
    for number, mode in enumerate((os.O_RDONLY, os.O_WRONLY, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, mode), True)  # the lowest number that is free: this one


def _printed(text: str) -> ExitCode:
    if sys.stdout is None:
        raise UsageError("stdout is closed: nothing can be printed")
    sys.stdout.write(text.rstrip("\n") + "\n")
    sys.stdout.flush()
    return ExitCode.OK


def _told(text: str, code: int) -> int:
    people.say(text)
    return code


def _terminate(number: int, frame: FrameType | None) -> None:
    # `timeout` sends it to the process and to its group: the second must not come in the way of tidying up.
    _answer(lambda number, frame: None)
    raise Terminated("terminated; what was committed is kept", number)


def _answer(handler: Callable[[int, FrameType | None], None] | signal.Handlers) -> None:
    """Have all signals that end a run answered in this way."""
    for number in heeded():
        signal.signal(number, handler)

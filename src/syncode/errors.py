"""Exit codes, and the errors that lead to them, named by their consequence for the user."""

import signal
from collections.abc import Iterable
from enum import IntEnum

DISTRIBUTION = "syncode-toolchain"
"""What pip calls this program. The command and the package are `syncode`, which on the package index is another project."""

LISTED = 12
"""Names that a message lists in full; of more only the nearest are named (chosen here)."""


class ExitCode(IntEnum):
    """What a shell sees. 130, 141 and 143 follow the shell's 128 + signal number."""

    OK = 0
    BUG = 1
    USAGE = 2
    DATA = 3
    ENGINE = 4
    BUDGET = 5
    INTERRUPTED = 130
    READER_GONE = 141
    TERMINATED = 143


def install(extra: str) -> str:
    """Return the command that adds an extra of this distribution to an environment that has it."""
    return f'python -m pip install "{DISTRIBUTION}[{extra}]"'


class SyncodeError(Exception):
    """An error that a person can act on: its text is printed as it is, without a traceback."""

    code = ExitCode.BUG


class UsageError(SyncodeError):
    """The command line asks for something that makes no sense."""

    code = ExitCode.USAGE


def unknown(what: str, name: str, known: Iterable[str], where: str = "") -> UsageError:
    """Return the error for a name that is looked up and not there, with the nearest names and, of a few, all of them.

    `what` is the kind of thing ("rule"), `where` the option that names it ("--skip").
    """
    names = list(dict.fromkeys(known))
    near = nearest(name, names)
    text = f"there is no {what} {name!r}{meant(near)}"
    if names and (len(names) <= LISTED or not near):
        more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
        text += f" (there are {', '.join(names[:LISTED])}{more})"
    return UsageError(f"{where}: {text}" if where else text)


def nearest(name: str, known: Iterable[str]) -> list[str]:
    """Return up to three known names that a mistyped one may stand for, the nearest first."""
    from difflib import get_close_matches  # 3 ms that only a mistake pays

    folded = {each.casefold(): each for each in known}
    return [folded[each] for each in get_close_matches(name.casefold(), folded)]


def meant(names: Iterable[str]) -> str:
    """Return the question behind a mistyped name; nothing if no name is near."""
    near = " or ".join(map(repr, names))
    return f"; did you mean {near}?" if near else ""


class DataError(SyncodeError):
    """The input is not what it claims to be; the text starts with `file:line:` if there is one."""

    code = ExitCode.DATA


class RowError(DataError):
    """The row that was read last is wrong in a way that only its stage can see; `stream` puts `file:line:` in front."""


class EngineError(SyncodeError):
    """A model, a server, a launcher or a sandbox cannot do its work at all."""

    code = ExitCode.ENGINE


class BudgetReached(SyncodeError):
    """The next request would exceed the budget; finished work is kept."""

    code = ExitCode.BUDGET


class ReaderGone(SyncodeError):
    """The reader of our output has closed the pipe (`| head`): stop quietly."""

    code = ExitCode.READER_GONE


class Terminated(KeyboardInterrupt):
    """SIGTERM arrived (SIGHUP: 129, SIGQUIT: 131, SIGXCPU: 152); what was committed stays committed.

    Like Ctrl-C it passes every `except Exception` on its way out.
    """

    code: int = ExitCode.TERMINATED

    def __init__(self, text: str, number: int = signal.SIGTERM) -> None:
        super().__init__(text)
        self.code = 128 + number


ENDING = (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGXCPU)
"""Signals that end a run in order: asked to, the terminal is gone, Ctrl-\\, the limit on CPU time."""


def heeded() -> list[signal.Signals]:
    """Return those of them that the parent has not told this process to ignore, as `nohup` does; always SIGTERM."""
    return [each for each in ENDING if each is signal.SIGTERM or signal.getsignal(each) is not signal.SIG_IGN]

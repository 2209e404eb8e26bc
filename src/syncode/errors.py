"""Exit codes, and the errors that lead to them, named by their consequence for the user."""

from enum import IntEnum

DISTRIBUTION = "syncode-toolchain"
"""What pip calls this program. The command and the package are `syncode`, which on the package index is another project."""


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


class DataError(SyncodeError):
    """The input is not what it claims to be; the text starts with `file:line:` where there is one."""

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
    """Whoever read our output has closed the pipe (`| head`): stop quietly."""

    code = ExitCode.READER_GONE


class Terminated(KeyboardInterrupt):
    """SIGTERM arrived; what was committed stays committed. Like Ctrl-C it passes every `except Exception` on its way out."""

    code = ExitCode.TERMINATED

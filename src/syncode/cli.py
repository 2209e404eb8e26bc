"""The command table, and the only place where exceptions become exit codes."""

import importlib
import os
import signal
import sys
import traceback
from collections.abc import Callable
from types import FrameType
from typing import NoReturn

import typer

from syncode import __version__
from syncode.commands.options import program
from syncode.errors import ExitCode, SyncodeError, Terminated, UsageError

COMMANDS: dict[str, tuple[str, str]] = {
    # name, or name and sub-verb: (module below syncode.commands : function, what it does)
    "crawl": (
        "crawl:command",
        "Turn folders of code, Markdown and HTML, single files and WARC archives into documents.",
    ),
    "classify": (
        "classify:command",
        "Label rows: programming language, and with a model category, difficulty and whether tests can check it.",
    ),
    "filter": (
        "filter:command",
        "Drop files, pages and chats that break a rule, each with the rule, its measure and the limit.",
    ),
    "dedup": (
        "dedup:command",
        "Drop exact and near copies of documents (by text) and chats (by question, and by the code of the answer).",
    ),
    "synth": (
        "synth:command",
        "Write a new question inspired by each document, answer it several times and keep the best answer.",
    ),
    "execute": (
        "execute:command",
        "Run programs with their tests in a sandbox: samples, answers, or bare rows {code, tests, language}.",
    ),
    "execute doctor": (
        "execute:doctor",
        "Try the sandbox: which levels of isolation start, what they stop, and which languages tell right from wrong.",
    ),
    "execute gates": (
        "execute:gates",
        "Test the tests: run all candidates against all tests, stubs and mutants too, and say which tests hold.",
    ),
    "execute score": (
        "execute:score",
        "Score executions: unbiased pass@k and pass^k a model, with intervals by task, and what is missing or undecided.",
    ),
    "train": (
        "train:command",
        "Fine-tune all weights of a model on chats, with DeepSpeed, in one stage or several; -o is the folder of the run.",
    ),
    "train plan": (
        "train:plan",
        "Say what a run would do, without torch: tokens, lengths, steps, cost, and the loss mask of a few samples.",
    ),
    "train export": (
        "train:export",
        "Write the newest checkpoint of a run as a model folder: safetensors, tokenizer, template, and model.gguf.",
    ),
    "tasks": (
        "tasks:command",
        "Write Task rows: the 40 questions of the arena, or those of a benchmark's published file; `list` shows the names.",
    ),
    "generate": ("generate:command", "Let a model answer each task."),
    "judge": (
        "judge:command",
        "Let a model compare every answer with the baseline's, in both orders: one verdict row a game.",
    ),
    "leaderboard": (
        "leaderboard:command",
        "Rank models by their verdicts: win, tie and loss shares, a score, its 95 % interval, and what is missing.",
    ),
    "leaderboard verify": (
        "leaderboard_verify:command",
        "Check a published table of percentages (CSV): impossible cells, wrong N, columns and averages out of place; exit 3.",
    ),
    "leaderboard pairs": (
        "leaderboard:pairs",
        "Compare every two models: difference, error by question, p, and Holm's correction over all pairs.",
    ),
    "leaderboard control": (
        "leaderboard:control",
        "Tell how much length, mark-up and position move the verdicts: one row a feature.",
    ),
    "agree": (
        "agree:command",
        "Tell how far verdicts can be trusted: a judge with itself, with other judges, with people (a CSV) and with executions.",
    ),
    "agree ratings": (
        "agree:ratings",
        "Measure the agreement in a plain CSV table, a line a unit and a column a rater, of any labels.",
    ),
    "agree sample": (
        "agree_sample:command",
        "Draw pairs for people to label: a blind CSV sheet and a page that works offline; names and weights go into the key.",
    ),
    "stats": (
        "stats:command",
        "Describe a set of rows: counts, licences, lengths in characters, lineage, ids that come twice.",
    ),
    "journal": (
        "journal:command",
        "Tell what each model was asked: answers, failures, requests, tokens, cost and size, one row a model.",
    ),
    "journal export": (
        "journal:export",
        "Write every answer and every failure of a journal as a row, to JSONL or Parquet.",
    ),
    "journal batches": (
        "journal:batches",
        "List the batches that were submitted and have not been collected; --forget frees one that will never come.",
    ),
    "demo": (
        "demo:command",
        "Run every stage in miniature, on real input and with a real model of 135 million parameters.",
    ),
    "mock-server": (
        "mock_server:command",
        "Serve the mock model over HTTP, for tests and demos; prints the --model value to use, then serves until stopped.",
    ),
}
"""Modules are imported when their command is used, so that help is quick whatever a stage needs."""

_HELP = """\
Usage: syncode COMMAND [SOURCE...] [-o OUT] [OPTIONS]

  Build code-instruction data, fine-tune code LLMs and judge them: each stage a Unix filter over JSONL rows.

  Example: syncode crawl src/ | syncode filter | syncode dedup | syncode synth > samples.jsonl

Commands:
{commands}

  syncode COMMAND --help shows the options and an example; syncode --version prints the version.
"""


def main() -> NoReturn:
    """Run the command line and exit with the code that DESIGN section 6 promises."""
    signal.signal(signal.SIGTERM, _terminate)
    code = run(sys.argv[1:])
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # how it ended is settled, whatever comes while Python shuts down
    sys.exit(code)


def run(arguments: list[str]) -> int:
    """Run one command line and return its exit code; errors are told on stderr."""
    try:
        return _dispatch(arguments)
    except typer.Exit as error:
        return error.exit_code
    except typer.TyperException as error:
        return _told(f"{error.format_message()} (--help shows the options and an example)", ExitCode.USAGE)
    except Terminated as error:
        return _told(str(error), error.code)
    except (KeyboardInterrupt, typer.Abort):
        return _told("interrupted", ExitCode.INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.READER_GONE
    except SyncodeError as error:
        return error.code if error.code is ExitCode.READER_GONE else _told(str(error), error.code)
    except OSError as error:
        # A full disk, a missing permission: the machine's state, not a bug. What a stage was writing has been taken back.
        return _told(f"{error.filename or 'writing'}: {error.strerror or error}", ExitCode.DATA)
    except Exception:  # noqa: BLE001 (the last resort: a bug, shown in full)
        traceback.print_exc()
        return _told("this is a bug in syncode, please report it with the lines above", ExitCode.BUG)


def _dispatch(arguments: list[str]) -> int:
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        sys.stdout.write(_HELP.format(commands=_listing()))
        return ExitCode.USAGE if not arguments else ExitCode.OK
    if arguments[0] == "--version":
        sys.stdout.write(f"syncode {__version__}\n")
        return ExitCode.OK
    pair = " ".join(arguments[:2])
    name = pair if pair in COMMANDS and len(arguments) > 1 else arguments[0]
    if name not in COMMANDS:
        raise UsageError(f"there is no command {name!r}; syncode --help lists them")
    called = program(load(name))
    # Not `called(...)`: it would make 1 of a broken pipe, "aborted" of an EOFError, and hide SIGTERM behind Ctrl-C.
    with called.make_context(f"syncode {name}", arguments[len(name.split()) :]) as context:
        called.invoke(context)
    sys.stdout.flush()
    return ExitCode.OK


def load(name: str) -> Callable[..., None]:
    """Import and return the function behind a command."""
    module, _, function = COMMANDS[name][0].partition(":")
    loaded: Callable[..., None] = getattr(importlib.import_module(f"syncode.commands.{module}"), function)
    return loaded


def _listing() -> str:
    width = max(map(len, COMMANDS)) + 2
    return "\n".join(f"  {name:<{width}}{text}" for name, (_, text) in COMMANDS.items())


def _told(text: str, code: ExitCode) -> ExitCode:
    if sys.stderr is not None:  # closed by `2>&-`
        sys.stderr.write(f"syncode: {text}\n")
    return code


def _terminate(number: int, frame: FrameType | None) -> None:
    # `timeout` sends it to the process and to its group: the second must not come in the way of tidying up.
    signal.signal(number, lambda number, frame: None)
    raise Terminated("terminated; what was committed is kept")

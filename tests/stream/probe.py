"""A command for tests: each row says what is to become of it, through the real options, shapes, sink and exit codes.

Keys that it obeys: `copies` (fan-out), `discard` (a rule), `fail` (the rule `engine`), `sleep` (seconds), `kill` (SIGKILL to
the process that works on it), `half` (die in the middle of the answer to the parent), `crash` (a bug), `lose` (return
nothing), `budget` and `fatal` (what an engine raises), `stubborn` (seconds of work that catches every error), `say` (stderr).
Run it as `python probe.py --shape map FILE`.
"""

import asyncio
import gc
import os
import signal
import struct
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import TypedDict

from syncode import cli, stream
from syncode.errors import BudgetReached, EngineError
from syncode.schemas.records import Row, dropped


class Numbered(TypedDict):
    """A row of these tests."""

    n: int


def obey(row: Row) -> list[Row]:
    """Return what the row asks for."""
    if "say" in row:
        sys.stderr.write(f"{row['say']}\n")
        sys.stderr.flush()
    if "stubborn" in row:
        _catch_everything(row["stubborn"])
    if row.get("kill"):
        os.kill(os.getpid(), signal.SIGKILL)
    if "half" in row:
        (pipe,) = (item for item in gc.get_objects() if isinstance(item, Connection) and not item.closed)
        os.write(pipe.fileno(), struct.pack("!i", 1000) + b"of these thousand bytes come only a few")
        os.kill(os.getpid(), signal.SIGKILL)
    if "crash" in row:
        raise Unportable(row["crash"], 42)
    if "lose" in row:
        return []
    if "budget" in row:
        raise BudgetReached("the budget is spent")
    if "fatal" in row:
        raise EngineError("the server is gone")
    if "fail" in row:
        return [dropped(row, "probe.engine", row["fail"])]
    if "discard" in row:
        return [dropped(row, f"probe.{row['discard']}", "it said so")]
    if "copies" in row:
        return [{**row, "copy": number} for number in range(row["copies"])]
    return [row]


def _catch_everything(seconds: float) -> None:
    """Work for a while as a careless library does: whatever goes wrong, try again."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            sum(range(1000))
        except Exception:  # noqa: BLE001 (that is the point)
            continue


class Unportable(Exception):
    """An error that pickle cannot rebuild, as many libraries have them."""

    def __init__(self, text: str, number: int) -> None:
        super().__init__(f"{text} {number}")


def slowly(row: Row) -> list[Row]:
    """Return what the row asks for, after its `sleep`."""
    time.sleep(row.get("sleep", 0))
    return obey(row)


async def obey_in_time(row: Row) -> list[Row]:
    """Return what the row asks for, after its `sleep`, while others go on."""
    await asyncio.sleep(row.get("sleep", 0))
    return obey(row)


def obey_all(rows: Iterator[Row]) -> Iterable[Row]:
    """Return what each row asks for, with all rows seen by one function."""
    for row in rows:
        made = slowly(row)
        yield from made[:1]
        yield from map(stream.Added, made[1:])


def count_all(rows: Iterator[Row]) -> Iterable[Row]:
    """Absorb all rows into one."""
    yield {"n": sum(1 for _ in rows), "is": "a report"}


@dataclass(frozen=True)
class ProbeOptions:
    """How the rows are taken."""

    shape: str = field(default="map", metadata={"help": "map, fold, report or ask."})
    concurrency: int = field(default=16, metadata={"help": "For ask."})


def command(flow: stream.Flow, options: ProbeOptions) -> None:
    """Do with each row what it says.

    Example: python probe.py --shape map rows.jsonl
    """
    run(options.shape, flow, options.concurrency)


def run(shape: str, flow: stream.Flow, concurrency: int = 16) -> stream.Counts:
    """Run the stage that obeys its rows in one of the shapes."""
    match shape:
        case "map":
            return stream.map(slowly, Numbered, Numbered, flow)
        case "fold":
            return stream.fold(obey_all, Numbered, Numbered, flow)
        case "report":
            return stream.report(count_all, Numbered, Numbered, flow)
    return stream.ask(obey_in_time, Numbered, Numbered, flow, concurrency)


if __name__ == "__main__":
    sys.modules["syncode.commands.probe"] = sys.modules["__main__"]
    cli.COMMANDS["probe"] = "probe:command"
    sys.argv.insert(1, "probe")
    cli.main()

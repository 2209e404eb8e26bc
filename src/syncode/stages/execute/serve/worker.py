"""One worker of the server: rows come in on its line, results go out; the sandbox is its own."""

import socket
import traceback
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from syncode.sandbox import Sandbox
from syncode.schemas.records import Row
from syncode.schemas.wire import dumps, loads
from syncode.stages.execute.serve.frames import framed, receive
from syncode.stages.execute.serve.rows import BadRow, failure, readied, result
from syncode.stages.execute.stage import Bench, execute

READY = b"ready"
"""What a worker says first."""
ERROR = b"error_"
"""How the state begins that it reports of a row about which nothing is known."""
OPEN = 3
"""Sandboxes with a time limit of their own that a worker keeps open beside the usual one (chosen here)."""


def work(line: socket.socket, bench: Bench, say: Callable[[str], object]) -> None:
    """Answer orders `{"row", "options"}` until the line ends: each with the state, a newline, and the result as JSON."""
    benches = Benches(bench)
    try:
        line.sendall(framed(READY))
        while (order := receive(line)) is not None:
            asked = loads(order)
            made = answered(asked["row"], asked["options"], benches, say)
            line.sendall(framed(_kind(made) + b"\n" + dumps(made)))
    except ConnectionError:  # the server is gone
        return
    finally:
        benches.close()


def answered(row: Any, options: Mapping[str, Any], benches: "Benches", say: Callable[[str], object]) -> Row:
    """Return the result of a row. A fault of this program is an error of the row, too, and never its failure."""
    try:
        given, tasks = readied(row, benches.bench.tasks)
        bench = benches.of(options.get("timeout"), options.get("repeat"))
        return result(next(execute(given, replace(bench, tasks=tasks))), row, options)
    except BadRow as error:
        return failure(error.kind, str(error), row)
    except Exception as error:  # noqa: BLE001 (said in full, and the next row is run)
        say(f"a row could not be run because of a fault of syncode:\n{traceback.format_exc()}")
        return failure("internal", f"{type(error).__name__}: {error}", row)


def _kind(made: Row) -> bytes:
    """Return what counts say of a result: its state, or why there is none."""
    error = made.get("error")
    return ERROR + error["kind"].encode() if error else str(made["state"]).encode()


class Benches:
    """The bench of the server, and those of requests with a shorter time limit: limits belong to a sandbox."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self._others: OrderedDict[float, Sandbox] = OrderedDict()

    def of(self, seconds: float | None, repeat: int | None) -> Bench:
        """Return the bench for a time limit and a number of runs; None for those of the server."""
        bench = replace(self.bench, repeat=repeat or self.bench.repeat)
        isolation = bench.sandbox.isolation
        if seconds is None or seconds == isolation.limits.seconds:
            return bench
        if seconds not in self._others:
            limits = replace(isolation.limits, seconds=seconds)
            self._others[seconds] = Sandbox(replace(isolation, limits=limits), bench.sandbox.cache)
            if len(self._others) > OPEN:
                self._others.popitem(last=False)[1].close()
        self._others.move_to_end(seconds)
        return replace(bench, sandbox=self._others[seconds])

    def close(self) -> None:
        """End all sandboxes of this process."""
        for sandbox in (self.bench.sandbox, *self._others.values()):
            sandbox.close()

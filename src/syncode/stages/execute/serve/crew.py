"""The workers as the server sees them: each slot hands one row at a time to its worker, and hires another when it is gone."""

import asyncio
import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass

from syncode.schemas.wire import dumps, loads
from syncode.stages.execute.serve.batches import Batch, Waiting
from syncode.stages.execute.serve.frames import HEADER, framed
from syncode.stages.execute.serve.metrics import Metrics
from syncode.stages.execute.serve.rows import Kind, failure
from syncode.stages.execute.serve.worker import ERROR
from syncode.stream.nursery import Nursery

RECYCLE = 5000
"""Rows after which a worker is replaced: what it has learned about tests is kept in memory (chosen here)."""
HELD = 64 << 20
"""Bytes of results that may wait for the end of their requests; beyond that results come without outputs and single tests, with
`cut` (chosen here)."""
PAUSE = 0.2
"""Seconds before a worker is hired in place of one that died without an answer; doubled each time, up to `PAUSE_MOST`."""
PAUSE_MOST = 5.0
BUFFER = 1 << 20
"""Bytes of a result that are read ahead (chosen here)."""
START_SECONDS = 60.0
"""How long a worker may take to say that it is ready (chosen here; measured: 10 ms)."""


@dataclass(frozen=True)
class _Line:
    """The line to one worker."""

    number: int
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def receive(self) -> bytes:
        """Return the next message; IncompleteReadError or ConnectionError if the worker is gone."""
        size = HEADER.unpack(await self.reader.readexactly(HEADER.size))[0]
        return await self.reader.readexactly(size)


class Crew:
    """The slots, of which each has a worker."""

    def __init__(self, nursery: Nursery, waiting: Waiting, metrics: Metrics) -> None:
        self._nursery = nursery
        self._waiting = waiting
        self._metrics = metrics
        self._numbers = itertools.count()
        self.up = asyncio.Event()

    async def run(self, slots: int, say: Callable[[str], object]) -> None:
        """Work until cancelled. EngineError if no worker can be started any more."""
        tasks = [asyncio.create_task(self._slot(say)) for _ in range(slots)]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()

    async def _slot(self, say: Callable[[str], object]) -> None:
        pause = 0.0
        while True:
            await asyncio.sleep(pause)
            number = next(self._numbers)
            reader, writer = await asyncio.open_connection(sock=self._nursery.hire(number), limit=BUFFER)
            try:
                answers, why = await self._employ(_Line(number, reader, writer))
            finally:
                writer.transport.abort()
            if not why:
                self._metrics.recycled += 1
                pause = 0.0
                continue
            self._metrics.deaths += 1
            pause = 0.0 if answers else min(PAUSE_MOST, max(PAUSE, 2 * pause))
            say(f"{why}; another one is started")

    async def _employ(self, line: _Line) -> tuple[int, str]:
        """Give rows to a worker until it is replaced; return how many it has answered, and why it is gone if it is."""
        try:
            async with asyncio.timeout(START_SECONDS):
                await line.receive()
        except (TimeoutError, asyncio.IncompleteReadError, ConnectionError):
            self._nursery.kill(line.number)
            return 0, "a worker did not start"
        self._metrics.workers += 1
        self.up.set()
        try:
            for answers in range(RECYCLE):
                if why := await self._next(line):
                    return answers, why
            return RECYCLE, ""
        finally:
            self._metrics.workers -= 1
            if not self._metrics.workers:
                self.up.clear()

    async def _next(self, line: _Line) -> str:
        """Have one row run; return why the worker is gone, empty if it is not."""
        batch, number = await self._row_or_end(line)
        if batch is None:
            return "a worker died while it had nothing to do"
        slim = b',"slim":true' if self._waiting.result_bytes > HELD else b""
        order = b'{"options":{%b%b},"row":%b}' % (batch.options, slim, batch.rows[number])
        began = time.monotonic()
        self._metrics.running += 1
        try:
            async with self._waiting.running(batch):
                line.writer.write(framed(order))
                await line.writer.drain()
                state, _, result = (await line.receive()).partition(b"\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            return self._lost(batch, number, "the worker that ran it died")
        except TimeoutError:
            self._nursery.kill(line.number)
            return self._lost(batch, number, "the worker that ran it went on long after the end of its request")
        finally:
            self._metrics.running -= 1
        self._metrics.ran(state.decode(), time.monotonic() - began)
        self._waiting.give(batch, number, result, decided=not state.startswith(ERROR))
        return ""

    async def _row_or_end(self, line: _Line) -> tuple[Batch | None, int]:
        """Return the next row, or None as soon as the worker is gone; a row is not handed to a dead one."""
        row = asyncio.ensure_future(self._waiting.take())
        end = asyncio.ensure_future(line.reader.read(1))
        try:
            await asyncio.wait((row, end), return_when=asyncio.FIRST_COMPLETED)
            if not end.done():
                return row.result()
            if row.done():
                self._waiting.put_back(*row.result())
            return None, -1
        finally:
            end.cancel()
            row.cancel()
            await asyncio.wait((row, end))

    def _lost(self, batch: Batch, number: int, why: str) -> str:
        self._metrics.states["error_worker"] += 1
        self._waiting.give(batch, number, failed("worker", why, batch.rows[number]), decided=False)
        return why.replace("the worker that ran it", "a worker")


def failed(kind: Kind, why: str, row: bytes) -> bytes:
    """Return the result of a row about which nothing is known, as JSON."""
    return dumps(failure(kind, why, loads(row)))

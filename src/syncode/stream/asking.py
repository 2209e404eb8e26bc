"""The shape that talks to a model: every row advances on its own, a bounded window is in flight, output keeps input order."""

import asyncio
import contextlib
import threading
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from syncode.errors import BudgetReached, DataError, EngineError
from syncode.schemas.check import checker
from syncode.schemas.records import Row
from syncode.storage import Chunk, meter
from syncode.stream import rows as edges
from syncode.stream.counts import Account, Counts
from syncode.stream.flow import Flow
from syncode.stream.reading import Parsed, Reader, reader
from syncode.stream.reads import Reads
from syncode.stream.rows import Done
from syncode.stream.run import packed, sources
from syncode.stream.signals import ending_orderly
from syncode.stream.sink import Sink

AskStage = Callable[[Row], Awaitable[list[Row]]]
Records = tuple[Reads | type | None, type | None]
Alarm = asyncio.Future[BaseException]

WINDOW = 4  # rows in flight for each request in flight: a slow row must not starve the others (chosen here)
GRAIN = 64  # lines read ahead at once (chosen here)


@dataclass(frozen=True)
class Load:
    """How many requests may be in flight, and the account that is kept of them.

    `halts` are called when a signal ends the run: each sends no request any more and waits, for a bounded time, until those that
    are out are kept. `rounds` says that the next rows depend on what came of those before: none is held back.
    """

    concurrency: int = 16
    account: Account | None = None
    halts: tuple[Callable[[], Awaitable[None]], ...] = ()
    rounds: bool = False


@dataclass
class _Flight:
    """A row on its way: where it stands, its line, and its task; None for one that the stage does not see."""

    at: str
    line: bytes
    parsed: Parsed
    task: "asyncio.Task[list[Row]] | None" = None

    def landed(self) -> bool:
        """Whether the row can be written now."""
        return self.task is None or self.task.done()


def ask(
    stage: AskStage,
    reads: Reads | type | None,
    writes: type | None,
    flow: Flow,
    load: Load | int = 16,
    rows: Iterable[Row] | None = None,
) -> Counts:
    """Run an async row -> rows stage with at most `WINDOW` rows in flight per request, and write rows in input order.

    `rows` replaces the sources where the input is not a record file; it is iterated in a thread.

    An EngineError ends the run at once. When the budget is reached or a line is bad, requests in flight finish first
    (they are paid for, and the journal keeps them), and rows that need no further one are still written to a pipe. Ctrl-C and
    SIGTERM call `load.halts` first; the second of them ends the run at once.
    Where single rows failed for good at the engine, all others are written, and an EngineError says so at the end: a shell
    script must not take the output for complete.
    """
    load = load if isinstance(load, Load) else Load(load)
    grain = 1 if load.rounds else GRAIN
    chunks = edges.chunks(sources(flow), flow.limit, grain) if rows is None else packed(rows, flow.limit, grain)
    with Sink(flow, writes, reads, total=meter.total(flow.source) if rows is None else 0) as sink:
        sink.counts.account = load.account
        if (stopped := asyncio.run(_until_a_signal(stage, (reads, writes), chunks, sink, load))) is not None:
            raise stopped
    if sink.counts.failed:
        raise EngineError(
            f"{sink.counts.failed} row{'s' * (sink.counts.failed > 1)} failed at the engine (the last one: {sink.last_failure}); "
            "everything else is written, and the same command run again asks for them"
        )
    return sink.counts


async def _until_a_signal(
    stage: AskStage, records: Records, chunks: Iterator[Chunk], sink: Sink, load: Load
) -> BaseException | None:
    """Return what a signal ends the run with, None at its own end."""
    alarm: Alarm = asyncio.get_running_loop().create_future()
    with ending_orderly(alarm) if load.halts else contextlib.nullcontext():
        return await _run(stage, records, chunks, sink, load, alarm)


async def _run(
    stage: AskStage, records: Records, chunks: Iterator[Chunk], sink: Sink, load: Load, alarm: Alarm
) -> BaseException | None:
    window = WINDOW * load.concurrency
    lines = _Lines(chunks, window)
    reads, writes = records
    read, check_out = reader(reads), checker(writes) if writes else None
    flights: deque[_Flight] = deque()
    try:
        while True:
            while len(flights) < window and (pulled := lines.pull()):
                flights.append(_launch(stage, read, alarm, *pulled))
            while flights and flights[0].landed():
                _land(flights.popleft(), check_out, sink)
            if not flights and lines.ended:
                return None
            waiting: list[asyncio.Future[Any]] = [flights[0].task] if flights and flights[0].task else []
            if len(flights) < window and not lines.ended:
                waiting.append(lines.more())
            if waiting:
                await asyncio.wait([*waiting, alarm], return_when=asyncio.FIRST_COMPLETED)
            if alarm.done():
                return await _alarmed(alarm.result(), load)
    except (BudgetReached, DataError):
        await _land_the_rest(flights, check_out, sink)
        raise
    finally:
        lines.close()
        tasks = [flight.task for flight in flights if flight.task]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _alarmed(error: BaseException, load: Load) -> BaseException:
    """Return what a signal ends the run with, once what is out is kept; raise an error of the engine."""
    if not isinstance(error, KeyboardInterrupt):
        raise error
    await asyncio.gather(*(halt() for halt in load.halts))
    return error


def _launch(stage: AskStage, read: Reader, alarm: Alarm, at: str, line: bytes) -> _Flight:
    """Start a row on its way. An engine that is gone sets `alarm`, whichever row notices: the oldest may wait long."""
    parsed = read(line)
    if not parsed.taken:
        return _Flight(at, line, parsed)
    task = asyncio.ensure_future(stage(parsed.row))

    def landed(task: "asyncio.Task[list[Row]]") -> None:
        error = None if task.cancelled() else task.exception()
        if isinstance(error, EngineError) and not alarm.done():
            alarm.set_result(error)

    task.add_done_callback(landed)
    return _Flight(at, line, parsed, task)


def _land(flight: _Flight, check: Any, sink: Sink) -> None:
    done = Done(read=1)
    if flight.task is None:
        done.turn_away(flight.parsed, flight.at, flight.line, sink.strict)
    else:
        count = done.take(flight.task.result(), check)
        if count == 0:
            raise ValueError("the stage returned no row: a row that is not wanted is returned with `drop`")
        done.added = count - 1
    sink.take(done)


async def _land_the_rest(flights: deque[_Flight], check: Any, sink: Sink) -> None:
    """Let requests in flight finish (they are paid), and write each row that needs no further one."""
    tasks = [flight.task for flight in flights if flight.task]
    await asyncio.gather(*tasks, return_exceptions=True)
    while flights:
        flight = flights.popleft()
        if flight.task and flight.task.exception() is None:
            _land(flight, check, sink)


class _Lines:
    """Lines from a thread: a slow pipe must not stall replies in flight, and replies must not let lines pile up."""

    def __init__(self, chunks: Iterator[Chunk], window: int) -> None:
        self.ended = False
        self._loop = asyncio.get_running_loop()
        self._ready: deque[tuple[str, bytes]] = deque()
        self._handed: deque[Any] = deque()
        self._news = asyncio.Event()
        self._more: asyncio.Task[Any] | None = None
        self._room = threading.Semaphore(max(2, window // GRAIN))  # chunks read ahead
        threading.Thread(target=self._read, args=(chunks,), daemon=True).start()

    def _read(self, chunks: Iterator[Chunk]) -> None:
        try:
            for chunk in chunks:
                self._room.acquire()
                self._hand(chunk)
            self._hand(None)
        except BaseException as error:  # noqa: BLE001 (raised again by `pull`)
            self._hand(error)

    def _hand(self, item: Any) -> None:
        self._handed.append(item)
        with contextlib.suppress(RuntimeError):  # the loop is closed: the run is over
            self._loop.call_soon_threadsafe(self._news.set)

    def pull(self) -> tuple[str, bytes] | None:
        """Return the next line and where it stands, None if there is none now (or no more: `ended`)."""
        while not self._ready and self._handed and not self.ended:
            chunk = self._handed.popleft()
            if isinstance(chunk, BaseException):
                raise chunk
            if chunk is None:
                self.ended = True
                return None
            self._room.release()
            numbered = enumerate(chunk.lines, chunk.first)
            self._ready.extend((chunk.at(number), line) for number, line in numbered if line.strip())
        return self._ready.popleft() if self._ready else None

    def more(self) -> asyncio.Task[Any]:
        """Return a task that is done when there may be something to pull. Call it only after `pull` gave nothing."""
        if self._more is None or self._more.done():
            self._news.clear()
            if self._handed:
                self._news.set()
            self._more = asyncio.create_task(self._news.wait())
        return self._more

    def close(self) -> None:
        """Stop waiting for lines."""
        if self._more:
            self._more.cancel()

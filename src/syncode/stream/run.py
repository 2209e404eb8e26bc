"""The shapes that need no model: map, fold, report, emit."""

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import islice
from typing import TypeVar

from syncode import storage
from syncode.errors import DataError, UsageError
from syncode.schemas.check import checker
from syncode.schemas.records import Row
from syncode.schemas.wire import dumps
from syncode.storage import meter
from syncode.stream import rows as edges
from syncode.stream.counts import Added, Balance, Counts
from syncode.stream.flow import Flow
from syncode.stream.reading import reader
from syncode.stream.reads import Reads
from syncode.stream.rows import Done, Stage
from syncode.stream.sink import Sink
from syncode.stream.workers import ordered

GRAIN = 256  # rows handed to a worker at once (chosen here)
AHEAD = (
    4096  # rows for each worker that may be done before the oldest is: 10 s of programs that take 3 ms (chosen here)
)

Rows = Callable[[Iterator[Row]], Iterable[Row]]
Result = TypeVar("Result")


def sources(flow: Flow) -> tuple[str, ...]:
    """Return the sources to read: stdin if none is named. Raises UsageError if stdin is a person's terminal."""
    if not flow.source and (sys.stdin is None or sys.stdin.isatty()):
        raise UsageError("nothing to read: name a SOURCE, or pipe rows into stdin")
    return flow.source or (storage.STDIN,)


def map(  # noqa: A001 (the shape's name, always used as stream.map)
    stage: Stage,
    reads: Reads | type | None,
    writes: type | None,
    flow: Flow,
    rows: Iterable[Row] | None = None,
    grain: int = GRAIN,
) -> Counts:
    """Run a pure row -> rows stage in `flow.workers` processes; output order is input order.

    `rows` replaces the sources where the input is not a record file (a folder to crawl). `grain` is the number of rows that a
    worker gets at once: 1 where a row takes long. A row that kills its worker is found, dropped as `worker.died` and reported.
    """
    chunks = edges.chunks(sources(flow), flow.limit, grain) if rows is None else packed(rows, flow.limit, grain)
    with Sink(flow, writes, reads, total=meter.total(flow.source) if rows is None else 0) as sink:
        strict = sink.strict
        work = partial(edges.apply, stage, reads, writes, strict=strict)
        _taken(sink, ordered(work, chunks, flow.workers, ahead=max(2, AHEAD // grain)))
    return sink.counts


def _taken(sink: Sink, made: Iterable[Done]) -> None:
    """Write all that is made. A function of its own, so that no name holds the last rows, which may be long, to the end."""
    for done in made:
        sink.take(done)


def packed(rows: Iterable[Row], limit: int | None, grain: int) -> Iterator[storage.Chunk]:
    """Yield rows that do not come from a record file as chunks of lines."""
    lines: list[bytes] = []
    first = 1
    for number, row in enumerate(rows, 1):
        if limit is not None and number > limit:
            break
        lines.append(dumps(row))
        if len(lines) == grain:
            yield storage.Chunk("<items>", first, lines)
            first, lines = number + 1, []
    if lines:
        yield storage.Chunk("<items>", first, lines)


def fold(stage: Rows, reads: Reads | type | None, writes: type | None, flow: Flow) -> Counts:
    """Run a stateful rows -> rows stage: each row that it takes comes out once, written or dropped, and no other.

    A row that the stage makes anew is declared: `yield Added(row)`. Rows that are merged into another one are dropped, with a
    rule that says so. A stage that loses, doubles or exchanges a row, or stops before the last one, is a bug (AssertionError).
    """
    balance = Balance()
    with Sink(flow, writes, reads, total=meter.total(flow.source)) as sink:
        with _given(reads, flow, sink, balance.came) as rows:
            for row in stage(rows):
                balance.went(row)
                sink.take(_made(row, writes, added=isinstance(row, Added)))
        sink.counts.check()
        balance.check()
    return sink.counts


def report(stage: Rows, reads: Reads | type | None, writes: type | None, flow: Flow) -> Counts:
    """Run a stage that absorbs its rows into a few others, such as a table of scores.

    A row counts as absorbed when the stage asks for the next one. A stage that stops before the last one is a bug
    (AssertionError).
    """
    with Sink(flow, writes, reads, total=meter.total(flow.source)) as sink, _given(reads, flow, sink) as rows:
        for row in stage(rows):
            sink.take(_made(row, writes, added=True))
    return sink.counts


def absorb(stage: Callable[[Iterator[Row]], Result], flow: Flow, reads: Reads | None = None) -> Result:
    """Return what a stage makes of all rows, if that is not rows: what `write_text` writes is made of it."""
    storage.refuse_binary_name(flow.output)
    with Sink(flow, None, reads, total=meter.total(flow.source), rows=False) as sink, _given(reads, flow, sink) as rows:
        return stage(rows)


def emit(rows: Iterable[Row], writes: type | None, flow: Flow, grain: int = GRAIN) -> Counts:
    """Write rows that are made of nothing but a seed, a file or a table; `--limit` is how many.

    `grain` rows are written at once: 1 for rows that come slowly.
    """
    with Sink(flow, writes) as sink:
        sink.counts.reads = False
        made = islice(rows, flow.limit)
        while some := list(islice(made, grain)):
            done = Done()
            for row in some:
                done.extend(_made(row, writes, added=True))
            sink.take(done)
    return sink.counts


def _made(row: Row, writes: type | None, *, added: bool) -> Done:
    done = Done(added=int(added))
    done.take([row], checker(writes) if writes else None)
    return done


@contextmanager
def _given(
    reads: Reads | type | None, flow: Flow, sink: Sink, came: Callable[[Row], None] | None = None
) -> Iterator[Iterator[Row]]:
    """Yield the rows of the sources for a stage that takes in all of them; AssertionError where it did not.

    `came` gets each row that is handed over. Without it rows are absorbed: counted when the stage asks for the next one.
    """
    read = reader(reads, carry=came is not None)
    place = edges.Place()

    def incoming() -> Iterator[Row]:
        for chunk in edges.chunks(sources(flow), flow.limit, GRAIN):
            for number, line in enumerate(chunk.lines, chunk.first):
                if not line.strip():
                    continue
                parsed = read(line)
                done = Done(read=1)
                if not parsed.taken:
                    done.turn_away(parsed, chunk.at(number), line, sink.strict)
                sink.take(done)
                if not parsed.taken:
                    continue
                place.at = chunk.at(number)
                if came is None:
                    yield parsed.row
                    sink.counts.absorbed += 1
                else:
                    came(parsed.row)
                    yield parsed.row
        place.at = None

    rows = incoming()
    with _unless_all_dropped(sink.counts), place.named():
        yield rows
        if next(rows, None) is not None:
            raise AssertionError("rows do not add up: the stage stopped before the last row")


@contextmanager
def _unless_all_dropped(counts: Counts) -> Iterator[None]:
    """Say that all rows are dropped where a stage that has seen none finds nothing to work on."""
    try:
        yield
    except DataError as error:
        if counts.read and counts.dropped.total() == counts.read:
            rules = ", ".join(f"{rule} {count}" for rule, count in sorted(counts.dropped.items()))
            raise DataError(f"no row can be used ({counts.read} read): all of them are dropped ({rules})") from error
        raise


def write_text(text: str, flow: Flow) -> None:
    """Write a report for people (a table, a page) to `flow.output` or stdout, whole or not at all."""
    storage.refuse_binary_name(flow.output)
    writer = storage.open_text(flow.output)
    try:
        writer.write([text.rstrip("\n").encode()])
    except BaseException:
        writer.abort()
        raise
    writer.commit()

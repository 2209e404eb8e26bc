"""The shapes that need no model: map, fold, report."""

import sys
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import islice
from typing import TypeVar

from syncode import storage
from syncode.errors import UsageError
from syncode.schemas.check import checker
from syncode.schemas.records import Row
from syncode.schemas.wire import dumps
from syncode.stream import rows as edges
from syncode.stream.counts import Counts
from syncode.stream.flow import Flow
from syncode.stream.rows import Done, Reads, Stage
from syncode.stream.sink import Sink
from syncode.stream.workers import ordered

GRAIN = 256  # rows handed to a worker at once; ours
AHEAD = 4096  # rows for each worker that may be done before the oldest is: 10 s of programs that take 3 ms; ours

Rows = Callable[[Iterator[Row]], Iterable[Row]]
Result = TypeVar("Result")


def sources(flow: Flow) -> tuple[str, ...]:
    """Return the sources to read: stdin where none is named. Raises UsageError where stdin is a person's terminal."""
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
    with Sink(flow, writes, reads) as sink:
        strict = sink.strict
        work = partial(edges.apply, stage, reads, writes, strict=strict)
        for done in ordered(work, chunks, flow.workers, ahead=max(2, AHEAD // grain)):
            sink.take(done)
    return sink.counts


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
    """Run a stateful rows -> rows stage; every row read is written, dropped or the run fails."""
    with Sink(flow, writes, reads) as sink:
        _through(stage, (reads, writes), flow, sink)
        gone = sink.counts.written + sink.counts.dropped.total() + sink.counts.failed
        sink.counts.added = max(0, gone - sink.counts.read)
    return sink.counts


def report(stage: Rows, reads: Reads | type | None, writes: type | None, flow: Flow) -> Counts:
    """Run a stage that absorbs its rows into a few others, such as a table of scores."""
    with Sink(flow, writes, reads) as sink:
        _through(stage, (reads, writes), flow, sink)
        sink.counts.absorbed = sink.counts.read
        sink.counts.added = sink.counts.written + sink.counts.dropped.total() + sink.counts.failed
    return sink.counts


def absorb(stage: Callable[[Iterator[Row]], Result], flow: Flow, reads: Reads | None = None) -> Result:
    """Return what a stage makes of all rows, where that is no rows. Raises DataError with `file:line` for a row that is wrong."""
    place = edges.Place()
    rows = edges.read(sources(flow), reads, place)
    with place.named():
        return stage(islice(rows, flow.limit))


def _through(stage: Rows, records: tuple[Reads | type | None, type | None], flow: Flow, sink: Sink) -> None:
    reads, writes = records
    read, check_out = edges.reader(reads), checker(writes) if writes else None
    place = edges.Place()

    def incoming() -> Iterator[Row]:
        for chunk in edges.chunks(sources(flow), flow.limit, GRAIN):
            for number, line in enumerate(chunk.lines, chunk.first):
                if not line.strip():
                    continue
                parsed = read(line)
                done = Done(read=1)
                if parsed.wrong:
                    done.refuse(edges.Bad(f"{chunk.source}:{number}", parsed.wrong, line), sink.strict)
                elif not parsed.taken:
                    done.set_aside(parsed, reads)
                sink.take(done)
                if parsed.taken:
                    place.at = chunk.source, number
                    yield parsed.row
        place.at = None

    with place.named():
        for row in stage(incoming()):
            done = Done()
            done.take([row], check_out, (row, b""))
            sink.take(done)


def write_text(text: str, flow: Flow) -> None:
    """Write a report for people (a table, a page) to `flow.output` or stdout, whole or not at all."""
    writer = storage.open_writer(flow.output)
    try:
        writer.write([text.rstrip("\n").encode()])
    except BaseException:
        writer.abort()
        raise
    writer.commit()

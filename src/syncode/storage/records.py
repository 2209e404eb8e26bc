"""Reads the rows of a source as chunks of raw lines of JSON, whatever the source holds.

The lines of JSONL are handed on as they are, so that a stage in another process can do the parsing.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import SEEK_END, BytesIO

from syncode.errors import DataError
from syncode.schemas.records import RECORDS, Row
from syncode.schemas.wire import dumps, loads
from syncode.storage import meter
from syncode.storage.containers import (
    Blocks,
    Damaged,
    as_utf8,
    open_source,
    printable,
    refuse_what_holds_no_rows,
    with_newlines,
)
from syncode.storage.forms import form_of
from syncode.storage.shards import STDIN, files_of
from syncode.storage.values import NotSplit, Splitter, split


@dataclass(frozen=True)
class Chunk:
    """Rows that follow each other in one source, each as one line of JSON without newline; `first` is the number of the first.

    The number is that of the line in the source (1, ...); a row over several lines is followed by blank ones. With `starts`,
    where several rows may share a line, it is that of the element, and `starts` are the lines on which they begin.
    """

    source: str
    first: int
    lines: list[bytes]
    starts: list[int] | None = None

    def at(self, number: int) -> str:
        """Return where a row stands, for people."""
        if self.starts is None:
            return f"{self.source}:{number}"
        return f"{self.source}:{self.starts[number - self.first]}: element {number}"

    def part(self, start: int, stop: int) -> "Chunk":
        """Return the lines of a slice as a chunk."""
        starts = None if self.starts is None else self.starts[start:stop]
        return Chunk(self.source, self.first + start, self.lines[start:stop], starts)


def read_chunks(source: str) -> Iterator[Chunk]:
    """Yield the rows of a file, of stdin (`-`), or of the files of a folder or a quoted pattern, in order.

    What a file holds is recognised by its first bytes (docs/files.md). A pipe is read as it fills: what is there is handed on at
    once. Raises DataError for a missing or damaged file, after what stands before the damage.
    """
    for file in [STDIN] if source == STDIN else files_of(source):
        for chunk in _rows_of(file):
            meter.hand_on(len(chunk.lines))
            yield chunk


def read_text(source: str) -> str:
    """Return the whole text of a file or of stdin (`-`): a table for people, which is small. Raises DataError."""
    place = _Place("<stdin>" if source == STDIN else printable(source))
    with place.named():
        blocks = open_source(source)
        refuse_what_holds_no_rows(place.name, blocks)
        content = b"".join(with_newlines(as_utf8(blocks)))
        try:
            return content.decode()
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            raise DataError(f"{place.name}:{line}: not UTF-8 ({error}): save the table as UTF-8") from error


def _rows_of(source: str) -> Iterator[Chunk]:
    name = "<stdin>" if source == STDIN else printable(source)
    place = _Place(name)
    with place.named():
        blocks = open_source(source)
        head = blocks.head(4)
        if _is_columnar(name, head):
            from syncode.storage.parquet.read import read_columns

            yield from (Chunk(name, first, lines) for first, lines in read_columns(source, name, blocks))
            return
        refuse_what_holds_no_rows(name, blocks)
        blocks = with_newlines(as_utf8(blocks))
        form = form_of(name, blocks)
        if form == "values":
            chunks = _values(blocks, place)
        elif form == "table":
            chunks = _table(blocks, place)
        else:
            chunks = _lines(blocks, place)
        yield from chunks if form == "table" or blocks.head(1) == b"[" else _unwrapped(chunks)


def _is_columnar(name: str, head: bytes) -> bool:
    if head in (b"PAR1", b"ARRO", b"\xff\xff\xff\xff"):  # the last one: the stream that `datasets` saves
        return True
    return name.endswith(".parquet") and head.lstrip()[:1] not in (b"{", b"[")


class _Place:
    """The line that is read next, named where reading fails."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.line = 1

    @contextmanager
    def named(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            where = f"{self.name}:{self.line}" if error.filename is None else self.name  # which only opening it says
            raise DataError(f"{where}: {error.strerror or error}") from error
        except Damaged as error:
            raise DataError(f"{self.name}:{self.line}: {error}") from error
        except NotSplit as error:
            raise DataError(f"{self.name}:{error.line}: {error}") from error


def _lines(blocks: Blocks, place: _Place) -> Iterator[Chunk]:
    rest = (
        BytesIO()
    )  # a line that has not ended: its pieces are joined once, however long it gets, and never held twice
    for block in blocks:
        lines = block.split(b"\n")
        if len(lines) == 1:
            rest.write(block)
            continue
        rest.write(lines[0])
        lines[0] = rest.getvalue()
        rest = _ended(lines.pop())
        chunk = Chunk(place.name, place.line, lines)
        place.line += len(lines)
        del lines
        yield chunk
        del chunk  # a long line must not stay here while the next one is read
    if rest.tell():
        yield Chunk(place.name, place.line, [rest.getvalue()])


def _ended(text: bytes) -> BytesIO:
    """Return the text as a file that stands at its end."""
    file = BytesIO(text)
    file.seek(0, SEEK_END)
    return file


def _values(blocks: Blocks, place: _Place) -> Iterator[Chunk]:
    splitter = Splitter()
    first = 1
    for found in split(blocks, splitter):
        place.line = splitter.line
        yield Chunk(place.name, first, [value for _, value in found], [line for line, _ in found])
        first += len(found)


def _table(blocks: Blocks, place: _Place) -> Iterator[Chunk]:
    from syncode.storage.tables import table_rows

    waiting = 0  # lines of the chunk that is read now: when they are used up, what there is of rows is handed on

    def numbered() -> Iterator[tuple[int, bytes]]:
        nonlocal waiting
        for chunk in _lines(blocks, place):
            waiting = len(chunk.lines)
            for number, line in enumerate(chunk.lines, chunk.first):
                waiting -= 1
                yield number, line

    lines: list[bytes] = []
    first = None
    for begun, last, row in table_rows(numbered(), place.name):
        first = first or begun
        lines += [b""] * (begun - first - len(lines)) + [row] + [b""] * (last - begun)
        if not waiting:
            yield Chunk(place.name, first, lines)
            first, lines = None, []
    if first:
        yield Chunk(place.name, first, lines)


_AROUND = ("data", "rows", "examples", "instances", "records")
_WRAPS = re.compile(rb'"(%s)"\s*:\s*\[\s*\{' % "|".join(_AROUND).encode())
"""How a file begins that is one object around all rows: a dump of a web API, SQuAD's form, the hub's viewer."""
_WRAPS_WITHIN = 1 << 16  # bytes before the list of rows: the viewer's description of the columns (chosen here)
_OF_THE_WHOLE = {
    *("version", "status", "object", "format", "schema", "revision", "count", "total", "date", "created", "updated"),
    *("dataset", "config", "split", "subset", "license", "licence", "homepage", "citation"),
    *("next", "previous", "prev", "cursor", "token", "next_token", "next_page"),
}
"""Texts beside a list of rows that say something of all of them: of a file, or of a page of a web API (chosen here)."""
_KEYS_OF_ROWS = {key for record in RECORDS.values() for key in record.__annotations__} | {
    "conversations", "conversation", "instruction", "prompt", "question", "completion", "output", "content",
}  # fmt: skip


def _unwrapped(chunks: Iterator[Chunk]) -> Iterator[Chunk]:
    """Yield the rows inside the object where a source is one object around a list of them, else the chunks as they are."""
    kept: list[Chunk] = []
    for chunk in chunks:
        kept.append(chunk)
        rows = [line for each in kept for line in each.lines if line.strip()]
        if len(rows) > 1 or any(not _WRAPS.search(row, 0, _WRAPS_WITHIN) for row in rows):
            break
    else:
        yield from _inside(kept)
        return
    del chunk
    while kept:
        yield kept.pop(0)
    yield from chunks


def _inside(chunks: list[Chunk]) -> Iterator[Chunk]:
    for chunk in chunks:
        for index, line in enumerate(chunk.lines):
            rows = _rows_inside(line) if line.strip() else None
            number = chunk.starts[index] if chunk.starts else chunk.first + index
            yield Chunk(chunk.source, 1, rows, [number] * len(rows)) if rows else chunk.part(index, index + 1)


def _is_list_of_objects(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(each, dict) for each in value)


def _rows_inside(line: bytes) -> list[bytes] | None:
    """Return the rows inside an object around them; None if it is a row itself, or no JSON.

    A row may well hold a list of objects: the examples of a problem, beside its title. What says more than a file or a page says
    of its rows is a row.
    """
    try:
        whole = loads(line)
    except ValueError:
        return None
    if not isinstance(whole, dict) or not _KEYS_OF_ROWS.isdisjoint(whole):
        return None
    if any(isinstance(value, str) and key not in _OF_THE_WHOLE for key, value in whole.items()):
        return None
    lists = [value for key, value in whole.items() if key in _AROUND and _is_list_of_objects(value)]
    if len(lists) != 1:
        return None
    rows: list[Row] = lists[0]
    if all(isinstance(row.get("row"), dict) and "row_idx" in row for row in rows):  # the viewer's form
        rows = [row["row"] for row in rows]
    return [dumps(row) for row in rows]

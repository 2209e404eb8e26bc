"""The rows of a published file as they stand in it, each with its place, and the step from one of them to a Task row."""

import json
import re
from collections.abc import Iterable, Iterator

from syncode import storage
from syncode.errors import DataError
from syncode.schemas.records import Row, dropped
from syncode.schemas.wire import dumps
from syncode.stages.tasks.readers import Read

_ITEM = re.compile(r"[^\s,]")  # the next character that is neither blank nor the comma between two items


def published(sources: Iterable[str]) -> Iterator[Row]:
    """Yield `{at, text}` for each row of JSONL (.gz, .zst), Parquet or JSON-array files: `file:line` and its JSON text.

    The text is not parsed here, except where a whole file is one array (MBPP's sanitized file): benchmarks hold integers
    beyond 64 bits, which the fast parser of the record files would turn into floats.
    """
    for source in sources:
        chunks = storage.read_chunks(source)
        is_array = None
        for chunk in chunks:
            lines = [(number, line) for number, line in enumerate(chunk.lines, chunk.first) if line.strip()]
            if is_array is None and lines:
                is_array = lines[0][1].lstrip().startswith(b"[")
            if is_array:
                rest = [line for later in chunks for line in later.lines]
                yield from _array(chunk.source, _text(b"\n".join([*chunk.lines, *rest])), chunk.first)
            else:
                yield from ({"at": f"{chunk.source}:{number}", "text": _text(line)} for number, line in lines)


def _text(line: bytes) -> str:
    """Bytes that are no UTF-8 become an escape that JSON does not know, so that the row is refused where it stands."""
    return line.decode("utf-8", "backslashreplace")


def _array(source: str, text: str, line: int) -> Iterator[Row]:
    """Yield the items of a text that is one JSON array and begins at `line`. Raises DataError if it is not."""
    decoder = json.JSONDecoder()
    position, counted = text.index("[") + 1, 0
    while True:
        position = _behind_blanks(text, position)
        line, counted = line + text.count("\n", counted, position), position
        if text[position : position + 1] == "]":
            return
        try:
            _, end = decoder.raw_decode(text, position)
        except ValueError as error:
            raise DataError(f"{source}:{line}: not a JSON array of objects ({error})") from error
        yield {"at": f"{source}:{line}", "text": text[position:end]}
        position = end


def _behind_blanks(text: str, position: int) -> int:
    found = _ITEM.search(text, position)
    return found.start() if found else len(text)


def to_task(raw: Row, read: Read, *, strict: bool) -> list[Row]:
    """Return the Task row of one published row.

    A row that is not in the format raises DataError with `file:line`, or is returned as dropped where `strict` is off.
    """
    try:
        row = _writable(read(_parsed(raw["text"])))
    except DataError as error:
        if strict:
            raise DataError(f"{raw['at']}: {error}") from error
        return [dropped({"at": raw["at"], "line": raw["text"]}, "tasks.format", str(error))]
    return [{"id": row["id"], **row}]


def _parsed(text: str) -> Row:
    try:
        row = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DataError(f"not JSON ({error})") from error
    if not isinstance(row, dict):
        raise DataError("not a JSON object")
    return row


def _writable(row: Row) -> Row:
    """Return the row as it is. Python's parser takes more than JSON has: half of a surrogate pair, NaN."""
    try:
        dumps(row)
    except ValueError as error:
        raise DataError(f"it holds what JSON cannot ({error})") from error
    return row

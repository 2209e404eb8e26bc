"""The rows of a published file as they stand in it, each with its place, and the step from one of them to a Task row."""

import json
from collections.abc import Iterable, Iterator

from syncode import storage
from syncode.errors import DataError
from syncode.schemas.records import Row, dropped
from syncode.schemas.wire import dumps
from syncode.stages.tasks.readers import Read


def published(sources: Iterable[str]) -> Iterator[Row]:
    """Yield `{at, text}` for each row of some files in any form: `file:line` and its JSON text, which is not parsed here."""
    for source in sources:
        for chunk in storage.read_chunks(source):
            lines = enumerate(chunk.lines, chunk.first)
            yield from ({"at": chunk.at(number), "text": _text(line)} for number, line in lines if line.strip())


def _text(line: bytes) -> str:
    """Bytes that are no UTF-8 become an escape that JSON does not know, so that the row is refused where it stands."""
    return line.decode("utf-8", "backslashreplace")


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

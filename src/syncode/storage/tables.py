"""Rows of a table with a header, as lines of JSON."""

import json
import types
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal, Union, get_args, get_origin

from syncode.errors import DataError
from syncode.schemas.check import hints
from syncode.schemas.records import RECORDS
from syncode.schemas.wire import dumps, loads
from syncode.storage.spreadsheet import cells_of, delimiter_of

CHAT_KEYS = {"conversations", "tools", "tool_calls", "choices", "chosen", "rejected"}
"""Keys of other people's chats that hold lists or objects (ShareGPT, OpenAI, preference sets)."""


def table_rows(lines: Iterator[tuple[int, bytes]], name: str) -> Iterator[tuple[int, int, bytes]]:
    """Yield the first and the last line and the row of each line of cells under the header, which is the first line.

    A cell is text; under a key that records declare as something else (`messages`, `labels`, `weight`) it is read as JSON, and
    an empty one is an absent key. Cells without a name, such as the index that pandas writes, are left out. A line with more
    cells than names is handed on as the list of its cells, which is not a row.
    """
    first, head = next(((number, _text(line, number, name)) for number, line in lines if line.strip()), (1, ""))
    delimiter = delimiter_of(head)
    texts = (_text(line, number, name) for number, line in lines)
    names: list[str] = []
    absent = _structured() | CHAT_KEYS | {"drop"}  # where an empty cell is not a value
    for number, cells in cells_of(_and(head, texts), delimiter, name, before=first - 1, strict=True):
        begun = number - sum(cell.count("\n") for cell in cells)
        if not names:
            names = [each.strip() for each in cells]
            if twice := next((each for each in names if each and names.count(each) > 1), None):
                raise DataError(f"{name}:{first}: two columns are called {twice!r}: rename one of them")
        elif any(cells[len(names) :]):
            yield begun, number, dumps(cells)
        else:
            pairs = zip(names, cells, strict=False)
            row = {key: _value(cell, key) for key, cell in pairs if key and (cell or key not in absent)}
            yield begun, number, _line(row)


def _and(head: str, texts: Iterator[str]) -> Iterator[str]:
    yield head
    yield from texts


def _text(line: bytes, number: int, name: str) -> str:
    try:
        return line.decode() + "\n"
    except UnicodeDecodeError as error:
        raise DataError(f"{name}:{number}: not UTF-8 ({error}): save the table as UTF-8") from error


@cache
def _structured() -> frozenset[str]:
    """Return the keys under which no record holds text."""
    kinds: dict[str, set[object]] = {}
    for record in RECORDS.values():
        for key, kind in hints(record).items():
            kinds.setdefault(key, set()).add(kind)
    return frozenset(key for key, found in kinds.items() if not any(map(_may_be_text, found)))


def _may_be_text(kind: object) -> bool:
    if get_origin(kind) in (Union, types.UnionType):
        return any(map(_may_be_text, get_args(kind)))
    return kind is str or get_origin(kind) is Literal


_NO_NUMBERS = {f"{sign}{word}" for sign in ("", "-", "+") for word in ("nan", "inf", "infinity")}
"""How numpy and Python write what is no number."""


@dataclass(frozen=True)
class _Told:
    """A value that Python reads and JSON does not have: its row is refused as in JSONL, with the key."""

    text: str


def _value(cell: str, key: str) -> object:
    if key not in _structured() and not (key in CHAT_KEYS and cell[:1] in "[{"):
        return cell
    if cell.strip().lower() in _NO_NUMBERS:
        return _Told(json.dumps(float(cell)))
    text = cell.lower() if cell in ("True", "False") else cell
    try:
        value: object = loads(text.encode())
    except ValueError:
        try:
            return _Told(json.dumps(json.loads(text)))
        except (ValueError, RecursionError):
            return cell
    return value


def _line(row: dict[str, object]) -> bytes:
    """Return a row as a line. What is no JSON stands there as it is: orjson would write null."""
    if not any(isinstance(value, _Told) for value in row.values()):
        return dumps(row)
    texts = {key: value.text if isinstance(value, _Told) else dumps(value).decode() for key, value in row.items()}
    return f"{{{','.join(f'{json.dumps(key)}:{text}' for key, text in texts.items())}}}".encode()

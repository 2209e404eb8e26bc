"""Which form text has: a JSON value per line, values over several lines or in an array, or a table with a header."""

import csv
import re
from collections.abc import Iterator
from typing import Literal

import orjson

from syncode.storage.containers import FIRST_LINE_BYTES, Blocks
from syncode.storage.spreadsheet import delimiter_of
from syncode.storage.values import NotSplit, Splitter

Form = Literal["lines", "values", "table"]

_NAME = re.compile(r"[^\W\d_][\w .\-/()#%:+*?&;,]{0,99}|_\w{0,99}")
_TABLE = re.compile(r"\.(csv|tsv)(\.\w+)?$", re.IGNORECASE)


def form_of(name: str, blocks: Blocks) -> Form:
    """Return the form of the text, looking at no more of it than decides: mostly its first character, or its first line.

    `name` decides only whether a single word is the header of a table. Lines is the answer where nothing else fits: each of
    them is then refused where it stands.
    """
    first = _first_lines(blocks, b"")
    start = next(first, b"")
    if start[:1] == b"[":
        return "values" if _ARRAY.match(start) else "lines"
    if start[:1] == b"{":
        return "values" if _goes_on(start, first) else "lines"
    return "table" if _is_table(name, start, first) else "lines"


_ARRAY = re.compile(rb"\[\s*+([\[\]{\"0-9tfn-]|$)")


def _first_lines(blocks: Blocks, rest: bytes) -> Iterator[bytes]:
    """Yield the lines that are not blank, stripped; what there is of one that is long or opens an array comes unfinished."""
    for block in blocks.look():
        *lines, rest = (rest + block).split(b"\n")
        yield from filter(None, map(bytes.strip, lines))
        if len(rest) > FIRST_LINE_BYTES or _OPENS_ARRAY.match(rest):
            yield rest.strip()
            return
    if rest.strip():
        yield rest.strip()


_OPENS_ARRAY = re.compile(rb"\s*+\[\s*+[{\[\]]")


def _goes_on(line: bytes, following: Iterator[bytes]) -> bool:
    """Return whether an object goes on behind the end of its line, or is followed by another one on the same line.

    A line of JSONL that was cut looks the same, unless the cut is inside a text, where JSON has no line ends; but then the
    line behind it is an object of its own, and so is the next.
    """
    splitter = Splitter()
    try:
        count = len(splitter.feed(line))
    except NotSplit:
        return False
    if splitter.inside is None and line.endswith(b","):  # an array without its brackets
        second = next(following, b",")
        return second.endswith(b",") or not next(following, b"")
    if splitter.inside is None:  # two rows on one line of JSONL are a fault of that line
        return count > 1 and not next(following, b"")
    if count or splitter.in_text:
        return False
    second = next(following, b"")
    if not _may_follow(line[-1:], second[:1]):
        return False
    if not second.startswith(b"{") or not _is_object(second):
        return True
    third = next(following, b"")
    return bool(third) and not third.startswith(b"{")


def _may_follow(last: bytes, first: bytes) -> bool:
    """Return whether one line of a JSON value may end and the next one begin with these characters."""
    if not first or last == b"{":
        return first in (b'"', b"}")
    starts_value = first not in (b",", b"]", b"}", b":")
    return (starts_value or first == b"]") if last == b"[" else starts_value == (last in (b",", b":"))


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(orjson.loads(line), dict)
    except orjson.JSONDecodeError:
        return False


def _is_table(name: str, line: bytes, following: Iterator[bytes]) -> bool:
    """Return whether a line is the header of a table.

    By its name a file is one, with a single word for a header and without rows too. Otherwise there are at least two names, and
    below them a line that is no JSON: a line of prose has commas as well.
    """
    try:
        text = line.decode()
        names = next(csv.reader([text], delimiter=delimiter_of(text)), [])
    except (UnicodeDecodeError, csv.Error):
        return False
    names = [each.strip() for each in names if each.strip()]
    if not names or _TABLE.search(name):
        return bool(names)
    if len(names) < 2 or not all(map(_NAME.fullmatch, names)):
        return False
    second = next(following, b"")
    return bool(second) and not _is_json(second)


_OPENS_JSON = re.compile(rb'[\[{]\s*+$|\{\s*+["}]')


def _is_json(line: bytes) -> bool:
    """Return whether a line is a JSON list or object, or begins as one: a cell may begin with a bracket too (`[INST]`)."""
    if not line.startswith((b"{", b"[")):
        return False
    if _OPENS_JSON.match(line):
        return True
    try:
        orjson.loads(line)
    except orjson.JSONDecodeError:
        return False
    return True

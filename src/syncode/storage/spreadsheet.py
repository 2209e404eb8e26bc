"""CSV as people's programs write it: commas, semicolons or tabs, long cells, lines of unequal length."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator

from syncode.errors import DataError

_QUOTED = re.compile(r'"[^"]*+("|$)')
LONGEST_CELL = 1 << 30
"""Characters of a cell: Python's own limit of 131,072 is shorter than some answers (chosen here)."""


def delimiter_of(first: str) -> str:
    """Return the one of comma, semicolon and tab that the first line holds most.

    Where a comma stands for the decimal point, spreadsheets write semicolons. What stands in quotes does not count.
    """
    bare = _QUOTED.sub("", first)
    return max(",;\t", key=bare.count)


def lines(text: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the number and the cells of each line that is not empty; raise DataError for what is no CSV.

    A cell over several lines counts with its last one.
    """
    return cells_of(io.StringIO(text), delimiter_of(text.partition("\n")[0]), name)


def cells_of(
    text: Iterable[str], delimiter: str, name: str, before: int = 0, strict: bool = False
) -> Iterator[tuple[int, list[str]]]:
    """Yield the number and the cells of each line that is not empty, `before` lines having gone before.

    `strict` refuses quotes that do not pair, which would swallow the rest of the text.
    """
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(text, delimiter=delimiter, strict=strict)
    try:
        for cells in reader:
            if any(cells):
                yield before + reader.line_num, cells
    except csv.Error as error:
        raise DataError(f"{name}:{before + reader.line_num}: not readable as CSV ({error})") from error


def records(text: str, name: str) -> tuple[list[str], Iterator[tuple[int, dict[str, str]]]]:
    """Return the names in the first line, and each further line with its number as name -> cell, empty if it is too short."""
    found = lines(text, name)
    _, head = next(found, (0, []))
    head = [column.strip() for column in head]
    return head, _named(found, head, name)


def _named(found: Iterator[tuple[int, list[str]]], head: list[str], name: str) -> Iterator[tuple[int, dict[str, str]]]:
    for number, cells in found:
        if any(cells[len(head) :]):
            raise DataError(f"{name}:{number}: {len(cells)} cells under {len(head)} names")
        yield number, dict(zip(head, [*cells, *[""] * len(head)], strict=False))

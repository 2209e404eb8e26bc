"""CSV as people's programs write it: commas, semicolons or tabs, long cells, lines of unequal length."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from syncode.errors import DataError

LONGEST_CELL = 1 << 30
"""Characters of a cell: Python's own limit of 131,072 is shorter than some answers (ours)."""


def lines(text: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the number and the cells of each line that is not empty; raise DataError for what is no CSV.

    The delimiter is the one of comma, semicolon and tab that the first line holds most: where a comma stands for the decimal
    point, spreadsheets write semicolons. A cell over several lines counts with its last one.
    """
    csv.field_size_limit(LONGEST_CELL)
    first = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text), delimiter=max(",;\t", key=first.count))
    try:
        for cells in reader:
            if any(cells):
                yield reader.line_num, cells
    except csv.Error as error:
        raise DataError(f"{name}:{reader.line_num}: not readable as CSV ({error})") from error


def records(text: str, name: str) -> tuple[list[str], Iterator[tuple[int, dict[str, str]]]]:
    """Return the names in the first line, and each further line with its number as name -> cell, empty where it is too short."""
    found = lines(text, name)
    _, head = next(found, (0, []))
    head = [column.strip() for column in head]
    return head, _named(found, head, name)


def _named(found: Iterator[tuple[int, list[str]]], head: list[str], name: str) -> Iterator[tuple[int, dict[str, str]]]:
    for number, cells in found:
        if any(cells[len(head) :]):
            raise DataError(f"{name}:{number}: {len(cells)} cells under {len(head)} names")
        yield number, dict(zip(head, [*cells, *[""] * len(head)], strict=False))

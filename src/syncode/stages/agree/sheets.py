"""A plain table of ratings, units by raters, as annotation studies publish them: agreement of any labels."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from syncode.errors import DataError, UsageError, unknown
from syncode.schemas.records import Row
from syncode.stages.agree.between import Drawing, agreement_row, counted_row
from syncode.stages.agree.settings import RatingsOptions
from syncode.statistics.arrays import Floats, Integers
from syncode.storage import spreadsheet

IDS = (
    "",
    "id",
    "ids",
    "idx",
    "index",
    "item",
    "unit",
    "row",
    "number",
    "no",
    "#",
    "key",
    "uuid",
    "uid",
    "sample",
    "task",
    "question",
)
"""Headings of columns that name units (chosen here)."""

_DECIMAL = re.compile(r"[+-]?\d{1,12}\.\d*")


@dataclass(frozen=True)
class Table:
    """Label numbers, shape (raters, units), -1 for none; `question` numbers the cluster of each unit."""

    raters: list[str]
    labels: list[str]
    numbers: Integers
    question: Integers


def ratings_rows(text: str, name: str, options: RatingsOptions, seed: int) -> list[Row]:
    """Return the agreement of every two raters and of all; raise DataError for a table that has no two raters."""
    table = read_table(text, name, options)
    size, drawing = len(table.labels), Drawing(seed, options.rounds, options.interval)
    rows: list[Row] = []
    for first, second in itertools.combinations(range(len(table.raters)), 2):
        row = agreement_row(table.numbers[first], table.numbers[second], size, table.question, drawing)
        if row is not None:
            names = {"kind": "raters", "first": table.raters[first], "second": table.raters[second]}
            rows.append({**names, "table": name, "labels": table.labels, **row})
    row = counted_row(table.numbers, size, table.question, drawing, _points(table.labels))
    return [*rows, {"kind": "panel", "table": name, "raters": len(table.raters), "labels": table.labels, **row}]


def read_table(text: str, name: str, options: RatingsOptions) -> Table:
    """Return the ratings of a CSV text; raise DataError with `file:line` for a label that is not among `--labels`."""
    lines = [line for _, line in spreadsheet.lines(text, name)]
    if not lines:
        raise DataError(f"{name}: the table is empty")
    width = max(map(len, lines))
    lines = [line + [""] * (width - len(line)) for line in lines]
    if options.transposed:
        if options.cluster:
            raise UsageError("--cluster names a column of units: it does not go with --transposed")
        head, body = (
            [str(number) for number in range(1, len(lines) + 1)],
            [list(line) for line in zip(*lines, strict=True)],
        )
    elif options.no_header:
        head, body = [str(number) for number in range(1, width + 1)], lines
    else:
        head, body = lines[0], lines[1:]
    chosen = _columns(head, body, options, name)
    rated = [[_label(line[column]) for line in body] for column in chosen]
    none = {"", *map(_label, options.missing)}
    used = set(itertools.chain.from_iterable(rated)) - none
    labels = list(map(_label, options.labels.split(","))) if options.labels else sorted(used, key=_by_number)
    unknown = used - set(labels)
    if unknown:
        raise DataError(f"{name}: {', '.join(sorted(unknown))} not among --labels {options.labels} (or --missing)")
    if len(chosen) < 2 or not body:
        raise DataError(f"{name}: agreement needs two raters and a unit, there are {len(chosen)} and {len(body)}")
    place = {label: number for number, label in enumerate(labels)}
    numbers = np.array([[place.get(label, -1) for label in column] for column in rated], dtype=np.int64)
    clusters = [line[head.index(options.cluster)] for line in body] if options.cluster else list(range(len(body)))
    _, question = np.unique(np.array(clusters), return_inverse=True)
    return Table([head[column] for column in chosen], labels, numbers, question.astype(np.int64))


def _label(cell: str) -> str:
    """Return a label as one rater writes it or another: without blanks, in composed letters, 1.0 as 1.

    Spreadsheets and pandas write whole numbers as 1.0 in the columns that have an empty cell.
    """
    text = unicodedata.normalize("NFC", cell).strip()
    return f"{float(text):.12g}" if _DECIMAL.fullmatch(text) else text


def _columns(head: Sequence[str], body: Sequence[Sequence[str]], options: RatingsOptions, name: str) -> list[int]:
    for flag, names in (("--rater", options.raters), ("--cluster", (options.cluster,) if options.cluster else ())):
        for wanted in names:
            if wanted not in head:
                raise unknown("column", wanted, head, f"{name}: {flag}")
    if options.raters:
        return [head.index(rater) for rater in options.raters]
    named = not (options.no_header or options.transposed)
    raters = [number for number, column in enumerate(head) if column != options.cluster]
    return [number for number in raters if not _names_units(number, raters, body, head[number] if named else None)]


def _names_units(column: int, raters: Sequence[int], body: Sequence[Sequence[str]], head: str | None) -> bool:
    """Return whether a column names the units and is not a rater: by its heading, or as no value stands twice or elsewhere.

    Three units at least are needed to tell by the values (chosen here).
    """
    if head is not None and (head.strip().lower() in IDS or head.strip().lower().endswith("_id")):
        return True
    values = [line[column] for line in body]
    others = {line[other] for line in body for other in raters if other != column}
    return len(values) > 2 and len(set(values)) == len(values) and not set(values) <= others


def _by_number(label: str) -> tuple[int, float, str]:
    try:
        return (0, float(label), label)
    except ValueError:
        return (1, 0.0, label)


def _points(labels: Sequence[str]) -> Floats | None:
    """Return the numbers behind the labels for the interval level: themselves if they ascend, else 0, 1, 2, ..."""
    keys = [_by_number(label) for label in labels]
    numeric = all(key[0] == 0 for key in keys) and keys == sorted(keys)
    return np.array([key[1] for key in keys]) if numeric else None

"""Labels of people from CSV: the sheet that `agree sample` writes, or any table with the same columns."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping

from syncode.errors import DataError
from syncode.schemas.records import Row
from syncode.stages.judge.labels import canonical

PEOPLE = "people:"
"""Prefix of a person's name among the judges."""
_WORDS = {
    "a": "A>B", "1": "A>B", "left": "A>B", "first": "A>B",
    "b": "B>A", "2": "B>A", "right": "B>A", "second": "B>A",
    "tie": "A=B", "0": "A=B", "both": "A=B", "equal": "A=B", "same": "A=B", "c": "A=B",
}  # fmt: skip
_NONE = {"", "?", "cannot judge", "cannot_judge", "skip", "unclear", "na", "n/a"}


def human_rows(text: str, name: str, key: Mapping[str, Row] | None = None) -> Iterator[Row]:
    """Yield verdict rows of people, `judge` prefixed with `people:`; raise DataError with `file:line` for what is no label.

    Columns: task_id, model_a, model_b, label (one of the five, or a, b, tie, 1, 2, 0, left, right), and where there are:
    annotator (or judge, worker), order, weight and others, which are kept. An empty label, or `cannot judge`, is missing. With
    a `key` (item -> task_id, model_a, ...) the column `item` stands for the others.
    """
    reader = csv.DictReader(io.StringIO(text))
    blind = "item" in (reader.fieldnames or ()) and key is not None
    lacking = ({"item", "label"} if blind else {"task_id", "model_a", "model_b", "label"}) - set(
        reader.fieldnames or ()
    )
    if lacking:
        raise DataError(f"{name}:1: labels need the columns {', '.join(sorted(lacking))} (a blind sheet needs --key)")
    for number, line in enumerate(reader, 2):
        if blind and key is not None:
            if line["item"] not in key:
                raise DataError(f"{name}:{number}: the key has no item {line['item']!r}")
            line = {**key[line["item"]], **line}
        row: Row = {key: value for key, value in line.items() if key and value not in (None, "")}
        word = (line["label"] or "").strip().lower()
        label = None if word in _NONE else _WORDS.get(word) or canonical(word)
        if label is None and word not in _NONE:
            raise DataError(
                f"{name}:{number}: {line['label']!r} is no label: a, b, tie, or one of A>>B A>B A=B B>A B>>A"
            )
        who = row.get("annotator") or row.get("worker") or row.get("judge") or name
        row |= {"label": label, "state": "ok" if label else "unparsed", "judge": PEOPLE + who}
        if "weight" in row:
            row["weight"] = _number(row["weight"], f"{name}:{number}", "weight")
        yield row | {key: int(_number(row[key], f"{name}:{number}", key)) for key in ("repeat", "game") if key in row}


def _number(text: str, at: str, column: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if value < 0:
        raise DataError(f"{at}: the {column} {text!r} is no number from 0 up")
    return value

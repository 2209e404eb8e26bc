"""Labels of people from CSV: the sheet that `agree sample` writes, or any table with the same columns."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from syncode.errors import DataError
from syncode.reports.labelling.sheet import KEY
from syncode.schemas.check import checker
from syncode.schemas.records import Row, Verdict, content_id
from syncode.storage.spreadsheet import records
from syncode.verdicts.games import PEOPLE
from syncode.verdicts.labels import canonical

_WORDS = {
    "a": "A>B", "1": "A>B", "left": "A>B", "first": "A>B",
    "b": "B>A", "2": "B>A", "right": "B>A", "second": "B>A",
    "tie": "A=B", "0": "A=B", "both": "A=B", "equal": "A=B", "same": "A=B", "c": "A=B",
}  # fmt: skip
_NONE = {"", "?", "cannot judge", "cannot_judge", "skip", "unclear", "na", "n/a"}


def human_rows(text: str, name: str, key: Mapping[str, Row] | None = None) -> Iterator[Row]:
    """Yield verdict rows of people, `judge` prefixed with `people:`; raise DataError with `file:line` for what is not a label.

    Columns: task_id, model_a, model_b, label (one of the five, or a, b, tie, 1, 2, 0, left, right), and if there are:
    annotator (or judge, worker), order, weight and others, which are kept. An empty label, or `cannot judge`, is missing. With
    a `key` (item -> task_id, model_a, ...) the column `item` stands for the others.
    """
    head, lines = records(text, name)
    head = [column.lower() for column in head]
    blind = "item" in head and key is not None
    lacking = ({"item", "label"} if blind else {"task_id", "model_a", "model_b", "label"}) - set(head)
    if lacking:
        raise DataError(f"{name}:1: labels need the columns {', '.join(sorted(lacking))} (a blind sheet needs --key)")
    check, empty = checker(Verdict), True
    for number, cells in lines:
        at = f"{name}:{number}"
        line: Row = {
            column.lower(): cell for column, cell in cells.items() if cell and column.lower() not in ("", "value")
        }
        if blind and key is not None:
            if line.get("item") not in key:
                raise DataError(f"{at}: the key has no item {line.get('item', '')!r}")
            line = key[line["item"]] | line
        row = _labelled(line, name, at)
        empty = False
        wrong = check(row) or (f"{row['model_a']!r} plays against itself" if row["model_a"] == row["model_b"] else None)
        if wrong:
            raise DataError(f"{at}: {wrong}")
        yield row
    if empty:
        raise DataError(f"{name}: no line below the names of the columns")


def _labelled(line: Row, name: str, at: str) -> Row:
    """Return the line as a verdict. The last label that a person gives to the same game is the one that counts."""
    word = line.get("label", "").strip().lower()
    label = None if word in _NONE else _WORDS.get(word) or canonical(word)
    if label is None and word not in _NONE:
        raise DataError(f"{at}: {line['label']!r} is not a label: a, b, tie, or one of A>>B A>B A=B B>A B>>A")
    who = line.get("annotator") or line.get("worker") or line.get("judge")
    numbers: Row = {column: _number(line[column], at, column) for column in ("weight", "share") if column in line}
    whole: Row = {column: int(_number(line[column], at, column)) for column in ("repeat", "game") if column in line}
    row = {
        **line,
        **numbers,
        **whole,
        "label": label,
        "state": "ok" if label else "unparsed",
        "judge": PEOPLE + (who or name),
    }
    if who:
        game = [line.get(column) for column in ("item", "task_id", "model_a", "model_b", "order", "repeat", "game")]
        row["id"] = content_id("label", who, *game)
    return row


def _number(text: str, at: str, column: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < math.inf:
        raise DataError(f"{at}: the {column} {text!r} is not a number from 0 up")
    return value


def read_key(text: str, name: str) -> dict[str, Row]:
    """Return item -> its line of the key."""
    head, found = records(text, name)
    lacking = set(KEY[:5]) - set(head)
    if lacking:
        raise DataError(f"{name}:1: a key needs the columns {', '.join(sorted(lacking))}")
    return {line["item"]: line for _, line in found}

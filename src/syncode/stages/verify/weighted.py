"""Whether the averages of a published table are those that its own columns and weights make."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from syncode.errors import DataError, UsageError
from syncode.schemas.records import Row
from syncode.stages.verify.printed import SLACK
from syncode.storage.spreadsheet import records

TOTALS = ("average", "avg", "total", "overall", "score", "mean")
"""Names of the column over all groups, the first that is there."""


def read_weights(text: str) -> dict[str, float]:
    """Return `--weights`, as creative=0.5,math=1; UsageError for another form."""
    try:
        weights = {name: float(value) for name, value in (part.split("=") for part in text.replace(" ", "").split(","))}
    except ValueError as error:
        raise UsageError(f"--weights {text}: expected COLUMN=WEIGHT,COLUMN=WEIGHT,...") from error
    if not all(0 <= value < math.inf for value in weights.values()) or not sum(weights.values()):
        raise UsageError(f"--weights {text}: weights are 0 or more, and one is more")
    return weights


def weighted_rows(text: str, name: str, weights: Mapping[str, float], total: str | None) -> list[Row]:
    """Return one row per line of a table of scores in any unit: the printed average, and between what it can lie.

    Each printed number may have been rounded: the average lies within half a unit of its last digit and of those of the cells. A
    line whose average is that of equal weights, or of another line, says so. Raises DataError for a table without such columns.
    """
    head, found = records(text, name)
    column = total or next((each for each in TOTALS if each in head), None)
    lacking = [each for each in [*weights, *([column] if column else [])] if each not in head]
    if column is None or lacking:
        raise DataError(
            f"{name}:1: there is no column {', '.join(lacking) or ' or '.join(TOTALS)} (--total names the average)"
        )
    label = next((each for each in ("model", "name", "system") if each in head), head[0])
    lines = [(number, line) for number, line in found]
    cells = [{each: _number(line[each], f"{name}:{number}") for each in (*weights, column)} for number, line in lines]
    spans = [_span(each, weights) for each in cells]
    equal = [_span(each, dict.fromkeys(weights, 1.0)) for each in cells]
    rows: list[Row] = []
    for place, ((_, line), cell, (low, high)) in enumerate(zip(lines, cells, spans, strict=True)):
        printed, half = cell[column]
        right = _fits(printed, half, (low, high))
        slipped = [at for at, span in enumerate(spans) if at != place and _fits(printed, half, span)]
        row: Row = {"kind": "weighted", "row": place + 1, "model": line[label], "printed": printed}
        row |= {"implied": (low + high) / 2, "low": low - half, "high": high + half}
        wrong = [] if right else ["average misprinted"]
        if not right and _fits(printed, half, equal[place]):
            wrong = ["average is unweighted"]
        elif not right and len(slipped) == 1:
            wrong = [f"average is that of row {slipped[0] + 1}"]
        rows.append({**row, "defects": wrong})
    return rows


def _number(text: str, at: str) -> tuple[float, float]:
    """Return a printed number and half a unit of its last digit."""
    try:
        value = float(text.strip().removesuffix("%"))
    except ValueError as error:
        raise DataError(f"{at}: {text!r} is not a number") from error
    decimals = len(text.strip().removesuffix("%").partition(".")[2])
    return value, 0.5 / 10**decimals


def _span(cells: Mapping[str, tuple[float, float]], weights: Mapping[str, float]) -> tuple[float, float]:
    """Return between what the weighted mean of rounded numbers lies."""
    whole = sum(weights.values())
    mean = sum(weight * cells[name][0] for name, weight in weights.items()) / whole
    half = sum(weight * cells[name][1] for name, weight in weights.items()) / whole
    return mean - half, mean + half


def _fits(printed: float, half: float, span: Sequence[float]) -> bool:
    return span[0] - half - SLACK <= printed <= span[1] + half + SLACK

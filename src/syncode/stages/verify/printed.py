"""A published table of percentages, read from CSV: its groups of columns, its rows, and which counts a percentage allows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from syncode.errors import DataError, UsageError
from syncode.storage.spreadsheet import records

TOTALS = (("avg_first", "avg_second"), ("avg_win", "avg_tie"), ("total_win", "total_tie"), ("win", "tie"))
"""Names of the two columns over all groups, the first pair that is there."""
SLACK = 1e-9


@dataclass(frozen=True)
class Cell:
    """One printed win/tie pair (`tie` None in a table of single rates), in percent."""

    win: float
    tie: float | None

    def parts(self) -> tuple[float, ...]:
        """Return the printed numbers."""
        return (self.win,) if self.tie is None else (self.win, self.tie)


@dataclass(frozen=True)
class PrintedRow:
    """One line: a cell for each group (None if it is empty), and the printed totals."""

    number: int
    model: str
    cells: tuple[Cell | None, ...]
    total: Cell | None


@dataclass(frozen=True)
class PrintedTable:
    """A published table. `decimals` is the largest number of digits after the point."""

    groups: tuple[str, ...]
    rows: tuple[PrintedRow, ...]
    decimals: int


def read_printed(text: str, name: str, wanted: Sequence[str] = ()) -> PrintedTable:
    """Return the table of a CSV text. Groups are the columns GROUP_win and GROUP_tie, or the columns that are `wanted`.

    Raises DataError with `file:line` for what is not a percentage.
    """
    head, found = records(text, name)
    total = next((pair for pair in TOTALS if set(pair) <= set(head)), None)
    ends = [column.removesuffix("_win") for column in head if column.endswith("_win") and column not in (total or ())]
    groups = tuple(group for group in ends if f"{group}_tie" in head)
    single = not groups
    groups = groups or tuple(group for group in wanted if group in head)
    if not groups:
        raise DataError(f"{name}:1: no columns GROUP_win and GROUP_tie, and none of those that --sizes names")
    label = next((column for column in ("model", "name", "system") if column in head), head[0])
    rows, decimals = [], 0
    for place, (number, line) in enumerate(found, 1):
        at = f"{name}:{number}"
        pairs = [(line[group], None) if single else (line[f"{group}_win"], line[f"{group}_tie"]) for group in groups]
        cells = tuple(_cell(win, tie, at) for win, tie in pairs)
        whole = _cell(line[total[0]], line[total[1]], at) if total and not single else None
        rows.append(PrintedRow(place, line[label], cells, whole))
        decimals = max([decimals, *(len((text or "").partition(".")[2]) for pair in pairs for text in pair)])
    return PrintedTable(groups, tuple(rows), decimals)


def read_sizes(texts: Sequence[str]) -> list[Mapping[str, int]]:
    """Return each `--sizes` value, as ui=45,dev=132; UsageError for another form."""
    found: list[Mapping[str, int]] = []
    for text in texts:
        try:
            pairs = [part.split("=") for part in text.replace(" ", "").split(",")]
            sizes = {name: int(size) for name, size in pairs}
        except ValueError as error:
            raise UsageError(f"--sizes {text}: expected GROUP=N,GROUP=N,...") from error
        if min(sizes.values()) < 1:
            raise UsageError(f"--sizes {text}: a size is 1 at least")
        found.append(sizes)
    return found


@cache
def counts(percent: float, n: int, decimals: int) -> range:
    """Return the k for which k / n prints as `percent`; a tie in rounding may go either way. Empty if there is none."""
    half = 0.5 / 10**decimals + SLACK
    low = max(0, math.ceil((percent - half) * n / 100 - SLACK))
    high = min(n, math.floor((percent + half) * n / 100 + SLACK))
    return range(low, high + 1)


def pair_counts(cell: Cell, n: int, decimals: int) -> list[tuple[int, int]]:
    """Return the (wins, ties) of n games that print as the cell; ties are 0 in a table of single rates."""
    wins = counts(cell.win, n, decimals)
    ties = (0,) if cell.tie is None else counts(cell.tie, n, decimals)
    return [(win, tie) for win in wins for tie in ties if win + tie <= n]


def _cell(win: str, tie: str | None, at: str) -> Cell | None:
    if not (win or "").strip() or (tie is not None and not tie.strip()):
        return None
    try:
        cell = Cell(float(win), None if tie is None else float(tie))
    except ValueError as error:
        raise DataError(f"{at}: {error}: a percentage is wanted") from error
    if not all(0 <= part <= 100 for part in cell.parts()):
        raise DataError(f"{at}: {win}/{tie} is not a percentage from 0 to 100")
    return cell

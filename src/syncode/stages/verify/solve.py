"""Which integer counts lie behind one printed row: every order of the columns, every way to have misprinted the average."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from syncode.stages.verify.printed import SLACK, Cell, PrintedRow, pair_counts

COST = {"exact": 0, "no total": 0, "truncated": 2, "score/win": 2, "win misprinted": 3, "tie misprinted": 3, "none": 99}
"""How unlikely each reading of the printed total is (chosen here): what costs less is believed first."""
PERMUTED, MISPRINT = 1, 3
"""Cost of columns in another order, and of a number misprinted, to which its wrong characters are added (chosen here)."""


@dataclass(frozen=True)
class Solution:
    """Counts that explain a row. `order[place]` is the group whose numbers are printed in column `place`.

    `total` says how the printed total reads (a key of COST). `repair` is (place, "win" or "tie", right percentage) if one
    number must have been misprinted; place -1 is the total. `edits` counts its wrong characters.
    """

    order: tuple[int, ...]
    pairs: tuple[tuple[int, int], ...]
    total: str
    repair: tuple[int, str, float] | None = None
    edits: int = 0

    @property
    def permuted(self) -> bool:
        """Whether the columns are not in the order of the heading."""
        return self.order != tuple(range(len(self.order)))

    @property
    def cost(self) -> int:
        """How much must have gone wrong."""
        cell = MISPRINT if self.repair is not None and self.repair[0] >= 0 else 0
        return COST[self.total] + PERMUTED * self.permuted + cell + self.edits

    def sums(self) -> tuple[int, int]:
        """Return wins and ties over all groups."""
        return sum(win for win, _ in self.pairs), sum(tie for _, tie in self.pairs)


def solve(row: PrintedRow, sizes: Sequence[int], decimals: int) -> list[Solution]:
    """Return the cheapest explanations of a row with groups of these sizes; empty if nothing explains it."""
    n = sum(sizes)
    found = [
        _with_total(row, Solution(order, pairs, _total_of(row.total, pairs, n, decimals)), n, decimals)
        for order, pairs in _assignments(row.cells, sizes, decimals)
    ]
    good = [solution for solution in found if solution.total != "none"]
    if min((solution.cost for solution in good), default=MISPRINT) >= MISPRINT:
        good += _repaired(row, sizes, decimals)
    cheapest = min((solution.cost for solution in good), default=0)
    return [solution for solution in good if solution.cost == cheapest]


def _with_total(row: PrintedRow, solution: Solution, n: int, decimals: int) -> Solution:
    """Return the solution with the right total if the printed one is wrong."""
    side = solution.total.removesuffix(" misprinted")
    if row.total is None or side == solution.total:
        return solution
    wins, ties = solution.sums()
    printed, right = (row.total.win, 100 * wins / n) if side == "win" else (row.total.tie or 0.0, 100 * ties / n)
    return replace(solution, repair=(-1, side, right), edits=edits(printed, right, decimals))


def edits(printed: float, right: float, decimals: int) -> int:
    """Return how many characters to change, add or take away lie between two numbers as they would be printed."""
    left, other = f"{printed:.{decimals}f}", f"{right:.{decimals}f}"
    line = list(range(len(other) + 1))
    for row, letter in enumerate(left, 1):
        above, line[0] = line[0], row
        for column, target in enumerate(other, 1):
            best = min(line[column] + 1, line[column - 1] + 1, above + (letter != target))
            above, line[column] = line[column], best
    return line[-1]


def impossible(row: PrintedRow, sizes: Sequence[int], decimals: int) -> list[int]:
    """Return the columns whose numbers no counts of that size can print, in the order of the heading."""
    pairs = zip(row.cells, sizes, strict=True)
    return [place for place, (cell, n) in enumerate(pairs) if cell is not None and not pair_counts(cell, n, decimals)]


def _assignments(
    cells: Sequence[Cell | None], sizes: Sequence[int], decimals: int, skip: int | None = None
) -> Iterator[tuple[tuple[int, ...], tuple[tuple[int, int], ...]]]:
    """Yield every order of the groups, with counts, that prints these cells; the cell at `skip` may be anything.

    Rows with an empty cell are not solved: their total cannot be checked.
    """
    if any(cell is None for cell in cells):
        return
    fits = [
        [[(0, 0)] if place == skip else pair_counts(cell, n, decimals) if cell is not None else [] for n in sizes]
        for place, cell in enumerate(cells)
    ]
    most_bound = sorted(range(len(cells)), key=lambda place: sum(1 for options in fits[place] if options))

    def extend(depth: int, order: dict[int, int], free: frozenset[int]) -> Iterator[dict[int, int]]:
        if depth == len(most_bound):
            yield order
            return
        place = most_bound[depth]
        for group in sorted(free):
            if fits[place][group]:
                yield from extend(depth + 1, {**order, place: group}, free - {group})

    for order in extend(0, {}, frozenset(range(len(sizes)))):
        turned = tuple(order[place] for place in range(len(cells)))
        for pairs in itertools.product(*(fits[place][turned[place]] for place in range(len(cells)))):
            yield turned, pairs


def _total_of(total: Cell | None, pairs: Sequence[tuple[int, int]], n: int, decimals: int) -> str:
    """Return how the printed total can be read."""
    if total is None or total.tie is None:
        return "no total"
    wins, ties = sum(win for win, _ in pairs), sum(tie for _, tie in pairs)
    win, tie, score = (100 * part / n for part in (wins, ties, wins + ties / 2))
    half = 0.5 / 10**decimals + SLACK
    if abs(win - total.win) <= half and abs(tie - total.tie) <= half:
        return "exact"
    if abs(score - total.win) <= half and abs(win - total.tie) <= half:
        return "score/win"
    both = ((win, total.win), (tie, total.tie))
    if all(abs(rate - printed) <= half or _cut(rate, decimals) == printed for rate, printed in both):
        return "truncated"
    if abs(win - total.win) <= half:
        return "tie misprinted"
    return "win misprinted" if abs(tie - total.tie) <= half else "none"


def _cut(rate: float, decimals: int) -> float:
    scale = float(10**decimals)
    return math.floor(rate * scale + SLACK) / scale


def _repaired(row: PrintedRow, sizes: Sequence[int], decimals: int) -> Iterator[Solution]:
    """Yield explanations in which one printed number is wrong and the printed total gives the right one."""
    if row.total is None or row.total.tie is None:
        return
    n = sum(sizes)
    for skip, cell in enumerate(row.cells):
        for order, pairs in _assignments(row.cells, sizes, decimals, skip):
            rest = (sum(win for win, _ in pairs), sum(tie for _, tie in pairs))
            size = sizes[order[skip]]
            for win, tie in pair_counts(row.total, n, decimals):
                own = (win - rest[0], tie - rest[1])
                if min(own) < 0 or sum(own) > size or cell is None or cell.tie is None:
                    continue
                rates = [100 * part / size for part in own]
                sides = zip(("win", "tie"), rates, cell.parts(), strict=True)
                wrong = [each for each in sides if abs(each[1] - each[2]) > 0.5 / 10**decimals + SLACK]
                if len(wrong) == 1:
                    side, right, printed = wrong[0]
                    fixed = tuple(own if place == skip else pair for place, pair in enumerate(pairs))
                    yield Solution(order, fixed, "exact", (skip, side, right), edits(printed, right, decimals))

"""How many questions lie behind each column of a published table, from nothing but its rounded percentages."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from syncode.stages.verify.printed import PrintedRow, PrintedTable, pair_counts
from syncode.stages.verify.solve import MISPRINT, Solution, solve

BY_CHANCE = 0.5
"""Share of rows that a column may hold of another size, when its size is weighed (chosen here)."""
SEEDS = 6
"""Candidate sizes of each column from which a set of sizes is grown (chosen here)."""
ENOUGH = 3
"""A set of sizes must explain this many rows (chosen here)."""


@dataclass(frozen=True)
class Run:
    """Rows that share one set of sizes: `sizes` in the order of the groups, and the explanation of each row."""

    sizes: tuple[int, ...]
    solutions: dict[int, list[Solution]]
    claimed: bool = False


def find_runs(table: PrintedTable, claimed: Sequence[Sequence[int]], largest: int) -> list[Run]:
    """Return sets of sizes with the rows that each explains, claimed ones first, then those that the numbers imply.

    A row belongs to the set that explains it with the least gone wrong.
    """
    runs = [Run(tuple(sizes), {}, True) for sizes in claimed]
    left = [row for row in table.rows if all(cell is not None for cell in row.cells)]
    left = _explained(table, runs, left)
    while len(left) >= ENOUGH:
        sizes = _implied(table, left, largest)
        if sizes is None:
            break
        reference = next((run.sizes for run in runs), sizes)
        named = _by_size(sizes, reference)
        run = Run(named, {})
        still = _explained(table, [run], left)
        if len(left) - len(still) < ENOUGH:
            break
        runs.append(run)
        left = still
    return _settled(table, runs)


def _explained(table: PrintedTable, runs: Sequence[Run], rows: Sequence[PrintedRow]) -> list[PrintedRow]:
    """Return the rows that no run explains without a misprinted cell or total."""
    left = []
    for row in rows:
        costs = [found[0].cost for run in runs if (found := solve(row, run.sizes, table.decimals))]
        if min(costs, default=MISPRINT) >= MISPRINT:
            left.append(row)
    return left


def _settled(table: PrintedTable, runs: Sequence[Run]) -> list[Run]:
    """Return the runs with every row given to the one that explains it at the least cost, the larger run if two do.

    Without claimed sizes, the order in which most rows of one run agree is taken for the heading's.
    """
    options = _options(table, runs)
    if not any(run.claimed for run in runs) and runs:
        orders = Counter((place, found[0].order) for choice in options.values() for place, found in choice)
        (place, order), _ = orders.most_common(1)[0]
        reference = [runs[place].sizes[group] for group in order]
        runs = [Run(_by_size(run.sizes, reference), {}) for run in runs]
        options = _options(table, runs)
    popular: Counter[int] = Counter()
    for choice in options.values():
        cheapest = min((found[0].cost for _, found in choice), default=0)
        popular.update(place for place, found in choice if found[0].cost == cheapest)
    given: list[dict[int, list[Solution]]] = [{} for _ in runs]
    for number, choice in options.items():
        if choice:
            place, found = min(choice, key=lambda option: (option[1][0].cost, -popular[option[0]]))
            given[place][number] = found
    return [Run(run.sizes, mine, run.claimed) for run, mine in zip(runs, given, strict=True)]


def _options(table: PrintedTable, runs: Sequence[Run]) -> dict[int, list[tuple[int, list[Solution]]]]:
    """Return row number -> (run number, explanations) for every run that explains the row."""
    options: dict[int, list[tuple[int, list[Solution]]]] = {}
    for row in table.rows:
        tried = [(place, solve(row, run.sizes, table.decimals)) for place, run in enumerate(runs)]
        options[row.number] = [(place, found) for place, found in tried if found]
    return options


def _implied(table: PrintedTable, rows: Sequence[PrintedRow], largest: int) -> tuple[int, ...] | None:
    """Return the sizes, in the order of the columns, that say most about the rows: the fewer counts a size allows, the more."""
    fits = _fits(table, rows, largest)
    best: tuple[float, tuple[int, ...] | None] = (0.0, None)
    columns = range(len(table.groups))
    tried: set[tuple[int, ...]] = set()
    for column in columns:
        for seed in _likely(fits[column], range(len(rows)))[:SEEDS]:
            chosen = [place for place in range(len(rows)) if fits[column][seed][place]]
            sizes = tuple(_likely(fits[other], chosen)[0] for other in columns)
            if sizes in tried or len(chosen) < ENOUGH:
                continue
            tried.add(sizes)
            gain = sum(_gain(solve(row, sizes, table.decimals), sizes) for row in rows)
            if gain > best[0]:
                best = (gain, sizes)
    return best[1]


def _fits(table: PrintedTable, rows: Sequence[PrintedRow], largest: int) -> list[dict[int, list[bool]]]:
    """Return for each column and size whether each row's cell can be printed from counts of that size."""
    return [
        {
            n: [
                bool(cell is not None and pair_counts(cell, n, table.decimals))
                for cell in (row.cells[column] for row in rows)
            ]
            for n in range(2, largest + 1)
        }
        for column in range(len(table.groups))
    ]


def _likely(fits: dict[int, list[bool]], rows: Sequence[int]) -> list[int]:
    """Return sizes by likelihood: a size is believed for the cells that it can print and random ones could not."""
    anything = math.log(BY_CHANCE / _pairs(1000))

    def likelihood(n: int) -> float:
        exact = math.log((1 - BY_CHANCE) / _pairs(n))
        return sum(max(exact, anything) if fits[n][row] else anything for row in rows)

    return sorted(fits, key=likelihood, reverse=True)


def _gain(found: Sequence[Solution], sizes: Sequence[int]) -> float:
    """Return how much shorter a row can be described with these sizes than as random percentages, in nats; 0 if they fail."""
    if not found or found[0].repair is not None:
        return 0.0
    order = math.log(math.factorial(len(sizes))) if found[0].permuted else 0.0
    return max(0.0, sum(math.log(_pairs(1000) / _pairs(n)) for n in sizes) - order)


def _pairs(n: int) -> float:
    """Return how many (wins, ties) n games can have."""
    return (n + 1) * (n + 2) / 2


def _by_size(sizes: Sequence[int], reference: Sequence[int]) -> tuple[int, ...]:
    """Return the sizes given to the groups of `reference` in the order of size: the closest total match."""
    places = sorted(range(len(reference)), key=lambda place: reference[place])
    named = [0] * len(sizes)
    for place, size in zip(places, sorted(sizes), strict=True):
        named[place] = size
    return tuple(named)

"""Whether a published table can be true: impossible cells, wrong numbers of questions, columns and averages out of place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from syncode.errors import DataError, UsageError
from syncode.schemas.records import Row
from syncode.stages.verify.printed import PrintedRow, PrintedTable, read_printed, read_sizes
from syncode.stages.verify.settings import VerifyOptions
from syncode.stages.verify.sizes import Run, find_runs
from syncode.stages.verify.solve import Solution, impossible
from syncode.stages.verify.weighted import read_weights, weighted_rows


def verify_rows(text: str, name: str, options: VerifyOptions) -> list[Row]:
    """Return what was found: a row for each set of sizes (`kind` sizes), then one for each line of the table (`kind` row).

    With weights there are no counts to look for: a row for each line (`kind` weighted).
    """
    if options.weights is not None:
        if options.sizes or options.n is not None:
            raise UsageError("--weights checks averages, --sizes and --n look for counts: give one or the other")
        return weighted_rows(text, name, read_weights(options.weights), options.total)
    claims = read_sizes(options.sizes)
    table = read_printed(text, name, list(claims[0]) if claims else ())
    for claim in claims:
        if set(claim) != set(table.groups):
            raise DataError(f"--sizes names {', '.join(claim)}, {name} has {', '.join(table.groups)}")
    runs = find_runs(table, [[claim[group] for group in table.groups] for claim in claims], options.largest)
    rows = [
        _sizes_row(table, run, number, options.n) for number, run in enumerate(runs) if run.solutions or run.claimed
    ]
    return rows + [_row(table, row, runs) for row in table.rows]


def defects(rows: Sequence[Row]) -> Counter[str]:
    """Return how many rows have each defect."""
    found: Counter[str] = Counter()
    for row in rows:
        found.update(row["defects"])
    return found


def _sizes_row(table: PrintedTable, run: Run, number: int, claimed_n: int | None) -> Row:
    n = sum(run.sizes)
    wrong = ["no row fits the claimed sizes"] if run.claimed and not run.solutions else []
    if claimed_n is not None and n != claimed_n and run.solutions:
        wrong.append("wrong n")
    orders = Counter(solutions[0].order for solutions in run.solutions.values())
    return {
        "kind": "sizes",
        "run": number,
        "claimed": run.claimed,
        "n": n,
        "claimed_n": claimed_n,
        "sizes": dict(zip(table.groups, run.sizes, strict=True)),
        "rows": len(run.solutions),
        "orders": {_named(table, order): count for order, count in orders.most_common()},
        "defects": wrong,
    }


def _row(table: PrintedTable, row: PrintedRow, runs: Sequence[Run]) -> Row:
    base: Row = {"kind": "row", "row": row.number, "model": row.model}
    place = next((place for place, run in enumerate(runs) if row.number in run.solutions), None)
    if place is None:
        return {**base, "run": None, **_unexplained(table, row, runs)}
    run = runs[place]
    solutions = run.solutions[row.number]
    solution = solutions[0]
    wins, ties = solution.sums()
    n = sum(run.sizes)
    out_of_place = [table.groups[column] for column in impossible(row, run.sizes, table.decimals)]
    return {
        **base,
        "run": place,
        "n": n,
        "wins": wins,
        "ties": ties,
        "losses": n - wins - ties,
        "win": wins / n,
        "tie": ties / n,
        "score": (wins + ties / 2) / n,
        "order": _named(table, solution.order),
        "impossible_in_place": out_of_place,
        "total": solution.total,
        "cells": {
            table.groups[group]: {"n": run.sizes[group], "wins": pair[0], "ties": pair[1]}
            for group, pair in sorted(zip(solution.order, solution.pairs, strict=True))
        },
        "repair": _repair(table, solution),
        "explanations": len({(found.order, found.pairs) for found in solutions}),
        "defects": _defects(solution, out_of_place),
    }


def _defects(solution: Solution, out_of_place: Sequence[str]) -> list[str]:
    found = []
    if solution.permuted:
        found.append("permuted columns")
    if out_of_place:
        found.append("impossible cell")
    totals = {"score/win": "average is score/win", "truncated": "average truncated"}
    if solution.total not in ("exact", "no total"):
        found.append(totals.get(solution.total, "average misprinted"))
    if solution.repair and solution.repair[0] >= 0:
        found.append("cell misprinted")
    return found


def _repair(table: PrintedTable, solution: Solution) -> Row | None:
    if solution.repair is None:
        return None
    place, side, right = solution.repair
    column = "total" if place < 0 else table.groups[place]
    return {"column": f"{column}_{side}", "implied": round(right, table.decimals)}


def _unexplained(table: PrintedTable, row: PrintedRow, runs: Sequence[Run]) -> Row:
    """Return what is known of a row that no sizes explain: its impossible cells under the set that has the fewest."""
    choices = [[table.groups[place] for place in impossible(row, run.sizes, table.decimals)] for run in runs]
    fewest = min(choices, key=len, default=[])
    wrong = ["impossible cell"] if fewest else []
    empty = any(cell is None for cell in row.cells)
    return {"impossible_in_place": fewest, "defects": wrong if empty else [*wrong, "unexplained"]}


def _named(table: PrintedTable, order: Sequence[int]) -> str:
    return ">".join(table.groups[group] for group in order)

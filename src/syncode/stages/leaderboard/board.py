"""From units to the rows of a leaderboard: shares, score, interval, rank, and what the missing games could change."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from syncode.schemas.records import Row
from syncode.stages.leaderboard.intervals import heaviest, rank_limits, score_interval
from syncode.stages.leaderboard.settings import Interval
from syncode.statistics.arrays import Floats
from syncode.statistics.clusters import (
    FEW_CLUSTERS,
    Differences,
    bootstrap_means,
    cluster_mean,
    paired_differences,
    rank_upper_bounds,
    ranks,
    resample,
)
from syncode.statistics.rates import plain
from syncode.verdicts.board import Board
from syncode.verdicts.fields import strata, unit_values
from syncode.verdicts.games import Games, look_alike
from syncode.verdicts.labels import counts
from syncode.verdicts.units import REASONS, Units, columns_of, units_of
from syncode.verdicts.weighed import vague

SMALL_CELL = 20
"""Cells with fewer units are marked (chosen here)."""

RANKS = ("rank", "rank_low", "rank_high", "rank_upper_bound")
"""Keys of a row that are null if a model has no result or too few: what was not judged has no place."""


@dataclass(frozen=True)
class Settings:
    """How intervals and cells are made. `by` names fields of the verdicts such as category; `level` is that of the intervals.

    A model with less than the share `complete` of its games judged has no rank.
    """

    rounds: int = 2000
    seed: int = 0
    level: float = 0.95
    interval: Interval = "wilson"
    stratify: str | None = None
    by: tuple[str, ...] = ()
    complete: float = 0.0


def board(games: Games, settings: Settings) -> Board:
    """Return the leaderboard of the games. The baseline of a fixed design has no row: its score is one half by definition."""
    units = units_of(games)
    shape = (len(games.clusters.names), len(games.models.names))
    gain, weight = columns_of(units, games)
    unsure = vague(games)
    shown = [number for number in range(shape[1]) if number != games.baseline]
    gain, weight = gain[:, shown], weight[:, shown]
    by_field = strata(games, settings.stratify) if settings.stratify else None
    counts_drawn = resample(shape[0], settings.rounds, settings.seed, by_field)
    means = [
        cluster_mean(gain[:, place], weight[:, place], heaviest(units, number, games.score), float(unsure[number]))
        for place, number in enumerate(shown)
    ]
    scores = np.array([mean.mean for mean in means])
    draws = bootstrap_means(gain, weight, counts_drawn) if settings.interval == "bootstrap" else None
    limits = [
        score_interval(mean, None if draws is None else draws[:, place], settings.interval, settings.level)
        for place, mean in enumerate(means)
    ]
    low, high = (np.array([limit[side] for limit in limits], dtype=np.float64) for side in (0, 1))
    counted = [_counted(units.chosen(units.model == number), games, number) for number in shown]
    placed = np.array([row["coverage"] >= settings.complete and row["n"] > 0 for row in counted], dtype=bool)
    rank = ranks(np.where(placed, scores, np.nan))
    differences = differences_of(games, units, shown)
    rank_low, rank_high = rank_limits(differences, placed)
    sure_low = np.where(placed, np.nan_to_num(low, nan=-1.0), -1.0)  # what has no rank is ahead of nothing
    upper = rank_upper_bounds(sure_low, np.nan_to_num(high, nan=2.0))
    names = np.array([games.models.names[number] for number in shown])
    order = np.lexsort((names, -np.nan_to_num(scores, nan=-1.0), rank)).tolist()
    cells = {name: _cells(games, units, shown, name, counts_drawn, settings) for name in settings.by}
    rows = []
    for place in order:
        number = shown[place]
        row, score = counted[place], plain(scores[place])
        places = (rank[place], rank_low[place], rank_high[place], upper[place])
        row |= {
            "score": score,
            "low": plain(low[place]),
            "high": plain(high[place]),
            "interval": limits[place][2],
            "error": plain(means[place].error),
            "row_error": plain(_as_if_independent(units, number)),
            **{name: int(value) if placed[place] else None for name, value in zip(RANKS, places, strict=True)},
            "questions": _questions(units, number),
        }
        if games.clusters.names != games.questions.names:
            row["clusters"] = means[place].clusters
        row |= _bounds(units, number)
        row["rule"] = games.score
        row["baseline"] = None if games.baseline is None else games.models.names[games.baseline]
        if settings.by:
            row["by"] = {name: values[place] for name, values in cells.items()}
        rows.append(row)
    turned = np.array(order)
    return Board(
        rows=rows,
        games=games,
        units=units,
        order=[shown[place] for place in order],
        differences=_turned(differences, turned),
        gain=gain[:, turned],
        weight=weight[:, turned],
        counts=counts_drawn,
        coverage=_coverage(units),
        warnings=_warnings(games, rows),
    )


def differences_of(games: Games, units: Units, shown: Sequence[int]) -> Differences:
    """Return the differences of all pairs on common questions; what is drawn together may move their errors, never them."""
    unsure = vague(games)[shown]
    gain, weight = columns_of(units, games, by_question=True)
    found = paired_differences(gain[:, shown], weight[:, shown], unsure)
    if games.clusters.names == games.questions.names:
        return found
    gain, weight = columns_of(units, games)
    drawn = paired_differences(gain[:, shown], weight[:, shown], unsure)
    return dataclasses.replace(drawn, difference=found.difference, common=found.common)


def _questions(units: Units, number: int) -> int:
    """Return on how many questions a model has a result."""
    return len(np.unique(units.question[(units.model == number) & (units.weight > 0)]))


def _as_if_independent(units: Units, number: int) -> float:
    """Return the error as if every unit were a question of its own, to be compared with the one by question."""
    mine = (units.model == number) & (units.weight > 0)
    return cluster_mean(units.gain[mine], units.weight[mine]).error


def _counted(mine: Units, games: Games, number: int) -> Row:
    """Return names, numbers of units and shares of one model."""
    kinds = np.bincount(mine.outcome, minlength=4)
    n, missing = int(kinds[:3].sum()), int(kinds[3])
    given = mine.reason[mine.outcome < 3]
    reasons = np.bincount(given, minlength=len(REASONS))
    row: Row = {
        "model": games.models.names[number],
        "n": n,
        "missing": missing,
        "coverage": _coverage(mine),
        "wins": int(kinds[0]),
        "ties": int(kinds[1]),
        "losses": int(kinds[2]),
    }
    row |= {name: (int(kinds[place]) / n if n else None) for place, name in enumerate(("win", "tie", "loss"))}
    row |= {name: int(reasons[place]) for place, name in enumerate(REASONS) if name}
    return row


def _coverage(units: Units) -> float:
    """Return the share of expected games that have a verdict."""
    expected = int(units.expected.sum())
    return int(units.given.sum()) / expected if expected else 0.0


def _bounds(units: Units, number: int) -> Row:
    """Return the score if all missing verdicts were lost, and if all were won; without one of its votes a panel is not sure."""
    mine = units.chosen(units.model == number)
    open_weight = mine.stake - mine.weight + np.where(mine.given < mine.expected, mine.weight, 0.0)
    gain = float(mine.gain[mine.given >= mine.expected].sum())
    total, stake = float(mine.stake.sum()), float(open_weight.sum())
    if total == 0:
        return {"bound_low": 0.0, "bound_high": 1.0}
    return {"bound_low": gain / total, "bound_high": (gain + stake) / total}


def _cells(
    games: Games, units: Units, shown: Sequence[int], name: str, drawn: Floats, settings: Settings
) -> list[dict[str, Row]]:
    """Return for each shown model: value of the field -> {n, win, tie, loss, score, low, high, small}, values sorted."""
    names = unit_values(games, units, name)
    tables: list[dict[str, Row]] = [{} for _ in shown]
    unsure = vague(games)
    column = np.array(names)
    for value in sorted(set(names)):
        part = units.chosen(column == value)
        gain, weight = columns_of(part, games)
        draws = bootstrap_means(gain[:, shown], weight[:, shown], drawn) if settings.interval == "bootstrap" else None
        for place, number in enumerate(shown):
            most = heaviest(part, number, games.score)
            mean = cluster_mean(gain[:, number], weight[:, number], most, float(unsure[number]))
            kinds = np.bincount(part.outcome[part.model == number], minlength=4)
            n = int(kinds[:3].sum())
            cell: Row = {"n": n, "missing": int(kinds[3])}
            cell |= {kind: (int(kinds[at]) / n if n else None) for at, kind in enumerate(("win", "tie", "loss"))}
            mine = None if draws is None else draws[:, place]
            low, high, _ = score_interval(mean, mine, settings.interval, settings.level)
            cell |= {"score": plain(mean.mean), "low": plain(low), "high": plain(high)}
            tables[place][value] = {**cell, "small": n < SMALL_CELL}
    _add_up(tables, units, shown)
    return tables


def _add_up(tables: Sequence[dict[str, Row]], units: Units, shown: Sequence[int]) -> None:
    """Raise AssertionError if the cells of a model do not hold each of its units once: that is a bug, never the data."""
    for table, number in zip(tables, shown, strict=True):
        counted = sum(cell["n"] + cell["missing"] for cell in table.values())
        if counted != int((units.model == number).sum()):
            raise AssertionError(f"the cells of a model hold {counted} units, not all of them once")


def _turned(differences: Differences, order: Any) -> Differences:
    chosen = np.ix_(order, order)
    return dataclasses.replace(
        differences, **{item.name: getattr(differences, item.name)[chosen] for item in dataclasses.fields(differences)}
    )


def _look_alike(games: Games) -> list[str]:
    """Return what to say of names that a reader would take for one."""
    alike = [each for names in (games.models, games.judges, games.questions) for each in look_alike(names.names)]
    shown = "; ".join(", ".join(map(ascii, each)) for each in alike[:3])
    more = f" and {len(alike) - 3} more" if len(alike) > 3 else ""
    return [f"names that look alike are different ones: {shown}{more}"] if alike else []


def _warnings(games: Games, rows: Sequence[Row]) -> list[str]:
    warnings = []
    if games.unsure:
        warnings.append(
            f"{games.unsure} verdicts without digests (question_sha, answer_sha_a, answer_sha_b): whether all are about the "
            "same questions and answers is not known"
        )
    if games.alike:
        warnings.append(
            f"{games.alike} verdicts without id are equal to another one in every field, and count all the same"
        )
    if games.left_out:
        warnings.append(f"{games.left_out} games are not against the baseline and are left out")
    strangers = [name for name in games.questions.names if games.tasks and name not in games.tasks]
    if strangers:
        warnings.append(
            f"questions of the verdicts that are not among the tasks of --tasks, and count all the same: {len(strangers)}"
        )
    fewest = min((int(row["clusters"] if "clusters" in row else row["questions"]) for row in rows), default=0)
    if fewest < FEW_CLUSTERS:
        drawn = "questions" if games.clusters.names == games.questions.names else "clusters"
        warnings.append(f"{fewest} {drawn}: below {FEW_CLUSTERS} an interval is rough")
    warnings += _look_alike(games)
    states: dict[str, int] = {}
    for game in games.games:
        if not counts(game.row):
            states[game.state] = states.get(game.state, 0) + 1
    if states:
        listed = ", ".join(f"{state} {count}" for state, count in sorted(states.items()))
        warnings.append(f"games without a verdict: {listed}")
    contestants = {name for name in games.models.names if name in games.judges.names}
    if contestants:
        warnings.append(f"judge and contestant at once: {', '.join(sorted(contestants))}")
    versions: dict[str, set[str]] = {}
    settings: dict[str, set[str]] = {}
    for game in games.games:
        if game.row.get("judge_model"):
            versions.setdefault(game.row.get("judge", ""), set()).add(game.row["judge_model"])
        if game.row.get("settings_sha"):
            settings.setdefault(game.row.get("judge", ""), set()).add(str(game.row["settings_sha"]))
    warnings += [
        f"judge {name} was asked with {len(found)} different prompts or settings (settings_sha), counted side by side"
        for name, found in settings.items()
        if len(found) > 1
    ]
    warnings += [
        f"judge {name} answered as {', '.join(sorted(models))}: a changed judge is another judge"
        for name, models in versions.items()
        if len(models) > 1
    ]
    return warnings

"""How many games a goal needs, from a pilot: runs of `--until` simulated on questions like those of the pilot."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from syncode.errors import DataError
from syncode.schemas.records import Row
from syncode.statistics.arrays import Floats
from syncode.statistics.distributions import normal_quantile
from syncode.statistics.race import Race
from syncode.statistics.sequences import limits
from syncode.verdicts.designs import Design, purchased, sides

RUNS = 200
"""Simulated runs: the 5th and 95th percentiles are then the 10th and 190th (chosen here)."""
LONGEST = 10_000
"""Questions after which a simulated run is given up (chosen here)."""
FINE = 40
"""Borders between which a simulated race decides as often as a real one; then half as often, and so on (chosen here)."""
BORDERS = 64
"""Ends of a search for a width, evenly apart on a log scale (chosen here)."""


@dataclass(frozen=True)
class Pilot:
    """What a pilot shows: `values`, shape (questions, models), on the questions that have a verdict for every model.

    `games` is the mean number of games per question and pair of answers, `tokens` the mean per game for which a judge was asked.
    """

    names: list[str]
    values: Floats
    games: float
    tokens: float


def pilot(rows: Iterable[Row], design: Design) -> Pilot:
    """Return what verdicts show; any of the design's score will do, also such as name no design.

    Raises DataError for fewer than two questions with a verdict for every model.
    """
    places: dict[str, int] = {}
    marked = [
        {**row, "design": {"place": places.setdefault(str(row["task_id"]), len(places))}}
        for row in rows
        if "canary" not in row
    ]
    found = purchased(marked, design)
    known = (found.low == found.high).all(axis=1)
    if known.sum() < 2:
        raise DataError(f"{known.sum()} questions have a verdict for every model: a forecast needs two at least")
    met = {(row["design"]["place"], frozenset(sides(row))) for row in marked}
    tokens = found.tokens / found.asked if found.asked else 0.0
    return Pilot(found.names, found.low[known], found.games / len(met), tokens)


def forecast(seen: Pilot, design: Design, seed: int) -> list[Row]:
    """Return one row per model, and one for all of them (`model` null): what the goal needs in `questions` and `games`.

    Each of `RUNS` runs draws how often every question of the pilot stands for others (a Bayesian bootstrap, with half a question
    that every model wins and half a one that every model loses: a pilot without variance does not make it certain), and then
    questions by that. The middle run and the ends of nine in ten stand in `middle`, `low`, `high`: null if it is not reached, on
    the design's questions or (0 of them) on `LONGEST`; `reached` is the share of runs that reach it. `fixed` is the number of
    questions whose ordinary interval has the wanted width, null for `separated`.
    """
    random = np.random.default_rng(seed)
    values, size = seen.values, len(seen.names)
    most = design.questions or LONGEST
    ends = np.vstack([values, np.ones(size), np.zeros(size)])
    needed = np.empty((RUNS, size))
    for run in range(RUNS):
        weights = random.dirichlet([1.0] * len(values) + [0.5, 0.5])
        drawn = ends[random.choice(len(ends), most, p=weights)]
        needed[run] = _separated(drawn, design) if design.width is None else [_wide(each, design) for each in drawn.T]
    against_all = design.baseline is None and design.score != "scoring"
    arms = list(itertools.combinations(range(size), 2)) if against_all else [(each,) for each in range(size)]
    games = np.stack([needed[:, arm].max(axis=1) for arm in arms], axis=1).sum(axis=1) * seen.games
    spreads = ends.std(axis=0, ddof=1)
    rows = []
    for each, name in enumerate([*seen.names, None]):
        questions = needed[:, each] if name is not None else needed.max(axis=1)
        mine = questions * seen.games * (size - 1 if against_all else 1) if name is not None else games
        fixed = None
        if design.width is not None:
            spread = float(spreads[each] if name is not None else spreads.max())
            fixed = math.ceil((2 * normal_quantile(1 - design.alpha) * spread / design.width) ** 2)
        rows.append(
            {
                "model": name,
                "until": design.until,
                "about": design.about,
                "pilot": len(values),
                "questions": _ends(questions),
                "games": _ends(mine),
                "tokens": _ends(mine * seen.tokens),
                "reached": float(np.isfinite(questions).mean()),
                "fixed": fixed,
            }
        )
    return rows


def _ends(needed: Floats) -> Row:
    """Return the middle run and the ends of nine in ten; null for those that never get there."""
    found = np.quantile(needed, [0.05, 0.5, 0.95], method="inverted_cdf")
    return {
        name: round(float(value)) if math.isfinite(value) else None
        for name, value in zip(("low", "middle", "high"), found, strict=True)
    }


def lines(rows: Sequence[Row], design: Design) -> list[str]:
    """Return a forecast for people."""
    whole = rows[-1]
    place = f"on {design.questions} questions" if design.questions else f"on {LONGEST:,} questions at most"
    text = [
        f"--until {design.until}, from {whole['pilot']} questions of a pilot: {_span(whole['games'])} games and "
        f"{_span(whole['tokens'])} tokens (nine simulated runs of ten); reached {place} in {100 * whole['reached']:.0f} % of runs"
    ]
    for row in rows[:-1]:
        fixed = "" if row["fixed"] is None else f"; a fixed number of questions would be {row['fixed']:,}"
        text.append(f"  {row['model']}: {_span(row['questions'])} questions{fixed}")
    return text


def _span(ends: Row) -> str:
    low, middle, high = (f"{ends[name]:,}" if ends[name] is not None else "never" for name in ("low", "middle", "high"))
    return f"{middle} ({low} to {high})"


def _separated(drawn: Floats, design: Design) -> Floats:
    """Return the questions after which each model is settled in one simulated run; infinite if it is not."""
    most = len(drawn)
    race = Race(drawn.shape[1], replace(design.rule(), total=most if design.about == "table" else None))
    start, step = 0, design.every
    while race.open and start < most:
        race.advance(drawn[start : start + step], drawn[start : start + step])
        start += step
        if start >= FINE * step:
            step *= 2
    return np.where([each in race.open for each in range(len(race.taken))], np.inf, race.taken)


def _wide(drawn: Floats, design: Design) -> float:
    """Return the questions after which the limits are as near as wanted: the first of some ends, infinite if none is."""
    assert design.width is not None
    total = len(drawn) if design.about == "table" else None
    ends = np.unique(np.geomspace(design.every, len(drawn), BORDERS).astype(np.int64) // design.every * design.every)
    low, high = 0, len(ends)
    while low < high:  # widths fall with the questions, but for single draws
        middle = (low + high) // 2
        part = drawn[: ends[middle]]
        found = limits(part, part, design.alpha, total)
        low, high = (low, middle) if found[1] - found[0] <= design.width else (middle + 1, high)
    return float(ends[low]) if low < len(ends) else math.inf

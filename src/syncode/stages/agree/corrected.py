"""Win rates of a judge corrected by the people who labelled some of the same pairs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from syncode.schemas.records import Row
from syncode.stages.agree.ratings import Ratings
from syncode.statistics.arrays import Booleans, Floats
from syncode.statistics.prediction_powered import Corrected, Labelled, labels_needed, prediction_powered
from syncode.statistics.rates import plain
from syncode.verdicts.contents import stated_baseline
from syncode.verdicts.games import Games


def corrected_rows(
    games: Games, ratings: Ratings, majority: Floats, weights: Sequence[float], width: float | None = None
) -> list[Row]:
    """Return one row for each judge and model: the people's mean, the judge's, and the prediction-powered one between them.

    `weights` holds the sampling weight of each unit; with a `width` the row says how many labels an interval of that width
    needs (null if a label for every pair is not enough). How far the judge is trusted (`power`) is tuned; the estimate with full
    trust stands beside it, because with a weak judge it is worse than the labels alone.
    """
    baselines = {games.models.number.get(stated_baseline(game.row) or "") for game in games.games}
    rows = []
    for judge in (number for number, human in enumerate(ratings.human) if not human):
        for number, name in enumerate(games.models.names):
            mine = np.array([number in (game.a, game.b) for game in ratings.games])
            side = np.array([1.0 if game.a == number else -1.0 for game in ratings.games])
            read = mine & ~np.isnan(ratings.values[judge])
            labelled = read & ~np.isnan(majority)
            if number in baselines or labelled.sum() < 2 or not (read & ~labelled).any():
                continue
            data = _data(ratings, judge, side, majority, (labelled, read & ~labelled, np.array(weights)))
            row = {"kind": "corrected", "judge": ratings.raters[judge], "model": name, **_row(data)}
            rows.append(row if width is None else {**row, "labels_needed": labels_needed(data, width)})
    return rows


def _row(data: Labelled) -> Row:
    alone, full, tuned = (prediction_powered(data, power) for power in (0.0, 1.0, None))
    everything = np.concatenate([data.judge, data.rest])
    low, high = tuned.interval()
    return {
        "labelled": len(data.human),
        "unlabelled": len(data.rest),
        **_named("people", alone),
        "judge_mean": float(everything.mean()),
        "judge_on_labelled": float(data.judge.mean()),
        **_named("full_trust", full),
        "power": tuned.power,
        **_named("corrected", tuned),
        "low": plain(low),
        "high": plain(high),
        "interval": "wilson",
    }


def _named(name: str, found: Corrected) -> Row:
    return {name: plain(found.mean), f"{name}_error": plain(found.error)}


def _data(
    ratings: Ratings, judge: int, side: Floats, majority: Floats, parts: tuple[Booleans, Booleans, Floats]
) -> Labelled:
    labelled, rest, weights = parts

    def gain(values: Floats, chosen: Booleans) -> Floats:
        return np.asarray((np.sign(values[chosen] * side[chosen]) + 1) / 2)

    equal = bool(np.allclose(weights[labelled], weights[labelled][0]))
    return Labelled(
        human=gain(majority, labelled),
        judge=gain(ratings.values[judge], labelled),
        rest=gain(ratings.values[judge], rest),
        weight=None if equal else weights[labelled],
        cluster=ratings.question[labelled],
        rest_cluster=ratings.question[rest],
    )

"""Questions as items of a test: how hard, how telling, how much the judge wavers, and which few of them are enough."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from syncode.schemas.records import Row
from syncode.stages.leaderboard.questions.results import DIFFICULTIES, Results
from syncode.stages.leaderboard.questions.settings import ItemOptions
from syncode.stages.leaderboard.questions.units import flips_of
from syncode.statistics.arrays import Floats
from syncode.statistics.clusters import resample
from syncode.statistics.correlation import kendall, shifted_interval
from syncode.statistics.distributions import cluster_quantile
from syncode.statistics.items import ALIKE, LEAST_MODELS, cronbach, discrimination, smallest_subset
from syncode.statistics.rates import plain
from syncode.verdicts.games import Game
from syncode.verdicts.labels import ABOUT

ROUNDS = 1_000
"""Bootstrap rounds of the rank correlation with labelled difficulty (chosen here)."""


def item_rows(results: Results, options: ItemOptions, seed: int) -> list[Row]:
    """Return one row on all questions, one per labelled difficulty, one on the smallest subset, then one per question.

    Memory: 8 bytes per question and model, several times.
    """
    scores = results.scores
    found = discrimination(scores)
    questions = _questions(results, scores, found)
    rows = [
        _summary(results, scores, questions),
        *_difficulty(results, scores, seed),
        *_subset(results, scores, options, seed),
    ]
    return rows + sorted(questions, key=lambda row: (row["discrimination"] is None, row["discrimination"] or 0.0))


def _questions(results: Results, scores: Floats, found: Floats) -> list[Row]:
    games: dict[int, list[Game]] = defaultdict(list)
    for game in results.table.games if results.table else ():
        games[game.question].append(game)
    rows = []
    for place, name in enumerate(results.questions):
        line = scores[place][~np.isnan(scores[place])]
        flips, doubles = flips_of(games[place])
        row: Row = {"kind": "question", "task_id": name, **{each: results.label(name, each) for each in ABOUT}}
        row |= {"models": len(line), "score": plain(line.mean()) if len(line) else None}
        row |= {
            "measured_difficulty": 1 - row["score"] if len(line) else None,
            "spread": plain(line.std()) if len(line) else None,
        }
        row |= {"discrimination": plain(found[place]), "dead": bool(len(line) > 1 and np.ptp(line) < ALIKE)}
        row |= {"flips": flips, "both_orders": doubles, "flip_share": flips / doubles if doubles else None}
        rows.append({**row, "question_sha": results.digest(name, "question_sha")})
    return rows


def _summary(results: Results, scores: Floats, questions: Sequence[Row]) -> Row:
    complete = ~np.isnan(scores).any(axis=1)
    known = [row["discrimination"] for row in questions if row["discrimination"] is not None]
    doubles = sum(row["both_orders"] for row in questions)
    return {
        "kind": "summary",
        "rule": results.rule,
        "questions": len(questions),
        "complete": int(complete.sum()),
        "models": len(results.models),
        "dead": sum(row["dead"] for row in questions),
        "against": sum(value < 0 for value in known),
        "discrimination": plain(float(np.median(known))) if known else None,
        "alpha": plain(cronbach(scores[complete])) if complete.any() else None,
        "flips": sum(row["flips"] for row in questions),
        "both_orders": doubles,
        "flip_share": sum(row["flips"] for row in questions) / doubles if doubles else None,
    }


def _difficulty(results: Results, scores: Floats, seed: int) -> list[Row]:
    """Return how hard the questions of each labelled difficulty are, by all models, and whether the order holds."""
    labels = [(results.label(name, "difficulty") or "").lower() for name in results.questions]
    means = np.array([line[~np.isnan(line)].mean() if (~np.isnan(line)).any() else np.nan for line in scores])
    known = [value for value in DIFFICULTIES if value in labels]
    values = known + sorted({value for value in labels if value and value not in DIFFICULTIES})
    rows: list[Row] = []
    for value in values:
        mine = means[[place for place, each in enumerate(labels) if each == value]]
        mine = 1 - mine[~np.isnan(mine)]
        if not len(mine):
            continue
        error = float(mine.std(ddof=1) / np.sqrt(len(mine))) if len(mine) > 1 else float("nan")
        half = cluster_quantile(0.95, len(mine)) * error
        low, high = plain(max(0.0, mine.mean() - half)), plain(min(1.0, mine.mean() + half))
        rows.append(
            {
                "kind": "difficulty",
                "label": value,
                "n": len(mine),
                "measured": float(mine.mean()),
                "low": low,
                "high": high,
            }
        )
    placed = [place for place, each in enumerate(labels) if each in known and not np.isnan(means[place])]
    if len(known) < 2 or len(placed) < 3:
        return rows
    stated = np.array([float(known.index(labels[place])) for place in placed])
    measured = 1 - means[placed]
    tau = kendall(stated, measured)
    counts = resample(len(placed), ROUNDS, seed).astype(np.int64)
    draws = np.array(
        [kendall(*(np.repeat(each, line) for each in (stated, measured))) for line in counts[: _rounds(len(placed))]]
    )
    low_tau, high_tau = shifted_interval(tau, draws)
    return [
        *rows,
        {
            "kind": "difficulty_order",
            "n": len(placed),
            "kendall": plain(tau),
            "low": plain(low_tau),
            "high": plain(high_tau),
        },
    ]


def _rounds(questions: int) -> int:
    """Return how many rounds are drawn: Kendall's tau takes the square of the questions, 40 million steps are half a second."""
    return max(100, min(ROUNDS, 40_000_000 // questions**2))


def _subset(results: Results, scores: Floats, options: ItemOptions, seed: int) -> list[Row]:
    """Return the smallest subset that keeps the ranking, with how it does on models that did not choose it."""
    complete = np.flatnonzero(~np.isnan(scores).any(axis=1))
    row: Row = {"kind": "subset", "keep": options.tau, "of": len(complete), "models": len(results.models)}
    if len(results.models) < LEAST_MODELS or len(complete) < 2:
        why = f"{len(results.models)} models on {len(complete)} complete questions: {LEAST_MODELS} models or more are needed"
        return [{**row, "size": None, "why": why}]
    found = smallest_subset(scores[complete], options.tau, seed)
    row |= {"size": len(found.chosen), "tau": plain(found.tau), "tau_held_out": plain(found.held_out)}
    row |= {"tau_random": plain(found.random), "reached": found.reached, "why": None}
    return [{**row, "questions": [results.questions[complete[place]] for place in found.chosen]}]

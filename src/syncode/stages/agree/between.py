"""Raters against each other: agreement that chance would not give, and one number for a whole panel."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from syncode.schemas.records import Row
from syncode.stages.agree.ratings import Ratings, label_numbers
from syncode.stages.agree.settings import Interval
from syncode.statistics import agreement
from syncode.statistics.agreement import Disagreement
from syncode.statistics.arrays import Floats, Integers
from syncode.statistics.bounded import mean_interval
from syncode.statistics.chance_corrected import interval
from syncode.statistics.clusters import by_cluster, jackknife, percentiles, resample
from syncode.statistics.dawid_skene import dawid_skene, leave_one_out
from syncode.statistics.rates import plain, rate_row

PANEL = 3
"""From this many raters on each of them is compared with all others."""
MANY_RATERS = 12
"""From this many raters on pairs are not listed: 12 give 66 lines (chosen here)."""


@dataclass(frozen=True)
class Drawing:
    """How intervals are made: `rounds` 0 leaves them out."""

    seed: int = 0
    rounds: int = 1000
    interval: Interval = "wilson"


def pair_rows(ratings: Ratings, drawing: Drawing) -> list[Row]:
    """Return one row for every two raters that share a unit; none if there are more than 12 of a kind."""
    rows = []
    for kind in (True, False):
        mine = [number for number, human in enumerate(ratings.human) if human is kind]
        if len(mine) <= MANY_RATERS:
            rows += [row for pair in itertools.combinations(mine, 2) if (row := pair_row(ratings, *pair, drawing))]
    return rows


def pair_row(ratings: Ratings, first: int, second: int, drawing: Drawing) -> Row | None:
    """Return the agreement of two raters, None if they share no unit."""
    fine = ratings.fine(first, second)
    left, right = (label_numbers(ratings.values[rater], fine) for rater in (first, second))
    row = agreement_row(left, right, 5 if fine else 3, ratings.question, drawing)
    if row is None:
        return None
    names = {"kind": "raters", "first": ratings.raters[first], "second": ratings.raters[second]}
    return {**names, "people": ratings.human[first], **row}


def agreement_row(left: Integers, right: Integers, labels: int, question: Integers, drawing: Drawing) -> Row | None:
    """Return raw agreement, kappa, linear kappa and AC1 with intervals by question, and the confusion table (rows = left)."""
    read = (left >= 0) & (right >= 0)
    if not read.any():
        return None
    left, right = left[read], right[read]
    _, numbers = np.unique(question[read], return_inverse=True)
    tables = np.zeros((int(numbers.max()) + 1, labels, labels))
    np.add.at(tables, (numbers, left, right), 1)
    table = tables.sum(axis=0)
    tie = labels // 2
    decided = (left != tie) & (right != tie)
    same = np.sign(left - tie) == np.sign(right - tie)
    row: Row = {"n": int(read.sum()), "missing": int(len(read) - read.sum()), "agree": int(table.trace())}
    row |= {"interval": drawing.interval}
    row |= {"agreement": plain(agreement.raw(table)), **_limits("agreement", _agreement_limits(tables, drawing))}
    statistics: dict[str, Callable[[Floats], Disagreement]] = {
        "kappa": agreement.cohen_disagreement,
        "kappa_linear": lambda counts: agreement.cohen_disagreement(counts, linear=True),
        "ac1": agreement.gwet_disagreement,
    }
    for name, statistic in statistics.items():
        row |= {name: plain(statistic(table).agreement), **_limits(name, limits(tables, statistic, drawing))}
    row |= {"decided_agree": int((same & decided).sum()), "decided": int(decided.sum())}
    return {**row, "confusion": table.astype(int).tolist()}


def limits(
    tables: Floats, statistic: Callable[[Floats], Disagreement], drawing: Drawing
) -> tuple[float | None, float | None]:
    """Return the interval of a coefficient of summed tables, shape (questions, ...), by the method that is asked for."""
    if not drawing.rounds:
        return None, None
    if drawing.interval == "bootstrap":
        return _bootstrap(tables, lambda table: statistic(table).agreement, drawing)
    low, high = interval(tables, statistic)
    return plain(low), plain(high)


def _agreement_limits(tables: Floats, drawing: Drawing) -> tuple[float | None, float | None]:
    """Return the interval of raw agreement."""
    if not drawing.rounds:
        return None, None
    if drawing.interval == "bootstrap":
        return _bootstrap(tables, agreement.raw, drawing)
    low, high = mean_interval(np.trace(tables, axis1=1, axis2=2), tables.sum(axis=(1, 2)))
    return plain(low), plain(high)


def _limits(name: str, found: tuple[float | None, float | None]) -> Row:
    return {f"{name}_low": found[0], f"{name}_high": found[1]}


def _bootstrap(
    tables: Floats, statistic: Callable[[Floats], float], drawing: Drawing
) -> tuple[float | None, float | None]:
    """Return the percentile interval of a statistic of summed tables, shape (questions, ...), over drawn questions.

    None if no draw differs from another: nothing was seen to vary, which proves nothing.
    """
    questions = len(tables)
    if questions < 2:
        return None, None
    drawn = resample(questions, drawing.rounds, drawing.seed) @ tables.reshape(questions, -1)
    low, high = percentiles(np.array([statistic(one.reshape(tables.shape[1:])) for one in drawn]))
    return (plain(float(low)), plain(float(high))) if high > low else (None, None)


def panel_rows(ratings: Ratings, drawing: Drawing) -> list[Row]:
    """Return Krippendorff's alpha for people and for models, if there are two raters at least, and what each adds to three."""
    rows = []
    for people in (True, False):
        chosen = np.array([human is people for human in ratings.human], dtype=bool)
        if chosen.sum() >= 2:
            row = alpha_row(
                ratings.values[chosen], ratings.question, drawing, ratings.fine(*np.flatnonzero(chosen).tolist())
            )
            rows.append({"kind": "panel", "raters": int(chosen.sum()), "people": people, **row})
        if PANEL <= chosen.sum() <= MANY_RATERS:
            rows += [{**row, "people": people} for row in _member_rows(ratings, np.flatnonzero(chosen).tolist())]
    return rows


def _member_rows(ratings: Ratings, members: list[int]) -> list[Row]:
    """Return for each rater of a panel its weight (Dawid and Skene) and how often it agrees with the panel of all others.

    Both with intervals by question; that of the weight from fits without a part of the questions each.
    """
    numbers = np.stack([label_numbers(ratings.values[member], False) for member in members])
    if not (numbers >= 0).any():
        return []
    turned = np.array([game.a > game.b for game in ratings.games], dtype=bool)
    numbers = np.where((numbers >= 0) & turned, 2 - numbers, numbers)
    pairs = [(min(game.a, game.b), max(game.a, game.b)) for game in ratings.games]
    group = np.unique(np.array(pairs), axis=0, return_inverse=True)[1].ravel()
    _, cluster = np.unique(ratings.question, return_inverse=True)
    weights = jackknife(lambda kept: _weights(numbers[:, kept], group[kept]), cluster)
    rows = []
    for place, (member, alike) in enumerate(zip(members, leave_one_out(numbers, 3, group), strict=True)):
        both = alike >= 0
        hits, clusters = alike[both].astype(np.float64), cluster[both]
        rate = rate_row(hits.astype(bool).tolist(), clusters.tolist(), "agree")
        size = int(cluster.max()) + 1
        low, high = mean_interval(by_cluster(hits, clusters, size), by_cluster(np.ones(len(hits)), clusters, size))
        rate |= {"low": plain(low), "high": plain(high)}
        weight, least, most = (plain(side[place]) for side in weights)
        row = {"kind": "panel_rater", "rater": ratings.raters[member], "weight": weight}
        least = None if least is None else max(0.0, least)
        rows.append({**row, "weight_low": least, "weight_high": most, **rate})
    return rows


def _weights(numbers: Integers, group: Integers) -> Floats:
    return dawid_skene(numbers, 3, group).weight if (numbers >= 0).any() else np.full(len(numbers), np.nan)


def alpha_row(values: Floats, question: Integers, drawing: Drawing, fine: bool) -> Row:
    """Return what holds for all raters together, and how often one of them agrees with the rest."""
    numbers = np.stack([label_numbers(line, fine) for line in values])
    row = counted_row(numbers, 5 if fine else 3, question, drawing)
    alike, of = one_against_rest(agreement.label_counts(numbers, 5 if fine else 3))
    return {**row, "one_against_rest": alike, "one_against_rest_of": of, "ceiling": alike / of if of else None}


def counted_row(
    numbers: Integers, labels: int, question: Integers, drawing: Drawing, points: Floats | None = None
) -> Row:
    """Return what holds for all raters together: units, how they split, alpha at three levels, Fleiss' kappa.

    `numbers` has the shape (raters, units), -1 for no label. `majority` counts the label that more raters gave than any other,
    `no_majority` the units on which two labels share the lead.
    """
    counts = agreement.label_counts(numbers, labels)
    _, cluster = np.unique(question, return_inverse=True)
    tables = np.zeros((int(cluster.max()) + 1, labels, labels))
    np.add.at(tables, cluster, agreement.coincidences(counts))
    given, most = counts.sum(axis=1), counts.max(axis=1)
    rated = given > 0
    lead = rated & ((counts == most[:, None]).sum(axis=1) == 1)
    row: Row = {
        "units": int((given >= 2).sum()),
        "all_units": int(rated.sum()),
        "questions": int(cluster.max()) + 1,
        "missing": int((numbers < 0).sum()),
        "labels_a_unit": {
            str(size): int((given == size).sum()) for size in sorted(set(given[rated].astype(int).tolist()))
        },
        "unanimous": int((rated & (most == given)).sum()),
        "majority": np.bincount(counts[lead].argmax(axis=1), minlength=labels).tolist(),
        "no_majority": int((rated & ~lead).sum()),
        "alpha_nominal": plain(agreement.alpha_of(tables.sum(axis=0))),
        "alpha_ordinal": plain(agreement.alpha_of(tables.sum(axis=0), "ordinal")),
        "alpha_interval": plain(agreement.alpha_of(tables.sum(axis=0), "interval", points)),
    }
    row |= {"interval": drawing.interval, **_limits("alpha", limits(tables, agreement.alpha_disagreement, drawing))}
    complete = bool(len(counts) and (given == len(numbers)).all())
    return {**row, "fleiss": plain(agreement.fleiss(counts)) if complete else None}


def one_against_rest(counts: Floats) -> tuple[int, int]:
    """Return how often one label equals the majority of the other raters' labels, over units with three labels or more.

    The majority of the rest is the label with most votes, the middle label (a tie) if two share the lead. What people reach
    among themselves is the ceiling for any judge.
    """
    alike = of = 0
    tie = counts.shape[1] // 2
    for line in counts[counts.sum(axis=1) >= 3]:
        for label in np.flatnonzero(line).tolist():
            rest = line.copy()
            rest[label] -= 1
            lead = np.flatnonzero(rest == rest.max())
            chosen = int(lead[0]) if len(lead) == 1 else tie
            alike += int(line[label]) * (chosen == label)
            of += int(line[label])
    return alike, of

"""What a judge likes besides the better answer: length, mark-up, its own family, and a different verdict each time."""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

import numpy as np

from syncode.schemas.records import Row
from syncode.stages.agree.position import shown_value, swaps
from syncode.stages.agree.ratings import Ratings
from syncode.statistics.bounded import paired_difference
from syncode.statistics.clusters import by_cluster, cluster_mean, contributions
from syncode.statistics.rates import plain, rate_row
from syncode.text.style import STYLE
from syncode.verdicts.executions import Outcomes, outcomes
from syncode.verdicts.games import Game, Games

LENGTH = "length"


def style_rows(games: Games, majority: Sequence[tuple[Game, float]]) -> list[Row]:
    """Return for each judge, each person pooled as `people`, and the people's majority, how often more of a feature wins.

    Counted over decided games in which the two answers differ in the feature. Next to it, if there are executions, the same
    share for answers that pass against answers that fail, and the judge's share among games with equal results. A judge leans to
    a feature if it exceeds both people and tests (`exceeds`).
    """
    passed = outcomes(games)
    voters: dict[str, list[tuple[Game, float]]] = defaultdict(list)
    for game in games.games:
        if game.value:
            voters[games.judges.names[game.judge]].append((game, game.value))
    if majority:
        voters["people's majority"] = list(majority)
    rows: list[Row] = []
    if not any("lengths" in game.row or "style_a" in game.row for game in games.games):
        return rows
    for feature in (LENGTH, *STYLE[1:]):
        tests = _rate(((game, value) for game, value in _tested(games, passed)), feature)
        for judge, votes in voters.items():
            rate = _rate(votes, feature)
            if rate["of"]:
                row = {"kind": "style", "feature": feature, "judge": judge, **rate}
                if passed:
                    equal = [(game, value) for game, value in votes if _equal(passed, game)]
                    alike = _rate(equal, feature)
                    row |= {"tests_share": tests["share"], "tests_of": tests["of"]}
                    row |= {"equal_share": alike["share"], "equal_of": alike["of"]}
                rows.append(row)
    return _compared(rows)


def repeat_rows(games: Games) -> list[Row]:
    """Return for each judge that was asked the same game several times how steady it is, and what the order adds.

    `position_flip` is the share of flips under exchange minus the share of flips in the same order: what is left after chance.
    """
    groups: dict[tuple[object, ...], list[tuple[int, Game]]] = defaultdict(list)
    for game in games.games:
        if game.value is not None:
            groups[(*game.pair()[:-1], game.shown_first)].append((game.repeat, game))
    pairs: dict[int, list[tuple[Game, Game]]] = defaultdict(list)
    for found in groups.values():
        ordered = [game for _, game in sorted(found, key=lambda item: item[0])]
        if len({game.repeat for game in ordered}) > 1:
            pairs[ordered[0].judge] += itertools.pairwise(ordered)
    rows = []
    for judge, again in pairs.items():
        values = [(shown_value(first) or 0.0, shown_value(second) or 0.0) for first, second in again]
        questions = [first.cluster for first, _ in again]
        steady = rate_row([_sign(x) == _sign(y) for x, y in values], questions, "steady")
        flips = [x * y < 0 for x, y in values]
        doubles, _ = swaps([game for game in games.games if game.judge == judge])
        exchanged = sum(swap.flip for swap in doubles) / len(doubles) if doubles else None
        same = sum(flips) / len(flips)
        row = {"kind": "repeat", "judge": games.judges.names[judge], **steady, "flip_same_order": same}
        row |= {"flip_exchanged": exchanged, "position_flip": None if exchanged is None else exchanged - same}
        rows.append(row)
    return rows


def self_preference_rows(games: Games, ratings: Ratings, family: Callable[[str], str]) -> list[Row]:
    """Return for each judge how much more than judges of other families it prefers models of its own.

    A difference in differences over shared units: the judge's outcome for its own family's answer minus the mean outcome that
    the other judges give to the same answer, error by question. With executions also among answers with equal results.
    """
    left, right = (np.array([family(game.row[key]) for game in ratings.games]) for key in ("model_a", "model_b"))
    judges = {number: family(name) for number, name in enumerate(ratings.raters) if not ratings.human[number]}
    passed = outcomes(games)
    rows = []
    for judge, own in judges.items():
        others = [number for number, theirs in judges.items() if theirs != own]
        units = np.flatnonzero(((left == own) != (right == own)) & ~np.isnan(ratings.values[judge]))
        rest = ratings.values[np.ix_(np.array(others, dtype=np.int64), units)]
        known = (~np.isnan(rest)).sum(axis=0)
        if not (known > 0).any():
            continue
        side = np.where(left[units] == own, 1.0, -1.0)
        theirs = np.where(np.isnan(rest), 0.0, np.sign(rest)).sum(axis=0) / np.maximum(known, 1)
        gap = side * (np.sign(ratings.values[judge, units]) - theirs) / 2
        excess = [
            (int(ratings.question[unit]), float(value), _equal(passed, ratings.games[unit]))
            for unit, value, many in zip(units.tolist(), gap.tolist(), known.tolist(), strict=True)
            if many
        ]
        row = {"kind": "self_preference", "judge": ratings.raters[judge], "family": own, **_mean(excess)}
        equal = [entry for entry in excess if entry[2]]
        rows.append(row | ({f"equal_{key}": value for key, value in _mean(equal).items()} if equal else {}))
    return rows


def canary_rows(games: Games) -> list[Row]:
    """Return for each judge and kind of canary how often the judge held out: pairs whose right verdict is known beforehand."""
    found: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in games.canaries:
        if row.get("game", 0) == 0:
            found[(row.get("judge", ""), row["canary"])].append(row)
    rows = []
    for (judge, kind), mine in found.items():
        known = [row for row in mine if row.get("held") is not None]
        rate = rate_row([bool(row["held"]) for row in known], list(range(len(known))), "held")
        rows.append({"kind": "canary", "judge": judge, "canary": kind, "missing": len(mine) - len(known), **rate})
    return rows


def family_of(name: str) -> str:
    """Return the family of a model name: its leading letters below any path, in lower case (`openai:gpt-4o` is `gpt`)."""
    found = re.match(r"[a-z]+", re.split(r"[/:]", name.strip().lower())[-1])
    return found.group(0) if found else name.lower()


def families(pairs: Iterable[str]) -> Callable[[str], str]:
    """Return `family_of` with exceptions given as NAME=FAMILY."""
    named = dict(pair.split("=", 1) for pair in pairs)
    return lambda name: named.get(name) or family_of(name)


def amount(game: Game, side: str, feature: str) -> float | None:
    """Return how much of a feature the answer on side `a` or `b` has, None if the row does not say."""
    counts = game.row.get(f"style_{side}")
    if feature != LENGTH:
        return None if counts is None or feature not in counts else float(counts[feature])
    lengths = game.row.get("lengths")
    if lengths is not None and len(lengths) == 2:
        return float(lengths[0 if side == "a" else 1])
    return None if counts is None or "tokens" not in counts else float(counts["tokens"])


def _rate(votes: Iterable[tuple[Game, float]], feature: str) -> Row:
    hits, questions = [], []
    for game, value in votes:
        left, right = amount(game, "a", feature), amount(game, "b", feature)
        if value and left is not None and right is not None and left != right:
            hits.append((value > 0) == (left > right))
            questions.append(game.cluster)
    return rate_row(hits, questions, "more")


def _tested(games: Games, passed: Outcomes) -> Iterable[tuple[Game, float]]:
    """Yield each pair of answers once with the verdict of the tests: the passing answer wins."""
    seen: set[tuple[object, ...]] = set()
    for game in games.games:
        key = (game.row["task_id"], *sorted((game.a, game.b)))
        left, right = passed.of(game, "a"), passed.of(game, "b")
        if key in seen or left is None or right is None or left == right:
            continue
        seen.add(key)
        yield game, 1.0 if left else -1.0


def _equal(passed: Outcomes, game: Game) -> bool:
    left, right = passed.of(game, "a"), passed.of(game, "b")
    return left is not None and left == right


def _compared(rows: list[Row]) -> list[Row]:
    """Return the rows with `exceeds`: above the people's majority and above the tests, None if both are unknown."""
    people = {row["feature"]: row["share"] for row in rows if row["judge"] == "people's majority"}
    compared = []
    for row in rows:
        bars = [bar for bar in (people.get(row["feature"]), row.get("tests_share")) if bar is not None]
        compared.append({**row, "exceeds": row["share"] > max(bars) if bars else None})
    return compared


def _mean(excess: Sequence[tuple[int, float, bool]]) -> Row:
    _, numbers = np.unique([question for question, _, _ in excess], return_inverse=True)
    values = np.array([value for _, value, _ in excess])
    size = int(numbers.max()) + 1
    sums = (by_cluster(values, numbers, size), by_cluster(np.ones(len(values)), numbers, size))
    mean = cluster_mean(*sums)
    _, low, high, _ = paired_difference(contributions(*sums))
    return {"excess": mean.mean, "error": plain(mean.error), "low": plain(low), "high": plain(high), "n": len(values)}


def _sign(value: float) -> int:
    return (value > 0) - (value < 0)

"""Verdicts of a run that stopped when it knew enough: their design, and what each question is worth under it.

Every row of such a run says by which design it was bought (`design`). From these rows alone, in the order that the design names,
everything that the run decided can be worked out again: `judge` does it to stop, `leaderboard` to show what is valid.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from syncode.errors import DataError, UsageError
from syncode.schemas.records import Name, Row, draw
from syncode.statistics.arrays import Floats
from syncode.statistics.race import Rule
from syncode.verdicts.labels import VALUES, canonical, counts
from syncode.verdicts.protocols import Score

Swap = Literal["all", "close"]
About = Literal["population", "table"]
SCORES = ("codearena", "plain", "pairwise", "scoring")
"""Scores that are means over questions. That of arena-hard is a ratio of sums, which no interval for means is about."""
AUDITED = 0.5
"""Share of second games that are bought although the first decided: with one half every estimate stays within [0, 1]."""
_LABELS = tuple(float(value) for value in VALUES.values())


@dataclass(frozen=True)
class Design:
    """How games were bought: what for, in which order, and how many there would have been.

    `until` is `separated` or `width=W`. Questions come in the order of `order`; decisions fall after each `every` of them.
    `about` says whether the claims are about questions like these (`population`) or about what all `questions` of them would show
    (`table`). `swap` says which second games were bought. `possible` counts games of the whole table, `games` those of a pair;
    `score` says how they become a question's value.
    """

    until: str
    alpha: float
    seed: int
    every: int
    about: About
    swap: Swap
    score: Score
    games: int
    baseline: str | None
    questions: int
    possible: int

    @property
    def width(self) -> float | None:
        """The width that is wanted, None for `separated`."""
        return width_of(self.until)

    def rule(self) -> Rule:
        """Return when a contestant is settled."""
        total = self.questions if self.about == "table" else None
        return Rule(self.alpha, self.width, total, baseline=self.baseline is not None)

    def mark(self, place: int) -> Row:
        """Return what a row says of its design; `place` is that of its question in the order, from 0."""
        return {**asdict(self), "place": place}


def width_of(until: str) -> float | None:
    """Return W of `width=W`, None for `separated`. Raises UsageError for anything else."""
    if until == "separated":
        return None
    name, _, text = until.partition("=")
    try:
        width = float(text)
    except ValueError:
        width = 0.0
    if name != "width" or not 0 < width < 1:
        raise UsageError(
            f"--until {until}: expected `separated` or `width=W`, W being the distance of the limits, such as width=0.1"
        )
    return width


def order(seed: int, question: Name) -> int:
    """Return the number by which questions are sorted: drawn by run seed and id, never by position."""
    return draw(seed, question, 0, "judge.order")


def span(values: Sequence[float | None], score: Score) -> tuple[float, float]:
    """Return what a unit is worth at least and at most, from the values (-2 to 2) of its games; None is one that is not known."""
    choices = [_LABELS if value is None else (value,) for value in values]
    found = [_worth(each, score) for each in itertools.product(*choices)]
    return min(found), max(found)


def _worth(values: Sequence[float], score: Score) -> float:
    """Return 1, 1/2 or 0, or for plain games their mean."""
    signs = [float(np.sign(value)) for value in values]
    if score == "codearena":
        return 0.5 + float(np.sign(sum(values))) / 2
    if score == "pairwise":
        return 0.5 + signs[0] / 2 if len(set(signs)) == 1 else 0.5
    return 0.5 + sum(signs) / len(signs) / 2


def second_share(first: float | None, score: Score) -> float:
    """Return the chance with which `swap: close` buys the second game after the value of the first.

    It is 0 if the second cannot change the result, 1 if it can turn a win into a loss or back (the first was close, or has no
    verdict), and `AUDITED` otherwise: a first game that decided is then never more than one half from the result.
    """
    low, high = span((first, None), score)
    return 0.0 if high == low else AUDITED if low >= 0.5 or high <= 0.5 else 1.0


def bought(seed: int, pair: Name, judge: str, repeat: int, share: float) -> bool:
    """Return whether a second game is bought that is with the chance `share`, drawn by run seed and what is asked."""
    return draw(seed, f"{pair}/{judge}", repeat, "judge.swap") < share * 2**64


def estimate(values: Sequence[float | None], score: Score, swap: Swap) -> tuple[float, float]:
    """Return what a unit counts as, at least and at most, from the side of the model whose values these are.

    With `swap: close` a first game that decided counts as the result it points to; if the second was bought all the same, the
    difference counts 1 / `AUDITED` times. Over the draw that is the result of both games, however the judge follows the position.
    """
    if swap == "all":
        return span(values, score)
    share = second_share(values[0], score)
    if share in (0.0, 1.0):
        return span((*values, None)[:2], score)
    low, high = span((values[0], None), score)
    guess = high if (values[0] or 0) > 0 else low
    if len(values) == 1:
        return guess, guess
    found = span(values, score)
    return tuple(guess + (each - guess) / share for each in found)  # type: ignore[return-value]


@dataclass(frozen=True)
class Bought:
    """What was bought of a design, question by question in its order.

    `low` and `high`, shape (questions, contestants), are what a value is at least and at most, nan if a due game has no row.
    `games` are rows with a verdict or a state, `asked` those for which a judge was asked, `tokens` what these took.
    """

    names: list[str]
    low: Floats
    high: Floats
    games: int
    asked: int
    tokens: int

    @property
    def count(self) -> list[int]:
        """For each contestant the questions before the first one that is not there: a run may be stopped anywhere."""
        gone = np.isnan(self.low)
        return [int(column.argmax()) if column.any() else len(column) for column in gone.T]

    def gap(self, every: int) -> tuple[str, int] | None:
        """Return a contestant and a question of its that is not there although later ones are; None if there is no such gap.

        Behind a border, where a contestant may be settled, later games are those of its opponents.
        """
        for column, (name, count) in enumerate(zip(self.names, self.count, strict=True)):
            if count % every and not np.isnan(self.low[count:, column]).all():
                return name, count
        return None


def design_of(rows: Iterable[Row]) -> Design | None:
    """Return the design of verdict rows, None if they have none.

    Raises DataError if they come from several, or some of them from none: one table cannot hold both.
    """
    found: dict[str, Row | None] = {}
    for row in rows:
        if "canary" in row:
            continue
        mark = row.get("design")
        known = {key: value for key, value in mark.items() if key != "place"} if mark else None
        found.setdefault(repr(known), known)
    if len(found) > 1:
        some = "some verdicts come from a run with --until and others do not" if repr(None) in found else None
        raise DataError(
            f"{some or 'the verdicts come from several runs with --until'}: rank them apart (`design` says which is which)"
        )
    first = next(iter(found.values()), None)
    if first is None:
        return None
    try:
        return Design(**first)
    except TypeError as error:
        raise DataError(f"the `design` of the verdicts is not one that this version writes: {error}") from error


def purchased(rows: Iterable[Row], design: Design) -> Bought:
    """Return what the rows of a design are worth."""
    latest: dict[object, Row] = {}
    for at, row in enumerate(rows):  # of a game that stands twice, a verdict before none, as everywhere
        name = row.get("id", at)
        if "canary" not in row and not (name in latest and _result(row) is None):
            latest[name] = row
    played = list(latest.values())
    names = sorted({name for row in played for name in sides(row) if name != design.baseline})
    places = 1 + max((row["design"]["place"] for row in played), default=-1)
    low, high = values_of(played, design, names, range(places))
    asked = [row for row in played if row.get("requests")]
    used = [(row.get("usage") or {}).get(key, 0) for row in asked for key in ("prompt_tokens", "completion_tokens")]
    return Bought(names, low, high, len(played), len(asked), sum(used))


def values_of(rows: Iterable[Row], design: Design, names: Sequence[str], places: range) -> tuple[Floats, Floats]:
    """Return what each contestant's value on each question of `places` is at least and at most, shapes (places, names).

    Against a baseline it is the mean over judges and repeats, else over the opponents too; nan if a game that was due has no row.
    """
    units: dict[tuple[int, frozenset[str]], dict[tuple[Any, ...], list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        where = (row["design"]["place"], frozenset(sides(row)))
        units[where][row.get("judge"), row.get("repeat", 0), row.get("settings_sha")].append(row)
    single = design.score == "scoring"
    least = design.games if design.swap == "all" else 1  # an output may be cut between the two games
    low, high = (np.full((len(places), len(names)), np.nan) for _ in range(2))
    for column, name in enumerate(names):
        others = () if single else (design.baseline,) if design.baseline else names
        arms = [frozenset((name, str(other))) for other in others if other != name] or [frozenset((name,))]
        for line, place in enumerate(places):
            held = [units[place, arm] for arm in arms if (place, arm) in units]
            played = [games for turns in held for games in turns.values()]
            if len(held) == len(arms) and all(len(games) >= least for games in played):
                found = [_value(games, name, design) for games in played]
                low[line, column], high[line, column] = np.mean(found, axis=0)
    return low, high


def _result(row: Row) -> object:
    return row.get("score") if "points" in row else row.get("label")


def sides(row: Row) -> tuple[str, ...]:
    """Return the models of a game, or the one of a grade."""
    return (row["model"],) if "points" in row else (row["model_a"], row["model_b"])


def _value(games: Sequence[Row], name: str, design: Design) -> tuple[float, float]:
    """Return what the games of one judge on one question count as for a model, at least and at most."""
    if "points" in games[0]:
        score = games[0].get("score")
        return (0.0, 1.0) if score is None else (float(score), float(score))
    values: list[float | None] = []
    for row in sorted(games, key=lambda row: row.get("game", 0)):
        label = canonical(row.get("label") or "") if counts(row) else None
        value = None if label is None else float(VALUES[label])
        values.append(value if value is None or row["model_a"] == name else -value)
    return estimate(values, design.score, design.swap)

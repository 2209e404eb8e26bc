"""Verdicts as a table of raters by units: what two raters must share for their labels to be compared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from syncode.stages.agree.rules import RULES, rule_for
from syncode.stages.agree.settings import Rule, Unit
from syncode.statistics.arrays import Booleans, Floats, Integers
from syncode.verdicts.due import usual_orders
from syncode.verdicts.games import Game, Games, each_once, seats
from syncode.verdicts.panels import majority


@dataclass(frozen=True)
class Ratings:
    """`values[rater, unit]` in -2..2 from the side of the unit's first model, nan for no verdict; `missing` where one was due.

    `partly[rater, unit]` is true if one game of a pair is missing and the rule counts the other one alone.
    `human[rater]` says who is a person, `question[unit]` numbers the cluster, `games[unit]` is one of the games behind it,
    `rule` says what a unit is: a single game (`plain`), or a pair of games as one of `rules.RULES` counts both orders.
    """

    raters: list[str]
    human: list[bool]
    values: Floats
    missing: Booleans
    partly: Booleans
    question: Integers
    games: list[Game]
    rule: Rule

    def number(self, name: str) -> int:
        """Return the number of a rater."""
        return self.raters.index(name)

    def fine(self, *raters: int) -> bool:
        """Return whether all of these raters use the strong labels, so that five labels can be compared."""
        return all(bool((np.abs(self.values[rater]) == 2).any()) for rater in raters)

    def with_units(self, games: Sequence[Game]) -> Ratings:
        """Return the table with further units that no one here has rated."""
        nothing = np.full((len(self.raters), len(games)), np.nan)
        return replace(
            self,
            values=np.hstack([self.values, nothing]),
            missing=np.hstack([self.missing, np.isnan(nothing)]),
            partly=np.hstack([self.partly, ~np.isnan(nothing)]),
            question=np.concatenate([self.question, np.array([game.cluster for game in games], dtype=np.int64)]),
            games=[*self.games, *games],
        )

    def majority(self) -> Floats:
        """Return the people's majority on each unit: 1, 0, -1, nan if no person rated it."""
        people = self.values[np.array(self.human, dtype=bool)]
        rated = ~np.isnan(people)
        found = [
            majority(people[rated[:, unit], unit].tolist()) if rated[:, unit].any() else np.nan
            for unit in range(people.shape[1])
        ]
        return np.array(found)


def ratings_of(
    games: Games, is_human: Callable[[str], bool], unit: Unit = "auto", score: Rule | None = None
) -> Ratings:
    """Return the table. `auto` compares single games where raters share them, else pairs; `score` names the rule instead.

    Raises UsageError for a unit and a score that contradict each other. Memory: 8 bytes for each rater and unit.
    """
    names = games.judges.names
    human = [is_human(name) for name in names]
    rule = rule_for(unit, score, unit == "auto" and score is None and _needs_pairs(games.games, human))
    combine = RULES.get(rule)
    answers = all(game.row.get("answer_a") and game.row.get("answer_b") for game in games.games)
    places: dict[tuple[object, ...], int] = {}
    examples: list[Game] = []
    collected: dict[tuple[int, int], list[Game]] = defaultdict(list)
    for game in games.games:
        place = places.setdefault(_key(game, combine is not None, answers), len(places))
        if place == len(examples):
            examples.append(game)
        collected[(game.judge, place)].append(game)
    due = [1 if human[judge] or combine is None else _due(collected, judge) for judge in range(len(names))]
    values = np.full((len(names), len(places)), np.nan)
    missing = np.zeros(values.shape, dtype=bool)
    partly = np.zeros(values.shape, dtype=bool)
    for (judge, place), mine in collected.items():
        mine = mine if human[judge] or combine is None else _once(mine)
        found = [_value(game, examples[place].a) for game in mine if game.value is not None]
        broken = len(found) < len(mine) or seats(mine) < due[judge]
        if combine:
            values[judge, place] = combine(found, broken)
        elif found:
            values[judge, place] = sum(found) / len(found)
        missing[judge, place] = broken and bool(np.isnan(values[judge, place]))
        partly[judge, place] = broken and combine is not None and not missing[judge, place]
    question = np.array([game.cluster for game in examples], dtype=np.int64)
    return Ratings(list(names), human, values, missing, partly, question, examples, rule)


def _value(game: Game, model: int) -> float:
    """Return the value of a game that has one from a model's side."""
    return (game.value or 0.0) * (1 if game.a == model else -1)


def _due(collected: Mapping[tuple[int, int], list[Game]], judge: int) -> int:
    """Return how many games of a pair a judge should have decided."""
    return usual_orders([games for (number, _), games in collected.items() if number == judge])


def _once(games: Sequence[Game]) -> list[Game]:
    """Return the games of a pair, by each prompt of the judge once."""
    pairs: dict[tuple[object, ...], list[Game]] = defaultdict(list)
    for game in games:
        pairs[game.pair()].append(game)
    return [game for mine in pairs.values() for game in each_once(mine)]


def label_numbers(values: Floats, fine: bool) -> Integers:
    """Return label numbers for the agreement statistics: 0 first preferred ... last second preferred, -1 for none."""
    scaled = np.sign(values) if not fine else values
    top = 2 if fine else 1
    return np.where(np.isnan(values), -1, top - np.nan_to_num(np.rint(scaled))).astype(np.int64)


def _key(game: Game, double: bool, answers: bool) -> tuple[object, ...]:
    low, high = min(game.a, game.b), max(game.a, game.b)
    texts = sorted((game.row["answer_a"], game.row["answer_b"])) if answers else []
    shown = None if double else game.shown_first
    return (game.question, low, high, *texts, shown, game.repeat)


def _needs_pairs(games: Iterable[Game], human: list[bool]) -> bool:
    """Return whether people and models would hardly meet on single games: people see one order, a model both."""
    people: set[tuple[object, ...]] = set()
    models: set[tuple[object, ...]] = set()
    for game in games:
        (people if human[game.judge] else models).add(_key(game, False, False))
    if not people or not models:
        return False
    swapped = {key[:3] for key in models}
    return len(models) > 1.5 * len(swapped)

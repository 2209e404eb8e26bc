"""Games become units: what a score counts, once from each model's side, with the missing ones beside them."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from syncode.statistics.arrays import Booleans, Floats, Integers
from syncode.verdicts.games import Game, Games
from syncode.verdicts.protocols import Score

MUCH = 3.0
"""Weight of a "much better" verdict in the arena-hard score (arena-hard-auto, v0.1 and v2)."""
KINDS = ("win", "tie", "loss", "missing")
REASONS = ("", "both_tie", "position_tie", "position_win", "position_loss", "empty", "identical")


@dataclass(frozen=True)
class Units:
    """Columns over units, each seen from one model: two entries per unit.

    `outcome` is the number of KINDS, `reason` of REASONS, `gain` lies in [0, weight]. `origin` is the place of one of the games
    behind the unit (-1: there is no row), `expected` and `given` say how many games it should have and has. A missing unit has
    weight 0 in `weight` and what it could weigh in `stake`.
    """

    question: Integers
    model: Integers
    opponent: Integers
    judge: Integers
    outcome: Integers
    reason: Integers
    gain: Floats
    weight: Floats
    stake: Floats
    origin: Integers
    expected: Integers
    given: Integers

    def matrices(self, questions: int, models: int) -> tuple[Floats, Floats]:
        """Return (gain, weight), shapes (questions, models)."""
        cell = self.question * models + self.model
        gain = np.bincount(cell, self.gain, questions * models).reshape(questions, models)
        weight = np.bincount(cell, self.weight, questions * models).reshape(questions, models)
        return gain.astype(np.float64), weight.astype(np.float64)

    def chosen(self, mask: Booleans) -> Units:
        """Return the units where the mask is true."""
        return Units(**{name: getattr(self, name)[mask] for name in self.__dataclass_fields__})


@dataclass(frozen=True)
class _Unit:
    """One unit from the side of `model`: gain in [0, 1] or None, weight, why it came out so, and its games."""

    first: Game
    model: int
    opponent: int
    gain: float | None
    weight: float
    reason: str = ""
    expected: int = 1
    given: int = 1


@dataclass(frozen=True)
class Rule:
    """How a score counts the games of one pair: the units that they make, and what a "much better" weighs.

    `pairs` says that a unit is a pair of games; otherwise it is a game.
    """

    units: Callable[[Sequence[Game], int], list[_Unit]]
    pairs: bool = False
    much: float = 1.0


def units_of(table: Games) -> Units:
    """Return the units under the table's score: games or pairs of games, as its rule says.

    A game that should be there and is not is a unit too, a missing one; the design of the protocol says which should be there.
    """
    rule = RULES[table.score]
    groups: dict[tuple[object, ...], list[Game]] = defaultdict(list)
    positions: dict[int, int] = {}
    for place, game in enumerate(table.games):
        groups[game.pair()].append(game)
        positions[id(game)] = place
    promised = table.design != "open" or rule.pairs or rule.much > 1
    expected = min(table.most, max(map(len, groups.values()), default=1)) if promised else 1
    units = [unit for games in groups.values() for unit in rule.units(games, expected)]
    return _columns(units + _absent(table, rule, expected), positions)


def _value(game: Game, model: int) -> float | None:
    """Return the value of a game from a model's side."""
    return game.value if game.value is None or game.a == model else -game.value


def _gain(value: float) -> float:
    """Return 1, 1/2, 0 for a label's value; a share keeps its fraction."""
    whole = value in (-2, -1, 0, 1, 2)
    return (1.0 if value > 0 else 0.0 if value < 0 else 0.5) if whole else (value + 2) / 4


def _special(games: Sequence[Game]) -> str:
    states = {game.state for game in games}
    return "empty" if "empty_answer" in states else "identical" if "identical" in states else ""


def _plain(games: Sequence[Game], expected: int) -> list[_Unit]:
    units = []
    for game in games:
        gain = None if game.value is None else game_gain(game)
        units.append(_Unit(game, game.a, game.b, gain, 1.0, _special([game]), given=int(gain is not None)))
    return units + [_gone(games[0], 1.0)] * (expected - len(games))


def game_gain(game: Game) -> float:
    """Return what a game that has a result is worth for its first model: 1, 1/2, 0, or the share as it is."""
    share = game.row.get("share")
    return float(share) if share is not None else _gain(game.value or 0.0)


def _arena_hard(games: Sequence[Game], expected: int) -> list[_Unit]:
    """Return one unit per game; if a game of the pair is missing, the whole pair is."""
    missing = len(games) < expected or any(game.value is None for game in games)
    units = []
    for game in games:
        value = game.value
        gain = None if missing or value is None else game_gain(game)
        weight = 1.0 if gain is not None and abs(value or 0) < 2 else MUCH
        units.append(_Unit(game, game.a, game.b, gain, weight, _special([game]), given=int(value is not None)))
    return units + [_gone(games[0], MUCH)] * (expected - len(games))


def _gone(beside: Game, weight: float) -> _Unit:
    """Return the missing unit of a game without a row, beside another one of its pair."""
    return _Unit(_elsewhere(beside, beside.question), beside.a, beside.b, None, weight, given=0)


def _pair_values(games: Sequence[Game], expected: int) -> tuple[int, int, list[float] | None]:
    """Return the two models and the values from the side of the first; None if a game is missing."""
    model, opponent = games[0].a, games[0].b
    values = [_value(game, model) for game in games]
    known = [value for value in values if value is not None]
    complete = len(known) == len(values) and len(values) >= expected
    return model, opponent, known if complete else None


def _sum_rule(games: Sequence[Game], expected: int) -> list[_Unit]:
    model, opponent, values = _pair_values(games, expected)
    if values is None:
        return [_Unit(games[0], model, opponent, None, 1.0, "", *_numbers(games, expected))]
    total = sum(values)
    gain = 1.0 if total > 0 else 0.0 if total < 0 else 0.5
    reason = _special(games) or _contradiction(values, total)
    return [_Unit(games[0], model, opponent, gain, 1.0, reason, *_numbers(games, expected))]


def _both_agree(games: Sequence[Game], expected: int) -> list[_Unit]:
    model, opponent, values = _pair_values(games, expected)
    if values is None:
        return [_Unit(games[0], model, opponent, None, 1.0, "", *_numbers(games, expected))]
    signs = {(value > 0) - (value < 0) for value in values}
    gain = 0.5 + signs.pop() / 2 if len(signs) == 1 else 0.5
    reason = _special(games) or _contradiction(values, gain - 0.5)
    return [_Unit(games[0], model, opponent, gain, 1.0, reason, *_numbers(games, expected))]


def _numbers(games: Sequence[Game], expected: int) -> tuple[int, int]:
    """Return how many games a pair should have and how many have a value."""
    return max(expected, len(games)), sum(1 for game in games if game.value is not None)


def _contradiction(values: Sequence[float], total: float) -> str:
    """Return why a pair came out as it did: games that prefer different answers followed the position."""
    contradicts = min(values) < 0 < max(values)
    if contradicts:
        return "position_win" if total > 0 else "position_loss" if total < 0 else "position_tie"
    return "both_tie" if not any(values) else ""


RULES: Mapping[Score, Rule] = {
    "plain": Rule(_plain),
    "scoring": Rule(_plain),
    "codearena": Rule(_sum_rule, pairs=True),
    "arena-hard": Rule(_arena_hard, much=MUCH),
    "pairwise": Rule(_both_agree, pairs=True),
}
"""Score -> how it counts."""


def _absent(table: Games, rule: Rule, expected: int) -> list[_Unit]:
    """Return a missing unit for each question on which two models should have met by design and have no row."""
    if table.design == "open":
        return []
    met: dict[tuple[int, int], dict[tuple[int, int], set[int]]] = defaultdict(lambda: defaultdict(set))
    example: dict[int, Game] = {}
    for game in table.games:
        low, high = sorted((game.a, game.b))
        met[(game.judge, game.repeat)][(low, high)].add(game.question)
        example.setdefault(game.judge, game)
    number = 1 if rule.pairs else expected
    everything = range(len(table.questions.names))
    missing = []
    for (judge, repeat), pairs in met.items():
        for low, high in _due_pairs(table, pairs, repeat):
            model, opponent = (high, low) if low == table.baseline else (low, high)
            for question in everything:
                if question not in pairs.get((low, high), ()):
                    gone = _elsewhere(example[judge], question)
                    missing += [_Unit(gone, model, opponent, None, rule.much, "", expected // number, 0)] * number
    return missing


def _due_pairs(table: Games, met: Iterable[tuple[int, int]], repeat: int) -> Iterable[tuple[int, int]]:
    """Return the pairs of models that a judge should have seen, given those that it saw (in a repeat, those are all)."""
    if table.design == "baseline" or repeat:
        return met
    return itertools.combinations(sorted({model for pair in met for model in pair}), 2)


def _elsewhere(game: Game, question: int) -> Game:
    return replace(game, question=question, value=None, state="absent")


def _columns(units: Sequence[_Unit], positions: dict[int, int]) -> Units:
    """Return both sides of every unit as columns."""
    whole = {name: np.array([getattr(unit, name) for unit in units], dtype=np.int64) for name in ("model", "opponent")}
    gain = np.array([np.nan if unit.gain is None else unit.gain for unit in units])
    stake = np.array([unit.weight for unit in units])
    known = ~np.isnan(gain)
    outcome = np.select([~known, gain > 0.5, gain == 0.5], [3, 0, 1], 2)
    mirrored = np.select([outcome == 0, outcome == 2], [2, 0], outcome)
    reason = np.array([REASONS.index(unit.reason) for unit in units], dtype=np.int64)
    other = np.select([reason == 3, reason == 4], [4, 3], reason)
    weight = np.where(known, stake, 0.0)
    gained = np.where(known, gain, 0.0) * weight
    question = np.array([unit.first.question for unit in units], dtype=np.int64)
    judge = np.array([unit.first.judge for unit in units], dtype=np.int64)
    expected, given = (np.array([getattr(unit, name) for unit in units], np.int64) for name in ("expected", "given"))
    origin = np.array([positions.get(id(unit.first), -1) for unit in units], dtype=np.int64)

    def integers(left: Integers, right: Integers) -> Integers:
        return np.concatenate([left, right]).astype(np.int64)

    def floats(left: Floats, right: Floats) -> Floats:
        return np.concatenate([left, right]).astype(np.float64)

    return Units(
        question=integers(question, question),
        model=integers(whole["model"], whole["opponent"]),
        opponent=integers(whole["opponent"], whole["model"]),
        judge=integers(judge, judge),
        outcome=integers(outcome, mirrored),
        reason=integers(reason, other),
        gain=floats(gained, weight - gained),
        weight=floats(weight, weight),
        stake=floats(stake, stake),
        origin=integers(origin, origin),
        expected=integers(expected, expected),
        given=integers(given, given),
    )

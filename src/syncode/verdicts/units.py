"""Games become units: what a score counts, once from each model's side, with the missing ones beside them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from syncode.errors import UsageError
from syncode.statistics.arrays import Booleans, Floats, Integers
from syncode.verdicts.due import ANYBODY, Meeting, absent, orders
from syncode.verdicts.games import Game, Games, each_once, seats
from syncode.verdicts.protocols import Score
from syncode.verdicts.weighed import expected, weights_part

MUCH = 3.0
"""Weight of a "much better" verdict in the arena-hard score (arena-hard-auto, v0.1 and v2)."""
KINDS = ("win", "tie", "loss", "missing")
REASONS = ("", "both_tie", "position_tie", "position_win", "position_loss", "empty", "identical")


@dataclass(frozen=True)
class Units:
    """Columns over units, each seen from one model: two entries per unit.

    `outcome` is the number of KINDS, `reason` of REASONS, `gain` lies in [0, weight]. `origin` is the place of one of the games
    behind the unit (-1: there is no row), `behind` holds those of all of them. `expected` and `given` say how many verdicts it
    should have and has. A missing unit has weight 0 in `weight` and what it could weigh in `stake`. `question` numbers the task,
    `cluster` what is drawn together with it.
    """

    question: Integers
    cluster: Integers
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
    behind: Any

    def matrices(self, clusters: int, models: int) -> tuple[Floats, Floats]:
        """Return (gain, weight), shapes (clusters, models): what is drawn together is one line, by default a question."""
        return self._summed(self.cluster, clusters, models)

    def by_question(self, questions: int, models: int) -> tuple[Floats, Floats]:
        """Return (gain, weight), shapes (questions, models), whatever is drawn together."""
        return self._summed(self.question, questions, models)

    def _summed(self, line: Integers, lines: int, models: int) -> tuple[Floats, Floats]:
        cell = line * models + self.model
        gain = np.bincount(cell, self.gain, lines * models).reshape(lines, models)
        weight = np.bincount(cell, self.weight, lines * models).reshape(lines, models)
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
    games: Sequence[Game] = ()


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
    for game in table.games:
        groups[game.pair()].append(game)
    missing = list(absent(table))
    promised = rule.pairs or rule.much > 1 or bool(table.rules) or any("games" in game.row for game in table.games)
    due = orders(table, list(groups.values()), promised)
    units: list[_Unit] = []
    for games in groups.values():
        if rule.pairs:
            games = each_once(games)
        made = rule.units(games, due)
        if len(clusters := {game.cluster for game in games}) > 1 and len(made) < len(games):
            names = ", ".join(sorted(table.clusters.names[cluster] for cluster in clusters))
            raise UsageError(
                f"--cluster parts the games of one pair ({names}), which are one unit under {table.score!r}"
            )
        units += [replace(made[0], games=games)] if len(made) == 1 < len(games) else made
    units += _absent(table, rule, due, missing)
    if table.voters > 1:
        units = [replace(unit, expected=unit.expected * table.voters) for unit in units]
    return expected(_columns(units, table), table, result_of(table))


def result_of(table: Games) -> Callable[[Sequence[float]], float]:
    """Return what a unit is worth for a model under the table's score, by the values of its games from the model's side."""
    rule, example = RULES[table.score], table.games[0]

    def result(values: Sequence[float]) -> float:
        games = [replace(example, value=value, state="ok", row={}) for value in values]
        (unit,) = rule.units(games, len(games)) if rule.pairs else rule.units(games[:1], 1)
        return 0.0 if unit.gain is None else unit.gain

    return result


def columns_of(units: Units, table: Games, by_question: bool = False) -> tuple[Floats, Floats]:
    """Return (gain, weight), shapes (clusters or questions, models), with what the weights of a panel's judges add to the error.

    That part is moved between the lines only: scores are the same without it.
    """
    lines, models = len((table.questions if by_question else table.clusters).names), len(table.models.names)
    gain, weight = (units.by_question if by_question else units.matrices)(lines, models)
    if table.weighed is None:
        return gain, weight
    line = [game.question if by_question else game.cluster for game in table.games]
    return gain + weights_part(units, table, weight, line, result_of(table)), weight


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
        units.append(_Unit(game, game.a, game.b, gain, 1.0, _special([game]), given=game.given))
    return units + [_gone(games[0], 1.0)] * (expected - seats(games))


def game_gain(game: Game) -> float:
    """Return what a game that has a result is worth for its first model: 1, 1/2, 0, or the share as it is."""
    share = game.row.get("share")
    return float(share) if share is not None else _gain(game.value or 0.0)


def _arena_hard(games: Sequence[Game], expected: int) -> list[_Unit]:
    """Return one unit per game; if a game of the pair is missing, the whole pair is."""
    missing = seats(games) < expected or any(game.value is None for game in games)
    units = []
    for game in games:
        value = game.value
        gain = None if missing or value is None else game_gain(game)
        weight = 1.0 if gain is not None and abs(value or 0) < 2 else MUCH
        units.append(_Unit(game, game.a, game.b, gain, weight, _special([game]), given=game.given))
    return units + [_gone(games[0], MUCH)] * (expected - seats(games))


def _gone(beside: Game, weight: float) -> _Unit:
    """Return the missing unit of a game without a row, beside another one of its pair."""
    gone = replace(beside, value=None, state="absent", votes=0)
    return _Unit(gone, beside.a, beside.b, None, weight, given=0)


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
    """Return how many games a pair should have and how many verdicts there are."""
    return max(expected, len(games)), sum(game.given for game in games)


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


def _absent(table: Games, rule: Rule, expected: int, missing: Sequence[Meeting]) -> list[_Unit]:
    """Return the missing units of the meetings that were due and have no row."""
    number = 1 if rule.pairs else expected
    example = table.games[0]
    cluster = {game.question: game.cluster for game in reversed(table.games)}
    tasks = table.questions.names
    units: list[_Unit] = []
    for meeting in missing:
        gone = replace(
            example,
            question=meeting.question,
            cluster=cluster.get(meeting.question, table.clusters.number.get(tasks[meeting.question], 0)),
            judge=example.judge if meeting.judge == ANYBODY else meeting.judge,
            value=None,
            state="absent",
            votes=0,
        )
        alone = meeting.opponent == ANYBODY
        unit = _Unit(gone, meeting.model, meeting.opponent, None, rule.much, "", 1 if alone else expected // number, 0)
        units += [unit] * (1 if alone else number)
    return units


def _columns(units: Sequence[_Unit], table: Games) -> Units:
    """Return both sides of every unit as columns; a unit without an opponent has one side."""
    positions = {id(game): place for place, game in enumerate(table.games)}
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
    cluster = np.array([unit.first.cluster for unit in units], dtype=np.int64)
    origin = np.array([positions.get(id(unit.first), -1) for unit in units], dtype=np.int64)
    behind = np.empty(len(units), dtype=object)
    for number, unit in enumerate(units):
        places = (positions.get(id(game), -1) for game in unit.games or (unit.first,))
        behind[number] = tuple(place for place in places if place >= 0)

    def integers(left: Integers, right: Integers) -> Integers:
        return np.concatenate([left, right]).astype(np.int64)

    def floats(left: Floats, right: Floats) -> Floats:
        return np.concatenate([left, right]).astype(np.float64)

    made = Units(
        question=integers(question, question),
        cluster=integers(cluster, cluster),
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
        behind=np.concatenate([behind, behind]),
    )
    return made.chosen(made.model != ANYBODY)

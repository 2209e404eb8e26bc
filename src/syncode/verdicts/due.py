"""Which games should be there: all that is said about coverage and about missing verdicts follows from it."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from syncode.verdicts.games import PEOPLE, Game, Games, seats

ANYBODY = -1
"""Stands for a judge, or for an opponent, where any of them will do."""


class Meeting(NamedTuple):
    """Two answers to a question before a judge; all of them as numbers, `opponent` and `judge` may be ANYBODY."""

    judge: int
    repeat: int
    model: int
    opponent: int
    question: int


def absent(table: Games) -> Iterator[Meeting]:
    """Yield the meetings that were due and of which there is no row, in a fixed order.

    Questions are those of `--tasks`, or all that have a verdict. Against a baseline every model is due on each of them before
    every judge of the table; where every two models meet, every two are; in repeats, those that were repeated. Rows of no
    known protocol promise less: that anybody judged a model against the baseline, or without one that each model was judged on
    the questions at all, if one question has them all.
    """
    rules = table.rules
    pairs = {(min(game.a, game.b), max(game.a, game.b)) for game in table.games}
    star = table.baseline is not None or (bool(table.met_by_all) and len(table.models.names) > 2)
    if rules and not star and all(protocol.opponents == "all" for protocol in rules):
        pairs = set(itertools.combinations(range(len(table.models.names)), 2))
    if rules or star or len(table.models.names) == 2:
        yield from _pairs(table, sorted(pairs), by_judge=bool(rules))
    else:
        yield from _open(table)


def orders(table: Games, pairs: Sequence[Sequence[Game]], promised: bool) -> int:
    """Return how many games a pair should have: as the rows state (`games`), else what the protocol plays and some pair has.

    If neither the rows nor a protocol promise a number, what is usual.
    """
    if not promised or any(isinstance(game.row.get("games"), int) for game in table.games):
        return usual_orders(pairs)
    most = max((protocol.games for protocol in table.rules), default=2)
    return min(most, max(map(seats, pairs), default=1))


def usual_orders(pairs: Sequence[Sequence[Game]]) -> int:
    """Return how many games a pair should have by its rows alone: as they state (`games`), else both if most pairs have both."""
    numbers = [game.row["games"] for games in pairs for game in games if isinstance(game.row.get("games"), int)]
    both = sum(len({game.seat() for game in games} - {None}) > 1 for games in pairs)
    return max(numbers) if numbers else 2 if 2 * both > len(pairs) else 1


def _pairs(table: Games, pairs: Iterable[tuple[int, int]], by_judge: bool) -> Iterator[Meeting]:
    met: dict[tuple[int, int], dict[tuple[int, int], set[int]]] = defaultdict(lambda: defaultdict(set))
    for game in table.games:
        name = table.judges.names[game.judge]
        judge = game.judge if by_judge and not name.startswith(PEOPLE) else ANYBODY
        met[(judge, game.repeat)][(min(game.a, game.b), max(game.a, game.b))].add(game.question)
    for (judge, repeat), found in sorted(met.items()):
        if judge == ANYBODY and by_judge:
            continue  # people share out their work
        for low, high in sorted(found) if repeat else pairs:
            model, opponent = (high, low) if low == table.baseline else (low, high)
            for question in range(len(table.questions.names)):
                if question not in found.get((low, high), ()):
                    yield Meeting(judge, repeat, model, opponent, question)


def _open(table: Games) -> Iterator[Meeting]:
    seen: dict[int, set[int]] = defaultdict(set)
    for game in table.games:
        seen[game.question] |= {game.a, game.b}
    models = range(len(table.models.names))
    if not table.tasks and not any(len(found) == len(models) for found in seen.values()):
        return
    for model, question in itertools.product(models, range(len(table.questions.names))):
        if model not in seen[question]:
            yield Meeting(ANYBODY, 0, model, ANYBODY, question)

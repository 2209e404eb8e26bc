"""What `--by FIELD` reads: the field at its own grain, be it of a game, a unit, a question or a model."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import numpy as np

from syncode.errors import UsageError
from syncode.verdicts.games import Game, Games, label_of, shown_value
from syncode.verdicts.units import Units

OWN = ("judge", "model", "opponent")
"""Names that every table has, whatever its rows hold."""
NONE = "?"
"""The group of what has no value."""


def said(row: Mapping[str, object], name: str) -> str | None:
    """Return what a row says of its question under a name, as the name of a group; None for nothing."""
    value = label_of(row, name)
    return None if value is None or value == "" or isinstance(value, dict) else shown_value(value)


def unit_values(table: Games, units: Units, name: str) -> list[str]:
    """Return the value of a field for each entry of the units, NONE if it has none.

    `judge`, `model` and `opponent` are those of the entry. What `--tasks` says of a task comes next, then what the rows of the
    unit's games say, also as FIELD_a and FIELD_b of the two models. A unit without a row has the value of its question's rows,
    else of its model's, if they have only one. Raises UsageError for a pair of games that are one unit and have two values.
    """
    numbers = {"judge": units.judge, "model": units.model, "opponent": units.opponent}
    if name in numbers:
        names = table.judges.names if name == "judge" else table.models.names
        return [names[number] if number >= 0 else NONE for number in numbers[name].tolist()]
    tasks = [label_of(table.tasks.get(task, {}), name) for task in table.questions.names]
    if any(value is not None for value in tasks):
        labels = [NONE if value is None else shown_value(value) for value in tasks]
        return [labels[question] for question in units.question.tolist()]
    said = [_said(game, name) for game in table.games]
    known = _known(table, said)
    found = []
    for places, question, model in zip(units.behind, units.question.tolist(), units.model.tolist(), strict=True):
        values = {value for place in places if (value := _side(table.games[place], said[place], model)) is not None}
        if len(values) > 1:
            raise UsageError(
                f"--by {name}: the games of one pair have different values ({', '.join(sorted(values))}) and are one unit "
                f"under {table.score!r}: --score plain counts each game"
            )
        found.append(values.pop() if values else known.get((question, None)) or known.get((None, model)) or NONE)
    return found


def game_values(table: Games, name: str) -> list[str]:
    """Return the value of a field for each game, NONE if it has none. Raises UsageError for a field of each of its two models.

    A game whose row says nothing, as a person's label in a CSV, has the value of its question's other rows if that is only one.
    """
    if name == "judge":
        return [table.judges.names[game.judge] for game in table.games]
    tasks = {number: label_of(table.tasks.get(task, {}), name) for number, task in enumerate(table.questions.names)}
    joined = any(value is not None for value in tasks.values())
    said = [_said(game, name) for game in table.games]
    known = {} if joined else _known(table, said)
    found = []
    for game, (left, right) in zip(table.games, said, strict=True):
        if name in OWN or (left != right and not joined):
            raise UsageError(f"--by {name}: a game has two values of it, one for each model")
        value = tasks[game.question] if joined else left or known.get((game.question, None))
        found.append(NONE if value is None else shown_value(value))
    return found


def strata(table: Games, name: str) -> Any:
    """Return the number of each cluster's stratum. Raises UsageError for a cluster that lies in several."""
    labels = table.values_of(name)
    found: dict[int, set[str]] = defaultdict(set)
    for game in table.games:
        found[game.cluster] |= labels.get(game.question, {""})
    for number, task in enumerate(table.questions.names):
        if (cluster := table.clusters.number.get(task)) is not None and cluster not in found:
            found[cluster] = labels.get(number, {""})
    for cluster, values in found.items():
        if len(values) > 1:
            told = f"{table.clusters.names[cluster]!r} has several values ({', '.join(sorted(values))})"
            raise UsageError(f"--stratify {name}: {told}: what is drawn together must lie in one stratum")
    names = [min(found.get(cluster, {""})) for cluster in range(len(table.clusters.names))]
    return np.unique(np.array(names), return_inverse=True)[1]


Said = tuple[str | None, str | None]
"""The value of a field from the side of model a and of model b."""


def _said(game: Game, name: str) -> Said:
    value = label_of(game.row, name)
    sides = (value, value) if value is not None else tuple(label_of(game.row, f"{name}_{side}") for side in ("a", "b"))
    left, right = (None if each is None else shown_value(each) for each in sides)
    return left, right


def _side(game: Game, said: Said, model: int) -> str | None:
    return said[0] if model == game.a else said[1]


def _known(table: Games, said: list[Said]) -> dict[tuple[int | None, int | None], str]:
    """Return the only value of each question and of each model that has only one."""
    found: dict[tuple[int | None, int | None], set[str]] = defaultdict(set)
    for game, (left, right) in zip(table.games, said, strict=True):
        for model, value in ((game.a, left), (game.b, right)):
            if value is not None:
                found[(game.question, None)].add(value)
                found[(None, model)].add(value)
    return {key: min(values) for key, values in found.items() if len(values) == 1}

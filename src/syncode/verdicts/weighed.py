"""What a panel whose judges are weighed says of each game, and what the weights, themselves estimated, add to a score's error."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from syncode.statistics.arrays import Booleans, Floats, Integers
from syncode.statistics.dawid_skene import Panel
from syncode.statistics.panel_error import influence, vagueness

if TYPE_CHECKING:
    from syncode.verdicts.games import Games
    from syncode.verdicts.units import Units

OUTCOMES = (1.0, 0.0, -1.0)
"""Label number -> the value of a game."""
GAINS = np.array([1.0, 0.5, 0.0])
"""Label number -> what a game is worth."""


@dataclass(frozen=True)
class Weighed:
    """The fitted panel; `unit` gives the place of a game, by its `place`, among the units of the fit.

    `turned` is true for the units whose labels are those of the game's model b.
    """

    panel: Panel
    unit: dict[int, int]
    turned: Booleans

    def value(self, place: int) -> float:
        """Return the value of the likeliest outcome of a game, from the side of its model a."""
        unit = self.unit[place]
        label = int(self.panel.posterior[unit].argmax())
        return -OUTCOMES[label] if self.turned[unit] else OUTCOMES[label]

    def cell(self, units: Integers) -> Integers:
        """Return the cell of each unit."""
        return np.asarray(self.panel.cell[units])


@dataclass(frozen=True)
class _Alike:
    """Units of as many games each: `entries` among the units, `games` among those of the fit, `turned` as the model sees them."""

    entries: Integers
    games: Integers
    turned: Booleans
    chance: Floats
    worth: Floats

    def gain(self) -> Floats:
        """Return the mean of what the unit is worth over all that its games may be."""
        return np.asarray(self.of_game(0)[..., None, :] @ self.chance[:, 0, :, None])[:, 0, 0]

    def of_game(self, chosen: int) -> Floats:
        """Return what each label of one game makes of the unit, the mean over the other games: shape (units, labels)."""
        found = np.broadcast_to(np.moveaxis(self.worth, chosen, -1), (len(self.entries), *self.worth.shape))
        for game in range(self.games.shape[1]):
            if game != chosen:
                found = np.einsum("uk,uk...->u...", self.chance[:, game], found)
        return np.asarray(found)


def expected(units: Units, table: Games, result: Callable[[Sequence[float]], float]) -> Units:
    """Return the units with the mean of their gain over all outcomes, as likely as the panel has them.

    `result` is what a unit is worth for the values of its games, from the model's side. Outcomes stay the likeliest ones.
    """
    gain = units.gain.copy()
    for alike in _alike(units, table, result):
        gain[alike.entries] = alike.gain() * units.weight[alike.entries]
    return replace(units, gain=gain)


def weights_part(
    units: Units, table: Games, weight: Floats, line: Sequence[int], result: Callable[[Sequence[float]], float]
) -> Floats:
    """Return what each line of questions adds to the gain of each model by moving the weights of the judges.

    `weight` has the shape (lines, models); `line` numbers the line of every game. The sums over lines are 0. What lines without a
    unit of the model add, and games that were weighed but belong to another table, is put on the model's own lines: as much
    variance, though not in the same places.
    """
    weighed = table.weighed
    if weighed is None:
        return np.zeros_like(weight)
    cells = weighed.panel.cells
    slopes = np.zeros((weight.shape[1], *cells.posterior.shape))
    for alike in _alike(units, table, result):
        for game in range(alike.games.shape[1]):
            cell, turned = weighed.cell(alike.games[:, game]), alike.turned[:, game]
            worth = alike.of_game(game)
            worth = np.where(turned[:, None], worth[:, ::-1], worth)[:, cells.live]
            posterior = cells.posterior[cell]
            slope = posterior * (worth - (posterior * worth).sum(axis=1, keepdims=True))
            np.add.at(slopes, (units.model[alike.entries], cell), slope * units.weight[alike.entries, None])
    moved = influence(cells, slopes)
    known = [place for place, game in enumerate(table.games) if game.place in weighed.unit]
    cell = weighed.cell(np.array([weighed.unit[table.games[place].place] for place in known], dtype=np.int64))
    lines = np.asarray(line, dtype=np.int64)[known]
    added = np.stack([np.bincount(lines, each[cell], len(weight)) for each in moved], axis=1)
    own = np.where(weight > 0, added, 0.0)
    total = weight.sum(axis=0)
    own -= weight * (own.sum(axis=0) / np.where(total > 0, total, 1.0))
    whole, there = (added**2).sum(axis=0) * cells.count.sum() / max(len(known), 1), (own**2).sum(axis=0)
    return own * np.sqrt(np.where(there > 0, np.maximum(whole / np.where(there > 0, there, 1.0), 1.0), 0.0))


def vague(table: Games) -> Floats:
    """Return for each model how much more a panel's opinion varies than a known outcome: 0 if no panel is weighed."""
    found, count = np.zeros(len(table.models.names)), np.zeros(len(table.models.names))
    if table.weighed is None:
        return found
    cells = table.weighed.panel.cells
    by_group = vagueness(cells, GAINS)
    for game in table.games:
        if (unit := table.weighed.unit.get(game.place)) is not None:
            for model in (game.a, game.b):
                found[model] += by_group[cells.group[table.weighed.panel.cell[unit]]]
                count[model] += 1
    return np.where(count > 0, found / np.maximum(count, 1), 1.0)


def _alike(units: Units, table: Games, result: Callable[[Sequence[float]], float]) -> Iterator[_Alike]:
    """Yield the units that have a result by the number of their games."""
    weighed = table.weighed
    if weighed is None:
        return
    sizes = np.array(
        [len(behind) if weight > 0 else 0 for behind, weight in zip(units.behind, units.weight, strict=True)]
    )
    for size in sorted(set(sizes.tolist()) - {0}):
        entries = np.flatnonzero(sizes == size)
        played = [[table.games[place] for place in units.behind[entry]] for entry in entries.tolist()]
        numbers = np.array([[weighed.unit[game.place] for game in games] for games in played])
        second = np.array(
            [[game.a != model for game in games] for games, model in zip(played, units.model[entries], strict=True)]
        )
        turned = second ^ weighed.turned[numbers]
        chance = weighed.panel.posterior[numbers]
        chance = np.where(turned[..., None], chance[..., ::-1], chance)
        worth = np.array([result(values) for values in itertools.product(OUTCOMES, repeat=size)])
        yield _Alike(entries, numbers, turned, chance, worth.reshape((len(OUTCOMES),) * size))

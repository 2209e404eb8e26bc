"""A blind, stratified sheet of pairs for people to label, and the key that tells afterwards who wrote what."""

from __future__ import annotations

import csv
import io
import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from syncode.errors import DataError
from syncode.schemas.records import Row, content_id, draw
from syncode.storage.spreadsheet import records
from syncode.verdicts.games import Game, Games

if TYPE_CHECKING:
    from syncode.reports.leaderboard.page import Texts
    from syncode.stages.agree.ratings import Ratings

REPEATED = 0.1
"""Share of items that come back with the answers exchanged: a person's agreement with themself (ours)."""
SHARED = 100
"""Items that everybody labels: the agreement among people that no judge can be asked to exceed (ours)."""
SHEET = ("item", "for", "question", "answer_1", "answer_2", "label", "annotator")
KEY = ("item", "task_id", "model_a", "model_b", "order", "weight", "stratum", "again")


@dataclass(frozen=True)
class SampleOptions:
    """Every field is a command line option."""

    tasks: tuple[str, ...] = field(default=(), metadata={"help": "Task rows: the questions. Repeatable."})
    answers: tuple[str, ...] = field(default=(), metadata={"help": "Answer rows. Repeatable."})
    n: int = field(default=100, metadata={"flag": "--n", "help": "Pairs to draw; 323 give 70 % +- 5.", "min": 1})
    people: int = field(
        default=1, metadata={"help": "People who label: all get the first 100 items, the rest is shared out.", "min": 1}
    )
    key: str = field(
        default="key.csv", metadata={"help": "File for what people must not see: who wrote what, and the weights."}
    )
    page: str | None = field(
        default=None, metadata={"help": "File for a page that shows the items and saves the labels."}
    )


@dataclass(frozen=True)
class Item:
    """One pair on the sheet. `first` and `second` are models in the order shown, `weight` how many pairs it stands for."""

    name: str
    task: str
    first: str
    second: str
    weight: float
    stratum: str
    again: bool = False
    people: str = ""

    def key_line(self) -> list[str]:
        """Return the line of the key: model_a is the answer shown first, `again` an item that was there before, exchanged."""
        return [
            self.name,
            self.task,
            self.first,
            self.second,
            "ab",
            f"{self.weight:.6g}",
            self.stratum,
            str(int(self.again)),
        ]


def draw_items(games: Games, ratings: Ratings, options: SampleOptions, seed: int) -> list[Item]:
    """Return the items: strata by category, by how far the two models are apart, and by whether the verdicts agree.

    Each stratum gets its share of `n`, one item at least while there are enough; a tenth of the items come back exchanged.
    """
    strata = _strata(games, ratings)
    sizes = _allocation({name: len(units) for name, units in strata.items()}, options.n)
    drawn: list[Item] = []
    for name, units in sorted(strata.items()):
        chosen = sorted(units, key=lambda game: draw(seed, _pair_id(game), 0, "agree.sample"))[: sizes[name]]
        drawn += [_item(game, name, len(units) / len(chosen), seed) for game in chosen]
    drawn.sort(key=lambda item: draw(seed, item.name, 0, "agree.order"))
    again = sorted(drawn, key=lambda item: draw(seed, item.name, 0, "agree.repeat"))[: math.ceil(REPEATED * len(drawn))]
    items = drawn + [_exchanged(item) for item in again]
    if not items:
        raise DataError("no pair of answers to label: the verdicts hold no complete pair")
    return [_given(item, place, options.people) for place, item in enumerate(items)]


def sheet_text(items: Sequence[Item], texts: Texts) -> str:
    """Return the sheet as CSV, without a model's name; raise DataError where a text is not in the files."""
    return _csv(SHEET, [[item.name, item.people, *map(_inert, shown(item, texts)), "", ""] for item in items])


def _inert(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula: answers often begin with a dash, and may begin with anything."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def key_text(items: Sequence[Item]) -> str:
    """Return the key as CSV."""
    return _csv(KEY, [item.key_line() for item in items])


def shown(item: Item, texts: Texts) -> tuple[str, str, str]:
    """Return question and both answers in the order of the item."""
    try:
        question = texts.questions[item.task]
        return question, texts.answers[(item.first, item.task)], texts.answers[(item.second, item.task)]
    except KeyError as error:
        raise DataError(f"no text for {error.args[0]!r}: name all files with --tasks and --answers") from error


def read_key(text: str, name: str) -> dict[str, Row]:
    """Return item -> its line of the key."""
    head, found = records(text, name)
    lacking = set(KEY[:5]) - set(head)
    if lacking:
        raise DataError(f"{name}:1: a key needs the columns {', '.join(sorted(lacking))}")
    return {line["item"]: line for _, line in found}


def _strata(games: Games, ratings: Ratings) -> dict[str, list[Game]]:
    """Return stratum -> one game of each pair of answers in it."""
    import numpy as np

    from syncode.statistics.bradley_terry import average_win_rate
    from syncode.verdicts.ratings import played

    score = average_win_rate(played(games).columns)
    category = games.labels_of("category")
    pairs: dict[tuple[str, int, int], list[int]] = defaultdict(list)
    for unit, game in enumerate(ratings.games):
        pairs[(game.row["task_id"], min(game.a, game.b), max(game.a, game.b))].append(unit)
    gaps = {key: abs(float(score[key[1]] - score[key[2]])) for key in pairs}
    edges = np.quantile(list(gaps.values()), [1 / 3, 2 / 3]) if gaps else [0.0, 0.0]
    strata: dict[str, list[Game]] = defaultdict(list)
    for key, units in pairs.items():
        game = ratings.games[units[0]]
        sides = [np.sign(ratings.values[:, unit] * (1 if ratings.games[unit].a == game.a else -1)) for unit in units]
        said = {float(value) for side in sides for value in side[~np.isnan(side)]}
        if not said:
            continue
        third = ("near", "apart", "far")[int(np.searchsorted(edges, gaps[key], side="left"))]
        agreed = "agreed" if len(said) == 1 else "split"
        strata[f"{category.get(game.question, '-')}/{third}/{agreed}"].append(game)
    return strata


def _allocation(sizes: Mapping[str, int], n: int) -> dict[str, int]:
    """Return how many to draw from each stratum: in proportion, by largest remainder, one at least while n allows it."""
    total = sum(sizes.values())
    wanted = {name: min(n, total) * size / total for name, size in sizes.items()}
    least = 1 if n >= len(sizes) else 0
    given = {name: min(sizes[name], max(least, int(share))) for name, share in wanted.items()}
    order = sorted(sizes, key=lambda name: (int(wanted[name]) - wanted[name], name))
    while sum(given.values()) < min(n, total):
        for name in order:
            if given[name] < sizes[name] and sum(given.values()) < min(n, total):
                given[name] += 1
    while sum(given.values()) > n:
        most = max(given, key=lambda name: (given[name], name))
        given[most] -= 1
    return given


def _pair_id(game: Game) -> str:
    return content_id(game.row["task_id"], *sorted((game.row["model_a"], game.row["model_b"])))


def _item(game: Game, stratum: str, weight: float, seed: int) -> Item:
    name = _pair_id(game)
    models = sorted((game.row["model_a"], game.row["model_b"]))
    first, second = models if draw(seed, name, 0, "agree.side") % 2 else models[::-1]
    return Item(f"i{name[:10]}", game.row["task_id"], first, second, weight, stratum)


def _exchanged(item: Item) -> Item:
    name = f"i{content_id(item.name, 'again')[:10]}"
    return Item(name, item.task, item.second, item.first, item.weight, item.stratum, again=True)


def _given(item: Item, place: int, people: int) -> Item:
    """Return the item with the numbers of the people who label it: all of them for the first hundred, then one by one."""
    everybody = ";".join(str(number) for number in range(1, people + 1))
    return replace(item, people=everybody if place < SHARED else str(place % people + 1))


def _csv(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(lines)
    return out.getvalue()

"""Where a run that stopped early stands: scores with limits that hold at every stop, and the pairs that it has separated."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from syncode.schemas.records import Row
from syncode.statistics.proportions import holm
from syncode.statistics.race import HALF, Race
from syncode.statistics.rates import plain
from syncode.verdicts.designs import Bought, Design, purchased


@dataclass(frozen=True)
class Standing:
    """`models`: one row per contestant (model, score, low, high, questions, settled), in the order of names.

    `pairs`: one row for every two of them, the baseline too (model_a, model_b, difference, p, holm, ahead, questions): `ahead` is
    the model that the run may call better, null if it may call none so; `questions` are those after which it was known, or all.
    """

    design: Design
    bought: Bought
    models: list[Row]
    pairs: list[Row]

    @property
    def open(self) -> list[str]:
        """The contestants that are not settled."""
        return [row["model"] for row in self.models if not row["settled"]]

    def saved(self) -> Row:
        """Return the games and, after the mean of those for which a judge was asked, the tokens that were not bought."""
        bought = self.bought
        games = self.design.possible - bought.games
        each = bought.tokens / bought.asked if bought.asked else 0.0
        share = bought.asked / bought.games if bought.games else 0.0
        return {"games": games, "tokens": round(games * share * each)}


def race_of(bought: Bought, design: Design) -> Race:
    """Return the race that the values were bought for, border by border as the run went."""
    race, count = Race(len(bought.names), design.rule()), bought.count
    for start in range(0, len(bought.low), design.every):
        if not race.open:
            break
        end = start + design.every
        stop = min(end, *(count[each] for each in race.open))
        race.advance(bought.low[start:stop], bought.high[start:stop])
        if stop < end:
            break
    return race


def standing(rows: Iterable[Row], design: Design, alpha: float | None = None) -> Standing:
    """Return where the rows of a design stand; it is valid whatever ended the run.

    `alpha` is that of the limits where it is another one than the design's.
    """
    bought = purchased(rows, design)
    race = race_of(bought, design)
    names = [*bought.names, str(design.baseline)]  # HALF is the last one
    models = []
    for at, name in enumerate(bought.names):
        low, high = race.limits(at, alpha)
        row = {"model": name, "score": plain(race.mean(at)), "low": low, "high": high}
        models.append({**row, "questions": int(race.taken[at]), "settled": at not in race.open})
    pairs = []
    for at, ((first, second), adjusted) in enumerate(zip(race.pairs, holm(race.p.tolist()), strict=True)):
        ahead = {1: names[first], -1: names[second]}.get(int(race.ahead[at]))
        taken = min(int(race.taken[each]) for each in (first, second) if each != HALF)
        pairs.append(
            {
                "model_a": names[first],
                "model_b": names[second],
                "difference": plain(race.difference(at)),
                "p": float(race.p[at]),
                "holm": adjusted,
                "ahead": ahead,
                "questions": int(race.since[at]) if ahead is not None else taken,
            }
        )
    return Standing(design, bought, models, pairs)

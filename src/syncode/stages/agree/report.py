"""From options and verdict rows to the rows of an agreement report."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np

from syncode.errors import DataError, UsageError, unknown
from syncode.schemas.records import Row
from syncode.stages.agree.between import Drawing, pair_rows, panel_rows
from syncode.stages.agree.bias import canary_rows, families, repeat_rows, self_preference_rows, style_rows
from syncode.stages.agree.corrected import corrected_rows
from syncode.stages.agree.gold import Gold, gold_rows
from syncode.stages.agree.position import position_rows
from syncode.stages.agree.ratings import Ratings, ratings_of
from syncode.stages.agree.settings import AgreeOptions
from syncode.stages.agree.system import system_rows
from syncode.statistics.arrays import Floats
from syncode.verdicts.blocks import part
from syncode.verdicts.executions import prefers_failing
from syncode.verdicts.fields import game_values
from syncode.verdicts.games import PEOPLE, Choice, Game, Games, Numbered, collect


def report(rows: Iterable[Row], options: AgreeOptions, seed: int, tasks: Mapping[str, Row] | None = None) -> list[Row]:
    """Return the rows of the report, each with its `kind`, with `--by` for each value of the fields.

    Raises DataError if there is nothing to compare; a value of which that is true has a row that says so.
    """
    wanted = (*options.judges, *options.human, *([options.gold] if options.gold else [])) if options.judges else ()
    everything = collect(rows, Choice("plain", None, wanted, options.cluster, tasks or {}))
    _check_names(everything, options)
    found: list[Row] = []
    if 0 < everything.unsure < len(everything.games):
        found.append({"kind": "undigested", "rows": everything.unsure, "of": len(everything.games)})
    if not options.by:
        return found + _report(everything, options, seed)
    for name in options.by:
        everything.need_field(name, "--by")
        values = game_values(everything, name)
        right = {judge for judge in everything.judges.names if is_person(judge, options) or judge == options.gold}
        always = right if name == "judge" else set()  # a judge alone has nothing to be compared with
        for value in sorted(set(values) - always) or sorted(set(values)):
            mine = [game for game, said in zip(everything.games, values, strict=True) if said in {value, *always}]
            try:
                some = _report(part(everything, mine, None), options, seed)
            except DataError as error:
                some = [{"kind": "nothing", "why": str(error)}]
            found += [{**row, "by": {name: value}} for row in some]
    return found


def is_person(name: str, options: AgreeOptions) -> bool:
    """Return whether a rater is a person: from a sheet, or named by `--human`."""
    return name.startswith(PEOPLE) or name in options.human


def _report(everything: Games, options: AgreeOptions, seed: int) -> list[Row]:
    games, gold = _apart(everything, options.gold)
    if not any(game.value is not None for game in games.games):
        raise DataError("nothing to compare: no verdict could be read")

    def is_human(name: str) -> bool:
        return is_person(name, options)

    ratings = ratings_of(games, is_human, options.unit, options.score)
    if _apart_from_people(ratings):
        raise DataError(
            "nothing to compare: no label of a person meets a verdict: task_id, model_a and model_b must be the same, and "
            "order and repeat where single games are compared (--unit pair compares both orders together)"
        )
    found = position_rows(games, is_human)
    found += _among(ratings, options, seed)
    if gold is not None:
        by_default = options.score is None and options.unit == "auto"
        known = ratings_of(games, is_human, "auto", "net") if by_default else ratings
        found += _against_gold(known, gold, options, seed)
    found += _beside(games, ratings, options, seed)
    return found


def _check_names(games: Games, options: AgreeOptions) -> None:
    """Raise UsageError for a judge or a model that is not among the verdicts."""
    for flag, names in (("--human", options.human), ("--gold", (options.gold,) if options.gold else ())):
        for name in names:
            if name not in games.judges.number:
                raise unknown("judge", name, games.judges.names, flag)
    for pair in options.family:
        name, equals, family = pair.partition("=")
        if not (equals and name and family):
            raise UsageError(f"--family {pair}: expected NAME=FAMILY")
        if name not in games.judges.number and name not in games.models.number:
            raise unknown("judge or model", name, [*games.judges.names, *games.models.names], "--family")


def _among(ratings: Ratings, options: AgreeOptions, seed: int) -> list[Row]:
    """Return how raters agree with each other and with people's majority, each row with the rule that it counts by."""
    drawing, wrong = Drawing(seed, options.rounds, options.interval), options.missing == "wrong"
    rows = pair_rows(ratings, drawing) + panel_rows(ratings, drawing)
    if any(ratings.human) and not all(ratings.human):
        rows += gold_rows(ratings, Gold(ratings.majority(), "people's majority", wrong), drawing)
    return [{**row, "rule": ratings.rule} for row in rows]


def _against_gold(ratings: Ratings, known: Known, options: AgreeOptions, seed: int) -> list[Row]:
    """Return how the judges agree with the gold labels; without --score and --unit under JudgeBench's net rule."""
    met = {(game.question, game.a, game.b) for game in ratings.games}
    ratings = ratings.with_units([game for (_, a, b), game in known.items() if a == game.a and not met & _sides(game)])
    gold = Gold(_gold_of(ratings, known), options.gold or "", options.missing == "wrong")
    rows = gold_rows(ratings, gold, Drawing(seed, options.rounds, options.interval))
    return [{**row, "rule": ratings.rule} for row in rows]


def _beside(games: Games, ratings: Ratings, options: AgreeOptions, seed: int) -> list[Row]:
    """Return the rankings that raters make, what they lean to, and what people's labels and executions say of them."""
    majority = ratings.majority() if any(ratings.human) else np.full(len(ratings.games), np.nan)
    groups: dict[str, list[Game]] = defaultdict(list)
    for game in games.games:
        groups["people" if ratings.human[game.judge] else ratings.raters[game.judge]].append(game)
    voted = [
        (replace(game, value=float(vote)), float(vote))
        for game, vote in zip(ratings.games, majority.tolist(), strict=True)
        if not np.isnan(vote)
    ]
    rows = canary_rows(games) + repeat_rows(games) + system_rows(games, groups, seed)
    rows += [*style_rows(games, voted), *self_preference_rows(games, ratings, families(options.family))]
    if any(ratings.human):
        rows += corrected_rows(games, ratings, majority, _weights(games, ratings), options.width)
    return rows + (prefers_failing(games) if games.executions else [])


def _apart_from_people(ratings: Ratings) -> bool:
    """Return whether there are people and models, and not one unit that both have rated."""
    rated, human = ~np.isnan(ratings.values), np.array(ratings.human, dtype=bool)
    met = rated[human].any(axis=0) & rated[~human].any(axis=0)
    return bool(human.any() and not human.all() and not met.any())


Known = dict[tuple[int, int, int], Game]
"""(question, model a, model b) -> what the gold judge says, as a game; it stands there from both sides."""


def _apart(games: Games, gold: str | None) -> tuple[Games, Known | None]:
    """Return the games without those of the gold judge, and what that judge says.

    Of several gold games of two models the net of all counts; what contradicts itself is not known.
    """
    if gold is None:
        return games, None
    number = games.judges.number[gold]
    said: dict[tuple[int, int, int], list[Game]] = defaultdict(list)
    judges, kept = Numbered(), []
    for game in games.games:
        if game.judge != number:
            kept.append(replace(game, judge=judges.of(games.judges.names[game.judge])))
        elif game.value is not None:
            said[(game.question, min(game.a, game.b), max(game.a, game.b))].append(game)
    known: Known = {}
    for first, *others in said.values():
        values = [np.sign(game.value or 0.0) * (1 if game.a == first.a else -1) for game in (first, *others)]
        if sum(values) or not any(values):
            known |= dict.fromkeys(_sides(first), replace(first, value=float(np.sign(sum(values)))))
    return replace(games, games=kept, judges=judges), known


def _sides(game: Game) -> set[tuple[int, int, int]]:
    return {(game.question, game.a, game.b), (game.question, game.b, game.a)}


def _gold_of(ratings: Ratings, known: Known) -> Floats:
    """Return 1, 0 or -1 for each unit, nan if the gold judge has no verdict."""
    found = [(game, known.get((game.question, game.a, game.b))) for game in ratings.games]
    return np.array(
        [np.nan if gold is None else (gold.value or 0.0) * (1 if gold.a == game.a else -1) for game, gold in found]
    )


def _weights(games: Games, ratings: Ratings) -> list[float]:
    """Return the sampling weight of each unit, from the sheet that people filled in; 1 if there is none."""
    weight: dict[tuple[int, int, int], float] = {}
    for game in games.games:
        if game.row.get("weight") is not None:
            weight[(game.question, min(game.a, game.b), max(game.a, game.b))] = float(game.row["weight"])
    return [weight.get((game.question, min(game.a, game.b), max(game.a, game.b)), 1.0) for game in ratings.games]

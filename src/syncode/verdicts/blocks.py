"""One table per baseline: what a model won against one says nothing about another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from syncode.verdicts.contents import stated_baseline
from syncode.verdicts.games import Game, Games, Numbered


def blocks(table: Games) -> list[Games]:
    """Return one table for each baseline that rows state, in the order of their names; the table itself if there is one or none.

    A game whose row states no baseline belongs to the one that plays in it, or to the table of those without a baseline.
    """
    names = sorted({name for game in table.games if (name := stated_baseline(game.row)) is not None})
    if table.baseline is not None or not names:
        return [table]
    parts: dict[str | None, list[Game]] = {}
    for game in table.games:
        stated = stated_baseline(game.row)
        playing = [name for name in names if name in (game.row["model_a"], game.row["model_b"])]
        parts.setdefault(stated or (playing[0] if len(playing) == 1 else None), []).append(game)
    return [part(table, parts[name], name) for name in [*names, None] if name in parts]


def part(table: Games, games: Sequence[Game], baseline: str | None) -> Games:
    """Return some of the games as a table of their own: only their models play, and what only others were asked is not due."""
    old, mine = table.models.names, {game.question for game in games}
    gone = {game.question for game in table.games} - mine
    tasks = {name: task for name, task in table.tasks.items() if table.questions.number[name] not in gone}
    models = Numbered.sorted_from(game.row[side] for game in games for side in ("model_a", "model_b"))
    questions = Numbered.sorted_from([*(table.questions.names[number] for number in mine), *tasks])
    drawn = {table.clusters.names[game.cluster] for game in games}
    clusters = Numbered.sorted_from([*drawn, *(name for name in tasks if name in table.clusters.number)])

    def moved(game: Game) -> Game:
        return replace(
            game,
            a=models.of(old[game.a]),
            b=models.of(old[game.b]),
            shown_first=None if game.shown_first is None else models.of(old[game.shown_first]),
            question=questions.of(table.questions.names[game.question]),
            cluster=clusters.of(table.clusters.names[game.cluster]),
        )

    return replace(
        table,
        models=models,
        questions=questions,
        clusters=clusters,
        games=[moved(game) for game in games],
        baseline=None if baseline is None else models.number[baseline],
        protocols=frozenset(game.row.get("protocol", "") for game in games),
        tasks=tasks,
    )

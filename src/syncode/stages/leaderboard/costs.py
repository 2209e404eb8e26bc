"""What a board cost: tokens and money per model, per judge and verdict, and per pair of models that it tells apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from syncode.engines.pacing.budget import Price
from syncode.schemas.records import Row
from syncode.stages.leaderboard.spent import Spent, spent
from syncode.verdicts.board import Board
from syncode.verdicts.games import SCALE
from syncode.verdicts.ratings import SIGNIFICANT


def cost_rows(board: Board, answers: Iterable[Row], prices: Mapping[str, Price]) -> list[Row]:
    """Return one row per contestant, one per judge, then one for all.

    What a server did not report is unknown: `tokens` and `usd` are then null, `tokens_known` and `usd_known` are what the other
    rows say. `answers` are the rows of the contestants' answers; without them the cost of writing is unknown.
    """
    written: dict[str, list[Row]] = {}
    for answer in answers:
        written.setdefault(answer["model"], []).append(answer)
    games = board.games.games
    rows: list[Row] = []
    for model in [name for name in board.games.models.names if name != SCALE]:
        mine = spent([(row, model) for row in written.get(model, ())], prices)
        played = [game.row for game in games if model in (game.row["model_a"], game.row["model_b"])]
        judged = spent([(row, str(row.get("judge") or "")) for row in played], prices)
        rows.append({"kind": "model", "model": model, "answers": mine.rows, **_sums(mine), **_named("judge_", judged)})
    totals = [spent([(row, model) for model, found in written.items() for row in found], prices)]
    for judge in sorted({str(game.row.get("judge") or "") for game in games}):
        mine = spent([(game.row, judge) for game in games if str(game.row.get("judge") or "") == judge], prices)
        row: Row = {"kind": "judge", "judge": judge, "verdicts": mine.rows, **_sums(mine)}
        row |= {"tokens_per_verdict": _by(_tokens(mine), mine.rows), "usd_per_verdict": _by(mine.usd, mine.rows)}
        rows.append(row)
        totals.append(mine)
    return [*rows, _total(board, totals)]


def _total(board: Board, parts: list[Spent]) -> Row:
    models = len(board.rows)
    separated = sum(
        float(board.differences.holm[first, second]) < SIGNIFICANT for first in range(models) for second in range(first)
    )
    writing, judging = parts[0], parts[1:]
    tokens, usd = [_tokens(part) for part in judging], [part.usd for part in judging]
    row: Row = {"kind": "total", "pairs": models * (models - 1) // 2, "separated": separated}
    row |= {"judge_tokens": _sum(tokens), "judge_usd": _sum(usd)}
    row |= {"answer_tokens": _tokens(writing), "answer_usd": writing.usd}
    row |= {"tokens_per_separated_pair": _by(row["judge_tokens"], separated)}
    return row | {"usd_per_separated_pair": _by(row["judge_usd"], separated)}


def _sums(found: Spent) -> Row:
    return {
        "tokens": _tokens(found),
        "tokens_known": found.tokens,
        "prompt_tokens_known": found.prompt_tokens,
        "completion_tokens_known": found.completion_tokens,
        "without_usage": found.without_usage,
        "usd": found.usd,
        "usd_known": found.usd_known,
        "without_price": found.without_price,
    }


def _named(name: str, found: Spent) -> Row:
    return {f"{name}tokens": _tokens(found), f"{name}usd": found.usd}


def _tokens(found: Spent) -> int | None:
    return found.tokens if found.rows and not found.without_usage else None


def _sum(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if known and len(known) == len(values) else None


def _by(value: float | None, count: int) -> float | None:
    return None if value is None or not count else value / count

"""One row per question and model with all that is known of it: the table that people take into DuckDB."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypedDict

import numpy as np

from syncode.engines.pacing.budget import Price
from syncode.schemas.records import Row
from syncode.stages.leaderboard.questions.beside import Beside
from syncode.stages.leaderboard.questions.results import UNDECIDED, Results, outcome, question_of
from syncode.stages.leaderboard.spent import Spent, spent
from syncode.verdicts.fields import said
from syncode.verdicts.games import Game
from syncode.verdicts.labels import ABOUT
from syncode.verdicts.units import KINDS


class UnitRow(TypedDict):
    """A model on a question. Null where a file that would say it was not given, or does not say it."""

    task_id: str
    model: str
    category: str | None
    subcategory: str | None
    difficulty: str | None
    language: str | None
    labels: dict[str, Any]
    rule: str | None
    outcome: str | None
    score: float | None
    n: int
    wins: int
    ties: int
    losses: int
    missing: int
    games: int
    both_orders: int
    flips: int
    values: list[float | None]
    judges: list[str]
    opponents: list[str]
    characters: float | None
    opponent_characters: float | None
    words: float | None
    opponent_words: float | None
    prompt_tokens: int | None
    completion_tokens: int | None
    usd: float | None
    judge_prompt_tokens: int | None
    judge_completion_tokens: int | None
    judge_usd: float | None
    samples: int
    passes: int
    passed: bool | None
    states: list[str]
    answers: list[str]
    question_sha: str | None
    answer_sha: str | None
    tests_sha: str | None


def unit_rows(results: Results, beside: Beside, prices: Mapping[str, Price]) -> Iterator[Row]:
    """Yield one row for each question and model that met, questions in their order, models by name.

    `outcome` is that of the score: win above one half, loss below. `values` are the labels in numbers from the model's side,
    `flips` the pairs of games that prefer different answers, out of `both_orders` pairs with both read. `words` counts words and
    single marks. `judge_usd` is what all games cost in which the model played.
    """
    games = _games(results)
    ran: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in results.executions:
        ran[(question_of(row), str(row.get("model") or ""))].append(row)
    by_answer = {str(row["of"]): row for row in results.executions}
    answers = {model: results.answers_of(model) for model in results.models}
    shas = {model: results.shas_of(model) for model in results.models}
    counted = _counted(results)
    for question in results.questions:
        for model in sorted(results.models):
            mine, programs = games.get((question, model), []), ran.get((question, model), [])
            if not mine and not programs and (question, model) not in counted:
                continue
            ids = answers[model].get(question, [])
            programs = programs or [by_answer[str(each)] for each in ids if str(each) in by_answer]
            stated = shas[model].get(question, ())
            hits = (beside.answer([each], model, question, stated) for each in ids or (None,))
            found = [hit for hit in hits if hit is not None]
            yield {
                "task_id": question,
                "model": model,
                **_labels(results, question),
                **counted.get((question, model), _NOTHING),
                **_played(results, mine, model),
                **_money(found, mine, model, prices),
                **_ran(programs),
                "answers": [str(each) for each in ids] or [str(row["id"]) for row in found],
                **_digests(results, question, model, mine, [*programs, *found]),
            }


_NOTHING: Row = {
    "rule": None,
    "outcome": None,
    "score": None,
    "n": 0,
    **dict.fromkeys(("wins", "ties", "losses", "missing"), 0),
}
_PLURAL = {"win": "wins", "tie": "ties", "loss": "losses", "missing": "missing"}


def _labels(results: Results, question: str) -> Row:
    about = results.about.get(question, {})
    labels = about.get("labels")
    named: Row = {name: said(about, name) for name in ABOUT}
    return {**named, "labels": labels if isinstance(labels, dict) else {}}


def _counted(results: Results) -> dict[tuple[str, str], Row]:
    """Return (question, model) -> outcome, score and numbers of units; executions alone have a score and no units."""
    numbers: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    if results.units is not None and results.table is not None:
        names = results.table.models.names
        columns = (results.units.question, results.units.model, results.units.outcome)
        for question, model, kind in zip(*(column.tolist() for column in columns), strict=True):
            numbers[(results.questions[question], names[model])][kind] += 1
    found: dict[tuple[str, str], Row] = {}
    scores = results.scores
    for place, question in enumerate(results.questions):
        for column, model in enumerate(results.models):
            score = float(scores[place, column])
            known = not np.isnan(score)
            if not known and (question, model) not in numbers:
                continue
            counts = numbers[(question, model)]
            row: Row = {"rule": results.rule, "outcome": outcome(score, results.rule) if known else "missing"}
            row |= {"score": score if known else None, "n": sum(counts[:3])}
            found[(question, model)] = row | dict(zip(map(_PLURAL.__getitem__, KINDS), counts, strict=True))
    return found


def _games(results: Results) -> dict[tuple[str, str], list[Game]]:
    found: dict[tuple[str, str], list[Game]] = defaultdict(list)
    for game in results.table.games if results.table else ():
        for side in ("a", "b"):
            found[(results.questions[game.question], game.row[f"model_{side}"])].append(game)
    return found


def flips_of(games: Sequence[Game]) -> tuple[int, int]:
    """Return how many pairs of games prefer different answers, and of how many pairs both orders were read."""
    pairs: dict[tuple[object, ...], list[float]] = defaultdict(list)
    for game in games:
        if game.value is not None:
            pairs[game.pair()].append(game.value if game.a < game.b else -game.value)
    doubles = [values for values in pairs.values() if len(values) > 1]
    return sum(min(values) < 0 < max(values) for values in doubles), len(doubles)


def _played(results: Results, games: Sequence[Game], model: str) -> Row:
    flips, doubles = flips_of(games)
    sides = ["a" if game.row["model_a"] == model else "b" for game in games]
    others = ["b" if side == "a" else "a" for side in sides]
    values = [
        game.value if side == "a" or not game.value else -game.value for game, side in zip(games, sides, strict=True)
    ]
    row: Row = {"games": len(games), "both_orders": doubles, "flips": flips, "values": values}
    row["judges"] = sorted({str(game.row.get("judge") or "") for game in games})
    row["opponents"] = sorted({game.row[f"model_{side}"] for game, side in zip(games, others, strict=True)})
    for name, chosen in (("", sides), ("opponent_", others)):
        row[f"{name}characters"] = _mean([_length(game.row, side) for game, side in zip(games, chosen, strict=True)])
        row[f"{name}words"] = _mean(
            [(game.row.get(f"style_{side}") or {}).get("tokens") for game, side in zip(games, chosen, strict=True)]
        )
    return row


def _length(row: Row, side: str) -> float | None:
    lengths = row.get("lengths")
    return None if not lengths or len(lengths) < 2 else float(lengths[0 if side == "a" else 1])


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def _money(answers: Sequence[Row], games: Sequence[Game], model: str, prices: Mapping[str, Price]) -> Row:
    """Return tokens and cost of the model's answers and of the games that it played; unknown if one of them does not say it."""
    written = spent([(answer, model) for answer in answers], prices)
    judged = spent([(game.row, str(game.row.get("judge") or "")) for game in games], prices)
    return {**_known("", written), **_known("judge_", judged)}


def _known(name: str, found: Spent) -> Row:
    whole = found.rows > 0 and not found.without_usage
    return {
        f"{name}prompt_tokens": found.prompt_tokens if whole else None,
        f"{name}completion_tokens": found.completion_tokens if whole else None,
        f"{name}usd": found.usd,
    }


def _ran(programs: Sequence[Row]) -> Row:
    decided = [bool(row["passed"]) for row in programs if row["passed"] is not None and row["state"] not in UNDECIDED]
    alike = decided[0] if decided and len(set(decided)) == 1 else None
    states = [str(row["state"]) for row in programs]
    return {"samples": len(programs), "passes": sum(decided), "passed": alike, "states": states}


def _digests(results: Results, question: str, model: str, games: Sequence[Game], rows: Sequence[Row]) -> Row:
    """Return the digests that the rows state; that of the answer is null if several answers are behind the row."""
    answers = {
        game.row.get(f"answer_sha_{side}")
        for game in games
        for side in ("a", "b")
        if game.row[f"model_{side}"] == model
    }
    answers |= {row.get("answer_sha") for row in rows}
    answers.discard(None)
    stated = {row["question_sha"] for row in rows if row.get("question_sha")}
    tests = {row["tests_sha"] for row in rows if row.get("tests_sha")}
    return {
        "question_sha": results.digest(question, "question_sha") or _only(stated),
        "answer_sha": _only(answers),
        "tests_sha": results.digest(question, "tests_sha") or _only(tests),
    }


def _only(found: set[Any]) -> str | None:
    return str(next(iter(found))) if len(found) == 1 else None

"""A protocol is one row: judge plays what it says, and leaderboard misses what it says should be there."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, get_args

import pytest

from syncode.engines import Reply, Request
from syncode.schemas.records import Row
from syncode.stages.judge.games import Judge
from syncode.stages.judge.plan import Texts, plan
from syncode.stages.judge.settings import JudgeOptions
from syncode.stages.judge.sources import ANSWERS
from syncode.stages.leaderboard.build import build, complaint
from syncode.stages.leaderboard.settings import BoardOptions
from syncode.verdicts.board import Board
from syncode.verdicts.protocols import PROTOCOLS, Protocol, Score
from syncode.verdicts.units import RULES

QUESTIONS = [f"q{number}" for number in range(10)]
ABSENT = QUESTIONS[6:]
"""The questions that nobody asked the judge about for the model `short`."""
OPTIONS = BoardOptions(rounds=10)


def judged(protocol: Protocol, baseline: str | None, models: Sequence[str]) -> list[Row]:
    """Return the rows that `judge` writes; the judge gives the top grade, or the label that stands first in the row."""
    tasks = [{"id": name, "messages": [{"role": "user", "content": name}]} for name in QUESTIONS]
    answers = [
        {"id": f"{model} {name}", "task_id": name, "model": model, "text": f"{model} says {name}"}
        for model in models
        for name in QUESTIONS
    ]

    def read(sources: Sequence[str], kind: Any) -> Iterable[Row]:
        return answers if kind is ANSWERS else tasks

    async def ask(request: Request) -> Reply:
        wanted = (request.schema or {})["properties"]
        words = {name: "because" if name == "reason" else wanted[name]["enum"][-1] for name in wanted}
        return Reply(str(words).replace("'", '"'))

    options = JudgeOptions(tasks=("t",), baseline=baseline, protocol=protocol.name)
    work = plan(options, 0, read, ["a"], Texts())
    stage: Callable[[Row], Any] = work.stage([Judge("judge", ask)])

    async def everything() -> list[Row]:
        return [row for item in work.items for row in await stage(item)]

    return asyncio.run(everything())


def without_some(rows: Iterable[Row]) -> list[Row]:
    return [row for row in rows if not (row["task_id"] in ABSENT and "short" in str(row))]


def by_model(board: Board) -> dict[str, Row]:
    return {row["model"]: row for row in board.rows}


@pytest.fixture
def added(monkeypatch: pytest.MonkeyPatch) -> Callable[[Protocol], Protocol]:
    def add(protocol: Protocol) -> Protocol:
        monkeypatch.setitem(PROTOCOLS, protocol.name, protocol)
        return protocol

    return add


TOY = replace(PROTOCOLS["codearena"], name="toy")


@pytest.mark.parametrize("games", [1, 2])
@pytest.mark.parametrize("score", ["codearena", "arena-hard", "plain", "pairwise"])
def test_a_new_row_that_meets_the_baseline_covers_what_it_says(added: Any, score: Score, games: int) -> None:
    toy = added(replace(TOY, score=score, games=games))
    rows = judged(toy, "base", ["base", "short", "whole"])
    assert len(rows) == games * 2 * len(QUESTIONS)
    assert {row["coverage"] for row in build(rows, OPTIONS, 0).rows} == {1.0}
    board = build(without_some(rows), OPTIONS, 0)
    short, whole = by_model(board)["short"], by_model(board)["whole"]
    assert (short["coverage"], short["rank"], whole["coverage"], whole["rank"]) == (0.6, None, 1.0, 1)
    assert (short["rule"], short["bound_low"] < short["bound_high"]) == (score, True)
    assert "short, 60.0 %" in (complaint(board, OPTIONS) or "")


def test_a_new_row_in_which_everybody_meets_covers_every_two_models(added: Any) -> None:
    toy = added(replace(TOY, opponents="all", score="pairwise"))
    rows = judged(toy, None, ["one", "short", "whole"])
    assert len(rows) == 2 * 3 * len(QUESTIONS)
    assert {row["coverage"] for row in build(rows, OPTIONS, 0).rows} == {1.0}
    found = by_model(build(without_some(rows), OPTIONS, 0))
    assert {name: row["coverage"] for name, row in found.items()} == {"one": 0.8, "short": 0.6, "whole": 0.8}


def test_a_new_row_that_grades_one_answer_covers_every_question(added: Any) -> None:
    toy = added(replace(PROTOCOLS["scoring"], name="toy", scale=(0, 4)))
    rows = judged(toy, None, ["short", "whole"])
    assert {(row["protocol"], row["points"], row["score"]) for row in rows} == {("toy", 4.0, 1.0)}
    found = by_model(build(without_some(rows), OPTIONS, 0))
    assert {name: (row["coverage"], row["rank"]) for name, row in found.items()} == {
        "short": (0.6, None),
        "whole": (1.0, 1),
    }


def test_several_answers_to_a_question_are_several_grades_and_none_of_them_is_missing() -> None:
    rows = judged(PROTOCOLS["scoring"], None, ["whole"])
    again = [
        {**row, "id": f"{row['id']} again", "answer": f"{row['answer']} again", "score": 0.0, "points": 1.0}
        for row in rows[:3]
    ]
    row = build([*rows, *again], OPTIONS, 0).rows[0]
    assert (row["n"], row["missing"], row["coverage"]) == (13, 0, 1.0)


@pytest.mark.parametrize(
    "protocol", [row for row in PROTOCOLS.values() if row.shows != "answers"], ids=lambda row: row.name
)
def test_what_is_absent_is_missing_in_every_protocol(protocol: Protocol) -> None:
    baseline = "base" if protocol.shows == "pair" else None
    models = ["base", "short", "whole"] if baseline else ["short", "whole"]
    board = build(without_some(judged(protocol, baseline, models)), OPTIONS, 0)
    assert {name: (row["coverage"], row["rank"]) for name, row in by_model(board).items()} == {
        "short": (0.6, None),
        "whole": (1.0, 1),
    }
    accepted = by_model(
        build(without_some(judged(protocol, baseline, models)), replace(OPTIONS, allow_missing=True), 0)
    )
    assert accepted["short"]["rank"] is not None


def test_a_repeat_that_was_not_asked_is_missing_and_rows_without_a_protocol_promise_that_all_are_asked_the_same() -> (
    None
):
    rows = judged(PROTOCOLS["codearena"], "base", ["base", "short", "whole"])
    again = [{**row, "id": f"{row['id']} 1", "repeat": 1} for row in rows if row["task_id"] not in ABSENT]
    found = by_model(build([*rows, *again], OPTIONS, 0))
    assert {row["coverage"] for row in found.values()} == {0.8}
    unnamed = [{key: row[key] for key in row if key not in ("protocol", "baseline")} for row in without_some(rows)]
    found = by_model(build(unnamed, OPTIONS, 0))
    assert {name: row["coverage"] for name, row in found.items()} == {"base": 0.8, "short": 0.6, "whole": 1.0}


def test_every_score_has_its_rule() -> None:
    assert set(RULES) == set(get_args(Score))


def test_where_all_met_one_model_nobody_else_should_have_met() -> None:
    rows = judged(PROTOCOLS["pairwise"], None, ["base", "short", "whole"])
    star = [row for row in without_some(rows) if "base" in (row["model_a"], row["model_b"])]
    found = by_model(build(star, OPTIONS, 0))
    assert {name: row["coverage"] for name, row in found.items()} == {"base": 0.8, "short": 0.6, "whole": 1.0}
    unfinished = [row for row in rows if "base" in (row["model_a"], row["model_b"]) or row["task_id"] == "q0"]
    assert {row["coverage"] for row in build(unfinished, OPTIONS, 0).rows} == {1.0, 0.55}

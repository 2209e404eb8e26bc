"""Preference beside test results: correlation over models, models out of line, and a judge that likes failing programs."""

import re
from typing import Any

import pytest

from syncode.errors import DataError
from syncode.reports.leaderboard.text import cells
from syncode.schemas.records import Row
from syncode.stages.leaderboard.board import Settings, board
from syncode.stages.leaderboard.build import build
from syncode.stages.leaderboard.settings import BoardOptions
from syncode.verdicts.board import Board
from syncode.verdicts.executions import outcomes, pass_columns, prefers_failing, relation
from syncode.verdicts.games import Choice, Games, collect

STRENGTH = {"one": 0.9, "two": 0.7, "three": 0.5, "four": 0.3, "five": 0.1}


def verdict(task: str, model: str, wins: bool, **more: Any) -> Row:
    ids = {"answer_a": f"base/{task}", "answer_b": f"{model}/{task}"}
    label = "B>A" if wins else "A>B"
    return {
        "task_id": task,
        "model_a": "base",
        "model_b": model,
        "judge": "j",
        "label": label,
        "baseline": "base",
        **ids,
        **more,
    }


def execution(task: str, model: str, passed: bool | None, state: str = "fail") -> Row:
    name = "pass" if passed else state
    return {
        "id": f"e/{model}/{task}",
        "of": f"{model}/{task}",
        "state": name,
        "passed": passed,
        "seconds": 0.1,
        "toolchain": "t",
    }


def field(passes: dict[str, float]) -> Games:
    rows = []
    for number in range(40):
        for model, strength in STRENGTH.items():
            rows.append(verdict(f"q{number}", model, number / 40 < strength))
            rows.append(execution(f"q{number}", model, (number * 7) % 40 / 40 < passes[model]))
    return collect(rows, Choice("plain"))


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ([execution("t", "m", True)], "these are 1 execution"),
        ([verdict("t", "m", True, canary="same")], "these are 1 canary"),
        ([], "the input is empty"),
    ],
)
def test_rows_without_a_verdict_are_named(rows: list[Row], why: str) -> None:
    with pytest.raises(DataError, match=re.escape(f"no verdict to count: {why}")):
        collect(rows, Choice())


def related(games: Games) -> tuple[Board, Row]:
    made = board(games, Settings(rounds=200))
    found = relation(games, [row["model"] for row in made.rows], made.gain, made.weight, made.counts)
    assert found is not None
    return made, found


def test_a_benchmark_that_ranks_alike_correlates_fully_and_has_no_outlier() -> None:
    _, found = related(field(STRENGTH))
    assert (found["spearman"], found["kendall"], found["outliers"], found["models"]) == (1.0, 1.0, [], 5)
    assert found["spearman_low"] <= 1.0 == found["spearman_high"]


def test_a_model_that_is_liked_without_working_is_out_of_line() -> None:
    _, found = related(field({**STRENGTH, "one": 0.05}))
    assert found["spearman"] < 0.5
    assert [(row["model"], row["ranks"]) for row in found["outliers"]] == [("one", 4.0)]


def test_fewer_than_three_models_have_no_correlation() -> None:
    games = collect([verdict("q", "one", True), execution("q", "one", True)], Choice("plain"))
    made = board(games, Settings(rounds=10))
    assert relation(games, ["one"], made.gain, made.weight, made.counts) is None


def test_pass_rates_leave_out_what_was_not_decided() -> None:
    rows = [verdict(f"q{number}", "one", True) for number in range(4)]
    rows += [execution("q0", "one", True), execution("q1", "one", False), execution("q2", "one", None, "infra")]
    games = collect(rows, Choice("plain"))
    columns = dict(zip(games.models.names, pass_columns(games), strict=True))
    assert columns["one"] == {"executed": 2, "pass_rate": 0.5, "pass_low": 0.25, "pass_high": 0.75}
    assert columns["base"] == {"executed": 0, "pass_rate": None, "pass_low": 0.0, "pass_high": 1.0}


def test_executions_are_found_by_task_and_model_where_verdicts_have_no_answer_ids() -> None:
    row = {key: value for key, value in verdict("q", "one", True).items() if not key.startswith("answer")}
    run = {**execution("q", "one", True), "task_id": "q", "model": "one"}
    games = collect([row, run], Choice("plain"))
    assert outcomes(games).of(games.games[0], "b") is True
    assert outcomes(games).of(games.games[0], "a") is None


def test_how_often_the_failing_answer_is_preferred_by_judge_and_model() -> None:
    rows = []
    for number in range(4):
        styles = {"style_a": {"tokens": 10}, "style_b": {"tokens": 30}}
        rows.append(verdict(f"q{number}", "one", number < 3, **styles))
        rows += [execution(f"q{number}", "one", False), execution(f"q{number}", "base", True)]
    rows += [
        verdict("tie", "one", True),
        execution("tie", "one", True),
        execution("tie", "base", True),
    ]  # both pass: no pair
    found = prefers_failing(collect(rows, Choice("plain")))
    assert [(row["failing_model"], row["preferred"], row["of"]) for row in found] == [(None, 3, 4), ("one", 3, 4)]
    assert found[0]["longer_when_failing"] == pytest.approx(20)
    assert found[0]["low"] < 0.75 < found[0]["high"]


def test_the_board_shows_pass_rates_and_their_relation_to_the_score() -> None:
    from syncode.reports.leaderboard.text import as_text
    from syncode.stages.leaderboard.build import build
    from syncode.stages.leaderboard.settings import BoardOptions

    games = field(STRENGTH)
    rows = [game.row for game in games.games] + games.executions
    text = as_text(build(rows, BoardOptions(rounds=50, score="plain"), 0), "table")
    assert "tests passed" in text and "Preference and tests over 5 models: Spearman +1.000" in text


def test_a_share_of_passed_tests_has_bounds_where_executions_are_missing() -> None:
    rows = [verdict(f"q{number}", "one", True) for number in range(4)]
    rows += [execution(f"q{number}", "one", True if number < 2 else None, "infra") for number in range(4)]
    made = build(rows, BoardOptions(rounds=10), 0)
    head, (line,) = cells(made)
    assert line[head.index("tests passed")] == "100.0 (50.0-100.0)"
    head, (line,) = cells(
        build([*rows[:4], *(execution(f"q{n}", "one", n < 2) for n in range(4))], BoardOptions(rounds=10), 0)
    )
    assert line[head.index("tests passed")] == "50.0"


def test_what_only_describes_a_run_need_not_be_there() -> None:
    bare = {"id": "e", "of": "one/q", "task_id": "q", "model": "one", "state": "pass", "passed": True}
    assert outcomes(collect([verdict("q", "one", True), bare], Choice())).by_answer == {("one/q", "one"): True}

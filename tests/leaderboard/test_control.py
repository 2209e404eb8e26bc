"""Style and length taken out, and what a panel makes of several judges."""

import math
from statistics import stdev
from typing import Any

import numpy as np
import pytest

from syncode.errors import DataError, UsageError
from syncode.schemas.records import Row
from syncode.stages.leaderboard.control import (
    among_equal_results,
    control_columns,
    control_rows,
    controlled,
    feature,
    length_controlled,
    names_of,
)
from syncode.statistics.bounded import mean_interval
from syncode.verdicts.games import Choice, Games, collect
from syncode.verdicts.panels import combined, majority
from syncode.verdicts.ratings import objection, rating_columns, rating_pairs, separated
from syncode.verdicts.units import game_gain


def length_lovers(games: int = 4000, taste: float = 3.0, quality: float = 0.0) -> Games:
    """Return games in which `long` writes twice as much and the judge prefers length, and quality by `quality` log-odds."""
    random = np.random.default_rng(2)
    rows: list[Row] = []
    for number in range(games):
        tokens = (int(random.integers(50, 150)), int(random.integers(100, 300)))
        relative = (tokens[1] - tokens[0]) / sum(tokens)
        wins = random.random() < 1 / (1 + np.exp(-(quality + taste * relative)))
        a, b = ("base", "long") if number % 2 else ("long", "base")
        style = {"base": {"tokens": tokens[0]}, "long": {"tokens": tokens[1]}}
        label = "A>B" if wins == (a == "long") else "B>A"
        more: dict[str, Any] = {"style_a": style[a], "style_b": style[b], "baseline": "base"}
        rows.append({"task_id": f"q{number // 2}", "model_a": a, "model_b": b, "judge": "j", "label": label, **more})
    return collect(rows, Choice("plain"))


def test_a_model_that_wins_by_length_alone_is_even_at_equal_length() -> None:
    games = length_lovers()
    done = controlled(games, ("tokens",), 1e-6)
    columns = dict(zip(games.models.names, control_columns(games, done), strict=True))["long"]
    assert columns["raw_win_rate"] > 0.65
    assert columns["controlled_win_rate"] == pytest.approx(0.5, abs=0.05)
    (row,) = control_rows(done)
    assert row["gamma"] == pytest.approx(3.0, abs=4 * row["error"])
    assert row["gamma"] == pytest.approx(row["gamma_standardised"] / row["sd"])
    assert row["p"] < 1e-6


def test_a_model_that_is_better_stays_better_at_equal_length() -> None:
    games = length_lovers(quality=1.0)
    done = controlled(games, ("tokens",), 1e-6)
    columns = dict(zip(games.models.names, control_columns(games, done), strict=True))["long"]
    assert columns["controlled_win_rate"] == pytest.approx(1 / (1 + np.exp(-1)), abs=0.05)
    lc = dict(zip(games.models.names, length_controlled(games), strict=True))
    assert lc["base"] is None
    assert lc["long"] is not None and 0.5 < lc["long"] < columns["raw_win_rate"]


def test_the_spread_is_that_of_a_sample() -> None:
    tokens, won = [(90, 10), (10, 30), (20, 20), (35, 10), (10, 15)], [0, 1, 0, 1, 1]
    rows: list[Row] = [
        {
            **{"task_id": f"q{number}", "model_a": "x", "model_b": "y", "label": "A>B" if won[number] else "B>A"},
            **{"style_a": {"tokens": left}, "style_b": {"tokens": right}, "baseline": "y"},
        }
        for number, (left, right) in enumerate(tokens)
    ]
    games = collect(rows, Choice("plain"))
    (row,) = control_rows(controlled(games, ("tokens",), 1e-6))
    assert row["sd"] == pytest.approx(stdev([(left - right) / (left + right) for left, right in tokens]))
    # logit = a tanh(gap / s) + c at gap 0, with s the spread of a sample; by plain ascent
    gaps = np.array([float(left - right) for left, right in tokens])
    design = np.column_stack([np.tanh(gaps / stdev(gaps)), np.ones(5)])
    weights = np.zeros(2)
    for _ in range(5000):
        weights = weights + 0.5 * design.T @ (won - 1 / (1 + np.exp(-design @ weights)))
    assert length_controlled(games)[0] == pytest.approx(1 / (1 + math.exp(-weights[1])), abs=1e-5)


def test_features_change_sign_with_the_order_of_the_answers() -> None:
    style = [{"tokens": 10, "headings": 2}, {"tokens": 30, "headings": 0}]
    rows = [
        {"task_id": "q", "model_a": a, "model_b": b, "label": "A>B", "style_a": style[at], "style_b": style[1 - at]}
        for at, (a, b) in enumerate([("x", "y"), ("y", "x")])
    ]
    first, second = collect(rows, Choice("plain")).games
    for name in ("tokens", "headings"):
        assert feature(first, name) == -feature(second, name) != 0
    assert feature(first, "tokens") == -0.5
    assert feature(first, "position") == feature(second, "position") == 1.0


def test_rows_without_counts_cannot_be_controlled() -> None:
    games = collect([{"task_id": "q", "model_a": "x", "model_b": "y", "label": "A>B"}], Choice("plain"))
    with pytest.raises(DataError, match="style_a"):
        controlled(games, ("tokens",), 1e-6)


def test_a_feature_that_never_differs_is_named() -> None:
    same = {"style_a": {"tokens": 5, "headings": 0}, "style_b": {"tokens": 5, "headings": 0}}
    rows = [{"task_id": f"q{n}", "model_a": "x", "model_b": "y", "label": "A>B", **same} for n in range(3)]
    with pytest.raises(DataError, match="headings"):
        controlled(collect(rows, Choice("plain")), ("headings",), 1e-6)


def test_the_flags_choose_the_features() -> None:
    assert names_of(style=False, length=True, position=False) == ("tokens",)
    assert names_of(style=True, length=True, position=True)[-1] == "position" and len(names_of(True, False, False)) == 5
    assert names_of(False, False, False) == ()


def test_among_answers_with_equal_results_only_those_are_left() -> None:
    games = length_lovers(40)
    assert among_equal_results(games) is None
    rows: list[Row] = [{**game.row, "answer_a": f"a{at}", "answer_b": f"b{at}"} for at, game in enumerate(games.games)]
    for at in range(40):
        for side, passed in (("a", True), ("b", at < 10)):
            rows.append(
                {
                    "id": f"{side}{at}",
                    "of": f"{side}{at}",
                    "state": "x",
                    "passed": passed,
                    "seconds": 0.0,
                    "toolchain": "",
                }
            )
    kept = among_equal_results(collect(rows, Choice("plain")))
    assert kept is not None and len(kept) == 10


def test_one_opponent_each_is_no_case_for_a_rating_and_unlinked_models_are_not_compared() -> None:
    def games(pairs: list[tuple[str, str]]) -> Games:
        rows = [{"task_id": "q", "model_a": a, "model_b": b, "label": "A>B"} for a, b in pairs]
        return collect(rows, Choice("plain"))

    assert "log-odds" in (objection(games([("x", "base"), ("y", "base")])) or "")
    assert "no chain" in (
        objection(games([("x", "y"), ("y", "z"), ("z", "x"), ("u", "v"), ("v", "w"), ("w", "u")])) or ""
    )
    assert objection(games([("x", "y"), ("y", "z"), ("z", "x")])) is None
    assert separated(games([("x", "y"), ("y", "z"), ("z", "y"), ("x", "z")])) == ["x"]


def test_a_model_that_won_every_game_has_a_rating_without_error_and_is_not_tested() -> None:
    pairs = [("top", "x"), ("top", "y"), ("x", "y"), ("y", "x")]
    rows = [
        {"task_id": f"q{number}", "model_a": a, "model_b": b, "label": "A>B"} for number in range(9) for a, b in pairs
    ]
    (top, *rest) = rating_columns(collect(rows, Choice("plain")), ("bt",), 1e-6, np.ones((10, 9)))
    assert (top["separated"], top["rating_rank"], top["rating_error"], top["rating_low"]) == (True, 1, None, None)
    assert all(row["rating_error"] is not None for row in rest)
    found = rating_pairs(collect(rows, Choice("plain")), 1e-6)
    assert [(row["model_a"], row["p"], row["holm"]) for row in found if row["model_a"] == "top"] == [
        ("top", None, None)
    ] * 2


@pytest.mark.parametrize(
    ("votes", "result"), [([2, 1, -1], 1.0), ([1, -1], 0.0), ([0, 0, 2], 0.0), ([-2], -1.0), ([1, 1, 0, 0], 0.0)]
)
def test_the_majority_is_a_tie_where_nobody_leads(votes: list[float], result: float) -> None:
    assert majority(votes) == result


def test_a_panel_is_one_judge_and_a_missing_verdict_has_no_vote() -> None:
    rows = [
        {
            "task_id": "q",
            "model_a": "x",
            "model_b": "y",
            "judge": f"j{at}",
            "label": label,
            "state": "ok" if label else "api_error",
        }
        for at, label in enumerate(["A>B", "A>>B", "B>A", None])
    ]
    rows += [{"task_id": "r", "model_a": "x", "model_b": "y", "judge": "j0", "label": None, "state": "api_error"}]
    games = collect(rows, Choice("plain"))
    assert [game.value for game in combined(games, "majority").games] == [1.0, None]
    assert [game.value for game in combined(games, "median").games] == [1.0, None]
    assert len(combined(games, "pool").games) == 5
    assert combined(games, "majority").judges.names == ["majority"]


def test_grades_have_a_median_and_take_no_side() -> None:
    rows = [
        {"task_id": "q", "model": "m", "judge": f"j{at}", "protocol": "scoring", "points": points, "score": score}
        for at, (points, score) in enumerate([(7, 6 / 9), (4, 3 / 9), (6, 5 / 9), (8, 7 / 9)])
    ]
    games = collect(rows, Choice())
    (game,) = combined(games, "median").games
    assert game_gain(game) == pytest.approx(5.5 / 9)
    for how in ("majority", "dawid-skene"):
        with pytest.raises(UsageError, match="grades take none"):
            combined(games, how)


def test_lengths_that_decide_every_game_end_in_a_rate_and_no_crash() -> None:
    rows: list[Row] = []
    for number in range(30):
        tokens = 400 + 10 * number
        style = {"style_a": {"tokens": tokens}, "style_b": {"tokens": 1000 - tokens}}
        row = {"task_id": f"q{number}", "model_a": "m", "model_b": "base", "judge": "j", "baseline": "base"}
        rows.append({**row, **style, "label": "A>B" if number > 12 else "B>A"})
    games = collect(rows, Choice("plain"))
    done = controlled(games, ("tokens",), 1e-6)
    column = control_columns(games, done)[games.models.number["m"]]
    assert 0 <= column["controlled_low"] <= column["controlled_win_rate"] <= column["controlled_high"] <= 1


def test_a_rating_has_the_interval_of_the_chance_to_beat_the_others() -> None:
    labels = ["A>B"] * 18 + ["B>A"] * 2
    rows = [
        {"task_id": f"q{number}", "model_a": "m", "model_b": other, "judge": "j", "label": label}
        for other in ("x", "y")
        for number, label in enumerate(labels)
    ] + [
        {"task_id": f"q{number}", "model_a": "x", "model_b": "y", "judge": "j", "label": ("A>B", "B>A")[number % 2]}
        for number in range(20)
    ]
    games = collect(rows, Choice("plain"))
    row = rating_columns(games, ("bt",), 1e-6, np.ones((2, 20)))[games.models.number["m"]]
    low, high = mean_interval(np.repeat([1.0, 0.0], [18, 2]), np.ones(20))
    chances = [1 / (1 + math.exp(-1.5 * row[side])) for side in ("rating_low", "rating", "rating_high")]
    assert chances == pytest.approx([low, 0.9, high], abs=0.01)

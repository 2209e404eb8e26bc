"""The interval of a score by its method, with its true name, and ranks that only sure pairs set apart."""

import math
from typing import Any

import numpy as np
import pytest

from syncode.errors import UsageError
from syncode.reports.leaderboard.text import as_text, foot
from syncode.schemas.records import Row
from syncode.stages.leaderboard.build import build
from syncode.stages.leaderboard.control import length_controlled_columns
from syncode.stages.leaderboard.pairs import pair_rows, score_pairs
from syncode.stages.leaderboard.settings import BoardOptions
from syncode.verdicts.board import Board


def verdicts(questions: int, losses: dict[str, int], label: str = "A>B") -> list[Row]:
    """Return double games of each model against the baseline: the first so many questions lost, the others won."""
    other = {"A>B": "B>A", "A>>B": "B>>A"}[label]
    rows: list[Row] = []
    for question in range(questions):
        for model, lost in losses.items():
            for game, first in enumerate(("base", model)):
                wins_a = (first == model) == (question >= lost)
                row: Row = {"task_id": f"q{question}", "judge": "j", "protocol": "codearena", "baseline": "base"}
                row |= {"model_a": first, "model_b": model if game == 0 else "base", "game": game, "state": "ok"}
                row |= {"label": label if wins_a else other, "category": "even" if question % 2 else "odd"}
                row |= {"style_a": {"tokens": 10 + question % 7}, "style_b": {"tokens": 12 + question % 5}}
                rows.append(row)
    return rows


def made(rows: list[Row], **options: Any) -> Board:
    return build(rows, BoardOptions(**options), 0)


@pytest.mark.parametrize("method", ["wilson", "bootstrap", "cluster"])
def test_forty_wins_of_forty_have_an_interval_by_every_method_under_its_true_name(method: Any) -> None:
    done = made(verdicts(40, {"all": 0, "some": 5}), interval=method, by=("category",))
    all_won, some_lost = done.rows
    assert (all_won["score"], all_won["high"], all_won["interval"]) == (1.0, 1.0, "wilson")
    assert all_won["low"] == pytest.approx(0.9072, abs=1e-4)
    assert some_lost["interval"] == method
    assert 0 <= some_lost["low"] < some_lost["score"] < some_lost["high"] <= 1
    assert all_won["by"]["category"]["odd"]["low"] < 0.85
    assert f"({method})" in foot(done)[1]


def test_ranks_are_set_apart_by_sure_pairs_only() -> None:
    rows = {row["model"]: row for row in made(verdicts(40, {"all": 0, "near": 1, "weak": 25})).rows}
    assert [(row["rank_low"], row["rank_high"]) for row in rows.values()] == [(1, 2), (1, 2), (3, 3)]
    assert "1 (1-2)" in as_text(made(verdicts(40, {"all": 0, "near": 1})), "table")


def test_one_loss_of_forty_is_no_difference_between_two_models() -> None:
    (pair,) = score_pairs(made(verdicts(40, {"all": 0, "near": 1})))
    assert (pair["difference"], pair["p"]) == (pytest.approx(0.025), 0.5)
    assert pair["low"] < 0 < pair["high"]


def test_a_margin_says_who_is_not_worse_who_is_equivalent_and_how_many_questions_it_takes() -> None:
    board = made(verdicts(40, {"all": 0, "near": 1, "weak": 20}))
    pairs = {(row["model_a"], row["model_b"]): row for row in score_pairs(board, 0.2)}
    close, far = pairs["all", "near"], pairs["all", "weak"]
    assert (close["not_worse"], close["equivalent"], far["not_worse"], far["equivalent"]) == (True, True, True, False)
    assert far["questions_needed"] == math.ceil(2.801585**2 * 0.25 * 40 / 39 / 0.04)
    (alike,) = score_pairs(made(verdicts(40, {"all": 0, "same": 0})), 0.05)
    assert (alike["not_worse"], alike["questions_needed"]) == (False, None)  # 40 questions prove no margin of 5 points
    with pytest.raises(UsageError, match="--margin"):
        pair_rows(verdicts(6, {"all": 0, "near": 1}), BoardOptions(rating=("bt",), margin=0.1), 0)


def test_a_slight_win_could_have_been_a_heavy_loss_under_the_arena_hard_score() -> None:
    slight = made(verdicts(40, {"all": 0}), score="arena-hard").rows[0]
    much = made(verdicts(40, {"all": 0}, "A>>B"), score="arena-hard").rows[0]
    assert slight["low"] < much["low"] == pytest.approx(0.9072, abs=1e-4)


def test_the_games_of_the_baseline_do_not_widen_the_interval_of_a_model() -> None:
    alone = made(verdicts(40, {"all": 0})).rows[0]
    among = made(verdicts(40, {"all": 0, "near": 1, "weak": 20})).rows[0]
    assert (among["low"], among["high"]) == (alone["low"], alone["high"])


def test_controlled_win_rates_have_intervals_and_a_clean_sweep_is_no_certainty() -> None:
    done = made(verdicts(40, {"all": 0, "some": 8}), length_control=True)
    for row, rate in zip(done.rows, (1.0, 0.8), strict=True):
        assert row["lc"] == pytest.approx(rate, abs=0.02)
        for low, high in (("lc_low", "lc_high"), ("controlled_low", "controlled_high")):
            assert row[low] < rate - 0.02
            assert row["score"] - 1e-9 <= row[high] <= 1
    assert length_controlled_columns(done.games)[done.games.baseline or 0]["lc_low"] is None


def test_strata_belong_to_redrawn_questions() -> None:
    rows = verdicts(6, {"all": 1})
    with pytest.raises(UsageError, match="--interval bootstrap"):
        made(rows, stratify="category")
    assert made(rows, stratify="category", interval="bootstrap").rows[0]["interval"] == "bootstrap"


def test_a_panel_weighed_by_how_often_each_judge_is_right_outvotes_two_who_guess() -> None:
    random = np.random.default_rng(4)
    rows: list[Row] = []
    for question in range(120):
        won = bool(random.random() < 0.75)
        for judge, skill in (("good", 0.97), ("also good", 0.9), ("x", 0.1), ("y", 0.1), ("z", 0.1)):
            said = won if random.random() < skill else bool(random.random() < 0.5)
            row: Row = {
                "task_id": f"q{question}",
                "model_a": "m",
                "model_b": "base",
                "judge": judge,
                "baseline": "base",
            }
            rows.append({**row, "label": "A>B" if said else "B>A", "state": "ok", "game": 0, "truth": won})
    truth = sum(row["truth"] for row in rows) / len(rows)
    scores = {how: made(rows, panel=how).rows[0]["score"] for how in ("majority", "dawid-skene")}
    assert abs(scores["dawid-skene"] - truth) < 0.03 < abs(scores["majority"] - truth)


def judged(labels: dict[str, list[list[str]]]) -> list[Row]:
    """Return verdicts from the labels of three judges on each question, by model."""
    rows: list[Row] = []
    for model, questions in labels.items():
        for question, said in enumerate(questions):
            for judge, label in enumerate(said):
                row: Row = {"task_id": f"q{question:02}", "model_a": model, "model_b": "base", "judge": f"j{judge}"}
                rows.append({**row, "label": label, "baseline": "base", "state": "ok", "category": str(question % 2)})
    return rows


def test_the_interval_of_a_weighed_panel_counts_that_its_weights_are_estimates() -> None:
    random = np.random.default_rng(8)
    labels: dict[str, list[list[str]]] = {}
    for model, win in (("strong", 0.8), ("weak", 0.4)):
        won = random.random(60) < win
        labels[model] = [
            ["A>B" if one ^ (random.random() > skill) else "B>A" for skill in (0.8, 0.75, 0.75)] for one in won
        ]
    rows = judged(labels)
    done, plain = made(rows, panel="dawid-skene", by=("category",)), made(rows, panel="majority")
    for row, other in zip(done.rows, plain.rows, strict=True):
        assert row["low"] < row["score"] < row["high"]
        assert row["high"] - row["low"] > 1.15 * (other["high"] - other["low"])
        assert row["error"] > 1.15 * other["error"]
        cell = row["by"]["category"]["0"]
        assert cell["high"] - cell["low"] > row["high"] - row["low"]
        assert (row["wins"] + row["losses"], row["n"]) == (60, 60)
    strong = judged({"all": [["A>B"] * 3] * 57 + [["B>A", "A>B", "B>A"]] * 3})
    for method in ("bootstrap", "cluster"):
        for row in made(rows + strong, panel="dawid-skene", interval=method).rows:
            assert 0 <= row["low"] < row["score"] < row["high"] <= 1
    gap, known = (score_pairs(board)[0] for board in (done, plain))
    assert gap["error"] > 1.15 * known["error"]
    assert gap["high"] - gap["low"] > 1.15 * (known["high"] - known["low"])


def test_a_panel_that_nearly_always_agrees_shows_no_difference_by_few_dissents() -> None:
    won = ["A>B"] * 3
    rows = judged({"all": [won] * 40, "dissent": [["A>B", "A=B", "A>B"]] * 6 + [won] * 34})
    done = made(rows, panel="dawid-skene")
    assert all(0.88 < row["low"] < 0.93 and row["high"] == pytest.approx(1, abs=1e-3) for row in done.rows)
    (pair,) = score_pairs(done)
    assert pair["p"] > 0.5
    assert pair["low"] < -0.05 < 0.05 < pair["high"]


def test_one_judge_is_no_panel_to_weigh() -> None:
    rows = [row for row in judged({"m": [["A>B"] * 3] * 30 + [["B>A"] * 3] * 10}) if row["judge"] == "j0"]
    alone, weighed = made(rows), made(rows, panel="dawid-skene")
    for name in ("score", "low", "high"):
        assert weighed.rows[0][name] == alone.rows[0][name]

"""Scores, intervals and what is missing, on verdicts small enough to check by hand."""

from typing import Any

import pytest

from syncode.errors import DataError
from syncode.reports.leaderboard.text import as_text
from syncode.reports.tables import aligned
from syncode.schemas.records import Row
from syncode.stages.leaderboard.board import Settings, board
from syncode.stages.leaderboard.build import complaint
from syncode.stages.leaderboard.settings import BoardOptions
from syncode.verdicts.board import Board
from syncode.verdicts.games import Choice, collect

# The six questions of the judging notes: (label of game 0, label of game 1).
SIX = [
    ("B>>A", "A>B"),
    ("A>B", "A>B"),
    ("A=B", "B>>A"),
    ("B>A", "A>>B"),
    ("A>>B", "B>A"),
    ("B>>A", "B>A"),
]


def double(question: str, first: str | None, second: str | None, model: str = "m", **more: Any) -> list[Row]:
    shared = {"task_id": question, "judge": "j", "protocol": "codearena", "baseline": "base", **more}
    return [
        {
            **shared,
            "model_a": a,
            "model_b": b,
            "order": order,
            "label": label,
            "state": "ok" if label else "unparsed",
            "game": game,
        }
        for game, (a, b, order, label) in enumerate(
            [("base", model, "baseline_first", first), (model, "base", "candidate_first", second)]
        )
    ]


def six() -> list[Row]:
    return [row for number, pair in enumerate(SIX) for row in double(f"q{number}", *pair)]


def made(rows: list[Row], choice: Choice = Choice(), **settings: Any) -> Board:  # noqa: B008
    return board(collect(rows, choice), Settings(**settings))


@pytest.mark.parametrize(
    ("score", "counted", "value", "error"),
    [
        ("codearena", (3, 1, 2), 0.583333, 0.200693),
        ("arena-hard", (6, 1, 5), 0.568182, 0.191702),
        ("plain", (6, 1, 5), 0.541667, 0.163512),
        ("pairwise", (2, 3, 1), 0.583333, 0.153659),
    ],
)
def test_the_four_scores_of_six_questions(score: Any, counted: tuple[int, ...], value: float, error: float) -> None:
    row = made(six(), Choice(score)).rows[0]
    assert (row["wins"], row["ties"], row["losses"]) == counted
    assert row["score"] == pytest.approx(value, abs=1e-6)
    assert row["error"] == pytest.approx(error, abs=1e-6)
    assert row["low"] <= row["score"] <= row["high"]


def test_position_driven_results_stand_apart_from_real_ones() -> None:
    row = made(six()).rows[0]
    assert (row["position_win"], row["position_loss"], row["position_tie"], row["both_tie"]) == (1, 0, 1, 0)


def test_of_the_25_pairs_of_labels_8_contradict_themselves_and_4_of_these_are_ties() -> None:
    labels = ("A>>B", "A>B", "A=B", "B>A", "B>>A")
    pairs = [(first, second) for first in labels for second in labels]
    rows = [row for number, pair in enumerate(pairs) for row in double(f"q{number}", *pair)]
    row = made(rows).rows[0]
    assert (row["wins"], row["ties"], row["losses"]) == (10, 5, 10)
    assert (row["position_win"], row["position_tie"], row["position_loss"], row["both_tie"]) == (2, 4, 2, 1)


def test_a_missing_game_is_a_missing_pair_with_bounds_and_never_a_tie() -> None:
    rows = [row for number in range(9) for row in double(f"q{number}", "B>A", "A>B")] + double("q9", "B>A", None)
    done = made(rows)
    row = done.rows[0]
    assert (row["n"], row["missing"], row["ties"], row["score"]) == (9, 1, 0, 1.0)
    assert (row["coverage"], row["bound_low"], row["bound_high"]) == (0.95, 0.9, 1.0)
    assert "coverage" not in (complaint(done, BoardOptions(allow_missing=True)) or "")
    assert "incomplete" in (complaint(done, BoardOptions()) or "")


def test_under_the_plain_score_the_other_game_of_a_broken_pair_counts() -> None:
    row = made(double("q", "B>A", None) + double("r", "B>A", "A>B"), Choice("plain")).rows[0]
    assert (row["n"], row["missing"], row["score"]) == (3, 1, 1.0)


def test_a_question_without_any_row_is_missing_where_everybody_meets_the_baseline() -> None:
    rows = double("q0", "B>A", "A>B") + double("q1", "B>A", "A>B") + double("q0", "A>B", "B>A", model="short")
    rows_by_model = {row["model"]: row for row in made(rows).rows}
    assert (rows_by_model["short"]["missing"], rows_by_model["short"]["coverage"]) == (1, 0.5)
    assert rows_by_model["m"]["missing"] == 0


@pytest.mark.parametrize(("score", "weight"), [("plain", 1.0), ("arena-hard", 3.0)])
def test_where_games_are_units_every_absent_game_is_missing_and_widens_the_bounds(score: Any, weight: float) -> None:
    won = double("q0", "B>A", "A>B") + double("q0", "B>A", "A>B", "other")
    row = next(
        row for row in made([*won, *double("q1", "B>A", "A>B", "other")], Choice(score)).rows if row["model"] == "m"
    )
    assert (row["n"], row["missing"], row["coverage"]) == (2, 2, 0.5)
    assert (row["bound_low"], row["bound_high"]) == (2 / (2 + 2 * weight), 1.0)
    row = made([*won, double("q1", "B>A", "A>B")[0]], Choice("plain")).rows[0]
    assert (row["model"], row["n"], row["missing"], row["coverage"]) == ("m", 3, 1, 0.75)


def test_one_question_has_no_interval_and_a_model_without_a_verdict_no_rank() -> None:
    row = made(double("q", "B>A", "A>B"), by=("category",)).rows[0]
    assert (row["score"], row["low"], row["high"], row["rank"]) == (1.0, None, None, 1)
    assert (row["by"]["category"]["?"]["low"], row["by"]["category"]["?"]["high"]) == (None, None)
    done = made(double("q", None, None))
    assert [done.rows[0][name] for name in ("score", "rank", "rank_low", "rank_high")] == [None] * 4
    assert as_text(done, "table").splitlines()[2].split()[:2] == ["-", "m"]


def test_names_stay_in_their_cells_whatever_they_hold() -> None:
    name = "<b>|\\`_x_`\n\x1b[1m*"
    done = made([row for number in range(3) for row in double(f"q{number}", "B>A", "A>B", name)])
    lines = as_text(done, "markdown").splitlines()
    assert lines[2].startswith("| 1 (1-1) | \\<b\\>\\|\\\\\\`\\_x\\_\\` \ufffd\\[1m\\* | 3 |")
    assert r"\textless{}b\textgreater{}\textbar{}\textbackslash{}`\_x\_` " in as_text(done, "latex").splitlines()[4]
    assert "\x1b" not in as_text(done, "table")


def test_wide_letters_take_two_columns() -> None:
    lines = aligned(["n", "model", "x"], [["1", "模型", "1"], ["2", "m", "2"]]).splitlines()
    assert lines[2:] == ["1  模型   1", "2  m      2"]


def test_an_empty_answer_is_a_loss_and_counted_apart() -> None:
    rows = double("q0", "A>>B", "B>>A", state="x")
    rows = [{**row, "state": "empty_answer"} for row in rows] + double("q1", "B>A", "A>B")
    row = made(rows).rows[0]
    assert (row["losses"], row["empty"], row["missing"]) == (1, 1, 0)


def test_the_baseline_has_no_row_where_the_rows_name_it_and_both_models_have_one_where_they_do_not() -> None:
    rows = six()
    assert [row["model"] for row in made(rows).rows] == ["m"]
    unnamed = [{key: value for key, value in row.items() if key != "baseline"} for row in rows]
    both = {row["model"]: row["score"] for row in made(unnamed).rows}
    assert both["base"] == pytest.approx(1 - both["m"])


def test_a_share_counts_as_the_fraction_that_it_is() -> None:
    rows = [
        {"task_id": f"q{number}", "model_a": "x", "model_b": "y", "share": share}
        for number, share in enumerate([0.25, 1.0, 0.5, 0.75])
    ]
    by_model = {row["model"]: row for row in made(rows).rows}
    assert by_model["x"]["score"] == pytest.approx(0.625)
    assert by_model["y"]["score"] == pytest.approx(0.375)
    assert (by_model["x"]["wins"], by_model["x"]["ties"], by_model["x"]["losses"]) == (2, 1, 1)


def test_the_same_seed_gives_the_same_interval_and_the_order_of_rows_does_not_matter_for_the_score() -> None:
    assert made(six(), seed=3).rows == made(six(), seed=3).rows
    turned = made(six()[::-1]).rows[0]
    assert turned["score"] == made(six()).rows[0]["score"]
    assert turned["error"] == pytest.approx(made(six()).rows[0]["error"])


def test_cells_hold_their_n_are_marked_when_small_and_add_up_to_the_total() -> None:
    rows = [{**row, "category": "dev" if row["task_id"] < "q4" else "db"} for row in six()]
    row = made(rows, by=("category",)).rows[0]
    cells = row["by"]["category"]
    assert list(cells) == ["db", "dev"] and [cell["n"] for cell in cells.values()] == [2, 4]
    assert all(cell["small"] for cell in cells.values())
    assert sum(cell["n"] * cell["score"] for cell in cells.values()) / row["n"] == pytest.approx(row["score"])


def test_a_verdict_judged_again_replaces_the_failed_one() -> None:
    failed = {**double("q", None, None)[0], "id": "v1", "state": "api_error"}
    again = {**double("q", "B>A", None)[0], "id": "v1"}
    other = double("q", None, "A>B")[1]
    assert made([failed, other, again]).rows[0]["wins"] == 1
    assert made([again, other, failed]).rows[0]["wins"] == 1


def test_canaries_are_never_scored() -> None:
    rows = six() + [{**row, "canary": "identical"} for row in double("canary", "A>>B", "B>>A")]
    assert made(rows).rows[0]["n"] == 6


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({"task_id": "q", "model_a": "x", "model_b": "y", "label": "A"}, "none of"),
        ({"task_id": "q", "model_a": "x", "model_b": "y", "share": 1.5}, "share"),
        ({"task_id": "q", "model_a": "x", "model_b": "x", "label": "A>B"}, "itself"),
        ({"task_id": "q", "model_a": "x", "model_b": "y", "label": "A>B", "repeat": "x"}, "repeat"),
        ({"task_id": "q", "model_a": "x", "model_b": "y", "label": "A>B", "style_a": {"tokens": "x"}}, "style_a"),
        ({"text": "a document"}, "neither"),
    ],
)
def test_a_row_that_cannot_be_counted_is_named(row: Row, why: str) -> None:
    with pytest.raises(DataError, match=why):
        made([row])


def test_verdicts_of_an_old_prompt_are_no_further_games_of_a_pair_and_the_table_says_so() -> None:
    rows = double("q", "B>A", "A>B", settings_sha="new") + double("q", "A>B", "B>A", settings_sha="old")
    done = made(rows)
    assert [done.rows[0][name] for name in ("n", "wins", "losses")] == [2, 1, 1]
    assert any("2 different prompts or settings" in warning for warning in done.warnings)


def test_rows_of_two_protocols_are_not_mixed_without_a_word() -> None:
    rows = six() + [{**row, "protocol": "arena-hard-v2"} for row in six()]
    with pytest.raises(DataError, match="several protocols"):
        made(rows)

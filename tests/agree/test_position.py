"""What a judge does when the answers change places."""

from syncode.schemas.records import Row
from syncode.stages.agree.position import position_rows
from syncode.verdicts.games import Choice, collect


def verdict(question: str, a: str, b: str, label: str | None, **more: object) -> Row:
    state = "ok" if label else "unparsed"
    return {"task_id": question, "model_a": a, "model_b": b, "label": label, "judge": "j", "state": state, **more}


def row_of(rows: list[Row]) -> Row:
    return position_rows(collect(rows, Choice("plain")), lambda name: False)[0]


def test_a_judge_that_always_likes_the_first_place_is_never_consistent() -> None:
    rows = [verdict("q", "x", "y", "A>B"), verdict("q", "y", "x", "A>>B")]
    row = row_of(rows)
    assert (row["both_read"], row["consistent"], row["flips"], row["first_first"]) == (1, 0, 1, 1)
    assert (row["first"], row["decisive"], row["first_share"], row["preference"]) == (2, 2, 1.0, 0.5)


def test_the_order_of_a_row_says_whose_answer_stood_first() -> None:
    rows = [verdict("q", "x", "y", "A>B", order="original"), verdict("q", "x", "y", "A>B", order="swapped")]
    row = row_of(rows)
    assert (row["consistent"], row["consistency"], row["first"], row["decisive"]) == (1, 1.0, 1, 2)


def test_the_same_winner_is_consistent_and_the_same_label_is_counted_apart() -> None:
    row = row_of([verdict("q", "x", "y", "A>>B"), verdict("q", "y", "x", "B>A")])
    assert (row["consistent"], row["same_label"]) == (1, 0)


def test_a_tie_against_a_decision_is_neither_consistent_nor_a_flip() -> None:
    row = row_of([verdict("q", "x", "y", "A=B"), verdict("q", "y", "x", "B>A")])
    assert (row["consistent"], row["flips"], row["decisive"]) == (0, 0, 1)


def test_a_double_game_with_a_missing_verdict_is_left_out_and_counted() -> None:
    row = row_of([verdict("q", "x", "y", "A>B"), verdict("q", "y", "x", None)])
    assert (row["double_games"], row["both_read"], row["missing"], row["consistency"]) == (1, 0, 1, None)


def test_an_order_that_we_do_not_know_gives_no_position() -> None:
    row = row_of([verdict("q", "x", "y", "A>B", order="sideways")])
    assert (row["decisive"], row["games"]) == (0, 1)

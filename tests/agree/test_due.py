"""What a judge did not say about labelled pairs is missing, be its rows there or not."""

from typing import Any

import pytest

from syncode.schemas.records import Row
from syncode.stages.agree.report import report
from syncode.stages.agree.settings import AgreeOptions

RIGHT = {f"q{number}": ("A>B", "B>A")[number % 2] for number in range(20)}
MIRROR = {"A>B": "B>A", "B>A": "A>B"}


def game(judge: str, task: str, number: int, label: str) -> Row:
    """Return a verdict on x and y; `label` is from the side of x."""
    sides = ("y", "x") if number else ("x", "y")
    row = {"task_id": task, "model_a": sides[0], "model_b": sides[1], "order": "given", "judge": judge}
    return {**row, "id": f"{judge} {task} {number}", "label": MIRROR[label] if number else label, "state": "ok"}


def rows_of(judge: str, wrong: int) -> list[Row]:
    """Return both games of every pair, wrong on the first questions."""
    return [
        game(judge, task, number, MIRROR[label] if place < wrong else label)
        for place, (task, label) in enumerate(RIGHT.items())
        for number in (0, 1)
    ]


GOLD = [game("gold", task, 0, label) for task, label in RIGHT.items()]


def gold(rows: list[Row], judge: str = "j", **options: Any) -> Row:
    found = report(rows, AgreeOptions(gold="gold", rounds=10, **options), 0)
    return next(row for row in found if row["kind"] == "gold" and row["judge"] == judge)


@pytest.mark.parametrize("beside", [[], rows_of("other", 3)], ids=["alone", "beside another judge"])
def test_questions_that_a_judge_has_no_row_for_are_missing(beside: list[Row]) -> None:
    whole = gold([*GOLD, *rows_of("j", 5), *beside])
    assert (whole["accuracy"], whole["coverage"], whole["missing"]) == (0.75, 1.0, 0)
    kept = [row for row in rows_of("j", 5) if int(row["task_id"][1:]) > 4]
    found = gold([*GOLD, *kept, *beside])
    assert (found["accuracy"], found["coverage"], found["missing"]) == (1.0, 0.75, 5)
    assert (found["bound_low"], found["bound_high"]) == (0.75, 1.0)
    assert gold([*GOLD, *kept, *beside], missing="wrong")["accuracy"] == 0.75


def test_a_game_that_is_not_there_is_half_of_its_pair() -> None:
    rows = [row for row in rows_of("j", 5) if row["id"] not in ("j q0 1", "j q19 1")]
    found = gold([*GOLD, *rows])
    assert (found["partly"], found["coverage"], found["accuracy"]) == (2, 0.95, 0.75)
    strict = gold([*GOLD, *rows], score="pairwise")
    assert (strict["missing"], strict["coverage"]) == (2, 0.9)
    single = [row for row in rows_of("j", 5) if row["id"].endswith("0")]
    assert gold([*GOLD, *single])["coverage"] == 1.0  # a judge that was asked in one order


def test_a_game_that_stands_twice_counts_once_and_gold_that_contradicts_itself_is_not_known() -> None:
    rows = rows_of("j", 0)
    rows[1] = {**rows[1], "label": MIRROR[rows[1]["label"]]}  # one game for each side: a tie
    again = {**rows[0], "id": "again"}
    assert gold([*GOLD, *rows, again])["accuracy"] == gold([*GOLD, *rows])["accuracy"] == 0.95
    turned = game("gold", "q0", 1, MIRROR[RIGHT["q0"]])
    assert gold([*GOLD, turned, *rows])["n"] == 19


@pytest.mark.parametrize("by", ["kind", "judge"])
def test_labels_of_people_and_gold_are_in_each_group_whose_questions_they_are_about(by: str) -> None:
    kinds = {task: ("even", "odd")[int(task[1:]) % 2] for task in RIGHT}
    rows = [{**row, "kind": kinds[row["task_id"]]} for row in [*rows_of("j", 5), *rows_of("k", 2)]]
    sheet = [{**row, "id": None, "judge": "people:ann", "order": None} for row in GOLD]
    sheet = [{key: value for key, value in row.items() if value is not None} for row in sheet]
    for extra, options in (
        (sheet, AgreeOptions(by=(by,), rounds=10)),
        (GOLD, AgreeOptions(by=(by,), gold="gold", rounds=10)),
    ):
        found = report([*rows, *extra], options, 0)
        groups = {"even", "odd"} if by == "kind" else {"j", "k"}
        assert {row["by"][by] for row in found if row["kind"] == "gold"} == groups
        assert not [row for row in found if row["kind"] == "nothing"]

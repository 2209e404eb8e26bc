"""Each rater of a panel against all others, and how many labels of people a wanted width needs."""

import random

from syncode.schemas.records import Row
from syncode.stages.agree.report import report
from syncode.stages.agree.settings import AgreeOptions


def verdicts(skill: dict[str, float], questions: int = 80) -> list[Row]:
    drawn = random.Random(3)
    rows: list[Row] = []
    for question in range(questions):
        won = drawn.random() < 0.6
        for judge, right in skill.items():
            said = won if drawn.random() < right else drawn.random() < 0.5
            if judge == "ann" and question >= questions // 2:
                continue  # the person labels half of the pairs
            row: Row = {"task_id": f"q{question}", "model_a": "m", "model_b": "base", "judge": judge, "state": "ok"}
            rows.append({**row, "label": "A>B" if said else "B>A"})
    return rows


def test_the_judge_who_guesses_agrees_least_with_the_others_and_weighs_least() -> None:
    found = report(verdicts({"good": 0.95, "fair": 0.8, "guess": 0.0, "also": 0.9}), AgreeOptions(), 0)
    panel = {row["rater"]: row for row in found if row["kind"] == "panel_rater"}
    assert set(panel) == {"good", "fair", "guess", "also"}
    assert (
        min(panel, key=lambda name: panel[name]["share"])
        == min(panel, key=lambda name: panel[name]["weight"])
        == "guess"
    )
    assert all(row["of"] == 80 and row["low"] < row["share"] < row["high"] for row in panel.values())
    assert all(0 <= row["weight_low"] < row["weight"] < row["weight_high"] for row in panel.values())
    assert panel["guess"]["weight_high"] < panel["good"]["weight_low"]


def test_two_raters_are_no_panel_and_a_width_asks_for_labels() -> None:
    rows = verdicts({"judge": 0.9, "ann": 1.0})
    wide, narrow = (
        next(row for row in report(rows, AgreeOptions(human=("ann",), width=width), 0) if row["kind"] == "corrected")
        for width in (0.35, 0.25)
    )
    assert (wide["labelled"], wide["interval"]) == (40, "wilson")
    assert wide["labels_needed"] < (narrow["labels_needed"] or 81)
    plain = report(rows, AgreeOptions(human=("ann",)), 0)
    assert not any("labels_needed" in row or row["kind"] == "panel_rater" for row in plain)


def test_agreement_of_40_equal_labels_has_an_interval_and_names_it() -> None:
    rows = verdicts({"one": 1.0, "two": 1.0}, 40)
    by_method = {
        method: next(row for row in report(rows, AgreeOptions(interval=method), 0) if row["kind"] == "raters")
        for method in ("wilson", "bootstrap")
    }
    found = by_method["wilson"]
    assert (found["interval"], found["kappa"], found["kappa_high"]) == ("wilson", 1.0, 1.0)
    assert 0.75 < found["kappa_low"] < 0.85 < found["agreement_low"] < 0.92
    drawn = by_method["bootstrap"]
    assert (drawn["interval"], drawn["kappa_low"], drawn["agreement_low"]) == (
        "bootstrap",
        None,
        None,
    )  # nothing varied

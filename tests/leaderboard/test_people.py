"""A ranking corrected by people: a judge's lean is taken out, ranks come from Holm-adjusted pairs, and intervals hold."""

import numpy as np
import pytest

from syncode.errors import DataError
from syncode.schemas.records import Row
from syncode.stages.leaderboard.board import Settings, board
from syncode.stages.leaderboard.people import corrected_rows, people_of, with_people
from syncode.verdicts.games import Choice, collect

TRUTH = {"long": 0.3, "plain": 0.7, "other": 0.5}


def drawn(seed: int, questions: int, labelled: int) -> tuple[list[Row], list[Row]]:
    """Return verdicts of a judge that likes the model `long` however it does, and labels of people on some questions."""
    generator = np.random.default_rng(seed)
    verdicts: list[Row] = []
    people: list[Row] = []
    for question in range(questions):
        for model, chance in TRUTH.items():
            win = generator.random() < chance
            said = True if model == "long" and generator.random() < 0.6 else win != (generator.random() < 0.15)
            row = {"task_id": f"q{question}", "model_a": model, "model_b": "base", "baseline": "base"}
            verdicts.append({**row, "judge": "j", "label": "A>B" if said else "B>A"})
            if question < labelled:
                turned = {"model_a": "base", "model_b": model} if question % 2 else {}
                label = "A>B" if win != bool(turned) else "B>A"
                people.append({**row, **turned, "judge": "people:ann", "label": label})
    return verdicts, people


def corrected(seed: int, questions: int = 400, labelled: int = 120) -> tuple[dict[str, Row], list[Row]]:
    verdicts, people = drawn(seed, questions, labelled)
    made = board(collect(verdicts, Choice(baseline="base")), Settings(rounds=10))
    rows = corrected_rows(made, people_of(people))
    return {row["model"]: row for row in rows if row["kind"] == "model"}, [row for row in rows if row["kind"] == "pair"]


def test_the_lean_of_the_judge_is_taken_out_of_scores_pairs_and_ranks() -> None:
    models, pairs = corrected(2)
    assert models["long"]["score"] > models["other"]["score"]
    assert list(models) == ["plain", "other", "long"]
    for name, truth in TRUTH.items():
        assert models[name]["low"] < truth < models[name]["high"]
        assert models[name]["high"] - models[name]["low"] < 0.21 and 0 < models[name]["power"] < 1
    assert (models["plain"]["rank"], models["long"]["rank"]) == (1, 3)
    assert all(row["significant"] for row in pairs if "long" in (row["model_a"], row["model_b"]))


def test_differences_are_those_of_people_and_their_intervals_hold() -> None:
    covered = []
    for seed in range(60):
        _, pairs = corrected(seed, 150, 40)
        covered += [row["low"] <= TRUTH[row["model_a"]] - TRUTH[row["model_b"]] <= row["high"] for row in pairs]
        assert all((row["p"] < 0.05) == (row["low"] > 0 or row["high"] < 0) for row in pairs)
    assert len(covered) == 180 and np.mean(covered) > 0.9


def test_too_few_labels_correct_nothing_and_labels_of_other_pairs_are_an_error() -> None:
    models, pairs = corrected(1, 50, 3)
    assert not pairs and {row["corrected"] for row in models.values()} == {None}
    verdicts, people = drawn(1, 20, 10)
    made = board(collect(verdicts, Choice(baseline="base")), Settings(rounds=10))
    with pytest.raises(DataError, match="none of the 30 labelled pairs is among the verdicts"):
        corrected_rows(made, people_of([{**row, "task_id": "else" + row["task_id"]} for row in people]))


def test_labels_for_all_pairs_are_the_scores_and_labels_that_meet_no_verdict_are_told() -> None:
    verdicts, people = drawn(3, 60, 60)
    made = board(collect(verdicts, Choice(baseline="base")), Settings(rounds=10))
    found = {row["model"]: row for row in with_people(made, people_of(people)).rows}
    for name in TRUTH:
        mine = [row for row in people if name in (row["model_a"], row["model_b"])]
        won = [(row["label"] == "A>B") == (row["model_a"] == name) for row in mine]
        assert found[name]["corrected"] == pytest.approx(np.mean(won))
        assert found[name]["corrected_low"] < np.mean(won) < found[name]["corrected_high"]
    lost = [{**row, "model_a": f"no {row['model_a']}"} for row in people[:12] if row["model_b"] == "base"]
    (told,) = [text for text in with_people(made, people_of([*people, *lost])).warnings if "meet no verdict" in text]
    assert told.startswith(f"{len(lost)} of the {180 + len(lost)} labelled pairs")


def test_the_last_label_of_a_person_counts_in_a_board_too() -> None:
    row = {"task_id": "q", "model_a": "x", "model_b": "y"}
    first, last = ({**row, "judge": "people:ann", "id": "ann q", "label": label} for label in ("A>B", "B>A"))
    assert people_of([first, last]).gain["q", "x", "y"] == 0.0
    assert people_of([first, last, {**first, "id": "bob q"}]).gain["q", "x", "y"] == 0.5


@pytest.mark.parametrize("name", ["question_sha", "answer_sha_a", "answer_sha_b"])
def test_labels_of_other_texts_correct_nothing(name: str) -> None:
    shas = {each: each.ljust(32, "0") for each in ("question_sha", "answer_sha_a", "answer_sha_b")}
    rows = [
        {"task_id": f"q{n}", "model_a": "x", "model_b": "base", "baseline": "base", "label": "A>B"} for n in range(9)
    ]
    made = board(collect([{**row, **shas, "judge": "j"} for row in rows], Choice(baseline="base")), Settings(rounds=10))
    labels = [{**row, **shas, "judge": "people:ann"} for row in rows]
    assert corrected_rows(made, people_of(labels))[0]["corrected"] == 1.0
    with pytest.raises(DataError, match="people labelled other texts than were judged"):
        corrected_rows(made, people_of([*labels[1:], {**labels[0], name: "other".ljust(32, "0")}]))

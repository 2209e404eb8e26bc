"""What a judge leans to: length beside people and tests, its own family, and itself when asked again."""

from typing import Any

import pytest

from syncode.errors import DataError
from syncode.schemas.records import Row
from syncode.stages.agree.bias import families, family_of, repeat_rows, self_preference_rows, style_rows
from syncode.stages.agree.human import human_rows
from syncode.stages.agree.ratings import Ratings, label_numbers, ratings_of
from syncode.stages.agree.report import report
from syncode.stages.agree.settings import AgreeOptions, Unit
from syncode.verdicts.games import Choice, Games, collect


def row(task: str, label: str | None, judge: str = "j", a: str = "x", b: str = "y", **more: Any) -> Row:
    state = "ok" if label else "unparsed"
    return {"task_id": task, "model_a": a, "model_b": b, "judge": judge, "label": label, "state": state, **more}


def tables(rows: list[Row], unit: Unit = "auto") -> tuple[Games, Ratings]:
    games = collect(rows, Choice("plain"))
    return games, ratings_of(games, lambda name: name.startswith("people:"), unit)


def test_a_judge_leans_to_length_where_it_exceeds_people_and_tests() -> None:
    rows = []
    for n in range(10):
        shared: dict[str, Any] = {"lengths": [90, 10], "answer_a": f"a{n}", "answer_b": f"b{n}"}
        rows += [row(f"q{n}", "A>B", **shared), row(f"q{n}", "A>B" if n < 6 else "B>A", judge="people:ann", **shared)]
    for n in range(10):
        for side, passed in (("a", n < 5), ("b", n >= 5)):
            rows.append(
                {
                    "id": f"{side}{n}",
                    "of": f"{side}{n}",
                    "state": "x",
                    "passed": passed,
                    "seconds": 0.0,
                    "toolchain": "",
                }
            )
    found = [each for each in report(rows, AgreeOptions(rounds=0), 0) if each["kind"] == "style"]
    by_judge = {each["judge"]: each for each in found}
    assert (by_judge["j"]["share"], by_judge["j"]["tests_share"], by_judge["j"]["exceeds"]) == (1.0, 0.5, True)
    assert (by_judge["people's majority"]["share"], by_judge["people's majority"]["exceeds"]) == (0.6, False)


def test_two_labels_make_a_unit_and_two_raters_a_panel() -> None:
    def panel(rows: list[Row]) -> list[Row]:
        return [each for each in report(rows, AgreeOptions(rounds=0), 0) if each["kind"] == "panel"]

    one = [row("q0", "A>B", judge="i"), row("q1", "A>B", judge="i")]
    assert panel(one) == []
    (found,) = panel([*one, row("q0", "A>B", judge="j"), row("q2", "B>A", judge="j")])
    assert (found["raters"], found["units"], found["all_units"], found["labels_a_unit"]) == (2, 1, 3, {"1": 2, "2": 1})
    assert (found["one_against_rest_of"], found["ceiling"]) == (0, None)
    third = [row("q0", "B>A", judge="k"), row("q3", "A>B", judge="k")]
    (found,) = panel([*one, row("q0", "A>B", judge="j"), row("q2", "B>A", judge="j"), *third])
    assert (found["one_against_rest"], found["one_against_rest_of"]) == (
        0,
        3,
    )  # each of three against a split rest: a tie


def test_rows_that_say_nothing_of_style_have_no_style_rows() -> None:
    games, _ = tables([row("q", "A>B")])
    assert style_rows(games, []) == []


def test_asked_again_a_judge_is_steady_or_not_and_the_exchange_adds_its_own() -> None:
    rows = []
    for n in range(4):
        rows += [row(f"q{n}", "A>B", repeat=repeat, order="ab") for repeat in (0, 1)]
        rows += [row(f"q{n}", "B>A" if n else "A>B", repeat=repeat, order="ba") for repeat in (0, 1)]
    games, _ = tables(rows)
    (found,) = repeat_rows(games)
    assert (found["share"], found["of"], found["flip_same_order"]) == (1.0, 8, 0.0)
    assert found["flip_exchanged"] == found["position_flip"] == 0.75
    assert repeat_rows(tables([row("q", "A>B")])[0]) == []


def test_self_preference_is_what_other_families_do_not_see() -> None:
    rows = []
    for n in range(20):
        pair = {"a": "gpt-small", "b": "llama-8b"}
        rows += [
            row(f"q{n}", "A>B", judge="gpt-4o", **pair),
            row(f"q{n}", "A>B" if n < 10 else "B>A", judge="claude-3", **pair),
        ]
    games, ratings = tables(rows)
    found = {each["judge"]: each for each in self_preference_rows(games, ratings, family_of)}
    assert set(found) == {"gpt-4o"}  # claude has no model of its family in the field
    assert (found["gpt-4o"]["excess"], found["gpt-4o"]["n"]) == (0.5, 20)
    assert found["gpt-4o"]["low"] > 0.2


def test_families_are_leading_letters_unless_they_are_named() -> None:
    assert [family_of(name) for name in ("openai:gpt-4o", "Qwen/Qwen2.5-7B", "CodeLlama-7b")] == [
        "gpt",
        "qwen",
        "codellama",
    ]
    assert families(["o1-mini=gpt"])("o1-mini") == "gpt"


def test_people_who_saw_one_order_meet_the_judge_on_pairs() -> None:
    rows = [row("q", "B>A", order="ab"), row("q", "A>B", a="y", b="x", order="ab"), row("q", "B>A", judge="people:ann")]
    _, ratings = tables(rows)
    assert ratings.rule == "codearena" and ratings.values.shape == (2, 1)
    assert label_numbers(ratings.values[0], False).tolist() == label_numbers(ratings.values[1], False).tolist()


def test_a_pair_of_games_with_a_missing_one_is_missing() -> None:
    _, ratings = tables([row("q", "B>A"), row("q", None, a="y", b="x"), row("q", "B>A", judge="people:ann")], "pair")
    assert ratings.missing[0, 0] and not ratings.missing[1, 0]


@pytest.mark.parametrize(
    ("word", "label"),
    [("a", "A>B"), ("2", "B>A"), ("Tie", "A=B"), ("left", "A>B"), ("A<<B", "B>>A"), ("cannot judge", None), ("", None)],
)
def test_people_may_write_labels_in_many_ways(word: str, label: str | None) -> None:
    (found,) = human_rows(f"task_id,model_a,model_b,label,worker\nq,x,y,{word},w7\n", "labels.csv")
    assert (found["label"], found["judge"], found["state"]) == (label, "people:w7", "ok" if label else "unparsed")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("task_id,model_a,label\n", "model_b"),
        ("task_id,model_a,model_b,label\nq,x,y,better\n", r"labels\.csv:2: 'better' is not a label"),
        ("task_id,model_a,model_b,label,weight\nq,x,y,a,heavy\n", r"labels\.csv:2: the weight"),
        ("task_id,model_a,model_b,label,weight\nq,x,y,a,nan\n", r"labels\.csv:2: the weight"),
        ("task_id,model_a,model_b,label\nq,x,y,a\nq,x,x,a\n", r"labels\.csv:3: 'x' plays against itself"),
        ("task_id,model_a,model_b,label,lengths\nq,x,y,a,9\n", r"labels\.csv:2: 'lengths'"),
        ("task_id,model_a,model_b,label\nq,x,y,a,b\n", r"labels\.csv:2: 5 cells under 4 names"),
        ("task_id,model_a,model_b,label\n", "no line below"),
    ],
)
def test_a_sheet_that_cannot_be_read_is_named_with_its_line(text: str, why: str) -> None:
    with pytest.raises(DataError, match=why):
        list(human_rows(text, "labels.csv"))


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_labels_may_come_from_any_spreadsheet(delimiter: str) -> None:
    lines = [
        "Task_ID, model_a,model_b,Label,annotator,note",
        '"q,1",x,y,a,ann,' + 200_000 * "z",
        '"q,1",x,y,b,ann,',
        ",,,,,",
    ]
    text = "\n".join(lines).replace(",", delimiter).replace(f"q{delimiter}1", "q,1")
    first, second = human_rows(text, "labels.csv")
    assert (first["task_id"], first["label"], len(first["note"]), second["label"]) == ("q,1", "A>B", 200_000, "B>A")
    assert first["id"] == second["id"]  # the same person on the same game: one label, the later one


def test_labels_that_meet_no_verdict_are_an_error() -> None:
    with pytest.raises(DataError, match="no label of a person meets a verdict"):
        report([row("q", "B>A"), row("other", "B>A", judge="people:ann")], AgreeOptions(), 0)


def test_nothing_to_compare_is_an_error() -> None:
    with pytest.raises(DataError, match="nothing to compare"):
        report([row("q", None)], AgreeOptions(), 0)

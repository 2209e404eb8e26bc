"""Which answers meet, and that none is left out in silence."""

from collections.abc import Sequence
from typing import Any

import pytest

from syncode.errors import DataError
from syncode.schemas.records import Row
from syncode.stages.judge.pairing import against_baseline, all_pairs, baseline_answers
from syncode.stages.judge.settings import JudgeOptions
from syncode.stages.judge.sources import gather, gather_single
from syncode.stream import Reads
from syncode.stream.reads import TASKS as TASKS_OF_A_RUN
from syncode.text.shown import answer_text

TASKS: dict[str, Row] = {
    name: {"id": name, "messages": [{"role": "user", "content": name}], "references": {"gpt": f"gpt on {name}"}}
    for name in ("t0", "t1")
}


def answer(model: str, task: str, **more: Any) -> Row:
    return {"id": f"{model}/{task}", "task_id": task, "model": model, "text": f"{model} on {task}", **more}


def test_every_model_meets_the_baseline_on_every_task_and_a_gap_is_a_pair_without_a_text() -> None:
    answers = [answer("base", "t0"), answer("m", "t0"), answer("base", "t1")]
    pairs = list(against_baseline(answers, TASKS, baseline_answers("base", answers, [])))
    assert [(pair["task"]["id"], pair["left"]["text"], pair["right"]["text"]) for pair in pairs] == [
        ("t0", "base on t0", "m on t0"),
        ("t1", "base on t1", None),
    ]


def test_an_answer_to_an_unknown_task_is_counted() -> None:
    answers = [answer("base", "t0"), answer("m", "t0"), answer("m", "elsewhere")]
    pairs = list(against_baseline(answers, TASKS, baseline_answers("base", answers, [])))
    assert [pair["why"].split(":")[0] for pair in pairs if "unwanted" in pair] == ["judge.unknown_task"]


def test_a_task_without_an_answer_to_grade_is_missing_and_a_doubled_answer_is_counted() -> None:
    def read(names: Sequence[str], record: Reads | type) -> list[Row]:
        return (
            list(TASKS.values())
            if record is TASKS_OF_A_RUN
            else [answer("x", "t0"), answer("x", "t0"), answer("y", "t1")]
        )

    items = list(gather_single(read, [], ("t",), together=False))
    assert [item["why"].split(":")[0] for item in items if "unwanted" in item] == ["judge.duplicate"]
    assert [(item["model"], item["task"]["id"]) for item in items if item.get("text", "") is None] == [
        ("x", "t1"),
        ("y", "t0"),
    ]


def test_answers_to_other_tasks_are_no_run() -> None:
    def read(names: Sequence[str], record: Reads | type) -> list[Row]:
        return [] if record is TASKS_OF_A_RUN else [answer("base", "t0"), answer("m", "t0")]

    with pytest.raises(DataError, match="no answer is to one of the 0 tasks"):
        list(gather(read, [], JudgeOptions(tasks=("t",), baseline="base"), 0))


@pytest.mark.parametrize("baseline", ["base", None])
def test_of_several_answers_of_a_model_to_one_task_the_first_is_judged_and_the_others_are_counted(
    baseline: str | None,
) -> None:
    more = [answer("m", "t0", id="second", text="other"), answer("base", "t0", id="again", text="better")]

    def read(names: Sequence[str], record: Reads | type) -> list[Row]:
        return [TASKS["t0"]] if record is TASKS_OF_A_RUN else [answer("base", "t0"), answer("m", "t0"), *more]

    items = list(gather(read, [], JudgeOptions(tasks=("t",), baseline=baseline), 0))
    met = [(item["left"]["text"], item["right"]["text"]) for item in items if "left" in item]
    assert met == [("base on t0", "m on t0")]
    assert [item["unwanted"] for item in items if "unwanted" in item] == more
    assert {item["why"].partition(":")[0] for item in items if "unwanted" in item} == {"judge.duplicate"}


def test_a_reference_of_the_tasks_can_be_the_baseline_and_an_unknown_name_says_who_there_is() -> None:
    assert baseline_answers("gpt", [answer("m", "t0")], list(TASKS.values()))["t1"]["text"] == "gpt on t1"
    with pytest.raises(DataError, match="there are m"):
        baseline_answers("nobody", [answer("m", "t0")], list(TASKS.values()))


def test_without_a_baseline_every_two_models_meet() -> None:
    answers = [answer(model, task) for model in ("a", "b", "c") for task in TASKS]
    pairs = list(all_pairs(answers, TASKS))
    assert [(pair["left"]["model"], pair["right"]["model"]) for pair in pairs[::2]] == [
        ("a", "b"),
        ("a", "c"),
        ("b", "c"),
    ]
    assert all(pair["baseline"] is None for pair in pairs)


def test_the_text_of_an_answer_is_its_last_assistant_turn_and_an_error_is_no_text() -> None:
    turns = [{"role": "user", "content": "q"}, {"role": "assistant", "content": "one"}]
    assert answer_text({"messages": turns}) == "one"
    assert answer_text({"messages": turns[:1]}) == ""
    assert answer_text({"text": "Error: quota", "error": "HTTP 429"}) == ""

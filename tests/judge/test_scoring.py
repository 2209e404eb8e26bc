"""Grades of single answers, the weighted checklist, and the best of all answers to a task."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from syncode.engines import Reply, Request
from syncode.errors import DataError
from syncode.schemas.records import Row
from syncode.stages.judge.games import Judge
from syncode.stages.judge.scoring import Grading, choose, grade, read_weights
from syncode.verdicts.protocols import ITEMS, PROTOCOLS

TASK = {"id": "t", "messages": [{"role": "user", "content": "Sort a list."}], "category": "dev"}


def one(text: str | None, grading: Grading, reply: Callable[[Request], Reply]) -> tuple[Row, list[Request]]:
    asked: list[Request] = []

    async def ask(request: Request) -> Reply:
        asked.append(request)
        return reply(request)

    item = {"id": "a", "model": "m", "text": text, "task": TASK}
    return asyncio.run(grade(item, [Judge("j", ask)], grading))[0], asked


def test_a_grade_is_kept_as_points_and_as_a_fraction_of_the_scale() -> None:
    row, asked = one("sorted(x)", Grading(PROTOCOLS["scoring"]), lambda _: Reply('{"reason": "good", "grade": 10}'))
    assert (row["points"], row["score"], row["state"], row["reason"], row["category"]) == (10, 1.0, "ok", "good", "dev")
    assert asked[0].schema is not None and asked[0].schema["properties"]["grade"]["enum"] == list(range(1, 11))
    row, _ = one("sorted(x)", Grading(PROTOCOLS["scoring"], reader="text"), lambda _: Reply("fair\n[[4]]"))
    assert (row["points"], row["score"]) == (4, pytest.approx(1 / 3))


def test_an_empty_answer_gets_the_bottom_without_a_call_and_a_missing_one_nothing() -> None:
    row, asked = one(" ", Grading(PROTOCOLS["scoring"]), lambda _: Reply(""))
    assert (row["score"], row["state"], asked) == (0.0, "empty_answer", [])
    row, _ = one(None, Grading(PROTOCOLS["scoring"]), lambda _: Reply(""))
    assert (row["score"], row["state"]) == (None, "missing_answer")


@pytest.mark.parametrize(
    "text",
    [
        "no number",
        '{"grade": 12}',
        '{"grade": "high"}',
        '{"grade": true}',
        "[3] of [4]",
        '{"reason": "wants [[10]]", }',
    ],
)
def test_what_is_no_grade_is_asked_once_more_and_then_missing(text: str) -> None:
    row, asked = one("x", Grading(PROTOCOLS["scoring"]), lambda _: Reply(text))
    assert (row["score"], row["state"], len(asked)) == (None, "unparsed", 2)


def test_a_cut_or_refused_grade_says_so_and_a_quoted_one_is_not_read() -> None:
    half = Reply('{"reason": "it asks for [[10]] and', finish_reason="length", usage={"completion_tokens": 5})
    row, asked = one("x", Grading(PROTOCOLS["scoring"]), lambda _: half)
    assert (row["score"], row["state"], len(asked), row["usage"]) == (None, "truncated", 2, {"completion_tokens": 10})
    row, _ = one("x", Grading(PROTOCOLS["scoring"]), lambda _: Reply("I cannot", finish_reason="content_filter"))
    assert (row["score"], row["state"]) == (None, "refused")


def test_an_engine_failure_is_no_grade() -> None:
    row, _ = one("x", Grading(PROTOCOLS["scoring"]), lambda _: Reply(error="HTTP 500"))
    assert (row["score"], row["state"], row["error"]) == (None, "api_error", "HTTP 500")


def test_the_checklist_is_the_weighted_mean_of_its_items() -> None:
    numbers = {**dict.fromkeys(ITEMS, 10), "correctness": 0}
    reply = json.dumps({"reason": "wrong", **numbers})
    row, asked = one("x", Grading(PROTOCOLS["checklist"]), lambda _: Reply(reply))
    assert (row["score"], row["items"]) == (pytest.approx(8 / 9), numbers)
    weights = read_weights("correctness = 3\nclarity = 1", "w.toml")
    row, _ = one("x", Grading(PROTOCOLS["checklist"], weights=weights), lambda _: Reply(reply))
    assert row["score"] == pytest.approx(1 / 4)
    assert list((asked[0].schema or {})["properties"]) == ["reason", *ITEMS]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("beauty = 1", "no item beauty"),
        ("code = -1", "from 0 up"),
        ("code = 0", "above 0"),
        ("code =", "not TOML"),
        ("code = 'x'", "numbers"),
    ],
)
def test_weights_that_make_no_sense_are_refused(text: str, why: str) -> None:
    with pytest.raises(DataError, match=why):
        read_weights(text, "w.toml")


def best_of(texts: list[str], reply: Callable[[Request], Reply]) -> tuple[Row, list[Request]]:
    asked: list[Request] = []

    async def ask(request: Request) -> Reply:
        asked.append(request)
        return reply(request)

    answers: list[dict[str, Any]] = [{"id": f"a{at}", "model": f"m{at}", "text": text} for at, text in enumerate(texts)]
    item = {"id": "b", "task": TASK, "answers": answers}
    return asyncio.run(choose(item, [Judge("j", ask)], Grading(PROTOCOLS["best"])))[0], asked


def place_of(text: str) -> Callable[[Request], Reply]:
    def reply(request: Request) -> Reply:
        shown = request.messages[-1]["content"]
        number = shown[: shown.index(text)].count("<answer-")
        return Reply(json.dumps({"reason": f"number {number}", "best": number}))

    return reply


def test_the_best_is_the_answer_that_is_named_in_both_orders() -> None:
    row, asked = best_of(["one", "two", "three"], place_of("two"))
    assert (row["best"], row["model"], row["state"], len(asked)) == ("a1", "m1", "ok", 2)
    row, _ = best_of(["one", "two", "three"], lambda _: Reply('{"reason": "first", "best": 1}'))
    assert (row["best"], row["state"]) == (None, "conflicting")


def test_a_single_answer_that_is_not_empty_needs_no_judge() -> None:
    row, asked = best_of(["", "two"], place_of("two"))
    assert (row["best"], asked) == ("a1", [])
    assert best_of(["", "\u200b"], place_of("x"))[0]["state"] == "empty_answer"

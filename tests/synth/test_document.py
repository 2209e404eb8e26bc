"""One document's chain of calls, with a plain function as the model."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from typing import get_type_hints

import pytest

from syncode.engines import Reply, Request
from syncode.errors import UsageError
from syncode.schemas.check import checker
from syncode.schemas.records import Document, Row, Sample
from syncode.stages.synth.choose import usable
from syncode.stages.synth.methods import METHODS, method_named
from syncode.stages.synth.methods.document import from_document
from syncode.stages.synth.settings import Settings
from syncode.text.kinds import kind_of

QUESTION = (
    "A print shop queues jobs with a deadline each. Write `next_job(jobs)` and return the name of the most urgent job."
)
DOCUMENT: Document = {
    "id": "d1",
    "text": "import heapq",
    "source": {"kind": "path", "path": "heap.py", "license": "Apache-2.0"},
    "language": "python",
    "labels": {"algorithmic": True, "difficulty": "easy"},
    "lineage": [{"op": "crawl", "version": 1}],
}


def model(choose: Callable[[Request], int], seen: list[Request], error_at: str = "") -> Callable[[Request], object]:
    """Return a model that answers `answer k`, votes as `choose` says and fails at the op called `error_at`."""

    async def ask(request: Request) -> Reply:
        seen.append(request)
        await asyncio.sleep(0.001 * (4 - request.k))  # later candidates come home first
        if request.op.name == error_at:
            return Reply(error="HTTP 500")
        match request.op.name:
            case "synth.question":
                text = json.dumps({"question": QUESTION})
            case "synth.answer":
                text = f"answer {request.k}\n```python\nx = {request.k}\n```"
            case "synth.choose":
                text = json.dumps({"reason": "it works", "best": choose(request)})
            case _:
                text = "```python\nassert x == 2\n```"
        return Reply(
            text, "stop", {"prompt_tokens": 1, "completion_tokens": 1}, "m", f"key-{request.op.name}-{request.k}"
        )

    return ask


def run(ask: object, document: Document = DOCUMENT, **settings: int) -> Row:
    (row,) = asyncio.run(from_document(document, ask, settings=Settings(**settings), seed=7))  # type: ignore[arg-type]
    return row


def position_of(wanted: str) -> Callable[[Request], int]:
    """Vote for the candidate with this text, wherever it stands."""

    def choose(request: Request) -> int:
        prompt = request.messages[-1]["content"]
        return prompt[: prompt.index(wanted)].count("<answer ")

    return choose


def test_the_sample_holds_question_and_chosen_answer_and_everything_that_was_generated() -> None:
    seen: list[Request] = []
    row = run(model(position_of("answer 2\n```"), seen))
    assert checker(Sample)(row) is None
    assert [turn["content"] for turn in row["messages"]] == [QUESTION, "answer 2\n```python\nx = 2\n```"]
    assert row["evidence"]["choice"]["agreed"] is True
    assert [each["text"][:8] for each in row["evidence"]["candidates"]] == [
        "answer 0",
        "answer 1",
        "answer 2",
        "answer 3",
    ]
    assert row["evidence"]["tests"] == "assert x == 2"
    assert [step["op"] for step in row["lineage"]] == [
        "crawl", "synth.question", "synth.answer", "synth.choose", "synth.choose", "synth.tests",
    ]  # fmt: skip
    assert row["lineage"][2]["request"] == "key-synth.answer-2"
    assert (row["source"], row["labels"]["difficulty"], row["document"]) == (DOCUMENT["source"], "easy", "d1")
    assert len(seen) == 1 + 4 + 2 + 1


@pytest.mark.parametrize("source", [["a"], {"name": "the-stack"}, 7, {"kind": 1}])
def test_fields_of_peoples_documents_do_not_break_the_sample(source: object) -> None:
    odd: Row = {
        "id": 9,
        "text": "x",
        "source": source,
        "weight": "heavy",
        "messages": "none",
        "label": 0,
        "correct": False,
        "stars": 3,
    }
    row = run(model(position_of("answer 2\n```"), []), odd)  # type: ignore[arg-type]
    assert checker(Sample)(row) is None
    assert json.loads(row["source"]) == source
    assert kind_of(row) == "sample"
    assert (row["stars"], "weight" in row) == (3, False)


def test_candidates_are_shown_in_both_orders_and_a_vote_for_a_position_decides_nothing() -> None:
    seen: list[Request] = []
    row = run(model(lambda request: 1, seen))  # always the first one shown
    first, second = (request.messages[-1]["content"] for request in seen if request.op.name == "synth.choose")
    shown = [[text.split("answer ")[1][0] for text in prompt.split("<answer ")[1:]] for prompt in (first, second)]
    order = [[prompt.index(f"\nanswer {number}\n") for number in range(4)] for prompt in (first, second)]
    assert sorted(range(4), key=lambda at: order[0][at]) == sorted(range(4), key=lambda at: -order[1][at])
    assert shown
    assert row["evidence"]["choice"]["agreed"] is False
    assert row["messages"][1]["content"].startswith("answer 0")


def ended(replies: dict[int, tuple[str, str]]) -> Callable[[Request], object]:
    """Return a model whose answers numbered here have another text and ending."""
    usual = model(position_of("answer 3\n```"), [])

    async def ask(request: Request) -> Reply:
        reply: Reply = await usual(request)  # type: ignore[misc]
        text, how = replies.get(request.k, (reply.text, "stop"))
        return (
            replace(reply, text=text, finish_reason=how, reasoning="hm") if request.op.name == "synth.answer" else reply
        )

    return ask


def test_an_answer_that_is_cut_or_empty_is_no_candidate_and_keeps_its_place_in_the_evidence() -> None:
    row = run(ended({0: ("", "stop"), 1: ("half", "MAX_TOKENS")}))
    assert row["evidence"]["choice"]["votes"] == [3, 3]
    assert row["evidence"]["choice"]["index"] == 3
    assert [each["finish_reason"] for each in row["evidence"]["candidates"]] == ["stop", "MAX_TOKENS", "stop", "stop"]
    assert row["messages"][1] == {"role": "assistant", "content": "answer 3\n```python\nx = 3\n```", "reasoning": "hm"}


def test_without_a_whole_answer_there_is_no_sample() -> None:
    row = run(ended({0: ("", "stop"), 1: ("half", "length"), 2: ("half", "error"), 3: ("\n", "stop")}))
    assert row["drop"] == (
        "synth.not_whole: no answer is whole and has a text (they ended with stop, length, error, stop)"
    )
    assert row["question"] == QUESTION
    assert len(row["candidates"]) == 4


def test_a_cut_answer_is_taken_if_that_is_allowed_and_none_came_to_its_end() -> None:
    cut = {0: ("", "stop"), 1: ("half", "length"), 2: ("half", "length"), 3: ("\n", "length")}
    row = run(ended(cut), allow_cut=True)
    assert (row["messages"][1]["content"], row["finish_reason"]) == ("half", "length")
    assert run(ended({**cut, 2: ("whole", "stop")}), allow_cut=True)["messages"][1]["content"] == "whole"
    assert run(ended(dict.fromkeys(range(4), (" ", "length"))), allow_cut=True)["drop"].startswith("synth.not_whole")


def test_equal_candidates_are_not_judged() -> None:
    seen: list[Request] = []

    async def same(request: Request) -> Reply:
        reply = await model(lambda _: 1, seen)(request)  # type: ignore[misc]
        return Reply("one answer", "stop", {}, "m", "k") if request.op.name == "synth.answer" else reply

    row = run(same)
    assert row["evidence"]["choice"] == {"index": 0, "agreed": None, "votes": [], "reasons": []}
    assert not [request for request in seen if request.op.name == "synth.choose"]


def test_tests_are_written_for_algorithmic_documents_only() -> None:
    seen: list[Request] = []
    row = run(model(lambda _: 1, seen), {**DOCUMENT, "labels": {"algorithmic": False}})
    assert "tests" not in row["evidence"]
    assert "tests" not in run(model(lambda _: 1, seen), tests=0)["evidence"]


@pytest.mark.parametrize("op", ["synth.question", "synth.answer", "synth.choose", "synth.tests"])
def test_a_failed_request_marks_the_document_as_failed(op: str) -> None:
    row = run(model(lambda _: 1, [], error_at=op))
    assert row["drop"].startswith("synth.engine: ")
    assert row["text"] == DOCUMENT["text"]


def test_the_share_of_chinese_questions_is_keyed_by_the_row_and_not_by_its_place() -> None:
    asked: dict[str, str] = {}

    async def ask(request: Request) -> Reply:
        asked[request.record_id] = "Chinese" if "in Chinese" in request.messages[-1]["content"] else "English"
        return Reply(error="stop here")

    documents: list[Document] = [{**DOCUMENT, "id": f"d{number}"} for number in range(400)]
    for document in documents[::-1]:
        run(ask, document, chinese=0.25)  # type: ignore[arg-type]
    share = sum(language == "Chinese" for language in asked.values()) / 400
    assert 0.17 < share < 0.33
    again = dict(asked)
    run(ask, documents[3], chinese=0.25)  # type: ignore[arg-type]
    assert asked == again


@pytest.mark.parametrize("name", METHODS)
def test_every_name_in_the_table_has_its_method(name: str) -> None:
    method = method_named(name)
    assert method.takes and "id" in get_type_hints(method.fields)


def test_a_name_that_is_not_in_the_table_is_a_typo() -> None:
    with pytest.raises(UsageError, match="did you mean 'document'"):
        method_named("documents")


def test_a_reply_of_which_nothing_can_be_seen_is_no_answer() -> None:
    replies = [Reply(text, "stop", {}, "m", "k") for text in ("\u200b", "```python\n```", "</s>", "yes")]
    assert usable(replies, allow_cut=False) == [3]

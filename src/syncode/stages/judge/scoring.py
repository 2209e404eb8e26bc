"""One answer at a time: a grade, or a checklist with weights; and the best of all answers to a task."""

from __future__ import annotations

import asyncio
import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from syncode.engines import Ask, Op, Reply, Request, Sampling
from syncode.errors import DataError
from syncode.prompts import render
from syncode.schemas.records import Row, content_id, draw
from syncode.stages.judge.asking import again, cut_in, longer, with_room
from syncode.stages.judge.chances import expected
from syncode.stages.judge.games import Judge, code_for, is_too_long, usage_of
from syncode.stages.judge.marks import number_reader, standing_in
from syncode.stages.judge.reading import Graded, read_grade, read_numbers
from syncode.text import chats
from syncode.text.digests import answer_sha, labels_of, question_sha
from syncode.text.endings import ending
from syncode.text.shown import question
from syncode.verdicts.protocols import ITEMS, Protocol, Reader


@dataclass(frozen=True)
class Grading:
    """How single answers are graded; `weights` are those of the checklist items."""

    protocol: Protocol
    reader: Reader = "json"
    sampling: Sampling = field(default_factory=Sampling)
    repeat: int = 1
    seed: int = 0
    reason_length: int = 400
    weights: Mapping[str, float] = field(default_factory=dict)
    fixed_room: bool = False
    body: Mapping[str, Any] = field(default_factory=dict)
    logprobs: bool = False

    def weighing(self) -> dict[str, float]:
        """Return the weight of each item, 1 for all if the user names none."""
        return dict(self.weights) or dict.fromkeys(self.protocol.items or ITEMS, 1.0)

    @property
    def op(self) -> Op:
        """What the request is for: part of the journal key."""
        return Op(f"judge.{self.protocol.name}", 1, self.protocol.prompt_for(self.reader))


def read_weights(text: str, name: str, items: Sequence[str] = ITEMS) -> dict[str, float]:
    """Return the weights in a TOML text, `correctness = 3.0`; items that it leaves out weigh nothing. DataError otherwise."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DataError(f"{name}: not TOML ({error})") from error
    unknown = sorted(set(table) - set(items))
    if unknown:
        raise DataError(f"{name}: no item {', '.join(unknown)} (there are {', '.join(items)})")
    weights = {item: float(table.get(item, 0.0)) for item in items if isinstance(table.get(item, 0.0), int | float)}
    if len(weights) < len(items) or min(weights.values()) < 0 or not sum(weights.values()):
        raise DataError(f"{name}: weights are numbers from 0 up, one of them above 0")
    return weights


async def grade(item: Row, judges: Sequence[Judge], grading: Grading) -> list[Row]:
    """Return one row per judge and repeat for one answer: `points` as given, `score` the same as a fraction of the scale.

    `item` holds `task`, `model`, `answer` (id and text). An empty answer gets the bottom of the scale without a call.
    """
    if "unwanted" in item:
        return [{**item["unwanted"], "drop": item["why"]}]
    rounds = [(one, number) for one in judges for number in range(grading.repeat)]
    return list(await asyncio.gather(*(_grade(item, one, number, grading) for one, number in rounds)))


async def _grade(item: Row, one: Judge, number: int, grading: Grading) -> Row:
    if item["text"] is None:
        return _scored(item, (one.name, number), grading, ("missing_answer", None, {}, ""), [])
    if chats.is_blank(item["text"]):
        return _scored(item, (one.name, number), grading, ("empty_answer", 0.0, {}, ""), [])
    if grading.logprobs:
        reply = await one.ask(grade_request(item, number, grading))
        return _scored(item, (one.name, number), grading, _weighed(reply, grading), [reply])
    request = with_room(grade_request(item, number, grading), one.name, fixed=grading.fixed_room)
    standing = standing_in([item["text"]], number_reader(grading.protocol.scale[1]))
    replies = [await one.ask(request)]
    reading = graded(replies[-1], grading, standing)
    if reading[0] in ("unparsed", "conflicting"):
        replies.append(await one.ask(_again(request, replies[-1], grading)))
        reading = graded(replies[-1], grading, standing)
    elif reading[0] == "truncated":
        replies.append(await one.ask(longer(request, replies[-1], fixed=grading.fixed_room)))
        if is_too_long(replies[-1].error or ""):  # there is no more room to be had
            return _scored(item, (one.name, number), grading, reading, replies[:1])
        reading = graded(replies[-1], grading, standing)
    return _scored(item, (one.name, number), grading, reading, replies)


def _weighed(reply: Reply, grading: Grading) -> tuple[str, float | None, dict[str, int], str]:
    """Return the expected grade over the numbers that the judge could have said."""
    low, high = grading.protocol.scale
    if reply.error:
        return "skipped_length" if is_too_long(reply.error) else "api_error", None, {}, ""
    if not reply.logprobs:
        return "refused" if ending(reply.finish_reason) == "blocked" else "no_logprobs", None, {}, ""
    points = expected(reply.logprobs, (low, high))
    return ("unparsed", None, {}, "") if points is None else ("ok", (points - low) / (high - low), {}, "")


def _again(request: Request, reply: Reply, grading: Grading) -> Request:
    """Ask for the grade only, or for the checklist once more."""
    if grading.protocol.items:
        return again(request, reply, (), request.schema)
    low, high = grading.protocol.scale
    values = [str(value) for value in range(low, high + 1)]
    schema = _object({"grade": {"type": "integer", "enum": list(range(low, high + 1))}}) if request.schema else None
    return again(request, reply, values, schema)


def grade_request(item: Row, number: int, grading: Grading) -> Request:
    """Build the prompt for one answer."""
    token = code_for(item["text"], grading.seed, content_id(item["task"]["id"], item["text"]))
    messages = grading.protocol.messages(
        grading.reader,
        token=token,
        question=question(item["task"], False),
        answer=item["text"],
        evidence="",
        length=str(grading.reason_length),
    )
    return Request(
        str(item["id"]), grading.op, messages, grading.sampling, number, schema=_schema(grading), body=grading.body
    )


def _schema(grading: Grading) -> dict[str, Any] | None:
    reason: dict[str, Any] = {"type": "string", "maxLength": grading.reason_length}
    low, high = grading.protocol.scale
    number = {"type": "integer", "enum": list(range(low, high + 1))}
    if grading.protocol.items:
        return _object({"reason": reason, **dict.fromkeys(grading.protocol.items, number)})
    return _object({"reason": reason, "grade": number}) if grading.reader == "json" else None


def _object(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def graded(
    reply: Reply, grading: Grading, standing: Collection[str] = ()
) -> tuple[str, float | None, dict[str, int], str]:
    """Return state, score as a fraction of the scale, item numbers and reason; `standing` are the numbers that stand in brackets
    in the answer.
    """
    if reply.error:
        return "skipped_length" if is_too_long(reply.error) else "api_error", None, {}, ""
    how = ending(reply.finish_reason)
    wanted, (low, high) = grading.protocol.items, grading.protocol.scale
    if wanted or grading.reader == "json":
        read = read_numbers(reply.text, wanted, (low, high), how == "cut", standing)
    else:
        read = read_grade(reply.text, (low, high), how == "cut", standing)
    if read.state != "ok" or any(value % 1 for value in read.numbers.values() if wanted):
        state = "refused" if how == "blocked" else "unparsed" if read.state == "ok" else read.state
        return state, None, {}, read.reason
    return "ok", *_score_of(read, grading), read.reason


def _score_of(read: Graded, grading: Grading) -> tuple[float, dict[str, int]]:
    """Return the score as a fraction of the scale, and the items of a checklist."""
    wanted, (low, high) = grading.protocol.items, grading.protocol.scale
    if not wanted:
        return (read.numbers["grade"] - low) / (high - low), {}
    weights = grading.weighing()
    got = sum(weights[name] * (read.numbers[name] - low) for name in wanted)
    return got / ((high - low) * sum(weights.values())), {name: int(read.numbers[name]) for name in wanted}


def _scored(
    item: Row,
    who: tuple[str, int],
    grading: Grading,
    reading: tuple[str, float | None, dict[str, int], str],
    replies: Sequence[Reply],
) -> Row:
    last = replies[-1] if replies else Reply()
    state, score, items, reason = reading
    low, high = grading.protocol.scale
    points = None if score is None else round(low + score * (high - low), 6)
    answer = item["id"] or [item["model"], item["task"]["id"]]
    row = {
        "id": content_id("grade", grading.op.prompt, who, answer, item["text"], grading.weighing()),
        "task_id": item["task"]["id"],
        "model": item["model"],
        "answer": item["id"],
        "question_sha": question_sha(item["task"]),
        **({} if item["text"] is None else {"answer_sha": answer_sha(item["text"])}),
        "judge": who[0],
        "repeat": who[1],
        "protocol": grading.protocol.name,
        "score": score,
        "points": points,
        "state": state,
        "reason": reason,
        "judge_model": last.model,
        "usage": usage_of(replies),
        "requests": [reply.key for reply in replies],
    }
    row |= {"aggregate": grading.protocol.score} if grading.protocol.text else {}
    row |= labels_of(item["task"])
    row |= {"items": items, "weights": grading.weighing()} if items else {}
    if replies:
        row |= {"reply": last.text, "finish_reason": last.finish_reason}
    if state == "truncated":
        row["cut_in"] = cut_in(last)
    return row | ({"error": last.error} if last.error else {})


async def choose(item: Row, judges: Sequence[Judge], grading: Grading) -> list[Row]:
    """Return one row per judge: the best of all answers to a task, asked in one order and in its reverse, and why.

    `item` holds `task` and `answers` (id, model, text each). `best` is null if the two orders do not name the same answer.
    """
    if "unwanted" in item:
        return [{**item["unwanted"], "drop": item["why"]}]
    return list(await asyncio.gather(*(_choose(item, one, grading) for one in judges)))


async def _choose(item: Row, one: Judge, grading: Grading) -> Row:
    answers = [answer for answer in item["answers"] if not chats.is_blank(answer["text"] or "")]
    order = sorted(range(len(answers)), key=lambda at: draw(grading.seed, answers[at]["id"], at, "judge.best"))
    votes: list[int | None] = [0] if len(answers) == 1 else []
    replies: list[Reply] = []
    if len(answers) > 1:
        orders = [order, order[::-1]]
        replies = list(
            await asyncio.gather(*(_vote(item, [answers[at] for at in each], one.ask, grading) for each in orders))
        )
        votes = [_voted(reply, each) for reply, each in zip(replies, orders, strict=True)]
    agreed = bool(votes) and votes[0] is not None and len(set(votes)) == 1
    chosen = answers[votes[0]] if agreed and votes[0] is not None else None
    failed = next((reply.error for reply in replies if reply.error), None)
    state = "api_error" if failed else "ok" if chosen else "unparsed" if None in votes else "conflicting"
    row = {
        "id": content_id("best", grading.op.prompt, one.name, item["task"]["id"], [answer["id"] for answer in answers]),
        "task_id": item["task"]["id"],
        "judge": one.name,
        "protocol": grading.protocol.name,
        "state": state if answers else "empty_answer",
        "best": chosen["id"] if chosen else None,
        "model": chosen["model"] if chosen else None,
        "candidates": [answer["id"] for answer in item["answers"]],
        "votes": [None if vote is None else answers[vote]["id"] for vote in votes],
        "reasons": [_reason(reply) for reply in replies],
        "usage": usage_of(replies),
        "requests": [reply.key for reply in replies],
    }
    return row | ({"error": failed} if failed else {})


async def _vote(item: Row, answers: Sequence[Row], ask: Ask, grading: Grading) -> Reply:
    texts = [answer["text"] for answer in answers]
    token = code_for("".join(texts), grading.seed, content_id(texts))
    shown = [
        f"<answer-{number} {token}>\n{answer['text']}\n</answer-{number} {token}>"
        for number, answer in enumerate(answers, 1)
    ]
    messages = render(
        grading.op.prompt,
        token=token,
        question=question(item["task"], False),
        answers="\n\n".join(shown),
        count=str(len(answers)),
        length=str(grading.reason_length),
    )
    reason = {"type": "string", "maxLength": grading.reason_length}
    schema = _object({"reason": reason, "best": {"type": "integer", "enum": list(range(1, len(answers) + 1))}})
    return await ask(Request(str(item["id"]), grading.op, messages, grading.sampling, schema=schema))


def _voted(reply: Reply, order: Sequence[int]) -> int | None:
    read = Graded() if reply.error else read_numbers(reply.text, ("best",), (1, len(order)))
    best = read.numbers.get("best", 0.5)
    return order[int(best) - 1] if best % 1 == 0 else None


def _reason(reply: Reply) -> str:
    return "" if reply.error else read_numbers(reply.text, ("best",), (1, 10_000)).reason

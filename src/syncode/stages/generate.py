"""Tasks in, answers out: what one model says to each question."""

import asyncio
from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict

from syncode.engines import Ask, Op, Reply, Request, Sampling, step
from syncode.schemas.records import Message, Name, Row, Task, content_id, dropped
from syncode.text import chats

OP = Op(
    "generate", version=1, prompt="task"
)  # the task's own messages: no system turn is added (CodeArena does the same)


class Asked(TypedDict):
    """What is needed of a task besides its chat."""

    id: Name
    language: NotRequired[str | None]


def asked(task: Task) -> list[Message]:
    """Return the turns of a task up to the last one that is not the assistant's: what is to be answered."""
    turns = chats.turns(task)
    ends = next((number for number in range(len(turns), 0, -1) if turns[number - 1]["role"] != "assistant"), 0)
    return turns[:ends]


async def generate(task: Task, ask: Ask, *, sampling: Sampling, samples: int, name: str) -> list[Row]:
    """Return `samples` answers of the model called `name`, or the task marked `drop` for each request that failed."""
    messages = asked(task)
    if not any(turn["role"] == "user" and turn["content"] for turn in messages):
        return [dropped(task, "generate.no_question", "no turn of a user says anything")]
    requests = [Request(str(task["id"]), OP, messages, sampling, number) for number in range(samples)]
    replies = await asyncio.gather(*map(ask, requests))
    return [to_answer(task, *pair, name) for pair in zip(requests, replies, strict=True)]


def to_answer(task: Task, request: Request, reply: Reply, name: str) -> Row:
    """Return one Answer row; an empty or cut reply is an answer too, and says so in `finish_reason`."""
    if reply.error:
        return {**dropped(task, "generate.engine", reply.error), "k": request.k}
    reply = reply.spoken
    kept: Mapping[str, Any] = {key: task[key] for key in ("language",) if key in task}
    return {
        "id": content_id(task["id"], name, request.k, reply.text),
        "task_id": task["id"],
        "model": name,
        "k": request.k,
        "text": reply.text,
        **_conversation(task, reply),
        "finish_reason": reply.finish_reason,
        "usage": dict(reply.usage),
        **kept,
        "lineage": [step(request, reply)],
    }


def _conversation(task: Task, reply: Reply) -> dict[str, Any]:
    """Return the conversation with the reply if its turn has more parts than content: reasoning, tool calls."""
    turn = {"role": "assistant", "content": reply.text, **reply.parts}
    return {"messages": [*task["messages"], turn]} if reply.parts else {}

"""Tasks in, answers out: what one model says to each question."""

import asyncio
from collections.abc import Mapping
from typing import Any

from syncode.engines import Ask, Op, Reply, Request, Sampling, step
from syncode.schemas.records import Row, Task, content_id, dropped

OP = Op(
    "generate", version=1, prompt="task"
)  # the task's own messages: no system turn is added (CodeArena does the same)


async def generate(task: Task, ask: Ask, *, sampling: Sampling, samples: int, name: str) -> list[Row]:
    """Return `samples` answers of the model called `name`, or the task marked `drop` for each request that failed."""
    requests = [Request(task["id"], OP, task["messages"], sampling, number) for number in range(samples)]
    replies = await asyncio.gather(*map(ask, requests))
    return [to_answer(task, *pair, name) for pair in zip(requests, replies, strict=True)]


def to_answer(task: Task, request: Request, reply: Reply, name: str) -> Row:
    """Return one Answer row; an empty or cut reply is an answer too, and says so in `finish_reason`."""
    if reply.error:
        return {**dropped(task, "generate.engine", reply.error), "k": request.k}
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

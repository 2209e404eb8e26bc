"""Tasks in, answers out: what one model says to each question."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NotRequired, TypedDict

from syncode.engines import Ask, Op, Reply, Request, Sampling, step
from syncode.schemas.records import Message, Name, Row, content_id, dropped
from syncode.text import chats

OP = Op(
    "generate", version=1, prompt="task"
)  # the task's own messages: no system turn is added (CodeArena does the same)


class Asked(TypedDict):
    """What is needed of a task besides its chat."""

    id: Name
    language: NotRequired[str | None]
    temperature: NotRequired[float | None]
    top_p: NotRequired[float | None]
    max_tokens: NotRequired[int | None]
    seed: NotRequired[int | None]
    stop: NotRequired[str | list[str] | None]


SENT = ("role", "content", "name", "tool_calls", "tool_call_id")
"""What of a turn goes to a server: servers refuse keys that they do not know."""
UNSENT = (
    "tools",
    "tool_choice",
    "functions",
    "function_call",
    "response_format",
    "n",
    "logprobs",
    "logit_bias",
    "modalities",
)
"""Parameters of OpenAI's API that a row may hold and that are not sent: answering without them would answer something else."""


def asked(task: Row) -> list[Message]:
    """Return the turns of a task up to the last one that is not the assistant's: what is to be answered."""
    turns = chats.turns(task)
    ends = next((number for number in range(len(turns), 0, -1) if turns[number - 1]["role"] != "assistant"), 0)
    return [{key: turn[key] for key in SENT if key in turn} for turn in turns[:ends]]  # type: ignore[misc, literal-required]


async def generate(task: Row, ask: Ask, *, sampling: Sampling, samples: int, name: str) -> list[Row]:
    """Return `samples` answers of the model called `name`, or the task marked `drop` for each request that failed."""
    messages = asked(task)
    if not any(turn["role"] == "user" and turn["content"] for turn in messages):
        return [dropped(task, "generate.no_question", "no turn of a user says anything")]
    if unsent := [key for key in UNSENT if task.get(key)]:
        return [
            dropped(
                task,
                "generate.unsent",
                f"{', '.join(unsent)}: not sent; take it out to do without",
            )
        ]
    request = Request(str(task["id"]), OP, messages, own(task, sampling), stop=_stop(task))
    seed = task.get("seed")
    requests = [replace(request, k=number, seed=None if seed is None else seed + number) for number in range(samples)]
    replies = await asyncio.gather(*map(ask, requests))
    return [to_answer(task, *pair, name) for pair in zip(requests, replies, strict=True)]


def own(task: Row, sampling: Sampling) -> Sampling:
    """Return the decoding parameters with those that the row itself holds in their place."""
    given = {name: task[name] for name in ("temperature", "top_p", "max_tokens") if task.get(name) is not None}
    return replace(sampling, **given)


def _stop(task: Row) -> tuple[str, ...]:
    """Return the row's stop strings; those of a benchmark's task, which has a `prompt`, end a completion, not a chat."""
    stop = task.get("stop") or ()
    return () if "prompt" in task else (stop,) if isinstance(stop, str) else tuple(stop)


def to_answer(task: Row, request: Request, reply: Reply, name: str) -> Row:
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


def _conversation(task: Row, reply: Reply) -> dict[str, Any]:
    """Return the conversation with the reply if its turn has more parts than content: reasoning, tool calls."""
    turn = {"role": "assistant", "content": reply.text, **reply.parts}
    return {"messages": [*asked(task), turn]} if reply.parts else {}

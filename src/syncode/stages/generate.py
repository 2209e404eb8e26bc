"""Tasks in, answers out: what one model says to each question."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NotRequired, TypedDict

from syncode.engines import Ask, Op, Reply, Request, Sampling, step
from syncode.schemas.records import Name, Row, content_id, dropped
from syncode.text import chats
from syncode.text.digests import question_sha

OP = Op(
    "generate", version=1, prompt="task"
)  # the task's own messages: no system turn is added (CodeArena does the same)
BODY = (
    *("tool_choice", "parallel_tool_calls", "presence_penalty", "frequency_penalty"),
    *("logit_bias", "reasoning_effort", "logprobs", "top_logprobs", "verbosity"),
    *(
        "top_k",
        "min_p",
        "repetition_penalty",
        "length_penalty",
        "min_tokens",
        "ignore_eos",
        "bad_words",
        "stop_token_ids",
    ),
    *("chat_template_kwargs", "guided_json", "guided_regex", "guided_choice", "guided_grammar", "structured_outputs"),
)
"""Keys of requests that a row may hold and that are sent as they are: OpenAI's, and those that vLLM and its kin add."""
LIMITS = ("max_completion_tokens", "max_tokens", "max_new_tokens", "max_output_tokens")
STOPS = ("stop", "stop_sequences")
"""Names of one setting, the first that a row has counts: OpenAI's, then Hugging Face's, Anthropic's and Google's."""
REFUSED = ("stream", "best_of", "num_beams", "use_beam_search", "sampling_params", "generation_config")
"""Keys of requests that no request here can be made of; false and 1 ask for nothing."""
KEPT = ("model", "messages", "stream", "n")
"""Keys of a body that are not the row's to set."""
MOST = 128
"""Most answers that a row may ask for: OpenAI's limit of `n`, so that a slip in one row is not paid for. `--samples` has none."""


class Asked(TypedDict):
    """What is needed of a task besides its chat."""

    id: Name
    language: NotRequired[str | None]


@dataclass(frozen=True)
class Wish:
    """How a task is to be answered: what the command line says, and over it what the row says."""

    sampling: Sampling
    samples: int
    seed: int | None = None
    stop: tuple[str, ...] = ()
    schema: Mapping[str, Any] | None = None
    body: Mapping[str, Any] = field(default_factory=dict)


class Unfit(Exception):
    """A setting in a row that no request can be made of."""


async def generate(task: Row, ask: Ask, *, sampling: Sampling, samples: int, name: str) -> list[Row]:
    """Return the answers of the model called `name`, or the task marked `drop` for each request that failed.

    `sampling` and `samples` hold for tasks that say nothing of their own: see `wish_of`.
    """
    messages = chats.asked(task)
    if not any(turn["role"] == "user" and not chats.is_blank(turn["content"]) for turn in messages):
        return [dropped(task, "generate.no_question", "no turn of a user says anything")]
    try:
        wish = wish_of(task, sampling, samples)
    except (Unfit, chats.Unreadable) as error:
        return [dropped(task, "generate.settings", str(error))]
    requests = [
        Request(
            str(task["id"]),
            OP,
            chats.sent(messages),
            wish.sampling,
            number,
            seed=None if wish.seed is None else wish.seed + number,
            schema=wish.schema,
            stop=wish.stop,
            body=wish.body,
        )
        for number in range(wish.samples)
    ]
    replies = await asyncio.gather(*map(ask, requests))
    return [to_answer(task, *pair, name) for pair in zip(requests, replies, strict=True)]


def wish_of(row: Row, sampling: Sampling, samples: int) -> Wish:
    """Return how a task is answered. Raises Unfit for a setting of another type than OpenAI's, Unreadable for tools.

    `temperature`, `top_p`, `seed`, `n`, `response_format`, `tools` and the keys in LIMITS, STOPS and BODY are read, and those of
    an `extra_body`, which go over what stands there, as in the `openai` package; a key in REFUSED is an error. `stop` of a
    benchmark's task says where the completion of its `prompt` ends, which is for `execute` to look at: a chat model's answer
    would end at the first of them.
    """
    given = {key: value for key, value in row.items() if value is not None}
    if asked := next((key for key in REFUSED if given.get(key, 1) not in (False, 1)), None):
        raise Unfit(f"{asked!r} cannot be asked for in a row")
    limit = next((key for key in LIMITS if key in given), LIMITS[0])
    sampling = replace(
        sampling,
        temperature=_number(given, "temperature", sampling.temperature),
        top_p=_number(given, "top_p", sampling.top_p, most=1.0),
        max_tokens=_count(given, limit, sampling.max_tokens),
    )
    for key in ("seed", "top_k"):
        if not isinstance(given.get(key, 0), int) or isinstance(given.get(key), bool):
            raise Unfit(f"{key!r} should be a whole number")
    schema, formatted = _formatted(given.get("response_format"))
    tools = chats.tools(row)
    _number(given, "min_p", 0.0, most=1.0)
    _number(given, "repetition_penalty", 1.0)
    body = {key: given[key] for key in BODY if key in given} | formatted | ({"tools": tools} if tools else {})
    number = _count(given, "n", samples, MOST) if "n" in given else samples
    return Wish(sampling, number, given.get("seed"), _stops(given), schema, body | _extra(given.get("extra_body")))


def _number(row: Row, key: str, default: float, most: float | None = None) -> float:
    value = row.get(key, default)
    if (
        not isinstance(value, int | float)
        or isinstance(value, bool)
        or value < 0
        or (most is not None and value > most)
    ):
        raise Unfit(f"{key!r} should be a number from 0{'' if most is None else f' to {most:g}'}")
    return float(value)


def _count(row: Row, key: str, default: int, most: int | None = None) -> int:
    value = row.get(key, default)
    if not isinstance(value, int) or isinstance(value, bool) or value < 1 or (most is not None and value > most):
        raise Unfit(f"{key!r} should be a whole number from 1{'' if most is None else f' to {most}'}")
    return value


def _extra(given: Any) -> Row:
    """Return what a row adds to the request's body."""
    if given is None:
        return {}
    if not isinstance(given, dict):
        raise Unfit("'extra_body' should be an object")
    if own := next((key for key in KEPT if key in given), None):
        raise Unfit(f"{own!r} is not to be set in 'extra_body'")
    return given


def _stops(row: Row) -> tuple[str, ...]:
    key = next((key for key in STOPS if key in row), None)
    if key is None or (key == "stop" and "prompt" in row and "messages" in row):
        return ()
    stop = row[key]
    listed = [stop] if isinstance(stop, str) else stop
    if not isinstance(listed, list) or not all(isinstance(each, str) and each for each in listed):
        raise Unfit(f"{key!r} should be text or a list of text")
    return tuple(listed)


def _formatted(wanted: Any) -> tuple[Mapping[str, Any] | None, Row]:
    """Return the JSON Schema that a `response_format` asks for, or else the format as a key of the request's body."""
    if wanted is None:
        return None, {}
    if not isinstance(wanted, dict) or not isinstance(wanted.get("type"), str):
        raise Unfit("'response_format' should be an object with a type")
    shape = wanted.get("json_schema")
    if wanted["type"] == "json_schema" and isinstance(shape, dict) and isinstance(shape.get("schema"), dict):
        return shape["schema"], {}
    return None, {"response_format": wanted}


def to_answer(task: Row, request: Request, reply: Reply, name: str) -> Row:
    """Return one Answer row; an empty or cut reply is an answer too, and says so in `finish_reason`."""
    if reply.error:
        return {**dropped(task, "generate.engine", reply.error), "k": request.k}
    reply = reply.spoken
    kept: Mapping[str, Any] = {key: task[key] for key in ("language",) if key in task}
    return {
        "id": content_id(task["id"], name, request.k, reply.text),
        "task_id": task["id"],
        "model": name,
        "question_sha": question_sha(task),
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
    return {"messages": [*chats.asked(task), turn]} if reply.parts else {}

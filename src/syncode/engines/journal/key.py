"""The journal key of a request, and the body that is sent for it.

The key is made from an explicit form, written out below, and never from the fields of a dataclass: a field that moves or
is added there must not orphan an answer that was paid for. A new entry goes into the form only where it differs from what
requests meant before it existed.
"""

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

import orjson

from syncode.engines.request import Request
from syncode.schemas.records import draw

FORM = 1  # raise it only to orphan every answer on purpose
_SEED_BITS = 0x7FFF_FFFF  # servers differ in how wide a seed they take; 31 bits pass everywhere (ours)


def seed_of(request: Request, run_seed: int) -> int | None:
    """Return the seed to send: the request's own, else one keyed by (run seed, record id, k).

    At temperature 0 there is nothing to draw, so none is sent, and equal questions of different rows share one answer.
    """
    if request.seed is not None:
        return request.seed
    if request.sampling.temperature == 0 and request.k == 0:
        return None
    return draw(run_seed, request.record_id, request.k, request.op.name) & _SEED_BITS


def journal_key(request: Request, identity: str, seed: int | None) -> bytes:
    """Return the 16 bytes that stand for the whole request: equal question, sample number and model, equal key."""
    form = {
        "form": FORM,
        "op": request.op.name,
        "version": request.op.version,
        "model": identity,
        "messages": request.messages,
        "temperature": float(request.sampling.temperature),
        "top_p": float(request.sampling.top_p),
        "max_tokens": request.sampling.max_tokens,
        "stop": request.stop,
        "schema": request.schema,
        "k": request.k,
        "seed": seed,
    }
    return blake2b(orjson.dumps(form, option=orjson.OPT_SORT_KEYS), digest_size=16).digest()


def body_of(
    request: Request, model: str, seed: int | None, *, limit_name: str = "max_tokens", structured: bool = True
) -> dict[str, Any]:
    """Return the JSON body of a chat completion.

    `limit_name` is `max_completion_tokens` for the OpenAI API itself. A server that is not `structured` finds the schema in the
    last turn, in words, instead of in `response_format`.
    """
    messages: list[Any] = list(request.messages)
    if request.schema is not None and not structured:
        schema = orjson.dumps(request.schema).decode()
        told = f"{messages[-1]['content']}\n\nAnswer with one JSON object that fits this JSON Schema:\n{schema}"
        messages[-1] = {**messages[-1], "content": told}
    body: dict[str, Any] = {
        "model": model,
        "messages": messages,
        "temperature": request.sampling.temperature,
        limit_name: request.sampling.max_tokens,
    }
    if request.sampling.top_p != 1:
        body["top_p"] = request.sampling.top_p
    if seed is not None:
        body["seed"] = seed
    if request.stop:
        body["stop"] = list(request.stop)
    if request.schema is not None and structured:
        shape = {"name": request.op.name, "schema": request.schema, "strict": is_strict(request.schema)}
        body["response_format"] = {"type": "json_schema", "json_schema": shape}
    return body


def is_strict(schema: object) -> bool:
    """Tell whether a schema keeps the rules of OpenAI's strict mode: closed objects with every property required."""
    if isinstance(schema, Mapping):
        properties = schema.get("properties")
        if schema.get("type") == "object" or isinstance(properties, Mapping):
            closed = schema.get("additionalProperties") is False
            if not (closed and set(schema.get("required", ())) == set(properties or ())):
                return False
        return all(map(is_strict, schema.values()))
    if isinstance(schema, list | tuple):
        return all(map(is_strict, schema))
    return True

"""The mock model: answers made from the request alone, so that the same question always gets the same reply.

It answers with the last paragraph of the prompt, or with an object that is valid for the request's JSON Schema. A scenario
file scripts other replies; see `Scenario`.
"""

import asyncio
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

import orjson

from syncode.engines.wire import Response
from syncode.errors import UsageError

MODEL = "mock"


@dataclass(frozen=True)
class Script:
    """A scripted reply: used for prompts in which `match` (a regular expression) is found.

    Of several `texts` the digest of the request picks one.
    """

    match: re.Pattern[str]
    texts: tuple[str, ...] = ()
    finish_reason: str = "stop"


@dataclass(frozen=True)
class Scenario:
    """How the mock behaves. `name` is what it calls itself: it holds a digest of the file, so an edit is a new model."""

    name: str = MODEL
    replies: tuple[Script, ...] = ()


def load(where: str) -> Scenario:
    """Read a scenario from a TOML file; an empty name is the plain mock. UsageError where it cannot be read."""
    if not where:
        return Scenario()
    path = Path(where)
    try:
        raw = path.read_bytes()
        table = tomllib.loads(raw.decode("utf-8"))
        replies = tuple(_script(entry) for entry in table.get("reply", []))
    except OSError as error:
        raise UsageError(f"mock scenario {where}: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, re.error) as error:
        raise UsageError(f"mock scenario {where}: {error}") from error
    digest = blake2b(raw, digest_size=4).hexdigest()
    return Scenario(name=f"mock:{path.stem}@{digest}", replies=replies)


def _script(entry: Mapping[str, Any]) -> Script:
    unknown = set(entry) - {"match", "text", "texts", "finish_reason"}
    if unknown:
        raise ValueError(f"[[reply]] has no {', '.join(sorted(unknown))}")
    texts = tuple(entry.get("texts") or [entry["text"]])
    return Script(re.compile(entry.get("match", ""), re.DOTALL), texts, entry.get("finish_reason", "stop"))


def answer(scenario: Scenario, body: Mapping[str, Any]) -> bytes:
    """Return the chat completion for a request body, as a server would send it."""
    prompt = "\n\n".join(str(message.get("content") or "") for message in body["messages"])
    digest = int.from_bytes(blake2b(orjson.dumps(body, option=orjson.OPT_SORT_KEYS), digest_size=8).digest(), "big")
    text, finish_reason = _text(scenario, body, prompt, digest)
    prompt_tokens, completion_tokens = _tokens(prompt), _tokens(text)
    return orjson.dumps(
        {
            "id": f"chatcmpl-{digest:016x}",
            "object": "chat.completion",
            "created": 0,
            "model": body.get("model", scenario.name),
            "choices": [
                {
                    "index": 0,
                    "message": {"role": "assistant", "content": text},
                    "finish_reason": finish_reason,
                }
            ],
            "usage": {
                "prompt_tokens": prompt_tokens,
                "completion_tokens": completion_tokens,
                "total_tokens": prompt_tokens + completion_tokens,
            },
        }
    )


def _text(scenario: Scenario, body: Mapping[str, Any], prompt: str, digest: int) -> tuple[str, str]:
    for script in scenario.replies:
        if script.match.search(prompt):
            return script.texts[digest % len(script.texts)], script.finish_reason
    shape = body.get("response_format")
    if shape and shape.get("type") == "json_schema":
        return orjson.dumps(example(shape["json_schema"]["schema"], digest)).decode(), "stop"
    last = str(body["messages"][-1].get("content") or "")
    return last.strip().rpartition("\n\n")[2], "stop"


def _tokens(text: str) -> int:
    """Return a stable stand-in for a token count: a quarter of the UTF-8 length, rounded up (ours)."""
    return -(-len(text.encode()) // 4)


def example(schema: Mapping[str, Any], digest: int) -> Any:
    """Return a value that is valid for a JSON Schema, chosen by `digest`.

    Covers what stages ask for: objects, arrays, enum, const, anyOf/oneOf/allOf, local $ref, bounds of numbers, lengths of
    strings and arrays. `pattern` and `format` are not covered.
    """
    return _example(schema, digest, schema)


def _example(schema: Mapping[str, Any], digest: int, root: Mapping[str, Any]) -> Any:
    turn = _rehash(digest, "turn")
    schema = _resolved(schema, turn, root)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][turn % len(schema["enum"])]
    kind = schema.get("type") or ("object" if "properties" in schema else "string")
    if isinstance(kind, Sequence) and not isinstance(kind, str):
        kind = kind[0]
    match kind:
        case "object":
            return {
                name: _example(part, _rehash(digest, name), root) for name, part in schema.get("properties", {}).items()
            }
        case "array":
            low = schema.get("minItems", min(1, schema.get("maxItems", 1)))
            items = schema.get("items", {})
            return [_example(items, _rehash(digest, str(place)), root) for place in range(low)]
        case "integer" | "number":
            return _number(schema, turn, whole=kind == "integer")
        case "boolean":
            return bool(turn & 1)
        case "null":
            return None
    text = f"mock {turn % 1000}"
    low, high = schema.get("minLength", 0), schema.get("maxLength", max(len(text), schema.get("minLength", 0)))
    return text.ljust(low, ".")[:high]


def _resolved(schema: Mapping[str, Any], turn: int, root: Mapping[str, Any]) -> Mapping[str, Any]:
    """Follow references and choices until the schema says what the value is."""
    while True:
        if "$ref" in schema:
            target: Any = root
            for part in schema["$ref"].removeprefix("#/").split("/"):
                target = target[part]
            schema = target
        elif choices := schema.get("anyOf") or schema.get("oneOf"):
            schema = choices[turn % len(choices)]
        elif "allOf" in schema:
            merged = {name: part for name, part in schema.items() if name != "allOf"}
            for part in schema["allOf"]:
                merged |= part
            schema = merged
        else:
            return schema


def _number(schema: Mapping[str, Any], turn: int, *, whole: bool) -> int | float:
    step = 1 if whole else 0.5
    low = schema.get("minimum", schema.get("exclusiveMinimum", 0 if "maximum" not in schema else schema["maximum"] - 9))
    if "exclusiveMinimum" in schema:
        low += step
    high = schema.get("maximum", schema.get("exclusiveMaximum", low + 10))
    if "exclusiveMaximum" in schema and "maximum" not in schema:
        high -= step
    if whole:
        return int(low) + turn % (int(high) - int(low) + 1)
    return float(low + (high - low) * (turn % 101) / 100)


def _rehash(digest: int, name: str) -> int:
    return int.from_bytes(blake2b(f"{digest}/{name}".encode(), digest_size=8).digest(), "big")


class MockTransport:
    """The mock in this process: no socket, no server."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario

    async def send(self, body: Mapping[str, Any], seconds: float) -> Response:
        """Answer at once; gives the event loop one turn, as a real server would."""
        await asyncio.sleep(0)
        return Response(200, answer(self.scenario, body))

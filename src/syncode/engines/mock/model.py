"""The mock model: answers made from the request alone, so that the same question always gets the same reply.

It answers with an object that is valid for the request's JSON Schema, in the form that the prompt asks for (see `answers`), or
with the prompt's last paragraph, unless a scenario scripts something else. `plan` decides what happens to one attempt; here it
is carried out in this process, in `server` over HTTP.
"""

import asyncio
import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Literal

import orjson

from syncode.engines.mock.answers import chosen, formed, question, schema_in_words
from syncode.engines.mock.scenario import Fault, Scenario, question_digest, request_digest
from syncode.engines.wire import Response, Unreachable

DRIP_SECONDS = 0.5  # between two bytes of a dripping reply (chosen here)


@dataclass(frozen=True)
class Plan:
    """What happens to one attempt: `response` after `seconds`, whole, cut off (`reset`), one byte at a time, or never."""

    response: Response
    seconds: float = 0.0
    manner: Literal["whole", "reset", "drip", "hang"] = "whole"


class MockModel:
    """A scenario at work. Counts attempts only where the scenario has faults, so that it needs no memory otherwise."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.number = 0
        self._attempts: Counter[int] = Counter()

    def plan(self, body: Mapping[str, Any]) -> Plan:
        """Decide what happens to a request body that arrives now."""
        digest = request_digest(body)
        number, self.number = self.number, self.number + 1
        seconds = self.scenario.latency.seconds(digest)
        if not body["messages"]:
            return Plan(Response(400, b'{"error": {"message": "messages is empty"}}'), seconds)
        if not self.scenario.faults:
            return Plan(Response(200, answer(self.scenario, body, digest)), seconds)
        question = question_digest(body)
        attempt = self._attempts[question]
        self._attempts[question] += 1
        fault = self.scenario.fault(question, attempt, number)
        if fault is None:
            return Plan(Response(200, answer(self.scenario, body, digest)), seconds)
        return _faulty(fault, answer(self.scenario, body, digest), seconds)


def _faulty(fault: Fault, good: bytes, seconds: float) -> Plan:
    match fault.kind:
        case "status":
            headers = dict(fault.headers)
            if fault.retry_after is not None:
                headers["retry-after"] = f"{fault.retry_after:g}"
            message = fault.message or f"mock fault {fault.status}"
            error = {"error": {"message": message, "type": "mock", "code": None}}
            return Plan(Response(fault.status, orjson.dumps(error), headers), seconds)
        case "reset":
            return Plan(Response(200, good), seconds, "reset")
        case "hang":
            return Plan(Response(200, good), seconds, "hang")
        case "drip":
            return Plan(Response(200, good), seconds, "drip")
        case "truncate":
            return Plan(Response(200, good[: len(good) // 2]), seconds)
        case "not_json":
            return Plan(Response(200, b"<html>Bad gateway</html>"), seconds)
    broken = orjson.loads(good)
    if fault.kind == "no_choices":
        broken["choices"] = []
    else:
        broken["model"] = "some-other-model"
    return Plan(Response(200, orjson.dumps(broken)), seconds)


class MockTransport:
    """The mock in this process: no socket, no server."""

    def __init__(self, scenario: Scenario) -> None:
        self._model = MockModel(scenario)

    async def send(self, body: Mapping[str, Any], seconds: float) -> Response:
        """Carry out the plan for one attempt; see Transport."""
        plan = self._model.plan(body)
        if plan.manner == "whole":
            if plan.seconds > seconds:
                await asyncio.sleep(seconds)
                raise TimeoutError
            await asyncio.sleep(plan.seconds)
            return plan.response
        if plan.manner == "reset":
            await asyncio.sleep(plan.seconds)
            raise Unreachable("connection reset in the middle of the response")
        whole = plan.seconds + DRIP_SECONDS * len(plan.response.body)
        if plan.manner == "hang" or whole > seconds:
            await asyncio.sleep(seconds)
            raise TimeoutError
        await asyncio.sleep(whole)
        return plan.response

    async def close(self) -> None:
        """Nothing to close."""


def answer(scenario: Scenario, body: Mapping[str, Any], digest: int) -> bytes:
    """Return the chat completion for a request body, as a server would send it."""
    prompt = "\n\n".join(str(message.get("content") or "") for message in body["messages"])
    text, finish_reason = _text(scenario, body, prompt, digest)
    prompt_tokens, completion_tokens = tokens(prompt), tokens(text)
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": finish_reason}
    if body.get("logprobs") and (places := _chances(scenario, prompt)):
        choice["logprobs"] = {"content": places}
    return orjson.dumps(
        {
            "id": f"chatcmpl-{digest:016x}",
            "object": "chat.completion",
            "created": 0,
            "model": body.get("model", scenario.name),
            "choices": [choice],
            "usage": {
                "prompt_tokens": prompt_tokens,
                "completion_tokens": completion_tokens,
                "total_tokens": prompt_tokens + completion_tokens,
            },
        }
    )


def _chances(scenario: Scenario, prompt: str) -> list[dict[str, Any]]:
    """Return the scripted log-probabilities of a reply as the OpenAI API gives them."""
    script = next((script for script in scenario.replies if script.match.search(prompt)), None)
    places = []
    for table in script.logprobs if script else ():
        top = [{"token": token, "logprob": math.log(chance)} for token, chance in table.items()]
        places.append({**top[0], "top_logprobs": top})
    return places


def tokens(text: str) -> int:
    """Return a stable stand-in for a token count: a quarter of the UTF-8 length, rounded up (chosen here)."""
    return -(-len(text.encode()) // 4)


def _text(scenario: Scenario, body: Mapping[str, Any], prompt: str, digest: int) -> tuple[str, str]:
    for script in scenario.replies:
        if script.match.search(prompt):
            return script.texts[digest % len(script.texts)], script.finish_reason
    shape = body.get("response_format") or {}
    asked = shape.get("type") == "json_schema"
    schema = shape["json_schema"]["schema"] if asked else schema_in_words(body)
    if schema is not None:
        return orjson.dumps(_object(schema, prompt, digest)).decode(), "stop"
    if formed_reply := formed(body["messages"], digest):
        return formed_reply, "stop"
    last = str(body["messages"][-1].get("content") or "")
    return last.strip().rpartition("\n\n")[2], "stop"


def _object(schema: Mapping[str, Any], prompt: str, digest: int) -> Any:
    """Return a valid value; a choice between candidates is the same in whatever order they stand."""
    value = example(schema, digest)
    properties = schema.get("properties", {})
    best = chosen(prompt) if "best" in properties else None
    if best in properties.get("best", {}).get("enum", ()):
        value["best"] = best
    if properties.get("question", {}).get("minLength", 0) > len(value.get("question", "").rstrip(".")):
        value["question"] = question(digest, chinese="Chinese" in prompt)
    return value


def example(schema: Mapping[str, Any], digest: int) -> Any:
    """Return a value that is valid for a JSON Schema, chosen by `digest`.

    Covers what stages ask for: objects, arrays, enum, const, anyOf, oneOf, allOf, local $ref, bounds of numbers, lengths of
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
    if not isinstance(kind, str):
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

"""Reads a JSON object out of a model's reply, however it is wrapped, and checks it against its schema."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

_FENCE = re.compile(r"```[\w-]*[ \t]*\n(.*?)```", re.DOTALL)
_TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "null": type(None),
    "integer": int,
    "number": (int, float),
}


def read_json(text: str, schema: Mapping[str, Any] | None = None) -> Any | None:
    """Return the last JSON object (or array) in a reply that fits the schema, None where there is none.

    Copes with fences, with prose around the object and with several attempts in one reply: models correct themselves, so
    the last one that fits wins. Nothing is repaired: half an object is no answer.
    """
    found = None
    for candidate in _candidates(text):
        try:
            value = orjson.loads(candidate)
        except orjson.JSONDecodeError:
            continue
        if isinstance(value, dict | list) and (schema is None or fits(value, schema)):
            found = value
    return found


def _candidates(text: str) -> Iterator[str]:
    """Give every outermost balanced {...} or [...], then fenced blocks, then the whole text: later ones win."""
    yield from _balanced(text)
    yield from _FENCE.findall(text)
    yield text


def _balanced(text: str) -> Iterator[str]:
    start, depth, quoted, escaped = 0, 0, False, False
    for place, mark in enumerate(text):
        if quoted:
            if escaped:
                escaped = False
            elif mark == "\\":
                escaped = True
            elif mark == '"':
                quoted = False
        elif mark == '"' and depth:
            quoted = True
        elif mark in "{[":
            if not depth:
                start = place
            depth += 1
        elif mark in "}]" and depth:
            depth -= 1
            if not depth:
                yield text[start : place + 1]


def fits(value: Any, schema: Mapping[str, Any]) -> bool:
    """Tell whether a value fits the part of JSON Schema that stages use.

    That part is: type, enum, const, properties, required, additionalProperties (false), items, minItems, maxItems, minimum,
    maximum, anyOf, oneOf (as anyOf). Other keywords are not checked.
    """
    if "const" in schema and value != schema["const"]:
        return False
    if "enum" in schema and value not in schema["enum"]:
        return False
    for choice in ("anyOf", "oneOf"):
        if choice in schema and not any(fits(value, part) for part in schema[choice]):
            return False
    if "type" in schema:
        kinds = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
        if not any(_is(value, kind) for kind in kinds):
            return False
    if isinstance(value, dict):
        return _object_fits(value, schema)
    if isinstance(value, list):
        within = schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value))
        return within and all(fits(item, schema.get("items", {})) for item in value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return bool(schema.get("minimum", value) <= value <= schema.get("maximum", value))
    return True


def _is(value: Any, kind: str) -> bool:
    if kind in ("integer", "number") and isinstance(value, bool):
        return False
    if kind == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, _TYPES[kind])


def _object_fits(value: Mapping[str, Any], schema: Mapping[str, Any]) -> bool:
    properties = schema.get("properties", {})
    if not all(name in value for name in schema.get("required", ())):
        return False
    if schema.get("additionalProperties") is False and not value.keys() <= properties.keys():
        return False
    return all(fits(value[name], part) for name, part in properties.items() if name in value)

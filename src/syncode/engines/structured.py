"""Reads a JSON object out of a model's reply, however it is wrapped, and checks it against its schema."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

_OPENING = re.compile(r"[{\[]")
_DECODER = json.JSONDecoder(
    strict=False
)  # not orjson: it reads a value out of the middle of a text, and raw line breaks
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
    """Return the last JSON object (or array) in a reply that fits the schema, None if there is none.

    Copes with fences, with prose and stray brackets around the object, with line breaks inside strings, and with several attempts
    in one reply: models correct themselves, so the last one that fits wins. Nothing is repaired: half an object is no answer.
    """
    found = None
    for value, _, _ in values(text):
        if isinstance(value, dict | list) and (schema is None or fits(value, schema)):
            found = value
    return found


def values(text: str, decoder: json.JSONDecoder = _DECODER) -> Iterator[tuple[Any, int, int]]:
    """Yield every outermost JSON value that begins with a bracket, in order, with the places where it begins and ends."""
    place, end = 0, len(text.rstrip())
    while opening := _OPENING.search(text, place):
        try:
            value, place = decoder.raw_decode(text, opening.start())
        except RecursionError:
            return  # brackets without end
        except json.JSONDecodeError as error:
            if error.pos >= end or error.msg.startswith("Unterminated"):
                return  # the reply was cut off here: what is inside is a part of an answer, not the answer
            place = opening.end()
        else:
            yield value, opening.start(), place


def fits(value: Any, schema: Mapping[str, Any]) -> bool:
    """Return whether a value fits the part of JSON Schema that stages use.

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

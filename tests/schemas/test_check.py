"""The check at the edges says in one line what is wrong, and agrees with the JSON Schemas that are published."""

import json
from pathlib import Path
from typing import Any, Literal, NotRequired, TypedDict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncode.schemas.check import checker
from syncode.schemas.records import RECORDS, Document, Execution, Sample, Step, Verdict

SCHEMAS = Path(__file__).parents[2] / "src" / "syncode" / "schemas" / "json"

DOCUMENT = {"id": "1", "text": "x", "source": {"kind": "path", "path": "a.py", "license": None}}
VERDICT = {"task_id": "t", "model_a": "a", "model_b": "b"}


class Every(TypedDict):
    """One key of each kind that records use."""

    choice: NotRequired[Literal["a", "b"]]
    flag: NotRequired[bool]
    map: NotRequired[dict[str, int]]
    anything: NotRequired[Any]


@pytest.mark.parametrize(
    ("record", "row"),
    [
        (Document, DOCUMENT),
        (Document, {**DOCUMENT, "unknown": object(), "labels": {"any": [1]}}),
        (Verdict, {**VERDICT, "label": None, "share": 1}),
        (Verdict, {**VERDICT, "label": "A>>B", "share": None}),
        (Step, {"step": 1, "loss": None, "lr": 1, "tokens": 3, "tokens_per_s": 1.5, "mfu": None, "seconds": 0}),
        (Every, {"choice": "a", "flag": False, "map": {"x": 1}, "anything": None}),
        (Every, {}),
    ],
)
def test_a_good_row(record: type, row: Any) -> None:
    assert checker(record)(row) is None


@pytest.mark.parametrize(
    ("record", "row", "told"),
    [
        (Document, [], "a Document is a JSON object, this is a list"),
        (Document, None, "a Document is a JSON object, this is null"),
        (Document, {"text": "x", "source": {"kind": "web"}}, "no 'id' (a Document needs id, source, text)"),
        (Document, {**DOCUMENT, "id": 7.5}, "'id' should be text or a whole number, is a number"),
        (Document, {**DOCUMENT, "source": {}}, "'source' should be Source {kind}, is an object"),
        (Document, {**DOCUMENT, "source": {"kind": "web", "url": 1}}, "'source' should be Source {kind}, is an object"),
        (Document, {**DOCUMENT, "language": None}, "'language' should be text, is null"),
        (Document, {**DOCUMENT, "lineage": [{"op": "x"}]}, "'lineage' should be a list of LineageStep {op, version}, is a list"),
        (Sample, {"id": "1", "messages": "hi"}, "'messages' should be a list of Message {content, role}, is text"),
        (Execution, {"id": "1", "of": "2", "state": "x", "passed": 1}, "'passed' should be true or false or null, is a number"),
        (Step, {"step": True}, "'step' should be a whole number, is true or false"),
        (Step, {"step": 1.5}, "'step' should be a whole number, is a number"),
        (Step, {"step": 1, "loss": True}, "'loss' should be a number or null, is true or false"),
        (Every, {"choice": "c"}, "'choice' should be one of a, b, is text"),
        (Every, {"map": {"x": "1"}}, "'map' should be an object, is an object"),
    ],
)  # fmt: skip
def test_a_bad_row_is_told_in_a_line(record: type, row: Any, told: str) -> None:
    assert checker(record)(row) == told


VALUES: st.SearchStrategy[Any] = st.recursive(
    st.sampled_from([None, True, 0, 1.5, "", "A>B", [], {}]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["role", "content", "kind", "x"]), inner),
    max_leaves=4,
)  # fmt: skip


@pytest.mark.parametrize("name", RECORDS)
def test_the_published_schema_says_what_the_check_does(name: str) -> None:
    schema = json.loads((SCHEMAS / f"{name}.schema.json").read_bytes())
    good = {key: _example(kind, schema) for key, kind in schema["properties"].items()}
    assert checker(RECORDS[name])(good) is None and _valid(good, schema, schema)

    @given(key=st.sampled_from(sorted(good)), value=VALUES, absent=st.sets(st.sampled_from(sorted(good)), max_size=2))
    def agree(key: str, value: Any, absent: set[str]) -> None:
        row = {name: item for name, item in {**good, key: value}.items() if name not in absent}
        assert (checker(RECORDS[name])(row) is None) == _valid(row, schema, schema)

    agree()


def _example(kind: Any, root: Any) -> Any:
    if "$ref" in kind:
        target = root["$defs"][kind["$ref"].rpartition("/")[2]]
        return {key: _example(target["properties"][key], root) for key in target["required"]}
    if "anyOf" in kind:
        return _example(kind["anyOf"][0], root)
    if kind["type"] == "array":
        return [_example(kind["items"], root)]
    return {"string": "x", "integer": 1, "number": 0.5, "boolean": True, "object": {}}[kind["type"]]


def _valid(value: Any, schema: Any, root: Any) -> bool:
    """Judge by the few JSON Schema keywords that the generator uses."""
    if "$ref" in schema:
        return _valid(value, root["$defs"][schema["$ref"].rpartition("/")[2]], root)
    if "anyOf" in schema:
        return any(_valid(value, part, root) for part in schema["anyOf"])
    if "enum" in schema:
        return value in schema["enum"]
    kinds: dict[str, Any] = {
        "string": str, "array": list, "object": dict, "boolean": bool, "null": type(None), "integer": int,
        "number": (int, float),
    }  # fmt: skip
    kind = schema.get("type")
    if kind and (not isinstance(value, kinds[kind]) or (kind in ("integer", "number") and isinstance(value, bool))):
        return False
    if kind == "array":
        return all(_valid(item, schema["items"], root) for item in value)
    if kind == "object":
        known, other = schema.get("properties", {}), schema.get("additionalProperties", True)
        return all(key in value for key in schema.get("required", [])) and all(
            _valid(item, known.get(key, {} if other is True else other), root) for key, item in value.items()
        )
    return True

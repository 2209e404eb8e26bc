"""JSON out of replies as models write them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncode.engines import read_json
from syncode.engines.dialect import is_strict
from syncode.engines.mock.model import example
from syncode.engines.structured import fits

VERDICT = {
    "type": "object",
    "properties": {"label": {"enum": ["A", "B"]}, "why": {"type": "string"}},
    "required": ["label", "why"],
    "additionalProperties": False,
}


@pytest.mark.parametrize(
    "text",
    [
        '{"label": "A", "why": "x"}',
        'Sure! Here it is:\n```json\n{"label": "A", "why": "x"}\n```\nHope that helps {really}.',
        '```\n{"label": "A", "why": "x"}\n```',
        'First {"label": "B", "why": "no, wait"} then {"label": "A", "why": "x"} final.',
        'An open { brace, a [ too, then {"label": "A", "why": "x"}',
        'A set {1, 2} and then {"label": "A", "why": "x"}',
        '<think>{"label": "C", "why": "unfit"}</think>{"label": "A", "why": "x"}',
    ],
)
def test_wrapped_objects_are_found(text: str) -> None:
    assert read_json(text, VERDICT) == {"label": "A", "why": "x"}


@pytest.mark.parametrize(
    "text",
    ["", "no", '{"label": "A"', '{"label": "C", "why": ""}', '{"label": "A"}', '{"label": "A", "why": "", "x": 1}'],
)
def test_what_does_not_fit_is_nothing(text: str) -> None:
    assert read_json(text, VERDICT) is None


def test_braces_in_strings_do_not_confuse() -> None:
    assert read_json('so: {"label": "A", "why": "use {} and \\"}\\" here"} ok', VERDICT) == {
        "label": "A",
        "why": 'use {} and "}" here',
    }


def test_line_breaks_in_strings_are_taken_as_they_are() -> None:
    assert read_json('{"label": "A", "why": "one\ntwo"}', VERDICT) == {"label": "A", "why": "one\ntwo"}


def test_a_part_of_a_reply_that_was_cut_off_is_no_answer() -> None:
    assert read_json('{"verdicts": [{"label": "A", "why": "x"}, {"label"', VERDICT) is None
    assert read_json('{"label": "A", "why": "x"} or rather {"label": "B", "why": "be', VERDICT) == {
        "label": "A",
        "why": "x",
    }
    assert read_json('[{"a": 1}, {"b": 2}') is None


def test_deep_nonsense_is_nothing() -> None:
    assert read_json("[" * 100_000) is None
    assert read_json('{"a":' * 20_000) is None


def test_without_a_schema_any_object_or_list_is_taken_and_a_bare_number_is_not() -> None:
    assert read_json("[1, 2]") == [1, 2]
    assert read_json("7") is None


@pytest.mark.parametrize(
    ("schema", "good", "bad"),
    [
        ({"type": "integer"}, 3, True),
        ({"type": "number", "minimum": 0, "maximum": 1}, 0.5, 2),
        ({"type": ["string", "null"]}, None, 1),
        ({"type": "array", "items": {"type": "string"}, "minItems": 1}, ["a"], []),
        ({"anyOf": [{"type": "string"}, {"type": "boolean"}]}, True, 1),
        ({"const": 4}, 4, 5),
    ],
)
def test_fits(schema: dict[str, Any], good: Any, bad: Any) -> None:
    assert fits(good, schema)
    assert not fits(bad, schema)


LEAVES = st.sampled_from(
    [
        {"type": "string"}, {"type": "string", "minLength": 12}, {"type": "integer", "minimum": 1, "maximum": 5},
        {"type": "number", "minimum": 0, "maximum": 1}, {"type": "boolean"}, {"enum": ["A>>B", "A>B", "A=B"]},
        {"type": ["string", "null"]}, {"const": "x"}, {"anyOf": [{"type": "null"}, {"type": "integer"}]},
    ]
)  # fmt: skip
SCHEMAS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.dictionaries(st.sampled_from("abc"), inner, max_size=3).map(
            lambda parts: {
                "type": "object",
                "properties": parts,
                "required": sorted(parts),
                "additionalProperties": False,
            }
        ),
        inner.map(lambda part: {"type": "array", "items": part, "minItems": 2, "maxItems": 3}),
    ),
    max_leaves=6,
)


@given(schema=SCHEMAS, digest=st.integers(0, 2**64 - 1))
def test_what_the_mock_makes_up_fits_the_schema(schema: dict[str, Any], digest: int) -> None:
    assert fits(example(schema, digest), schema)


def test_strict_mode_is_asked_for_only_where_the_schema_allows_it() -> None:
    assert is_strict(VERDICT)
    assert not is_strict({**VERDICT, "required": ["label"]})
    assert not is_strict(
        {"type": "object", "properties": {"a": {"type": "object"}}, "required": ["a"], "additionalProperties": False}
    )

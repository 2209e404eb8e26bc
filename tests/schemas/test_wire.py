"""Rows as lines of JSON: numbers stay what they are, and what other programs could not read is refused."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncode.schemas.wire import dumps, loads

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(VALUES)
def test_a_value_comes_back_as_it_was(value: object) -> None:
    line = dumps(value)
    assert b"\n" not in line
    assert loads(line) == json.loads(line) == value


@pytest.mark.parametrize("number", [2**63, 2**64 - 1, 2**64, -(2**63) - 1, 10**18, 10**300, -(10**300)])
def test_whole_numbers_stay_exact(number: int) -> None:
    line = f'{{"b":"é","a":[{number}]}}'.encode()
    assert loads(line) == {"b": "é", "a": [number]}
    assert dumps(loads(line)) == line
    assert dumps(loads(line), sort_keys=True) == f'{{"a":[{number}],"b":"é"}}'.encode()


def test_long_digits_elsewhere_do_not_matter() -> None:
    line = b'{"hash":"12345678901234567890","share":0.12345678901234567890,"n":1}'
    assert loads(line) == {"hash": "12345678901234567890", "share": 0.12345678901234567890, "n": 1}


@pytest.mark.parametrize(
    "line",
    [
        b"[NaN, 12345678901234567890]",
        b"[-Infinity, 12345678901234567890]",
        b"[1e400, 12345678901234567890]",
        b'["\\ud800", 12345678901234567890]',
        b'["\xed\xa0\x80", 12345678901234567890]',
        b"9" * 4301,
    ],
)
def test_what_others_could_not_read_is_no_json(line: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        loads(line)


def test_a_row_too_deep_for_the_exact_parser_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def too_deep(_: bytes) -> None:  # how deep that is depends on the version of Python and on who calls
        raise RecursionError

    monkeypatch.setattr("json.loads", too_deep)
    with pytest.raises(ValueError, match="nested too deep"):
        loads(b"[" * 1000 + b"12345678901234567890" + b"]" * 1000)


@pytest.mark.parametrize("value", ["\ud800", [2**70, "\ud800"], [2**70, float("nan")]])
def test_what_json_cannot_hold_is_not_written(value: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        dumps(value)


def test_a_row_deeper_than_the_fast_writer_goes_is_written() -> None:
    line = b"[" * 300 + b"]" * 300
    assert dumps(loads(line)) == line


def test_text_of_another_encoding_is_called_that() -> None:
    with pytest.raises(ValueError, match="not UTF-8: byte 14 is 0xe9; if it is text, convert it"):
        loads('{"text": "caf\u00e9"}'.encode("latin-1"))


@pytest.mark.parametrize("digits", [20, 309, 310, 4300])
def test_a_whole_number_of_any_length_is_exact(digits: int) -> None:
    number = int("9" * digits)
    assert loads(b'{"n": [%s]}' % str(number).encode()) == {"n": [number]}
    assert loads(dumps({"n": number})) == {"n": number}


@pytest.mark.parametrize(
    ("value", "told"),
    [("1e400", "infinite"), ("NaN", "NaN"), ('"\\ud800"', "surrogate"), ("x", "Expecting value")],
)
def test_a_long_number_opens_no_door_to_what_is_no_json(value: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        loads(f'{{"n": {"9" * 310}, "v": {value}}}'.encode())


def test_a_number_that_python_does_not_read_is_named() -> None:
    with pytest.raises(ValueError, match=r"a whole number has more than 4,300 digits"):
        loads(b'{"n": %s}' % (b"9" * 4301))

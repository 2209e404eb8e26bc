"""Outputs and results beside what is expected."""

from typing import Any

import pytest

from syncode.stages.execute.compare import difference, same_value
from syncode.text.cases import HOWS, Comparison


@pytest.mark.parametrize(
    ("output", "expected", "right"),
    [
        ("4\n", "4", HOWS[:4]),
        ("4", "4\n", HOWS[:4]),
        ("4", "4", HOWS),
        ("4  \r\n5\r\n\n\n", "4\n5\n", HOWS[:4]),
        ("4 5", "4\n5", ("tokens", "numbers")),
        (" 4\n", "4\n", ("tokens", "numbers", "fields")),
        ("\n4\n", "4\n", ("tokens", "numbers", "fields")),
        ("1  2\n", "1 2\n", ("tokens", "numbers", "fields")),
        ("1.0", "1", ("numbers", "fields")),
        ("1e0", "1.00", ("numbers", "fields")),
        ("0.3333333", "0.3333334", ("numbers",)),
        ("0.3333", "0.3334", ()),
        ("1000000008", "1000000007", ()),
        ("123456789012345678901", "123456789012345678902", ()),
        ("1000000007.5", "1000000007.6", ("numbers",)),
        ("nan", "nan", HOWS),
        ("nan", "1.0", ()),
        ("1_0", "10", ()),
        ("١", "1", ()),
        ("YES", "yes", ()),
        ("", "", HOWS),
        ("\n", "", HOWS[:4]),
        ("", "4", ()),
        ("4\n4", "4", ()),
        ("4", "4\n4", ()),
        ("4", "", ()),
        ("1e999999", "2e999999", ()),
    ],
)
def test_outputs(output: str, expected: str, right: tuple[str, ...]) -> None:
    assert tuple(how for how in HOWS if not difference(output, expected, Comparison(how))) == right


def test_case_and_tolerance_are_the_tasks_own() -> None:
    assert not difference("Yes\n", "YES", Comparison("tokens", ignore_case=True))
    assert not difference("0.3333", "0.3334", Comparison("numbers", tolerance=1e-3))
    assert difference("0.3333333", "0.3333334", Comparison("numbers", tolerance=0))


def test_reasons_say_where_and_are_short() -> None:
    assert difference("1\n2\n", "1\n3\n", Comparison()) == "line 2: '2', expected '3'"
    assert difference("1\n", "1\n3\n", Comparison()) == "1 lines, expected 2"
    assert difference("", "3\n", Comparison()) == "it wrote nothing, expected '3'"
    assert len(difference("x" * 10_000, "y" * 10_000, Comparison())) < 200


@pytest.mark.parametrize(
    ("given", "wanted", "right"),
    [
        ([1, 2], [1, 2], True),
        ([1, 2], [2, 1], False),
        (3, [3], True),
        ([3], [3], True),
        ([3], [[3]], True),
        (3, [4], False),
        (0.1 + 0.2, 0.3, True),
        ([0.1 + 0.2], [0.3], True),
        (0.31, 0.3, False),
        (10**20 + 1, 10**20, False),
        (10**400, 1.5, False),
        ({"a": 1}, {"a": 1}, True),
        ({"a": 1}, {"a": 1, "b": 2}, False),
        ("a", "a", True),
        (None, None, True),
        (None, [], False),
        ("1", 1, False),
    ],
)
def test_results_of_calls(given: Any, wanted: Any, right: bool) -> None:
    assert same_value(given, wanted) is right

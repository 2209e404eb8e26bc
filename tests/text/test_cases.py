"""Tests that are data, in the forms that benchmarks publish."""

import base64
import json
import pickle
import zlib
from typing import Any

import pytest

from syncode.errors import DataError
from syncode.text.cases import Case, Cases, cases_of, memory_of, pickled_text, seconds_of

TWO = [Case("1", "2", "0"), Case("3", "4", "1")]


def packed(value: object) -> str:
    """Pack tests as LiveCodeBench does."""
    return base64.b64encode(zlib.compress(pickle.dumps(json.dumps(value)))).decode()


def found(row: dict[str, Any]) -> Cases:
    cases = cases_of(row)
    assert cases is not None
    return cases


LIST = [{"input": "1", "output": "2"}, {"input": "3", "output": "4"}]
COLUMNS = {"inputs": ["1", "3"], "outputs": ["2", "4"]}


@pytest.mark.parametrize(
    "row",
    [
        {"tests": LIST},
        {"tests": json.dumps(LIST)},
        {"cases": LIST, "tests": None},
        {"test_cases": [{"stdin": "1", "expected_stdout": "2"}, {"input": "3", "expected_output": "4"}]},
        {"evidence": {"tests": LIST}, "tests": "assert f()"},
        {"input_output": COLUMNS},
        {"input_output": json.dumps(COLUMNS)},
        COLUMNS,
        {"public_test_cases": json.dumps(LIST[:1]), "private_test_cases": packed(LIST[1:])},
        {"public_tests": {"input": ["1"], "output": ["2"]}, "private_tests": {"input": ["3"], "output": ["4"]}},
        {"official_tests": LIST, "generated_tests": 0, "examples": [{"input": "5", "output": "6"}]},
        {"official_tests": None, "examples": LIST},
        {"inputs": [["1"], ["3"]], "outputs": [["2"], ["4"]]},
        {"inputs": [1, 3], "outputs": [2, 4]},
    ],
)
def test_every_form_gives_the_same_tests(row: dict[str, Any]) -> None:
    assert list(found(row).cases) == TWO


@pytest.mark.parametrize(
    "row",
    [
        {},
        {"tests": "assert f() == 1"},
        {"tests": "assert f() == 1", "input_output": COLUMNS},
        {"tests": ["assert f() == 1"]},
        {"tests": '["$x" = 1]'},
        {"input": "the user's words", "output": "an answer"},
        {"test_list": ["assert f() == 1"], "examples": None},
        {"examples": LIST},
    ],
)
def test_what_is_code_or_no_test_is_left_alone(row: dict[str, Any]) -> None:
    assert cases_of(row) is None


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({"tests": [{"input": "1"}]}, "test 0 has an input, and no output to compare with"),
        ({"tests": [LIST[0], {"name": "x"}]}, "test 1 of 'tests' has neither an input nor an output"),
        ({"input_output": {"inputs": ["1"], "outputs": []}}, "'input_output' has 1 inputs and 0 outputs"),
        ({"public_test_cases": "[]", "private_test_cases": packed(LIST)[:-9]}, "'private_test_cases' "),
        ({"public_test_cases": LIST, "private_test_cases": "eJ" + packed(LIST)[3:]}, "'private_test_cases' "),
        ({"tests": LIST, "compare": "roughly"}, "'compare' should be one of lines, tokens"),
        ({"tests": LIST, "tolerance": -1}, "'tolerance' should be a number from 0"),
        ({"tests": LIST, "files": {"../x": ""}}, "'files' holds '../x'"),
        ({"tests": LIST, "files": {"/etc/x": ""}}, "'files' holds '/etc/x'"),
        ({"tests": LIST, "files": {"a//b": ""}}, "'files' holds 'a//b'"),
        ({"tests": LIST, "checker": {"language": "cpp"}}, "'checker' should be its source"),
        ({"tests": [{"input": "1", "output": "2", "testtype": "functional"}]}, "call a function"),
        (
            {"tests": [{"input": "x", "output": "2", "testtype": "functional"}], "entry_point": "f"},
            "one JSON value per",
        ),
    ],
)
def test_tests_that_cannot_be_read_say_why(row: dict[str, Any], why: str) -> None:
    with pytest.raises(DataError) as error:
        cases_of(row)
    assert why in str(error.value)


class Harmful:
    """Would run a command when it is unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return exec, ("raise SystemExit('unpickled')",)


@pytest.mark.parametrize("value", [Harmful(), ["a"], b"[]", {"a": 1}, 1, None, ("a", "b")])
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_pickle_is_never_carried_out(value: object, protocol: int) -> None:
    harmful = pickle.dumps(value, protocol)
    with pytest.raises(ValueError, match="pickle"):
        pickled_text(harmful)
    text = base64.b64encode(zlib.compress(harmful)).decode()
    with pytest.raises(DataError, match="'private_test_cases' is packed, and what it holds cannot be read"):
        cases_of({"public_test_cases": [], "private_test_cases": text})


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("text", ["", "[]", "é\n" * 300, "x" * 70_000])
def test_a_pickled_text_is_read(text: str, protocol: int) -> None:
    assert pickled_text(pickle.dumps(text, protocol)) == text


@pytest.mark.parametrize("key", ["expected_output", "expected_stdout", "expected", "output", "stdout", "answer"])
def test_one_input_and_its_output(key: str) -> None:
    assert found({"stdin": "1", key: "2"}).cases == (Case("1", "2", "0"),)


def test_calls_have_arguments_and_a_name() -> None:
    by_lines = found(
        {
            "public_test_cases": [{"input": '[1, 2]\n"a"', "output": "[true]", "testtype": "functional"}],
            "metadata": '{"func_name": "f"}',
        }
    )
    assert (by_lines.function, by_lines.cases) == ("f", (Case([[1, 2], "a"], [True], "0"),))
    by_lists = found({"input_output": json.dumps({"fn_name": "g", "inputs": [[1, "a"]], "outputs": [[3]]})})
    assert (by_lists.function, by_lists.cases) == ("g", (Case([1, "a"], [3], "0"),))


@pytest.mark.parametrize(
    ("said", "seconds"),
    [(2, 2.0), (2.5, 2.5), ("2.0 seconds", 2.0), ("1500 ms", 1.5), ("3", 3.0), ({"seconds": 1, "nanos": 500_000_000}, 1.5),
     (None, None), (0, None), ("soon", None), (float("nan"), None), ({"seconds": None}, None)],
)  # fmt: skip
def test_limits_of_time(said: object, seconds: float | None) -> None:
    assert seconds_of(said) == seconds


@pytest.mark.parametrize(
    ("said", "mebibytes"),
    [(256, 256), (256.0, 256), ("256.0 megabytes", 256), ("1 GB", 1024), ("64M", 64), (256 << 20, 256), (None, None), (0, None)],
)  # fmt: skip
def test_limits_of_memory(said: object, mebibytes: int | None) -> None:
    assert memory_of(said) == (None if mebibytes is None else mebibytes << 20)

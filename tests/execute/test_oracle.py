"""EvalPlus's rules of comparison, on values where they differ from plain equality."""

import math
from contextlib import nullcontext
from typing import Any

import pytest

from syncode.sandbox import Sandbox
from syncode.stages.execute.evalplus import Truth
from syncode.stages.execute.jobs import Job
from syncode.stages.execute.oracle import floats, judge, right
from syncode.stages.execute.stage import Bench, decide


@pytest.mark.parametrize(
    ("output", "expected", "atol", "verdict"),
    [
        (1, 1, 0, True),
        (1.0, 1, 0, True),
        (1.0000001, 1.0, 1e-6, True),
        (1.00001, 1.0, 1e-6, False),
        ([1.0000001, 2.0], [1.0, 2.0], 1e-6, True),
        ([1.0], [1.0, 2.0], 1e-6, False),
        ((1.0,), [1.0], 1e-6, False),
        (1, 1.0000001, 1e-6, False),
        ([[0.1 + 0.2]], [[0.3]], 1e-6, True),
        (math.inf, math.inf, 1e-6, True),
        (math.inf, 1e308, 1e-6, False),
        (math.nan, math.nan, 1e-6, False),
        ("a", "b", 1e-6, False),
        (None, 1.0, 1e-6, False),
        (0.1 + 0.2j, 0.1 + 0.2000000001j, 1e-6, True),
    ],
)
def test_close(output: Any, expected: Any, atol: float, verdict: bool) -> None:
    assert right(output, expected, [], "f", atol) is verdict


@pytest.mark.parametrize(
    ("name", "output", "expected", "arguments", "verdict"),
    [
        ("find_zero", 2.00000001, None, [[-4, 0, 1]], True),
        ("find_zero", 3.0, 2.0, [[-4, 0, 1]], False),
        ("similar_elements", [2, 1], (1, 2), [], True),
        ("check_str", "a match", True, [], True),
        ("check_str", None, True, [], False),
        ("check_str", False, False, [], True),
        ("sum_div", 0, 7, [3], True),
        ("surface_Area", 33, 34, [3, 4], False),
        ("surface_Area", round(9 + 2 * 3 * math.sqrt(1.5**2 + 16)), 0, [3, 4], True),
        ("digit_distance_nums", 6, 0, [1, 256], False),
        ("digit_distance_nums", 12, 0, [1, 256], True),
        ("digit_distance_nums", 11, 0, [1, 256], False),
    ],
)
def test_special_tasks(name: str, output: Any, expected: Any, arguments: list[Any], verdict: bool) -> None:
    assert right(output, expected, arguments, name, 1e-4) is verdict


def test_floats() -> None:
    assert floats(1.0)
    assert floats([1.0, 2.0])
    assert not floats([])
    assert not floats([1.0, 2])
    assert not floats(1)


def test_the_first_wrong_case_is_named() -> None:
    with pytest.raises(AssertionError, match=r"case 1: f\(\*\[2\]\) gave 3, expected 4"):
        judge(lambda x: x + 1, [([1], 2), ([2], 4)], "f", 0, lambda _: nullcontext())


def test_floats_get_a_tolerance_where_the_task_gives_none() -> None:
    judge(lambda x: x / 3 * 3 + 1e-9, [([1.0], 1.0)], "f", 0, lambda _: nullcontext())


TASK = {
    "id": "HumanEval/x",
    "language": "python",
    "entry_point": "mean",
    "references": {"canonical": "def mean(xs):\n    return sum(xs) / len(xs) if xs else nan\nnan = float('nan')\n"},
    "base_input": "[[[1, 2]], [[3]]]",
    "plus_input": "[[[inf, 1]], [[0.1, 0.2]], [[1e+300, 10000000000000000000000000]]]",
    "atol": 0,
}


@pytest.mark.parametrize(
    ("code", "state", "parts"),
    [
        ("def mean(xs): return sum(xs) / len(xs)", "pass", {"base": "pass", "plus": "pass"}),
        ("def mean(xs): return sum(xs) / len(xs) + 1e-9", "pass", {"base": "pass", "plus": "pass"}),
        ("def mean(xs): return sum(xs) // len(xs)", "fail", {"base": "fail"}),
        ("def mean(xs): return min(sum(xs) / len(xs), 100)", "fail", {"base": "pass", "plus": "fail"}),
        ("inf = nan = 7\ndef mean(xs): return sum(xs) / len(xs)", "pass", {"base": "pass", "plus": "pass"}),
    ],
)
def test_base_and_plus_inputs(sandbox: Sandbox, code: str, state: str, parts: dict[str, str]) -> None:
    verdict = decide(Job("a", "python", code, "", "row", TASK), Bench(sandbox))
    assert (verdict.result.state, verdict.more["parts"]) == (state, parts), verdict


def test_a_canonical_solution_that_does_not_run_is_infra(sandbox: Sandbox) -> None:
    broken = {**TASK, "references": {"canonical": "def mean(xs): raise ValueError"}}
    verdict = decide(Job("a", "python", "x = 1", "", "row", broken), Bench(sandbox, truth=Truth()))
    assert verdict.result.state == "infra"
    assert "canonical solution" in verdict.result.reason

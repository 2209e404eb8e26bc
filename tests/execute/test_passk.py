"""pass@k against closed forms, intervals by task, and what happens to samples nobody could judge."""

import itertools
import math

import pytest

from syncode.errors import DataError
from syncode.schemas.records import Row
from syncode.statistics.passk import over_tasks, pair_rows, pass_at_k, pass_hat_k, score_rows


@pytest.mark.parametrize(
    ("n", "c", "k", "expected"),
    [
        (200, 10, 10, 0.408548),
        (10, 3, 5, 0.916667),
        (6, 3, 1, 0.5),
        (6, 4, 1, 0.666667),
        (5, 0, 5, 0.0),
        (5, 1, 5, 1.0),
    ],
)
def test_pass_at_k(n: int, c: int, k: int, expected: float) -> None:
    assert pass_at_k(n, c, k) == pytest.approx(expected, abs=1e-6)


def test_pass_at_k_is_the_share_of_draws_with_a_right_one() -> None:
    for n, c, k in itertools.product(range(1, 7), range(7), range(1, 7)):
        if c > n or k > n:
            continue
        draws = list(itertools.combinations(range(n), k))
        assert pass_at_k(n, c, k) == pytest.approx(sum(min(draw) < c for draw in draws) / len(draws))
        assert pass_hat_k(n, c, k) == pytest.approx(sum(max(draw) < c for draw in draws) / len(draws))


@pytest.mark.parametrize(("n", "c", "k"), [(4, 2, 10), (99, 0, 100), (3, 4, 1), (0, 0, 1), (5, 1, 0)])
def test_what_cannot_be_said_is_refused(n: int, c: int, k: int) -> None:
    with pytest.raises(ValueError, match=r"k =|cannot be right"):
        pass_at_k(n, c, k)


def test_the_interval_is_that_of_tasks() -> None:
    half = over_tasks([1.0] * 5 + [0.0] * 5)
    assert (half.low, half.high) == pytest.approx(
        (0.209093, 0.790907), abs=1e-6
    )  # Wilson's with Student's t, 9 degrees
    assert over_tasks([0.0] * 20).high == pytest.approx(0.179681, abs=1e-6)
    assert over_tasks([1.0] * 164).low == pytest.approx(0.976777, abs=1e-6)  # never 1 to 1
    mixed = over_tasks([0.25, 0.75] * 60)
    assert mixed.mean == 0.5
    assert mixed.error == pytest.approx(math.sqrt(120 * 0.0625 / 119 / 120))
    assert (mixed.high - 0.5) / mixed.error == pytest.approx(1.98, abs=0.02)  # near Student's t, 119 degrees of freedom
    assert (over_tasks([0.3]).low, over_tasks([0.3]).high) == (0.0, 1.0)
    with pytest.raises(ValueError, match="no task"):
        over_tasks([])


def rows(states: dict[str, list[str]], model: str = "m") -> list[Row]:
    return [
        {"of": "x", "task_id": task, "model": model, "state": state} for task, all_ in states.items() for state in all_
    ]


def test_every_state_counts_but_infra_and_missing() -> None:
    states = {"a": ["pass", "infra"], "b": ["timeout"], "c": ["flaky"], "d": ["no_code"], "e": ["infra"]}
    (row,) = score_rows(rows(states), ["a", "b", "c", "d", "e", "f"], [1])
    assert row["pass@k"] == 0.25
    assert (row["tasks"], row["samples"], row["infra"], row["missing"]) == (4, 4, 2, 1)
    assert (row["floor"], row["ceiling"]) == pytest.approx((1 / 7, 4 / 7))


def test_k_above_the_samples_names_the_task() -> None:
    with pytest.raises(DataError, match=r"pass@2 of m needs 2 samples a task; b has 1"):
        list(score_rows(rows({"a": ["pass", "fail"], "b": ["pass"]}), [], [2]))


def test_base_and_plus_are_scored_apart() -> None:
    executions = [
        {"of": "1", "task_id": "a", "state": "fail", "parts": {"base": "pass", "plus": "fail"}},
        {"of": "2", "task_id": "b", "state": "pass", "parts": {"base": "pass", "plus": "pass"}},
    ]
    scores = {row["suite"]: row["pass@k"] for row in score_rows(executions, [], [1])}
    assert scores == {"all": 0.5, "base": 1.0}


def test_models_are_compared_by_task() -> None:
    one = rows({str(number): ["pass" if number < 5 else "fail"] for number in range(25)}, "one")
    other = rows({str(number): ["fail" if number < 5 or number >= 20 else "pass"] for number in range(25)}, "other")
    (row,) = pair_rows([*one, *other])
    assert (row["model_a"], row["model_b"], row["only_a"], row["only_b"], row["tasks"]) == ("one", "other", 5, 15, 25)
    assert row["p"] == pytest.approx(0.041389, abs=1e-6)


def test_a_task_that_any_model_has_is_due_for_all_of_them() -> None:
    states = {str(number): ["pass"] for number in range(10)}
    executions = [*rows(states, "whole"), *rows({name: states[name] for name in list(states)[:6]}, "short")]
    found = {row["model"]: row for row in score_rows(executions, [], [1])}
    assert {name: row["missing"] for name, row in found.items()} == {"whole": 0, "short": 4}
    assert (found["short"]["floor"], found["short"]["ceiling"]) == (0.6, 1.0)
    assert [row["missing"] for row in pair_rows(executions)] == [4]
    unnamed = [{"of": f"{model}{number}", "model": model, "state": "pass"} for model in "ab" for number in range(3)]
    assert {row["missing"] for row in score_rows(unnamed, [], [1])} == {0}


def test_pairs_do_not_depend_on_the_order_of_samples() -> None:
    executions = [
        {"of": f"{model}{number}", "task_id": "t", "model": model, "state": ("pass", "fail")[(number + len(model)) % 2]}
        for model in ("one", "other")
        for number in range(2)
    ]
    (before,) = pair_rows(executions)
    assert [before] == list(pair_rows(executions[::-1]))
    assert (before["only_a"], before["only_b"]) == (0, 0)

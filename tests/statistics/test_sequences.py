"""Confidence sequences: the bets are fair, the limits hold at every stop, and closed forms and full samples come out exactly."""

import itertools
import math

import numpy as np
import pytest

from syncode.statistics.proportions import wilson
from syncode.statistics.sequences import FRACTIONS, limits, log_capital, lower_limit

RUNS, LONGEST = 2000, 200


@pytest.mark.parametrize("chances", [(0.5, 0.0, 0.5), (0.1, 0.2, 0.7), (0.9, 0.05, 0.05)])
def test_the_bets_are_fair(chances: tuple[float, float, float]) -> None:
    values = (0.0, 0.5, 1.0)
    mean = sum(value * chance for value, chance in zip(values, chances, strict=True))
    expected = 0.0
    for picks in itertools.product(range(3), repeat=6):
        chance = math.prod(chances[pick] for pick in picks)
        capital = log_capital(np.array([values[pick] for pick in picks]), mean)[-1]
        expected += chance * math.exp(capital)
    assert expected == pytest.approx(1, abs=1e-12)


def test_the_bets_are_fair_without_replacement() -> None:
    population = (0.0, 0.5, 1.0, 1.0, 0.0, 1.0)
    mean = sum(population) / len(population)
    orders = list(itertools.permutations(population))
    after = np.array([np.exp(log_capital(np.array(order), mean, len(population))) for order in orders])
    assert after.mean(axis=0) == pytest.approx(np.ones(6), abs=1e-12)


def test_one_value_has_a_limit_in_closed_form() -> None:
    share = FRACTIONS.mean()  # capital after a win: 1 + share * (1 / null - 1)
    assert lower_limit(np.array([1.0]), 0.05) == pytest.approx(1 / (1 + (20 - 1) / share), abs=1e-8)


def test_forty_wins_of_forty_are_no_certainty() -> None:
    low, high = limits(np.ones(40), np.ones(40), 0.05)
    assert 0.85 < low < wilson(40, 40)[0] and high == 1


@pytest.mark.parametrize("mean", [0.5, 0.9, 0.99])
@pytest.mark.parametrize("total", [None, 400])
def test_limits_hold_at_every_stop(mean: float, total: int | None) -> None:
    random = np.random.default_rng(3)
    wrong = 0
    for _ in range(RUNS):
        if total is None:
            drawn = (random.random(LONGEST) < mean).astype(np.float64)
        else:
            drawn = random.permutation((np.arange(total) < mean * total).astype(np.float64))[:LONGEST]
        # a limit leaves the mean out exactly when the capital of the bets against it is 2 / alpha there
        ever = max(log_capital(drawn, mean, total).max(), log_capital(1 - drawn, 1 - mean, total).max())
        wrong += ever >= math.log(2 / 0.05)
    assert 0 < wrong / RUNS <= 0.05


def test_limits_are_where_the_capital_is_two_by_alpha() -> None:
    values = np.random.default_rng(5).choice([0.0, 0.5, 1.0], 120, p=[0.2, 0.2, 0.6])
    for total in (None, 300):
        low, high = limits(values, values, 0.05, total)
        assert log_capital(values, low, total)[-1] == pytest.approx(math.log(40), abs=1e-5)
        assert log_capital(1 - values, 1 - high, total)[-1] == pytest.approx(math.log(40), abs=1e-5)


def test_an_interval_for_a_fixed_number_does_not_hold_at_every_stop() -> None:
    random = np.random.default_rng(3)
    wrong = 0
    for _ in range(RUNS):
        wins = (random.random(LONGEST) < 0.5).cumsum()
        spans = (wilson(float(wins[n - 1]), n) for n in range(10, LONGEST + 1, 10))
        wrong += any(not low <= 0.5 <= high for low, high in spans)
    assert wrong / RUNS > 0.15


def test_a_whole_population_is_known() -> None:
    values = np.array([1.0, 0.0, 0.5, 1.0])
    assert limits(values, values, 0.05, 4) == (0.625, 0.625)


def test_values_that_may_be_anything_widen_both_sides() -> None:
    values = np.random.default_rng(1).choice([0.0, 1.0], 100)
    missing = np.arange(100) < 10
    low, high = limits(np.where(missing, 0, values), np.where(missing, 1, values), 0.05)
    narrow = limits(values, values, 0.05)
    assert low < narrow[0] and high > narrow[1]


def test_nothing_seen_is_nothing_known() -> None:
    assert limits(np.empty(0), np.empty(0), 0.05) == (0, 1)

"""A race: claims are wrong with a bounded chance however many pairs there are, and what is settled stays as it is."""

import numpy as np
import pytest

from syncode.statistics.race import HALF, Race, Rule


def run(values: np.ndarray, rule: Rule, every: int = 10) -> Race:
    race = Race(values.shape[1], rule)
    for start in range(0, len(values), every):
        race.advance(values[start : start + every], values[start : start + every])
        if not race.open:
            break
    return race


@pytest.mark.parametrize("total", [None, 100])
def test_models_that_are_alike_are_seldom_separated(total: int | None) -> None:
    random = np.random.default_rng(2)
    wrong = 0
    for _ in range(400):
        if total is None:
            values = random.choice([0.0, 0.5, 1.0], (100, 3), p=[0.4, 0.2, 0.4])
        else:  # all of one mean in the whole table
            whole = np.repeat([0.0, 0.5, 1.0], [40, 20, 40])
            values = np.stack([random.permutation(whole) for _ in range(3)], axis=1)
        wrong += bool(run(values, Rule(baseline=True, total=total)).ahead.any())
    assert wrong / 400 <= 0.05


def test_a_clear_winner_is_known_early_and_costs_no_more() -> None:
    random = np.random.default_rng(4)
    values = np.stack([random.random(200) < share for share in (0.95, 0.5)], axis=1).astype(np.float64)
    race = run(values, Rule(baseline=True))
    assert dict(zip(race.pairs, race.ahead.tolist(), strict=True)) == {(0, 1): 1, (0, HALF): 1, (1, HALF): 0}
    assert race.taken[0] < 60 and race.taken[1] == 200 and race.open == {1}


def test_what_is_settled_is_not_looked_at_again() -> None:
    race = Race(1, Rule(baseline=True))
    race.advance(np.ones((20, 1)), np.ones((20, 1)))
    assert not race.open and race.ahead.tolist() == [1] and race.since.tolist() == [20]
    before = race.limits(0)
    race.advance(np.zeros((50, 1)), np.zeros((50, 1)))
    assert race.limits(0) == before and race.taken.tolist() == [20] and race.ahead.tolist() == [1]


def test_missing_values_speak_for_neither() -> None:
    low, high = np.ones((60, 1)), np.ones((60, 1))
    low[::2] = 0
    race = Race(1, Rule(baseline=True))
    race.advance(low, high)
    assert race.ahead.tolist() == [0] and race.mean(0) == 1


def test_a_lead_that_cannot_be_lost_is_known_for_sure() -> None:
    values = np.array([[1.0]] * 11 + [[0.0]] * 9)
    race = run(values, Rule(alpha=1e-9, baseline=True, total=20), every=1)
    assert race.ahead.tolist() == [1] and race.taken.tolist() == [11] and race.p.tolist() == [0]


def test_a_width_is_reached_by_each_for_itself() -> None:
    random = np.random.default_rng(6)
    values = np.stack([random.random(400) < share for share in (0.98, 0.5)], axis=1).astype(np.float64)
    race = run(values, Rule(width=0.2, baseline=True))
    spans = [race.limits(each) for each in (0, 1)]
    assert not race.open and race.taken[0] < race.taken[1]
    assert all(high - low <= 0.2 for low, high in spans)


def test_borders_and_not_the_size_of_what_comes_decide() -> None:
    values = np.random.default_rng(9).choice([0.0, 1.0], (100, 2), p=[0.3, 0.7])
    whole, part = run(values, Rule(baseline=True)), run(values[:50], Rule(baseline=True))
    part.advance(values[50:60], values[50:60])
    assert whole.taken.max() >= 60
    first = run(values[:60], Rule(baseline=True))
    assert part.p.tolist() == first.p.tolist() and part.open == first.open

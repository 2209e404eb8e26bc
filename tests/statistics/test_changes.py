"""Paired changes: an interval with a width at the edges, an exact test, and a test of whether classes differ."""

import numpy as np
import pytest
from scipy import stats  # type: ignore[import-untyped]

from syncode.statistics.changes import change, interaction, sign_flip
from syncode.statistics.distributions import f_tail
from syncode.statistics.proportions import mcnemar


def test_sign_flip_is_mcnemar_for_whole_changes_and_exact_for_halves_and_thirds() -> None:
    assert sign_flip(np.array([1.0] * 5 + [-1.0] * 15 + [0.0] * 30)) == pytest.approx(mcnemar(5, 15), abs=1e-12)
    values = np.array([0.5, 0.5, 0.5, -1.0, 1 / 3, 1.0, 0.25, 0.5])
    signs = (np.arange(2 ** len(values))[:, None] >> np.arange(len(values)) & 1) * 2 - 1
    sums = np.abs(signs @ values)
    assert sign_flip(values) == pytest.approx(float((sums >= abs(values.sum()) - 1e-9).mean()), abs=1e-12)
    assert sign_flip(np.zeros(9)) == 1.0


def test_sign_flip_of_many_uneven_changes_is_close_to_normal() -> None:
    values = np.random.default_rng(0).uniform(-1, 1.08, 900)
    normal = stats.norm.sf(abs(values.sum()) / np.sqrt((values**2).sum())) * 2
    assert sign_flip(values) == pytest.approx(normal, rel=0.05)


@pytest.mark.parametrize("values", [np.zeros(40), np.ones(40), -np.ones(12)])
def test_an_interval_has_a_width_where_nothing_or_everything_changed(values: np.ndarray) -> None:
    found = change(values)
    assert found.low <= found.mean <= found.high and 0.02 < found.high - found.low < 0.6
    assert found.low >= -1 and found.high <= 1


def test_the_interval_covers_rare_and_frequent_changes() -> None:
    generator = np.random.default_rng(5)
    for n, better, worse in ((20, 0.1, 0.02), (40, 0.05, 0.0), (100, 0.2, 0.2), (397, 0.4, 0.1)):
        drawn = generator.random((800, n))
        tables = np.where(drawn < better, 1.0, np.where(drawn < better + worse, -1.0, 0.0))
        covered = [found.low <= better - worse <= found.high for found in map(change, tables)]
        assert np.mean(covered) >= 0.93


def test_f_tail_and_the_interaction_are_those_of_welch() -> None:
    assert f_tail(2.5, 3, 20) == pytest.approx(stats.f.sf(2.5, 3, 20), abs=1e-12)
    generator = np.random.default_rng(1)
    values = np.concatenate(
        [generator.normal(0, 1, 4000), generator.normal(0.1, 2, 3000), generator.normal(0, 0.5, 2000)]
    )
    groups = np.repeat([0, 1, 2], [4000, 3000, 2000])
    found = interaction(values, groups)
    # with thousands of observations one more of the pooled variance changes nothing
    parts = [values[groups == number] for number in range(3)]
    expected = stats.f_oneway(*parts, equal_var=False)
    assert found.statistic == pytest.approx(expected.statistic, rel=0.01)
    assert found.p == pytest.approx(expected.pvalue, rel=0.02)


def test_the_interaction_keeps_its_level_with_small_uneven_groups() -> None:
    generator = np.random.default_rng(2)
    sizes, shares, groups = (100, 20, 8), (0.05, 0.05, 0.5), np.repeat([0, 1, 2], (100, 20, 8))
    rejected = 0
    for _ in range(600):
        parts = [
            np.where(generator.random(n) < share, generator.choice([-1.0, 1.0], n), 0.0)
            for n, share in zip(sizes, shares, strict=True)
        ]
        rejected += interaction(np.concatenate(parts), groups).p <= 0.05
    assert rejected / 600 <= 0.08
    assert interaction(np.zeros(10), np.repeat([0, 1], 5)).p == 1.0

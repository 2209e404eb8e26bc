"""The intervals keep their promise: with 400 questions and two correlated games each, 95 % cover the truth 93-97 % of the time.

Simulated (2,000 worlds): each question has its own chance of a win, so that its two games correlate. Treating games as
independent fails the same test, which shows that it can fail.
"""

import numpy as np
import pytest

from syncode.statistics.clusters import bootstrap_means, cluster_mean, percentiles, resample, row_error
from syncode.statistics.distributions import normal_quantile

WORLDS, QUESTIONS, WIN = 2000, 400, 0.6


def worlds(correlation: float) -> "np.ndarray[tuple[int, ...], np.dtype[np.float64]]":
    """Return outcomes, shape (worlds, questions, 2 games): with probability `correlation` the second repeats the first."""
    random = np.random.default_rng(11)
    games = (random.random((WORLDS, QUESTIONS, 2)) < WIN).astype(np.float64)
    same = random.random((WORLDS, QUESTIONS)) < correlation
    games[:, :, 1] = np.where(same, games[:, :, 0], games[:, :, 1])
    return games


@pytest.mark.parametrize("correlation", [1.0, 0.6, 0.2])
def test_the_cluster_interval_covers(correlation: float) -> None:
    covered = 0
    for games in worlds(correlation):
        low, high = cluster_mean(games.sum(axis=1), np.full(QUESTIONS, 2.0)).interval()
        covered += low <= WIN <= high
    assert 0.93 <= covered / WORLDS <= 0.97


@pytest.mark.parametrize("correlation", [1.0, 0.6, 0.2])
def test_the_bootstrap_interval_covers(correlation: float) -> None:
    counts = resample(QUESTIONS, 2000, seed=5)
    gain = worlds(correlation).sum(axis=2).T  # a world is a column, as a model would be
    low, high = percentiles(bootstrap_means(gain, np.full_like(gain, 2.0), counts))
    assert 0.93 <= float(((low <= WIN) & (high >= WIN)).mean()) <= 0.97


def test_games_taken_as_independent_do_not_cover() -> None:
    z = normal_quantile(0.95)
    covered = 0
    for games in worlds(1.0):
        half = z * row_error(games.ravel())
        covered += abs(float(games.mean()) - WIN) <= half
    assert covered / WORLDS < 0.88

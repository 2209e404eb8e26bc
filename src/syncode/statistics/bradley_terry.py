"""Ratings from games against many opponents: Bradley-Terry with cluster-robust errors, and three simple ones for comparison.

Outcomes are 1, 1/2 or 0 for the first model of a game; a tie is half a win for both. Ratings are log strengths, centred at 0.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from syncode.statistics.arrays import Booleans, Floats, Integers
from syncode.statistics.bounded import interval_of_error

RIDGE = 1e-6
"""Weight of half the squared ratings in the objective: bounds a model that never lost, moves nothing else (chosen here)."""
CLOSE = 1e-9
"""Newton's method ends with a step smaller than this in log strength (chosen here)."""
NOISE = 4 * float(np.finfo(np.float64).eps)
"""Relative error of a sum over games: what rounding leaves in the gradient of a model, per game (chosen here)."""
LONG_STEP = 0.5
"""A Newton step longer than this in log strength is checked against the objective (chosen here)."""
ELO_SCALE = 400 / math.log(10)
"""Elo points for one unit of log strength (the 400-point, base-10 convention)."""


@dataclass(frozen=True)
class Games:
    """Columns of games between `models` models, all of length n: model numbers, outcome in [0, 1] for `first`, weight."""

    models: int
    first: Integers
    second: Integers
    outcome: Floats
    weight: Floats

    def wins(self) -> Floats:
        """Return the weighted wins of row over column (a tie is half a win for each), shape (models, models)."""
        table = np.zeros((self.models, self.models))
        np.add.at(table, (self.first, self.second), self.weight * self.outcome)
        np.add.at(table, (self.second, self.first), self.weight * (1 - self.outcome))
        return table


@dataclass(frozen=True)
class Fit:
    """Ratings and their covariance, centred; `gamma` and `gamma_error` for the features, in their order."""

    rating: Floats
    covariance: Floats
    gamma: Floats
    gamma_error: Floats

    def errors(self) -> Floats:
        """Return the standard error of each centred rating."""
        return np.sqrt(np.clip(np.diag(self.covariance), 0, None))

    def intervals(self, clusters: int, level: float = 0.95) -> tuple[Floats, Floats]:
        """Return the limits of each centred rating: those of the chance to beat the mean of the others, in log-odds.

        The chance has the interval of a share with an error by question (`bounded.interval_of_error`); infinite where it reaches
        0 or 1, nan for fewer than two clusters.
        """
        models = len(self.rating)
        stretch = models / (models - 1)
        shares = _logistic(self.rating * stretch)
        errors = shares * (1 - shares) * stretch * self.errors()
        found = [interval_of_error(*one, clusters, level) for one in zip(shares.tolist(), errors.tolist(), strict=True)]
        limits = np.array(found).T
        with np.errstate(divide="ignore"):
            low, high = np.log(limits / (1 - limits)) / stretch
        return low, high

    def difference_errors(self) -> Floats:
        """Return the standard error of each difference of two ratings, shape (models, models)."""
        variance = np.diag(self.covariance)
        squared = variance[:, None] + variance[None, :] - 2 * self.covariance
        return np.sqrt(np.clip(squared, 0, None))


def ratings(wins: Floats, ridge: float = RIDGE, start: Floats | None = None) -> Floats:
    """Return centred log strengths for one or many win tables, shape (..., models, models) to (..., models).

    Newton's method on all tables at once, from `start` if it is given. A long step is halved until the objective falls.
    """
    games = wins + np.swapaxes(wins, -1, -2)
    theta = np.zeros(wins.shape[:-1]) if start is None else np.broadcast_to(start, wins.shape[:-1]).copy()
    diagonal = np.arange(wins.shape[-1])
    won = wins.sum(axis=-1)
    for _ in range(60):
        chance = _logistic(theta[..., :, None] - theta[..., None, :])
        expected = games * chance
        gradient = won - expected.sum(axis=-1) - ridge * theta
        hessian = expected * (chance - 1)
        hessian[..., diagonal, diagonal] -= hessian.sum(axis=-1) - ridge
        step = np.linalg.solve(hessian, gradient[..., None])[..., 0]
        step -= step.mean(
            axis=-1, keepdims=True
        )  # only the ridge holds the common level: there is nothing but rounding in it
        longest = float(np.abs(step).max(initial=0))
        if longest > LONG_STEP:
            step = _halved(wins, theta, step, ridge)
        theta = theta + step
        if longest < CLOSE:
            break
    return settled(theta - theta.mean(axis=-1, keepdims=True), hessian, games.sum(axis=-1))


def settled(rating: Floats, hessian: Floats, games: Floats) -> Floats:
    """Return ratings, along the last axis, with those made equal that differ by no more than the solver's own error.

    Two models with the same results have the same rating. Rounding sets them apart by what the machine's linear algebra makes of
    it, and without this a rank would depend on the machine. The error is that of Newton's last step, or that of the gradient
    (NOISE times the `games` of each model) through the inverse of the `hessian`, which is large if only the ridge holds a model.
    """
    spread = np.linalg.inv(hessian)
    spread -= spread.mean(axis=-2, keepdims=True)  # of the common level nothing is left after centring
    error = np.maximum(CLOSE, NOISE * (np.abs(spread) @ games[..., None])[..., 0])
    order = np.argsort(rating, axis=-1, kind="stable")
    ascending, error = (np.take_along_axis(values, order, axis=-1) for values in (rating, error))
    apart = np.diff(ascending, axis=-1) > np.maximum(error[..., 1:], error[..., :-1])
    first = np.zeros(order.shape, dtype=np.int64)
    first[..., 1:] = np.where(apart, np.arange(1, rating.shape[-1]), 0)
    equal = np.empty_like(rating)
    level = np.take_along_axis(ascending, np.maximum.accumulate(first, axis=-1), axis=-1)
    np.put_along_axis(equal, order, level, axis=-1)
    return equal


def _halved(wins: Floats, theta: Floats, step: Floats, ridge: float) -> Floats:
    """Return the step, halved in each table until it does not raise the objective."""

    def objective(at: Floats) -> Floats:
        gap = at[..., :, None] - at[..., None, :]
        return np.asarray((wins * np.logaddexp(0, -gap)).sum(axis=(-1, -2)) + ridge / 2 * (at**2).sum(axis=-1))

    before = objective(theta)
    factor = np.ones(theta.shape[:-1])
    for _ in range(30):
        worse = objective(theta + factor[..., None] * step) > before + 1e-12 * np.abs(before)
        if not np.any(worse):
            break
        factor = np.where(worse, factor / 2, factor)
    return np.asarray(factor[..., None] * step)


def fit(games: Games, cluster: Integers, features: Floats | None = None, ridge: float = RIDGE) -> Fit:
    """Return ratings, feature weights and their sandwich covariance with one score vector per cluster.

    `features` has shape (n, features), each the difference between first and second; a column of ones is the advantage of
    being shown first. V = H+ (sum_c s_c s_c') H+ * G / (G - 1), H+ the pseudo-inverse.
    """
    count = 0 if features is None else features.shape[1]
    extra = np.zeros((len(games.first), 0)) if features is None else features
    theta = _newton(games, extra, ridge) if count else ratings(games.wins(), ridge)
    gap = theta[games.first] - theta[games.second] + extra @ theta[games.models :]
    chance = _logistic(gap)
    curvature = games.weight * chance * (1 - chance)
    hessian = _gram(games, extra, curvature)
    clusters, numbers = np.unique(cluster, return_inverse=True)
    score = games.weight * (games.outcome - chance)
    sums = np.zeros((len(clusters), games.models + count))
    np.add.at(sums, (numbers, games.first), score)
    np.add.at(sums, (numbers, games.second), -score)
    for column in range(count):
        sums[:, games.models + column] = np.bincount(numbers, score * extra[:, column], len(clusters))
    inverse = np.linalg.pinv(hessian, hermitian=True, rcond=1e-12)
    scale = len(clusters) / (len(clusters) - 1) if len(clusters) > 1 else math.nan
    covariance = scale * inverse @ (sums.T @ sums) @ inverse
    rating = theta[: games.models] - theta[: games.models].mean()
    held = hessian[: games.models, : games.models] + ridge * np.eye(games.models)
    centre = np.eye(games.models) - 1 / games.models
    return Fit(
        rating=settled(rating, held, games.wins().sum(axis=0) + games.wins().sum(axis=1)) if count else rating,
        covariance=centre @ covariance[: games.models, : games.models] @ centre,
        gamma=theta[games.models :],
        gamma_error=np.sqrt(np.clip(np.diag(covariance)[games.models :], 0, None)),
    )


def components(wins: Floats) -> Integers:
    """Return the number of the strongly connected part of each model in the graph "beat or tied".

    With one part the maximum-likelihood ratings exist (Ford 1957). A model alone in its part never lost or never won against
    the rest: its rating is bounded by the ridge only.
    """
    reach = (wins > 0) | np.eye(len(wins), dtype=bool)
    reach = _closure(reach)
    both = reach & reach.T
    return np.unique(both.argmax(axis=1), return_inverse=True)[1].astype(np.int64)


def connected(wins: Floats) -> bool:
    """Return whether any chain of games, whatever their results, links every two models."""
    played = (wins + wins.T > 0) | np.eye(len(wins), dtype=bool)
    return bool(_closure(played).all())


def counting(games: Games) -> Floats:
    """Return wins plus half the ties of each model: no ranking, it rewards playing often."""
    return np.asarray(games.wins().sum(axis=1))


def average_win_rate(games: Games) -> Floats:
    """Return the mean over opponents of (wins + ties / 2) / games against that opponent."""
    wins = games.wins()
    played = wins + wins.T
    rates = np.divide(wins, played, out=np.zeros_like(wins), where=played > 0)
    opponents = (played > 0).sum(axis=1)
    return np.asarray(np.divide(rates.sum(axis=1), opponents, out=np.full(len(wins), np.nan), where=opponents > 0))


def elo(games: Games, k: float = 4.0, start: float = 1000.0) -> Floats:
    """Return sequential Elo in the order of the games: for comparison only, another order gives other numbers.

    K = 4 and 1,000 points are the constants of evalica and FastChat.
    """
    points = [start] * games.models
    columns = zip(
        games.first.tolist(), games.second.tolist(), games.outcome.tolist(), games.weight.tolist(), strict=True
    )
    for first, second, outcome, weight in columns:
        expected = 1 / (1 + 10 ** ((points[second] - points[first]) / 400))
        change = k * weight * (outcome - expected)
        points[first] += change
        points[second] -= change
    return np.array(points)


def _newton(games: Games, extra: Floats, ridge: float) -> Floats:
    """Return (ratings, feature weights) by Newton's method with step halving; the ridge holds the ratings only."""
    count = games.models + extra.shape[1]
    theta = np.zeros(count)
    held = np.concatenate([np.full(games.models, ridge), np.zeros(extra.shape[1])])

    def gap(at: Floats) -> Floats:
        return np.asarray(at[games.first] - at[games.second] + extra @ at[games.models :])

    def objective(at: Floats) -> float:
        z = gap(at)
        return float((games.weight * (np.logaddexp(0, z) - games.outcome * z)).sum() + (held * at**2).sum() / 2)

    current = objective(theta)
    for _ in range(60):
        chance = _logistic(gap(theta))
        score = games.weight * (games.outcome - chance)
        gradient = np.zeros(count)
        np.add.at(gradient, games.first, score)
        np.add.at(gradient, games.second, -score)
        gradient[games.models :] = extra.T @ score
        gradient -= held * theta
        hessian = _gram(games, extra, games.weight * chance * (1 - chance)) + np.diag(held)
        step = np.linalg.lstsq(hessian, gradient, rcond=None)[0]
        step[: games.models] -= step[: games.models].mean()
        for _ in range(30):
            value = objective(theta + step)
            if value <= current + 1e-12 * abs(current):
                break
            step = step / 2
        theta, current = theta + step, value
        if float(np.abs(step).max()) < CLOSE:
            break
    return theta


def _gram(games: Games, extra: Floats, curvature: Floats) -> Floats:
    """Return X' diag(curvature) X of the design (first - second, features) without building X."""
    models, count = games.models, extra.shape[1]
    matrix = np.zeros((models + count, models + count))
    np.add.at(matrix, (games.first, games.first), curvature)
    np.add.at(matrix, (games.second, games.second), curvature)
    np.add.at(matrix, (games.first, games.second), -curvature)
    np.add.at(matrix, (games.second, games.first), -curvature)
    for column in range(count):
        weighted = curvature * extra[:, column]
        cross = np.bincount(games.first, weighted, models) - np.bincount(games.second, weighted, models)
        matrix[models + column, :models] += cross
        matrix[:models, models + column] += cross
    matrix[models:, models:] = extra.T @ (curvature[:, None] * extra)
    return matrix


def _closure(reach: Booleans) -> Booleans:
    while True:
        further = (reach.astype(np.float32) @ reach.astype(np.float32)) > 0
        if bool((further == reach).all()):
            return reach
        reach = further


def _logistic(z: Floats) -> Floats:
    return np.asarray(0.5 * (1 + np.tanh(z / 2)))

"""Our statistics against independent implementations. They are test-only packages: a machine without one skips its tests."""

import math
from typing import Any

import numpy as np
import pytest

from syncode.statistics import agreement, bradley_terry, clusters, correlation, distributions, proportions

RANDOM = np.random.default_rng(7)


def module(name: str) -> Any:
    return pytest.importorskip(name, reason=f"{name} is an oracle that this machine does not have")


def labels(raters: int, units: int, count: int, missing: float = 0.0) -> Any:
    truth = RANDOM.integers(0, count, units)
    noise = RANDOM.integers(0, count, (raters, units))
    said = np.where(RANDOM.random((raters, units)) < 0.6, truth, noise)
    return np.where(RANDOM.random((raters, units)) < missing, -1, said)


@pytest.mark.parametrize("count", [2, 3, 5])
def test_cohen_equals_scikit_learn(count: int) -> None:
    metrics = module("sklearn.metrics")
    first, second = labels(2, 300, count)
    table = agreement.confusion(first, second, count)
    assert table.tolist() == metrics.confusion_matrix(first, second, labels=range(count)).tolist()
    assert agreement.cohen(table) == pytest.approx(metrics.cohen_kappa_score(first, second), abs=1e-12)
    linear = metrics.cohen_kappa_score(first, second, weights="linear")
    assert agreement.cohen(table, linear=True) == pytest.approx(linear, abs=1e-12)


@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval"])
@pytest.mark.parametrize("raters", [2, 5])
def test_alpha_equals_krippendorff(level: Any, raters: int) -> None:
    krippendorff = module("krippendorff")
    numbers = labels(raters, 200, 4, missing=0.3)
    counts = agreement.label_counts(numbers, 4)
    theirs = krippendorff.alpha(value_counts=counts.astype(int), level_of_measurement=level)
    assert agreement.krippendorff(counts, level) == pytest.approx(theirs, abs=1e-9)


def test_fleiss_equals_statsmodels() -> None:
    inter_rater = module("statsmodels.stats.inter_rater")
    counts = agreement.label_counts(labels(4, 150, 3), 3)
    assert agreement.fleiss(counts) == pytest.approx(inter_rater.fleiss_kappa(counts), abs=1e-12)


def test_holm_mcnemar_and_wilson_equal_statsmodels() -> None:
    multitest = module("statsmodels.stats.multitest")
    p = RANDOM.random(40) ** 3
    assert proportions.holm(p.tolist()) == pytest.approx(multitest.multipletests(p, method="holm")[1].tolist())
    tables = module("statsmodels.stats.contingency_tables")
    for first, second in ((5, 15), (0, 9), (7, 7), (120, 90)):
        theirs = tables.mcnemar([[3, first], [second, 4]], exact=True).pvalue
        assert proportions.mcnemar(first, second) == pytest.approx(theirs, rel=1e-12)
    shares = module("statsmodels.stats.proportion")
    for hits, n in ((5, 10), (0, 20), (36150, 57077)):
        theirs = shares.proportion_confint(hits, n, method="wilson")
        assert proportions.wilson(hits, n) == pytest.approx(theirs, abs=1e-12)


def test_the_cluster_error_equals_statsmodels() -> None:
    models = module("statsmodels.api")
    question = np.repeat(np.arange(120), 2)
    weight = RANDOM.choice([1.0, 3.0], 240)
    gain = RANDOM.choice([0.0, 0.5, 1.0], 240)
    gains, weights = (clusters.by_cluster(values, question, 120) for values in (gain * weight, weight))
    ours = clusters.cluster_mean(gains, weights)
    fitted = models.WLS(gain, np.ones(240), weights=weight).fit()
    robust = fitted.get_robustcov_results("cluster", groups=question, use_correction=False)
    assert ours.mean == pytest.approx(fitted.params[0])
    assert ours.error == pytest.approx(robust.bse[0] * math.sqrt(120 / 119), rel=1e-9)


def test_rank_correlations_equal_scipy() -> None:
    stats = module("scipy.stats")
    x, y = RANDOM.integers(0, 9, 40).astype(float), RANDOM.random(40)
    assert correlation.spearman(x, y) == pytest.approx(stats.spearmanr(x, y).statistic)
    assert correlation.kendall(x, y) == pytest.approx(stats.kendalltau(x, y).statistic)
    assert correlation.pearson(x, y) == pytest.approx(stats.pearsonr(x, y).statistic)


@pytest.mark.parametrize("degrees", [1, 2, 9, 39, 99, 0.7])
def test_student_equals_scipy(degrees: float) -> None:
    stats = module("scipy.stats")
    for t in (0.01, 0.5, 1.7, 4.0, 30.0):
        assert distributions.student_tail(t, degrees) == pytest.approx(2 * stats.t.sf(t, degrees), rel=1e-9)
    assert distributions.student_quantile(0.95, degrees) == pytest.approx(stats.t.ppf(0.975, degrees), rel=1e-9)


def games(models: int, count: int) -> Any:
    first = RANDOM.integers(0, models, count)
    second = (first + RANDOM.integers(1, models, count)) % models
    outcome = RANDOM.choice([0.0, 0.5, 1.0], count, p=[0.3, 0.2, 0.5])
    return bradley_terry.Games(models, first, second, outcome, np.ones(count))


def test_bradley_terry_equals_evalica() -> None:
    evalica = module("evalica")
    played = games(12, 900)
    winners = {1.0: evalica.Winner.X, 0.0: evalica.Winner.Y, 0.5: evalica.Winner.Draw}
    names = [f"m{number:02d}" for number in range(12)]
    sides = [[names[number] for number in column] for column in (played.first, played.second)]
    theirs = evalica.bradley_terry(*sides, [winners[value] for value in played.outcome], tolerance=1e-12, limit=100000)
    logs = np.log(theirs.scores.reindex(names).to_numpy())
    ours = bradley_terry.ratings(played.wins(), ridge=1e-12)
    assert ours == pytest.approx(logs - logs.mean(), abs=1e-6)


def test_ratings_with_features_and_their_errors_equal_a_logistic_regression() -> None:
    models = module("statsmodels.api")
    played = games(6, 800)
    feature = RANDOM.normal(size=(800, 1))
    question = RANDOM.integers(0, 60, 800)
    design = np.zeros((800, 6))
    design[np.arange(800), played.first] += 1
    design[np.arange(800), played.second] -= 1
    whole = np.column_stack([design[:, 1:], feature])  # model 0 is the zero point
    fitted = models.GLM(played.outcome, whole, family=models.families.Binomial()).fit(
        cov_type="cluster", cov_kwds={"groups": question, "use_correction": False}
    )
    ours = bradley_terry.fit(played, question, feature, ridge=1e-10)
    assert ours.rating[1:] - ours.rating[0] == pytest.approx(fitted.params[:5], abs=1e-6)
    assert ours.gamma[0] == pytest.approx(fitted.params[5], abs=1e-6)
    scale = math.sqrt(60 / 59)
    assert ours.gamma_error[0] == pytest.approx(fitted.bse[5] * scale, rel=1e-5)
    assert ours.difference_errors()[1:, 0] == pytest.approx(fitted.bse[:5] * scale, rel=1e-5)

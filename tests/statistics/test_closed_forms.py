"""Numbers that can be worked out by hand, and the edges where a formula would divide by zero."""

import math

import numpy as np
import pytest

from syncode.statistics import agreement, bradley_terry, clusters, correlation, distributions, proportions
from syncode.statistics.prediction_powered import Labelled, prediction_powered


def test_wilson() -> None:
    assert proportions.wilson(5, 10) == pytest.approx((0.236593, 0.763407), abs=1e-6)
    assert proportions.wilson(0, 20) == pytest.approx((0, 0.161125), abs=1e-6)
    assert proportions.wilson(0, 0) == (0.0, 1.0)


def test_holm_keeps_the_order_of_its_input() -> None:
    assert proportions.holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert proportions.holm([]) == []


def test_mcnemar() -> None:
    assert proportions.mcnemar(5, 15) == pytest.approx(0.041389, abs=1e-6)
    assert proportions.mcnemar(16, 1) == pytest.approx(0.000274658, abs=1e-9)
    assert proportions.mcnemar(0, 0) == 1.0
    assert proportions.mcnemar(6000, 6200) == pytest.approx(0.0714, abs=1e-3)  # large counts stay exact and finite


def test_sample_size() -> None:
    assert proportions.sample_size(0.7, 0.05) == 323


def test_the_quantile_is_normal_from_100_clusters_on_and_infinite_for_one() -> None:
    assert distributions.cluster_quantile(0.95, 100) == pytest.approx(1.959964, abs=1e-6)
    assert distributions.cluster_quantile(0.95, 10) == pytest.approx(2.262157, abs=1e-6)
    assert distributions.cluster_quantile(0.95, 1) == math.inf
    assert distributions.two_sided_normal(1.959963985) == pytest.approx(0.05)
    assert math.isclose(distributions.two_sided_normal(math.inf), 0.0)


def test_two_equal_games_of_a_question_are_one_observation() -> None:
    gain = np.array([2.0, 0.0, 2.0, 0.0])  # two games each, both won or both lost
    once, twice = clusters.cluster_mean(gain / 2, np.ones(4)), clusters.cluster_mean(gain, np.full(4, 2.0))
    assert once.error == pytest.approx(twice.error)
    assert clusters.cluster_mean(np.array([1.0]), np.array([1.0])).clusters == 1
    assert math.isnan(clusters.cluster_mean(np.array([1.0]), np.array([1.0])).error)
    assert math.isnan(clusters.cluster_mean(np.zeros(3), np.zeros(3)).mean)


def test_paired_differences_use_common_questions_only_and_equal_scores_differ_by_nothing() -> None:
    gain = np.array([[1.0, 1.0], [1.0, 1.0], [0.0, 0.0], [1.0, 0.0]])
    weight = np.array([[1.0, 1.0], [1.0, 1.0], [1.0, 1.0], [1.0, 0.0]])
    found = clusters.paired_differences(gain, weight)
    assert found.common[0, 1] == 3
    assert (found.difference[0, 1], found.p[0, 1]) == (0.0, 1.0)
    assert math.isnan(found.difference[0, 0])


@pytest.mark.parametrize("weight", [1.0, 3.0, 0.1])
def test_the_same_difference_on_every_question_is_as_sure_as_that_many_throws_of_a_coin(weight: float) -> None:
    gain = np.column_stack([np.full(5, weight), np.zeros(5), np.full(5, weight)])
    found = clusters.paired_differences(gain, np.full((5, 3), weight))
    assert found.p[0, 1] == pytest.approx(2 / 2**5)
    assert found.p[0, 2] == 1.0
    assert found.holm[0, 1] == pytest.approx(3 * 2 / 2**5)


def test_paired_differences_equal_the_mean_of_per_question_differences() -> None:
    random = np.random.default_rng(1)
    gain = random.choice([0.0, 0.5, 1.0], (50, 3))
    found = clusters.paired_differences(gain, np.ones((50, 3)))
    gap = gain[:, 0] - gain[:, 2]
    assert found.difference[0, 2] == pytest.approx(gap.mean())
    assert found.error[0, 2] == pytest.approx(gap.std(ddof=1) / math.sqrt(50))


def test_ranks_share_ties_and_put_the_unknown_last() -> None:
    assert clusters.ranks(np.array([0.5, 0.9, 0.5, np.nan])).tolist() == [2, 1, 2, 4]
    assert clusters.rank_upper_bounds(np.array([0.6, 0.1, 0.4]), np.array([0.9, 0.3, 0.7])).tolist() == [1, 3, 1]


def test_a_stratified_draw_keeps_the_size_of_every_stratum() -> None:
    strata = np.array([0, 0, 0, 1, 1])
    counts = clusters.resample(5, 20, 0, strata)
    assert (counts[:, :3].sum(axis=1) == 3).all() and (counts[:, 3:].sum(axis=1) == 2).all()
    assert (clusters.resample(5, 20, 0) == clusters.resample(5, 20, 0)).all()


def test_kappa_is_undefined_where_chance_is_certain_and_ac1_stays_near_one() -> None:
    constant = np.array([[10.0, 0.0], [0.0, 0.0]])
    assert math.isnan(agreement.cohen(constant)) and math.isnan(agreement.gwet(constant))
    skewed = np.array([[90.0, 5.0], [5.0, 0.0]])
    assert agreement.cohen(skewed) < 0
    assert agreement.gwet(skewed) > 0.85


def test_alpha_of_krippendorffs_example() -> None:
    # Rows are raters; the data of "Computing Krippendorff's Alpha-Reliability", -1 for no rating.
    ratings = np.array(
        [
            [0, 1, 2, 2, 1, 0, 3, 0, 1, -1, -1, -1],
            [0, 1, 2, 2, 1, 1, 3, 0, 1, 4, -1, 2],
            [-1, 2, 2, 2, 1, 2, 3, 1, 1, 4, 0, -1],
            [0, 1, 2, 2, 1, 3, 3, 0, 1, 4, 0, -1],
        ]
    )
    counts = agreement.label_counts(ratings, 5)
    assert agreement.krippendorff(counts) == pytest.approx(0.743421, abs=1e-6)
    assert agreement.krippendorff(counts, "ordinal") == pytest.approx(0.815388, abs=1e-6)
    assert agreement.krippendorff(counts, "interval") == pytest.approx(0.849107, abs=1e-6)
    assert math.isnan(agreement.krippendorff(np.array([[3.0, 0.0]])))


def test_fleiss_refuses_an_uneven_number_of_raters() -> None:
    with pytest.raises(ValueError, match="same number"):
        agreement.fleiss(np.array([[2.0, 1.0], [2.0, 0.0]]))


def one_opponent(wins: int, ties: int, losses: int) -> bradley_terry.Games:
    outcome = np.array([1.0] * wins + [0.5] * ties + [0.0] * losses)
    n = len(outcome)
    return bradley_terry.Games(2, np.zeros(n, dtype=np.int64), np.ones(n, dtype=np.int64), outcome, np.ones(n))


def test_with_one_opponent_a_rating_is_the_log_odds_of_the_win_rate() -> None:
    rating = bradley_terry.ratings(one_opponent(60, 10, 30).wins(), ridge=1e-9)
    assert rating[0] - rating[1] == pytest.approx(math.log(0.65 / 0.35), abs=1e-7)


def test_many_tables_at_once_give_what_each_gives_alone() -> None:
    tables = np.stack([one_opponent(60, 10, 30).wins(), one_opponent(10, 0, 90).wins(), one_opponent(5, 0, 0).wins()])
    together = bradley_terry.ratings(tables)
    for table, rating in zip(tables, together, strict=True):
        assert bradley_terry.ratings(table) == pytest.approx(rating, abs=1e-8)


def test_a_model_that_never_lost_is_finite_and_found() -> None:
    wins = np.array([[0.0, 5.0, 5.0], [0.0, 0.0, 3.0], [0.0, 2.0, 0.0]])
    assert np.isfinite(bradley_terry.ratings(wins)).all()
    assert bradley_terry.components(wins).tolist() in ([1, 0, 0], [0, 1, 1])
    assert bradley_terry.connected(wins)
    apart = np.array([[0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]], dtype=float)
    assert not bradley_terry.connected(apart)


def test_elo_depends_on_the_order_and_a_rating_does_not() -> None:
    games = one_opponent(3, 0, 3)
    turned = bradley_terry.Games(2, games.first, games.second, games.outcome[::-1], games.weight)
    assert bradley_terry.elo(games)[0] < bradley_terry.elo(turned)[0]
    assert bradley_terry.ratings(games.wins()) == pytest.approx(bradley_terry.ratings(turned.wins()))


def test_correlations_of_constants_are_undefined() -> None:
    assert math.isnan(correlation.spearman(np.ones(4), np.arange(4.0)))
    assert math.isnan(correlation.kendall(np.ones(4), np.arange(4.0)))
    low, high = correlation.shifted_interval(0.9, np.array([0.6, 0.7, 0.8]))
    assert [low, high] == pytest.approx([0.805, 0.995])
    assert math.isnan(correlation.shifted_interval(math.nan, np.array([0.1, 0.2]))[0])


def test_a_judge_without_knowledge_is_not_trusted_and_a_perfect_one_fully() -> None:
    random = np.random.default_rng(3)
    human = random.integers(0, 2, 200).astype(float)
    useless = Labelled(human, np.full(200, 0.5), np.full(800, 0.5))
    assert prediction_powered(useless).power == 0.0
    assert prediction_powered(useless).error == pytest.approx(human.std(ddof=1) / math.sqrt(200))
    perfect = Labelled(human, human, random.integers(0, 2, 800).astype(float))
    assert prediction_powered(perfect).power == pytest.approx(0.8, abs=0.05)  # 1 / (1 + n/N)
    assert prediction_powered(perfect).error < prediction_powered(perfect, 0.0).error


@pytest.mark.parametrize("apart", [False, True])
@pytest.mark.parametrize("ridge", [1e-6, 1e-9])
def test_models_with_the_same_results_have_exactly_the_same_rating_in_every_order(apart: bool, ridge: float) -> None:
    random = np.random.default_rng(5)
    for _ in range(20):
        wins = random.integers(1, 9, (7, 7)).astype(np.float64)
        wins[1], wins[:, 1] = wins[0], wins[:, 0]
        wins[0, 1] = wins[1, 0] = 3
        if apart:  # the two never lost against the others: only the ridge holds them
            wins[2:, :2] = 0
        np.fill_diagonal(wins, 0)
        for _ in range(5):
            order = random.permutation(7)
            rating = bradley_terry.ratings(wins[np.ix_(order, order)], ridge)[np.argsort(order)]
            assert rating[0] == rating[1] and len(set(rating.tolist())) == 6
            assert clusters.ranks(rating)[0] == clusters.ranks(rating)[1]


def test_ratings_that_differ_by_more_than_the_solver_errs_stay_apart() -> None:
    wins = np.full((4, 4), 1e6) - np.eye(4) * 1e6
    wins[0, 2] += 1
    assert len(set(bradley_terry.ratings(wins).tolist())) == 3

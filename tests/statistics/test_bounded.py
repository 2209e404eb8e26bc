"""Intervals and tests at the edge: nothing seen to vary is no certainty. Figures by hand, oracles, and coverage by simulation."""

import math

import numpy as np
import pytest

from syncode.statistics import agreement, distributions
from syncode.statistics.arrays import Floats
from syncode.statistics.bounded import (
    effective_size,
    interval_of_error,
    mean_interval,
    paired_difference,
    score_interval,
    sign_p,
)
from syncode.statistics.chance_corrected import interval
from syncode.statistics.clusters import contributions, paired_differences, question_differences
from syncode.statistics.contrasts import detectable, equivalence, interaction_p, questions_needed
from syncode.statistics.prediction_powered import Labelled, labels_needed, prediction_powered

DRAWS = 1500


def test_forty_wins_of_forty_are_no_certainty() -> None:
    low, high = mean_interval(np.ones(40), np.ones(40))
    t = distributions.student_quantile(0.95, 39)
    assert (low, high) == pytest.approx((40 / (40 + t * t), 1.0))
    assert mean_interval(np.zeros(40), np.ones(40)) == pytest.approx((0.0, 1 - low))
    assert all(map(math.isnan, mean_interval(np.ones(1), np.ones(1))))


def test_yes_and_no_questions_have_the_size_that_they_are_and_two_equal_games_count_once() -> None:
    outcome = np.array([1.0] * 30 + [0.0] * 10)
    assert effective_size(outcome, np.ones(40)) == pytest.approx(40)
    assert mean_interval(outcome * 2, np.full(40, 2.0)) == pytest.approx(mean_interval(outcome, np.ones(40)))


def test_partial_outcomes_are_worth_more_questions_and_heavy_ones_fewer() -> None:
    halves = np.array([1.0, 0.5] * 50)
    assert effective_size(halves, np.ones(100)) > 200
    heavy = np.array([3.0] + [1.0] * 19)
    assert effective_size(heavy, heavy) < 20  # the loss that was not seen could have been the heavy one
    assert effective_size(np.ones(20), np.ones(20), heaviest=3.0) < effective_size(np.ones(20), np.ones(20))
    assert effective_size(np.zeros(3), np.zeros(3)) == 0.0


def test_a_single_loss_is_never_less_than_the_exact_limit_allows() -> None:
    low, _ = score_interval(1 / 40, 40, 40)
    assert low == pytest.approx(distributions.beta_quantile(1, 40, 0.065))
    assert low < 0.004409  # Wilson's own limit


def test_the_limits_stay_within_0_and_1_and_turn_with_the_share() -> None:
    for share in (0.0, 0.01, 0.3, 0.5, 0.97, 1.0):
        low, high = score_interval(share, 17.5, 12)
        assert 0 <= low <= share <= high <= 1
        assert score_interval(1 - share, 17.5, 12) == pytest.approx((1 - high, 1 - low))
    assert score_interval(1e-9, 1e9, 40)[0] >= 0  # a quantile below every float ends


@pytest.mark.parametrize("clusters", [5, 8, 20, 40, 100, 250])
def test_the_coverage_of_a_share_is_nowhere_below_93_percent(clusters: int) -> None:
    """Exact, for every share on a grid: the binomial chance of the counts whose interval holds it."""
    limits = np.array([score_interval(hits / clusters, clusters, clusters) for hits in range(clusters + 1)])
    shares = np.concatenate([np.linspace(0.002, 0.1, 50), np.linspace(0.11, 0.5, 40)])
    hits = np.arange(clusters + 1)
    ways = np.array([math.lgamma(clusters + 1) - math.lgamma(n + 1) - math.lgamma(clusters - n + 1) for n in hits])
    chance = np.exp(ways + hits * np.log(shares[:, None]) + (clusters - hits) * np.log(1 - shares[:, None]))
    held = (limits[:, 0] <= shares[:, None]) & (limits[:, 1] >= shares[:, None])
    covered = (chance * held).sum(axis=1)
    assert covered.min() > 0.93
    assert 0.94 < covered[50:].mean() < (0.97 if clusters > 10 else 0.995)


def coverage(limits: Floats, truth: float) -> float:
    return float(((limits[:, 0] <= truth + 1e-12) & (limits[:, 1] >= truth - 1e-12)).mean())


@pytest.mark.parametrize("win", [0.6, 0.95, 0.02])
@pytest.mark.parametrize("questions", [20, 100])
def test_double_games_with_ties_are_covered(win: float, questions: int) -> None:
    random = np.random.default_rng(7)
    ties = 0.3 * min(win, 1 - win)
    decided = (win - ties / 2) / (1 - ties)
    draw = random.random((2, DRAWS, questions))
    games = np.where(draw < ties, 0.5, (draw < ties + (1 - ties) * decided).astype(float))
    second = np.where(random.random((DRAWS, questions)) < 0.5, games[0], games[1])
    limits = np.array([mean_interval(gain, np.full(questions, 2.0)) for gain in games[0] + second])
    assert 0.935 < coverage(limits, win) < 0.99


@pytest.mark.parametrize(("ties", "win"), [(0.8, 1.0), (0.9, 0.9), (0.95, 1.0), (0.98, 0.9)])
@pytest.mark.parametrize("questions", [20, 60])
def test_verdicts_that_are_nearly_all_ties_are_covered(questions: int, ties: float, win: float) -> None:
    """Forty ties of forty vary as little as forty wins do, and prove as little."""
    random = np.random.default_rng(17)
    wins, losses = random.multinomial(questions, [(1 - ties) * win, (1 - ties) * (1 - win), ties], DRAWS).T[:2]
    counts, times = np.unique(np.stack([wins, losses], axis=1), axis=0, return_counts=True)
    outcomes = [np.repeat([1.0, 0.0, 0.5], [up, down, questions - up - down]) for up, down in counts]
    limits = np.array([mean_interval(outcome, np.ones(questions)) for outcome in outcomes])
    assert coverage(np.repeat(limits, times, axis=0), (1 - ties) * win + ties / 2) > 0.93


def test_much_better_verdicts_are_covered() -> None:
    random = np.random.default_rng(8)
    won = random.random((DRAWS, 60)) < 0.95
    weight = np.where(random.random(won.shape) < np.where(won, 0.2, 0.8), 3.0, 1.0)
    truth = 0.95 * 1.4 / (0.95 * 1.4 + 0.05 * 2.6)
    limits = np.array([mean_interval(w * g, w, heaviest=3.0) for w, g in zip(weight, won, strict=True)])
    assert 0.935 < coverage(limits, truth) < 0.995


@pytest.mark.parametrize("agree", [0.7, 0.9])
def test_kappa_is_covered_with_forty_units_and_knows_that_40_equal_labels_prove_little(agree: float) -> None:
    random = np.random.default_rng(9)
    both = (agree - 0.5) / 0.5
    joint = both * np.diag([0.5, 0.5]) + (1 - both) * np.full((2, 2), 0.25)
    limits = []
    for cells in random.multinomial(40, joint.ravel(), DRAWS // 3):
        units = np.zeros((40, 2, 2))
        places = np.repeat(np.arange(4), cells)
        units[np.arange(40), places // 2, places % 2] = 1
        limits.append(interval(units, agreement.cohen_disagreement))
    assert 0.925 < coverage(np.array(limits), agreement.cohen(joint)) < 0.985
    equal = np.zeros((40, 2, 2))
    equal[:25, 0, 0], equal[25:, 1, 1] = 1, 1
    low, high = interval(equal, agreement.cohen_disagreement)
    assert (low, high) == pytest.approx((0.8062, 1.0), abs=1e-4)
    assert all(map(math.isnan, interval(equal[:25], agreement.cohen_disagreement)))  # one label only: no kappa


def test_two_units_of_a_question_that_always_agree_are_one() -> None:
    units = np.zeros((30, 2, 2))
    units[:14, 0, 0], units[14:24, 1, 1], units[24:, 0, 1] = 1, 1, 1
    once = interval(units, agreement.cohen_disagreement)
    assert interval(units * 2, agreement.cohen_disagreement) == pytest.approx(once, abs=1e-6)


@pytest.mark.parametrize(("labels", "skill"), [(20, 0.95), (20, 0.0), (60, 0.6)])
def test_a_corrected_win_rate_is_covered(labels: int, skill: float) -> None:
    random = np.random.default_rng(10)
    human = (random.random((DRAWS, labels + 200)) < 0.9).astype(float)
    judge = np.where(random.random(human.shape) < skill, human, random.random(human.shape) < 0.5)
    limits = np.array(
        [
            prediction_powered(Labelled(h[:labels], j[:labels], j[labels:])).interval()
            for h, j in zip(human, judge, strict=True)
        ]
    )
    assert 0.93 < coverage(limits, 0.9) < (1.0 if skill > 0.9 else 0.995)  # an error of the judge that was not seen


@pytest.mark.parametrize(("labels", "right"), [(10, 0.7), (20, 0.9)])
def test_a_judge_that_leans_to_one_side_is_corrected_within_the_limits(labels: int, right: float) -> None:
    random = np.random.default_rng(12)
    human = (random.random((DRAWS, labels + 200)) < 0.5).astype(float)
    judge = np.where(random.random(human.shape) < right, human, 1.0)
    limits = np.array(
        [
            prediction_powered(Labelled(h[:labels], j[:labels], j[labels:])).interval()
            for h, j in zip(human, judge, strict=True)
        ]
    )
    assert coverage(limits, 0.5) > 0.95


def test_twenty_right_labels_do_not_make_the_judge_right_always() -> None:
    ones = np.ones(20)
    low, high = prediction_powered(Labelled(ones, ones, np.ones(500))).interval()
    assert low < 0.86
    assert high == 1.0


def test_the_labels_for_a_width_grow_with_its_inverse_square_and_end_where_all_are_labelled() -> None:
    random = np.random.default_rng(11)
    human = (random.random(60) < 0.7).astype(float)
    data = Labelled(
        human, np.where(random.random(60) < 0.8, human, 1 - human), (random.random(2000) < 0.6).astype(float)
    )
    wide, narrow = labels_needed(data, 0.2), labels_needed(data, 0.1)
    assert wide is not None
    assert narrow is not None
    assert 3 < narrow / wide < 6
    assert labels_needed(data, 0.001) is None
    with pytest.raises(ValueError, match="width"):
        labels_needed(data, 0.0)


def test_one_loss_more_of_forty_is_no_difference_and_forty_are() -> None:
    estimate, low, high, p = paired_difference(np.array([1.0] + [0.0] * 39))
    assert (estimate, p) == (0.025, 0.5)
    assert low < 0 < high
    assert paired_difference(np.zeros(40))[3] == 1.0
    assert paired_difference(np.zeros(40))[1:3] == pytest.approx((-0.0928, 0.0928), abs=1e-4)
    assert paired_difference(np.ones(40))[1:3] == pytest.approx((0.8688, 1.0), abs=1e-4)
    assert paired_difference(np.ones(40))[3] == 2 / 2**40
    assert math.isnan(paired_difference(np.zeros(0))[0])
    assert math.isnan(paired_difference(np.ones(1))[1])


def test_the_p_of_wins_and_losses_is_mcnemars_mid_p() -> None:
    binomial = pytest.importorskip("scipy.stats").binom
    apart = np.array([1.0] * 16 + [-1.0] * 4 + [0.0] * 80)
    assert sign_p(apart) == pytest.approx(2 * binomial.cdf(4, 20, 0.5) - binomial.pmf(4, 20, 0.5))
    assert distributions.fair_coin_mid(5, 15) == pytest.approx(2 * binomial.cdf(5, 20, 0.5) - binomial.pmf(5, 20, 0.5))
    assert sign_p(-apart) == sign_p(apart)


def test_no_difference_is_found_in_one_of_twenty_at_most() -> None:
    random = np.random.default_rng(12)
    hard = random.random((DRAWS, 100))
    other = np.where(random.random(hard.shape) < 0.5, hard, random.random(hard.shape))
    found = np.array([paired_difference(one)[1:] for one in (hard < 0.9).astype(float) - (other < 0.9)])
    assert (found[:, 2] < 0.05).mean() < 0.065
    assert coverage(found, 0.0) > 0.935


def test_the_questions_differences_add_up_to_that_of_the_scores_with_unequal_weights_too() -> None:
    random = np.random.default_rng(13)
    weight = random.choice([0.0, 1.0, 3.0], (50, 2), p=[0.1, 0.6, 0.3])
    gain = weight * random.random((50, 2))
    apart = question_differences(gain, weight, (0, 1))
    found = paired_differences(gain, weight)
    assert apart.mean() == pytest.approx(found.difference[0, 1])
    assert apart.std(ddof=1) / math.sqrt(len(apart)) == pytest.approx(found.error[0, 1])
    equal = random.random((9, 1))
    assert contributions(equal * 2, np.full((9, 1), 2.0)) == pytest.approx(equal)


def test_quantiles_of_beta_equal_scipy() -> None:
    special = pytest.importorskip("scipy.special")
    for a, b, share in ((0.5, 20.0, 0.065), (3.0, 400.0, 0.065), (9.0, 57000.0, 0.1)):
        assert distributions.beta_quantile(a, b, share) == pytest.approx(special.betaincinv(a, b, share), rel=1e-8)


def test_the_interval_of_a_fitted_share_widens_with_its_error_and_knows_no_certainty() -> None:
    narrow, wide = interval_of_error(0.8, 0.03, 100), interval_of_error(0.8, 0.06, 100)
    assert wide[0] < narrow[0] < 0.8 < narrow[1] < wide[1]
    assert interval_of_error(1.0, 0.0, 40)[0] < 0.92
    assert math.isnan(interval_of_error(0.8, math.nan, 40)[0])


def test_an_effect_in_one_class_only_is_an_interaction_and_the_same_effect_in_all_is_none() -> None:
    one, same = [np.zeros(30), np.array([1.0] * 15 + [0.0] * 15)], [np.array([1.0, 0.0] * 15)] * 3
    assert interaction_p(one, rounds=999) < 0.01
    assert interaction_p(same, rounds=999) == 1.0
    assert interaction_p(one[:1]) == interaction_p([np.zeros(5), np.zeros(9)]) == 1.0
    assert interaction_p(one, seed=3, rounds=999) == interaction_p(one, seed=3, rounds=999)
    random = np.random.default_rng(14)
    found = [interaction_p([random.choice([-1.0, 0, 1], n) for n in (8, 40)], seed, 199) for seed in range(300)]
    assert float(np.mean(np.array(found) <= 0.05)) < 0.09


def test_not_worse_and_equivalent_are_read_off_the_90_percent_interval() -> None:
    apart = np.array([1.0, -1.0] * 10 + [0.0] * 380)
    found = equivalence(apart, 0.03)
    assert (found.not_worse, found.equivalent) == (True, True)
    assert (found.low, found.high) == paired_difference(apart, 0.9)[1:3]
    assert not equivalence(apart, 0.01).not_worse
    assert equivalence(apart + 0.1, 0.03).not_worse
    assert not equivalence(apart + 0.1, 0.03).equivalent
    with pytest.raises(ValueError, match="margin"):
        equivalence(apart, 0.0)


def test_the_number_of_questions_has_the_power_that_it_promises() -> None:
    power = pytest.importorskip("statsmodels.stats.power")
    assert questions_needed(0.5, 0.1) == 197
    assert questions_needed(0.5, 0.1) == pytest.approx(
        power.TTestPower().solve_power(0.2, power=0.8, alpha=0.05), abs=3
    )
    assert detectable(0.5, questions_needed(0.5, 0.1)) == pytest.approx(0.1, rel=0.01)
    with pytest.raises(ValueError, match="difference of 0"):
        questions_needed(0.5, 0.0)
    with pytest.raises(ValueError, match="power"):
        detectable(0.5, 10, power=1.0)


def test_labels_drawn_more_often_where_the_judge_says_loss_do_not_move_the_corrected_rate() -> None:
    judge = np.repeat([1.0, 0.0], [300, 100])
    chosen = np.concatenate([np.arange(50), np.arange(300, 350)])  # a sixth of the wins, half of the losses
    rest = np.delete(judge, chosen)
    data = Labelled(judge[chosen], judge[chosen], rest, np.repeat([6.0, 2.0], 50))
    assert prediction_powered(data, 1.0).mean == pytest.approx(0.75)  # people agree with the judge: its mean over all
    random = np.random.default_rng(2)
    held = 0
    for _ in range(200):
        human = (random.random(400) < 0.8).astype(np.float64)
        said = np.where(random.random(400) < 0.7, human, random.random(400) < 0.5)
        parts = [np.flatnonzero(said == label) for label in (0.0, 1.0)]
        drawn = [random.choice(part, 60, replace=False) for part in parts]
        weight = np.repeat([len(part) / 60 for part in parts], 60)
        there = np.concatenate(drawn)
        found = prediction_powered(Labelled(human[there], said[there], np.delete(said, there), weight)).interval()
        held += found[0] <= 0.8 <= found[1]
    assert held >= 0.92 * 200


def test_items_of_one_question_on_both_sides_of_the_labels_count_together() -> None:
    random = np.random.default_rng(4)
    human = np.repeat((random.random(100) < 0.6).astype(np.float64), 3)  # three pairs per question, decided alike
    said = np.where(random.random(300) < 0.8, human, 1 - human)
    first = np.arange(300) % 3 == 0
    question = np.arange(300) // 3
    parts = human[first], said[first], said[~first]
    apart = prediction_powered(Labelled(*parts, None, question[first], question[~first] + 100), 0.7)
    together = prediction_powered(Labelled(*parts, None, question[first], question[~first]), 0.7)
    assert together.mean == apart.mean
    by_question = (human[first] - 0.7 * said[first]) + 0.7 * said[~first].reshape(100, 2).mean(axis=1)
    assert together.error == pytest.approx(by_question.std(ddof=1) / 10)
    assert together.error > apart.error * 1.02
    assert together.size < apart.size


def test_a_rate_whose_few_losses_lie_alike_is_not_surer_than_its_model() -> None:
    narrow, wide = interval_of_error(0.95, 0.01, 100), interval_of_error(0.95, 0.01, 100, most=3.0)
    assert wide[0] < narrow[0] < 0.95 < narrow[1] <= wide[1]

"""A panel is weighed by how well its raters do: better than the majority if they differ, and no worse than its best rater."""

import numpy as np
import pytest

from syncode.statistics.arrays import Floats, Integers
from syncode.statistics.clusters import by_cluster, jackknife
from syncode.statistics.dawid_skene import dawid_skene, leave_one_out
from syncode.statistics.panel_error import influence, vagueness

RANDOM = np.random.default_rng(5)
UNITS = 400
TRUTH = RANDOM.integers(0, 3, UNITS)


def panel(*skill: float) -> "np.ndarray[tuple[int, ...], np.dtype[np.int64]]":
    guesses = RANDOM.integers(0, 3, (len(skill), UNITS))
    return np.where(RANDOM.random(guesses.shape) < np.array(skill)[:, None], TRUTH, guesses)


def test_one_good_rater_outweighs_three_who_guess() -> None:
    ratings = panel(0.95, 0.5, 0.1, 0.1, 0.1)
    found = dawid_skene(ratings, 3)
    votes = np.stack([(ratings == label).sum(axis=0) for label in range(3)])
    assert (found.labels() == TRUTH).mean() > (votes.argmax(axis=0) == TRUTH).mean() + 0.1
    assert found.weight[0] == max(found.weight)
    assert max(found.weight[2:]) < 0.2
    assert found.posterior.sum(axis=1) == pytest.approx(np.ones(UNITS))
    assert found.confusion.sum(axis=2) == pytest.approx(np.ones((5, 3)))


def test_a_rater_who_turns_labels_round_is_turned_back() -> None:
    ratings = panel(0.9, 0.9, 0.9, 0.9)
    turned = np.array([2, 1, 0])[ratings[3]]
    found = dawid_skene(np.stack([*ratings[:3], turned]), 3)
    assert (found.labels() == TRUTH).mean() > 0.95
    assert found.confusion[3, 0].argmax() == 2


def test_missing_labels_are_left_out_and_a_unit_without_any_has_none() -> None:
    ratings = panel(0.9, 0.8, 0.8)
    ratings[0, :50], ratings[:, 0] = -1, -1
    found = dawid_skene(ratings, 3)
    assert found.labels()[0] == -1
    assert np.isnan(found.posterior[0]).all()
    assert (found.labels()[1:] == TRUTH[1:]).mean() > 0.85
    with pytest.raises(ValueError, match="no label"):
        dawid_skene(np.full((2, 4), -1), 3)


def test_a_few_units_cannot_turn_a_panel_round() -> None:
    ratings = np.array([[0, 0, 2, 2], [0, 0, 2, 2], [0, 2, 2, 0]])
    assert dawid_skene(ratings, 3).labels().tolist() == [0, 0, 2, 2]


def test_each_rater_is_held_against_all_others_but_itself() -> None:
    ratings = np.array([[0, 0, 2, 2, -1], [0, 0, 2, 2, 2], [0, 0, 2, 2, 2], [2, 0, 2, 2, 2]])
    found = leave_one_out(ratings, 3).tolist()
    assert found == [[1, 1, 1, 1, -1], [1, 1, 1, 1, 1], [1, 1, 1, 1, 1], [0, 1, 1, 1, 1]]
    assert leave_one_out(np.array([[0, 1], [-1, -1]]), 3).tolist() == [[-1, -1], [-1, -1]]


GAINS = np.array([1.0, 0.5, 0.0])


def contest(questions: int, wins: tuple[float, ...], skill: tuple[float, ...]) -> tuple[Integers, Integers]:
    """Return ratings, and the contestant, of every contestant on every question: a tie is right in a tenth of the cases."""
    random = np.random.default_rng(11)
    group = np.tile(np.arange(len(wins)), questions)
    draw, win = random.random(len(group)), np.array(wins)[group]
    right = np.where(draw < 0.1, 1, np.where(draw < 0.1 + 0.9 * win, 0, 2))
    other = (right + random.integers(1, 3, (len(skill), len(group)))) % 3
    return np.where(random.random(other.shape) < np.array(skill)[:, None], right, other), group


def scores(ratings: Integers, group: Integers) -> Floats:
    gain = dawid_skene(ratings, 3, group).posterior @ GAINS
    return by_cluster(gain, group, 3) / np.bincount(group)


def test_contestants_are_not_drawn_towards_the_mean_of_all() -> None:
    ratings, group = contest(400, (0.95, 0.5, 0.1), (0.8, 0.8, 0.8))
    truth = 0.05 + 0.9 * np.array([0.95, 0.5, 0.1])
    assert scores(ratings, group) == pytest.approx(truth, abs=0.04)
    together = dawid_skene(ratings, 3).posterior @ GAINS
    assert abs(by_cluster(together, group, 3)[0] / 400 - truth[0]) > 0.06


def test_which_side_has_the_first_name_means_nothing() -> None:
    ratings, group = contest(60, (0.9, 0.6, 0.3), (0.9, 0.8, 0.7))
    assert scores(2 - ratings, group) == pytest.approx(1 - scores(ratings, group), abs=1e-6)


def test_a_label_that_no_rater_gave_is_never_right() -> None:
    ratings = np.where(panel(0.8, 0.7, 0.7) == 0, 0, 2)
    found = dawid_skene(ratings, 3)
    assert (found.posterior[:, 1] == 0).all()
    assert found.confusion[:, [0, 2]][:, :, [0, 2]].sum(axis=2) == pytest.approx(np.ones((3, 2)))


def test_the_influence_of_a_question_is_what_the_score_loses_without_it() -> None:
    ratings, group = contest(60, (0.9, 0.6, 0.3), (0.9, 0.8, 0.7))
    found = dawid_skene(ratings, 3, group)
    gain = found.posterior @ GAINS
    slope = found.posterior * (GAINS - gain[:, None])
    mine = [np.where((group == model)[:, None], slope, 0.0) for model in range(3)]
    slopes = np.array([[by_cluster(column, found.cell, len(found.cells.count)) for column in one.T] for one in mine])
    moved = influence(found.cells, slopes.transpose(0, 2, 1))
    whole = scores(ratings, group)
    for question in range(5):
        kept = np.arange(180) // 3 != question
        lost = 59 * (whole - scores(ratings[:, kept], group[kept]))
        own = gain[~kept] - whole
        assert own + moved[:, found.cell[~kept]].sum(axis=1) == pytest.approx(lost, abs=0.04)
        assert np.abs(own - lost).max() > 0.05  # with known weights it would be this


def test_a_panel_that_always_contradicts_itself_knows_nothing() -> None:
    ratings = np.array([[0] * 40, [2] * 40])
    assert vagueness(dawid_skene(ratings, 3).cells, GAINS)[0] > 100
    sure = dawid_skene(np.zeros((3, 40), dtype=np.int64), 3)
    assert vagueness(sure.cells, GAINS)[0] < 1.2


def test_the_weight_of_a_rater_has_the_jackknifes_interval_of_a_mean() -> None:
    values = RANDOM.normal(size=300)
    mean, low, high = jackknife(lambda kept: values[kept].mean(keepdims=True), np.arange(300))
    assert mean == pytest.approx(values.mean())
    assert (high - low)[0] == pytest.approx(2 * 2.045 * values.std() / 300**0.5, rel=0.35)
    assert np.isnan(jackknife(lambda kept: values[kept].mean(keepdims=True), np.zeros(300, dtype=np.int64))[1]).all()

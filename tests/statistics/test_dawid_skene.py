"""A panel is weighed by how well its raters do: better than the majority if they differ, and no worse than its best rater."""

import numpy as np
import pytest

from syncode.statistics.dawid_skene import dawid_skene, leave_one_out

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

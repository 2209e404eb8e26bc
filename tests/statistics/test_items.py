"""Items: what discriminates, and a subset whose size is chosen by models that did not choose it."""

import numpy as np
import pytest

from syncode.statistics.items import cronbach, discrimination, greedy_order, smallest_subset


def scores(questions: int = 120, models: int = 20, seed: int = 0) -> np.ndarray:
    """Return results of a two-parameter logistic model; the first ten questions are pure chance, the next two are dead."""
    generator = np.random.default_rng(seed)
    chance = 1 / (1 + np.exp(-2 * (generator.normal(size=models) - generator.normal(size=(questions, 1)))))
    chance[:10] = 0.5
    made = (generator.random((questions, models)) < chance).astype(float)
    made[10:12] = 1.0
    return made


def test_discrimination_is_the_item_rest_correlation() -> None:
    made = scores()
    found = discrimination(made)
    rest = (made.sum(axis=0) - made[30]) / (len(made) - 1)
    assert found[30] == pytest.approx(np.corrcoef(made[30], rest)[0, 1], abs=1e-12)
    assert np.isnan(found[10:12]).all()
    assert abs(np.mean(found[:10])) < 0.2 < np.nanmean(found[12:])


def test_missing_results_are_left_out_of_both_sides() -> None:
    made = scores()
    made[30, 3] = np.nan
    made[7, 5] = np.nan
    kept = np.delete(np.arange(20), 3)
    rest = [np.nanmean(np.delete(made[:, model], 30)) for model in kept]
    assert discrimination(made)[30] == pytest.approx(np.corrcoef(made[30, kept], rest)[0, 1], abs=1e-12)


def test_cronbach_of_equal_and_of_unrelated_questions() -> None:
    line = np.arange(12.0) / 12
    assert cronbach(np.tile(line, (5, 1))) == pytest.approx(1.0)
    assert abs(cronbach(np.random.default_rng(0).random((60, 400)))) < 0.3


def test_the_greedy_order_takes_dead_questions_last_and_keeps_the_ranking_with_few() -> None:
    made = scores()
    order = greedy_order(made)
    dead = set(np.flatnonzero(np.ptp(made, axis=1) == 0).tolist())
    assert sorted(order) == list(range(len(made))) and set(order[-len(dead) :]) == dead >= {10, 11}


def test_the_size_is_chosen_by_models_that_were_held_out() -> None:
    made = scores()
    found = smallest_subset(made, 0.8, seed=0)
    assert found.reached and found.held_out >= 0.8 and found.tau > found.held_out
    assert len(found.chosen) < len(made) and not {10, 11} & set(found.chosen)
    noise = np.random.default_rng(1).integers(0, 2, (60, 12)).astype(float)
    alone = smallest_subset(noise, 0.9, seed=0)  # chance has a ranking too, but no subset foretells it
    assert len(alone.chosen) > 40
    with pytest.raises(ValueError, match="5 models, 6 are needed"):
        smallest_subset(made[:, :5], 0.9, seed=0)

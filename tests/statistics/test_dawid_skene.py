"""Dawid and Skene: errors of raters are found from their labels alone."""

import numpy as np
import pytest

from syncode.statistics.dawid_skene import dawid_skene


def test_the_accuracy_of_raters_and_the_right_labels_are_found() -> None:
    generator = np.random.default_rng(0)
    truth = generator.choice(3, 3000, p=[0.45, 0.1, 0.45])
    accuracies = (0.9, 0.75, 0.6, 0.4)
    given = np.stack(
        [np.where(generator.random(3000) < each, truth, generator.integers(0, 3, 3000)) for each in accuracies]
    )
    given[1, :200] = -1
    found = dawid_skene(given, 3)
    true_share = [float((line == truth)[line >= 0].mean()) for line in given]
    assert found.accuracy.tolist() == pytest.approx(true_share, abs=0.04)
    votes = (given[:, :, None] == np.arange(3)).sum(axis=0).argmax(axis=1)
    assert (found.chance.argmax(axis=1) == truth).mean() > (votes == truth).mean()
    assert found.prior.tolist() == pytest.approx([0.45, 0.1, 0.45], abs=0.05)


def test_a_unit_without_labels_and_raters_that_always_agree() -> None:
    found = dawid_skene(np.array([[0, 2, -1], [0, 2, -1], [0, 2, -1]]), 3)
    assert found.chance.argmax(axis=1).tolist()[:2] == [0, 2]
    assert np.isfinite(found.chance).all() and found.chance[2].sum() == pytest.approx(1)

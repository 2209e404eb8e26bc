"""Each model against the rest: who may be the best is said with the error that is promised."""

import numpy as np

from syncode.statistics.clusters import paired_differences
from syncode.statistics.contrasts import best_p


def drawn(generator: np.random.Generator, chances: list[float], questions: int) -> tuple[np.ndarray, np.ndarray]:
    found = paired_differences(
        (generator.random((questions, len(chances))) < chances).astype(float), np.ones((questions, len(chances)))
    )
    return best_p(found.difference, found.p)


def test_the_best_model_is_excluded_in_at_most_five_percent_of_the_cases() -> None:
    generator = np.random.default_rng(5)
    for chances in ([0.6, 0.6, 0.6, 0.6, 0.6], [0.7, 0.7, 0.4], [0.95, 0.9]):
        excluded = [bool(drawn(generator, chances, 60)[0][0] <= 0.05) for _ in range(400)]
        assert np.mean(excluded) < 0.065, chances


def test_a_model_that_is_behind_is_excluded_and_the_rival_is_named() -> None:
    p, rival = drawn(np.random.default_rng(1), [0.8, 0.75, 0.4], 120)
    assert p[0] > 0.05 and p[1] > 0.05 and p[2] < 0.001
    assert rival[0] == 1 and rival[1] == 0 and rival[2] in (0, 1)


def test_one_model_alone_and_models_without_a_common_question_may_be_the_best() -> None:
    p, rival = best_p(np.full((1, 1), np.nan), np.ones((1, 1)))
    assert p.tolist() == [1.0] and rival.tolist() == [-1]
    p, rival = best_p(np.full((2, 2), np.nan), np.ones((2, 2)))
    assert p.tolist() == [1.0, 1.0] and rival.tolist() == [-1, -1]

"""AlpacaEval's form with a term for difficulty: it finds the rate at equal lengths, and only with others to learn from."""

import numpy as np
import pytest

from syncode.schemas.records import Row
from syncode.stages.leaderboard.length_control import difficulty_columns
from syncode.verdicts.games import Choice, collect


def verdicts(models: int, questions: int = 500) -> tuple[list[Row], list[float]]:
    """Return games in which longer answers win, and each model's true rate at equal lengths; model 0 writes long answers."""
    generator = np.random.default_rng(3)
    difficulty = generator.normal(0, 1.2, questions)
    rows: list[Row] = []
    truth = []
    for model in range(models):
        gap = generator.normal(250 if model == 0 else 0, 200, questions)
        ability = 0.3 * model - 0.3
        chance = 1 / (1 + np.exp(-(ability + difficulty + 1.5 * np.tanh(gap / gap.std(ddof=1)))))
        truth.append(float((1 / (1 + np.exp(-(ability + difficulty)))).mean()))
        for question in range(questions):
            won = generator.random() < chance[question]
            rows.append(
                {
                    "task_id": f"q{question}",
                    "model_a": f"m{model}",
                    "model_b": "base",
                    "baseline": "base",
                    "protocol": "arena-hard-v2",
                    "label": "A>B" if won else "B>A",
                    "style_a": {"tokens": 600 + float(gap[question])},
                    "style_b": {"tokens": 600.0},
                }
            )
    return rows, truth


def test_the_rate_at_equal_lengths_is_found() -> None:
    rows, truth = verdicts(5)
    games = collect(rows, Choice(baseline="base"))
    columns = dict(zip(games.models.names, difficulty_columns(games), strict=True))
    found = {name: row["lc_difficulty"] for name, row in columns.items()}
    raw = np.mean([row["label"] == "A>B" for row in rows if row["model_a"] == "m0"])
    rates = [found[f"m{model}"] for model in range(5)]
    assert raw - truth[0] > 0.1
    assert rates == pytest.approx(truth, abs=0.05)
    assert found["base"] is None
    limits = [
        (columns[f"m{model}"]["lc_difficulty_low"], columns[f"m{model}"]["lc_difficulty_high"]) for model in range(5)
    ]
    assert sum(low < rate < high for (low, high), rate in zip(limits, truth, strict=True)) >= 4
    width = columns["m1"]["lc_difficulty_high"] - columns["m1"]["lc_difficulty_low"]
    assert 0.06 < width < 0.1  # of 500 questions; a plain share has 0.088


def test_without_others_there_is_no_difficulty() -> None:
    rows, _ = verdicts(2, 40)
    found = difficulty_columns(collect(rows, Choice(baseline="base")))
    assert {value for row in found for value in row.values()} == {None}

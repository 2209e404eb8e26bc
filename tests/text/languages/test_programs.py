"""Whole programs without their file name: the benchmark tasks and the sandbox's samples are named by their text."""

from pathlib import Path

import orjson
import pytest

from syncode.sandbox.samples import SAMPLES
from syncode.text.languages.content import classify

TASKS = Path(__file__).parents[2] / "data" / "benchmarks"
NAMES = {"python": "python", "js": "javascript", "cpp": "cpp", "java": "java", "go": "go", "rust": "rust"}


@pytest.mark.parametrize(("name", "language"), NAMES.items())
def test_benchmark_tasks(name: str, language: str) -> None:
    rows = [orjson.loads(line) for line in (TASKS / f"humaneval_{name}.jsonl").read_bytes().splitlines()]
    assert [classify(row["declaration"] + row["canonical_solution"] + row["test"])[0] for row in rows] == [language] * 2


def test_samples_of_the_sandbox() -> None:
    named = {name: classify(f"{sample.good}\n{sample.tests}")[0] for name, sample in SAMPLES.items()}
    wrong = {name: guess for name, guess in named.items() if guess != name}
    assert len(wrong) <= 2, wrong  # of 20 programs, some of three lines

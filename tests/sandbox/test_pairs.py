"""Tests of an answer in another process, in languages other than Python: a folder of `pairs` for each of them."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from syncode.sandbox import Isolation, Limits, Sandbox

DATA = Path(__file__).parent / "pairs"


@pytest.fixture(scope="module")
def small(isolation: Isolation) -> Iterator[Sandbox]:
    if isolation.backend == "sandlock":
        pytest.skip("sandlock joins no two programs")
    with Sandbox(replace(isolation, limits=Limits(seconds=10))) as opened:
        yield opened


def rows(name: str) -> list[Any]:
    """Return the rows of all languages: `id`, `code`, `tests`; `evidence` of an honest one if it is not "separate"."""
    return [
        pytest.param(file.parent.name, row, id=f"{file.parent.name}-{row['id']}")
        for file in sorted(DATA.glob(f"*/{name}.jsonl"))
        for row in map(json.loads, file.read_text(encoding="utf-8").splitlines())
    ]


@pytest.mark.parametrize(("language", "row"), rows("fakes"))
def test_no_fake_passes(language: str, row: dict[str, str], small: Sandbox) -> None:
    result = small.run(language, row["code"], row["tests"])
    assert result.state not in ("pass", "infra"), result


@pytest.mark.parametrize(("language", "row"), rows("honest"))
def test_honest_answers_pass_and_the_evidence_says_how(language: str, row: dict[str, str], small: Sandbox) -> None:
    result = small.run(language, row["code"], row["tests"])
    assert (result.state, result.evidence) == ("pass", row.get("evidence", "separate")), result

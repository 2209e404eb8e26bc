"""Estimates: what a run would cost, without the run."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from syncode.engines import ModelOptions, Reply, Request
from syncode.engines.pacing.estimate import Estimated
from syncode.errors import ExitCode

Ask = Callable[..., list[Reply]]
Make = Callable[..., Request]
PROGRAM = Path(__file__).with_name("chain_program.py")


@pytest.fixture
def requests(question: Make) -> list[Request]:
    return [question(f"{row:03}" + "x" * 397, record=f"r{row}", k=k) for row in range(11) for k in range(3)]


def numbers(text: str, line: str) -> list[float]:
    found = re.search(rf"^  {line} +(.*)$", text, re.MULTILINE)
    assert found, text
    return [float(number.replace(",", "")) for number in re.findall(r"[\d,]+(?:\.\d+)?", found[1])][:3]


def test_nothing_is_sent_and_requests_and_prompts_are_counted(
    ask_all: Ask, requests: list[Request], serving: Any, tmp_path: Path
) -> None:
    with serving() as (model, server):
        with pytest.raises(Estimated) as caught:
            ask_all(ModelOptions(model=(model,), journal=str(tmp_path / "j.db"), estimate=5), *requests)
        assert server.model.number == 0
    text = str(caught.value)
    assert caught.value.code is ExitCode.OK
    assert numbers(text, "requests") == [3000, 3000, 3000]
    assert numbers(text, "prompt tokens")[0] == pytest.approx(3000 * 430 / 4, rel=0.1)
    assert numbers(text, "reply tokens") == [3000 * 512, 0, 3000 * 1024]
    assert "not sent is not counted" in text


def test_answers_make_it_exact(ask_all: Ask, requests: list[Request], tmp_path: Path) -> None:
    prices = tmp_path / "prices.toml"
    prices.write_text("[mock]\ninput = 1\noutput = 2\n")
    options = {"model": ("mock",), "journal": str(tmp_path / "j.db"), "prices": str(prices)}
    with pytest.raises(Estimated) as caught:
        ask_all(ModelOptions(**options, estimate=10, estimate_calls=99), *requests)  # type: ignore[arg-type]
    text = str(caught.value)
    assert numbers(text, "prompt tokens")[0] == 3000 * 100
    assert numbers(text, "reply tokens")[0] == 3000 * 100
    assert numbers(text, "cost")[0] == pytest.approx(0.90, abs=0.01)
    replies = ask_all(ModelOptions(**options), *requests)  # type: ignore[arg-type]
    assert sum(reply.cached for reply in replies) == 30  # what the estimate paid for is not paid again


def test_a_stage_writes_nothing_and_ends_well(tmp_path: Path) -> None:
    rows = "".join(json.dumps({"id": f"r{row}", "text": f"t{row}"}) + "\n" for row in range(30))
    settings = {"model": ["mock"], "journal": str(tmp_path / "j.db"), "estimate": 20, "estimate_calls": 30}
    done = subprocess.run(
        [sys.executable, str(PROGRAM), json.dumps(settings)], input=rows, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")
    assert "20 rows looked at" in done.stderr
    assert numbers(done.stderr, "requests")[0] > 1000  # a chain goes on where the calls allow it

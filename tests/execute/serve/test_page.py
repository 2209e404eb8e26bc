"""The clients in docs/serve.md, as they stand there, against a real server."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.execute.serve.test_server import Served

from syncode.sandbox import Isolation

PAGE = Path(__file__).parents[3] / "docs" / "serve.md"
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TESTS = "assert double(1) == 2"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory, isolation: Isolation) -> Iterator[dict[str, Any]]:
    """What the blocks of the page define, with a server of their own."""
    opened = Served(tmp_path_factory.mktemp("page"))
    names: dict[str, Any] = {}
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("SYNCODE_SERVE_URL", opened.address)
            patch.delenv("SYNCODE_SERVE_TOKEN", raising=False)
            for block in BLOCK.findall(PAGE.read_text(encoding="utf-8")):
                exec(block, names)
        yield names
        names["CLIENT"].close()
    finally:
        opened.stop()


def reply(factor: int) -> str:
    """Return an answer with its program in a block."""
    return f"```python\ndef double(x):\n    return {factor} * x\n```"


def test_the_client_gives_none_for_what_is_not_judged(client: dict[str, Any]) -> None:
    rows = [{"text": reply(2), "tests": TESTS}, {"text": reply(3), "tests": TESTS}, {"text": reply(2)}]
    assert client["execute"](rows) == [1.0, 0.0, None]


def test_masked_rows_have_no_advantage(client: dict[str, Any]) -> None:
    scores = [1.0, 0.0, None, 1.0, None, 1.0, 0.0, 0.0, 0.0, 0.0]
    made = client["masked"](scores, [*"aaaabccccc"])
    assert made[2] == pytest.approx(2 / 3) == pytest.approx(sum(made[:4]) / 4)
    assert made[4] == 0.0
    with pytest.raises(RuntimeError, match="3 of 4"):
        client["masked"]([1.0, None, None, None], [*"aaaa"])


def test_trl(client: dict[str, Any]) -> None:
    said = [[{"role": "assistant", "content": reply(factor)}] for factor in (2, 3)]
    assert client["code_reward"](["p", "p"], said, [TESTS, TESTS], trainer_state=None) == [1.0, 0.0]
    assert client["code_reward"](prompts=["p"], completions=[reply(2)], tests=[TESTS]) == [1.0]


def test_verl(client: dict[str, Any]) -> None:
    infos = [{"index": 0}, {"index": 0}]
    assert client["compute_score"](["x", "x"], [reply(2), reply(3)], [TESTS, TESTS], infos) == [1.0, 0.0]

"""The numbers behind the summary line."""

import json
from pathlib import Path
from typing import Any

import pytest

from syncode.cli import run
from syncode.engines import Use, Uses


def test_requests_tokens_and_cost_are_counted_by_how_they_were_answered() -> None:
    use = Use()
    assert use.line() == ""
    use.spend({"prompt_tokens": 1000, "completion_tokens": 2}, 0.25)
    use.add(cached=False)
    use.add(cached=True)
    use.fail()
    assert (
        use.line()
        == "requests: 1 answered from the journal, 2 asked (1 of them failed); 1,000 tokens in, 2 out, 0.2500 USD"
    )
    both = Uses([use, Use(answered=1, asked=1)]).as_row()["requests"]
    assert (both["answered_from_journal"], both["asked"], both["failed"], both["usd"]) == (2, 3, 1, 0.25)


def test_the_summary_holds_them_and_a_second_run_costs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("t.jsonl").write_text('{"id":"t1","messages":[{"role":"user","content":"Write f."}]}\n')
    Path("prices.toml").write_text("[mock]\ninput = 1000000.0\noutput = 1000000.0\n")
    command = [
        "generate",
        "t.jsonl",
        "--model",
        "mock",
        "--prices",
        "prices.toml",
        "-o",
        "a.jsonl",
        "--summary",
        "s.json",
    ]
    assert run(command) == 0
    first = json.loads(Path("s.json").read_text())["requests"]
    assert run(command) == 0
    second = json.loads(Path("s.json").read_text())["requests"]
    assert (first["asked"], first["prompt_tokens"], first["usd"]) == (1, 2, 4.0)
    assert (second["answered_from_journal"], second["asked"], second["usd"]) == (1, 0, None)
    assert "requests: 1 answered from the journal, 0 asked" in capsys.readouterr().err


@pytest.mark.parametrize("output", [["-o", "a.jsonl"], []])
def test_a_run_that_stops_leaves_its_summary_and_no_other_file(
    output: list[str], scripted: Any, chat: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    tasks = [{"id": f"t{row}", "messages": [{"role": "user", "content": f"Write f{row}."}]} for row in range(5)]
    Path("t.jsonl").write_text("".join(json.dumps(task) + "\n" for task in tasks))

    def reply(body: dict[str, Any], number: int) -> tuple[int, dict[str, str], Any]:
        return (200, {}, chat()) if number <= 3 else (402, {}, {"error": {"message": "pay first"}})

    with scripted(reply) as (address, _):
        command = ["generate", "t.jsonl", "--model", f"{address}/v1#m", "--journal", "j.db", "--concurrency", "1"]
        assert run([*command, *output, "--rejects", "r.jsonl", "--summary", "s.json"]) == 4
    summary = json.loads(Path("s.json").read_text())
    assert summary["stopped"] == f"{address}/v1: HTTP 402: pay first"
    assert (summary["requests"]["asked"], summary["requests"]["prompt_tokens"]) == (3, 15)
    assert not Path("a.jsonl").exists() and not Path("r.jsonl").exists()

"""The Batch API: the same rows out, whatever happens to batches and to the runs that wait for them."""

import json
import re
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from syncode.cli import run
from syncode.engines import ModelOptions, Reply, Request, Sampling
from syncode.engines.batch import submit as batch_module
from syncode.engines.batch.lines import read_lines, set_aside
from syncode.engines.batch.size import is_about_size
from syncode.engines.journal.report import uses
from syncode.engines.mock.scenario import BatchBehaviour, Latency, Scenario, Script
from syncode.engines.pacing.budget import Price
from syncode.errors import BudgetReached, EngineError, UsageError

Ask = Callable[..., list[Reply]]
Make = Callable[..., Request]
PROGRAM = Path(__file__).with_name("chain_program.py")
ROWS = 40


def test_a_batch_gives_the_same_replies_as_single_calls(
    ask_all: Ask, question: Make, serving: Any, tmp_path: Path
) -> None:
    requests = [question(f"q{row}", record=f"r{row}") for row in range(ROWS)]
    with serving() as (model, server):
        live = ask_all(ModelOptions(model=(model,), journal=str(tmp_path / "live.db")), *requests)
        batched = ask_all(ModelOptions(model=(model,), journal=str(tmp_path / "batch.db"), batch=True), *requests)
        assert server.model.number == ROWS
        assert len(server.batches.batches) == 1
    assert batched == live


def test_what_a_batch_leaves_out_goes_into_the_next_one(
    ask_all: Ask, question: Make, serving: Any, tmp_path: Path
) -> None:
    with serving(Scenario(batch=BatchBehaviour(answered=0.6))) as (model, server):
        options = ModelOptions(model=(model,), journal=str(tmp_path / "j.db"), batch=True)
        replies = ask_all(options, *[question(f"q{row}", record=f"r{row}") for row in range(ROWS)])
        sizes = [batch.view["request_counts"]["total"] for batch in server.batches.batches.values()]
    assert all(reply.text == f"q{row}" for row, reply in enumerate(replies) if reply.error is None)
    assert sizes[0] == ROWS
    assert 2 <= len(sizes) <= 5
    for batch, following in zip(server.batches.batches.values(), sizes[1:], strict=False):
        assert batch.view["request_counts"]["failed"] == following


def test_a_batch_that_never_answers_fails_its_rows(ask_all: Ask, question: Make, serving: Any, tmp_path: Path) -> None:
    with serving(Scenario(batch=BatchBehaviour(answered=0.0))) as (model, server):
        options = ModelOptions(model=(model,), journal=str(tmp_path / "j.db"), batch=True)
        assert ask_all(options, question("x"))[0].error == "not answered by 5 batches"
        assert len(server.batches.batches) == 5


def test_killed_while_it_waits_the_next_run_collects_the_batch(serving: Any, tmp_path: Path) -> None:
    rows = tmp_path / "rows.jsonl"
    rows.write_text("".join(json.dumps({"id": f"r{row}", "text": f"t{row}"}) + "\n" for row in range(ROWS)))

    def run(model: str, journal: str, *, kill_at: int = 0, **more: Any) -> bytes:
        settings = {"model": [model], "journal": str(tmp_path / journal), **more}
        with rows.open("rb") as source:
            process = subprocess.Popen([sys.executable, str(PROGRAM), json.dumps(settings)], stdin=source, stdout=-1)
        if kill_at:
            while len(server.batches.batches) < kill_at:
                time.sleep(0.02)
            process.kill()
        out, _ = process.communicate(timeout=100)
        assert kill_at or process.returncode == 0
        return out

    with serving() as (model, _):
        live = run(model, "live.db")
    with serving(Scenario(batch=BatchBehaviour(seconds=1.5))) as (model, server):
        for batches in (1, 2, 3):  # killed while it waits for the batch of each of the three calls
            run(model, "batch.db", batch=True, kill_at=batches)
        assert run(model, "batch.db", batch=True) == live
        assert [len(batch.lines) for batch in server.batches.batches.values()] == [ROWS, ROWS, ROWS]


def test_a_batch_whose_id_was_not_written_down_is_found_at_the_provider(
    ask_all: Ask, question: Make, serving: Any, tmp_path: Path
) -> None:
    requests = [question(f"q{row}", record=f"r{row}") for row in range(ROWS)]
    with serving() as (model, server):
        options = ModelOptions(model=(model,), journal=str(tmp_path / "j.db"), batch=True)
        ask_all(options, *requests)
        (batch,) = server.batches.batches.values()
        connection = sqlite3.connect(tmp_path / "j.db")  # as if killed between submitting and the answer to it
        connection.execute(
            "INSERT INTO batched SELECT key, ?, model, op, version, record, k FROM answers",
            (batch.view["metadata"]["syncode_intent"],),
        )
        connection.execute(
            "INSERT INTO batches VALUES (?, 'dead', ?, NULL, ?)",
            (batch.view["metadata"]["syncode_intent"], model.partition("#")[0], time.time()),
        )
        connection.execute("DELETE FROM answers")
        connection.commit()
        connection.close()
        assert [reply.text for reply in ask_all(options, *requests)] == [f"q{row}" for row in range(ROWS)]
        assert len(server.batches.batches) == 1


def test_an_intent_that_never_reached_the_provider_frees_its_requests(
    ask_all: Ask, question: Make, serving: Any, tmp_path: Path
) -> None:
    with serving() as (model, server):
        options = ModelOptions(model=(model,), journal=str(tmp_path / "j.db"), batch=True)
        key = ask_all(options, question("x"))[0].key
        connection = sqlite3.connect(tmp_path / "j.db")
        connection.execute("INSERT INTO batched SELECT key, 'lost', model, op, version, record, k FROM answers")
        connection.execute("INSERT INTO claims SELECT key, 'batch:lost', model, 1, 9, 9 FROM answers")
        connection.execute(
            "INSERT INTO batches VALUES ('lost', 'dead', ?, NULL, ?)", (model.partition("#")[0], time.time())
        )
        connection.execute("DELETE FROM answers")
        connection.commit()
        connection.close()
        with pytest.raises(EngineError, match="--batch"):  # a live run does not ask what may be in a batch
            ask_all(ModelOptions(model=(model,), journal=options.journal), question("x"))
        reply = ask_all(options, question("x"))[0]
        assert (reply.text, reply.key) == ("x", key)
        assert len(server.batches.batches) == 2


def test_a_batch_reserves_its_budget(ask_all: Ask, question: Make, serving: Any, tmp_path: Path) -> None:
    with serving() as (model, server):
        options = ModelOptions(model=(model,), journal=str(tmp_path / "j.db"), batch=True, budget="10req")
        with pytest.raises(BudgetReached):
            ask_all(options, *[question(f"q{row}") for row in range(20)])
        done = ask_all(
            ModelOptions(model=(model,), journal=options.journal, batch=True),
            *[question(f"q{row}") for row in range(10)],
        )
        assert [reply.text for reply in done] == [f"q{row}" for row in range(10)]
        assert [len(batch.lines) for batch in server.batches.batches.values()] == [10]


def test_what_a_batch_left_of_the_budget_goes_into_the_next_one(
    ask_all: Ask, question: Make, serving: Any, tmp_path: Path
) -> None:
    requests = [question(f"q{row}", sampling=Sampling(max_tokens=100)) for row in range(20)]
    with serving() as (model, server):
        options = ModelOptions(model=(model,), journal=str(tmp_path / "j.db"), batch=True, budget="1ktok")
        assert [reply.error for reply in ask_all(options, *requests)] == [None] * 20
        assert len(server.batches.batches) > 1  # reserved at their longest, the requests did not fit at once


def test_two_runs_wait_for_the_same_batches(
    ask_all: Ask, question: Make, serving: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        batch_module, "_QUIET_SECONDS", 0.05
    )  # the one that harvests submits the rest before the other looks
    requests = [question(f"q{row}", record=f"r{row}") for row in range(ROWS)]
    with serving(Scenario(batch=BatchBehaviour(seconds=0.5, answered=0.7))) as (model, server):
        options = ModelOptions(model=(model,), journal=str(tmp_path / "j.db"), batch=True)
        with ThreadPoolExecutor(2) as runs:
            first, second = (runs.submit(ask_all, options, *requests) for _ in range(2))
            for run in (first, second):
                assert all(reply.text == f"q{row}" for row, reply in enumerate(run.result(100)) if not reply.error)
        harvested = sum(batch.view["request_counts"]["completed"] for batch in server.batches.batches.values())
    assert harvested <= ROWS


def test_a_batch_that_is_at_another_address_is_not_waited_for_here(
    ask_all: Ask, question: Make, serving: Any, tmp_path: Path
) -> None:
    with serving() as (model, _):
        options = ModelOptions(model=(model,), journal=str(tmp_path / "j.db"), batch=True)
        ask_all(options, question("x"))
        with closing(sqlite3.connect(tmp_path / "j.db")) as connection, connection:
            connection.execute("INSERT INTO batched SELECT key, 'there', model, op, version, record, k FROM answers")
            connection.execute("INSERT INTO claims SELECT key, 'batch:there', model, 1, 9, 9 FROM answers")
            connection.execute("INSERT INTO batches VALUES ('there', 'dead', 'http://elsewhere/v1', 'batch_1', 0)")
            connection.execute("DELETE FROM answers")
        with pytest.raises(EngineError, match="submitted to http://elsewhere/v1"):
            ask_all(options, question("x"))


def test_a_batch_that_the_provider_does_not_know_is_named(
    ask_all: Ask, question: Make, serving: Any, tmp_path: Path
) -> None:
    with serving() as (model, server):
        options = ModelOptions(model=(model,), journal=str(tmp_path / "j.db"), batch=True)
        ask_all(options, question("x"))
        with closing(sqlite3.connect(tmp_path / "j.db")) as connection, connection:
            old = ("old", "dead", model.partition("#")[0], "batch_old", 0)
            connection.execute("INSERT INTO batches VALUES (?, ?, ?, ?, ?)", old)
        with pytest.raises(EngineError, match=r"HTTP 404.*has requests in batch batch_old.*--forget batch_old"):
            ask_all(options, question("y"))
        assert len(server.batches.batches) == 1


def test_a_batch_that_is_lost_can_be_forgotten_and_counts_as_spent(
    ask_all: Ask, question: Make, serving: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    journal = str(tmp_path / "j.db")
    with serving() as (model, server):
        options = ModelOptions(model=(model,), journal=journal, batch=True)
        ask_all(options, question("x"))
        with closing(sqlite3.connect(journal)) as connection, connection:
            connection.execute("INSERT INTO batched SELECT key, 'old', model, op, version, record, k FROM answers")
            connection.execute("INSERT INTO claims SELECT key, 'batch:old', model, 1, 70, 9 FROM answers")
            old = ("old", "dead", model.partition("#")[0], "batch_old", 0)
            connection.execute("INSERT INTO batches VALUES (?, ?, ?, ?, ?)", old)
            connection.execute("DELETE FROM answers")
            before = connection.execute("SELECT requests, tokens, nano FROM ledger").fetchone()
        with pytest.raises(EngineError, match="--forget batch_old"):
            ask_all(options, question("x"))
        assert run(["journal", "batches", journal]) == 0
        listed = json.loads(capsys.readouterr().out)
        assert (listed["batch"], listed["requests"], listed["at"][:4]) == ("batch_old", 1, "1970")
        assert run(["journal", "batches", journal, "--forget", "batch_new"]) == 3
        assert "no open batch 'batch_new' (open: batch_old)" in capsys.readouterr().err
        assert run(["journal", "batches", journal, "--forget", "batch_old"]) == 0
        assert json.loads(capsys.readouterr().out) == listed
        assert run(["journal", "batches", journal]) == 0
        assert not capsys.readouterr().out
        with closing(sqlite3.connect(journal)) as connection:
            after = connection.execute("SELECT requests, tokens, nano FROM ledger").fetchone()
            assert [new - was for new, was in zip(after, before, strict=True)] == [1, 70, 9]
            assert not connection.execute("SELECT * FROM claims").fetchall()
        assert ask_all(options, question("x"))[0].text
        assert len(server.batches.batches) == 2


def test_a_key_in_the_output_of_a_batch_is_not_kept(
    ask_all: Ask, question: Make, serving: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNCODE_API_KEY", "sk-planted-7")
    with serving(Scenario(replies=(Script(re.compile(""), ("you are sk-planted-7",)),))) as (model, _):
        options = ModelOptions(model=(model,), journal=str(tmp_path / "j.db"), batch=True)
        assert ask_all(options, question("x"))[0].text == "you are [key]"
    assert all(b"sk-planted-7" not in file.read_bytes() for file in tmp_path.iterdir())


def test_batches_need_a_provider_and_a_journal(ask_all: Ask, question: Make) -> None:
    for options in (
        ModelOptions(model=("mock",), batch=True),
        ModelOptions(model=("http://h/v1#m",), batch=True, no_journal=True),
    ):
        with pytest.raises(UsageError, match="--batch needs"):
            ask_all(options, question("x"))


def test_a_batch_that_is_too_large_for_the_provider_becomes_smaller_ones(
    ask_all: Ask, question: Make, serving: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch_module, "_QUIET_SECONDS", 0.05)
    with serving(Scenario(batch=BatchBehaviour(most=12))) as (model, server):
        options = ModelOptions(model=(model,), journal=str(tmp_path / "j.db"), batch=True)
        replies = ask_all(options, *[question(f"q{row}", record=f"r{row}") for row in range(ROWS)])
        sizes = [batch.view["request_counts"]["total"] for batch in server.batches.batches.values()]
    assert [reply.text for reply in replies] == [f"q{row}" for row in range(ROWS)]
    assert sizes == [40, 20, 10, 10, 10, 10]


def test_lines_that_answer_no_request_are_set_aside(tmp_path: Path) -> None:
    ours, foreign = b"\x01" * 16, b"\x02" * 16

    def line(key: bytes, text: str = "a") -> bytes:
        body = {"choices": [{"message": {"content": text}}]}
        return json.dumps(
            {"custom_id": key.hex(), "response": {"status_code": 200, "body": body}, "error": None}
        ).encode()

    good, strange = (
        line(ours),
        [line(foreign), b'{"custom_id": "00", "resp', b"[]", b'{"custom_id": "request-1"}', line(ours, "b")],
    )
    lines, others = read_lines([b"\xef\xbb\xbf" + b"\r\n".join([good, b"", *strange[:4]]), strange[4]], {ours})
    assert [(each.key, each.status) for each in lines.values()] == [(ours, 200)]
    assert b'"a"' in lines[ours].body
    assert others == strange
    where = set_aside(str(tmp_path / "j.db"), others)
    assert where.read_bytes().splitlines() == strange


@pytest.mark.parametrize(
    ("item", "status"),
    [
        ({"response": None, "error": {"code": "batch_expired", "message": "late"}}, None),
        ({"response": None, "error": {"code": "invalid_request_error", "message": "no"}}, 400),
        ({"response": {"status_code": 429, "body": {"error": {"message": "slow"}}}}, 429),
        ({"response": {"body": {"choices": [{}]}}}, 200),
        ({"response": None, "error": None}, None),
    ],
)
def test_a_line_says_what_became_of_its_request(item: Any, status: int | None) -> None:
    key = b"\x01" * 16
    lines, strange = read_lines([json.dumps({"custom_id": key.hex(), **item}).encode()], {key})
    assert (lines[key].status, strange) == (status, [])


@pytest.mark.parametrize(
    ("reason", "about"),
    [
        ("token_limit_exceeded Enqueued token limit reached for gpt-4o", True),
        ("HTTP 413: Request Entity Too Large", True),
        ("The batch input file is too large", True),
        ("file size exceeds the maximum of 200 MB", True),
        ("This batch exceeds the maximum number of requests", True),
        ("invalid_json_line This line is not parseable as valid JSON.", False),
        ("model_not_found no such model", False),
    ],
)
def test_a_refusal_for_its_size_is_told_from_others(reason: str, about: bool) -> None:
    assert is_about_size(reason) is about


def test_a_part_that_a_batch_refuses_is_left_out_of_the_next_one(
    ask_all: Ask, question: Make, serving: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch_module, "_QUIET_SECONDS", 0.05)
    with serving() as (model, server):
        ended = server.batches._end

        def refuse(batch: Any) -> None:
            if any("temperature" in line["body"] for line in batch.lines):
                error = {"error": {"message": "Unsupported value: 'temperature'", "param": "temperature"}}
                lines = [
                    {"custom_id": line["custom_id"], "response": {"status_code": 400, "body": error}}
                    for line in batch.lines
                ]
                batch.view |= {"status": "completed", "error_file_id": "file-errors"}
                server.batches._files["file-errors"] = b"\n".join(json.dumps(line).encode() for line in lines)
                return
            ended(batch)

        monkeypatch.setattr(server.batches, "_end", refuse)
        options = ModelOptions(model=(model,), journal=str(tmp_path / "j.db"), batch=True)
        replies = ask_all(options, *[question(f"q{row}", record=f"r{row}") for row in range(4)])
    assert [reply.text for reply in replies] == [f"q{row}" for row in range(4)]
    assert len(server.batches.batches) == 2


def test_what_came_by_batch_is_priced_as_a_batch(ask_all: Ask, question: Make, serving: Any, tmp_path: Path) -> None:
    prices = {"mock": Price(1000.0, 1000.0, 1000.0, batch=0.5)}
    with serving(Scenario(latency=Latency("constant", 0.01))) as (model, _):
        live = ModelOptions(model=(model,), journal=str(tmp_path / "live.db"))
        batched = ModelOptions(model=(model,), journal=str(tmp_path / "batch.db"), batch=True)
        ask_all(live, question("x"))
        ask_all(batched, question("x"))
    (one,), (other,) = (list(uses([str(tmp_path / name)], prices)) for name in ("live.db", "batch.db"))
    assert one["usd"] == 2 * other["usd"] > 0

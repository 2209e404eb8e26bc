"""The journal: what is in it after deaths, full disks and several runs at once."""

import asyncio
import multiprocessing
import os
import shlex
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from syncode.engines import ModelOptions, Reply, Request, Sampling
from syncode.engines.journal.journal import Claim, Entry, Journal, Kept
from syncode.engines.journal.report import entries, uses
from syncode.engines.mock.scenario import Fault, Latency, Scenario
from syncode.engines.pacing.budget import Amount, parse_budget
from syncode.engines.replies.completion import read
from syncode.errors import BudgetReached, DataError, EngineError

Ask = Callable[..., list[Reply]]
Make = Callable[..., Request]
HOLD = Amount(1, 100, 1000)
BODY = b'{"choices": [{"message": {"content": "hi"}}], "usage": {"prompt_tokens": 3, "completion_tokens": 2}}'


def entry(number: int) -> Entry:
    return Entry(number.to_bytes(16, "big"), "m", "op", 1, f"r{number}", 0)


async def claim(journal: Journal, number: int, budget: str | None = None) -> Claim:
    return await journal.claim(entry(number), HOLD, parse_budget(budget))


async def settle(journal: Journal, number: int) -> None:
    await journal.settle(entry(number), Kept(BODY, read(BODY).usage, 0.1), Amount(1, 5, 50))


def test_an_answer_is_there_for_the_next_run_and_only_its_real_cost(tmp_path: Path) -> None:
    path = str(tmp_path / "folder" / "j.db")

    async def first() -> None:
        assert await claim(journal, 1) is Claim.GRANTED
        await settle(journal, 1)

    journal = Journal(path)
    asyncio.run(first())
    journal.close()
    journal = Journal(path)
    assert journal.answer(entry(1).key) == BODY
    assert journal.spent(parse_budget("9tok")) == 5  # type: ignore[arg-type]
    assert asyncio.run(claim(journal, 1)) is Claim.ANSWERED
    journal.close()


def test_two_runs_never_get_the_same_request(tmp_path: Path) -> None:
    one, other = Journal(str(tmp_path / "j.db")), Journal(str(tmp_path / "j.db"))
    assert asyncio.run(claim(one, 1)) is Claim.GRANTED
    assert asyncio.run(claim(other, 1)) is Claim.TAKEN
    asyncio.run(settle(one, 1))
    assert asyncio.run(claim(other, 1)) is Claim.ANSWERED
    one.close()
    other.close()


def test_what_a_killed_run_had_in_the_air_can_be_asked_at_once_and_is_charged_as_reserved(tmp_path: Path) -> None:
    program = (
        "import asyncio, os, sys\n"
        "from syncode.engines.journal.journal import Journal, Entry\n"
        "from syncode.engines.pacing.budget import Amount\n"
        "j = Journal(sys.argv[1])\n"
        "asyncio.run(j.claim(Entry((1).to_bytes(16, 'big'), 'm', 'op', 1, 'r', 0), Amount(1, 100, 1000), None))\n"
        "os.kill(os.getpid(), 9)\n"
    )
    path = tmp_path / "j.db"
    subprocess.run([sys.executable, "-c", program, str(path)], check=False)
    assert list(tmp_path.glob("j.db-run-*"))  # a killed run cleans nothing up
    journal = Journal(str(path))
    assert journal.spent(parse_budget("9tok")) == 100  # type: ignore[arg-type]
    assert asyncio.run(claim(journal, 1)) is Claim.GRANTED
    journal.close()
    assert sorted(file.name for file in tmp_path.glob("j.db-run-*")) == []


def test_a_run_that_ends_charges_what_was_sent_and_never_answered(tmp_path: Path) -> None:
    path = str(tmp_path / "j.db")
    journal = Journal(path)
    asyncio.run(claim(journal, 1))
    journal.close()
    journal = Journal(path)
    assert journal.spent(parse_budget("9usd")) == 1000  # type: ignore[arg-type]
    journal.close()


def test_a_budget_is_never_exceeded_and_waits_for_what_may_come_back(tmp_path: Path) -> None:
    journal = Journal(str(tmp_path / "j.db"))

    async def run() -> None:
        assert await claim(journal, 1, "205tok") is Claim.GRANTED
        assert await claim(journal, 2, "205tok") is Claim.GRANTED
        assert await claim(journal, 3, "205tok") is Claim.WAIT
        await settle(journal, 1)  # it cost 5 of its 100
        assert await claim(journal, 3, "205tok") is Claim.GRANTED
        await settle(journal, 2)
        await settle(journal, 3)
        assert await claim(journal, 4, "114tok") is Claim.SPENT

    asyncio.run(run())
    journal.close()


@pytest.mark.parametrize("content", [b"not a database, but long enough to be taken for a file of that kind", None])
def test_a_file_that_is_something_else_is_left_alone(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "j.db"
    if content is None:
        connection = sqlite3.connect(path)
        connection.execute("CREATE TABLE mine (x)")
        connection.close()
    else:
        path.write_bytes(content)
    before = path.read_bytes()
    with pytest.raises(EngineError, match=r"journal .*j\.db: "):
        Journal(str(path))
    assert path.read_bytes() == before


def test_a_journal_of_a_later_version_is_left_alone(tmp_path: Path) -> None:
    Journal(str(tmp_path / "j.db")).close()
    connection = sqlite3.connect(tmp_path / "j.db")
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(EngineError, match="a newer version of syncode made this journal"):
        Journal(str(tmp_path / "j.db"))


def _open_at_once(path: str, gate: Any, told: Any) -> None:
    gate.wait()
    try:
        Journal(path).close()
    except EngineError as error:
        told.put(str(error))
    else:
        told.put(None)


def test_several_runs_may_make_the_journal_at_once(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    told = context.Queue()
    for number in range(30):
        gate = context.Barrier(4)
        path = str(tmp_path / f"{number}.db")
        runs = [context.Process(target=_open_at_once, args=(path, gate, told)) for _ in range(4)]
        for run in runs:
            run.start()
        assert [told.get(timeout=60) for _ in runs] == [None] * 4
        for run in runs:
            run.join()


def test_a_damaged_journal_is_named_in_one_line(ask_all: Ask, question: Make, tmp_path: Path) -> None:
    path = tmp_path / "j.db"
    options = ModelOptions(model=("mock",), journal=str(path))
    ask_all(options, question("x"))
    data = path.read_bytes()
    path.write_bytes(data[:4096] + b"U" * (len(data) - 4096))
    with pytest.raises(EngineError, match=r"malformed; name another with --journal"):
        ask_all(options, question("x"))
    for told in (uses([str(path)], {}), entries([str(path)], raw=False)):
        with pytest.raises(DataError, match="malformed"):
            list(told)


def test_failures_are_asked_again_by_the_next_run_and_alone_with_retry_failed(
    ask_all: Ask, question: Make, serving: Any, tmp_path: Path
) -> None:
    rows = [question(f"q{row}", record=f"r{row}") for row in range(30)]
    with serving(Scenario(faults=(Fault("status", status=400, share=0.3, until=30, message="too many tokens"),))) as (
        model,
        server,
    ):
        options = ModelOptions(model=(model,), journal=str(tmp_path / "j.db"))
        failed = [reply.error is not None for reply in ask_all(options, *rows)]
        assert 0 < sum(failed) < 30
        new = question("never asked", record="new")
        retry = ModelOptions(model=(model,), journal=options.journal, retry_failed=True)
        replies = ask_all(retry, *rows, new)
        assert [reply.error for reply in replies] == [None] * 30 + [
            "not asked: --retry-failed sends only what failed before"
        ]
        assert server.model.number == 30 + sum(failed)
        assert ask_all(options, new)[0].text == "never asked"


def test_a_budget_in_requests_holds_over_runs_and_keeps_what_was_done(
    ask_all: Ask, question: Make, serving: Any, tmp_path: Path
) -> None:
    faults = (Fault("status", status=500, share=0.3, times=1),)
    with serving(Scenario(faults=faults)) as (model, server):
        for budget, reached in (("20req", True), ("30req", True), ("900req", False)):
            options = ModelOptions(model=(model,), journal=str(tmp_path / "j.db"), budget=budget, concurrency=4)
            rows = [question(f"q{row}") for row in range(60)]
            if reached:
                with pytest.raises(BudgetReached, match=f"--budget {budget}"):
                    ask_all(options, *rows)
                assert server.model.number == int(budget[:2])
            else:
                assert all(reply.error is None for reply in ask_all(options, *rows))
        assert server.model.number < 100


@pytest.mark.parametrize(("budget", "most"), [("6ktok", 6000), ("0.009usd", 9_000_000)])
def test_tokens_and_money_stay_within_the_budget(
    ask_all: Ask, question: Make, serving: Any, tmp_path: Path, budget: str, most: int
) -> None:
    prices = tmp_path / "prices.toml"
    prices.write_text("[mock]\ninput = 1\noutput = 2\n")
    faults = (Fault("reset", share=0.2, times=1), Fault("status", status=500, share=0.2, times=1))
    rows = [question("word " * 40 + str(row), sampling=Sampling(max_tokens=100)) for row in range(200)]
    path = str(tmp_path / "j.db")
    with serving(Scenario(faults=faults, latency=Latency("uniform", 0.0, 0.02))) as (model, server):
        options = ModelOptions(model=(model,), journal=path, budget=budget, prices=str(prices), concurrency=4)
        for _ in range(2):
            with pytest.raises(BudgetReached):
                ask_all(options, *rows)
    journal = Journal(path)
    limit = parse_budget(budget)
    assert limit is not None
    assert 0.8 * most < journal.spent(limit) <= most  # what was lost to resets counts as it was reserved
    journal.close()
    assert server.model.number < 200


@pytest.mark.parametrize(("size", "least"), [("10m", 51), ("2m", 0)])
def test_a_full_disk_ends_the_run_with_every_answer_kept(serving: Any, tmp_path: Path, size: str, least: int) -> None:
    """A small tmpfs in a mount namespace of its own: a real full disk, without touching the machine's.

    Where there is no room from the start, nothing is asked.
    """
    namespace = ["unshare", "--map-root-user", "--mount"]
    if (
        shutil.which("unshare") is None
        or subprocess.run([*namespace, "true"], check=False, capture_output=True).returncode
    ):
        pytest.skip("this machine does not allow user namespaces")
    program = Path(__file__).with_name("chain_program.py")
    disk, rows = tmp_path / "disk", tmp_path / "rows.jsonl"
    disk.mkdir()
    rows.write_text("".join(f'{{"id": "r{row}", "text": "{"x" * 20000} {row}"}}\n' for row in range(400)))
    with serving(Scenario(latency=Latency("constant", 0.01))) as (model, server):
        settings = f'{{"model": ["{model}"], "journal": "{disk}/j.db"}}'
        command = shlex.join((sys.executable, str(program)))
        script = (
            f"mount -t tmpfs -o size={size} none {disk} && {{ {command} '{settings}' < {rows} > {tmp_path}/out;"
            f" code=$?; ls {disk} > {tmp_path}/files; cp {disk}/j.db* {tmp_path}; exit $code; }}"
        )
        done = subprocess.run([*namespace, "bash", "-c", script], check=False, capture_output=True, text=True)
        assert done.returncode == 4, done.stderr
        assert "full" in done.stderr or "No space left" in done.stderr
        assert "Traceback" not in done.stderr
        asked = server.model.number
    kept = sqlite3.connect(tmp_path / "j.db").execute("SELECT count(*) FROM answers").fetchone()[0]
    assert kept == asked >= least
    assert least or not asked


def test_a_planted_key_appears_nowhere(
    ask_all: Ask, question: Make, serving: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: Any
) -> None:
    """Servers repeat what they are sent: in answers, in errors, in headers."""
    secret = "sk-planted-0123456789"
    monkeypatch.setenv("SYNCODE_API_KEY", secret)
    options = ModelOptions(model=("",), journal=str(tmp_path / "j.db"))
    seen = []
    faults = (Fault("status", status=400, message=f"bad key {secret}", share=0.5),)
    with serving(Scenario(faults=faults)) as (model, server):
        options = ModelOptions(model=(model,), journal=str(tmp_path / "j.db"))
        seen += ask_all(options, *[question(f"q {row} {secret}") for row in range(20)])
        assert server.authorized == {f"Bearer {secret}"}
    with serving(Scenario(faults=(Fault("status", status=401, message=f"unknown key {secret}"),))) as (model, _):
        with pytest.raises(EngineError) as caught:
            ask_all(ModelOptions(model=(model,), journal=options.journal), question("x"))
        seen.append(caught.value)  # type: ignore[arg-type]
    assert secret not in repr(seen)
    assert secret not in "".join(capfd.readouterr())
    for file in tmp_path.rglob("*"):
        assert secret.encode() not in file.read_bytes(), file


def test_a_disk_that_refuses_to_sync_is_an_error(tmp_path: Path) -> None:
    journal = Journal(str(tmp_path / "j.db"))

    async def run() -> None:
        await claim(journal, 1)
        await settle(journal, 1)
        os.close(journal._group._log)  # type: ignore[arg-type]
        with pytest.raises(EngineError, match="Bad file descriptor"):
            await settle(journal, 2)

    asyncio.run(run())
    journal._group._log = None
    journal.close()

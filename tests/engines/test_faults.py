"""Every fault of the mock, over real sockets and in process: nothing hangs, nothing is lost, each end is the documented one."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from syncode.engines import ModelOptions, Reply, Request
from syncode.engines.mock.scenario import Fault, Latency, Scenario
from syncode.errors import EngineError

Ask = Callable[..., list[Reply]]
Make = Callable[..., Request]
ROWS = 60


@pytest.fixture
def run(ask_all: Ask, question: Make, serving: Any, tmp_path: Path) -> Callable[..., tuple[list[Reply], Any]]:
    """Ask ROWS questions of a mock server with these faults; return the replies and the server."""

    def go(*faults: Fault, rows: int = ROWS, **options: Any) -> tuple[list[Reply], Any]:
        with serving(Scenario(faults=faults)) as (model, server):
            settings = ModelOptions(model=(model,), journal=str(tmp_path / "j.db"), **options)
            return ask_all(settings, *[question(f"q{row}", record=f"r{row}") for row in range(rows)]), server

    return go


RECOVERABLE = [
    Fault("status", status=429, retry_after=0.05, share=0.4, times=2),
    Fault("status", status=500, share=0.4, times=2),
    Fault("status", status=503, retry_after=0.05, share=0.3, times=1),
    Fault("status", status=408, share=0.3, times=1),
    Fault("reset", share=0.4, times=2),
    Fault("truncate", share=0.4, times=2),
    Fault("not_json", share=0.4, times=2),
    Fault("no_choices", share=0.4, times=2),
]


@pytest.mark.parametrize("fault", RECOVERABLE, ids=lambda fault: f"{fault.kind}-{fault.status}")
def test_what_passes_is_asked_again_and_every_row_is_answered(fault: Fault, run: Any) -> None:
    replies, _ = run(fault)
    assert [reply.error for reply in replies if reply.error] == []
    assert [reply.text for reply in replies] == [f"q{row}" for row in range(ROWS)]


@pytest.mark.parametrize("kind", ["hang", "drip"])
def test_a_server_that_stalls_is_asked_again_within_the_deadline(kind: Any, run: Any) -> None:
    begun = time.monotonic()
    replies, _ = run(Fault(kind, share=0.3, times=1), deadline=4.0)
    assert all(reply.error is None for reply in replies)
    assert time.monotonic() - begun < 600


@pytest.mark.parametrize("kind", ["hang", "drip"])
def test_a_server_that_always_stalls_fails_the_row_at_its_deadline(kind: Any, run: Any) -> None:
    begun = time.monotonic()
    replies, _ = run(Fault(kind, share=0.2), deadline=3.0)
    failed = [reply for reply in replies if reply.error]
    assert 0 < len(failed) < ROWS / 2
    assert all(str(reply.error).startswith("no answer within") for reply in failed)
    assert time.monotonic() - begun < 60


def test_a_storm_of_429s_slows_everybody_down_and_passes(run: Any) -> None:
    replies, server = run(Fault("status", status=429, retry_after=0.2, since=10, until=30))
    assert all(reply.error is None for reply in replies)
    assert server.model.number < 2 * ROWS


def test_without_retry_after_the_pause_is_two_seconds(run: Any) -> None:
    begun = time.monotonic()
    replies, _ = run(Fault("status", status=429, since=5, until=6))
    assert all(reply.error is None for reply in replies)
    assert 2.0 <= time.monotonic() - begun < 60


@pytest.mark.parametrize("status", [401, 402, 403, 404])
def test_what_no_request_can_survive_stops_the_run_with_one_line(status: int, run: Any) -> None:
    with pytest.raises(EngineError, match=rf"^http://127.0.0.1:\d+/v1: HTTP {status}: mock fault {status}$"):
        run(Fault("status", status=status, since=20))


def test_a_request_that_the_server_refuses_fails_alone(run: Any) -> None:
    replies, _ = run(Fault("status", status=400, share=0.2, message="context too long"))
    errors = [reply.error for reply in replies if reply.error]
    assert 0 < len(errors) < ROWS / 2
    assert set(errors) == {"HTTP 400: context too long"}


def test_five_attempts_are_all_there_are(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    replies, server = run(Fault("status", status=507, retry_after=0.01), rows=4)
    assert {reply.error for reply in replies} == {"HTTP 507: mock fault 507 (5 attempts)"}
    assert server.model.number == 20


def test_a_server_that_fails_most_requests_stops_the_run(run: Any) -> None:
    with pytest.raises(EngineError, match=r"of the last \d+ requests failed, the last one so: HTTP 400"):
        run(Fault("status", status=400), rows=200)


def test_a_few_failures_at_the_start_stop_nothing(run: Any) -> None:
    replies, _ = run(Fault("status", status=400, until=20, message="too many tokens"), rows=200)
    assert sum(reply.error is not None for reply in replies) == 20


def test_an_exhausted_account_stops_the_run(run: Any) -> None:
    with pytest.raises(EngineError, match="insufficient_quota"):
        run(Fault("status", status=429, message="insufficient_quota: pay first"))


def test_nobody_there_is_said_soon(ask_all: Ask, question: Make, tmp_path: Path) -> None:
    options = ModelOptions(model=("http://127.0.0.1:9/v1#m",), journal=str(tmp_path / "j.db"), deadline=1.0)
    begun = time.monotonic()
    with pytest.raises(EngineError, match=r"http://127\.0\.0\.1:9/v1: .*"):
        ask_all(options, question("x"))
    assert time.monotonic() - begun < 60


def test_of_two_servers_a_dead_one_is_left_out(ask_all: Ask, question: Make, serving: Any, tmp_path: Path) -> None:
    with serving() as (model, server):
        options = ModelOptions(model=("http://127.0.0.1:9/v1#mock", model), journal=str(tmp_path / "j.db"))
        replies = ask_all(options, *[question(f"q{row}") for row in range(ROWS)])
    assert [reply.text for reply in replies] == [f"q{row}" for row in range(ROWS)]
    assert server.model.number == ROWS


def test_two_servers_share_the_load(ask_all: Ask, question: Make, serving: Any, tmp_path: Path) -> None:
    slow = Scenario(latency=Latency("constant", 0.02))
    with serving(slow) as (one, first), serving(slow) as (other, second):
        options = ModelOptions(model=(one, other), journal=str(tmp_path / "j.db"), concurrency=4)
        ask_all(options, *[question(f"q{row}") for row in range(ROWS)])
    assert first.model.number + second.model.number == ROWS
    assert min(first.model.number, second.model.number) > ROWS / 4


def test_a_server_without_response_format_gets_the_schema_in_words(
    run: Any, ask_all: Ask, question: Make, serving: Any, tmp_path: Path
) -> None:
    with serving(Scenario(faults=(Fault("status", status=400, message="unknown field response_format", until=1),))) as (
        model,
        _,
    ):
        options = ModelOptions(model=(model,), journal=str(tmp_path / "j.db"))
        reply = ask_all(options, question("Rate it.", schema={"type": "object"}))[0]
    assert reply.text == "{}"  # the mock reads the schema there


def test_the_same_faults_in_process(ask_all: Ask, question: Make, tmp_path: Path) -> None:
    scenario = tmp_path / "faults.toml"
    scenario.write_text(
        "latency = {kind = 'lognormal', median = 0.002, sigma = 0.5}\n"
        + "".join(
            f"[[fault]]\nkind = '{kind}'\nshare = 0.1\ntimes = 1\nretry_after = 0.05\nstatus = {status}\n"
            for kind, status in [
                ("status", 429),
                ("status", 500),
                ("reset", 0),
                ("truncate", 0),
                ("hang", 0),
                ("drip", 0),
            ]
        )
    )
    options = ModelOptions(model=(f"mock:{scenario}",), journal=str(tmp_path / "j.db"), deadline=2.0)
    replies = ask_all(options, *[question(f"q{row}") for row in range(ROWS)])
    assert [reply.text for reply in replies] == [f"q{row}" for row in range(ROWS)]
    assert replies[0].model.startswith("mock-faults@")

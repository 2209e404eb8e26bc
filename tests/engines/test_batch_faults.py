"""The Batch API of a provider that stumbles: nothing is submitted twice, paid for without a trace, or left in a dead end."""

import asyncio
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest

from syncode.cli import run
from syncode.engines import ModelOptions, Reply, Request
from syncode.engines.batch import provider, submit
from syncode.engines.batch.lines import read_lines
from syncode.engines.batch.view import view, views
from syncode.engines.mock.model import Plan
from syncode.engines.mock.server import HttpRequest, MockServer
from syncode.engines.replies.decode import Unreadable
from syncode.engines.use import Use
from syncode.engines.wire import Response
from syncode.errors import BudgetReached, EngineError

Ask = Callable[..., list[Reply]]
Hook = Callable[[str, int], Plan | None]


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(submit, "_QUIET_SECONDS", 0.05)
    monkeypatch.setattr(provider, "_FIRST_PAUSE", 0.02)


@pytest.fixture
def ask(ask_all: Ask, question: Callable[..., Request]) -> Ask:
    """Ask texts with the options given first."""
    return lambda options, *texts: ask_all(options, *map(question, texts))


def plan(status: int, value: Any = None, *, manner: Any = "whole", **headers: str) -> Plan:
    return Plan(Response(status, b"" if value is None else orjson.dumps(value), headers), manner=manner)


@pytest.fixture
def hooked(serving: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Serve a Batch API; `before` sees each call (`POST /batches`) with its number and may answer it, `after` when it is done."""

    @contextmanager
    def serve(before: Hook | None = None, after: Hook | None = None) -> Iterator[tuple[str, MockServer, list[str]]]:
        with serving() as (model, server):
            calls: list[str] = []
            real = server.plan

            def planned(request: HttpRequest) -> Plan:
                path = request.path.partition("?")[0].removeprefix("/v1")
                call = f"{request.method} {path}"
                calls.append(call)
                number = calls.count(call)
                if before is not None and (answer := before(call, number)) is not None:
                    return answer
                done = real(request)
                return (after(call, number) if after is not None else None) or done

            monkeypatch.setattr(server, "plan", planned)
            yield model, server, calls

    return serve


def brought(server: MockServer, monkeypatch: pytest.MonkeyPatch, line: Callable[[str], Any]) -> None:
    """Let the batches of a server bring `line(question)` as the `response` of each request."""

    def end(batch: Any) -> None:
        name = f"file-of-{batch.view['id']}"
        batch.view |= {"status": "completed", "output_file_id": name}
        lines = [{"custom_id": each["custom_id"], "response": line(_asked(each))} for each in batch.lines]
        server.batches._files[name] = b"\n".join(map(orjson.dumps, lines))

    monkeypatch.setattr(server.batches, "_end", end)


def _asked(line: Any) -> str:
    return str(line["body"]["messages"][-1]["content"])


def options_of(model: str, tmp_path: Path, **more: Any) -> ModelOptions:
    return ModelOptions(model=(model,), journal=str(tmp_path / "j.db"), batch=True, **more)


@pytest.mark.parametrize(
    "answer",
    [plan(502), plan(504), plan(200, {}), plan(200, {"id": "x" * 50}, manner="reset"), plan(200, {"error": "late"})],
    ids=["502", "504", "no batch", "cut", "error"],
)
@pytest.mark.parametrize("times", [1, 99])
def test_a_batch_whose_making_ends_in_uncertainty_is_not_made_twice(
    ask: Ask, hooked: Any, tmp_path: Path, answer: Plan, times: int
) -> None:
    def after(call: str, number: int) -> Plan | None:
        return answer if call == "POST /batches" and number <= times else None

    with hooked(after=after) as (model, server, calls):
        assert ask(options_of(model, tmp_path), "x")[0].text == "x"
        assert len(server.batches.batches) == 1
    assert calls.count("POST /batches") == 1


def test_a_batch_that_was_not_made_is_made_after_a_look(ask: Ask, hooked: Any, tmp_path: Path) -> None:
    def before(call: str, number: int) -> Plan | None:
        return plan(502) if call == "POST /batches" and number == 1 else None

    with hooked(before) as (model, server, calls):
        assert ask(options_of(model, tmp_path), "x")[0].text == "x"
        assert len(server.batches.batches) == 1
    made = [call for call in calls if call.endswith(" /batches")]
    assert made == ["POST /batches", "GET /batches", "POST /batches"]


def test_where_a_batch_cannot_be_looked_for_it_is_not_made_again(ask: Ask, hooked: Any, tmp_path: Path) -> None:
    def before(call: str, number: int) -> Plan | None:
        return {"POST /batches": plan(502), "GET /batches": plan(405, {"error": "no lists here"})}.get(call)

    with hooked(before) as (model, _, calls), pytest.raises(EngineError, match=r"405.*--forget [0-9a-f]{32}"):
        ask(options_of(model, tmp_path), "x")
    assert calls.count("POST /batches") == 1


@pytest.mark.parametrize("answer", [plan(429, {"error": "slow"}, **{"retry-after": "0.02"}), plan(502), plan(200)])
def test_a_provider_may_stumble_while_a_batch_is_waited_for(
    ask: Ask, hooked: Any, tmp_path: Path, answer: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provider, "_LONGEST_PAUSE", 0.02)

    def before(call: str, number: int) -> Plan | None:
        return answer if call.startswith("GET /batches/") and number <= 9 else None

    with hooked(before) as (model, server, _):
        assert ask(options_of(model, tmp_path), "x")[0].text == "x"
        assert len(server.batches.batches) == 1


def test_the_wait_that_a_provider_asks_for_is_kept(
    ask: Ask, hooked: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    sleep = asyncio.sleep

    async def note(seconds: float) -> None:
        slept.append(seconds)
        await sleep(0)

    def before(call: str, number: int) -> Plan | None:
        limited = call.startswith("GET /batches/") and number == 1
        return plan(429, {"error": "slow"}, **{"retry-after": "7"}) if limited else None

    with hooked(before) as (model, _, _):
        monkeypatch.setattr(asyncio, "sleep", note)
        ask(options_of(model, tmp_path), "x")
    assert 7 in slept


def test_a_new_batch_may_not_be_known_everywhere_yet(ask: Ask, hooked: Any, tmp_path: Path) -> None:
    def before(call: str, number: int) -> Plan | None:
        return plan(404, {"error": "no such batch"}) if call.startswith("GET /batches/") and number == 1 else None

    with hooked(before) as (model, _, _):
        assert ask(options_of(model, tmp_path), "x")[0].text == "x"


def test_a_batch_that_stays_unknown_is_given_up(
    ask: Ask, hooked: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provider, "_YOUNG", 0.1)
    monkeypatch.setattr(provider.Provider, "is_young", lambda *_: True)
    missing = plan(404, {"error": "no such batch"})
    serve = hooked(lambda call, _: missing if call.startswith("GET /batches/") else None)
    with serve as (model, _, _), pytest.raises(EngineError, match=r"404: no such batch.*--forget batch_2"):
        ask(options_of(model, tmp_path), "x")


def test_a_file_that_is_gone_says_how_to_go_on(
    ask: Ask, hooked: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def before(call: str, number: int) -> Plan | None:
        return plan(404, {"error": "No such File object"}) if call.endswith("/content") else None

    with hooked(before) as (model, _, _):
        for _ in range(2):
            with pytest.raises(EngineError, match=r"404: No such File.*--forget batch_2"):
                ask(options_of(model, tmp_path), "x")
        assert run(["journal", "batches", str(tmp_path / "j.db"), "--forget", "batch_2"]) == 0
        assert json.loads(capsys.readouterr().out)["batch"] == "batch_2"


def completion(content: str, **more: Any) -> dict[str, Any]:
    return {"model": "mock", "choices": [{"message": {"content": content}, "finish_reason": "stop"}], **more}


USAGE = {"prompt_tokens": 50, "completion_tokens": 100}


def spent(tmp_path: Path) -> tuple[int, int]:
    with closing(sqlite3.connect(tmp_path / "j.db")) as connection:
        (row,) = connection.execute("SELECT requests, tokens FROM ledger").fetchall()
    return row[0], row[1]


def test_empty_answers_are_paid_for_twice_at_most_and_counted(
    ask: Ask, hooked: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[int] = []
    monkeypatch.setattr(Use, "spend", lambda _, usage, usd: counted.append(usage["completion_tokens"]))
    with hooked() as (model, server, _):
        brought(server, monkeypatch, lambda _: {"status_code": 200, "body": completion("", usage=USAGE)})
        (reply,) = ask(options_of(model, tmp_path), "x")
        assert len(server.batches.batches) == 2
    assert reply.error == ("the answer is empty (2 batches); --max-tokens may be too few for a model that thinks first")
    assert spent(tmp_path) == (2, 300)
    assert counted == [100, 100], "the summary says what the ledger says"


def test_a_budget_holds_for_empty_answers_as_well(
    ask: Ask, hooked: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with hooked() as (model, server, _):
        brought(server, monkeypatch, lambda _: {"status_code": 200, "body": completion("", usage=USAGE)})
        with pytest.raises(BudgetReached):
            ask(options_of(model, tmp_path, budget="1req"), "x")
        assert len(server.batches.batches) == 1
    assert spent(tmp_path) == (1, 150)


@pytest.mark.parametrize("body", [completion("fine"), "not JSON"], ids=["answer", "unreadable"])
def test_what_says_nothing_of_its_cost_is_charged_at_what_was_reserved(
    ask: Ask, hooked: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: Any
) -> None:
    with hooked() as (model, server, _):
        brought(server, monkeypatch, lambda _: {"status_code": 200, "body": body})
        ask(options_of(model, tmp_path), "x")
        requests = len(server.batches.batches)
    assert spent(tmp_path)[0] == requests
    assert spent(tmp_path)[1] > 1000 * requests  # --max-tokens is 1024


@pytest.mark.parametrize(
    "case",
    [
        (401, "Incorrect API key provided", True),
        (429, "You exceeded your current quota, please check your plan and billing details.", True),
        (403, "Request blocked.", False),
        (404, "The model `m` does not exist", False),
    ],
)
def test_lines_without_a_key_or_money_stop_the_run_and_fail_no_row(
    ask: Ask, hooked: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, case: tuple[int, str, bool]
) -> None:
    status, error, stops = case
    refusal = {"status_code": status, "body": {"error": {"message": error}}}
    good = {"status_code": 200, "body": completion("fine", usage=USAGE)}
    with hooked() as (model, server, _):
        brought(server, monkeypatch, lambda asked: good if asked == "good" else refusal)
        options = options_of(model, tmp_path)
        with pytest.raises(EngineError, match=error[:20]):
            ask(options, "bad", "worse")
        if stops:
            with pytest.raises(EngineError, match=error[:20]):
                ask(options, "good", "bad")
        else:
            assert [reply.error is None for reply in ask(options, "good", "bad")] == [
                True,
                False,
            ]
        assert ask(options, "good")[0].cached
    with closing(sqlite3.connect(tmp_path / "j.db")) as connection:
        assert len(connection.execute("SELECT * FROM failures").fetchall()) == (0 if stops else 1)
        assert not connection.execute("SELECT * FROM claims").fetchall()


def failed(server: MockServer, monkeypatch: pytest.MonkeyPatch, errors: Any, field: str = "") -> None:
    """Let each batch fail as a whole, or only those whose requests hold a field."""
    real = server.batches._end

    def end(batch: Any) -> None:
        if field and not any(field in line["body"] for line in batch.lines):
            real(batch)
        else:
            batch.view |= {"status": "failed", "errors": errors}

    monkeypatch.setattr(server.batches, "_end", end)


@pytest.mark.parametrize(
    ("errors", "told"),
    [
        ([{"code": "x", "message": "bad file"}], "x bad file"),
        ({"data": ["bad file"]}, "bad file"),
        ("bad file", "bad file"),
        ({"message": "bad file"}, "bad file"),
        (
            {"object": "list", "data": [{"code": "x", "message": "bad"}, {"code": "y", "message": "file"}]},
            "x bad; y file",
        ),
        ([12], "12"),
        (None, "no reason given"),
        ({"data": []}, "no reason given"),
    ],
)
def test_a_batch_that_failed_says_why_in_whatever_form(
    ask: Ask, hooked: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, errors: Any, told: str
) -> None:
    with hooked() as (model, server, _):
        failed(server, monkeypatch, errors)
        with pytest.raises(EngineError, match=f"batch_2 was refused: {told}$"):
            ask(options_of(model, tmp_path), "x")


def test_a_file_that_is_refused_for_a_part_of_its_requests_is_put_without_it(
    ask: Ask, hooked: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = {"code": "invalid", "message": "Unsupported parameter: max_tokens", "param": "max_tokens", "line": 1}
    with hooked() as (model, server, _):
        failed(server, monkeypatch, {"object": "list", "data": [error]}, "max_tokens")
        assert ask(options_of(model, tmp_path), "x")[0].text == "x"
        assert [list(batch.lines[0]["body"]) for batch in server.batches.batches.values()] == [
            ["model", "messages", "temperature", "max_tokens"],
            ["model", "messages", "temperature", "max_completion_tokens"],
        ]


@pytest.mark.parametrize(
    ("status", "end"),
    [
        ("validating", ""), ("in_progress", ""), ("finalizing", ""), ("cancelling", ""), ("QUEUED", ""), ("", ""),
        ("CANCELLATION_REQUESTED", ""), ("completed", "completed"), ("COMPLETED", "completed"), ("ended", "completed"),
        ("JOB_STATE_SUCCEEDED", "completed"), ("Success", "completed"), ("canceled", "cancelled"), ("failed", "failed"),
        ("validation-failed", "failed"), ("error", "failed"), ("TIMEOUT_EXCEEDED", "expired"), ("timed out", "expired"),
    ],
)  # fmt: skip
def test_the_end_of_a_batch_is_read_in_every_spelling(status: str, end: str) -> None:
    assert view({"id": "b", "status": status}).end == end


@pytest.mark.parametrize("value", [[], "text", {}, {"id": 3}, {"error": {"message": "no"}}, None])
def test_what_is_no_batch_is_not_taken_for_one(value: Any) -> None:
    with pytest.raises(Unreadable, match="not a batch"):
        view(value)
    assert views(orjson.dumps({"data": [value, {"id": "b"}], "has_more": 1})) == ([view({"id": "b"})], True)


@pytest.mark.parametrize(
    "response",
    [
        {"status_code": "200", "body": json.dumps(completion("fine"))},
        {"body": json.dumps(completion("fine"))},
        {"status_code": None, "body": completion("fine")},
        completion("fine"),
        {"status_code": 200.0, "body": completion("fine", seed=2**70)},
    ],
)
def test_an_answer_is_read_from_a_line_in_every_form(response: Any) -> None:
    key = b"\x01" * 16
    lines, strange = read_lines([json.dumps({"custom_id": key.hex(), "response": response}).encode()], {key})
    assert (lines[key].status, b"fine" in lines[key].body, strange) == (200, True, [])


def test_of_two_lines_for_one_request_the_answer_counts() -> None:
    key = b"\x01" * 16
    bodies = [(500, {"error": "late"}), (200, completion("fine")), (200, completion("again")), (500, {"error": "late"})]
    raw = [
        orjson.dumps({"custom_id": key.hex(), "response": {"status_code": status, "body": body}})
        for status, body in bodies
    ]
    lines, strange = read_lines([raw[0], b"\n".join(raw[1:])], {key})
    assert b"fine" in lines[key].body
    assert strange == [raw[0], *raw[2:]]

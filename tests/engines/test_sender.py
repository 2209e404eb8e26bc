"""Attempts, pauses and ends, with transports that are plain objects."""

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import orjson
import pytest

from syncode.engines.journal.file import Entry
from syncode.engines.journal.journal import Journal
from syncode.engines.mock.model import answer
from syncode.engines.mock.scenario import Scenario
from syncode.engines.pacing.budget import NANO, Budget, Meter, Price
from syncode.engines.pacing.pace import Pace
from syncode.engines.pacing.pool import Lane, NoServer, Pool
from syncode.engines.request import Op, Request
from syncode.engines.sender import Answered, Question, Sender, Terms
from syncode.engines.wire import Refused, Response
from syncode.errors import EngineError


class Line:
    """A transport whose n-th send does what `act(n)` returns or raises."""

    def __init__(self, act: Callable[[int], Response | Exception]) -> None:
        self.act = act
        self.sent = 0

    async def send(self, body: Mapping[str, Any], seconds: float) -> Response:
        await asyncio.sleep(0)
        result = self.act(self.sent)
        self.sent += 1
        if isinstance(result, Exception):
            raise result
        return result if result.body else Response(200, answer(Scenario(), body, 1))

    async def close(self) -> None: ...


GOOD = Response(200, b"")


def question(number: int) -> Question:
    op = Op("t", 1, "t.v1")
    request = Request(f"r{number}", op, [{"role": "user", "content": f"q{number}"}])
    return Question(request, Entry(number.to_bytes(16, "big"), "m", "t", 1, f"r{number}", 0), None)


def run(path: Path, lines: list[Line], count: int, *, terms: Terms | None = None, places: int = 4) -> list[Any]:
    async def all_of_them() -> list[Any]:
        lanes = [Lane(line, "mock", f"http://{place}", Pace(places, None, None)) for place, line in enumerate(lines)]
        conditions = terms or Terms(30.0, Meter(None), None)
        sender = Sender(Pool(lanes, conditions.deadline), journal, conditions)
        return await asyncio.gather(*(sender.ask(question(number)) for number in range(count)), return_exceptions=True)

    journal = Journal(str(path / "j.db"))
    try:
        return asyncio.run(all_of_them())
    finally:
        journal.close()


def test_a_server_that_goes_away_stops_the_run_after_our_patience(tmp_path: Path) -> None:
    line = Line(lambda number: GOOD if number < 10 else Refused("refused"))
    results = run(tmp_path, [line], 20, terms=Terms(30.0, Meter(None), None, patience=0.0))
    answered = [result for result in results if isinstance(result, Answered) and result.body]
    stopped = [result for result in results if isinstance(result, EngineError)]
    assert len(answered) == 10
    assert stopped
    assert str(stopped[0]) == "http://0: refused"


def test_a_server_that_comes_back_in_time_is_used_again(tmp_path: Path) -> None:
    line = Line(lambda number: Refused("refused") if 5 <= number < 9 else GOOD)
    results = run(tmp_path, [line], 20, terms=Terms(60.0, Meter(None), None, patience=60.0))
    assert all(isinstance(result, Answered) and result.body for result in results)


def test_a_server_that_loads_is_waited_for_beyond_five_attempts(tmp_path: Path) -> None:
    loading = Response(503, b'{"error": {"message": "Loading model"}}', {"retry-after": "0.01"})
    line = Line(lambda number: loading if number < 12 else GOOD)
    (result,) = run(tmp_path, [line], 1)
    assert isinstance(result, Answered)
    assert result.body
    assert line.sent == 13


def test_a_server_that_never_stops_loading_stops_the_run_at_the_deadline(tmp_path: Path) -> None:
    loading = Response(503, b'{"error": {"message": "Loading model"}}', {"retry-after": "0.05"})
    (result,) = run(tmp_path, [Line(lambda number: loading)], 1, terms=Terms(0.5, Meter(None), None))
    assert isinstance(result, EngineError)
    assert str(result) == "http://0: HTTP 503: Loading model"


def test_a_server_that_does_not_listen_yet_is_waited_for(tmp_path: Path) -> None:
    line = Line(lambda number: Refused("refused", starting=True) if number < 4 else GOOD)
    (result,) = run(tmp_path, [line], 1)
    assert isinstance(result, Answered)
    assert result.body


def test_a_host_that_is_not_there_is_not_waited_for(tmp_path: Path) -> None:
    line = Line(lambda number: Refused("no such host"))
    (result,) = run(tmp_path, [line], 1)
    assert isinstance(result, EngineError)
    assert line.sent == 3


def test_an_empty_answer_is_paid_for_twice_and_no_more(tmp_path: Path) -> None:
    empty = b'{"choices": [{"message": {"content": ""}, "finish_reason": "stop"}]}'
    line = Line(lambda number: Response(200, empty))
    (result,) = run(tmp_path, [line], 1)
    assert result.error.startswith("the answer is empty (2 attempts)")
    assert line.sent == 2


def test_a_server_that_is_left_out_is_asked_with_one_attempt_first(tmp_path: Path) -> None:
    pace = Pace(4, None, None)
    lane = Lane(Line(lambda number: GOOD), "m", "http://0", pace, answered=True)
    for _ in range(3):
        lane.refused(100.0)
    assert lane.wait(100.0, 1) == 5.0
    lane.refused(100.0)  # it went out with the others: the rest is no longer for it
    assert lane.wait(104.0, 1) == 1.0
    assert lane.wait(105.0, 1) == 0.0
    pace.admit(105.0, 1)
    assert lane.wait(105.0, 1) is None
    lane.refused(105.5)
    assert lane.wait(105.5, 1) == 10.0
    lane.reached()
    assert lane.wait(105.5, 1) == 0.0


def test_the_least_loaded_server_gets_the_next_attempt_and_a_failed_one_goes_elsewhere(tmp_path: Path) -> None:
    one = Line(lambda number: Response(500, b"{}"))
    other = Line(lambda number: GOOD)
    results = run(tmp_path, [one, other], 8, places=2)
    assert all(isinstance(result, Answered) and result.body for result in results)
    assert other.sent == 8
    assert 1 <= one.sent < 8


def test_a_pause_longer_than_the_deadline_fails_the_request_instead_of_waiting(tmp_path: Path) -> None:
    line = Line(lambda number: Response(429, b"{}", {"retry-after": "900"}))
    (result,) = run(tmp_path, [line], 1, terms=Terms(2.0, Meter(None), None))
    assert result.error in ("HTTP 429: {}", "no server takes requests for another 900 s")
    assert line.sent == 1


def test_nobody_waits_longer_than_its_patience() -> None:
    async def wait() -> None:
        lane = Lane(Line(lambda number: GOOD), "m", "http://0", Pace(1, None, None))
        pool = Pool([lane], patience=1.0)
        got, ticket = await pool.enter(1, None, None)
        pool.failed(got, ticket, crowded=True, pause=60.0)
        with pytest.raises(NoServer):
            await pool.enter(1, None, None)
        assert lane.pace.in_flight == 0

    asyncio.run(wait())


def test_whoever_is_cancelled_while_waiting_gives_its_place_back() -> None:
    async def wait() -> None:
        lane = Lane(Line(lambda number: GOOD), "m", "http://0", Pace(1, None, None))
        pool = Pool([lane], patience=9.0)
        got, ticket = await pool.enter(1, None, None)
        waiting = asyncio.create_task(pool.enter(1, None, None))
        await asyncio.sleep(0)
        pool.succeeded(got, ticket, 1)  # hands the place to the waiting one ...
        waiting.cancel()  # ... which does not want it any more
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert lane.pace.in_flight == 0
        await asyncio.wait_for(pool.enter(1, None, None), 1)

    asyncio.run(wait())


def test_a_gateway_whose_server_starts_is_looked_at_by_one_attempt_after_a_rest(tmp_path: Path) -> None:
    line = Line(lambda number: Response(502, b"{}"))
    results = run(tmp_path, [line], 6, places=6, terms=Terms(0.9, Meter(None), None, start=0.9))
    assert {str(result) for result in results} == {"http://0: HTTP 502: {}"}
    assert line.sent == 6  # a rest of one second is longer than the deadline: no one came back


def test_each_attempt_is_counted_as_the_journal_is_charged(tmp_path: Path) -> None:
    def answered(content: str, usage: object) -> Response:
        choice = {"message": {"content": content}, "finish_reason": "stop"}
        return Response(200, orjson.dumps({"model": "mock", "choices": [choice], "usage": usage}))

    responses = [answered("", {"prompt_tokens": 10, "completion_tokens": 1000}), answered("a", None)]
    terms = Terms(30.0, Meter(Price(1.0, 10.0, 1.0)), None)
    run(tmp_path, [Line(lambda number: responses[number])], 1, terms=terms)
    journal = Journal(str(tmp_path / "j.db"))
    spent = journal.spent(Budget("usd", 0, "")) / NANO
    journal.close()
    assert terms.use.usd == pytest.approx(spent)
    assert spent > 0.01 + 0.01  # the empty answer, and one of up to 1,024 tokens that did not say what it used
    assert (terms.use.prompt_tokens, terms.use.completion_tokens) == (10, 1000)

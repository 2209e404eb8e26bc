"""Sends one request until it is answered or given up: five attempts at most, one deadline, each attempt accounted for."""

import asyncio
import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from syncode.engines.journal.journal import Claim, Entry, Journal
from syncode.engines.journal.key import body_of
from syncode.engines.outcome import Course, Verdict, judge
from syncode.engines.pacing.breaker import Breaker
from syncode.engines.pacing.budget import Amount, Budget, Meter
from syncode.engines.pacing.pace import Ticket
from syncode.engines.pacing.pool import Lane, NoServer, Pool
from syncode.engines.request import Reply, Request
from syncode.engines.wire import Refused, Unreachable
from syncode.errors import EngineError, SyncodeError

ATTEMPTS = 5
_CUT_AT_THE_START = 3  # connections that failed one request where nobody has ever answered (ours)
_FIRST_BACK_OFF, _LONGEST_BACK_OFF = 0.5, 8.0  # seconds between attempts, doubled each time (openai's own figures)
_FIRST_LOOK, _LONGEST_LOOK = 0.05, 0.5  # seconds between looks at what another run is asking (ours)
_SHARE_OF_DEADLINE = 0.5  # that one attempt may use, so that a server that hangs leaves room for another (ours)


@dataclass(frozen=True)
class Question:
    """A request with its journal entry and the seed to send."""

    request: Request
    entry: Entry
    seed: int | None


@dataclass(frozen=True)
class Answered:
    """The end of a request: its raw answer, and the reply in it where that is read already, or what went wrong."""

    body: bytes | None = None
    error: str | None = None
    cached: bool = False
    reply: Reply | None = None


@dataclass(frozen=True)
class Terms:
    """On which conditions requests are sent.

    `deadline`: seconds for one request. `meter`: what it costs. `budget`: what may be spent. `limit_name`: what the server calls
    the token limit. `patience`: seconds for which every server may refuse connections before the run stops.
    """

    deadline: float
    meter: Meter
    budget: Budget | None
    limit_name: str = "max_tokens"
    patience: float = 120.0


@dataclass
class _Call:
    """A request on its way. `until` is the deadline, set when the first attempt goes out; `spent` what the last one cost."""

    question: Question
    until: float | None = None
    attempts: int = 0
    pause: float = 0.0
    spent: Amount | None = None
    avoid: Lane | None = None


@dataclass(frozen=True)
class _Leave:
    """Leave for one attempt: everything is reserved."""

    lane: Lane
    ticket: Ticket
    hold: Amount
    body: Mapping[str, Any]


@dataclass(frozen=True)
class _Attempt:
    """How one attempt went."""

    leave: _Leave
    verdict: Verdict
    spent: Amount
    body: bytes | None = None
    seconds: float = 0.0


class Sender:
    """Everything between a request that the journal cannot answer and its reply. Lives in one event loop."""

    def __init__(self, pool: Pool, journal: Journal, terms: Terms) -> None:
        self.stopped: SyncodeError | None = None
        self._pool = pool
        self._journal = journal
        self._terms = terms
        self._breaker = Breaker()
        self._out = 0
        self._loop = asyncio.get_running_loop()

    async def ask(self, question: Question) -> Answered:
        """Return how the request ended.

        Raises EngineError where the run should stop, BudgetReached where the budget forbids to send it.
        """
        call = _Call(question)
        while True:
            leave = await self._admit(call)
            if isinstance(leave, Answered):
                return leave
            self._out += 1
            try:
                ended = await self._conclude(call, await self._attempt(call, leave))
            finally:
                self._out -= 1
            if ended is not None:
                return ended
            await asyncio.sleep(call.pause)

    def stop(self, error: SyncodeError) -> None:
        """Send nothing more; every request that is not out ends with this error."""
        self.stopped = self.stopped or error
        self._pool.turn_away()

    async def calm(self, seconds: float) -> None:
        """Wait until every attempt that is out has come home and is kept, for so many seconds at most."""
        end = self._loop.time() + seconds
        while self._out and self._loop.time() < end:
            await asyncio.sleep(0.01)

    async def _admit(self, call: _Call) -> _Leave | Answered:
        """Return leave for the next attempt: a place at a server, the claim and the reservation."""
        look = _FIRST_LOOK
        while True:
            if self.stopped is not None:
                await self._stop(call)
            first = self._pool.lanes[0]
            body = self._body(call, first)
            hold = self._terms.meter.reserve(body)
            queued = self._loop.time()
            try:
                lane, ticket = await self._pool.enter(hold.tokens, call.until, call.avoid)
            except NoServer as error:
                if self.stopped is not None:
                    await self._stop(call)
                return await self._give_up(call, Verdict(Course.AGAIN, kind="no server", reason=str(error)))
            try:
                if self.stopped is not None:
                    await self._stop(call)
                spent, call.spent = call.spent, None
                claim = await self._journal.claim(call.question.entry, hold, self._terms.budget, spent)
            except BaseException:
                self._pool.withdraw(lane, ticket)
                raise
            if claim is Claim.GRANTED:
                # Waiting for a place is our own doing: the clock of the request stands still meanwhile.
                now = self._loop.time()
                call.until = now + self._terms.deadline if call.until is None else call.until + now - queued
                return _Leave(lane, ticket, hold, body if lane is first else self._body(call, lane))
            self._pool.withdraw(lane, ticket)
            if claim is Claim.ANSWERED:
                return Answered(self._journal.answer(call.question.entry.key), cached=True)
            self._check_claim(claim)
            await asyncio.sleep(look)
            look = min(_LONGEST_LOOK, look * 2)

    def _check_claim(self, claim: Claim) -> None:
        budget = self._terms.budget
        if claim is Claim.SPENT and budget is not None:
            raise self._journal.budget_reached(budget)
        if claim is Claim.BATCHED:
            raise EngineError(
                f"{self._journal.path}: a request is in a batch that was submitted; collect it with --batch"
            )

    async def _stop(self, call: _Call) -> None:
        """Give up a request because the run stops."""
        assert self.stopped is not None
        if call.attempts:
            await self._journal.release(call.question.entry, call.spent or Amount())
        raise self.stopped

    def _body(self, call: _Call, lane: Lane) -> Mapping[str, Any]:
        question = call.question
        return body_of(
            question.request,
            lane.name,
            question.seed,
            limit_name=self._terms.limit_name,
            structured=lane.structured,
        )

    async def _attempt(self, call: _Call, leave: _Leave) -> _Attempt:
        assert call.until is not None
        lane, begun = leave.lane, self._loop.time()
        seconds = min(call.until - begun, self._terms.deadline * _SHARE_OF_DEADLINE)
        try:
            response = await lane.transport.send(leave.body, seconds)
        except TimeoutError:
            return self._no_response(
                leave, Verdict(Course.AGAIN, kind="timeout", reason=f"no answer within {seconds:.3g} s")
            )
        except Unreachable as error:
            if isinstance(error, Refused):
                lane.refused(self._loop.time())
            verdict = Verdict(Course.AGAIN, kind="connection", reason=str(error), billed=not isinstance(error, Refused))
            return self._no_response(leave, verdict, sent=verdict.billed)
        except BaseException:
            self._pool.failed(lane, leave.ticket, crowded=False, pause=None)
            raise
        lane.reached()
        lane.pace.heed(self._loop.time(), response.headers)
        verdict = judge(response, lane.name, structured=lane.structured and call.question.request.schema is not None)
        if verdict.course is Course.ANSWER and verdict.reply is not None:
            spent = self._terms.meter.spent(verdict.reply.usage, leave.hold)
            self._pool.succeeded(lane, leave.ticket, spent.tokens)
        else:
            spent = leave.hold if verdict.billed else Amount(1)
            crowded = verdict.crowded or (response.status >= 500 and lane.crowded_by_error())
            self._pool.failed(lane, leave.ticket, crowded=crowded, pause=verdict.pause)
        return _Attempt(leave, verdict, spent, response.body, self._loop.time() - begun)

    def _no_response(self, leave: _Leave, verdict: Verdict, *, sent: bool = True) -> _Attempt:
        self._pool.failed(leave.lane, leave.ticket, crowded=False, pause=None)
        return _Attempt(leave, verdict, leave.hold if sent else Amount())

    async def _conclude(self, call: _Call, done: _Attempt) -> Answered | None:
        """Return the end of the request, or None where another attempt should follow."""
        entry, verdict, lane = call.question.entry, done.verdict, done.leave.lane
        if verdict.course is Course.ANSWER:
            assert done.body is not None and verdict.reply is not None
            await self._journal.settle(entry, done.body, verdict.reply, done.spent, done.seconds)
            self._breaker.add()
            return Answered(done.body, reply=verdict.reply)
        call.spent = done.spent
        if verdict.course is Course.NO_SCHEMA:
            lane.structured = False
            call.pause = 0.0
            return None
        call.attempts += 1
        call.avoid = lane
        call.pause = self._pause(call, verdict)
        if verdict.course is Course.RUN_STOPS or self._nobody_there(call, verdict):
            await self._journal.release(entry, done.spent)
            self.stop(EngineError(f"{lane.address}: {verdict.reason}"))
            assert self.stopped is not None
            raise self.stopped
        assert call.until is not None
        late = self._loop.time() + call.pause >= call.until
        if verdict.course is Course.ROW_FAILS or call.attempts >= ATTEMPTS or late:
            return await self._give_up(call, verdict, done.body)
        return None

    def _pause(self, call: _Call, verdict: Verdict) -> float:
        """Return the seconds before the next attempt, spread so that those who failed together do not come back together."""
        if verdict.pause is not None:
            return random.uniform(0, 0.25 * verdict.pause)  # the pool holds everybody back for the pause itself
        back_off: float = min(_LONGEST_BACK_OFF, _FIRST_BACK_OFF * 2 ** max(0, call.attempts - 1))
        return back_off * random.uniform(0.5, 1.0)

    def _nobody_there(self, call: _Call, verdict: Verdict) -> bool:
        """Tell whether no server can be reached: soon where none has ever answered (the address is wrong), else in time."""
        lanes, now = self._pool.lanes, self._loop.time()
        if verdict.kind != "connection":
            return False
        answered = any(lane.answered for lane in lanes)
        patience = self._terms.patience if answered else 0.0
        cut = not answered and call.attempts >= _CUT_AT_THE_START
        return cut or all(lane.gone(now, patience) for lane in lanes)

    async def _give_up(self, call: _Call, verdict: Verdict, body: bytes | None = None) -> Answered:
        """Note that the request failed for good; EngineError where too many of them do."""
        attempts = f" ({call.attempts} attempts)" if call.attempts > 1 else ""
        error = f"{verdict.reason}{attempts}"
        await self._journal.fail(call.question.entry, error, body, call.spent or Amount())
        if self._breaker.add(verdict.kind):
            raise EngineError(self._breaker.text(verdict.kind, error))
        return Answered(error=error)

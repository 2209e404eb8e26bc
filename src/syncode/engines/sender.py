"""Sends one request until it is answered or given up: five attempts at most, one deadline, each attempt accounted for."""

import asyncio
import random
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from syncode.engines.dialect import LIMITS, OPTIONAL, PLAIN, Dialect, body_of, parts_of
from syncode.engines.journal.journal import Claim, Entry, Journal, Kept
from syncode.engines.names import accepted
from syncode.engines.notices import Notices
from syncode.engines.pacing.breaker import Breaker
from syncode.engines.pacing.budget import NANO, Amount, Budget, Meter
from syncode.engines.pacing.pace import PAUSE_SECONDS, Ticket
from syncode.engines.pacing.pool import Lane, NoServer, Pool
from syncode.engines.replies.kinds import gist
from syncode.engines.replies.outcome import Course, Verdict, judge
from syncode.engines.request import Reply, Request
from syncode.engines.use import Use
from syncode.engines.wire import Moved, Refused, Unreachable
from syncode.errors import EngineError, SyncodeError

ATTEMPTS = 5
EMPTY_ANSWERS = 2  # empty answers that are paid for before the row fails (chosen here)
TOO_FEW_TOKENS = "; --max-tokens may be too few for a model that thinks first"  # said of empty answers
CALM_SECONDS = 30.0  # how long a run that must stop waits for answers in the air (chosen here)
# Rows in a row that one server refuses in the same words before it is the run and not the row (chosen here).
_ALIKE = 5
_LONGEST_WAIT = (
    10.0  # seconds between looks at a server that is full or starts and does not say for how long (chosen here)
)
_CUT_AT_THE_START = 3  # connections that failed one request where no one has ever answered (chosen here)
_FIRST_BACK_OFF, _LONGEST_BACK_OFF = 0.5, 8.0  # seconds between attempts, doubled each time (openai's own figures)
_FIRST_LOOK, _LONGEST_LOOK = 0.05, 0.5  # seconds between looks at what another run is asking (chosen here)
_SHARE_OF_DEADLINE = 0.5  # that one attempt may use, so that a server that hangs leaves room for another (chosen here)


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

    `deadline`: seconds for one request. `meter`: what it costs. `budget`: what may be spent. `plain`: how a server of this kind
    is asked before it refuses anything. `extra`: the user's own keys of the body. `accept`: other names under which the model may
    answer. `patience`: seconds for which every server may refuse connections before the run stops; `start`: the same for a server
    that has never answered. `use`: what the requests used is counted there.
    """

    deadline: float
    meter: Meter
    budget: Budget | None
    plain: Dialect = PLAIN
    extra: Mapping[str, Any] = field(default_factory=dict)
    accept: tuple[str, ...] = ()
    patience: float = 120.0
    start: float = 30.0
    notices: Notices = field(default_factory=Notices)
    use: Use = field(default_factory=Use)

    def usd(self, spent: Amount) -> float | None:
        """Return an amount in dollars, None without a price."""
        return None if self.meter.price is None else spent.nano / NANO

    def parts(self, question: Question) -> frozenset[str]:
        """Return the parts of a request that may be left out: what the user set with `--body` stays as it is."""
        fixed = {"limit" if name in LIMITS else name for name in self.extra}
        return parts_of(question.request, question.seed) - fixed


@dataclass
class _Call:
    """A request on its way. `until` is the deadline, set when the first attempt goes out; `spent` what the last one cost."""

    question: Question
    parts: frozenset[str]
    until: float | None = None
    attempts: int = 0
    empties: int = 0
    pause: float = 0.0
    spent: Amount | None = None
    avoid: Lane | None = None
    last: Verdict | None = None


@dataclass(frozen=True)
class _Leave:
    """Leave for one attempt: everything is reserved."""

    lane: Lane
    ticket: Ticket
    hold: Amount
    body: Mapping[str, Any]
    dialect: Dialect


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
        self.out = 0
        self._doubts = 0
        self._loop = asyncio.get_running_loop()

    async def ask(self, question: Question) -> Answered:
        """Return how the request ended.

        Raises EngineError where the run should stop, BudgetReached where the budget forbids to send it.
        """
        call = _Call(question, self._terms.parts(question))
        try:
            while True:
                leave = await self._admit(call)
                if isinstance(leave, Answered):
                    return leave
                self.out += 1
                try:
                    done = await self._attempt(call, leave)
                    self._terms.use.spend(done.verdict.usage, self._terms.usd(done.spent))
                    ended = await self._conclude(call, done)
                finally:
                    self.out -= 1
                if ended is not None:
                    return ended
                await asyncio.sleep(call.pause)
        finally:
            for lane in self._pool.lanes:
                lane.adapter.give_up(call)

    def stop(self, error: SyncodeError) -> None:
        """Send nothing more; every request that is not out ends with this error."""
        self.stopped = self.stopped or error
        self._pool.turn_away()

    async def calm(self, seconds: float) -> None:
        """Wait until every attempt that is out has finished and is kept, for so many seconds at most."""
        end = self._loop.time() + seconds
        while self.out and self._loop.time() < end:
            await asyncio.sleep(0.01)

    async def _admit(self, call: _Call) -> _Leave | Answered:
        """Return leave for the next attempt: a place at a server, the claim and the reservation."""
        look = _FIRST_LOOK
        while True:
            if self.stopped is not None:
                await self._stop(call)
            await self._settled(call)
            first = self._pool.lanes[0]
            dialect = first.adapter.for_request(call)
            body = self._body(call, first, dialect)
            hold = self._terms.meter.reserve(body, call.question.request.sampling.max_tokens)
            queued = self._loop.time()
            try:
                lane, ticket = await self._pool.enter(hold.tokens, call.until, call.avoid)
            except NoServer as error:
                if self.stopped is not None:
                    await self._stop(call)
                if call.last is not None and self._never_there(call.last):
                    await self._journal.release(call.question.entry, call.spent or Amount())
                    await self._halt(EngineError(f"{first.address}: {call.last.reason}"))
                return await self._give_up(call, Verdict(Course.AGAIN, kind="no server", reason=str(error)))
            if lane.adapter.holds_back(call) or self._doubts:  # a trial or a doubt began while it queued for its place
                self._pool.withdraw(lane, ticket)
                continue
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
                if lane is not first or dialect != lane.adapter.for_request(call):
                    dialect = lane.adapter.for_request(call)
                    body = self._body(call, lane, dialect)
                return _Leave(lane, ticket, hold, body, dialect)
            self._pool.withdraw(lane, ticket)
            if claim is Claim.ANSWERED:
                return Answered(self._journal.answer(call.question.entry.key), cached=True)
            self._check_claim(claim)
            await asyncio.sleep(look)
            look = min(_LONGEST_LOOK, look * 2)

    async def _settled(self, call: _Call) -> None:
        """Wait as long as another request finds out how requests are put, or whether the run goes on."""
        while self._doubts and self.stopped is None:
            await asyncio.sleep(0.01)
        for lane in self._pool.lanes:
            await lane.adapter.settled(call)

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

    def _body(self, call: _Call, lane: Lane, dialect: Dialect) -> Mapping[str, Any]:
        return body_of(call.question.request, lane.name, call.question.seed, dialect, self._terms.extra)

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
            billed = not isinstance(error, Refused | Moved)
            starting = isinstance(error, Refused) and error.starting
            course = Course.RUN_STOPS if isinstance(error, Moved) else Course.AGAIN
            verdict = Verdict(course, kind="connection", reason=str(error), billed=billed, starting=starting)
            return self._no_response(leave, verdict, sent=verdict.billed)
        except BaseException:
            self._pool.failed(lane, leave.ticket, crowded=False, pause=None)
            raise
        lane.pace.heed(self._loop.time(), response.headers)
        verdict = judge(response)
        if verdict.starting and self._may_be_starting(lane):
            lane.refused(self._loop.time())
        else:
            lane.reached()
        if verdict.course is Course.ANSWER and verdict.reply is not None:
            spent = self._terms.meter.spent(verdict.reply.usage, leave.hold)
            if self._stranger(lane, verdict.reply):  # before its place is handed on: no more is paid for
                self.stop(another_name(lane.address, lane.name, verdict.reply.model))
            self._pool.succeeded(lane, leave.ticket, spent.tokens)
        else:
            spent = self._terms.meter.spent(verdict.usage, leave.hold) if verdict.billed else Amount(1)
            crowded = verdict.crowded or (response.status >= 500 and lane.crowded_by_error())
            pause = verdict.pause
            if verdict.waits and pause is None:
                pause = min(_LONGEST_WAIT, max(PAUSE_SECONDS, lane.crowded_for(self._loop.time()) / 2))
            self._pool.failed(lane, leave.ticket, crowded=crowded, pause=pause)
        return _Attempt(leave, verdict, spent, response.body, self._loop.time() - begun)

    def _no_response(self, leave: _Leave, verdict: Verdict, *, sent: bool = True) -> _Attempt:
        self._pool.failed(leave.lane, leave.ticket, crowded=False, pause=None)
        return _Attempt(leave, verdict, leave.hold if sent else Amount())

    async def _conclude(self, call: _Call, done: _Attempt) -> Answered | None:
        """Return the end of the request, or None if another attempt should follow."""
        entry, verdict, lane = call.question.entry, done.verdict, done.leave.lane
        if verdict.course is Course.ANSWER:
            return await self._keep(call, done)
        call.spent, call.last = done.spent, verdict
        if lane.adapter.refused(call, done.leave.dialect, call.parts, verdict):
            call.pause = _FIRST_BACK_OFF if verdict.kind == "HTTP 500" else 0.0
            return None
        if verdict.course is Course.RUN_STOPS and verdict.alone and await self._is_the_row(call, lane, verdict):
            verdict = replace(verdict, course=Course.ROW_FAILS)
        if verdict.course is Course.ROW_FAILS:
            self._say_if_changed(lane, lane.adapter.accepted_form(call))
        waits = verdict.waits or (verdict.starting and self._may_be_starting(lane))
        if waits:
            most = self._terms.deadline if verdict.waits else min(self._terms.start, self._terms.deadline)
            told = f"{lane.address}: {verdict.reason}; waiting for it, {most:g} s at most"
            self._terms.notices.once(f"waiting {lane.address}", told)
        call.attempts += not waits
        call.empties += verdict.empty
        call.avoid = lane
        call.pause = self._pause(call, verdict)
        assert call.until is not None
        late = self._loop.time() + call.pause >= call.until
        never = late and self._never_there(verdict)
        if verdict.course is Course.RUN_STOPS or never or self._nobody_there(call, verdict):
            self.stop(EngineError(f"{lane.address}: {verdict.reason}"))  # before who gets its place can send
            await self._journal.release(entry, done.spent)
            assert self.stopped is not None
            raise self.stopped
        given_up = call.attempts >= ATTEMPTS or call.empties >= EMPTY_ANSWERS
        if verdict.course is Course.ROW_FAILS or given_up or late:
            return await self._give_up(call, verdict, done.body)
        return None

    async def _is_the_row(self, call: _Call, lane: Lane, verdict: Verdict) -> bool:
        """Return whether a refusal that could stop the run is about this row: the server has answered others.

        As long as it has answered nothing, what is out decides it; nothing more is sent meanwhile.
        """
        alike = lane.refuses_alike(gist(verdict.reason), call.question.request.record_id)
        until = self._loop.time() + CALM_SECONDS
        self._doubts += 1
        try:
            while not self._has_answered(lane) and self.out > self._doubts and self._loop.time() < until:
                await asyncio.sleep(0.01)
        finally:
            self._doubts -= 1
        return self._has_answered(lane) and alike < _ALIKE

    def _has_answered(self, lane: Lane) -> bool:
        """Return whether this model has answered: here, or in an earlier run whose answers the journal gives."""
        return lane.succeeded or self._terms.use.answered > 0

    async def _keep(self, call: _Call, done: _Attempt) -> Answered:
        """Put an answer into the journal; one under another name is kept as well, but ends the run."""
        verdict, lane, dialect = done.verdict, done.leave.lane, done.leave.dialect
        assert done.body is not None and verdict.reply is not None
        stranger = self._stranger(lane, verdict.reply)
        sent = dialect.changes(call.parts, PLAIN) if dialect != lane.adapter.plain else []
        name = verdict.reply.model if stranger else None
        kept = Kept(done.body, verdict.reply.usage, done.seconds, name, tuple(sent))
        await self._journal.settle(call.question.entry, kept, done.spent)
        self._breaker.add()
        lane.succeeded = True
        self._say_if_changed(lane, lane.adapter.answered(call, dialect, call.parts))
        if stranger:
            await self._halt(another_name(lane.address, lane.name, verdict.reply.model))
        return Answered(done.body, reply=verdict.reply)

    def _stranger(self, lane: Lane, reply: Reply) -> bool:
        """Return whether an answer came under a name that was not asked for and is not accepted."""
        return not accepted(lane.name, reply.model, lane.accept or self._terms.accept)

    async def _halt(self, error: EngineError) -> None:
        """Stop the run with this error, or the one that stopped it before."""
        self.stop(error)
        assert self.stopped is not None
        raise self.stopped

    def _say_if_changed(self, lane: Lane, dialect: Dialect | None) -> None:
        if dialect is not None:
            changes = ", ".join(dialect.changes(OPTIONAL, lane.adapter.plain))
            self._terms.notices.once(
                f"{lane.address} {changes}",
                f"{lane.address} refuses a part of the requests ({lane.adapter.why}); from now on: {changes}",
            )

    def _never_there(self, verdict: Verdict) -> bool:
        """Return whether no server has ever answered because it loads, starts or does not listen: no row's fault."""
        there = any(lane.succeeded for lane in self._pool.lanes)
        return (verdict.waits or verdict.starting) and verdict.kind != "HTTP 429" and not there

    def _may_be_starting(self, lane: Lane) -> bool:
        """Return whether a server that has never answered may still be starting up."""
        patience = min(self._terms.start, self._terms.deadline)
        return not lane.succeeded and lane.waited_for(self._loop.time()) < patience

    def _pause(self, call: _Call, verdict: Verdict) -> float:
        """Return the seconds before the next attempt, spread so that those who failed together do not come back together."""
        if verdict.pause is not None:
            return random.uniform(0, 0.25 * verdict.pause)  # the pool holds everyone back for the pause itself
        back_off: float = min(_LONGEST_BACK_OFF, _FIRST_BACK_OFF * 2 ** max(0, call.attempts - 1))
        return back_off * random.uniform(0.5, 1.0)

    def _nobody_there(self, call: _Call, verdict: Verdict) -> bool:
        """Return whether no server can be reached: soon where none has ever answered (the address is wrong), else in time."""
        lanes, now = self._pool.lanes, self._loop.time()
        if verdict.kind != "connection":
            return False
        answered = any(lane.answered for lane in lanes)
        at_first = self._terms.start if verdict.starting else 0.0
        patience = self._terms.patience if answered else at_first
        cut = not answered and call.attempts >= _CUT_AT_THE_START
        return cut or all(lane.gone(now, patience) for lane in lanes)

    async def _give_up(self, call: _Call, verdict: Verdict, body: bytes | None = None) -> Answered:
        """Note that the request failed for good; EngineError where too many of them do."""
        attempts = f" ({call.attempts} attempts)" if call.attempts > 1 else ""
        if verdict.empty:
            attempts += TOO_FEW_TOKENS
        error = f"{verdict.reason}{attempts}"
        await self._journal.fail(call.question.entry, error, body, call.spent or Amount())
        if self._breaker.add(verdict.kind):
            raise EngineError(self._breaker.text(verdict.kind, error))
        return Answered(error=error)


def another_name(address: str, asked: str, answered: str) -> EngineError:
    """Return the error for an answer under a name that was not asked for: what came, and how to accept it."""
    return EngineError(
        f"{address}: asked for the model {asked!r}, answered as {answered!r}; the answers are kept: if you mean that model, "
        f"run the same command again with --accept-model {shlex.quote(answered)} (or --accept-model any)"
    )

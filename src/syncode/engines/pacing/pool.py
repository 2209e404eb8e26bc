"""The servers of one model: who gets the next attempt, who has to wait, and who is taken for dead for a while."""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from syncode.engines.adapting import Adapter
from syncode.engines.pacing.pace import Pace, Ticket
from syncode.engines.wire import Transport

_REFUSALS = 3  # refused connections in a row that make a server dead (chosen here)
_FIRST_REST, _LONGEST_REST = 5.0, 60.0  # seconds until a dead server is tried again, doubled each time (chosen here)
# The same for a server that never answered, which may just be starting: it grows by half each time (chosen here).
_START_REST, _LONGEST_START_REST = 1.0, 5.0
_IN_A_ROW = 2  # plain 5xx in a row that count as too much load: a single one is an accident (chosen here)


@dataclass
class Lane:
    """One server: how to reach it, how to put requests, how fast, and how it has been. `said`: the words of the last refusal.

    `answered`: it has sent a response, whatever it said; `succeeded`: an answer. `accept`: names under which it may answer.
    """

    transport: Transport
    name: str
    address: str
    pace: Pace
    answered: bool = False
    adapter: Adapter = field(default_factory=Adapter)
    succeeded: bool = False
    accept: tuple[str, ...] = ()
    missing_since: float = 0.0
    crowded_since: float = 0.0
    refusals: int = 0
    rests: int = 0
    refused_since: float = 0.0
    errors: int = 0
    said: str = ""
    turned_away: set[str] = field(default_factory=set)
    resting_until: float = 0.0

    def wait(self, now: float, tokens: int) -> float | None:
        """Return the seconds until an attempt may go here; None: when another one has come back."""
        if self.refusals >= _REFUSALS:
            if self.resting_until > now:
                return self.resting_until - now
            if self.pace.in_flight:
                return None  # one attempt finds out whether it is back
        return self.pace.wait(now, tokens)

    def reached(self) -> None:
        """A response came, whatever it says."""
        self.refusals = self.rests = 0
        self.answered = True

    def waited_for(self, now: float) -> float:
        """Return the seconds since the first attempt that found it not there yet."""
        self.missing_since = self.missing_since or now
        return now - self.missing_since

    def crowded_for(self, now: float) -> float:
        """Return the seconds since the first of those in a row that found the server full."""
        self.crowded_since = self.crowded_since or now
        return now - self.crowded_since

    def refused(self, now: float) -> None:
        """No connection was made. Attempts that went out together count together: only one of them lengthens the rest."""
        self.refusals += 1
        if self.refusals == 1:
            self.refused_since = now
        if self.refusals >= _REFUSALS and now >= self.resting_until:
            at_start = min(_LONGEST_START_REST, _START_REST * 1.5**self.rests)
            rest = min(_LONGEST_REST, _FIRST_REST * 2**self.rests) if self.answered else at_start
            self.resting_until = now + rest
            self.rests += 1

    def gone(self, now: float, patience: float) -> bool:
        """Return whether the server has refused every connection for longer than `patience` seconds."""
        return self.refusals >= _REFUSALS and now - self.refused_since >= patience

    def refuses_alike(self, words: str, row: str) -> int:
        """Count a row that is refused; return how many were refused in these words since the last answer."""
        if words != self.said:
            self.said, self.turned_away = words, set()
        self.turned_away.add(row)
        return len(self.turned_away)

    def crowded_by_error(self) -> bool:
        """Count a plain 5xx; True if it is not the first in a row."""
        self.errors += 1
        return self.errors >= _IN_A_ROW


class NoServer(Exception):
    """No server will take another attempt in the time there is."""


@dataclass
class _Waiter:
    future: "asyncio.Future[tuple[Lane, Ticket]]"
    tokens: int
    until: float | None
    avoid: Lane | None = field(default=None)


class Pool:
    """Hands out leave to send, first come, first served, to the least loaded server that can take it now."""

    def __init__(self, lanes: Sequence[Lane], patience: float) -> None:
        self.lanes = lanes
        self._patience = patience
        self._loop = asyncio.get_running_loop()
        self._waiters: deque[_Waiter] = deque()
        self._timer: asyncio.TimerHandle | None = None

    @property
    def in_the_air(self) -> int:
        """Attempts that are out."""
        return sum(lane.pace.in_flight for lane in self.lanes)

    async def enter(self, tokens: int, until: float | None, avoid: Lane | None) -> tuple[Lane, Ticket]:
        """Return where to send, once there is room.

        Raises NoServer where every server pauses, and longer than `until` (loop time; None: longer than the pool's patience).
        """
        if not self._waiters and len(self.lanes) == 1:  # the usual case, without a future
            lane, now = self.lanes[0], self._loop.time()
            if lane.wait(now, tokens) == 0:
                return lane, lane.pace.admit(now, tokens)
        waiter = _Waiter(self._loop.create_future(), tokens, until, avoid)
        self._waiters.append(waiter)
        self._pump()
        try:
            return await waiter.future
        except asyncio.CancelledError:
            if waiter.future.done() and not waiter.future.cancelled() and not waiter.future.exception():
                lane, ticket = waiter.future.result()
                self.withdraw(lane, ticket)
            raise

    def withdraw(self, lane: Lane, ticket: Ticket) -> None:
        """Give leave back: nothing was sent."""
        lane.pace.withdraw(self._loop.time(), ticket)
        self._pump()

    def succeeded(self, lane: Lane, ticket: Ticket, used_tokens: int) -> None:
        """An answer came."""
        lane.errors = 0
        lane.crowded_since = 0.0
        lane.said = ""
        lane.pace.succeeded(self._loop.time(), ticket, used_tokens)
        self._pump()

    def failed(self, lane: Lane, ticket: Ticket, *, crowded: bool, pause: float | None) -> None:
        """No answer came; see Pace.failed."""
        lane.pace.failed(self._loop.time(), ticket, crowded=crowded, pause=pause)
        self._pump()

    def _pump(self) -> None:
        """Let go who can."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        while self._waiters:
            waiter = self._waiters[0]
            if waiter.future.done():
                self._waiters.popleft()
                continue
            now = self._loop.time()
            waits = [(lane, lane.wait(now, waiter.tokens)) for lane in self.lanes]
            free = [lane for lane, wait in waits if wait == 0]
            if free:
                lane = min(free, key=lambda lane: (lane is waiter.avoid, lane.pace.in_flight / lane.pace.limit))
                waiter.future.set_result((lane, lane.pace.admit(now, waiter.tokens)))
                self._waiters.popleft()
                continue
            timed = [wait for _, wait in waits if wait is not None]
            busy = len(timed) < len(waits)
            left = self._patience if waiter.until is None else waiter.until - now
            if timed and not busy and min(timed) > left:
                waiter.future.set_exception(NoServer(f"no server takes requests for another {min(timed):.0f} s"))
                self._waiters.popleft()
                continue
            if timed:
                self._timer = self._loop.call_later(max(min(timed), 0.001), self._pump)
            return

    def turn_away(self) -> None:
        """Let everybody who waits go with NoServer: the run stops."""
        for waiter in self._waiters:
            if not waiter.future.done():
                waiter.future.set_exception(NoServer("the run stops"))
        self._pump()

    def close(self) -> None:
        """Stop the timer."""
        if self._timer is not None:
            self._timer.cancel()
        for waiter in self._waiters:
            waiter.future.cancel()

"""What a run would cost, from a sample of its rows: requests, tokens, money or server time, each with an interval.

The first row is held back, so that nothing is written; the rows behind it go through the stage as far as the journal, and the
calls that `--estimate-calls` allows, can answer. A row is what requests name as their record: a document of `synth`, a game of
`judge`.
"""

import asyncio
import math
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import orjson

from syncode.engines.pacing.budget import NANO, Meter
from syncode.engines.request import Reply, Request
from syncode.errors import ExitCode, SyncodeError

QUIET_SECONDS = 0.5  # without a new request, and the sample is taken for complete (chosen here)
BYTES_PER_TOKEN = 4.0  # of a prompt, before any answer has told (the usual rule of thumb for English and code)
_Z = 1.96  # of a 95 % interval of a mean
NOT_SENT = "not sent (--estimate)"


class Estimated(SyncodeError):
    """The end of an estimate: not an error, its text is the result."""

    code = ExitCode.OK


@dataclass
class _Record:
    """What one row asked for: bytes of its prompts, tokens where an answer told, and its requests by fate."""

    prompt_bytes: int = 0
    longest: int = 0
    known: list[tuple[int, int, int]] = field(default_factory=list)  # (bytes, prompt tokens, completion tokens)
    requests: int = 0
    not_sent: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class Plan:
    """How to estimate: rows to look at, calls that may be made, and the machine's share for GPU-hours."""

    rows: int
    calls: int
    meter: Meter
    concurrency: int
    gpus: int = 0


class Estimate:
    """Stands in front of an engine's `ask`; every request it sees counts, few are sent."""

    def __init__(
        self, plan: Plan, ask: Callable[[Request], Awaitable[Reply]], known: Callable[[Request], bool]
    ) -> None:
        self._plan = plan
        self._ask = ask
        self._known = known
        self._records: dict[str, _Record] = defaultdict(_Record)
        self._held: str | None = None
        self._left = plan.calls
        self._out = 0
        self._last = 0.0
        self._ended: asyncio.Task[None] | None = None

    async def ask(self, request: Request) -> Reply:
        """Return a reply where one is known or allowed, an error where not; raise Estimated to whom is held back."""
        loop = asyncio.get_running_loop()
        self._last = loop.time()
        if self._held is None:
            self._held = request.record_id
        name = request.record_id
        if name == self._held or (name not in self._records and len(self._records) > self._plan.rows):
            if name == self._held:
                self._note(request)
            self._ended = self._ended or asyncio.create_task(self._end())
            await asyncio.shield(self._ended)
            raise Estimated(self.text())
        record = self._note(request)
        if not self._known(request):
            if not self._left:
                record.not_sent += 1
                return Reply(error=NOT_SENT)
            self._left -= 1
        self._out += 1
        begun = loop.time()
        try:
            reply = await self._ask(request)
        finally:
            self._out -= 1
            self._last = loop.time()
        usage = reply.usage
        if "prompt_tokens" in usage:
            record.known.append((_bytes(request), usage["prompt_tokens"], usage.get("completion_tokens", 0)))
        if not reply.cached:
            record.seconds += self._last - begun
        return reply

    def _note(self, request: Request) -> _Record:
        record = self._records[request.record_id]
        record.requests += 1
        record.prompt_bytes += _bytes(request)
        record.longest += request.sampling.max_tokens
        return record

    async def _end(self) -> None:
        """Wait until no row asks for anything any more."""
        loop = asyncio.get_running_loop()
        while self._out or loop.time() - self._last < QUIET_SECONDS:
            await asyncio.sleep(0.05)

    def text(self) -> str:
        """Return the estimate, for people."""
        records = [record for name, record in self._records.items() if name != self._held] or list(
            self._records.values()
        )
        known = [one for record in records for one in record.known]
        told = sum(size for size, _, _ in known), sum(prompt for _, prompt, _ in known)
        per_token = told[0] / told[1] if told[1] else BYTES_PER_TOKEN
        requests = _mean([record.requests for record in records])
        prompts = _mean([record.prompt_bytes / per_token for record in records])
        longest = _mean([record.longest for record in records])
        each = _mean([float(completion) for _, _, completion in known])
        replies = each.times(requests.middle) if known else Interval(longest.middle / 2, 0.0, longest.high)
        not_sent = sum(record.not_sent for record in records)
        lines = [
            f"--estimate: {len(records)} rows looked at, {sum(record.requests for record in records)} requests, "
            f"{len(known)} of them answered (journal or --estimate-calls), {not_sent} not sent. For 1,000 rows:",
            f"  requests       {requests.times(1000).text()}",
            f"  prompt tokens  {prompts.times(1000).text()}" + ("" if told[1] else " (4 bytes per token)"),
            f"  reply tokens   {replies.times(1000).text()}"
            + ("" if known else " (nothing answered: none to --max-tokens)"),
            *self._cost(prompts, replies),
            *self._time(records, requests),
        ]
        if not_sent:
            lines.append(
                "  What would follow from the replies to requests not sent is not counted: --estimate-calls N asks N."
            )
        return "\n".join(lines)

    def _cost(self, prompts: "Interval", replies: "Interval") -> list[str]:
        price = self._plan.meter.price
        if price is None:
            return ["  cost           unknown: --prices FILE names the price of the model"]
        ends = [
            price.nano(round(1000 * prompt), round(1000 * reply), batch=self._plan.meter.batch) / NANO
            for prompt, reply in zip(prompts.points(), replies.points(), strict=True)
        ]
        return [f"  cost           {Interval(*ends).text('.4f' if ends[0] < 1 else '.2f')} USD"]

    def _time(self, records: Sequence[_Record], requests: "Interval") -> list[str]:
        timed = [record for record in records if record.seconds]
        if not timed:
            return []
        seconds = _mean([record.seconds / max(1, record.requests - record.not_sent) for record in timed])
        hours = seconds.times(requests.middle * 1000 / self._plan.concurrency / 3600)
        line = f"  hours          {hours.text('.2f')} at --concurrency {self._plan.concurrency}"
        gpus = self._plan.gpus
        return [line, f"  GPU-hours      {hours.times(gpus).text('.2f')} on {gpus} GPUs"] if gpus else [line]


@dataclass(frozen=True)
class Interval:
    """A mean and its 95 % interval."""

    middle: float
    low: float
    high: float

    def times(self, factor: float) -> "Interval":
        """Return it scaled."""
        return Interval(self.middle * factor, self.low * factor, self.high * factor)

    def points(self) -> tuple[float, float, float]:
        """Return middle, low, high."""
        return self.middle, self.low, self.high

    def text(self, form: str = ".0f") -> str:
        """Return it for people."""
        return f"{self.middle:,{form}} ({self.low:,{form}} to {self.high:,{form}})"


def _mean(values: Sequence[float]) -> Interval:
    """Return the mean and its interval by the normal approximation; never below zero."""
    if not values:
        return Interval(0.0, 0.0, 0.0)
    middle = sum(values) / len(values)
    if len(values) == 1:
        return Interval(middle, middle, middle)
    spread = math.sqrt(sum((value - middle) ** 2 for value in values) / (len(values) - 1))
    margin = _Z * spread / math.sqrt(len(values))
    return Interval(middle, max(0.0, middle - margin), middle + margin)


def _bytes(request: Request) -> int:
    return len(orjson.dumps(request.messages))

"""How fast one server may be asked: adaptive concurrency, quotas and pauses, as plain arithmetic over a clock.

The policy is Data Designer's: on a 429 the limit falls to 0.75 once for a burst, a pause follows, and every 25 successes in a
row give one place back.
"""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

FALL = 0.75  # what is left of the limit after a burst of 429s (Data Designer)
SUCCESSES = 25  # in a row, for one more place (Data Designer)
PAUSE_SECONDS = 2.0  # after a 429 that says nothing about when to come back (Data Designer)
LONGEST_PAUSE = 60.0  # where a server announces when its quota is full again (chosen here)
_PART = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(ms|h|m|s)", re.ASCII)
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_YEARS = 1e9  # seconds: 2001 as a time, no one waits so long (chosen here)
_QUOTAS = (  # what is left of a quota, and when it is full again: OpenAI and Groq, OpenRouter and GitHub, the IETF's draft
    ("x-ratelimit-remaining-requests", "x-ratelimit-reset-requests"),
    ("x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens"),
    ("x-ratelimit-remaining", "x-ratelimit-reset"),
    ("ratelimit-remaining", "ratelimit-reset"),
)
_UNIT = r"(?:ms|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?)"
_WAIT = re.compile(
    r"(?:try again|retry(?:ing)?|wait|come back|resets?|available(?: again)?)(?: (?:in|after|for|at least|about|another)){0,2} "
    rf"((?:\d+(?:\.\d+)? ?{_UNIT}(?![a-z])(?:,? and |[, ]{{0,2}}))+|\d+(?:\.\d+)?(?=\W*$))",
    re.IGNORECASE,
)
_AMOUNT = re.compile(r"(\d+(?:\.\d+)?) ?(ms|mil|[hms])?", re.IGNORECASE)


class Bucket:
    """A quota per minute. Starts with one second's worth, so that no window of 60 s ever exceeds the quota."""

    def __init__(self, per_minute: float) -> None:
        self.size = max(1.0, per_minute / 60)
        self.rate = max(per_minute - self.size, per_minute / 2) / 60
        self.level = self.size
        self._at: float | None = None

    def wait(self, now: float, amount: float) -> float:
        """Return the seconds until `amount` may be taken; more than the bucket holds may be taken when it is full."""
        self._fill(now)
        missing = min(amount, self.size) - self.level
        return max(0.0, missing / self.rate)

    def take(self, now: float, amount: float) -> None:
        """Take an amount; the level may fall below zero. A negative amount gives back."""
        self._fill(now)
        self.level = min(self.size, self.level - amount)

    def _fill(self, now: float) -> None:
        if self._at is not None:
            self.level = min(self.size, self.level + max(0.0, now - self._at) * self.rate)
        self._at = now


@dataclass(frozen=True)
class Ticket:
    """Leave to send one attempt: the limit when it was given, and the tokens it was given for."""

    limit: int
    tokens: int


class Pace:
    """The state of one server. All times are seconds on one clock."""

    def __init__(self, most: int, requests_per_minute: float | None, tokens_per_minute: float | None) -> None:
        self.most = most
        self.limit = most
        self.in_flight = 0
        self._streak = 0
        self._resume = 0.0
        self._requests = Bucket(requests_per_minute) if requests_per_minute else None
        self._tokens = Bucket(tokens_per_minute) if tokens_per_minute else None

    def wait(self, now: float, tokens: int) -> float | None:
        """Return the seconds until an attempt of so many tokens may go; None: when another one has come back."""
        if self.in_flight >= self.limit:
            return None
        waits = [self._resume - now]
        if self._requests:
            waits.append(self._requests.wait(now, 1))
        if self._tokens:
            waits.append(self._tokens.wait(now, tokens))
        return max(0.0, *waits)

    def admit(self, now: float, tokens: int) -> Ticket:
        """Count an attempt as sent."""
        self.in_flight += 1
        if self._requests:
            self._requests.take(now, 1)
        if self._tokens:
            self._tokens.take(now, tokens)
        return Ticket(self.limit, tokens)

    def withdraw(self, now: float, ticket: Ticket) -> None:
        """Take back an admission: nothing was sent."""
        self.in_flight -= 1
        if self._requests:
            self._requests.take(now, -1)
        if self._tokens:
            self._tokens.take(now, -ticket.tokens)

    def succeeded(self, now: float, ticket: Ticket, used_tokens: int) -> None:
        """An answer came; it used so many tokens, and the rest goes back to the quota."""
        self.in_flight -= 1
        if self._tokens and used_tokens:
            self._tokens.take(now, used_tokens - ticket.tokens)
        self._streak += 1
        if self._streak >= SUCCESSES and self.limit < self.most:
            self.limit += 1
            self._streak = 0

    def failed(self, now: float, ticket: Ticket, *, crowded: bool, pause: float | None) -> None:
        """No answer came. `crowded`: the server said that this is too much; `pause`: and for how many seconds."""
        self.in_flight -= 1
        self._streak = 0
        if self._tokens:
            self._tokens.take(now, -ticket.tokens)
        if crowded and ticket.limit <= self.limit:
            self.limit = max(1, int(self.limit * FALL))
        if pause is not None:
            self._resume = max(self._resume, now + pause)

    def heed(self, now: float, headers: Mapping[str, str]) -> None:
        """Wait where the server's rate-limit headers say that a quota is used up."""
        if (pause := quota_reset(headers)) is not None:
            self._resume = max(self._resume, now + pause)


def duration(text: str) -> float | None:
    """Return the seconds in `250ms`, `1s`, `6m0s` or a bare number; None for anything else."""
    text = text.strip()
    try:
        return max(0.0, float(text))
    except ValueError:
        parts = _PART.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        return None
    return sum(float(number) * _SECONDS[unit] for number, unit in parts)


def quota_reset(headers: Mapping[str, str]) -> float | None:
    """Return the seconds until a quota that rate-limit headers call used up is full again, None if none is."""
    used_up = [names for names in _QUOTAS if headers.get(names[0], "").strip() == "0"]
    resets = [duration(headers.get(reset, "")) for _, reset in used_up]
    return max((min(_from_now(each), LONGEST_PAUSE) for each in resets if each is not None), default=None)


def _from_now(seconds: float) -> float:
    """Return a duration; some servers give a time instead, in seconds or milliseconds since 1970."""
    if seconds < _YEARS:
        return seconds
    return max(0.0, (seconds / 1000 if seconds > 1000 * _YEARS else seconds) - time.time())


def asked_wait(text: str) -> float | None:
    """Return the seconds that a message asks to wait (`try again in 1m2.5s`, `retry after 30 seconds`), None if it does not."""
    found = _WAIT.search(text)
    if found is None:
        return None
    parts = ((float(number), (unit or "s").lower()) for number, unit in _AMOUNT.findall(found[1]))
    return sum(number * _SECONDS["ms" if unit == "mil" else unit] for number, unit in parts)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that `Retry-After` (a number or a date) or `retry-after-ms` asks to wait, None without either."""
    if exact := headers.get("retry-after-ms"):
        milliseconds = duration(exact)
        return None if milliseconds is None else milliseconds / 1000
    value = headers.get("retry-after")
    if value is None:
        return None
    seconds = duration(value)
    if seconds is not None:
        return _from_now(seconds)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, moment.timestamp() - time.time())

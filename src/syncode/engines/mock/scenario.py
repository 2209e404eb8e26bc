"""A scenario: how the mock model behaves, read from a TOML file.

```toml
model = "slow-and-limited"                                  # what it calls itself; default: the file's name
latency = { kind = "lognormal", median = 0.05, sigma = 0.5 }  # seconds; or a number; or uniform low/high, exponential mean

[[reply]]                       # the first whose `match` (a regular expression) is found in the prompt answers
match = "which language"
texts = ["Python", "Rust"]      # the digest of the request picks one; or text = "..."
finish_reason = "stop"
logprobs = { Python = 0.75, Rust = 0.25 }  # of the first token, for requests that ask for them; or a list, one table per token

[[fault]]                       # the first that applies to a request is what happens to it
kind = "status"                 # status, reset, truncate, no_choices, not_json, wrong_model, hang, drip
status = 429
retry_after = 0.5
share = 0.2                     # of the requests, chosen by their digest; default all
times = 2                       # hits the first two attempts of a request only; default every attempt
since = 100                     # counted in requests as they arrive: a storm between the 100th
until = 200                     # and the 200th

[batch]
seconds = 0.5                   # how long a batch takes
answered = 0.7                  # share of its items that are answered before it expires; default all
most = 100                      # items that may be waiting; a batch that brings more fails as a whole; default any number
```
"""

import random
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any, Literal, get_args

import orjson

from syncode.errors import UsageError

FaultKind = Literal["status", "reset", "truncate", "no_choices", "not_json", "wrong_model", "hang", "drip"]
MODEL = "mock"


@dataclass(frozen=True)
class Script:
    """A scripted reply for prompts in which `match` is found; of several `texts` the digest of the request picks one.

    `logprobs` holds a table of tokens and their probabilities for each place, the one that is said first.
    """

    match: re.Pattern[str]
    texts: tuple[str, ...]
    finish_reason: str = "stop"
    logprobs: tuple[Mapping[str, float], ...] = ()


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong, and when. `times` 0 is every attempt, `until` 0 is for ever; see the module's text."""

    kind: FaultKind
    status: int = 500
    retry_after: float | None = None
    message: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    share: float = 1.0
    times: int = 0
    since: int = 0
    until: int = 0

    def applies(self, digest: int, attempt: int, number: int) -> bool:
        """Return whether it hits attempt `attempt` (from 0) of the request with `digest`, the `number`-th to arrive."""
        if number < self.since or (self.until and number >= self.until):
            return False
        if self.times and attempt >= self.times:
            return False
        return self.share >= 1 or draw(digest, f"{self.kind}/{self.status}") < self.share


@dataclass(frozen=True)
class Latency:
    """Seconds from request to reply: `a`, `b` are the parameters of the distribution in the order of the module's text."""

    kind: Literal["constant", "uniform", "exponential", "lognormal"] = "constant"
    a: float = 0.0
    b: float = 0.0

    def seconds(self, digest: int) -> float:
        """Return the latency of a request, drawn by its digest."""
        if self.kind == "constant":
            return self.a
        source = random.Random(digest)
        match self.kind:
            case "uniform":
                return source.uniform(self.a, self.b)
            case "exponential":
                return source.expovariate(1 / self.a)
        return self.a * source.lognormvariate(0, self.b)


@dataclass(frozen=True)
class BatchBehaviour:
    """How the mock's Batch API behaves: seconds until a batch ends, the share of items answered before it expires, and how many
    items may be waiting (0: any number); a batch that brings more fails as a whole.
    """

    seconds: float = 0.1
    answered: float = 1.0
    most: int = 0


@dataclass(frozen=True)
class Scenario:
    """How the mock behaves. `identity` is `name` with a digest of the file: an edited scenario is another model."""

    name: str = MODEL
    identity: str = MODEL
    latency: Latency = Latency()
    replies: tuple[Script, ...] = ()
    faults: tuple[Fault, ...] = ()
    batch: BatchBehaviour = BatchBehaviour()

    def fault(self, digest: int, attempt: int, number: int) -> Fault | None:
        """Return what goes wrong with this attempt, None if nothing does."""
        return next((fault for fault in self.faults if fault.applies(digest, attempt, number)), None)


def draw(digest: int, purpose: str) -> float:
    """Return a number in [0, 1) keyed by the request and what it is for."""
    keyed = blake2b(f"{digest}/{purpose}".encode(), digest_size=4).digest()
    return int.from_bytes(keyed, "big") / 2**32


def request_digest(body: Mapping[str, Any]) -> int:
    """Return 64 bits that stand for a request body; whether it is streamed changes nothing of the answer."""
    asked = {name: value for name, value in body.items() if name != "stream"}
    canonical = orjson.dumps(asked, option=orjson.OPT_SORT_KEYS)
    return int.from_bytes(blake2b(canonical, digest_size=8).digest(), "big")


def question_digest(body: Mapping[str, Any]) -> int:
    """Return 64 bits that stand for what a body asks, however it is put: what goes wrong with a question stays with it."""
    return request_digest({name: body.get(name) for name in ("messages", "seed")})


def load(where: str) -> Scenario:
    """Read a scenario from a TOML file; an empty name is the plain mock. UsageError where it cannot be read."""
    if not where:
        return Scenario()
    path = Path(where)
    try:
        raw = path.read_bytes()
        scenario = _scenario(tomllib.loads(raw.decode("utf-8")), path.stem, blake2b(raw, digest_size=4).hexdigest())
    except OSError as error:
        raise UsageError(f"mock scenario {where}: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, re.error) as error:
        raise UsageError(f"mock scenario {where}: {error}") from error
    return scenario


def _scenario(table: Mapping[str, Any], stem: str, digest: str) -> Scenario:
    _only(table, {"model", "latency", "reply", "fault", "batch"}, "a scenario")
    name = table.get("model", f"mock-{stem}")
    return Scenario(
        name=name,
        identity=f"{name}@{digest}",
        latency=_latency(table.get("latency", 0.0)),
        replies=tuple(map(_script, table.get("reply", []))),
        faults=tuple(map(_fault, table.get("fault", []))),
        batch=BatchBehaviour(**table.get("batch", {})),
    )


def _latency(entry: float | Mapping[str, Any]) -> Latency:
    if not isinstance(entry, Mapping):
        return Latency("constant", float(entry))
    match entry["kind"]:
        case "uniform":
            return Latency("uniform", entry["low"], entry["high"])
        case "exponential":
            return Latency("exponential", entry["mean"])
        case "lognormal":
            return Latency("lognormal", entry["median"], entry["sigma"])
    raise ValueError(f"latency: no kind {entry['kind']!r}")


def _script(entry: Mapping[str, Any]) -> Script:
    _only(entry, {"match", "text", "texts", "finish_reason", "logprobs"}, "[[reply]]")
    texts = tuple(entry.get("texts") or [entry["text"]])
    given = entry.get("logprobs", [])
    places = tuple(given if isinstance(given, list) else [given])
    return Script(re.compile(entry.get("match", ""), re.DOTALL), texts, entry.get("finish_reason", "stop"), places)


def _fault(entry: Mapping[str, Any]) -> Fault:
    if entry["kind"] not in get_args(FaultKind):
        raise ValueError(f"[[fault]]: no kind {entry['kind']!r}")
    return Fault(**entry)


def _only(entry: Mapping[str, Any], known: set[str], what: str) -> None:
    if unknown := sorted(set(entry) - known):
        raise ValueError(f"{what} has no {', '.join(unknown)}")

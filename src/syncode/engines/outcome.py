"""What a response means: an answer, worth another try, the end of this request, or the end of the run."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

import orjson

from syncode.engines.pacing.pace import PAUSE_SECONDS, retry_after
from syncode.engines.request import Reply
from syncode.engines.wire import Response, Unreadable, read

_STOP = frozenset({401, 403, 404, 422})
_AGAIN = frozenset({408, 409, 425})
_CROWDED = frozenset({429, 503, 529})
_LONGEST_MESSAGE = 300  # characters of a server's error text that are passed on (ours)


class Course(Enum):
    """What to do about it."""

    ANSWER = auto()
    AGAIN = auto()
    ROW_FAILS = auto()
    RUN_STOPS = auto()
    NO_SCHEMA = auto()  # the server does not know `response_format`: ask without


@dataclass(frozen=True)
class Verdict:
    """`kind` groups errors for the breaker; `billed` is False where the server says that it did nothing."""

    course: Course
    reply: Reply | None = None
    kind: str = ""
    reason: str = ""
    crowded: bool = False
    pause: float | None = None
    billed: bool = True


def judge(response: Response, asked: str, *, structured: bool) -> Verdict:
    """Return what a response to a request for model `asked` means."""
    status = response.status
    if status == 200:
        return _judge_answer(response, asked)
    reason = f"HTTP {status}: {message(response.body)}"
    if status == 429 and b"insufficient_quota" in response.body:
        return Verdict(Course.RUN_STOPS, kind="quota", reason=reason, billed=False)
    if status in _CROWDED:
        pause = retry_after(response.headers)
        pause = PAUSE_SECONDS if pause is None else pause
        return Verdict(Course.AGAIN, kind=f"HTTP {status}", reason=reason, crowded=True, pause=pause, billed=False)
    if status >= 500 or status in _AGAIN:
        pause = retry_after(response.headers)
        return Verdict(Course.AGAIN, kind=f"HTTP {status}", reason=reason, pause=pause, billed=False)
    if structured and status in (400, 422) and _about_schema(response.body):
        return Verdict(Course.NO_SCHEMA, kind="schema", reason=reason, billed=False)
    course = Course.RUN_STOPS if status in _STOP else Course.ROW_FAILS
    return Verdict(course, kind=f"HTTP {status}", reason=reason, billed=False)


def _judge_answer(response: Response, asked: str) -> Verdict:
    try:
        reply = read(response.body)
    except Unreadable as error:
        return Verdict(Course.AGAIN, kind="unreadable", reason=str(error))
    if not same_model(asked, reply.model):
        reason = f"asked for the model {asked!r}, the server answered as {reply.model!r}: call it by its name"
        return Verdict(Course.AGAIN, kind="wrong model", reason=reason)
    return Verdict(Course.ANSWER, reply=reply)


def same_model(asked: str, answered: str) -> bool:
    """Tell whether a name that came back can be the model that was asked for.

    Servers add a date (`gpt-4o-2024-08-06`), a vendor or a path, and some say nothing: so one name as a whole part of the other
    is enough, but `gpt-4` is no part of `gpt-4o`.
    """
    ours, theirs = (name.lower().rstrip("/").rpartition("/")[2] for name in (asked, answered))
    return not theirs or _is_part(ours, theirs) or _is_part(theirs, ours)


def _is_part(short: str, long: str) -> bool:
    return re.search(rf"(?<![a-z0-9]){re.escape(short)}(?![a-z0-9])", long) is not None


def message(body: bytes) -> str:
    """Return a server's own words about an error, in one line."""
    text = body.decode("utf-8", "replace")
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        found = None
    if isinstance(found, Mapping):
        inner = found.get("error", found)
        told = inner.get("message") if isinstance(inner, Mapping) else inner
        text = told if isinstance(told, str) else text
    return " ".join(text.split())[:_LONGEST_MESSAGE]


def _about_schema(body: bytes) -> bool:
    return b"response_format" in body or b"json_schema" in body or b"guided" in body

"""What a response means: an answer, worth another try, the end of this request, or the end of the run."""

import re
from dataclasses import dataclass
from enum import Enum, auto

from syncode.engines.pacing.pace import duration, retry_after
from syncode.engines.replies.completion import completion
from syncode.engines.replies.decode import Unreadable, decode
from syncode.engines.replies.kinds import kind_of
from syncode.engines.replies.words import Words, error_in, words_in, words_of
from syncode.engines.request import Reply
from syncode.engines.wire import Response
from syncode.text.endings import ending

_STOP = frozenset({401, 402, 403, 404, 405, 407, 410})
_AGAIN = frozenset({408, 409, 421, 425})
_CROWDED = frozenset({429, 503, 529})
_OF_THE_GATEWAY = frozenset({502, 503, 504, 521, 522, 523, 524, 529, 530})
_MAY_BE_CURED = frozenset({400, 404, 406, 415, 422, 500, 501})
_MEANT = {"money": 402, "key": 401, "model": 404, "too long": 400, "moderated": 400, "loading": 503}
_KINDS_OF_A_ROW = ("too long", "moderated")
_WAIT = re.compile(r"(?:try again|retry) (?:in|after) ([\d.]+) ?(ms|s|m|h|seconds?|minutes?|hours?)\b", re.IGNORECASE)
_NEVER_FITS = re.compile(
    r"request too large|must be reduced", re.IGNORECASE
)  # OpenAI: longer than all tokens of a minute


class Course(Enum):
    """What to do about it."""

    ANSWER = auto()
    AGAIN = auto()
    ROW_FAILS = auto()
    RUN_STOPS = auto()


@dataclass(frozen=True)
class Verdict:
    """`kind` groups errors for the breaker; `billed` is False if the server says that it did nothing.

    `refusal` holds the words of a server that may only refuse the form of the request. `waits`: the server is full or not yet
    there, which is not the request's fault: it is asked again until its deadline. `starting`: as long as it never answered.
    """

    course: Course
    reply: Reply | None = None
    kind: str = ""
    reason: str = ""
    crowded: bool = False
    pause: float | None = None
    billed: bool = True
    refusal: Words | None = None
    waits: bool = False
    starting: bool = False
    empty: bool = False


def judge(response: Response) -> Verdict:
    """Return what a response to a request means."""
    if not 200 <= response.status < 300:
        return _judge_error(response.status, words_of(response.body), response)
    try:
        value = decode(response.body)
        words = error_in(value)
        if words is not None:
            status = words.status or _MEANT.get(kind_of(words.text), 500)
            return _judge_error(status, words, response, inside=True)
        reply = completion(value)
        cause = value["choices"][0].get("error") if value.get("choices") else None
    except Unreadable as error:
        return Verdict(
            Course.AGAIN, kind="unreadable", reason=f"{error}: {words_of(response.body).text}".removesuffix(": ")
        )
    return _judge_reply(reply, words_in(cause).text if cause else "")


def _judge_reply(reply: Reply, cause: str) -> Verdict:
    how = ending(reply.finish_reason)
    if how == "failed":
        reason = f"the server ended the answer with {reply.finish_reason!r}{': ' * bool(cause)}{cause}"
        return Verdict(Course.AGAIN, kind="failed", reason=reason)
    if reply.empty and how in ("whole", "unknown"):
        return Verdict(Course.AGAIN, kind="empty", reason="the answer is empty", empty=True)
    return Verdict(Course.ANSWER, reply=reply)


def _asked_to_wait(text: str) -> float | None:
    """Return the seconds that an error asks to wait in words, None if it does not."""
    found = _WAIT.search(text)
    return duration(f"{found[1]}{found[2][:2] if found[2] == 'ms' else found[2][:1]}") if found else None


def _judge_error(status: int, words: Words, response: Response, *, inside: bool = False) -> Verdict:
    """Return the verdict on an error; `inside`: it came with status 200, and its own status was read from it."""
    said = f"HTTP 200 with an error{f' ({words.status})' if words.status else ''}" if inside else f"HTTP {status}"
    reason, name = f"{said}: {words.text}", f"HTTP {status}"
    about = kind_of(words.text) or kind_of(words.codes)
    pause = retry_after(response.headers)
    if pause is None:
        pause = _asked_to_wait(words.text)
    # Who is over a rate is asked to add a way to pay as well: only a wait that is named tells it from an account that is empty.
    passes = status == 429 and pause is not None and "insufficient_quota" not in words.codes
    if 402 in (status, words.status) or (about == "money" and status < 500 and not passes):
        return Verdict(Course.RUN_STOPS, kind="quota", reason=reason, billed=False)
    if about == "loading" and status not in (400, 401, 403, 422):
        return Verdict(Course.AGAIN, kind=name, reason=reason, crowded=True, pause=pause, billed=False, waits=True)
    if status in _CROWDED and not _NEVER_FITS.search(words.text):
        return Verdict(Course.AGAIN, kind=name, reason=reason, crowded=True, pause=pause, billed=False, waits=True)
    if (about in _KINDS_OF_A_ROW or status == 429) and status not in (401, 402, 404, 405):
        return Verdict(Course.ROW_FAILS, kind=name, reason=reason, billed=False)
    refusal = words if status in _MAY_BE_CURED and about not in ("key", "model") else None
    if status >= 500 or status in _AGAIN:
        starting = status in _OF_THE_GATEWAY
        return Verdict(
            Course.AGAIN, kind=name, reason=reason, pause=pause, billed=False, refusal=refusal, starting=starting
        )
    stops = status in _STOP or about in ("key", "model")
    course = Course.RUN_STOPS if stops else Course.ROW_FAILS
    return Verdict(course, kind=name, reason=reason, billed=False, refusal=refusal)

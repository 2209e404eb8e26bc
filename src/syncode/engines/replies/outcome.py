"""What a response means: an answer, worth another try, the end of this request, or the end of the run."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from typing import Any

from syncode.engines.dialect import is_about_the_limit, refused_in
from syncode.engines.pacing.pace import quota_reset, retry_after
from syncode.engines.replies.completion import completion
from syncode.engines.replies.decode import Unreadable, decode
from syncode.engines.replies.kinds import kind_of, own
from syncode.engines.replies.words import Words, error_in, words_of
from syncode.engines.request import Reply
from syncode.engines.wire import Response
from syncode.text.endings import ending

_STOP = frozenset({401, 402, 403, 404, 405, 407, 410})
_AGAIN = frozenset({408, 409, 421, 425})
_CROWDED = frozenset({429, 503, 529})
_OF_THE_GATEWAY = frozenset({502, 503, 504, 521, 522, 523, 524, 529, 530})
_MAY_BE_CURED = frozenset({400, 406, 415, 422, 500, 501})  # a refusal in whatever words
_NEVER_THE_FORM = frozenset({401, 402, 407, 408, 425, 429})
_MAY_BE_THE_ROW = frozenset({400, 403, 404, 422})
_MEANT = {"money": 402, "key": 401, "model": 404, "too long": 400, "moderated": 400, "loading": 503}
_KINDS_OF_A_ROW = ("too long", "moderated")
_OF_THE_ACCOUNT = ("money", "key")
_NEVER_FITS = re.compile(
    r"request too large|must be reduced", re.IGNORECASE
)  # OpenAI: longer than all tokens of a minute
_RATE = re.compile(r"rate[ _-]?limit|too many requests|per[ -](?:second|minute)|\b[rt]pm\b", re.IGNORECASE)
_LESS_IS_PAID = re.compile(r"can only afford|(?:fewer|lower|smaller|reduce) [^.]{0,20}tokens", re.IGNORECASE)
_OF_THE_FORM = re.compile(
    r"param|argument|\bfields?\b|\boptions?\b|feature|capabilit|unsupported|not support|payload", re.IGNORECASE
)


class Course(Enum):
    """What to do about it."""

    ANSWER = auto()
    AGAIN = auto()
    ROW_FAILS = auto()
    RUN_STOPS = auto()


@dataclass(frozen=True)
class Verdict:
    """`kind` groups errors for the breaker; `billed` is False if the server says that it did nothing, `usage` what it reports.

    `refusal` holds the words of a server that may only refuse the form of the request. `waits`: the server is full or not yet
    there, which is not the request's fault: it is asked again until its deadline. `starting`: as long as it never answered.
    `alone`: a server that has answered others may mean this row only, though it says what would stop a run.
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
    usage: Mapping[str, int] = field(default_factory=dict)
    alone: bool = False


def judge(response: Response) -> Verdict:
    """Return what a response to a request means."""
    if not 200 <= response.status < 300:
        return _judge_error(response.status, words_of(response.body), response)
    try:
        value = decode(response.body)
        words = error_in(value)
        if words is None:
            return _judge_reply(completion(value))
    except Unreadable as error:
        return Verdict(
            Course.AGAIN, kind="unreadable", reason=f"{error}: {words_of(response.body).text}".removesuffix(": ")
        )
    verdict = _judge_error(words.status or _MEANT.get(kind_of(words.text), 500), words, response, inside=True)
    begun = _begun(value)
    if begun is None:
        return verdict
    # A part of an answer came, and is paid for: it was the server that broke off, not the form of the request.
    return replace(verdict, billed=True, usage=begun.usage, refusal=None, waits=False, starting=False)


def _begun(value: Any) -> Reply | None:
    """Return what there is of an answer beside an error, None if there is nothing."""
    try:
        reply = completion(value)
    except Unreadable:
        return None
    return None if reply.empty and not reply.usage else reply


def _judge_reply(reply: Reply) -> Verdict:
    how = ending(reply.finish_reason)
    if how == "failed":
        reason = f"the server ended the answer with {reply.finish_reason!r}"
        return Verdict(Course.AGAIN, kind="failed", reason=reason, usage=reply.usage)
    if reply.empty and how in ("whole", "unknown"):
        return Verdict(Course.AGAIN, kind="empty", reason="the answer is empty", empty=True, usage=reply.usage)
    return Verdict(Course.ANSWER, reply=reply, usage=reply.usage)


def _pause(words: Words, headers: Mapping[str, str]) -> float | None:
    """Return the seconds that a server asks to wait, in headers or in its error, None if it does not."""
    pauses = (retry_after(headers), words.wait, quota_reset(headers))
    return next((pause for pause in pauses if pause is not None), None)


def _judge_error(status: int, words: Words, response: Response, *, inside: bool = False) -> Verdict:
    """Return the verdict on an error; `inside`: it came with status 200, and its own status was read from it."""
    said = f"HTTP 200 with an error{f' ({words.status})' if words.status else ''}" if inside else f"HTTP {status}"
    reason, name = f"{said}: {words.text}", f"HTTP {status}"
    about, pause = kind_of(words.text, words.codes), _pause(words, response.headers)
    # Who is over a rate is asked to add a way to pay as well: a rate or a wait that is named tells it from an empty account.
    passes = status == 429 and (pause is not None or _RATE.search(own(words.text)) is not None)
    if 402 in (status, words.status) or (
        about == "money" and status < 500 and (not passes or "insufficient_quota" in words.codes)
    ):
        alone = _LESS_IS_PAID.search(words.text) is not None
        return Verdict(Course.RUN_STOPS, kind="quota", reason=reason, billed=False, alone=alone)
    named = (
        status not in _NEVER_THE_FORM
        and about not in _OF_THE_ACCOUNT
        and refused_in(words, of_a_row=about in _KINDS_OF_A_ROW)
    )
    waits = (about == "loading" and status not in (400, 401, 403, 422)) or (
        status in _CROWDED and not _NEVER_FITS.search(words.text)
    )
    if named:  # whatever the words around it sound like
        about = ""
    elif waits:
        return Verdict(Course.AGAIN, kind=name, reason=reason, crowded=True, pause=pause, billed=False, waits=True)
    elif status < 500 and about not in _OF_THE_ACCOUNT and is_about_the_limit(words):
        told = f"{reason} (--max-tokens sets it)"
        return Verdict(Course.RUN_STOPS, kind=name, reason=told, billed=False, alone=True)
    elif (about in _KINDS_OF_A_ROW or status == 429) and status not in (401, 402, 404, 405):
        return Verdict(Course.ROW_FAILS, kind=name, reason=reason, billed=False)
    may_be_cured = status in _MAY_BE_CURED or (
        status not in _NEVER_THE_FORM and status < 500 and _OF_THE_FORM.search(own(words.text)) is not None
    )
    refusal = words if named or (may_be_cured and about not in ("key", "model")) else None
    if status >= 500 or status in _AGAIN:
        starting = status in _OF_THE_GATEWAY
        return Verdict(
            Course.AGAIN, kind=name, reason=reason, pause=pause, billed=False, refusal=refusal, starting=starting
        )
    stops = status in _STOP or about in ("key", "model")
    alone = status in _MAY_BE_THE_ROW and about not in _OF_THE_ACCOUNT
    course = Course.RUN_STOPS if stops else Course.ROW_FAILS
    return Verdict(course, kind=name, reason=reason, billed=False, refusal=refusal, alone=alone)

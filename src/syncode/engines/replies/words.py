"""A server's own words about an error: what it says, which status it means, which parts of the request it names."""

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from syncode.engines.pacing.pace import asked_wait, duration
from syncode.engines.replies.decode import Unreadable, decode
from syncode.engines.replies.faults import error_of

_LONGEST = 300  # characters of a server's error text that are passed on (chosen here)
_DEEPEST = 6  # levels of nested errors that are looked at: proxies wrap what proxies wrapped (chosen here)
_SAYING = (
    "message", "msg", "detail", "details", "error", "errors", "error_message", "error_msg", "status_msg", "error_description",
    "title", "reason", "description", "cause", "raw", "base_resp",
)  # fmt: skip
_CODES = ("code", "status", "status_code", "http_status", "error_code", "type", "error_type")
_WAITS = {"retrydelay": 1, "retryafter": 1, "retryafterseconds": 1, "retryafterms": 0.001, "retryinseconds": 1}
_STATUSES = {  # google.rpc.Code, https://cloud.google.com/apis/design/errors
    "UNAUTHENTICATED": 401, "PERMISSION_DENIED": 403, "NOT_FOUND": 404, "RESOURCE_EXHAUSTED": 429, "UNAVAILABLE": 503,
    "INVALID_ARGUMENT": 400, "FAILED_PRECONDITION": 400, "OUT_OF_RANGE": 400, "INTERNAL": 500, "DEADLINE_EXCEEDED": 504,
}  # fmt: skip
_TYPES = (  # by a part of a type or code in words; the first that is found counts
    (402, ("insufficient_quota", "billing", "payment", "insufficient_balance", "insufficient_credit", "credit_balance")),
    (401, ("authentication", "unauthorized", "api_key", "invalid_token")),
    (403, ("permission", "forbidden", "access_denied")),
    (429, ("rate_limit", "ratelimit", "too_many_requests", "throttl")),
    (503, ("overloaded", "unavailable", "capacity")),
    (504, ("timeout",)),
    (404, ("not_found", "notfound")),
    (500, ("server_error", "servererror", "internal", "api_error")),
    (400, ("invalid_request", "validation", "badrequest", "bad_request", "unsupported", "content_filter", "content_policy")),
)  # fmt: skip
_TAG = re.compile(r"<(script|style|head)\b.*?</\1>|<[^>]*>", re.DOTALL | re.IGNORECASE)
_TITLE = re.compile(r"<title\b[^>]*>(.*?)</title>", re.DOTALL | re.IGNORECASE)
_MARKUP = re.compile(r"\s*<(?:!doctype|html|head|body|\?xml)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Words:
    """What a server says: `text` in one line, `codes` its types and codes, `places` the parts of the request that it names by
    structure, `status` the HTTP status that it means or None, `wait` the seconds that it asks to wait or None.
    """

    text: str
    codes: str = ""
    places: frozenset[str] = frozenset()
    status: int | None = None
    wait: float | None = None


def words_of(body: bytes) -> Words:
    """Return what an error response says, whatever its form."""
    try:
        value = decode(body)
    except Unreadable:
        text = _plain(body.decode("utf-8", "replace"))
        return Words(_line(text), wait=asked_wait(" ".join(text.split())))
    return words_in(value)


def words_in(value: Any) -> Words:
    """Return what a decoded error says; a value without words is shown as it is."""
    said = list(dict.fromkeys(_line(text) for text in _said(value, 0)))
    text = "; ".join(text for place, text in enumerate(said) if not any(text in other for other in said[:place]))
    if not text:
        text = value if isinstance(value, str) else _shown(value)
    codes = " ".join(_codes(value, 0))
    wait = next(_waits(value, 0), None)
    if wait is None:  # often the last sentence of a message that is too long to be shown
        wait = asked_wait(" ".join(" ".join(_said(value, 0)).split()))
    return Words(_line(text), codes, frozenset(_places(value, 0)), _status(value, 0), wait)


def message(body: bytes) -> str:
    """Return a server's own words about an error, in one line."""
    return words_of(body).text


def error_in(value: Any) -> Words | None:
    """Return the words of an error that came with status 200, None if there is none; see `error_of`."""
    error = error_of(value) if isinstance(value, Mapping) else None
    return None if error is None else words_in(error)


def _shown(value: Any) -> str:
    try:
        return orjson.dumps(value, default=str).decode()
    except TypeError:  # a number that no 64 bits hold, a list too deep
        return str(value)


def _line(text: str) -> str:
    return " ".join(text.split())[:_LONGEST]


def _plain(text: str) -> str:
    """Return the words of a page, its title first; other text as it is."""
    if not _MARKUP.match(text):
        return text
    title = _TITLE.search(text)
    words = [title[1] if title else "", _TAG.sub(" ", text)]
    return html.unescape(": ".join(part.strip() for part in words if part.strip())) or text


def _said(value: Any, depth: int) -> Iterator[str]:
    """Yield the sentences in an error, the outermost first."""
    if depth > _DEEPEST:
        return
    if isinstance(value, str):
        inner = _nested(value)
        if inner is not None and (found := list(_said(inner, depth + 1))):
            yield from found
        elif value.strip():
            yield _plain(value)
    elif isinstance(value, list):
        for each in value:
            yield from _said(each, depth + 1)
    elif isinstance(value, Mapping):
        if isinstance(value.get("loc"), list | tuple) and isinstance(value.get("msg"), str):  # pydantic
            yield f"{'.'.join(map(str, value['loc']))}: {value['msg']}"
            return
        for name in _SAYING:
            if name in value:
                yield from _said(value[name], depth + 1)
        if isinstance(value.get("metadata"), Mapping):  # OpenRouter: the words of the provider behind it
            yield from _said(value["metadata"], depth + 1)


def _nested(text: str) -> Any:
    """Return the JSON in a text that is JSON: an error that was passed on as a string."""
    if text[:1] not in ("{", "["):
        return None
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None


def _places(value: Any, depth: int) -> Iterator[str]:
    """Yield the parts of the request that an error names by structure: `param` of OpenAI, `loc` of pydantic."""
    if depth > _DEEPEST:
        return
    if isinstance(value, str):
        value = _nested(value)
    if isinstance(value, list):
        for each in value:
            yield from _places(each, depth + 1)
    elif isinstance(value, Mapping):
        for name in ("param", "parameter", "field", "path", "property"):
            if isinstance(value.get(name), str):
                yield value[name]
        loc = value.get("loc")
        if isinstance(loc, list | tuple):
            yield ".".join(str(part) for part in loc if part != "body")
        for name, each in value.items():
            if name != "input" and isinstance(each, Mapping | list | str):  # `input` of pydantic is the request itself
                yield from _places(each, depth + 1)


def _codes(value: Any, depth: int) -> Iterator[str]:
    if depth <= _DEEPEST and isinstance(value, Mapping):
        yield from (str(value[name]) for name in _CODES if isinstance(value.get(name), str | int))
        for name in ("error", "detail", "message", "base_resp"):
            yield from _codes(value.get(name), depth + 1)


def _waits(value: Any, depth: int) -> Iterator[float]:
    """Yield the seconds that an error asks to wait: `retryDelay` of Google's RetryInfo, `retry_after` of proxies."""
    if depth > _DEEPEST or not isinstance(value, Mapping | list):
        return
    for name, each in value.items() if isinstance(value, Mapping) else enumerate(value):
        unit = _WAITS.get(str(name).lower().replace("_", "").replace("-", ""))
        if isinstance(each, Mapping | list) and not (unit and "seconds" in each):
            yield from _waits(each, depth + 1)
        elif unit and (seconds := duration(str(each["seconds"] if isinstance(each, Mapping) else each))) is not None:
            yield seconds * unit


def _status(value: Any, depth: int) -> int | None:
    """Return the HTTP status that an error means, by its numbers first, then by its words."""
    if depth > _DEEPEST or not isinstance(value, Mapping | list):
        return None
    if isinstance(value, list):
        return next((found for each in value if (found := _status(each, depth + 1))), None)
    inner = [_status(value.get(name), depth + 1) for name in ("error", "errors", "detail")]
    given = [value.get(name) for name in _CODES]
    for each in given:
        if isinstance(each, str) and each.isdigit():
            each = int(each)
        if isinstance(each, int) and not isinstance(each, bool) and 400 <= each <= 599:
            return each
    if found := next(filter(None, inner), None):
        return found
    for each in given:
        if isinstance(each, str):
            if each in _STATUSES:
                return _STATUSES[each]
            word = each.lower().replace(" ", "_").replace("-", "_")
            for status, parts in _TYPES:
                if any(part in word for part in parts):
                    return status
    return None

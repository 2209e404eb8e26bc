"""What goes over the wire and what comes back, before anybody judges it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import orjson

from syncode.engines.request import Reply

_MOST_TOKENS = 2**40  # that a server may report for one answer and be believed (ours)


@dataclass(frozen=True)
class Response:
    """An HTTP response as it came. `headers` have lower-case names; `body` is the raw text, stored before it is read."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


class Unreachable(Exception):
    """No whole response came: refused, reset, cut off in the middle."""


class Refused(Unreachable):
    """Not even a connection: nothing was sent, nothing can be billed."""


class Transport(Protocol):
    """Something that carries one request body to a server and brings the response back.

    Raises Unreachable, and TimeoutError after `seconds`. An HTTP error status is a Response. `close` belongs into the same
    event loop.
    """

    async def send(self, body: Mapping[str, Any], seconds: float) -> Response: ...

    async def close(self) -> None: ...


class Unreadable(Exception):
    """The server said 200, but what it sent is no chat completion."""


def read(body: bytes) -> Reply:
    """Return the reply in a raw chat completion; raise Unreadable where there is none.

    `length` and `content_filter` are results, and so is a `refusal` in place of the content (OpenAI's structured
    replies): its text, ended by `content_filter`. A null content is an empty text. `usage` keeps `prompt_tokens`,
    `completion_tokens` and, where the server tells, `cached_tokens`.
    """
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Unreadable(f"the response is not JSON ({error})") from error
    if not isinstance(answer, dict):
        raise Unreadable("the response is not a JSON object")
    choices = answer.get("choices")
    if not isinstance(choices, list) or not choices:
        raise Unreadable("the response has no choices")
    first = choices[0]
    message = first.get("message") if isinstance(first, dict) else None
    if not isinstance(message, dict):
        raise Unreadable("the response has no message")
    text, reason = message.get("content"), first.get("finish_reason")
    if not text and message.get("refusal"):
        text, reason = message["refusal"], "content_filter"
    return Reply(
        text=text if isinstance(text, str) else "",
        finish_reason=reason if isinstance(reason, str) else None,
        usage=_usage(answer.get("usage")),
        model=str(answer.get("model") or ""),
    )


def _usage(reported: object) -> dict[str, int]:
    if not isinstance(reported, dict):
        return {}
    names = ("prompt_tokens", "completion_tokens")
    usage = {name: reported[name] for name in names if _is_count(reported.get(name))}
    details = reported.get("prompt_tokens_details")
    cached = details.get("cached_tokens") if isinstance(details, dict) else None
    if cached and _is_count(cached):
        usage["cached_tokens"] = min(cached, usage.get("prompt_tokens", 0))
    return usage


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST_TOKENS

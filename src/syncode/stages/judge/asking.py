"""How much room a judge is given, and whether and how it is asked a second time: only where that can help."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from syncode.engines import Reply, Request
from syncode.prompts import render
from syncode.schemas.records import Message
from syncode.text import chats, thoughts

THINKING_TOKENS = 16384
"""Room for thoughts and reply of a judge that thinks: what arena-hard-auto v2 gives its judges, rounded (16,000)."""
LABEL_TOKENS = 64
"""Room for a label alone, from a judge that does not think (chosen here)."""
_THINKERS = re.compile(
    r"(?:^|[/:_.@-])(?:o[1-9](?![0-9])|gpt-5|gpt-oss|deepseek-r\d|deepseek-reasoner|r1|qwq|qwen-?3(?!.*instruct)|magistral|gemini-(?:2\.5|[3-9])"
    r"|glm-(?:4\.[5-9]|[5-9])|kimi-k2-thinking|minimax-m\d|grok-(?:3-mini|[4-9])|nemotron|seed-oss|ernie-\S*x1|hunyuan-t1|exaone-deep|sonar-reasoning)"
    r"|think(?:ing)?\b|reason(?:ing|er)\b",
    re.IGNORECASE,
)
"""Names of models that think before they reply unless told not to, by their makers' model cards (2024 to 2026)."""


def thinks(name: str) -> bool:
    """Return whether a model of this name is known to think before it replies."""
    return _THINKERS.search(name) is not None and "non-reasoning" not in name and "no-think" not in name


def with_room(request: Request, name: str, *, fixed: bool) -> Request:
    """Return a request with room for thoughts if the judge thinks; `fixed`: the user has set the limit."""
    if fixed or not (thinks(name) or request.body.get("reasoning_effort", "none") != "none"):
        return request
    return _limited(request, max(request.sampling.max_tokens, THINKING_TOKENS))


def thought(reply: Reply) -> bool:
    """Return whether a reply came with thoughts, beside its text or in it."""
    return (
        bool(reply.reasoning)
        or "reasoning" in reply.parts
        or thoughts.split(reply.text).reasoning != ""
        or thoughts.is_open(reply.text)
    )


def cut_in(reply: Reply) -> str:
    """Return where a reply was cut: in its `thoughts`, before a word of it was said, or in the `reply`."""
    answer = "" if thoughts.is_open(reply.text) else thoughts.split(reply.text).answer
    return "thoughts" if chats.is_blank(answer) and thought(reply) else "reply"


def longer(request: Request, reply: Reply, *, fixed: bool) -> Request:
    """Return the request with more room than that in which its reply was cut: twice as much, or as much as thoughts need."""
    room = 2 * request.sampling.max_tokens
    return _limited(request, room if fixed or not thought(reply) else max(room, THINKING_TOKENS))


def again(request: Request, reply: Reply, values: Sequence[str], schema: Mapping[str, Any] | None) -> Request:
    """Ask for the final value only, in the same conversation; without `values`, for the object once more.

    A judge that thinks keeps its room. A reply without text does not become a turn: what is asked then joins the first question.
    """
    shown = " ".join(f"[[{value}]]" for value in values)
    follow_up = render("judge_again.v1", labels=shown) if values else render("judge_again_object.v1")
    messages: list[Message] = [*request.messages]
    if reply.text.strip():
        messages += [Message(role="assistant", content=reply.text), *follow_up]
    else:
        last = messages.pop()
        messages.append({**last, "content": f"{last['content']}\n\n{follow_up[0]['content']}"})
    room = request.sampling.max_tokens
    short = room if thought(reply) or not values else min(LABEL_TOKENS, room)
    return replace(_limited(request, short), messages=messages, schema=schema)


def _limited(request: Request, room: int) -> Request:
    return replace(request, sampling=replace(request.sampling, max_tokens=room))

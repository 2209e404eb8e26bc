"""Picks the best of several answers with a model that sees all of them and gives a reason.

Judges prefer a position. So the candidates are shown in an order keyed by the record, and once more in the reverse of it;
only an agreement counts, otherwise the answer with code in it, then the lowest number.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from syncode.engines import Ask, Op, Reply, Request, Sampling, read_json, step
from syncode.prompts import render
from syncode.schemas.records import Document, LineageStep, draw
from syncode.text import chats
from syncode.text.endings import is_whole
from syncode.text.fences import blocks

OP = Op("synth.choose", version=1, prompt="synth_choose.v1")

CHOICE_TOKENS = 192  # a reason of two sentences and a number; chosen here
REASON_CHARS = 240  # keeps a small model from filling the whole reply with its reason; chosen here


@dataclass(frozen=True)
class Choice:
    """Which candidate, and how it was found: `agreed` is None if there was nothing to choose."""

    index: int
    agreed: bool | None = None
    reasons: list[str] = field(default_factory=list)
    votes: list[int | None] = field(default_factory=list)
    steps: list[LineageStep] = field(default_factory=list)
    error: str | None = None

    def as_evidence(self) -> dict[str, Any]:
        """Return what a reader of the data set wants to know of it."""
        return {"index": self.index, "agreed": self.agreed, "votes": self.votes, "reasons": self.reasons}


async def best(
    document: Document, question: str, replies: Sequence[Reply], places: Sequence[int], ask: Ask, seed: int
) -> Choice:
    """Return the choice among the replies at some places, one at least; equal texts count as one candidate."""
    distinct = [at for at in places if replies[at].text not in [replies[each].text for each in places if each < at]]
    if len(distinct) == 1:
        return Choice(distinct[0])
    order = sorted(distinct, key=lambda at: draw(seed, document["id"], at, "candidate order"))
    orders = [order, order[::-1]]
    requests = [_request(document, question, [replies[at].text for at in each], k) for k, each in enumerate(orders)]
    answers = await asyncio.gather(*map(ask, requests))
    errors = [answer.error for answer in answers if answer.error]
    if errors:
        return Choice(0, error=errors[0])
    read = [_read(answer.text, each) for answer, each in zip(answers, orders, strict=True)]
    votes = [vote for vote, _ in read]
    agreed = votes[0] is not None and votes[0] == votes[1]
    index = votes[0] if agreed and votes[0] is not None else _without_judge(replies, distinct)
    steps = [step(*pair) for pair in zip(requests, answers, strict=True)]
    return Choice(index, agreed, [reason for _, reason in read], votes, steps)


def usable(replies: Sequence[Reply], allow_cut: bool) -> list[int]:
    """Return the places of the replies that say something and came to their natural end; of those cut only if none did."""
    said = [at for at, reply in enumerate(replies) if not chats.is_blank(reply.text)]
    whole = [at for at in said if is_whole(replies[at].finish_reason)]
    return whole or (said if allow_cut else [])


def _request(document: Document, question: str, texts: Sequence[str], k: int) -> Request:
    candidates = "\n\n".join(
        f"Answer {number}:\n<answer {number}>\n{text}\n</answer {number}>" for number, text in enumerate(texts, 1)
    )
    messages = render(OP.prompt, question=question, candidates=candidates, count=str(len(texts)))
    schema = {
        "type": "object",
        "properties": {
            "reason": {"type": "string", "maxLength": REASON_CHARS},
            "best": {"type": "integer", "enum": list(range(1, len(texts) + 1))},
        },
        "required": ["reason", "best"],
        "additionalProperties": False,
    }
    return Request(str(document["id"]), OP, messages, Sampling(max_tokens=CHOICE_TOKENS), k, schema=schema)


def _read(text: str, order: Sequence[int]) -> tuple[int | None, str]:
    """Return the candidate that was voted for (None if the reply cannot be read) and the reason."""
    value = read_json(text)
    if not isinstance(value, dict) or value.get("best") not in range(1, len(order) + 1):
        return None, text
    return order[value["best"] - 1], str(value.get("reason", ""))


def _without_judge(replies: Sequence[Reply], distinct: Sequence[int]) -> int:
    return min(distinct, key=lambda at: (not blocks(replies[at].text), at))

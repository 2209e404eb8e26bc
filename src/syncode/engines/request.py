"""What a stage asks of a model and what it gets back: plain values, and the one function type between them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Protocol

from syncode.schemas.records import LineageStep, Message
from syncode.text import thoughts


@dataclass(frozen=True)
class Op:
    """What a request is for. Raise `version` only when the request changes meaning: it is part of the journal key."""

    name: str
    version: int
    prompt: str


@dataclass(frozen=True)
class Sampling:
    """Decoding parameters under their OpenAI names."""

    GROUP: ClassVar[str] = "Sampling"
    temperature: float = field(default=0.0, metadata={"help": "Sampling temperature.", "min": 0.0})
    max_tokens: int = field(default=1024, metadata={"help": "Longest reply, in tokens.", "min": 1})
    top_p: float = field(default=1.0, metadata={"help": "Nucleus sampling mass.", "min": 0.0, "max": 1.0})


@dataclass(frozen=True)
class Request:
    """One question to the model.

    `record_id` names the row it is asked for (for logs and lineage), `k` numbers repeated samples of the same question and
    keeps them apart in the journal. `seed` is sent to the server. `schema` is a JSON Schema for a structured reply, sent as
    `response_format` where the engine has it. `body` holds further keys of the body under their OpenAI names (`tools`).
    """

    record_id: str
    op: Op
    messages: list[Message]
    sampling: Sampling = Sampling()
    k: int = 0
    seed: int | None = None
    schema: Mapping[str, Any] | None = None
    stop: tuple[str, ...] = ()
    body: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Reply:
    """What came back. `error` is set, and `text` empty, when the request failed for good.

    `key` is the journal key (32 hex digits), `usage` holds `prompt_tokens` and `completion_tokens`, `model` is the name that
    the server returned, `cached` says that the journal had the answer. `reasoning` and `tool_calls` are the other parts of the
    assistant's turn: the text that the model thought, and the calls as the server gave them.
    `logprobs` are, if they were asked for, the likeliest tokens at each place with their log-probabilities, the said one first.
    """

    text: str = ""
    finish_reason: str | None = None
    usage: Mapping[str, int] = field(default_factory=dict)
    model: str = ""
    key: str = ""
    error: str | None = None
    cached: bool = False
    reasoning: str = ""
    tool_calls: tuple[Mapping[str, Any], ...] = ()
    logprobs: tuple[Mapping[str, float], ...] = ()

    @property
    def parts(self) -> dict[str, Any]:
        """What the turn has besides its content, as keys of a row: none where the model gave none."""
        parts: dict[str, Any] = {"reasoning": self.reasoning} if self.reasoning else {}
        return parts | ({"tool_calls": [dict(call) for call in self.tool_calls]} if self.tool_calls else {})

    @property
    def spoken(self) -> "Reply":
        """The reply with the thoughts that stand in its text (`<think>`) moved to `reasoning`."""
        reasoning, answer = thoughts.split(self.text)
        if answer == self.text:
            return self
        return replace(self, text=answer, reasoning="\n\n".join(filter(None, (self.reasoning, reasoning))))

    @property
    def empty(self) -> bool:
        """Whether the turn has no part at all."""
        return not (self.text.strip() or self.reasoning.strip() or self.tool_calls)


class Ask(Protocol):
    """The whole engine as a stage sees it: budget, journal, limiter and client stand behind this call."""

    async def __call__(self, request: Request) -> Reply: ...


def step(request: Request, reply: Reply) -> LineageStep:
    """Return the lineage entry for one request."""
    return {
        "op": request.op.name,
        "version": request.op.version,
        "model": reply.model,
        "prompt": request.op.prompt,
        "request": reply.key,
    }

"""One TypedDict a record: a row is a plain dict on the wire, and this is what it must hold.

Unknown keys are allowed everywhere and pass through untouched. `drop` is reserved: a stage that discards a row returns
it with `drop: "<stage>.<rule>: <why>"`, and only the sink removes it.
"""

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any, Literal, NotRequired, TypedDict

import orjson

Row = dict[str, Any]

Label = Literal["A>>B", "A>B", "A=B", "B>A", "B>>A"]


class Message(TypedDict):
    """One turn in OpenAI chat form."""

    role: str
    content: str


class Source(TypedDict):
    """Where a document comes from."""

    kind: str
    url: NotRequired[str]
    path: NotRequired[str]
    license: NotRequired[str | None]
    fetched: NotRequired[str]


class LineageStep(TypedDict):
    """One operation that made or changed the row; the list of them leads down to the source."""

    op: str
    version: int
    model: NotRequired[str]
    prompt: NotRequired[str]
    request: NotRequired[str]
    config: NotRequired[dict[str, Any]]


class Document(TypedDict):
    """A source file, or a page as Markdown with fenced code."""

    id: str
    text: str
    source: Source
    language: NotRequired[str]
    labels: NotRequired[dict[str, Any]]
    lineage: NotRequired[list[LineageStep]]
    drop: NotRequired[str]


class Sample(TypedDict):
    """A chat for fine-tuning, in the form that TRL, LLaMA-Factory and vLLM read as it is."""

    id: str
    messages: list[Message]
    language: str
    labels: dict[str, Any]
    lineage: list[LineageStep]
    source: NotRequired[Source]
    evidence: NotRequired[dict[str, Any]]
    weight: NotRequired[float]
    drop: NotRequired[str]


class Task(TypedDict):
    """A question that models are compared on."""

    id: str
    messages: list[Message]
    category: NotRequired[str]
    subcategory: NotRequired[str]
    difficulty: NotRequired[str]
    language: NotRequired[str]
    tests: NotRequired[str]
    entry_point: NotRequired[str]
    references: NotRequired[dict[str, str]]
    drop: NotRequired[str]


class Answer(TypedDict):
    """What one model said to one task; `text` is the reply alone, `messages` the whole conversation."""

    id: str
    task_id: str
    model: str
    text: NotRequired[str]
    messages: NotRequired[list[Message]]
    finish_reason: NotRequired[str | None]
    usage: NotRequired[dict[str, Any]]
    drop: NotRequired[str]


class Execution(TypedDict):
    """The result of one program; `of` names the answer or sample. `passed` is null where nothing was decided."""

    id: str
    of: str
    state: str
    passed: bool | None
    tests: NotRequired[int]
    seconds: float
    toolchain: str
    drop: NotRequired[str]


class Verdict(TypedDict):
    """One game of one judge. A row may carry `share` in [0, 1] (preference for `model_a`) instead of a label."""

    id: NotRequired[str]
    task_id: str
    model_a: str
    model_b: str
    order: NotRequired[str]
    judge: NotRequired[str]
    protocol: NotRequired[str]
    label: NotRequired[str | None]
    state: NotRequired[str]
    share: NotRequired[float | None]
    drop: NotRequired[str]


class Step(TypedDict):
    """One optimiser step. `loss` is the mean over its supervised tokens, `mfu` null where the peak is unknown."""

    step: int
    loss: float | None
    lr: float
    tokens: int
    tokens_per_s: float
    mfu: float | None
    seconds: float


RECORDS: dict[str, type] = {
    "document": Document,
    "sample": Sample,
    "task": Task,
    "answer": Answer,
    "execution": Execution,
    "verdict": Verdict,
    "step": Step,
}


def content_id(*parts: object) -> str:
    """Return a 128-bit hash (32 hex digits) of the parts; equal content, equal id, on any machine."""
    canonical = orjson.dumps(parts, option=orjson.OPT_SORT_KEYS)
    return blake2b(canonical, digest_size=16).hexdigest()


def draw(seed: int, row_id: str, k: int = 0, purpose: str = "") -> int:
    """Return 64 random bits keyed by (run seed, row id, k) and what they are for, never by position."""
    keyed = blake2b(f"{seed}/{row_id}/{k}/{purpose}".encode(), digest_size=8)
    return int.from_bytes(keyed.digest(), "big")


def dropped(row: Mapping[str, Any], rule: str, why: str) -> Row:
    """Return the row marked as discarded: `rule` is `<stage>.<rule>`, `why` is for people."""
    return {**row, "drop": f"{rule}: {why}"}

"""One TypedDict a record: a row is a plain dict on the wire, and this is what it must hold.

Unknown keys are allowed everywhere and pass through untouched. `drop` is reserved: a stage that discards a row returns
it with `drop: "<stage>.<rule>: <why>"`, and only the sink removes it.

The comment behind a key is its meaning in docs/records.md and in the JSON Schemas, which are generated from this file.
"""

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any, Literal, NotRequired, TypedDict

from syncode.schemas.wire import dumps

Row = dict[str, Any]

Name = str | int
"""The id of a row: text, or a whole number as other people's files have it; it stays what it is."""

Label = Literal["A>>B", "A>B", "A=B", "B>A", "B>>A"]


class Message(TypedDict):
    """One turn in OpenAI chat form."""

    role: str  # system, user, assistant or tool
    content: str  # the text of the turn
    reasoning: NotRequired[str]  # what the model thought before it; never compared, run or judged
    tool_calls: NotRequired[list[dict[str, Any]]]  # calls of tools, as OpenAI writes them
    tool_call_id: NotRequired[str]  # the call that a tool's turn answers
    name: NotRequired[str]  # the tool or person that speaks
    weight: NotRequired[float]  # 0: `train` does not learn this turn


class Source(TypedDict):
    """Where a document comes from."""

    kind: str  # path, git, warc, web, ...: which reader found it
    url: NotRequired[str]  # where it was fetched from
    path: NotRequired[str]  # file it was read from
    license: NotRequired[str | None]  # SPDX identifier; null: looked for, not found
    fetched: NotRequired[str]  # time of the fetch, ISO 8601 in UTC


class LineageStep(TypedDict):
    """One operation that made or changed the row; the list of them leads down to the source."""

    op: str  # stage that did it
    version: int  # rises when the stage means something else
    model: NotRequired[str]  # model that answered
    prompt: NotRequired[str]  # prompt file that asked, with its version
    request: NotRequired[str]  # journal key of the request
    config: NotRequired[dict[str, Any]]  # settings that changed the result


class Document(TypedDict):
    """A source file, or a page as Markdown with fenced code."""

    id: Name  # hash of the content
    text: str  # Markdown, or the source file as it is
    source: Source  # where it comes from
    language: NotRequired[str]  # programming language, in lower case
    labels: NotRequired[dict[str, Any]]  # what classifiers said of it
    lineage: NotRequired[list[LineageStep]]  # steps so far, oldest first
    drop: NotRequired[str]  # why a stage discarded the row: `<stage>.<rule>: <why>`


class Sample(TypedDict):
    """A chat for fine-tuning, in the form that TRL, LLaMA-Factory and vLLM read as it is."""

    id: Name  # hash of its parent and its content
    messages: list[Message]  # question and answer
    language: str  # programming language, in lower case
    labels: dict[str, Any]  # what classifiers said of it
    lineage: list[LineageStep]  # steps so far, oldest first
    source: NotRequired[Source | str]  # the document that inspired it; of other people's documents also a name
    evidence: NotRequired[dict[str, Any]]  # candidates, tests and results that led to the answer
    weight: NotRequired[float]  # factor of its loss in training, 1 where absent
    drop: NotRequired[str]  # why a stage discarded the row: `<stage>.<rule>: <why>`


class Task(TypedDict):
    """A question that models are compared on."""

    id: Name  # name within its benchmark
    messages: list[Message]  # the conversation up to the answer
    category: NotRequired[str]  # class of the taxonomy
    subcategory: NotRequired[str]  # subclass of the taxonomy
    difficulty: NotRequired[str]  # easy, medium or hard
    language: NotRequired[str]  # programming language, in lower case
    tests: NotRequired[str]  # code that decides whether an answer passes
    entry_point: NotRequired[str]  # function that the tests call
    references: NotRequired[dict[str, str]]  # ready answers by model name
    drop: NotRequired[str]  # why a stage discarded the row: `<stage>.<rule>: <why>`


class Answer(TypedDict):
    """What one model said to one task; `text` is the reply alone, `messages` the whole conversation."""

    id: Name  # hash of task, model and sample number
    task_id: Name  # `id` of the Task
    model: str  # name of the model that answered
    text: NotRequired[str]  # the reply alone
    messages: NotRequired[list[Message]]  # the conversation with the reply
    finish_reason: NotRequired[str | None]  # stop, length, content_filter, ... as the server said
    usage: NotRequired[dict[str, Any]]  # token counts as the server said
    drop: NotRequired[str]  # why a stage discarded the row: `<stage>.<rule>: <why>`


class Execution(TypedDict):
    """The result of one program; `of` names the answer or sample. `passed` is null if nothing was decided."""

    id: str  # hash of program, tests and settings
    of: Name  # `id` of the Answer or Sample that ran
    state: str  # pass, fail, error, compile, timeout, oom, forbidden, flaky, infra, no_code, no_tests or missing
    passed: bool | None  # null if nothing was decided
    evidence: NotRequired[str]  # separate or shared: whether tests and answer had a process each; none: no tests
    tests: NotRequired[dict[str, int]]  # how many: total, passed, failed, errors, skipped
    results: NotRequired[list[dict[str, Any]]]  # one object per test: name, state, and where known reason and seconds
    score: NotRequired[float | None]  # share of tests that passed, if asked for; null if nothing was decided
    seconds: float  # wall time
    toolchain: str  # compiler or interpreter, with its version
    drop: NotRequired[str]  # why a stage discarded the row: `<stage>.<rule>: <why>`


class Verdict(TypedDict):
    """One game of one judge. A row may carry `share` in [0, 1] (preference for `model_a`) instead of a label."""

    id: NotRequired[str]  # hash of question, answers, judge and order
    task_id: Name  # `id` of the Task
    model_a: str  # whose answer is A
    model_b: str  # whose answer is B
    order: NotRequired[str]  # which answer stood first: baseline_first, candidate_first, given or exchanged
    judge: NotRequired[str]  # name of the model that judged
    protocol: NotRequired[str]  # rules and prompt of the game
    label: NotRequired[str | None]  # A>>B, A>B, A=B, B>A or B>>A; null if there is no verdict
    state: NotRequired[str]  # ok, or why there is no verdict
    share: NotRequired[float | None]  # preference for `model_a` in [0, 1], in place of a label
    game: NotRequired[int]  # 0: the baseline's answer stood first, 1: exchanged
    repeat: NotRequired[int]  # how often the same game was asked before
    value: NotRequired[float | None]  # the label as a number from 2 (A>>B) to -2 (B>>A)
    baseline: NotRequired[str | None]  # model that all others met, null if every two models meet
    reason: NotRequired[str | None]  # what the judge said
    judge_model: NotRequired[str | None]  # name under which the judge's server answered
    answer_a: NotRequired[Name | None]  # `id` of the Answer of `model_a`
    answer_b: NotRequired[Name | None]  # `id` of the Answer of `model_b`
    style_a: NotRequired[dict[str, float]]  # tokens, headings, list_items, bold_spans and code_blocks of its answer
    style_b: NotRequired[dict[str, float]]  # the same of the other answer
    lengths: NotRequired[list[float]]  # characters of both answers
    weight: NotRequired[float]  # how many pairs the pair stands for, where people labelled a sample
    canary: NotRequired[str]  # kind of canary; such a verdict is never scored
    held: NotRequired[bool | None]  # whether the judge stood the canary's test, null if a verdict is missing
    drop: NotRequired[str]  # why a stage discarded the row: `<stage>.<rule>: <why>`


class Step(TypedDict):
    """One optimiser step. `loss` is the mean over its supervised tokens, `mfu` null if the peak is unknown."""

    step: int  # number of the optimiser step, from 1
    loss: float | None  # mean over its supervised tokens; null if the step was not applied
    lr: float  # learning rate
    tokens: int  # tokens in its batch
    tokens_per_s: float  # `tokens` by `seconds`
    mfu: float | None  # share of peak arithmetic that is used; null if the peak is unknown
    seconds: float  # wall time of the step


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
    return blake2b(dumps(parts, sort_keys=True), digest_size=16).hexdigest()


def draw(seed: int, row_id: Name, k: int = 0, purpose: str = "") -> int:
    """Return 64 random bits keyed by (run seed, row id, k) and what they are for, never by position."""
    keyed = blake2b(f"{seed}/{row_id}/{k}/{purpose}".encode(), digest_size=8)
    return int.from_bytes(keyed.digest(), "big")


def value_at(row: Mapping[str, Any], path: str) -> Any:
    """Return the value of a field, named by its key or by a path of keys (`meta.text`); None if there is none."""
    if path in row:
        return row[path]
    value: Any = row
    for key in path.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    return value


MARKED = "input.marked"
"""The rule of a row that comes with a `drop` that is not text."""


def rule_of(drop: object) -> str:
    """Return the rule of a mark `<rule>: <why>`."""
    return drop.partition(":")[0] if isinstance(drop, str) else MARKED


def dropped(row: Mapping[str, Any], rule: str, why: str) -> Row:
    """Return the row marked as discarded: `rule` is `<stage>.<rule>`, `why` is for people."""
    return {**row, "drop": f"{rule}: {why}"}

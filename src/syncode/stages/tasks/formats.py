"""The published files as they are documented: one TypedDict a format, with the keys that a reader needs."""

from typing import Any, NotRequired, TypedDict

from syncode.errors import DataError
from syncode.schemas.check import checker
from syncode.schemas.records import Message, Row


class CodeArena(TypedDict):
    """CodeArena.jsonl of CSJianYang/CodeArena. `messages` is a list, or that list as text."""

    id: str | int
    messages: list[Message] | str
    difficulty: NotRequired[str]
    programming_language: NotRequired[list[str] | str]


class ArenaHard(TypedDict):
    """question.jsonl of lmarena/arena-hard-auto: `uid` and `prompt`, or in its first form `question_id` and `turns`."""

    category: str
    uid: NotRequired[str]
    question_id: NotRequired[str]
    prompt: NotRequired[str]
    turns: NotRequired[list[dict[str, Any]]]


class HumanEval(TypedDict):
    """HumanEval.jsonl of openai/human-eval, and HumanEval+ as evalplus/humanevalplus publishes it on the Hub."""

    task_id: str
    prompt: str
    entry_point: str
    canonical_solution: str
    test: str


class EvalPlus(TypedDict):
    """HumanEvalPlus.jsonl and MbppPlus.jsonl of EvalPlus: the tests are inputs, the oracle is the canonical solution."""

    task_id: str
    prompt: str
    entry_point: str
    canonical_solution: str
    base_input: list[Any]
    plus_input: list[Any]
    atol: float
    contract: NotRequired[str]
    test: NotRequired[str]
    assertion: NotRequired[str]


class Mbpp(TypedDict):
    """mbpp.jsonl of google-research (`text`), its sanitized-mbpp.json (`prompt`), and MBPP+ on the Hub (`test`)."""

    task_id: int | str
    code: str
    test_list: list[str]
    text: NotRequired[str]
    prompt: NotRequired[str]
    test: NotRequired[str]
    test_setup_code: NotRequired[str]
    test_imports: NotRequired[list[str]]


class MultiplE(TypedDict):
    """A row of nuprl/MultiPL-E; `language` is a file extension, `tests` go on right behind the completion."""

    name: str
    language: str
    prompt: str
    tests: str
    stop_tokens: list[str]


class McEval(TypedDict):
    """A row of McEval's generation, explanation or completion files; rows without `test` are compared as text."""

    task_id: str
    instruction: str
    prompt: NotRequired[str]
    canonical_solution: NotRequired[str]
    test: NotRequired[str]
    entry_point: NotRequired[str]
    level: NotRequired[str]


class MxEval(TypedDict):
    """A row of amazon-science/mxeval: MBXP, Multilingual HumanEval, MathQA-X."""

    task_id: str
    language: str
    prompt: str
    test: str
    entry_point: NotRequired[str]
    canonical_solution: NotRequired[str | None]


class HumanEvalX(TypedDict):
    """A row of CodeGeeX's HumanEval-X; `task_id` is `CPP/0` and the like."""

    task_id: str
    prompt: str
    declaration: str
    canonical_solution: str
    test: str
    test_setup: NotRequired[str]


def expect(row: Row, form: type) -> None:
    """Raise DataError with what is wrong where a row is not in the form."""
    wrong = checker(form)(row)
    if wrong:
        raise DataError(wrong)


def without(row: Row, *keys: str) -> Row:
    """Return the keys of a row that no field of a Task takes over; they pass through untouched."""
    return {key: value for key, value in row.items() if key not in keys}

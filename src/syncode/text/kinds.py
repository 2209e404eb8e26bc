"""What a row is, told by its keys: the names that commands and their messages use for what they read."""

from collections.abc import Iterable, Mapping
from typing import Any, Literal, get_args

from syncode.schemas.records import content_id
from syncode.text import chats
from syncode.text.preferences import is_labelled, is_pair

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
    "message",
    "several",
    "problem",
    "empty",
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
    "preference": "preference rows (a better and a worse answer, or one that is labelled good or bad)",
    "message": "single messages of a conversation tree (join them first)",
    "several": "chats with several answers, or with one that is not text (keep one of them)",
    "problem": "a benchmark's own rows (`syncode tasks` reads them)",
    "empty": "rows without a field",
    "other": "rows of no known form",
}

_OF_PROBLEMS = ("canonical_solution", "test_list", "test")  # HumanEval and its kin, MBPP
_OF_ANSWERS = ("text", "messages", "solution", "completion")  # the last two: sample files of EvalPlus and human-eval


def kind_of(row: Mapping[str, Any]) -> Kind:
    """Return the kind of a row; the surest signs are looked at first. A field that is null is not there."""
    keys = {key for key, value in row.items() if value is not None}
    if {"model_a", "model_b"} <= keys or {"judge", "protocol"} <= keys:
        return "verdict"
    if {"of", "state"} <= keys:
        return "execution"
    if {"step", "lr"} <= keys:
        return "step"
    if is_pair(row):
        return "preference"
    if "task_id" in keys and (found := _of_task(row, keys)):
        return found
    if "messages" not in keys and (found := _one_sided(row, keys)):
        return found
    if chats.has_chat(row):
        return _chat(row)
    if isinstance(row.get("text"), str):
        return "document"
    return "other" if keys else "empty"


def _of_task(row: Mapping[str, Any], keys: set[str]) -> Kind | None:
    """Return the kind of a row that names a task: an answer to it, or the benchmark's own row of it."""
    if any(key in keys for key in _OF_PROBLEMS):
        return "problem"
    if any(isinstance(row.get(key), str | list) for key in _OF_ANSWERS):
        return "answer"
    return "problem" if "prompt" in keys else None


def _one_sided(row: Mapping[str, Any], keys: set[str]) -> Kind | None:
    """Return the kind of a row that may look like a chat, and is more or less than one."""
    if {"message_id", "role", "text"} <= keys or "message_tree_id" in keys:
        return "message"  # OpenAssistant
    if isinstance(row.get("candidates"), list):
        return "candidates"
    if isinstance(row.get("text"), str) and isinstance(row.get("source"), dict):
        return "document"
    if isinstance(row.get("code"), str) and ({"tests", "stdin"} & keys or not _answered_pair(row)):
        return "program"
    return None


def _answered_pair(row: Mapping[str, Any]) -> bool:
    """Return whether a row with a program is a chat all the same: it has both a question and its answer, or a list of turns."""
    return chats.has_chat(row) and chats.fault(row) is None and chats.answered(row)


def _chat(row: Mapping[str, Any]) -> Kind:
    """Return `sample` for a chat that ends with an answer; for one that cannot be read too: what is wrong is said later.

    A question with more than one answer beside it is not a task: a stage that asked it anew would ignore what is there.
    """
    try:
        if not chats.answered(row):
            return "task" if chats.is_open(row) else "several"
        return "preference" if is_labelled(row) else "sample"
    except chats.Unreadable:
        return "sample"


def made_id(row: Mapping[str, Any], kind: Kind) -> str:
    """Return the id of a row that came without one: a hash of what it says, whatever else is noted beside.

    So a chat that is labelled on its way keeps its id, and a task read by two commands has the same one in both.
    """
    if kind in ("sample", "task", "several") and chats.fault(row) is None:
        return content_id("chat", chats.turns(row))
    if kind == "document":
        return content_id("document", row["text"])
    return content_id("row", {key: row[key] for key in sorted(row) if key != "id"})


def named(kinds: Iterable[Kind], joined: str = "or") -> str:
    """Return kinds in the words of people: `answers, samples (chats with an answer) or programs`."""
    words = [_PLURAL[kind] for kind in kinds]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {joined} {words[-1]}"

"""Preference benchmarks: CodeArena and Arena-Hard-Auto."""

import ast
import json
from typing import Any

from syncode.errors import DataError
from syncode.schemas.records import Row
from syncode.stages.tasks.formats import ArenaHard, CodeArena, expect, without
from syncode.text.languages import canonical
from syncode.text.taxonomy import find_subclass

_ANSWER = "_response"  # `<model>_response` holds that model's answer


def codearena(row: Row) -> Row:
    """Return the Task of a CodeArena row; every `<model>_response` becomes a reference answer.

    `category` and `subcategory` are set where the row carries task types and the first of them is a subclass's name. The
    authors' own map of 880 free tags to classes has no licence and is not used.
    """
    expect(row, CodeArena)
    answers = {key.removesuffix(_ANSWER): row[key] for key in row if key.endswith(_ANSWER)}
    if wrong := [model for model, answer in answers.items() if not isinstance(answer, str)]:
        raise DataError(f"'{wrong[0]}{_ANSWER}' should be text")
    languages = row.get("programming_language", [])
    languages = [languages] if isinstance(languages, str) else languages
    return {
        **without(row, *(key for key in row if key.endswith(_ANSWER))),
        "id": str(row["id"]),
        "benchmark": "codearena",
        "messages": _messages(row["messages"]),
        **({"language": canonical(languages[0]) or languages[0].lower()} if languages else {}),
        **_classes(row),
        **({"references": answers} if answers else {}),
        "license": "Apache-2.0",
    }


def _messages(published: Any) -> list[Row]:
    """Return chat turns from a list, or from one written as JSON or as Python, as the README prints it."""
    if isinstance(published, str):
        published = _unquoted(published)
    if not isinstance(published, list) or not published:
        raise DataError("'messages' should be a list of turns that is not empty")
    for turn in published:
        if not (isinstance(turn, dict) and isinstance(turn.get("role"), str) and isinstance(turn.get("content"), str)):
            raise DataError("'messages' should be a list of {role, content}")
    return published


def _unquoted(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        pass  # it is not JSON: Python's own notation is tried next
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, RecursionError, MemoryError) as error:
        raise DataError("'messages' is text that is neither a JSON nor a Python list") from error


def _classes(row: Row) -> Row:
    meta = row.get("meta")
    parsed = meta.get("parsed") if isinstance(meta, dict) else None
    tags = parsed.get("task_type") if isinstance(parsed, dict) else None
    tags = [tags] if isinstance(tags, str) else tags or []
    subclass = find_subclass(tags[0]) if tags and isinstance(tags[0], str) else None
    return {} if subclass is None else {"category": subclass.category, "subcategory": subclass.id}


def arena_hard(row: Row) -> Row:
    """Return the Task of an Arena-Hard question, v0.1 or v2.0; the benchmark is told apart by `category`."""
    expect(row, ArenaHard)
    name = row.get("uid") or row.get("question_id")
    turns = [{"content": row["prompt"]}] if "prompt" in row else row.get("turns", [])
    if not name:
        raise DataError("no 'uid' and no 'question_id'")
    if not turns or any(not isinstance(turn.get("content"), str) for turn in turns):
        raise DataError("no 'prompt', and no 'turns' with 'content'")
    old = row["category"].startswith("arena-hard")
    return {
        **without(row, "prompt", "turns", *(["category"] if old else [])),
        "id": name,
        "benchmark": row["category"] if old else "arena-hard-v2.0",
        "messages": [{"role": "user", "content": turn["content"]} for turn in turns],
        "license": "Apache-2.0",
    }

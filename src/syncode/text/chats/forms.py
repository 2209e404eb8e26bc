"""Where a row keeps its chat: a list of turns, a question with its answer, or one text with marks."""

import re
from collections.abc import Mapping
from typing import Any

from syncode.schemas.records import Message
from syncode.text.chats.turn import Unreadable, calls_of, parsed, read_turns

LISTS = ("messages", "conversations", "conversation", "dialogue", "dialog", "chat", "data")
"""Keys that hold a list of turns: OpenAI and TRL; ShareGPT; WildChat and LMSYS; more spellings; UltraChat's first release."""
ASKED = ("instruction", "prompt", "question", "query", "problem", "input", "inputs", "user", "human")
SAID = ("output", "completion", "response", "answer", "solution", "target", "targets", "assistant")
"""Keys of rows with one question and one answer, the surer one first (Alpaca, TRL, Magicoder, CodeFeedback, OpenCodeInstruct)."""
_ANSWERS_TO = {"problem": ("solution", *SAID), "user": ("assistant",), "human": ("assistant",)}
"""Beside a problem, `answer` is the bare result; a `user` may be anybody's name."""
_NEED_AN_ANSWER = ("input", "inputs", "user", "human")
"""Keys that mean a question only beside an answer: a document may well name its `user`."""
BESIDE = ("input", "context")
"""What Alpaca and Dolly keep beside an instruction: shown below it, as their own prompts do."""
SYSTEM = ("system", "system_prompt", "system_message")
_MARKS = re.compile(r"^[ \t]*(USER|ASSISTANT|FUNCTION RESPONSE|SYSTEM): ?", re.MULTILINE)
_END = "<|endoftext|>"
"""Glaive's chats with tools: one text with a mark before each turn and a token behind it."""


def listed(row: Mapping[str, Any]) -> tuple[str, Any] | None:
    """Return the key and the list of a row that keeps its turns in a list, also as JSON text or as an object of columns.

    `messages` mean a chat even if they are not a list, which is an error then; other keys may well be something else.
    """
    for key in LISTS:
        value = row.get(key)
        if value is None:
            continue
        if isinstance(value, str) and value.lstrip()[:1] == "[":
            value = parsed(value)
        elif isinstance(value, dict):
            value = _rows_of(value) or value
        if key == "data" and ("text" in row or not _are_texts(value)):
            continue
        if key == "messages" or (isinstance(value, list) and value):
            return key, value
    return None


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(turn, str) for turn in value)


def _rows_of(columns: dict[str, Any]) -> list[dict[str, Any]] | None:
    """Return `{role: [...], content: [...]}` as turns: what `datasets` makes of a list of objects."""
    lists = list(columns.values())
    if not lists or not all(isinstance(value, list) and len(value) == len(lists[0]) for value in lists):
        return None
    return [dict(zip(columns, cells, strict=True)) for cells in zip(*lists, strict=True)]


def marked(row: Mapping[str, Any]) -> list[Message] | None:
    """Return the turns of a `chat` that is one text with a mark before each turn, None if there is none."""
    text = row.get("chat")
    if not isinstance(text, str) or not _MARKS.match(text.lstrip()):
        return None
    pieces = _MARKS.split(text)[1:]
    turns = [
        {"role": role.lower(), "content": said.strip().removesuffix(_END).rstrip()}
        for role, said in zip(pieces[::2], pieces[1::2], strict=True)
    ]
    return read_turns(turns, "chat")


def pair(row: Mapping[str, Any]) -> tuple[str, str | None] | None:
    """Return the keys of a question and its answer; None for the answer that is not there, None for a row without a question.

    A row that has a `text` or a program of its own needs both: a document may well have a field called `question`.
    """
    first = next((key for key in ASKED if _speaks(row.get(key))), None)
    if first is None:
        return None
    answers = _ANSWERS_TO.get(first, SAID)
    second = next((key for key in answers if _speaks(row.get(key)) or row.get(key) == ""), None)
    if second is None and "tools" in row and _called(row) is not None:
        second = "answers"
    alone = second is None and (first in _NEED_AN_ANSWER or any(key in row for key in ("text", "task_id", "code")))
    return None if alone else (first, second)


def _called(row: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """Return the calls in `answers`, as xLAM's sets keep them."""
    answers = row.get("answers")
    return calls_of(parsed(answers) if isinstance(answers, str) else answers)


def _speaks(value: Any) -> bool:
    """Return whether a field can be a side of a chat: a text, or turns in a list (TRL's conversational prompts)."""
    return (isinstance(value, str) and bool(value)) or (
        isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)
    )


def from_pair(row: Mapping[str, Any], asked: str, said: str | None) -> list[Message]:
    """Return the turns of a row with one question and one answer, with what stands before and below the question."""
    history = row.get("history")
    found = read_turns(history, "history") if isinstance(history, list) else []
    for key, role in ((asked, "user"), (said, "assistant")):
        value = row.get(key) if key else None
        if key == "answers":
            found.append({"role": role, "content": "", "tool_calls": _called(row) or []})
        elif isinstance(value, list):
            found += read_turns(value, key or "")
        elif isinstance(value, str):
            beside = [row[name] for name in _beside(key) if isinstance(row.get(name), str)]
            found.append({"role": role, "content": "\n\n".join(filter(None, [value, *beside]))})
    return found


def _beside(key: str | None) -> tuple[str, ...]:
    return {"instruction": BESIDE, "prompt": ("context",), "question": ("context",)}.get(key or "", ())


def with_system(row: Mapping[str, Any], found: list[Message]) -> list[Message]:
    """Return the turns behind the system turn that a row keeps in a field of its own."""
    text = next((row[key] for key in SYSTEM if isinstance(row.get(key), str) and row[key].strip()), None)
    if text is None or (found and found[0]["role"] == "system"):
        return found
    return [{"role": "system", "content": text.removeprefix("SYSTEM: ")}, *found]


def tools(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the tools that a chat may call, as JSON Schema objects: `tools`, or OpenAI's first form, `functions`.

    Raises Unreadable for a field of these names that is not a list of objects, nor the JSON text of one.
    """
    for key in ("tools", "functions"):
        value = row.get(key)
        if isinstance(value, str):
            value = parsed(value) if value.strip() else None
            if value is None and row[key].strip():
                raise Unreadable(f"{key!r} should be a list of tools")
        if not value:
            continue
        if not isinstance(value, list) or not all(isinstance(tool, dict) for tool in value):
            raise Unreadable(f"{key!r} should be a list of tools")
        return [tool if "function" in tool else {"type": "function", "function": tool} for tool in value]
    return []

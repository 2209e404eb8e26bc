"""Where a row keeps its chat: a list of turns, a question with its answer, or one text with marks."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from syncode.schemas.records import Message
from syncode.schemas.wire import dumps
from syncode.text.chats.parts import Unreadable, calls_of, is_call, parsed, text_of
from syncode.text.chats.turn import is_turn, read_turns

LISTS = ("messages", "conversations", "conversation", "dialogue", "dialog", "chat", "contents", "turns", "data")
"""Keys that hold a list of turns: OpenAI, TRL; ShareGPT; WildChat, LMSYS; more spellings; Gemini; UltraChat's first release."""
_OTHERWISE = ("contents", "turns")
"""Keys that often hold something else: a list there is a chat only if each of its entries says who speaks."""
ASKED = ("instruction", "prompt", "question", "query", "problem", "input", "inputs", "user", "human")
SAID = (
    *("output", "completion", "response", "answer", "solution", "target", "targets", "assistant"),
    *("generation", "generated_text", "model_output", "reply"),
)
"""Keys of rows with one question and one answer, the surer one first (Alpaca, TRL, Magicoder, CodeFeedback, OpenCodeInstruct)."""
_SEVERAL = ("outputs", "completions", "responses", "answers", "solutions", "generations", "replies", "choices")
"""Keys that hold a list of answers, which is the answer if there is only one in it (UltraFeedback, OpenR1, OpenAI's API)."""
_ANSWERS_TO = {
    "problem": ("solution", *SAID),
    "user": ("assistant", "bot"),
    "human": ("assistant", "bot", "gpt"),
}
"""Beside a problem, `answer` is the bare result; a `user` may be anybody's name."""
_NEED_AN_ANSWER = ("input", "inputs", "user", "human")
"""Keys that mean a question only beside an answer: a document may well name its `user`."""
BESIDE = ("input", "context")
"""What Alpaca and Dolly keep beside an instruction: shown below it, as their own prompts do."""
SYSTEM = ("system", "system_prompt", "system_message", "systemInstruction", "system_instruction")
_MARKS = re.compile(r"^[ \t]*(USER|ASSISTANT|FUNCTION RESPONSE|SYSTEM): ?", re.MULTILINE)
_END = "<|endoftext|>"
"""Glaive's chats with tools: one text with a mark before each turn and a token behind it."""


def listed(row: Mapping[str, Any]) -> tuple[str, Any] | None:
    """Return the key and the list of a row that keeps its turns in a list, also as JSON text or as an object of columns.

    `messages` mean a chat even if they are not a list, which is an error then; other keys may well be something else. Empty
    `messages` are a chat without a turn unless the row has its chat elsewhere.
    """
    empty = None
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
        if key in _OTHERWISE and not (isinstance(value, list) and all(map(is_turn, value))):
            continue
        if isinstance(value, list) and value:
            return key, value
        if key == "messages" and value != []:
            return key, value
        empty = (key, value) if key == "messages" else empty
    return empty if empty is not None and marked(row) is None and pair(row) is None else None


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
    first = next((key for key in ASKED if _asks(row.get(key))), None)
    if first is None:
        return None
    second = answered_in(row, _ANSWERS_TO.get(first, SAID))
    if second is None and "tools" in row and _called(row) is not None:
        second = "answers"
    alone = second is None and (first in _NEED_AN_ANSWER or any(key in row for key in ("text", "task_id", "code")))
    return None if alone else (first, second)


def answered_in(row: Mapping[str, Any], names: Sequence[str] = SAID) -> str | None:
    """Return the key that holds the one answer of a row, None if there is none, or more than one."""
    lists = () if "text" in row else _SEVERAL
    return next((key for key in (*names, *lists) if reply_in(row, key) is not None), None)


def is_open(row: Mapping[str, Any]) -> bool:
    """Return whether a row says nothing that could be an answer: not several ones either, nor one that cannot be read."""
    return not any(row.get(key) not in (None, "", [], {}) for key in (*SAID, *_SEVERAL))


def reply_in(row: Mapping[str, Any], key: str) -> str | list[Any] | None:
    """Return what a field says as an answer: a text, turns in a list, or None for anything else.

    A number is the text that it is written with; a list of one answer is that answer. A text may be empty; in a field for
    several answers only objects that say who speaks are turns.
    """
    value = row.get(key)
    if key in _SEVERAL and isinstance(value, str) and value.lstrip()[:1] == "[":
        value = parsed(value)
    if isinstance(value, dict):
        value = value.get("choices") if isinstance(value.get("choices"), list) else [value]
    if isinstance(value, list) and len(value) == 1 and not is_turn(value[0]):
        value = value[0]
    elif isinstance(value, list):
        return value if value and (key not in _SEVERAL or len(value) == 1) and all(map(is_turn, value)) else None
    if isinstance(value, int | float):
        return dumps(value).decode()
    if key in _SEVERAL:
        return value if isinstance(value, str) and value else None
    return value if isinstance(value, str) else None


def _called(row: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """Return the calls in `answers`, as xLAM's sets keep them."""
    answers = row.get("answers")
    return calls_of(parsed(answers) if isinstance(answers, str) else answers)


def _asks(value: Any) -> bool:
    """Return whether a field can be a question: a text, or turns, one alone or in a list (TRL's conversational prompts)."""
    if isinstance(value, list):
        return bool(value) and all(isinstance(item, dict) for item in value)
    return (isinstance(value, str) and bool(value)) or is_turn(value)


def from_pair(row: Mapping[str, Any], asked: str, said: str | None) -> list[Message]:
    """Return the turns of a row with one question and one answer, with what stands before and below the question."""
    history = row.get("history")
    found = read_turns(history, "history") if isinstance(history, list) else []
    value = row[asked]
    if isinstance(value, str):
        beside = [row[name] for name in _beside(asked) if isinstance(row.get(name), str)]
        found.append({"role": "user", "content": "\n\n".join(filter(None, [value, *beside]))})
    else:
        found += read_turns(value if isinstance(value, list) else [value], asked)
    if said is None:
        return found
    return [*found, *reply_turns(row, said)]


def reply_turns(row: Mapping[str, Any], said: str) -> list[Message]:
    """Return the turns of the answer that a row keeps beside its question."""
    reply = reply_in(row, said)
    if isinstance(reply, list):
        return read_turns(reply, said)
    if reply is None:
        return [{"role": "assistant", "content": "", "tool_calls": _called(row) or []}]
    return [{"role": "assistant", "content": reply}]


def _beside(key: str | None) -> tuple[str, ...]:
    return {"instruction": BESIDE, "prompt": ("context",), "question": ("context",)}.get(key or "", ())


def with_system(row: Mapping[str, Any], found: list[Message]) -> list[Message]:
    """Return the turns behind the system turn that a row keeps in a field of its own."""
    text = next((said for key in SYSTEM if (said := _instruction(row.get(key))).strip()), None)
    if text is None or (found and found[0]["role"] == "system"):
        return found
    return [{"role": "system", "content": text.removeprefix("SYSTEM: ")}, *found]


def _instruction(value: Any) -> str:
    """Return the text of a field for the system's turn; Gemini has it in parts. Anything else is not one."""
    if isinstance(value, dict) and isinstance(value.get("parts"), list):
        return text_of(value, "systemInstruction")
    return value if isinstance(value, str) else ""


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
        made = [tool if "function" in tool else {"type": "function", "function": tool} for tool in value]
        if not all(map(is_call, made)):
            raise Unreadable(f"each of {key!r} should be a function with a name")
        return made
    return []

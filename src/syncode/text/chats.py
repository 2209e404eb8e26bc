"""Every form in which people keep chats, read as turns: a role, its content, and whatever else belongs to the turn.

Nothing is written back: a row keeps the form it came in, and what a stage needs of it is asked of this module.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson

from syncode.schemas.records import Message, Row

LISTS = ("messages", "conversations", "conversation", "dialogue", "dialog")
"""Keys that hold a list of turns: OpenAI and TRL; ShareGPT; WildChat; and two more spellings."""
ASKED = ("instruction", "prompt", "question", "query", "problem", "input")
SAID = ("output", "completion", "response", "answer", "solution")
"""Keys of rows with one question and one answer, the surer one first (Alpaca, TRL, Magicoder, CodeFeedback, OpenCodeInstruct)."""
BESIDE = ("input", "context")
"""What Alpaca and Dolly keep beside an instruction: shown below it, as their own prompts do."""
SYSTEM = ("system", "system_prompt")

ROLES = {
    **dict.fromkeys(("system", "developer"), "system"),
    **dict.fromkeys(("user", "human", "prompter", "question", "query", "instruction"), "user"),
    **dict.fromkeys(
        ("assistant", "gpt", "chatgpt", "bot", "model", "ai", "bing", "bard", "claude", "answer"), "assistant"
    ),
    **dict.fromkeys(("tool", "function", "observation", "tool_response", "function_response", "ipython"), "tool"),
    **dict.fromkeys(("function_call", "tool_call", "function-call"), "call"),
}
"""Names of roles in published sets, in lower case; `call` is an assistant's turn that only calls a tool (LLaMA-Factory)."""

_ROLE, _CONTENT = ("role", "from", "author", "speaker"), ("content", "value", "text")


class Unreadable(Exception):
    """Why the turns of a row cannot be read, for people."""


def has_chat(row: Mapping[str, Any]) -> bool:
    """Tell whether a row holds a chat in any form: a list of turns, or a question with or without its answer."""
    return _listed(row) is not None or _pair(row) is not None


def turns(row: Mapping[str, Any]) -> list[Message]:
    """Return the turns of a row in OpenAI's form; `messages` that are in this form already are returned as they are.

    Keys of a turn beside role and content (`tool_calls`, `reasoning`, `name`, ...) stay with it. Content parts that are all
    text are joined by line ends, null is empty. Raises Unreadable for a row without turns, and for a turn that is not text.
    """
    listed = _listed(row)
    if listed is not None:
        key, items = listed
        if not isinstance(items, list):
            raise Unreadable(f"{key!r} should be a list of turns {{role, content}}")
        if key == "messages" and all(_is_plain(item) for item in items):
            return items
        return _with_system(
            row, [turn for number, item in enumerate(items, 1) for turn in _read(item, f"{key}[{number}]", number)]
        )
    pair = _pair(row)
    if pair is None:
        raise Unreadable("no chat in it")
    return _with_system(row, _from_pair(row, *pair))


def fault(row: Mapping[str, Any]) -> str | None:
    """Return why the turns of a row cannot be read, None if they can."""
    try:
        turns(row)
    except Unreadable as error:
        return str(error)
    return None


def said(row: Mapping[str, Any], role: str) -> list[str]:
    """Return the contents of the turns of one role, in order. A row without a chat has none."""
    return [turn["content"] for turn in turns(row) if turn["role"] == role] if has_chat(row) else []


def answered(row: Mapping[str, Any]) -> bool:
    """Tell whether the last turn of a chat is the assistant's."""
    found = turns(row)
    return bool(found) and found[-1]["role"] == "assistant"


def question(row: Mapping[str, Any]) -> str:
    """Return all that the user says, joined by line ends."""
    return "\n".join(said(row, "user"))


def answer(row: Mapping[str, Any]) -> str:
    """Return what was answered: `text` of an Answer, else the last turn of the assistant; empty if there is none."""
    if "task_id" in row and isinstance(row.get("text"), str):
        return str(row["text"])
    replies = said(row, "assistant")
    return replies[-1] if replies else ""


def _listed(row: Mapping[str, Any]) -> tuple[str, Any] | None:
    """Return the key and the list of a row that keeps its turns in a list, or as the JSON text of one.

    `messages` mean a chat even if they are no list, which is an error then; other keys may well be something else.
    """
    for key in LISTS:
        value = row.get(key)
        if isinstance(value, str) and value.lstrip()[:1] == "[":
            value = _parsed(value)
        if (key == "messages" and value is not None) or (isinstance(value, list) and value):
            return key, value
    return None


def _parsed(text: str) -> Any:
    try:
        return orjson.loads(text)
    except ValueError:
        return None


def _is_plain(item: object) -> bool:
    return (
        isinstance(item, dict)
        and isinstance(item.get("content"), str)
        and item.get("role") in ("user", "assistant", "system", "tool")
    )


def _read(item: Any, at: str, number: int) -> list[Message]:
    """Return the turns of one entry of a list: a turn, or one question with its answer."""
    if isinstance(item, str):  # UltraChat's first release: user and assistant take turns
        return [{"role": "user" if number % 2 else "assistant", "content": item}]
    if isinstance(item, list) and len(item) == 2:
        return _pair_of_texts(item, at)
    if not isinstance(item, dict):
        raise Unreadable(f"{at} should be an object with a role and its content")
    role_key = next((key for key in _ROLE if isinstance(item.get(key), str)), None)
    if role_key is None:
        if (pair := _pair(item, (*ASKED, "human", "user"), (*SAID, "assistant", "gpt", "bot"))) is not None:
            return _from_pair(item, *pair)
        raise Unreadable(f"{at} has no role ({', '.join(map(str, item)) or 'it is empty'})")
    named = str(item[role_key]).strip()
    role = ROLES.get(named.lower().strip("<|>"), named)
    content_key = next((key for key in _CONTENT if key in item and key != role_key), None)
    content = _text(item.get(content_key) if content_key else None, at)
    rest = {key: value for key, value in item.items() if key not in (role_key, content_key)}
    if role == "call":
        return [_call(content, rest)]
    return [{"role": role, "content": content, **rest}]  # type: ignore[typeddict-item]


def _text(content: Any, at: str) -> str:
    """Return the text of a turn's content. Raises Unreadable for pictures and other things that are not text."""
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    if isinstance(content, dict):
        content = [content]
    if not isinstance(content, list):
        raise Unreadable(f"{at}: its content should be text")
    texts = []
    for part in content:
        text = part if isinstance(part, str) else part.get("text") if isinstance(part, dict) else None
        if not isinstance(text, str):
            kind = part.get("type", "an object") if isinstance(part, dict) else type(part).__name__
            raise Unreadable(f"{at}: a part of its content is not text ({kind})")
        texts.append(text)
    return "\n".join(texts)


def _call(content: str, rest: Row) -> Message:
    """Return a call of a tool in OpenAI's form: the content is the JSON of its name and arguments; else it stays text."""
    made = _parsed(content)
    if not isinstance(made, dict) or not isinstance(made.get("name"), str):
        return {"role": "assistant", "content": content, **rest}  # type: ignore[typeddict-item]
    arguments = made.get("arguments", {})
    text = arguments if isinstance(arguments, str) else orjson.dumps(arguments).decode()
    calls = [{"type": "function", "function": {"name": made["name"], "arguments": text}}]
    return {"role": "assistant", "content": "", "tool_calls": calls, **rest}  # type: ignore[typeddict-item]


def _pair(
    row: Mapping[str, Any], asked: Sequence[str] = ASKED, said: Sequence[str] = SAID
) -> tuple[str, str | None] | None:
    """Return the keys of a question and its answer; None for the answer that is not there, None for a row without a question.

    A row that has a `text` of its own needs both: a document may well have a field called `question`.
    """
    first = next((key for key in asked if _speaks(row.get(key))), None)
    if first is None:
        return None
    second = next((key for key in said if _speaks(row.get(key)) or row.get(key) == ""), None)
    alone = second is None and (first == "input" or "text" in row or "task_id" in row or "code" in row)
    return None if alone else (first, second)


def _speaks(value: Any) -> bool:
    """Tell whether a field can be a side of a chat: a text, or turns in a list (TRL's conversational prompts)."""
    return (isinstance(value, str) and bool(value)) or (
        isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)
    )


def _from_pair(row: Mapping[str, Any], asked: str, said: str | None) -> list[Message]:
    found: list[Message] = []
    history = row.get("history")
    if isinstance(history, list):
        found += [turn for number, item in enumerate(history, 1) for turn in _read(item, f"history[{number}]", number)]
    for key, role in ((asked, "user"), (said, "assistant")):
        value = row.get(key) if key else None
        if isinstance(value, list):
            found += [turn for number, item in enumerate(value, 1) for turn in _read(item, f"{key}[{number}]", number)]
        elif isinstance(value, str):
            beside = [
                row[name] for name in BESIDE if key == "instruction" and name != key and isinstance(row.get(name), str)
            ]
            found.append({"role": role, "content": "\n\n".join(filter(None, [value, *beside]))})
    return found


def _pair_of_texts(item: list[Any], at: str) -> list[Message]:
    """Return one question and its answer, as `history` keeps them."""
    return [
        {"role": role, "content": _text(text, at)}
        for role, text in zip(("user", "assistant"), item, strict=True)
        if text
    ]


def _with_system(row: Mapping[str, Any], found: list[Message]) -> list[Message]:
    """Return the turns behind the system turn that a row keeps in a field of its own."""
    text = next((row[key] for key in SYSTEM if isinstance(row.get(key), str) and row[key]), None)
    if text is None or (found and found[0]["role"] == "system"):
        return found
    return [{"role": "system", "content": text}, *found]


def shown(
    row: Mapping[str, Any], between: str = "\n\n", of: Callable[[Message], str] = lambda turn: turn["content"]
) -> str:
    """Return all turns as one text."""
    return between.join(map(of, turns(row)))

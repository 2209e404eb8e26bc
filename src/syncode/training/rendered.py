"""Chats with more than plain turns (tools, their results, thoughts), spelt by the model's own template and taken apart again.

Plain turns are put together by `chat.segments`, whose special tokens cannot be forged by a text. How calls and tools are
written is each model's own matter, so here the template writes, and a chat is refused if a text of it could be taken for a
special token, or if the template refuses it or leaves out a part of it other than thoughts.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from syncode.errors import DataError
from syncode.schemas.records import Message
from syncode.training.chat import END, START, Segment, Template, for_template, is_learnt, spell
from syncode.training.recipe import Loss

_BLOCK = re.compile(re.escape(START) + r"(\w+)(\n?)(.*?)" + re.escape(END) + r"\n?", re.S)


class Refused(Exception):
    """Why a chat cannot be taught in the form that the model's template gives it."""


def needs_template(messages: Sequence[Message], tools: Sequence[Any]) -> bool:
    """Return whether a chat has parts that only the model's template can write."""
    return bool(tools) or any(
        turn["role"] == "tool" or turn.get("tool_calls") or turn.get("reasoning") for turn in messages
    )


def rendered(
    messages: Sequence[Message], tools: Sequence[Any], template: Template, specials: Iterable[str], loss: Loss
) -> list[Segment]:
    """Return a chat as the template writes it, in segments. Raises Refused.

    Learnt is all of an assistant's block behind its header: the text, the thoughts and the calls in the order and form that
    the template gives them, and the token that ends it.
    """
    names = tuple(specials)
    for text in _texts([messages, list(tools)]):
        if found := next((name for name in names if name in text), None):
            raise Refused(f"a text in it holds the special token {found}")
    marked, marked_tools, marks = _marked(messages, tools)
    try:
        probe = spell(template, [for_template(turn) for turn in marked], marked_tools)
        whole = spell(template, [for_template(turn) for turn in messages], tools)
    except DataError as error:
        raise Refused(str(error)) from error
    if missing := next((what for mark, what in marks.items() if mark not in probe), None):
        raise Refused(f"the chat template leaves out {missing}")
    return list(_segments(whole, messages, loss))


def _texts(value: Any) -> Iterator[str]:
    """Yield every text in a value, names of fields too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield str(key)
            yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)


def _marked(messages: Sequence[Message], tools: Sequence[Any]) -> tuple[list[Any], list[Any], dict[str, str]]:
    """Return the chat with a mark in place of each text, call and tool, and what each mark stands for.

    Thoughts have none: many templates leave out those of all turns but the last, and then the model is not shown them either.
    """
    marks: dict[str, str] = {}

    def mark(what: str) -> str:
        name = f"mark{len(marks)}x"
        marks[name] = what
        return name

    turns: list[Any] = []
    for number, turn in enumerate(messages, 1):
        made: dict[str, Any] = dict(turn)
        if turn["content"].strip():
            made["content"] = mark(f"the text of turn {number}")
        if turn.get("tool_calls"):
            what = f"the call of a tool in turn {number}"
            made["tool_calls"] = [
                {**call, "function": {"name": mark(what), "arguments": {mark(what): mark(what)}}}
                for call in turn["tool_calls"]
            ]
        turns.append(made)
    named = [(tool, f"the tool {tool['function'].get('name')!r}") for tool in tools]
    return turns, [{**tool, "function": {**tool["function"], "name": mark(what)}} for tool, what in named], marks


def _segments(whole: str, messages: Sequence[Message], loss: Loss) -> Iterator[Segment]:
    """Yield the spelling in segments. Raises Refused for one that is not ChatML, or has other turns of the assistant's."""
    mine = [turn for turn in messages if turn["role"] == "assistant"]
    blocks = list(_BLOCK.finditer(whole))
    if "".join(block[0] for block in blocks) != whole or sum(block[1] == "assistant" for block in blocks) != len(mine):
        raise Refused("the chat template does not write each turn of the assistant as a turn of its own")
    number = 0
    for block in blocks:
        learnt = False
        if block[1] == "assistant":
            learnt = is_learnt(mine[number], number == len(mine) - 1, loss)
            number += 1
        yield Segment(START, special=True)
        yield Segment(f"{block[1]}{block[2]}", heard=True)
        yield Segment(block[3], target=learnt, heard=True)
        yield Segment(END, special=True, target=learnt)
        yield Segment("\n")

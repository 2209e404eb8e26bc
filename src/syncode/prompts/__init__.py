"""Prompts are Markdown files with a version in their name; `render` fills one and returns chat messages.

A file is a sequence of turns, each opened by `[system]`, `[user]` or `[assistant]` alone on a line. Slots are `$name`
(`string.Template`: code is full of braces). A missing value is an error, never an empty slot.
"""

import re
from functools import cache
from importlib.resources import files
from string import Template

from syncode.schemas.records import Message

_TURN = re.compile(r"^\[(system|user|assistant)\]\n", re.MULTILINE)


Turns = tuple[tuple[str, Template], ...]


@cache
def turns(name: str) -> Turns:
    """Return (role, template) for each turn of `prompts/NAME.md`; NAME includes the version, as `synth_question.v1`."""
    return turns_in(files(__package__).joinpath(f"{name}.md").read_text(encoding="utf-8"), name)


def turns_in(text: str, name: str) -> Turns:
    """Return the turns of a prompt's text. Raises ValueError if it has none."""
    parts = _TURN.split(text)[1:]
    if not parts:
        raise ValueError(f"prompt {name} has no [role] line")
    pairs = zip(parts[::2], parts[1::2], strict=True)
    return tuple((role, Template(body.strip())) for role, body in pairs)


def slots_in(text: str) -> frozenset[str]:
    """Return the names of the slots in a user's prompt. Raises ValueError for one without turns, or with a stray dollar sign."""
    found = [template for _, template in turns_in(text, "text")]
    if not all(template.is_valid() for template in found):
        raise ValueError("a dollar sign that is not a slot is written $$")
    return frozenset(name for template in found for name in template.get_identifiers())


def render(name: str, **values: str) -> list[Message]:
    """Return the chat messages of prompt NAME with every `$slot` filled; a slot without a value raises KeyError."""
    return filled(turns(name), **values)


def filled(prompt: Turns, **values: str) -> list[Message]:
    """Return the chat messages of a prompt with every `$slot` filled."""
    return [{"role": role, "content": template.substitute(values)} for role, template in prompt]

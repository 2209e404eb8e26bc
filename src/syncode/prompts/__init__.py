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


@cache
def turns(name: str) -> tuple[tuple[str, Template], ...]:
    """Return (role, template) for each turn of `prompts/NAME.md`; NAME includes the version, as `synth_question.v1`."""
    text = files(__package__).joinpath(f"{name}.md").read_text(encoding="utf-8")
    parts = _TURN.split(text)[1:]
    if not parts:
        raise ValueError(f"prompt {name} has no [role] line")
    pairs = zip(parts[::2], parts[1::2], strict=True)
    return tuple((role, Template(body.strip())) for role, body in pairs)


def render(name: str, **values: str) -> list[Message]:
    """Return the chat messages of prompt NAME with every `$slot` filled; a slot without a value raises KeyError."""
    return [{"role": role, "content": template.substitute(values)} for role, template in turns(name)]

"""Chats as ChatML segments: every segment says itself whether it is learnt, so the loss mask cannot be wrong.

Special tokens are segments of their own and become ids directly. They are never parsed out of text, so an `<|im_end|>`
that a user typed stays ordinary text. That the segments spell what the model's own chat template spells is audited.
"""

import contextlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NotRequired, TypedDict

import orjson

from syncode.errors import DataError, EngineError, install
from syncode.schemas.records import Message, Name
from syncode.stream import Reads
from syncode.text import chats
from syncode.training.recipe import Loss


class Learnt(TypedDict):
    """What is needed of a row besides its chat."""

    id: Name
    weight: NotRequired[float]


LEARNT = Reads("train", ("sample", "task"), Learnt, named=True)
START, END = "<|im_start|>", "<|im_end|>"
CHATML = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)
"""For a base model that has no chat template of its own."""
PROBE, THOUGHT = "a probe of syncode", "a thought of syncode"
AUDITED = 1000  # rows compared with the template, of each stage; chosen here


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a chat; `special` text is one token, `target` text is learnt.

    Special tokens are looked for in a `heard` text: a template wrote them, and no part of the chat can have.
    """

    text: str
    special: bool = False
    target: bool = False
    heard: bool = False


@dataclass(frozen=True)
class Template:
    """A chat template of the ChatML family: its Jinja text and the turn it puts before a chat without a system turn.

    `for_tools` is the text for chats with tools, if the model has another one for them. `thoughts` says whether it writes what
    an answer was thought out with.
    """

    text: str
    tokens: Mapping[str, str]
    default_system: str | None
    for_tools: str | None = None
    thoughts: bool = False


def read_template(text: str, tokens: Mapping[str, str], for_tools: str | None = None) -> Template:
    """Return the template with the default system turn found by rendering a probe.

    `tokens` are the names a template may use (`bos_token`, `eos_token`). Raises DataError for a template that is not
    ChatML.
    """
    bare = Template(text, tokens, None)
    probe = spell(bare, [{"role": "user", "content": PROBE}])
    found = re.fullmatch(
        r"(?:<\|im_start\|>system\n(.*?)<\|im_end\|>\n)?<\|im_start\|>user\n" + PROBE + r"<\|im_end\|>\n?", probe, re.S
    )
    if found is None:
        raise DataError(f"the chat template is not ChatML: it renders one user turn as {probe!r}; see --template")
    asked = {"role": "user", "content": PROBE}
    thought = spell(bare, [asked, for_template({"role": "assistant", "content": PROBE, "reasoning": THOUGHT})])
    return Template(text, tokens, found[1], for_tools, THOUGHT in thought)


def for_template(turn: Mapping[str, Any]) -> dict[str, Any]:
    """Return a turn as templates expect it: arguments as objects, thoughts under the names that published templates use."""
    made: dict[str, Any] = dict(turn)
    if calls := turn.get("tool_calls"):
        made["tool_calls"] = [_call(call) for call in calls]
    if thought := turn.get("reasoning"):
        made |= {"reasoning_content": thought, "thinking": thought}
    return made


def _call(call: Mapping[str, Any]) -> dict[str, Any]:
    function = call["function"] if isinstance(call.get("function"), dict) else call
    arguments = function.get("arguments", {})
    if isinstance(arguments, str):
        with contextlib.suppress(orjson.JSONDecodeError):  # if the model wrote no JSON, it is shown as it is
            arguments = orjson.loads(arguments)
    return {**call, "function": {**function, "arguments": arguments}}


def templates_of(folder: Path) -> dict[str, str]:
    """Return the Jinja texts of a model folder by name: `default`, and `tool_use` if there is one; empty if it has none.

    transformers keeps them in files of their own, or in tokenizer_config.json as a text or a list of {name, template}. Raises
    DataError for templates none of which is the default one.
    """
    files = {"default": folder / "chat_template.jinja"}
    files |= {path.stem: path for path in sorted((folder / "additional_chat_templates").glob("*.jinja"))}
    found = {name: path.read_text("utf-8") for name, path in files.items() if path.is_file()}
    if not found and (path := folder / "tokenizer_config.json").is_file():
        kept = orjson.loads(path.read_bytes()).get("chat_template")
        listed = [{"name": "default", "template": kept}] if isinstance(kept, str) else kept or []
        found = {each["name"]: each["template"] for each in listed}
    if found and "default" not in found:
        raise DataError(f"{folder}: of its chat templates ({', '.join(found)}) none is the default; see --template")
    return found


def spell(template: Template, messages: Sequence[Mapping[str, Any]], tools: Sequence[Any] = ()) -> str:
    """Return the text that the Jinja template makes of a chat, as transformers would. Raises DataError, EngineError."""
    try:
        from jinja2 import TemplateError
        from jinja2.sandbox import ImmutableSandboxedEnvironment
    except ImportError as error:
        raise EngineError(f"chat templates need jinja2: {install('train')}") from error

    def refuse(message: str) -> None:
        raise TemplateError(message)

    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"]
    )
    environment.filters["tojson"] = _tojson
    environment.globals["raise_exception"] = refuse
    environment.globals["strftime_now"] = lambda form: datetime.now().astimezone().strftime(form)
    given = {"tools": list(tools)} if tools else {}
    try:
        compiled = environment.from_string((template.for_tools if tools else None) or template.text)
        return str(compiled.render(messages=messages, add_generation_prompt=False, **given, **template.tokens))
    except (TemplateError, TypeError, ValueError) as error:
        raise DataError(f"the chat template refuses a chat: {error}") from error


def _tojson(value: Any, indent: int | None = None, **_: Any) -> str:
    """Return JSON as transformers writes it into a template: with blanks behind commas and colons, other scripts as they are."""
    return json.dumps(value, ensure_ascii=False, indent=indent)


def is_learnt(turn: Message, last: bool, loss: Loss) -> bool:
    """Return whether a turn of the assistant's is learnt: one that says, thinks or calls something, and is not weighted 0.

    An empty turn would teach to stop at once (chosen here). `weight: 0` is OpenAI's way to leave a turn out.
    """
    return (loss == "all-turns" or last) and turn.get("weight") != 0 and chats.says(turn)


def segments(messages: Sequence[Message], default_system: str | None, loss: Loss) -> list[Segment]:
    """Return a chat in ChatML. Learnt are the assistant's text and the token that ends it, of all turns or the last.

    See `is_learnt` for turns that are not. The newline after the end token is never generated and so never learnt.
    """
    turns = list(messages)
    if default_system is not None and turns and turns[0]["role"] != "system":
        turns.insert(0, {"role": "system", "content": default_system})
    last = max((number for number, turn in enumerate(turns) if turn["role"] == "assistant"), default=-1)
    found: list[Segment] = []
    for number, turn in enumerate(turns):
        role, content = turn["role"], turn["content"]
        target = role == "assistant" and is_learnt(turn, number == last, loss)
        # The header of an answer is cut off from its text, because generation starts behind exactly this header.
        texts = (
            [Segment("assistant\n"), Segment(content, target=target)]
            if role == "assistant"
            else [Segment(f"{role}\n{content}")]
        )
        found += [Segment(START, special=True), *texts, Segment(END, special=True, target=target), Segment("\n")]
    return found


def spelt(parts: Sequence[Segment]) -> str:
    """Return the text of the segments, as the template would have spelt it."""
    return "".join(part.text for part in parts)


def difference(ours: str, theirs: str) -> str:
    """Return a line that shows where two texts part."""
    place = next(
        (at for at, (one, other) in enumerate(zip(ours, theirs, strict=False)) if one != other),
        min(len(ours), len(theirs)),
    )
    start = max(0, place - 20)
    return f"at character {place}: {ours[start : place + 40]!r} here, {theirs[start : place + 40]!r} in the template"


def special_names(tokenizer: Mapping[str, Any]) -> dict[str, int]:
    """Return the added tokens of a tokenizer.json by their text."""
    return {token["content"]: token["id"] for token in tokenizer.get("added_tokens", [])}

"""How a request is put for one server: what its parameters are called, which ones it takes, and how a refusal is cured."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import orjson

from syncode.engines.replies.kinds import own
from syncode.engines.replies.words import Words
from syncode.engines.request import Request

Limit = Literal["max_tokens", "max_completion_tokens", ""]
Shape = Literal["json_schema", "json_object", "words"]

LIMITS = ("max_tokens", "max_completion_tokens")
OPTIONAL = ("response_format", "limit", "temperature", "seed", "top_p", "stop", "system", "stream")
"""What a server may refuse of a request that it could answer, the likeliest first."""

# How servers call each of these in their messages. A word of everyday English counts only in quotes or beside "parameter".
_NAMED = {
    "response_format": r"response[_ ]?format|json[_ -]?(?:schema|object|mode)|structured[_ -]?outputs?|guided|grammar|constrained"
    r"|guided[ -](?:decoding|json|generation)|xgrammar|outlines|llguidance|output schema",
    "limit": r"max_?(?:completion_?|output_?|new_?)?tokens(?:_to_sample)?|max tokens",
    "temperature": r"temperature",
    "seed": r"(?:random_?)?seed",
    "top_p": r"top[_-]?p|nucleus",
    "stop": r"""['"`]stop['"`]|stop[_ ]?(?:sequence|word|token|string)s?|stop (?:parameter|field|argument|option)"""
    r"|(?:parameter|field|argument|option)s? stop",
    "system": r"""system[_ ]?(?:role|message|prompt|instruction|turn)s?|developer[_ ](?:role|message|instruction)s?"""
    r"""|role[^.]{0,30}\bsystem"""
    r"""|['"`]system['"`]|roles? must alternate|(?:unexpected|invalid|unsupported|unknown) role"""
    r"|only [^.]{0,20}user[^.]{0,20}assistant|must (?:start|begin) with a user|first message must",
    "stream": r"""['"`]stream['"`]|stream (?:parameter|field|argument|option)|(?:parameter|field|argument|option)s? stream\b""",
}
_PATTERNS = {  # not inside the name of a model: `seed-coder`, `x/json-mode-7b`
    name: re.compile(rf"(?<![a-z0-9_/-])(?:{pattern})(?![a-z0-9/-]|:\S)", re.IGNORECASE)
    for name, pattern in _NAMED.items()
}
_PLACES = {
    "response_format": re.compile(r"^(?:response_?format|guided)", re.IGNORECASE),
    "system": re.compile(r"^messages\W+\d+\W+role|^system", re.IGNORECASE),
    "limit": re.compile(r"(?:^|\.)max_?(?:completion_?|output_?|new_?)?tokens", re.IGNORECASE),
    "temperature": re.compile(r"(?:^|\.)temperature$", re.IGNORECASE),
    "seed": re.compile(r"(?:^|\.)(?:random_?)?seed$", re.IGNORECASE),
    "top_p": re.compile(r"(?:^|\.)top_?p$", re.IGNORECASE),
    "stop": re.compile(r"(?:^|\.)stop(?:_?sequences)?$", re.IGNORECASE),
    "stream": re.compile(r"^stream$", re.IGNORECASE),
}
_WRONG_SIZE = re.compile(
    r"at (?:most|least)|less than|greater than|too (?:large|small|high|low|big)|must be|between|exceed|larger|smaller"
    r"|out of range|valid range|maximum (?:value|allowed|of)|minimum (?:value|allowed|of)|up to|[<>]=?\s*\d",
    re.IGNORECASE,
)
_NOT_KNOWN = re.compile(
    r"unsupported|(?:not|n't|no longer) (?:\w+ )?(?:support|permit|allow|recogni|accept|available)|unrecogni|unknown|unexpected"
    r"|extra (?:inputs?|fields?|keys?|param)|forbid|deprecat|instead|use ['\"`]?max_",
    re.IGNORECASE,
)
_OF_ITS_INPUT = re.compile(r"prompt|input|message|context[ _](?:length|size)|n_ctx", re.IGNORECASE)
# Parts that errors about the length or the content of one row speak of as well.
_OF_ROWS = frozenset({"limit", "system", "stop", "stream"})


@dataclass(frozen=True)
class Dialect:
    """What one server takes. `left_out` are names of OPTIONAL; the others say what stands for the plain form."""

    limit: Limit = "max_tokens"
    shape: Shape = "json_schema"
    folded: bool = False
    left_out: frozenset[str] = field(default_factory=frozenset)

    def without(self, name: str) -> "Dialect | None":
        """Return the next form that does without what was refused, None if there is none."""
        if name in self.left_out:
            return None
        match name:
            case "response_format" if self.shape != "words":
                return replace(self, shape="json_object" if self.shape == "json_schema" else "words")
            case "system" if not self.folded:
                return replace(self, folded=True)
            case "response_format" | "system":
                return None
            case "limit" if self.limit == "max_tokens":
                return replace(self, limit="max_completion_tokens")
        return replace(self, left_out=self.left_out | {name})

    def without_all(self, names: Iterable[str]) -> "Dialect":
        """Return the plainest form: none of these."""
        left = frozenset(names) - {"response_format", "system"}
        shape: Shape = "words" if "response_format" in names else self.shape
        return replace(self, shape=shape, folded=self.folded or "system" in names, left_out=self.left_out | left)

    def changes(self, names: Iterable[str], plain: "Dialect") -> list[str]:
        """Return what is different from `plain` for a request that has these parts, for people and for the journal."""
        told = [f"{name} left out" for name in OPTIONAL if name in names and name in self.left_out - plain.left_out]
        told = [text.replace("limit left", "max_tokens left") for text in told]
        if "limit" in names and self.limit != plain.limit and "limit" not in self.left_out:
            told.append(f"{self.limit} for {plain.limit}")
        if "response_format" in names and self.shape != plain.shape:
            told.append(f"the schema in words{' and json_object' * (self.shape == 'json_object')} for response_format")
        if "system" in names and self.folded and not plain.folded:
            told.append("the system turn put into the user's")
        return told


PLAIN = Dialect()


def parts_of(request: Request, seed: int | None) -> frozenset[str]:
    """Return which of OPTIONAL a request has."""
    has = {
        "response_format": request.schema is not None,
        "seed": seed is not None,
        "top_p": request.sampling.top_p != 1,
        "stop": bool(request.stop),
        "system": any(message["role"] == "system" for message in request.messages),
    }
    return frozenset(name for name in OPTIONAL if has.get(name, True))


def named_in(words: Words, parts: Iterable[str]) -> frozenset[str]:
    """Return which of these parts of a request an error complains of, by structure if there is one, else in words.

    A limit that is only too high or too low for one question is not refused as such.
    """
    text = own(words.text)
    placed = {name for name in parts for place in words.places if _PLACES[name].search(place)}
    named = placed or {name for name in parts if _PATTERNS[name].search(text)}
    if "limit" in named and _WRONG_SIZE.search(text) and not _NOT_KNOWN.search(text):
        named -= {"limit"}
    return frozenset(named)


def refused_in(words: Words, *, of_a_row: bool) -> bool:
    """Return whether an error says by name that a part of requests is not taken, whatever else its words sound like.

    `of_a_row`: they sound as well as if one row was too long or unwanted.
    """
    named = named_in(words, OPTIONAL)
    return bool(named - _OF_ROWS) or (bool(named) and (not of_a_row or _NOT_KNOWN.search(words.text) is not None))


def is_about_the_limit(words: Words) -> bool:
    """Return whether the token limit is too high or too low for the server, however long the row is."""
    text = own(words.text)
    limit = _PATTERNS["limit"].search(text) and _WRONG_SIZE.search(text)
    return bool(limit) and not (_NOT_KNOWN.search(text) or _OF_ITS_INPUT.search(text))


def body_of(
    request: Request, model: str, seed: int | None, dialect: Dialect = PLAIN, extra: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return the JSON body of a chat completion in a server's dialect.

    `extra` are the user's own keys (`--body`): they go over what stands there, and a value of None leaves the key out. A server
    that takes no `response_format` finds the schema in the last turn, in words.
    """
    extra = {**request.body, **(extra or {})}
    sampling, left_out = request.sampling, dialect.left_out
    body: dict[str, Any] = {"model": model, "messages": _messages(request, dialect)}
    if "temperature" not in left_out:
        body["temperature"] = sampling.temperature
    if "limit" not in left_out and not any(name in extra for name in LIMITS):
        body[dialect.limit] = sampling.max_tokens
    if sampling.top_p != 1 and "top_p" not in left_out:
        body["top_p"] = sampling.top_p
    if seed is not None and "seed" not in left_out:
        body["seed"] = seed
    if request.stop and "stop" not in left_out:
        body["stop"] = list(request.stop)
    if request.schema is not None and dialect.shape != "words":
        shape = {"name": request.op.name, "schema": request.schema, "strict": is_strict(request.schema)}
        schema = {"type": "json_schema", "json_schema": shape}
        body["response_format"] = schema if dialect.shape == "json_schema" else {"type": "json_object"}
    if "stream" not in left_out:
        body["stream"] = False  # some servers stream unless they are asked not to
    body |= extra
    return {name: value for name, value in body.items() if value is not None}


def _messages(request: Request, dialect: Dialect) -> list[Any]:
    messages: list[Any] = list(request.messages)
    if dialect.folded:
        messages = _folded(messages)
    if request.schema is not None and dialect.shape != "json_schema":
        schema = orjson.dumps(request.schema).decode()
        told = f"Answer with one JSON object that fits this JSON Schema:\n{schema}"
        messages[-1] = {**messages[-1], "content": _with(messages[-1].get("content"), told, before=False)}
    return messages


def _folded(messages: Sequence[Any]) -> list[Any]:
    """Return the turns with what the system said at the head of the first turn of the user."""
    said = [message.get("content") for message in messages if message["role"] == "system"]
    others = [message for message in messages if message["role"] != "system"]
    if not said:
        return others
    if not others or others[0]["role"] != "user":
        return [{"role": "user", "content": _joined(said)}, *others]
    return [{**others[0], "content": _with(others[0].get("content"), _joined(said), before=True)}, *others[1:]]


def _joined(contents: Sequence[Any]) -> str:
    return "\n\n".join(
        each if isinstance(each, str) else "".join(part.get("text", "") for part in each) for each in contents
    )


def _with(content: Any, text: str, *, before: bool) -> Any:
    """Return a content, text or parts, with a text before or after it."""
    if isinstance(content, list):
        part = {"type": "text", "text": text}
        return [part, *content] if before else [*content, part]
    return f"{text}\n\n{content}" if before else f"{content}\n\n{text}"


def is_strict(schema: object) -> bool:
    """Return whether a schema keeps the rules of OpenAI's strict mode: closed objects with every property required."""
    if isinstance(schema, Mapping):
        properties = schema.get("properties")
        if schema.get("type") == "object" or isinstance(properties, Mapping):
            closed = schema.get("additionalProperties") is False
            if not (closed and set(schema.get("required", ())) == set(properties or ())):
                return False
        return all(map(is_strict, schema.values()))
    if isinstance(schema, list | tuple):
        return all(map(is_strict, schema))
    return True

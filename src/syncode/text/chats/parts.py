"""What stands in one turn besides its role: its text, thoughts, calls of tools and their results."""

from collections.abc import Mapping
from typing import Any

from syncode.schemas.records import Message
from syncode.schemas.wire import dumps, loads

_SILENT = ("step-start", "redacted_thinking")
"""Parts in which nothing can be read: a mark of the AI SDK, and thoughts that Anthropic's servers encrypt."""


_GEMINI = ("functionCall", "functionResponse")
_PART = {"type", "text", "parts"}
"""Keys that a part of a content has."""


class Unreadable(Exception):
    """Why the turns of a row cannot be read, for people."""


def text_of(content: Any, at: str) -> str:
    """Return the text of a turn's content. Raises Unreadable for pictures and other things that are not text."""
    text, parts, results = taken_apart(content, at)
    if parts or results:
        raise Unreadable(f"{at}: its content should be text alone")
    return text


def as_result(content: Any) -> Any:
    """Return what a tool gave back as a content: a value that is neither text nor parts becomes its JSON text."""
    parts = content if isinstance(content, list) else [content]
    if content is None or all(
        isinstance(part, str) or (isinstance(part, dict) and _PART & part.keys()) for part in parts
    ):
        return content
    return dumps(content).decode()


def taken_apart(content: Any, at: str) -> tuple[str, dict[str, Any], list[Message]]:
    """Return the text of a content, its other parts (thoughts, calls) and the results of tools that stand in it.

    Parts are those of OpenAI's chat and Responses APIs, of Anthropic's Messages API, of Mistral's and Gemini's and of the AI SDK;
    ChatGPT's exports keep texts in `parts`.
    """
    if content is None or isinstance(content, str):
        return content or "", {}, []
    if isinstance(content, dict):
        content = content["parts"] if isinstance(content.get("parts"), list) else [content]
    if not isinstance(content, list):
        raise Unreadable(f"{at}: its content should be text")
    texts: list[str] = []
    thoughts: list[str] = []
    calls: list[dict[str, Any]] = []
    results: list[Message] = []
    for part in content:
        kind = _kind(part)
        if kind in ("thinking", "reasoning"):
            thoughts.append(_thought(part, at))
        elif kind == "tool_use":
            calls.append(_call(part.get("id"), part.get("name"), part.get("input")))
        elif kind == "functionCall":
            calls.append(_call(part[kind].get("id"), part[kind].get("name"), part[kind].get("args")))
        elif kind == "tool_result":
            inner = text_of(as_result(part.get("content")), at)
            results.append({"role": "tool", "content": inner, "tool_call_id": str(part.get("tool_use_id", ""))})
        elif kind == "functionResponse":
            inner = text_of(as_result(part[kind].get("response")), at)
            results.append({"role": "tool", "content": inner, "name": str(part[kind].get("name", ""))})
        elif kind not in _SILENT:
            texts.append(_text(part, at))
    said = [thought for thought in thoughts if thought]
    parts: dict[str, Any] = {"reasoning": "\n".join(said)} if said else {}
    return "\n".join(texts), parts | ({"tool_calls": calls} if calls else {}), results


def _kind(part: Any) -> str | None:
    """Return the type of a part; Gemini's calls and results have none, but a key of this name."""
    if not isinstance(part, dict):
        return None
    kind = part.get("type") or next(
        (key for key in ("functionCall", "functionResponse") if isinstance(part.get(key), dict)), None
    )
    if kind is None and part.get("thought") is True:
        return "reasoning"
    return kind if isinstance(kind, str) else None


def _thought(part: Mapping[str, Any], at: str) -> str:
    """Return the text of a thought: text, or a list of parts (`thinking` of Mistral, `summary` of the Responses API)."""
    said = next((part[key] for key in ("thinking", "text", "reasoning", "content", "summary") if part.get(key)), None)
    return text_of(said, at)


def _text(part: Any, at: str) -> str:
    text = part if isinstance(part, str) else None
    if isinstance(part, dict):
        text = part.get("refusal" if part.get("type") == "refusal" else "text")
    if not isinstance(text, str):
        kind = part.get("type", "an object") if isinstance(part, dict) else type(part).__name__
        raise Unreadable(f"{at}: a part of its content is not text ({kind})")
    return text


def _call(name: Any, function: Any, arguments: Any) -> dict[str, Any]:
    made = {"type": "function", "function": {"name": function, "arguments": dumps(arguments or {}).decode()}}
    return made if name is None else {"id": name, **made}


def is_call(value: object) -> bool:
    """Return whether a value is a call of a tool: an object that names its function, itself or one level down."""
    if not isinstance(value, dict):
        return False
    inner = next((value[key] for key in ("function", "custom") if isinstance(value.get(key), dict)), value)
    return isinstance(inner.get("name"), str)


def are_calls(value: object) -> bool:
    """Return whether a value is a list of calls of tools."""
    return isinstance(value, list) and all(map(is_call, value))


def calls_of(value: Any) -> list[dict[str, Any]] | None:
    """Return `{name, arguments}` objects, one or a list of them, as calls in OpenAI's form; None for anything else."""
    listed = value if isinstance(value, list) else [value]
    if not listed or not all(isinstance(call, dict) and isinstance(call.get("name"), str) for call in listed):
        return None
    return [{"type": "function", "function": {"name": call["name"], "arguments": _arguments(call)}} for call in listed]


def call_sent(call: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return a call as OpenAI's API takes it: with an id (`name`, if it has none) and its arguments as JSON text."""
    function = call["function"] if isinstance(call.get("function"), dict) else call
    made = {"name": str(function.get("name", "")), "arguments": _arguments(function)}
    return {"id": str(call.get("id") or name), "type": "function", "function": made}


def _arguments(call: Mapping[str, Any]) -> str:
    arguments = call.get("arguments", call.get("parameters", {}))
    return arguments if isinstance(arguments, str) else dumps(arguments).decode()


def parsed(text: str) -> Any:
    """Return the value of a JSON text, None for one that is not JSON."""
    try:
        return loads(text.encode("utf-8", "surrogatepass"))
    except ValueError:
        return None

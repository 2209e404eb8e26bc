"""Puts the chunks of a streamed chat completion together into what the same server sends without streaming."""

from collections.abc import Iterable, Mapping
from typing import Any

from syncode.engines.replies.faults import error_of

_JOINED = ("content", "reasoning_content", "reasoning", "thinking", "refusal")
_LISTED = ("reasoning_details", "thinking_blocks", "annotations")


def assemble(chunks: Iterable[Any]) -> dict[str, Any]:
    """Return one completion; ValueError for a stream that was cut off.

    None among the chunks is the end mark. A stream that has neither this nor a `finish_reason` is not whole. An error of the
    server in the stream, be it behind the mark, stands under `error`, beside what came of the answer.
    """
    whole: dict[str, Any] = {}
    message: dict[str, Any] = {}
    reason: Any = None
    done = begun = False
    for chunk in chunks:
        done = done or chunk is None
        if not isinstance(chunk, Mapping):
            continue
        if (error := error_of(chunk)) is not None:
            whole["error"] = error.get("error", error) if isinstance(error, Mapping) else error
        if done:
            continue
        choices = chunk.get("choices")
        whole |= {name: chunk[name] for name in ("id", "model", "usage") if chunk.get(name)}
        for choice in choices if isinstance(choices, list) else ():
            if not isinstance(choice, Mapping) or choice.get("index") not in (0, None):
                continue
            begun = True
            reason = choice.get("finish_reason") or reason
            _add(message, choice)
    if "error" in whole and not begun:
        return whole
    if not begun:
        raise ValueError("the event stream holds no choices")
    if not done and reason is None and "error" not in whole:
        raise ValueError("the event stream was cut off before its end")
    if "tool_calls" in message:
        message["tool_calls"] = [message["tool_calls"][place] for place in sorted(message["tool_calls"])]
    return {**whole, "choices": [{"index": 0, "message": message, "finish_reason": reason}]}


def _add(message: dict[str, Any], choice: Mapping[str, Any]) -> None:
    """Add what one chunk brings to the message."""
    delta = choice.get("delta")
    if not isinstance(delta, Mapping):
        if isinstance(choice.get("message"), Mapping):  # the whole of it, at once
            message.clear()
            delta = choice["message"]
        else:
            delta = {"content": choice.get("text")}
    for name, value in delta.items():
        if value is None:
            continue
        if name == "tool_calls" and isinstance(value, list):
            _add_calls(message.setdefault("tool_calls", {}), value)
        elif name == "function_call" and isinstance(value, Mapping):
            _add_call(message.setdefault("function_call", {}), value)
        elif name in _LISTED and isinstance(value, list):
            message[name] = [*message.get(name, []), *value]
        elif name in _JOINED and name in message:
            message[name] = _joined(message[name], value)
        else:
            message[name] = value


def _joined(before: Any, after: Any) -> Any:
    if isinstance(before, str) and isinstance(after, str):
        return before + after
    return [*_parts(before), *_parts(after)]


def _parts(value: Any) -> list[Any]:
    if isinstance(value, list):
        return value
    return [{"type": "text", "text": value} if isinstance(value, str) else value]


def _add_calls(calls: dict[int, dict[str, Any]], more: list[Any]) -> None:
    for place, call in enumerate(more):
        if not isinstance(call, Mapping):
            continue
        index = call.get("index")
        slot = calls.setdefault(index if isinstance(index, int) else place, {})
        slot |= {name: value for name, value in call.items() if name not in ("index", "function") and value is not None}
        if isinstance(call.get("function"), Mapping):
            _add_call(slot.setdefault("function", {}), call["function"])


def _add_call(function: dict[str, Any], more: Mapping[str, Any]) -> None:
    for name, value in more.items():
        joins = name == "arguments" and isinstance(value, str) and isinstance(function.get(name), str)
        if value is not None:
            function[name] = function[name] + value if joins else value

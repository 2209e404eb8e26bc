"""One entry of a chat, in any of the forms that people write it in, as turns of OpenAI's form."""

from collections.abc import Mapping, Sequence
from typing import Any

from syncode.schemas.records import Message
from syncode.schemas.wire import dumps, loads

ROLES = {
    **dict.fromkeys(("system", "developer"), "system"),
    **dict.fromkeys(("user", "human", "prompter", "question", "query", "instruction"), "user"),
    **dict.fromkeys(
        ("assistant", "gpt", "chatgpt", "bot", "model", "ai", "bing", "bard", "claude", "answer"), "assistant"
    ),
    **dict.fromkeys(
        ("tool", "function", "observation", "tool_response", "function_response", "function response", "ipython"),
        "tool",
    ),
    **dict.fromkeys(("function_call", "tool_call", "function-call"), "call"),
}
"""Names of roles in published sets, in lower case; `call` is an assistant's turn that only calls tools (LLaMA-Factory)."""

_ROLE, _CONTENT = ("role", "from", "author", "speaker"), ("content", "value", "text")
_REASONING = ("reasoning", "reasoning_content", "thinking")
"""Where servers and sets keep what a model thought: OpenRouter and vLLM, DeepSeek, Anthropic."""
_PARTS: dict[str, type | tuple[type, ...]] = {
    **{"reasoning": str, "tool_calls": list, "tool_call_id": str, "name": str},
    "weight": (int, float),
}


class Unreadable(Exception):
    """Why the turns of a row cannot be read, for people."""


def is_plain(item: object) -> bool:
    """Return whether a turn is in OpenAI's form already: a role, a text, and parts of their own types."""
    return (
        isinstance(item, dict)
        and isinstance(item.get("content"), str)
        and item.get("role") in ("user", "assistant", "system", "tool")
        and all(
            key in ("role", "content") or (isinstance(value, _PARTS.get(key, ())) and value not in ("", []))
            for key, value in item.items()
        )
    )


def read_turns(items: Sequence[Any], at: str) -> list[Message]:
    """Return the turns of a list. Raises Unreadable with the place, `at[3]` for the third entry."""
    return [turn for number, item in enumerate(items, 1) for turn in _read(item, f"{at}[{number}]", number)]


def _read(item: Any, at: str, number: int) -> list[Message]:
    """Return the turns of one entry: a turn, one question with its answer, or results of tools in a turn of the user's."""
    if is_plain(item):
        return [item]
    if isinstance(item, str):  # UltraChat's first release: user and assistant take turns
        return [{"role": "user" if number % 2 else "assistant", "content": item}]
    if isinstance(item, list) and len(item) == 2:
        return pair_of(item[0], item[1], at)
    if not isinstance(item, dict):
        raise Unreadable(f"{at} should be an object with a role and its content")
    role_key = next((key for key in _ROLE if isinstance(item.get(key), str)), None)
    if role_key is None:
        return _exchange(item, at)
    named = str(item[role_key]).strip()
    role = ROLES.get(named.lower().strip("<|>"), named)
    content_key = next((key for key in _CONTENT if key in item and key != role_key), None)
    rest = {key: value for key, value in item.items() if key not in (role_key, content_key) and value is not None}
    content = item.get(content_key) if content_key else None
    if role == "call":
        return [_calling(text_of(content, at), rest)]
    text, parts, results = _taken_apart(content, at)
    turn = {"role": role, "content": text, **_with_parts(rest, at), **parts}
    if results and not text:
        return results
    return [*results, turn]  # type: ignore[list-item]


def _exchange(item: Mapping[str, Any], at: str) -> list[Message]:
    """Return one question and its answer out of an object that keeps both under names of their own."""
    for asked, said in (("human", "assistant"), ("user", "assistant"), ("human", "gpt"), ("user", "bot"), ("input", "output"),
                        ("question", "answer"), ("prompt", "response"), ("instruction", "output"), ("query", "response"),
                        ("prompt", "completion"), ("instruction", "response")):  # fmt: skip
        if asked in item and said in item:
            return pair_of(item[asked], item[said], at)
    raise Unreadable(f"{at} has no role ({', '.join(map(str, item)) or 'it is empty'})")


def pair_of(asked: Any, said: Any, at: str) -> list[Message]:
    """Return one question and its answer, without a side that is empty."""
    sides = (("user", text_of(asked, at)), ("assistant", text_of(said, at)))
    return [{"role": role, "content": text} for role, text in sides if text]


def text_of(content: Any, at: str) -> str:
    """Return the text of a turn's content. Raises Unreadable for pictures and other things that are not text."""
    text, parts, results = _taken_apart(content, at)
    if parts or results:
        raise Unreadable(f"{at}: its content should be text alone")
    return text


def _taken_apart(content: Any, at: str) -> tuple[str, dict[str, Any], list[Message]]:
    """Return the text of a content, its other parts (thoughts, calls) and the results of tools that stand in it.

    Parts are those of OpenAI's chat and Responses APIs and of Anthropic's Messages API; ChatGPT's exports keep texts in `parts`.
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
        kind = part.get("type") if isinstance(part, dict) else None
        if kind in ("thinking", "reasoning") and isinstance(said := part.get("thinking") or part.get("text"), str):
            thoughts.append(said)
        elif kind == "tool_use":
            function = {"name": part.get("name"), "arguments": dumps(part.get("input") or {}).decode()}
            calls.append({"id": part.get("id"), "type": "function", "function": function})
        elif kind == "tool_result":
            inner = text_of(part.get("content"), at)
            results.append({"role": "tool", "content": inner, "tool_call_id": str(part.get("tool_use_id", ""))})
        else:
            texts.append(_text(part, at))
    parts: dict[str, Any] = {"reasoning": "\n".join(thoughts)} if thoughts else {}
    return "\n".join(texts), parts | ({"tool_calls": calls} if calls else {}), results


def _text(part: Any, at: str) -> str:
    text = part if isinstance(part, str) else part.get("text") if isinstance(part, dict) else None
    if not isinstance(text, str):
        kind = part.get("type", "an object") if isinstance(part, dict) else type(part).__name__
        raise Unreadable(f"{at}: a part of its content is not text ({kind})")
    return text


def _with_parts(rest: dict[str, Any], at: str) -> dict[str, Any]:
    """Return the keys of a turn besides role and content, its parts under their usual names; empty ones are left out."""
    kept = {key: value for key, value in rest.items() if key not in (*_REASONING, "tool_calls", "function_call")}
    thought = next((rest[key] for key in _REASONING if rest.get(key)), None)
    if thought is not None:
        kept["reasoning"] = text_of(thought, at)
    calls = rest.get("tool_calls")
    if isinstance(calls, str):
        calls = parsed(calls) if calls.strip() else []
    if calls is None and rest.get("function_call"):  # OpenAI's first form of a call
        calls = [{"type": "function", "function": rest["function_call"]}]
    if calls:
        if not isinstance(calls, list) or not all(isinstance(call, dict) for call in calls):
            raise Unreadable(f"{at}: its tool_calls should be a list of calls")
        kept["tool_calls"] = calls
    return kept


def _calling(content: str, rest: dict[str, Any]) -> Message:
    """Return the calls of tools that a text holds as JSON, in OpenAI's form; else the text stays text."""
    made = calls_of(parsed(content))
    if made is None:
        return {"role": "assistant", "content": content, **rest}  # type: ignore[typeddict-item]
    return {"role": "assistant", "content": "", "tool_calls": made, **rest}  # type: ignore[typeddict-item]


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

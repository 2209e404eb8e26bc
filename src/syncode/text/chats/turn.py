"""One entry of a chat, in any of the forms that people write it in, as turns of OpenAI's form."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from syncode.errors import nearest
from syncode.schemas.records import Message
from syncode.text.chats.parts import Unreadable, are_calls, as_result, calls_of, parsed, taken_apart, text_of

ROLES = {
    **dict.fromkeys(("system", "developer", "sys"), "system"),
    **dict.fromkeys(("user", "human", "prompter", "question", "query", "instruction", "customer", "client"), "user"),
    **dict.fromkeys(
        (
            *(
                "assistant",
                "gpt",
                "chatgpt",
                "bot",
                "chatbot",
                "model",
                "ai",
                "bing",
                "bard",
                "claude",
                "answer",
                "response",
            ),
            *("agent", "llm", "gemini", "moss", "openai", "deepseek", "qwen", "llama", "mistral"),
        ),
        "assistant",
    ),
    **dict.fromkeys(
        (
            *("tool", "function", "observation", "tool_response", "function_response", "function response", "ipython"),
            *("tool_result", "tool_results", "environment"),
        ),
        "tool",
    ),
    **dict.fromkeys(("function_call", "tool_call", "function-call", "tool_calls"), "call"),
}
"""Names of roles in published sets, in lower case; `call` is an assistant's turn that only calls tools (LLaMA-Factory)."""
_MODEL = re.compile(
    r"(gpt|chatgpt|claude|gemini|llama|qwen|mistral|deepseek)[-_ ]?\d[\w.-]*|claude-\w[\w.-]*|gpt-?oss[\w.-]*"
)
"""Names of models, with their version, that stand for the assistant."""

_ROLE = ("role", "from", "author", "speaker", "sender")
_TYPES = ("human", "ai", "system", "tool", "user", "assistant")
"""What LangChain says as `type`, where messages of other makers have a type besides their role."""
_AROUND = ("message", "data")
"""Keys of an object around the turn itself: OpenAI's choices and ChatGPT's exports, LangChain's files."""
_CONTENT = ("content", "value", "text", "parts", "message", "utterance")
"""Where the text of a turn stands: OpenAI, ShareGPT, more sets, Gemini and the AI SDK, Cohere, corpora of dialogues."""
_REASONING = ("reasoning", "reasoning_content", "thinking")
"""Where servers and sets keep what a model thought: OpenRouter and vLLM, DeepSeek, Anthropic."""
_SPEAKS = (*_REASONING, "tool_calls", "function_call", "refusal")
"""What makes a turn without a text say something all the same."""
_ASIDE = (
    "id",
    "type",
    "name",
    "tool_call_id",
    "weight",
    "date",
    "time",
    "timestamp",
    "created_at",
    "createdAt",
    "status",
    "language",
)
"""Texts beside a turn that are not what it says."""
_PARTS: dict[str, type | tuple[type, ...]] = {
    **{"reasoning": str, "tool_calls": list, "tool_call_id": str, "name": str},
    "weight": (int, float),
}


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
        and are_calls(item.get("tool_calls", []))
    )


def read_turns(items: Sequence[Any], at: str) -> list[Message]:
    """Return the turns of a list. Raises Unreadable with the place, `at[3]` for the third entry."""
    return [turn for number, item in enumerate(items, 1) for turn in _read(item, f"{at}[{number}]", number)]


def is_turn(item: object) -> bool:
    """Return whether an object says who speaks in it."""
    return isinstance(item, dict) and _role_of(_unwrapped(item))[0] is not None


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
    item = _unwrapped(item)
    role_key, named = _role_of(item)
    if role_key is None:
        return _exchange(item, at)
    role = _known(named, at)
    content_key = _content_of(item, role_key)
    read = (role_key, content_key, "role", "content")
    rest = {key: value for key, value in item.items() if key not in read and value is not None}
    content = item.get(content_key) if content_key else None
    if not content and isinstance(rest.get("refusal"), str):
        content = rest.pop("refusal")
    if content is None and (silent := _unheard(rest, (list, dict) if content_key else (str, list, dict))):
        raise Unreadable(f"{at} has no content ({', '.join(map(str, silent))})")
    if role == "call":
        return [_calling(text_of(content, at), rest)]
    text, parts, results = taken_apart(as_result(content) if role == "tool" else content, at)
    turn = {"role": role, "content": text, **_with_parts(rest, at), **parts}
    if results and not text:
        return results
    return [*results, turn]  # type: ignore[list-item]


def _unwrapped(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return a turn without the object around it, beside whose keys it stands."""
    key = next((key for key in _AROUND if isinstance(item.get(key), dict)), None)
    if key is None or not any(name in item[key] for name in (*_ROLE, *_CONTENT)):
        return dict(item)
    return {**{name: value for name, value in item.items() if name != key}, **item[key]}


def _role_of(item: Mapping[str, Any]) -> tuple[str | None, str]:
    """Return the key under which a turn says who speaks, and what stands there; None and nothing if it does not say."""
    for key in _ROLE:
        value = item.get(key)
        if isinstance(value, dict):
            value = value.get("role")
        if isinstance(value, str):
            return key, value
    kind = item.get("type")
    return ("type", kind) if kind in _TYPES else (None, "")


def _known(named: str, at: str) -> str:
    """Return the role that a name stands for. Raises Unreadable: what an unknown speaker says is neither question nor answer."""
    name = named.strip().lower().strip("<|>").rstrip(":").strip()
    role = ROLES.get(name) or ("assistant" if _MODEL.fullmatch(name) else None)
    if role is None:
        near = nearest(name, ROLES)
        told = (
            f"did you mean {' or '.join(near)}?"
            if near
            else "known are user, assistant, system, tool and their usual names"
        )
        raise Unreadable(f"{at}: no role is called {named!r} ({told})")
    return role


def _content_of(item: Mapping[str, Any], role_key: str) -> str | None:
    """Return the key of a turn's text: the first that says something, else the first that is there."""
    there = [key for key in _CONTENT if key in item and key != role_key]
    return next((key for key in there if item[key]), there[0] if there else None)


def _unheard(rest: Mapping[str, Any], kinds: tuple[type, ...]) -> list[str]:
    """Return the keys of a turn without content that seem to hold what it says; none where other parts speak."""
    if any(rest.get(key) for key in _SPEAKS):
        return []
    return [key for key, value in rest.items() if key not in _ASIDE and value and isinstance(value, kinds)]


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


def _with_parts(rest: dict[str, Any], at: str) -> dict[str, Any]:
    """Return the keys of a turn besides role and content, its parts under their usual names; empty ones are left out."""
    kept = {key: value for key, value in rest.items() if key not in (*_REASONING, "tool_calls", "function_call")}
    thought = next((rest[key] for key in _REASONING if rest.get(key)), None)
    if thought is not None:
        kept["reasoning"] = text_of(thought, at)
    calls = rest.get("tool_calls")
    if isinstance(calls, str):
        calls = (parsed(calls) or calls) if calls.strip() else None
    if not calls and rest.get("function_call"):  # OpenAI's first form of a call
        calls = [{"type": "function", "function": rest["function_call"]}]
    if calls:
        if not are_calls(calls):
            raise Unreadable(f"{at}: its tool_calls should be a list of calls")
        kept["tool_calls"] = calls
    return kept


def _calling(content: str, rest: dict[str, Any]) -> Message:
    """Return the calls of tools that a text holds as JSON, in OpenAI's form; else the text stays text."""
    made = calls_of(parsed(content))
    if made is None:
        return {"role": "assistant", "content": content, **rest}  # type: ignore[typeddict-item]
    return {"role": "assistant", "content": "", "tool_calls": made, **rest}  # type: ignore[typeddict-item]

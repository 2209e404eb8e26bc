"""From a chat completion to a reply: text, reasoning and tool calls, in every form that servers give them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeGuard

from syncode.engines.replies.decode import Unreadable, decode
from syncode.engines.request import Reply

_MOST_TOKENS = 2**40  # that a server may report for one answer and be believed (chosen here)
_REASONING = ("reasoning_content", "reasoning", "thinking", "reasoning_details", "thinking_blocks")
_THOUGHTS = ("thinking", "reasoning", "thought")  # types of content parts that are not the answer
_INNER = ("text", "thinking", "reasoning", "summary", "content", "output_text")
_USAGE = {
    "prompt_tokens": ("prompt_tokens", "input_tokens", "promptTokenCount"),
    "completion_tokens": ("completion_tokens", "output_tokens", "candidatesTokenCount"),
}
_TOTAL = ("total_tokens", "totalTokenCount")
_THOUGHT_TOKENS = ("reasoning_tokens",)


def read(body: bytes) -> Reply:
    """Return the reply in a raw chat completion; Unreadable if there is none."""
    return completion(decode(body))


def completion(answer: Any) -> Reply:
    """Return the reply in a decoded chat completion; Unreadable if there is none.

    Content may be a text, a list of parts or null; thoughts among its parts are reasoning. A `refusal` in place of the content
    (OpenAI's structured replies) is its text, ended by `content_filter`. `usage` keeps `prompt_tokens`, `completion_tokens`
    and, if the server reports it, `cached_tokens`.
    """
    if not isinstance(answer, Mapping):
        raise Unreadable("the response is not a JSON object")
    first = _choice(answer)
    message = first.get("message")
    if not isinstance(message, Mapping):
        message = first["delta"] if isinstance(first.get("delta"), Mapping) else None
    if message is None:
        if not isinstance(first.get("text"), str):
            raise Unreadable("the response has no message")
        message = {"content": first["text"]}
    text, thoughts = _content(message.get("content"))
    reason = first.get("finish_reason") or first.get("stop_reason")
    if isinstance(reason, Mapping):
        reason = reason.get("reason") or reason.get("type")
    if not text and isinstance(message.get("refusal"), str) and message["refusal"]:
        text, reason = message["refusal"], "content_filter"
    said = next((found for name in _REASONING if (found := "".join(_texts(message.get(name))))), "")
    return Reply(
        text=text,
        finish_reason=None if reason is None else str(reason),
        usage=_usage(answer.get("usage")),
        model=str(answer.get("model") or ""),
        reasoning=said or thoughts,
        tool_calls=_tool_calls(message),
        logprobs=tuple(_places(first.get("logprobs"))),
    )


def _places(reported: object) -> Iterator[Mapping[str, float]]:
    """Yield the likeliest tokens at each place, in the form of chats (`content`) and in that of completions (`tokens`)."""
    report = _mapping(reported)
    content = report.get("content")
    for place in content if isinstance(content, list) else ():
        top = place.get("top_logprobs") if isinstance(place, Mapping) else None
        said = [place, *(top if isinstance(top, list) else ())]
        pairs = [(each.get("token"), each.get("logprob")) for each in said if isinstance(each, Mapping)]
        yield {token: float(chance) for token, chance in pairs if isinstance(token, str) and _is_chance(chance)}
    tokens, tops = report.get("tokens"), report.get("top_logprobs")
    if content is None and isinstance(tokens, list) and isinstance(tops, list):
        chances = report.get("token_logprobs")
        for at, (token, top) in enumerate(zip(tokens, tops, strict=False)):
            own = chances[at] if isinstance(chances, list) and at < len(chances) else None
            pairs = [(token, own), *_mapping(top).items()]
            yield {each: float(chance) for each, chance in pairs if isinstance(each, str) and _is_chance(chance)}


def _is_chance(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _choice(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    choices = answer.get("choices")
    if isinstance(choices, list) and choices:
        mappings = [choice for choice in choices if isinstance(choice, Mapping)]
        if not mappings:
            raise Unreadable("the response has no message")
        return next((choice for choice in mappings if choice.get("index") == 0), mappings[0])
    if (
        answer.get("role") == "assistant" and "content" in answer
    ):  # a proxy that passes on the Messages API of Anthropic
        return {"message": answer, "finish_reason": answer.get("stop_reason")}
    raise Unreadable("the response has no choices")


def _content(content: Any) -> tuple[str, str]:
    """Return the text of a content and the thoughts among its parts."""
    if isinstance(content, str):
        return content, ""
    parts = content if isinstance(content, list) else [content]
    thoughts = [part for part in parts if _is_thought(part)]
    text = "".join(_texts([part for part in parts if not _is_thought(part)]))
    return text, "".join(_texts(thoughts))


def _is_thought(part: Any) -> bool:
    return isinstance(part, Mapping) and (
        part.get("thought") is True or any(word in str(part.get("type", "")) for word in _THOUGHTS)
    )


def _texts(value: Any) -> Iterator[str]:
    """Yield the texts in a value: itself, those of its parts, or what a part holds under one of its usual names."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)
    elif isinstance(value, Mapping):
        for name in _INNER:
            if value.get(name):
                yield from _texts(value[name])
                return


def _tool_calls(message: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    calls = message.get("tool_calls")
    if isinstance(calls, list):
        return tuple(call for call in calls if isinstance(call, Mapping))
    if isinstance(message.get("function_call"), Mapping):  # OpenAI's form before November 2023
        return ({"type": "function", "function": message["function_call"]},)
    return ()


def _usage(reported: object) -> dict[str, int]:
    """Return the tokens in a report; those that a model thought are completion, whether the server counts them there or not."""
    if not isinstance(reported, Mapping):
        return {}
    counts = {name: _first(reported, names) for name, names in _USAGE.items()}
    prompt, completion, total = counts["prompt_tokens"], counts["completion_tokens"], _first(reported, _TOTAL)
    if prompt is None and completion is not None and total is not None and total > completion:
        prompt = total - completion
    thought = _first(_mapping(reported.get("completion_tokens_details")), _THOUGHT_TOKENS)
    if completion is not None:
        beside = completion + thought if thought and thought > completion else 0
        completion = max(completion, beside, (total or 0) - (prompt or 0) if prompt is not None else 0)
    details = _mapping(reported.get("prompt_tokens_details"))
    cached = _first(details, ("cached_tokens",)) or _first(reported, ("prompt_cache_hit_tokens",))
    usage = {"prompt_tokens": prompt, "completion_tokens": completion}
    if cached:
        usage["cached_tokens"] = min(cached, prompt or 0)
    return {name: count for name, count in usage.items() if count is not None}


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _first(reported: Mapping[str, Any], names: Sequence[str]) -> int | None:
    return next((count for name in names if (count := _count(reported.get(name))) is not None), None)


def _count(value: object) -> int | None:
    """Return a number of tokens, which may stand there as a float or a text; None for anything else."""
    if isinstance(value, str) and value.isdecimal() and len(value) <= len(str(_MOST_TOKENS)):
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST_TOKENS else None

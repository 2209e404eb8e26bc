"""How a generation ended: where a row says it, and every server's word for it, sorted into five kinds.

The words come from the API references of OpenAI, Azure, Anthropic, Bedrock, Gemini and Vertex, Mistral, Cohere, DeepSeek,
Zhipu, Together, AI21, Aleph Alpha, watsonx, TGI, vLLM, SGLang, llama.cpp and Ollama. A word that is not listed is not a natural
stop: what cannot be shown to be whole is not taken for whole.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from syncode.text import chats

Ending = Literal["whole", "cut", "blocked", "failed", "unknown"]

_WHOLE = (
    "stop stopped stop_sequence stop_sequences stop_word stop_token end_turn end_of_turn end_of_text endoftext "
    "end eos eos_token eos_found complete completed finish finished done word tool_calls tool_call tool_use "
    "function_call function_calls"
)
_CUT = (
    "length limit max_length maximum_length max_tokens max_new_tokens max_output_tokens max_completion_tokens "
    "maximum_tokens token_limit limit_reached model_length context_length context_limit context_length_exceeded "
    "model_context_window_exceeded max_context_length incomplete not_finished truncated time_limit pause_turn "
    "repetition repetition_truncation"
)
_BLOCKED = (
    "content_filter content_filtered content_filter_error content_policy content_policy_violation filtered safety "
    "recitation blocklist prohibited_content spii language image_safety refusal sensitive moderation moderated "
    "guardrail guardrail_intervened error_toxic blocked"
)
_FAILED = (
    "error error_limit failed failure network_error server_error internal_error insufficient_system_resource "
    "insufficient_system_resources abort aborted cancelled canceled user_cancel timeout timed_out load unload "
    "malformed_function_call malformed_tool_call unexpected_tool_call"
)
_KINDS: dict[str, Ending] = {
    **dict.fromkeys(_WHOLE.split(), "whole"),
    **dict.fromkeys(_CUT.split(), "cut"),
    **dict.fromkeys(_BLOCKED.split(), "blocked"),
    **dict.fromkeys(_FAILED.split(), "failed"),
}
_KEYS = (
    *("finish_reason", "finishReason", "finish_details", "incomplete_details", "native_finish_reason"),
    *("stop_reason", "stopReason", "done_reason", "doneReason", "stop_type"),
)
"""Where it is said, the surer key first: beside `finish_reason`, vLLM's `stop_reason` is the stop string itself."""
_WITHIN = ("type", "reason", "name")
"""Where an object says it: SGLang's finish_reason, OpenAI's finish_details and incomplete_details, enumerations."""
_BESIDE = ("metadata", "response_metadata", "generation_info", "meta")
"""Objects in which rows and turns keep what their server said: many sets, LangChain."""
_NUMBERS = {1: "stop", 2: "max_tokens", 3: "safety", 4: "recitation", 5: "other"}
"""Gemini's FinishReason as a number (google.ai.generativelanguage, Candidate)."""
_NOT_SAID = ("", "null", "none", "unspecified", "undefined")
_BORDERS = re.compile(r"[^a-z0-9]+")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def ending(finish_reason: str | None) -> Ending:
    """Return the kind of a `finish_reason`, in any spelling (`MAX_TOKENS`, `maxTokens`, `FinishReason.STOP`).

    `whole`: the model ended by itself. `cut`: a limit ended it. `blocked`: a filter did, or the model refused. `failed`: the
    server did, and asking again may help. `unknown`: a word that is not listed. A server that says nothing (None, "null") is
    believed: `whole`.
    """
    said = (finish_reason or "").rpartition(".")[2]
    word = _BORDERS.sub("_", _HUMP.sub("_", said).lower()).strip("_")
    word = word.removeprefix("finish_reason_").removeprefix("stop_reason_")
    return "whole" if word in _NOT_SAID else _KINDS.get(word, "unknown")


def is_whole(finish_reason: str | None) -> bool:
    """Return whether a generation came to its natural end, as far as its server says."""
    return ending(finish_reason) == "whole"


def ended(row: Mapping[str, Any]) -> str | None:
    """Return the word for how the answer of a row ended, in the row itself, its last turn of the assistant, or its first choice.

    Of several words, the first that is not a natural end. None if nothing says it. Raises `chats.Unreadable`.
    """
    words = [word for place in _places(row) if (word := _said(place)) is not None]
    return next((word for word in words if not is_whole(word)), words[0] if words else None)


def _places(row: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    turns = chats.turns(row) if chats.has_chat(row) else []
    last = next((turn for turn in reversed(turns) if turn["role"] == "assistant"), None)
    choices = row.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    for place in (row, last, choice):
        if isinstance(place, Mapping):
            yield place
            yield from (inner for key in _BESIDE if isinstance(inner := place.get(key), Mapping))


def _said(place: Mapping[str, Any]) -> str | None:
    """Return what one object says of its end. `status` and `truncated` mean other things, too: only one value of each counts."""
    for key in _KEYS:
        word = _word(key, place.get(key))
        if word is not None:
            return word
    if place.get("status") == "incomplete":  # OpenAI's Responses API
        return "incomplete"
    return "truncated" if place.get("truncated") is True else None  # llama.cpp


def _word(key: str, value: Any) -> str | None:
    if isinstance(value, Mapping):
        inner = [value[name] for name in _WITHIN if isinstance(value.get(name), str)]
        return inner[0] if inner else "incomplete" if key == "incomplete_details" else None
    if isinstance(value, int) and not isinstance(value, bool) and key.startswith("finish"):
        return _NUMBERS.get(value)
    return value if isinstance(value, str) and value else None

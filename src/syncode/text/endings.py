"""How a generation ended: every server's word for it, sorted into five kinds.

The words come from the API references of OpenAI, Azure, Anthropic, Bedrock, Gemini and Vertex, Mistral, Cohere, DeepSeek,
Zhipu, Together, AI21, Aleph Alpha, watsonx, TGI, vLLM, SGLang, llama.cpp and Ollama. A word that is not listed is not a natural
stop: what cannot be shown to be whole is not taken for whole.
"""

import re
from typing import Literal

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

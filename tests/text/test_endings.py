"""Every server's word for the end of a generation."""

from typing import Any

import pytest

from syncode.text.endings import Ending, ended, ending, is_whole


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("stop", "whole"),
        ("STOP", "whole"),
        ("FinishReason.STOP", "whole"),
        ("FINISH_REASON_STOP", "whole"),
        ("end_turn", "whole"),
        ("endTurn", "whole"),
        ("eos_token", "whole"),
        ("stop_sequence", "whole"),
        ("COMPLETE", "whole"),
        ("tool_calls", "whole"),
        ("function_call", "whole"),
        (None, "whole"),
        ("", "whole"),
        ("null", "whole"),
        ("length", "cut"),
        ("max_tokens", "cut"),
        ("MAX_TOKENS", "cut"),
        ("maxTokens", "cut"),
        ("model_length", "cut"),
        ("content_filter", "blocked"),
        ("SAFETY", "blocked"),
        ("RECITATION", "blocked"),
        ("refusal", "blocked"),
        ("error", "failed"),
        ("insufficient_system_resource", "failed"),
        ("network_error", "failed"),
        ("abort", "failed"),
        ("something_new", "unknown"),
    ],
)
def test_a_word_has_its_kind(word: str | None, kind: Ending) -> None:
    assert ending(word) == kind
    assert is_whole(word) == (kind == "whole")


ASKED = {"role": "user", "content": "?"}
SAID = {"role": "assistant", "content": "a"}


@pytest.mark.parametrize(
    "says",
    [
        {"finish_reason": "length"},
        {"finish_reason": {"type": "length", "length": 10}},  # SGLang
        {"finish_reason": 2},  # Gemini's number
        {"finish_reason": "stop", "metadata": {"finish_reason": "length"}},
        {"finishReason": "MAX_TOKENS"},
        {"finish_details": {"type": "max_tokens"}},
        {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}},
        {"incomplete_details": {}},
        {"stop_reason": "max_tokens"},
        {"done_reason": "length"},
        {"stop_type": "limit"},
        {"truncated": True},
        {"response_metadata": {"done_reason": "length"}},
        {"choices": [{"finish_reason": "length"}]},
        {"finish_reason": "stop", "choices": [{"finish_reason": "content_filter"}]},
    ],
)
def test_a_row_says_in_many_places_that_its_answer_is_not_whole(says: dict[str, Any]) -> None:
    assert not is_whole(ended({"messages": [ASKED, SAID], **says}))
    assert not is_whole(ended({"task_id": "t", "text": "a", **says}))
    assert "choices" in says or not is_whole(ended({"messages": [ASKED, {**SAID, **says}]}))
    turns = [{"from": "human", "value": "?"}, {"from": "gpt", "value": "a", **says}]
    assert "choices" in says or not is_whole(ended({"conversations": turns}))


@pytest.mark.parametrize(
    "says",
    [
        {},
        {"finish_reason": None},
        {"finish_reason": {"type": "stop", "matched": 151645}},
        {"finish_reason": "stop", "stop_reason": "\n\n"},  # vLLM: the stop string that ended it
        {"stop_reason": 128009},  # vLLM: the token that ended it
        {"incomplete_details": None, "status": "completed"},
        {"status": "failed", "truncated": False},  # of something else
        {"finish_reason": 1, "choices": []},
        {"metadata": "length"},
    ],
)
def test_a_row_that_says_nothing_or_a_natural_end_is_whole(says: dict[str, Any]) -> None:
    assert is_whole(ended({"messages": [ASKED, SAID], **says}))


def test_only_the_last_answer_of_a_chat_counts() -> None:
    turns = [ASKED, {**SAID, "finish_reason": "length"}, ASKED, {**SAID, "finish_reason": "stop"}]
    assert ended({"messages": turns}) == "stop"
    assert ended({"messages": turns[:-1]}) == "length"
    assert ended({"text": "a document"}) is None

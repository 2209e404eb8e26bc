"""Every server's word for the end of a generation."""

import pytest

from syncode.text.endings import Ending, ending, is_whole


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

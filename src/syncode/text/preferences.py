"""Tells rows that say which answer is the worse one: nothing in them may be taught, or asked for, as if it were the right one."""

import re
from collections.abc import Mapping
from typing import Any

_SIDES = (
    *("chosen", "rejected"),  # TRL, LLaMA-Factory, UltraFeedback, HH-RLHF
    *("chosen_response", "rejected_response", "rejected_responses", "chosen_messages", "rejected_messages"),  # ms-swift
    *("preferred_output", "non_preferred_output"),  # OpenAI
)
"""Keys that hold the better or the worse answer; the other one may be the end of the chat itself."""
_NUMBERED = re.compile(r"(answer|chat|completion|conversation|output|reply|response)_?(?:[012]|[ab])", re.IGNORECASE)
"""Two answers of equal standing: PKU-SafeRLHF, HelpSteer, PandaLM, AlpacaFarm, LMSYS."""
LABELS = ("label", "kto_tag", "desirable", "is_desirable")
"""Keys that say whether the one answer is a good one: TRL's KTO, LLaMA-Factory; a table of text has them as words or numbers."""
_YES_OR_NO = (True, False, "true", "false", "0", "1")  # 1 and 0 are equal to these


def is_pair(row: Mapping[str, Any]) -> bool:
    """Return whether a row holds two answers, or a worse one beside its chat. What is empty is not there."""
    if any(row.get(key) and isinstance(row[key], str | list | dict) for key in _SIDES):
        return True
    stems = [found[1].lower() for key, value in row.items() if value and (found := _NUMBERED.fullmatch(key))]
    return len(stems) > len(set(stems))


def is_labelled(row: Mapping[str, Any]) -> bool:
    """Return whether a row labels its one answer as good or bad; a label of any other kind (a class) does not count."""
    return any(_plain(row.get(key)) in _YES_OR_NO for key in LABELS)


def _plain(value: Any) -> Any:
    return value.strip().lower() if isinstance(value, str) else value if isinstance(value, int | float) else None

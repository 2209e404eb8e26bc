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
_OPPOSITES = (
    *(("preferred", "dispreferred"), ("better", "worse"), ("good", "bad")),
    *(("winner", "loser"), ("positive", "negative")),
)
"""Keys that hold an answer each if both are there; one alone may be anything."""
_NUMBERED = re.compile(
    r"(answer|chat|completion|conversation|output|reply|response)_?(?:\d|[ab]|(?<=_)[a-z])", re.IGNORECASE
)
"""Two answers of equal standing: PKU-SafeRLHF, HelpSteer, PandaLM, AlpacaFarm, LMSYS, the pairs from Stack Exchange."""
LABELS = ("label", "kto_tag", "desirable", "is_desirable")
"""Keys that say whether the one answer is a good one: TRL's KTO, LLaMA-Factory; a table of text has them as words or numbers."""
WRONG = ("correct", "is_correct", "is_good", "is_preferred", "is_chosen")
"""Keys that call an answer wrong if they are false; an answer that is called right is as good as any other."""
_YES_OR_NO = (True, False, "true", "false", "0", "1")  # 1 and 0 are equal to these


def is_pair(row: Mapping[str, Any]) -> bool:
    """Return whether a row holds two answers, or a worse one beside its chat. What is empty is not there."""
    if any(_is_side(row, key) for key in _SIDES) or any(
        _is_side(row, one) and _is_side(row, two) for one, two in _OPPOSITES
    ):
        return True
    stems = [found[1].lower() for key, value in row.items() if value and (found := _NUMBERED.fullmatch(key))]
    return len(stems) > len(set(stems))


def is_labelled(row: Mapping[str, Any]) -> bool:
    """Return whether a row labels its one answer as good or bad; a label of any other kind (a class) does not count."""
    if any(row.get(key) is False or _plain(row.get(key)) == "false" for key in WRONG):
        return True
    return any(_plain(row.get(key)) in _YES_OR_NO for key in LABELS)


def _is_side(row: Mapping[str, Any], key: str) -> bool:
    return bool(row.get(key)) and isinstance(row[key], str | list | dict)


def _plain(value: Any) -> Any:
    return value.strip().lower() if isinstance(value, str) else value if isinstance(value, int | float) else None

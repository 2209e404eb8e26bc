"""Whether a turn says anything: what cannot be seen is nothing."""

import re
import unicodedata
from itertools import islice

from syncode.schemas.records import Message
from syncode.text.fences import parts, without_tokens

_UNSEEN = ("Cc", "Cf", "Cn", "Co", "Cs", "Mn", "Zl", "Zp", "Zs")
"""Categories of characters that leave no mark by themselves."""
_FILLERS = "\u115f\u1160\u2800\u3164\uffa0\ufffc"
"""Letters and signs that are drawn as a gap (Unicode: Default_Ignorable_Code_Point; the blank of Braille; an object left out)."""
_BEGINS = re.compile(r"(?:\s*(?:<(?:s|bos|pad|unk)>|<\|[\w/ .-]{1,40}\|>))+")
"""Tokens that begin a turn, or fill it."""
_MAY_BE_EMPTY = "<[`~>"
"""What a token or a fence begins with, also in a quote: a text that begins with another sign that can be seen says something."""
_MOST = 100_000
"""Characters that can be seen, of which some are surely neither a token nor a fence (chosen here)."""


def is_blank(text: str) -> bool:
    """Return whether nothing of a text can be seen: white space, characters without width, tokens of a turn, empty fences."""
    first = next(filter(_is_seen, text), "")
    if (first and first not in _MAY_BE_EMPTY) or sum(1 for _ in islice(filter(_is_seen, text), _MOST + 1)) > _MOST:
        return False
    bare = "".join(sign for sign in text if sign.isspace() or _is_seen(sign))
    told = without_tokens(_BEGINS.sub("", bare, count=1) if _BEGINS.match(bare) else bare)
    said = (part.block.code if part.block else part.text for part in parts(told))
    return not any(map(_is_seen, "".join(said)))


def says(turn: Message) -> bool:
    """Return whether a turn says, thinks or calls something."""
    return bool(turn.get("tool_calls")) or not all(map(is_blank, (turn["content"], turn.get("reasoning", ""))))


def _is_seen(sign: str) -> bool:
    return sign > " " and unicodedata.category(sign) not in _UNSEEN and sign not in _FILLERS

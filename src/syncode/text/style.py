"""What an answer looks like, counted: the raw numbers behind style and length control."""

from __future__ import annotations

import re

from syncode.text.fences import parts
from syncode.text.pieces import pieces
from syncode.text.words import MARKS, words

STYLE = ("tokens", "headings", "list_items", "bold_spans", "code_blocks")
"""Names of the counts, in the order of the columns of a style-controlled table."""

_SIGN = re.compile(rf"[^\w\s{MARKS}]")
_HEADING = re.compile(r"^[ ]{0,3}#{1,6}\s", re.MULTILINE)
_LIST_ITEM = re.compile(r"^[^\S\n]*(?:[-*+]|\d{1,9}[.)])\s", re.MULTILINE)
_BOLD = re.compile(r"\*\*[^*\n]+\*\*|__[^_\n]+__")


def style(text: str) -> dict[str, int]:
    """Return the counts of STYLE. Tokens are words and single marks (chosen here); mark-up is counted outside fenced code."""
    found = list(parts(text))
    prose = "\n".join(part.text for part in found if part.block is None)
    return {
        "tokens": sum(len(words(piece)) + len(_SIGN.findall(piece)) for piece in pieces(text)),
        "headings": len(_HEADING.findall(prose)),
        "list_items": len(_LIST_ITEM.findall(prose)),
        "bold_spans": len(_BOLD.findall(prose)),
        "code_blocks": sum(part.block is not None for part in found),
    }

"""What an answer looks like, counted: the raw numbers behind style and length control."""

from __future__ import annotations

import re

STYLE = ("tokens", "headings", "list_items", "bold_spans", "code_blocks")
"""Names of the counts, in the order of the columns of a style-controlled table."""

_FENCED = re.compile(
    r"^[ ]{0,3}(`{3,}(?!`)|~{3,}(?!~))[^\n]*\n.*?(?:^[ ]{0,3}\1[`~]*[ \t]*$|\Z)", re.MULTILINE | re.DOTALL
)
_TOKEN = re.compile(r"\w+|[^\w\s]")
_HEADING = re.compile(r"^[ ]{0,3}#{1,6}\s", re.MULTILINE)
_LIST_ITEM = re.compile(r"^[^\S\n]*(?:[-*+]|\d{1,9}[.)])\s", re.MULTILINE)
_BOLD = re.compile(r"\*\*[^*\n]+\*\*|__[^_\n]+__")


def style(text: str) -> dict[str, int]:
    """Return the counts of STYLE. Tokens are words and single marks (ours); mark-up is counted outside fenced code."""
    prose, blocks = _FENCED.subn("\n", text)
    return {
        "tokens": len(_TOKEN.findall(text)),
        "headings": len(_HEADING.findall(prose)),
        "list_items": len(_LIST_ITEM.findall(prose)),
        "bold_spans": len(_BOLD.findall(prose)),
        "code_blocks": blocks,
    }

"""Literals and comments of code: which one is open at its end, and what stands outside of them."""

import re
from collections.abc import Mapping

from syncode.text.braces import HASHED, HASHES, SLASHES

_PYTHON = re.compile(
    r"(?P<quote>\"{3}|'{3})(?:\\.|(?!(?P=quote)).)*(?:(?P=quote)|\Z)"
    r"|#[^\n]*|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'",
    re.DOTALL,
)
_QUOTED = re.compile(rf"{SLASHES.pattern}|'(?:\\.|[^'\\\n])*'", re.DOTALL)
_LONG = {'"""': '"""', "'''": "'''", "/*": "*/"}
"""How literals and comments that go over several lines begin and end."""
_PATTERNS = {
    "python": _PYTHON,
    **dict.fromkeys(HASHED, HASHES),
    **dict.fromkeys(("javascript", "typescript", "php", "dart", "groovy"), _QUOTED),
}
"""Languages that do not write literals as C does."""


def pattern(language: str) -> re.Pattern[str]:
    """Return what a comment or a literal of a language looks like."""
    return _PATTERNS.get(language, SLASHES)


def open_until(code: str, language: str) -> str | None:
    """Return the mark that closes the text or comment of several lines in which code ends, None if it does not."""
    last = next((match for match in pattern(language).finditer(code) if match.end() == len(code)), None)
    if last is None:
        return None
    closing = _LONG.get(last[0][:3]) or _LONG.get(last[0][:2])
    is_closed = closing is not None and len(last[0]) >= 2 * len(closing) and last[0].endswith(closing)
    return None if is_closed else closing


def translated(code: str, language: str, table: Mapping[int, str | None]) -> str:
    """Return code with characters changed outside of its literals and comments."""
    pieces, at = [], 0
    for match in pattern(language).finditer(code):
        pieces += [code[at : match.start()].translate(table), match[0]]
        at = match.end()
    return "".join([*pieces, code[at:].translate(table)])

"""What chats, pages and tools do to the characters of code, undone: odd spaces and quotes, entities, numbers of lines, diffs."""

import re
from collections.abc import Mapping

from syncode.text.literals import pattern, translated

SPACES: Mapping[int, str | None] = {
    **dict.fromkeys([0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000], " "),
    **dict.fromkeys([0xAD, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A), 0xFEFF]),
    **dict.fromkeys([0x2028, 0x2029], "\n"),
}
"""Spaces of typography, line ends of Unicode, and characters that show nothing: soft hyphens, joiners, marks of direction."""
SIGNS: Mapping[int, str | None] = {
    **{code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)},
    **{ord(sign): "'" for sign in "‘’‚‛′"},
    **{ord(sign): '"' for sign in "“”„‟″"},
    **{ord(sign): "-" for sign in "‐‑‒–—−"},
    **{0xD7: "*", 0xF7: "/", 0x2264: "<=", 0x2265: ">=", 0x2260: "!=", 0x2026: "...", 0x3001: ","},
}
"""Signs of typography and of East Asian keyboards, with the signs of code that were typed."""
_ENTITY = re.compile(r"&(?:lt|gt|amp|quot|#0?39|#x27);(?=[ \w=&(\[\"'])")
_UNESCAPED = {"&lt;": "<", "&gt;": ">", "&amp;": "&", "&quot;": '"'}
_NUMBER = re.compile(r"[ \t]*(\d+)(?:[ \t]?[|:.)]|(?=[ \t]|$))[ \t]?")
_HUNK = re.compile(r"@@|[ +-]|$")
_NAMED = re.compile(r"(?:---|\+\+\+|@@|\\ No newline|diff --git|index )")


def with_plain_spaces(code: str, language: str) -> str:
    """Return code with plain spaces and no invisible characters outside of its literals."""
    return translated(code, language, SPACES) if not code.isascii() else code


def with_plain_signs(code: str, language: str) -> str:
    """Return code with the signs that were meant outside of its literals."""
    return translated(code, language, SIGNS) if not code.isascii() else code


def unescaped(code: str, language: str) -> str:
    """Return code without the entities of a page, if any stands outside of its literals."""
    if "&" not in code or not _ENTITY.search(pattern(language).sub(" ", code)):
        return code
    return re.sub(r"&(?:lt|gt|amp|quot|#0?39|#x27);", lambda match: _UNESCAPED.get(match[0], "'"), code)


def unnumbered(code: str) -> str:
    """Return code without the numbers in front of its lines, if every line has one and they count up."""
    lines = code.rstrip("\n").split("\n")
    found = [_NUMBER.match(line) for line in lines]
    numbers = [int(match[1][:9]) for match in found if match]
    if len(numbers) != len(lines) or len(lines) < 2 or numbers != list(range(numbers[0], numbers[0] + len(lines))):
        return code
    return "".join(f"{line[match.end() :]}\n" for line, match in zip(lines, found, strict=True) if match)


def patched(code: str) -> str:
    """Return what a diff leaves, if every line reads like one of a diff."""
    lines = [line for line in code.split("\n") if not _NAMED.match(line)]
    if not all(_HUNK.match(line) for line in lines) or not any(line.startswith("+") for line in lines):
        return code
    return "\n".join(line[1:] for line in lines if not line.startswith("-"))

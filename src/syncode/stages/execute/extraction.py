"""Finds the program in what a model said."""

import ast
import re
from dataclasses import dataclass

from syncode.sandbox import find

FENCE = re.compile(
    r"^(?P<indent>[ \t]*)(?P<mark>`{3,}(?!`)|~{3,}(?!~))[ \t]*(?P<tag>[^\s`]*)[^\n]*\n"
    r"(?P<body>.*?)(?:^[ \t]*(?P=mark)[ \t]*$|\Z)",
    re.M | re.S,
)
"""A fenced block of Markdown; one that is never closed (an answer cut short) runs to the end."""


@dataclass(frozen=True)
class Extraction:
    """The code and how it was found: `fence:TAG`, `fence`, `text`, or empty code with `none`."""

    code: str
    how: str


def extract(text: str, language: str) -> Extraction:
    """Return the longest block tagged with the language that parses, else the longest of any tag, else the whole text."""
    blocks = [(match["tag"].lower(), _dedent(match)) for match in FENCE.finditer(text)]
    wanted = find(language)
    names = {wanted.name, *wanted.aliases} if wanted else {language.lower()}
    tagged = [body for tag, body in blocks if tag in names]
    untagged = [body for tag, body in blocks if not tag]
    for bodies, how in (
        (tagged, f"fence:{language}"),
        (untagged, "fence"),
        ([body for _, body in blocks], "fence:other"),
    ):
        if bodies:
            readable = [body for body in bodies if parses(body, language)]
            return Extraction(max(readable or bodies, key=len), how)
    if text.strip() and parses(text, language):
        return Extraction(text, "text")
    return Extraction("", "none")


def tagged_language(text: str) -> str | None:
    """Return the language of the longest fenced block whose tag we know, for rows that do not say theirs."""
    known = [(len(match["body"]), row.name) for match in FENCE.finditer(text) if (row := find(match["tag"]))]
    return max(known)[1] if known else None


def parses(code: str, language: str) -> bool:
    """Tell whether Python code parses; code of other languages is taken as it is, unless it is empty."""
    row = find(language)
    if row is None or row.name != "python":
        return bool(code.strip())
    try:
        ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return bool(code.strip())


def _dedent(match: re.Match[str]) -> str:
    indent = match["indent"]
    if not indent:
        return match["body"]
    return "".join(line.removeprefix(indent) for line in match["body"].splitlines(keepends=True))

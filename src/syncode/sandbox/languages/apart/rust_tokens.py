"""The tokens of a Rust text, comments left out, and the parts that signs outside of brackets make of them."""

import re
from itertools import pairwise
from typing import NamedTuple

_TOKEN = re.compile(
    r"(?P<gap>\s+|//[^\n]*)|(?P<comment>/\*)"
    r'|(?P<raw>[bc]?r(?P<hashes>#*)".*?"(?P=hashes))|(?P<text>[bc]?"(?:\\.|[^"\\])*"|b?\'(?:\\(?:u\{\w+\}|.\w?\w?)|[^\'\\\n])\')'
    r"|(?P<life>'\w+)|(?P<word>(?:r#)?[^\W\d]\w*)|(?P<number>\d(?:[eE][+-]\d|\.(?=\d)|\w)*\.?(?=[^\w.]|$)|\d\w*)"
    r"|(?P<sign>->|=>|::|\.\.=|\.\.\.|\.\.|[^\w\s])",
    re.DOTALL,
)
BRACKETS = {"(": ")", "[": "]", "{": "}"}


class Unclear(Exception):
    """What a text declares cannot be said."""


class Token(NamedTuple):
    """`kind`: raw, text, life, word, number or sign."""

    kind: str
    text: str
    place: int

    @property
    def end(self) -> int:
        return self.place + len(self.text)


Tokens = tuple[Token, ...]


def scan(text: str) -> Tokens:
    """Return the tokens of a text without its comments."""
    found, place = [], 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            raise Unclear(f"the text at {text[place : place + 20]!r}")
        kind = match.lastgroup or ""
        if match["comment"]:
            place = _comment_end(text, place)
            continue
        if not match["gap"]:
            kind = "text" if match["raw"] else kind
            found.append(Token(kind, match[0], place))
        place = match.end()
    return tuple(found)


def _comment_end(text: str, place: int) -> int:
    """Return where a comment ends, with those inside of it."""
    depth = 0
    for match in re.compile(r"/\*|\*/").finditer(text, place):
        depth += 1 if match[0] == "/*" else -1
        if depth == 0:
            return match.end()
    return len(text)


def written(tokens: Tokens) -> str:
    """Return tokens as text."""
    return " ".join(token.text for token in tokens)


def parted(tokens: Tokens, sign: str) -> list[Tokens]:
    """Return the parts between signs outside of brackets of all kinds; no empty ones."""
    places, depth = [-1], 0
    for place, token in enumerate(tokens):
        if token.kind == "sign":
            depth += (token.text in "([{<") - (token.text in ")]}>")
            if depth == 0 and token.text == sign:
                places.append(place)
    parts = [tokens[begin + 1 : end] for begin, end in pairwise([*places, len(tokens)])]
    return [part for part in parts if part]

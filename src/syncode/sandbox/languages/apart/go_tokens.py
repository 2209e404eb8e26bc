"""The tokens of a Go text, comments left out and semicolons put in, and the parts that signs outside of brackets make of them."""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

_TOKEN = re.compile(
    r"(?P<gap>[^\S\n]+|//[^\n]*|/\*.*?\*/)|(?P<line>\n)"
    r'|(?P<text>`[^`]*`|"(?:\\.|[^"\\\n])*"|\'(?:\\[^\n][^\'\n]*|[^\'\\\n])\')'
    r"|(?P<number>\.?\d(?:[eEpP][+-]|[\w.])*)|(?P<word>[^\W\d]\w*)"
    r"|(?P<sign>\.\.\.|<<=|>>=|&\^=|&&|\|\||<-|\+\+|--|[=!<>:+\-*/%&|^]=|<<|>>|&\^|[^\w\s])",
    re.DOTALL,
)
KEYWORDS = frozenset(
    (
        "break", "case", "chan", "const", "continue", "default", "defer", "else", "fallthrough", "for", "func", "go", "goto",
        "if", "import", "interface", "map", "package", "range", "return", "select", "struct", "switch", "type", "var",
    )
)  # fmt: skip
_ENDING = frozenset(("break", "continue", "fallthrough", "return", "++", "--", ")", "]", "}"))
BRACKETS = {"(": ")", "[": "]", "{": "}"}


class Unclear(Exception):
    """What a text declares cannot be said."""


class Token(NamedTuple):
    """`kind`: text, number, word or sign. A line that ends a statement is the sign `;`."""

    kind: str
    text: str
    place: int


Tokens = tuple[Token, ...]


def scan(text: str) -> Tokens:
    """Return the tokens of a text, the semicolons that Go puts at the ends of lines among them."""
    found: list[Token] = []
    place = 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            raise Unclear(f"the text at {text[place : place + 20]!r}")
        kind = match.lastgroup or ""
        if (kind == "line" or (kind == "gap" and "\n" in match[0])) and found and _ends(found[-1]):
            found.append(Token("sign", ";", place))
        elif kind not in ("line", "gap"):
            found.append(Token(kind, match[0], place))
        place = match.end()
    if found and _ends(found[-1]):
        found.append(Token("sign", ";", len(text)))
    return tuple(found)


def bare(text: str) -> str:
    """Return a text without its comments and literals."""
    return _TOKEN.sub(lambda match: " " if match.lastgroup in ("gap", "text") else match[0], text)


def _ends(token: Token) -> bool:
    if token.kind in ("text", "number") or token.text in _ENDING:
        return True
    return token.kind == "word" and token.text not in KEYWORDS


def written(tokens: Tokens) -> str:
    """Return tokens as text."""
    return "".join(
        token.text if token.text == "." or (place and tokens[place - 1].text == ".") else f" {token.text}"
        for place, token in enumerate(tokens)
    ).strip()


def outside(tokens: Tokens) -> Iterator[tuple[int, Token]]:
    """Yield the tokens that stand in no bracket."""
    depth = 0
    for place, token in enumerate(tokens):
        depth -= token.kind == "sign" and token.text in (")", "]", "}")
        if depth == 0:
            yield place, token
        depth += token.kind == "sign" and token.text in BRACKETS


def parted(tokens: Tokens, sign: str) -> list[Tokens]:
    """Return the parts between signs outside of brackets; no empty ones."""
    places = [-1, *(place for place, token in outside(tokens) if token.text == sign), len(tokens)]
    parts = [tokens[begin + 1 : end] for begin, end in pairwise(places)]
    return [part for part in parts if part]

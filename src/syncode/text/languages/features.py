"""What the content classifier sees of a text: its words, punctuation, indentation, and which of them stand side by side."""

import re
from collections import Counter
from collections.abc import Callable
from itertools import pairwise

LONGEST = 4000  # characters looked at: a fragment says what it is in its first hundred lines; chosen here

_TOKEN = re.compile(r"[^\W\d]\w*|\d[\w.]*|\n[ \t]*|[^\w\s]{1,3}")


def tokens(text: str) -> list[str]:
    """Return the tokens of the first `LONGEST` characters: a number is `0`, a line start `¶` with `→` or `·` for its indent."""
    found = []
    for token in _TOKEN.findall("\n" + text[:LONGEST]):
        if token[0] == "\n":
            found.append("¶→" if "\t" in token else "¶·" if len(token) > 1 else "¶")
        elif token[0].isdigit():
            found.append("0")
        else:
            found.append(token if len(token) <= 24 else "long")
    return found


def grams(text: str, known: Callable[[str], bool]) -> Counter[str]:
    """Return how often each token and each pair of neighbours occurs; a word that is not `known` counts as its shape."""
    shapes = [token if known(token) else _shape(token) for token in tokens(text)]
    counted = Counter(shapes)
    counted.update(f"{left} {right}" for left, right in pairwise(shapes))
    counted.update(f"¶ {shapes[at + 1]} {shapes[at + 2]}" for at in range(len(shapes) - 2) if shapes[at][0] == "¶")
    return counted


def _shape(token: str) -> str:
    """Return a stand-in for a word that only this text has: `UP`, `Cap`, `snake_`, `camelC` or `word`."""
    if not (token[0].isalpha() or token[0] == "_"):
        return token
    if token.isupper() and len(token) > 1:
        return "UP"
    if token[0].isupper():
        return "Cap"
    if "_" in token:
        return "snake_"
    return "word" if token.islower() else "camelC"

"""How deep each place of a text stands in braces, literals and comments left out."""

import re
from itertools import accumulate

SLASHES = re.compile(
    r"//[^\n]*|/\*.*?(?:\*/|\Z)"
    r'|"{3}.*?"{3}|\bR"(?P<edge>\w*)\(.*?(?:\)(?P=edge)"|\Z)|\br(?P<hashes>#*)".*?(?:"(?P=hashes)|\Z)|@"(?:""|[^"])*"'
    r"|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])'|`[^`]*`",
    re.DOTALL,
)
"""Comments and literals of the languages of C's family."""
HASHES = re.compile(r"(?<!\S)#[^\n]*|\\.|\"(?:\\.|[^\"\\])*\"|'[^']*'", re.DOTALL)
"""Comments and literals of shells and their relatives."""

HASHED = frozenset({"bash", "ruby", "perl", "r", "tcl", "elixir", "julia", "awk", "powershell", "fish"})
"""Languages whose comments begin with `#`."""


def balance(text: str, literals: re.Pattern[str] = SLASHES) -> int:
    """Return how many braces stay open (negative: closed too often), without those in literals and comments."""
    return depths(text, literals)[-1]


def depths(text: str, literals: re.Pattern[str] = SLASHES) -> list[int]:
    """Return how many braces are open in front of each character, and at the end."""
    bare = literals.sub(lambda match: " " * len(match[0]), text)
    return list(accumulate(((sign == "{") - (sign == "}") for sign in bare), initial=0))

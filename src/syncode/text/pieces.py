"""Texts too long to be taken apart whole: a row of 100 MB may not take ten times its size, and most of that is lists of words."""

from collections.abc import Iterator

MEASURED = 4_000_000
"""Characters by which a text is measured and compared; of a longer one a part stands for the whole. Chosen here: no training
document is as long, and 4 million characters are 700,000 words, whose lists and n-grams take some 200 MB."""
PIECE = 1 << 20
"""Characters taken apart at once (chosen here)."""


def head(text: str) -> str:
    """Return the part of a text by which it is measured: its first `MEASURED` characters."""
    return text[:MEASURED]


def pieces(text: str, *, whole_lines: bool = False) -> Iterator[str]:
    """Yield a text in pieces of at most `PIECE` characters that end behind a line, or else behind a blank if there is one.

    A longer line is a piece, too, if lines must be whole.
    """
    start = 0
    while len(text) - start > PIECE:
        limit = start + PIECE
        end = text.rfind("\n", start, limit) + 1
        if not end and whole_lines:
            end = text.find("\n", limit) + 1 or len(text)
        end = end or text.rfind(" ", start, limit) + 1 or limit
        yield text[start:end]
        start = end
    if start < len(text):
        yield text[start:]

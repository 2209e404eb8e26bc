"""Words of any script: one tokenizer for near copies, contamination, word counts and rules of length.

Where a script writes no spaces between words (Han, kana, Thai, Lao, Khmer, Burmese) each character stands by itself and counts
half a word: otherwise a Chinese question would be one long word between two commas.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence

from syncode.text.pieces import pieces

_ASCII = re.compile(r"\w+")
_ASCII_APART = re.compile(r"[^\W_]+")
# Thai and Lao, Burmese, Khmer, kana, Han with its extensions, kana of half width
_SPACELESS = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f"
    "\U00020000-\U0003ffff"
)
# What stands on or beside a letter and is no letter itself: without it a Hindi or a Hebrew word would be several.
MARKS = (
    "\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0900-\u0903\u093a-\u094f\u0981-\u0983"
    "\u09bc-\u09cd\u0a01-\u0a4d\u0a81-\u0acd\u0b01-\u0b4d\u0b82-\u0bcd\u0c00-\u0c4d\u0c81-\u0ccd\u0d00-\u0d4d\u0d82-\u0ddf\u200c\u200d"
)
_CHARACTER = re.compile(f"[{_SPACELESS}]")
_WORD = re.compile(f"[{_SPACELESS}]|(?:[^\\W{_SPACELESS}]|[{MARKS}])+")
_WORD_APART = re.compile(f"[{_SPACELESS}]|(?:[^\\W_{_SPACELESS}]|[{MARKS}])+")
_NO_WIDTH = re.compile("[\u00ad\u200b-\u200f\u2060-\u2064\ufeff]")


def words(text: str) -> list[str]:
    r"""Return the words of a text as they are written: runs of `\w`, single characters of scripts without spaces."""
    return (_ASCII if text.isascii() else _WORD).findall(text)


def normal_words(text: str) -> list[str]:
    """Return the words of a text for comparing: lower-case, in Unicode's compatible form, `_` between them, nothing invisible."""
    if text.isascii():
        return _ASCII_APART.findall(text.lower())
    text = unicodedata.normalize("NFKC", _NO_WIDTH.sub("", text))
    return _WORD_APART.findall(text.lower())


def grams_of(text: str, length: int, split: Callable[[str], list[str]]) -> Iterator[str]:
    """Yield each run of words that counts `length`, of a long text some twice, without a list of all that `split` makes of it."""
    before: list[str] = []
    for piece in pieces(text):
        found = [*before, *split(piece)]
        yield from grams(found, length)
        before = found[-2 * length :]


def halves(found: Sequence[str]) -> list[int]:
    """Return what each word counts, in half words."""
    if "".join(found).isascii():
        return [2] * len(found)
    return [1 if _CHARACTER.match(word) else 2 for word in found]


def size(found: Sequence[str]) -> float:
    """Return how many words a list of them counts: two characters of a script without spaces are one."""
    return sum(halves(found)) / 2


def spaced(found: Sequence[str]) -> Sequence[str]:
    """Return the words of scripts that put spaces between them."""
    return found if "".join(found).isascii() else [word for word in found if not _CHARACTER.match(word)]


def grams(found: Sequence[str], length: int) -> Iterator[str]:
    """Yield each run of words that counts `length`, or half a word more where it mixes scripts."""
    counted = halves(found)
    if 1 not in counted:  # nearly all text; the loop below gives the same in a third more time
        yield from (" ".join(found[start : start + length]) for start in range(len(found) - length + 1))
        return
    end = total = 0
    for start, half in enumerate(counted):
        while total < 2 * length:
            if end == len(found):
                return
            total += counted[end]
            end += 1
        yield " ".join(found[start:end])
        total -= half


def count(text: str) -> float:
    """Return how many words a text has."""
    return size(words(text))

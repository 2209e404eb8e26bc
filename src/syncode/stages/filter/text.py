"""Measures of any text: sizes, shares of characters, repetition. Each takes a View and returns a number.

Words are those of `text.words`, lower-case; shares of n-grams count characters of words, as OpenCoder's signals of the same
names do.
"""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import compress

from syncode.stages.filter.view import View
from syncode.text.words import size, spaced

_HEX = re.compile(r"^(?:0x)?(?=[0-9a-f]*\d)[0-9a-f]{8,}$")
_LONG_WORD = 40  # characters; ours, base64 and minified names are longer


def num_chars(view: View) -> float:
    """Return the number of characters."""
    return len(view.text)


def num_bytes(view: View) -> float:
    """Return the size in bytes of UTF-8."""
    return len(view.text.encode())


def num_words(view: View) -> float:
    """Return the number of words."""
    return size(view.words)


def num_lines(view: View) -> float:
    """Return the number of lines."""
    return len(view.lines)


def num_chars_line_max(view: View) -> float:
    """Return the length of the longest line in characters."""
    return max(map(len, view.lines), default=0)


def num_chars_line_mean(view: View) -> float | None:
    """Return the mean length of the lines that are not blank."""
    lengths = [len(line) for line in view.lines if line.strip()]
    return sum(lengths) / len(lengths) if lengths else None


def mean_word_length(view: View) -> float | None:
    """Return the mean length of words in characters."""
    spaced_words = spaced(view.words)
    return _chars(spaced_words) / len(spaced_words) if spaced_words else None


def frac_chars_alphabet(view: View) -> float | None:
    """Return the share of letters among the characters that are not white space."""
    return _share(str.isalpha, view)


def frac_chars_digital(view: View) -> float | None:
    """Return the share of digits among the characters that are not white space."""
    return _share(str.isdigit, view)


def frac_chars_whitespace(view: View) -> float | None:
    """Return the share of white space."""
    return sum(count for char, count in view.chars.items() if char.isspace()) / len(view.text) if view.text else None


def frac_chars_replacement_symbols(view: View) -> float | None:
    """Return the share of U+FFFD, which stands for bytes that no one could decode."""
    return view.text.count("\ufffd") / len(view.text) if view.text else None


def frac_lines_dupe_lines(view: View) -> float | None:
    """Return the share of lines, blank ones left out, that repeat an earlier one."""
    lines = [line.strip() for line in view.lines if len(line.strip()) > 1]
    return 1 - len(set(lines)) / len(lines) if lines else None


def frac_chars_hex_words(view: View) -> float | None:
    """Return the share of word characters in long hexadecimal numbers."""
    return _chars(word for word in view.words if _HEX.match(word)) / view.word_chars if view.words else None


def frac_chars_long_word_length(view: View) -> float | None:
    """Return the share of word characters in words that no person types."""
    return _chars(word for word in view.words if len(word) > _LONG_WORD) / view.word_chars if view.words else None


def frac_chars_top_2grams(view: View) -> float | None:
    """Return the share of word characters that the most frequent pair of words covers (Gopher's repetition rule)."""
    return _top(view, 2)


def frac_chars_top_4grams(view: View) -> float | None:
    """Return the share of word characters that the most frequent run of four words covers (Gopher's repetition rule)."""
    return _top(view, 4)


def frac_chars_dupe_5grams(view: View) -> float | None:
    """Return the share of word characters in runs of five words that occur before (Gopher's repetition rule)."""
    return _dupes(view, 5)


def frac_chars_dupe_10grams(view: View) -> float | None:
    """Return the share of word characters in runs of ten words that occur before (Gopher's repetition rule)."""
    return _dupes(view, 10)


def entropy_unigram(view: View) -> float | None:
    """Return the entropy of the words in nats."""
    total = len(view.words)
    return -sum(n / total * math.log(n / total) for n in Counter(view.words).values()) if total else None


def _top(view: View, size: int) -> float | None:
    if len(view.words) < 2 * size:
        return None
    counts = Counter(_grams(view.words, size))
    most = max(counts.values())
    longest = max(_chars(gram) for gram, count in counts.items() if count == most)
    # A gram that overlaps itself (`0 0 0 0`) is counted at each start, as Gopher's rule does: more than all of the text.
    return min(1.0, most * longest / view.word_chars) if most > 1 else 0.0


def _dupes(view: View, size: int) -> float | None:
    seen: set[tuple[str, ...]] = set()
    covered = bytearray(len(view.words))  # overlapping runs count once
    for at, gram in enumerate(_grams(view.words, size)):
        if gram in seen:
            covered[at : at + size] = b"\1" * size
        seen.add(gram)
    return _chars(compress(view.words, covered)) / view.word_chars if view.words else None


def _grams(words: list[str], size: int) -> Iterator[tuple[str, ...]]:
    return zip(*(words[start:] for start in range(size)), strict=False)


def _chars(words: Iterable[str]) -> int:
    return sum(map(len, words))


def _share(test: Callable[[str], bool], view: View) -> float | None:
    """Return the share of characters that pass a test, white space left out."""
    total = sum(count for char, count in view.chars.items() if not char.isspace())
    return sum(count for char, count in view.chars.items() if test(char)) / total if total else None

"""Measures of pages: what prose looks like, and what menus, lists of links and broken text look like."""

import re

from syncode.stages.filter.view import View
from syncode.text.words import count, words

_BULLET = re.compile(r"^\s*(?:[-*+•·‣]|\d+[.)])\s")
_READ_MORE = re.compile(r"(?:read|view|show|see|load)\s+(?:more|all)\W*$|(?:\.\.\.|…)\s*$", re.I)
_SENTENCE_END = re.compile(r"[.!?。！？](?:\s|$)")
_STOP_WORDS = frozenset(("the", "be", "to", "of", "and", "that", "have", "with"))
"""Gopher's eight: two of them in any English text of length."""
_LATIN = re.compile(r"[a-z]", re.I)
_MOSTLY = 0.5  # share of prose letters that are a to z, above which the rules for English apply; chosen here


def prose_words(view: View) -> list[str]:
    """Return the words outside the fences, as they are written."""
    return words(view.prose)


def num_sentences(view: View) -> float | None:
    """Return the number of sentence ends outside the fences; None for a page that is nearly all code."""
    return len(_SENTENCE_END.findall(view.prose)) if count(view.prose) >= 50 else None


def frac_lines_start_with_bullet(view: View) -> float | None:
    """Return the share of prose lines that are list items."""
    return _share_of_lines(view, _BULLET)


def frac_lines_end_with_readmore(view: View) -> float | None:
    """Return the share of prose lines that break off."""
    return _share_of_lines(view, _READ_MORE)


def frac_words_all_caps(view: View) -> float | None:
    """Return the share of prose words in capitals."""
    words = prose_words(view)
    return sum(word.isupper() and len(word) > 1 for word in words) / len(words) if words else None


def symbol_ratio(view: View) -> float | None:
    """Return the number of hash signs and ellipses for each prose word; a heading's marks do not count."""
    words = prose_words(view)
    text = re.sub(r"^[^\S\n]*#+ ", "", view.prose, flags=re.M)
    return (text.count("#") + text.count("...") + text.count("…")) / len(words) if words else None


def stop_words(view: View) -> float | None:
    """Return how many different English stop words the prose has; None if it is short or not in English letters."""
    words = prose_words(view)
    letters = [char for char in view.prose if char.isalpha()]
    if len(words) < 50 or len(_LATIN.findall(view.prose)) < _MOSTLY * len(letters):
        return None
    return len(_STOP_WORDS & {word.lower() for word in words})


def _share_of_lines(view: View, pattern: re.Pattern[str]) -> float | None:
    lines = [line for line in view.prose.splitlines() if line.strip()]
    return sum(bool(pattern.search(line)) for line in lines) / len(lines) if lines else None

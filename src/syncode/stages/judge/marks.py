"""Finds what a judge may rule with, labels and numbers in brackets, wherever it stands in a reply, and what stands around it."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from syncode.text import thoughts
from syncode.verdicts.labels import THREE, canonical

ValueOf = Callable[[str], str | None]
"""The canonical form of what stands between brackets, None for anything but a label or number."""

BESIDE = 400
"""Most characters beside a value that are looked at: a sentence, in any language (chosen here)."""
Vocabulary = Sequence[str] | Mapping[str, str]
"""Labels, or what a judge writes -> the label that it means."""

_BRACKETED = re.compile(r"\[\s?\[([^\[\]\n]{1,40})\]\s?\]")
_SINGLE = re.compile(r"(?<!\[)\[{1,2}([^\[\]\n]{1,40})\]{1,2}(?![\](])")
_BRACKETS = str.maketrans(
    {
        **dict.fromkeys("【〖〔", "["),
        **dict.fromkeys("】〗〕", "]"),
        **dict.fromkeys("⟦〚", "[["),
        **dict.fromkeys("⟧〛", "]]"),
    }
)
_SIGNS = str.maketrans(
    {
        **dict.fromkeys("≫»", ">>"), **dict.fromkeys("≪«", "<<"), **dict.fromkeys("›⟩〉", ">"), **dict.fromkeys("‹⟨〈", "<"),
        **dict.fromkeys("≈≡≅", "="), **dict.fromkeys("АΑᎪ", "A"), **dict.fromkeys("ВΒᏴ", "B"), "С": "C",
    }
)  # fmt: skip
"""Signs and letters that look like those of a label: mathematical ones, Cyrillic, Greek, Cherokee; full-width ones go by NFKC."""
_ESCAPED = re.compile(r"\\([\[\]<>=_*])")
_LATEX = ((re.compile(r"\\(?:gg|succ)\b"), ">>"), (re.compile(r"\\(?:boxed|text|mathbf)\s*\{([^{}\n]*)\}"), r"\1"))
_INSIDE = re.compile(r"[*_`~$\s]+")
_DECORATION = re.compile(r"</?[A-Za-z][\w-]{0,30}>|<\|[\w-]{1,20}\|>|\[/?(?:INST|RESULT)\]|[^\w]|_")
_COPIED = (">", "//", "/*", "<!--", "+ ", "+[")
"""How lines begin that are copied: block quotes, comments in code, additions in a patch."""
_FENCE = re.compile(r"[ \t]*(`{3,}|~{3,})[ \t]*([\w+-]*)[ \t]*$")
_FENCE_AND_WORDS = re.compile(r"^([ \t]*(?:`{3,}|~{3,}))[ \t]*(\S+ .*)$", re.MULTILINE)
_OF_THE_PROMPT = re.compile(
    r"<(?P<end>/?)(?:(?:answer|response|assistant|request|run-of-answer)[-_ ]?[ab12]?"
    r"|(?:block)?quote|cite|excerpt|q|pre|code)\b[^>]*>",
    re.IGNORECASE,
)
_CLOSED = re.compile(
    r"</(?:seed:)?(?:think(?:ing)?|thoughts?|reasoning|reflection|scratchpad|analysis|cot|rationale|monologue"
    r"|deliberation|antThinking|(?:inner|internal)_(?:thoughts?|monologue)|chain_of_thought|(?:thought|thinking)_process)>"
    r"|\[/THINK\]|◁/think▷|<\|end_of_thought\|>|<\|/think(?:ing)?\|>|<\|END_THINKING\|>",
    re.IGNORECASE,
)
_OPENED = re.compile(r"\s*<(analysis|cot|rationale|deliberation|chain_of_thought|\w+_process)>", re.IGNORECASE)
_QUOTE_PAIRS = {"'": "'", '"': '"', "`": "`", "“": "”", "‘": "’", "«": "»", "「": "」", "『": "』", "„": "“"}


@dataclass(frozen=True)
class Mark:
    """One label or number: its value, and the words of its line before and behind it.

    `row` is the place of its line among the lines that are not blank. `cited`: in a fence, a block quote or a cell; `quoted`: in
    quotes or inline code; `recited`: what stands before a quotation that holds it and other words.
    """

    value: str
    row: int
    lead: str
    tail: str
    cited: bool = False
    quoted: bool = False
    recited: str = ""

    @property
    def alone(self) -> bool:
        """Whether nothing but decoration stands beside it on its line."""
        return not (words_in(self.lead) or words_in(self.tail))


@dataclass(frozen=True)
class Page:
    """A reply without its thoughts: the lines that are not blank, whether a blank one stands before each, which are cited, and
    the marks; `doubled`: these stand in double brackets.
    """

    lines: tuple[str, ...]
    gaps: tuple[bool, ...]
    cited: tuple[bool, ...]
    marks: tuple[Mark, ...]
    doubled: bool = True


def words_in(text: str) -> str:
    """Return what is left of a text without layout: emphasis, punctuation, tags, bullets; empty if it says nothing."""
    return _DECORATION.sub(" ", re.sub(r"^\s*(?:[-*+>]|\d{1,2}[.)])\s", " ", text)).strip()


def plain(text: str) -> str:
    """Return a text in which look-alikes, entities, escapes and invisible characters are the plain ones; for finding only."""
    text = html.unescape(text) if "&" in text else text
    text = "".join(each for each in text if unicodedata.category(each) != "Cf")
    text = _ESCAPED.sub(r"\1", unicodedata.normalize("NFKC", text))
    for pattern, plainer in _LATEX:
        text = pattern.sub(plainer, text)
    return _LATEX[1][0].sub(_LATEX[1][1], text) if "\\" in text else text


def spoken(text: str) -> tuple[str, bool]:
    """Return a reply without its thoughts, and whether they came to an end.

    In a judge's reply the last mark that closes a thought ends it, also in the middle of a line and without one that opens it:
    what stands before it is never the verdict.
    """
    answer = thoughts.split(text).answer
    ended = not thoughts.is_open(text)
    last = None
    for found in _CLOSED.finditer(answer):
        if not _within_quotes(answer, found.start(), found.end()):
            last = found
    if last is not None:
        return answer[last.end() :], True
    return answer, ended and not _OPENED.match(answer)


def label_reader(labels: Vocabulary) -> ValueOf:
    """Return how the labels of a protocol are read, in its words and in the usual spelling of the five.

    Three labels are read in the form of MT-bench as well: `[[A]]`, `[[B]]`, `[[C]]`.
    """
    words = labels if isinstance(labels, Mapping) else {label: label for label in labels}
    known = frozenset(words.values())
    short = {"A": "A>B", "B": "B>A", "C": "A=B", "TIE": "A=B"} if known == frozenset(THREE) else {}
    own = {_INSIDE.sub("", word).casefold(): label for word, label in words.items()}

    def value_of(text: str) -> str | None:
        bare = _INSIDE.sub("", text.translate(_SIGNS))
        label = own.get(bare.casefold()) or canonical(bare) or short.get(bare.upper())
        return label if label in known else None

    return value_of


def number_reader(high: float) -> ValueOf:
    """Return how numbers are read: `7`, `7.5`, `7/10` and `7 out of 10` if the scale ends at 10."""

    def value_of(text: str) -> str | None:
        found = re.fullmatch(
            r"\s*[*_`$]*(-?\d{1,6}(?:\.\d{1,6})?)[*_`$]*\s*(?:(?:/|out of)\s*(\d+))?\s*(?:points?)?[*_`$]*\s*", text
        )
        if found is None or (found[2] and float(found[2]) != high):
            return None
        return f"{float(found[1]):g}"

    return value_of


def page_of(text: str, value_of: ValueOf) -> Page:
    """Return the lines and marks of a visible reply. Marks in single brackets count only if there is none in double ones."""
    rows = _rows(plain(text))
    lines = tuple(line for line, _, _ in rows)
    cited = tuple(inside or line.lstrip().startswith(_COPIED) or in_table(line) for line, inside, _ in rows)
    gaps = tuple(gap for _, _, gap in rows)
    pairs = list(zip(lines, cited, strict=True))
    marks = [mark for at, pair in enumerate(pairs) for mark in _marks(_BRACKETED, at, *pair, value_of)]
    doubled = bool(marks)
    if not marks:
        marks = [mark for at, pair in enumerate(pairs) for mark in _marks(_SINGLE, at, *pair, value_of)]
    return Page(lines, gaps, cited, tuple(marks), doubled)


def standing_in(texts: Sequence[str], value_of: ValueOf) -> frozenset[str]:
    """Return the values that stand in double brackets in the answers that were shown."""
    return frozenset(
        value
        for text in texts
        if "[" in (seen := plain(text).translate(_BRACKETS))
        for found in _BRACKETED.finditer(seen)
        if (value := value_of(found[1])) is not None
    )


def _marks(pattern: re.Pattern[str], at: int, line: str, cited: bool, value_of: ValueOf) -> list[Mark]:
    if not any(sign in line for sign in "[【〖〔⟦〚"):
        return []
    seen = line.translate(_BRACKETS)
    found = [
        (match.start(), match.end(), value)
        for match in pattern.finditer(seen)
        if (value := value_of(match[1])) is not None
    ]
    return [
        Mark(
            value,
            at,
            seen[max(0, start - BESIDE) : start],
            seen[end : end + BESIDE],
            cited or _tagged(seen) or _is_struck(seen[:start], seen[end:]),
            _within_quotes(seen, start, end),
            _recited(seen, start),
        )
        for start, end, value in found
    ]


def _is_struck(before: str, after: str) -> bool:
    """Return whether what stands between two texts of a line is struck out or crossed."""
    opened, closed = before.rstrip("*_ "), after.lstrip("*_ .")
    struck = opened.endswith("~~") and closed.startswith("~~")
    deleted = re.search(r"<(del|s|strike)>$", opened, re.IGNORECASE) and re.match(
        r"</(del|s|strike)>", closed, re.IGNORECASE
    )
    return struck or deleted is not None or opened.endswith(("❌", "✗", "✘")) or closed.startswith(("❌", "✗", "✘"))


def in_table(line: str) -> bool:
    """Return whether a line is a row of a table."""
    return line.strip().startswith("|") or " | " in line


def _recited(line: str, start: int) -> str:
    """Return the words before the quotation in which a place stands together with other words; empty if there are none."""
    before = line[max(0, start - BESIDE) : start]
    for opening, closing in (('"', '"'), ("“", "”"), ("«", "»"), ("「", "」")):
        opened = before.count(opening)
        if opened % 2 == 1 if opening == closing else opened > before.count(closing):
            told, _, said = before.rpartition(opening)
            return told if words_in(told) and words_in(said) else ""
    return ""


def is_copied(before: str) -> bool:
    """Return whether a place behind a text lies between delimiters of the prompt: it is copied from an answer."""
    found = list(_OF_THE_PROMPT.finditer(before))
    last = found[-1] if found else None
    return last is not None and not last["end"] and _tagged(last[0])


def _tagged(line: str) -> bool:
    """Return whether a line holds a delimiter of the prompt: what stands there is copied from an answer."""
    return _OF_THE_PROMPT.search(line) is not None and re.search(r"<answer>", line, re.IGNORECASE) is None


def _within_quotes(text: str, start: int, end: int) -> bool:
    """Return whether a place stands between quotes or in inline code on its line; emphasis within them is no matter."""
    before = text[max(0, start - 300) : start].rpartition("\n")[2]
    after = text[end : end + 300].partition("\n")[0]
    if before.count("`") % 2 == 1 and "`" in after:
        return True
    inner = before.rstrip("*_ ")[-1:]
    if inner in _QUOTE_PAIRS and after.lstrip("*_ ,.").startswith(_QUOTE_PAIRS[inner]):
        return True
    return any(
        before.count(opening) > before.count(closing) and closing in after
        for opening, closing in (("“", "”"), ("«", "»"), ("「", "」"))
    ) or (before.count('"') % 2 == 1 and '"' in after)


def _rows(text: str) -> list[tuple[str, bool, bool]]:
    """Return the lines that are not blank, without fences; whether each is copied, in a fence or between the prompt's delimiters;
    and whether a blank line stands before it.

    A reply that is one fence as a whole is not quoted by it, nor is what stands behind a fence that lacks its other half.
    """
    lines: list[tuple[str, bool]] = []
    gap = False
    for line in _FENCE_AND_WORDS.sub(r"\1\n\2", text).splitlines():
        if line.strip():
            lines.append((line.rstrip(), gap))
        gap = not line.strip()
    fences = [at for at, (line, _) in enumerate(lines) if _FENCE.match(line)]
    if len(fences) % 2:
        gone = fences.pop()
        del lines[gone]
    if len(fences) == 2 and fences == [0, len(lines) - 1]:
        return [(line, False, before) for line, before in lines[1:-1]]
    marked = set(fences)
    inside = copied = False
    rows: list[tuple[str, bool, bool]] = []
    for at, (line, before) in enumerate(lines):
        for found in _OF_THE_PROMPT.finditer(line) if _tagged(line) else ():
            copied = not found["end"]
        if at in marked:
            inside = not inside
        else:
            rows.append((line, inside or copied, before))
    return rows

"""The closed vocabulary of rulings, and the words that announce a text of somebody else.

A judge's own ruling is said in few words, a quotation in any: so the words that may stand between `my verdict` and the label are
listed here, and a word that is not listed is doubt.
"""

from __future__ import annotations

import re
from enum import IntEnum

_WORDS = """
a about above advantage after ahead ai all alone am an and answer answer's answers are as assessment assign assigned
assistant assistant's assistants at award b balance barely be beats believe best better between bit both but by call
candidate choice clear clearly close closely comparable comparison conclude concluding conclusion considerably
convincingly decided decision decisively definitely deserves draw earns edge edges equal equally equivalent evaluation
far favor favored favors favour favoured favours final find first five for former found game get gets give given go
goes going good grade grading half hence here hereby i in inferior integer is it it's its judgement judgment just
label latter lead leads lean leaning leans letter little long make makes margin marginally mark marks me merits model
model's moderately much must my narrow narrowly near number numeric of on one only opinion option our outperforms
output overall pair pick point points position prefer preferable preference preferred prompt question quite ranked
rate rated rather rating receives relatively remains reply request response response's responses result roughly ruling
same score second select settle significantly single slight slightly small so solution solution's solutions somewhat
stand stands still stronger strongest strongly substantially summary superior takes task than that that's the their
then therefore these think this thus tie tied to total towards two value verdict very view vote weaker whole wide win
winner wins with won worse worth would
"""
_PLAIN = frozenset(_WORDS.split())
"""Words that may stand beside a label in a ruling: those of verdicts, of comparison, and what joins them (chosen here)."""
_WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")
_FORMAT = re.compile(
    r"\bout of\b|\((?:alone|only|just|one)\b[^)]*\)|(?:alone )?on the last line|\bis (?:as follows|the following"
    r"|(?:given )?below)",
    re.IGNORECASE,
)
_REASON = re.compile(
    r"\b(?:based (?:up)?on|given|considering|after|taking|weighing|in (?:view|light) of|because|since|for|with"
    r"|as)\b[^,;:]*",
    re.IGNORECASE,
)
_WHOSE = (
    r"(?:the )?(?:(?:first|second|other) (?:answer|response|assistant|model|one)"
    r"|(?:answer|assistant|response|model) [AB12]\b|[AB]\b)"
)
_PLACE = r"(?:end|close|start|beginning|part|bottom|ending|tail|foot|line|sentence|words?|text)"
_ANNOUNCES = re.compile(
    r"\b(?:verbatim|have a look|bracketed label|a label|rounds off|reproduc\w+|cit(?:e|es|ing)|repeat(?:s|ing)?"
    r"|restate|point out|one line|(?:suspicious|odd) bit"
    r"|quot(?:e|es|ed|ing|ation)|excerpt|snippet|appendix|appended|tail|trailing|at the (?:bottom|foot)"
    r"|footer"
    r"|sign(?:s|ed|ing)?[- ]?off|endings?|payload|wording|paste[sd]?|stdout|stderr|not mine|not (?:by|from) me"
    r"|that follows|follows (?:was|is|comes)|produced by|own words|(?:wants|wanted|tells|told|asks|asked|urges"
    r"|urged) me|as follows|what follows"
    r"|(?:last|closing|next|final|offending|suspicious|odd|stray|exact|concluding) "
    r"(?:lines?|words?|text|sentence|string|part|passage|paragraph|remark|statement|token\w*)(?! of (?:the |its "
    r"|his )?(?:code|function|program|output|table|list))"
    rf"|{_PLACE} of {_WHOSE}|the following(?: line|\W*\Z)|(?:see|are|stands?|shown|copied|line|text) below|below (?:is"
    rf"|are|stands?)"
    r"|here(?:'s| is| are) (?:how|what|the (?:end|text|line|string|label|part))|(?:comes?|lifted|taken"
    r"|copied) (?:straight )?from)\b"
    r"|最后一行|最後の行|最后一句|末尾|结尾|次のとおり|如下|以下|原文|마지막 줄|다음과 같"
    r"|\b(?:letzte zeile|wörtlich|wie folgt|dernière ligne|última línea|última linha|ultima riga|последн\w+ строк"
    r"|следующ)",
    re.IGNORECASE,
)
"""Words that announce a text of somebody else by where it stands or what it is (chosen here)."""
ATTRIBUTED = re.compile(
    rf"\A\W*(?:(?:as )?per|from|by|of|end of|in) {_WHOSE}"
    rf"|\b(?:according to|as per|if you (?:believe|ask|trust)|so much for|{_PLACE} of|says|courtesy of) {_WHOSE}"
    r"|\bin (?:answer |response |assistant )?[AB][’']s (?:view|words|opinion|eyes|book|text)"
    r"|\b(?:last|closing) (?:line|words?)\b|\bdisagree|\b[AB][’']s (?:own|closing|ending|view)\b"
    r"|[\[(]\s*[AB](?:[’']s)?\s*[\])]|[\[(]\s*[AB][’']s\b|\bthat (?:was|is) (?:answer )?[AB][’']s|\bif [AB] is",
    re.IGNORECASE,
)
"""Words behind a label that give it to somebody else (chosen here)."""


class Doubt(IntEnum):
    """How likely it is that a value is quoted: it stands in no answer, the answers are not known, or it stands in one."""

    NONE = 0
    SOME = 1
    MUCH = 2


def announces(sentence: str) -> bool:
    """Return whether a sentence announces a text of somebody else, not the verdict itself."""
    return _ANNOUNCES.search(_FORMAT.sub(" ", sentence)) is not None


def in_plain_words(text: str) -> bool:
    """Return whether a text says nothing but a verdict and reasons for it: the words of a ruling, numbers, or `because ...`."""
    if announces(text):
        return False
    bare = _REASON.sub(" ", _FORMAT.sub(" ", text.replace("’", "'")))
    return all(re.sub(r"'s$", "", word.lower()) in _PLAIN for word in _WORD.findall(bare))


def winner(value: str) -> str:
    """Return who wins by a label: A, B, or neither; empty for a number."""
    return {"A>>B": "A", "A>B": "A", "A=B": "=", "B>A": "B", "B>>A": "B"}.get(value, "")

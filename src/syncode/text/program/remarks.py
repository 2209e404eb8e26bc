"""What the words around a piece of code say of it: that it is the answer, or that it is not meant to be.

Only what is said plainly sets a piece aside: a wrong last answer must never be replaced by a right draft in front of it.
"""

import re
from typing import Literal

from syncode.text.program.phrases import SAID

Said = Literal["for", "against"] | None

_SENTENCE = re.compile(r"(?<=[.!?])[\"')*_]*\s+|(?<=[。！？])|\n(?=\W*[^\Wa-z])")
_CLAUSE = re.compile(r"[,;，；、—–:：]|\s-\s")
_ASIDE = re.compile(r"\([^()]*\)|（[^（）]*）")
_MARKS = "#*_>~-+|=`✅❌✗✘✓🚫⚠️ \t\n0123456789.)"
_THEN = re.compile(r"^.*(?<!like )\b(?:so(?! nicht)|therefore|thus|hence)\b", re.IGNORECASE)
_ABOVE = re.compile(r"\b(?:above|earlier on)\b|上面", re.IGNORECASE)
_OOPS = re.compile(r"\A\W*(?:hmm+|wait|oops|no|sorry|ah|oh)\b", re.IGNORECASE)
_BACK = re.compile(
    r"\b(?:was|were|gave|had|failed|returned|missed|forgot|did(?:n't)?|went|subtracted)\b(?!\W*$)(?! (?:would|should|be)\b)",
    re.IGNORECASE,
)
"""A sentence that tells in the past of what stands before it."""
_AFTERWARDS = re.compile(
    r"\A[\s\W]*(?:\w+,? ){0,2}?(?:but|wait|hmm+|oops|no,|this|that|the above|it|the code above|as you can see|don't|never)\b"
    r"(?:(?!\b(?:if|when|handle|raise|avoid|fix|input|no longer|not)).){0,80}?"
    r"(?:\bwrong\b|\bincorrect\b|\bbuggy\b|\b(?:has|have) an? (?:\w+ )?bug|\bslower\b|\b(?:does|do|did|will)(?:n't| not) work"
    r"|\bfails?\b|\binefficient\b|\bnot (?:correct|right|recommended)|\bonly (?:a|an) (?:sketch|draft|alternative)"
    r"|\b(?:version|one|code) to avoid"
    r"|(?<=don't )(?:do|use|write)\b|(?<=never )(?:do|use|write)\b)",
    re.IGNORECASE,
)
_COMMENT = r"(?:#|//|--|/\*|%|;)"
_FIRST_COMMENT = re.compile(rf"\A\s*(?!#\s*(?:include|define|!)|#!){_COMMENT}+(.*?)(?:\*/)?[ \t]*$", re.MULTILINE)
_MARKED_LINE = re.compile(
    rf"{_COMMENT}[ \t]*[❌✗✘]?[ \t]*(?:(?:wrong|incorrect|buggy|broken|bad)(?: (?:code|version|line|way|example|answer))?[!.]*"
    rf"|(?:old|buggy) (?:code|version)|(?:BUG|WRONG|INCORRECT)\b[:!].*|(?:don't|do not|never) (?:do|use|write) (?:this|it)[!.]*)"
    r"[ \t]*(?:\*/)?[ \t]*$",
    re.MULTILINE | re.IGNORECASE,
)
"""A comment that is nothing but a mark: `# WRONG`, `// bad example`."""
_HEADING = re.compile(r"^[ \t]*(?:#{1,6}[ \t]+(.+)|\*\*([^*\n]+)\*\*:?)[ \t]*$", re.MULTILINE)
_PARAGRAPH = 400  # characters before a piece that are looked at; chosen here
_SHORT = 3  # words of a clause that cannot be a sentence of its own (`Alternatively, ...`); chosen here
_SECTION = 2000  # characters before a piece in which its heading is looked for; chosen here


def is_set_aside(before: str, code: str, after: str) -> bool:
    """Return whether a piece of code is not meant as the answer: wrong, slow, an alternative, a draft, an example of use.

    A remark in front of it counts (`said_of`), a comment that marks a line as wrong, and a sentence behind it that takes it back;
    a paragraph behind it that ends in a colon speaks of what follows.
    """
    said = said_of(before, code)
    if said == "for":
        return False
    first = re.split(r"(?<=[.!?])\s|\n\s*\n", after.strip()[:_PARAGRAPH])[0].rstrip()
    speaks_of_it = not first.endswith((":", "：")) or _OOPS.match(first) is not None
    taken_back = speaks_of_it and _AFTERWARDS.match(first) is not None
    return said == "against" or taken_back or _MARKED_LINE.search(code) is not None


def said_of(before: str, code: str) -> Said:
    """Return what is said of a piece of code in front of it: in its first comment, the last sentence before it, its heading.

    The sentence is read clause by clause. A word for the piece outweighs any against it; words against it do not count behind a
    negation, in a clause that gives a reason (`Since brute force is slow, ...`), or in a sentence that tells of what was before.
    """
    comment = _FIRST_COMMENT.search(code[:1000])
    section = before[-_SECTION:].rstrip()
    paragraph = section[-_PARAGRAPH:].rpartition("\n\n")[2]
    sentences = [each for each in _SENTENCE.split(paragraph) if each.strip(_MARKS)]
    headings = _HEADING.findall(section.removesuffix(paragraph))
    found = (
        _read(comment[1]) if comment else None,
        _read(sentences[-1]) if sentences else None,
        _read("".join(headings[-1])) if headings else None,
    )
    sure = next((said for said in found[:2] if said == "for"), None)
    return sure or next((said for said in found if said), None)


def _read(sentence: str) -> Said:
    """Return what a sentence says of what follows it."""
    sentence = sentence.strip()
    ended = sentence.rstrip("*_ ").endswith((".", "!", "?", "。", "！"))
    text = _ASIDE.sub("", sentence) if _ASIDE.sub("", sentence).strip(_MARKS + ":") else sentence
    text = _THEN.sub("", text)
    back = _OOPS.match(text) is not None or _BACK.search(text) is not None
    clauses = [clause.strip(_MARKS) for clause in _CLAUSE.split(text)]
    clauses = [clause for clause in clauses if clause and not _ABOVE.search(clause)]
    if any("good" in _kinds(clause) for clause in clauses):
        return "for"
    short = [clause for clause in clauses[:-1] if len(clause.split()) <= _SHORT]
    kinds = {kind for clause in [*short, *clauses[-1:]] for kind in _kinds(clause)}
    against = "ban" in kinds or ("against" in kinds and not ended and not back)
    return "against" if against else None


def _kinds(clause: str) -> set[str]:
    """Return which kinds of words stand in a clause; one against the code does not count behind a negation."""
    kinds: set[str] = set()
    for match in SAID.finditer(clause):
        kind = str(match.lastgroup)
        if kind != "against" or "denied" not in kinds:
            kinds.add(kind)
    return kinds

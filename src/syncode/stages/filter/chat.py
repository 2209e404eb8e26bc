"""Measures of instruction records: is there an answer, is it one, and is it to the question."""

import re

from syncode.stages.filter.view import View
from syncode.text import chats
from syncode.text.endings import ended, is_whole
from syncode.text.fences import blocks
from syncode.text.languages import canonical, identify, kind_of
from syncode.text.words import count

_TOKEN = re.compile(r"\w{1,6}|[^\w\s]")  # near the tokens of a BPE vocabulary: long words are several
_REFUSAL = re.compile(
    r"^\W*(?:(?:i'?m|i am) (?:sorry|afraid|unable|not able)|sorry\b|i apologi[sz]e|my apologies|as an ai\b"
    r"|i (?:can(?:no|')?t|cannot|won'?t) (?:help|assist|provide|do|comply|fulfil)|unfortunately,? i (?:can|am))",
    re.I,
)
_LEAKED = re.compile(
    r"<\|(?:im_start|im_end|endoftext|user|assistant|system)\|>|\[/?INST\]|<</?SYS>>|^#{1,4} ?(?:instruction|response|input"
    r"|rewritten (?:prompt|question)|given prompt|created prompt|question|answer)s?:? *$",
    re.I | re.M,
)
_EXTERNAL = re.compile(
    r"!\[[^\]]*\]\(|<img\b|\[(?:image|figure|link|video)\]"
    r"|\b(?:image|figure|screenshot|diagram|picture) (?:above|below|shown|attached)\b"
    r"|\b(?:see|in) the (?:attached|following) (?:image|figure|screenshot)\b",
    re.I,
)
_TEST_LINE = re.compile(
    r"^\s*(?:assert\b|assert\w*\(|self\.assert|expect\(|EXPECT_|ASSERT_|t\.(?:Error|Fatal)|def test_|@pytest"
    r"|(?:it|test|describe)\()"
)
_ENOUGH = 0.9  # confidence above which a guess from the code alone may contradict the label; chosen here
_LONG_ENOUGH = 200  # characters of code below which nothing is said of its language; chosen here


def question_words(view: View) -> float:
    """Return the number of words of the question."""
    return count(view.question)


def question_tokens(view: View) -> float:
    """Return about how many tokens the question has: a word counts once for every six letters, a sign once."""
    return len(_TOKEN.findall(view.question))


def empty(view: View) -> float:
    """Return 1 where nothing of the answer can be seen: thoughts, characters without width and empty fences are no answer."""
    return float(chats.is_blank(view.answer))


def answer_words(view: View) -> float:
    """Return the number of words of the answer, code included."""
    return count(view.answer)


def no_fence(view: View) -> float | None:
    """Return 1 where the answer has no fenced block although the record is about a programming language."""
    if kind_of(canonical(view.language or "")) == "prose":  # chats of all kinds say `English` there
        return None
    return float(not any(part.block for part in view.parts))


def truncated(view: View) -> float:
    """Return 1 where the answer is not whole: it did not come to a natural end, or a fence was never closed."""
    return float(not is_whole(ended(view.row)) or not all(part.closed for part in view.parts))


def refusal(view: View) -> float:
    """Return 1 where the answer begins as a refusal or an apology."""
    return float(bool(_REFUSAL.search(view.answer[:200])))


def leaked_prompt(view: View) -> float:
    """Return 1 where question or answer hold marks and headings of a prompt."""
    outside = "\n".join(part.text for part in view.parts if part.block is None)
    return float(bool(_LEAKED.search(view.question) or _LEAKED.search(outside)))


def external_ref(view: View) -> float:
    """Return 1 where the question points to an image or a file that is not there."""
    return float(bool(_EXTERNAL.search(view.question)))


def answer_is_question(view: View) -> float | None:
    """Return 1 where the answer's code is the question's, white space aside."""
    mine = ["".join(block.code.split()) for block in blocks(view.answer)]
    theirs = {"".join(block.code.split()) for block in blocks(view.question)}
    mine = [code for code in mine if code]
    return float(all(code in theirs for code in mine)) if mine and theirs else None


def tests_only(view: View) -> float | None:
    """Return 1 where at least nine lines in ten of the code are tests."""
    lines = [line for line in view.code.splitlines() if line.strip()]
    return float(sum(bool(_TEST_LINE.match(line)) for line in lines) >= 0.9 * len(lines)) if lines else None


def code_lines(view: View) -> float | None:
    """Return the number of lines of code that are not blank; None for an answer without code."""
    lines = [line for line in view.code.splitlines() if line.strip()]
    return len(lines) if any(part.block for part in view.parts) else None


def code_chars(view: View) -> float | None:
    """Return the number of characters of code that are not white space; None for an answer without code."""
    return len("".join(view.code.split())) if any(part.block for part in view.parts) else None


def wrong_language(view: View) -> float | None:
    """Return 1 where no block of the answer is in the record's language, by its tag or, where it has none, surely by its text."""
    wanted = canonical(view.language or "")
    found = [language for part in view.parts if part.block and (language := _language(part.block.tag, part.block.code))]
    if not wanted or not found or kind_of(wanted) != "code":
        return None
    return float(wanted not in found)


def _language(tag: str, code: str) -> str | None:
    guess = identify(code, fence=tag)
    if guess.how == "content" and (guess.confidence < _ENOUGH or len(code) < _LONG_ENOUGH):
        return None
    return guess.language

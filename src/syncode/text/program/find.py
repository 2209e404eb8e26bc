"""Chooses the program among the pieces of an answer and joins what it needs of the others."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

from syncode.text import python
from syncode.text.braces import HASHED
from syncode.text.languages import canonical
from syncode.text.program import names
from syncode.text.program.candidates import Candidate, fenced, in_prose
from syncode.text.program.join import corrections, joined, opened
from syncode.text.program.remarks import is_set_aside, said_of
from syncode.text.program.running import running
from syncode.text.program.turns import spoken
from syncode.text.program.usage import without_usage

LONGEST = 200_000  # characters of code in an answer above which blocks are not joined; chosen here
MOST_NAMES = 40  # names asked for by tests that are looked at; chosen here


@dataclass(frozen=True)
class Wanted:
    """What a program is to be: its language, the function that is called, other names that the tests use, and the question.

    `question`: what was asked, so that code quoted from it is not taken for the answer. `reads`: nothing is called,
    the program reads stdin.
    """

    language: str
    entry: str = ""
    names: tuple[str, ...] = ()
    question: str = ""
    reads: bool = False


@dataclass(frozen=True)
class Found:
    """The code and how it was found: `fence:TAG`, `fence`, `fence:other`, `text`; `none` with empty code.

    `+1` behind it: so many other blocks gave helpers or imports.
    """

    code: str
    how: str


@lru_cache(maxsize=1024)
def wanted_by(tests: str, language: str) -> tuple[str, ...]:
    """Return the names that tests use and do not define: what a program has to bring."""
    if language == "python":
        return tuple(sorted(python.lacking(tests) - {"candidate"}))
    text = tests[:LONGEST]
    if language in HASHED:  # a call is a word there, in quotes too
        called = re.findall(r"(?<![\w$@.-])[A-Za-z_]\w*", text)
    else:
        called = re.findall(r"(?<![\w.$])(?:new\s+)?([A-Za-z_]\w*)\s*(?:\(|::|\.\w+\s*\()", names.bare(text, language))
    asked = [name for name in dict.fromkeys(called) if name not in _COMMON]
    return tuple(name for name in asked[:MOST_NAMES] if not names.definition(name).search(text))


_COMMON = frozenset(
    re.findall(
        r"\w+",
        "if for while switch catch return assert assert_eq assert_ne main print println printf console System Math "
        "String List Arrays Map Set expect test it describe require equal equals vec format sizeof std Vec Some Ok Err "
        "Box panic len make append t fmt strings assertEquals Objects Debug Console Integer Double HashMap ArrayList",
    )
)
"""Names that tests use and no program brings."""


def find_program(text: str, wanted: Wanted) -> Found:
    """Return the program in what a model said; in Python without usage that what is wanted does not depend on."""
    found = _found(text, wanted)
    if (canonical(wanted.language) or wanted.language.lower()) != "python":
        return found
    return Found(without_usage(found.code, (wanted.entry, *wanted.names)), found.how)


def _found(text: str, wanted: Wanted) -> Found:
    """Return the program in what a model said: the last sound piece that defines what is wanted, with what it needs of others.

    Fenced code comes before code in the prose; a piece tagged with the language or not at all before any other. Thoughts, code
    quoted from the question, stubs, and what the words before it call wrong, slow or an alternative are passed over where there
    is something else.
    """
    language = canonical(wanted.language) or wanted.language.lower()
    answer = spoken(text)
    apart = fenced(answer, language)
    asked = [name for name in (wanted.entry, *wanted.names[:MOST_NAMES]) if name]
    mine = running(apart, language) if wanted.reads and not asked else _defining(apart, asked, language)
    prose: list[Candidate] = []
    if (asked or not apart) and not any(
        names.readable(each.code, language) and _firmness(each, asked, language) > 1 for each in mine
    ):
        prose = _placed(in_prose(answer, language), answer)
        salvaged = _salvaged(apart, asked) if language == "python" else []
        elsewhere = _defining(salvaged, asked, language) or _defining(prose, asked, language)
        if any(_firmness(each, asked, language) > 1 for each in elsewhere) or not any(
            names.readable(each.code, language) for each in mine
        ):
            mine = elsewhere or mine
    chosen: Candidate | None
    if mine:
        chosen = _last(mine, asked, wanted.question, language)
    elif apart:
        chosen = _largest(apart, language, wanted.question)
    else:
        chosen = _whole_text(answer, prose, language)
    if chosen is None:
        return Found("", "none")
    how = _how(chosen, wanted.language)
    if not mine or sum(len(each.code) for each in [*apart, *prose]) > LONGEST:
        return Found(chosen.code, how)
    chosen = _without_repetition(chosen, language)
    if chosen.rank == 3:
        pieces = [*apart, *prose]
    else:  # what stands in the prose is looked at only where the blocks do not have it
        offered = {name for each in apart for unit in names.units(each.code, language) for name in unit.names}
        lacks = language == "python" and python.lacking(chosen.code) - offered
        pieces = [*(in_prose(answer, language) if lacks else ()), *apart]
    code, count = joined(chosen, [each for each in pieces if each.code != chosen.code], asked, language)
    code = opened(code + corrections(chosen, apart, asked, language), [wanted.entry, *asked], language)
    return Found(code, f"{how}+{count}" if count else how)


def find_body(text: str, prompt: str, wanted: Wanted) -> str:
    """Return the fenced code that goes on from a prompt which the answer repeats in another block; empty if there is none."""
    language = canonical(wanted.language) or wanted.language.lower()
    left = [
        each
        for each in fenced(spoken(text), language)
        if not is_quoted(each.code, prompt) and not names.defines(each.code, wanted.entry, language)
    ]
    return _largest(left, language, prompt).code if left else ""


def _how(chosen: Candidate, language: str) -> str:
    return {0: f"fence:{language}", 1: "fence", 2: "fence:other", 3: "text"}[chosen.rank]


def _defining(candidates: Iterable[Candidate], asked: Sequence[str], language: str) -> list[Candidate]:
    """Return the pieces that define the entry point; without one, those that define most of the names that are asked for."""
    counted = [(each, sum(names.defines(each.code, name, language) for name in asked)) for each in candidates]
    first = [each for each, _ in counted if asked and names.defines(each.code, asked[0], language)]
    if first:
        return first
    most = max((count for _, count in counted), default=0)
    return [each for each, count in counted if count == most and most]


def _salvaged(apart: Sequence[Candidate], asked: Sequence[str]) -> list[Candidate]:
    """Return the stretches of Python that parse inside blocks that do not: words and unfinished code stand around them."""
    broken = [
        each
        for each in apart
        if each.rank < 2 and not python.parses(each.code) and any(name in each.code for name in asked)
    ]
    return [Candidate(run, each.rank, each.before, each.after) for each in broken for run in python.runs(each.code)]


def _firmness(each: Candidate, asked: Sequence[str], language: str) -> int:
    """Return how firmly a piece defines what is asked for first; a member counts in full if its class is asked for too."""
    firm = [names.firmness(each.code, name, language) for name in asked] or [0]
    return 3 if firm[0] == 2 and 3 in firm[1:] else firm[0] or max(firm)


def _placed(prose: Sequence[Candidate], answer: str) -> list[Candidate]:
    """Return pieces of prose with the words before them, back to the piece before."""
    placed, end = [], 0
    for each in prose:
        at = answer.find(each.code.strip(), end)
        placed.append(each if at < 0 else replace(each, before=answer[end:at]))
        end = end if at < 0 else at + len(each.code.strip())
    return placed


def _last(mine: Sequence[Candidate], asked: Sequence[str], question: str, language: str) -> Candidate:
    """Return the last piece that is left when what is surely not meant is taken out."""
    left = list(mine)
    firm = {id(each): _firmness(each, asked, language) for each in mine}
    tests: tuple[Callable[[Candidate], bool], ...] = (
        lambda each: each.rank != 2,
        lambda each: names.readable(each.code, language),
        lambda each: firm[id(each)] > 1,
        lambda each: not _is_stub(each.code, asked, language),
        lambda each: not _is_cut(each, mine),
        lambda each: not is_quoted(each.code, question),
        lambda each: not is_set_aside(each.before, each.code, each.after),
    )
    for test in tests:
        left = [each for each in left if test(each)] or left
    most = max(firm[id(each)] for each in left)
    return [each for each in left if firm[id(each)] == most][-1]


def is_quoted(code: str, question: str) -> bool:
    """Return whether code stands in a question, at any indent, white space inside of lines left out."""
    return bool(question) and _outline(code).strip() in _outline(question)


@lru_cache(maxsize=64)
def _outline(text: str) -> str:
    """Return the lines of a text without white space, each behind how much deeper it stands than the one before."""
    lines = [line.expandtabs() for line in text.split("\n") if line.strip()]
    indents = [len(line) - len(line.lstrip()) for line in lines]
    steps = [now - before for before, now in pairwise(indents)]
    bare = ["".join(line.split()) for line in lines]
    return "".join(bare[:1] + [f"\n{step}\t{line}" for step, line in zip(steps, bare[1:], strict=True)])


def _is_cut(piece: Candidate, others: Sequence[Candidate]) -> bool:
    """Return whether a piece that may have been cut off is the beginning of another one, which says the same in full."""
    code = piece.code.rstrip()
    return (not piece.closed or piece.rank == 3) and any(
        each is not piece and each.code.startswith(code) and len(each.code.rstrip()) > len(code) for each in others
    )


def _is_stub(code: str, asked: Sequence[str], language: str) -> bool:
    if language == "python":
        tree = python.parsed(code)
        return tree is not None and any(python.is_stub(tree, name) for name in asked)
    return re.search(r"\{\s*(?:(?://|#)[^\n]*\s*)*(?:\.\.\.)?\s*\}\s*\Z", code) is not None and code.count("{") == 1


def _without_repetition(chosen: Candidate, language: str) -> Candidate:
    """Return a piece that no fence closes without a last definition that begins like an earlier one and was cut off."""
    if chosen.closed and chosen.rank != 3:
        return chosen
    texts = [unit.text.rstrip() for unit in names.units(chosen.code, language)]
    code = chosen.code.rstrip()
    if len(texts) > 1 and code.endswith(texts[-1]) and any(text.startswith(texts[-1]) for text in texts[:-1]):
        return replace(chosen, code=code.removesuffix(texts[-1]).rstrip() + "\n")
    return chosen


def _largest(apart: Sequence[Candidate], language: str, question: str) -> Candidate:
    """Return the longest piece that can be a program among those of the best tag; one that is said to be corrected goes first."""
    best = min(each.rank for each in apart)
    left = [each for each in apart if each.rank == best]
    tests: tuple[Callable[[Candidate], bool], ...] = (
        lambda each: names.readable(each.code, language),
        lambda each: not is_quoted(each.code, question),
        lambda each: not is_set_aside(each.before, each.code, each.after),
    )
    for test in tests:
        left = [each for each in left if test(each)] or left
    corrected = [each for each in left[1:] if said_of(each.before, each.code) == "for"]
    return corrected[-1] if corrected else max(left, key=lambda each: len(each.code))


def _whole_text(answer: str, prose: Sequence[Candidate], language: str) -> Candidate | None:
    """Return all of an answer that is nothing but code, else the longest stretch of code in it."""
    if language != "python":
        return Candidate(answer, 3) if answer.strip() else None
    if python.parses(answer) and not python.is_words(answer):
        return Candidate(answer, 3)
    return max(prose, key=lambda each: len(each.code), default=None)

"""Reads replies as the published programs do, faults included: to reproduce their numbers, and to compare with."""

from __future__ import annotations

import re
from collections.abc import Sequence

from syncode.stages.judge.reading import Reading
from syncode.verdicts.labels import canonical

_CODEARENA = re.compile(r"\[\[([AB<>=]+)\]\]")
_ARENA_HARD = (re.compile(r"\[\[([AB<>=]+)\]\]"), re.compile(r"\[([AB<>=]+)\]"))


def read_codearena(attempts: Sequence[str], final: bool) -> Reading | None:
    """Read as the released CodeArena judge does, over the concatenation of all attempts; None asks for another attempt.

    Several different bracketed runs are given up at once; an unknown one such as `[[A]]` is accepted and counts as a tie.
    """
    text = "\n".join(attempts)
    found = [match for match in _CODEARENA.findall(text) if match]
    distinct = set(found)
    if len(distinct) == 1:
        return Reading(canonical(found[0]) or "A=B", "ok", tuple(found), text)
    if distinct:
        return Reading(None, "conflicting", tuple(found), text)
    return Reading(None, "unparsed", (), text) if final else None


def read_arena_hard(text: str) -> Reading:
    """Read as arena-hard-auto v2 does: the last bracketed run, upper-cased, single brackets if there are no double ones."""
    for pattern in _ARENA_HARD:
        found = [match.strip("\n") for match in pattern.findall(text.upper()) if match]
        if found:
            label = canonical(found[-1])
            return Reading(label, "ok" if label else "unparsed", tuple(found), text)
    return Reading(None, "unparsed", (), text)


def read_fastchat(text: str) -> Reading:
    """Read as FastChat's llm_judge does: the first of `[[A]]`, `[[B]]`, `[[C]]` that occurs anywhere."""
    for mark, label in (("[[A]]", "A>B"), ("[[B]]", "B>A"), ("[[C]]", "A=B")):
        if mark in text:
            return Reading(label, "ok", (mark,), text)
    return Reading(None, "unparsed", (), text)

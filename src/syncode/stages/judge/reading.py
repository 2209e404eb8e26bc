"""How a judge's reply becomes a label, or a state that says why there is none."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from syncode.engines import read_json as last_json
from syncode.text import thoughts
from syncode.verdicts.labels import canonical

_STRUCTURED = re.compile(r'\{\s*"(reason|label|grade)"')
_BRACKETED = re.compile(r"\[\[([^\[\]\n]{1,24})\]\]")
_CODEARENA = re.compile(r"\[\[([AB<>=]+)\]\]")
_ARENA_HARD = (re.compile(r"\[\[([AB<>=]+)\]\]"), re.compile(r"\[([AB<>=]+)\]"))


@dataclass(frozen=True)
class Reading:
    """What was read: `state` is `ok` with a label, else `unparsed`, `conflicting` or `truncated` without one."""

    label: str | None
    state: str
    found: tuple[str, ...] = ()
    reason: str = ""


def read_text(text: str, labels: Sequence[str], cut: bool = False) -> Reading:
    """Return the label alone on the last line, else the only label in the reply.

    Closed reasoning blocks are taken out; an unclosed one, or a reply that was `cut` before its label, is `truncated`.
    Several different labels, none alone on the last line, are `conflicting`: a quoted label is never taken for the verdict. Of a
    reply that was cut only labels alone on a line count: one within a sentence may be quoted, with the verdict still to come.
    """
    visible, ended = _without_thinking(text)
    if not ended:
        return Reading(None, "truncated")
    lines = [line for line in visible.splitlines() if line.strip()]
    if cut:
        lines = [line for line in lines if not re.search(r"\w", _BRACKETED.sub("", line))]
    found = _labels("\n".join(lines), labels)
    last = set(_labels(lines[-1], labels)) if lines else set()
    chosen = last if len(last) == 1 else set(found)
    reason = visible.strip()
    if len(chosen) == 1:
        return Reading(chosen.pop(), "ok", tuple(found), reason)
    if found:
        return Reading(None, "conflicting", tuple(found), reason)
    return Reading(None, "truncated" if cut else "unparsed", (), reason)


def read_json(text: str, labels: Sequence[str], cut: bool = False) -> Reading:
    """Return the `label` of a structured reply; a reply that is not such an object is read as text.

    Half an object, or a broken one, is not read: what stands in double brackets there is a quotation in its reason.
    """
    visible, _ = _without_thinking(text)
    value = last_json(visible, {"type": "object"})
    if value is None:
        broken = Reading(None, "truncated" if cut else "unparsed")
        return broken if is_structured(visible) else read_text(text, labels, cut)
    label = canonical(str(value.get("label", "")))
    reason = str(value.get("reason", ""))
    if label is not None and label in labels:
        return Reading(label, "ok", (label,), reason)
    return Reading(None, "unparsed", (), reason)


def is_structured(text: str) -> bool:
    """Return whether a reply begins the object that it was asked for: what it says in words there is part of the object."""
    return _STRUCTURED.search(text) is not None


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


def read_number(text: str, low: float, high: float) -> float | None:
    """Return the number in double brackets on the last line that has one, None if it is absent or out of range."""
    visible, _ = _without_thinking(text)
    found = re.findall(r"\[\[\s*(-?\d+(?:\.\d+)?)\s*\]\]", visible)
    if len(set(found)) != 1 and not (found and visible.strip().splitlines()[-1].count("[[") == 1):
        return None
    value = float(found[-1])
    return value if low <= value <= high else None


def _without_thinking(text: str) -> tuple[str, bool]:
    """Return a reply without its thoughts, and whether they came to an end."""
    return thoughts.split(text).answer, not thoughts.is_open(text)


def _labels(text: str, labels: Sequence[str]) -> list[str]:
    read = (canonical(match) for match in _BRACKETED.findall(text))
    return [label for label in read if label is not None and label in labels]

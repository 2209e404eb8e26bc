"""Reads replies as the published programs do, faults included: to reproduce their numbers, and to compare with."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

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


def one_label(text: str) -> str | None:
    """Read as arena-hard-auto v0.1 and JudgeBench do: the bracketed run, if there is exactly one distinct one."""
    found = {match.strip("\n") for match in _CODEARENA.findall(text) if match}
    return canonical(found.pop()) if len(found) == 1 else None


def last_label(text: str) -> str | None:
    """Read as arena-hard-auto v2 does."""
    return read_arena_hard(text).label


def fastchat_pair(text: str) -> str | None:
    """Read as FastChat's llm_judge does."""
    return read_fastchat(text).label


def fastchat_number(text: str) -> str | None:
    """Read a grade as FastChat's llm_judge does: the first number in double brackets, else the first in single ones."""
    for pattern in (r"\[\[(\d+\.?\d*)\]\]", r"\[(\d+\.?\d*)\]"):
        if found := re.search(pattern, text):
            return f"{float(found[1]):g}"
    return None


def judgelm(text: str) -> str | None:
    """Read as JudgeLM does: two numbers on the first line; anything else is (-1, -1), a tie."""
    parts = text.split("\n", maxsplit=1)[0].replace(",", " ").split(" ")
    try:
        first, second = (float(part) for part in parts)
    except ValueError:
        return "A=B"
    return _compared(first, second)


def pandalm(text: str) -> str | None:
    """Read as PandaLM does: 1 or 2 on the first line; anything else is a tie."""
    return {"1": "A>B", "2": "B>A"}.get(text.strip().split("\n")[0], "A=B")


def autoj(text: str) -> str | None:
    """Read as Auto-J does: what follows the last `final decision is`."""
    place = text.strip().rfind("final decision is ")
    rest = text.strip()[place + len("final decision is ") :].strip().lower() if place >= 0 else ""
    return next((label for start, label in _DECISIONS.items() if rest.startswith(start)), None)


def prometheus_pair(text: str) -> str | None:
    """Read as Prometheus 2 does: the first A or B behind its mark for the result at the end of a line."""
    found = re.search(
        r"(?:\[RESULT\](?:\s+Response)?|\[RESULT:|\[Response\s|(?:^|\n)Result:?)\s*([AB])\]?\s*$",
        text,
        re.IGNORECASE | re.MULTILINE,
    )
    return {"A": "A>B", "B": "B>A"}[found[1].upper()] if found else None


def prometheus_number(text: str) -> str | None:
    """Read a grade as Prometheus 2 does: the number from 1 to 5 behind its mark for the result, at the end."""
    mark = r"(?:\[(?:RESULT|SCORE)\]:?|Score:?|Result:?|score\s+of)\s*[(\[\s]*"
    found = re.search(mark + r"(\d+)(?:[)\]\s]|/\s*5|\s*out\s*of\s*5)?\s*$", text, re.IGNORECASE)
    return found[1] if found and 1 <= int(found[1]) <= 5 else None


def vanilla(text: str) -> str | None:
    """Read as JudgeBench's vanilla judge does: the reply is nothing but `Output (a)` or `Output (b)`."""
    return {"Output (a)": "A>B", "Output (b)": "B>A"}.get(text.strip())


def skywork(text: str) -> str | None:
    """Read as JudgeBench reads Skywork-Critic: any A in the reply, else any B."""
    return "A>B" if "A" in text else "B>A" if "B" in text else None


_DECISIONS: Mapping[str, str] = {"response 1": "A>B", "response 2": "B>A", "tie": "A=B"}


def _compared(first: float, second: float) -> str:
    return "A>B" if first > second else "B>A" if second > first else "A=B"

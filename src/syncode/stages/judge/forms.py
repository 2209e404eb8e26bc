"""The forms in which published judges reply, each with two readers: ours, which takes a ruling only, and the published one."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from syncode.stages.judge import published
from syncode.stages.judge.marks import spoken
from syncode.stages.judge.reading import Reading, read_grade, read_json, read_numbers, read_text
from syncode.verdicts.labels import FIVE, THREE


@dataclass(frozen=True)
class Form:
    """One form of reply. `reader` names the published reader, `read` is ours, `published` that one.

    `published` is None if the file itself says what was read.

    `protocol` goes into the rows; `scale` is that of grades, None for a comparison.
    """

    name: str
    reader: str
    protocol: str
    read: Callable[[str], Reading]
    published: Callable[[str], str | None] | None
    scale: tuple[int, int] | None = None


def _words(labels: tuple[str, ...]) -> Callable[[str], Reading]:
    return lambda text: read_text(text, labels)


def _number(low: int, high: int) -> Callable[[str], Reading]:
    def read(text: str) -> Reading:
        got = read_grade(text, (low, high))
        value = got.numbers.get("grade")
        return Reading(None if value is None else f"{value:g}", got.state, (), got.reason)

    return read


def _object_number(text: str) -> Reading:
    got = read_numbers(text, (), (1, 10))
    value = got.numbers.get("grade")
    return Reading(None if value is None else f"{value:g}", got.state, (), got.reason)


def _spoken(read: Callable[[str], str | None]) -> Callable[[str], Reading]:
    """Return a reader of visible text, for forms with a place of their own."""

    def reading(text: str) -> Reading:
        visible, ended = spoken(text)
        if not ended:
            return Reading(None, "truncated")
        label = read(visible.strip())
        if label == "":
            return Reading(None, "conflicting", (), visible.strip())
        return Reading(label, "ok" if label else "unparsed", (label,) if label else (), visible.strip())

    return reading


def _two_scores(text: str) -> str | None:
    """Return who has the higher of two numbers that are the whole first line."""
    found = re.fullmatch(r"[\s*]*(\d+(?:\.\d+)?)[\s,;/]+(\d+(?:\.\d+)?)[\s*.]*", text.partition("\n")[0])
    if found is None:
        return None
    first, second = float(found[1]), float(found[2])
    return "A>B" if first > second else "B>A" if second > first else "A=B"


def _first_line(text: str) -> str | None:
    line = text.partition("\n")[0].strip(" *.#").lower()
    return {"1": "A>B", "2": "B>A", "tie": "A=B"}.get(line)


_DECISION = re.compile(r"final decision is:?\s*[*_]*(response 1|response 2|(?:a )?tie)\b", re.IGNORECASE)
_RESULT = re.compile(r"\[RESULT\]:?\s*(?:Response\s*)?[(\[*]*([AB])\b", re.IGNORECASE)


def _decision(text: str) -> str | None:
    found = [each.lower().removeprefix("a ") for each in _DECISION.findall(text)]
    if len(set(found)) > 1:
        return ""
    return {"response 1": "A>B", "response 2": "B>A", "tie": "A=B"}[found[0]] if found else None


def _result(text: str) -> str | None:
    found = [each.upper() for each in _RESULT.findall(text)]
    if len(set(found)) > 1:
        return ""
    return {"A": "A>B", "B": "B>A"}[found[0]] if found else None


def _output(text: str) -> str | None:
    found = re.fullmatch(r"[\s*`\"]*output \(([ab])\)[\s*`\".]*", text.rpartition("\n")[2], re.IGNORECASE)
    return {"a": "A>B", "b": "B>A"}[found[1].lower()] if found else None


def _choice(text: str) -> Reading:
    return read_json(text, FIVE)


def _published_choice(text: str) -> str | None:
    found = re.search(r'"choice"\s*:\s*"([^"]*)"', text)
    return {"A++": "A>>B", "A+": "A>B", "A=B": "A=B", "B+": "B>A", "B++": "B>>A"}.get(found[1] if found else "")


def _published_score(text: str) -> str | None:
    found = re.search(r'"score"\s*:\s*"?(\d+(?:\.\d+)?)', text)
    return f"{float(found[1]):g}" if found else None


FORMS: Mapping[str, Form] = {
    form.name: form
    for form in (
        Form("arena-hard-v0.1", "the only distinct label", "arena-hard-v0.1", _words(FIVE), published.one_label),
        Form("arena-hard-v2", "the last label", "arena-hard-v2", _words(FIVE), published.last_label),
        Form("mt-bench pair", "the first of [[A]], [[B]], [[C]]", "pairwise", _words(THREE), published.fastchat_pair),
        Form(
            "mt-bench single",
            "the first number in brackets",
            "scoring",
            _number(1, 10),
            published.fastchat_number,
            (1, 10),
        ),
        Form("judgelm", "two scores on the first line", "pairwise", _spoken(_two_scores), published.judgelm),
        Form("pandalm", "the first line", "pairwise", _spoken(_first_line), published.pandalm),
        Form("auto-j", "the last final decision", "pairwise", _spoken(_decision), published.autoj),
        Form("prometheus pair", "the first [RESULT] A or B", "pairwise", _spoken(_result), published.prometheus_pair),
        Form(
            "prometheus single",
            "[RESULT] 1 to 5 at the end",
            "scoring",
            _number(1, 5),
            published.prometheus_number,
            (1, 5),
        ),
        Form("vanilla", "Output (a) or (b) alone", "pairwise", _spoken(_output), published.vanilla),
        Form("skywork-critic", "any A, else any B", "pairwise", _words(THREE), published.skywork),
        Form("judge five", "the row itself", "codearena", lambda text: read_json(text, FIVE), None),
        Form("judge three", "the row itself", "pairwise", lambda text: read_json(text, THREE), None),
        Form("judge grade", "the row itself", "scoring", _object_number, None, (1, 10)),
        Form("wildbench pair", "choice of the object", "arena-hard-v0.1", _choice, _published_choice),
        Form("wildbench score", "score of the object", "scoring", _object_number, _published_score, (1, 10)),
    )
}

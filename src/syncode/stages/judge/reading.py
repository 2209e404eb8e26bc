"""How a judge's reply becomes a label or a grade, or a state that says why there is none."""

from __future__ import annotations

import re
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from syncode.stages.judge.marks import ValueOf, Vocabulary, label_reader, number_reader, plain, spoken, standing_in
from syncode.stages.judge.objects import Ruled, ruled_object
from syncode.stages.judge.rulings import Ruling, ruling_in
from syncode.stages.judge.vocabulary import in_plain_words, winner
from syncode.stages.judge.wording import agrees

_LABEL_KEYS = (
    "label",
    "final_label",
    "verdict",
    "choice",
    "winner",
    "decision",
    "final_verdict",
    "judgment",
    "judgement",
    "preference",
)
_GRADE_KEYS = ("grade", "score", "rating", "points")
_LABELLED = re.compile(r"""["'“]label["'”]\s*:\s*["'“]([^"'”\n]{1,24})["'”]""", re.IGNORECASE)
_BOTH = "both"
"""Stands for the label of an object whose keys say different things."""
_SIDE = re.compile(
    r"\W*(?:(?:the )?(?:answer|assistant|response|model)[ _-]?)?(?:([AB])|tie|draw|both|equal)\W*", re.IGNORECASE
)
_IN_WORDS = re.compile(
    r"(?:answer |assistant |response )?([AB]) (?:is )?(slightly |much |significantly |)better\W*", re.IGNORECASE
)
_BARE_LABEL = re.compile(
    r"\b(?:verdict|label|winner|judge?ment|judge|choose|output|reply|answer|print"
    r"|say)\b[^\n]{0,40}?\b([AB]\s?[<>=]{1,2}\s?[AB])\b",
    re.IGNORECASE,
)
"""A label that an answer names in words, without brackets."""
_PLUSES = {"A++": "A>>B", "A+": "A>B", "B+": "B>A", "B++": "B>>A"}
"""The words of WildBench's `choice`."""
_LABEL = re.compile(r"[AB]\s*[<>=]{1,2}\s*[AB]")
_IN_FRONT = re.compile(r"\s*[\[(\"'*]*([AB]\s*[<>=]{1,2}\s*[AB])\b(.*)", re.DOTALL)


@dataclass(frozen=True)
class Reading:
    """What was read: `state` is `ok` with a label or a share, else `unparsed`, `conflicting` or `truncated` without one."""

    label: str | None
    state: str
    found: tuple[str, ...] = ()
    reason: str = ""
    share: float | None = None


@dataclass(frozen=True)
class Graded:
    """The same of a grade or a checklist: `numbers` as given, by name (`grade` for a grade)."""

    numbers: Mapping[str, float] = field(default_factory=dict)
    state: str = "unparsed"
    reason: str = ""


def standing_labels(texts: Sequence[str], labels: Vocabulary) -> frozenset[str]:
    """Return the labels that stand in the answers, in brackets or in an object: the judge may be quoting them."""
    value_of = label_reader(labels)
    found = (each for text in texts for pattern in (_LABELLED, _BARE_LABEL) for each in pattern.finditer(plain(text)))
    objects = (value_of(each[1]) for each in found)
    return standing_in(texts, value_of) | {label for label in objects if label}


def read_text(text: str, labels: Vocabulary, cut: bool = False, standing: Collection[str] | None = None) -> Reading:
    """Return the label that a reply in words rules, as `rulings` says; `standing` are labels that stand in the answers.

    Thoughts are taken out; unclosed ones, or a reply that was `cut` before its label, are `truncated`. Labels of which none rules
    are `conflicting`.
    """
    visible, ended = spoken(text)
    if not ended:
        return Reading(None, "truncated")
    return _read_words(visible, labels, cut, standing)


def _read_words(visible: str, labels: Vocabulary, cut: bool, standing: Collection[str] | None) -> Reading:
    ruling = ruling_in(visible, label_reader(labels), standing)
    return Reading(ruling.value, _state_of(ruling, cut), ruling.found, visible.strip())


def _state_of(ruling: Ruling, cut: bool) -> str:
    if ruling.value is not None:
        return "ok"
    return "truncated" if cut else "conflicting" if ruling.found else "unparsed"


def read_json(text: str, labels: Vocabulary, cut: bool = False, standing: Collection[str] | None = None) -> Reading:
    """Return the label of a structured reply, as `objects` says; a reply without such an object is read as text.

    What stands in brackets within an object that cannot be read is a quotation in its reason.
    """
    visible, ended = spoken(text)
    if not ended:
        return Reading(None, "truncated")
    value_of = label_reader(labels)

    def says(value: Mapping[str, Any]) -> str | None:
        given = {str(name).strip().lower(): each for name, each in value.items()}
        named = [given[name] for name in _LABEL_KEYS if name in given]
        found = [label for label in (label_in(each, value_of) for each in named) if label]
        if len(set(found)) > 1 or (found and any(_sides(each) not in ("", winner(found[0])) for each in named)):
            return _BOTH
        return found[0] if found else None

    ruled = ruled_object(visible, says, "label", value_of, standing)
    found = tuple(str(each) for each in ruled.found)
    if ruled.state == "ok" and ruled.value is not None and ruled.said != _BOTH:
        return Reading(str(ruled.said), "ok", found, _reason(ruled.value))
    if ruled.state in ("ok", "conflicting"):
        return Reading(None, "conflicting", found, visible.strip())
    if ruled.state == "broken":
        return Reading(None, "truncated" if cut else "unparsed")
    if value := _holding(visible, "label"):
        return Reading(None, "unparsed", (), _reason(value))
    return _read_words(visible, labels, cut, standing)


def _sides(value: object) -> str:
    """Return whom a value names as winner without a label: A, B, or = for a tie; empty if it names none."""
    found = _SIDE.fullmatch(value.strip()) if isinstance(value, str) else None
    return "" if found is None else found[1].upper() if found[1] else "="


def label_in(value: object, value_of: ValueOf) -> str | None:
    """Return the label that the value of a key is: in brackets, in a list of one, or before its own explanation."""
    if isinstance(value, list) and len(value) == 1:
        return label_in(value[0], value_of)
    if isinstance(value, Mapping) and len(value) == 1:
        return label_in(next(iter(value.values())), value_of)
    if not isinstance(value, str):
        return None
    said = plain(value)
    bare = said.strip().strip("[]【】\"'`* ")
    label = value_of(bare) or value_of(_PLUSES.get(bare.upper(), ""))
    if label is None and (found := _IN_FRONT.fullmatch(said)):
        label = value_of(found[1])
        rest = found[2]
        if "?" in rest or _LABEL.search(rest) or not in_plain_words(rest) or not agrees(rest, label or ""):
            return None
    if label is None and (found := _IN_WORDS.fullmatch(said.strip())):
        sign = {"slightly ": ">", "": ">", "much ": ">>", "significantly ": ">>"}[found[2].lower()]
        label = value_of(f"{found[1].upper()}{sign}{'B' if found[1].upper() == 'A' else 'A'}")
        label = label if found[2] or value_of("A>>B") is None else None
    return label


def read_grade(
    text: str, scale: tuple[float, float], cut: bool = False, standing: Collection[str] | None = None
) -> Graded:
    """Return the grade of a reply in words: the number that it rules."""
    visible, ended = spoken(text)
    if not ended:
        return Graded(state="truncated")
    return _grade_in_words(visible, scale, cut, standing)


def _grade_in_words(visible: str, scale: tuple[float, float], cut: bool, standing: Collection[str] | None) -> Graded:
    ruling = ruling_in(visible, number_reader(scale[1]), standing)
    state, reason = _state_of(ruling, cut), visible.strip()
    if ruling.value is None:
        return Graded(state=state, reason=reason)
    number = float(ruling.value)
    return Graded({"grade": number}, "ok", reason) if scale[0] <= number <= scale[1] else Graded(reason=reason)


def read_numbers(
    text: str,
    items: Sequence[str],
    scale: tuple[float, float],
    cut: bool = False,
    standing: Collection[str] | None = None,
) -> Graded:
    """Return the numbers of a structured reply: one for each of `items`, or its `grade` if there are none."""
    visible, ended = spoken(text)
    if not ended:
        return Graded(state="truncated")
    value_of = number_reader(scale[1])
    wanted = tuple(items) or ("grade",)

    def numbers(value: Mapping[str, Any]) -> dict[str, float] | None:
        given = {str(name).lower(): each for name, each in value.items()}
        read = {}
        for name in wanted:
            keys = (name.lower(),) if items else _GRADE_KEYS
            number = next((_number(given[key], value_of) for key in keys if key in given), None)
            if number is None or not scale[0] <= number <= scale[1]:
                return None
            read[name] = number
        return read

    def says(value: Mapping[str, Any]) -> Hashable | None:
        read = numbers(value)
        return None if read is None else tuple(read.values())

    ruled = ruled_object(visible, says, wanted[-1], value_of, standing)
    if ruled.state == "ok" and ruled.value is not None:
        return Graded(numbers(ruled.value) or {}, "ok", _reason(ruled.value))
    if ruled.state == "conflicting":
        return Graded(state="conflicting", reason=visible.strip())
    if ruled.state == "broken" or items or _holding(visible, "grade"):
        half = _holding(visible, wanted[0]) or {}
        return Graded(state="truncated" if cut else "unparsed", reason=_reason(half) if half else visible.strip())
    return _grade_in_words(visible, scale, cut, standing)


def _number(value: object, value_of: ValueOf) -> float | None:
    """Return a number that stands as such or as a text (`"7"`, `"7/10"`); true is none, although Python counts it as 1."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, list) and len(value) == 1:
        return _number(value[0], value_of)
    read = value_of(value.strip().strip("[]")) if isinstance(value, str) else None
    return None if read is None else float(read)


def _reason(value: Mapping[str, Any]) -> str:
    return next(
        (str(each) for name, each in value.items() if str(name).lower() in ("reason", "explanation", "rationale")), ""
    )


def _holding(text: str, key: str) -> Mapping[str, Any] | None:
    """Return an object that has a key of the protocol with a value that it does not have."""
    ruled: Ruled = ruled_object(text, lambda value: "there" if key in value else None, key, lambda _: None)
    return ruled.value

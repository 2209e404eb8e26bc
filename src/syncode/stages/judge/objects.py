"""The JSON object of a structured reply: which one rules, in what it is wrapped, and what of a broken one is still certain."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from json_repair import repair_json

from syncode.engines.structured import values
from syncode.stages.judge.marks import BESIDE, ValueOf, is_copied, page_of, words_in
from syncode.stages.judge.rulings import DISTANCING, OF_ANOTHER, REASONS, doubt_of, ruling_in
from syncode.stages.judge.vocabulary import Doubt
from syncode.stages.judge.wording import (
    ENDED,
    agrees,
    disowned,
    follows,
    introduces,
    last_sentence,
    names_an_answer,
    quotes,
    rules_before,
)

Says = Callable[[Mapping[str, Any]], Hashable | None]
"""What an object of the protocol says; None for any other object."""

MENDED = 20_000
"""Longest object that is mended, in characters (chosen here)."""
TWICE = "\0twice"
"""The key under which an object that gives one key two values holds the names of such keys."""
_FENCE = re.compile(r"[ \t]*(?:`{3,}|~{3,})[ \t]*\w*[ \t]*")
_NOTHING = re.compile(r"\A\s*(?://|#) ?(?:done|end|eof)\b.*", re.IGNORECASE)
"""What closes a reply that is code."""
_HANDED = re.compile(r"\b(?:json|object|verdict|result|reply|response|output|follows)\b[^.!?]*[:：]\s*$", re.IGNORECASE)
_WRAPPER = re.compile(
    r"(?:(?:final|my|overall|json)[_ -]?)?(?:verdict|results?|output|response|reply|judge?ment|evaluation|assessment"
    r"|decision|comparison|ruling"
    r"|label|json|object|data|arguments|parameters|properties|value|final|grades?|ratings?|scores?|checklist|items)",
    re.IGNORECASE,
)
"""Names under which the object of a protocol may lie: under any other it is evidence (chosen here)."""
_FULL_WIDTH = str.maketrans(
    {
        "｛": "{",
        "｝": "}",
        "［": "[",
        "］": "]",
        "：": ":",
        "，": ",",
        "＂": '"',
        "“": '"',
        "”": '"',
        "‘": "'",
        "’": "'",
    }
)
_OPENS = re.compile(r"^[ \t]*[{\[｛［]", re.MULTILINE)


@dataclass(frozen=True)
class Ruled:
    """The object that rules. `state` is `ok`, `none` without any object of the protocol, `conflicting` or `broken`."""

    state: str
    value: Mapping[str, Any] | None = None
    said: Hashable | None = None
    found: tuple[Hashable, ...] = ()


def ruled_object(text: str, says: Says, key: str, value_of: ValueOf, standing: Collection[str] | None = None) -> Ruled:
    """Return the object of a visible reply that rules: the whole reply, or its one object among the judge's own words.

    Two objects that say different things conflict, and so does one that is introduced as a quotation or says what stands in an
    answer and is not the whole reply. A broken object is repaired only if it names `key` once and its value is complete.
    """
    text = _unwrapped(text)
    found = [(said, value, start, end) for said, value, start, end in _objects(text, says) if said is not None]
    if not found:
        return _repaired(text, says, key, value_of, standing)
    all_said = tuple(said for said, *_ in found)
    said, value, start, end = found[-1]
    if len(set(all_said)) > 1 or key in value.get(TWICE, ()):
        return Ruled("conflicting", found=all_said)
    if not _rules(text[:start], text[end:], said, value_of, standing):
        return Ruled("conflicting", found=all_said)
    return Ruled("ok", value, said, all_said)


def _rules(before: str, behind: str, said: Hashable, value_of: ValueOf, standing: Collection[str] | None) -> bool:
    """Return whether an object between these texts is the judge's own."""
    before, behind = _without_fence(before, ends=True), _without_fence(behind, ends=False)
    line, beside = before[-BESIDE:].rpartition("\n")[2], behind[:BESIDE].partition("\n")[0]
    if line.lstrip().startswith(">") or is_copied(before):
        return False
    if not words_in(before) and not words_in(_NOTHING.sub("", behind)):
        return True
    label = said if isinstance(said, str) else ""
    if DISTANCING.match(behind):
        return False
    if (standing and label in standing) or (
        behind and any(mark.value != label for mark in page_of(behind, value_of).marks)
    ):
        return False
    if len(behind.split()) > REASONS or disowned(behind, label) or not follows(beside, label, named=False):
        return False
    earlier = ruling_in(before, value_of).value if words_in(before) else None
    if earlier is not None and label and earlier != label:
        return False
    if words_in(line):
        sentence = last_sentence(line)
        finished = ENDED.search(line) is not None and agrees(sentence, label) and not OF_ANOTHER.search(sentence)
        return _is_handed(line) or finished or rules_before(sentence, label)
    above = next((each for each in reversed(before[-BESIDE:].splitlines()) if words_in(each)), "")
    if _is_handed(above) or rules_before(last_sentence(above), label):
        return True
    return not introduces(above, label, gap=before.endswith("\n\n"), doubt=max(doubt_of(label, standing), Doubt.SOME))


def _is_handed(line: str) -> bool:
    """Return whether a line hands over the judge's own object: it names it, and nothing of somebody else's."""
    sentence = last_sentence(line)
    return _HANDED.search(line) is not None and not quotes(sentence) and not names_an_answer(sentence)


def _without_fence(text: str, *, ends: bool) -> str:
    """Return a text without the fence at its end, or at its beginning: it holds the object."""
    lines = text.rstrip().splitlines() if ends else text.lstrip().splitlines()
    place = -1 if ends else 0
    if lines and _FENCE.fullmatch(lines[place]):
        del lines[place]
        rest = "\n".join(lines)
        return rest + "\n" if ends and lines else rest if ends else f"\n{rest}"
    return text


def _unwrapped(text: str) -> str:
    """Return a reply without the quotes of a JSON string around an object."""
    text = text.strip()
    if text.startswith('"') and "{" in text:
        try:
            inner = json.loads(text)
        except json.JSONDecodeError:
            return text
        return inner.strip() if isinstance(inner, str) else text
    return text


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object; keys that it gives two different values are named under TWICE."""
    whole = dict(pairs)
    twice = [name for name, value in pairs if whole[name] != value]
    return {**whole, TWICE: twice} if twice else whole


_DECODER = json.JSONDecoder(strict=False, object_pairs_hook=_pairs)


def _objects(text: str, says: Says) -> Iterator[tuple[Hashable | None, Mapping[str, Any], int, int]]:
    for value, start, end in values(text, _DECODER):
        for inner in _within(value, says, 0):
            yield says(inner), inner, start, end


def _within(value: Any, says: Says, depth: int) -> Iterator[Mapping[str, Any]]:
    """Yield the objects of the protocol in a value: itself, or those in the lists, and under the usual names, that wrap it."""
    if isinstance(value, dict) and says(value) is not None:
        yield value
    elif isinstance(value, dict | list) and depth < 3:
        wrapped = (
            [each for name, each in value.items() if _WRAPPER.fullmatch(name)] if isinstance(value, dict) else value
        )
        for each in wrapped:
            yield from _within(each, says, depth + 1)


def _repaired(text: str, says: Says, key: str, value_of: ValueOf, standing: Collection[str] | None) -> Ruled:
    """Return what a broken object says, if that does not depend on how it is mended."""
    opening = _OPENS.search(text)
    if opening is None:
        return Ruled("none")
    if len(text) - opening.start() > MENDED:
        return Ruled("broken")
    for body in dict.fromkeys((text[opening.start() :], text[opening.start() :].translate(_FULL_WIDTH))):
        quoted = rf"""["'”’\]\d{{](?:[\s,;]|/\*[^*]*\*/){{0,40}}["'“”]{key}["'“”]\s*:"""
        named = list(re.finditer(rf"""{quoted}|[{{"'”’]\s*,?\s*\b{key}\s*:""", body, re.IGNORECASE))
        if len(re.findall(rf"\b{key}\b[\"'“”]?\s*:", body, re.IGNORECASE)) != 1 or len(named) != 1:
            continue
        given = re.match(
            r"""\s*(?P<value>"[^"\n]*"|'[^'\n]*'|“[^”\n]*”|\[[^\n]*?\]+|-?[\d./]+|[AB]\s*[<>=]{1,2}\s*[AB]\b)\s*(?P<rest>.*)""",
            body[named[0].end() :],
            re.DOTALL,
        )
        if given is None:
            continue
        end = named[0].end() + given.start("rest")
        closing = re.match(r"[\s,}\])`]*", body[end:])
        end += closing.end() if closing else 0
        value = repair_json(body[:end].rstrip("`\n "), return_objects=True, skip_json_loads=True)
        inner = next(_within(value, says, 0), None)
        if inner is not None:
            said = says(inner)
            whole = _rules(text[: opening.start()], body[end:], said, value_of, standing)
            return (
                Ruled("ok", inner, said, (said,)) if whole and said is not None else Ruled("conflicting", found=(said,))
            )
    return Ruled("broken" if re.search(r"[{｛]", text) else "none")

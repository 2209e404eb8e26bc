"""A user's own judging protocol, read from a TOML file: a rubric, its labels or scale, and how often it is asked."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any, get_args

from syncode.errors import DataError
from syncode.prompts import slots_in
from syncode.verdicts.labels import FIVE, VALUES
from syncode.verdicts.protocols import PROTOCOLS, Protocol, Reader, Score

_SLOTS = {"pair": ("question", "answer_a", "answer_b"), "answer": ("question", "answer")}
_MORE = ("token", "evidence", "length")
"""Slots that a prompt may have besides those that it must have."""
_KEYS: Mapping[str, type | tuple[type, ...]] = {
    "name": str,
    "prompt": str,
    "shows": str,
    "labels": (list, dict),
    "scale": list,
    "items": list,
    "games": int,
    "reader": str,
    "score": str,
    "opponents": str,
    "temperature": (int, float),
    "max_tokens": int,
}


def protocol_in(text: str, file: str) -> Protocol:
    """Return the protocol that a TOML text describes. Raises DataError with the file's name and what to change.

    Keys: `prompt` (turns as in our prompt files, with the slots `$question`, `$answer_a` and `$answer_b`, or `$answer`), `name`,
    `shows` ("pair" or "answer"), `labels` (a list of the five, or a table of one's own words for them), `scale` ([1, 5]), `items`
    (names of a checklist), `games`, `reader` ("json" or "text"), `score` (how games are added up), `opponents`, `temperature`,
    `max_tokens`. What is left out is as in `pairwise` or `scoring`.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DataError(f"{file}: not TOML ({error})") from error
    _check_keys(table, file)
    shows = table.get("shows", "pair" if "labels" in table else "answer")
    if shows not in _SLOTS:
        raise DataError(f'{file}: shows = "{shows}": expected "pair" or "answer"')
    _check_prompt(table["prompt"], shows, file)
    words = _words(table.get("labels", FIVE), file) if shows == "pair" else {}
    scale = _scale(table.get("scale", [1, 10]), file)
    reader = _one_of("reader", table.get("reader", "json"), ("json", "text"), file)
    games = table.get("games", 2 if shows == "pair" else 1)
    if games not in (1, 2):
        raise DataError(f"{file}: games = {games}: expected 1 or 2 (both orders)")
    if shows == "answer" and "labels" in table:
        raise DataError(f'{file}: labels are for shows = "pair"; one answer gets a grade on a scale')
    name = table.get("name") or file.rpartition("/")[2].removesuffix(".toml")
    if name in PROTOCOLS:
        raise DataError(f'{file}: name = "{name}" is the name of a published protocol: choose another one')
    prompt = f"{name}@{blake2b(text.encode(), digest_size=4).hexdigest()}"
    return Protocol(
        name=name,
        prompt=prompt,
        prompt_json=prompt,
        score=_one_of("score", table.get("score", "pairwise" if shows == "pair" else "scoring"), get_args(Score), file),
        shows=shows,
        opponents=_one_of("opponents", table.get("opponents", "all"), ("baseline", "all"), file),
        games=games,
        labels=tuple(dict.fromkeys(words.values())),
        words=words,
        scale=scale,
        items=tuple(map(str, table.get("items", ()))),
        reader=_one_of("reader", reader, get_args(Reader), file),
        temperature=float(table.get("temperature", 0.0)),
        max_tokens=table.get("max_tokens", 2048),
        text=table["prompt"],
    )


def _check_keys(table: Mapping[str, Any], file: str) -> None:
    unknown = sorted(set(table) - set(_KEYS))
    if unknown:
        raise DataError(f"{file}: no key {', '.join(unknown)} in a protocol (there are {', '.join(_KEYS)})")
    if "prompt" not in table:
        raise DataError(
            f"{file}: a protocol needs `prompt`: what the judge gets, in turns that begin with [system] or [user]"
        )
    for name, value in table.items():
        if not isinstance(value, _KEYS[name]) or isinstance(value, bool):
            raise DataError(f"{file}: {name} = {value!r} is of another type than it should be")


def _check_prompt(text: str, shows: str, file: str) -> None:
    try:
        slots = slots_in(text)
    except ValueError as error:
        raise DataError(f"{file}: prompt: {error}") from error
    needed = _SLOTS[shows]
    lacking = [f"${name}" for name in needed if name not in slots]
    if lacking:
        raise DataError(f"{file}: the prompt never shows {', '.join(lacking)}")
    strange = sorted(slots - {*needed, *_MORE})
    if strange:
        known = ", ".join(f"${name}" for name in (*needed, *_MORE))
        raise DataError(f"{file}: the prompt has a slot ${strange[0]} (there are {known}; a dollar sign is written $$)")


def _words(labels: list[Any] | tuple[str, ...] | Mapping[str, Any], file: str) -> dict[str, str]:
    """Return what the judge writes -> the label that it means."""
    words = dict(labels) if isinstance(labels, Mapping) else {str(label): label for label in labels}
    wrong = next((word for word, label in words.items() if label not in VALUES), None)
    if wrong is not None:
        raise DataError(f'{file}: labels: "{wrong}" means {words[wrong]!r}: expected one of {", ".join(VALUES)}')
    if len(set(words.values())) < 2 or len({word.casefold() for word in words}) < len(words):
        raise DataError(f"{file}: labels: at least two different labels are needed, each under its own word")
    return words


def _scale(scale: list[Any], file: str) -> tuple[int, int]:
    if (
        len(scale) != 2
        or not all(isinstance(end, int) and not isinstance(end, bool) for end in scale)
        or scale[0] >= scale[1]
    ):
        raise DataError(f"{file}: scale = {scale}: expected two whole numbers, the lower one first")
    return scale[0], scale[1]


def _one_of(key: str, value: str, known: tuple[str, ...], file: str) -> Any:
    if value not in known:
        raise DataError(f'{file}: {key} = "{value}": expected {", ".join(known)}')
    return value

"""Verdicts from log-probabilities: the expected preference or grade over the tokens that a judge could have said."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping, Sequence

from syncode.verdicts.labels import VALUES

PAIR = {"A": "A>B", "B": "B>A"}
"""What a judge of pairs may say in one token; AlpacaEval 2 has `m` and `M` in their place."""
ENOUGH = 0.5
"""Least probability that all labels have together: below, the judge was about to say something else (chosen here)."""
TOP = {"pair": 5, "answer": 20}
"""Tokens asked for: AlpacaEval's 5 for a pair, the most that the OpenAI API gives for a scale."""
FEW_TOKENS = 4
"""Longest reply: a label with what a chat model may put around it (chosen here)."""

UNSEEN = 0.1
"""Most of the probability that may lie on a label that is not among the tokens seen (chosen here)."""
_LAYOUT = " \n\t\r*_[](){}<>\"'`.,:;/#▁ĠĊ"
"""What stands around a label in a token: layout, punctuation, and the signs of raw vocabularies for spaces and line ends."""

Places = Sequence[Mapping[str, float]]
"""The likeliest tokens at each place of a reply, the one that was said first, with their log-probabilities."""


def share(places: Places, words: Mapping[str, str]) -> float | None:
    """Return the expected preference for the answer shown first, in [0, 1], over what the judge could have said.

    `words` are what it may write -> the label. A token stands for a word if it begins this word and no other. None if the places
    hold no such tokens, or less than `ENOUGH` of the probability, or if a word that is not among the tokens may hold more than
    `UNSEEN` of it: a server that shows one token says nothing of the other.
    """
    mass = _masses(places, words)
    total = sum(mass.values())
    first = _first(places)
    if total < ENOUGH or first is None:
        return None
    seen = [math.exp(logprob) for logprob in places[first].values()]
    if len(mass) < len(words) and min(*seen, 1 - sum(seen)) > UNSEEN:
        return None
    return sum(p * (VALUES[words[word]] > 0 or 0.5 * (VALUES[words[word]] == 0)) for word, p in mass.items()) / total


def expected(places: Places, scale: tuple[int, int]) -> float | None:
    """Return the expected grade over the numbers of a scale, None if the judge was about to say something else.

    A tokenizer that writes 10 as 1 and 0 gives both the same first token: what it says next, if it said 1, tells them apart.
    If it said something else and 10 is not among the tokens, 1 may be either and counts as neither.
    """
    low, high = scale
    words = {str(number): "A=B" for number in range(low, high + 1)}
    first = _first(places)
    if first is None:
        return None
    mass: dict[int, float] = {}
    for token, logprob in places[first].items():
        if (number := _said(token)) in words:
            mass[int(number)] = mass.get(int(number), 0.0) + math.exp(logprob)
    said = _said(next(iter(places[first])))
    for short in [number for number in mass if str(number) != said]:
        if any(word != str(short) and word.startswith(str(short)) and int(word) not in mass for word in words):
            del mass[short]
    longer = [word for word in words if word != said and word.startswith(said)]
    if said in words and longer and first + 1 < len(places):
        whole = mass[int(said)]
        for token, logprob in places[first + 1].items():
            number = said + _said(token)
            if number != said and number in longer:
                part = whole * math.exp(logprob)
                mass[int(number)] = mass.get(int(number), 0.0) + part
                mass[int(said)] -= part
    total = sum(mass.values())
    return sum(number * p for number, p in mass.items()) / total if total >= ENOUGH else None


def _masses(places: Places, words: Mapping[str, str]) -> dict[str, float]:
    first = _first(places)
    mass: dict[str, float] = {}
    for token, logprob in places[first].items() if first is not None else ():
        said = _said(token).casefold()
        meant = [word for word in words if said and word.casefold().startswith(said)]
        if len(meant) == 1:
            mass[meant[0]] = mass.get(meant[0], 0.0) + math.exp(logprob)
    return mass


def _first(places: Places) -> int | None:
    """Return the first place where more than space and layout was said."""
    return next((at for at, top in enumerate(places) if top and _said(next(iter(top)))), None)


def _said(token: str) -> str:
    """Return what a token says, without layout and in plain signs."""
    return unicodedata.normalize("NFKC", token).strip(_LAYOUT)

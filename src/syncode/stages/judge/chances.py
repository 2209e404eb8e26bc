"""Verdicts from log-probabilities: the expected preference or grade over the tokens that a judge could have said."""

from __future__ import annotations

import math
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

Places = Sequence[Mapping[str, float]]
"""The likeliest tokens at each place of a reply, the one that was said first, with their log-probabilities."""


def share(places: Places, words: Mapping[str, str]) -> float | None:
    """Return the expected preference for the answer shown first, in [0, 1], over what the judge could have said.

    `words` are what it may write -> the label. A token stands for a word if it begins this word and no other. None if the places
    hold no such tokens, or less than `ENOUGH` of the probability.
    """
    mass = _masses(places, words)
    total = sum(mass.values())
    if total < ENOUGH:
        return None
    return sum(p * (VALUES[words[word]] > 0 or 0.5 * (VALUES[words[word]] == 0)) for word, p in mass.items()) / total


def expected(places: Places, scale: tuple[int, int]) -> float | None:
    """Return the expected grade over the numbers of a scale, None if the judge was about to say something else.

    A tokenizer that writes 10 as 1 and 0 gives both the same first token: what it says next, if it said 1, tells them apart.
    """
    low, high = scale
    words = {str(number): "A=B" for number in range(low, high + 1)}
    first = _first(places)
    if first is None:
        return None
    mass: dict[int, float] = {}
    for token, logprob in places[first].items():
        if token.strip() in words:
            mass[int(token)] = mass.get(int(token), 0.0) + math.exp(logprob)
    said = next(iter(places[first])).strip()
    longer = [word for word in words if word != said and word.startswith(said)]
    if said in words and longer and first + 1 < len(places):
        whole = mass[int(said)]
        for token, logprob in places[first + 1].items():
            number = said + token.strip()
            if token.strip() and number in longer:
                part = whole * math.exp(logprob)
                mass[int(number)] = mass.get(int(number), 0.0) + part
                mass[int(said)] -= part
    total = sum(mass.values())
    return sum(number * p for number, p in mass.items()) / total if total >= ENOUGH else None


def _masses(places: Places, words: Mapping[str, str]) -> dict[str, float]:
    first = _first(places)
    mass: dict[str, float] = {}
    for token, logprob in places[first].items() if first is not None else ():
        said = token.strip(" \n\t*[\"'`").casefold()
        meant = [word for word in words if said and word.casefold().startswith(said)]
        if len(meant) == 1:
            mass[meant[0]] = mass.get(meant[0], 0.0) + math.exp(logprob)
    return mass


def _first(places: Places) -> int | None:
    """Return the first place where more than space and layout was said."""
    return next((at for at, top in enumerate(places) if top and next(iter(top)).strip(" \n\t*[\"'`")), None)

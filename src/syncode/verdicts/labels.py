"""The five labels of a pairwise verdict and what they are worth, always from the side of `model_a`."""

from __future__ import annotations

from collections.abc import Mapping

from syncode.schemas.records import Row

FIVE = ("A>>B", "A>B", "A=B", "B>A", "B>>A")
THREE = ("A>B", "A=B", "B>A")
VALUES: Mapping[str, int] = {"A>>B": 2, "A>B": 1, "A=B": 0, "B>A": -1, "B>>A": -2}
MIRROR: Mapping[str, str] = {
    "A<B": "B>A",
    "A<<B": "B>>A",
    "B<A": "A>B",
    "B<<A": "A>>B",
    "B=A": "A=B",
}
"""Other ways to write the five labels (arena judges use them now and then)."""

GIVEN = ("ok", "empty_answer", "identical")
"""States that count: a label that was read, a loss by an empty answer, a tie of equal answers. Every other one is missing."""

ABOUT = ("category", "subcategory", "difficulty", "language")
"""Labels of a question that every report knows; others are found by name."""

_A_FIRST = {"", "ab", "a", "a_first", "original", "baseline_first", "candidate_first", "given", "exchanged"}
_B_FIRST = {"ba", "b", "b_first", "swapped"}


def canonical(label: str) -> str | None:
    """Return the label in its usual spelling, None if it is none of the five: `b < a` is `A>B`."""
    bare = "".join(label.split()).upper()
    bare = MIRROR.get(bare, bare)
    return bare if bare in VALUES else None


def flipped(label: str) -> str:
    """Return the label with the two models exchanged."""
    return {"A>>B": "B>>A", "A>B": "B>A", "A=B": "A=B", "B>A": "A>B", "B>>A": "A>>B"}[label]


def counts(row: Row) -> bool:
    """Return whether a verdict row holds a result: its state counts and it has a label or a share."""
    return row.get("state", "ok") in GIVEN and (row.get("share") is not None or row.get("label") is not None)


def a_stands_first(order: str | None) -> bool | None:
    """Return whether the answer of `model_a` was shown first, None if `order` is a word that we do not know.

    Rows written by `judge` always show `model_a` first; rows from elsewhere may hold `ba` or `swapped`.
    """
    name = (order or "").strip().lower()
    if name in _A_FIRST:
        return True
    return False if name in _B_FIRST else None

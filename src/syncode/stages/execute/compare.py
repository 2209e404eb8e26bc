"""Compares what a program wrote, or a function returned, with what is expected. Runs outside of every sandbox.

* `lines` (default): the same lines; blanks at their ends and empty lines at the end do not count.
* `tokens`: the same words, however they are separated.
* `numbers`: as `tokens`; numbers may be written in another way, and those with a point or an exponent be off by the tolerance.
* `fields`: as `numbers`, with the same words on the same lines and a tolerance of 0, which is what LiveCodeBench does.
* `exact`: the same characters.
"""

import math
import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from syncode.text.cases import TOLERANCE, Comparison

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,6})?", re.ASCII)
SHOWN = 80
"""Characters of an output that a reason shows (chosen here)."""


def difference(output: str, expected: str, comparison: Comparison) -> str:
    """Return what is wrong with an output, for people; empty if it is right."""
    if comparison.how == "exact":
        return "" if output == expected else "it is not the same to the character"
    if comparison.ignore_case:
        output, expected = output.casefold(), expected.casefold()
    given, wanted = _lines(output), _lines(expected)
    if given == wanted:
        return ""
    if not given and wanted:
        return f"it wrote nothing, expected {shown(wanted[0])}"
    if comparison.how == "lines":
        return _first(given, wanted, "line")
    if comparison.how == "fields":
        return _by_fields(given, wanted)
    words, others = output.split(), expected.split()
    if comparison.how == "tokens":
        return _first(words, others, "word") if words != others else ""
    return _by_numbers(words, others, comparison.tolerance)


def _lines(text: str) -> list[str]:
    """Return lines without the blanks at their ends, and without empty ones at the end."""
    lines = [line.rstrip() for line in text.replace("\r\n", "\n").split("\n")]
    while lines and not lines[-1]:
        lines.pop()
    return lines


def _first(given: Sequence[str], wanted: Sequence[str], unit: str) -> str:
    """Return the first place where two lists differ."""
    for number, (one, other) in enumerate(zip(given, wanted, strict=False), 1):
        if one != other:
            return f"{unit} {number}: {shown(one)}, expected {shown(other)}"
    return f"{len(given)} {unit}s, expected {len(wanted)}"


def _by_fields(given: list[str], wanted: list[str]) -> str:
    given, wanted = "\n".join(given).strip().split("\n"), "\n".join(wanted).strip().split("\n")
    if len(given) != len(wanted):
        return _first(given, wanted, "line")
    for number, (one, other) in enumerate(zip(given, wanted, strict=True), 1):
        if _by_numbers(one.split(), other.split(), 0.0):
            return f"line {number}: {shown(one)}, expected {shown(other)}"
    return ""


def _by_numbers(given: Sequence[str], wanted: Sequence[str], tolerance: float) -> str:
    for number, (one, other) in enumerate(zip(given, wanted, strict=False), 1):
        if one != other and not _close(one, other, tolerance):
            return f"word {number}: {shown(one)}, expected {shown(other)}"
    return "" if len(given) == len(wanted) else f"{len(given)} words, expected {len(wanted)}"


def _close(given: str, wanted: str, tolerance: float) -> bool:
    """Return whether two words are equal numbers, or close ones where the expected one is written as a real number."""
    if not (_NUMBER.fullmatch(given) and _NUMBER.fullmatch(wanted)):
        return False
    if Decimal(given) == Decimal(wanted):
        return True
    is_real = not wanted.lstrip("+-").isdigit()
    return is_real and tolerance > 0 and _near(float(given), float(wanted), tolerance)


def _near(given: float, wanted: float, tolerance: float) -> bool:
    """Return whether a number is off by no more than the tolerance, absolute or relative to what is expected."""
    try:
        return math.isfinite(given + wanted) and abs(given - wanted) <= tolerance * max(1.0, abs(wanted))
    except OverflowError:  # an integer beyond the floats
        return False


def same_value(given: Any, wanted: Any) -> bool:
    """Return whether a function returned what is expected: equal JSON values, numbers with a fraction within 1e-6.

    APPS keeps a result in a list of one; LiveCodeBench takes a tuple for a list, as JSON does.
    """
    return _same(given, wanted) or (isinstance(wanted, list) and len(wanted) == 1 and _same(given, wanted[0]))


def _same(given: Any, wanted: Any) -> bool:
    if isinstance(wanted, list):
        alike = isinstance(given, list) and len(given) == len(wanted)
        return alike and all(_same(one, other) for one, other in zip(given, wanted, strict=True))
    if isinstance(wanted, dict):
        alike = isinstance(given, dict) and given.keys() == wanted.keys()
        return alike and all(_same(given[key], wanted[key]) for key in wanted)
    if isinstance(wanted, float) and isinstance(given, int | float):
        return given == wanted or _near(given, wanted, TOLERANCE)
    return bool(given == wanted)


def shown(text: object) -> str:
    """Return a value for a reason, cut where it is long."""
    said = repr(text)
    return said if len(said) <= SHOWN else f"{said[: SHOWN - 4]}...{said[-1]}"

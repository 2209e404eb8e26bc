"""Compares outputs as EvalPlus does; also sent into the sandbox as text, so it stands alone.

The rules, tolerances and the list of special tasks are EvalPlus's (evalplus/eval/__init__.py and _special_oracle.py, version
0.3.1); the code is ours. `allclose` there is numpy's with rtol 1e-7: |out - expected| <= atol + rtol * |expected|.
"""

import array  # noqa: F401 - expected outputs are evaluated here, as `repr` writes them: Counter({...}), deque([...])
import cmath
import contextlib
import datetime  # noqa: F401
import math
from collections import Counter, OrderedDict, defaultdict, deque  # noqa: F401
from collections.abc import Callable, Sequence
from decimal import Decimal  # noqa: F401
from fractions import Fraction  # noqa: F401
from typing import Any

Check = Callable[[str], contextlib.AbstractContextManager[None]]
"""Makes the context in which one case runs."""
RELATIVE = 1e-7
FLOATS = 1e-6  # absolute tolerance for floats where the task gives none
NOT_NONE = {"check_str", "text_match_three", "text_starta_endb"}
AS_SETS = {
    "similar_elements", "find_char_long", "common_in_nested_lists", "extract_singly", "larg_nnum", "intersection_array",
    "find_dissimilar", "Diff",
}  # fmt: skip


def judge(
    candidate: Callable[..., Any], cases: Sequence[tuple[list[Any], Any]], name: str, atol: float, check: Check
) -> None:
    """Call the candidate with each case's arguments; each runs in a `check`; AssertionError for a wrong output."""
    for number, (arguments, expected) in enumerate(cases):
        shown = repr(arguments)[:200]  # before the call: the candidate may change its arguments
        given = eval(repr(arguments), {"nan": math.nan, "inf": math.inf}) if name in JUDGED_BY_INPUT else arguments  # noqa: S307
        with check(f"case {number}"):
            output = candidate(*arguments)
            if atol == 0 and floats(expected):
                atol = FLOATS
            assert right(output, expected, given, name, atol), (
                f"case {number}: {name}(*{shown}) gave {output!r:.200}, expected {expected!r:.200}"
            )


def floats(value: Any) -> bool:
    """Return whether a value is a float, or a list or tuple of nothing else."""
    if isinstance(value, list | tuple):
        return bool(value) and all(isinstance(each, float) for each in value)
    return isinstance(value, float)


def right(output: Any, expected: Any, arguments: list[Any], name: str, atol: float) -> bool:
    """Return whether an output is right: by the task's own rule where it has one, else equal or close."""
    if name == "find_zero":
        value: float = sum(factor * math.pow(output, power) for power, factor in enumerate(arguments[0]))
        return abs(value) <= atol
    if name in AS_SETS:
        return set(output) == set(expected)
    if name in NOT_NONE:
        return bool(output == expected if isinstance(output, bool) else expected == (output is not None))
    if name in JUDGED_BY_INPUT and JUDGED_BY_INPUT[name](output, arguments, atol):
        return True
    return bool(output == expected) or (atol != 0 and type(output) is type(expected) and close(output, expected, atol))


def close(output: Any, expected: Any, atol: float) -> bool:
    """Compare numbers, and lists of them element by element."""
    if isinstance(expected, list | tuple):
        same = isinstance(output, list | tuple) and len(output) == len(expected)
        return same and all(close(one, other, atol) for one, other in zip(output, expected, strict=True))
    if not isinstance(output, int | float | complex) or not isinstance(expected, int | float | complex):
        return False
    if cmath.isinf(expected) or cmath.isinf(output):
        return output == expected
    return abs(output - expected) <= atol + RELATIVE * abs(expected)


def _pyramid(output: Any, arguments: list[Any], atol: float) -> bool:
    """Mbpp/581, with the height read as the distance from the base to the tip."""
    base, height = arguments
    return bool(abs(output - round(base**2 + 2 * base * math.sqrt((base / 2) ** 2 + height**2))) <= atol)


def _digits(output: Any, arguments: list[Any], atol: float) -> bool:
    """Mbpp/558, with the shorter number filled up by zeros."""
    first, second = map(str, arguments)
    width = max(len(first), len(second))
    pairs = zip(first.zfill(width), second.zfill(width), strict=True)
    return bool(output == sum(abs(int(one) - int(other)) for one, other in pairs))


JUDGED_BY_INPUT: dict[str, Callable[[Any, list[Any], float], bool]] = {
    "find_zero": lambda output, arguments, atol: False,  # judged by the arguments alone, in `right`
    "are_equivalent": lambda output, arguments, atol: True,
    "sum_div": lambda output, arguments, atol: bool(output == 0),
    "surface_Area": _pyramid,
    "digit_distance_nums": _digits,
}

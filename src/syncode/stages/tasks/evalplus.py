"""The inputs of EvalPlus as Python source, because JSON cannot say what they are.

They hold integers of any size, `NaN` and infinity, and MBPP+ writes tuples, sets and complex numbers as lists and text
and turns them back by task number when it loads them (`mbpp_deserialize_inputs` in evalplus/data/mbpp.py). The table of
numbers is theirs, the notation is ours.
"""

from collections.abc import Callable, Iterable
from typing import Any

Shape = Callable[[Any], Any]


def _same(value: Any) -> Any:
    return value


def _tuples(value: Any) -> list[Any]:
    return [tuple(each) for each in value]


def _tuple_of_tuples(value: Any) -> tuple[Any, ...]:
    return tuple(_tuples(value))


def _rows(value: Any) -> tuple[Any, ...]:
    return tuple(tuple(each) if isinstance(each, list) else each for each in value)


def _sets(value: Any) -> list[Any]:
    return [set(each) if isinstance(each, list) and each else {} for each in value]


def _values(value: Any) -> dict[str, Any]:
    return {key: tuple(each) for key, each in value.items()}


def _deep(value: Any) -> Any:
    return tuple(map(_deep, value)) if isinstance(value, list) else value


def _numbers(shapes: tuple[Shape, ...], *numbers: int) -> dict[int, tuple[Shape, ...]]:
    return dict.fromkeys(numbers, shapes)


SHAPES: dict[int, tuple[Shape, ...]] = {  # MBPP number -> the shape of each argument; the last one holds for the rest
    **_numbers((tuple,), 2, 116, 132, 143, 222, 261, 273, 394, 399, 421, 424, 429, 470, 560, 579, 596),
    **_numbers((tuple,), 616, 630, 726, 740, 744, 809),
    **_numbers((_tuples,), 63, 64, 70, 94, 120, 237, 272, 299, 400, 409, 417, 438, 473, 614, 780),
    **_numbers((_tuples, _same), 75, 413, 444, 753),
    **_numbers((_same, tuple), 106, 750),
    **_numbers((_sets,), 115),
    **_numbers((float, complex), 124),
    **_numbers((complex,), 252),
    **_numbers((tuple, _same), 250, 307, 405, 446, 617, 720, 763, 808),
    **_numbers((_tuple_of_tuples,), 259, 401, 445),
    **_numbers((_rows,), 278),
    **_numbers((_values, _same), 722),
    **_numbers((_deep,), 580, 615, 791),
}


def inputs_source(inputs: Iterable[list[Any]], mbpp_number: int | None = None) -> str:
    """Return a list of argument lists as Python source, evaluated with `nan` and `inf` defined as floats."""
    shapes = SHAPES.get(mbpp_number, (_same,)) if mbpp_number is not None else (_same,)
    return literal([_shaped(arguments, shapes) for arguments in inputs])


def _shaped(arguments: list[Any], shapes: tuple[Shape, ...]) -> list[Any]:
    padded = (*shapes, *[shapes[-1]] * (len(arguments) - len(shapes)))
    return [shape(argument) for shape, argument in zip(padded, arguments, strict=False)]


def literal(value: Any) -> str:
    """Return a value as Python source; equal values, equal text (a set is written in the order of its elements' text)."""
    if isinstance(value, list):
        return f"[{', '.join(map(literal, value))}]"
    if isinstance(value, tuple):
        return f"({', '.join(map(literal, value))}{',' if len(value) == 1 else ''})"
    if isinstance(value, set):
        return f"{{{', '.join(sorted(map(literal, value)))}}}"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{literal(key)}: {literal(each)}' for key, each in value.items())}}}"
    return repr(value)

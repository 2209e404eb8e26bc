"""Checks a row against its TypedDict, once at each edge, and says in one line what is wrong."""

import types
from collections.abc import Callable
from functools import cache
from typing import Any, Literal, NotRequired, Required, Union, get_args, get_origin, get_type_hints, is_typeddict

Test = Callable[[object], bool]
"""Whether a value is of the declared type."""


@cache
def checker(
    record: type, without: tuple[str, ...] = (), *, partial: bool = False, name: str = ""
) -> Callable[[object], str | None]:
    """Return a function that says what is wrong with a row, or None if nothing is.

    Keys in `without` are not looked at; if `partial`, no key need be there. `name` is what people call the record.

    Only declared keys are looked at: a missing required key or a value of the wrong type is an error, an unknown key
    is not.
    """
    needed: set[str] = set()
    if not partial:
        needed = record.__required_keys__ - set(without)  # type: ignore[attr-defined]
    fields = [(key, key in needed, kind, _test(kind)) for key, kind in hints(record).items() if key not in without]
    name = name or record.__name__

    def check(row: object) -> str | None:
        if not isinstance(row, dict):
            return f"a {name} is a JSON object, this is {_called(row)}"
        for key, required, kind, test in fields:
            if key not in row:
                if required:
                    return f"no {key!r} (a {name} needs {', '.join(sorted(needed))})"
            elif not test(row[key]):
                return f"{key!r} should be {called(kind)}, is {_called(row[key])}"
        return None

    return check


@cache
def never_null(record: type) -> frozenset[str]:
    """Return the keys of a record that may be left out and whose values are never null: null means there that they are not."""
    optional: frozenset[str] = record.__optional_keys__  # type: ignore[attr-defined]
    return frozenset(key for key, kind in hints(record).items() if key in optional and not _test(kind)(None))


@cache
def hints(record: type) -> dict[str, Any]:
    """Return the declared type of each key, without the NotRequired and Required wrappers."""
    return {key: _bare(kind) for key, kind in get_type_hints(record, include_extras=True).items()}


def _bare(kind: Any) -> Any:
    return get_args(kind)[0] if get_origin(kind) in (NotRequired, Required) else kind


def _test(kind: Any) -> Test:
    origin, inner = get_origin(kind), get_args(kind)
    if kind is Any:
        return lambda value: True
    if is_typeddict(kind):
        whole = checker(kind)
        return lambda value: whole(value) is None
    if origin in (Union, types.UnionType):
        tests = [_test(part) for part in inner]
        return lambda value: any(test(value) for test in tests)
    if origin is Literal:
        return lambda value: value in inner
    if origin is list:
        each = _test(inner[0])
        return lambda value: isinstance(value, list) and all(map(each, value))
    if origin is dict:
        each = _test(inner[1])
        return lambda value: isinstance(value, dict) and all(map(each, value.values()))
    if kind is float:
        return lambda value: isinstance(value, int | float) and not isinstance(value, bool)
    if kind is int:
        return lambda value: isinstance(value, int) and not isinstance(value, bool)
    return lambda value: isinstance(value, kind)


def called(kind: Any) -> str:
    """Return a type's name as a person would say it of JSON."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return " or ".join(called(part) for part in inner)
    if origin is Literal:
        return "one of " + ", ".join(map(str, inner))
    if origin is list:
        return f"a list of {called(inner[0])}"
    if is_typeddict(kind):
        return f"{kind.__name__} {{{', '.join(sorted(kind.__required_keys__))}}}"
    names = {str: "text", int: "a whole number", float: "a number", bool: "true or false", types.NoneType: "null"}
    return names.get(kind, "an object" if origin is dict else "any value")


def _called(value: object) -> str:
    names = {str: "text", int: "a number", float: "a number", bool: "true or false", dict: "an object", list: "a list"}
    return "null" if value is None else names.get(type(value), type(value).__name__)

"""Values between the process of the tests and the process of the answer: a closed set of types, written as JSON and rebuilt.

Nothing is ever unpickled. What the set does not hold stays where it is and crosses as a reference (`{"h": number, ...}`), which
the `Side` that owns the object gives out and the other one stands a proxy for. The forms of `encode`, one key per type, are
read by `decode` alone.
"""

from __future__ import annotations

import builtins
import json
import os
import struct
import sys
import types
from collections.abc import Callable
from typing import Any, Protocol

HEADER = struct.Struct(">II")
READ = 1 << 12
"""Bytes that are read at once where no more is known to come (chosen here): most messages, and one page of memory."""
PIPE = 1 << 16
"""Bytes that a pipe holds (Linux)."""
MOST = 1 << 28
"""Bytes of the largest message (chosen here): a result of 256 MiB is none that a test can mean."""
EXACT = 1 << 53
"""Whole numbers up to this size are written in decimal; larger ones in hexadecimal, which has no limit on digits."""

SHARED = {
    "bisect", "builtins", "cmath", "collections", "copy", "datetime", "decimal", "fractions", "functools", "heapq", "itertools",
    "json", "math", "numpy", "operator", "random", "re", "statistics", "string", "typing",
}  # fmt: skip
"""Modules of which both processes have their own copy: a function or class of theirs crosses by name (chosen here)."""
REFUSED = {
    "eval",
    "exec",
    "compile",
    "open",
    "input",
    "__import__",
    "globals",
    "locals",
    "vars",
    "breakpoint",
    "exit",
    "quit",
}
"""Builtins that would act on the process that they cross to."""


class Side(Protocol):
    """One of the two processes: gives references to its own objects, and stands something for those of the other one."""

    def lend(self, value: object) -> Any:
        """Return the JSON form of an object that cannot cross."""

    def borrow(self, form: dict[str, Any]) -> Any:
        """Return what stands for an object of the other process, or the own one that comes home."""


class Closed(BaseException):
    """The other process is gone."""


class Foreign(BaseException):
    """A message that this protocol does not know; no test that expects an exception can mean this one."""


_PLAIN = (False, False, True)
"""Keys as they come, none left out, NaN allowed: the flags of `json`'s encoder."""
_encoder = json.JSONEncoder(separators=(",", ":"))
# What `encode` makes anew for each text, and half of its time: markers, default, strings, indent, separators, flags.
_make = json.encoder.c_make_encoder  # type: ignore[attr-defined]
_written = _make and _make(None, _encoder.default, json.encoder.encode_basestring_ascii, None, ":", ",", *_PLAIN)
_scan = json.JSONDecoder().scan_once  # type: ignore[attr-defined]


def dumps(form: Any) -> bytes:
    """Write a form as ASCII; NaN and the infinities as Python's `json` reads them."""
    return ("".join(_written(form, 0)) if _written else _encoder.encode(form)).encode("ascii")


def loads(text: bytes) -> Any:
    """Read what `dumps` writes. Raises ValueError, RecursionError."""
    written = text.decode("ascii")
    try:
        form, end = _scan(written, 0)
    except StopIteration:
        end = -1
    if end != len(written):
        raise ValueError("not a JSON text")
    return form


def message(head: Any, body: bytes = b"") -> bytes:
    """Return a message of two JSON texts as it is sent; the first may be written already."""
    first = head if isinstance(head, bytes) else dumps(head)
    return HEADER.pack(len(first), len(body)) + first + body


def send(descriptor: int, data: bytes) -> None:
    """Write messages. Raises Closed."""
    view = memoryview(data)
    try:
        while view:
            view = view[os.write(descriptor, view) :]
    except BrokenPipeError:
        raise Closed from None


class Incoming:
    """The messages that come in over a pipe."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._data = b""

    @property
    def waiting(self) -> bool:
        """Whether a message, or its beginning, has been read already."""
        return bool(self._data)

    def next(self) -> tuple[Any, bytes]:
        """Return the next message: the first text read, the second as it is. Raises Closed, Foreign."""
        self._fill(HEADER.size)
        first, second = HEADER.unpack_from(self._data)
        if first + second > MOST:
            raise Foreign("a value of more than 256 MiB")
        middle, end = HEADER.size + first, HEADER.size + first + second
        self._fill(end)
        head, body, self._data = self._data[HEADER.size : middle], self._data[middle:end], self._data[end:]
        try:
            return loads(head), body
        except (ValueError, RecursionError) as problem:
            raise Foreign(str(problem)) from None

    def _fill(self, count: int) -> None:
        if len(self._data) >= count:
            return
        parts = bytearray(self._data)
        while len(parts) < count:
            part = os.read(self._descriptor, max(READ, min(count - len(parts), 1 << 20)))
            if not part:
                raise Closed
            parts += part
        self._data = bytes(parts)


def encode(value: Any, side: Side) -> Any:
    """Return the JSON form of a value; RecursionError for one that is nested too deep, or in itself."""
    kind = type(value)
    if value is None or kind is bool or kind is str or kind is float:
        return value
    if kind is int:
        return value if -EXACT < value < EXACT else {"i": hex(value)}
    if kind is list:
        return [encode(each, side) for each in value]
    write = _WRITERS.get(kind)
    if write is not None:
        return write(value, side)
    return _rarer(value, kind, side)


def _items(value: Any, side: Side) -> list[Any]:
    return [encode(each, side) for each in value]


def _pairs(value: Any, side: Side) -> list[Any]:
    return [[encode(key, side), encode(each, side)] for key, each in value.items()]


_WRITERS: dict[type, Callable[[Any, Side], Any]] = {
    tuple: lambda value, side: {"t": _items(value, side)},
    dict: lambda value, side: {"d": _pairs(value, side)},
    set: lambda value, side: {"s": _items(value, side)},
    frozenset: lambda value, side: {"z": _items(value, side)},
    bytes: lambda value, side: {"y": value.decode("latin-1")},
    bytearray: lambda value, side: {"Y": value.decode("latin-1")},
    complex: lambda value, side: {"c": [value.real, value.imag]},
    range: lambda value, side: {"r": [encode(each, side) for each in (value.start, value.stop, value.step)]},
    slice: lambda value, side: {"l": [encode(each, side) for each in (value.start, value.stop, value.step)]},
    type(...): lambda value, side: {"e": "Ellipsis"},
    type(NotImplemented): lambda value, side: {"e": "NotImplemented"},
    type({}.keys()): lambda value, side: {"k": _items(value, side)},
}


def _rarer(value: Any, kind: type, side: Side) -> Any:
    module, name = kind.__module__, kind.__name__
    if kind is types.ModuleType:
        return {"M": value.__name__} if _both_have(value.__name__) else side.lend(value)
    if isinstance(value, type):
        return _named(value, getattr(value, "__qualname__", "")) or side.lend(value)
    if kind in (types.FunctionType, types.BuiltinFunctionType):
        return _named(value, getattr(value, "__qualname__", "")) or side.lend(value)
    if (module, name) in _LIBRARY and kind is getattr(sys.modules.get(module), name, None):
        return _LIBRARY[module, name](value, side)
    if module == "numpy" or (module.startswith("numpy.") and "numpy" in sys.modules):
        numpy = sys.modules["numpy"]
        if kind is numpy.ndarray:
            return _array(value, side)
        if isinstance(value, numpy.generic) and not value.dtype.hasobject:
            return {"g": [_dtype(value.dtype), value.tobytes().decode("latin-1")]}
    fields = getattr(kind, "_fields", None)
    if issubclass(kind, tuple) and isinstance(fields, tuple) and kind.__eq__ is tuple.__eq__:
        return {"n": [kind.__name__, list(fields), _items(tuple.__iter__(value), side)]}
    return side.lend(value)


def _both_have(module: object) -> bool:
    top = module.partition(".")[0] if isinstance(module, str) else ""
    return top in SHARED or top in sys.stdlib_module_names


def _module(body: Any, side: Side) -> Any:
    if not _both_have(body):
        raise Foreign(f"not a module that both know: {body!r:.200}")
    __import__(body)
    return sys.modules[body]


def _named(value: Any, name: str) -> Any:
    """Return the form of a class or function of a module that both processes have, or None."""
    module = getattr(value, "__module__", None) or "builtins"
    known = _public(module, name)
    return {"f": [module, name]} if known is value else None


def _public(module: Any, name: Any) -> Any:
    """Return what a module that both have calls by this name; None for anything else."""
    if not isinstance(module, str) or not isinstance(name, str) or module.partition(".")[0] not in SHARED:
        return None
    if name.startswith("_") or (module == "builtins" and name in REFUSED):
        return None
    if module not in sys.modules and module in SHARED:
        __import__(module)
    return getattr(sys.modules.get(module), name, None)


def _array(value: Any, side: Side) -> Any:
    if value.dtype.hasobject:
        return {"A": [list(value.shape), _items(value.ravel().tolist(), side)]}
    return {"a": [_dtype(value.dtype), list(value.shape), value.tobytes().decode("latin-1")]}


def _dtype(dtype: Any) -> Any:
    return dtype.str if dtype.fields is None else [[name, dtype[name].str] for name in dtype.names]


def _zone(value: Any, side: Side) -> Any:
    return None if value.tzinfo is None else encode(value.tzinfo, side)


_LIBRARY: dict[tuple[str, str], Callable[[Any, Side], Any]] = {
    ("decimal", "Decimal"): lambda value, side: {"D": str(value)},
    ("fractions", "Fraction"): lambda value, side: {"F": [hex(value.numerator), hex(value.denominator)]},
    ("datetime", "date"): lambda value, side: {"@": ["date", [value.year, value.month, value.day]]},
    ("datetime", "time"): lambda value, side: {
        "@": ["time", [value.hour, value.minute, value.second, value.microsecond, _zone(value, side), value.fold]]
    },
    ("datetime", "datetime"): lambda value, side: {
        "@": [
            "datetime",
            [
                *value.timetuple()[:6],
                value.microsecond,
                _zone(value, side),
                value.fold,
            ],
        ]
    },
    ("datetime", "timedelta"): lambda value, side: {
        "@": ["timedelta", [value.days, value.seconds, value.microseconds]]
    },
    ("datetime", "timezone"): lambda value, side: {"@": ["timezone", [encode(value.utcoffset(None), side)]]},
    ("zoneinfo", "ZoneInfo"): lambda value, side: {"@": ["ZoneInfo", [value.key]]},
    ("collections", "deque"): lambda value, side: {"q": [_items(value, side), value.maxlen]},
    ("collections", "Counter"): lambda value, side: {"C": _pairs(value, side)},
    ("collections", "OrderedDict"): lambda value, side: {"o": _pairs(value, side)},
    ("collections", "defaultdict"): lambda value, side: {
        "b": [encode(value.default_factory, side), _pairs(value, side)]
    },
    ("uuid", "UUID"): lambda value, side: {"u": value.hex},
    ("pathlib", "PosixPath"): lambda value, side: {"p": ["Path", str(value)]},
    ("pathlib", "PurePosixPath"): lambda value, side: {"p": ["PurePosixPath", str(value)]},
}


def decode(form: Any, side: Side) -> Any:
    """Return the value of a form. Raises Foreign for a form that `encode` does not write."""
    if isinstance(form, list):
        return [decode(each, side) for each in form]
    if not isinstance(form, dict):
        return form
    if "h" in form:
        return side.borrow(form)
    if len(form) != 1:
        raise Foreign("a form of several types")
    ((key, body),) = form.items()
    read = _READERS.get(key)
    if read is None:
        raise Foreign(f"no type is written {key!r}")
    try:
        return read(body, side)
    except (TypeError, ValueError, KeyError, AttributeError, ArithmeticError, ImportError) as problem:
        raise Foreign(f"not a value: {problem}") from None


def _mapping(body: Any, side: Side) -> dict[Any, Any]:
    return {decode(key, side): decode(value, side) for key, value in body}


def _library(module: str, name: str, *arguments: Any) -> Any:
    return getattr(__import__(module, fromlist=[name]), name)(*arguments)


def _reference(body: Any, side: Side) -> Any:
    found = _public(*body)
    if found is None:
        raise Foreign(f"not a name that both know: {body!r:.200}")
    return found


def _moment(body: Any, side: Side) -> Any:
    name, arguments = body
    if name not in ("date", "time", "datetime", "timedelta", "timezone", "ZoneInfo"):
        raise Foreign(f"not a moment: {name!r:.200}")
    values = [decode(each, side) for each in arguments]
    fold = {"fold": values.pop()} if name in ("time", "datetime") else {}
    module = __import__("zoneinfo" if name == "ZoneInfo" else "datetime")
    return getattr(module, name)(*values, **fold)


def _named_tuple(body: Any, side: Side) -> Any:
    name, fields, values = body
    import collections

    return collections.namedtuple(name, fields)(*[decode(each, side) for each in values])


def _numbers(body: Any, side: Side) -> Any:
    import numpy

    dtype, shape, data = body
    return numpy.frombuffer(data.encode("latin-1"), _plain(dtype, numpy)).reshape(shape).copy()


def _plain(dtype: Any, numpy: Any) -> Any:
    made = numpy.dtype(dtype if isinstance(dtype, str) else [(name, kind) for name, kind in dtype])
    if made.hasobject:
        raise Foreign("an array of objects in bytes")
    return made


def _scalar(body: Any, side: Side) -> Any:
    import numpy

    return numpy.frombuffer(body[1].encode("latin-1"), _plain(body[0], numpy))[0]


def _objects(body: Any, side: Side) -> Any:
    import numpy

    shape, values = body
    made = numpy.empty(len(values), dtype=object)
    made[:] = [decode(each, side) for each in values]
    return made.reshape(shape)


_READERS: dict[str, Callable[[Any, Side], Any]] = {
    "i": lambda body, side: int(body, 16),
    "t": lambda body, side: tuple([decode(each, side) for each in body]),
    "d": _mapping,
    "s": lambda body, side: {decode(each, side) for each in body},
    "z": lambda body, side: frozenset([decode(each, side) for each in body]),
    "y": lambda body, side: body.encode("latin-1"),
    "Y": lambda body, side: bytearray(body.encode("latin-1")),
    "c": lambda body, side: complex(*body),
    "r": lambda body, side: range(*[decode(each, side) for each in body]),
    "l": lambda body, side: slice(*[decode(each, side) for each in body]),
    "e": lambda body, side: {"Ellipsis": ..., "NotImplemented": NotImplemented}[body],
    "k": lambda body, side: dict.fromkeys([decode(each, side) for each in body]).keys(),
    "D": lambda body, side: _library("decimal", "Decimal", body),
    "F": lambda body, side: _library("fractions", "Fraction", int(body[0], 16), int(body[1], 16)),
    "@": _moment,
    "q": lambda body, side: _library("collections", "deque", [decode(each, side) for each in body[0]], body[1]),
    "C": lambda body, side: _library("collections", "Counter", _mapping(body, side)),
    "o": lambda body, side: _library("collections", "OrderedDict", _mapping(body, side)),
    "b": lambda body, side: _library("collections", "defaultdict", decode(body[0], side), _mapping(body[1], side)),
    "u": lambda body, side: _library("uuid", "UUID", body),
    "p": lambda body, side: _library("pathlib", body[0] if body[0] == "Path" else "PurePosixPath", body[1]),
    "n": _named_tuple,
    "a": _numbers,
    "A": _objects,
    "g": _scalar,
    "f": _reference,
    "M": _module,
}


def exception(problem: BaseException, side: Side) -> dict[str, Any]:
    """Return the form of an exception: its nearest class that both know, its arguments, and what it says of itself."""
    kind = type(problem)
    known = next(each for each in kind.__mro__ if _named(each, each.__qualname__))
    try:
        arguments = _items(problem.args, side)
    except RecursionError:
        arguments = []
    own = None if known is kind else encode(kind, side)
    return {
        "x": _named(known, known.__qualname__)["f"],
        "a": arguments,
        "k": own,
        "o": side.lend(problem) if own else None,
    }


def known_class(body: Any) -> type[BaseException]:
    """Return the class that `exception` names as known. Raises Foreign."""
    found = _public(*body) if isinstance(body, list) and len(body) == 2 else None
    if not (isinstance(found, type) and issubclass(found, BaseException)):
        raise Foreign("not an exception")
    return found


BUILTIN_NAMES = frozenset(vars(builtins))

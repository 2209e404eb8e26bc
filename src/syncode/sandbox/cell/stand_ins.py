"""What stands, in the process of the tests, for objects and classes of the answer."""

from __future__ import annotations

import re
import types
from collections.abc import Callable
from functools import partial
from secrets import randbits
from typing import Any, Protocol

from syncode.sandbox.cell import crossing
from syncode.sandbox.cell.answering import REFLECTED


class Asks(Protocol):
    """The conversation with the answer (`examining.Examination`), as far as proxies need it."""

    asked: bool

    def ask(
        self,
        head: dict[str, Any],
        arguments: tuple[Any, ...] = (),
        named: dict[str, Any] | None = None,
        steps: bool = False,
    ) -> Any:
        """Have the answer's process do something; `steps`: it may say that there is no more."""

    def lend(self, value: object) -> Any:
        """Return the reference to an object."""

    def name(self, value: Any) -> None:
        """Remember that the tests name a class."""

    def is_named(self, kind: type) -> bool:
        """Return whether the tests name a class, or one that it extends."""

    def stay(self, why: str) -> BaseException:
        """Return what to raise where the tests need the answer in their process."""


def number_of(value: object) -> int | None:
    """Return the number of an object of the answer by what stands for it; None for any other object."""
    kind = type(value)
    if isinstance(kind, StandIn) or kind in (Function, Module):
        number = object.__getattribute__(value, "__dict__").get("_syncode_number")
        return number if isinstance(number, int) else None
    return None


def placed(made: Any, number: int, side: Asks, **more: Any) -> Any:
    """Give a new stand-in its number, its conversation, and attributes of its own; return it."""
    object.__getattribute__(made, "__dict__").update(_syncode_number=number, _syncode_side=side, **more)
    return made


def side_of(value: object) -> Asks:
    """Return the conversation that a stand-in belongs to."""
    if isinstance(value, StandIn):
        side = type.__getattribute__(value, "_syncode_side")
    else:
        side = object.__getattribute__(value, "__dict__")["_syncode_side"]
    found: Asks = side
    return found


def _on(value: object, what: str, *arguments: Any) -> Any:
    side = side_of(value)
    return side.ask({"do": what, "of": side.lend(value)}, arguments)


DECIDES = re.compile(
    r"_*(?:starts_?with|ends_?with|count|r?index|r?find|search|test|eq|ne|[lg][te]|is\w*|has\w*|\w*contains?\w*|includes?|\w*equals?\w*"
    r"|same\w*|match\w*|compare\w*|cmp|r?sub)_*"
)
"""Methods that say something of the value that they are given (chosen here)."""


def _get(value: object, name: str) -> Any:
    if name.startswith("_syncode"):
        raise AttributeError(name)
    side = side_of(value)
    if isinstance(value, Module):
        found = side.ask({"do": "get", "of": side.lend(value), "name": name})
        side.name(found)
        return found
    known = side.is_named(value if isinstance(value, StandIn) else type(value))
    if name.startswith("__array_") and name != "__array__":  # takes the place of numpy's own functions
        raise side.stay(f"numpy asks the answer for {name}") if known else AttributeError(name)
    found = side.ask({"do": "get", "of": side.lend(value), "name": name})
    if isinstance(found, Function):
        object.__getattribute__(found, "__dict__").update(
            _syncode_steps=name in ("__next__", "send", "throw"), _syncode_judge=None if known else name
        )
    return found


def judges(method: str, result: object) -> bool:
    """Return whether a method of an object of no named class has decided something with this, rather than computed it."""
    return bool(DECIDES.fullmatch(method)) or (isinstance(result, int | float) and result in (-1, 0, 1))


class Remote:
    """Stands for an object of the answer."""

    def __getattr__(self, name: str) -> Any:
        return _get(self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        side = side_of(self)
        side.ask({"do": "set", "of": side.lend(self), "name": name}, (value,))

    def __delattr__(self, name: str) -> None:
        side = side_of(self)
        side.ask({"do": "del", "of": side.lend(self), "name": name})

    def __str__(self) -> str:
        return str(_on(self, "str"))

    def __repr__(self) -> str:
        return str(_on(self, "repr"))

    def __reduce_ex__(self, _: Any) -> Any:
        raise side_of(self).stay("the tests copy an object of the answer")


class Function(Remote):
    """Stands for a function or a method."""

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        side = side_of(self)
        own = object.__getattribute__(self, "__dict__")
        steps = own.get("_syncode_steps", False)
        result = side.ask({"do": "call", "of": side.lend(self)}, arguments, named, steps)
        method = own.get("_syncode_judge")
        if method and (arguments or named) and judges(method, result):
            side.asked = True
        return result

    def __get__(self, owner: Any, kind: type | None = None) -> Any:
        return self if owner is None else types.MethodType(self, owner)


class Module(Remote):
    """Stands for the answer as a module."""


class StandIn(type):
    """The class of the classes that stand for those of the answer."""

    @staticmethod
    def made(name: str, bases: tuple[type, ...], special: dict[str, Any]) -> StandIn:
        """Return a new one."""
        return type.__new__(StandIn, name, bases, special)

    def __new__(cls, name: str, bases: tuple[type, ...], space: dict[str, Any], **_: Any) -> Any:
        """Refuse a class of the tests that extends one of the answer."""
        side = next(type.__getattribute__(each, "_syncode_side") for each in bases if isinstance(each, StandIn))
        raise side.stay("a class of the tests extends one of the answer")

    def __call__(cls, *arguments: Any, **named: Any) -> Any:
        side = side_of(cls)
        return side.ask({"do": "call", "of": side.lend(cls)}, arguments, named)

    def __getattr__(cls, name: str) -> Any:
        return _get(cls, name)

    def __setattr__(cls, name: str, value: Any) -> None:
        side = side_of(cls)
        side.ask({"do": "set", "of": side.lend(cls), "name": name}, (value,))

    def __iter__(cls) -> Any:
        return _on(cls, "iter")

    def __len__(cls) -> int:
        return int(_on(cls, "len"))

    def __getitem__(cls, key: Any) -> Any:
        return _on(cls, "getitem", key)

    def __contains__(cls, key: Any) -> bool:
        return bool(_on(cls, "contains", key))

    def __bool__(cls) -> bool:
        return True


def forward(what: str) -> Callable[..., Any]:
    """Return a method that has the answer do this."""
    return lambda self, *arguments: _on(self, what, *arguments)


def _converted(what: str, kind: Callable[[Any], Any]) -> Callable[..., Any]:
    return lambda self, *arguments: kind(_on(self, what, *arguments))


def _compared(what: str) -> Callable[[Any, Any], Any]:
    """Return a comparison that counts only if the other one is the answer's, too, or the class is one that the tests name."""

    def comparison(self: Any, other: Any, *more: Any, **named: Any) -> Any:
        side = side_of(self)
        if more or named:  # a method that the tests call by its name
            return side.ask({"do": "call", "of": side.lend(_get(self, f"__{what}__"))}, (other, *more), named)
        package = type.__getattribute__(type(self), "_syncode_package")
        if not (side.is_named(type(self)) or isinstance(type(other), StandIn) or package):
            return NotImplemented
        side.asked = True
        if (
            what in ("eq", "ne")
            and not isinstance(type(other), StandIn)
            and any(map(partial(_equals, self), decoys(other)))
        ):
            raise crossing.Foreign(f"an object of {package or 'the answer'} claims to equal anything")
        return _on(self, what, other)

    return comparison


def _equals(value: Any, decoy: Any) -> bool:
    try:
        return _on(value, "eq", decoy) is True
    except crossing.Foreign:
        raise
    except Exception:  # noqa: BLE001 - of a comparison that is made for other values
        return False


def decoys(value: Any) -> list[Any]:
    """Return values of the same kind that no value equals by chance: what equals these, too, equals anything."""
    number, text = randbits(70), f"{randbits(70):x}"
    if isinstance(value, int | float | complex) and not isinstance(value, bool):
        return [value + number + (1 << 70), text]
    if isinstance(value, str | bytes | list | tuple | set | frozenset | dict):
        made = {str: text, bytes: text.encode(), dict: {text: number}}
        return [made.get(type(value), [text, number])]
    return [text, number]


def _reckoned(what: str) -> Callable[..., Any]:
    def operation(self: Any, other: Any, *more: Any) -> Any:
        side = side_of(self)
        if not (side.is_named(type(self)) or isinstance(type(other), StandIn)):
            return NotImplemented
        if not isinstance(type(other), StandIn):
            side.asked = True  # how far it is from the expected value, say
        return _on(self, what, other, *more)

    return operation


def _contains(self: Any, item: Any) -> Any:
    side = side_of(self)
    if not side.is_named(type(self)):
        return any(item is each or item == each for each in self)
    side.asked = True
    return bool(_on(self, "contains", item))


def hashed(self: Any) -> int:
    """Hash by what the answer says if the tests name the class, else by identity."""
    side = side_of(self)
    if not side.is_named(type(self)):
        return id(self)
    return int(_on(self, "hash"))


def _hinted(self: Any) -> Any:
    return _on(self, "length_hint")


_COMPARISONS = ("eq", "ne", "lt", "le", "gt", "ge")
FORWARDED: dict[str, Any] = {
    **{f"__{what}__": _compared(what) for what in _COMPARISONS},
    **{f"__{what.rstrip('_')}__": _reckoned(what) for what in REFLECTED},
    **{f"__r{what.rstrip('_')}__": _reckoned(f"r{what}") for what in REFLECTED},
    "__divmod__": _reckoned("divmod"),
    "__rdivmod__": _reckoned("rdivmod"),
    **{f"__i{what.rstrip('_')}__": _reckoned(f"i{what.rstrip('_')}") for what in REFLECTED},
    **{
        f"__{what}__": forward(what)
        for what in (
            "iter",
            "next",
            "getitem",
            "setitem",
            "delitem",
            "neg",
            "pos",
            "invert",
            "abs",
            "round",
            "reversed",
            "enter",
            "exit",
            "format",
        )
    },
    "__len__": _converted("len", int),
    "__bool__": _converted("bool", bool),
    "__int__": _converted("int", int),
    "__index__": _converted("index", int),
    "__float__": _converted("float", float),
    "__complex__": _converted("complex", complex),
    "__bytes__": _converted("bytes", bytes),
    "__contains__": _contains,
    "__call__": Function.__call__,
    "__length_hint__": _hinted,
}
OF_TESTS: dict[str, Callable[..., Any]] = {
    "len": len, "iter": iter, "next": next, "bool": bool, "str": str, "repr": repr, "hash": hash,
    "getitem": lambda each, key: each[key], "contains": lambda each, key: key in each,
    "setitem": lambda each, key, value: each.__setitem__(key, value), "delitem": lambda each, key: each.__delitem__(key),
    "enter": lambda each: each.__enter__(), "exit": lambda each, *more: each.__exit__(*more),
    "lt": lambda each, other: each < other, "eq": lambda each, other: each == other,
}  # fmt: skip

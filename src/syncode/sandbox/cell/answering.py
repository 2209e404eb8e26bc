# ruff: noqa: PTH100, PTH109
# (pathlib costs its import in processes that must start fast)
"""The process of the answer: does what the process of the tests asks, and says what came of it. Nothing in here is believed.

Two pipes: requests come in over `ASKED`, replies go out over `REPLIES`. A reply may be preceded by requests of our own: an answer
calls what tests have passed to it.
"""

from __future__ import annotations

import operator
import os
import sys
import time
import traceback
import types
from collections.abc import Callable
from functools import partial
from typing import Any

from syncode.sandbox.cell import crossing
from syncode.sandbox.cell.crossing import Closed
from syncode.sandbox.cell.timing import Meter, OutOfTime

ASKED, REPLIES = 6, 7
PATIENCE = 0.002
"""Seconds that replies to calls sent ahead wait for each other at most (chosen here). A timer that sends them while a call does
not end would cost more than all of this: such a run is repeated one call at a time (`Limits.one_by_one`)."""
OPERATORS = (
    "eq",
    "ne",
    "lt",
    "le",
    "gt",
    "ge",
    "neg",
    "pos",
    "invert",
    "index",
    "getitem",
    "setitem",
    "delitem",
    "contains",
)
REFLECTED = (
    "add",
    "sub",
    "mul",
    "truediv",
    "floordiv",
    "mod",
    "pow",
    "matmul",
    "lshift",
    "rshift",
    "and_",
    "or_",
    "xor",
)
DOES: dict[str, Callable[..., Any]] = {
    "len": len, "iter": iter, "next": next, "bool": bool, "str": str, "repr": repr, "hash": hash, "int": int, "float": float,
    "complex": complex, "abs": abs, "round": round, "reversed": reversed, "format": format, "bytes": bytes, "dir": dir,
    "divmod": divmod,
    "rdivmod": lambda one, other: divmod(other, one),
    "length_hint": operator.length_hint,
    "enter": lambda each: type(each).__enter__(each),
    "exit": lambda each, *more: type(each).__exit__(each, *more),
    **{name: getattr(operator, name) for name in (*OPERATORS, *REFLECTED, *[f"i{name.rstrip('_')}" for name in REFLECTED])},
    **{f"r{name}": partial(lambda apply, one, other: apply(other, one), getattr(operator, name)) for name in REFLECTED},
}  # fmt: skip
"""What can be asked of an object beside calls and attributes, by the name that the protocol gives it."""
_OWN = frozenset(("main", "solution", "__main__"))
_BASES = (int, float, complex, str, bytes, list, tuple, dict, set, frozenset)
_MUTABLE = (list, dict, set, bytearray)


class Stays(Exception):
    """An object that tests need in their own process, with the reason for people."""


class Answers:
    """What the answer has, by number."""

    def __init__(self, module: types.ModuleType, meter: Meter | None) -> None:
        self.module = module
        self.meter = meter
        self.lent: dict[int, Any] = {}
        self.numbers: dict[int, int] = {}
        self.told: set[int] = set()
        self.watched: dict[str, bytes] = {}
        self.incoming = crossing.Incoming(ASKED)
        self.unsent: list[bytes] = []
        self.since = time.monotonic()
        self.proxies: dict[int, Any] = {}

    def lend(self, value: object) -> Any:
        """Return the reference to an object: what it is, the first time."""
        if isinstance(value, Visiting):
            return {"h": object.__getattribute__(value, "_number"), "y": 1}
        number = self.numbers.get(id(value))
        if number is None:
            number = len(self.lent) + 1
            self.numbers[id(value)], self.lent[number] = number, value
        if number in self.told:
            return {"h": number}
        what = self._what(value)  # may raise: then it is not told
        self.told.add(number)
        return {"h": number, "m": what}

    def _what(self, value: Any) -> Any:
        kind = type(value)
        if isinstance(value, type):
            return self._class(value)
        if isinstance(value, types.ModuleType):
            if value.__name__ not in _OWN and not self._at_home(value.__name__):
                raise Stays(f"the tests use the module {value.__name__}")
            return {"w": "module"}
        if isinstance(value, types.CoroutineType | types.AsyncGeneratorType):
            raise Stays("the answer is asynchronous")
        if isinstance(value, types.CodeType | types.FrameType | types.TracebackType):
            raise Stays("the tests look into the answer's code")
        if isinstance(
            value, types.FunctionType | types.MethodType | types.BuiltinFunctionType | types.BuiltinMethodType
        ):
            if getattr(getattr(value, "__code__", None), "co_flags", 0) & 0x280:
                raise Stays("the answer is asynchronous")
            return {
                "w": "function",
                "n": str(getattr(value, "__name__", "")),
                "d": _text(getattr(value, "__doc__", None)),
            }
        form = {"w": "object", "c": self.lend(kind)}
        if isinstance(value, BaseException):
            form["a"] = [crossing.encode(each, self) for each in value.args]
        base = next((each for each in _BASES if isinstance(value, each)), None)
        if base is not None:
            form["v"] = crossing.encode(_bare(base, value), self)
        return form

    def _class(self, kind: type) -> Any:
        module = str(kind.__module__)
        home, package = self._at_home(module), ""
        if not home and module.partition(".")[0] not in sys.stdlib_module_names:
            package = module.partition(".")[0]
        bases = [
            crossing.encode(each, self)
            for each in kind.__bases__
            if each is not object and (home or issubclass(kind, BaseException))
        ]
        known = next(
            (each for each in kind.__mro__ if issubclass(each, BaseException) and each.__module__ == "builtins"), None
        )
        special = sorted(
            {name for each in kind.__mro__ if each is not object for name in vars(each) if name.startswith("__")}
        )
        return {
            "w": "class",
            "p": package,
            "n": kind.__name__,
            "d": _text(kind.__doc__),
            "b": bases,
            "s": special,
            "x": known.__name__ if known else None,
            "u": any(each in kind.__mro__ for each in _BASES),
            "i": sorted(name for name in vars(type(kind)) if name.startswith("__")) if type(kind) is not type else [],
        }

    def _at_home(self, module: str) -> bool:
        if module in _OWN:
            return True
        file = getattr(sys.modules.get(module), "__file__", None)
        return isinstance(file, str) and os.path.abspath(file).startswith(os.getcwd() + "/")

    def borrow(self, form: dict[str, Any]) -> Any:
        """Return our own object, or what stands for one of the tests."""
        number = form["h"]
        if "y" in form:
            return self.lent[number]
        if number not in self.proxies:
            made = object.__new__(VisitingFunction if form["m"]["w"] == "function" else Visitor)
            object.__setattr__(made, "_number", number)
            object.__setattr__(made, "_side", self)
            object.__setattr__(made, "__name__", form["m"].get("n", ""))
            self.proxies[number] = made
        return self.proxies[number]

    def ask(self, head: dict[str, Any], arguments: tuple[Any, ...] = (), named: dict[str, Any] | None = None) -> Any:
        """Have the tests do something, and return what came of it."""
        body = crossing.dumps([[crossing.encode(each, self) for each in arguments], crossing.encode(named or {}, self)])
        self.unsent.append(crossing.message(head, body))
        self.flush()
        while True:
            reply, body = self.incoming.next()
            if "ok" in reply:
                return crossing.decode(reply["ok"], self)
            if "no" in reply:
                raise rebuilt(reply["no"], self)
            self.reply(reply, body)

    def reply(self, head: dict[str, Any], body: bytes) -> None:
        """Do what is asked and send what came of it."""
        try:
            said = self._do(head, body) if self.meter is None else self._in_time(self.meter, head, body)
        except Stays as problem:
            said = {"stay": str(problem)}
        except RecursionError:
            said = {"stay": "a value that is nested in itself, or too deep"}
        self.unsent.append(crossing.message(said))
        if not self.incoming.waiting or time.monotonic() - self.since > PATIENCE:
            self.flush()

    def _in_time(self, meter: Meter, head: dict[str, Any], body: bytes) -> dict[str, Any]:
        try:
            return meter.run(partial(self._do, head, body), head.get("t", meter.test))
        except OutOfTime:
            return {"late": True}

    def flush(self) -> None:
        """Send what has been said so far."""
        crossing.send(REPLIES, b"".join(self.unsent))
        self.unsent = []
        self.since = time.monotonic()

    def _do(self, head: dict[str, Any], body: bytes) -> dict[str, Any]:
        what = head["do"]
        if what == "names":
            return {"ok": None, "names": self._names(head["names"])}
        target = crossing.decode(head["of"], self) if "of" in head else self._called(head["by"])
        forms, named = crossing.loads(body) if body else ([], {"d": []})
        arguments = [crossing.decode(each, self) for each in forms]
        keywords = crossing.decode(named, self)
        try:
            if what == "call":
                results = [target(*arguments, **keywords)]
            elif what == "get":
                results = [getattr(target, head["name"])]
            elif what == "set":
                results = [None]
                setattr(target, head["name"], *arguments)
            elif what == "del":
                results = [None]
                delattr(target, head["name"])
            else:
                results = [DOES[what](target, *arguments)]
        except (Closed, OutOfTime):
            raise
        except BaseException as problem:  # noqa: BLE001 - whatever the answer raises is what the tests get
            return {"no": self._raised(problem), **self._changes(arguments, keywords, body)}
        return self._returned(results, arguments, keywords, body)

    def _called(self, name: str) -> Any:
        """Return the function of this name, for a call that was sent before the tests knew what there is."""
        found = vars(self.module).get(name)
        return found if isinstance(found, types.FunctionType | types.BuiltinFunctionType) else _absent

    def _returned(
        self, results: list[Any], arguments: list[Any], keywords: dict[str, Any], body: bytes
    ) -> dict[str, Any]:
        said: dict[str, Any] = {}
        if isinstance(results[0], _MUTABLE):
            same = [number for number, each in enumerate(arguments) if each is results[0]]
            if same:
                said["same"] = same[0]
            elif _is_held(results, 0):
                said["kept"] = True
        said["ok"] = crossing.encode(results[0], self)
        results.clear()  # it would look as if somebody held on to an argument that is returned
        return {**said, **self._changes(arguments, keywords, body)}

    def _changes(self, arguments: list[Any], keywords: dict[str, Any], body: bytes) -> dict[str, Any]:
        """Return what has become of arguments that can change, and of the names that the tests read."""
        said: dict[str, Any] = {}
        if b"[" in body[2:-1] or body.count(b"{") > 1:
            after = [[crossing.encode(each, self) for each in arguments], crossing.encode(keywords, self)]
            if crossing.dumps(after) != body:
                said["now"] = after
            if any(
                isinstance(arguments[number], _MUTABLE) and _is_held(arguments, number)
                for number in range(len(arguments))
            ):
                said["kept"] = True
        changed = {}
        for name, before in self.watched.items():
            form = crossing.encode(vars(self.module).get(name), self)
            if (after_bytes := crossing.dumps(form)) != before:
                self.watched[name], changed[name] = after_bytes, form
        return {**said, "names": changed} if changed else said

    def _names(self, names: list[str]) -> dict[str, Any]:
        """Return the forms of those names that the answer has; the values among them are looked at after every call."""
        forms: dict[str, Any] = {}
        for name in names:
            if name not in vars(self.module):
                continue
            value = vars(self.module)[name]
            forms[name] = crossing.encode(value, self)
            if not callable(value) and not isinstance(value, types.ModuleType):
                self.watched[name] = crossing.dumps(forms[name])
        return forms

    def _raised(self, problem: BaseException) -> dict[str, Any]:
        trace = problem.__traceback__
        while trace is not None and trace.tb_frame.f_code.co_filename == __file__:
            trace = trace.tb_next
        try:
            shown = "".join(traceback.format_exception(type(problem), problem, trace, limit=-8))[-4000:]
            return {**crossing.exception(problem, self), "says": shown}
        except (Stays, OutOfTime):
            raise
        except BaseException as worse:  # noqa: BLE001 - an exception that cannot be shown is one all the same
            return {"x": ["builtins", "Exception"], "a": [type(worse).__name__], "k": None, "o": None, "says": ""}


__file__ = sys._getframe().f_code.co_filename  # not set for a module that `BOOT` loads


def _is_held(values: list[Any], number: int) -> bool:
    """Return whether something else than this list holds on to one of its elements."""
    return sys.getrefcount(values[number]) > 2  # the list, and the argument of the call


def _absent(*_: object) -> None:
    """Stand for a function that is not there: the tests find that out by themselves."""


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _bare(base: type, value: Any) -> Any:
    """Return what an object is as a value of the builtin class that its own one extends."""
    if base in (list, tuple, set, frozenset):
        return base(base.__iter__(value))
    if base is dict:
        return dict(dict.items(value))
    if base is bytes:
        return bytes.__getitem__(value, slice(None))
    if base is str:
        return str.__str__(value)
    return {int: int.__int__, float: float.__float__, complex: complex.__complex__}[base](value)


class Visiting:
    """Stands for an object of the tests."""

    _number: int
    _side: Answers

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        return self._side.ask({"do": "call", "of": self._home()}, arguments, named)

    def _home(self) -> dict[str, int]:
        return {"h": self._number, "y": 1}


class VisitingFunction(Visiting):
    """Stands for a function of the tests: it can be called, no more."""


class Visitor(Visiting):
    """Stands for another object of the tests: its public attributes, items and iteration can be had."""

    def __getattr__(self, name: str) -> Any:
        return self._side.ask({"do": "get", "of": self._home(), "name": name})

    def __setattr__(self, name: str, value: Any) -> None:
        self._side.ask({"do": "set", "of": self._home(), "name": name}, (value,))


def _forward(name: str) -> Callable[..., Any]:
    return lambda self, *arguments: self._side.ask({"do": name, "of": self._home()}, arguments)


for _name in (
    "len",
    "iter",
    "next",
    "bool",
    "getitem",
    "setitem",
    "delitem",
    "contains",
    "enter",
    "exit",
    "str",
    "repr",
    "lt",
    "eq",
    "hash",
):
    setattr(Visitor, f"__{_name}__", _forward(_name))


def rebuilt(form: dict[str, Any], side: Any) -> BaseException:
    """Return an exception of the other process as one of ours."""
    kind = crossing.known_class(form["x"])
    try:
        return kind(*[crossing.decode(each, side) for each in form["a"]])
    except Exception:  # noqa: BLE001 - one that wants other arguments than it keeps
        return Exception(str(form["a"])[:1000])


def serve(module: types.ModuleType, meter: Meter | None = None) -> None:
    """Reply to requests until the tests are gone. `meter`: what holds the answer to the time of each test."""
    side = Answers(module, meter)
    try:
        while True:
            head, body = side.incoming.next()
            side.reply(head, body)
    except Closed:
        return

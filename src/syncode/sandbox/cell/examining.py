"""The process of the tests: holds no code of the answer. What the tests name is asked for over a pipe and stands here as a proxy.

Plain values cross and are compared here. An object of the answer's own class stays there; its class has a `StandIn` here, so that
`isinstance`, `except` and attributes work. What such an object says of itself (`==`, `<`) counts only if the tests name its
class, and is reported, because then the answer has had a word in the verdict.
"""

from __future__ import annotations

import re
import sys
import types
from collections import deque
from typing import Any

from syncode.sandbox.cell import crossing, reach
from syncode.sandbox.cell.crossing import Closed, Foreign
from syncode.sandbox.cell.stand_ins import (
    FORWARDED,
    OF_TESTS,
    Function,
    Module,
    Remote,
    StandIn,
    forward,
    hashed,
    number_of,
    placed,
)
from syncode.sandbox.cell.timing import CPU, Clock

REPLIES, ASKED = 6, 7
"""What the answer says comes in over the first; what it is asked goes out over the second."""


class Inseparable(BaseException):
    """The tests need the answer in their own process."""


class Gone(BaseException):
    """The process of the answer has ended."""


class Examination:
    """The conversation with the answer, and what stands here for its objects."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.objects: dict[int, Any] = {}
        self.lent: list[Any] = []
        self.numbers: dict[int, int] = {}
        self.named: set[type] = set()
        self.asked = False
        """Whether a test has asked an object of the answer how it compares."""
        self.kept = False
        """Whether the answer holds on to something that has crossed as a copy: what a test sees of it may be out of date."""
        self.packages: set[str] = set()
        """What the tests import, by the first part of its name."""
        self.inseparable = ""
        self.gone = False
        self.space: dict[str, Any] = {}
        self.followed: set[str] = set()
        """Names of the answer that change for the tests as they change there: those that the tests give no value of their own."""
        self.stops = False
        """Whether the tests name StopIteration."""
        self.incoming = crossing.Incoming(REPLIES)
        self.ahead: deque[tuple[str, bytes]] = deque()
        """Calls that have been sent and whose replies have not been read."""

    def bind(self, read: reach.Names, opening: tuple[bytes, list[tuple[str, bytes]]], space: dict[str, Any]) -> None:
        """Put what the tests `read` (`Tests.names`) into their namespace.

        A name that Python has built in is the answer's only if no other name is. `opening`: see `ahead.opening`.
        """
        self.space = space
        names, builtin, self.packages, bound = read
        self.followed = {*names, *builtin} - bound
        self.stops = "StopIteration" in builtin
        first, calls = opening
        self.ahead.extend(calls)
        self._send(first)
        found = self._read_names(names)
        if builtin and not any(name in names for name in found if not _is_module(found[name])):
            found |= self._names(builtin)
        for name, value in found.items():
            space[name] = value
            self.name(value)
            if name in bound and not (callable(value) or isinstance(value, Module | types.ModuleType)):
                self.kept = True  # a variable of both: what the tests give it, the answer does not see

    def _names(self, names: list[str]) -> dict[str, Any]:
        self._settle()
        self._send(crossing.message({"do": "names", "names": names}))
        return self._read_names(names)

    def _read_names(self, names: list[str]) -> dict[str, Any]:
        forms = self._reply()["names"]
        return {name: crossing.decode(forms[name], self) for name in names if name in forms}

    def name(self, value: Any) -> None:
        """Remember that the tests name a class: what its objects say of themselves is then what is tested."""
        if isinstance(value, StandIn):
            self.named.add(value)

    def lend(self, value: object) -> Any:
        """Return the reference to an object of the answer, or to one of the tests."""
        if isinstance(value, StandIn):
            return {"h": type.__getattribute__(value, "_syncode_number"), "y": 1}
        number = number_of(value)
        if number is not None:
            return {"h": number, "y": 1}
        if isinstance(value, types.ModuleType | types.CodeType | types.FrameType):
            raise self.stay(f"the tests pass on a {type(value).__name__}")
        known = self.numbers.get(id(value))
        if known is None:
            self.lent.append(value)
            known = self.numbers[id(value)] = len(self.lent)
        called = isinstance(value, types.FunctionType | types.MethodType | types.BuiltinFunctionType | type)
        return {"h": known, "m": {"w": "function" if called else "object", "n": getattr(value, "__name__", "")}}

    def borrow(self, form: dict[str, Any]) -> Any:
        """Return what stands for an object of the answer, or our own."""
        number = form["h"]
        if not isinstance(number, int):
            raise Foreign("a reference without a number")
        if "y" in form:
            if not 0 < number <= len(self.lent):
                raise Foreign("a reference that was never given")
            return self.lent[number - 1]
        if number not in self.objects:
            if "m" not in form:
                raise Foreign("a reference to nothing")
            made = self._proxy(number, form["m"])
            if made is form["m"]:
                return None
            self.objects[number] = made
        return self.objects[number]

    def _proxy(self, number: int, what: dict[str, Any]) -> Any:
        kind = what["w"]
        if kind == "class":
            return self._stand_in(number, what)
        if kind == "function":
            return placed(object.__new__(Function), number, self, __name__=str(what["n"]), __doc__=what["d"])
        if kind == "module":
            return placed(object.__new__(Module), number, self)
        if kind != "object":
            raise Foreign(f"no kind of object is called {kind!r:.100}")
        cls = crossing.decode(what["c"], self)
        if not isinstance(cls, StandIn):
            raise Foreign("an object without a class")
        if "v" in what and not self.is_named(cls):
            return crossing.decode(what["v"], self)
        if issubclass(cls, BaseException):
            arguments = [crossing.decode(each, self) for each in what.get("a", ())]
            return placed(cls.__new__(cls, *arguments), number, self)
        return placed(object.__new__(cls), number, self)

    def is_named(self, kind: type) -> bool:
        return any(each in self.named for each in kind.__mro__)

    def _stand_in(self, number: int, what: dict[str, Any]) -> type:
        if what["p"] and what["p"] in self.packages:
            raise self.stay(f"the answer has an object of {what['p']}, and so have the tests")
        bases: list[type] = [
            each for each in (crossing.decode(form, self) for form in what["b"]) if isinstance(each, StandIn)
        ]
        if what["x"] is not None:
            known = crossing.known_class(["builtins", what["x"]])
            if not any(issubclass(each, known) for each in bases):
                bases.append(known)
        special: dict[str, Any] = {}
        for name in what["s"]:
            if name in FORWARDED and what["x"] is None:
                special[name] = FORWARDED[name]
        if "__eq__" in special or "__hash__" in special:
            special["__hash__"] = hashed
        name = what["n"] if isinstance(what["n"], str) else "object"
        if what["x"] is None:
            bases.append(Remote)
        else:
            special |= {
                "__getattr__": Remote.__getattr__,
                "__str__": forward("str"),
                "__init__": lambda self, *a, **k: None,
            }
        made = StandIn.made(name, tuple(dict.fromkeys(_nearest(bases))), special)
        type.__setattr__(made, "_syncode_number", number)
        type.__setattr__(made, "_syncode_side", self)
        type.__setattr__(made, "_syncode_package", what["p"])
        type.__setattr__(made, "__doc__", what["d"])
        type.__setattr__(made, "__module__", "__answer__")
        return made

    def stay(self, why: str) -> Inseparable:
        """Remember that the tests cannot be told apart from the answer, and return what to raise."""
        self.inseparable = self.inseparable or why
        return Inseparable(why)

    def ask(
        self,
        head: dict[str, Any],
        arguments: tuple[Any, ...] = (),
        named: dict[str, Any] | None = None,
        steps: bool = False,
    ) -> Any:
        """Have the answer do something; return what it returns, raise what it raises. Arguments change as it changed them.

        `steps`: it may say that there is no more. Else that would end a loop of the tests: it is an error, as in a generator.
        """
        if self.clock.over:
            raise self.clock.late(self.clock.out or CPU)
        for each in arguments:
            if isinstance(each, types.ModuleType):
                raise self.stay("the tests pass on a module")
        body = self._body(arguments, named or {})
        if self.ahead and not self._is_next(head, body):
            self._settle()
        if self.ahead:
            self.ahead.popleft()
        else:
            test = self.clock.test
            self._send(crossing.message({**head, "t": test} if test else head, body))
        reply = self._reply()
        if reply.get("kept"):
            self.kept = True
        if "now" in reply:
            self._take_over(reply["now"], arguments, named or {})
        for name in self.followed.intersection(reply.get("names") or ()):
            self.space[name] = crossing.decode(reply["names"][name], self)
        if "no" in reply:
            raise self._problem(reply["no"], steps or head["do"] == "next")
        same = reply.get("same")
        if isinstance(same, int) and 0 <= same < len(arguments):
            return arguments[same]
        result = crossing.decode(reply["ok"], self)
        if isinstance(result, tuple) and type(result) is not tuple and any(type(each) is Function for each in result):
            self.asked = True  # a named tuple with a method of the answer's
        return result

    def _problem(self, form: dict[str, Any], steps: bool) -> BaseException:
        problem = self._raised(form)
        if isinstance(problem, StopIteration) and not steps:
            if not self.stops:
                return RuntimeError("the answer raised StopIteration")
            self.asked = True
        return problem

    def _body(self, arguments: tuple[Any, ...], named: dict[str, Any]) -> bytes:
        try:
            return crossing.dumps([[crossing.encode(each, self) for each in arguments], crossing.encode(named, self)])
        except RecursionError:
            raise self.stay("a value that is nested in itself, or too deep") from None

    def _is_next(self, head: dict[str, Any], body: bytes) -> bool:
        """Return whether this request is the next one that was sent ahead."""
        name, sent = self.ahead[0]
        return head["do"] == "call" and sent == body and number_of(self.space.get(name)) == head["of"]["h"]

    def _settle(self) -> None:
        """Read the replies to what was sent ahead and is not wanted: the tests have taken another way."""
        while self.ahead:
            self.ahead.popleft()
            self._reply()

    def _send(self, data: bytes) -> None:
        try:
            crossing.send(ASKED, data)
        except Closed:
            self.gone = True
            raise Gone from None

    def _reply(self) -> dict[str, Any]:
        """Return the reply to the oldest request, doing what the answer asks before it."""
        try:
            while True:
                reply, more = self.incoming.next()
                if not isinstance(reply, dict):
                    raise Foreign("a reply that is not an object")
                if "stay" in reply:
                    raise self.stay(str(reply["stay"])[:200])
                if "late" in reply:
                    raise self.clock.late(CPU)
                if "ok" in reply or "no" in reply:
                    return reply
                self._send(crossing.message(self._serve(reply, more)))
        except Closed:
            self.gone = True
            raise Gone from None
        except RecursionError:
            raise self.stay("a value that is nested too deep") from None

    def _serve(self, head: dict[str, Any], body: bytes) -> dict[str, Any]:
        """Do what the answer asks of an object that the tests have passed to it."""
        target = crossing.decode(head["of"], self)
        forms, named = crossing.loads(body) if body else ([], {"d": []})
        arguments = [crossing.decode(each, self) for each in forms]
        what = head.get("do")
        try:
            if what == "call":
                result = target(*arguments, **crossing.decode(named, self))
            elif isinstance(target, types.FunctionType | types.MethodType | types.BuiltinFunctionType | type):
                raise AttributeError("a function of the tests can only be called")
            elif what in ("get", "set"):
                name = str(head.get("name"))
                if name.startswith("_"):
                    raise AttributeError(name)
                if what == "set":
                    setattr(target, name, *arguments)
                result = getattr(target, name) if what == "get" else None
            elif what in OF_TESTS:
                result = OF_TESTS[what](target, *arguments)
            else:
                raise Foreign(f"nothing is called {what!r:.100}")
        except (Inseparable, Gone, Foreign):
            raise
        except BaseException as problem:  # noqa: BLE001 - what a function of the tests raises is the answer's to handle
            return {"no": crossing.exception(problem, self)}
        return {"ok": crossing.encode(result, self)}

    def _take_over(self, forms: Any, arguments: tuple[Any, ...], named: dict[str, Any]) -> None:
        after, keywords = forms
        for one, form in zip(arguments, after, strict=True):
            _become(one, crossing.decode(form, self))
        for name, value in crossing.decode(keywords, self).items():
            if name in named:
                _become(named[name], value)

    def _raised(self, form: dict[str, Any]) -> BaseException:
        known = crossing.known_class(form["x"])
        if known is NameError and self._is_ours(form["a"]):
            raise self.stay("the answer uses what the tests define")
        if issubclass(known, SystemExit | KeyboardInterrupt | GeneratorExit):
            arguments = [crossing.decode(each, self) for each in form["a"]]
            problem: BaseException = known(*arguments)
        elif form.get("k") is not None:
            kind = crossing.decode(form["k"], self)
            problem = crossing.decode(form["o"], self)
            if not (isinstance(kind, StandIn) and isinstance(problem, BaseException)):
                raise Foreign("not an exception")
        else:
            arguments = [crossing.decode(each, self) for each in form["a"]]
            try:
                problem = known(*arguments)
            except TypeError:
                problem = Exception(*arguments)
        return problem

    def _is_ours(self, arguments: Any) -> bool:
        """Return whether a name that the answer lacks is one that the tests define."""
        missing = re.search(r"name '(\w+)'", str(arguments))
        return missing is not None and missing[1] in self.space


def _is_module(value: Any) -> bool:
    return isinstance(value, types.ModuleType)


def _nearest(bases: list[type]) -> list[type]:
    """Leave out a base that another one extends: Python wants the nearer one only."""
    return [each for each in bases if not any(other is not each and issubclass(other, each) for other in bases)]


def _become(own: Any, now: Any) -> None:
    """Give a container of the tests the content that the answer has given to its copy, keeping what has kept its place."""
    if own is now or type(own) is not type(now):
        return
    if isinstance(own, list):
        for number, (one, other) in enumerate(zip(own, now, strict=False)):
            if type(one) is type(other) and isinstance(one, list | dict | set | bytearray):
                _become(one, other)
                now[number] = one
        own[:] = now
    elif isinstance(own, dict):
        kept = {key: own[key] for key in own if key in now and type(own[key]) is type(now[key])}
        for key, one in kept.items():
            if isinstance(one, list | dict | set | bytearray):
                _become(one, now[key])
                now[key] = one
        own.clear()
        own.update(now)
    elif isinstance(own, set):
        own.clear()
        own.update(now)
    elif isinstance(own, bytearray):
        own[:] = now
    elif hasattr(own, "clear") and hasattr(own, "extend"):
        own.clear()
        own.extend(now)
    elif type(own).__module__ == "numpy" and own.shape == now.shape:
        own[...] = now


def stand_for_modules(side: Examination) -> None:
    """Let tests import the answer by the names that its file has."""
    for name in ("main", "solution"):
        sys.modules[name] = _Imported(name, side)


class _Imported(types.ModuleType):
    def __init__(self, name: str, side: Examination) -> None:
        super().__init__(name)
        self.__dict__["_syncode_side"] = side

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        side: Examination = self.__dict__["_syncode_side"]
        found = side._names([name])
        if name not in found:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        side.name(found[name])
        self.__dict__[name] = found[name]
        return found[name]


FILE = stand_for_modules.__code__.co_filename
"""How frames of this module name their file: what they raise, the answer has raised."""

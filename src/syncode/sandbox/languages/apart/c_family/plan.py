"""Which functions and classes of a C++ answer the tests need, and whether they can be called from another process."""

from collections.abc import Iterable

from syncode.sandbox.languages.apart.c_family import reach
from syncode.sandbox.languages.apart.c_family.declared import Reader
from syncode.sandbox.languages.apart.c_family.model import Class, Declared, Function
from syncode.sandbox.languages.apart.c_family.types import Type
from syncode.sandbox.languages.apart.c_family.words import Text

Numbered = list[tuple[Function, Class | None]]
"""Functions, methods and constructors, with their class; the place is the number that stands for each on the channel."""


class Plan:
    """What is generated for both halves out of what the answer declares."""

    def __init__(self, answer: Text, found: Declared, names: set[str], used: set[str]) -> None:
        self.answer, self.found, self.used = answer, found, used
        self.functions = _merged(each for each in found.functions if each.name in names)
        self.classes: list[Class] = []
        self.plain: list[Class] = []
        self.enums: set[str] = set()

    @classmethod
    def of(cls, answer: Text, tests: Text) -> "Plan | str":
        """Return what is to be generated, or why the tests need the answer in their process."""
        reason = reach.together(tests)
        if reason:
            return reason
        found, own = Reader(answer, True).found, Reader(tests, True).found
        names = reach.asked(tests, own, found, set(answer.macros), True)
        if isinstance(names, str):
            return names
        used = reach.mentioned(tests) - own.classes.keys() - own.aliases.keys()
        used -= {name for name in reach.types(answer, found) & used if reach.taken(name)}
        asked = {name for name, made in found.classes.items() if any(each.name in used for each in made.methods)}
        if asked:
            found = Reader(answer, True, frozenset(asked)).found
        self = cls(answer, found, names, used)
        return reach.narrow(found, answer.macros, used) or self._problem() or self._complete(tests) or self

    def _problem(self) -> str | None:
        for each in self.functions:
            if each.problem or (problem := self._unfit(each)):
                return f"{each.name} of the answer cannot be called from another process: {each.problem or problem}"
        return None

    def _unfit(self, each: Function, own: str = "") -> str:
        """Return why a function cannot be called over the channel."""
        for one in each.parameters:
            if not self._crosses(one.type):
                return f"the type {one.type.spelled}"
        if each.result.reference and not each.result.const and each.result.name != own:
            return "it returns a reference"
        return "" if each.result.kind == "void" or self._crosses(each.result) else f"the type {each.result.spelled}"

    @classmethod
    def _crosses(cls, each: Type) -> bool:
        if each.kind == "pointer":
            return each.name == "const char *" and not each.changes
        if each.kind in ("void", "callback"):
            return False
        inner = each.of[1:] if each.kind == "function" and each.of[0].kind == "void" else each.of
        return all(map(cls._crosses, inner))

    def _complete(self, tests: Text) -> str | None:
        """Find the types that the tests' half has to declare."""
        wanted = {name for each in self.functions for name in _types(each)}
        wanted |= {self.found.classes[name].spelled for name in self.used & self.found.classes.keys()}
        wanted |= {f"::{name}" for name in self.used & self.found.enums.keys()}
        wanted |= {
            name for alias in self.used & self.found.aliases.keys() for name in self.found.aliases[alias].named()
        }
        wanted |= {
            f"::{name}" for name, (body, *_) in self.found.enums.items() if name[0] != " " and self.used & set(body)
        }
        done: set[str] = set()
        while wanted - done:
            name = min(wanted - done)
            done.add(name)
            made = self.found.classes.get(name.rpartition("::")[2])
            if made is None:
                continue
            if made.problem or made.spelled != name:
                return f"{made.name} of the answer stays with it: {made.problem}"
            if self.kind(made) == "plain":
                wanted |= {each for member in made.members for each in member[0].named()}
            else:
                problem = self._object(made, tests)
                if problem:
                    return problem
                wanted |= {each for method in (*made.methods, *made.constructors) for each in _types(method)}
        for made in self.found.classes.values():
            if made.spelled in done:
                (self.plain if self.kind(made) == "plain" else self.classes).append(made)
        self.enums = {name for name in self.found.enums if f"::{name}" in done}
        if self.classes and any(
            each in ("sizeof", "alignof", "reinterpret_cast", "typeid", "memcpy", "memset") or each.startswith("is_")
            for each in self.used
        ):
            return "the tests look at what a class of the answer is made of"
        if not self.functions and not self.classes:
            return "the tests call nothing of the answer that can be called from another process"
        return None

    def _object(self, made: Class, tests: Text) -> str | None:
        """Keep what can be called of a class; return what is used and cannot be."""
        words = tests.words
        for at, word in enumerate(words):
            if (
                word == made.name
                and words[at - 1] in (":", "public", "private", "protected", "virtual", ",")
                and "{" in words[at : at + 3]
            ):
                return f"the tests extend {made.name}"
        for each in (*made.methods, *made.constructors):
            if any(one.type.reference and one.type.bare.name in made.held for one in each.parameters):
                return f"{made.name} of the answer may hold on to what it is given"
            problem = each.problem or self._unfit(each, made.spelled)
            if problem and each.name in self.used and each.name != made.name and problem != "it is deleted":
                return f"{made.name}::{each.name} cannot be called from another process: {problem}"
        made.methods = [
            each
            for each in made.methods
            if not each.problem and not self._unfit(each, made.spelled) and each.name in self.used
        ]
        made.constructors = [
            each
            for each in made.constructors
            if not each.problem
            and not self._unfit(each)
            and [one.type.name for one in each.parameters] != [made.spelled]
        ]
        return None

    def kind(self, made: Class) -> str:
        """Return whether a class is plain or stays with the answer."""
        own = self.found.known.get("::".join((*made.path, made.name)))
        return own.kind if own else ""

    def numbered(self) -> Numbered:
        """Return all that can be called."""
        members: Numbered = [(each, made) for made in self.classes for each in (*made.constructors, *made.methods)]
        own: Numbered = [(each, None) for each in self.functions]
        return [(each, made) for one, made in own + members for each in one.variants]


def _merged(functions: Iterable[Function]) -> list[Function]:
    """Return each function once: of its prototypes and its definition, the one with most defaults."""
    made: dict[tuple[object, ...], Function] = {}
    for each in functions:
        key = (each.path, each.name, tuple(one.type.spelled for one in each.parameters))
        known = made.get(key)
        made[key] = each if known is None or each.least < known.least else known
    return list(made.values())


def _types(each: Function) -> set[str]:
    return each.result.named().union(*(one.type.named() for one in each.parameters))

"""One function of a Rust answer: as it stands beside the tests and asks, and as the answer's half calls it."""

from collections.abc import Collection, Iterator, Mapping
from itertools import chain
from types import MappingProxyType

from syncode.sandbox.languages.apart.rust_kinds import PRIMITIVE, Kinds
from syncode.sandbox.languages.apart.rust_text import Function, Kind, Reader, replaced
from syncode.sandbox.languages.apart.rust_tokens import Unclear

PLAIN = PRIMITIVE | {
    "true",
    "false",
    "Some",
    "None",
    "as",
    "std",
    "MAX",
    "MIN",
    "EPSILON",
    "consts",
    "PI",
    "INFINITY",
    "NAN",
}
"""Words of a constant that stand for themselves."""
TEXT = Kind("path", "str")
_TEXTS = {"Into": ".into()", "AsRef": ".as_ref()", "ToString": ".to_string()", "Display": ".to_string()"}


class Stub:
    """`owner`: the type that it belongs to, in angle brackets, maybe with a trait; `known`: what its generic parameters are."""

    def __init__(
        self, kinds: Kinds, function: Function, owner: str = "", known: Mapping[str, Kind] = MappingProxyType({})
    ) -> None:
        self.kinds, self.function, self.owner = kinds, function, owner
        self.callbacks: dict[str, Kind] = {}
        self.texts: dict[str, Kind] = {}
        for each in function.generics:
            for bound in each.bounds:
                try:
                    kind = replaced(Reader(bound).whole(), known)
                except Unclear:
                    continue
                if kind.form == "function":
                    self.callbacks[each.name] = kind
                elif kinds.last(kind) in _TEXTS and (not kind.inner or kind.inner[0].name in ("str", "String")):
                    self.texts[each.name] = kind
        self.free = [
            each for each in function.generics if each.name not in self.callbacks and each.name not in self.texts
        ]
        self.callbacks_of = [self._callback(kind) for kind in function.parameters]
        self.chained = (
            function.takes == "&mut" and function.result.form == "reference" and function.result.name == "mut"
            and f"<{kinds.written(function.result.inner[0])}>" == owner
        )  # fmt: skip

    def _callback(self, kind: Kind) -> Kind | None:
        """Return the function that a parameter is."""
        if kind.form == "reference" or (kind.form == "path" and self.kinds.last(kind) == "Box" and kind.inner):
            inner = kind.inner[0]
            return self._callback(inner) if inner.form in ("function", "path") and inner.name != "Box" else None
        if kind.form == "path":
            return self.callbacks.get(kind.name)
        return kind if kind.form == "function" else None

    def _text(self, kind: Kind) -> Kind | None:
        """Return the trait by which a parameter becomes a text."""
        if kind.form == "path" and kind.name.startswith("impl "):
            name = kind.name.removeprefix("impl ").rpartition("::")[2]
            known = name in _TEXTS and all(one.name in ("str", "String") for one in kind.inner)
            return Kind("path", name, kind.inner) if known else None
        return self.texts.get(kind.name) if kind.form == "path" else None

    def problem(self, generic: Collection[str]) -> str:
        """Return why it cannot be called from the other half, or nothing."""
        function = self.function
        if not function.plain:
            return "it is unsafe or async"
        for kind, callback in zip(function.parameters, self.callbacks_of, strict=True):
            if callback is not None:
                for each in callback.inner:
                    inner = each.inner[0] if each.form == "reference" and not each.name else each
                    if problem := self.kinds.problem(inner, generic, value=True):
                        return problem
                continue
            if self._text(kind) is not None:
                continue
            inner = kind.inner[0] if kind.form == "reference" else kind
            if problem := self.kinds.problem(inner, generic):
                return problem
            if (
                not self.kinds.is_opaque(inner)
                and self._opaque_inside(inner)
                and (kind.form == "reference" or _refers(inner))
            ):
                return "references to what stays with the answer"
            if kind.form == "reference" and kind.name and inner == TEXT:
                return "a text that changes in place"
        if self.chained:
            return ""
        made = self._function_made()
        if made is not None:
            if any(callback is not None for callback in self.callbacks_of) or function.takes in ("&", "&mut"):
                return "a function made of others"
            problems = (self.kinds.problem(each, generic, value=True) for each in made.inner)
            return next(filter(None, problems), "a function of references" if any(map(_refers, made.inner)) else "")
        return self.kinds.problem(function.result, generic)

    def _opaque_inside(self, kind: Kind) -> bool:
        return self.kinds.is_opaque(kind) or any(self._opaque_inside(each) for each in kind.inner)

    def _function_made(self) -> Kind | None:
        result = self.function.result
        if (
            result.form == "path"
            and self.kinds.last(result) == "Box"
            and result.inner
            and result.inner[0].form == "function"
        ):
            return result.inner[0]
        return result if result.form == "function" and result.boxed == "impl" else None

    def head(self, body: bool = True) -> str:
        """Return how it is declared beside the tests; without a body, no parameter is called `mut`."""
        function = self.function
        receiver = {"": [], "self": ["self"], "&": ["&self"], "&mut": ["&mut self"]}[function.takes]
        parts = []
        for place, kind in enumerate(function.parameters):
            mutable = "mut " if self.callbacks_of[place] is not None and kind.form != "reference" and body else ""
            parts.append(f"{mutable}syncode_{place}: {self.kinds.written(kind, '')}")
        generics = []
        for each in function.generics:
            if each.name in self.callbacks:
                generics.append(f"{each.name}: {self.kinds.written(self.callbacks[each.name], '')}")
            elif each.name in self.texts:
                generics.append(f"{each.name}: {_trait(self.texts[each.name])}")
            else:
                bounds = " + ".join(" ".join(token.text for token in bound) for bound in each.bounds)
                generics.append(f"{each.name}: {bounds + ' + ' if bounds else ''}::syncode::Kind")
        of = f"<{', '.join(generics)}>" if generics else ""
        result = "&mut Self" if self.chained else self.kinds.written(function.result)
        return f"fn {function.name}{of}({', '.join([*receiver, *parts])}) -> {result}"

    def text(self, name: str, types: Collection[str]) -> str:
        """Return the stub. `types`: the generic parameters that its name in the other half is made of."""
        function = self.function
        key = f'"{name}"'
        if types:
            holes = ",".join("{}" for _ in types)
            names = ", ".join(f"<{each} as ::syncode::Kind>::NAME" for each in types)
            key = f'&::std::format!("{{}}<{holes}>", "{name}", {names})'
        first, puts, backs, after = [], [], [], []
        if function.takes:
            puts.append(f"::syncode::Put::put(&{'*' if function.takes != 'self' else ''}self, to);")
        if function.takes == "&mut" and not self._own_opaque():
            after.append("*self = from.get();")
        for place, (kind, callback) in enumerate(zip(function.parameters, self.callbacks_of, strict=True)):
            here = f"syncode_{place}"
            if callback is not None:
                if callback.name == "FnOnce":
                    first.append(f"let mut {here} = ::std::option::Option::Some({here});")
                backs.append(self._back(here, callback))
            elif (trait := self._text(kind)) is not None:
                first.append(
                    f"let {here}: ::std::string::String = {here}{_TEXTS[trait.name.rpartition('::')[2]]}.into();"
                )
                puts.append(f"::syncode::Put::put(&{here}, to);")
            else:
                puts.append(f"::syncode::Put::put(&{here}, to);")
                if kind.form == "reference" and kind.name and not self.kinds.is_opaque(kind.inner[0]):
                    after.append(
                        f"::syncode::fill({here}, from.get());"
                        if kind.inner[0].form == "slice"
                        else f"*{here} = from.get();"
                    )
        call = f"let mut from = ::syncode::call({key}, &|to| {{ {' '.join(puts)} }}, &mut [{', '.join(backs)}]);"
        result = "let result = from.get();"
        if self.chained:
            result = ""
        elif (made := self._function_made()) is not None:
            result = f"let result = {self._kept(made)};"
        end = "self" if self.chained else "result"
        return f"pub {self.head()} {{ {' '.join([*first, call, result, *after])} from.done(); {end} }}"

    def _own_opaque(self) -> bool:
        name = self.owner[1:].partition(" as ")[0].removeprefix("crate::").partition("<")[0].rstrip(">")
        return name in self.kinds.opaque

    def _back(self, here: str, callback: Kind) -> str:
        *taken, _ = callback.inner
        gets = " ".join(f"let x{at}: {self._held(kind)} = from.get();" for at, kind in enumerate(taken))
        passed = ", ".join(_passed(kind, f"x{at}") for at, kind in enumerate(taken))
        act = f"{here}.take().unwrap()" if callback.name == "FnOnce" else here
        return (
            f"&mut |from: &mut ::syncode::In, to: &mut ::syncode::Out| {{ {gets} from.done(); "
            f"let result = ({act})({passed}); ::syncode::Put::put(&result, to) }}"
        )

    def _held(self, kind: Kind) -> str:
        """Return the type of the variable that a parameter arrives in."""
        inner = kind.inner[0] if kind.form == "reference" else kind
        return self.kinds.owned(inner) if inner.form == "slice" or inner == TEXT else self.kinds.written(inner)

    def _kept(self, made: Kind) -> str:
        *taken, result = made.inner
        names = ", ".join(f"x{at}: {self.kinds.written(kind)}" for at, kind in enumerate(taken))
        puts = " ".join(f"::syncode::Put::put(&x{at}, to);" for at in range(len(taken)))
        closure = (
            f'move |{names}| -> {self.kinds.written(result)} {{ let mut from = ::syncode::call("#", &|to| {{ '
            f"::syncode::Put::put(&number, to); {puts} }}, &mut []); from.get() }}"
        )
        boxed = self.function.result.form == "path"
        return f"{{ let number: u64 = from.get(); {f'::std::boxed::Box::new({closure})' if boxed else closure} }}"

    def arm(self, name: str) -> str:
        """Return the arm of the answer's match that calls it."""
        function = self.function
        lets, passed, after = [], [], []
        if function.takes:
            owner = self.owner[1:-1].partition(" as ")[0]
            if self._own_opaque() and function.takes != "self":
                lets.append(f"let own = unsafe {{ &mut *::syncode::kept::<{owner}>(from.get()) }};")
                passed.append("own")
            else:
                lets.append(f"let mut own: {owner} = from.get();")
                passed.append({"self": "own", "&": "&own", "&mut": "&mut own"}[function.takes])
                if function.takes == "&mut":
                    after.append("::syncode::Put::put(&own, to);")
        backs = 0
        for place, (kind, callback) in enumerate(zip(function.parameters, self.callbacks_of, strict=True)):
            here = f"a{place}"
            if callback is not None:
                lets.append(self._calling(here, callback, backs))
                passed.append(self._called(kind, here))
                backs += 1
                continue
            made, given = self._arrived(kind, here)
            lets.append(made)
            passed.append(given)
            if kind.form == "reference" and kind.name and not self.kinds.is_opaque(kind.inner[0]):
                after.append(f"::syncode::Put::put(&{here}, to);")
        path = f"{self.owner}::{function.name}" if self.owner else f"crate::{function.name}"
        call = f"{path}({', '.join(passed)})"
        function_made = self._function_made()
        if self.chained:
            give = f"{call};"
        elif function_made is not None:
            give = f"let result = {call}; {self._keeping(function_made)}"
        else:
            result = function.result
            kind_of = "" if _refers(result) or result == Kind("tuple") else f": {self.kinds.written(result)}"
            give = f"let result{kind_of} = {call}; ::syncode::Put::give(result, to);"
        return f'"{name}" => {{ {" ".join(lets)} from.done(); {give} {" ".join(after)} }}'

    def _called(self, kind: Kind, here: str) -> str:
        """Return how a function that calls back is passed."""
        if kind.form == "path" and self.kinds.last(kind) == "Box":
            return f"::std::boxed::Box::new({here})"
        return f"&{'mut ' if kind.name else ''}{here}" if kind.form == "reference" else here

    def _arrived(self, kind: Kind, here: str) -> tuple[str, str]:
        """Return how a parameter is read, and how it is passed."""
        inner = kind.inner[0] if kind.form == "reference" else kind
        if self._text(kind) is not None:
            return f"let {here}: ::std::string::String = from.get();", here
        if kind.form == "reference" and self.kinds.is_opaque(inner):
            return f"let {here} = unsafe {{ &mut *::syncode::kept::<{self.kinds.written(inner)}>(from.get()) }};", here
        if kind.form == "reference" and not kind.name and (inner == TEXT or self._leaks()):
            return f"let {here}: {self.kinds.written(kind)} = from.get();", here
        return f"let mut {here}: {self._held(kind)} = from.get();", _passed(kind, here)

    def _leaks(self) -> bool:
        """Return whether what it is given may be kept: by its owner, or in its result, whose type holds references."""
        names = {self.owner[1:-1].partition(" as ")[0].partition("<")[0].removeprefix("crate::")}
        names |= {self.kinds.last(each) for each in _walk(self.function.result) if each.form == "path"}
        fields = (
            kind for name in names & set(self.kinds.file.types)
            for _, inside, _ in self.kinds.file.types[name].variants for _, kind in inside
        )  # fmt: skip
        return bool(names & self.kinds.opaque) or any(_refers(kind) for kind in fields)

    def _calling(self, here: str, callback: Kind, place: int) -> str:
        *taken, result = callback.inner
        names = ", ".join(f"x{at}: {self.kinds.written(kind, '')}" for at, kind in enumerate(taken))
        puts = " ".join(f"::syncode::Put::put(&x{at}, to);" for at in range(len(taken)))
        call = f"::syncode::back({place}, &|to| {{ {puts} }}).get()"
        return f"let mut {here} = |{names}| -> {self.kinds.written(result)} {{ {call} }};"

    def _keeping(self, made: Kind) -> str:
        *taken, _ = made.inner
        gets = " ".join(f"let x{at}: {self.kinds.written(kind)} = from.get();" for at, kind in enumerate(taken))
        names = ", ".join(f"x{at}" for at in range(len(taken)))
        once = made.name == "FnOnce"
        act = "result.take().unwrap()" if once else "result"
        first = "let mut result = ::std::option::Option::Some(result);" if once else "let mut result = result;"
        return (
            f"{first} let kept: ::syncode::Kept = ::std::boxed::Box::new(move |from, to| {{ {gets} from.done(); "
            f"::syncode::Put::give(({act})({names}), to) }}); ::syncode::Put::put(&::syncode::keep(kept), to);"
        )


def _trait(kind: Kind) -> str:
    name = kind.name.rpartition("::")[2]
    return {
        "Into": "::std::convert::Into<::std::string::String>", "AsRef": "::std::convert::AsRef<str>",
        "ToString": "::std::string::ToString", "Display": "::std::fmt::Display",
    }[name]  # fmt: skip


def _is_slice(kind: Kind) -> bool:
    return kind.form == "reference" and (kind.inner[0].form == "slice" or kind.inner[0] == TEXT)


def _passed(kind: Kind, here: str) -> str:
    if kind.form != "reference":
        return here
    return f"&{'mut ' if kind.name else ''}{here}{'[..]' if _is_slice(kind) else ''}"


def _refers(kind: Kind) -> bool:
    return any(each.form == "reference" for each in _walk(kind))


def _walk(kind: Kind) -> Iterator[Kind]:
    return chain((kind,), *(map(_walk, kind.inner)))

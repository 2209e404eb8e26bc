"""Which types of Rust cross between tests and answer, and how they are written on either side."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from syncode.sandbox.languages.apart.rust_file import File
from syncode.sandbox.languages.apart.rust_text import Generic, Kind, Type
from syncode.sandbox.languages.apart.rust_tokens import written

PRIMITIVE = frozenset(
    (
        "i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16", "u32", "u64", "u128", "usize", "f32", "f64", "bool", "char",
        "str",
    )
)  # fmt: skip
STANDARD = {
    "String": "string::String", "Vec": "vec::Vec", "Option": "option::Option", "Result": "result::Result", "Box": "boxed::Box",
    "HashMap": "collections::HashMap", "HashSet": "collections::HashSet", "BTreeMap": "collections::BTreeMap",
    "BTreeSet": "collections::BTreeSet", "VecDeque": "collections::VecDeque", "LinkedList": "collections::LinkedList",
    "BinaryHeap": "collections::BinaryHeap", "Reverse": "cmp::Reverse", "Ordering": "cmp::Ordering", "Duration": "time::Duration",
    "ParseIntError": "num::ParseIntError", "ParseFloatError": "num::ParseFloatError", "ParseBoolError": "str::ParseBoolError",
    "Range": "ops::Range", "PhantomData": "marker::PhantomData", "ParseCharError": "char::ParseCharError",
}  # fmt: skip
"""Types of the standard library that cross (`cross.rs` knows how), below `std`."""
LANGUAGE = PRIMITIVE | {
    "String", "Vec", "Option", "Result", "Box", "Some", "None", "Ok", "Err", "Fn", "FnMut", "FnOnce", "Copy", "Send", "Sync",
    "Sized", "Drop", "Clone", "PartialEq", "Eq", "PartialOrd", "Ord", "Default", "Iterator", "IntoIterator", "Extend", "From",
    "Into", "AsRef", "AsMut", "ToString", "ToOwned", "TryFrom", "TryInto", "FromIterator", "drop", "std", "core", "alloc", "main",
    "syncode", "DoubleEndedIterator", "ExactSizeIterator",
}  # fmt: skip
"""Names that the language brings: beside the tests they mean that."""
BOTH = " + Send + Sync"
ERROR = ("dyn Error", "dyn std::error::Error", "dyn error::Error")


@dataclass
class Kinds:
    """Knows the types of one answer. `bad`: why one is not for the tests; `opaque`: those whose inside stays."""

    file: File
    taken: set[str]
    bad: dict[str, str] = field(default_factory=dict)
    opaque: set[str] = field(default_factory=set)

    def sort(self, dropped: Iterable[str]) -> None:
        """Find out which types cross. `dropped`: those that do something when they end."""
        for name in self.file.types:
            if name in self.taken:
                self.bad[name] = "the tests or the language have another one"
        for name in dropped:
            self.bad[name] = f"{name} does something when it is dropped"
        for name, each in self.file.types.items():
            if each.lives > 1:
                self.bad[name] = "more than one lifetime"
        again = True
        while again:
            again = False
            for name, each in self.file.types.items():
                if name in self.bad or name in self.opaque:
                    continue
                generic = {one.name for one in each.generics}
                kinds = [kind for _, fields, _ in each.variants for _, kind in fields]
                problem = next(filter(None, (self.problem(kind, generic, value=True) for kind in kinds)), "")
                if problem:
                    again = True
                    if each.form == "type" or each.generics:
                        self.bad[name] = problem
                    else:
                        self.opaque.add(name)

    def problem(self, kind: Kind, generic: Iterable[str], value: bool = False) -> str:
        """Return why a type does not cross, or nothing. `value`: nor do those whose inside stays."""
        if kind.form == "function":
            return "a function inside of a value"
        if kind.form == "reference" and kind.name == "mut":
            return "a reference that changes something"
        if kind.form == "path" and kind.name not in generic:
            name = self.last(kind)
            own = not kind.name.startswith(("std::", "core::"))
            if name == "Box" and kind.inner and kind.inner[0].name.removesuffix(BOTH) in ERROR:
                return ""
            if own and name in self.file.types:
                if name in self.bad:
                    return f"{name}: {self.bad[name]}"
                if value and name in self.opaque:
                    return f"a value of type {name}"
            elif name not in STANDARD and name not in PRIMITIVE:
                return f"the type {kind.name}"
            elif own and name in self.file.names:
                return f"another {name}"
        for each in kind.inner:
            if problem := self.problem(each, generic, value):
                return problem
        return ""

    @staticmethod
    def last(kind: Kind) -> str:
        """Return the last part of a path."""
        name = kind.name.rpartition("::")[2]
        return kind.name if kind.name.startswith(("dyn ", "impl ")) else name

    def written(self, kind: Kind, life: str = "'static") -> str:
        """Return a type as text, with the lifetime of the references in it."""
        inner = [self.written(each, life) for each in kind.inner]
        if kind.form == "reference":
            return f"&{life}{' ' * bool(life)}{kind.name + ' ' if kind.name else ''}{inner[0]}"
        if kind.form == "slice":
            return f"[{inner[0]}]"
        if kind.form == "array":
            return f"[{inner[0]}; {kind.name}]"
        if kind.form == "tuple":
            return f"({''.join(f'{each}, ' for each in inner)})"
        if kind.form == "function":
            result = "" if kind.inner[-1] == Kind("tuple") else f" -> {inner[-1]}"
            return f"{kind.boxed + ' ' if kind.boxed not in ('', 'fn') else ''}{kind.name}({', '.join(inner[:-1])}){result}"
        name = self.last(kind)
        if name.removesuffix(BOTH) in ERROR:
            return f"dyn ::std::error::Error{BOTH if name.endswith(BOTH) else ''}"
        if name in self.file.types and not kind.name.startswith(("std::", "core::")):
            inner = [life or "'_"] * self.file.types[name].lives + inner
            name = f"crate::{name}"
        elif name in STANDARD:
            name = f"::std::{STANDARD[name]}"
        return f"{name}<{', '.join(inner)}>" if inner else name

    def owned(self, kind: Kind) -> str:
        """Return the type in which a parameter of this type arrives: what a reference leads to."""
        if kind.form == "reference":
            return self.owned(kind.inner[0])
        if kind.form == "slice":
            return f"::std::vec::Vec<{self.written(kind.inner[0])}>"
        if kind == Kind("path", "str"):
            return "::std::string::String"
        return self.written(kind)

    def is_opaque(self, kind: Kind) -> bool:
        return kind.form == "path" and self.last(kind) in self.opaque


def bounded(generics: Iterable[Generic], more: str = "", lives: int = 0) -> str:
    """Return generic parameters as they are declared, each with `more` bounds, behind `lives` lifetimes."""
    parts = ["'a"] * lives
    for each in generics:
        bounds = [written(bound) for bound in each.bounds]
        if more:
            bounds.append(more)
        parts.append(f"{each.name}: {' + '.join(bounds)}" if bounds else each.name)
    return f"<{', '.join(parts)}>" if parts else ""


DERIVED = ("Debug", "Clone", "Copy", "PartialEq", "Eq", "PartialOrd", "Ord", "Hash", "Default")
_NEEDED = {
    "Eq": ("PartialEq",),
    "PartialOrd": ("PartialEq",),
    "Ord": ("PartialEq", "Eq", "PartialOrd"),
    "Copy": ("Clone",),
}


def declared(kinds: Kinds, each: Type) -> str:
    """Return the declaration of a type for the tests' half: what it derives is derived there anew."""
    left_out = ("Default",) if each.form == "enum" else ()  # which variant is meant is not read
    known = [name for name in DERIVED if name in each.derives and name not in left_out]
    derives = [name for name in known if set(_NEEDED.get(name, ())) <= set(known)]
    head = f"#[derive({', '.join(derives)})]\n" if derives else ""
    generics = bounded(each.generics, lives=each.lives)
    if each.form == "type":
        return f"pub type {each.name}{generics} = {kinds.written(each.variants[0][1][0][1])};"
    shapes = [
        _shape(kinds, variant, "" if each.form == "enum" else "pub(crate) ", each.lives) for variant in each.variants
    ]
    if each.form == "enum":
        names = (name for name, _, _ in each.variants)
        return f"{head}pub enum {each.name}{generics} {{ {', '.join(map(''.join, zip(names, shapes, strict=True)))} }}"
    end = "" if shapes[0].endswith("}") else ";"
    return f"{head}pub struct {each.name}{generics}{shapes[0]}{end}"


def _shape(kinds: Kinds, variant: tuple[str, tuple[tuple[str, Kind], ...], str], front: str, lives: int) -> str:
    _, fields, form = variant
    life = "'a" if lives else "'static"
    if form == "{":
        return f" {{ {', '.join(f'{front}{name}: {kinds.written(kind, life)}' for name, kind in fields)} }}"
    if form == "(":
        return f"({', '.join(f'{front}{kinds.written(kind, life)}' for _, kind in fields)})"
    return f" {form}" if form else ""


def codec(kinds: Kinds, each: Type) -> str:
    """Return how a type is sent and rebuilt: the same on both sides."""
    own = [one.name for one in each.generics]
    inside = ", ".join([*("'_" for _ in range(each.lives)), *own])
    names = f"<{inside}>" if inside else ""
    fixed = names.replace("'_", "'static")
    sends, makes = [], []
    for place, (name, fields, form) in enumerate(each.variants):
        path = f"crate::{each.name}::{name}" if each.form == "enum" else f"crate::{each.name}"
        bound = ", ".join(f"{field}: f{at}" for at, (field, _) in enumerate(fields))
        pattern = f"{path} {{ {bound} }}" if form in ("{", "(") else path
        put = " ".join(f"::syncode::Put::put(f{at}, to);" for at in range(len(fields)))
        number = f"::syncode::Put::put(&{place}u32, to); " if each.form == "enum" else ""
        sends.append(f"{pattern} => {{ {number}{put} }}")
        made = ", ".join(f"{field}: ::syncode::Get::get(from)" for field, _ in fields)
        makes.append(f"{place} => {path} {{ {made} }}," if form in ("{", "(") else f"{place} => {path},")
    number = "from.get::<u32>()" if each.form == "enum" else "0u32"
    never = '_ => ::syncode::end(1, "a malformed message"),'
    return (
        f"impl{bounded(each.generics, '::syncode::Put')} ::syncode::Put for crate::{each.name}{names} "
        f"{{ fn put(&self, to: &mut ::syncode::Out) {{ match self {{ {' '.join(sends) or '_ => {}'} }} }} }}\n"
        f"impl{bounded(each.generics, '::syncode::Get')} ::syncode::Get for crate::{each.name}{fixed} "
        f"{{ fn get(from: &mut ::syncode::In) -> Self {{ match {number} {{ {' '.join(makes)} {never} }} }} }}"
    )

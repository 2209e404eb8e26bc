"""Reads what a Rust file declares, out of its text alone: functions, types and their methods, traits and constants."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from syncode.sandbox.languages.apart.rust_text import Function, Impl, Kind, Reader, Type, replaced
from syncode.sandbox.languages.apart.rust_tokens import Tokens, Unclear, scan


@dataclass
class File:
    """What a text declares at its top. `unread`: names of which no more is known; `uses`: paths of imports, as tokens."""

    functions: dict[str, Function] = field(default_factory=dict)
    types: dict[str, Type] = field(default_factory=dict)
    traits: dict[str, tuple[Function, ...]] = field(default_factory=dict)
    impls: list[Impl] = field(default_factory=list)
    constants: dict[str, tuple[Kind, Tokens]] = field(default_factory=dict)
    uses: list[Tokens] = field(default_factory=list)
    macros: set[str] = field(default_factory=set)
    unread: set[str] = field(default_factory=set)
    mains: list[int] = field(default_factory=list)
    modules: set[str] = field(default_factory=set)

    @property
    def names(self) -> set[str]:
        return {*self.functions, *self.types, *self.traits, *self.constants, *self.unread}


def read(text: str) -> File:
    """Return what a file declares; raises Unclear."""
    reader, file = Reader(scan(text)), File()
    while reader.more:
        _item(reader, file)
    return file


def _item(reader: Reader, file: File) -> None:
    derives, plain = reader.attributes()
    plain = reader.words() and plain
    word = reader.take().text
    if word == "use":
        file.uses.append(reader.until(";"))
    elif word == "fn":
        if reader.here == "main":
            file.mains.append(reader.tokens[reader.at].place)
        _known(reader, file, lambda: file.functions.update({reader.here: reader.function(plain)}))
    elif word in ("struct", "enum", "type"):
        _known(reader, file, lambda: file.types.update({reader.here: reader.type(word, derives)}))
    elif word in ("const", "static"):
        _known(reader, file, lambda: file.constants.update(reader.constant()))
    elif word == "trait":
        _known(reader, file, lambda: file.traits.update({reader.here: reader.trait()}))
    elif word == "crate":
        reader.until(";")
    elif word == "impl":
        _known(reader, file, lambda: file.impls.append(reader.impl()))
    elif word == "mod":
        file.modules.add(reader.take().text)
        reader.rest()
    elif word == "macro_rules":
        reader.take()
        file.macros.add(reader.take().text)
        reader.rest()
    elif word != ";":
        raise Unclear(f"the declaration at {word!r}")


def _known(reader: Reader, file: File, act: Callable[[], None]) -> None:
    """Read a declaration; one of which no more than its name can be said is left out."""
    begin, name = reader.at, reader.here
    try:
        act()
    except Unclear:
        file.unread.add(name)
        reader.at = begin
        reader.rest()


def expanded(file: File) -> File:
    """Return a file in whose declarations an alias is what it stands for."""
    aliases = {name: each for name, each in file.types.items() if each.form == "type"}
    if not aliases:
        return file

    def kind(one: Kind, depth: int = 0) -> Kind:
        inner = tuple(kind(each, depth) for each in one.inner)
        each = aliases.get(one.name) if one.form == "path" else None
        if each is None or depth > len(aliases) or len(inner) > len(each.generics):
            return replace(one, inner=inner)
        names = {generic.name: given for generic, given in zip(each.generics, inner, strict=False)}
        return kind(replaced(each.variants[0][1][0][1], names), depth + 1)

    def function(one: Function) -> Function:
        return replace(one, parameters=tuple(map(kind, one.parameters)), result=kind(one.result))

    def type_of(one: Type) -> Type:
        variants = tuple(
            (name, tuple((field, kind(each)) for field, each in fields), form) for name, fields, form in one.variants
        )
        return replace(one, variants=variants)

    def impl(one: Impl) -> Impl:
        kinds = tuple((name, kind(each)) for name, each in one.kinds)
        trait = replace(one.trait, inner=tuple(map(kind, one.trait.inner))) if one.trait else None
        return replace(
            one, owner=kind(one.owner), trait=trait, functions=tuple(map(function, one.functions)), kinds=kinds
        )

    return replace(
        file,
        functions={name: function(each) for name, each in file.functions.items()},
        types={name: type_of(each) for name, each in file.types.items()},
        traits={name: tuple(map(function, each)) for name, each in file.traits.items()},
        impls=list(map(impl, file.impls)),
        constants={name: (kind(each), value) for name, (each, value) in file.constants.items()},
    )

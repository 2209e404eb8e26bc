"""Reads what a Rust file declares, out of its text alone: functions, types and their methods, traits and constants."""

from collections.abc import Callable
from dataclasses import dataclass, field

from syncode.sandbox.languages.apart.rust_text import Function, Impl, Kind, Reader, Type
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

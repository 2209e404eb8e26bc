"""Declarations and types of Rust, and the reader that takes them from tokens."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from syncode.sandbox.languages.apart.rust_tokens import BRACKETS, Token, Tokens, Unclear, parted, written


@dataclass(frozen=True)
class Kind:
    """A type. `form`: path, reference, slice, array, tuple, function.

    `name` is that of a path (`Fn` and its kin for a function), the length of an array or how a reference is written: "" or
    "mut". The last of `inner` of a function is what it returns.
    """

    form: str
    name: str = ""
    inner: tuple["Kind", ...] = ()
    boxed: str = ""


@dataclass(frozen=True)
class Generic:
    """A parameter in angle brackets, with its bounds as text."""

    name: str
    bounds: tuple[Tokens, ...]


@dataclass(frozen=True)
class Function:
    """`owner`: the `self` it takes ("", "self", "&", "&mut"). A parameter is a name and a type; None if it cannot be said."""

    name: str
    generics: tuple[Generic, ...]
    takes: str
    parameters: tuple[Kind, ...]
    result: Kind
    plain: bool = True


@dataclass(frozen=True)
class Type:
    """A struct, enum or alias. `variants`: name, names of fields (numbers in a tuple) and their types.

    `lives`: how many lifetimes it is declared with.
    """

    name: str
    form: str
    generics: tuple[Generic, ...]
    variants: tuple[tuple[str, tuple[tuple[str, Kind], ...], str], ...]
    derives: tuple[str, ...]
    lives: int = 0


Constant = tuple[str, Kind, Tokens]
"""Name, type and value."""


@dataclass(frozen=True)
class Impl:
    """`trait`: what is implemented, if anything; `kinds`: the types that are named in there."""

    owner: Kind
    trait: Kind | None
    generics: tuple[Generic, ...]
    functions: tuple[Function, ...]
    kinds: tuple[tuple[str, Kind], ...]
    constants: tuple[Constant, ...] = ()


_WORDS = ("pub", "unsafe", "async", "extern", "default")


def replaced(kind: Kind, names: Mapping[str, Kind]) -> Kind:
    """Return a type in which names stand for other types."""
    if kind.form == "path" and kind.name in names:
        return names[kind.name]
    return replace(kind, inner=tuple(replaced(each, names) for each in kind.inner))


class Reader:
    """Takes tokens from the left."""

    def __init__(self, tokens: Tokens) -> None:
        self.tokens, self.at, self.lives = tokens, 0, 0

    @property
    def more(self) -> bool:
        return self.at < len(self.tokens)

    @property
    def here(self) -> str:
        return self.tokens[self.at].text if self.more else ""

    @property
    def next(self) -> str:
        return self.tokens[self.at + 1].text if self.at + 1 < len(self.tokens) else ""

    def take(self, wanted: str = "") -> Token:
        if not self.more or (wanted and self.here != wanted):
            raise Unclear(f"{wanted or 'more'} is missing at {self.here!r}")
        self.at += 1
        return self.tokens[self.at - 1]

    def name(self) -> str:
        token = self.take()
        if token.kind != "word":
            raise Unclear(f"{token.text!r} is not a name")
        return token.text

    def enclosed(self) -> Tokens:
        """Take a bracket, what is in it, and the one that closes it."""
        if self.here not in BRACKETS:
            raise Unclear(f"{self.here!r} opens nothing")
        begin, depth = self.at + 1, 0
        while True:
            token = self.take()
            if token.kind == "sign":
                depth += (token.text in BRACKETS) - (token.text in BRACKETS.values())
            if depth == 0:
                return self.tokens[begin : self.at - 1]

    def until(self, *signs: str) -> Tokens:
        """Take all in front of a sign outside of brackets, and the sign if it is a semicolon."""
        begin = self.at
        while self.more and self.here not in signs:
            self.enclosed() if self.here in BRACKETS else self.take()
        taken = self.tokens[begin : self.at]
        if self.here == ";":
            self.take()
        return taken

    def rest(self) -> None:
        """Take what is left of a declaration: to its semicolon, or to the end of its body."""
        self.until(";", "{") if self.here != ";" else self.take()
        if self.tokens[self.at - 1].text != ";" and self.here == "{":
            self.enclosed()

    def attributes(self) -> tuple[tuple[str, ...], bool]:
        """Take attributes; return what is derived, and whether there is nothing among them that changes what is declared."""
        derives: list[str] = []
        plain = True
        while self.here == "#":
            self.take()
            if self.here == "!":
                self.take()
            inside = self.enclosed()
            if inside and inside[0].text == "derive":
                parts = parted(inside[2:-1], ",")
                derives += [part[-1].text for part in parts]
            elif inside and inside[0].text in ("cfg", "cfg_attr"):
                plain = False
        return tuple(derives), plain

    def words(self) -> bool:
        """Take the words in front of a declaration; return whether it is a plain one."""
        plain = True
        while self.here in _WORDS or (self.here == "const" and self.next in ("fn", "unsafe")):
            word = self.take().text
            plain = plain and word not in ("unsafe", "async", "extern")
            if word == "pub" and self.here == "(":
                self.enclosed()
            elif word == "extern" and self.more and self.tokens[self.at].kind == "text":
                self.take()
        return plain

    def generics(self) -> tuple[Generic, ...]:
        if self.here != "<":
            return ()
        made = []
        for part in parted(self.angled(), ","):
            if part[0].kind == "life":
                self.lives += 1
                continue
            if part[0].text == "const":
                raise Unclear("a generic constant")
            made.append(Generic(part[0].text, tuple(parted(part[2:], "+"))))
        return tuple(made)

    def angled(self) -> Tokens:
        """Take an angle bracket, what is in it, and the one that closes it."""
        self.take("<")
        begin, depth = self.at, 1
        while depth:
            if self.here in BRACKETS:
                self.enclosed()
                continue
            depth += {"<": 1, ">": -1}.get(self.take().text, 0)
        return self.tokens[begin : self.at - 1]

    def where(self, generics: tuple[Generic, ...]) -> tuple[Generic, ...]:
        """Take a where clause; return the parameters with what it says of them."""
        if self.here != "where":
            return generics
        self.take()
        known = {each.name: each for each in generics}
        for part in parted(self.until("{", ";"), ","):
            if part[0].kind == "life":
                continue
            if len(part) < 3 or part[0].kind != "word" or part[1].text != ":":
                raise Unclear("a where clause")
            if part[0].text not in known:  # one of the type that it belongs to
                continue
            known[part[0].text] = Generic(part[0].text, (*known[part[0].text].bounds, *parted(part[2:], "+")))
        return tuple(known.values())

    def function(self, plain: bool = True) -> Function:
        name = self.name()
        generics = self.generics()
        parts = parted(self.enclosed(), ",")
        takes = ""
        if parts and (found := _self(parts[0])):
            takes, parts = found, parts[1:]
        parameters = []
        for part in parts:
            reader = Reader(part)
            reader.attributes()
            reader.until(":")
            reader.take(":")
            parameters.append(reader.whole())
        result = Kind("tuple")
        if self.here == "->":
            self.take()
            result = self.kind()
        generics = self.where(generics)
        self.take() if self.here == ";" else self.enclosed()
        return Function(name, generics, takes, tuple(parameters), result, plain)

    def type(self, form: str, derives: tuple[str, ...]) -> Type:
        name = self.name()
        self.lives = 0
        generics = self.where(self.generics())
        lives = self.lives
        if form == "type":
            self.take("=")
            made = Type(name, form, generics, (("", (("", self.kind()),), ""),), ())
            self.take(";")
            return made
        if form == "enum":
            variants = tuple(_variant(part) for part in parted(self.enclosed(), ","))
            return Type(name, form, generics, variants, derives, lives)
        if self.here == "{":
            return Type(name, form, generics, ((name, *_fields(self)),), derives, lives)
        shape = _fields(self) if self.here == "(" else ((), "")
        generics = self.where(generics)
        self.take(";")
        return Type(name, form, generics, ((name, *shape),), derives, lives)

    def constant(self) -> dict[str, tuple[Kind, Tokens]]:
        if self.here == "mut":
            raise Unclear("a changing variable")
        name = self.name()
        self.take(":")
        kind = self.kind()
        self.take("=")
        return {name: (kind, self.until(";"))}

    def trait(self) -> tuple[Function, ...]:
        self.name()
        if self.here == "<":
            raise Unclear("a generic trait")
        if self.here == ":":
            self.until("{", "where")
        inner = Reader(self.enclosed())
        functions, kinds, _ = inner.functions()
        if kinds:
            raise Unclear("a trait with types")
        return functions

    def impl(self) -> Impl:
        generics = self.generics()
        if self.here == "!":
            raise Unclear("what is not implemented")
        owner, trait = self.kind(), None
        if self.here == "for":
            self.take()
            trait, owner = owner, self.kind()
        generics = self.where(generics)
        return Impl(owner, trait, generics, *Reader(self.enclosed()).functions())

    def functions(self) -> tuple[tuple[Function, ...], tuple[tuple[str, Kind], ...], tuple[Constant, ...]]:
        """Return the functions of a trait or an implementation, the types that it names, and its constants."""
        made: list[Function] = []
        kinds: list[tuple[str, Kind]] = []
        constants: list[Constant] = []
        while self.more:
            _, plain = self.attributes()
            plain = self.words() and plain
            word, begin = self.take().text, self.at
            try:
                if word == "fn":
                    made.append(self.function(plain))
                elif word == "const":
                    constants += [(name, *what) for name, what in self.constant().items()]
                elif word == "type":
                    name = self.name()
                    if self.here == "=":
                        self.take()
                        kinds.append((name, self.kind()))
                    else:
                        kinds.append((name, Kind("tuple")))
                    self.until(";")
                else:
                    self.rest()
            except Unclear:
                self.at = begin
                self.rest()
        return tuple(made), tuple(kinds), tuple(constants)

    def whole(self) -> Kind:
        """Return the type that all tokens are."""
        kind = self.kind()
        if self.more:
            raise Unclear(f"the type at {self.here!r}")
        return kind

    def kind(self) -> Kind:
        """Take a type."""
        word = self.here
        if word == "&":
            self.take()
            if self.more and self.tokens[self.at].kind == "life":
                self.take()
            name = self.take().text if self.here == "mut" else ""
            return Kind("reference", name, (self.kind(),))
        if word == "(":
            parts = parted(self.enclosed(), ",")
            inner = tuple(Reader(part).whole() for part in parts)
            closed = self.tokens[self.at - 2].text == ","
            return inner[0] if len(inner) == 1 and not closed else Kind("tuple", "", inner)
        if word == "[":
            inside = self.enclosed()
            parts = parted(inside, ";")
            if len(parts) == 1:
                return Kind("slice", "", (Reader(parts[0]).whole(),))
            if len(parts[1]) != 1:
                raise Unclear("the length of an array")
            return Kind("array", parts[1][0].text, (Reader(parts[0]).whole(),))
        if word in ("impl", "dyn"):
            self.take()
            return self._bounded(word)
        if word == "fn":
            self.take()
            return replace(self._function("fn"), boxed="fn")
        return self._path()

    def _bounded(self, word: str) -> Kind:
        """Take what stands behind `impl` or `dyn`: one trait, and others that only mark."""
        kind, begin = self._path(), self.at
        while self.here == "+":
            self.take()
            if self.take().text not in ("Send", "Sync", "Copy", "Clone", "'static", "'_", "Unpin") and not (
                self.tokens[self.at - 1].kind == "life"
            ):
                raise Unclear("more than one trait")
        marked = "".join(
            f" + {name}" for name in ("Send", "Sync") if name in {each.text for each in self.tokens[begin : self.at]}
        )
        if kind.form == "function":
            return replace(kind, boxed=word)
        return Kind("path", f"{word} {kind.name}{marked}", kind.inner)

    def _function(self, name: str) -> Kind:
        parts = parted(self.enclosed(), ",")
        inner = [Reader(part).whole() for part in parts]
        result = Kind("tuple")
        if self.here == "->":
            self.take()
            result = self.kind()
        return Kind("function", name, (*inner, result))

    def _path(self) -> Kind:
        if self.here == "::":
            self.take()
        name = self.name()
        inner: tuple[Kind, ...] = ()
        if name in ("Fn", "FnMut", "FnOnce") and self.here == "(":
            return self._function(name)
        while True:
            if self.here == "<":
                parts = [part for part in parted(self.angled(), ",") if part[0].kind != "life"]
                inner = tuple(Reader(part).whole() for part in parts)
            if self.here != "::":
                return Kind("path", name, inner)
            self.take()
            if self.here != "<":
                name = f"{name}::{self.name()}"


def _self(part: Tokens) -> str:
    """Return how a first parameter takes `self`, or nothing."""
    words = [token.text for token in part if token.kind != "life"]
    return {"self": "self", "mut self": "self", "& self": "&", "& mut self": "&mut"}.get(" ".join(words), "")


def _fields(reader: Reader) -> tuple[tuple[tuple[str, Kind], ...], str]:
    """Take the fields of a struct or variant; return them and the bracket they stand in."""
    opened = reader.here
    made = []
    for place, part in enumerate(parted(reader.enclosed(), ",")):
        inner = Reader(part)
        inner.attributes()
        if inner.here == "pub":
            inner.take()
            if inner.here == "(":
                inner.enclosed()
        name = str(place)
        if opened == "{":
            name = inner.name()
            inner.take(":")
        made.append((name, inner.whole()))
    return tuple(made), opened


def _variant(part: Tokens) -> tuple[str, tuple[tuple[str, Kind], ...], str]:
    reader = Reader(part)
    reader.attributes()
    name = reader.name()
    if reader.here in ("{", "("):
        return (name, *_fields(reader))
    value = part[reader.at :]
    if any(token.kind != "number" and token.text not in ("=", "-") for token in value):
        raise Unclear("a variant with a value that is not a literal")
    return name, (), written(value)

"""Reads what a Go file declares, out of its text alone: functions, types, constants and variables, as tokens."""

from collections.abc import Callable
from dataclasses import dataclass, field

from syncode.sandbox.languages.apart.go_tokens import (
    BRACKETS,
    KEYWORDS,
    Token,
    Tokens,
    Unclear,
    outside,
    parted,
    scan,
    written,
)


@dataclass(frozen=True)
class Parameter:
    """Of a type parameter, `kind` is its constraint."""

    name: str
    kind: Tokens
    many: bool = False


@dataclass(frozen=True)
class Function:
    """`receiver`: the name of its type, which is a pointer if `changes`; `own`: the names that it gives to type parameters.

    `place`: where its name stands in the text.
    """

    name: str
    generic: tuple[Parameter, ...]
    parameters: tuple[Parameter, ...]
    results: tuple[Parameter, ...]
    receiver: str = ""
    changes: bool = False
    own: tuple[str, ...] = ()
    place: int = 0


@dataclass(frozen=True)
class Type:
    """A type declaration; `kind` stands for what comes behind its name."""

    name: str
    generic: tuple[Parameter, ...]
    kind: Tokens
    alias: bool


@dataclass(frozen=True)
class Value:
    """A constant or variable, as one line declares it."""

    names: tuple[str, ...]
    kind: Tokens
    values: Tokens


@dataclass
class File:
    """What a text declares. `constants`: one tuple for each declaration, for `iota` counts in there.

    `head`: begin and end of package line and imports.
    """

    imports: list[tuple[str, str]] = field(default_factory=list)
    functions: list[Function] = field(default_factory=list)
    types: dict[str, Type] = field(default_factory=dict)
    constants: list[tuple[Value, ...]] = field(default_factory=list)
    variables: list[Value] = field(default_factory=list)
    head: list[tuple[int, int]] = field(default_factory=list)

    @property
    def names(self) -> set[str]:
        """What it declares, methods left out."""
        values = [*self.variables, *(value for group in self.constants for value in group)]
        functions = {each.name for each in self.functions if not each.receiver}
        return functions | set(self.types) | {name for value in values for name in value.names}


def read(text: str) -> File:
    """Return what a file, or a part of one, declares at its top; raises Unclear."""
    reader, file = _Reader(scan(text)), File()
    while reader.more:
        begin = reader.take()
        word = begin.text
        if word == ";":
            continue
        if word == "package":
            reader.until(";")
            file.head.append((begin.place, reader.tokens[reader.at - 1].place))
        elif word == "import":
            for line in reader.lines():
                _import(line, file)
            last = reader.tokens[reader.at - 1]
            file.head.append((begin.place, last.place + (last.text == ")")))
        elif word == "func":
            file.functions.append(reader.function())
        elif word == "type":
            for line in reader.lines():
                made = _Reader(line).type()
                file.types[made.name] = made
        elif word == "const":
            file.constants.append(tuple(_value(line) for line in reader.lines()))
        elif word == "var":
            file.variables += [_value(line) for line in reader.lines()]
        else:
            raise Unclear(f"the declaration at {word!r}")
    return file


def _import(line: Tokens, file: File) -> None:
    path = line[-1].text if line else ""
    if path[:1] not in ('"', "`"):
        raise Unclear("an import")
    file.imports.append((written(line[:-1]), path[1:-1]))


def _value(line: Tokens) -> Value:
    names, place = [], 0
    while place < len(line) and line[place].kind == "word":
        names.append(line[place].text)
        place += 1
        if place == len(line) or line[place].text != ",":
            break
        place += 1
    equals = next((at for at, token in outside(line) if token.text == "=" and at >= place), len(line))
    return Value(tuple(names), line[place:equals], line[equals + 1 :])


class _Reader:
    def __init__(self, tokens: Tokens) -> None:
        self.tokens, self.at = tokens, 0

    @property
    def more(self) -> bool:
        return self.at < len(self.tokens)

    @property
    def here(self) -> str:
        return self.tokens[self.at].text if self.more else ""

    def take(self) -> Token:
        if not self.more:
            raise Unclear("the text ends early")
        self.at += 1
        return self.tokens[self.at - 1]

    def name(self) -> str:
        token = self.take()
        if token.kind != "word" or token.text in KEYWORDS:
            raise Unclear(f"{token.text!r} is not a name")
        return token.text

    def until(self, sign: str) -> Tokens:
        """Take all in front of a sign outside of brackets, and the sign."""
        rest = self.tokens[self.at :]
        size = next((place for place, token in outside(rest) if token.text == sign), len(rest))
        self.at += size + 1
        return rest[:size]

    def enclosed(self) -> Tokens:
        """Take a bracket, what is in it, and the one that closes it."""
        opened = self.take().text
        if opened not in BRACKETS:
            raise Unclear(f"{opened!r} opens nothing")
        begin, depth = self.at, 1
        while depth:
            token = self.take()
            if token.kind == "sign":
                depth += (token.text in BRACKETS) - (token.text in BRACKETS.values())
        return self.tokens[begin : self.at - 1]

    def lines(self) -> list[Tokens]:
        """Take the declarations of one keyword: one, or those in its brackets."""
        if self.here == "(":
            return parted(self.enclosed(), ";")
        return [self.until(";")]

    def type(self) -> Type:
        name = self.name()
        generic: tuple[Parameter, ...] = ()
        if self.here == "[":
            mark, inside = self.at, self.enclosed()
            if len(inside) > 1 and inside[0].kind == "word":
                generic = self.generic(inside)
            else:
                self.at = mark
        alias = self.here == "="
        return Type(name, generic, self.tokens[self.at + alias :], alias)

    @staticmethod
    def generic(inside: Tokens) -> tuple[Parameter, ...]:
        made: list[Parameter] = []
        for part in reversed(parted(inside, ",")):
            kind = part[1:] or (made[-1].kind if made else ())
            made.append(Parameter(part[0].text, kind))
        return tuple(reversed(made))

    def function(self) -> Function:
        receiver, changes = "", False
        own: tuple[str, ...] = ()
        if self.here == "(":
            inner = _Reader(self.enclosed())
            if len(inner.tokens) > 1 and inner.tokens[0].kind == "word" and inner.tokens[1].text not in ("[", "."):
                inner.take()
            if inner.here == "*":
                changes = bool(inner.take())
            receiver = inner.name()
            if inner.here == "[":
                own = tuple(written(part) for part in parted(inner.enclosed(), ","))
        place = self.tokens[self.at].place if self.more else 0
        name = self.name()
        generic = self.generic(self.enclosed()) if self.here == "[" else ()
        parameters, results = self.signature()
        if self.here == "{":
            self.enclosed()
        return Function(name, generic, parameters, results, receiver, changes, own, place)

    def signature(self) -> tuple[tuple[Parameter, ...], tuple[Parameter, ...]]:
        taken = parameters(self.enclosed())
        if self.here == "(":
            return taken, parameters(self.enclosed())
        if self.here in ("{", ";", "", ")", ",", "]", "}") or self.tokens[self.at].kind == "text":
            return taken, ()
        begin = self.at
        self.at = kind_end(self.tokens, begin, _nothing)
        return taken, (Parameter("", self.tokens[begin : self.at]),)


def parameters(inside: Tokens) -> tuple[Parameter, ...]:
    """Return the parameters that stand in brackets: their names are one for all, or none has one."""
    parts = parted(inside, ",")
    split = [_named(part) for part in parts]
    if not any(name for name, _ in split):
        return tuple(_parameter("", part) for part in parts)
    made: list[Parameter] = []
    for part, (name, kind) in zip(reversed(parts), reversed(split), strict=True):
        if name:
            made.append(_parameter(name, kind))
        elif len(part) == 1 and made:
            made.append(Parameter(part[0].text, made[-1].kind, made[-1].many))
        else:
            raise Unclear(f"the parameter {written(part)}")
    return tuple(reversed(made))


def _parameter(name: str, kind: Tokens) -> Parameter:
    many = bool(kind) and kind[0].text == "..."
    return Parameter(name, kind[many:], many)


def _named(part: Tokens) -> tuple[str, Tokens]:
    """Return name and type of a parameter, or no name."""
    kind = part[1:]
    if len(part) < 2 or part[0].kind != "word" or part[0].text in KEYWORDS or part[1].text == ".":
        return "", part
    try:
        many = kind[0].text == "..."
        if kind_end(kind, int(many), _nothing) == len(kind):
            return part[0].text, kind
    except Unclear:
        pass
    return "", part


Look = Callable[[str], None]


def _nothing(_: str) -> None:
    """Look at no name."""


def kind_end(tokens: Tokens, at: int, look: Look) -> int:
    """Return where the type ends that begins here; `look` is called with each name in it, `chan` among them.

    Raises Unclear if it is none.
    """
    if at >= len(tokens):
        raise Unclear("a type is missing")
    word = tokens[at].text
    if word == "*":
        return kind_end(tokens, at + 1, look)
    if word == "(":
        return _closed(tokens, kind_end(tokens, at + 1, look), ")")
    if word == "[":
        return _list_end(tokens, at, look)
    if word == "map":
        if at + 1 >= len(tokens) or tokens[at + 1].text != "[":
            raise Unclear("a map")
        return kind_end(tokens, _closed(tokens, kind_end(tokens, at + 2, look), "]"), look)
    if word in ("chan", "<-"):
        look("chan")
        while at < len(tokens) and tokens[at].text in ("chan", "<-"):
            at += 1
        return kind_end(tokens, at, look)
    if word in ("func", "struct", "interface"):
        reader = _Reader(tokens)
        reader.at = at + 1
        if word == "func":
            for each in (each for part in reader.signature() for each in part):
                whole(each.kind, look)
        else:
            inside = reader.enclosed()
            (_fields if word == "struct" else _methods)(inside, look)
        return reader.at
    return _name_end(tokens, at, look)


def _list_end(tokens: Tokens, at: int, look: Look) -> int:
    size = next((place for place in range(at, len(tokens)) if tokens[place].text == "]"), len(tokens))
    inside = tokens[at + 1 : size]
    if len(inside) > 1 or any(token.kind == "text" for token in inside):
        raise Unclear(f"an array of {written(inside)}")
    for token in inside:
        if token.kind == "word":
            look(token.text)
    return kind_end(tokens, size + 1, look)


def _name_end(tokens: Tokens, at: int, look: Look) -> int:
    if tokens[at].kind != "word" or tokens[at].text in KEYWORDS:
        raise Unclear(f"the type at {tokens[at].text!r}")
    name, at = tokens[at].text, at + 1
    if at + 1 < len(tokens) and tokens[at].text == ".":
        name, at = f"{name}.{tokens[at + 1].text}", at + 2
    look(name)
    if at < len(tokens) and tokens[at].text == "[":
        reader = _Reader(tokens)
        reader.at = at
        for part in parted(reader.enclosed(), ","):
            whole(part, look)
        return reader.at
    return at


def whole(tokens: Tokens, look: Look) -> None:
    """Check that tokens are one type; raises Unclear."""
    if kind_end(tokens, 0, look) != len(tokens):
        raise Unclear(f"the type {written(tokens)}")


def _closed(tokens: Tokens, at: int, sign: str) -> int:
    if at >= len(tokens) or tokens[at].text != sign:
        raise Unclear(f"{sign!r} is missing")
    return at + 1


def _fields(inside: Tokens, look: Look) -> None:
    for line in parted(inside, ";"):
        line = line[:-1] if line[-1].kind == "text" else line
        names: list[str] = []
        try:
            whole(line, names.append)  # embedded
            for name in names:
                look(name)
        except Unclear:
            commas = [place for place, token in outside(line) if token.text == ","]
            begin = commas[-1] + 2 if commas else 1
            whole(line[begin:], look)


def _methods(inside: Tokens, look: Look) -> None:
    for line in parted(inside, ";"):
        if len(line) > 1 and line[0].kind == "word" and line[1].text == "(":
            reader = _Reader(line[1:])
            for each in (each for part in reader.signature() for each in part):
                whole(each.kind, look)
            continue
        for part in parted(line, "|"):
            whole(part[1:] if part[0].text == "~" else part, look)

"""What a C# text declares, read token by token; stand-ins of its static methods are made of names and types, of no code of it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_TOKEN = re.compile(
    r"(?P<space>\s+|//[^\n]*|/\*.*?\*/|#[ \t]*(?:region|endregion|nullable|pragma)\b[^\n]*)"
    r"|(?P<word>[^\W\d]\w*)|(?P<number>\d[\w.]*)"
    r"|(?P<char>'(?:\\[^\n']+|\\'|[^'\\\n])')|(?P<text>\"(?:\\.|[^\"\\\n])*\"|@\"(?:[^\"]|\"\")*\")"
    r"|(?P<filled>\$@?\"|@\$\")|(?P<sign>=>|[^\w\s\"'#\\@$])",
    re.DOTALL,
)
_MODIFIERS = frozenset(
    ("public", "private", "protected", "internal", "static", "sealed", "abstract", "virtual", "override", "new", "readonly",
     "unsafe", "extern", "partial", "async", "const", "volatile")
)  # fmt: skip
_PLAIN = frozenset(
    ("int", "long", "short", "byte", "sbyte", "uint", "ulong", "ushort", "float", "double", "decimal", "bool", "char", "string",
     "object")
)  # fmt: skip
_SIMPLE = {
    **{
        name: f"global::System.{name}"
        for name in ("Int32", "Int64", "Double", "Single", "String", "Boolean", "Char", "Object")
    },
    "BigInteger": "global::System.Numerics.BigInteger",
}
_GENERIC = {
    **{
        name: f"global::System.Collections.Generic.{name}"
        for name in (
            "List", "Dictionary", "HashSet", "SortedSet", "SortedDictionary", "Queue", "Stack", "LinkedList", "IEnumerable",
            "IList", "ICollection", "IReadOnlyList", "IReadOnlyCollection", "IDictionary", "IReadOnlyDictionary", "ISet",
            "KeyValuePair",
        )
    },
    "Tuple": "global::System.Tuple",
    "Nullable": "global::System.Nullable",
}  # fmt: skip
_TAKEN = frozenset(
    ("Main", "Equals", "ReferenceEquals", "GetHashCode", "ToString", "GetType", "MemberwiseClone", "Finalize")
)  # fmt: skip
"""Methods that every class has: those that tests call are the language's."""


class Unread(ValueError):
    """What in a text cannot be read here."""


@dataclass
class Declared:
    """Stand-ins as text, the classes they are in, and the names of all that has none."""

    text: list[str] = field(default_factory=list)
    usings: list[str] = field(default_factory=list)
    classes: list[str] = field(default_factory=list)
    others: set[str] = field(default_factory=set)
    methods: set[str] = field(default_factory=set)


def words(text: str) -> list[str]:
    """Return the names in a text, in order, with the signs between them; literals are one token `""`."""
    return list(_tokens(text))


def _tokens(text: str) -> Iterator[str]:
    place = 0
    while place < len(text):
        found = _TOKEN.match(text, place)
        if found is None:
            raise Unread(f"{text[place : place + 12].strip()!r} is not read here")
        place = found.end()
        if found["filled"]:
            place = _filled(text, place, verbatim="@" in found[0])
            yield '""'
        elif found["text"] and found[0].startswith("@"):
            yield '""'
        elif not found["space"]:
            yield found[0]


def _filled(text: str, place: int, verbatim: bool) -> int:
    """Return where an interpolated string ends that begins before `place`."""
    while place < len(text):
        sign = text[place]
        twice = text[place : place + 2]
        if twice in ("{{", "}}") or (twice == '""' and verbatim) or (sign == "\\" and not verbatim):
            place += 2
        elif sign == '"':
            return place + 1
        elif sign == "{":
            place = _hole(text, place + 1)
        else:
            place += 1
    raise Unread("a string has no end")


def _hole(text: str, place: int) -> int:
    depth = 1
    while depth:
        found = _TOKEN.match(text, place)
        if found is None:
            raise Unread("an interpolated string is not read here")
        place = found.end()
        if found["filled"]:
            place = _filled(text, place, "@" in found[0])
        depth += (found[0] == "{") - (found[0] == "}")
    return place


class Reader:
    """Reads one text; `mine`: names of methods that the tests declare themselves, which get no stand-in."""

    def __init__(self, text: str, mine: set[str]) -> None:
        self.tokens, self.at, self.mine, self.made = words(text), 0, mine, Declared()

    def peek(self, ahead: int = 0) -> str:
        """Return a token, "" behind the last."""
        return self.tokens[self.at + ahead] if self.at + ahead < len(self.tokens) else ""

    def take(self, *wanted: str) -> bool:
        """Go on if the next token is one of these."""
        found = self.peek() in wanted and self.peek() != ""
        self.at += found
        return found

    def name(self) -> str:
        """Return the name that has to stand here."""
        word = self.peek()
        if not re.fullmatch(r"[A-Za-z_]\w*", word, re.ASCII) or word.startswith("Syncode"):
            raise Unread(f"{word!r} stands for a name")
        self.at += 1
        return word

    def dotted(self) -> list[str]:
        """Return the names that dots join."""
        names = [self.name()]
        while self.take("."):
            names.append(self.name())
        return names

    def block(self, close: str = "}") -> bool:
        """Go behind the bracket that closes the one just read; False if the text ends before."""
        depth = 1
        opening = {"}": "{", "]": "[", ")": "("}[close]
        while self.at < len(self.tokens):
            depth += (self.peek() == opening) - (self.peek() == close)
            self.at += 1
            if not depth:
                return True
        return False

    def unit(self, space: tuple[str, ...] = ()) -> None:
        """Read usings, namespaces and types."""
        while self.peek() not in ("", "}"):
            if self.take("["):
                self.block("]")
            elif self.take("using"):
                self.using()
            elif self.take("namespace"):
                names = self.dotted()
                if {"System", "Microsoft", "Mono"} & set(names) or not self.take("{"):
                    raise Unread("its namespace is not read here")
                self.made.text.append(f"namespace {'.'.join(names)} {{")
                self.unit((*space, *names))
                self.close()
            else:
                self.type(space)
        if not space and self.peek():
            raise Unread("a brace closes nothing")

    def close(self) -> None:
        """Close what was opened if the text does."""
        if self.take("}"):
            self.made.text.append("}")

    def using(self) -> None:
        """Keep a plain using of the language's own."""
        begin = self.at
        while self.peek() not in (";", ""):
            self.at += 1
        part = self.tokens[begin : self.at]
        self.at += 1
        if part[:1] == ["System"] and all(re.fullmatch(r"[A-Za-z]+|\.", each) for each in part):
            self.made.usings.append(f"using {''.join(part)};")

    def type(self, space: tuple[str, ...]) -> None:
        """Read a type; its static methods get stand-ins if it is a class or a structure without parameters."""
        while self.take(*_MODIFIERS):
            pass
        kind = self.peek()
        if kind not in ("class", "struct"):
            self.other()
            return
        self.at += 1
        name = self.name()
        begin = self.at
        while self.peek() not in ("{", ""):
            self.at += 1
        if self.tokens[begin : begin + 1] == ["<"] or name == "System":
            self.made.others.add(name)
            self.at += 1
            self.block()
            return
        self.at += 1
        self.made.classes.append(name)
        self.made.text.append(f"public class {name} {{")
        while self.peek() not in ("", "}"):
            self.member(".".join((*space, name)))
        self.close()

    def member(self, owner: str) -> None:
        """Read a member; a static method of known types gets a stand-in."""
        while self.take("["):
            self.block("]")
        begin, modifiers = self.at, set()
        while self.peek() in _MODIFIERS:
            modifiers.add(self.peek())
            self.at += 1
        head = self.method(modifiers) if "static" in modifiers and not modifiers & {"async", "extern"} else None
        if head is None:
            self.at = begin
            self.other()
            return
        back, name, parameters = head
        kinds = ", ".join(f"typeof({kind})" for _, kind, _, _ in parameters)
        given = ", ".join(each for _, _, each, _ in parameters)
        taken = ", ".join(f"{before}{kind} {each}{value}" for before, kind, each, value in parameters)
        asked = (
            f'global::SyncodeApart.Call<{"object" if back == "void" else back}>("{owner}", "{name}", '
            f"new global::System.Type[] {{ {kinds} }}, new object[] {{ {given} }});"
        )
        text = f"public static {back} {name}({taken}) {{ {'' if back == 'void' else 'return '}{asked}"
        if self.take("{"):
            text += " }" if self.block() else ""
        else:
            self.rest()
            text += " }"
        if name in _TAKEN or name in self.mine:
            return
        self.made.methods.add(name)
        self.made.text.append(text)

    def method(self, modifiers: set[str]) -> tuple[str, str, list[tuple[str, str, str, str]]] | None:
        """Return type, name and parameters of a method up to its body; None if it is none, or of other types."""
        back = "void" if self.take("void") else self.kind()
        if back is None or not re.fullmatch(r"[A-Za-z_]\w*", self.peek(), re.ASCII) or self.peek(1) != "(":
            return None
        name = self.name()
        self.at += 1
        parameters = []
        while not self.take(")"):
            before = "params " if self.take("params") else ""
            kind = self.kind()
            if kind is None or not re.fullmatch(r"[A-Za-z_]\w*", self.peek(), re.ASCII):
                return None
            each, value = self.name(), ""
            if self.take("="):
                sign = "-" if self.take("-") else ""
                if not re.fullmatch(r"\d[\w.]*|true|false|null|\"(?:[^\"\\]|\\.)*\"|'[^'\\]'", self.peek()):
                    return None
                value = f" = {sign}{self.peek()}"
                self.at += 1
            parameters.append((before, kind, each, value))
            if not self.take(",") and self.peek() != ")":
                return None
        return (back, name, parameters) if self.peek() in ("{", "=>") else None

    def kind(self) -> str | None:
        """Return a type of the closed set by its full name."""
        if self.take("("):
            parts = self.kinds(")", named=True)
            made = f"({', '.join(parts)})" if parts else None
        elif self.peek() in _PLAIN:
            made = self.peek()
            self.at += 1
        else:
            made = self.known() if re.fullmatch(r"[A-Za-z]\w*", self.peek(), re.ASCII) else None
        return made and made + self.behind()

    def known(self) -> str | None:
        """Return a type that has a name of its own."""
        *space, name = self.dotted()
        if space not in ([], ["System"], ["System", "Collections", "Generic"], ["System", "Numerics"]):
            return None
        if not self.take("<"):
            return _SIMPLE.get(name)
        parts = self.kinds(">", named=False)
        return f"{_GENERIC[name]}<{', '.join(parts)}>" if parts and name in _GENERIC else None

    def kinds(self, close: str, named: bool) -> list[str] | None:
        """Return the types up to a bracket, with their names if they may have some."""
        parts = []
        while not self.take(close):
            part = self.kind()
            if part is None:
                return None
            parts.append(f"{part} {self.name()}" if named and re.match(r"\w", self.peek()) else part)
            if not self.take(",") and self.peek() != close:
                return None
        return parts

    def behind(self) -> str:
        """Return the question mark and the brackets behind a type."""
        made = "?" if self.take("?") else ""
        while self.peek() == "[" and self.peek(1) in (",", "]"):
            self.at += 1
            ranks = 0
            while self.take(","):
                ranks += 1
            if not self.take("]"):
                raise Unread("a bracket is not closed")
            made += f"[{',' * ranks}]"
        return made

    def other(self) -> None:
        """Go behind a member or a type that gets no stand-in; its names may not be used by the tests."""
        begin = self.at
        while self.peek() not in ("(", "=", "=>", "{", ";", "}", ""):
            self.at += 1
        self.made.others |= {
            each
            for each in self.tokens[begin : self.at]
            if re.match(r"[^\W\d]", each)
            and each not in _MODIFIERS | _PLAIN | _GENERIC.keys() | _SIMPLE.keys() | {"class", "void"}
        }
        if self.at == begin and self.peek() not in ("(", "{", ";"):
            raise Unread(f"{self.peek()!r} begins a declaration")
        self.rest()

    def rest(self) -> None:
        """Go behind the body or the semicolon that ends a declaration."""
        valued = False
        while self.peek() not in ("", "}"):
            sign = self.peek()
            self.at += 1
            valued |= sign in ("=", "=>")
            if sign == ";":
                return
            if sign in ("(", "["):
                self.block({"(": ")", "[": "]"}[sign])
            elif sign == "{":
                self.block()
                if not valued and self.peek() not in ("=", ";"):
                    return


def stand_ins(code: str, mine: set[str]) -> Declared:
    """Return the stand-ins of a text; the names of methods in `mine` get none. Raises Unread."""
    reader = Reader(code, mine)
    reader.unit()
    return reader.made

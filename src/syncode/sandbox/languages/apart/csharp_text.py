"""What a C# text declares, read token by token; stand-ins of its methods are made of names and types, of no code of it."""

import re
from dataclasses import dataclass, field

from syncode.sandbox.languages.apart.csharp_stubs import NOTHING, Class, Kind, Parameter, asking
from syncode.sandbox.languages.apart.csharp_tokens import Unread, words

_NAME = r"[A-Za-z_]\w*"
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
    (".ctor", "Main", "Equals", "ReferenceEquals", "GetHashCode", "ToString", "GetType", "MemberwiseClone", "Finalize")
)  # fmt: skip
"""Methods that every class has: those that tests call are the language's. A static constructor is called by no one."""


_EXTENSIONS = frozenset(
    ("Aggregate", "All", "Any", "Append", "Average", "Cast", "Concat", "Contains", "Count", "DefaultIfEmpty", "Distinct",
     "ElementAt", "ElementAtOrDefault", "Except", "First", "FirstOrDefault", "GroupBy", "GroupJoin", "Intersect", "Join", "Last",
     "LastOrDefault", "LongCount", "Max", "Min", "OfType", "OrderBy", "OrderByDescending", "Prepend", "Reverse", "Select",
     "SelectMany", "SequenceEqual", "SetEquals", "Single", "SingleOrDefault", "Skip", "SkipWhile", "Sum", "Take", "TakeWhile",
     "ThenBy", "ToArray", "ToDictionary", "ToHashSet", "ToList", "ToLookup", "Union", "Where", "Zip", "CompareTo")
)  # fmt: skip
"""Methods of `System.Linq.Enumerable`: a more special one of the answer would be preferred to them."""


_SPACES = frozenset(("System", "Microsoft", "Mono", "NUnit", "Xunit", "FluentAssertions", "Assert"))
"""Namespaces, and a class, that tests trust."""


@dataclass
class Declared:
    """Stand-ins as text, the classes they are in, and the names of all that has none."""

    text: list[str] = field(default_factory=list)
    usings: list[str] = field(default_factory=list)
    classes: list[str] = field(default_factory=list)
    others: set[str] = field(default_factory=set)
    objects: set[str] = field(default_factory=set)
    methods: set[str] = field(default_factory=set)


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
                if _SPACES & set(names) or not self.take("{"):
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
        """Read a type; its methods get stand-ins if it is a class or a structure without parameters."""
        begin = self.at
        while self.take(*_MODIFIERS):
            pass
        modifiers, kind = self.tokens[begin : self.at], self.peek()
        if kind not in ("class", "struct"):
            self.other()
            return
        self.at += 1
        name, begin = self.name(), self.at
        while self.peek() not in ("{", ""):
            self.at += 1
        above = self.tokens[begin : self.at]
        self.at += 1
        if above[:1] == ["<"] or name in _SPACES:
            self.made.others.add(name)
            self.block()
            return
        self.made.classes.append(name)
        self.made.text.append(f"public {'static ' if 'static' in modifiers else ''}{kind} {name} {{")
        plain = kind == "class" and not above and not {"static", "abstract"} & set(modifiers)
        own = Class(".".join((*space, name)), name, [] if plain else None)
        place = len(self.made.text)
        while self.peek() not in ("", "}"):
            self.member(own)
        if self.peek() and own.made is not None:
            self.made.objects.add(name)
            self.made.text[place:place] = own.complete()
        self.close()

    def member(self, own: Class) -> None:
        """Read a member; a method of known types gets a stand-in, and so does what makes an object."""
        while self.take("["):
            self.block("]")
        begin = self.at
        while self.take(*_MODIFIERS):
            pass
        modifiers, start = set(self.tokens[begin : self.at]), self.at
        head = None if modifiers & {"async", "extern", "abstract"} else self.method(own.name)
        if head is None:
            self.at = start
            if self.peek() == own.name and "static" not in modifiers:
                own.made = None  # made from what cannot be said
            begin = self.at
            self.other()
            if "operator" in self.tokens[begin : self.at]:
                own.made = None
            return
        back, name, parameters = head
        text = asking(own, back, name, parameters, "static" in modifiers)
        if not modifiers & {"public", "internal"}:
            text = text.removeprefix("public ")  # another overload may be the one that tests can reach
        if self.take("{"):
            text += " }" if self.block() else ""
        else:
            self.rest()
            text += " }"
        if "static" not in modifiers:
            self.of_objects(own, name, text, modifiers)
        elif not (
            name in _TAKEN
            or name in self.mine
            or (name in _EXTENSIONS and parameters[:1] and parameters[0][0] == "this ")
        ):
            self.made.methods.add(name)
            self.made.text.append(text)

    def of_objects(self, own: Class, name: str, text: str, modifiers: set[str]) -> None:
        """Keep what makes an object or what it does; a class that has a word in what every object can do has no objects here."""
        if name == "ToString" or own.made is None:
            self.made.others.add(name)
        elif modifiers & {"override", "virtual", "new"} or name in _TAKEN - {".ctor"}:
            own.made = None
            self.made.others.add(name)
        else:
            own.made.append(text)
            if name != ".ctor":
                self.made.methods.add(name)

    def method(self, own: str) -> tuple[Kind, str, list[Parameter]] | None:
        """Return type, name and parameters of a method up to its body; None if it is none, or of other types."""
        maker = self.peek() == own and self.peek(1) == "("
        back = NOTHING if maker or self.take("void") else self.kind()
        if back is None or not re.fullmatch(_NAME, self.peek(), re.ASCII) or self.peek(1) != "(":
            return None
        name = self.name()
        self.at += 1
        parameters = []
        while not self.take(")"):
            before = next((f"{word} " for word in ("params", "this") if self.take(word)), "")
            kind = self.kind()
            if kind is None or not re.fullmatch(_NAME, self.peek(), re.ASCII):
                return None
            each = self.name()
            value = self.value() if self.take("=") else ""
            if value is None:
                return None
            parameters.append((before, kind, each, value))
            if not self.take(",") and self.peek() != ")":
                return None
        while maker and self.peek() not in ("{", "=>", ""):
            self.at += 1
        return (back, ".ctor" if maker else name, parameters) if self.peek() in ("{", "=>") else None

    def value(self) -> str | None:
        """Return what a parameter is if it is not given: a literal."""
        sign, word = "-" if self.take("-") else "", self.peek()
        self.at += 1
        plain = re.fullmatch(r"\d[\w.]*|true|false|null|\"(?:[^\"\\]|\\.)*\"|'[^'\\]'", word)
        return f" = {sign}{word}" if plain else None

    def kind(self) -> Kind | None:
        """Return a type of the closed set by its full name."""
        if self.take("("):
            parts = self.kinds(")")
            made = parts and Kind(
                f"({', '.join(each.declared for each in parts)})",
                f"global::System.ValueTuple<{', '.join(each.said for each in parts)}>",
            )
        elif self.peek() in _PLAIN:
            made = Kind(self.peek(), self.peek())
            self.at += 1
        else:
            made = self.known() if re.fullmatch(_NAME, self.peek(), re.ASCII) else None
        if not made:
            return None
        behind = self.behind()
        return Kind(made.declared + behind, made.said + behind)

    def known(self) -> Kind | None:
        """Return a type that has a name of its own."""
        *space, name = self.dotted()
        if space not in ([], ["System"], ["System", "Collections", "Generic"], ["System", "Numerics"]):
            return None
        if not self.take("<"):
            return Kind(_SIMPLE[name], _SIMPLE[name]) if name in _SIMPLE else None
        parts = self.kinds(">")
        if not parts or name not in _GENERIC:
            return None
        declared, said = (", ".join(each) for each in zip(*parts, strict=True))
        return Kind(f"{_GENERIC[name]}<{declared}>", f"{_GENERIC[name]}<{said}>")

    def kinds(self, close: str) -> list[Kind] | None:
        """Return the types up to a bracket, those of a tuple with their names."""
        parts = []
        while not self.take(close):
            part = self.kind()
            if part is None:
                return None
            named = close == ")" and re.match(r"\w", self.peek())
            parts.append(Kind(f"{part.declared} {self.name()}", part.said) if named else part)
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

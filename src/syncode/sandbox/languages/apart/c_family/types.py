"""The closed set of types that may cross between the halves of a pair in C and C++, read from words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from syncode.sandbox.languages.apart.c_family.words import NAME, angle, split

_ARITHMETIC = frozenset({"char", "short", "int", "long", "float", "double", "signed", "unsigned", "bool", "_Bool"})
_NUMBERS = {
    name: name
    for name in (
        "size_t", "ssize_t", "ptrdiff_t", "wchar_t", "char16_t", "char32_t", "char8_t", "__int128",
        "int8_t", "int16_t", "int32_t", "int64_t", "uint8_t", "uint16_t", "uint32_t", "uint64_t",
        "intptr_t", "uintptr_t", "intmax_t", "uintmax_t",
    )
}  # fmt: skip
_TEXTS = frozenset({"string", "wstring", "u16string", "u32string", "string_view", "wstring_view"})
TEMPLATES = {
    "vector": (1,), "deque": (1,), "list": (1,), "set": (1, 2), "multiset": (1, 2), "unordered_set": (1,),
    "unordered_multiset": (1,), "map": (2, 3), "multimap": (2, 3), "unordered_map": (2,), "unordered_multimap": (2,),
    "pair": (2,), "tuple": tuple(range(1, 11)), "optional": (1,), "variant": tuple(range(1, 11)), "complex": (1,),
    "greater": (0, 1), "less": (0, 1),
}  # fmt: skip
"""Class templates of the standard, and with how many arguments."""
_IGNORED = frozenset(
    {"volatile", "struct", "class", "enum", "typename", "register", "restrict", "__restrict", "__restrict__"}
)


@dataclass(frozen=True)
class Type:
    """One type. `kind`: void, number, text, template, function, plain and enum (of the answer), object, pointer,
    callback (a pointer to a function).

    `name`: how it is spelled; `of`: what it is made of; `reference`: "", "&" or "&&".
    """

    kind: str
    name: str
    of: tuple["Type", ...] = ()
    const: bool = False
    reference: str = ""

    @property
    def spelled(self) -> str:
        """The type as a declaration has it."""
        before, after = ("", " const") if self.kind == "pointer" else ("const ", "")
        return f"{before * self.const}{self.name}{after * self.const}{self.reference}"

    def declared(self, name: str) -> str:
        """Return the declaration of something of this type."""
        return self.spelled.replace("(*)", f"(*{name})") if "(*)" in self.name else f"{self.spelled} {name}"

    @property
    def bare(self) -> "Type":
        """The type without `const` and reference."""
        return replace(self, const=False, reference="")

    @property
    def changes(self) -> bool:
        """Whether what is handed over comes back changed."""
        return self.reference == "&" and not self.const

    def named(self) -> set[str]:
        """Return the names of the answer's types in it."""
        own = {self.name} if self.kind in ("plain", "enum", "object") else set()
        return own.union(*(each.named() for each in self.of))


class Unknown(Exception):
    """A type outside of the closed set."""


def read_type(words: Sequence[str], known: Mapping[str, Type]) -> tuple[Type, list[str]]:
    """Return the type with which words begin, and the words behind it. `known`: the answer's own types by name."""
    made, at, const = None, 0, False
    arithmetic: list[str] = []
    while at < len(words):
        word = words[at]
        if word == "const":
            const = True
        elif word in _IGNORED:
            pass
        elif word in _ARITHMETIC and made is None:
            arithmetic.append(word)
        elif made is None and not arithmetic and (NAME.match(word) or word == "::"):
            made, at = _named(words, at, known)
            continue
        else:
            break
        at += 1
    if arithmetic:
        made = Type("number", _spelled(arithmetic))
    if made is None:
        raise Unknown(" ".join(words[:6]))
    made = replace(made, const=const or made.const)
    while at < len(words) and words[at] in ("*", "const", "&", "&&", *_IGNORED):
        if words[at] == "*":
            made = Type("pointer", f"{made.spelled} *", (made,))
        elif words[at] == "const":
            made = replace(made, const=True)
        elif words[at] in ("&", "&&"):
            made = replace(made, reference=words[at])
        at += 1
    return made, list(words[at:])


def whole(words: Sequence[str], known: Mapping[str, Type]) -> Type:
    """Return the type that words are; Unknown if anything is left."""
    if words and words[-1] == ")" and "(" in words and words[0] != "(":
        begin = words.index("(")
        result = whole(words[:begin], known)
        given = [read_type(each, known)[0] for each in split(words[begin + 1 : -1])]
        given = [] if [each.kind for each in given] == ["void"] else given
        return Type("function", f"{result.spelled}({', '.join(each.spelled for each in given)})", (result, *given))
    made, rest = read_type(words, known)
    if rest:
        raise Unknown(" ".join(words))
    return made


def _named(words: Sequence[str], at: int, known: Mapping[str, Type]) -> tuple[Type, int]:
    standard = False
    if words[at] == "::":
        at += 1
    if list(words[at : at + 2]) == ["std", "::"]:
        standard, at = True, at + 2
    name = words[at] if at < len(words) else ""
    path = name
    while not standard and list(words[at + 1 : at + 2]) == ["::"] and at + 2 < len(words):
        at += 2
        path = f"{path}::{words[at]}"
    at += 1
    if not standard and path in known:
        return known[path], at
    if name == "void":
        return Type("void", "void"), at
    if path != name:
        raise Unknown(path)
    if name in _NUMBERS:
        return Type("number", name), at
    if name in _TEXTS:
        return Type("text", f"std::{name}"), at
    if at >= len(words) or words[at] != "<":
        raise Unknown(name)
    end = angle(words, at)
    return _template(name, split(words[at + 1 : end]), known), end + 1


def _template(name: str, parts: list[list[str]], known: Mapping[str, Type]) -> Type:
    if name == "array" and len(parts) == 2 and len(parts[1]) == 1 and parts[1][0].isdigit():
        of = whole(parts[0], known)
        return Type("template", f"std::array<{of.spelled}, {parts[1][0]}>", (of,))
    of_all = tuple(whole(each, known) for each in parts)
    if name == "function" and [each.kind for each in of_all] == ["function"]:
        return Type("template", f"std::function<{of_all[0].name}>", of_all)
    if len(parts) not in TEMPLATES.get(name, ()) or any(each.reference or each.kind == "pointer" for each in of_all):
        raise Unknown(name)
    return Type("template", f"std::{name}<{', '.join(each.spelled for each in of_all)}>", of_all)


def _spelled(words: list[str]) -> str:
    """Return an arithmetic type in one order of words: `int long unsigned` is `unsigned long`."""
    long = words.count("long")
    order = ["unsigned" * ("unsigned" in words), "signed" * ("signed" in words and "char" in words)]
    order += ["short" * ("short" in words), *["long"] * long]
    last = next((each for each in ("bool", "_Bool", "char", "float", "double") if each in words), "")
    return " ".join(each for each in (*order, last or "int" * (long == 0 and "short" not in words)) if each)

"""Reads what a C or C++ program declares outside of its functions: functions, types, and which names it opens."""

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from syncode.sandbox.languages.apart.c_family.model import VOID, Class, Declared, Function, Parameter
from syncode.sandbox.languages.apart.c_family.types import Type, Unknown, read_type, whole
from syncode.sandbox.languages.apart.c_family.words import NAME, Text, angle, closing, expanded, split

SPECIFIERS = frozenset(
    {
        "static", "inline", "constexpr", "virtual", "explicit", "friend", "consteval", "extern", "mutable", "thread_local",
        "__inline", "__inline__", "_Noreturn", "__extension__", "register", '"C"',
    }
)  # fmt: skip
_LITERAL = re.compile(r"[\d.\"']|(?:true|false|nullptr|NULL)\Z")


class Reader:
    """Goes through the words of a program once. `plus`: it is C++. `objects`: classes that are not plain."""

    def __init__(self, text: Text, plus: bool, objects: frozenset[str] = frozenset()) -> None:
        self.plus, self.objects = plus, objects
        self.macros = text.macros
        self.found = Declared()
        self._read(expanded(text.words, self.macros), ())

    def _read(self, words: Sequence[str], path: tuple[str, ...]) -> None:
        at = 0
        while at < len(words):
            at = self._declaration(words, at, path)

    def _declaration(self, words: Sequence[str], at: int, path: tuple[str, ...]) -> int:
        word = words[at]
        if word in (";", "}"):
            return at + 1
        if word == "template":
            end = self.end(words, angle(words, at + 1) + 1 if words[at + 1 : at + 2] == ["<"] else at + 1)
            self._template(self.plain(words[at:end]))
            return end
        if word in ("namespace", "inline") and "namespace" in words[at : at + 2]:
            return self._namespace(words, at, path)
        if word == "extern" and list(words[at + 1 : at + 3]) == ['"C"', "{"]:
            end = closing(words, at + 2)
            self._read(words[at + 3 : end], path)
            return end + 1
        if word == "using":
            end = self._until(words, at, (";",))
            self._using(list(words[at + 1 : end]), path)
            return end + 1
        end = self.end(words, at)
        self._one(self.plain(words[at:end]), path)
        return end

    def _template(self, words: list[str]) -> None:
        """Remember the name of a template."""
        rest = words[angle(words, 1) + 1 :] if words[1:2] == ["<"] else words
        if rest[:1] == ["template"]:
            self._template(rest)
        elif rest[1:2] and rest[0] in ("struct", "class", "union", "using"):
            self.found.templates.add(rest[1])
        elif (place := self._name_place(rest)) is not None:
            self.found.templates.add(rest[place])

    def _namespace(self, words: Sequence[str], at: int, path: tuple[str, ...]) -> int:
        begin = self._until(words, at, ("{", ";"))
        if begin >= len(words) or words[begin] == ";":
            return begin + 1
        end = closing(words, begin)
        names = tuple(each for each in words[at:begin] if NAME.match(each) and each not in ("namespace", "inline"))
        if names[:1] != ("std",):
            self._read(words[begin + 1 : end], path if words[at] == "inline" else path + names)
        return end + 1

    def _using(self, words: list[str], path: tuple[str, ...]) -> None:
        if words[:1] == ["namespace"]:
            self.found.opened.append(f"using namespace {''.join(words[1:])};")
        elif "=" in words:
            self._alias(words[0], words[words.index("=") + 1 :], path)
        elif words[:2] == ["std", "::"]:
            self.found.opened.append(f"using {''.join(words)};")

    def _alias(self, name: str, words: list[str], path: tuple[str, ...]) -> None:
        try:
            made = whole(words, self.found.known)
        except Unknown:
            self.found.known.pop(name, None)
            return
        self.found.known["::".join((*path, name))] = self.found.known[name] = made
        if not path:
            self.found.aliases[name] = made

    def plain(self, words: Sequence[str]) -> list[str]:
        """Return words without attributes and specifiers that say nothing of a type."""
        made: list[str] = []
        at = 0
        while at < len(words):
            if words[at] in ("__attribute__", "alignas", "_Alignas", "__declspec") and words[at + 1 : at + 2] == ["("]:
                at = closing(words, at + 1) + 1
            elif list(words[at : at + 2]) == ["[", "["]:
                at = closing(words, at) + 1
            elif words[at] == "{":
                end = closing(words, at)
                made += words[at : end + 1]
                at = end + 1
            else:
                made.append(words[at])
                at += 1
        return made

    def _one(self, words: list[str], path: tuple[str, ...]) -> None:
        if not words:
            return
        if words[0] == "typedef":
            self._typedef(words[1:-1] if words[-1] == ";" else words[1:], path)
            return
        head = words[: words.index("{")] if "{" in words else words
        kind = next((each for each in head if each in ("struct", "class", "union", "enum")), None)
        if kind and "{" in words and "(" not in head and "=" not in head:
            self._structure(words, kind, path)
            return
        if "(" in head:
            made = self.function(words, path)
            if made is not None:
                self.found.functions.append(made)

    def _typedef(self, words: list[str], path: tuple[str, ...]) -> None:
        if "{" not in words and words[-1:] == [")"]:
            with suppress(Unknown):
                pointer = self._pointer(words)
                if pointer is not None and not path:
                    self.found.known[pointer[1]] = self.found.aliases[pointer[1]] = pointer[0]
            return
        if "{" not in words:
            if words and NAME.match(words[-1]):
                tag = words[1] if words[0] == "struct" and len(words) == 3 else None
                if tag and tag not in self.found.known:
                    self.found.known[tag] = Type("object", f"::{tag}" if self.plus else f"struct {tag}")
                    self.found.classes.setdefault(tag, Class(tag, path, problem="it is only declared"))
                self._alias(words[-1], words[:-1], path)
            return
        kind = next((each for each in words if each in ("struct", "union", "enum")), "")
        end = closing(words, words.index("{"))
        names = words[end + 1 :]
        if kind and len(names) == 1:
            tag = words[1] if words[1] != "{" else ""
            self._structure([kind, tag or names[0], *words[words.index("{") : end + 1], ";"], kind, path)
            if tag and tag != names[0]:
                self._alias(names[0], [tag], path)
            elif tag:
                self.found.typedefs.add(tag)
            elif names[0] in self.found.known:
                own = self.found.known[names[0]]
                self.found.known[names[0]] = replace(own, name=f"::{names[0]}" if self.plus else names[0])

    def _structure(self, words: list[str], kind: str, path: tuple[str, ...]) -> None:
        begin = words.index("{")
        end = closing(words, begin)
        head = [each for each in words[words.index(kind) + 1 : begin] if each != "final"]
        body = words[begin + 1 : end]
        if kind == "enum":
            scoped = head[:1] in (["class"], ["struct"])
            head = head[1:] if scoped else head
            if head[:1] and NAME.match(head[0]) and not path:
                self.found.enums[head[0]] = (body, scoped, head[2:])
                self.found.known[head[0]] = Type("enum", f"::{head[0]}" if self.plus else f"enum {head[0]}")
                if not all(re.match(r"[\w,=-]+\Z", each) for each in body + head[2:]):
                    del self.found.enums[head[0]], self.found.known[head[0]]
            elif not head and not path:
                self.found.enums[f" {len(self.found.enums)}"] = (body, False, [])
            return
        if not head or not NAME.match(head[0]):
            return
        name = head[0]
        spelled = Class(name, path).spelled if self.plus else f"struct {name}"
        made = Class(name, path, hidden=kind == "class")
        if kind == "union" or len(head) > 1:
            made.problem = "it is a union" if kind == "union" else "it is derived"
        self.found.known[name] = self.found.known["::".join((*path, name))] = Type("object", spelled)
        self.found.classes[name] = made
        ClassReader(self, made, kind == "class").read(body)
        if name not in self.objects and self._is_plain(made):
            self.found.known[name] = self.found.known["::".join((*path, name))] = Type("plain", spelled)
        if self.plus and words[end + 1 : end + 2] not in ([";"], []):
            made.problem = "variables are declared with it"

    @staticmethod
    def _is_plain(made: Class) -> bool:
        def plain(each: Type) -> bool:
            return (
                each.kind not in ("pointer", "object", "function", "void")
                and not each.reference
                and all(map(plain, each.of))
            )

        own = bool(made.members) and not (made.hidden or made.problem or made.constructors)
        return own and all(plain(each[0]) and not each[0].const for each in made.members)

    def function(self, words: list[str], path: tuple[str, ...], inside: str = "") -> Function | None:
        """Return the function that is declared, one with a `problem` if its types are not known; None if it is none."""
        at = self._name_place(words)
        if at is None or (at > 1 and words[at - 1] == "::"):
            return None
        name = words[at]
        end = closing(words, at + 1)
        before = [each for each in words[:at] if each not in SPECIFIERS]
        rest = words[end + 1 :]
        tail = rest[: next((place for place, each in enumerate(rest) if each in ("{", ";", ":")), len(rest))]
        qualifier = "static" if "static" in words[:at] and inside else "const" if "const" in tail else ""
        problem = "it is deleted" if "delete" in tail else ""
        if "->" in tail:
            before = tail[tail.index("->") + 1 :]
        elif (
            set(tail) - {"const", "noexcept", "override", "final", "=", "default", "delete", "try", "0"}
            and "noexcept" not in tail
        ):
            return None
        explicit = "explicit" in words[:at]
        if not before and name != inside:
            return None
        try:
            result = whole(before, self.found.known) if before else VOID
            parameters = self._parameters(words[at + 2 : end])
        except Unknown as unknown:
            return Function(name, path=path, problem=f"the type {unknown}", defined="{" in rest)
        least = next((place for place, each in enumerate(parameters) if each.default is not None), len(parameters))
        defined = "{" in rest
        return Function(name, result, parameters, path, least, qualifier, problem, explicit, defined)

    def _name_place(self, words: list[str]) -> int | None:
        at = 0
        while at + 1 < len(words):
            if words[at] in ("{", ";", "=") or words[at].startswith("operator"):
                return None
            if words[at + 1] == "(" and NAME.match(words[at]):
                return at
            if words[at] in ("decltype", "noexcept"):
                return None
            at = angle(words, at) + 1 if words[at] == "<" else at + 1
        return None

    def _parameters(self, words: list[str]) -> tuple[Parameter, ...]:
        made = []
        for each in split(words):
            if each == ["void"]:
                continue
            parts = split(each, "=", angles=False)
            if not parts or not parts[0]:
                raise Unknown("")
            if (pointer := self._pointer(parts[0])) is not None:
                made.append(Parameter(pointer[0], pointer[1]))
                continue
            kind, rest = read_type(parts[0], self.found.known)
            name = rest.pop(0) if rest and NAME.match(rest[0]) else ""
            array = rest[:1] == ["["]
            if (rest and not array) or kind.kind == "void":
                raise Unknown(" ".join(each))
            if array:
                kind = _array(kind, rest[closing(rest, 0) + 1 :])
            default = None
            if len(parts) > 1:
                default = " ".join(parts[1])
                literal = len(parts) == 2 and all(_LITERAL.match(word) or word in "-{}" for word in parts[1])
                default = default if literal else ""
            made.append(Parameter(kind, name, default, array))
        return tuple(made)

    def _pointer(self, words: list[str]) -> tuple[Type, str] | None:
        """Return the type and name of `T (*name)(...)` or `T (*name)[...]`; None if words are something else."""
        begin = words.index("(") if "(" in words else 0
        if not begin or list(words[begin + 1 : begin + 2]) != ["*"]:
            return None
        end = closing(words, begin)
        name, rest = "".join(words[begin + 2 : end]), words[end + 1 :]
        if name and not NAME.match(name):
            raise Unknown(" ".join(words))
        kind = whole(words[:begin], self.found.known)
        if rest[:1] == ["["]:
            return _array(kind, rest), name
        if rest[:1] != ["("] or closing(rest, 0) != len(rest) - 1:
            raise Unknown(" ".join(words))
        given = [one.type for one in self._parameters(rest[1:-1])]
        called = ", ".join(one.spelled for one in given) or "void"
        return Type("callback", f"{kind.spelled} (*)({called})", (kind, *given)), name

    @staticmethod
    def _until(words: Sequence[str], at: int, ends: tuple[str, ...]) -> int:
        while at < len(words) and words[at] not in ends:
            at = closing(words, at) + 1 if words[at] in ("(", "[", "{") and "{" not in ends else at + 1
        return at

    @staticmethod
    def end(words: Sequence[str], at: int) -> int:
        """Return the place behind a declaration: behind its `;`, or the body of a function."""
        head, equals = at, False
        while at < len(words):
            word = words[at]
            if word == ";":
                return at + 1
            if word == "}":
                return at
            equals = equals or word == "="
            if word == "{":
                end = closing(words, at)
                typed = {"struct", "class", "union", "enum"} & set(words[head:at]) and "(" not in words[head:at]
                follows = words[end + 1 : end + 2]
                listed = list(words[end + 1 : end + 2]) in (["{"], [","])  # x{1}, y{2} of a constructor
                if not (typed or equals or listed or (follows == [";"] and "(" not in words[head:at])):
                    return end + 1
                at = end
            elif word in ("(", "["):
                at = closing(words, at)
            at += 1
        return at


def _array(kind: Type, rest: list[str]) -> Type:
    """Return the pointer that an array is as a parameter, given what stands behind its first brackets."""
    if not all(re.match(r"[\[\]]|\d+\Z", word) for word in rest):
        raise Unknown(f"{kind.spelled} {''.join(rest)}")
    return Type("pointer", f"{kind.spelled} (*){''.join(rest)}" if rest else f"{kind.spelled} *", (kind,))


class ClassReader:
    """Goes through the body of a structure or class."""

    def __init__(self, outer: Reader, made: Class, hidden: bool) -> None:
        self.outer, self.made = outer, made
        self.hidden, made.hidden = hidden, False

    def read(self, words: list[str]) -> None:
        """Add its members to the class; what is private, only that there is something."""
        at = 0
        while at < len(words):
            if words[at] in ("public", "private", "protected") and words[at + 1 : at + 2] == [":"]:
                self.hidden = words[at] != "public"
                at += 2
                continue
            end = max(self.outer.end(words, at), at + 1)
            self._member(self.outer.plain(words[at:end]))
            at = end

    def _member(self, words: list[str]) -> None:
        made = self.made
        head = words[: words.index("{")] if "{" in words else words
        if not words or words == [";"] or not head or head[0] in ("template", "friend", "using", "typedef"):
            return
        if words[0] in ("struct", "class", "union", "enum") and "{" in words and "(" not in head:
            made.hidden = True  # what it holds is not known
            return
        if any(each.startswith("operator") for each in head):
            return
        if "~" in head:
            made.hidden = True
            return
        if "(" in head and "=" not in head[: head.index("(")]:
            self._function(words)
            return
        if "static" in words:
            return
        self._held(words)
        made.hidden = made.hidden or self.hidden
        if not self.hidden:
            self._data(words)

    def _held(self, words: list[str]) -> None:
        """Remember which types a member points to: what is handed over would have to stay where it is."""
        made = self.made
        try:
            kind, _ = read_type([each for each in words if each != "mutable"], self.outer.found.known)
        except Unknown:
            made.problem = made.problem or "it holds a reference" * ("&" in words)
            return
        if kind.reference or kind.name.endswith("string_view"):
            made.problem = made.problem or "it holds a reference"
        if kind.kind == "pointer":
            made.held.add(kind.of[0].bare.name)

    def _function(self, words: list[str]) -> None:
        made = self.made
        one = self.outer.function(words, (*made.path, made.name), made.name)
        if self.hidden:
            made.hidden = made.hidden or one is None or one.name == made.name
            return
        if one is None:
            made.hidden = True
        elif one.name == made.name:
            made.constructors.append(one)
        else:
            made.methods.append(one)

    def _data(self, words: list[str]) -> None:
        words = [each for each in words if each not in (";", "mutable")]
        try:
            kind, rest = read_type(words, self.outer.found.known)
            for each in split(rest):
                parts = split(each, "=", angles=False)
                name, array = parts[0][0], parts[0][1:]
                given = " ".join(parts[1]) if len(parts) == 2 else ""
                if (
                    not NAME.match(name)
                    or not all(re.match(r"[\[\]]|\d+\Z", word) for word in array)
                    or "*" in parts[0]
                ):
                    raise Unknown(name)
                if given and not all(_LITERAL.match(word) or word in "-{}" for word in parts[1]):
                    raise Unknown(given)
                self.made.members.append((kind, name, "".join(array), given))
        except (Unknown, IndexError):
            self.made.hidden = True

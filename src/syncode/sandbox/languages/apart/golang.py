"""Go: what the tests call of the answer is declared beside them once more, out of its text, with bodies that ask for it."""

import re
from collections.abc import Sequence
from itertools import product

from syncode.sandbox.languages.apart import go_text, pair
from syncode.sandbox.languages.apart.go_halves import PACKAGES, Halves, examiner, server
from syncode.sandbox.languages.apart.go_text import File, Function, Parameter, Type, Value
from syncode.sandbox.languages.apart.go_tokens import Tokens, Unclear, bare, scan, written
from syncode.sandbox.languages.assemble import Commands, Pair, Source
from syncode.sandbox.languages.golang import HELPED, build
from syncode.sandbox.languages.joining import split
from syncode.sandbox.limits import Limits

BASIC = frozenset(
    (
        "bool", "byte", "complex64", "complex128", "error", "float32", "float64", "int", "int8", "int16", "int32", "int64",
        "rune", "string", "uint", "uint8", "uint16", "uint32", "uint64", "uintptr", "any",
    )
)  # fmt: skip
LANGUAGE = BASIC | {
    "append", "cap", "close", "complex", "copy", "delete", "imag", "len", "make", "new", "panic", "print", "println", "real",
    "recover", "true", "false", "nil", "iota", "comparable", "min", "max", "clear", "_",
}  # fmt: skip
"""Names that the language declares: beside the tests they mean that."""
FOREIGN = {
    "time.Duration": "time", "time.Month": "time", "time.Weekday": "time", "time.Time": "time",
    "strings.Reader": "strings", "strings.Builder": "strings", "bytes.Buffer": "bytes", "bytes.Reader": "bytes",
    "big.Int": "math/big", "big.Rat": "math/big", "big.Float": "math/big",
    "list.List": "container/list", "list.Element": "container/list",
    "io.Reader": "io", "io.Writer": "io", "fmt.Stringer": "fmt", "sort.Interface": "sort", "heap.Interface": "container/heap",
    "sort.IntSlice": "sort", "sort.StringSlice": "sort", "sort.Float64Slice": "sort",
}  # fmt: skip
"""Types of the standard library that cross (`cross_values.go` knows how), with the package that they are from."""
SHARED = frozenset(
    ("Stdout", "Stdin", "Setenv", "TempDir", "Chdir", "Seed", "NumGoroutine", "AllocsPerRun", "Benchmark", "Caller")
)
"""What tests name if they look at the process that they are in (chosen here)."""
ASKED = frozenset(
    (
        "Is", "As", "MarshalJSON", "UnmarshalJSON", "MarshalText", "UnmarshalText", "MarshalBinary", "UnmarshalBinary", "Format",
        "GoString", "GobEncode", "GobDecode",
    )
)  # fmt: skip
"""Methods that the library asks what a value equals or how it is written: the tests would compare with what the answer says."""
COMPARING = frozenset(("Cmp", "CmpAbs", "Compare", "Equal", "EqualFold", "Before", "After", "Sub"))
"""Methods of the library that get what tests expect: a type that tests do not name may have none of its own."""
CHANGED = r"(?:\[[^\]\n]*\]|\.\w+)*\s*(?:[-+*/%|&^]?=(?!=)|:=|\+\+|--|<<=|>>=)"
CONSTANT = ("time", "math")
"""Packages whose constants those of an answer may be made of."""
INSTANCES = 64
"""How many instances of one generic function are made at most (chosen here)."""


def go(source: Source, limits: Limits, commands: Commands) -> Pair | str:
    """Return the tests with stand-ins, and the answer with a main that serves them."""
    code, tests = split(source.code, source.tests)
    try:
        answer, own = go_text.read(code), go_text.read(tests)
        made = _Stands(code, tests, answer, own).made()
    except Unclear as problem:
        return str(problem)
    halves = ({"main.go": examiner(source, tests, own, answer, made)}, server(code, answer, own, made))
    first, second = ((files, build(tuple(files), limits, commands)) for files in halves)
    return pair(source, limits, first, second)


class _Stands:
    """Finds out what stands for which declaration of the answer."""

    def __init__(self, code: str, tests: str, answer: File, own: File) -> None:
        self.code, self.tests, self.answer, self.own = code, tests, answer, own
        words = scan(tests)
        self.named = {
            token.text for before, token in zip((None, *words), words, strict=False)
            if token.kind == "word" and (before is None or before.text != ".")
        }  # fmt: skip
        self.words = {token.text for token in words}
        packages = {path.rpartition("/")[2] for _, path in own.imports} | {path.rpartition("/")[2] for path in HELPED}
        self.taken = own.names | LANGUAGE | (packages & self.named) | {"main", "init"}
        self.kept = {path: alias for alias, path in answer.imports}
        self.bad: dict[str, str] = {}
        self.opaque: set[str] = set()
        self.halves = Halves()

    def made(self) -> Halves:
        self._refused()
        self._types()
        for name in sorted(self.answer.types):
            if name not in self.bad:
                self._type(self.answer.types[name])
        for function in self.answer.functions:
            if function.receiver:
                self._method(function)
            elif function.name in self.named and function.name not in self.taken:
                self._function(function)
        for group in self.answer.constants:
            self._constants(group)
        for value in self.answer.variables:
            if set(value.names) & self.named - self.taken:
                self._variable(value)
        mentioned = self.named & self.answer.names - self.taken
        if wrong := sorted(mentioned & set(self.bad)):
            raise Unclear(f"{wrong[0]}: {self.bad[wrong[0]]}")
        if not mentioned:
            raise Unclear("the tests name nothing of the answer's")
        return self.halves

    def _refused(self) -> None:
        """Raise Unclear where text shows that the tests need the answer beside them."""
        for _, path in self.own.imports:
            if path not in PACKAGES:
                raise Unclear(f"the tests import {path}")
        if found := sorted(self.words & SHARED):
            raise Unclear(f"the tests use {found[0]}")
        if re.search(r"\bos\.(?!Exit\b|Stderr\b)", self.tests):
            raise Unclear("the tests use the system")
        if found := sorted(
            name for name in self.own.names - self.answer.names - LANGUAGE - {"main", "init"} if self._free(name)
        ):
            raise Unclear(f"the answer uses {found[0]} of the tests")
        if re.search(r"\bunsafe\.", self.tests):
            raise Unclear("the tests look at memory")
        declared = self.answer.names & LANGUAGE
        tested = sorted(declared & self.named & {each.name for each in self.answer.functions})
        if tested and (not self.named & (self.answer.names - declared) or {*tested} & {"min", "max", "clear"}):
            raise Unclear(f"{tested[0]} may be what the tests are about")
        for name in sorted(self.answer.names & self.own.names - {"main", "init"}):
            if not name.startswith(("Test", "Benchmark", "Example")):
                raise Unclear(f"the tests declare {name}, too")
        for function in self.answer.functions:
            if function.receiver and function.name in ASKED:
                raise Unclear(f"{function.receiver} has a method {function.name}")

    def _names_type(self, name: str) -> bool:
        """Return whether tests name a type as such, and nothing of their own so."""
        named = rf"[*&\]]\s*{name}\b|\b{name}\s*\{{|\bvar\s+\w+\s+{name}\b"
        own = rf"\b{name}\b[\w\s,]*:=|\b(?:var|const|func|type|range)\s+{name}\b|[(,]\s*{name}\s+[\w*\[]"
        return re.search(named, self.tests) is not None and not re.search(own, self.tests)

    def _free(self, name: str) -> bool:
        """Return whether the answer uses a name that nothing in it declares."""
        declared = rf"\b{name}\b[\w\s,]*:=|\bvar\s+{name}\b|[(,]\s*{name}\s+[\w\[*]"
        return name in self.code and self._used(name) and not re.search(declared, self.code)

    def _used(self, name: str) -> bool:
        return re.search(rf"(?<![\w.]){name}\b(?!\s*:[^=])", bare(self.code)) is not None

    def _types(self) -> None:
        """Sort the types of the answer: those that cross, those whose inside stays, and those that are not for the tests."""
        again = True
        while again:
            again = False
            for name, each in self.answer.types.items():
                if name in self.bad or name in self.opaque:
                    continue
                problem = "" if name not in self.taken else "the tests have another one"
                inside = self._problem(each.kind, {parameter.name for parameter in each.generic})
                if problem or inside:
                    again = True
                    if problem or each.kind[0].text != "struct" or each.generic:
                        self.bad[name] = problem or inside
                    else:
                        self.opaque.add(name)

    def _problem(self, kind: Tokens, generic: set[str]) -> str:
        """Return why a type cannot cross by value, or nothing."""
        names: list[str] = []
        try:
            go_text.whole(kind, names.append)
        except Unclear as problem:
            return str(problem)
        for name in names:
            if name in generic or name in BASIC or name == "comparable":
                continue
            if name in FOREIGN and self.kept.get(FOREIGN[name], "-") == "":
                continue
            if name in self.answer.types and name not in self.bad:
                if name in self.opaque and self._by_value(kind, name):
                    return f"a value of type {name}"
                continue
            if any(name in value.names for group in self.answer.constants for value in group):
                continue
            return f"the type {name}"
        return ""

    @staticmethod
    def _by_value(kind: Tokens, name: str) -> bool:
        return any(
            token.text == name and (place == 0 or kind[place - 1].text != "*") for place, token in enumerate(kind)
        )

    def _type(self, each: Type) -> None:
        opaque = each.name in self.opaque
        kind = "struct { syncodeOpaque syncodeCross.Opaque }" if opaque else written(each.kind)
        self.halves.beside.append(f"type {each.name}{_generic(each.generic)} {'= ' if each.alias else ''}{kind}")
        if not opaque:
            self._packages(each.kind)

    def _packages(self, kind: Tokens) -> None:
        go_text.whole(kind, lambda name: self.halves.packages.update({FOREIGN[name]} if name in FOREIGN else ()))

    def _method(self, function: Function) -> None:
        owner = self.answer.types.get(function.receiver)
        if owner is None or owner.name in self.bad or owner.alias:
            return
        if function.name in COMPARING and not self._names_type(owner.name):
            return
        generic = {parameter.name: own for parameter, own in zip(owner.generic, function.own, strict=False)}
        if self._signature(function, set(generic.values())):
            return  # tests that call it do not compile, and run beside the answer
        star = "*" if function.changes else ""
        own = f"[{', '.join(function.own)}]" if owner.generic else ""
        key = f'"{star}{owner.name}.{function.name}"'
        if owner.generic:
            types = ", ".join(f"new({name})" for name in function.own)
            key = f'syncodeCross.Instance("{star}{owner.name}", {types}) + ".{function.name}"'
        self._stub(f"(syncodeSelf {star}{owner.name}{own}) {function.name}", key, function, ["&syncodeSelf"])
        for types_of in self._instances(owner.generic):
            made = f"[{','.join(types_of)}]" if types_of else ""
            self.halves.serves[f"{star}{owner.name}{made}.{function.name}"] = (
                f"({star}{owner.name}{made}).{function.name}"
            )

    def _function(self, function: Function) -> None:
        generic = {parameter.name for parameter in function.generic}
        if problem := self._signature(function, generic):
            self.bad[function.name] = problem
            return
        key = f'"{function.name}"'
        if function.generic:
            types = ", ".join(f"new({parameter.name})" for parameter in function.generic)
            key = f'syncodeCross.Instance("{function.name}", {types})'
        self._stub(f"{function.name}{_generic(function.generic)}", key, function, [])
        for types_of in self._instances(function.generic):
            made = f"[{','.join(types_of)}]" if types_of else ""
            self.halves.serves[f"{function.name}{made}"] = f"{function.name}{made}"

    def _signature(self, function: Function, generic: set[str]) -> str:
        kinds = [each.kind for each in (*function.parameters, *function.results)]
        for kind in kinds:
            if problem := self._problem(kind, generic):
                return problem
        for kind in kinds:
            self._packages(kind)
        return ""

    def _stub(self, head: str, key: str, function: Function, first: list[str]) -> None:
        taken = ", ".join(
            f"syncodeA{place} {'...' * each.many}{written(each.kind)}" for place, each in enumerate(function.parameters)
        )
        given = ", ".join(f"syncodeR{place} {written(each.kind)}" for place, each in enumerate(function.results))
        arguments = ", ".join([*first, *(f"&syncodeA{place}" for place in range(len(function.parameters)))])
        results = ", ".join(f"&syncodeR{place}" for place in range(len(function.results)))
        call = f"syncodeCross.Call({key}, []interface{{}}{{{arguments}}}, []interface{{}}{{{results}}})"
        self.halves.beside.append(f"func {head}({taken}) ({given}) {{ {call}; return }}")

    def _instances(self, generic: Sequence[Parameter]) -> list[tuple[str, ...]]:
        """Return the types with which tests may use a generic function: those that they name, as far as they are allowed."""
        allowed = [self._allowed(parameter.kind) for parameter in generic]
        if any(not names for names in allowed):
            raise Unclear("the types of a generic function")
        return list(product(*allowed))[:INSTANCES]

    def _allowed(self, constraint: Tokens) -> list[str]:
        likely = {
            "int": r"(?<![\w.])\d+\b(?!\.)", "string": r'"|`', "float64": r"\d\.\d|\bfloat64\b",
            "bool": r"\b(?:true|false|bool)\b",
            "int32": r"\b(?:rune|int32)\b|'", "uint8": r"\b(?:byte|uint8)\b", "int64": r"\bint64\b", "float32": r"\bfloat32\b",
            "uint": r"\buint\b",
        }  # fmt: skip
        found = [name for name, pattern in likely.items() if re.search(pattern, self.tests)]
        terms = self._terms(constraint)
        structs = [
            name for name in sorted(self.answer.types) if name in self.named and name not in self.bad and name not in self.opaque
            and not self.answer.types[name].generic
        ]  # fmt: skip
        return [*found, *structs] if terms is None else [name for name in found if name in terms]

    def _terms(self, constraint: Tokens) -> set[str] | None:
        """Return the types that a constraint allows; None if all do."""
        text = written(constraint)
        if text in ("any", "interface { }"):
            return None
        if text == "comparable":
            return set(BASIC - {"any", "error"})
        if text in ("cmp.Ordered", "constraints.Ordered"):
            return set(BASIC - {"any", "error", "bool", "complex64", "complex128"})
        inner = re.fullmatch(r"interface \{ (.*?)(?: ;)? \}", text)
        names: set[str] = set()
        for part in (inner[1] if inner else text).split(" | "):
            name = part.removeprefix("~ ")
            known = self.answer.types.get(name)
            if known is not None and known.kind[0].text == "interface" and "~" not in part:
                more = self._terms(known.kind)
                if more is None:
                    raise Unclear(f"the constraint {text}")
                names |= more
            elif name in BASIC:
                names.add({"byte": "uint8", "rune": "int32"}.get(name, name))
            else:
                raise Unclear(f"the constraint {text}")
        return names

    def _constants(self, group: tuple[Value, ...]) -> None:
        """Declare constants once more, if nothing but literals and other constants make them."""
        names = {name for value in group for name in value.names}
        known = {name for each in self.answer.constants for value in each for name in value.names} - LANGUAGE
        words = [token for value in group for token in (*value.kind, *value.values)]
        for before, token in zip((None, *words), words, strict=False):
            if token.text in CONSTANT and self.kept.get(token.text) == "":
                self.halves.packages.add(token.text)
            elif before is not None and before.text == ".":
                continue
            elif token.kind == "word" and token.text not in {
                *known,
                *self.answer.types,
                *BASIC,
                "iota",
                "true",
                "false",
                "len",
            }:
                self.bad |= dict.fromkeys(names, f"a constant made of {token.text}")
        if names & set(self.bad):
            return
        lines = (
            f"{', '.join('_' if name in self.taken else name for name in value.names)} {written(value.kind)} "
            + (f"= {written(value.values)}" if value.values else "")
            for value in group
        )
        self.halves.beside.append(f"const ({'; '.join(lines)})")

    def _variable(self, value: Value) -> None:
        name = value.names[0]
        kind = written(value.kind) or _kind_of(value.values, {*self.answer.types, *BASIC})
        changed = re.compile(rf"(?<![\w.]){name}{CHANGED}|&{name}\b")
        if len(value.names) > 1 or not kind or len(changed.findall(self.code)) > 1 or changed.search(self.tests):
            self.bad |= dict.fromkeys(value.names, "a variable")
            return
        tokens = scan(kind)
        tokens = tokens[:-1] if tokens[-1].text == ";" else tokens
        if problem := self._problem(tokens, set()):
            self.bad[name] = problem
            return
        self._packages(tokens)
        call = f'syncodeCross.Call("var {name}", []interface{{}}{{}}, []interface{{}}{{&syncodeR}})'
        self.halves.beside.append(f"var {name} = func() (syncodeR {kind}) {{ {call}; return }}()")
        self.halves.serves[f"var {name}"] = f"func() {kind} {{ return {name} }}"


def _generic(parameters: Sequence[Parameter]) -> str:
    return f"[{', '.join(f'{each.name} {written(each.kind)}' for each in parameters)}]" if parameters else ""


def _kind_of(values: Tokens, known: set[str]) -> str:
    """Return the type of the expression that a variable begins with, or nothing. `known`: types that a value may be made of."""
    text = written(values)
    if re.match(r"(?:errors\.New|fmt\.Errorf) \(", text):
        return "error"
    if len(values) == 1 and values[0].kind == "number":
        return "int" if values[0].text.isdecimal() else ""
    if len(values) == 1 and values[0].kind == "text" and values[0].text[0] in '"`':
        return "string"
    if text in ("true", "false"):
        return "bool"
    pointer = values[:1] and values[0].text == "&"
    inside = values[1:] if pointer else values
    try:
        end = go_text.kind_end(inside, 0, lambda _: None)
    except Unclear:
        return ""
    if inside[0].text == "func" and end < len(inside):
        return written(inside[:end])
    if end < len(inside) and (
        inside[end].text == "{" or (end == 1 and inside[0].text in known and inside[1].text == "(")
    ):
        return ("*" if pointer else "") + written(inside[:end])
    return ""

"""C++ tests apart from the answer: functions and classes of the answer become calls over the channel, read from its text."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from syncode.sandbox.languages import apart, compiled, native, warm
from syncode.sandbox.languages.apart import c_building, c_reach
from syncode.sandbox.languages.apart.c_declared import Class, Declared, Function, Parameter, Reader
from syncode.sandbox.languages.apart.c_types import Type, Unknown, whole
from syncode.sandbox.languages.apart.c_words import Text, read, strange
from syncode.sandbox.languages.assemble import Commands, Pair, Source, driver
from syncode.sandbox.languages.joining import split
from syncode.sandbox.limits import Limits

Numbered = list[tuple[Function, Class | None]]
"""Functions, methods and constructors, with their class; the place is the number that stands for each on the channel."""


def pair(source: Source, limits: Limits, commands: Commands) -> Pair | str:
    """Return both halves: tests with stubs in front of them, the answer with what calls its functions behind it."""
    code, tests = split(source.code, source.tests)
    if not compiled.C_MAIN.search(tests):
        return "the tests have no main"
    if strange(code):
        return "the answer is spelled in a way that is not read"
    made = _Halves.of(read(code), read(tests))
    if isinstance(made, str):
        return made
    before = warm.header(f"#include <bits/stdc++.h>\n{tests}", 20 if compiled.needs_20(tests) else 17, commands)
    opening = "" if before else "#include <bits/stdc++.h>\n"
    least = f'extern "C" const int syncode_least = {c_building.least(source)};\n'
    stubs = f'{opening}#define SYNCODE_TESTS\n#include "apart.hpp"\n{made.stubs()}{least}#include <assert.h>\n'
    shown = compiled.C_MAIN.sub(lambda match: match[0].replace("main", "main_of_the_answer"), code)
    texts = {"fallback/boost/any.hpp": driver("boost_any.hpp")} if "boost/any.hpp" in code else {}
    return apart.pair(
        source,
        limits,
        c_building.half(
            c_building.Half("g++", True, 20 if compiled.needs_20(tests) else 17, before),
            {"stubs.hpp": stubs, "tests.cpp": f"{tests}\n", "apart.hpp": driver("apart.hpp")},
            limits,
            commands,
        ),
        c_building.half(
            c_building.Half(
                "g++",
                False,
                20 if compiled.needs_20(code) else 17,
                warm.header(code, 20 if compiled.needs_20(code) else 17, commands),
                ("-lcrypto",) if "openssl/" in code else (),
            ),
            {"answer.cpp": f"{shown}\n", "main.cpp": made.serving(), "apart.hpp": driver("apart.hpp"), **texts},
            limits,
            commands,
        ),
    )


class _Halves:
    """What is generated for both halves out of what the answer declares."""

    def __init__(self, answer: Text, found: Declared, names: set[str], used: set[str]) -> None:
        self.answer, self.found, self.used = answer, found, used
        self.functions = _merged(each for each in found.functions if each.name in names)
        self.classes: list[Class] = []
        self.plain: list[Class] = []
        self.enums: set[str] = set()

    @classmethod
    def of(cls, answer: Text, tests: Text) -> "_Halves | str":
        """Return what is to be generated, or why the tests need the answer in their process."""
        reason = c_reach.together(tests)
        if reason:
            return reason
        found, own = Reader(answer, plus=True).found, Reader(tests, plus=True).found
        names = c_reach.asked(tests, own, found, set(answer.macros), c_reach.COMPARING)
        if isinstance(names, str):
            return names
        used = c_reach.mentioned(tests) - own.classes.keys() - own.aliases.keys()
        for name, made in found.classes.items():
            if found.known.get(name, Type("", "")).kind == "plain" and any(each.name in used for each in made.methods):
                for key in (name, "::".join((*made.path, name))):
                    found.known[key] = replace(found.known[key], kind="object")
        self = cls(answer, found, names, used)
        return self._problem(tests) or self._complete(tests) or self

    def _problem(self, tests: Text) -> str | None:
        for each in self.functions:
            if each.problem or (problem := self._unfit(each)):
                return f"{each.name} of the answer cannot be called from another process: {each.problem or problem}"
        return None

    def _unfit(self, each: Function, own: str = "") -> str:
        """Return why a function cannot be called over the channel."""
        for one in each.parameters:
            if not self._crosses(one.type):
                return f"the type {one.type.spelled}"
        if each.result.reference and not each.result.const and each.result.name != own:
            return "it returns a reference"
        return "" if each.result.kind == "void" or self._crosses(each.result) else f"the type {each.result.spelled}"

    def _crosses(self, each: Type) -> bool:
        if self._now(each).kind == "pointer":
            return each.name == "const char *" and not each.changes
        if each.kind == "void":
            return False
        inner = each.of[1:] if each.kind == "function" and each.of[0].kind == "void" else each.of
        return all(map(self._crosses, inner))

    def _now(self, each: Type) -> Type:
        """Return a type with the kind that it was found to have in the end."""
        own = self.found.known.get(each.name.removeprefix("::")) if each.kind in ("plain", "object") else None
        return replace(each, kind=own.kind) if own else each

    def _complete(self, tests: Text) -> str | None:
        """Find the types that the tests' half has to declare."""
        wanted = {name for each in self.functions for name in _types(each)}
        wanted |= {f"::{name}" for name in self.used & (self.found.classes.keys() | self.found.enums.keys())}
        wanted |= {
            name for alias in self.used & self.found.aliases.keys() for name in self.found.aliases[alias].named()
        }
        wanted |= {
            f"::{name}" for name, (body, *_) in self.found.enums.items() if name[0] != " " and self.used & set(body)
        }
        done: set[str] = set()
        while wanted - done:
            name = min(wanted - done)
            done.add(name)
            made = self.found.classes.get(name.rpartition("::")[2])
            if made is None:
                continue
            if made.problem or (made.path and "::".join(("", *made.path, made.name)) != name):
                return f"{made.name} of the answer stays with it: {made.problem}"
            if self._kind(made) == "plain":
                wanted |= {each for member in made.members for each in member[0].named()}
            else:
                problem = self._object(made, tests)
                if problem:
                    return problem
                wanted |= {each for method in (*made.methods, *made.constructors) for each in _types(method)}
        for made in self.found.classes.values():
            if f"::{'::'.join((*made.path, made.name))}" in done:
                (self.plain if self._kind(made) == "plain" else self.classes).append(made)
        self.enums = {name for name in self.found.enums if f"::{name}" in done}
        if self.classes and any(
            each in ("sizeof", "alignof", "reinterpret_cast", "typeid", "memcpy", "memset") or each.startswith("is_")
            for each in self.used
        ):
            return "the tests look at what a class of the answer is made of"
        if not self.functions and not self.classes:
            return "the tests call nothing of the answer that can be called from another process"
        return None

    def _object(self, made: Class, tests: Text) -> str | None:
        """Keep what can be called of a class; return what is used and cannot be."""
        words = tests.words
        for at, word in enumerate(words):
            if (
                word == made.name
                and words[at - 1] in (":", "public", "private", "protected", "virtual", ",")
                and "{" in words[at : at + 3]
            ):
                return f"the tests extend {made.name}"
        for each in (*made.methods, *made.constructors):
            problem = each.problem or self._unfit(each, f"::{'::'.join((*made.path, made.name))}")
            if problem and each.name in self.used and each.name != made.name and problem != "it is deleted":
                return f"{made.name}::{each.name} cannot be called from another process: {problem}"
        made.methods = [
            each
            for each in made.methods
            if not each.problem and not self._unfit(each, self._name(made)) and each.name in self.used
        ]
        made.constructors = [
            each
            for each in made.constructors
            if not each.problem
            and not self._unfit(each)
            and [one.type.name for one in each.parameters] != [self._name(made)]
        ]
        return None

    def _kind(self, made: Class) -> str:
        own = self.found.known.get("::".join((*made.path, made.name)))
        return own.kind if own else ""

    @staticmethod
    def _name(made: Class) -> str:
        return f"::{'::'.join((*made.path, made.name))}"

    def _numbered(self) -> Numbered:
        members: Numbered = [(each, made) for made in self.classes for each in (*made.constructors, *made.methods)]
        own: Numbered = [(each, None) for each in self.functions]
        return [(each, made) for one, made in own + members for each in one.variants]

    def _default(self, made: Class) -> bool:
        """Whether objects can be made from nothing though no constructor is written."""
        return not any(each.name == made.name for each in made.constructors)

    def stubs(self) -> str:
        """Return what stands in front of the tests."""
        lines = [
            *self._headers(),
            *(
                each
                for each in dict.fromkeys(self.found.opened)
                if each.startswith("using std::") or each == "using namespace std;"
            ),
        ]
        for name, (body, scoped, behind) in self.found.enums.items():
            if name in self.enums or (name[0] == " " and self.used & set(body)):
                lines.append(f"enum {'class ' * scoped}{name.strip()} {' '.join(behind)} {{ {' '.join(body)} }};")
        for made in self.classes:
            lines.append(_spaced(made.path, f"class {made.name};"))
        for made in self.plain:
            members = " ".join(
                f"{kind.spelled} {name}{array}{f' = {given}' if given else ''};"
                for kind, name, array, given in made.members
            )
            lines.append(_spaced(made.path, f"struct {made.name} {{ {members} }};"))
        for name in sorted(self.used):
            alias = self.found.aliases.get(name) or self._macro(name)
            if alias and not alias.reference and not any(name == each.name for each in (*self.plain, *self.classes)):
                lines.append(f"using {name} = {alias.spelled};")
        numbers = self._numbered()
        for place, made in enumerate(self.classes):
            lines.append(_spaced(made.path, self._declared(made, place)))
        lines += self._codecs()
        for number, (each, made) in enumerate(numbers):
            path = made.path if made else each.path
            lines += [_spaced(path, "\n".join(_stub(number, each, made)))]
        lines += self._made_of_nothing(len(numbers))
        if self.classes:
            lines.append(_COPIED % (len(numbers) + len(self.classes)))
        return "\n".join(lines) + "\n"

    def _headers(self) -> Iterator[str]:
        for each in dict.fromkeys(self.answer.headers):
            if each in c_building.SYSTEM:
                yield f"#include {each}"

    def _macro(self, name: str) -> Type | None:
        body = self.answer.macros.get(name)
        if not body:
            return None
        try:
            return whole(body, self.found.known)
        except Unknown:
            return None

    def _declared(self, made: Class, place: int) -> str:
        lines = [f"class {made.name} {{", "  public:", "    ::syncode::object syncode_own;"]
        lines.append(
            f"    explicit {made.name}(::syncode::object made) : syncode_own(static_cast< ::syncode::object &&>(made)) {{ }}"
        )
        for each in (each for one in made.constructors for each in one.variants):
            lines.append(f"    {'explicit ' * each.explicit}{made.name}({_parameters(each, True)});")
        if self._default(made):
            lines.append(f"    {made.name}();")
        for each in (each for one in made.methods for each in one.variants):
            static, const = "static " * (each.qualifier == "static"), " const" * (each.qualifier == "const")
            lines.append(f"    {static}{each.result.spelled} {each.name}({_parameters(each, True)}){const};")
        return "\n".join([*lines, "};"])

    def _made_of_nothing(self, number: int) -> Iterator[str]:
        for place, made in enumerate(self.classes):
            if self._default(made):
                begin = f"inline {made.name}::{made.name}() : syncode_own({place}, 0) {{ ::syncode::call made({number + place});"
                yield _spaced(made.path, f"{begin} made.ask(); syncode_own.number = made.result< ::std::size_t>(); }}")

    def _codecs(self) -> Iterator[str]:
        """Yield how what the answer declares crosses, the same in both halves but for objects."""
        for made in self.plain:
            name = self._name(made)
            put = " ".join(f"syncode::each(to, value.{member});" for _, member, _, _ in made.members)
            take = " ".join(f"syncode::fill(from, made.{member});" for _, member, _, _ in made.members)
            yield (
                f"namespace syncode {{ template <> struct codec<{name}> {{ static void put(message &to, const {name} &value) {{ {put} }}\n"
                f"static {name} get(message &from) {{ {name} made; {take} return made; }} }}; }}"
            )
        for place, made in enumerate(self.classes):
            yield f"namespace syncode {{ template <> struct codec<{self._name(made)}> : crossing<{self._name(made)}, {place}> {{ }}; }}"

    def serving(self) -> str:
        """Return what stands behind the answer."""
        lines = ['#include "answer.cpp"', *(f"#undef {name}" for name in self.answer.macros), '#include "apart.hpp"']
        for made in self.plain:
            name = self._name(made)
            for kind, member, array, _ in made.members:
                lines.append(
                    f'static_assert(::std::is_same<decltype({name}::{member}), {kind.spelled}{array}>::value, "");'
                )
        lines += self._codecs()
        numbers = self._numbered()
        cases = []
        for number, (each, made) in enumerate(numbers):
            lines += _served(number, each, self._name(made) if made else "")
            cases.append(f"case {number}: return syncode_{number}(in, out);")
        count = len(numbers)
        for place, made in enumerate(self.classes):
            name = self._name(made)
            if self._default(made):
                cases.append(f"case {count + place}: return made<{name}>(in, out);")
            cases.append(f"case {count + len(self.classes) + place}: return copied<{name}>(in, out);")
        forgets = "".join(
            f"case {place}: return gone<{self._name(made)}>(in);" for place, made in enumerate(self.classes)
        )
        lines.append(
            "namespace syncode {\nvoid dispatch(message &in, message &out) {\nsize_t number;\nsyncode_get(&in, &number, sizeof number);\n"
            "switch (number) {\n" + "\n".join(cases) + "\ndefault: syncode_malformed();\n}\n}\n"
            f"void forget(message &in) {{\nsize_t kind;\nsyncode_get(&in, &kind, sizeof kind);\nswitch (kind) {{ {forgets} default: syncode_malformed(); }}\n}}\n}}\n"
            "int main() {\nfor (;;) {\nsyncode::message reply;\nsyncode::wait(reply);\nsyncode_malformed();\n}\n}\n"
        )
        return "\n".join(lines)


_COPIED = """inline ::std::size_t syncode::copied_object(::std::size_t kind, ::std::size_t number) {
syncode::call made(kind + %d);
syncode_put_count(&made.out, number);
made.ask();
return made.result< ::std::size_t>();
}"""


def _merged(functions: Iterable[Function]) -> list[Function]:
    """Return each function once: of its prototypes and its definition, the one with most defaults."""
    made: dict[tuple[object, ...], Function] = {}
    for each in functions:
        key = (each.path, each.name, tuple(one.type.spelled for one in each.parameters))
        known = made.get(key)
        made[key] = each if known is None or each.least < known.least else known
    return list(made.values())


def _types(each: Function) -> set[str]:
    return each.result.named().union(*(one.type.named() for one in each.parameters))


def _spaced(path: tuple[str, ...], text: str) -> str:
    return "".join(f"namespace {each} {{ " for each in path) + text + " }" * len(path)


def _parameters(each: Function, defaults: bool) -> str:
    def default(one: Parameter) -> str:
        return f" = {one.default}" if defaults and one.default else ""

    return ", ".join(f"{one.type.spelled} a{place}{default(one)}" for place, one in enumerate(each.parameters))


def _stub(number: int, each: Function, made: Class | None) -> Iterator[str]:
    """Yield a function that asks for another one."""
    const = " const" * (each.qualifier == "const")
    prefix = f"{made.name}::" if made else ""
    new = made is not None and each.name == made.name
    begin = "" if new else f"{each.result.spelled} "
    after = f" : syncode_own(::syncode::kind_of<{made.name}>(), 0)" if new and made else const
    yield f"inline {begin}{prefix}{each.name}({_parameters(each, made is None)}){after} {{"
    changed = [place for place, one in enumerate(each.parameters) if one.type.changes and one.type.kind != "object"]
    for place in changed:
        for other, one in enumerate(each.parameters):
            if other != place and one.type.reference and one.type.bare == each.parameters[place].type.bare:
                yield f"::syncode::apart(&a{place}, &a{other});"
    yield f"::syncode::call made({number});"
    if made and not new and each.qualifier != "static":
        yield "syncode_put_count(&made.out, syncode_own.valid());"
    for place, one in enumerate(each.parameters):
        yield f"made.give<{one.type.bare.name}>(a{place});"
    yield "made.ask();"
    for place in changed:
        kind = each.parameters[place].type.bare.name
        yield f"{{ const {kind} back = made.take<{kind}>(); a{place} = back; }}"
    if new:
        yield "syncode_own.number = made.result< ::std::size_t>();"
    elif _is_self(each, made):
        yield "made.same(); return *this;"
    else:
        yield f"return made.result<{each.result.bare.name}>();"
    yield "}"


def _is_self(each: Function, made: Class | None) -> bool:
    return (
        made is not None
        and bool(each.result.reference)
        and each.result.name == f"::{'::'.join((*made.path, made.name))}"
    )


def _served(number: int, each: Function, own: str) -> Iterator[str]:
    """Yield what calls a function of the answer."""
    new = bool(own) and own.rpartition("::")[2] == each.name
    name = f"::{'::'.join((*each.path, each.name))}"
    pointer = f"({own}::*)" if own and each.qualifier != "static" else "(*)"
    const = " const" * (each.qualifier == "const")
    yield f"static void syncode_{number}(::syncode::message &in, ::syncode::message &out) {{"
    if not new and not each.short:
        given = ", ".join(one.type.spelled for one in each.parameters)
        yield f"(void)static_cast<{each.result.spelled} {pointer}({given}){const}>(&{name});"
    call = name
    if own and not new and each.qualifier != "static":
        yield f"{own} &own = ::syncode::kept<{own}>::read(in);"
        call = f"own.{each.name}"
    for place, one in enumerate(each.parameters):
        kind = one.type.bare.name
        if one.type.kind == "object":
            yield f"{kind} &a{place} = ::syncode::kept<{kind}>::read(in);"
        else:
            yield f"{kind} a{place} = ::syncode::get<{kind}>(in);"
    yield "syncode_all_read(&in);"
    given = ", ".join(
        f"static_cast<{one.type.bare.name} &&>(a{place})" if one.type.reference == "&&" else f"a{place}"
        for place, one in enumerate(each.parameters)
    )
    changed = "".join(
        f", a{place}" for place, one in enumerate(each.parameters) if one.type.changes and one.type.kind != "object"
    )
    if new:
        yield f"::syncode::reply< ::std::size_t>(out, [&]() {{ return ::syncode::kept<{own}>::keep(new {own}({given})); }}{changed});"
    elif own and each.result.reference and each.result.name == own:
        yield f"::syncode::reply<bool>(out, [&]() {{ return &{call}({given}) == &own; }}{changed});"
    else:
        yield f"::syncode::reply<{each.result.bare.name}>(out, [&]() -> {each.result.spelled} {{ return {call}({given}); }}{changed});"
    yield "}"

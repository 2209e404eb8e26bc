"""C tests apart from the answer: its functions become calls over the channel, and what pointers point to crosses with them."""

import re
from collections.abc import Iterator

from syncode.sandbox.languages import apart, compiled
from syncode.sandbox.languages.apart.c_family import building, reach
from syncode.sandbox.languages.apart.c_family.declared import Reader
from syncode.sandbox.languages.apart.c_family.model import Class, Declared, Function
from syncode.sandbox.languages.apart.c_family.types import Type, Unknown, whole
from syncode.sandbox.languages.apart.c_family.words import Text, marked, read, strange
from syncode.sandbox.languages.assemble import Commands, Pair, Source, driver
from syncode.sandbox.languages.counting import COUNTED
from syncode.sandbox.languages.joining import split
from syncode.sandbox.limits import Limits

_LENGTH = re.compile(
    r"(?:n|m|sz|cnt|len|length|size|count|\w*(?:size|len|length|count|_n|cnt|_sz|_num))\Z", re.IGNORECASE
)
"""How parameters are called that say how many elements an array has (chosen here)."""
_PACKED = re.compile(r"\bpragma\s+pack\b|\bpacked\b|\baligned\b|\bscalar_storage_order\b")
_ALWAYS = "#include <stdbool.h>\n#include <stddef.h>\n#include <stdint.h>\n#include <sys/types.h>\n"


def pair(source: Source, limits: Limits, commands: Commands) -> Pair | str:
    """Return both halves: tests with stubs in front of them, the answer with what calls its functions behind it."""
    code, tests = split(source.code, source.tests)
    if not compiled.C_MAIN.search(tests):
        return "the tests have no main"
    if strange(code) or _PACKED.search(code):
        return "the answer is spelled in a way that is not read"
    try:
        made = _Halves.of(read(code), read(tests))
    except RecursionError:
        return "the answer is nested too deep"
    if isinstance(made, str):
        return made
    shared = {"apart_memory.h": driver("apart_memory.h")}
    least = f"const int syncode_least = {source.least('c', COUNTED['c'])};\n"
    shown = compiled.C_MAIN.sub(lambda match: match[0].replace("main", "main_of_the_answer"), code)
    return apart.pair(
        source,
        limits,
        building.half(
            building.Half("gcc", True),
            {"stubs.h": made.stubs() + least, "tests.c": f"{made.marked(tests)}\n", **shared},
            limits,
            commands,
        ),
        building.half(
            building.Half("gcc", False),
            {"answer.c": f"{shown}\n", "main.c": made.serving(), **shared},
            limits,
            commands,
        ),
    )


class _Halves:
    """What is generated for both halves out of what the answer declares."""

    def __init__(self, answer: Text, found: Declared, names: set[str], used: set[str]) -> None:
        self.answer, self.found, self.used = answer, found, used
        seen: dict[str, Function] = {}
        for each in found.functions:
            if each.name in names and (each.name not in seen or each.defined):
                seen[each.name] = each
        self.functions = list(seen.values())

    @classmethod
    def of(cls, answer: Text, tests: Text) -> "_Halves | str":
        """Return what is to be generated, or why the tests need the answer in their process."""
        reason = reach.together(tests)
        if reason:
            return reason
        found, own = Reader(answer, plus=False).found, Reader(tests, plus=False).found
        names = reach.asked(tests, own, found, set(answer.macros), False)
        if isinstance(names, str):
            return names
        made = cls(answer, found, names, reach.mentioned(tests) - own.classes.keys() - own.aliases.keys())
        if problem := reach.narrow(found, answer.macros, made.used):
            return problem
        for each in made.functions:
            for one in (each.result, *(parameter.type for parameter in each.parameters)):
                problem = each.problem or made._unfit(one, one is each.result)
                if problem:
                    return f"{each.name} of the answer cannot be called from another process: {problem}"
        return (
            made if made.functions else "the tests call nothing of the answer that can be called from another process"
        )

    def _unfit(self, one: Type, result: bool) -> str:
        if one.kind == "pointer" and one.name != "void":
            inner = one.of[0]
            depth = inner.of[0] if inner.kind == "pointer" else inner
            if depth.kind in ("number", "plain", "enum") or (depth.kind == "object" and depth is inner):
                return ""
            if depth.kind == "void" and depth is inner and not result:
                return ""
            return f"the type {one.spelled}"
        if one.kind == "callback" and not result:
            simple = all(
                each.kind in ("number", "enum") or (each.kind == "void" and each is one.of[0]) for each in one.of
            )
            return "" if simple else f"the type {one.spelled}"
        fits = one.kind in ("number", "plain", "enum") or (result and one.kind == "void")
        return "" if fits else f"the type {one.spelled}"

    def marked(self, tests: str) -> str:
        """Return tests in which the sizes of arrays are noted where they are handed over."""
        places = {
            each.name: [
                place
                for place, one in enumerate(each.parameters)
                if one.type.kind == "pointer" and one.type.of[0].kind != "object"
            ]
            for each in self.functions
        }
        return marked(tests, {name: at for name, at in places.items() if at}, "SYNCODE_AT")

    def stubs(self) -> str:
        """Return what stands in front of the tests."""
        gnu = ["#define _GNU_SOURCE"] * ("_GNU_SOURCE" in self.answer.macros)
        headers = [f"#include {each}" for each in dict.fromkeys(self.answer.headers)]
        lines = [*gnu, *(each for each in headers if each.removeprefix("#include ") in building.SYSTEM), _ALWAYS]
        lines += ['#include "apart_memory.h"', *self._enums(), *self._structures(), *self._aliases()]
        for number, each in enumerate(self.functions):
            lines += _stub(number, each)
        return "\n".join(lines) + "\n"

    def _enums(self) -> Iterator[str]:
        for name, (body, _, _) in self.found.enums.items():
            if any(map(reach.taken, (name, *body))):
                continue
            own = self.found.known.get(name)
            if own and not own.name.startswith("enum "):
                yield f"typedef enum {{ {' '.join(body)} }} {name};"
            else:
                yield f"enum {name if name[0] != ' ' else ''} {{ {' '.join(body)} }};"

    def _structures(self) -> Iterator[str]:
        for made in self.found.classes.values():
            own = self.found.known.get(made.name)
            if own is None or reach.taken(made.name):
                continue
            tag = made.name if own.name.startswith("struct ") else ""
            if own.kind != "plain":
                yield f"struct {made.name};" if tag else f"typedef struct {made.name} {made.name};"
                continue
            members = " ".join(f"{kind.spelled} {name}{array};" for kind, name, array, _ in made.members)
            yield f"struct {tag} {{ {members} }};" if tag else f"typedef struct {{ {members} }} {made.name};"

    def _aliases(self) -> Iterator[str]:
        for name in self.found.classes:
            if name in self.found.typedefs and not reach.taken(name):
                yield f"typedef struct {name} {name};"
        for name in self.found.enums:
            if name in self.found.typedefs and not reach.taken(name):
                yield f"typedef enum {name} {name};"
        for name in sorted(self.used):
            alias = self.found.aliases.get(name)
            if alias is None and self.answer.macros.get(name):
                try:
                    alias = whole(self.answer.macros[name] or [], self.found.known)
                except Unknown:
                    continue
            if alias and alias.name != name and not reach.taken(name):
                yield f"typedef {alias.declared(name)};"

    def serving(self) -> str:
        """Return what stands behind the answer."""
        lines = [
            '#include "answer.c"',
            *(f"#undef {name}" for name in self.answer.macros),
            _ALWAYS,
            '#include "apart_memory.h"',
        ]
        for made in self._used_structures():
            own = self.found.known[made.name].name
            size = " + ".join(f"sizeof((({own} *)0)->{name})" for _, name, _, _ in made.members)
            lines.append(f'_Static_assert(sizeof({own}) < {size} + 16 * {len(made.members)}, "");')
            for kind, name, array, _ in made.members:
                types = f"__typeof__((({own} *)0)->{name}), __typeof__({kind.spelled}{array})"
                lines.append(f'_Static_assert(__builtin_types_compatible_p({types}), "");')
        cases = []
        for number, each in enumerate(self.functions):
            lines += _served(number, each)
            cases.append(f"case {number}: syncode_{number}(in, out); break;")
        lines.append(
            "void syncode_dispatch(size_t number, syncode_message *in, syncode_message *out) {\nswitch (number) {\n"
            + "\n".join(cases)
            + "\ndefault: syncode_malformed();\n}\n}\n"
        )
        return "\n".join(lines)

    def _used_structures(self) -> Iterator[Class]:
        wanted = {
            name
            for each in self.functions
            for one in (each.result, *(given.type for given in each.parameters))
            for name in one.named()
        }
        for made in self.found.classes.values():
            own = self.found.known.get(made.name)
            if own and own.kind == "plain" and own.name in wanted:
                yield made


def _way(one: Type) -> str:
    """Return in which way what a pointer points to crosses."""
    inner = one.of[0]
    if inner.kind == "pointer":
        return "SYNCODE_ROWS | SYNCODE_TEXT" if inner.of[0].name == "char" else "SYNCODE_ROWS"
    text = ["SYNCODE_TEXT"] if inner.name == "char" else []
    return " | ".join([*text, "SYNCODE_CONSTANT"] if inner.const else text) or "0"


def _element(one: Type, place: int) -> str:
    inner = one.of[0]
    return "1" if inner.kind == "void" else f"sizeof({'**' if inner.kind == 'pointer' else '*'}a{place})"


def _is_handle(one: Type) -> bool:
    return one.kind == "pointer" and one.of[0].kind == "object"


def _count(each: Function, place: int) -> str:
    """Return the parameter that says how long an array is, by its name: the next one, else the one before; or none."""
    whole_numbers = {
        "int",
        "long",
        "size_t",
        "unsigned int",
        "unsigned",
        "unsigned long",
        "long long",
        "short",
        "int32_t",
    }

    def says(at: int) -> bool:
        one = each.parameters[at]
        return one.type.name in whole_numbers and bool(_LENGTH.match(one.name))

    for at in range(place + 1, len(each.parameters)):
        if each.parameters[at].type.kind != "pointer":
            if says(at):
                return f"(size_t)a{at}"
            break
    return f"(size_t)a{place - 1}" if place and says(place - 1) else "(size_t)-1"


def _parameters(each: Function) -> str:
    return ", ".join(one.type.declared(f"a{place}") for place, one in enumerate(each.parameters)) or "void"


def _stub(number: int, each: Function) -> Iterator[str]:
    """Yield a function that asks for another one."""
    for place, one in enumerate(each.parameters):
        if one.type.kind == "callback":
            yield from _called(number, place, one.type)
    yield f"{each.result.spelled} {each.name}({_parameters(each)}) {{"
    yield f"syncode_message made = {{0}};\nsyncode_begin(&made, {number});"
    for place, one in enumerate(each.parameters):
        if _is_handle(one.type):
            yield f"syncode_give_handle(&made, a{place});"
        elif one.type.kind == "callback":
            yield f"syncode_give_callback(&made, (void *)a{place}, syncode_called_{number}_{place});"
        elif one.type.kind == "pointer":
            yield f"syncode_give(&made, a{place}, {_element(one.type, place)}, {_way(one.type)}, {_count(each, place)});"
        else:
            yield f"syncode_put(&made, &a{place}, sizeof a{place});"
    yield "syncode_ask(&made);"
    kind = each.result.bare.name
    if each.result.kind == "void":
        yield "syncode_done(&made);\n}"
        return
    if _is_handle(each.result):
        yield f"{kind} result = syncode_result_handle(&made);"
    elif each.result.kind == "pointer":
        yield f"{kind} result = syncode_result(&made, {_way(each.result)});"
    elif kind in ("bool", "_Bool"):
        yield "_Bool result = syncode_get_truth(&made);"
    else:
        yield f"{kind} result;\nsyncode_get(&made, &result, sizeof result);"
    yield "syncode_done(&made);\nreturn result;\n}"


def _called(number: int, place: int, one: Type) -> Iterator[str]:
    """Yield what calls a function of the tests that was handed over."""
    yield f"static void syncode_called_{number}_{place}(void *at, syncode_message *in, syncode_message *out) {{"
    for at, each in enumerate(one.of[1:]):
        yield f"{each.bare.name} b{at};\nsyncode_get(in, &b{at}, sizeof b{at});"
    yield "syncode_all_read(in);"
    call = f"(({one.bare.name})at)({', '.join(f'b{at}' for at in range(len(one.of) - 1))})"
    void = one.of[0].kind == "void"
    yield (
        f"{call};\n}}"
        if void
        else f"{one.of[0].bare.name} result = {call};\nsyncode_put(out, &result, sizeof result);\n}}"
    )


def _calling(number: int, place: int, one: Type) -> Iterator[str]:
    """Yield the function of the answer's half that stands for one of the tests."""
    given = ", ".join(f"{each.bare.name} b{at}" for at, each in enumerate(one.of[1:])) or "void"
    yield f"static size_t syncode_at_{number}_{place} = (size_t)-1;"
    yield f"static {one.of[0].bare.name} syncode_back_{number}_{place}({given}) {{"
    yield f"syncode_message made = {{0}};\nsyncode_back(&made, syncode_at_{number}_{place});"
    yield from (f"syncode_put(&made, &b{at}, sizeof b{at});" for at in range(len(one.of) - 1))
    yield "syncode_back_ask(&made);"
    if one.of[0].kind != "void":
        yield f"{one.of[0].bare.name} result;\nsyncode_get(&made, &result, sizeof result);"
    yield "syncode_all_read(&made);\nsyncode_drop(&made);"
    yield "return result;\n}" if one.of[0].kind != "void" else "}"


def _served(number: int, each: Function) -> Iterator[str]:
    """Yield what calls a function of the answer."""
    given = ", ".join(one.type.spelled for one in each.parameters) or "void"
    for place, one in enumerate(each.parameters):
        if one.type.kind == "callback":
            yield from _calling(number, place, one.type)
    yield f"static void syncode_{number}(syncode_message *in, syncode_message *out) {{"
    yield f'_Static_assert(__builtin_types_compatible_p(__typeof__(&{each.name}), {each.result.spelled} (*)({given})), "");'
    for place, one in enumerate(each.parameters):
        kind = one.type.bare.name
        if _is_handle(one.type):
            yield f"{kind} a{place} = syncode_take_handle(in);"
        elif one.type.kind == "callback":
            taken = f"syncode_take_callback(in, &syncode_at_{number}_{place}, (void *)syncode_back_{number}_{place})"
            yield f"{one.type.bare.declared(f'a{place}')} = {taken};"
        elif one.type.kind == "pointer":
            yield f"{one.type.bare.declared(f'a{place}')} = syncode_take(in, {_way(one.type)});"
        else:
            yield f"{kind} a{place};\nsyncode_get(in, &a{place}, sizeof a{place});"
    yield "syncode_taken(in);"
    call = f"{each.name}({', '.join(f'a{place}' for place in range(len(each.parameters)))})"
    if each.result.kind == "void":
        yield f"{call};\nsyncode_changed(out);\n}}"
        return
    yield f"{each.result.bare.name} result = {call};\nsyncode_changed(out);"
    if _is_handle(each.result):
        yield "syncode_return_handle(out, result);"
    elif each.result.kind == "pointer":
        yield f"syncode_return(out, result, {_way(each.result)});"
    else:
        yield "syncode_put(out, &result, sizeof result);"
    yield "}"

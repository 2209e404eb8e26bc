"""The C++ that is generated: stubs in front of the tests, and what calls the functions of the answer behind it."""

from collections.abc import Iterator

from syncode.sandbox.languages.apart.c_family import building
from syncode.sandbox.languages.apart.c_family.model import Class, Function, Parameter
from syncode.sandbox.languages.apart.c_family.plan import Plan
from syncode.sandbox.languages.apart.c_family.types import Type, Unknown, whole


def _default(made: Class) -> bool:
    """Whether objects can be made from nothing though no constructor is written."""
    return not any(each.name == made.name for each in made.constructors)


def stubs(plan: Plan) -> str:
    """Return what stands in front of the tests."""
    lines = [
        *_headers(plan),
        *(
            each
            for each in dict.fromkeys(plan.found.opened)
            if each.startswith("using std::") or each == "using namespace std;"
        ),
    ]
    for name, (body, scoped, behind) in plan.found.enums.items():
        if name in plan.enums or (name[0] == " " and plan.used & set(body)):
            lines.append(
                f"enum {'class ' * scoped}{name if name[0] != ' ' else ''} {' '.join(behind)} {{ {' '.join(body)} }};"
            )
    lines += [_spaced(made.path, f"class {made.name};") for made in plan.classes]
    for made in plan.plain:
        members = " ".join(
            f"{kind.spelled} {name}{array}{f' = {given}' if given else ''};"
            for kind, name, array, given in made.members
        )
        lines.append(_spaced(made.path, f"struct {made.name} {{ {members} }};"))
    for name in sorted(plan.used):
        alias = plan.found.aliases.get(name) or _macro(plan, name)
        if alias and not alias.reference and not any(name == each.name for each in (*plan.plain, *plan.classes)):
            lines.append(f"using {name} = {alias.spelled};")
    numbers = plan.numbered()
    for place, made in enumerate(plan.classes):
        lines.append(_spaced(made.path, _declared(made, place)))
    lines += _codecs(plan)
    for number, (each, owner) in enumerate(numbers):
        path = owner.path if owner else each.path
        lines += [_spaced(path, "\n".join(_stub(number, each, owner)))]
    lines += _made_of_nothing(plan, len(numbers))
    if plan.classes:
        lines.append(_COPIED % (len(numbers) + len(plan.classes)))
    return "\n".join(lines) + "\n"


def _headers(plan: Plan) -> Iterator[str]:
    for each in dict.fromkeys(plan.answer.headers):
        if each in building.SYSTEM:
            yield f"#include {each}"


def _macro(plan: Plan, name: str) -> Type | None:
    body = plan.answer.macros.get(name)
    if not body:
        return None
    try:
        return whole(body, plan.found.known)
    except Unknown:
        return None


def _declared(made: Class, place: int) -> str:
    lines = [f"class {made.name} {{", "  public:", "    ::syncode::object syncode_own;"]
    lines.append(
        f"    explicit {made.name}(::syncode::object made) : syncode_own(static_cast< ::syncode::object &&>(made)) {{ }}"
    )
    lines += [
        f"    {'explicit ' * each.explicit}{made.name}({_parameters(each, True)});"
        for one in made.constructors
        for each in one.variants
    ]
    if _default(made):
        lines.append(f"    {made.name}();")
    for each in (each for one in made.methods for each in one.variants):
        static, const = "static " * (each.qualifier == "static"), " const" * (each.qualifier == "const")
        lines.append(f"    {static}{each.result.spelled} {each.name}({_parameters(each, True)}){const};")
    return "\n".join([*lines, "};"])


def _made_of_nothing(plan: Plan, number: int) -> Iterator[str]:
    for place, made in enumerate(plan.classes):
        if _default(made):
            begin = f"inline {made.name}::{made.name}() : syncode_own({place}, 0) {{ ::syncode::call made({number + place});"
            yield _spaced(made.path, f"{begin} made.ask(); syncode_own.number = made.result< ::std::size_t>(); }}")


def _codecs(plan: Plan) -> Iterator[str]:
    """Yield how what the answer declares crosses, the same in both halves but for objects."""
    for made in plan.plain:
        name = made.spelled
        put = " ".join(f"syncode::each(to, value.{member});" for _, member, _, _ in made.members)
        take = " ".join(f"syncode::fill(from, made.{member});" for _, member, _, _ in made.members)
        yield (
            f"namespace syncode {{ template <> struct codec<{name}> {{\n"
            f"static void put(message &to, const {name} &value) {{ {put} }}\n"
            f"static {name} get(message &from) {{ {name} made; {take} return made; }} }}; }}"
        )
    for place, made in enumerate(plan.classes):
        yield f"namespace syncode {{ template <> struct codec<{made.spelled}> : crossing<{made.spelled}, {place}> {{ }}; }}"


def serving(plan: Plan) -> str:
    """Return what stands behind the answer."""
    lines = ['#include "answer.cpp"', *(f"#undef {name}" for name in plan.answer.macros), '#include "apart.hpp"']
    for made in plan.plain:
        name = made.spelled
        for kind, member, array, _ in made.members:
            lines.append(
                f'static_assert(::std::is_same<decltype({name}::{member}), {kind.spelled}{array}>::value, "");'
            )
    lines += _codecs(plan)
    numbers = plan.numbered()
    cases = []
    for number, (each, owner) in enumerate(numbers):
        lines += _served(number, each, owner.spelled if owner else "")
        cases.append(f"case {number}: return syncode_{number}(in, out);")
    count = len(numbers)
    for place, made in enumerate(plan.classes):
        name = made.spelled
        if _default(made):
            cases.append(f"case {count + place}: return made<{name}>(in, out);")
        cases.append(f"case {count + len(plan.classes) + place}: return copied<{name}>(in, out);")
    forgets = "".join(f"case {place}: return gone<{made.spelled}>(in);" for place, made in enumerate(plan.classes))
    lines.append(_SERVING % ("\n".join(cases), forgets))
    return "\n".join(lines)


_SERVING = """namespace syncode {
void dispatch(message &in, message &out) {
    size_t number;
    syncode_get(&in, &number, sizeof number);
    switch (number) {
%s
        default: syncode_malformed();
    }
}
void forget(message &in) {
    size_t kind;
    syncode_get(&in, &kind, sizeof kind);
    switch (kind) { %s default: syncode_malformed(); }
}
}
int main() {
    for (;;) {
        syncode::message reply;
        syncode::wait(reply);
        syncode_malformed();
    }
}
"""

_COPIED = """inline ::std::size_t syncode::copied_object(::std::size_t kind, ::std::size_t number) {
syncode::call made(kind + %d);
syncode_put_count(&made.out, number);
made.ask();
return made.result< ::std::size_t>();
}"""


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
        yield f"return made.{'held' if each.result.reference else 'result'}<{each.result.bare.name}>();"
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
        made = f"::syncode::kept<{own}>::keep(new {own}({given}))"
        yield f"::syncode::reply< ::std::size_t>(out, [&]() {{ return {made}; }}{changed});"
    elif own and each.result.reference and each.result.name == own:
        yield f"::syncode::reply<bool>(out, [&]() {{ return &{call}({given}) == &own; }}{changed});"
    else:
        result = each.result
        yield f"::syncode::reply<{result.bare.name}>(out, [&]() -> {result.spelled} {{ return {call}({given}); }}{changed});"
    yield "}"

"""C++ tests apart from the answer: functions and classes of the answer become calls over the channel, read from its text."""

from syncode.sandbox.languages import apart, compiled, warm
from syncode.sandbox.languages.apart.c_family import building, generated
from syncode.sandbox.languages.apart.c_family.plan import Plan
from syncode.sandbox.languages.apart.c_family.words import read, strange
from syncode.sandbox.languages.assemble import Commands, Pair, Source, driver
from syncode.sandbox.languages.counting import COUNTED
from syncode.sandbox.languages.joining import split
from syncode.sandbox.limits import Limits


def pair(source: Source, limits: Limits, commands: Commands) -> Pair | str:
    """Return both halves: tests with stubs in front of them, the answer with what calls its functions behind it."""
    code, tests = split(source.code, source.tests)
    if not compiled.C_MAIN.search(tests):
        return "the tests have no main"
    if strange(code):
        return "the answer is spelled in a way that is not read"
    try:
        made = Plan.of(read(code), read(tests))
    except RecursionError:
        return "the answer is nested too deep"
    if isinstance(made, str):
        return made
    before = warm.header(f"#include <bits/stdc++.h>\n{tests}", 20 if compiled.needs_20(tests) else 17, commands)
    opening = "" if before else "#include <bits/stdc++.h>\n"
    others = source.least("cpp", COUNTED["c"])
    least = f'extern "C" const int syncode_least = {others};\n'
    stubs = f'{opening}#define SYNCODE_TESTS\n#include "apart.hpp"\n{generated.stubs(made)}{least}#include <assert.h>\n'
    shown = compiled.C_MAIN.sub(lambda match: match[0].replace("main", "main_of_the_answer"), code)
    texts = {"fallback/boost/any.hpp": driver("boost_any.hpp")} if "boost/any.hpp" in code else {}
    shared = {name: driver(name) for name in ("apart.hpp", "apart_objects.hpp")}
    return apart.pair(
        source,
        limits,
        building.half(
            building.Half("g++", True, 20 if compiled.needs_20(tests) else 17, before),
            {"stubs.hpp": stubs, "tests.cpp": f"{tests}\n", **shared},
            limits,
            commands,
        ),
        building.half(
            building.Half(
                "g++",
                False,
                20 if compiled.needs_20(code) else 17,
                warm.header(code, 20 if compiled.needs_20(code) else 17, commands),
                ("-lcrypto",) if "openssl/" in code else (),
            ),
            {
                "answer.cpp": f"{shown}\n",
                "main.cpp": generated.serving(made),
                **shared,
                **texts,
            },
            limits,
            commands,
        ),
    )

"""How the two halves of a pair in C and C++ are compiled."""

from dataclasses import dataclass

from syncode.sandbox.languages import warm
from syncode.sandbox.languages.apart import Half as Built
from syncode.sandbox.languages.assemble import Commands, compile_step, driver, run_step
from syncode.sandbox.limits import Limits

SYSTEM = frozenset(
    f"<{name}>"
    for name in (
        "assert.h", "complex.h", "ctype.h", "errno.h", "fenv.h", "float.h", "inttypes.h", "iso646.h", "limits.h", "locale.h",
        "math.h", "stdalign.h", "stdarg.h", "stdbool.h", "stddef.h", "stdint.h", "stdio.h", "stdlib.h", "string.h",
        "strings.h", "tgmath.h", "time.h", "uchar.h", "wchar.h", "wctype.h", "unistd.h", "sys/types.h", "sys/time.h",
    )
)  # fmt: skip
"""Headers of the answer that the tests may rest on."""


@dataclass(frozen=True)
class Half:
    """One half: its compiler, whether it holds the tests, the standard of C++ (0 in C), options in front and behind."""

    compiler: str
    tests: bool
    standard: int = 0
    before: tuple[str, ...] = ()
    behind: tuple[str, ...] = ()


def half(made: Half, texts: dict[str, str], limits: Limits, commands: Commands) -> Built:
    """Return the files and steps of one half. Its parts are compiled here if they were not kept."""
    files = {**texts, "apart.h": driver("apart.h")}
    language, role = "cpp" if made.standard else "c", "tests" if made.tests else "answer"
    objects = warm.parts(language, role, commands)
    steps = []
    if not objects:
        names = warm.PARTS[language]
        files |= {name: driver(name) for name in (*names, *warm.SHARED)}
        words = (commands[made.compiler], "-c", "-O1", "-w", *warm.HALVES[role])
        kinds = [word for name in names for word in ("-x", "c" if name.endswith(".c") else "c++", name)]
        steps = [compile_step((*words, *kinds), limits)]
        objects = tuple(f"{name.partition('.')[0]}.o" for name in names)
    standard = (f"-std=c++{made.standard}",) if made.standard else ("-std=gnu17", "-fno-builtin")
    options = ("-O0", *standard, "-w", *warm.linker(), "-o", "program", *objects, *made.before)
    main = next(name for name in texts if name.startswith("tests." if made.tests else "main."))
    if made.tests:
        files["asserting/assert.h"] = driver("apart_assert.h")
        header = next(name for name in texts if name.startswith("stubs."))
        options = (*options, "-include", header, "-Iasserting", main, "-Wl,--wrap=main")
    else:
        options = (*options, main, "-idirafter", "fallback")
    argv = (commands[made.compiler], *options, "-lm", "-lpthread", "-ldl", *made.behind)
    return files, (*steps, compile_step(argv, limits), run_step(("./program",), limits, space=True))

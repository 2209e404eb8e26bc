"""Java: the tests run on classes of which only names and types are the answer's; what they do is asked of another machine."""

import re

from syncode.sandbox.languages import compiled, warm
from syncode.sandbox.languages.apart import pair
from syncode.sandbox.languages.assemble import THREADS, Commands, Pair, Source, run_step
from syncode.sandbox.languages.counting import COUNTED
from syncode.sandbox.languages.joining import balance, split
from syncode.sandbox.limits import Limits
from syncode.sandbox.program import Step

REACHING = re.compile(
    r"\bSystem\s*\.\s*(?:setOut|setErr|setIn|in|getProperty|getenv|identityHashCode)\b|\b(?:Thread|Executor\w*|CompletableFuture|Timer|ProcessBuilder"
    r"|Runtime|Files?|Paths?|ByteArrayOutputStream|ObjectOutputStream|Class|Proxy|Mockito|mock|ClassLoader|synchronized)\b"
    r"|\.\s*(?:getClass|getDeclared\w+|getMethods?|getFields?|newInstance|hashCode|wait|notify\w*)\s*\(|(?<!\w)\w+\.class\b"
)
"""What reaches into a process, its files, its threads or its classes."""
LITERALS = re.compile(r"//[^\n]*|/\*.*?\*/|\"(?:\\\\.|[^\"\\\\\n])*\"|'(?:\\\\.|[^'\\\\\n])+'", re.DOTALL)
_ENUM = re.compile(r"\benum\s+(\w+)")
_NEW_LINE = re.compile(r"\\\\u+000[aAdD]")
MOST_LINES = 60_000
"""A class file counts lines up to 65,535, and then from 0 again (JVMS 4.7.12): whose a line is would not be known."""


def java(source: Source, limits: Limits, commands: Commands) -> Pair | str:
    """`SyncodeApart tests ENTRY LEAST BEGIN END` on tests and answer compiled together, and `SyncodeApart answer`."""
    code, tests = (re.sub(r"\r\n?", "\n", text) for text in (source.code, source.tests))
    folder = warm.apart_classes(commands)
    if folder is None:
        return "this JDK has no ASM, or there is no folder for our own classes"
    if why := needs_one(code, tests):
        return why
    closed = split(code, tests)[0]
    made, alone = compiled.java_text(code, tests), compiled.java_text(closed + "\n}" * max(0, balance(closed)), "")

    def run(path: str, *words: str) -> Step:
        options = (*warm.QUICK, compiled.java_heap(limits), "-ea", "--add-exports", warm.ASM, "-cp", path)
        return run_step((commands["java"], *options, "SyncodeApart", *words), limits, threads=THREADS)

    texts = {"Main.java": made.text, **made.beside}
    own = {"Main.java": alone.text, **made.beside}
    lines = (str(made.begin), str(made.end))
    return pair(
        source,
        limits,
        (
            texts,
            (
                compiled.javac(commands, limits, ("-d", "classes", *texts)),
                run(folder, "tests", made.entry, str(source.least("java", COUNTED["java"])), *lines),
            ),
        ),
        (own, (compiled.javac(commands, limits, ("-d", ".", *own)), run(f"{folder}:.", "answer"))),
    )


def needs_one(code: str, tests: str) -> str:
    """Return what in these texts needs answer and tests in one process; an empty string if nothing does."""
    if _NEW_LINE.search(code) or code.count("\n") + tests.count("\n") > MOST_LINES:
        return "the lines of the answer cannot be counted"
    plain = LITERALS.sub("''", tests)
    if found := REACHING.search(plain):
        return f"the tests use {found[0].strip()}"
    for name in _ENUM.findall(LITERALS.sub("''", code)):
        if re.search(rf"\b{name}\b", plain):
            return f"the tests use the enum {name}"
    return ""

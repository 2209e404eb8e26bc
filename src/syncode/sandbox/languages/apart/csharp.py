"""C#: the tests are compiled with stand-ins of the answer's methods, which ask for what they do in another process."""

import re

from syncode.sandbox.languages import compiled
from syncode.sandbox.languages.apart import pair
from syncode.sandbox.languages.apart.csharp_text import Declared, stand_ins
from syncode.sandbox.languages.apart.csharp_tokens import Unread, words
from syncode.sandbox.languages.assemble import THREADS, Commands, Pair, Source, compile_step, driver, run_step
from syncode.sandbox.languages.counting import COUNTED
from syncode.sandbox.languages.joining import balance, split
from syncode.sandbox.limits import Limits
from syncode.sandbox.program import Step

REACHING = frozenset(
    (
        "ReferenceEquals", "GetHashCode", "GetType", "typeof", "dynamic", "Reflection", "Assembly", "Activator",
        "Marshal", "GCHandle", "Unsafe", "unsafe", "SetOut", "SetError", "SetIn", "ReadLine", "Read", "ReadKey",
        "OpenStandardOutput", "Thread", "Task", "async", "await", "Parallel", "Timer", "Process", "File",
        "Directory", "Path", "Stopwatch", "RuntimeHelpers", "InnerException", "StackTrace", "AppDomain", "partial",
        "fixed", "SyncodeApart", "SyncodeDriver", "Binder", "Interlocked",
    )
)  # fmt: skip
"""What reaches into a process, its files, its threads or its classes."""


def csharp(source: Source, limits: Limits, commands: Commands) -> Pair | str:
    """`program.exe tests CLASS LEAST NAMES` of tests and stand-ins, `program.exe answer` of the answer."""
    if re.search(r"\bConditional\b", source.code):
        return "calls of a method of the answer may be left out"
    try:
        told = words(source.tests)
        declared = stand_ins(source.code, _methods(told))
    except Unread as problem:
        return str(problem)
    if why := needs_one(declared, told):
        return why
    asking = "\n".join([*declared.usings, *declared.text])
    closed = split(source.code, source.tests)[0]
    text, entry = compiled.csharp_text(asking, source.tests)
    own, _ = compiled.csharp_text(closed + "\n}" * max(0, balance(closed)), "")

    def half(text: str, *said: str) -> tuple[dict[str, str], tuple[Step, ...]]:
        steps = (
            compile_step(compiled.mcs(commands, "main.cs", "SyncodeApart.cs"), limits),
            run_step((commands["mono"], "program.exe", *said), limits, threads=THREADS, MONO_DEBUG="no-gdb-backtrace"),
        )
        return {"main.cs": text, "SyncodeApart.cs": driver("SyncodeApart.cs")}, steps

    names = ",".join(declared.classes)
    return pair(
        source,
        limits,
        half(text, "tests", entry, str(source.least("csharp", COUNTED["csharp"])), names),
        half(own, "answer"),
    )


def needs_one(declared: Declared, told: list[str]) -> str:
    """Return what needs answer and tests in one process; an empty string if nothing does."""
    for before, word, behind in zip(["", *told], told, [*told[1:], ""], strict=False):
        if word in REACHING or (before == "using" and word == "static"):
            return f"the tests use {word}"
        known = word in declared.objects and before != ":"
        if word in declared.classes and behind != "." and before != "class" and not known:
            return f"the tests use objects of {word}"
    if used := sorted(declared.others & set(told) - set(declared.classes)):
        return f"the tests use {used[0]} of the answer, which has no stand-in"
    return "" if declared.methods else "no method of the answer has a stand-in"


def _methods(told: list[str]) -> set[str]:
    """Return the names of methods that tests declare: a name between a type and a bracket."""
    known = {"new", "return", "await", "else", "in", "throw", "case", "is", "as", "out", "ref", "yield", "do"}
    return {
        name
        for before, name, behind in zip(told, told[1:], told[2:], strict=False)
        if behind in ("(", "<") and re.match(r"\w", name) and re.match(r"[\w\]>?]", before) and before not in known
    }

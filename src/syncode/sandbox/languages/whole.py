"""Programs that are run as they are, without tests behind them and without a driver of ours: they read stdin and write stdout.

With the options of contest sites: optimised, deep recursion allowed. A language without a row here is put together as for tests.
"""

import re
from collections.abc import Callable
from dataclasses import replace

from syncode.sandbox.languages import compiled, scripted
from syncode.sandbox.languages.assemble import THREADS, Commands, Source, compile_step, python, run_step
from syncode.sandbox.languages.table import Ready
from syncode.sandbox.limits import MEBIBYTE, Limits
from syncode.sandbox.program import Program, Step

STACK = 256 * MEBIBYTE
"""Bytes of stack, as on Codeforces."""
NODE_STACK = 64000
"""The same in KiB for node, which has to stay below it with room for what is not JavaScript (chosen here)."""


def whole(tools: Ready, source: Source, limits: Limits, commands: Commands) -> Program:
    """Return the program of `source.code`; its last step runs it."""
    make = _MAKERS.get(tools.language.name)
    if make is None:
        program = tools.language.assemble(source, limits, commands)
    else:
        files, steps = make(source.code, limits, commands)
        program = Program(files, steps, (f"{source.token}\n",))
    *before, run = program.steps
    kept = {name: value for name, value in run.limits.items() if name != "AS"}  # a deep stack counts in there
    return replace(program, steps=(*before, replace(run, limits={**kept, "STACK": STACK})))


_TSC = (
    *("--target", "es2022", "--module", "commonjs", "--outDir", "out"),
    *("--skipLibCheck", "--noCheck", "--esModuleInterop"),
)
_PHP = re.compile(r"<\?(?:php\b|=)")

Made = tuple[dict[str, str], tuple[Step, ...]]


def _python(code: str, limits: Limits, commands: Commands) -> Made:
    program = python(Source(code, "", ""), limits, commands)
    return {"main.py": code}, program.steps


def _c(code: str, limits: Limits, commands: Commands) -> Made:
    argv = (commands["gcc"], "-O2", "-std=gnu17", "-w", "-I.", "-o", "program", "main.c", "-lm", "-lpthread")
    return {"main.c": f"{code}\n"}, (compile_step(argv, limits), run_step(("./program",), limits))


def _cpp(code: str, limits: Limits, commands: Commands) -> Made:
    standard = f"-std=gnu++{20 if compiled.needs_20(code) else 17}"
    argv = (commands["g++"], "-O2", standard, "-w", "-I.", "-o", "program", "main.cpp", "-lm", "-lpthread")
    return {"main.cpp": f"{code}\n"}, (compile_step(argv, limits), run_step(("./program",), limits))


def _rust(code: str, limits: Limits, commands: Commands) -> Made:
    options = (
        "--edition",
        "2021",
        "-O",
        "-A",
        "warnings",
        "-C",
        "strip=symbols",
        "--crate-type",
        "bin",
        "-o",
        "program",
        "main.rs",
    )
    built = compile_step((commands["rustc"], *options), limits)
    return {"main.rs": f"{code}\n"}, (built, run_step(("./program",), limits, threads=THREADS))


def _java(code: str, limits: Limits, commands: Commands) -> Made:
    """One file, whose public class may have any name; the first class with a `main` is started."""
    body = compiled.JAVA_PACKAGE.sub("", code)
    body = re.sub(r"^public\s+(?=(?:\w+\s+)*(?:class|interface|enum|record)\b)", "", body, flags=re.MULTILINE)
    mains = [compiled.JAVA_TYPE.findall(body[: match.start()])[-1:] for match in compiled.JAVA_MAIN.finditer(body)]
    entry = next((names[0] for names in mains if names), "Main")
    quick = ("-J-XX:TieredStopAtLevel=1", "-J-XX:+UseSerialGC", "-J-Xshare:auto")
    javac = (commands["javac"], *quick, "-nowarn", "-proc:none", "-encoding", "UTF-8", "-d", ".", "Main.java")
    heap = f"-Xmx{limits.memory // MEBIBYTE * 5 // 8}m"
    run = (commands["java"], "-XX:+UseSerialGC", "-Xshare:auto", "-Xss64m", heap, "-cp", ".", entry)
    return {"Main.java": f"{body}\n"}, (compile_step(javac, limits), run_step(run, limits, threads=THREADS))


def _csharp(code: str, limits: Limits, commands: Commands) -> Made:
    references = ("-r:System.Numerics.dll", "-r:System.Core.dll")
    argv = (commands["mcs"], "-nologo", "-warn:0", "-optimize+", "-out:program.exe", *references, "main.cs")
    run = run_step((commands["mono"], "program.exe"), limits, threads=THREADS, MONO_DEBUG="no-gdb-backtrace")
    return {"main.cs": f"{code}\n"}, (compile_step(argv, limits), run)


def _javascript(code: str, limits: Limits, commands: Commands) -> Made:
    name = "main.mjs" if scripted.MODULE.search(code) else "main.js"
    return {name: f"{code}\n"}, (_node(name, limits, commands),)


def _typescript(code: str, limits: Limits, commands: Commands) -> Made:
    argv = (commands["tsc"], *_TSC, "main.ts")
    return {"main.ts": f"{code}\n"}, (compile_step(argv, limits), _node("out/main.js", limits, commands))


def _node(name: str, limits: Limits, commands: Commands) -> Step:
    heap = f"--max-old-space-size={limits.memory // MEBIBYTE * 3 // 4}"
    return run_step((commands["node"], f"--stack-size={NODE_STACK}", heap, name), limits, threads=THREADS)


def _php(code: str, limits: Limits, commands: Commands) -> Made:
    options = ("-d", "memory_limit=-1", "-d", "display_errors=stderr")
    run = run_step((commands["php"], *options, "main.php"), limits)
    return {"main.php": code if _PHP.search(code) else f"<?php\n{code}"}, (run,)


def _script(name: str, *options: str) -> Callable[[str, Limits, Commands], Made]:
    """Return the maker of a language whose command reads its one file."""

    def make(code: str, limits: Limits, commands: Commands) -> Made:
        command = next(iter(commands.values()))
        return {name: f"{code}\n"}, (run_step((command, *options, name), limits),)

    return make


_MAKERS: dict[str, Callable[[str, Limits, Commands], Made]] = {
    "python": _python,
    "c": _c,
    "cpp": _cpp,
    "rust": _rust,
    "java": _java,
    "csharp": _csharp,
    "javascript": _javascript,
    "typescript": _typescript,
    "php": _php,
    "ruby": _script("main.rb", "-W0"),
    "bash": _script("main.sh"),
    "perl": _script("main.pl"),
    "lua": _script("main.lua"),
    "r": _script("main.R", "--vanilla"),
    "tcl": _script("main.tcl"),
}

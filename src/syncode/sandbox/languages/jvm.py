"""Programs in Kotlin and Scala: their compilers are run as classes, on archived ones, and the driver of Java calls their main."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from syncode.sandbox.languages import warm
from syncode.sandbox.languages.assemble import THREADS, Commands, Source, compile_step, driver, run_step
from syncode.sandbox.languages.joining import balance, join
from syncode.sandbox.languages.toolchains import locate
from syncode.sandbox.limits import MEBIBYTE, Limits
from syncode.sandbox.program import Program

OLDEST_KOTLIN = (1, 9)
"""Whose compiler reads what models write (chosen here): Debian's 1.3 has no `fun interface` and no `maxOrNull`."""
KOTLIN_JARS = (
    "kotlin-compiler", "kotlin-stdlib", "kotlin-script-runtime", "kotlin-reflect", "kotlin-daemon-client",
    "kotlinx-coroutines-core-jvm", "annotations-13.0",
)  # fmt: skip
SCALA_JARS = ("scala-compiler", "scala-library", "scala-reflect", "scala-xml", "scala-parser-combinators")
COMPILER = {
    "kotlin": "org.jetbrains.kotlin.cli.jvm.K2JVMCompiler",
    "scala": "scala.tools.nsc.Main",
}
HEAP = "-Xmx640m"
"""Of a compiler (chosen here; measured: 200 MB are enough for a program of some hundred lines)."""


def old_kotlin(command: str, number: str) -> str | None:
    """Return why this Kotlin cannot be used; archive the classes of its compiler where it can."""
    digits = [int(digit) for digit in number.split(".")[:2] if digit.isdigit()]
    if digits and tuple(digits) < OLDEST_KOTLIN:
        return f"Kotlin {number} is too old: 1.9 or newer (npm install -g kotlin-compiler)"
    lib = _library(command)
    if not Path(lib, "kotlin-compiler.jar").exists():
        return f"no kotlin-compiler.jar beside {command} (npm install -g kotlin-compiler)"
    _archive("kotlin", number, lib)
    return None


def old_scala(command: str, number: str) -> str | None:
    """Return why this Scala cannot be used: the compiler is called as a class of Scala 2; archive its classes where it can."""
    lib = _library(command)
    if not Path(lib, "scala-compiler.jar").exists():
        return f"no scala-compiler.jar of Scala 2 beside {command} (apt-get install scala)"
    _archive("scala", number, lib)
    return None


def _archive(language: str, number: str, lib: str) -> None:
    java = locate("java")
    if java is not None:
        words = (java[0], *_compiler(language, lib), SOURCE[language])
        warm.archive_of(language, words, {SOURCE[language]: TYPICAL[language]}, number)


TYPICAL = {
    "kotlin": "fun main() { check(listOf(1).map { it + 1 } == listOf(2)) }\n",
    "scala": "object Main { def main(words: Array[String]): Unit = assert(List(1).map(_ + 1) == List(2)) }\n",
}
"""A program that makes a compiler load what it needs for most."""
SOURCE = {"kotlin": "Main.kt", "scala": "Main.scala"}


@cache
def _library(command: str) -> str:
    """Return the folder of jars that belongs to a command, which may be a link into its package."""
    return str(Path(command).resolve().parent.parent / "lib")


def _shown_library(name: str, commands: Commands) -> str:
    """Return that folder where a program finds it."""
    found = locate(name)
    command = commands[name]
    if found and command.endswith(found[0]):
        return command[: -len(found[0])] + _library(found[0])
    return str(Path(command).parent.parent / "lib")


def _compiler(language: str, lib: str) -> tuple[str, ...]:
    """Return the words of the machine and of the compiler, but for the archive and the files."""
    jars = KOTLIN_JARS if language == "kotlin" else SCALA_JARS
    path = ":".join(f"{lib}/{name}.jar" for name in jars)
    own = (
        ("-kotlin-home", str(Path(lib).parent), "-no-reflect", "-nowarn", "-d", ".")
        if language == "kotlin"
        else ("-usejavacp", "-nowarn", "-d", ".")
    )
    return (*warm.QUICK, HEAP, "-cp", path, COMPILER[language], *own)


def kotlin(source: Source, limits: Limits, commands: Commands) -> Program:
    """One file `Main.kt`, imports first; the tests' `main` (else the code's) is called. Tests without one are the body of one."""
    answer = hidden(source.code, source.tests, r"\bfun\s+(?:<[^>]*>\s*)?", KOTLIN_COMPARERS)
    tests = source.tests
    if tests and not KOTLIN_MAIN.search(tests):
        tests = "\n".join([*KOTLIN_IMPORT.findall(tests), "fun main() {", KOTLIN_IMPORT.sub("", tests), "}"])
    text = join(KOTLIN_PACKAGE.sub("", answer), KOTLIN_PACKAGE.sub("", tests), main=KOTLIN_MAIN)
    imports = dict.fromkeys(KOTLIN_IMPORT.findall(text))
    annotations = dict.fromkeys(KOTLIN_FILE.findall(text))
    body = KOTLIN_FILE.sub("", KOTLIN_IMPORT.sub("", text))
    lib = _shown_library("kotlinc-js", commands)
    files = {SOURCE["kotlin"]: "\n".join([*annotations, *imports, body, ""])}
    runtime = (f"{lib}/kotlin-stdlib.jar", f"{lib}/kotlin-test.jar")
    words = (*_compiler("kotlin", lib), *(("-cp", runtime[1]) if "kotlin.test" in text else ()), SOURCE["kotlin"])
    return _program(source, limits, commands, files, _Built("kotlin", words, runtime, "MainKt"))


def scala(source: Source, limits: Limits, commands: Commands) -> Program:
    """One file `Main.scala`; the `main` of the last object that has one is called. What stands outside of objects gets one."""
    code = SCALA_PACKAGE.sub("", hidden(source.code, source.tests, r"\bdef\s+", SCALA_COMPARERS))
    tests = SCALA_PACKAGE.sub("", source.tests)
    if tests and not re.search(r"\bobject\s+\w+|\bdef\s+main\b", tests):
        tests = f"object SyncodeTests {{ def main(words: Array[String]): Unit = {{\n{tests}\n}} }}"
    if SCALA_OUTSIDE.search(code) and not balance(code):
        code = f"object SyncodeProgram {{\n{code}\n}}\nimport SyncodeProgram._\n"
    text = join(code, tests, inside=True)
    entries = [name for match in SCALA_MAIN.finditer(text) for name in SCALA_OBJECT.findall(text[: match.start()])[-1:]]
    entries += SCALA_APP.findall(text)
    lib = _shown_library("scalac", commands)
    words = (*_compiler("scala", lib), SOURCE["scala"])
    files = {SOURCE["scala"]: f"{text}\n"}
    built = _Built("scala", words, (f"{lib}/scala-library.jar",), entries[-1] if entries else "Main")
    return _program(source, limits, commands, files, built)


@dataclass(frozen=True)
class _Built:
    """How a program is compiled and started: the compiler's words, the jars that it runs with, the class whose main is called."""

    language: str
    words: tuple[str, ...]
    jars: tuple[str, ...]
    entry: str


def _program(source: Source, limits: Limits, commands: Commands, files: dict[str, str], built: _Built) -> Program:
    archive = warm.classes(commands, built.language)
    javac = (commands["javac"], *(f"-J{option}" for option in warm.QUICK), *warm.JAVAC, "-d", ".")
    heap = f"-Xmx{limits.memory // MEBIBYTE * 5 // 8}m"
    least = (str(source.least(built.language)),) if source.tests else ()
    path = ":".join([".", *built.jars])
    run = (commands["java"], *warm.QUICK, heap, "-ea", "-cp", path, "SyncodeDriver", built.entry, *least)
    java = commands["java"]
    at = built.words.index(COMPILER[built.language])
    machine = built.words[len(warm.QUICK) : at]
    first = compile_step((java, *archive, *built.words), limits)
    driven = compile_step((*javac, "SyncodeDriver.java"), limits)
    steps = (
        warm.served(first, java, built.words[at + 1 :], (*machine, COMPILER[built.language])),
        warm.served(driven, java, (*warm.JAVAC, "-d", ".", "SyncodeDriver.java"), (HEAP, "javac")),
        run_step(run, limits, threads=THREADS),
    )
    return source.program({**files, "SyncodeDriver.java": driver("SyncodeDriver.java")}, *steps)


def hidden(code: str, tests: str, before: str, names: tuple[str, ...]) -> str:
    """Return code in which no function, which `before` introduces, has one of these names that the tests use."""
    for name in names:
        if re.search(rf"(?<![\w.]){name}\b", tests) and re.search(rf"{before}{name}\b", code):
            code = re.sub(rf"(?<![\w.]){name}\b", f"{name}OfTheAnswer", code)
    return code


KOTLIN_COMPARERS = (
    "assert", "assertEquals", "assertTrue", "assertFalse", "assertContentEquals", "check", "checkNotNull", "require",
    "requireNotNull", "error", "TODO", "listOf", "arrayOf", "mapOf", "setOf", "println", "Exception", "AssertionError",
    "IllegalStateException", "RuntimeException",
)  # fmt: skip
SCALA_COMPARERS = (
    "assert",
    "assume",
    "require",
    "sys",
    "List",
    "Some",
    "None",
    "Exception",
    "AssertionError",
    "RuntimeException",
)
"""What tests compare or fail with (chosen here): a function of the answer may not take its place."""
KOTLIN_MAIN = re.compile(r"^(?:suspend\s+)?fun\s+main\s*\(", re.MULTILINE)
KOTLIN_IMPORT = re.compile(r"^[^\S\n]*(import\s+[\w.*]+(?:[^\S\n]+as[^\S\n]+\w+)?)[^\S\n]*;?[^\S\n]*$", re.MULTILINE)
KOTLIN_PACKAGE = re.compile(r"^[^\S\n]*package\s+[\w.`]+[^\S\n]*;?", re.MULTILINE)
KOTLIN_FILE = re.compile(r"^[^\S\n]*(@file:[^\n]+)$", re.MULTILINE)
SCALA_PACKAGE = re.compile(r"^[^\S\n]*package\s+[\w.]+[^\S\n]*;?[^\S\n]*$", re.MULTILINE)
SCALA_OUTSIDE = re.compile(r"^(?:(?:implicit|lazy|private|final|override)\s+)*(?:def|val|var|type)\s", re.MULTILINE)
SCALA_MAIN = re.compile(r"\bdef\s+main\s*\(")
SCALA_OBJECT = re.compile(r"^(?:case\s+)?object\s+(\w+)", re.MULTILINE)
SCALA_APP = re.compile(r"^object\s+(\w+)\s+extends\s+(?:[\w.]+\s+with\s+)*App\b", re.MULTILINE)

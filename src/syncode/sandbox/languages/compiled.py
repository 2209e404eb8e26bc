"""Programs that are compiled first: C, C++, Rust, Java, C#."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from syncode.sandbox.languages import native, rusty, warm
from syncode.sandbox.languages.assemble import (
    THREADS,
    Commands,
    Source,
    compile_step,
    driver,
    run_step,
)
from syncode.sandbox.languages.joining import balance, depths, join, joined, split
from syncode.sandbox.limits import MEBIBYTE, Limits
from syncode.sandbox.program import Program, Step


def c(source: Source, limits: Limits, commands: Commands) -> Program:
    """`gcc -O0`, the driver's main in front of the tests' main."""
    code = native.guarded(_asserting(source.code), source.tests) if source.tests else source.code
    text = join(code, source.tests, main=C_MAIN)
    options = (
        "-O0",
        "-std=gnu17",
        "-fno-builtin",
        "-w",
        *warm.linker(),
        "-o",
        "program",
        *_driver_words(source, "c"),
        "driver.c",
        "main.c",
    )
    argv = (commands["gcc"], *options, "-Wl,--wrap=main", "-lm", "-lpthread", "-ldl")
    run = run_step(("./program",), limits, space=True)
    return source.program({"main.c": text, "driver.c": driver("driver.c")}, compile_step(argv, limits), run)


def cpp(source: Source, limits: Limits, commands: Commands) -> Program:
    """`g++ -O0 -std=c++17`, likewise; as C++20 where the answer is. Tests compare with what the answer cannot have changed."""
    code, tests = source.code, source.tests
    texts = {"fallback/boost/any.hpp": driver("boost_any.hpp")} if "boost/any.hpp" in code + tests else {}
    compared = native.compared(tests)
    if tests:
        code = native.guarded(_asserting(code), tests)
    extra = ("-lcrypto",) if "openssl/" in code else ()
    standard = 20 if needs_20(code) else 17
    text = join(code, compared, main=C_MAIN)
    before = warm.header(text, standard, commands)
    if compared != tests:
        texts["same.hpp"] = driver("same.hpp")
        before = (*before, "-include", "same.hpp")
    helper = compile_step((commands["gcc"], "-c", *_driver_words(source, "cpp"), "-o", "driver.o", "driver.c"), limits)
    options = (
        "-O0",
        f"-std=c++{standard}",
        "-w",
        *warm.linker(),
        "-o",
        "program",
        "driver.o",
        *before,
        "main.cpp",
        "-idirafter",
        "fallback",
    )
    argv = (commands["g++"], *options, "-Wl,--wrap=main", "-lm", "-lpthread", "-ldl", *extra)
    run = run_step(("./program",), limits, space=True)
    return source.program(
        {"main.cpp": text, **texts, "driver.c": driver("driver.c")}, helper, compile_step(argv, limits), run
    )


def _driver_words(source: Source, language: str) -> tuple[str, ...]:
    """Return what the driver in C has to know: how many tests there are at least, and whose functions it looks at."""
    if not source.tests:
        return ()
    implicit = () if language == "c" else native.IMPLICIT
    names = "".join(f'"{name}",' for name in (*native.hidden(source.code, source.tests), *implicit))
    return (f"-DSYNCODE_TOTAL={source.least(language)}", f"-DSYNCODE_NAMES={names}")


_CPP_20 = re.compile(
    r"#\s*include\s*<(?:bit|compare|concepts|coroutine|format|numbers|ranges|source_location|span)>"
    r"|<=>|\bstd::(?:ranges|views|span|numbers)\b|\b(?:concept\s+\w+\s*=|co_(?:yield|return|await)|consteval|constinit|requires)\b"
)


def needs_20(code: str) -> bool:
    """Return whether a program uses what C++20 has brought."""
    return _CPP_20.search(code) is not None


def _asserting(code: str) -> str:
    """Return code after which `assert` means what it says: programs that want to be fast switch it off."""
    switched = re.search(r"^[ \t]*#[ \t]*(?:define|undef)[ \t]+(?:NDEBUG|assert)\b", code, re.MULTILINE)
    return f"{code}\n#undef NDEBUG\n#include <assert.h>\n" if switched else code


C_MAIN = re.compile(r"^[ \t]*(?:int|void|auto|signed(?:\s+int)?|int32_t)\s+main\s*\(", re.MULTILINE)
RUST_MAIN = re.compile(r"^(?:pub\s+)?fn\s+main\s*\(", re.MULTILINE)


def rust(source: Source, limits: Limits, commands: Commands) -> Program:
    """`rustc`, with `--test` if there are test functions; its start-up code calls the C driver instead of main."""
    code, tests = split(source.code, source.tests)
    if tests:
        tests = rusty.guarded(code, tests)
        if rusty.compares(code):
            code = f"{code}\n{driver('same.rs')}"
    text = join(code, tests, main=RUST_MAIN if tests else None)
    tested = "#[test]" in text
    if not tested and not RUST_MAIN.search(text):
        text += "\nfn main() {}\n"
    text = without_unused_crates(text)
    helper = compile_step((commands["gcc"], "-c", *_driver_words(source, "rust"), "-o", "driver.o", "driver.c"), limits)
    options = (
        "--edition",
        "2021",
        "-A",
        "warnings",
        "-C",
        "debuginfo=0",
        "-C",
        "link-arg=driver.o",
        "-C",
        "link-arg=-Wl,--wrap=main",
    )
    compiled = compile_step(
        (commands["rustc"], *options, *(["--test"] if tested else ["--crate-type", "bin"]), "-o", "program", "main.rs"),
        limits,
    )
    argv = ("./program", *(["--nocapture", "--test-threads=1"] if tested else []))
    run = run_step(argv, limits, threads=THREADS)
    texts = {"main.rs": text, "driver.c": driver("driver.c")}
    return source.program(texts, helper, compiled, run)


CRATES = ("rand", "md5", "regex")
"""Crates that HumanEval-X declares in every one of its programs, though few use them."""


def without_unused_crates(text: str) -> str:
    """Drop `use CRATE...;` where nothing else mentions what it brings; put small stand-ins of our own for rand and md5."""
    front, shims = text, []
    for name in CRATES:
        lines = re.findall(rf"^use {name}\b[^;]*;\n?", front, re.MULTILINE)
        if not lines or re.search(rf"^mod {name}\b|^extern crate {name}\b", front, re.MULTILINE):
            continue
        without = re.sub(rf"^use {name}\b[^;]*;\n?", "", front, flags=re.MULTILINE)
        words = {word for line in lines for word in re.findall(r"\w+", line)} - {"use", "self"}
        words |= {"gen_range", "thread_rng"} if name == "rand" else set()
        if not any(re.search(rf"\b{word}\b", without) for word in words):
            front = without
        elif name != "regex":
            shims.append(driver(f"{name}.rs"))
            if name == "md5":
                front = re.sub(r"^use md5;\n?", "", front, flags=re.MULTILINE)  # the module below has that name already
            elif name == "rand":  # its versions before 0.8 took two numbers instead of a range
                front = re.sub(r"\bgen_range\(\s*([^,()]+?)\s*,\s*([^,()]+?)\s*\)", r"gen_range(\1..\2)", front)
    return "\n".join([front, *shims])


@dataclass(frozen=True)
class JavaText:
    """A program in one file, the class whose main is called, stand-ins beside it, and the lines that are the tests'."""

    text: str
    entry: str
    beside: dict[str, str]
    begin: int
    end: int


def java_text(code: str, given: str) -> JavaText:
    """Return answer and tests in one file: package and imports first, no public class; a main of the tests hides the code's."""
    answer, tests = renamed(_lines(code), given, COMPARERS), _lines(given)
    before, mine, behind = joined(answer, tests, main=JAVA_MAIN, inside=True)
    if tests and not JAVA_TYPE.search(tests) and not balance(tests):
        before, mine, behind = answer, f"class SyncodeTests {{\n{JAVA_ENTRY} {{\n{tests}\n}} }}", ""
    text = f"{before}\n{mine}\n{behind}" if mine else f"{before}\n"
    package = next(iter(JAVA_PACKAGE.findall(answer)), "") if "import" in tests else ""
    imports = dict.fromkeys(JAVA_IMPORT.findall(text))
    body = JAVA_IMPORT.sub("", JAVA_PACKAGE.sub("", text))
    body = re.sub(rf"^public\s+(?=(?:{_JAVA_MODIFIER}\s+)*(?:{_JAVA_KIND})\b)", "", body, flags=re.MULTILINE)
    levels = depths(body)
    outer = [(match.start(), match[1]) for match in JAVA_TYPE.finditer(body) if levels[match.start()] == 0]
    mains = [[name for begin, name in outer if begin < match.start()][-1:] for match in JAVA_MAIN.finditer(body)]
    place = f"{package}." if package else ""
    entry = place + next((names[0] for names in reversed(mains) if names), "Main")
    head = [*([f"package {package};"] if package else []), *imports]
    beside = {}
    if "org.javatuples" in text:
        beside = {f"org/javatuples/{name}.java": _tuple(name, size) for name, size in TUPLES.items() if name in body}
        beside["org/javatuples/Any.java"] = "package org.javatuples;\ninterface Any { }\n"  # the package has to exist
    first = before.count("\n") + 2
    return JavaText(f"{' '.join([*head, body])}\n", entry, beside, first, first + mine.count("\n"))


def javac(commands: Commands, limits: Limits, words: tuple[str, ...]) -> Step:
    """Return the step that compiles with these words, which an open compiler can do as well."""
    argv = (commands["javac"], *(f"-J{option}" for option in (*warm.QUICK, *warm.classes(commands))))
    words = (*warm.JAVAC, *words)
    return warm.served(compile_step((*argv, *words), limits), commands["java"], words, (java_heap(limits), "javac"))


def java_heap(limits: Limits) -> str:
    """Return the option that bounds the heap below the memory of a program."""
    return f"-Xmx{limits.memory // MEBIBYTE * 5 // 8}m"


def java(source: Source, limits: Limits, commands: Commands) -> Program:
    """One file `Main.java`; the driver calls the tests' `main` (else the code's)."""
    made = java_text(source.code, source.tests)
    own = ""
    if source.tests and re.search(r"\bassert\b", source.tests):
        place = made.entry.rpartition(".")[0]
        own = ",".join(f"{place}.{name}" if place else name for name in JAVA_TYPE.findall(_lines(source.tests)))
    said = (made.entry, str(source.least("java")), own) if source.tests else (made.entry,)
    options = (*warm.QUICK, java_heap(limits), "-ea", "-cp", ".")
    run = run_step((commands["java"], *options, "SyncodeDriver", *said), limits, threads=THREADS)
    texts = {"Main.java": made.text, "SyncodeDriver.java": driver("SyncodeDriver.java"), **made.beside}
    return source.program(texts, javac(commands, limits, ("-d", ".", *texts)), run)


def _lines(text: str, words: str = "import|package") -> str:
    """Return a program whose imports, and what else begins with `words`, end their lines."""
    statement = rf"((?:^|(?<=;))[^\S\n]*(?:{words})\s+[\w.*\s]+;)(?=[^\S\n]*\S)"
    return re.sub(statement, r"\1\n", text, flags=re.MULTILINE)


COMPARERS = (
    "Objects", "Arrays", "Math", "StrictMath", "AssertionError", "Boolean", "Integer", "Long", "Double",
    "Character", "String", "Collections", "Exception", "RuntimeException", "Error", "IllegalStateException",
    "IllegalArgumentException", "System", "Thread", "Object", "Float", "Short", "Byte", "Number", "StringBuilder", "StringBuffer",
    "Collectors", "Stream", "IntStream", "BigInteger", "BigDecimal",
)  # fmt: skip
"""Classes of Java that tests compare or fail with (chosen here): a class of the answer may not take their place."""


def renamed(code: str, tests: str, names: Iterable[str]) -> str:
    """Return code in which no class has one of these names that the tests use."""
    for name in names:
        if re.search(rf"\b{name}\b", tests) and re.search(rf"\b(?:{_JAVA_KIND})\s+{name}\b", code):
            code = re.sub(rf"(?<![\w.]){name}\b", f"{name}OfTheAnswer", code)
    return code


TUPLES = {"Unit": 1, "Pair": 2, "Triplet": 3, "Quartet": 4, "Quintet": 5}
"""Classes of the javatuples library, which MultiPL-E's Java programs import."""


def _tuple(name: str, size: int) -> str:
    """Return a stand-in for one of them: made by `with`, compared by value."""
    kinds = ", ".join(f"T{number}" for number in range(size))
    values = ", ".join(f"T{number} v{number}" for number in range(size))
    names = ", ".join(f"v{number}" for number in range(size))
    getters = "\n".join(f"    public T{number} getValue{number}() {{ return v{number}; }}" for number in range(size))
    return f"""package org.javatuples;
public record {name}<{kinds}>({values}) {{
    public static <{kinds}> {name}<{kinds}> with({values}) {{ return new {name}<>({names}); }}
{getters}
    @Override public String toString() {{ return java.util.Arrays.asList({names}).toString(); }}
}}
"""


_JAVA_MODIFIER = "(?:abstract|final|sealed|non-sealed|strictfp|static)"
_JAVA_KIND = "class|interface|enum|record|@interface"
JAVA_ENTRY = "public static void main(String[] words) throws Throwable"
JAVA_PACKAGE = re.compile(r"^[^\S\n]*package\s+([\w.]+)\s*;", re.MULTILINE)
JAVA_IMPORT = re.compile(r"^[^\S\n]*(import\s+(?:static\s+)?[\w.*]+\s*;)", re.MULTILINE)
JAVA_TYPE = re.compile(rf"^(?:(?:public|{_JAVA_MODIFIER})\s+)*(?:{_JAVA_KIND})\s+(\w+)", re.MULTILINE)
JAVA_MAIN = re.compile(r"\bstatic\s+(?:final\s+)?void\s+main\s*\(")


def csharp_text(code: str, given: str) -> tuple[str, str]:
    """Return answer and tests in one file, and the class of the tests whose Main is called ("": any)."""
    # An answer may bring a class Debug of its own, or take the listeners away.
    tests = re.sub(
        r"\b(?:System\.Diagnostics\.)?(?:Debug|Trace)\.Assert\b",
        "global::SyncodeDriver.Assert",
        _lines(given, "using"),
    )
    code = renamed(_lines(code, "using"), given, CSHARP_COMPARERS)
    for name in CSHARP_METHODS:  # a more special extension method would be preferred
        if f".{name}(" in given:
            code = re.sub(rf"\b{name}(?=\s*(?:<\w+>)?\s*\(\s*this\b)", f"{name}OfTheAnswer", code)
    text = join(code, tests, main=CSHARP_MAIN, inside=True)
    usings = dict.fromkeys(CSHARP_USING.findall(text))
    types = CSHARP_TYPE.findall(given) if "static" in given and "Main" in given else []
    body = CSHARP_USING.sub("", text)
    between = "\n" if body.lstrip().startswith("#") else " "  # so that lines of the answer keep their numbers
    return f"{' '.join(usings)}{between}{body}\n", types[-1] if types else ""


def mcs(commands: Commands, *texts: str) -> tuple[str, ...]:
    """Return the command that compiles these files, the driver's Main first."""
    argv = (commands["mcs"], "-nologo", "-warn:0", "-d:DEBUG", "-d:TRACE", "-main:SyncodeDriver", "-out:program.exe")
    return (*argv, "-r:System.Numerics.dll", "-r:System.Core.dll", *texts)


def csharp(source: Source, limits: Limits, commands: Commands) -> Program:
    """`mcs`, with Debug.Assert on; the driver calls the Main of the tests (else of the code)."""
    text, name = csharp_text(source.code, source.tests)
    entry = (name, str(source.least("csharp")) if source.tests else "")
    steps = (
        compile_step(mcs(commands, "main.cs", "SyncodeDriver.cs"), limits),
        run_step((commands["mono"], "program.exe", *entry), limits, threads=THREADS, MONO_DEBUG="no-gdb-backtrace"),
    )
    return source.program({"main.cs": text, "SyncodeDriver.cs": driver("SyncodeDriver.cs")}, *steps)


CSHARP_COMPARERS = (
    "Math", "Enumerable", "Object", "String", "Exception", "Convert", "Array", "Console", "Environment", "Debug", "Trace",
    "CompareLogic", "StructuralComparisons", "EqualityComparer", "InvalidOperationException", "ArgumentException", "Boolean",
    "Int32", "Double",
)  # fmt: skip
"""Classes of .NET that tests compare or fail with (chosen here)."""
CSHARP_METHODS = (
    "SequenceEqual",
    "SetEquals",
    "All",
    "Any",
    "Contains",
    "Equals",
    "ToArray",
    "ToList",
    "OrderBy",
    "Count",
    "Zip",
)
CSHARP_USING = re.compile(r"^[^\S\n]*(using\s+(?:static\s+)?[\w.]+(?:\s*=\s*[\w.<>, ]+)?\s*;)", re.MULTILINE)
CSHARP_MAIN = re.compile(r"\bstatic\s+(?:async\s+)?[\w<>]+\s+Main\s*\(")
CSHARP_TYPE = re.compile(r"^[^\S\n]*(?:[\w]+\s+)*(?:class|struct|record)\s+(\w+)", re.MULTILINE)


def haskell(source: Source, limits: Limits, commands: Commands) -> Program:
    """`ghc -O0`, one module, pragmas and imports first; our main calls that of the tests (else of the code), then the driver."""
    code = HASKELL_MAIN.sub("main_of_the_answer", source.code) if HASKELL_MAIN.search(source.tests) else source.code
    text = HASKELL_MODULE.sub("", f"{code}\n{_plain_haskell(code, source.tests)}\n")
    pragmas = dict.fromkeys(HASKELL_PRAGMA.findall(text))
    imports = dict.fromkeys(HASKELL_IMPORT.findall(text))
    body = HASKELL_MAIN.sub("main_of_the_tests", HASKELL_IMPORT.sub("", HASKELL_PRAGMA.sub("", text)))
    if "main_of_the_tests" not in body:
        body += "\nmain_of_the_tests :: Prelude.IO ()\nmain_of_the_tests = Prelude.return ()\n"
    driven = (
        'foreign import ccall "syncode_finish" syncode_finish :: Prelude.IO Foreign.C.Types.CInt\n'
        "main :: Prelude.IO ()\nmain = main_of_the_tests Prelude.>> syncode_finish Prelude.>>= \\code ->\n"
        '  if code Prelude.== 0 then Prelude.return () else Prelude.error "the end was not heard"\n'
    )
    head = [
        "{-# LANGUAGE ForeignFunctionInterface #-}",
        *pragmas,
        "module Main (main) where",
        "import qualified Prelude",
    ]
    plain = (
        [] if any(re.match(r"import\s+(?:qualified\s+)?Prelude\b", each) for each in imports) else ["import Prelude"]
    )
    text = "\n".join([*head, *plain, "import qualified Foreign.C.Types", *imports, body, driven])
    words = (*_driver_words(source, "haskell"), "-DSYNCODE_CALLED")
    helper = compile_step((commands["gcc"], "-c", *words, "-o", "driver.o", "driver.c"), limits)
    argv = (commands["ghc"], "-v0", "-O0", "-w", "-outputdir", "made", "-o", "program", "main.hs", "driver.o")
    run = run_step(("./program",), limits, threads=THREADS)
    return source.program({"main.hs": text, "driver.c": driver("driver.c")}, helper, compile_step(argv, limits), run)


def _plain_haskell(code: str, tests: str) -> str:
    """Return tests in which what they compare and fail with is Prelude's, though the answer declares it anew."""
    for name in ("==", "/=", "<=", ">=", "<", ">", "&&", "||"):
        sign = re.escape(name)
        if re.search(rf"^(?:[\w()\[\]]+[^\S\n]+{sign}[^\S\n]|\({sign}\)[^\n]*=)", code, re.MULTILINE):
            tests = _outside_of_texts(rf"(?<![{_SIGNS}]){sign}(?![{_SIGNS}])", f" Prelude.{name} ", tests)
    for name in (
        "error",
        "not",
        "all",
        "any",
        "and",
        "or",
        "compare",
        "ioError",
        "userError",
        "fail",
        "undefined",
        "elem",
        "show",
    ):
        if re.search(rf"^{name}\b[^\n]*=", code, re.MULTILINE) and re.search(rf"\bhiding\b[^\n]*\b{name}\b", code):
            tests = _outside_of_texts(rf"(?<![\w.']){name}(?![\w'])", f"Prelude.{name}", tests)
    return tests


def _outside_of_texts(pattern: str, new: str, text: str) -> str:
    return re.sub(rf'("(?:\\.|[^"\\\n])*")|{pattern}', lambda match: match[1] or new, text)


_SIGNS = re.escape("-!#$%&*+./<=>?@^|~:")
HASKELL_MAIN = re.compile(r"^main\b", re.MULTILINE)
HASKELL_MODULE = re.compile(r"^module\s+[\w.]+(?:\s*\([^)]*\))?\s+where\b[^\S\n]*", re.MULTILINE)
HASKELL_PRAGMA = re.compile(r"^\{-#\s*LANGUAGE\b.*?#-\}", re.MULTILINE | re.DOTALL)
HASKELL_IMPORT = re.compile(r"^import\b[^\n]*(?:\n[^\S\n]+[^\n]*)*", re.MULTILINE)

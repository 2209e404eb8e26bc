"""One row for each language that can be run: commands, packages, how a program is put together, and how its failures read."""

import re
import sysconfig
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from syncode.sandbox.languages import compiled, golang, jvm, scripted, warm
from syncode.sandbox.languages.apart import bash as apart_bash
from syncode.sandbox.languages.apart import c as apart_c
from syncode.sandbox.languages.apart import cpp as apart_cpp
from syncode.sandbox.languages.apart import golang as apart_go
from syncode.sandbox.languages.apart import java as apart_java
from syncode.sandbox.languages.apart import javascript as apart_javascript
from syncode.sandbox.languages.apart import lua as apart_lua
from syncode.sandbox.languages.apart import php as apart_php
from syncode.sandbox.languages.apart import r as apart_r
from syncode.sandbox.languages.apart import rust as apart_rust
from syncode.sandbox.languages.apart import tcl as apart_tcl
from syncode.sandbox.languages.apart.perl import perl as apart_perl
from syncode.sandbox.languages.apart.ruby import ruby as apart_ruby
from syncode.sandbox.languages.assemble import Assemble, AssemblePair, python, python_pair, script
from syncode.sandbox.languages.modules import MODULES, NOTHING, Modules
from syncode.sandbox.languages.toolchains import Toolchain, toolchain, version
from syncode.text.languages import canonical

ASSERTION = (
    r"AssertionError|[Aa]ssertion .*failed|Assertion failed|test case \d+ (?:did not pass|failed to pass)"
    r"|Error at \d+\w* assert|Error at test case|Test failed"
)
"""How a failed test reads in most languages, and in the tests of MBXP and MultiPL-E."""


@dataclass(frozen=True)
class Reading:
    """Patterns searched in what a failed run wrote on stderr, line by line.

    `failed`: a test; `unreadable`: the text does not parse; `exhausted`: no memory.
    """

    failed: str = ASSERTION
    unreadable: str = NOTHING
    exhausted: str = NOTHING

    def line(self, kind: str, text: str) -> str | None:
        """Return the line of stderr that shows `failed`, `unreadable` or `exhausted`."""
        found = re.search(rf"^.*(?:{getattr(self, kind)}).*$", text, re.MULTILINE)
        return found[0].strip()[:300] if found else None


@dataclass(frozen=True)
class Language:
    """One row: how to run what `text.languages` names.

    `commands` must be installed, from `package`; `version` is said by the first of them (or a script given to it). `pair`: how
    tests and answer are put together as two programs, if this is known.
    """

    name: str
    commands: tuple[str, ...]
    package: str
    assemble: Assemble
    reading: Reading
    version: tuple[str, ...] = ("--version",)
    version_script: str = ""
    prepare: Callable[[str, str], str | None] | None = None
    shown: Callable[[], str | None] | None = None
    pair: AssemblePair | None = None

    @property
    def modules(self) -> Modules:
        """How it says that a module is not there, and how one is loaded."""
        return MODULES.get(self.name, Modules())


@dataclass(frozen=True)
class Ready:
    """A language whose toolchain is here: where its commands are, which version it is, and what tells the same version apart.

    `stamp`: sizes and times of all its commands (`version` speaks for the first one), in Python also of the installed packages.
    """

    language: Language
    commands: Mapping[str, str] = field(default_factory=dict)
    version: str = "unknown"
    stamp: str = ""


_NODE = Reading(
    unreadable=r"SyntaxError: |error TS1\d\d\d:",
    exhausted=r"JavaScript heap out of memory|Array buffer allocation failed",
)

ROWS = (
    Language(
        "python", ("python3",), "python3", python,
        Reading(r"AssertionError\b", r"(?:Syntax|Indentation|Tab)Error: ", r"MemoryError\b"), pair=python_pair,
    ),
    Language(
        "javascript", ("node",), "nodejs",
        scripted.javascript, _NODE, pair=apart_javascript.pair,
    ),
    Language(
        "typescript", ("tsc", "node"), "npm install -g typescript", scripted.typescript, _NODE,
        prepare=scripted.old_typescript, pair=apart_javascript.typescript,
    ),
    Language(
        "java", ("javac", "java"), "default-jdk-headless", compiled.java,
        Reading(exhausted=r"java\.lang\.OutOfMemoryError"), prepare=warm.archive, shown=warm.kept("java"),
        pair=apart_java.java,
    ),
    Language(
        "c", ("gcc",), "gcc libc6-dev", compiled.c, Reading(),
        prepare=warm.precompile_parts, shown=warm.kept("c"), pair=apart_c.pair,
    ),
    Language(
        "cpp", ("g++", "gcc"), "g++", compiled.cpp,
        Reading(exhausted=r"std::bad_alloc"), prepare=warm.precompile, shown=warm.kept("cpp"), pair=apart_cpp.pair,
    ),
    Language(
        "csharp", ("mcs", "mono"), "mono-mcs mono-runtime", compiled.csharp,
        Reading(exhausted=r"System\.OutOfMemoryException"),
    ),
    Language(
        "go", ("go",), "golang-go", golang.go,
        Reading(rf"tests failed|{ASSERTION}", exhausted=r"fatal error: runtime: (?:out of memory|cannot allocate memory)"),
        version=("version",), prepare=golang.prepare, shown=golang.shown, pair=apart_go.go,
    ),
    Language(
        "rust", ("rustc", "gcc"), "rustc gcc", compiled.rust,
        Reading(rf"{ASSERTION}|assertion `", exhausted=r"memory allocation of \d+ bytes failed"), pair=apart_rust.rust,
        prepare=warm.library, shown=warm.kept("rust"),
    ),
    Language(
        "php", ("php",), "php-cli", scripted.php,
        Reading(unreadable=r"PHP Parse error: |Parse error: ", exhausted=r"Allowed memory size of \d+ bytes exhausted"),
        pair=apart_php.php,
    ),
    Language(
        "ruby", ("ruby",), "ruby", script("ruby", "main.rb", "driver.rb", "-W0", space=True),
        Reading(rf"{ASSERTION}|Minitest::Assertion|Failure:", r"syntax error|\(SyntaxError\)", "NoMemoryError"),
        pair=apart_ruby,
    ),
    Language(
        "bash", ("bash",), "bash", scripted.bash,
        Reading(unreadable=r": syntax error near|unexpected end of file|unexpected EOF", exhausted="cannot allocate"),
        pair=apart_bash.pair,
    ),
    Language(
        "perl", ("perl",), "perl", scripted.perl,
        Reading(
            rf"{ASSERTION}|Looks like you failed",
            unreadable=r"syntax error at |had compilation errors|Execution of .* aborted due to compilation errors",
            exhausted=r"Out of memory",
        ),
        version=("-v",), pair=apart_perl,
    ),
    Language(
        "lua", ("lua5.4",), "lua5.4", scripted.lua,
        Reading(
            rf"{ASSERTION}|.*(?=\nstack traceback:\n(?:.*\n)?.* in function 'assert')",
            unreadable=r"main\.lua:\d+: (?:syntax error|unfinished|malformed|.* expected|.* near )",
            exhausted="not enough memory",
        ),
        version=("-v",), pair=apart_lua.lua,
    ),
    Language(
        "r", ("Rscript",), "r-base-core", script("r", "main.R", "driver.R", "--vanilla"),
        Reading(
            rf"{ASSERTION}|is not TRUE|are not (?:all )?(?:TRUE|equal|identical)", r"main\.R:\d+:\d+: unexpected",
            r"cannot allocate (?:vector|memory)",
        ),
        pair=apart_r.pair,
    ),
    Language(
        "tcl", ("tclsh",), "tcl", script("tcl", "main.tcl", "driver.tcl", space=True),
        Reading(unreadable="missing close-brace|extra characters after close-brace", exhausted="unable to alloc"),
        version=(), version_script="puts [info patchlevel]", pair=apart_tcl.pair,
    ),
    Language(
        "elixir", ("elixir",), "elixir", scripted.elixir,
        Reading(
            rf"{ASSERTION}|Assertion with |[1-9]\d* failures?|\(MatchError\)", exhausted="Cannot allocate",
            unreadable=r"\((?:Syntax|TokenMissing|Compile)Error\)",
        ),
    ),
    Language("haskell", ("ghc", "gcc"), "ghc gcc", compiled.haskell, Reading(exhausted="heap overflow|Out of memory")),
    Language(
        "kotlin", ("kotlinc-js", "javac", "java"), "npm install -g kotlin-compiler", jvm.kotlin,
        Reading(rf"{ASSERTION}|Check failed|Failed requirement", exhausted=r"java\.lang\.OutOfMemoryError"),
        version=("-version",), prepare=jvm.old_kotlin, shown=warm.kept("kotlin"),
    ),
    Language(
        "scala", ("scalac", "javac", "java"), "scala", jvm.scala,
        Reading(rf"{ASSERTION}|assertion failed|requirement failed", exhausted=r"java\.lang\.OutOfMemoryError"),
        version=("-version",), prepare=jvm.old_scala, shown=warm.kept("scala"),
    ),
)  # fmt: skip

LANGUAGES: dict[str, Language] = {row.name: row for row in ROWS}


def find(name: str) -> Language | None:
    """Return the row of a language by any of the names that `text.languages` knows for it."""
    return LANGUAGES.get(canonical(name) or "")


def ready(language: str) -> Ready | str:
    """Return the language with its toolchain, or what is missing and how to get it. Runs the version command once."""
    try:
        return _found(language)
    except OSError as error:  # of the moment (no descriptor or process left), so it is looked for again
        return f"{language} cannot be looked for: {error.strerror}"


@cache
def _found(language: str) -> Ready | str:
    row = LANGUAGES[language]
    found = toolchain(row.commands)
    if not isinstance(found, Toolchain):
        return f"{found} is not installed ({'' if ' install ' in row.package else 'apt-get install '}{row.package})"
    command = next(iter(found.commands.values()))
    number = version((command, *row.version), row.version_script)
    problem = row.prepare(command, number) if row.prepare else None
    if problem:
        return problem
    places = [*found.commands.values(), *([sysconfig.get_paths()["purelib"]] if language == "python" else [])]
    stamps = [Path(place).stat() for place in places if Path(place).exists()]
    stamp = " ".join(f"{stat.st_size}-{stat.st_mtime_ns}" for stat in stamps)
    return Ready(row, {**found.commands, "version": number}, number, stamp)

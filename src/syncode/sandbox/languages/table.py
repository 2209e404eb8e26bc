"""One row a language: names, commands, packages, how a program is put together, and how its failures read."""

import re
import sysconfig
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from syncode.sandbox.languages import compiled, golang, scripted
from syncode.sandbox.languages.assemble import Assemble, python, script
from syncode.sandbox.languages.toolchains import Toolchain, toolchain, version

NOTHING = r"(?!)"
ASSERTION = (
    r"AssertionError|[Aa]ssertion .*failed|Assertion failed|test case \d+ (?:did not pass|failed to pass)"
    r"|Error at \d+\w* assert|Error at test case|Test failed"
)
"""How a failed test reads in most languages, and in the tests of MBXP and MultiPL-E."""


@dataclass(frozen=True)
class Reading:
    """Patterns searched in what a failed run wrote on stderr, line by line.

    `failed`: a test; `unreadable`: the text does not parse; `exhausted`: no memory; `missing`: names a module that is not there.
    """

    failed: str = ASSERTION
    unreadable: str = NOTHING
    exhausted: str = NOTHING
    missing: str = NOTHING

    def line(self, kind: str, text: str) -> str | None:
        """Return the line of stderr that shows `failed`, `unreadable` or `exhausted`."""
        found = re.search(rf"^.*(?:{getattr(self, kind)}).*$", text, re.MULTILINE)
        return found[0].strip()[:300] if found else None

    def lacks(self, text: str) -> str | None:
        """Return the module that stderr says is not there."""
        found = re.search(self.missing, text, re.MULTILINE)
        return next((name for name in found.groups() if name), None) if found else None


@dataclass(frozen=True)
class Language:
    """One row. `commands` must be installed, from `package`; `version` is said by the first of them (or a script given to it)."""

    name: str
    aliases: tuple[str, ...]
    extension: str
    commands: tuple[str, ...]
    package: str
    assemble: Assemble
    reading: Reading
    version: tuple[str, ...] = ("--version",)
    version_script: str = ""
    prepare: Callable[[str, str], str | None] | None = None
    shown: Callable[[], str | None] | None = None


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
    missing=r"Cannot find (?:module|package) '([^']+)'|ReferenceError: (describe|expect|it|test|beforeEach) is not defined",
)
_CRATES = "rand|md5|regex"  # HumanEval-X declares these three in every Rust program

ROWS = (
    Language(
        "python", ("py", "python3", "python 3"), "py", ("python3",), "python3", python,
        Reading(r"AssertionError\b", r"(?:Syntax|Indentation|Tab)Error: ", r"MemoryError\b"),
    ),
    Language(
        "javascript", ("js", "node", "nodejs", "node.js", "ecmascript", "jsx", "mjs"), "js", ("node",), "nodejs",
        scripted.javascript, _NODE,
    ),
    Language("typescript", ("ts", "tsx"), "ts", ("tsc", "node"), "npm install -g typescript", scripted.typescript, _NODE),
    Language(
        "java", (), "java", ("javac", "java"), "default-jdk-headless", compiled.java,
        Reading(exhausted=r"java\.lang\.OutOfMemoryError"),
    ),
    Language("c", ("h", "c99", "c11"), "c", ("gcc",), "gcc libc6-dev", compiled.c, Reading()),
    Language(
        "cpp", ("c++", "c++17", "cc", "cxx", "hpp", "cplusplus"), "cpp", ("g++", "gcc"), "g++", compiled.cpp,
        Reading(exhausted=r"std::bad_alloc"),
    ),
    Language(
        "csharp", ("c#", "cs", "c-sharp"), "cs", ("mcs", "mono"), "mono-mcs mono-runtime", compiled.csharp,
        Reading(exhausted=r"System\.OutOfMemoryException"),
    ),
    Language(
        "go", ("golang",), "go", ("go",), "golang-go", golang.go,
        Reading(rf"tests failed|{ASSERTION}", exhausted=r"fatal error: runtime: (?:out of memory|cannot allocate memory)"),
        version=("version",), prepare=golang.prepare, shown=golang.shown,
    ),
    Language(
        "rust", ("rs",), "rs", ("rustc", "gcc"), "rustc gcc", compiled.rust,
        Reading(
            rf"{ASSERTION}|assertion `", exhausted=r"memory allocation of \d+ bytes failed",
            missing=rf"unresolved import `({_CRATES})\b|(?:undeclared crate or module|unlinked crate) `({_CRATES})`",
        ),
    ),
    Language(
        "php", (), "php", ("php",), "php-cli", scripted.php,
        Reading(unreadable=r"PHP Parse error: |Parse error: ", exhausted=r"Allowed memory size of \d+ bytes exhausted"),
    ),
    Language(
        "ruby", ("rb",), "rb", ("ruby",), "ruby", script("main.rb", "driver.rb", "-W0", space=True),
        Reading(
            rf"{ASSERTION}|Minitest::Assertion|Failure:", r"syntax error|\(SyntaxError\)", "NoMemoryError",
            missing=r"cannot load such file -- (\S+)",
        ),
    ),
    Language(
        "bash", ("sh", "shell", "shellscript"), "sh", ("bash",), "bash", script("main.sh", "driver.sh", space=True),
        Reading(unreadable=r": syntax error near|unexpected end of file|unexpected EOF", exhausted="cannot allocate"),
    ),
    Language(
        "perl", ("pl", "pm"), "pl", ("perl",), "perl", scripted.perl,
        Reading(
            rf"{ASSERTION}|Looks like you failed",
            unreadable=r"syntax error at |had compilation errors|Execution of .* aborted due to compilation errors",
            exhausted=r"Out of memory", missing=r"Can't locate (\S+)\.pm in @INC",
        ),
        version=("-v",),
    ),
    Language(
        "lua", ("lua5.4",), "lua", ("lua5.4",), "lua5.4", scripted.lua,
        Reading(
            rf"{ASSERTION}|\.lua:\d+: .*(?=\nstack traceback:\n\s*\[C\]: in function 'assert')",
            unreadable=r"main\.lua:\d+: (?:syntax error|unfinished|malformed|.* expected|.* near )",
            exhausted="not enough memory", missing=r"module '([^']+)' not found",
        ),
        version=("-v",),
    ),
    Language(
        "r", ("rscript",), "R", ("Rscript",), "r-base-core", script("main.R", "driver.R", "--vanilla"),
        Reading(
            rf"{ASSERTION}|is not TRUE|are not (?:all )?(?:TRUE|equal|identical)", r"main\.R:\d+:\d+: unexpected",
            r"cannot allocate (?:vector|memory)", r"there is no package called \W(\w+)",
        ),
    ),
    Language(
        "tcl", ("tclsh",), "tcl", ("tclsh",), "tcl", script("main.tcl", "driver.tcl", space=True),
        Reading(
            unreadable="missing close-brace|extra characters after close-brace", exhausted="unable to alloc",
            missing=r"can't find package (\w+)",
        ),
        version=(), version_script="puts [info patchlevel]",
    ),
)  # fmt: skip

LANGUAGES: dict[str, Language] = {row.name: row for row in ROWS}

_ALIASES = {alias: row.name for row in ROWS for alias in (row.name, *row.aliases)}


def find(name: str) -> Language | None:
    """Return the row of a language by its name or alias, in any case."""
    return LANGUAGES.get(_ALIASES.get(name.strip().lower(), ""))


@cache
def ready(language: str) -> Ready | str:
    """Return the language with its toolchain, or what is missing and how to get it. Runs the version command once."""
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

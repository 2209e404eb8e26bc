"""How a program of each language is put together, compiled and run: one row a language."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from syncode.sandbox.limits import Limits
from syncode.sandbox.program import Program, Step


@dataclass(frozen=True)
class Source:
    """What is to be run: the answer's code, the tests that follow it (may be empty), and the random token."""

    code: str
    tests: str
    token: str


@dataclass(frozen=True)
class Language:
    """One row of the table. `assemble` builds the program; the patterns read what a failed run wrote on stderr."""

    name: str
    aliases: tuple[str, ...]
    extension: str
    assemble: Callable[[Source, Limits], Program]
    version: tuple[str, ...]
    package: str
    failed: re.Pattern[str]
    unreadable: re.Pattern[str]
    exhausted: re.Pattern[str]
    environment: dict[str, str] = field(default_factory=dict)
    processes: int = 0


def limits_of(limits: Limits, seconds: float, threads: int = 1) -> dict[str, int]:
    """Return the resource limits of one step. CPU time may reach `threads` times the wall clock, plus a second."""
    return {
        "CPU": int(seconds * threads) + 1,
        "NPROC": limits.processes,
        "NOFILE": limits.descriptors,
        "FSIZE": limits.file_size,
        "CORE": 0,
    }


def secrets(source: Source) -> tuple[str, ...]:
    """The token alone: what drivers of compiled and scripted languages ask for after the last test."""
    return (f"{source.token}\n",)


def _python(source: Source, limits: Limits) -> Program:
    size = len(source.tests.encode("utf-8", "surrogatepass"))
    told = (f"{size:010d}{source.tests}", *secrets(source)) if source.tests else secrets(source)
    step = Step(("python", "main.py"), limits.seconds, limits=limits_of(limits, limits.seconds), python=True)
    return Program({"main.py": source.code}, (step,), told)


LANGUAGES = {
    language.name: language
    for language in (
        Language(
            name="python",
            aliases=("py", "python3", "python 3"),
            extension="py",
            assemble=_python,
            version=("python3", "--version"),
            package="python3",
            failed=re.compile(r"^AssertionError\b", re.MULTILINE),
            unreadable=re.compile(r"^(SyntaxError|IndentationError|TabError): ", re.MULTILINE),
            exhausted=re.compile(r"^MemoryError\b", re.MULTILINE),
        ),
    )
}

_ALIASES = {alias: language.name for language in LANGUAGES.values() for alias in (language.name, *language.aliases)}


def find(name: str) -> Language | None:
    """Return the row of a language by its name or alias, in any case."""
    return LANGUAGES.get(_ALIASES.get(name.strip().lower(), ""))

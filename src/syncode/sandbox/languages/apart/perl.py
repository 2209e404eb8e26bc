"""Perl: tests and answer in two interpreters; functions ask across, what references point to is kept in step."""

import re

from syncode.sandbox.languages.apart import Half, pair
from syncode.sandbox.languages.assemble import Commands, Pair, Source, driver, run_step
from syncode.sandbox.languages.joining import HASHES, split
from syncode.sandbox.limits import Limits
from syncode.text.braces import depths

REACHING = re.compile(
    r"(?<![$@%\w>:{&])(?:open|opendir|caller|fork|srand|alarm|weaken|isweak|refaddr|tie|tied|select|system|exec)\b(?!\s*=>|\})"
    r"|\bSTD(?:OUT|ERR|IN)\b|[%$@](?:ENV|ARGV|SIG|INC|main::\w*)\b|@ISA\b|\$0\b|\bB::|`"
    r"|(?:^|;)\s*(?:local\s+)?\*[\w:{]+(?=[^;\n]*=)|\blocal\s+[$@%](?!_\b|(?:Data|Test|Carp)::)\w+"
    r"|\buse\s+(?:parent|base|threads|Test::(?:Mock\w*|Output|Warn\w*|Fatal|Exception)|Capture::Tiny|Storable|Devel::\w+)\b",
    re.MULTILINE,
)
"""What reaches into a process, its files, its output, its random numbers, or the symbol table; a class that extends one."""
LITERALS = re.compile(r"(?<![$\w])#[^\n]*|'(?:\\.|[^'\\\n])*'|\"(?:\\.|[^\"\\\n$@])*\"", re.MULTILINE)
VARIABLE = re.compile(r"(?<![\\$@%\w])[$@%]([A-Za-z]\w+|[c-zA-Z])\b(?!::)")
DECLARED = re.compile(r"\b(?:my|our|state)\s*(?:\(([^)]*)\)|([$@%]\w+))")
PACKAGE = re.compile(r"(?:^|[;}])[^\S\n]*(package\s+[\w:]+\s*;)", re.MULTILINE)
GLOBAL = re.compile(r"\bour\s*(?:\(([^)]*)\)|([$@%]\w+))")


def perl(source: Source, limits: Limits, commands: Commands) -> Pair | str:
    """`perl apart_tests.pl tests.pl LEAST` and `perl apart_answer.pl main.pl`."""
    code, tests = split(source.code, source.tests, HASHES)
    why = needs_one(LITERALS.sub("''", code), LITERALS.sub("''", tests))
    if why:
        return why

    def half(name: str, text: str, driver_name: str, *words: str) -> Half:
        files = {name: f"{text}\n", driver_name: driver(driver_name), "apart.pl": driver("apart.pl")}
        if re.search("Data::Compare|Test::Deep", text):
            files["fallback/Data/Compare.pm"] = driver("Compare.pm")
            files["fallback/Test/Deep.pm"] = driver("Deep.pm")
        argv = (commands["perl"], "-e", f"push @INC, './fallback'; do './{driver_name}'; die $@ if $@", name, *words)
        return files, (run_step(argv, limits, space=True),)

    return pair(
        source,
        limits,
        half("tests.pl", f"{last_package(code)}{tests}", "apart_tests.pl", str(source.least("perl"))),
        half("main.pl", code, "apart_answer.pl"),
    )


def needs_one(code: str, tests: str) -> str:
    """Return what in these texts, literals left out, needs answer and tests in one process; an empty string if nothing does."""
    if found := REACHING.search(tests):
        return f"the tests use {found[0].lstrip(';').strip()}"
    if ":lvalue" in code or re.search(r"\btie\b", code):
        return "a value of the answer has a function behind it"
    both = set(re.findall(r"^\s*package\s+([\w:]+)", code, re.MULTILINE)) & set(
        re.findall(r"^\s*package\s+([\w:]+)", tests, re.MULTILINE)
    )
    if both - {"main"}:
        return f"the tests go on with the package {min(both)}"
    used = set(VARIABLE.findall(tests)) - names_in(DECLARED, tests) - {"a", "b"}
    foreign = {each for each in used if re.search(rf"[$@%]{each}\b", code)} | {
        each for each in re.findall(r"[$@%]\w+(?:::\w+)+", tests) if each.rpartition("::")[2] in names_in(GLOBAL, code)
    }
    return f"the tests read {min(foreign)} of the answer" if foreign else ""


def names_in(declared: re.Pattern[str], text: str) -> set[str]:
    """Return the names of the variables that a text declares."""
    return {name for several, one in declared.findall(text) for name in re.findall(r"\w+", several or one)}


def last_package(code: str) -> str:
    """Return the statement that says in which package a file ends, and its tests begin; an empty string if it is main.

    One that begins a line is taken for such a statement, wherever it is: braces in patterns are easily miscounted.
    """
    levels = depths(code, HASHES)
    outermost = [found[1] for found in PACKAGE.finditer(code) if found[0] == found[1] or not levels[found.start(1)]]
    return outermost[-1] if outermost else ""

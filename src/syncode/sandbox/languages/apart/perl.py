"""Perl: tests and answer in two interpreters; functions ask across, what references point to is kept in step."""

import re

from syncode.sandbox.languages.apart import Half, pair
from syncode.sandbox.languages.assemble import Commands, Pair, Source, driver, run_step
from syncode.sandbox.languages.joining import HASHES, split
from syncode.sandbox.limits import Limits

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
PACKAGE = re.compile(r"(?:^|[;}])\s*(package\s+[\w:]+\s*;)", re.MULTILINE)
"""A statement that says in which package the rest of a file is: the last one holds for the tests, too."""
GLOBAL = re.compile(r"\bour\s*(?:\(([^)]*)\)|([$@%]\w+))")


def perl(source: Source, limits: Limits, commands: Commands) -> Pair | str:
    """`perl apart_tests.pl tests.pl LEAST` and `perl apart_answer.pl main.pl`."""
    packages = PACKAGE.findall(source.code)
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
        half("tests.pl", "".join([*packages[-1:], tests]), "apart_tests.pl", str(source.least("perl"))),
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

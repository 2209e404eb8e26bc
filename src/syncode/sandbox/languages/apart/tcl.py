"""Tcl: tests and answer in two interpreters; a command that the tests do not know is called in the other one."""

import re

from syncode.sandbox.languages.apart import Half, pair
from syncode.sandbox.languages.assemble import Commands, Pair, Source, driver, run_step
from syncode.sandbox.languages.joining import HASHES, split
from syncode.sandbox.limits import Limits

REACHING = re.compile(
    r"(?<![\w$:-])(?:open|source|file|exec|socket|vwait|after|interp|rename|trace|upvar|uplevel|chan|fconfigure|cd|glob|unknown|coroutine"
    r"|namespace\s+(?:import|eval|path|ensemble|which)|info\s+(?:body|args|procs|commands|default|level|frame|globals|vars|object|class)"
    r"|oo::\w+|fileevent|gets\s+stdin|read\s+stdin|variable|thread::\w+)(?![\w:-])|\$(?:::)?env\b|\$(?:::)?argv",
)
"""What reaches into a process, its files, its variables, or asks what its commands look like. tcltest is let in before."""
_BY_NAME = re.compile(r"(?<![\w$:-])(?:upvar(?!\s+#?0\b)|uplevel)\b")
_VARIABLE = re.compile(
    r"^[^\S\n]*(?:global|variable)\s+([^\n;}\[]+)|^(?:array\s+)?set\s+(?:::)?([\w:]+)|::(\w+)(?!\s*::)\b", re.MULTILINE
)
_COMMENT = re.compile(r"(?:^|(?<=;))\s*#[^\n]*", re.MULTILINE)


def tcl(source: Source, limits: Limits, commands: Commands) -> Pair | str:
    """`tclsh apart.tcl tests tests.tcl LEAST` and `tclsh apart.tcl answer main.tcl`."""
    code, tests = split(source.code, source.tests, HASHES)
    if why := needs_one(_COMMENT.sub("", code), _COMMENT.sub("", tests)):
        return why

    def half(role: str, name: str, text: str, *words: str) -> Half:
        files = {name: f"{text}\n", "apart.tcl": driver("apart.tcl")}
        return files, (run_step((commands["tclsh"], "apart.tcl", role, name, *words), limits, space=True),)

    return pair(
        source,
        limits,
        half("tests", "tests.tcl", tests, str(source.least("tcl"))),
        half("answer", "main.tcl", code),
    )


def needs_one(code: str, tests: str) -> str:
    """Return what in these texts, comments left out, needs answer and tests in one process; an empty string if nothing does."""
    plain = re.sub(r"namespace\s+import\s+(?:-force\s+)?(?:::)?tcltest::\S+", "", tests)
    if found := REACHING.search(plain):
        return f"the tests use {found[0].strip()}"
    if found := _BY_NAME.search(code):
        return f"the answer uses {found[0]}"
    names = {
        word
        for found in _VARIABLE.findall(code)
        for text in found
        for word in text.split()
        if re.fullmatch(r"[\w:]+", word)
    }
    for name in sorted(names):
        short = re.escape(name.rpartition("::")[2])
        if re.search(
            rf"\$\{{?(?:[\w:]*::)?{short}\b|(?<![\w:-])(?:set|incr|lappend|append|global|array\s+\w+|unset|info\s+exists)\s+(?:::)?{short}\b",
            tests,
        ):
            return f"the tests and the answer use a variable {name}"
    return ""

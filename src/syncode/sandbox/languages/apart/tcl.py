"""Tcl: commands of the answer stand for themselves beside the tests; everything is a string, and crosses as one."""

import re

from syncode.sandbox.languages import apart, ending
from syncode.sandbox.languages.assemble import Commands, Pair, Source, driver, run_step
from syncode.sandbox.languages.joining import HASHES, split
from syncode.sandbox.limits import Limits

TOGETHER = re.compile(
    r"\b(?:rename|interp|trace|uplevel|upvar|source|exec|open|file|cd|(?<!-match )glob|socket|after|vwait"
    r"|eval|subst|coroutine|oo::\w+)\b|\bproc\s+puts\b"
    r"|\binfo\s+(?:body|args|procs|default|frame|level|commands|vars|globals|class|object|coroutine|script)\b|\bnamespace\s+(?:import(?!\s+(?:-force\s+)?:{0,2}tcltest)|eval|children|which|origin)\b"
    r"|\bexpr\s+[^{\s\\]|\b(?:if|elseif|while)\s+[^{\s\\]|\b(?:string\s+match|regexp|switch)\s+[^{}\n]*\[|\$::?\w|\bglobal\b|\bvariable\b"
)
"""What tests do that needs the answer in their interpreter, or that would run or match with what the answer says."""
STAYS = re.compile(
    r"\b(?:uplevel|upvar|trace|coroutine|yield|yieldto|rename|interp|info\s+(?:frame|level|script)|oo::\w+|exit|vwait|after|unknown)\b"
)
"""What an answer does that shows or changes the frame or the interpreter that it is in."""
VARIABLE = re.compile(r"(?:\b(?:set|incr|append|lappend|array\s+set|dict\s+set)\s+|\$\{?)(?:::)?(\w+)")
NAMES = re.compile(r"\b(?:global|variable)\s+([\w: ]+)|::(\w+)")
TOP = re.compile(r"^(?:set|array\s+set|variable|incr|lappend)\s+(?:::)?(\w+)", re.MULTILINE)


def pair(source: Source, limits: Limits, commands: Commands) -> Pair | str:
    """The interpreter of the tests, and the one of the answer."""
    code, tests = split(source.code, ending.plain("tcl", source.tests), HASHES)
    if found := TOGETHER.search(tests):
        return f"the tests use {found[0]!r}"
    if found := STAYS.search(code):
        return f"the answer uses {found[0]!r}"
    held = {name for found in NAMES.findall(code) for part in found for name in part.split()} | set(TOP.findall(code))
    if both := sorted(held & set(VARIABLE.findall(tests))):
        return f"the tests use the variable {both[0]}"
    for name in re.findall(r"\bproc\s+(?:::)?([\w:]+)", tests):
        if re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", code):
            return f"both have {name}"
    asks = run_step((commands["tclsh"], "apart_asks.tcl", "tests.tcl", str(source.least("tcl"))), limits, space=True)
    serves = run_step((commands["tclsh"], "apart_serves.tcl", "main.tcl"), limits, space=True)
    return apart.pair(
        source,
        limits,
        ({"tests.tcl": f"{tests}\n", "apart_asks.tcl": driver("apart_asks.tcl")}, (asks,)),
        ({"main.tcl": f"{code}\n", "apart_serves.tcl": driver("apart_serves.tcl")}, (serves,)),
    )

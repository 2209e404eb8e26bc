"""Lua: tests and answer in two interpreters; functions and objects of the one have stand-ins in the other."""

import re
import secrets

from syncode.sandbox.languages import ending
from syncode.sandbox.languages.apart import Half, pair
from syncode.sandbox.languages.assemble import Commands, Pair, Source, driver, run_step
from syncode.sandbox.limits import Limits

REACHING = re.compile(
    r"\b(?:coroutine|debug|collectgarbage|loadstring|dofile|loadfile|load|setmetatable\s*\(\s*_G|_ENV|_G|package|rawequal|arg)\b"
    r"|\bio\s*\.|\bos\s*\.\s*(?:remove|rename|tmpname|getenv|execute)\b|\bmath\s*\.\s*randomseed\b|\bprint\s*=|\b(?:getfenv|setfenv)\b"
)
"""What reaches into a process, its files, its output, or asks whether two objects are the same one."""
WORDS = re.compile(r"[A-Za-z_]\w*")
LITERALS = re.compile(r"--\[\[.*?\]\]|--[^\n]*|\[\[.*?\]\]|'(?:\\.|[^'\\\n])*'|\"(?:\\.|[^\"\\\n])*\"", re.DOTALL)
_LOCAL = re.compile(r"^local\s+(?:function\s+(\w+)|([\w\s,]+?)\s*(?:=|$))", re.MULTILINE)
_GIVEN = re.compile(r"^[^\S\n]*([A-Za-z_]\w*)\s*=(?!=)|^[^\S\n]*function\s+([A-Za-z_]\w*)\s*\(", re.MULTILINE)
_INSIDE = re.compile(r"^[^\S\n]*(?:function\s+)?([A-Za-z_]\w*)\s*[.:\[][^\n=]*?(?:=(?!=)|\()", re.MULTILINE)


def lua(source: Source, limits: Limits, commands: Commands) -> Pair | str:
    """`lua apart.lua tests tests.lua LEAST` and `lua apart.lua answer main.lua`; the answer's locals are shown by a last line."""
    code, tests = source.code, ending.plain("lua", source.tests)
    if why := needs_one(LITERALS.sub("''", code), LITERALS.sub("''", tests)):
        return why
    mentioned = set(WORDS.findall(tests))
    found = [
        name for one, more in _LOCAL.findall(code) for name in (one, *re.split(r"[\s,]+", more)) if name in mentioned
    ]
    code = re.sub(r"^return\b[^\n]*\s*\Z", "", code, flags=re.MULTILINE)  # of a module: nothing may follow it
    shown = ", ".join(
        f"{name} = function() return {name} end" for name in dict.fromkeys(found) if name not in _KEYWORDS
    )
    code += f"\nsyncode_{secrets.token_hex(8)}{{{shown}}}"

    def half(role: str, name: str, text: str, *words: str) -> Half:
        files = {name: f"{text}\n", "apart.lua": driver("apart.lua")}
        if role == "tests" and "luaunit" in text:
            files["luaunit.lua"] = driver("luaunit.lua")
        return files, (run_step((commands["lua5.4"], "apart.lua", role, name, *words), limits, space=True),)

    return pair(
        source,
        limits,
        half("tests", "tests.lua", tests, str(source.least("lua"))),
        half("answer", "main.lua", code),
    )


_KEYWORDS = frozenset(
    re.findall(
        r"\w+",
        "and break do else elseif end false for function goto if in local nil not or repeat return then true until while",
    )
)


def needs_one(code: str, tests: str) -> str:
    """Return what in these texts, literals left out, needs answer and tests in one process; an empty string if nothing does."""
    if found := REACHING.search(re.sub(r"\bos\s*\.\s*exit\b", "", tests)):
        return f"the tests use {found[0].strip()}"
    words = set(WORDS.findall(code))
    local = {
        name
        for one, more in re.findall(r"\blocal\s+(?:function\s+(\w+)|([\w\s,]+?)\s*(?:=|\n|$))", tests)
        for name in (one, *re.split(r"[\s,]+", more))
    }
    given = {name for pair_of in _GIVEN.findall(tests) for name in pair_of if name} - local
    if shared := sorted(given & words):
        return f"the tests set {shared[0]}, which the answer uses"
    return ""

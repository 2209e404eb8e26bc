"""Programs that an interpreter runs as they are: JavaScript and TypeScript, PHP, Perl, Lua."""

import re
import secrets

from syncode.sandbox.languages.assemble import THREADS, Commands, Source, compile_step, driver, parts, run_step
from syncode.sandbox.languages.joining import HASHES, split
from syncode.sandbox.limits import MEBIBYTE, Limits
from syncode.sandbox.program import Program, Step

MODULE = re.compile(
    r"^[^\S\n]*(?:import\s+(?:[\w*{][^'\"]*from\s*)?['\"]|export\s+(?:default|const|let|function|class|async|\{))",
    re.MULTILINE,
)
"""A line that only an ES module may have."""
SHIMS = {"lodash": "lodash.js", "js-md5": "js-md5.js"}
"""Packages that published tests require (MBXP: lodash's isEqual; HumanEval-X: js-md5), as small stand-ins of our own."""


def javascript(source: Source, limits: Limits, commands: Commands) -> Program:
    """`node driver.js main.js MARK`; an ES module where the text is one."""
    mark = _mark(source)
    text = _marked(source, mark)
    name = "main.mjs" if MODULE.search(text) else "main.js"
    texts = {name: text, "driver.js": driver("driver.js"), **_node_shims(text)}
    return Program(texts, (_node((name, *mark), limits, commands),), source.secrets)


def old_typescript(_tsc: str, number: str) -> str | None:
    """Return why this TypeScript cannot be used: before 5.5 there is no `--noCheck`, and right answers would not compile."""
    digits = [int(digit) for digit in number.split(".")[:2] if digit.isdigit()]
    return f"tsc {number} is too old: 5.5 or newer (npm install -g typescript)" if digits and digits < [5, 5] else None


def typescript(source: Source, limits: Limits, commands: Commands) -> Program:
    """`tsc` translates (errors of types do not stop it, those of syntax do), node runs the result."""
    options = (
        "--target",
        "es2022",
        "--module",
        "commonjs",
        "--outDir",
        "out",
        "--skipLibCheck",
        "--noCheck",
        "--esModuleInterop",
    )
    mark = _mark(source)
    text = _marked(source, mark)
    compiled = compile_step((commands["tsc"], *options, "main.ts"), limits)
    texts = {"main.ts": text, "driver.js": driver("driver.js"), **_node_shims(text)}
    return Program(texts, (compiled, _node(("out/main.js", *mark), limits, commands)), source.secrets)


def _mark(source: Source) -> list[str]:
    """Return the name of the function whose call between answer and tests shows that they were reached; none without tests."""
    return [f"syncode_{secrets.token_hex(8)}"] if source.tests else []


def _marked(source: Source, mark: list[str]) -> str:
    """Return answer, mark and tests as one text; tests stand in a block, where they may declare again what the answer has."""
    if not mark:
        return f"{source.code}\n"
    tests = source.tests if MODULE.search(source.tests) else f"{{{source.tests}\n}}"
    return f"{source.code}\n;globalThis.{mark[0]}();\n{tests}\n"


def _node(words: tuple[str, ...], limits: Limits, commands: Commands) -> Step:
    heap = f"--max-old-space-size={limits.memory // MEBIBYTE * 3 // 4}"
    return run_step((commands["node"], heap, "driver.js", *words), limits, threads=THREADS)


def _node_shims(text: str) -> dict[str, str]:
    return {
        f"node_modules/{name}/index.js": driver(file)
        for name, file in SHIMS.items()
        if re.search(rf"""require\(\s*['"]{name}['"]\s*\)|from\s+['"]{name}['"]""", text)
    }


def php(source: Source, limits: Limits, commands: Commands) -> Program:
    """`php driver.php main.php tests.php` with assertions on; the tests are in the namespace of the answer."""
    names = re.findall(r"^[^\S\n]*(?:<\?php\s+)?(namespace\s+[\w\\]+\s*;)", source.code, re.MULTILINE)
    code, tests = split(source.code, source.tests)
    texts = parts("main.php", _php(code), _php(tests, *names[-1:]) if tests else "")
    memory = f"memory_limit={limits.memory // MEBIBYTE * 3 // 4}M"
    options = ("-n", "-d", "zend.assertions=1", "-d", "assert.exception=1", "-d", memory, "-d", "display_errors=stderr")
    step = run_step((commands["php"], *options, "driver.php", *texts), limits, space=True)
    return Program({**texts, "driver.php": driver("driver.php")}, (step,), source.secrets)


def _php(text: str, *first: str) -> str:
    """Return a text with an opening tag at its start and none where PHP has begun already (prompts and models both write one)."""
    begun, kept = True, ["<?php\n", *first]
    for part in re.split(r"(<\?php\b|\?>)", text):
        if part != "<?php" or not begun:
            kept.append(part)
        begun = part == "<?php" or (begun and part != "?>")
    return "".join(kept)


def perl(source: Source, limits: Limits, commands: Commands) -> Program:
    """`perl driver.pl main.pl tests.pl`; stand-ins of our own where Data::Compare (MBXP) or Test::Deep (MultiPL-E) is absent."""
    names = re.findall(r"^package\s+[\w:]+\s*;", source.code, re.MULTILINE)
    code, tests = split(source.code, source.tests, HASHES)
    texts = parts("main.pl", code, "".join([*names[-1:], tests]) if tests else "")
    helpers = {"driver.pl": driver("driver.pl")}
    if re.search("Data::Compare|Test::Deep", code + tests):
        helpers["fallback/Data/Compare.pm"] = driver("Compare.pm")
        helpers["fallback/Test/Deep.pm"] = driver("Deep.pm")
    options = ("-e", "push @INC, './fallback'; do './driver.pl'; die $@ if $@", *texts)
    return Program({**texts, **helpers}, (run_step((commands["perl"], *options), limits, space=True),), source.secrets)


def lua(source: Source, limits: Limits, commands: Commands) -> Program:
    """`lua driver.lua main.lua MARK`; luaunit, which MultiPL-E's tests use, as a small stand-in of our own."""
    code, tests, mark = source.code, source.tests, _mark(source)
    if mark:
        code = re.sub(r"^return\b[^\n]*\s*\Z", "", code, flags=re.MULTILINE)  # of a module: nothing may follow it
        code += f"\nlocal assert, error, pcall, type, tostring, ipairs, pairs, next = {mark[0]}()"
    texts = {"main.lua": f"{code}\n{tests}\n", "driver.lua": driver("driver.lua")}
    if "luaunit" in tests:
        texts["luaunit.lua"] = driver("luaunit.lua")
    step = run_step((commands["lua5.4"], "driver.lua", "main.lua", *mark), limits, space=True)
    return Program(texts, (step,), source.secrets)

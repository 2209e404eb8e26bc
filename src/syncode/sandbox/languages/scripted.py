"""Programs that an interpreter runs as they are: JavaScript and TypeScript, PHP, Perl, Lua."""

import re

from syncode.sandbox.languages.assemble import THREADS, Commands, Source, compile_step, driver, run_step
from syncode.sandbox.limits import MEBIBYTE, Limits
from syncode.sandbox.program import Program, Step

MODULE = re.compile(
    r"^\s*(?:import\s+(?:[\w*{][^'\"]*from\s*)?['\"]|export\s+(?:default|const|let|function|class|async|\{))",
    re.MULTILINE,
)
"""A line that only an ES module may have."""
SHIMS = {"lodash": "lodash.js", "js-md5": "js-md5.js"}
"""Packages that published tests require (MBXP: lodash's isEqual; HumanEval-X: js-md5), as small stand-ins of our own."""


def javascript(source: Source, limits: Limits, commands: Commands) -> Program:
    """`node driver.js main.js`; an ES module where the text is one."""
    name = "main.mjs" if MODULE.search(source.text) else "main.js"
    texts = {name: source.text, "driver.js": driver("driver.js"), **_node_shims(source.text)}
    return Program(texts, (_node(name, limits, commands),), source.secrets)


def typescript(source: Source, limits: Limits, commands: Commands) -> Program:
    """`tsc` translates (errors of types do not stop it, those of syntax do), node runs the result."""
    options = ("--target", "es2022", "--module", "commonjs", "--outDir", "out", "--skipLibCheck", "--noCheck")
    compiled = compile_step((commands["tsc"], *options, "main.ts"), limits)
    texts = {"main.ts": source.text, "driver.js": driver("driver.js"), **_node_shims(source.text)}
    return Program(texts, (compiled, _node("out/main.js", limits, commands)), source.secrets)


def _node(name: str, limits: Limits, commands: Commands) -> Step:
    heap = f"--max-old-space-size={limits.memory // MEBIBYTE * 3 // 4}"
    return run_step((commands["node"], heap, "driver.js", name), limits, threads=THREADS)


def _node_shims(text: str) -> dict[str, str]:
    return {
        f"node_modules/{name}/index.js": driver(file)
        for name, file in SHIMS.items()
        if re.search(rf"""require\(\s*['"]{name}['"]\s*\)|from\s+['"]{name}['"]""", text)
    }


def php(source: Source, limits: Limits, commands: Commands) -> Program:
    """`php driver.php main.php` with assertions on; the text has one opening tag, at its start."""
    text = "<?php\n" + re.sub(r"<\?php\b|\?>\s*\Z", "", source.text)
    memory = f"memory_limit={limits.memory // MEBIBYTE * 3 // 4}M"
    options = ("-n", "-d", "zend.assertions=1", "-d", "assert.exception=1", "-d", memory, "-d", "display_errors=stderr")
    step = run_step((commands["php"], *options, "driver.php", "main.php"), limits, space=True)
    return Program({"main.php": text, "driver.php": driver("driver.php")}, (step,), source.secrets)


def perl(source: Source, limits: Limits, commands: Commands) -> Program:
    """`perl driver.pl main.pl`; where Data::Compare (MBXP) or Test::Deep (MultiPL-E) is absent, a small stand-in of our own."""
    texts = {"main.pl": source.text, "driver.pl": driver("driver.pl")}
    if "Data::Compare" in source.text or "Test::Deep" in source.text:
        texts["fallback/Data/Compare.pm"] = driver("Compare.pm")
        texts["fallback/Test/Deep.pm"] = driver("Deep.pm")
    options = ("-e", "push @INC, './fallback'; do './driver.pl'; die $@ if $@", "main.pl")
    return Program(texts, (run_step((commands["perl"], *options), limits, space=True),), source.secrets)


def lua(source: Source, limits: Limits, commands: Commands) -> Program:
    """`lua driver.lua main.lua`; luaunit, which MultiPL-E's tests use, as a small stand-in of our own."""
    texts = {"main.lua": source.text, "driver.lua": driver("driver.lua")}
    if "luaunit" in source.tests:
        texts["luaunit.lua"] = driver("luaunit.lua")
    step = run_step((commands["lua5.4"], "driver.lua", "main.lua"), limits, space=True)
    return Program(texts, (step,), source.secrets)

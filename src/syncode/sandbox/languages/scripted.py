"""Programs that an interpreter runs as they are: JavaScript and TypeScript, PHP, Perl, Lua."""

import json
import re
import secrets
from functools import cache

from syncode import children
from syncode.sandbox.languages import bats
from syncode.sandbox.languages.apart.perl import last_package
from syncode.sandbox.languages.assemble import THREADS, Commands, Source, compile_step, driver, parts, run_step
from syncode.sandbox.languages.joining import HASHES, split
from syncode.sandbox.languages.toolchains import VERSION_SECONDS, locate
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
    """`node driver.js main.js LEAST MARK`; an ES module where the text is one."""
    mark = _mark(source)
    text = _marked(source, mark)
    name = "main.mjs" if MODULE.search(text) else "main.js"
    step = node("driver.js", (name, *_node_words(source, mark)), limits, commands)
    return source.program({name: text, "tests.json": json.dumps(source.tests), **_node_files(text)}, step)


def old_typescript(_tsc: str, number: str) -> str | None:
    """Return why this TypeScript cannot be used: before 5.5 there is no `--noCheck`, and right answers would not compile."""
    digits = [int(digit) for digit in number.split(".")[:2] if digit.isdigit()]
    return f"tsc {number} is too old: 5.5 or newer (npm install -g typescript)" if digits and digits < [5, 5] else None


def typescript(source: Source, limits: Limits, commands: Commands) -> Program:
    """`tsc` translates (errors of types do not stop it, those of syntax do), node runs the result."""
    mark = _mark(source)
    text = _marked(source, mark)
    step = node("driver.js", ("out/main.js", *_node_words(source, mark)), limits, commands)
    return source.program(
        {"main.ts": text, "tests.json": json.dumps(source.tests), **_node_files(text)},
        compiled_typescript("main.ts", limits, commands),
        step,
    )


def compiled_typescript(name: str, limits: Limits, commands: Commands) -> Step:
    """Return the step that translates a file into the folder `out`."""
    options = ("--target", "es2022", "--module", "commonjs", "--outDir", "out", "--skipLibCheck", "--noCheck")
    return compile_step((commands["tsc"], *options, "--esModuleInterop", name), limits)


def _mark(source: Source) -> list[str]:
    """Return the name of the function whose call between answer and tests shows that they were reached; none without tests."""
    return [f"syncode_{secrets.token_hex(8)}"] if source.tests else []


def _marked(source: Source, mark: list[str]) -> str:
    """Return answer, mark and tests as one text.

    Tests stand in a block, where they may declare again what the answer has; what they import stands in front of it. Globals of
    the language that the answer has declared anew are in the block what they were.
    """
    if not mark:
        return f"{source.code}\n"
    code, tests = source.code, source.tests
    if FRAMEWORK.search(tests):
        code = _FRAMEWORK_NAME.sub(r"\1\2OfTheAnswer", code)
    if _EXPORT.search(tests):
        return f"{code}\n;globalThis.{mark[0]}();\n{tests}\n"
    imports: list[str] = []
    tests = _IMPORT.sub(lambda match: _inner(match, imports), tests)
    hidden = [
        name
        for name in GLOBALS
        if re.search(rf"(?<![\w.$]){name}\b", tests)
        and re.search(rf"\b(?:const|let|var|class|function\*?|import)\b[^;=()]*\b{name}\b|[{{,]\s*{name}\s*[,}}]", code)
        and not re.search(rf"\b(?:const|let|var|class|function\*?)\s+{name}\b", tests)
    ]
    call = f"globalThis.{mark[0]}();"
    begin = f"let {{{', '.join(hidden)}}} = {call}" if hidden else ""
    return "\n".join([f"{code}\n;{call}", *imports, f"{{{begin}", tests, "}", ""])


def imports_as_calls(tests: str, function: str) -> str:
    """Return tests whose imports are calls of a function."""
    return _IMPORT.sub(lambda match: _constants(match[1], f"{function}({match[2]})") + ";", tests)


def _inner(match: re.Match[str], imports: list[str]) -> str:
    """Return an import of the tests as a statement within their block, and add to `imports` what has to stand at the top."""
    names, module = match[1], match[2]
    if not names:
        imports.append(f"import {module};")
        return ""
    space = f"syncode_{len(imports)}"
    imports.append(f"import * as {space} from {module};")
    return _constants(names, space)


def _constants(names: str | None, space: str) -> str:
    """Return what an import declares, as constants taken out of `space`."""
    if not names:
        return space
    whole = re.search(r"\*\s*as\s+(\w+)", names)
    parts = re.search(r"\{([^}]*)\}", names)
    default = re.match(r"\s*(\w+)\s*(?:,|\Z)", names)
    made = [f"const {whole[1]} = {space};"] if whole else []
    listed = re.sub(r"\s+as\s+", ": ", parts[1]) if parts else ""
    if default or listed.strip():
        made.append(f"const {{{f'default: {default[1]}, ' if default else ''}{listed}}} = {space};")
    return " ".join(made)


GLOBALS = (
    "Object", "Array", "String", "Number", "Boolean", "Symbol", "Math", "JSON", "Error", "TypeError", "RangeError",
    "Map", "Set", "RegExp", "Promise", "Reflect", "Function", "BigInt", "Date", "isNaN", "isFinite", "parseInt",
    "parseFloat", "setTimeout", "setInterval", "setImmediate", "queueMicrotask", "structuredClone", "console",
    "process", "require",
)  # fmt: skip
"""What tests may use, and an answer may hide by a variable of its own."""
_IMPORT = re.compile(r"^[^\S\n]*import\s+(?:([\w*{][^'\";()]*)\bfrom\s*)?(['\"][^'\"\n]+['\"])[^\S\n]*;?", re.MULTILINE)
_EXPORT = re.compile(r"^[^\S\n]*export\b", re.MULTILINE)
FRAMEWORK = re.compile(
    r"^\s*(?:describe|it|test|suite)\s*\(\s*['\"`]|\bexpect\s*\(.*\)\s*\.\s*(?:not\b|to\b|toBe|to[A-Z])", re.MULTILINE
)
_FRAMEWORK_NAME = re.compile(
    r"(\b(?:function\*?|const|let|var|class)\s+|\bglobalThis\.|\bglobal\.)(expect|describe|it|test|suite|beforeEach|afterEach)\b"
)
"""Names of a test framework, where tests use one: a function of the answer may not take its place."""


def _node_words(source: Source, mark: list[str]) -> tuple[str, ...]:
    return (str(source.least("javascript")), *mark)


def _node_files(text: str) -> dict[str, str]:
    return {"driver.js": driver("driver.js"), **node_shims(text)}


def node(program: str, words: tuple[str, ...], limits: Limits, commands: Commands) -> Step:
    """Return the step that runs a driver."""
    heap = f"--max-old-space-size={limits.memory // MEBIBYTE * 3 // 4}"
    return run_step((commands["node"], heap, program, *words), limits, threads=THREADS)


def node_shims(text: str) -> dict[str, str]:
    """Return the stand-ins that a text loads, by the names of their files."""
    return {
        f"node_modules/{name}/index.js": driver(file)
        for name, file in SHIMS.items()
        if re.search(rf"""require\(\s*['"]{name}['"]\s*\)|from\s+['"]{name}['"]""", text)
    }


def php(source: Source, limits: Limits, commands: Commands) -> Program:
    """`php driver.php main.php tests.php LEAST` with assertions on; the tests are in the namespace of the answer."""
    names = re.findall(r"^[^\S\n]*(?:<\?php\s+)?(namespace\s+[\w\\]+\s*;)", source.code, re.MULTILINE)
    code, tests = split(source.code, source.tests)
    texts = parts("main.php", php_text(code), php_text(tests, *names[-1:]) if tests else "")
    least = (str(source.least("php")),) if source.tests else ()
    step = run_step((*php_command(limits, commands), "driver.php", *texts, *least), limits, space=True)
    drivers = {name: driver(name) for name in ("driver.php", "comparing.php")}
    return source.program({**texts, **drivers}, step)


def php_command(limits: Limits, commands: Commands) -> tuple[str, ...]:
    """Return the command of PHP with assertions on and the usual extensions, whatever its own settings are."""
    memory = f"memory_limit={limits.memory // MEBIBYTE * 3 // 4}M"
    options = ("-n", "-d", "zend.assertions=1", "-d", "assert.exception=1", "-d", memory, "-d", "display_errors=stderr")
    return (commands["php"], *options, *(word for name in _php_extensions() for word in ("-d", f"extension={name}")))


PHP_EXTENSIONS = (
    "bcmath", "calendar", "ctype", "dom", "exif", "fileinfo", "gettext", "gmp", "iconv", "intl", "mbstring",
    "posix", "simplexml", "tokenizer", "xml", "xmlreader", "xmlwriter",
)  # fmt: skip
"""Extensions that programs take for granted and distributions ship as modules: those that are installed are loaded."""


@cache
def _php_extensions() -> list[str]:
    """Return which of them this PHP has switched on in its own settings, which programs do not see (`-n`)."""
    place = locate("php")
    if place is None:
        return []
    ran = [children.run([place[0], *option, "-m"], VERSION_SECONDS) for option in ([], ["-n"])]
    have, built = ({line.strip().lower() for line in each.stdout.splitlines()} for each in ran)
    return [name for name in PHP_EXTENSIONS if name in have - built]


def php_text(text: str, *first: str) -> str:
    """Return a text with an opening tag at its start and none where PHP has begun already (prompts and models both write one)."""
    begun, kept = True, ["<?php\n"]
    if first:  # behind what must be the very first statement
        declared = re.match(r"(?:\s|<\?php\b|//[^\n]*|#[^\n]*|/\*.*?\*/)*declare\s*\([^)]*\)\s*;", text, re.DOTALL)
        end = declared.end() if declared else 0
        text = text[:end] + "".join(first) + text[end:]
    for part in re.split(r"(<\?php\b|\?>)", text):
        if part != "<?php" or not begun:
            kept.append(part)
        begun = part == "<?php" or (begun and part != "?>")
    return "".join(kept)


def perl(source: Source, limits: Limits, commands: Commands) -> Program:
    """`perl driver.pl main.pl tests.pl`; stand-ins of our own where Data::Compare (MBXP) or Test::Deep (MultiPL-E) is absent."""
    code, tests = split(source.code, source.tests, HASHES)
    texts = parts("main.pl", code, f"{last_package(code)}{tests}" if tests else "")
    helpers = {"driver.pl": driver("driver.pl")}
    if re.search("Data::Compare|Test::Deep", code + tests):
        helpers["fallback/Data/Compare.pm"] = driver("Compare.pm")
        helpers["fallback/Test/Deep.pm"] = driver("Deep.pm")
    least = (str(source.least("perl")),) if source.tests else ()
    options = ("-e", "push @INC, './fallback'; do './driver.pl'; die $@ if $@", *texts, *least)
    return source.program({**texts, **helpers}, run_step((commands["perl"], *options), limits, space=True))


def lua(source: Source, limits: Limits, commands: Commands) -> Program:
    """`lua driver.lua main.lua LEAST MARK`; luaunit, which MultiPL-E's tests use, as a small stand-in of our own."""
    code, tests, mark = source.code, source.tests, _mark(source)
    if mark:
        code = re.sub(r"^return\b[^\n]*\s*\Z", "", code, flags=re.MULTILINE)  # of a module: nothing may follow it
        names = [
            each for each in LUA_NAMES if not re.search(rf"(?<![\w.:]){each}\s*=(?!=)", tests)
        ]  # what they replace is the answer's, too
        code += f"\nlocal {', '.join(names)} = {mark[0]}('{' '.join(names)}')"
    texts = {"main.lua": f"{code}\n{tests}\n", "driver.lua": driver("driver.lua")}
    if "luaunit" in tests:
        texts["luaunit.lua"] = driver("luaunit.lua")
    step = run_step((commands["lua5.4"], "driver.lua", "main.lua", str(source.least("lua")), *mark), limits, space=True)
    return source.program(texts, step)


LUA_NAMES = (
    "assert", "error", "pcall", "xpcall", "type", "tostring", "tonumber", "ipairs", "pairs", "next", "select",
    "rawequal", "rawget", "rawlen", "print", "require", "string", "table", "math",
)  # fmt: skip
"""What tests compare with: theirs, though the answer may have variables of the same names."""


def bash(source: Source, limits: Limits, commands: Commands) -> Program:
    """`bash driver.sh main.sh tests.sh LEAST NAMES`: no function of the answer hides one of NAMES from the tests."""
    code, tests = split(source.code, source.tests, HASHES)
    tests = bash_literal(bats.plain(tests))
    texts = parts("main.sh", code, tests)
    words = (str(source.least("bash")), *_hiding(code, tests)) if tests else ()
    step = run_step((commands["bash"], "driver.sh", *texts, *words), limits, space=True)
    return source.program({**texts, "driver.sh": driver("driver.sh")}, step)


def bash_literal(tests: str) -> str:
    """Return tests in which what a command writes is compared as it is."""
    return _BASH_PATTERN.sub(r'\1"\2"\3', tests)


def bash_functions(text: str) -> list[str]:
    """Return the names of the functions that a text defines."""
    return [name for pair in _BASH_FUNCTION.findall(text) for name in pair if name]


_BASH_PATTERN = re.compile(r"([!=]=?\s*)(\$\((?!\()(?:[^()\"']|\"[^\"()]*\"|'[^'()]*')*\))(\s*(?:\]\]|&&|\|\|))")
"""What a command writes, on the right of a comparison in `[[ ]]`: without quotes a pattern, and `*` equal to anything."""
_BASH_FUNCTION = re.compile(
    r"^[^\S\n]*(?:function\s+)?([^\s(){}<>|&;\"'$`#=]+)\s*\(\s*\)|^[^\S\n]*function\s+(\S+)", re.MULTILINE
)
BASH_COMMANDS = (
    "[", "test", "exit", "return", "set", "trap", "eval", "source", "builtin", "command", "printf", "read", "unset",
    "echo", "true", "false", ":", ".", "declare", "local", "let", "shift", "shopt", "enable", "type", "hash",
    "kill", "wait", "typeset", "export", "readonly", "mapfile", "readarray", "exec", "break", "continue",
    "command_not_found_handle", "diff", "cmp", "comm", "grep", "egrep", "fgrep", "expr", "sort", "uniq", "head",
    "tail", "wc", "tr", "sed", "awk", "cut", "cat", "jq", "bc", "seq", "tee",
)  # fmt: skip


def _hiding(code: str, tests: str) -> list[str]:
    """Return the names that tests may call, but for the one under test where it is all that they call of the answer."""
    own = set(bash_functions(code))
    called = {name for name in own if re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", tests)}
    tested = called if called <= set(BASH_COMMANDS) and len(called) == 1 else set()
    return [name for name in BASH_COMMANDS if name not in tested]


def elixir(source: Source, limits: Limits, commands: Commands) -> Program:
    """`elixir driver.exs main.exs tests.exs LEAST`; ExUnit's cases are run."""
    texts = parts("main.exs", source.code, source.tests)
    least = (str(source.least("elixir")),) if source.tests else ()
    few = "+S 2:2 +SDcpu 1:1 +SDio 2 +A 1"  # threads, of which there would be dozens
    step = run_step((commands["elixir"], "driver.exs", *texts, *least), limits, threads=THREADS, ERL_FLAGS=few)
    return source.program({**texts, "driver.exs": driver("driver.exs")}, step)

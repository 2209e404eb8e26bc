"""Tests of JavaScript and TypeScript apart from the answer: two processes of node."""

import json
import re
import secrets
from functools import partial

from syncode.sandbox.languages import apart, scripted
from syncode.sandbox.languages.assemble import Commands, Pair, Source, driver
from syncode.sandbox.languages.joining import split
from syncode.sandbox.limits import Limits
from syncode.sandbox.program import Step

_CLASSES = "Array|String|Object|Number|Map|Set|Date|Function|Promise|RegExp|Error"
_HOLDERS = "globalThis|global|console|Math|JSON|Reflect|performance|crypto"
TOGETHER = (
    (
        r"\bprocess\s*\.\s*(?!hrtime|nextTick|memoryUsage|exit\b|exitCode|cwd|uptime|version|platform|std(?:out|err)\.write\s*\()\w",
        "the tests use the process",
    ),
    (r"\b(?:inspect|util\.format)\b", "the tests look at how objects are shown"),
    (r"\b(?:__filename|__dirname|import\.meta)\b", "the tests use their place"),
    (r"\b(?:WeakRef|FinalizationRegistry|SharedArrayBuffer)\b", "the tests use the memory of the process"),
    (
        rf"\b(?:(?:{_HOLDERS}|{_CLASSES})(?:\.prototype)?(?:\.\w+|\[[^\]\n]*\])|setTimeout|setInterval|fetch|Date)\s*=(?![=>])"
        rf"|\b(?:defineProperty|defineProperties|assign|set)\(\s*(?:{_HOLDERS}|(?:{_CLASSES})(?:\.prototype)?)\s*,",
        "the tests replace what the language has",
    ),
)
"""What in the text of tests needs the answer in their process, and why."""

FRAMEWORK_AT_HAND = re.compile(
    r"^(?:async\s+)?(?:function|const|let|var)\s+(?:describe|it|test|suite|expect)\b|['\"]node:test['\"]", re.MULTILINE
)
"""A framework that the tests bring themselves, or that of node."""

WORD = re.compile(r"[\w$]+")
"""What may be a name."""


def pair(source: Source, limits: Limits, commands: Commands, typed: bool = False) -> Pair | str:
    """Return `node apart_tests.js TESTS LEAST MARK` and `node apart_answer.js MAIN`, `typed` ones compiled first; or a reason."""
    code, tests = split(source.code, source.tests)
    if scripted.FRAMEWORK.search(tests) and not FRAMEWORK_AT_HAND.search(tests):
        return "the tests call a framework"
    for pattern, why in TOGETHER:
        if re.search(pattern, tests):
            return why
    mark = f"syncode_{secrets.token_hex(8)}"
    name = "main.ts" if typed else "main.mjs" if scripted.MODULE.search(code) else "main.js"
    if not typed and scripted.MODULE.search(tests):
        tests, named = scripted.imports_as_calls(tests, mark), "tests.mjs"
    else:
        named = "tests.ts" if typed else "tests.js"
    words = (str(source.least("javascript")), mark)
    files, steps = _half("apart_tests.js", named, f"{tests}\n", words, limits, commands)
    names = sorted({*WORD.findall(code)} & {*WORD.findall(tests)})
    answer = _half("apart_answer.js", name, f"{code}\n", (), limits, commands)
    return apart.pair(source, limits, ({**files, "names.json": json.dumps(names)}, steps), answer)


typescript = partial(pair, typed=True)
"""The same of TypeScript."""


def _half(program: str, name: str, text: str, words: tuple[str, ...], limits: Limits, commands: Commands) -> apart.Half:
    steps: tuple[Step, ...] = ()
    run = name
    if name.endswith(".ts"):
        steps, run = (scripted.compiled_typescript(name, limits, commands),), f"out/{name[:-3]}.js"
    drivers = {each: driver(each) for each in (program, "apart.js", "apart_values.js")}
    files = {name: text, **drivers, **scripted.node_shims(text)}
    return files, (*steps, scripted.node(program, (run, *words), limits, commands))

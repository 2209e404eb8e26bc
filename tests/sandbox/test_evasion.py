"""An answer cannot leave the tests out or make them harmless: what it ends with, switches off or replaces gives no pass."""

import pytest

from syncode.sandbox import Sandbox, ready

TESTS = {
    "python": "assert f() == 2",
    "javascript": "const assert = require('node:assert');\nfunction test() { assert.deepEqual(f(), 2); }\ntest();",
    "typescript": "declare var require: any;\nconst assert = require('node:assert');\nassert.deepEqual(f(), 2);",
    "php": "if (f() !== 2) { throw new Exception('no'); }\nassert(f() === 2);",
    "ruby": "raise 'no' unless f == 2",
    "perl": "die 'no' unless f() == 2;",
    "lua": "assert(f() == 2)",
    "bash": '[ "$(f)" = 2 ] || exit 1',
    "r": "stopifnot(f() == 2)",
    "tcl": "if {[f] != 2} { error no }",
    "c": "#include <assert.h>\nint main() { assert(f() == 2); }",
    "cpp": "#include <cassert>\nint main() { assert(f() == 2); }",
    "csharp": "class T { static void Main() { Debug.Assert(P.F() == 2); } }",
    "rust": "fn main() { assert_eq!(f(), 2); }",
    "go": "func main() { if F() != 2 { panic(1) } }",
}
ANSWERS = {
    "python": "def f(): return @",
    "javascript": "function f() { return @; }",
    "typescript": "export function f(): number { return @; }",
    "php": "<?php\nfunction f() { return @; }",
    "ruby": "def f; @; end",
    "perl": "sub f { return @; }",
    "lua": "local function f() return @ end",
    "bash": "f() { echo @; }",
    "r": "f <- function() @",
    "tcl": "proc f {} { return @ }",
    "c": "int f() { return @; }",
    "cpp": "int f() { return @; }",
    "csharp": "using System;\nusing System.Diagnostics;\npublic class P { public static int F() { return @; } }",
    "rust": "fn f() -> i32 { @ }",
    "go": "func F() int { return @ }",
}
LEAVING_OUT = {
    "python": ["'''", "if 0:", "raise SystemExit"],
    "javascript": ["return;", "if (0)", "/*", "process.on('exit', () => { process.exitCode = 0; }); throw 1;"],
    "typescript": ["return;", "if (0)"],
    "php": ["?>", "return;", "__halt_compiler();", "?><?php /* ", "if (0): ?>", "exit(0);"],
    "ruby": ["__END__", "return", "=begin", "exit!(0)", "at_exit { exit!(0) }; exit"],
    "perl": ["__END__", "=pod", "return 1;", "END { $? = 0 } exit 0;"],
    "lua": ["do return end", "--[[", "os.exit(0)"],
    "bash": ["return 0", ": <<X", "trap 'exit 0' EXIT; exit 1", "if false; then"],
    "r": ["if (FALSE)", "FALSE &&", "quit(status = 0)"],
    "tcl": ["return", "exit 0", "if 0 {"],
    "c": ["#if 0", "/*", "int main() { return 0; }\n#if 0"],
    "cpp": ["#if 0", "#define main other\n#include <cassert>"],
    "csharp": ["#if false", "class D { static void Main() {} }\n#if false"],
    "rust": ["/*", "#[cfg(any())]\nmod x {"],
    "go": ["/*", "func main() {}\n/*"],
}
HARMLESS = {
    "javascript": ["require('assert').deepEqual = () => {};", "process.on('uncaughtException', () => {});"],
    "php": ["ini_set('zend.assertions', '0'); set_exception_handler(function ($e) {});"],
    "ruby": ["def raise(*) end", "module Kernel; def raise(*) end; end", "class Integer; def ==(other) true end; end"],
    "perl": ["BEGIN { *CORE::GLOBAL::die = sub { 1 } }"],
    "lua": ["local function assert() end", "function assert() end"],
    "bash": ["[() { return 0; }", "exit() { :; }; unset() { :; }; builtin() { :; }", "trap ':' EXIT ERR"],
    "r": ["stopifnot <- function(...) 0"],
    "c": ["#define NDEBUG", "#define assert(x)"],
    "cpp": ["#define NDEBUG"],
    "csharp": [
        "class Debug { public static void Assert(bool fine) {} }",
        "class Q { static int q = R(); static int R() { Debug.Listeners.Clear(); return 0; } }",
    ],
    "rust": ["macro_rules! assert_eq { ($($x:tt)*) => {} }"],
    "go": ["func panic(x any) {}"],
}  # fmt: skip
TRICKS = [
    (language, ending) for table in (LEAVING_OUT, HARMLESS) for language, endings in table.items() for ending in endings
]
HARMLESS_ENDINGS = {
    "php": "?>",
    "perl": "__END__\nfree text: }",
    "lua": "return { f = f }",
    "bash": "[ 1 = 2 ]",
    "javascript": "const assert = require('assert');\nmodule.exports = { f };",
    "typescript": "import assert from 'node:assert';\nexport default f;",
    "ruby": "F = DATA.read\n__END__\nfree text",
    "c": "#define NDEBUG",
    "rust": 'fn main() { println!("{}", f()); }',
}
"""What people write behind an answer without meaning any harm."""


@pytest.mark.parametrize(("language", "ending"), TRICKS)
def test_a_wrong_answer_stays_wrong(language: str, ending: str, sandbox: Sandbox) -> None:
    if isinstance(missing := ready(language), str):
        pytest.skip(f"{language}: {missing}")
    answer = ANSWERS[language].replace("@", "1")
    result = sandbox.run(language, f"{answer}\n{ending}\n", TESTS[language])
    assert result.state in ("fail", "error", "compile"), result


@pytest.mark.parametrize("language", ANSWERS)
def test_the_right_answer_passes_the_same_tests(language: str, sandbox: Sandbox) -> None:
    if isinstance(missing := ready(language), str):
        pytest.skip(f"{language}: {missing}")
    answer = ANSWERS[language].replace("@", "2")
    for ending in ("", HARMLESS_ENDINGS.get(language, "")):
        result = sandbox.run(language, f"{answer}\n{ending}\n", TESTS[language])
        assert result.state == "pass", result

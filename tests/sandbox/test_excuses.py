"""A program is excused (`infra`) only for what its tests need and this machine lacks, never for what an answer says or throws."""

import pytest

from syncode.sandbox import Sandbox, ready

JS = "const assert = require('assert'); // it may test whatever it wants\nassert(add(1, 2) === 3);"
WRONG = [
    ("javascript", "const q = require('./add');\nfunction add(a, b) { return a - b; }", JS),
    ("javascript", "function add(a, b) { throw new Error(\"Cannot find module '.'\"); }", JS),
    ("javascript", "function add(a, b) { throw new Error(\"Cannot find module 'assert'\"); }", JS),
    ("javascript", "function add(a, b) { return a - b; }\nit('adds', () => {});", JS),
    ("javascript", "function tset(a) { return a + 1; }", "const assert = require('assert');\nassert(test(1) === 2);"),
    ("cpp", "#include <add.h>\nint add(int a, int b) { return a - b; }",
     "#include <cassert>\nint main() { assert(add(1, 2) == 3); }"),
    ("go", "package main\n\nimport \"testing/add\"\n\nfunc Add(a, b int) int { return add.X(a) }",
     "package main\n\nimport \"testing\"\n\nfunc TestAdd(t *testing.T) { if Add(1, 2) != 3 { t.Fatal(\"add\") } }"),
    ("ruby", "def add(a, b) raise LoadError, 'cannot load such file -- set' end", "require 'set'\nraise unless add(1, 2) == 3"),
    ("lua", "function add(a, b) return require('s')(a, b) end", "assert(add(1, 2) == 3)"),
    ("perl", "use add;\nsub add { 1 }", "die unless add(1, 2) == 3;"),
    ("r", "library(add)\nadd <- function(a, b) a - b", "stopifnot(add(1, 2) == 3)"),
    ("rust", "use regex::Regex;\nfn add(a: i32, b: i32) -> i32 { Regex::new(\"a\"); a - b }",
     "fn main() { assert_eq!(add(1, 2), 3); }"),
    ("bash", "add() { ./add.sh; }", 'set -e\nadd 1 2 > sum\n[ "$(cat sum)" = 3 ]'),
    ("python", "import sys\nsys.stderr.write('No such file or directory')\nsys.exit(127)", "assert add(1, 2) == 3"),
    ("python", "import os, sys\nsys.stderr.write('Unsupported: these tests')\nsys.stderr.flush()\nos._exit(104)",
     "assert add(1, 2) == 3"),
    ("python", "import os\ndef add(a, b): os._exit(104)", "def test_add(capsys_of_mine=1):\n    assert add(1, 2) == 3"),
    ("python", "import sys\nsys.modules['math'] = None\ndef add(a, b): return a - b", "import math\nassert add(1, 2) == 3"),
    ("python", "exec(compile('def add(a, b): raise ModuleNotFoundError(\"No module named \\'math\\'\")', 'tests.py', 'exec'))",
     "import math\nassert add(1, 2) == 3"),
]  # fmt: skip
EXCUSED = [
    ("javascript", "function add(a, b) { return a + b; }", "describe('add', () => { it('adds', () => {}); });", "describe"),
    ("javascript", "function add(a, b) { return a + b; }", "if (add(1, 2) !== 3) throw 1; require('chai-x');", "chai-x"),
    ("cpp", "int add(int a, int b) { return a + b; }", "#include <x/gtest.h>\nint main() { add(1, 2); }", "x/gtest.h"),
    ("go", "package main\n\nfunc Add(a, b int) int { return a + b }",
     "package main\n\nimport (\n\t\"testing\"\n\n\t\"x.org/y\"\n)\n\nfunc TestAdd(t *testing.T) { y.Z(Add(1, 2)) }", "x.org/y"),
    ("java", "class S { static int add(int a, int b) { return a + b; } }",
     "import static org.junit_x.Assert.*;\npublic class Main { public static void main(String[] a) { S.add(1, 2); } }",
     "org.junit_x"),
    ("csharp", "class S { public static int Add(int a, int b) { return a + b; } }",
     "using NUnitX.Framework;\nclass T { static void Main() { S.Add(1, 2); } }", "NUnitX"),
    ("php", "function add($a, $b) { return $a + $b; }", "require 'vendor/x.php';\nadd(1, 2);", "vendor/x.php"),
    ("typescript", "function add(a, b) { return a + b; }", "import { z } from 'zod-x';\nz(add(1, 2));", "zod-x"),
    ("ruby", "def add(a, b) a + b end", "raise unless add(1, 2) == 3\nrequire 'rspec-x/core'", "rspec-x/core"),
    ("lua", "function add(a, b) return a + b end", "assert(add(1, 2) == 3)\nlocal x = require('lpeg.x')", "lpeg.x"),
    ("perl", "sub add { $_[0] + $_[1] }", "die unless add(1, 2) == 3;\nuse Test::X;", "Test::X"),
    ("r", "add <- function(a, b) a + b", "stopifnot(add(1, 2) == 3)\nlibrary(test.x)", "test.x"),
    ("tcl", "proc add {a b} {expr {$a + $b}}", "add 1 2\npackage require x::y", "x::y"),
    ("rust", "fn add(a: i32, b: i32) -> i32 { a + b }",
     "use regex::Regex;\nfn main() { Regex::new(\"a\"); add(1, 2); }", "regex"),
    ("python", "def add(a, b): return a + b", "assert add(1, 2) == 3\nfrom x_y.z import w", "x_y"),
    ("python", "def add(a, b): return a + b",
     "def test_a():\n    assert add(1, 2) == 3\n\ndef test_b(mocker):\n    add(1, 2)", "mocker"),
    ("python", "def add(a, b): return a + b", "import pytest\ndef test():\n    add(1, 2)\n    pytest.freeze_x()", "freeze_x"),
]  # fmt: skip


@pytest.mark.parametrize(("language", "code", "tests"), WRONG)
def test_a_wrong_answer_cannot_excuse_itself(language: str, code: str, tests: str, sandbox: Sandbox) -> None:
    if isinstance(missing := ready(language), str):
        pytest.skip(f"{language}: {missing}")
    assert sandbox.run(language, code, tests).state in ("error", "compile", "fail")


@pytest.mark.parametrize(("language", "code", "tests", "needs"), EXCUSED)
def test_what_the_tests_themselves_lack_is_no_fault_of_an_answer(
    language: str, code: str, tests: str, needs: str, sandbox: Sandbox
) -> None:
    if isinstance(missing := ready(language), str):
        pytest.skip(f"{language}: {missing}")
    result = sandbox.run(language, code, tests)
    assert (result.state, needs in result.reason) == ("infra", True), result

"""A correct program, a wrong one and their tests for each language: what `doctor` and the test suite run first."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Sample:
    """`good` passes the tests, `bad` does not, `quits` ends with exit code 0 before them."""

    good: str
    bad: str
    quits: str
    tests: str


def _sample(code: str, quits: str, tests: str) -> Sample:
    """The wrong program subtracts where the right one adds."""
    return Sample(code, code.replace("+", "-"), quits, tests)


SAMPLES = {
    "python": _sample("def add(a, b):\n    return a + b\n", "import sys\nsys.exit(0)\n", "assert add(2, 3) == 5\n"),
    "javascript": _sample(
        "function add(a, b) { return a + b; }\n", "process.exit(0);\n", "require('assert').strictEqual(add(2, 3), 5);\n"
    ),
    "typescript": _sample(
        "function add(a: number, b: number): number { return a + b; }\n",
        "declare const process: any;\nprocess.exit(0);\n",
        "declare var require: any;\nrequire('assert').strictEqual(add(2, 3), 5);\n",
    ),
    "java": _sample(
        "class Solution { static int add(int a, int b) { return a + b; } }\n",
        "class Solution { static int add(int a, int b) { System.exit(0); return 0; } }\n",
        "public class Main { public static void main(String[] words) { assert Solution.add(2, 3) == 5; } }\n",
    ),
    "c": _sample(
        "int add(int a, int b) { return a + b; }\n",
        "#include <stdlib.h>\nint add(int a, int b) { exit(0); }\n",
        "#include <assert.h>\nint main(void) { assert(add(2, 3) == 5); return 0; }\n",
    ),
    "cpp": _sample(
        "int add(int a, int b) { return a + b; }\n",
        "#include <cstdlib>\nint add(int a, int b) { std::exit(0); }\n",
        "#include <cassert>\nint main() { assert(add(2, 3) == 5); }\n",
    ),
    "csharp": _sample(
        "using System;\nclass Solution { public static int Add(int a, int b) { return a + b; } }\n",
        "using System;\nclass Solution { public static int Add(int a, int b) { Environment.Exit(0); return 0; } }\n",
        "using System.Diagnostics;\nclass Test { static void Main() { Debug.Assert(Solution.Add(2, 3) == 5); } }\n",
    ),
    "go": _sample(
        "func Add(a int, b int) int { return a + b }\n",
        'import "os"\n\nfunc Add(a int, b int) int { os.Exit(0); return 0 }\n',
        'func main() { if Add(2, 3) != 5 { panic("Assertion failed") } }\n',
    ),
    "rust": _sample(
        "fn add(a: i32, b: i32) -> i32 { a + b }\n",
        "fn add(_: i32, _: i32) -> i32 { std::process::exit(0) }\n",
        "#[cfg(test)]\nmod tests {\n    use super::*;\n    #[test]\n    fn adds() { assert_eq!(add(2, 3), 5); }\n}\n",
    ),
    "php": _sample(
        "<?php\nfunction add($a, $b) { return $a + $b; }\n", "<?php\nexit(0);\n", "assert(add(2, 3) === 5);\n"
    ),
    "ruby": _sample("def add(a, b) = a + b\n", "exit(0)\n", 'raise "Assertion failed" unless add(2, 3) == 5\n'),
    "bash": _sample(
        "add() { echo $(($1 + $2)); }\n",
        "exit 0\n",
        '[ "$(add 2 3)" = 5 ] || { echo "Assertion failed" >&2; exit 1; }\n',
    ),
    "perl": _sample(
        "sub add { return $_[0] + $_[1]; }\n", "exit 0;\n", 'die "Assertion failed" unless add(2, 3) == 5;\n'
    ),
    "lua": _sample("function add(a, b) return a + b end\n", "os.exit(0)\n", "assert(add(2, 3) == 5)\n"),
    "r": _sample("add <- function(a, b) a + b\n", "quit(status = 0)\n", "stopifnot(add(2, 3) == 5)\n"),
    "elixir": _sample(
        "defmodule Solution do\n  def add(a, b), do: a + b\nend\n",
        "System.halt(0)\n",
        'unless Solution.add(2, 3) == 5, do: raise "Assertion failed"\n',
    ),
    "haskell": _sample(
        "add :: Int -> Int -> Int\nadd a b = a + b\n",
        "import System.Exit\nimport System.IO.Unsafe\nadd :: Int -> Int -> Int\nadd _ _ = unsafePerformIO exitSuccess\n",
        'main :: IO ()\nmain = if add 2 3 == 5 then return () else error "Assertion failed"\n',
    ),
    "tcl": _sample(
        "proc add {a b} { expr {$a + $b} }\n", "exit 0\n", 'if {[add 2 3] != 5} { error "Assertion failed" }\n'
    ),
    "kotlin": _sample(
        "fun add(a: Int, b: Int): Int = a + b\n",
        "import kotlin.system.exitProcess\nfun add(a: Int, b: Int): Int { exitProcess(0) }\n",
        "fun main() { assert(add(2, 3) == 5) }\n",
    ),
    "scala": _sample(
        "object Solution { def add(a: Int, b: Int): Int = a + b }\n",
        "object Solution { def add(a: Int, b: Int): Int = { System.exit(0); 0 } }\n",
        "object Main { def main(words: Array[String]): Unit = assert(Solution.add(2, 3) == 5) }\n",
    ),
}
"""One row for each row of the language table."""

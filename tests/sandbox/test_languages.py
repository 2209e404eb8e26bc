"""Each language of the table: a right program passes, wrong ones get their state; an absent toolchain is infra."""

from dataclasses import replace

import pytest

from syncode.sandbox import LANGUAGES, Sandbox, Source, find, ready
from syncode.sandbox.languages import compiled, golang, scripted, toolchains
from syncode.sandbox.languages.joining import HASHES, join
from syncode.sandbox.limits import MEBIBYTE, Limits
from syncode.sandbox.samples import SAMPLES

UNREADABLE = {
    "python": "def f(:\n",
    "javascript": "function f( {\n",
    "typescript": "function f( {\n",
    "java": "class Solution { int f( { }\n",
    "c": "int f( {\n",
    "cpp": "int f( {\n",
    "csharp": "class Solution { int F( { }\n",
    "go": "func F( {\n",
    "rust": "fn f( {\n",
    "php": "<?php\nfunction f( {\n",
    "ruby": "def f(\n  )(\nend end\n",
    "bash": "f() { if true; }\n",
    "perl": "sub f { my ( = 1; }\n",
    "lua": "function f( end\n",
    "r": "f <- function( {\n",
    "tcl": "proc f {} { if {1} { \n",
    "elixir": "defmodule F do\n",
    "haskell": "f = (\n",
    "kotlin": "fun f( {\n",
    "scala": "object F { def f( }\n",
}
ENDLESS = {
    "python": "while True: pass\n",
    "javascript": "for (;;) ;\n",
    "typescript": "for (;;) ;\n",
    "java": "public class Main { public static void main(String[] words) { for (;;) ; } }\n",
    "c": "int main(void) { for (;;) ; }\n",
    "cpp": "int main() { volatile int x = 0; for (;;) x = 1; }\n",
    "csharp": "class Solution { static void Main() { for (;;) ; } }\n",
    "go": "package main\nfunc main() { for { } }\n",
    "rust": "fn main() { loop { std::hint::spin_loop() } }\n",
    "php": "<?php\nwhile (true) ;\n",
    "ruby": "loop { }\n",
    "bash": "while :; do :; done\n",
    "perl": "1 while 1;\n",
    "lua": "while true do end\n",
    "r": "repeat { }\n",
    "tcl": "while 1 {}\n",
    "elixir": "defmodule F do\n  def go, do: go()\nend\nF.go()\n",
    "haskell": "main :: IO ()\nmain = main\n",
    "kotlin": "fun main() { while (true) { } }\n",
    "scala": "object Main { def main(words: Array[String]): Unit = while (true) { } }\n",
}
HUNGRY = {
    "python": "x = bytearray(1 << 31)\n",
    "javascript": "const x = []; for (;;) x.push(Buffer.alloc(1 << 24, 1));\n",
    "typescript": "declare var Buffer: any; const x: any[] = []; for (;;) x.push(Buffer.alloc(1 << 24, 1));\n",
    "java": "public class Main { public static void main(String[] w) { byte[][] x = new byte[999][]; "
    "for (int i = 0; i < 999; i++) x[i] = new byte[1 << 24]; } }\n",
    "c": "#include <stdlib.h>\n#include <string.h>\nint main(void) { for (;;) { char *x = malloc(1 << 24); "
    "if (!x) abort(); memset(x, 1, 1 << 24); } }\n",
    "cpp": "#include <vector>\nint main() { std::vector<std::vector<char>> x; for (;;) x.emplace_back(1 << 24, 'x'); }\n",
    "csharp": "using System.Collections.Generic;\nclass Solution { static void Main() { var x = new List<byte[]>(); "
    "for (;;) { var y = new byte[1 << 24]; for (int i = 0; i < y.Length; i += 4096) y[i] = 1; x.Add(y); } } }\n",
    "go": "package main\nfunc main() { x := [][]byte{}; for { y := make([]byte, 1<<24); "
    "for i := range y { y[i] = 1 }; x = append(x, y); _ = x } }\n",
    "rust": "fn main() { let mut x = vec![]; loop { x.push(vec![1u8; 1 << 24]); } }\n",
    "php": "<?php\n$x = ''; while (true) { $x .= str_repeat('x', 1 << 24); }\n",
    "ruby": "x = []; loop { x << 'x' * (1 << 24) }\n",
    "bash": 'x=xxxxxxxxxxxxxxxx; while :; do x="$x$x"; done\n',
    "perl": "my @x; push @x, 'x' x (1 << 24) while 1;\n",
    "lua": "local x = {} while true do x[#x + 1] = string.rep('x', 2^24) .. #x end\n",
    "r": "x <- list(); repeat { x[[length(x) + 1]] <- rep(1, 2^21) }\n",
    "elixir": "defmodule F do\n  def go(x), do: go([:binary.copy(<<1>>, 16777216 + length(x)) | x])\nend\nF.go([])\n",
    "haskell": "main :: IO ()\nmain = print (foldr (+) 0 xs + foldl (+) 0 xs) where xs = [1 .. 10 ^ 9] :: [Integer]\n",
    "kotlin": "fun main() { val x = ArrayList<ByteArray>(); while (true) x.add(ByteArray(1 shl 24)) }\n",
    "scala": "object Main { def main(words: Array[String]): Unit = { var x = List[Array[Byte]](); "
    "while (true) x = new Array[Byte](1 << 24) :: x } }\n",
    "tcl": "set x {}; while 1 { lappend x [string repeat x[llength $x] 8000000] }\n",
}
SMALL = Limits(seconds=120, compile_seconds=120, memory=384 * MEBIBYTE)


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    if isinstance(missing := ready(name), str):
        pytest.skip(f"{name}: {missing}")
    return name


@pytest.mark.parametrize("table", [SAMPLES, UNREADABLE, ENDLESS, HUNGRY])
def test_every_language_has_its_programs(table: dict[str, object]) -> None:
    assert set(table) == set(LANGUAGES)


def test_a_right_program_passes_and_wrong_ones_do_not(language: str, sandbox: Sandbox) -> None:
    sample = SAMPLES[language]
    right = sandbox.run(language, sample.good, sample.tests)
    assert right.state == "pass", right
    wrong = sandbox.run(language, sample.bad, sample.tests)
    assert wrong.state == "fail", wrong
    gone = sandbox.run(language, sample.quits, sample.tests)
    assert gone.state == "error", gone


def test_a_program_that_does_not_parse(language: str, sandbox: Sandbox) -> None:
    result = sandbox.run(language, UNREADABLE[language], "")
    assert result.state == "compile", result


def test_a_program_without_end(language: str, sandbox: Sandbox) -> None:
    result = sandbox.run(language, ENDLESS[language], "", limits=replace(sandbox.isolation.limits, seconds=1))
    assert result.state == "timeout", result
    assert result.compile_seconds < 60


def test_a_program_that_wants_all_memory(language: str, sandbox: Sandbox) -> None:
    with Sandbox(replace(sandbox.isolation, limits=SMALL)) as small:
        result = small.run(language, HUNGRY[language], "")
    assert result.state == "oom", result


@pytest.mark.parametrize(
    ("name", "code", "tests", "state"),
    [
        ("lua", "function f() return 1 end", "assert(f() == 2, 'two')", "fail"),
        ("lua", "function f() return nil + 1 end", "assert(f() == 2, 'two')", "error"),
        ("tcl", "proc f {} { return 1 }", "package require tcltest\n::tcltest::test a b {f} 1\n", "pass"),
        (
            "tcl",
            "proc f {} { return 1 }",
            "package require tcltest\n::tcltest::test a b {f} 2\n::tcltest::cleanupTests",
            "fail",
        ),
        ("javascript", "for (;;) console.log('x'.repeat(1000))", "", "forbidden"),
        ("typescript", "for (;;) console.error('x'.repeat(1000))", "", "forbidden"),
        ("csharp", "class P { static void Main() { System.Environment.FailFast(null); } }", "", "error"),
    ],
)
def test_what_a_language_says_is_understood(name: str, code: str, tests: str, state: str, sandbox: Sandbox) -> None:
    if isinstance(missing := ready(name), str):
        pytest.skip(f"{name}: {missing}")
    result = sandbox.run(name, code, tests)
    assert result.state == state, result


def test_a_toolchain_that_is_not_there_is_infra_and_says_what_to_install(sandbox: Sandbox) -> None:
    absent = [name for name in LANGUAGES if isinstance(ready(name), str)]
    for name in absent:
        result = sandbox.run(name, SAMPLES[name].good, SAMPLES[name].tests)
        assert result.state == "infra"
        assert "install" in result.reason
    assert sandbox.run("brainfuck", "+").state == "infra"


def test_names_and_aliases() -> None:
    assert [find(name).name for name in ("C++", "c#", "Golang", "sh", "TS", "py") if find(name)] == [  # type: ignore[union-attr]
        "cpp", "csharp", "go", "bash", "typescript", "python",
    ]  # fmt: skip
    assert find("klingon") is None


@pytest.mark.parametrize(
    ("number", "usable"), [("4.8.4", False), ("5.4", False), ("5.5.2", True), ("7.0.2", True), ("unknown", True)]
)
def test_a_typescript_that_would_fail_right_answers_is_not_used(number: str, usable: bool) -> None:
    told = scripted.old_typescript("tsc", number)
    assert told is None if usable else told and number in told


def test_a_command_in_a_home_folder_is_not_taken() -> None:
    assert toolchains.locate("surely-no-such-command") is None


def test_braces_that_the_tests_bring_along() -> None:
    code = "int f() {\n  return 1; // }\n  char c = '}'; const char *s = \"}\";\n}\n"
    main = "int main() { return f(); }"
    assert join(code, "}\n" + main).split() == join(code, main).split() == [*code.split(), *main.split()]
    assert join(code.rstrip().removesuffix("}"), "}\n" + main).split() == join(code, main).split()
    shell = "f() {\n  echo ${#1} '}' # }\n}\n"
    assert join(shell + "f 1\n", "}\nf 2", HASHES) == shell + "f 1\n\n\nf 2\n"


def test_tests_go_into_the_class_that_they_close() -> None:
    code = "class P { static int f() { return 1; } }\nclass Demo { static void g() { } }\n"
    text = join(code, "  }\n  static void h() { f(); }\n}\n", inside=True)
    inside = "class P { static int f() { return 1; } static void h() { f(); } } class Demo { static void g() { } }"
    assert " ".join(text.split()) == inside


def test_an_answer_in_a_newer_standard(sandbox: Sandbox) -> None:
    if isinstance(missing := ready("cpp"), str):
        pytest.skip(f"cpp: {missing}")
    code = "#include <vector>\n#include <algorithm>\n#include <concepts>\ntemplate <std::integral T> T f(T x) { return x + 1; }\n"
    assert sandbox.run("cpp", code, "#include <cassert>\nint main() { assert(f(1) == 2); }").state == "pass"


def test_go_keeps_the_imports_that_are_used() -> None:
    source = Source(
        'package main\nimport (\n "fmt"\n "strings"\n)\n// strings.Builder\nfunc F() { fmt.Println() }\n', "", "t"
    )
    text = golang.merged(source)
    assert '"fmt"' in text
    assert '"strings"' not in text
    assert text.count("package main") == 1


@pytest.mark.parametrize(
    ("language", "code", "tests", "line"),
    [
        ("go", 'package main\n\nimport "os"\n\nfunc f() int {\n\tnot(os.Args)\n', "func main() {}", 6),
        ("java", "import java.util.*;\nimport java.io.*;\n\nclass S {\n  not it;\n", "class Main { List<S> s; }", 5),
        ("csharp", "using System;\nusing System.Linq;\nclass S {\n  not it;\n", "using System.Text;\nclass T { }", 4),
    ],
)
def test_lines_of_an_answer_keep_their_numbers(language: str, code: str, tests: str, line: int) -> None:
    source = Source(f"{code}}}\n", tests, "t")
    made = {
        "go": lambda: golang.merged(source),
        "java": lambda: compiled.java_text(source.code, tests).text,
        "csharp": lambda: compiled.csharp_text(source.code, tests)[0],
    }[language]()
    assert "not" in made.split("\n")[line - 1]


def test_go_helps_fragments_with_imports_but_not_whole_files() -> None:
    body = "func F() int { return math.MaxInt }\n"
    assert '"math"' in golang.merged(Source(body, "", "t"))
    assert '"math"' not in golang.merged(Source("package main\n" + body, "", "t"))

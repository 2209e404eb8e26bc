"""Programs that read stdin and functions that are called with data: what runs in the sandbox, and what is never there."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from syncode.sandbox import Cache, Isolation, Limits, Ready, Result, Sandbox, ready
from syncode.sandbox.built import Allowed, Built, build, run
from syncode.sandbox.program import Outcome, Program
from syncode.schemas.records import Row
from syncode.stages.execute.jobs import Job, job_of
from syncode.stages.execute.stage import Bench, execute

DOUBLE = [{"input": "2\n", "output": "4\n"}, {"input": "-7", "output": "-14"}]


@pytest.fixture(scope="module")
def quick(isolation: Isolation) -> Iterator[Sandbox]:
    with Sandbox(replace(isolation, limits=Limits(seconds=1))) as opened:
        yield opened


def one(row: dict[str, Any], bench: Bench) -> Row:
    (made,) = execute({"id": "x", **row}, bench)
    return made


def seen(row: dict[str, Any], sandbox: Sandbox) -> tuple[str, list[str], str]:
    """Return the state, those of the tests, and the reason."""
    made = one(row, Bench(sandbox, rerun=False))
    return made["state"], [result["state"] for result in made["results"]], made.get("reason", "")


DOUBLES = {
    "python": "import sys\ndef main():\n    print(int(sys.stdin.buffer.readline()) * 2)\nif __name__ == '__main__':\n    main()",
    "c": '#include <stdio.h>\nint main() { long n; scanf("%ld", &n); printf("%ld", 2 * n); }',
    "cpp": "#include <iostream>\nint main() { long n; std::cin >> n; std::cout << 2 * n << '\\r' << std::endl; }",
    "java": "package a.b;\nimport java.util.*;\npublic class Any { public static void main(String[] a) {"
    " System.out.println(2 * new Scanner(System.in).nextLong()); System.exit(0); } }",
    "csharp": "using System;\nclass P { static void Main() { Console.WriteLine(2 * long.Parse(Console.ReadLine())); } }",
    "go": 'package main\nimport "fmt"\nfunc main() { var n int; fmt.Scan(&n); fmt.Println(2 * n) }',
    "rust": "fn main() { let mut s = String::new(); std::io::stdin().read_line(&mut s).unwrap();"
    ' println!("{}", 2 * s.trim().parse::<i64>().unwrap()); }',
    "javascript": "console.log(2 * Number(require('fs').readFileSync(0, 'utf8')));",
    "typescript": "import * as fs from 'fs';\nconst n: number = Number(fs.readFileSync('/dev/stdin'));\nconsole.log(2 * n);",
    "php": "<?php\necho 2 * intval(fgets(STDIN)), PHP_EOL;",
    "ruby": "puts gets.to_i * 2",
    "bash": "read -r n\necho $((2 * n))",
    "perl": "my $n = <STDIN>; print 2 * $n;",
    "lua": "print(io.read('n') * 2)",
    "r": "n <- scan(file('stdin'), quiet = TRUE); cat(2 * n, '\\n')",
    "tcl": "puts [expr {2 * [gets stdin]}]",
}


@pytest.mark.parametrize("language", DOUBLES)
def test_a_whole_program_in_every_language(language: str, sandbox: Sandbox) -> None:
    if not isinstance(tools := ready(language), Ready):
        pytest.skip(tools)
    row = {"code": DOUBLES[language], "language": language, "tests": DOUBLE, "time_limit": 10}
    right = one(row, Bench(sandbox))
    counts = {"total": 2, "passed": 2, "failed": 0, "errors": 0, "skipped": 0}
    assert (right["state"], right["evidence"], right["tests"]) == ("pass", "separate", counts), right
    wrong = one({**row, "tests": [DOUBLE[0], {"input": "3", "output": "7"}]}, Bench(sandbox, fraction=True))
    assert (wrong["state"], wrong["score"], wrong["reason"][:15]) == ("fail", 0.5, "test 1: line 1:"), wrong


@pytest.mark.parametrize(
    ("code", "state", "reason"),
    [
        ("print(4)", "fail", "test 1: line 1: '4', expected '-14'"),
        ("pass", "fail", "test 0: it wrote nothing, expected '4'"),
        ("print(4); 1 / 0", "error", "test 0: exit 1: ZeroDivisionError: division by zero"),
        ("print(int(input()) * 2); input()", "error", "test 0: exit 1: EOFError: EOF when reading a line"),
        ("print(int(input()) * 2); raise SystemExit(101)", "error", "test 0: "),
        ("import os; print(int(input()) * 2, flush=True); os._exit(108)", "error", "test 0: "),
        ("def f(:", "compile", "SyntaxError: invalid syntax"),
        ("while True: print('x' * 1000)", "forbidden", "test 0: it wrote more than the output limit"),
        ("while True: pass", "timeout", "test 0: "),
        ("x = bytearray(3 << 30)", "oom", "test 0: killed for memory"),
        ("print(int(input()) * 2); exit()", "pass", ""),
        ("import os; print(int(os.read(0, 99)) * 2, end='')", "pass", ""),
        ("print(int(open('/dev/stdin').read()) * 2)", "pass", ""),
        ("import sys; sys.stdout.write('%d \\r\\n\\n' % (int(next(sys.stdin)) * 2))", "pass", ""),
    ],
)
def test_how_programs_end(code: str, state: str, reason: str, quick: Sandbox) -> None:
    made = one({"code": code, "tests": DOUBLE, "memory_limit": 900}, Bench(quick, rerun=False))
    assert (made["state"], made["passed"]) == (state, state == "pass"), made
    assert made.get("reason", "").startswith(reason)


def test_nothing_that_is_expected_is_in_the_sandbox(sandbox: Sandbox) -> None:
    """A program looks for it in files, in its environment and in every process and descriptor that it can see."""
    secret = "7391825460"
    code = (
        "import glob, os\nfound = []\n"
        "for name in [*glob.glob('/box/**', recursive=True, include_hidden=True), *glob.glob('/tmp/**', recursive=True),\n"
        "             *glob.glob('/proc/[0-9]*/environ'), *glob.glob('/proc/[0-9]*/cmdline'), *glob.glob('/proc/[0-9]*/fd/*')]:\n"
        "    try:\n"
        "        descriptor = os.open(name, os.O_RDONLY | os.O_NONBLOCK)\n"
        "        found.append(os.read(descriptor, 1 << 20))\n"
        "    except OSError:\n"
        "        pass\n"
        "whole = b' '.join(found)\n"
        "at = whole.find(b'739182' + b'5460')\n"
        "print(whole[at:at + 10].decode() if at >= 0 else 'not found')\n"
    )
    state, _, reason = seen({"code": code, "tests": [{"input": "1", "output": secret}]}, sandbox)
    assert (state, reason) == ("fail", f"test 0: line 1: 'not found', expected '{secret}'")


def test_a_run_leaves_nothing_to_the_next_one(sandbox: Sandbox) -> None:
    code = (
        "import os\nn = int(input())\nif os.path.exists('left') or os.path.exists('/tmp/left'):\n    print('seen')\nelse:\n"
        "    open('left', 'w').close(); open('/tmp/left', 'w').close()\n    print(2 * n)\n"
    )
    assert seen({"code": code, "tests": DOUBLE}, sandbox)[0] == "pass"
    c = '#include <stdio.h>\nint main() { FILE *f = fopen("left", "r"); long n; scanf("%ld", &n);'
    c += ' if (f) puts("seen"); else { fclose(fopen("left", "w")); printf("%ld", 2 * n); } }'
    if isinstance(ready("c"), Ready):
        assert seen({"code": c, "language": "c", "tests": DOUBLE}, sandbox)[0] == "pass"


def test_inputs_big_empty_and_of_windows(sandbox: Sandbox) -> None:
    big = "1 " * (5 << 20)
    code = "import sys\ndata = sys.stdin.read()\nprint(len(data), sum(map(int, data.split())))\n"
    tests = [{"input": big, "output": f"{len(big)} {5 << 20}"}, {"input": "", "output": "0 0"},
             {"input": "1\r\n2\r\n", "output": "4 3\r\n"}, {"input": "1\r2\n", "output": "4 3"}]  # fmt: skip
    state, states, reason = seen({"code": code, "tests": tests}, sandbox)
    assert (state, states[:2], reason) == ("pass", ["pass", "pass"], "")


def test_an_output_of_many_megabytes_is_compared_whole(sandbox: Sandbox) -> None:
    lines = "".join(f"{number}\n" for number in range(1_500_000))
    code = "n = int(input())\nprint(*range(n - 1), n - 1 + {0}, sep='\\n')"
    row = {"tests": [{"input": "1500000", "output": lines}]}
    assert seen({**row, "code": code.format(0)}, sandbox)[0] == "pass"
    assert seen({**row, "code": code.format(1)}, sandbox)[2] == "test 0: line 1500000: '1500000', expected '1499999'"


def test_the_first_failure_ends_the_run_only_if_asked(quick: Sandbox) -> None:
    row = {"code": "print(4)", "tests": [DOUBLE[1], DOUBLE[0], DOUBLE[1]]}
    all_run = one(row, Bench(quick))
    assert all_run["tests"] == {"total": 3, "passed": 1, "failed": 2, "errors": 0, "skipped": 0}
    stopped = one(row, Bench(quick, stop_early=True))
    assert stopped["tests"] == {"total": 3, "passed": 0, "failed": 1, "errors": 0, "skipped": 2}
    assert len(stopped["results"]) == 1


def test_a_limit_is_the_tasks_own_times_what_the_language_needs(quick: Sandbox) -> None:
    code = "import time\nstart = time.process_time()\nwhile time.process_time() - start < 1.6: pass\nprint(int(input()) * 2)"
    row = {"code": code, "tests": DOUBLE[:1]}
    assert seen(row, quick)[0] == "timeout"  # of `--timeout`, which is 1 s here
    assert seen({**row, "time_limit": "1 second"}, quick)[0] == "pass"
    assert seen({**row, "timeout": 3}, quick)[0] == "pass"
    assert seen({**row, "timeout": 0.5}, quick)[0] == "timeout"


def test_memory_beyond_the_tasks_limit_is_told_apart(quick: Sandbox) -> None:
    code = "x = bytearray(200 << 20)\nprint(int(input()) * 2)"
    state, _, reason = seen({"code": code, "tests": DOUBLE[:1], "memory_limit": 64}, quick)
    assert state == "oom" and reason.endswith("MiB of 96 MiB")
    assert seen({"code": code, "tests": DOUBLE[:1], "memory_limit": 256}, quick)[0] == "pass"


def test_results_are_remembered_and_what_decides_is_part_of_their_name(isolation: Isolation, tmp_path: Path) -> None:
    cache = str(tmp_path / "results.db")
    row = {"code": "print(int(input()) * 2)", "tests": DOUBLE}
    with Sandbox(isolation, Cache(cache)) as opened:
        first = one(row, Bench(opened))
    with Sandbox(isolation, Cache(cache)) as opened:
        opened.outcome = None  # type: ignore[method-assign,assignment] # nothing is run
        assert one(row, Bench(opened)) == first
    with Sandbox(isolation, Cache(cache)) as opened:
        assert one({**row, "tests": [{"input": "2\n", "output": "5"}]}, Bench(opened))["state"] == "fail"
        assert one({**row, "compare": "exact"}, Bench(opened))["state"] == "fail"


SOLUTION = (
    "class Solution:\n    def shift(self, values: List[int], by: int):\n        print('noise')\n        return {}\n"
)
CALLS = {
    "input_output": {"fn_name": "shift", "inputs": [[[1, 2], 3], [[], 1]], "outputs": [[[4, 5]], [[]]]},
    "language": "python",
}


@pytest.mark.parametrize(
    ("returned", "state"),
    [
        ("[value + by for value in values]", "pass"),
        ("tuple(value + by for value in values)", "pass"),
        ("deque(value + by for value in values)", "pass"),
        ("[4, 5]", "fail"),
        ("None", "fail"),
        ("type('All', (list,), {'__eq__': lambda self, other: True})()", "fail"),
        ("type('All', (), {'__eq__': lambda self, other: True})()", "error"),
        ("__import__('os')._exit(0)", "error"),
        ("exit()", "error"),
        ("undefined", "error"),
    ],
)
def test_a_function_is_called_and_its_result_compared_outside(returned: str, state: str, quick: Sandbox) -> None:
    row = {**CALLS, "code": SOLUTION.format(returned)}
    made = one(row, Bench(quick))
    assert (made["state"], made["evidence"]) == (state, "separate"), made
    assert made["tests"]["total"] == 2 and made["tests"]["passed"] < 2 + (state == "pass")


def test_a_function_at_the_top_is_called_too(quick: Sandbox) -> None:
    code = "from __future__ import annotations\ndef shift(values, by):\n    return [pow(each + by, 1, 99) for each in values]"
    assert seen({**CALLS, "code": code}, quick)[0] == "pass"
    assert seen({**CALLS, "code": "def other(): pass"}, quick)[0] == "error"
    by_name = {"fn_name": "shift", "inputs": [{"by": 3, "values": [1, 2]}], "outputs": [[4, 5]]}
    assert seen({"input_output": by_name, "code": code}, quick)[0] == "pass"
    assert seen({**CALLS, "code": "def shift(:"}, quick)[0] == "compile"


TESTLIB = (
    "import sys\ngiven, output, answer = (open(name).read().split() for name in sys.argv[1:])\n"
    "if sum(map(int, output)) != int(given[0]):\n    print('wrong sum', file=sys.stderr)\n    sys.exit(1)\n"
)
OPEN_R1 = (
    "import sys\n_, given, answer, output = (open(name).read().split() for name in [__file__, *sys.argv[1:]])\n"
    "print(1 if sum(map(int, output)) == int(given[0]) else 0)\n"
)


@pytest.mark.parametrize(
    ("code", "checker", "state", "reason"),
    [
        ("print(4, 1)", {"checker": TESTLIB}, "pass", ""),
        ("print(4, 2)", {"checker": TESTLIB}, "fail", "test 0: wrong sum"),
        ("print(4, 1)", {"generated_checker": OPEN_R1}, "pass", ""),
        ("print(4, 2)", {"generated_checker": OPEN_R1}, "fail", "test 0: the checker gave 0"),
        ("print('x')", {"generated_checker": OPEN_R1}, "fail", "test 0: the checker stumbled: exit 1: ValueError"),
        ("print(4, 1)", {"generated_checker": "import absent"}, "infra", "test 0: the checker failed: exit 1"),
        ("print(4, 1)", {"generated_checker": "print('yes')"}, "infra", "test 0: the checker failed: it printed 'yes'"),
        ("print(4, 1)", {"checker": "import absent"}, "infra", "test 0: the checker failed: exit 1"),
        ("print('x')", {"checker": TESTLIB}, "fail", "test 0: the checker stumbled: exit 1: ValueError"),
        ("print(4, 1)", {"checker": "import sys; sys.exit(3)"}, "infra", "test 0: the checker failed: exit 3"),
        ("print(4, 1)", {"checker": "#nonsense <"}, "pass", ""),
        ("print(4, 1)", {"checker": {"code": "int main( {", "language": "c"}}, "infra", "test 0: the checker does not"),
        ("print('1'); exit(1)", {"checker": TESTLIB}, "error", "test 0: exit 1"),
    ],
)
def test_checkers(code: str, checker: Row, state: str, reason: str, quick: Sandbox) -> None:
    made = one({"code": code, "tests": [{"input": "5", "output": "2 3"}], **checker}, Bench(quick))
    assert (made["state"], made.get("reason", "")[: len(reason)]) == (state, reason), made
    assert made["passed"] is (None if state == "infra" else state == "pass")


def test_a_checker_runs_where_no_answer_has_been_and_will_be(isolation: Isolation) -> None:
    ran: list[tuple[str, bool]] = []

    class Watched(Sandbox):
        def outcome(self, program: Program, limits: Limits, seed: int = 0, half: str = "") -> Outcome:
            ran.append((half, any("2 3" in str(content) for content in program.files.values())))
            return super().outcome(program, limits, seed, half)

    with Watched(isolation) as opened:
        row = {"code": "print(4, 1)", "tests": [{"input": "5", "output": "2 3"}], "checker": TESTLIB}
        assert one(row, Bench(opened))["state"] == "pass"
    assert ran == [("", False), ("tests", True)]


def test_files_beside_a_program_and_instead_of_its_streams(sandbox: Sandbox) -> None:
    row = {
        "code": "from helper.twice import twice\nprint(twice(int(open('input.txt').read())), file=open('output.txt', 'w'))",
        "files": {"helper/twice.py": "def twice(n): return 2 * n\n", "data.txt": "é"},
        "tests": DOUBLE,
        "input_mode": "file",
    }
    assert seen(row, sandbox)[0] == "pass"
    assert seen({**row, "code": "print(4)"}, sandbox)[:2] == ("fail", ["fail", "fail"])
    assert seen({**row, "files": {"main.py": ""}}, sandbox)[0] == "infra"


def test_what_compiles_is_compiled_once(sandbox: Sandbox) -> None:
    if not isinstance(ready("c"), Ready):
        pytest.skip("no C compiler")
    built = build(sandbox, "c", DOUBLES["c"], {})
    assert isinstance(built, Built) and isinstance(built.files["program"], bytes)
    for number in (2, -7):
        result = run(sandbox, built, str(number).encode(), Allowed(2, 10))
        assert (result.state, result.stdout) == ("pass", str(2 * number))
    assert isinstance(build(sandbox, "brainfuck", "+", {}), Result)


def test_answers_take_language_and_function_from_their_task() -> None:
    messages = [{"role": "user", "content": "Double it."}]
    task = {"id": "t", "messages": messages, "official_tests": DOUBLE}
    cpp = "```cpp\n#include <iostream>\nint main() { }\n```"
    job = job_of({"task_id": "t", "text": cpp}, {"t": task})
    assert isinstance(job, Job) and job.language == "cpp" and job.code.startswith("#include")
    called = {"id": "f", "messages": messages, **CALLS}
    text = (
        f"```python\n{SOLUTION.format('1')}```\nFor example:\n```python\n{'print(Solution().shift([1], 2))' * 9}\n```"
    )
    job = job_of({"task_id": "f", "text": text}, {"f": called})
    assert isinstance(job, Job) and job.code.startswith("class Solution") and "shift([1]" not in job.code
    sample = {"messages": [*messages, {"role": "assistant", "content": cpp}], "test_cases": DOUBLE}
    job = job_of(sample, {})
    assert isinstance(job, Job) and (job.language, job.cases is not None) == ("cpp", True)


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({"tests": [{"input": "1"}]}, "no_tests: test 0 has an input, and no output to compare with"),
        ({"tests": DOUBLE, "files": {"../x": ""}}, "no_tests: 'files' holds '../x'"),
        (
            {"tests": DOUBLE, "interaction_format": "Ask."},
            "no_tests: it is an interactive problem, and has no 'interactor'",
        ),
    ],
)
def test_tests_that_cannot_be_run_are_no_pass(row: Row, why: str) -> None:
    found = job_of({"code": "print(4)", **row}, {})
    assert isinstance(found, str) and found.startswith(why)


def test_a_program_with_an_input_alone_is_only_run(quick: Sandbox) -> None:
    made = one({"code": "print(input())", "stdin": "5"}, Bench(quick, fraction=True))
    assert (made["state"], made["evidence"], made["tests"]["total"], made["score"]) == ("pass", "none", 0, None)


def test_modules_that_a_task_declares_and_nobody_has_are_infra(quick: Sandbox) -> None:
    row = {"code": "def f(): return 1", "tests": "assert f() == 1", "libs": ["os", "no_such_module.part", "json"]}
    made = one(row, Bench(quick))
    assert (made["state"], made["passed"]) == ("infra", None)
    assert made["reason"].startswith("the task needs no_such_module, which is not installed")
    assert os.path.sep not in made["reason"]


GUESSING = (
    "import sys\nsecret = int(open(sys.argv[1]).read())\nfor _ in range(10):\n    guess = int(input())\n"
    "    if guess == secret:\n        print('=', flush=True)\n        sys.exit(0)\n"
    "    print('<' if secret < guess else '>', flush=True)\nprint('too many', file=sys.stderr)\nsys.exit(1)\n"
)
HALVING = (
    "low, high = 1, 1000\nwhile True:\n    middle = (low + high) // 2\n    print(middle, flush=True)\n    said = input()\n"
    "    if said == '=':\n        break\n    low, high = (low, middle - 1) if said == '<' else (middle + 1, high)\n"
)


@pytest.mark.parametrize(
    ("code", "state", "reason"),
    [
        (HALVING, "pass", ""),
        (
            "n = 0\nwhile True:\n    n += 1\n    print(n, flush=True)\n    if input() == '=': break",
            "fail",
            "test 0: too many",
        ),
        ("pass", "fail", "test 0: the interactor stumbled: exit 1: EOFError"),
        ("print('x', flush=True)", "fail", "test 0: the interactor stumbled: exit 1: ValueError"),
        ("print('x', flush=True); input()", "error", "test 0: exit 1: EOFError"),
        ("input()", "timeout", "test 0: wall clock"),
        ("1 / 0", "error", "test 0: exit 1: ZeroDivisionError"),
        ("print(open('input.txt').read(), flush=True)", "error", "test 0: exit 1: FileNotFoundError"),
        (f"{HALVING}\n1 / 0", "error", "test 0: exit 1: ZeroDivisionError"),
    ],
)
def test_an_interactor_talks_to_the_answer(code: str, state: str, reason: str, quick: Sandbox) -> None:
    if quick.isolation.backend == "sandlock":
        pytest.skip("two programs cannot be joined here")
    row = {"code": code, "tests": [{"input": "37"}, {"input": "1000"}], "interactor": GUESSING, "timeout": 0.5}
    made = one(row, Bench(quick, rerun=False))
    assert (made["state"], made["evidence"]) == (state, "separate"), made
    assert made.get("reason", "").startswith(reason)


def test_a_broken_interactor_is_nobodys_failure(quick: Sandbox) -> None:
    row = {"code": "print(1); input()", "tests": [{"input": "1"}]}
    for source in ("import absent", "undefined", {"code": "int main( {", "language": "c"}):
        made = one({**row, "interactor": source}, Bench(quick))
        assert (made["state"], made["passed"]) == ("infra", None), made


def test_a_sample_is_read_as_a_reply_whatever_its_field_is_called(quick: Sandbox) -> None:
    reply = "```python\nprint(2 * int(input()))\n```"
    assert one({"prompt": "Double it.", "completion": reply, "test_cases": DOUBLE}, Bench(quick))["state"] == "pass"
    assert one({"instruction": "Double it.", "output": reply, "test_cases": DOUBLE}, Bench(quick))["state"] == "pass"


def test_without_isolation_files_outlive_the_program_that_wrote_them(isolation: Isolation) -> None:
    with Sandbox(replace(isolation, backend="none", groups=None)) as opened:
        built = build(opened, "python", "open('output.txt', 'w').write('4')", {}, "output.txt")
        assert isinstance(built, Built)
        assert run(opened, built, b"", Allowed(2, 10)).stdout == "4"

"""Answer and tests in one process, in every language but Python: what an answer does to the language does not reach its tests.

`shared/wrong.jsonl` holds wrong answers, each a member of a kind, `right.jsonl` right ones that come close to one,
`nothing.jsonl` tests that assert nothing, `newer.jsonl` what compilers say that are too old.
"""

import json
import secrets
from pathlib import Path
from typing import Any

import pytest

from syncode.sandbox import Sandbox, Source, ready
from syncode.sandbox.languages import native
from syncode.sandbox.languages.aging import newer
from syncode.sandbox.languages.counting import fallible

FOLDER = Path(__file__).parent / "shared"


def rows(name: str) -> list[Any]:
    """Return the rows of a file as parameters."""
    read = [json.loads(line) for line in (FOLDER / name).read_text(encoding="utf-8").splitlines()]
    return [pytest.param(row, id=f"{row['language']}-{row['kind']}") for row in read]


def run(row: dict[str, str], sandbox: Sandbox) -> Any:
    """Return the result of a row in one process, though its tests might be run apart from the answer."""
    if isinstance(tools := ready(row["language"]), str):
        pytest.skip(f"{row['language']}: {tools}")
    source = Source(row["code"], row["tests"], secrets.token_hex(16))
    return sandbox._judged(tools, source, sandbox.isolation.limits, 0)


@pytest.mark.parametrize("row", rows("wrong.jsonl"))
def test_a_wrong_answer_does_not_pass(row: dict[str, str], sandbox: Sandbox) -> None:
    result = run(row, sandbox)
    assert result.state in ("fail", "error", "compile", "forbidden"), result


@pytest.mark.parametrize("row", rows("right.jsonl"))
def test_a_right_answer_passes_and_its_tests_are_counted(row: dict[str, str], sandbox: Sandbox) -> None:
    result = run(row, sandbox)
    assert result.state == "pass", result
    if row["language"] != "python":
        assert result.tests["total"] == result.tests["passed"] >= 1


@pytest.mark.parametrize("row", rows("nothing.jsonl"))
def test_tests_that_assert_nothing_decide_nothing(row: dict[str, str], sandbox: Sandbox) -> None:
    result = run(row, sandbox)
    assert result.state == "no_tests", result


@pytest.mark.parametrize("row", rows("newer.jsonl"))
def test_a_compiler_that_is_too_old_is_no_fault_of_the_program(row: dict[str, str]) -> None:
    assert (newer(row["language"], row["code"], row["said"]) or "").startswith(row["found"])
    assert newer(row["language"], "int f( {", "main.x(1,8): error CS1525: main.x:1:8: error: syntax error") is None


SHELL = 'set -o; shopt; trap; declare -F; echo "${-//c/}"\n'


def test_bash_is_as_without_the_driver(sandbox: Sandbox) -> None:
    with_tests = sandbox.run("bash", "x=1", f"{SHELL}[ 1 = 1 ]")
    alone = sandbox.run("bash", f"x=1\n{SHELL}")
    assert with_tests.state == alone.state == "pass"
    assert "inherit_errexit\toff" in with_tests.stdout
    assert with_tests.stdout == alone.stdout


@pytest.mark.parametrize(
    ("language", "tests", "can_fail"),
    [
        ("c", "int main(void) { if (f() != 2) return 1; return 0; }", True),
        ("c", 'int main(void) { printf("assert"); return 0; } // assert', False),
        ("ruby", "puts f == 2 ? 'ok' : 'raise'", False),
        ("ruby", "raise 'no' unless f == 2", True),
        ("bash", 'echo "$(f)"', False),
        ("bash", '[ "$(f)" = 2 ] || exit 1', True),
        ("go", 'func main() { fmt.Println("panic") }', False),
        ("go", 'func main() { if f() != "[1]" { panic(f()) }; if g() != "[2]" { g() } }', True),
        ("bash", 'x="$(f)"; echo "$(false)"', True),
        ("rust", "fn main() { assert_eq!(f(), 2); }", True),
        ("swift", "anything", True),
    ],
)
def test_whether_tests_could_fail_is_read_in_them(language: str, tests: str, can_fail: bool) -> None:
    assert fallible(language, tests) is can_fail


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("assert(f(3) == 9);", "assert( ::syncode::same((f(3)), (9)) );"),
        ("assert (a == b && c != d);", "assert ( ::syncode::same((a), (b)) && !::syncode::same((c), (d)) );"),
        ('if (s("==") == x) return 1;', 'if ( ::syncode::same((s("==")), (x)) ) return 1;'),
        ("assert(p == NULL); assert(q == nullptr);", None),
        ("assert(a < 1e-6); bool same = a == b;", None),
        ("assert(a == b ? c : d);", None),
    ],
)
def test_comparisons_of_cpp_tests_are_ours(before: str, after: str | None) -> None:
    assert native.compared(before) == (after or before)


def test_a_function_that_the_tests_are_about_keeps_its_name() -> None:
    own = "int abs(int x) { return x; }\n"
    assert native.guarded(own, "int main(void) { return abs(-3) != 3; }").startswith(own)
    beside = native.guarded(f"{own}int f(int x) {{ return 0; }}\n", "int main(void) { return abs(f(3) - 9) > 0; }")
    assert "abs_of_the_answer(int x)" in beside

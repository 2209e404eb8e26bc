"""From what the sandbox saw to one word: what was killed, by which limit."""

from dataclasses import replace

import pytest

from syncode.sandbox.cell import outcome as exits
from syncode.sandbox.languages import LANGUAGES, find
from syncode.sandbox.program import Outcome, Program, Step, StepResult
from syncode.sandbox.states import judge, judge_pair

DONE = StepResult(status=0, seconds=0.1, cpu=0.1, memory=1000, stdout="", stderr="")


@pytest.mark.parametrize(
    ("killed", "running", "compiling"),
    [
        ("disk", "error", "error"),
        ("memory", "oom", "compile"),
        ("time", "timeout", "compile"),
        ("output", "forbidden", "forbidden"),
        ("abandoned", "infra", "infra"),
    ],
)
def test_a_limit_that_killed_a_program(killed: str, running: str, compiling: str) -> None:
    cpp = find("cpp")
    assert cpp is not None
    assert judge(cpp, Outcome((DONE,), 1.0, killed=killed), steps=2).state == running
    assert judge(cpp, Outcome((), 1.0, killed=killed), steps=2).state == compiling
    assert killed != "disk" or "disk" in judge(cpp, Outcome((DONE,), 1.0, killed=killed), steps=2).reason


@pytest.mark.parametrize(
    ("language", "said", "lacks"),
    [
        ("javascript", "Error: Cannot find module '@org/js-md5'", "@org/js-md5"),
        ("javascript", "ReferenceError: it is not defined", "it"),
        ("perl", "Can't locate A/B.pm in @INC (you may need to install the A::B module) (@INC contains: /etc)", "A::B"),
        ("rust", "error[E0432]: unresolved import `regex`", "regex"),
        ("rust", "error: unresolved import `regex`", ""),  # what `compile_error!` prints
        ("python", "ModuleNotFoundError: No module named 'a.b'; 'a' is not a package", "a.b"),
        ("python", "ModuleNotFoundError: No module named 'a'\nValueError: 1", ""),
        ("r", "Error in library(a.b) : there is no package called ‘a.b’", "a.b"),
    ],
)
def test_what_a_program_says_it_lacks_is_noted_and_decides_nothing(language: str, said: str, lacks: str) -> None:
    row = find(language)
    assert row is not None
    result = judge(row, Outcome((replace(DONE, status=256, stderr=f"{said}\n"),), 1.0), steps=1)
    assert (result.state, result.lacks) == ("error", lacks)


@pytest.mark.parametrize(
    ("language", "name", "tests", "loads"),
    [
        ("javascript", "zod", "import { z } from 'zod';", True),
        ("javascript", "zod", 'const z = require("zod/lib"); // zod', False),
        ("javascript", ".", "const z = require('zod');", False),
        ("python", "a", "import b, a.c", True),
        ("python", "a", "import ab\nprint('import a')", False),
        ("ruby", "rspec", "require('rspec')", True),
        ("ruby", "rspec", "require 'rspec/core'", False),
        ("perl", "A::B", "use A::B qw(c);", True),
        ("perl", "A", "use A::B;", False),
        ("lua", "re", "local re = require 're'", True),
        ("lua", "re", "require 'lpeg.re'", False),
        ("r", "testthat", "testthat::expect_true(TRUE)", True),
        ("r", "test", "library(testthat)", False),
        ("tcl", "a::b", "package require a::b 1.2", True),
        ("tcl", "a", "package require a::b", False),
        ("rust", "regex", "use regex::Regex;", True),
        ("rust", "regex", "use my_regex::Regex;", False),
        ("cpp", "gtest/gtest.h", "#include <gtest/gtest.h>", True),
        ("c", "gtest.h", '#include "gtest/gtest.h"', False),
        ("go", "github.com/x/y", 'import (\n\t"testing"\n\t"github.com/x/y"\n)', True),
        ("go", "x/y", 'import "github.com/x/y"', False),
        ("java", "org.junit", "import static org.junit.Assert.*;", True),
        ("java", "org", "import org.junit.Test;", False),
        ("php", "vendor/autoload.php", "require_once 'vendor/autoload.php';", True),
        ("javascript", "it", "describe('x', () => {\n  it('y', async () => {});\n});", True),
        ("javascript", "expect", "test('x', () => { expect(f(1)).toBe(2); });", True),
        ("javascript", "test", "assert.strictEqual(test('x', 1), 2); // test it", False),
        ("ruby", "RSpec", "RSpec.describe 'x' do\nend", True),
        ("ruby", "describe", "raise unless describe(1) == 2", False),
    ],
)
def test_a_module_is_loaded_by_its_whole_name(language: str, name: str, tests: str, loads: bool) -> None:
    row = find(language)
    assert row is not None
    assert (row.modules.alone(name, tests) is not None) is loads


def test_the_exit_code_of_a_compiler_that_says_nothing_is_reported() -> None:
    cpp = find("cpp")
    assert cpp is not None
    assert judge(cpp, Outcome((replace(DONE, status=3 << 8),), 1.0), steps=2).reason == "the compiler ended with 3"
    long = replace(DONE, status=127 << 8, stderr="x" * 500)
    assert judge(cpp, Outcome((long,), 1.0), steps=2).reason == f"no compiler for cpp: {'x' * 200}"


def test_a_compiler_that_says_the_place_or_the_reason_below_is_quoted_with_it() -> None:
    for language, said, reason in (
        ("rust", "error[E0308]: mismatched\n --> main.rs:2:21\n  |\n", "main.rs:2:21: error[E0308]: mismatched"),
        ("haskell", "\nmain.hs:7:11: error:\n    No instance for it\n", "main.hs:7:11: error: No instance for it"),
    ):
        row = find(language)
        assert row is not None
        assert judge(row, Outcome((replace(DONE, status=1 << 8, stderr=said),), 1.0), steps=2).reason == reason


def test_an_undecided_run_which_is_never_remembered_has_no_time_of_its_own() -> None:
    cpp = find("cpp")
    assert cpp is not None
    missing = replace(DONE, status=127 << 8, stderr="no such compiler")
    for seconds in (0.1, 0.2):
        result = judge(cpp, Outcome((replace(missing, seconds=seconds),), 10 * seconds), steps=2)
        assert (result.state, result.seconds, result.compile_seconds) == ("infra", 0.0, 0.0)
        assert "no such compiler" in result.stderr


def test_an_answer_that_does_not_compile_alone_is_tried_with_its_tests() -> None:
    row = LANGUAGES["rust"]
    program = Program({}, (Step(("rustc",), 1.0), Step(("./program",), 1.0)), ())
    tests = Outcome((DONE, replace(DONE, status=exits.GONE << 8)), 1.0)
    found = [
        judge_pair(
            row, (program, program), (tests, Outcome((replace(DONE, status=256, stderr=f" --> {place}:1:1\n"),), 1.0))
        )
        for place in ("syncode_serve.rs", "main.rs")
    ]
    assert all(isinstance(each, str) for each in found)

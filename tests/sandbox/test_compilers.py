"""Compilers that stay open: verdicts as those of fresh ones, nothing that one program leaves to the next, no lost word."""

import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from syncode.sandbox import Isolation, Limits, Sandbox, ready
from syncode.sandbox.samples import SAMPLES

JVM = ("java", "kotlin", "scala")


@pytest.fixture(scope="module")
def warm(isolation: Isolation) -> Iterator[Sandbox]:
    if isolation.backend == "sandlock":
        pytest.skip("sandlock joins no two programs")
    with Sandbox(replace(isolation, limits=Limits(seconds=20))) as opened:
        for language in JVM:
            opened.run(language, SAMPLES[language].good, SAMPLES[language].tests)  # the first one is compiled as ever
        yield opened


@pytest.mark.parametrize("language", JVM)
def test_verdicts_are_those_of_a_fresh_compiler(language: str, warm: Sandbox) -> None:
    if isinstance(missing := ready(language), str):
        pytest.skip(missing)
    sample = SAMPLES[language]
    programs = {
        f"{sample.good}\n": "pass",
        sample.bad: "fail",
        sample.quits: "error",
        f"{sample.good} class {{": "compile",
    }
    for code, state in programs.items():
        result = warm.run(language, code, sample.tests)
        assert result.state == state, result
    assert "Main." in result.reason, "what the compiler says names the file, and no folder"
    assert warm._compilers is not None and any(name.endswith(OPEN[language]) for name in warm._compilers._open)


OPEN = {"java": "javac", "kotlin": "K2JVMCompiler", "scala": "Main"}


def test_nothing_of_a_program_is_there_for_the_next_one(warm: Sandbox) -> None:
    tests = "public class Main { public static void main(String[] words) { assert Helper.one() == 1; } }\n"
    helper = "class Helper { static int one() { return 1; } }\n"
    assert warm.run("java", helper, tests).state == "pass"
    assert warm.run("java", "class Other { }\n", tests).state == "compile"


def test_a_compiler_that_dies_or_gives_up_costs_no_verdict(warm: Sandbox) -> None:
    sample = SAMPLES["java"]
    assert warm.run("java", f"{sample.good}//1\n", sample.tests).state == "pass"
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes()
        except OSError:
            continue
        if b"SyncodeCompiler.java\0javac" in words:
            os.kill(int(process.name), signal.SIGKILL)
    assert warm.run("java", f"{sample.good}//2\n", sample.tests).state == "pass"
    deep = "class Deep { int f() { return " + "(" * 20_000 + "1" + ")" * 20_000 + "; } }\n"
    assert warm.run("java", deep, "").state == "compile"
    assert warm.run("java", f"{sample.good}//3\n", sample.tests).state == "pass"

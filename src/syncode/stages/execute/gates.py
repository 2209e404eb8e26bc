"""Tests the tests: which candidates pass which, whether stubs and mutants pass too, and how far a set can be trusted."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from syncode.sandbox import UNDECIDED, Result, find
from syncode.schemas.records import Row, dropped
from syncode.stages.execute.given import NoTests, language_in, tests_of
from syncode.stages.execute.jobs import Job, reply_of
from syncode.stages.execute.mutants import Function, mutants, stubs
from syncode.stages.execute.settings import GateOptions
from syncode.stages.execute.stage import Bench, decide
from syncode.text import chats
from syncode.text.program import Wanted, find_program, wanted_by

Matrix = list[list[bool | None]]
"""programs x tests: passed, did not, or (None) nothing decided."""


def gates(row: Row, bench: Bench, options: GateOptions, seed: int) -> Iterator[Row]:
    """Yield the row with `evidence.gates`: the agreement matrix, each test's flags, TPR and TNR of the set.

    Reads candidates and tests from `candidates` and `tests` (lists of code), or from a Sample's evidence. The first candidate,
    or the one that a Sample chose, is the accepted answer: the one that the tests were written with.
    """
    read = programs_of(row)
    if isinstance(read, str):
        yield dropped(row, "execute.no_tests", read)
        return
    candidates, tests, accepted, language = read
    runner = _Runner(row, language, bench)
    answer = candidates[accepted]
    whole = _whole(row)
    if (
        len(tests) > 1
        and whole
        and not all(runner.matrix([answer], tests)[0])
        and runner.matrix([answer], [whole])[0][0]
    ):
        tests = [whole]  # each of them needs what those before it have done
    matrix = runner.matrix(candidates, tests)
    wrong = runner.matrix(stubs(answer), tests) if language == "python" else []
    planted = (
        runner.matrix(mutants(answer, options.mutants, seed, str(row.get("id", ""))), tests)
        if language == "python"
        else []
    )
    said = report(matrix, accepted, wrong, planted)
    said["accepted"] = bool(said["tests"]) and said["kills"] >= min(options.kill, len(planted)) and any(said["kept"])
    evidence = row.get("evidence")
    made = {**row, "evidence": {**(evidence if isinstance(evidence, dict) else {}), "gates": said}}
    yield dropped(made, "execute.gates", why_not(said)) if options.drop and not said["accepted"] else made


def programs_of(row: Row) -> tuple[list[str], list[str], int, str] | str:
    """Return (candidates, tests, number of the accepted candidate, language) of a row, or what it lacks."""
    named = language_in(row) or "python"
    language = known.name if isinstance(named, str) and (known := find(named)) else str(named)
    if isinstance(row.get("candidates"), list):
        candidates, tests, accepted = row["candidates"], row.get("tests") or [], 0
        if not isinstance(tests, list) or not all(isinstance(each, str) for each in (*candidates, *tests)):
            return "'candidates' and 'tests' should be lists of text"
    else:
        chosen, said = reply_of(row), _answers(row)
        accepted = said.index(chosen) if chosen in said else 0
        wanted = Wanted(language, "", wanted_by(_whole(row), language), chats.question(row))
        candidates = [find_program(text, wanted).code for text in said]
        tests = split(_whole(row)) if language == "python" else [_whole(row)]
    tests = [test for test in tests if test.strip()]
    if not tests:
        return "there are no tests"
    if not candidates or not candidates[accepted].strip():
        return "there is no program to test"
    return candidates, tests, accepted, language


def _evidence(row: Row, name: str) -> Any:
    evidence = row.get("evidence")
    return evidence.get(name) if isinstance(evidence, dict) else None


def _whole(row: Row) -> str:
    """Return the tests of a Sample; nothing for a row with lists of its own, or tests that are not code."""
    if isinstance(row.get("candidates"), list):
        return ""
    try:
        return tests_of(row)
    except NoTests:
        return ""


def _answers(row: Row) -> list[str]:
    """Return what the candidates of a Sample's evidence say; its own answer if there are none."""
    candidates = _evidence(row, "candidates")
    texts = [each.get("text") for each in candidates if isinstance(each, dict)] if isinstance(candidates, list) else []
    return [text for text in texts if isinstance(text, str)] or [reply_of(row)]


def split(text: str) -> list[str]:
    """Return Python tests one by one, each with the imports, values and helpers before it; [text] where it has no parts."""
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return [text]
    shared: list[ast.stmt] = []
    single: list[str] = []
    for node in body:
        if _is_test(node):
            single.append("\n".join(ast.unparse(each) for each in (*shared, node)) + "\n")
        else:
            shared.append(node)
    return single or [text]


def _is_test(node: ast.stmt) -> bool:
    """Return whether a statement tests something: a test function, a class with one, or whatever asserts where it stands."""
    if isinstance(node, Function):
        return node.name.startswith("test")
    if isinstance(node, ast.ClassDef):
        return any(isinstance(each, Function) and each.name.startswith("test") for each in node.body)
    return any(isinstance(each, ast.Assert) for each in ast.walk(node))


@dataclass
class _Runner:
    row: Row
    language: str
    bench: Bench

    def matrix(self, programs: Sequence[str], tests: Sequence[str]) -> Matrix:
        return [[self._passes(program, test) for test in tests] for program in programs]

    def _passes(self, program: str, test: str) -> bool | None:
        result: Result = decide(
            Job(str(self.row.get("id", "")), self.language, program, test, "gates"), self.bench
        ).result
        if result.state in UNDECIDED:
            self.bench.undecided.add()
            return None
        return result.state == "pass"


def report(matrix: Matrix, accepted: int, wrong: Matrix, planted: Matrix) -> dict[str, Any]:
    """Return what the matrices say (rows: candidates, stubs, mutants; columns: tests).

    A test is `kept` when the accepted candidate passes it, no stub does, and another candidate passes it too (if there is
    another). Weights follow CodeT's idea: a test counts by the share of candidates that pass it, a candidate by the weight of the
    tests that it passes. TPR: share of tests that the accepted candidate passes; TNR: share of stubs and mutants that fail a kept
    test.
    """
    count = len(matrix[0])
    others = [row for index, row in enumerate(matrix) if index != accepted]
    weights = [_share([row[test] for row in matrix]) for test in range(count)]
    tests: list[dict[str, Any]] = [
        {
            "weight": weights[test],
            "passes_accepted": matrix[accepted][test],
            "passes_stub": any(row[test] for row in wrong),
            "independent": any(row[test] for row in others) if others else None,
            "kills": sum(row[test] is False for row in planted),
        }
        for test in range(count)
    ]
    for test in tests:
        test["flags"] = flags(test, bool(planted))
    kept = [not set(test["flags"]) & {"wrong", "stub", "dependent"} for test in tests]
    bad = [*wrong, *planted]
    caught = [any(row[test] is False for test in range(count) if kept[test]) for row in bad]
    return {
        "matrix": matrix,
        "tests": tests,
        "kept": kept,
        "candidates": [sum(weight for weight, passed in zip(weights, row, strict=True) if passed) for row in matrix],
        "stubs": len(wrong),
        "mutants": len(planted),
        "kills": sum(caught[len(wrong) :]),
        "tpr": _share(matrix[accepted]),
        "tnr": sum(caught) / len(bad) if bad else None,
    }


def flags(test: dict[str, Any], tried: bool) -> list[str]:
    """Return what speaks against a test: the answer fails it, a stub passes it, only its own answer does, no mutant fails it."""
    found = {
        "wrong": test["passes_accepted"] is not True,
        "stub": test["passes_stub"],
        "dependent": test["independent"] is False,
        "no_mutant": tried and not test["kills"],
    }
    return [name for name, holds in found.items() if holds]


def _share(values: Sequence[bool | None]) -> float:
    decided = [value for value in values if value is not None]
    return sum(decided) / len(decided) if decided else 0.0


def why_not(said: dict[str, Any]) -> str:
    """Return why a set of tests does not hold."""
    if not any(said["kept"]):
        stub = sum(test["passes_stub"] for test in said["tests"])
        return f"no test is left: {stub} of {len(said['tests'])} pass on a stub"
    return f"{said['kills']} of {said['mutants']} mutants found wrong"

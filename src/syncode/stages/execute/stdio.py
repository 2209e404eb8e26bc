"""Runs a program on the inputs of its task, one process each, and compares what it writes, here and not in the sandbox.

No output that is expected is ever where the program could read it, so the evidence is `separate` whatever the program does.
"""

import json
from collections import Counter
from dataclasses import dataclass, replace

from syncode.sandbox import UNDECIDED, Ready, Result, Sandbox, State, find, ready
from syncode.sandbox.alone import Turnstile
from syncode.sandbox.built import Allowed, Built, build, run
from syncode.sandbox.cache import key
from syncode.sandbox.languages.assemble import driver
from syncode.sandbox.limits import MEBIBYTE
from syncode.schemas.records import Row, content_id
from syncode.stages.execute.checkers import Judge
from syncode.stages.execute.compare import difference, same_value, shown
from syncode.stages.execute.interactive import Partner
from syncode.text.cases import PRELUDE, Case, Cases
from syncode.text.program import put_before

VERSION = 1
"""Raise it when a comparison means something else: remembered results are found by it."""
FACTORS = {
    "java": 2.0,
    "csharp": 2.0,
    "go": 1.0,
    "c": 1.0,
    "cpp": 1.0,
    "rust": 1.0,
    "javascript": 2.0,
    "typescript": 2.0,
}
INTERPRETED = 5.0
"""A task's limit is meant for C++; others get this many times as much (chosen here, of the size that contest sites use)."""
STARTS = {"java": 1.0, "csharp": 0.5, "javascript": 0.5, "typescript": 0.5, "r": 0.5}
"""And these CPU seconds for the start of their runtime (chosen here)."""
ROOM = {"java": 256, "csharp": 192, "javascript": 128, "typescript": 128, "r": 128, "go": 64}
ROOM_ELSE = 32
"""MiB that a runtime may take beside the task's limit of memory (chosen here)."""
WALL, WALL_MORE, ALONE = 3.0, 2.0, 2.0
"""Wall clock: 3 times the CPU time and 2 s; a program that ran out of time runs again alone, with twice as much of it."""
FEWEST = 16 * MEBIBYTE
MOST = 64 * MEBIBYTE
"""Bytes that a program may write: twice what is expected, within these (chosen here)."""
KEPT = 4096
"""Characters of the outputs of a test that did not pass which are kept (chosen here)."""
RESULTS = 1000
"""Tests that are listed one by one in a row."""


@dataclass(frozen=True)
class Setting:
    """What runs need besides program and tests. `stop_early`: run no test after the first that does not pass."""

    sandbox: Sandbox
    turnstile: Turnstile
    rerun: bool = True
    stop_early: bool = False


@dataclass
class _Runner:
    """One program on its way through the tests."""

    language: str
    code: str
    cases: Cases
    setting: Setting
    seed: int
    checker: Judge | None = None
    partner: Partner | None = None
    built: Built | Result | None = None
    slow: bool = False

    def test(self, case: Case) -> Result:
        """Return the result of one test, remembered or found out."""
        sandbox = self.setting.sandbox
        asked = content_id(VERSION, vars(case), repr(replace(self.cases, cases=())))
        tools = ready(self.language) if find(self.language) else None
        stamp = tools.stamp if isinstance(tools, Ready) else ""
        toolchain = f"{sandbox.toolchain(self.language)}; {stamp}; {asked}"
        remembered = key((self.language, self.code, "stdin"), toolchain, sandbox.isolation.limits, self.seed)
        if (known := sandbox.cache.get(remembered)) is not None:
            return known
        result = self._judged(case, self._run(case))
        if result.state == "pass":
            result = replace(result, stdout="", stderr="")
        result = replace(result, stdout=_cut(result.stdout), stderr=_cut(result.stderr), lacks="")
        sandbox.cache.put(remembered, result)
        return result

    def _run(self, case: Case) -> Result:
        """Return what came of a run. What ran out of wall clock is run again, without neighbours and with more of it."""
        if self.built is None:
            with self.setting.turnstile.beside():
                self.built = self._build(1.0)
            if isinstance(self.built, Result) and self.built.late and self.setting.rerun:
                with self.setting.turnstile.alone():
                    self.built = self._build(ALONE)
        if isinstance(self.built, Result):
            return self.built
        built, allowed, stdin = self.built, self._allowed(case), self._stdin(case)
        if self.cases.reads:
            built, stdin = replace(built, files={**built.files, self.cases.reads: stdin}), b""
        with self.setting.turnstile.beside():
            result = self._once(built, case, stdin, allowed)
        if not result.late or self.slow or not self.setting.rerun:
            return result
        with self.setting.turnstile.alone():
            again = self._once(built, case, stdin, replace(allowed, wall=ALONE * allowed.wall))
        self.slow = again.late  # then its other runs are believed at once
        return again

    def _once(self, built: Built, case: Case, stdin: bytes, allowed: Allowed) -> Result:
        if self.cases.interactor is None:
            return run(self.setting.sandbox, built, stdin, allowed, self.seed)
        self.partner = self.partner or Partner(self.cases.interactor, self.setting.sandbox)
        return self.partner.talk(built, (_unix(case.input), case.output or ""), allowed, self.seed)

    def _build(self, patience: float) -> Built | Result:
        beside = dict(self.cases.files)
        if not self.cases.function:
            return build(self.setting.sandbox, self.language, self.code, beside, self.cases.writes, patience)
        if self.language != "python":
            return Result("infra", f"tests that call a function are for Python, the answer is in {self.language}")
        return build(
            self.setting.sandbox,
            "python",
            driver("caller.py"),
            {**beside, "answer.py": put_before(PRELUDE, self.code, "python")},
        )

    def _stdin(self, case: Case) -> bytes:
        called = {"name": self.cases.function, "arguments": case.input}
        text = json.dumps(called) if self.cases.function else _unix(case.input)
        return text.encode("utf-8", "surrogatepass")

    def _allowed(self, case: Case) -> Allowed:
        limits, cases, language = self.setting.sandbox.isolation.limits, self.cases, self.language
        cpu = limits.seconds if cases.timeout is None else cases.timeout
        if cases.seconds is not None:
            cpu = cases.seconds * FACTORS.get(language, INTERPRETED) + STARTS.get(language, 0.0)
        memory = None
        if cases.memory is not None:
            memory = cases.memory + ROOM.get(language, ROOM_ELSE) * MEBIBYTE
        expected = len(case.output) if isinstance(case.output, str) else 0
        return Allowed(cpu, WALL * cpu + WALL_MORE, memory, min(MOST, max(FEWEST, 2 * expected)))

    def _judged(self, case: Case, result: Result) -> Result:
        """Return the result of a run that ended well as what its output makes of it."""
        if result.state != "pass":
            return result
        state, reason = self._said(case, result.stdout)
        return replace(result, state=state, reason=reason)

    def _said(self, case: Case, output: str) -> tuple[State, str]:
        if self.cases.interactor is not None:
            return "pass", ""
        if self.cases.function:
            return _returned(output, case.output)
        if self.cases.checker is not None:
            self.checker = self.checker or Judge(self.cases.checker, self.setting.sandbox)
            with self.setting.turnstile.beside():
                return self.checker.decide(_unix(case.input), output, case.output or "")
        if case.output is None:
            return "pass", ""
        wrong = difference(output, case.output, self.cases.comparison)
        return ("fail", wrong) if wrong else ("pass", "")


def run_cases(program: tuple[str, str], cases: Cases, setting: Setting, seed: int = 0) -> tuple[Result, Row]:
    """Run (language, code) on each test; return the result of all, and evidence, counts and results as an Execution has them.

    The first test that did not pass gives state and reason. Where nothing failed and a test is undecided, all is.
    """
    language = known.name if (known := find(program[0])) else program[0]
    runner = _Runner(language, program[1], cases, setting, seed)
    results: list[Result] = []
    for case in cases.cases:
        results.append(runner.test(case))
        if setting.stop_early and results[-1].state != "pass":
            break
    compared = bool(cases.checker or cases.interactor) or any(case.output is not None for case in cases.cases)
    more: Row = {"evidence": "separate" if compared else "none"}
    more["tests"] = counts(results, len(cases.cases)) if compared else counts([], 0)
    if compared:
        named = zip(cases.cases, results, strict=False)
        more["results"] = [_told(case, result) for case, result in list(named)[:RESULTS]]
    return _together(results, runner), more


def counts(results: list[Result], total: int) -> dict[str, int]:
    """Return how many tests there are, and how many did what; those that were not run are `skipped`."""
    states = Counter(result.state for result in results)
    passed, failed = states["pass"], states["fail"]
    errors = len(results) - passed - failed
    return {"total": total, "passed": passed, "failed": failed, "errors": errors, "skipped": total - len(results)}


def _told(case: Case, result: Result) -> Row:
    told: Row = {"name": case.name, "state": result.state}
    if result.reason:
        told["reason"] = result.reason
    return {**told, "seconds": result.seconds} if result.seconds else told


def _together(results: list[Result], runner: _Runner) -> Result:
    decided = [number for number, result in enumerate(results) if result.state not in ("pass", *UNDECIDED)]
    undecided = [number for number, result in enumerate(results) if result.state in UNDECIDED]
    chosen = results[(decided or undecided or [0])[0]]
    if chosen.state == "compile" or not (decided or undecided):
        reason = chosen.reason
    else:
        name = runner.cases.cases[(decided or undecided)[0]].name
        reason = f"test {name}: {chosen.reason}"
    seconds = round(sum(result.seconds for result in results), 4)
    if chosen.state in UNDECIDED:
        seconds = 0.0
    return replace(chosen, reason=reason, seconds=seconds)


def _returned(output: str, wanted: object) -> tuple[State, str]:
    try:
        given = json.loads(output)
        if same_value(given, wanted):
            return "pass", ""
    except (ValueError, RecursionError):
        return "error", f"what it returned cannot be compared: {shown(output)}"
    return "fail", f"{shown(given)}, expected {shown(wanted)}"


def _unix(text: str) -> str:
    """Return an input whose lines all end as on Windows as a program there would read it."""
    return text.replace("\r\n", "\n") if text.count("\r\n") == text.count("\n") else text


def _cut(text: str) -> str:
    return text if len(text) <= KEPT else f"{text[: KEPT // 2]}\n[...]\n{text[-KEPT // 2 :]}"

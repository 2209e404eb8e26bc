"""From what happened to one word: `pass fail error compile timeout oom forbidden infra`, with the reason."""

import os
import re
import signal
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from syncode.sandbox.cell import outcome as exits
from syncode.sandbox.languages import Language
from syncode.sandbox.program import Outcome, Program, StepResult

State = Literal[
    "pass",
    "fail",
    "error",
    "compile",
    "timeout",
    "oom",
    "forbidden",
    "flaky",
    "infra",
    "no_code",
    "no_tests",
    "missing",
]

UNDECIDED: frozenset[State] = frozenset({"infra", "missing"})
"""States that say nothing about the answer: never counted as its failure (judging notes, section 11)."""

REFUSED = re.compile(
    r"Operation not permitted|Permission denied|Read-only file system|Network is unreachable|\bE(?:PERM|ACCES|ROFS)\b"
)
"""What programs print when the sandbox said no (chosen here); read only from the last lines of a run that has failed."""

EARLY: tuple[State, str] = ("error", "it ended before the last test")
COMMAND_MISSING = 127
"""Exit code of a shell for a command that is not there: a compiler may be a script (`tsc` begins with `env node`)."""


SLACK = 1.0
"""CPU seconds that an answer may use besides its tests (chosen here; the kernel's own limits are as coarse)."""
LATE = ("wall clock", "compiling took too long")
"""Reasons that another load of the machine might have spared a program."""


@dataclass(frozen=True)
class Result:
    """What is said about one program. `seconds` is the wall clock of its last step, `compile_seconds` of those before.

    Both are 0 if nothing was decided: a second run, which may not remember the first, writes the same bytes. `lacks`: the module
    that was not there, or what kept the tests from being run, by the program's own words (see `Sandbox.excused`).
    `longest`: wall clock of the test that took longest, where each had a limit of its own. `cut`: a test went wrong before the
    time was up, so not all is known of the others.
    """

    state: State
    reason: str
    seconds: float = 0.0
    compile_seconds: float = 0.0
    cpu: float = 0.0
    memory: int = 0
    stdout: str = ""
    stderr: str = ""
    lacks: str = ""
    evidence: str = ""
    tests: dict[str, int] = field(default_factory=dict)
    results: tuple[dict[str, Any], ...] = ()
    longest: float = 0.0
    cut: bool = False

    @property
    def late(self) -> bool:
        """Whether it was ended by the wall clock."""
        return self.reason in LATE


def judge_pair(
    language: Language, programs: tuple[Program, Program], outcomes: tuple[Outcome, Outcome]
) -> Result | str:
    """Return the result of tests that ran in a process of their own, or why they need the answer in theirs.

    Both tuples: tests, answer. What the process of the answer says of itself counts only if it has ended before the tests: that
    is an error of its own.
    """
    tests, answer = outcomes
    for each in outcomes:
        if each.problem is not None:
            return Result("infra", each.problem)
    steps, own = (len(each.steps) for each in programs)
    building = tests.steps[: steps - 1]
    if len(building) < steps - 1 or any(step.status for step in building):
        return "the tests do not compile without the answer"
    code = os.waitstatus_to_exitcode(tests.steps[-1].status) if len(tests.steps) == steps and not tests.killed else None
    if code == exits.INSEPARABLE:
        return tests.steps[-1].stderr.strip()[-300:] or "the tests reach into the process of the answer"
    alone = judge(language, answer, own)
    if alone.state == "compile" and own > 1:
        return "the answer does not compile without the tests"  # or not with what serves it: in one process it is known
    flooded = answer.killed in ("output", "memory", "disk")
    if (
        code == exits.GONE
        or flooded
        or (answer.killed in ("time", "cpu") and not tests.finished and code != exits.LATE)
    ):
        state, reason = (alone.state, alone.reason) if alone.state != "pass" else EARLY
        made = replace(alone, state=state, reason=reason)
    else:
        made = judge(language, tests, steps, driven=True)
    ran = [step for each in outcomes for step in each.steps]
    stderr = alone.stderr
    if made.state in ("fail", "error"):
        stderr += "".join(step.stderr for step in tests.steps)
    made = replace(
        made,
        seconds=0.0 if made.state in UNDECIDED else alone.seconds,
        compile_seconds=alone.compile_seconds,
        cpu=round(sum(step.cpu for step in ran), 4),
        memory=max((step.memory for step in answer.steps), default=0),
        stdout=alone.stdout,
        stderr=stderr,
    )
    return _in_time(with_reports(made, tests, "separate"), outcomes)


def _in_time(result: Result, outcomes: tuple[Outcome, Outcome]) -> Result:
    """Return a timeout if the answer has used more than tests in time can have: it did not let itself be interrupted."""
    tests, answer = outcomes
    times = next((each for each in reversed(tests.reports) if "most" in each), None)
    if times is None:
        return result
    if result.state == "pass" and sum(step.cpu for step in answer.steps) > times["most"] + SLACK:
        result = replace(result, state="timeout", reason="CPU time")
    return replace(result, longest=times["longest"])


def with_reports(result: Result, outcome: Outcome, evidence: str) -> Result:
    """Return a result with what the driver reported of single tests, and with how it came about."""
    final = next((each for each in reversed(outcome.reports) if isinstance(each.get("tests"), dict)), None)
    counts: dict[str, int] = {}
    results: Any = [each for each in outcome.reports if "name" in each]
    if final is not None:
        counts = {name: final["tests"].get(name, 0) for name in ("total", "passed", "failed", "errors", "skipped")}
        results = final.get("results")
        if result.state == "pass" and evidence != "none" and counts.get("total") == 0:
            result = replace(result, state="no_tests", reason="nothing was asserted")
        evidence = "shared" if final.get("asked") is True else evidence
    listed = tuple(each for each in results if isinstance(each, dict)) if isinstance(results, list) else ()
    wrong = next((each for each in listed if each.get("state") in ("fail", "error")), None)
    if wrong is not None and result.state == "timeout":  # tests that stop at the first wrong result would have said so
        result = replace(result, state=wrong["state"], reason=str(wrong.get("reason", "")), cut=True)
    return replace(result, evidence=evidence, tests=counts, results=listed)


def judge(language: Language, outcome: Outcome, steps: int, tested: bool = True, driven: bool = False) -> Result:
    """Return the state of a program that had `steps` steps. One that is not `tested` passes if it ends with exit code 0.

    `driven`: nothing of the answer was in it, so its exit codes are those of `cell.outcome`.
    """
    state, reason = _state(language, outcome, steps, driven or language.name == "python")
    if not tested and (state, reason) == EARLY:
        state, reason = "pass", ""
    done = outcome.steps
    last = done[-1] if done else None
    stdout, stderr = (last.stdout, last.stderr) if last and not any(outcome.unfinished) else outcome.unfinished
    if state in UNDECIDED:  # nothing is known of the program, its time included; and such a run is never remembered
        return Result(state, reason, stdout=stdout, stderr=stderr)
    compiled = done[: steps - 1]
    spent = (
        done[steps - 1].seconds
        if len(done) == steps
        else max(0.0, outcome.seconds - sum(step.seconds for step in done))
    )
    return Result(
        state,
        reason,
        seconds=round(spent, 4),
        compile_seconds=round(sum(step.seconds for step in compiled), 4),
        cpu=round(sum(step.cpu for step in done), 4),
        memory=max((step.memory for step in done), default=0),
        stdout=stdout,
        stderr=stderr,
        lacks=_lacks(language, last) if last and state in ("error", "compile") else "",
    )


def excuse(lacks: str) -> str:
    """Return why a program that lacked this, of no fault of its own, was not judged."""
    return (
        f"the tests cannot be run here: {lacks}" if " " in lacks else f"the tests need {lacks}, which is not installed"
    )


def _lacks(language: Language, last: StepResult) -> str:
    """Return the module that the last step did not find, or why the driver of Python or Lua has run no tests."""
    untestable = language.name in ("python", "lua") and os.waitstatus_to_exitcode(last.status) == exits.UNTESTABLE
    named = language.modules.lacks(last.stderr) or language.modules.lacks(last.stdout)  # Go's compiler writes there
    return named or (_last_line(last.stderr) if untestable else "")


def _state(language: Language, outcome: Outcome, steps: int, driven: bool) -> tuple[State, str]:
    if outcome.problem is not None:
        return "infra", outcome.problem
    building = len(outcome.steps) < steps - 1 or (
        len(outcome.steps) < steps and bool(outcome.steps) and outcome.steps[-1].status != 0
    )
    if outcome.killed == "abandoned":
        return "infra", "the run was given up"
    if outcome.killed == "output":
        return "forbidden", "it wrote more than the output limit"
    if building and steps > 1:
        return _building(language, outcome)
    if outcome.killed == "time":
        return "timeout", "wall clock"
    if outcome.killed == "cpu":
        return "timeout", "CPU time"
    if outcome.killed == "disk":
        return "error", "it wrote more than its disk holds"
    if outcome.killed == "memory":
        return "oom", "killed for memory"
    if not outcome.steps:
        return "error", "the program killed its own supervisor"
    return _ended(language, outcome, driven)


def _building(language: Language, outcome: Outcome) -> tuple[State, str]:
    """The compiler did not succeed: its own limits count as the program's fault."""
    if outcome.killed == "time":
        return "compile", "compiling took too long"
    if outcome.killed == "disk":
        return "error", "it wrote more than its disk holds"
    if outcome.killed == "memory":
        return "compile", "compiling took too much memory"
    if not outcome.steps:
        return "compile", "the compiler was killed"
    code = os.waitstatus_to_exitcode(outcome.steps[-1].status)
    if code == COMMAND_MISSING:
        return "infra", f"no compiler for {language.name}: {outcome.steps[-1].stderr.strip()[-200:]}"
    said = _first_error(outcome.steps[-1].stderr) or _first_error(outcome.steps[-1].stdout)
    return "compile", said or f"the compiler ended with {code}"


def _ended(language: Language, outcome: Outcome, driven: bool) -> tuple[State, str]:
    last = outcome.steps[-1]
    code = os.waitstatus_to_exitcode(last.status)
    if code == 0:
        return ("pass", "") if outcome.finished else EARLY
    if driven and code in _DRIVEN:
        state, reason = _DRIVEN[code]
        said = "" if code == exits.SILENT else _last_line(last.stderr)
        return state, f"{reason}{said}" or "a test failed"
    if code in _SIGNALS:
        return _SIGNALS[code]
    readings: tuple[tuple[State, str], ...] = (("oom", "exhausted"), ("fail", "failed"), ("compile", "unreadable"))
    for state, kind in readings:
        if line := language.reading.line(kind, last.stderr) or (
            kind == "failed" and language.reading.line(kind, last.stdout)  # where test frameworks report
        ):
            return state, line
    if refused := REFUSED.search(last.stderr[-1000:]):
        return "forbidden", f"the sandbox refused it: {refused[0]}"
    told = _last_line(last.stderr) if language.name == "python" else _told(last.stderr)
    return "error", f"signal {-code}" if code < 0 else f"exit {code}: {told}"


_DRIVEN: dict[int, tuple[State, str]] = {
    exits.FAILED: ("fail", ""),
    exits.UNREADABLE: ("compile", ""),
    exits.TESTS_UNREADABLE: ("error", "the tests do not parse: "),
    exits.FORGED: ("forbidden", ""),
    exits.LATE: ("timeout", ""),
    exits.SILENT: ("no_tests", "nothing was asserted"),
}
_SIGNALS: dict[int, tuple[State, str]] = {
    -signal.SIGXCPU: ("timeout", "CPU time"),
    -signal.SIGSYS: ("forbidden", "a system call that is not allowed"),
    -signal.SIGXFSZ: ("forbidden", "a file larger than the limit"),
}


def _first_error(text: str) -> str:
    """Return the first line of a compiler that says error, with what stands below it of place or reason, else its first line."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    place = next((place for place, line in enumerate(lines) if "error" in line.lower()), 0)
    said = lines[place] if lines else ""
    following = lines[place + 1] if place + 1 < len(lines) else ""
    if following.startswith("--> "):  # of Rust
        said = f"{following.removeprefix('--> ')}: {said}"
    elif said.endswith("error:"):  # of Haskell
        said = f"{said} {following}"
    return said[:300]


def _told(text: str) -> str:
    """Return the last line that names an error, for runtimes write more below it; else the last line."""
    named = re.findall(r"^(?=\S).*(?:\b[Ee]rror|\w(?:Error|Exception)|\bpanic)\b.*$", text, re.MULTILINE)
    return named[-1].strip()[:300] if named else _last_line(text)


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1].strip()[:300] if lines else ""

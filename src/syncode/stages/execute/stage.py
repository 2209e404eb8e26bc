"""The map stage: a row in, its Execution (or the row with evidence) out."""

import os
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from syncode.sandbox import UNDECIDED, Result, Sandbox, find
from syncode.sandbox.alone import Turnstile
from syncode.sandbox.doctor import distrust
from syncode.sandbox.places import Places
from syncode.sandbox.wheelhouse import absent
from syncode.schemas.records import Row, content_id, dropped
from syncode.stages.execute.contents import digests, is_other
from syncode.stages.execute.evalplus import PARTS, Truth, judge_parts
from syncode.stages.execute.jobs import Job, job_of
from syncode.stages.execute.stdio import Setting, run_cases

KEPT = ("task_id", "model")
"""Keys of an answer that its Execution repeats, so that scores need no second file."""
BUSY = 0.2
"""A program that uses less CPU time than this share of its wall clock, alone, waits by itself (chosen here)."""
NO_COUNTS = {"total": 0, "passed": 0, "failed": 0, "errors": 0, "skipped": 0}
AGAIN = 4.0
"""What ran out of wall clock is run again alone with this multiple of it (judging notes, section 11)."""


class Undecided:
    """Counts, over all worker processes, the programs about which nothing can be said. Make it before the workers start."""

    def __init__(self) -> None:
        # One byte each: needs no lock, and unlike multiprocessing's values no room in /dev/shm or /tmp.
        self._file = os.memfd_create("undecided")

    def add(self) -> None:
        """Count one."""
        os.write(self._file, b".")

    @property
    def count(self) -> int:
        """How many so far."""
        return os.fstat(self._file).st_size


@dataclass(frozen=True)
class Verdict:
    """What is said about a job: the result that counts, and what else was seen."""

    result: Result
    more: Row = field(default_factory=dict)


@dataclass(frozen=True)
class Bench:
    """What a stage needs besides rows: the sandbox, the tasks, and how often and how patiently a program is run."""

    sandbox: Sandbox
    tasks: Mapping[str, Row] = field(default_factory=dict)
    repeat: int = 1
    rerun: bool = True
    inline: bool = False
    undecided: Undecided = field(default_factory=Undecided)
    turnstile: Turnstile = field(default_factory=Turnstile)
    truth: Truth = field(default_factory=Truth)
    accept_doctor: bool = False
    doubts: dict[str, str | None] = field(default_factory=dict)
    places: Places = field(default_factory=lambda: Places(1))
    stop_early: bool = False
    fraction: bool = False

    def doubt(self, language: str) -> str | None:
        """Return why a language is not judged here: its right and wrong samples are not told apart. Asked once a process."""
        if self.accept_doctor:
            return None
        if language not in self.doubts:
            self.doubts[language] = distrust(language, self.sandbox)
        return self.doubts[language]


def execute(row: Row, bench: Bench) -> Iterator[Row]:
    """Yield the Execution of one row; inline the row with `evidence.execution` (as it came where it has no tests)."""
    job = is_other(row, bench.tasks) or job_of(row, bench.tasks)
    if isinstance(job, str):
        rule, _, why = job.partition(": ")
        yield row if bench.inline else dropped(row, f"execute.{rule}", why)
        return
    verdict = decide(job, bench)
    if verdict.result.state in UNDECIDED:
        bench.undecided.add()
    said = facts(job, verdict, bench.sandbox)
    if bench.fraction and (counts := said.get("tests")):
        said["score"] = counts["passed"] / counts["total"] if counts["total"] and said["passed"] is not None else None
    if bench.inline:
        yield {**row, "evidence": {**(row.get("evidence") or {}), "execution": said}}
        return
    kept = {key: row[key] for key in KEPT if key in row}
    said |= digests(row, job, bench.tasks)
    yield {"id": content_id("execution", job.of, job.code, job.tests), "of": job.of, **kept, **said}


def decide(job: Job, bench: Bench) -> Verdict:
    """Run the program of a job as often as asked; repeats that disagree are `flaky`."""
    if not job.code.strip():
        return Verdict(Result("no_code", "no program in the answer"))
    bench.places.take()
    if doubt := bench.doubt(job.language):
        return Verdict(Result("infra", f"doctor: {doubt}; --accept-doctor judges all the same"))
    place = bench.sandbox.isolation.wheels
    if job.libs and (missing := absent(job.libs, Path(place) if place else None)):
        said = f"the task needs {', '.join(missing)}, which is not installed; --wheels DIR takes packages from a folder"
        return Verdict(Result("infra", said))
    verdicts = [_once(job, bench, seed) for seed in range(bench.repeat)]
    states = Counter(verdict.result.state for verdict in verdicts)
    if len(states) == 1 or states.keys() & UNDECIDED:
        return next((each for each in verdicts if each.result.state in UNDECIDED), verdicts[0])
    reason = ", ".join(f"{count} x {state}" for state, count in states.most_common())
    return Verdict(replace(verdicts[0].result, state="flaky", reason=reason), {"states": dict(states)})


def _once(job: Job, bench: Bench, seed: int) -> Verdict:
    if job.cases is not None:
        setting = Setting(bench.sandbox, bench.turnstile, bench.rerun, bench.stop_early)
        return Verdict(*run_cases((job.language, job.code), job.cases, setting, seed))
    if job.task is None:
        return _patiently(job, job.tests, bench, seed)
    results: dict[str, Result] = {}
    more: Row = {}
    for part in PARTS:
        tests = bench.truth.tests(job.task, part, bench.sandbox)
        if isinstance(tests, Result):
            results[part] = tests
            break
        verdict = _patiently(job, tests, bench, seed)
        results[part], more = verdict.result, {**more, **verdict.more}
        if verdict.result.state != "pass":
            break
    return Verdict(judge_parts(results), {**more, "parts": {part: result.state for part, result in results.items()}})


def _patiently(job: Job, tests: str, bench: Bench, seed: int) -> Verdict:
    """Run once. What ran out of wall clock is run again without neighbours and with more of it: CPU time decides, not the load.

    The second result counts, unless it took its time by waiting, which no load of the machine explains. `rerun` describes it.
    """
    with bench.turnstile.beside():
        first = bench.sandbox.run(job.language, job.code, tests, seed=seed, beside=job.files)
        first = bench.sandbox.excused(first, job.language, job.given)
    if not (first.late or first.cut or first.state == "timeout") or not bench.rerun:
        return Verdict(first)
    limits = bench.sandbox.isolation.limits
    longer = replace(
        limits,
        seconds=limits.seconds * AGAIN,
        cpu_seconds=limits.seconds,
        one_by_one=True,
        compile_seconds=limits.compile_seconds * AGAIN,
    )
    with bench.turnstile.alone():
        second = bench.sandbox.run(job.language, job.code, tests, longer, seed, job.files)
        second = bench.sandbox.excused(second, job.language, job.given)
    again = {"state": second.state, "seconds": second.seconds, "limit": longer.seconds}
    waited = (second.longest or second.seconds) > limits.seconds and second.cpu < BUSY * second.seconds
    return Verdict(first if waited and second.state != "timeout" else second, {"rerun": again})


def facts(job: Job, verdict: Verdict, sandbox: Sandbox) -> Row:
    """Return what an Execution says besides whose it is. `passed` is null if nothing was decided."""
    result = verdict.result
    row: Row = {
        "state": result.state,
        "passed": None if result.state in UNDECIDED else result.state == "pass",
        "seconds": result.seconds,
        "toolchain": sandbox.toolchain(job.language),
        "language": known.name if (known := find(job.language)) else job.language,
        "extraction": job.how,
        **verdict.more,
    }
    if result.evidence:
        row |= {"evidence": result.evidence, "tests": {**NO_COUNTS, **result.tests}}
    if result.results:
        row["results"] = list(result.results)
    for key in ("reason", "compile_seconds", "stdout", "stderr"):
        if getattr(result, key):
            row[key] = getattr(result, key)
    return row

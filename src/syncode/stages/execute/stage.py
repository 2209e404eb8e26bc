"""The map stage: a row in, its Execution (or the row with evidence) out."""

import multiprocessing
from collections.abc import Iterator, Mapping

from syncode.sandbox import UNDECIDED, Result, Sandbox
from syncode.schemas.records import Row, content_id, dropped
from syncode.stages.execute.jobs import Job, job_of

KEPT = ("task_id", "model")
"""Keys of an answer that its Execution repeats, so that scores need no second file."""


class Undecided:
    """Counts, over all worker processes, the programs about which nothing can be said. Make it before the workers start."""

    def __init__(self) -> None:
        self._count = multiprocessing.get_context("fork").Value("q", 0)

    def add(self) -> None:
        """Count one."""
        with self._count.get_lock():
            self._count.value += 1

    @property
    def count(self) -> int:
        """How many so far."""
        return int(self._count.value)


def execute(
    row: Row, sandbox: Sandbox, tasks: Mapping[str, Row], undecided: Undecided, *, inline: bool
) -> Iterator[Row]:
    """Yield the Execution of one row, or with `inline` the row with `evidence.execution` (as it came where it has no tests)."""
    job = job_of(row, tasks)
    if isinstance(job, str):
        rule, _, why = job.partition(": ")
        yield row if inline else dropped(row, f"execute.{rule}", why)
        return
    result = run(job, sandbox)
    if result.state in UNDECIDED:
        undecided.add()
    if inline:
        yield {**row, "evidence": {**(row.get("evidence") or {}), "execution": facts(job, result, sandbox)}}
        return
    kept = {key: row[key] for key in KEPT if key in row}
    yield {
        "id": content_id("execution", job.of, job.code, job.tests),
        "of": job.of,
        **kept,
        **facts(job, result, sandbox),
    }


def run(job: Job, sandbox: Sandbox) -> Result:
    """Run the program of a job, or say why there is none."""
    if not job.code.strip():
        return Result("no_code", "no program in the answer")
    return sandbox.run(job.language, job.code, job.tests)


def facts(job: Job, result: Result, sandbox: Sandbox) -> Row:
    """Return what an Execution says besides whose it is. `passed` is null where nothing was decided."""
    row: Row = {
        "state": result.state,
        "passed": None if result.state in UNDECIDED else result.state == "pass",
        "seconds": result.seconds,
        "toolchain": f"{job.language}; {sandbox.isolation.name}",
        "language": job.language,
        "extraction": job.how,
    }
    for key in ("reason", "compile_seconds", "stdout", "stderr"):
        if getattr(result, key):
            row[key] = getattr(result, key)
    return row

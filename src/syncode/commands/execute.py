"""`syncode execute`: programs in, what happened out; `score`: what happened in, pass@k out."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Annotated

import typer

from syncode import stream
from syncode.commands.options import flat
from syncode.errors import DataError, EngineError
from syncode.sandbox import Sandbox, choose
from syncode.sandbox.doctor import report
from syncode.schemas.records import Execution, Row, Task
from syncode.stages.execute import Bench, ExecuteOptions, execute, open_bench
from syncode.stages.execute.gates import GateOptions
from syncode.stages.execute.gates import gates as gate
from syncode.stages.execute.scoring import ScoreOptions, Scores

Languages = Annotated[list[str] | None, typer.Option("--language", help="Look at this one only; repeatable.")]
PROGRAMS = stream.Reads("execute", ("answer", "sample", "program"))
GATED = stream.Reads("execute gates", ("sample", "answer", "candidates"))
TASKS = stream.Reads("--tasks", ("task", "sample"), Task)
Output = Annotated[str | None, typer.Option("--output", "-o", help="File to write; else stdout.")]


@flat
def command(flow: stream.Flow, options: ExecuteOptions) -> None:
    """Run programs with their tests in a sandbox: samples, answers, or bare rows {code, tests, language}.

    Example: syncode execute answers.jsonl --tasks tasks.jsonl --workers 2 > executions.jsonl
    """
    tasks = {task["id"]: task for task in stream.read(list(options.tasks), TASKS)} if options.tasks else {}
    with _bench(options, tasks, flow) as bench:
        stream.map(partial(execute, bench=bench), PROGRAMS, None if options.inline else Execution, flow, grain=1)


@flat
def gates(flow: stream.Flow, options: ExecuteOptions, gating: GateOptions) -> None:
    """Test the tests: run all candidates against all tests, stubs and mutants too, and say which tests hold.

    Example: syncode execute gates samples.jsonl --drop --rejects weak.jsonl > tested.jsonl
    """
    with _bench(replace(options, no_rerun=True), {}, flow) as bench:
        stream.map(
            partial(gate, bench=bench, options=gating, seed=flow.seed),
            GATED,
            None,
            flow,
            grain=1,
        )


@contextmanager
def _bench(options: ExecuteOptions, tasks: dict[str, Row], flow: stream.Flow) -> Iterator[Bench]:
    def say(text: str) -> None:  # also where --quiet: it says what results are worth, not how the run goes on
        if sys.stderr is not None:
            sys.stderr.write(f"syncode: {text}\n")

    with open_bench(options, tasks, flow.workers, say) as bench:
        yield bench


@flat
def doctor(options: ExecuteOptions, language: Languages = None, output: Output = None) -> None:
    """Try the sandbox: which levels of isolation start, what they stop, and which languages tell right from wrong.

    Example: syncode execute doctor
    """
    with Sandbox(choose(options.limits(), options.unsafe_no_sandbox)) as sandbox:
        lines = list(report(sandbox, tuple(language or ())))
    stream.write_text("\n".join(line for line, _ in lines), stream.Flow(output=output))
    if bad := sum(good is False for _, good in lines):
        raise EngineError(f"{bad} of these findings are bad: do not trust results from this machine")


@flat
def score(flow: stream.Flow, options: ScoreOptions) -> None:
    """Score executions: unbiased pass@k and pass^k a model, with intervals by task, and what is missing or undecided.

    Example: syncode execute score executions.jsonl --tasks tasks.jsonl --k 1 --k 10
    """
    tasks = [task["id"] for task in stream.read(list(options.tasks), TASKS)] if options.tasks else []
    scores = Scores(options, tasks)
    stream.report(scores, stream.Reads("execute score", ("execution",), Execution), None, flow)
    if scores.open_samples and not options.allow_missing:
        raise DataError(f"{scores.open_samples} samples are missing or undecided (infra); --allow-missing accepts that")

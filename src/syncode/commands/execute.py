"""`syncode execute`: programs in, what happened out; `score`: what happened in, pass@k out."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Annotated

from syncode import stream
from syncode.commands.options import only, without
from syncode.errors import DataError, EngineError, unknown
from syncode.schemas.records import Execution, Row
from syncode.stages.execute.settings import ExecuteOptions, GateOptions, ScoreOptions

if TYPE_CHECKING:
    from syncode.stages.execute.stage import Bench

PROGRAMS = stream.Reads("execute", ("answer", "sample", "program"))
GATED = stream.Reads("execute gates", ("sample", "answer", "candidates"))
Limits = Annotated[ExecuteOptions, only("timeout", "memory", "unsafe_no_sandbox")]


@dataclass(frozen=True)
class DoctorOptions:
    """What the doctor looks at."""

    language: tuple[str, ...] = field(default=(), metadata={"help": "Look at this language only."})


def command(flow: Annotated[stream.Flow, without("seed")], options: ExecuteOptions) -> None:
    """Run programs with their tests in a sandbox: samples, answers, or bare rows {code, tests, language}.

    Example: syncode execute answers.jsonl --tasks tasks.jsonl --workers 2 > executions.jsonl
    """
    from syncode.stages.execute.contents import asking, misplaced
    from syncode.stages.execute.stage import execute

    tasks = {str(task["id"]): asking(task) for task in stream.read_tasks(options.tasks)}
    with _bench(options, tasks, flow) as bench:
        writes = None if options.inline else Execution
        counts = stream.map(partial(execute, bench=bench), PROGRAMS, writes, flow, grain=1)
    if wrong := misplaced(counts.read, counts.dropped):
        raise DataError(wrong)


def gates(
    flow: stream.Flow,
    options: Annotated[ExecuteOptions, without("tasks", "no_rerun", "inline")],
    gating: GateOptions,
) -> None:
    """Test the tests: run all candidates against all tests, stubs and mutants too, and say which tests hold.

    Example: syncode execute gates samples.jsonl --drop --rejects weak.jsonl > tested.jsonl
    """
    from syncode.stages.execute.gates import gates as gate

    with _bench(replace(options, no_rerun=True), {}, flow) as bench:
        stream.map(partial(gate, bench=bench, options=gating, seed=flow.seed), GATED, None, flow, grain=1)


@contextmanager
def _bench(options: ExecuteOptions, tasks: dict[str, Row], flow: stream.Flow) -> Iterator["Bench"]:
    from syncode.stages.execute.bench import open_bench

    # `say` also if --quiet: it says what results are worth, not how the run goes on
    with open_bench(options, tasks, flow.workers, stream.say) as bench:
        yield bench


def doctor(flow: Annotated[stream.Flow, only("output")], options: Limits, looked: DoctorOptions) -> None:
    """Try the sandbox: which levels of isolation start, what they stop, and which languages tell right from wrong.

    Example: syncode execute doctor
    """
    from syncode.sandbox import LANGUAGES, Sandbox, choose, find
    from syncode.sandbox.doctor import report
    from syncode.stages.execute.bench import limits_of

    for name in looked.language:
        if find(name) is None:
            raise unknown("language", name, LANGUAGES, "--language")
    with Sandbox(choose(limits_of(options), options.unsafe_no_sandbox)) as sandbox:
        lines = list(report(sandbox, looked.language))
    stream.write_text("\n".join(line for line, _ in lines), flow)
    if bad := sum(good is False for _, good in lines):
        raise EngineError(f"{bad} of these findings are bad: do not trust results from this machine")


def score(flow: Annotated[stream.Flow, without("workers", "seed")], options: ScoreOptions) -> None:
    """Score executions: unbiased pass@k and pass^k per model, with intervals by task, and what is missing or undecided.

    Example: syncode execute score executions.jsonl --tasks tasks.jsonl --k 1 --k 10
    """
    from syncode.stages.execute.scoring import Scores
    from syncode.verdicts.known import known_tasks

    scores = Scores(options, known_tasks(stream.read_tasks(options.tasks)))
    stream.report(scores, stream.Reads("execute score", ("execution",), Execution), None, flow)
    if scores.open_samples and not options.allow_missing:
        raise DataError(f"{scores.open_samples} samples are missing or undecided (infra); --allow-missing accepts that")

"""From options to work: what is judged, and by which stage."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from syncode.schemas.records import Row, Verdict
from syncode.stages.judge.games import Judge, judge
from syncode.stages.judge.scoring import choose, grade, read_weights
from syncode.stages.judge.settings import SINGLE, JudgeOptions, grading_of, rules_of
from syncode.stages.judge.sources import Read, gather, gather_single

Stage = Callable[[Row], Awaitable[list[Row]]]


@dataclass(frozen=True)
class Plan:
    """`items` are the rows of the ask stage that `stage` makes for a panel of judges; `writes` is the record that comes out."""

    items: Iterator[Row]
    stage: Callable[[Sequence[Judge]], Stage]
    writes: type | None


def plan(options: JudgeOptions, seed: int, read: Read, sources: Sequence[str], weights: str | None) -> Plan:
    """Return the plan of a run; `weights` is the text of the file that `--weights` names."""
    if options.protocol in SINGLE:
        found = None if weights is None else read_weights(weights, options.weights or "")
        grading = grading_of(options, seed, found)
        work = choose if options.protocol == "best" else grade

        def single(judges: Sequence[Judge]) -> Stage:
            return partial(work, judges=judges, grading=grading)

        return Plan(gather_single(read, sources, options), single, None)
    rules = rules_of(options, seed)

    def pairwise(judges: Sequence[Judge]) -> Stage:
        return partial(judge, judges=judges, rules=rules)

    return Plan(gather(read, sources, options, seed), pairwise, Verdict)

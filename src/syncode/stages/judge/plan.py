"""From options to work: what is judged, and by which stage."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from syncode.engines import Sampling
from syncode.errors import UsageError
from syncode.schemas.records import Row, Verdict
from syncode.stages.judge.games import Judge, Rules, judge
from syncode.stages.judge.scoring import Grading, choose, grade, read_weights
from syncode.stages.judge.settings import JudgeOptions
from syncode.stages.judge.sources import Read, gather, gather_single
from syncode.stages.judge.until import Until, check
from syncode.verdicts.protocols import PROTOCOLS, REPLY_TOKENS, Protocol, Reader, protocol_named

Stage = Callable[[Row], Awaitable[list[Row]]]


@dataclass(frozen=True)
class Plan:
    """`items` are the rows of the ask stage that `stage` makes for a panel of judges; `writes` is the record that comes out.

    `until` steers a run that stops when it knows enough; None if the whole table is bought.
    """

    items: Iterator[Row]
    stage: Callable[[Sequence[Judge]], Stage]
    writes: type | None
    until: Until | None = None


def plan(
    options: JudgeOptions, seed: int, read: Read, sources: Sequence[str], weights: str | None, *, gated: bool = True
) -> Plan:
    """Return the plan of a run; `weights` is the text of the file that `--weights` names.

    Without `gated` a run with a goal does not wait to see whether it is reached. Raises UsageError for a protocol that does not
    exist and for an option that does not fit it.
    """
    protocol = protocol_named(options.protocol)
    check(options, protocol)
    whole = _whole(options, seed, read, sources, weights)
    if options.until is None:
        return whole
    until = Until(options, protocol, seed, gated=gated)

    def steered(judges: Sequence[Judge]) -> Stage:
        return until.watched(whole.stage(judges))

    return Plan(until.rows(whole.items), steered, whole.writes, until)


def _whole(options: JudgeOptions, seed: int, read: Read, sources: Sequence[str], weights: str | None) -> Plan:
    protocol = protocol_named(options.protocol)
    if not options.tasks:
        raise UsageError("--tasks FILE is needed: a judge must see what was asked")
    if weights is not None and not protocol.items:
        raise UsageError(f"--weights needs a protocol with items: {', '.join(_with_items())}")
    if protocol.shows != "pair":
        found = read_weights(weights, options.weights or "", protocol.items) if weights is not None else {}
        grading = grading_of(protocol, options, seed, found)
        together = protocol.shows == "answers"

        def single(judges: Sequence[Judge]) -> Stage:
            return partial(choose if together else grade, judges=judges, grading=grading)

        return Plan(gather_single(read, sources, options.tasks, together=together), single, None)
    rules = rules_of(protocol, options, seed)

    def pairwise(judges: Sequence[Judge]) -> Stage:
        return partial(judge, judges=judges, rules=rules)

    return Plan(gather(read, sources, options, seed), pairwise, Verdict)


def rules_of(protocol: Protocol, options: JudgeOptions, seed: int) -> Rules:
    """Return the rules of a run that compares pairs: what the protocol says unless the user says otherwise."""
    if options.baseline is None and protocol.opponents == "baseline":
        published = f" (published with {protocol.baseline})" if protocol.baseline else ""
        raise UsageError(
            f"--protocol {protocol.name} needs --baseline: a model, a reference of the tasks, or a file{published}"
        )
    reader = options.reader or protocol.reader
    return Rules(
        protocol=protocol,
        reader=reader,
        sampling=_sampling(protocol, reader, options),
        games=options.games or protocol.games,
        repeat=options.repeat,
        seed=seed,
        reason_length=options.reason_length,
        context=options.context,
        first_turn=options.first_turn,
        swap=options.swap,
    )


def grading_of(protocol: Protocol, options: JudgeOptions, seed: int, weights: Mapping[str, float]) -> Grading:
    """Return how single answers are graded: what the protocol says unless the user says otherwise."""
    for name in ("baseline", "with_executions"):
        if getattr(options, name) is not None:
            raise UsageError(
                f"--protocol {protocol.name} looks at single answers: --{name.replace('_', '-')} does not fit"
            )
    reader = options.reader or protocol.reader
    return Grading(
        protocol=protocol,
        reader=reader,
        sampling=_sampling(protocol, reader, options),
        repeat=options.repeat,
        seed=seed,
        reason_length=options.reason_length,
        weights=weights,
    )


def _sampling(protocol: Protocol, reader: Reader, options: JudgeOptions) -> Sampling:
    temperature = protocol.temperature if options.temperature is None else options.temperature
    longest = REPLY_TOKENS if reader == "json" else protocol.max_tokens
    return Sampling(temperature=temperature, max_tokens=options.max_tokens or longest)


def _with_items() -> list[str]:
    return [protocol.name for protocol in PROTOCOLS.values() if protocol.items]

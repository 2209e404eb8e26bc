"""From options to work: what is judged, and by which stage."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from syncode.engines import Sampling
from syncode.errors import UsageError
from syncode.schemas.records import Row, Verdict
from syncode.stages.judge.chances import FEW_TOKENS, PAIR, TOP
from syncode.stages.judge.games import Judge, Rules, judge
from syncode.stages.judge.scoring import Grading, choose, grade, read_weights
from syncode.stages.judge.settings import JudgeOptions
from syncode.stages.judge.sources import Read, gather, gather_single
from syncode.stages.judge.until import Spent, Until, check
from syncode.verdicts.protocol_files import protocol_in
from syncode.verdicts.protocols import PROTOCOLS, REPLY_TOKENS, Protocol, Reader, protocol_named

Stage = Callable[[Row], Awaitable[list[Row]]]


@dataclass(frozen=True)
class Texts:
    """What stands in the files of `--protocol` and `--weights`, None if an option names no file."""

    protocol: str | None = None
    weights: str | None = None


@dataclass(frozen=True)
class Plan:
    """`items` are the rows of the ask stage that `stage` makes for a panel of judges; `writes` is the record that comes out.

    `until` steers a run that stops when it knows enough; None if the whole table is bought.
    """

    items: Iterator[Row]
    stage: Callable[[Sequence[Judge]], Stage]
    writes: type | None
    until: Until | None = None

    def account(self, spent: Spent) -> Spent:
        """Return what a run used, with what was saved if it has a goal."""
        return spent if self.until is None else self.until.account(spent)

    def lines(self, spent: Spent) -> list[str]:
        """Return where a run with a goal stands, for people; nothing if it has none."""
        return [] if self.until is None else self.until.lines(spent)


def plan(
    options: JudgeOptions, seed: int, read: Read, sources: Sequence[str], texts: Texts, *, gated: bool = True
) -> Plan:
    """Return the plan of a run; `texts` are those of the files that options name.

    Without `gated` a run with a goal does not wait to see whether it is reached. Raises UsageError for a protocol that does not
    exist and for an option that does not fit it.
    """
    protocol = _chosen(options, texts)
    check(options, protocol)
    whole = _whole(options, seed, read, sources, texts)
    if options.until is None:
        return whole
    until = Until(options, protocol, seed, gated=gated)

    def steered(judges: Sequence[Judge]) -> Stage:
        return until.watched(whole.stage(judges))

    return Plan(until.rows(whole.items), steered, whole.writes, until)


def _chosen(options: JudgeOptions, texts: Texts) -> Protocol:
    protocol = _protocol(options, texts)
    return in_one_token(protocol, options) if options.logprobs else protocol


def _whole(options: JudgeOptions, seed: int, read: Read, sources: Sequence[str], texts: Texts) -> Plan:
    protocol, weights = _chosen(options, texts), texts.weights
    if not options.tasks:
        raise UsageError("--tasks FILE is needed: a judge must see what was asked")
    if options.inline and (protocol.shows == "answers" or options.canaries):
        other = "--canaries" if options.canaries else f"--protocol {protocol.name}"
        raise UsageError(f"--inline writes answers with their own verdicts: it does not go with {other}")
    if options.inline and protocol.shows == "pair" and options.baseline is None:
        raise UsageError(
            "--inline needs --baseline: without it an answer meets several others, in pairs that belong to both"
        )
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


def _protocol(options: JudgeOptions, texts: Texts) -> Protocol:
    if texts.protocol is not None:
        return protocol_in(texts.protocol, options.protocol)
    if options.protocol.endswith(".toml"):
        raise UsageError(f"--protocol {options.protocol}: no such file")
    return protocol_named(options.protocol)


def in_one_token(protocol: Protocol, options: JudgeOptions) -> Protocol:
    """Return the protocol in the form that a judge answers with one token. Raises UsageError if it has none."""
    if options.reader is not None or options.reasoning_effort is not None:
        other = "--reader" if options.reader is not None else "--reasoning-effort"
        raise UsageError(f"{other} has no effect with --logprobs: nothing but the first token is read")
    if protocol.shows == "answers" or protocol.items:
        raise UsageError(f"--logprobs needs one label or one grade: --protocol {protocol.name} has none")
    if protocol.text:
        return replace(protocol, reader="text", max_tokens=FEW_TOKENS)
    prompt = "judge_token_pair.v1" if protocol.shows == "pair" else "judge_token_grade.v1"
    return replace(protocol, prompt=prompt, reader="text", words=PAIR, max_tokens=FEW_TOKENS)


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
        fixed_room=options.max_tokens is not None,
        body=_body(options, protocol),
        logprobs=options.logprobs,
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
        fixed_room=options.max_tokens is not None,
        body=_body(options, protocol),
        logprobs=options.logprobs,
    )


def _sampling(protocol: Protocol, reader: Reader, options: JudgeOptions) -> Sampling:
    temperature = protocol.temperature if options.temperature is None else options.temperature
    longest = REPLY_TOKENS if reader == "json" else protocol.max_tokens
    return Sampling(temperature=temperature, max_tokens=options.max_tokens or longest)


def _body(options: JudgeOptions, protocol: Protocol) -> dict[str, Any]:
    if options.logprobs:
        return {"logprobs": True, "top_logprobs": TOP[protocol.shows]}
    return {"reasoning_effort": options.reasoning_effort} if options.reasoning_effort else {}


def _with_items() -> list[str]:
    return [protocol.name for protocol in PROTOCOLS.values() if protocol.items]

"""What a user can say about judging, and the rules that follow from it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import get_args

from syncode.engines import Sampling
from syncode.errors import UsageError
from syncode.schemas.records import Row
from syncode.stages.judge.games import Rules
from syncode.stages.judge.labels import GIVEN
from syncode.stages.judge.protocols import protocol_named
from syncode.stages.judge.reading import ReaderName
from syncode.stages.judge.scoring import Grading

REPLY_TOKENS = 512
"""Longest structured reply in tokens: 400 characters of reason, the label, and room for a verbose tokenizer (ours)."""


@dataclass(frozen=True)
class JudgeOptions:
    """Every field is a command line option."""

    tasks: tuple[str, ...] = field(default=(), metadata={"help": "Task rows: what was asked. Repeatable."})
    baseline: str | None = field(
        default=None, metadata={"help": "Who is played against: a model among the answers or references, or a file."}
    )
    judge: tuple[str, ...] = field(
        default=(), metadata={"help": "The judging model, as --model; repeat it for a panel of judges."}
    )
    protocol: str = field(
        default="codearena",
        metadata={
            "help": "codearena, arena-hard-v0.1, arena-hard-v2, arena-hard-v2-creative, pairwise; one answer at a time: "
            "scoring, checklist; the best of all answers to a task: best."
        },
    )
    reader: str = field(
        default="json",
        metadata={
            "help": "How replies are read: json (structured), text, or as codearena, arena-hard-v2, fastchat do."
        },
    )
    games: int = field(default=2, metadata={"help": "2: both orders; 1: baseline first only.", "min": 1, "max": 2})
    repeat: int = field(default=1, metadata={"help": "Ask for every game this many times.", "min": 1})
    temperature: float | None = field(default=None, metadata={"help": "Else the protocol's.", "min": 0.0})
    max_tokens: int | None = field(
        default=None, metadata={"help": "Longest reply in tokens; else 512 (json) or the protocol's.", "min": 1}
    )
    reason_length: int = field(
        default=400, metadata={"help": "Longest reason of a structured reply, in characters; 0: no bound.", "min": 0}
    )
    context: int | None = field(
        default=None, metadata={"help": "The judge's context in tokens: longer games are skipped_length.", "min": 1}
    )
    first_turn: bool = field(
        default=False, metadata={"help": "Show the first user turn only, as the released CodeArena code does."}
    )
    with_executions: str | None = field(
        default=None, metadata={"help": "Execution rows of the answers: the judge sees how each program ran."}
    )
    weights: str | None = field(
        default=None, metadata={"help": "TOML file with the weights of the checklist items; else all weigh the same."}
    )
    canaries: bool = field(
        default=False, metadata={"help": "Ask 20 pairs of each kind with a known verdict first; they are never scored."}
    )


SINGLE = ("scoring", "checklist", "best")
"""Protocols that do not compare two answers."""


def grading_of(options: JudgeOptions, seed: int, weights: Mapping[str, float] | None) -> Grading:
    """Return how single answers are graded; raise UsageError for an option that does not fit."""
    _check_common(options)
    for name in ("baseline", "with_executions"):
        if getattr(options, name) is not None:
            raise UsageError(
                f"--protocol {options.protocol} looks at single answers: --{name.replace('_', '-')} does not fit"
            )
    if weights is not None and options.protocol != "checklist":
        raise UsageError("--weights belongs to --protocol checklist")
    sampling = Sampling(temperature=options.temperature or 0.0, max_tokens=options.max_tokens or REPLY_TOKENS)
    grading = Grading(
        protocol=options.protocol,
        reader=options.reader,
        sampling=sampling,
        repeat=options.repeat,
        seed=seed,
        reason_length=options.reason_length,
    )
    return grading if weights is None else replace(grading, weights=weights)


def _check_common(options: JudgeOptions) -> None:
    if options.reader not in get_args(ReaderName):
        raise UsageError(f"--reader {options.reader}: there are {', '.join(get_args(ReaderName))}")
    if not options.tasks:
        raise UsageError("--tasks FILE is needed: a judge must see what was asked")


def rules_of(options: JudgeOptions, seed: int) -> Rules:
    """Return the rules of a run; raise UsageError for a name that does not exist or an option that does not fit."""
    protocol = protocol_named(options.protocol)
    _check_common(options)
    if options.baseline is None and options.protocol != "pairwise":
        raise UsageError(
            f"--protocol {options.protocol} needs --baseline: a model, a reference of the tasks, or a file"
        )
    if options.weights is not None:
        raise UsageError("--weights belongs to --protocol checklist")
    temperature = protocol.temperature if options.temperature is None else options.temperature
    longest = REPLY_TOKENS if options.reader == "json" else protocol.max_tokens
    return Rules(
        protocol=protocol,
        reader=options.reader,  # type: ignore[arg-type]
        sampling=Sampling(temperature=temperature, max_tokens=options.max_tokens or longest),
        games=options.games,
        repeat=options.repeat,
        seed=seed,
        reason_length=options.reason_length,
        context=options.context,
        first_turn=options.first_turn,
    )


_AGAIN = "everything else is written, and the same command run again asks for them"


class Tally:
    """Counts the states of the verdicts that pass through it, and remembers the last error."""

    def __init__(self) -> None:
        self.states: Counter[str] = Counter()
        self.canaries: dict[str, Counter[bool | None]] = {}
        self.error = ""

    def watch(self, stage: Callable[[Row], Awaitable[list[Row]]]) -> Callable[[Row], Awaitable[list[Row]]]:
        """Return the stage with its rows counted."""

        async def counted(row: Row) -> list[Row]:
            rows = await stage(row)
            for verdict in rows:
                self._count(verdict)
            return rows

        return counted

    def _count(self, verdict: Row) -> None:
        if "drop" in verdict:
            return
        self.error = verdict.get("error", self.error)
        if "canary" in verdict:
            if verdict["game"] == 0:
                self.canaries.setdefault(verdict["canary"], Counter())[verdict["held"]] += 1
        else:
            self.states[verdict["state"]] += 1

    @property
    def outage(self) -> bool:
        """Whether the judge was asked and never once answered."""
        asked = {"ok", "unparsed", "conflicting", "truncated", "refused"}
        return self.states["api_error"] > 0 and not any(self.states[state] for state in asked)

    @property
    def failed(self) -> str:
        """What to say of the games that have no verdict because their request failed, empty if there are none."""
        count = self.states["api_error"]
        said = f"{count} game{'s' * (count > 1)} failed at the engine (the last one: {self.error}); "
        return said + _AGAIN if count else ""

    def lines(self) -> list[str]:
        """Return the counts for people: how many have a verdict, and what each kind of canary showed."""
        total = self.states.total()
        given = sum(self.states[state] for state in GIVEN)
        parts = ", ".join(f"{state} {count}" for state, count in sorted(self.states.items()))
        lines = [f"{given} of {total} verdicts ({parts})"]
        for kind, counts in self.canaries.items():
            missing = f", {counts[None]} without a verdict" if counts[None] else ""
            lines.append(f"canary {kind}: held out {counts[True]} of {counts[True] + counts[False]}{missing}")
        return lines

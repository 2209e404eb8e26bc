"""What a user can say about judging."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from syncode.verdicts.protocols import PROTOCOLS, Reader

Effort = Literal["none", "minimal", "low", "medium", "high", "xhigh"]
"""Values of `reasoning_effort` in the OpenAI API."""


def _protocols() -> str:
    """Return the names of the protocols for help, by what they show a judge."""
    names = {
        shown: ", ".join(p.name for p in PROTOCOLS.values() if p.shows == shown)
        for shown in ("pair", "answer", "answers")
    }
    return f"{names['pair']}; one answer at a time: {names['answer']}; the best of all answers to a task: {names['answers']}."


@dataclass(frozen=True)
class PilotOptions:
    """What `judge estimate` takes besides the goal."""

    questions: int | None = field(
        default=None,
        metadata={"group": "Stopping", "help": "Questions that there are; else as many as it takes.", "min": 2},
    )


@dataclass(frozen=True)
class JudgeOptions:
    """Every field is a command line option."""

    tasks: tuple[str, ...] = field(
        default=(), metadata={"file": "reads", "again": True, "help": "Task rows: what was asked."}
    )
    baseline: str | None = field(
        default=None,
        metadata={
            "file": "reads",
            "help": "Who is played against: a model among the answers or references, or a file.",
        },
    )
    judge: tuple[str, ...] = field(
        default=(),
        metadata={"file": "reads", "help": "The judging model, as --model; repeat it for a panel of judges."},
    )
    protocol: str = field(
        default="codearena",
        metadata={"file": "reads", "metavar": "NAME", "help": f"{_protocols()} Or a TOML file with your own."},
    )
    reader: Reader | None = field(
        default=None,
        metadata={
            "group": "Reply",
            "help": "How replies are read: structured (json), in words (text), or as the published programs do; else as the "
            "protocol says.",
        },
    )
    games: int | None = field(
        default=None,
        metadata={
            "group": "Games",
            "help": "2: both orders; 1: baseline first only; else the protocol's.",
            "min": 1,
            "max": 2,
        },
    )
    repeat: int = field(default=1, metadata={"group": "Games", "help": "Ask for every game this many times.", "min": 1})
    temperature: float | None = field(
        default=None, metadata={"group": "Reply", "help": "Else the protocol's.", "min": 0.0}
    )
    max_tokens: int | None = field(
        default=None,
        metadata={
            "group": "Reply",
            "help": "Longest reply in tokens; else 512 (json) or the protocol's, and 16384 for a judge that thinks.",
            "min": 1,
        },
    )
    reasoning_effort: Effort | None = field(
        default=None, metadata={"group": "Reply", "help": "How long a judge may think, in the words of the OpenAI API."}
    )
    reason_length: int = field(
        default=400,
        metadata={
            "group": "Reply",
            "help": "Longest reason of a structured reply, in characters; 0: no bound.",
            "min": 0,
        },
    )
    logprobs: bool = field(
        default=False,
        metadata={
            "group": "Reply",
            "help": "Read the probabilities of the labels, not a reply: an expected preference or grade (AlpacaEval 2's form).",
        },
    )
    context: int | None = field(
        default=None,
        metadata={
            "group": "Reply",
            "help": "The judge's context in tokens: longer games are skipped_length.",
            "min": 1,
        },
    )
    first_turn: bool = field(
        default=False, metadata={"help": "Show the first user turn only, as the released CodeArena code does."}
    )
    with_executions: str | None = field(
        default=None,
        metadata={"file": "reads", "help": "Execution rows of the answers: the judge sees how each program ran."},
    )
    weights: str | None = field(
        default=None,
        metadata={
            "file": "reads",
            "help": "TOML file with the weights of the checklist items; else all weigh the same.",
        },
    )
    inline: bool = field(
        default=False,
        metadata={"help": "Write the answers' rows, with the verdicts of each under `verdicts`, not Verdict rows."},
    )
    from_replies: tuple[str, ...] = field(
        default=(),
        metadata={
            "metavar": "FILE",
            "file": "reads",
            "again": True,
            "help": "Read replies that another harness stored (arena-hard, MT-bench, AlpacaEval, ...); no model is asked.",
        },
    )
    canaries: bool = field(
        default=False,
        metadata={
            "group": "Games",
            "help": "Ask 20 pairs of each kind with a known verdict first; they are never scored.",
        },
    )
    until: str | None = field(
        default=None,
        metadata={
            "group": "Stopping",
            "metavar": "GOAL",
            "help": "Buy games in a drawn order of questions, and stop when the goal is reached: separated (all models), or "
            "width=W (limits of every score at most W apart, as a fraction).",
        },
    )
    alpha: float = field(
        default=0.05,
        metadata={
            "group": "Stopping",
            "needs": "until",
            "help": "Chance of a wrong claim at most.",
            "min": 0.0001,
            "max": 0.5,
        },
    )
    every: int = field(
        default=10,
        metadata={
            "group": "Stopping",
            "needs": "until",
            "help": "Decide after so many questions; larger for --batch.",
            "min": 1,
        },
    )
    about: Literal["population", "table"] = field(
        default="population",
        metadata={
            "group": "Stopping",
            "needs": "until",
            "help": "What the goal is about: questions like these, or what all these questions would show.",
        },
    )
    swap: Literal["all", "close"] = field(
        default="all",
        metadata={
            "group": "Stopping",
            "needs": "until",
            "help": "Second games: all, or where the first was close and in a drawn half of the others.",
        },
    )

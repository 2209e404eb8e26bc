"""What is handed to the sandbox and what comes back, before anybody calls it pass or fail."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Step:
    """One command. `limits`: resource limits by name without `RLIMIT_`; `python` set: run by the warm interpreter instead.

    `role`: in a pair, "tests" or "answer": which half this is.
    """

    argv: tuple[str, ...]
    seconds: float
    environment: dict[str, str] = field(default_factory=dict)
    limits: dict[str, int] = field(default_factory=dict)
    python: bool = False
    role: str = ""


@dataclass(frozen=True)
class Program:
    """Files, the steps that compile and run them, and the secrets told to the driver one after another when it asks.

    The last secret is the token: who says it back has run to the end of the tests. `proof`, where it is not empty, has to be said
    instead: the key, which the driver has read before the answer could ask for anything, and the token.
    """

    files: dict[str, str]
    steps: tuple[Step, ...]
    secrets: tuple[str, ...]
    modules: tuple[str, ...] = ()
    proof: str = ""


@dataclass(frozen=True)
class StepResult:
    """One step that has ended: wait status, seconds of wall and CPU, peak resident KiB of its largest process, outputs."""

    status: int
    seconds: float
    cpu: float
    memory: int
    stdout: str
    stderr: str


@dataclass(frozen=True)
class Outcome:
    """What happened. `killed` by us: `time`, `output`, `memory`, `disk`; `problem`: the sandbox itself failed.

    `finished`: the driver said the token. `unfinished`: outputs of the step that was cut off. `reports`: what the driver said of
    single tests, and at the end of all.
    """

    steps: tuple[StepResult, ...]
    seconds: float
    finished: bool = False
    killed: str | None = None
    problem: str | None = None
    unfinished: tuple[str, str] = ("", "")
    reports: tuple[dict[str, Any], ...] = ()

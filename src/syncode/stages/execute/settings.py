"""What a user can say about a run of programs, about tests of tests, and about scores."""

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True)
class ExecuteOptions:
    """The options of `syncode execute`."""

    tasks: tuple[str, ...] = field(
        default=(),
        metadata={
            "metavar": "FILE",
            "file": "reads",
            "again": True,
            "help": "Task files: answers are run with their task's tests.",
        },
    )
    timeout: float = field(
        default=10.0,
        metadata={
            "group": "Limits",
            "min": 0.1,
            "help": "Seconds a program may run, or each of its tests, where they can be timed; compiling has its own.",
        },
    )
    memory: str = field(
        default="1G",
        metadata={"metavar": "SIZE", "group": "Limits", "help": "Memory of a program and all its children."},
    )
    repeat: int = field(default=1, metadata={"help": "Runs of each program, each with another hash seed.", "min": 1})
    no_rerun: bool = field(
        default=False, metadata={"help": "Do not run programs that timed out again, alone, with 4 times the limit."}
    )
    inline: bool = field(
        default=False, metadata={"help": "Write the input row with evidence.execution instead of Execution rows."}
    )
    score: Literal["all", "fraction"] = field(
        default="all",
        metadata={"help": "`fraction` adds a field `score`: the share of tests that passed, from 0 to 1."},
    )
    stop_early: bool = field(
        default=False, metadata={"help": "Of inputs and outputs, run none after the first that does not pass."}
    )
    wheels: str = field(
        default="",
        metadata={
            "metavar": "DIR",
            "help": "A folder of wheels: its packages are installed, offline, for Python programs.",
        },
    )
    cache: str = field(
        default=".syncode/executions.db",
        metadata={"metavar": "FILE", "file": "writes", "help": "Where results are remembered: nothing is run twice."},
    )
    no_cache: bool = field(default=False, metadata={"help": "Remember nothing."})
    allow_infra: bool = field(
        default=False, metadata={"help": "Exit 0 also if programs could not be judged (state infra)."}
    )
    accept_doctor: bool = field(
        default=False,
        metadata={"help": "Judge languages too whose right and wrong samples give the same result on this machine."},
    )
    unsafe_no_sandbox: bool = field(
        default=False, metadata={"help": "Run programs as yourself, without any isolation."}
    )


@dataclass(frozen=True)
class GateOptions:
    """The options of `syncode execute gates`."""

    mutants: int = field(default=10, metadata={"help": "Mutants of the accepted answer.", "min": 0})
    kill: int = field(default=1, metadata={"help": "Mutants that a set of tests has to find wrong.", "min": 0})
    drop: bool = field(default=False, metadata={"help": "Drop rows whose tests do not hold, instead of saying so."})


@dataclass(frozen=True)
class ScoreOptions:
    """The options of `syncode execute score`."""

    tasks: tuple[str, ...] = field(
        default=(),
        metadata={
            "metavar": "FILE",
            "file": "reads",
            "again": True,
            "help": "Task files: a task without a sample is `missing`.",
        },
    )
    k: tuple[int, ...] = field(
        default=(1,), metadata={"help": "k of pass@k; repeatable. Refused above the number of samples."}
    )
    pairs: bool = field(default=False, metadata={"help": "Compare models by task (McNemar) instead."})
    allow_missing: bool = field(default=False, metadata={"help": "Exit 0 also if samples are missing or undecided."})

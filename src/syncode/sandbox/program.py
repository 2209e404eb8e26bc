"""What is handed to the sandbox and what comes back, before anybody calls it pass or fail."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

NETWORK = re.compile(
    r"[Ss]ocket|127\.0\.0\.|localhost|/dev/tcp|::1\b|0\.0\.0\.0|[Ss]erver\b|[Ll]isten|TcpStream|UdpClient|net\.Dial"
)
"""What programs that use the network call or name (chosen here); one that is missed shares loopback with those before it."""


@dataclass(frozen=True)
class Step:
    """One command. `limits`: resource limits by name without `RLIMIT_`; `python` set: run by the warm interpreter instead.

    `stdin`: the file of the program that it reads from, whose name is gone before it begins; empty: nothing to read.
    `talks`: in a pair, it reads what the other half writes, and writes what that one reads, instead of stdin and stdout.
    `role`: in a pair, "tests" or "answer": which half this is.
    `each`: seconds of CPU time and of wall clock for each test of a pair, where each has a limit of its own.
    `warm`: the words for a compiler that stays open (`sandbox.compilers`) and can do this step; `server`: what starts that one.
    """

    argv: tuple[str, ...]
    seconds: float
    environment: dict[str, str] = field(default_factory=dict)
    limits: dict[str, int] = field(default_factory=dict)
    python: bool = False
    stdin: str = ""
    talks: bool = False
    role: str = ""
    each: tuple[float, ...] = ()
    warm: tuple[str, ...] = ()
    server: tuple[str, ...] = ()


@dataclass(frozen=True)
class Program:
    """Files, the steps that compile and run them, and the secrets told to the driver one after another when it asks.

    The last secret is the token: who says it back has run to the end of the tests. `proof`, if not empty, has to be said
    instead: the key, which the driver has read before the answer could ask for anything, and the token.
    """

    files: Mapping[str, str | bytes]
    steps: tuple[Step, ...]
    secrets: tuple[str, ...]
    modules: tuple[str, ...] = ()
    proof: str = ""

    @property
    def networks(self) -> bool:
        """Whether anything in it mentions sockets: then it gets a network namespace of its own, which holds only loopback."""
        texts = (*self.files.values(), *self.secrets)
        return any(NETWORK.search(text) for text in texts if isinstance(text, str))


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
    """What happened. `killed`: `time`, `cpu`, `output`, `memory`, `disk`; `problem`: the sandbox itself failed.

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

"""Runs untrusted programs of many languages; says what happened in one word, and what it does not protect from.

    with Sandbox(choose(Limits())) as sandbox:
        result = sandbox.run("python", code, tests)   # Result(state="pass", reason="", seconds=0.01, ...)

Not covered: what a program can do with CPU time while its deadline lasts, side channels between programs on one machine, faults
of the kernel itself, and an answer written against our own driver (docs/sandbox.md has the list).
"""

import os
import secrets
from types import TracebackType
from typing import Self

from syncode.sandbox.languages import LANGUAGES, Language, Ready, Source, find, ready
from syncode.sandbox.limits import Limits, parse_size
from syncode.sandbox.probe import choose
from syncode.sandbox.session import Isolation, Session
from syncode.sandbox.states import UNDECIDED, Result, State, judge

__all__ = [
    "LANGUAGES",
    "UNDECIDED",
    "Isolation",
    "Language",
    "Limits",
    "Result",
    "Sandbox",
    "State",
    "choose",
    "find",
    "parse_size",
]


class Sandbox:
    """Programs in, results out; one at a time. Each process that uses it opens a sandbox of its own (workers are forked)."""

    def __init__(self, isolation: Isolation) -> None:
        self.isolation = isolation
        self._session: Session | None = None
        self._process = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the sandbox of this process, if one is open."""
        if self._session is not None and self._process == os.getpid():
            self._session.close()
        self._session = None

    def run(self, name: str, code: str, tests: str = "", limits: Limits | None = None) -> Result:
        """Run `code`, then `tests` behind it. A language without a row or toolchain is `infra`."""
        language = find(name)
        if language is None:
            return Result("infra", f"no row for the language {name!r} in the table")
        tools = ready(language.name)
        if not isinstance(tools, Ready):
            return Result("infra", tools)
        source = Source(code, tests, secrets.token_hex(16))
        program = language.assemble(source, limits or self.isolation.limits, tools.commands)
        return judge(language, self._open().run(program), len(program.steps), tests)

    def _open(self) -> Session:
        if self._session is None or self._process != os.getpid():
            self._session, self._process = Session(self.isolation), os.getpid()
        return self._session

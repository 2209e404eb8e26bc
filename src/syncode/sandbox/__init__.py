"""Runs untrusted programs of many languages; says what happened in one word, and what it does not protect from.

    with Sandbox(choose(Limits())) as sandbox:
        result = sandbox.run("python", code, tests)   # Result(state="pass", reason="", seconds=0.01, ...)

Not covered: what a program can do with CPU time while its deadline lasts, side channels between programs on one machine, faults
of the kernel itself, and an answer written against our own driver (docs/sandbox.md has the list).
"""

import os
import secrets
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from syncode.sandbox.cache import Cache, harness, key
from syncode.sandbox.cell import rehearsal
from syncode.sandbox.compilers import Compilers, behind
from syncode.sandbox.examiner import Examiner
from syncode.sandbox.isolation import Isolation
from syncode.sandbox.languages import LANGUAGES, Language, Ready, Source, ending, find, ready
from syncode.sandbox.languages.aging import newer
from syncode.sandbox.languages.apart import borrowed
from syncode.sandbox.languages.assemble import each_call, whole
from syncode.sandbox.limits import Limits, parse_size
from syncode.sandbox.probe import choose
from syncode.sandbox.program import Outcome, Program
from syncode.sandbox.session import Broken, Session, run
from syncode.sandbox.states import UNDECIDED, Result, State, excuse, judge, judge_pair, with_reports

__all__ = [
    "LANGUAGES",
    "UNDECIDED",
    "Cache",
    "Isolation",
    "Language",
    "Limits",
    "Ready",
    "Result",
    "Sandbox",
    "Source",
    "State",
    "choose",
    "find",
    "parse_size",
    "ready",
    "tools_of",
]


REHEARSED: dict[str, rehearsal.Way] = {"": "answer", "together": "together"}
"""What the warm interpreter of a session rehearses: what its programs do most."""


def tools_of(name: str) -> Ready | Result:
    """Return a language, by any of its names, with its toolchain; `infra` if it has no row in the table, or is not here."""
    language = find(name)
    if language is None:
        return Result("infra", f"no row for the language {name!r} in the table")
    tools = ready(language.name)
    return tools if isinstance(tools, Ready) else Result("infra", tools)


def _kind(source: Source) -> str:
    """Return "together" if the tests of a language other than Python leave the judging to a function of the answer."""
    return "together" if borrowed(source.code, source.tests) else "apart"


class Sandbox:
    """Programs in, results out; one at a time. Each process that uses it opens a sandbox of its own (workers are forked)."""

    def __init__(self, isolation: Isolation, cache: Cache | None = None) -> None:
        self.isolation = isolation
        self.cache = cache or Cache(None)
        self._sessions: dict[tuple[int, str], Session] = {}
        self._process = 0
        self._lacks: dict[tuple[str, str, str], str] = {}
        self._examiners: dict[int, Examiner] = {}
        self._compilers: Compilers | None = None
        harness()  # read here once, not by each of the workers, which may have no descriptor left

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the sandboxes of this process."""
        if self._process == os.getpid():
            for examiner in self._examiners.values():
                examiner.close()
            if self._compilers is not None:
                self._compilers.close()
            for session in self._sessions.values():
                session.close()
        self._sessions, self._examiners, self._compilers = {}, {}, None

    def run(
        self,
        name: str,
        code: str,
        tests: str = "",
        limits: Limits | None = None,
        seed: int = 0,
        beside: Mapping[str, str] | None = None,
    ) -> Result:
        """Run `code`, then `tests` behind it, with this hash seed; a result that is remembered is not found out again.

        `beside`: files in the folder of the program.

        A language without a row in the table or without its toolchain is `infra`.
        """
        tools = tools_of(name)
        if isinstance(tools, Result):
            return tools
        language = tools.language
        limits = limits or self.isolation.limits
        tested = f"{tests}\0{sorted(beside.items())}" if beside else tests
        remembered = key((language.name, code, tested), f"{self.toolchain(name)}; {tools.stamp}", limits, seed)
        if (known := self.cache.get(remembered)) is not None:
            return known
        source = Source(code, tests, secrets.token_hex(16), beside or {})
        try:
            apart = self._apart(tools, source, limits, seed) if tests and language.pair and self._has_pairs else None
            result = apart or self._judged(tools, source, limits, seed)
        except OSError as problem:  # of the moment: no descriptor is left to read our own drivers with
            result = Result("infra", f"the program cannot be put together: {problem.strerror}")
        result = self.excused(result, name, tests)
        if result.state == "compile" and (
            new := newer(language.name, f"{code}\n{tests}", result.stderr + result.stdout)
        ):
            why = f"{language.name} {tools.version} is older than what the program uses: {new}"
            result = Result("infra", why, stdout=result.stdout, stderr=result.stderr)
        self.cache.put(remembered, result)
        return result

    def excused(self, result: Result, name: str, text: str) -> Result:
        """Return `infra` instead of a failure for which `text`, the task's own part of the program, lacks something.

        That a module is not there is what the program says, and an answer can say anything. So it counts only if `text` needs
        that module, and it is not there without the answer either.
        """
        language = find(name)
        tools = ready(language.name) if language and result.lacks else None
        if language is None or not isinstance(tools, Ready) or not text.strip():
            return result
        alone = ("", text) if " " in result.lacks else language.modules.alone(result.lacks, text)
        if alone is None or self._lacking(tools, *alone) != result.lacks:
            return result
        return Result("infra", excuse(result.lacks), stdout=result.stdout, stderr=result.stderr)

    def _lacking(self, tools: Ready, code: str, tests: str) -> str:
        """Return what a text that holds nothing of an answer lacks, found out once."""
        asked = (tools.language.name, code, tests)
        if asked not in self._lacks:
            source = Source(code, tests, secrets.token_hex(16))
            self._lacks[asked] = self._judged(tools, source, self.isolation.limits, 0).lacks
        return self._lacks[asked]

    def _judged(self, tools: Ready, source: Source, limits: Limits, seed: int) -> Result:
        source = replace(source, tests=ending.plain(tools.language.name, source.tests))
        program = source.complete(tools.language.assemble(source, limits, self.isolation.commands(tools)))
        beside = bool(source.tests) and tools.language.pair is not None
        outcome = self.outcome(program, limits, seed, "together" if beside else "")
        result = judge(tools.language, outcome, len(program.steps), bool(source.tests))
        return with_reports(result, outcome, "shared" if source.tests else "none")

    @property
    def _has_pairs(self) -> bool:
        """Whether two programs can be joined here."""
        return self.isolation.backend != "sandlock"

    def _apart(self, tools: Ready, source: Source, limits: Limits, seed: int) -> Result | None:
        """Return the result of tests that ran beside the answer, in a process of their own; None if they cannot."""
        assert tools.language.pair is not None
        commands = self.isolation.commands(tools)
        examiner = self._examiner(seed, commands["python3"]) if tools.language.name == "python" else None
        try:
            kind = examiner.kind(source.tests)[0] if examiner else _kind(source)
        except Broken as problem:
            return Result("infra", str(problem))
        many = whole(limits) if examiner is None and limits.one_by_one else limits
        made = tools.language.pair(source, many, commands) if kind != "together" else kind
        if isinstance(made, str):
            return None
        tests, answer = source.complete(made[0]), source.complete(made[1])
        if many is not limits:
            answer = each_call(answer, limits)
        if examiner and kind == "plain":
            outcomes = examiner.run(source.tests, self._session(seed), answer, limits)
        else:
            outcomes = self._both((tests, answer), limits, seed)
        result = judge_pair(tools.language, (tests, answer), outcomes)
        return result if isinstance(result, Result) else None

    def _both(self, programs: tuple[Program, Program], limits: Limits, seed: int) -> tuple[Outcome, Outcome]:
        """Run the halves of a pair; one that does not compile is compiled beside the other, as if no compiler were open."""
        made = [self._compiling().ahead(program) for program in programs]
        if any(done and done[-1].status for _, done in made):
            made = [(program, ()) for program in programs]
        sessions = self._session(seed, "tests"), self._session(seed)
        tested, answered = run(sessions, [left for left, _ in made], limits)
        return behind(made[0][1], tested), behind(made[1][1], answered)

    def outcome(self, program: Program, limits: Limits, seed: int = 0, half: str = "") -> Outcome:
        """Run a program that somebody else has put together; nothing is remembered.

        `half`: "tests" for one that knows what is expected. Answers never run in the sandbox where that has been.
        """
        left, done = self._compiling().ahead(program) if self._has_pairs else (program, ())
        if done and done[-1].status:
            return behind(done, Outcome((), 0.0))
        return behind(done, self._session(seed, half).run(left, limits))

    def together(self, programs: tuple[Program, Program], limits: Limits, seed: int = 0) -> list[Outcome]:
        """Run two programs at the same time, each in a sandbox of its own; what joins them is one channel."""
        if not self._has_pairs:
            problem = f"two programs cannot be joined in {self.isolation.name}: install bubblewrap"
            return [Outcome((), 0.0, problem=problem) for _ in programs]
        return run([self._session(seed, "tests"), self._session(seed)], programs, limits)

    def toolchain(self, name: str) -> str:
        """Return language, version and isolation, as rows record them."""
        language = find(name)
        tools = ready(language.name) if language else None
        version = tools.version if isinstance(tools, Ready) else "absent"
        wheels = (
            f"; wheels {Path(self.isolation.wheels).name[:8]}" if self.isolation.wheels and name == "python" else ""
        )
        return f"{language.name if language else name} {version}; {self.isolation.name}{wheels}"

    def _examiner(self, seed: int, command: str) -> Examiner:
        session = self._session(seed, "plain")
        if seed not in self._examiners:
            self._examiners[seed] = Examiner(session, command)
        return self._examiners[seed]

    def _compiling(self) -> Compilers:
        if self._compilers is None or self._process != os.getpid():
            self._session(0)
            self._compilers = Compilers(lambda name: self._session(0, name))
        return self._compilers

    def _session(self, seed: int, half: str = "") -> Session:
        if self._process != os.getpid():  # those of the process that forked this one are not ours to use or to close
            self._sessions, self._examiners, self._compilers, self._process = {}, {}, None, os.getpid()
        if (seed, half) not in self._sessions:
            self._sessions[seed, half] = Session(replace(self.isolation, seed=seed), REHEARSED.get(half, ""))
        return self._sessions[seed, half]

"""The process that holds plain tests, kept open for one answer after another: who starts it, asks it, and ends it."""

import os
import select
import socket
import time
from typing import Any

from syncode.sandbox.cell import wire
from syncode.sandbox.languages.assemble import resource_limits
from syncode.sandbox.limits import Limits
from syncode.sandbox.program import Outcome, Program, Step, StepResult
from syncode.sandbox.session import Broken, Session
from syncode.sandbox.watch import AFTER, Pipes, Watch, reports

REPLY = 60.0
"""Seconds that it may take to read tests, and to say that the answer has ended (chosen here; idle it takes some ms)."""
GRACE = 5.0
"""Seconds that tests may go on when the answer's time is over (chosen here)."""
KNOWN = 4096
"""Texts of tests whose kind is remembered (chosen here)."""
LIFE = 3600.0
"""CPU seconds of one examiner (chosen here): each run has its own deadline, which the harness keeps."""
RUNS = 1000
"""Runs after which it is started afresh (chosen here): whatever has gathered in its memory goes."""


class Examiner:
    """One sandbox with one process in it that runs the tests of many answers. Opens on first use, and again after it broke."""

    def __init__(self, session: Session, command: str) -> None:
        """`command`: the interpreter, where a program finds it."""
        self.session = session
        self.command = command
        self._control: socket.socket | None = None
        self._runs = 0
        self._pipes = Pipes([])
        self._kinds: dict[str, tuple[str, str]] = {}

    def close(self) -> None:
        """End the process and its sandbox."""
        if self._control is not None:
            self._control.close()
            self._control = None
        self.session.close()
        self._pipes.close()

    def kind(self, tests: str) -> tuple[str, str]:
        """Return how tests can run ("plain", "apart", "together") and why, as `reach.kind` says. Raises Broken."""
        if tests not in self._kinds:
            reply = self._ask(tests) or self._ask(tests)  # again: it may have been killed since
            if reply is None:
                raise Broken("the process of the tests does not answer")
            if len(self._kinds) >= KNOWN:
                self._kinds.clear()
            self._kinds[tests] = (reply["kind"], reply["why"])
        return self._kinds[tests]

    def run(self, tests: str, answering: Session, answer: Program, limits: Limits) -> tuple[Outcome, Outcome]:
        """Run plain tests against an answer; return what happened to either. A sandbox that breaks is a `problem` of both.

        If one is found dead, once more: what ran before may have killed it, and nothing has been started.
        """
        try:
            return self._run(tests, answering, answer, limits)
        except ConnectionError:
            self.close()
            answering.close()
        except (Broken, OSError) as problem:
            return self._broken(answering, problem)
        try:
            return self._run(tests, answering, answer, limits)
        except (Broken, OSError) as problem:
            return self._broken(answering, problem)

    def _broken(self, answering: Session, problem: Exception) -> tuple[Outcome, Outcome]:
        self.close()
        answering.close()
        broken = Outcome((), 0.0, problem=str(problem))
        return broken, broken

    def _run(self, tests: str, answering: Session, answer: Program, limits: Limits) -> tuple[Outcome, Outcome]:
        pipes, other = Pipes([]), Pipes([])
        try:
            if self._runs >= RUNS:
                self.close()
            if self._control is None:
                self._open()
            self._runs += 1
            if not answering.is_open:
                answering.open()
            pipes, other = Pipes.make(len(answer.steps)), Pipes([])
            other.join(pipes)
            assert self._control is not None
            wire.order(self._control, {"tests": tests, "each": answer.steps[-1].each}, other.theirs)
            other.release()
            watch = answering.start(answer, limits, pipes)
            if watch is None:
                raise Broken("the sandbox ended")
            reply, made = self._watch(watch, answer.steps[-1].seconds + GRACE)
            return (reply if isinstance(reply, Outcome) else _outcome(reply)), answering.settle(made)
        except (Broken, OSError):
            raise
        except BaseException:  # Ctrl-C, say: what belongs to this answer must not become the next one's
            self.close()
            answering.close()
            raise
        finally:
            pipes.close()
            other.close()

    def _open(self) -> None:
        ours, theirs = socket.socketpair()
        self.session.open()
        seconds = self.session.isolation.limits.seconds
        limits = {**resource_limits(self.session.isolation.limits, seconds, 1, space=False), "CPU": int(LIFE)}
        step = Step((self.command, "tests.py"), LIFE, limits=limits, python=True, role="examiner")
        self._pipes = Pipes.make(1)
        self._pipes.theirs += [os.dup(theirs.fileno()), theirs.detach()]
        started = self.session.start(Program({}, (step,), ("",)), self.session.isolation.limits, self._pipes)
        self._control, self._runs = ours, 0
        if started is None:
            self.close()
            raise Broken("the process of the tests does not start")

    def _ask(self, tests: str) -> dict[str, Any] | None:
        """Return what it says of tests; None, and it is closed, if it does not."""
        try:
            if self._control is None:
                self._open()
            assert self._control is not None
            wire.order(self._control, {"tests": tests}, [])
            ready = select.select([self._control], [], [], REPLY)[0]
            reply: dict[str, Any] | None = wire.receive(self._control.fileno()) if ready else None
        except OSError:
            reply = None
        if reply is None:
            self.close()
        return reply

    def _watch(self, watch: Watch, seconds: float) -> tuple[dict[str, Any] | Outcome, Outcome | None]:
        """Watch the answer and wait for the word of the tests, or return how they have ended without it: then it is closed."""
        assert self._control is not None
        poll = select.poll()
        control = self._control.fileno()
        poll.register(control, select.POLLIN)
        watch.begin(poll)
        deadline = time.monotonic() + seconds
        reply: dict[str, Any] | None = None
        waiting, late = True, False
        while waiting or not (watch.over or watch.lost):
            if waiting and time.monotonic() > deadline:
                waiting, late = False, True
            left = min(watch.left() if not watch.over else REPLY, deadline - time.monotonic() if waiting else REPLY)
            for descriptor, _ in poll.poll(max(0.0, left) * 1000 + 1):
                if descriptor != control:
                    watch.event(descriptor)
                    if watch.over:  # the tests see the end of the channel, and say so
                        watch.stop()
                        deadline = max(deadline, time.monotonic() + GRACE)
                    continue
                reply, waiting = wire.receive(control), False
                poll.unregister(control)
                watch.hurry(AFTER)
        made = watch.end() if watch.over else None
        if reply is not None:
            return reply, made
        killed = "time" if late else "memory" if self.session.out_of_memory() else None
        self.close()
        steps = () if killed else (StepResult(1 << 8, 0.0, 0.0, 0, "", "the process of the tests has ended"),)
        return Outcome(steps, 0.0, killed=killed), made


def _outcome(reply: dict[str, Any]) -> Outcome:
    """Return what happened to the tests, in the form that a program of its own has."""
    step = StepResult(int(reply["code"]) << 8, reply["cpu"], reply["cpu"], 0, "", str(reply["said"]))
    return Outcome((step,), 0.0, finished=reply["code"] == 0, reports=reports(str(reply["lines"]).split("\n")))

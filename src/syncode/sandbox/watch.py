"""The outer ends of a program's pipes: what it gets, what it says, and how long it may go on."""

import contextlib
import json
import os
import select
import time
from dataclasses import dataclass, field
from typing import Any

from syncode.sandbox.cell import wire
from syncode.sandbox.limits import Limits
from syncode.sandbox.program import Outcome, Program, StepResult

CHUNK = 1 << 16
BURIAL = 5.0
"""Seconds that a program may take to disappear after its last step (chosen here)."""
GRACE = 10.0
"""Seconds after a kill until the runner itself is given up (chosen here)."""


class Capture:
    """The first and the last bytes of an output, and how many there were."""

    def __init__(self, keep: int) -> None:
        self.half = keep // 2
        self.head = b""
        self.tail = b""
        self.total = 0

    def add(self, data: bytes) -> None:
        """Take what was read."""
        self.total += len(data)
        room = self.half - len(self.head)
        self.head += data[:room]
        self.tail = (self.tail + data[room:])[-self.half :] if len(data) > room else self.tail

    def text(self) -> str:
        """Return it as text, with a line that says what is missing in the middle."""
        missing = self.total - len(self.head) - len(self.tail)
        middle = f"\n[... {missing} bytes ...]\n".encode() if missing else b""
        return (self.head + middle + self.tail).decode(errors="replace")


@dataclass
class Pipes:
    """The ends of both sides: tell, ask, status, then stdout and stderr of each step."""

    ours: list[int]
    theirs: list[int] = field(default_factory=list)

    @classmethod
    def make(cls, steps: int) -> "Pipes":
        """Make the pipes of a program of `steps` steps."""
        pipes = cls([])
        try:
            for number in range(3 + 2 * steps):
                read, write = os.pipe()
                pipes.ours.append(read if number else write)
                pipes.theirs.append(write if number else read)
                os.fchmod(read, 0o666)  # a program is another user, and may open its /dev/stdout or /dev/fd/4
        except OSError:  # no descriptor left: those that were there must come back
            pipes.close()
            raise
        return pipes

    def release(self) -> None:
        """Close the ends that the program has by now."""
        while self.theirs:
            os.close(self.theirs.pop())

    def close(self) -> None:
        """Close all that is open."""
        self.release()
        while self.ours:
            os.close(self.ours.pop())


class Watch:
    """One program, from the order to the report that it is gone."""

    def __init__(self, program: Program, limits: Limits, control: wire.Socket, ends: list[int]) -> None:
        """`ends`: ours of `Pipes`; the one that made them closes them."""
        self.program = program
        self.limits = limits
        self.control = control.fileno()
        self.tell, self.ask, self.status, *outputs = ends
        self.captures = {output: Capture(limits.output_kept) for output in outputs}
        self.secrets = [secret.encode("utf-8", "surrogatepass") for secret in program.secrets]
        self.pending = memoryview(b"")
        self.frames = b""
        self.said = b""
        self.steps: list[dict[str, Any]] = []
        self.killed: str | None = None
        self.problem: str | None = None
        self.given_up = 0.0
        self.waiting = False

    def outcome(self) -> Outcome | None:
        """Watch the program until it is gone, and return what happened; None when the runner is gone or does not answer."""
        for descriptor in (self.tell, self.ask, self.status, *self.captures):
            os.set_blocking(descriptor, False)
        poll = select.poll()
        # What only one step reports is read at the end: each time that we wake up costs as much as many a program takes.
        status = [self.status] if len(self.program.steps) > 1 else []
        for descriptor in (self.ask, *status, *self.captures, self.control):
            poll.register(descriptor, select.POLLIN)
        self._new_deadline()
        while not self._round(poll):
            if self.given_up and time.monotonic() > self.given_up:
                return None
        report = wire.receive(self.control)
        if report is None:
            return None
        for descriptor in (self.status, self.ask, *self.captures):
            while self._read(descriptor) > 0:
                pass
        return self._outcome(report)

    def _round(self, poll: select.poll) -> bool:
        """Handle one batch of events; True when the runner has something to say."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            self._kill("time")
            left = self.deadline - time.monotonic()
        for descriptor, _ in poll.poll(left * 1000 + 1):
            if descriptor == self.control:
                return True
            if descriptor == self.tell:
                self._feed(poll)
            elif self._read(descriptor) == 0:
                poll.unregister(descriptor)
            elif descriptor == self.ask:
                self._feed(poll)
                if not self.secrets:  # what else it says, it says at its end
                    poll.unregister(self.ask)
        return False

    def _read(self, descriptor: int) -> int:
        """Take what there is; return the number of bytes, 0 at the end, -1 when nothing is there yet."""
        try:
            data = os.read(descriptor, CHUNK)
        except BlockingIOError:
            return -1
        if descriptor == self.status:
            self._progress(data)
        elif descriptor == self.ask:
            self._asked(data)
        elif data:
            capture = self.captures[descriptor]
            capture.add(data)
            if capture.total > self.limits.output_stop and self.killed != "output":
                self._kill("output")
        return len(data)

    def _asked(self, data: bytes) -> None:
        """Each question mark asks for the next secret; anything else is what the program has to say."""
        for _ in range(data.count(b"?")):
            if self.secrets:
                self.pending = memoryview(bytes(self.pending) + self.secrets.pop(0))
        self.said = (self.said + data.replace(b"?", b""))[-(1 << 16) :]

    def _feed(self, poll: select.poll) -> None:
        """Return what has been asked for; what does not fit into the pipe is sent when there is room again."""
        try:
            if self.pending:
                self.pending = self.pending[os.write(self.tell, self.pending) :]
        except BlockingIOError:
            pass  # full
        except BrokenPipeError:
            self.pending = memoryview(b"")  # the program does not listen any more
        if self.pending and not self.waiting:
            poll.register(self.tell, select.POLLOUT)
        elif self.waiting and not self.pending:
            poll.unregister(self.tell)
        self.waiting = bool(self.pending)

    def _progress(self, data: bytes) -> None:
        """Read the supervisor's reports; after a step that is not the last one a new deadline holds."""
        self.frames += data
        while len(self.frames) >= wire.HEADER.size:
            size = wire.HEADER.size + wire.HEADER.unpack_from(self.frames)[0]
            if len(self.frames) < size:
                return
            report = json.loads(self.frames[wire.HEADER.size : size])
            self.frames = self.frames[size:]
            if "problem" in report:
                self.problem = report["problem"]
                return
            self.steps.append(report)
            self._new_deadline()

    def _new_deadline(self) -> None:
        steps, number = self.program.steps, len(self.steps)
        self.deadline = time.monotonic() + (steps[number].seconds if number < len(steps) else BURIAL)

    def _kill(self, why: str) -> None:
        """Have the program ended, and remember the first reason; a flood counts even where the program has just ended."""
        if self.killed is None and (why == "output" or len(self.steps) < len(self.program.steps)):
            self.killed = why
        with contextlib.suppress(OSError):  # a runner that is gone is noticed where its report is read
            os.write(self.control, wire.KILL)
        self.deadline = time.monotonic() + BURIAL
        self.given_up = self.given_up or time.monotonic() + GRACE

    def _outcome(self, report: dict[str, Any]) -> Outcome:
        """Put together what was read and what the runner reports."""
        killed = self.killed or (report["killed"] if len(self.steps) < len(self.program.steps) else None)
        problem = self.problem or report["problem"]
        if report["step"] and not killed and not problem:
            self.steps.append({**report["step"], "seconds": report["seconds"]})
        texts = [capture.text() for capture in self.captures.values()]
        outputs = list(zip(texts[::2], texts[1::2], strict=True))
        steps = tuple(
            StepResult(step["status"], step["seconds"], step["cpu"], step["memory"], *said)
            for step, said in zip(self.steps, outputs, strict=False)
        )
        unfinished = outputs[len(steps)] if len(outputs) > len(steps) else ("", "")
        last = self.said.decode("utf-8", "replace").strip().rpartition("\n")[2]
        finished = last == (self.program.proof or self.program.secrets[-1].strip())
        return Outcome(steps, report["seconds"], finished, killed, problem, unfinished)

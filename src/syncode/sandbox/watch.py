"""The outer ends of a program's pipes: what it gets, what it says, and how long it may go on."""

import contextlib
import json
import os
import select
import signal
import time
from dataclasses import dataclass, field
from typing import Any

from syncode.sandbox.cell import wire
from syncode.sandbox.limits import Limits
from syncode.sandbox.program import Outcome, Program, StepResult
from syncode.sandbox.relay import Relay

CHUNK = 1 << 16
REPORT = 1 << 20
"""Bytes of what a driver may say of its tests (chosen here)."""
BURIAL = 5.0
"""Seconds that a program may take to disappear after its last step (chosen here)."""
GRACE = 10.0
"""Seconds after a kill until the runner itself is given up (chosen here)."""


class Capture:
    """The first and the last bytes of an output, and how many there were."""

    def __init__(self, keep: int) -> None:
        self.half = keep // 2
        self.head = bytearray()
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
    """The ends of both sides: tell, ask, status, then stdout and stderr of each step. Of a pair's channel both are theirs."""

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

    def join(self, other: "Pipes") -> None:
        """Make the channel of a pair: each half reads what the other one writes."""
        made: list[int] = []
        try:
            made += os.pipe()
            made += os.pipe()
            for number in made[::2]:
                os.fchmod(number, 0o666)
        except OSError:
            for number in made:
                os.close(number)
            raise
        self.theirs += [made[0], made[3]]
        other.theirs += [made[2], made[1]]

    def part(self, other: "Pipes") -> list[int]:
        """Make the channel of a pair so that what they say goes past us, and return our ends, as `Relay` takes them."""
        made: list[int] = []
        try:
            for _ in range(4):
                made += os.pipe()
            for number in made[::2]:  # of the pipe, whichever end a program opens by its name
                os.fchmod(number, 0o666)
        except OSError:
            for number in made:
                os.close(number)
            raise
        from_tests, asks, for_answer, to_answer, from_answer, replies, for_tests, to_tests = made
        self.theirs += [for_tests, asks]
        other.theirs += [for_answer, replies]
        return [from_tests, to_answer, from_answer, to_tests]

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
        self.over = False

    def begin(self, poll: select.poll) -> None:
        """Start to watch, on this poll."""
        self.poll = poll
        for descriptor in (self.tell, self.ask, self.status, *self.captures):
            os.set_blocking(descriptor, False)
        # What only one step reports is read at the end: each time that we wake up costs as much as many a program takes.
        status = [self.status] if len(self.program.steps) > 1 else []
        for descriptor in (self.ask, *status, *self.captures, self.control):
            poll.register(descriptor, select.POLLIN)
        self._new_deadline()

    def left(self) -> float:
        """Return the seconds until something has to be done, and do it if there are none."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            self.kill("time")
            left = self.deadline - time.monotonic()
        return left

    @property
    def lost(self) -> bool:
        """Whether the runner does not answer any more."""
        return bool(self.given_up) and time.monotonic() > self.given_up

    def event(self, descriptor: int) -> None:
        """Handle what has come to one of our descriptors."""
        if descriptor == self.control:
            self.over = True
        elif descriptor == self.tell:
            self._feed()
        elif self._read(descriptor) == 0:
            self.poll.unregister(descriptor)
        elif descriptor == self.ask:
            self._feed()
            if not self.secrets:  # what else it says, it says at its end
                self.poll.unregister(self.ask)

    def owns(self, descriptor: int) -> bool:
        """Whether a descriptor is one of ours."""
        return descriptor in (self.control, self.tell, self.ask, self.status) or descriptor in self.captures

    def end(self) -> Outcome | None:
        """Return what happened; None when the runner is gone."""
        report = wire.receive(self.control)
        if report is None:
            return None
        for descriptor in (self.status, self.ask, *self.captures):
            while self._read(descriptor) > 0:
                pass
        return self._outcome(report)

    def stop(self) -> None:
        """Take our descriptors off the poll: the program is gone."""
        for descriptor in (self.tell, self.ask, self.status, *self.captures, self.control):
            with contextlib.suppress(KeyError):
                self.poll.unregister(descriptor)

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
                self.kill("output")
        return len(data)

    def _asked(self, data: bytes) -> None:
        """Each question mark asks for the next secret; anything else is what the program has to say."""
        for _ in range(data.count(b"?")):
            if self.secrets:
                self.pending = memoryview(bytes(self.pending) + self.secrets.pop(0))
        self.said = (self.said + data.replace(b"?", b""))[-REPORT:]

    def _feed(self) -> None:
        """Return what has been asked for; what does not fit into the pipe is sent when there is room again."""
        try:
            if self.pending:
                self.pending = self.pending[os.write(self.tell, self.pending) :]
        except BlockingIOError:
            pass  # full
        except BrokenPipeError:
            self.pending = memoryview(b"")  # the program does not listen any more
        if self.pending and not self.waiting:
            self.poll.register(self.tell, select.POLLOUT)
        elif self.waiting and not self.pending:
            self.poll.unregister(self.tell)
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

    def hurry(self, seconds: float) -> None:
        """Leave the program so much time from now."""
        self.deadline = min(self.deadline, time.monotonic() + seconds)

    def kill(self, why: str) -> None:
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
        if report["step"] and not killed and report["step"]["status"] == signal.SIGKILL:
            limit = self.program.steps[len(self.steps)].limits.get(
                "CPU"
            )  # the kernel ignores SIGXCPU for a first process
            killed = "cpu" if limit is not None and report["step"]["cpu"] >= limit else None
        if report["step"] and not killed and not problem:
            self.steps.append({**report["step"], "seconds": report["seconds"]})
        texts = [capture.text() for capture in self.captures.values()]
        outputs = list(zip(texts[::2], texts[1::2], strict=True))
        steps = tuple(
            StepResult(step["status"], step["seconds"], step["cpu"], step["memory"], *said)
            for step, said in zip(self.steps, outputs, strict=False)
        )
        unfinished = outputs[len(steps)] if len(outputs) > len(steps) else ("", "")
        *lines, last = self.said.decode("ascii", "replace").strip().split("\n")
        finished = last == (self.program.proof or self.program.secrets[-1].strip())
        return Outcome(steps, report["seconds"], finished, killed, problem, unfinished, reports([*lines, last]))


def reports(lines: list[str]) -> tuple[dict[str, Any], ...]:
    """Return what a driver reports, a JSON object per line. What a program says in its place must not fail here."""
    found = []
    for line in lines:
        if line.startswith("{"):
            try:
                report = json.loads(line)
            except (ValueError, RecursionError):
                continue
            if isinstance(report, dict):
                found.append(report)
    return tuple(found)


AFTER = 1.0
"""Seconds that the answer's half of a pair has to end when its tests have (chosen here)."""


def watch(watches: list[Watch], relay: Relay | None = None) -> list[Outcome | None]:
    """Watch programs that run at the same time until all are gone: a single one, or the halves of a pair, tests first.

    None in the place of one whose runner is gone or does not answer. When the tests have ended, the answer has to. With a `relay`
    between them it has to if a call takes too long, too.
    """
    poll = select.poll()
    if relay is not None:
        relay.begin(poll)
    outcomes: list[Outcome | None] = [None] * len(watches)
    for each in watches:
        each.begin(poll)
    running = list(watches)
    while running:
        wait = min(each.left() for each in running)
        if relay is not None:
            wait = min(wait, relay.left())
        for descriptor, _ in poll.poll(max(0.0, wait) * 1000 + 1):
            if relay is not None and relay.owns(descriptor):
                relay.event(descriptor)
            else:
                next((each for each in running if each.owns(descriptor)), running[0]).event(descriptor)
        if relay is not None and watches[-1].killed is None and (late := relay.late()):
            watches[-1].kill(late)
        for each in [each for each in running if each.over or each.lost]:
            running.remove(each)
            each.stop()
            outcomes[watches.index(each)] = each.end() if each.over else None
            if running and each is watches[0]:
                running[0].hurry(AFTER)
    return outcomes

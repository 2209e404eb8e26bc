"""Compilers of the JVM that stay open for one program after another, each in a sandbox where nothing of what it compiles runs.

Most of the time of such a compiler is its start. It reads a text and writes classes: no annotation processor, no plug-in, and
a folder of its own for each program. What is not plainly compiled or plainly refused, or is late, is compiled once more by a
fresh one, whose word counts.
"""

import os
import select
import struct
import time
from collections.abc import Callable, Mapping
from dataclasses import replace

from syncode.sandbox.languages.assemble import driver, resource_limits
from syncode.sandbox.program import Outcome, Program, Step, StepResult
from syncode.sandbox.session import Broken, Session
from syncode.sandbox.watch import Pipes

LIFE = 3600.0
"""CPU seconds of one process (chosen here)."""
PROGRAMS = 300
"""Programs after which it is started afresh (chosen here): what has gathered in its memory goes."""
MOST = 1 << 26
"""Bytes of what a compiler may make of one program (chosen here; a program of tests has some KiB)."""
PLAIN = (0, 1)
"""Exit codes that say "compiled" and "refused" of all three compilers; others are those of one that has failed itself."""
_INT, _HEAD = struct.Struct(">i"), struct.Struct(">iqi")


class Compiler:
    """One process. Opens on first use; a sandbox that breaks, or a reply that does not come, is None and closes it."""

    def __init__(self, session: Session, argv: tuple[str, ...]) -> None:
        """`argv`: the words that start the machine with `SyncodeCompiler.java`."""
        self.session = session
        self.argv = argv
        self._pipes = Pipes([])
        self._ends = Pipes([])
        self._asked = 0

    def close(self) -> None:
        """End the process and its sandbox."""
        self.session.close()
        self._pipes.close()
        self._ends.close()

    def compile(self, step: Step, files: Mapping[str, str | bytes]) -> tuple[StepResult, dict[str, bytes]] | None:
        """Return what a step of a program gave, and the files that it made; None if nothing is known."""
        try:
            if self._asked >= PROGRAMS:
                self.close()
            if not self.session.is_open:
                self._open()
            self._asked += 1
            return self._ask(step, files)
        except (Broken, OSError, struct.error):
            self.close()
            return None
        except BaseException:  # Ctrl-C, say: the reply to this program must not become the next one's
            self.close()
            raise

    def _open(self) -> None:
        self._pipes.close()
        self._ends.close()
        self.session.open()
        limits = self.session.isolation.limits
        values = {
            **resource_limits(limits, limits.compile_seconds, 1, space=False),
            "CPU": int(LIFE),
            "FSIZE": limits.disk,
        }
        step = Step(self.argv, LIFE, limits={**values, "NPROC": max(limits.processes, 256), "NOFILE": 1024})
        self._pipes, self._ends, self._asked = Pipes.make(1), Pipes([]), 0
        self._ends.join(self._pipes)
        program = Program({"SyncodeCompiler.java": driver("SyncodeCompiler.java")}, (step,), ("",))
        if self.session.start(program, limits, self._pipes) is None:
            raise Broken("the compiler does not start")

    def _ask(self, step: Step, files: Mapping[str, str | bytes]) -> tuple[StepResult, dict[str, bytes]] | None:
        started = time.monotonic()
        deadline = started + step.seconds
        texts = [word.encode() for word in step.warm]
        order = [_INT.pack(len(texts)), *map(_sized, texts), _INT.pack(len(files))]
        for name, content in files.items():
            data = content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")
            order += [_sized(name.encode()), _sized(data)]
        reader, writer = self._ends.theirs
        _send(writer, b"".join(order), deadline)
        code, spent, size = _HEAD.unpack(_receive(reader, _HEAD.size, deadline))
        if not 0 <= size <= MOST:
            raise Broken("the compiler says too much")
        said = _receive(reader, size, deadline).decode(errors="replace")
        made = {}
        for _ in range(_number(reader, deadline)):
            name = _receive(reader, _number(reader, deadline), deadline).decode()
            if name.startswith("/") or ".." in name.split("/"):
                raise Broken("the compiler wrote elsewhere")
            made[name] = _receive(reader, _number(reader, deadline), deadline)
        if code not in PLAIN:
            self.close()
            return None
        cpu = spent / 1e9
        return StepResult(code << 8, time.monotonic() - started, cpu, 0, "", said), made


class Compilers:
    """The open compilers of one worker. The first program in a language is compiled as if there were none."""

    def __init__(self, session: Callable[[str], Session]) -> None:
        """`session` makes the sandbox of a compiler, by a name."""
        self._session = session
        self._open: dict[str, Compiler] = {}
        self._seen: set[str] = set()

    def close(self) -> None:
        """End all of them."""
        for compiler in self._open.values():
            compiler.close()
        self._open = {}

    def ahead(self, program: Program) -> tuple[Program, tuple[StepResult, ...]]:
        """Return what is left of a program after the steps that were done here, and what these gave; the last may have failed."""
        done: list[StepResult] = []
        while len(program.steps) > 1 and program.steps[0].warm and not (done and done[-1].status):
            found = self._compile(program.steps[0], program.files)
            if found is None:
                break
            done.append(found[0])
            program = replace(program, files={**program.files, **found[1]}, steps=program.steps[1:])
        return program, tuple(done)

    def _compile(self, step: Step, files: Mapping[str, str | bytes]) -> tuple[StepResult, dict[str, bytes]] | None:
        kind = step.server[-1]
        if kind not in self._seen:
            self._seen.add(kind)
            return None
        if kind not in self._open:
            self._open[kind] = Compiler(self._session(f"compiler {kind}"), step.server)
        return self._open[kind].compile(step, files)


def behind(done: tuple[StepResult, ...], outcome: Outcome) -> Outcome:
    """Return what happened to a program whose first steps were done by an open compiler."""
    return replace(outcome, steps=(*done, *outcome.steps), seconds=outcome.seconds + sum(step.seconds for step in done))


def _sized(data: bytes) -> bytes:
    return _INT.pack(len(data)) + data


def _number(reader: int, deadline: float) -> int:
    (number,) = _INT.unpack(_receive(reader, _INT.size, deadline))
    if not 0 <= number <= MOST:
        raise Broken("the compiler says too much")
    return int(number)


def _receive(reader: int, size: int, deadline: float) -> bytes:
    """Read so many bytes. Raises Broken if they do not come in time, or the other side is gone."""
    parts = bytearray()
    while len(parts) < size:
        if not select.select([reader], [], [], max(0.0, deadline - time.monotonic()))[0]:
            raise Broken("the compiler is late")
        part = os.read(reader, min(size - len(parts), 1 << 16))
        if not part:
            raise Broken("the compiler has ended")
        parts += part
    return bytes(parts)


def _send(writer: int, data: bytes, deadline: float) -> None:
    view = memoryview(data)
    os.set_blocking(writer, False)
    while view:
        if not select.select([], [writer], [], max(0.0, deadline - time.monotonic()))[1]:
            raise Broken("the compiler is late")
        view = view[os.write(writer, view) :]

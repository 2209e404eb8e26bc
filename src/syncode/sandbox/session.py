"""One sandbox that stays open: programs go in one after another, outcomes come out."""

import json
import os
import select
import signal
import socket
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from syncode.errors import EngineError
from syncode.sandbox import backends, seccomp
from syncode.sandbox.cell import BOOT, INSIDE, OUTSIDE, cgroup, keeper, sources, wire
from syncode.sandbox.limits import Limits
from syncode.sandbox.program import Outcome, Program, outcome

START_SECONDS = 20.0
"""How long a sandbox may take to open (ours; measured: 0.1 s idle)."""
GRACE = 10.0
"""How much longer than its deadlines a program may keep the runner busy before the runner itself is given up (ours)."""
PRELOAD = (
    "abc", "bisect", "collections", "copy", "dataclasses", "datetime", "decimal", "enum", "fractions", "functools",
    "hashlib", "heapq", "io", "itertools", "json", "math", "operator", "random", "re", "statistics", "string",
    "time", "typing",
)  # fmt: skip
"""Modules that short Python programs import, loaded once for all of them (HumanEval and MBPP use these)."""


@dataclass(frozen=True)
class Isolation:
    """Which set-up: `backend` one of `backends.COVERS`, memory bounded by a cgroup in these parents or by watching the tree.

    `seed`: PYTHONHASHSEED of the programs; another one shows what depends on the order of a set.
    """

    backend: str
    groups: cgroup.Folders | None = None
    limits: Limits = field(default_factory=Limits)
    binds: tuple[backends.Bind, ...] = ()
    seed: int = 0

    @property
    def name(self) -> str:
        """What is recorded in `toolchain` of every row."""
        memory = "cgroup" if self.groups else "watched"
        return "unsafe" if self.backend == "none" else f"{self.backend}+{memory}"

    @property
    def warning(self) -> str | None:
        """What people should hear before programs are run, or None where nothing more could be had."""
        return f"{self.name}: {backends.COVERS[self.backend]}" if self.backend in backends.WEAK else None


class Broken(EngineError):
    """The sandbox cannot be opened, with what it said."""


class Session:
    """A sandbox as a context manager; opens on first use, and again after it has broken."""

    def __init__(self, isolation: Isolation) -> None:
        self.isolation = isolation
        self._keeper: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._stderr = -1
        self._killed = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def run(self, program: Program) -> Outcome:
        """Run one program to its end and return what happened; a sandbox that breaks is an outcome with a `problem`."""
        try:
            if self._control is None:
                self.open()
            reply = self._exchange(program)
        except (Broken, OSError) as problem:
            self.close()
            return Outcome((), 0.0, problem=str(problem))
        if reply is None:
            return self._lost()
        out_of_memory = self._out_of_memory() or self._killed_without_a_word(reply)
        made = outcome(reply, program.secrets[-1].strip(), out_of_memory)
        if made.killed == "memory":
            self.close()  # the kernel empties a dead IPC namespace later: what it holds must not count for the next program
        return made

    def open(self) -> None:
        """Start keeper and runner and wait until they are ready; `Broken` with the reason otherwise."""
        ours, theirs = socket.socketpair()
        self._control, self._stderr = ours, os.memfd_create("stderr")
        inner = _memfd({"modules": sources(INSIDE), "settings": _runner_settings(self.isolation, theirs.fileno())})
        outer = _memfd(
            {"modules": sources(OUTSIDE), "settings": _keeper_settings(self.isolation, inner, theirs.fileno())}
        )
        try:
            self._keeper = subprocess.Popen(
                [backends.interpreter(), "-I", "-S", "-c", BOOT, str(outer)],
                env={},  # whatever starts a pid namespace shows its environment in there as /proc/1/environ
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._stderr,
                pass_fds=(outer, inner, theirs.fileno()),
                start_new_session=True,
            )
        finally:
            os.close(inner)
            os.close(outer)
            theirs.close()
        if not self._readable(START_SECONDS) or wire.receive(ours.fileno()) is None:
            said = self._said()
            self.close()
            raise Broken(f"the {self.isolation.name} sandbox does not start: {said or 'no reason given'}")
        self._killed = self._kills()

    def close(self) -> None:
        """End the sandbox and wait until nothing of it is left."""
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._keeper is not None:
            try:
                self._keeper.wait(GRACE)
            except subprocess.TimeoutExpired:
                self._keeper.kill()
                self._keeper.wait()
            self._keeper = None
        if self._stderr >= 0:
            os.close(self._stderr)
            self._stderr = -1

    def _exchange(self, program: Program) -> dict[str, Any] | None:
        """Send a program and its secrets, return the reply, or None when the runner is gone or does not answer in time."""
        assert self._control is not None
        control = self._control.fileno()
        wire.send(control, _message(program, self.isolation))
        wire.send(control, list(program.secrets))
        if not self._readable(sum(step.seconds for step in program.steps) + GRACE):
            return None
        reply: dict[str, Any] | None = wire.receive(control)
        return reply

    def _lost(self) -> Outcome:
        """Say why the runner is gone: killed for memory together with the program, or something of ours."""
        out_of_memory = self._out_of_memory()
        said = self._said()
        self.close()
        if out_of_memory:
            return Outcome((), 0.0, killed="memory")
        return Outcome((), 0.0, problem=f"the {self.isolation.name} sandbox ended: {said or 'no reason given'}")

    def _killed_without_a_word(self, reply: dict[str, Any]) -> bool:
        """Whether sandlock has ended the program, which it does for memory alone."""
        return self.isolation.backend == "sandlock" and any(step["status"] == signal.SIGKILL for step in reply["steps"])

    def _readable(self, seconds: float) -> bool:
        assert self._control is not None
        poll = select.poll()
        poll.register(self._control, select.POLLIN)
        return bool(poll.poll(seconds * 1000))

    def _said(self) -> str:
        size = os.fstat(self._stderr).st_size
        return os.pread(self._stderr, 2000, max(0, size - 2000)).decode(errors="replace").strip()

    def _kills(self) -> int:
        group = self.group
        return cgroup.out_of_memory(group) if group else 0

    def _out_of_memory(self) -> bool:
        """Whether the kernel has killed for memory since the last call."""
        before, self._killed = self._killed, self._kills()
        return self._killed > before

    @property
    def group(self) -> cgroup.Folders | None:
        """The control group of this sandbox while it is open."""
        if self._keeper is None or self.isolation.groups is None:
            return None
        return {name: f"{parent}/{keeper.prefix()}{self._keeper.pid}" for name, parent in self.isolation.groups.items()}


def _memfd(content: dict[str, Any]) -> int:
    """Return a descriptor from which the JSON can be read."""
    descriptor = os.memfd_create("settings")
    view = memoryview(json.dumps(content).encode())
    while view:
        view = view[os.write(descriptor, view) :]
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor


def _python(descriptor: int | str) -> list[str]:
    """The command of the interpreter inside. Not isolated (-I): that would ignore PYTHONHASHSEED, and the environment is ours."""
    return [backends.interpreter(), "-B", "-s", "-P", "-c", BOOT, str(descriptor)]


def _keeper_settings(isolation: Isolation, inner: int, control: int) -> dict[str, Any]:
    binds, private = _shown(isolation)
    argv = _python(inner)
    if isolation.backend in (
        "bwrap",
        "sandlock",
    ):  # the runner stays outside, where the interpreter may have a stand-in only
        argv[0] = backends.stand_in(argv[0], private)
    if isolation.backend == "cell":
        argv = [*_bubblewrap(isolation, binds), "--", *argv]
    return {
        "argv": argv,
        "environment": _environment(isolation) if isolation.backend != "cell" else {"PATH": backends.INSIDE["PATH"]},
        "user": backends.NOBODY if _drops_root(isolation) else None,
        "private": private if isolation.backend != "none" else {},
        "groups": isolation.groups,
        "memory": isolation.limits.memory,
        "processes": isolation.limits.processes + 300,
        "control": control,
        "keep": [inner, control],
    }


def _runner_settings(isolation: Isolation, control: int) -> dict[str, Any]:
    filters = None if isolation.backend == "none" else seccomp.build()
    settings = {
        "control": control,
        "preload": list(PRELOAD),
        "enter": isolation.backend == "cell",
        "watch": isolation.groups is None,
        "seccomp": filters.hex() if filters else None,
        "launch": None,
        "landlock": None,
        "modules": sources(INSIDE),
    }
    if isolation.backend == "bwrap":
        binds, _ = _shown(isolation)
        settings["launch"] = [_bubblewrap(isolation, binds), ["--", *_python("")[:-1]]]
        settings["launch_environment"] = {"PATH": backends.INSIDE["PATH"]}
    if isolation.backend == "sandlock":
        binds, private = _shown(isolation)
        python = _python(0)
        settings["landlock"] = {
            "argv": [backends.stand_in(python[0], private), *python[1:]],
            "site": next((bind.source for bind in binds if bind.target == backends.SITE), ""),
            "readable": [bind.source for bind in binds] + [f"/{name}" for name in backends.LINKED],
            "memory": isolation.limits.memory * 5 // 4,  # the second line: only the first one can say why it killed
            "processes": isolation.limits.processes + 4,
        }
    return settings


def _bubblewrap(isolation: Isolation, binds: Sequence[backends.Bind]) -> list[str]:
    cell = isolation.backend == "cell"
    command = backends.bubblewrap(binds, cell=cell, tmpfs=_disk(isolation), environment=_environment(isolation))
    if command is None:
        raise Broken("bubblewrap is not installed")
    return command


def _shown(isolation: Isolation) -> tuple[list[backends.Bind], dict[str, str]]:
    return backends.reveal(isolation.binds, _drops_root(isolation))


def _drops_root(isolation: Isolation) -> bool:
    return os.geteuid() == 0 and isolation.backend != "none"


def _environment(isolation: Isolation) -> dict[str, str]:
    return {**backends.INSIDE, "PYTHONHASHSEED": str(isolation.seed)}


def _disk(isolation: Isolation) -> dict[str, int]:
    return backends.disk(isolation.limits.disk, isolation.limits.memory)


def _message(program: Program, isolation: Isolation) -> dict[str, Any]:
    """What the runner gets: everything but the secrets."""
    environment = _environment(isolation)
    site = backends.SITE if isolation.backend in ("cell", "bwrap") else backends.packages(_shown(isolation)[0])
    steps = [
        {
            "argv": step.argv,
            "wall": step.seconds,
            "env": {**environment, **step.environment},
            "limits": step.limits,
            **({"path": step.argv[-1], "tests": len(program.secrets) > 1, "site": [site]} if step.python else {}),
        }
        for step in program.steps
    ]
    return {
        "files": program.files,
        "steps": steps,
        "folder": backends.BOX,
        "disk": _disk(isolation),
        "memory": isolation.limits.memory,
        "keep": isolation.limits.output_kept,
        "stop": isolation.limits.output_stop,
    }

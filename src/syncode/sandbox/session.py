"""One sandbox that stays open: programs go in one after another, outcomes come out."""

import contextlib
import marshal
import os
import resource
import select
import signal
import socket
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from syncode.errors import EngineError
from syncode.sandbox import backends, seccomp, shown
from syncode.sandbox.cell import BOOT, INSIDE, OUTSIDE, cgroup, keeper, modules, rehearsal, wire
from syncode.sandbox.cell.runner import descendants
from syncode.sandbox.isolation import Isolation, place_of
from syncode.sandbox.limits import Limits
from syncode.sandbox.places import CPUS
from syncode.sandbox.program import Outcome, Program, Step
from syncode.sandbox.relay import Relay
from syncode.sandbox.watch import Pipes, Watch, watch

START_SECONDS = 20.0
"""How long a sandbox may take to open (chosen here; measured: 0.1 s idle)."""
END_SECONDS = 10.0
"""How long a sandbox may take to close before it is killed (chosen here)."""
PLACES = ("/tmp", "/var/tmp", "/dev/shm")
"""Where programs without a tmpfs of their own (`sandlock`, `none`) may have a folder, after TMPDIR."""
PRELOAD = (
    "abc", "bisect", "collections", "copy", "dataclasses", "datetime", "decimal", "enum", "fractions", "functools",
    "hashlib", "heapq", "io", "itertools", "json", "math", "operator", "random", "re", "statistics", "string",
    "time", "typing",
)  # fmt: skip
"""Modules that short Python programs import, loaded once for all of them (HumanEval and MBPP use these)."""


class Broken(EngineError):
    """The sandbox cannot be opened, with what it said."""


class Session:
    """A sandbox as a context manager; opens on first use, and again after it has broken."""

    def __init__(self, isolation: Isolation, rehearses: rehearsal.Way = "") -> None:
        """`rehearses`: what its Python programs will do, which the warm interpreter then does before the first of them."""
        self.isolation = isolation
        self.rehearses = rehearses
        self._keeper: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._stderr = -1
        self._kills: cgroup.Kills | None = None
        self._killed = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def run(self, program: Program, limits: Limits | None = None) -> Outcome:
        """Run one program to its end and return what happened; a sandbox that breaks is an outcome with a `problem`.

        `limits`: those of this program's outputs; others are in its steps, and those of the sandbox cannot change.
        """
        return run([self], [program], limits or self.isolation.limits)[0]

    def settle(self, made: Outcome | None) -> Outcome:
        """Return what is known of a program that has ended: `made` by the one that watched it, None if the runner is gone."""
        if made is None:
            return self._lost()
        if (self.out_of_memory() and not made.finished) or self._killed_without_a_word(made):
            made = replace(made, killed="memory")
        if made.killed == "memory":
            self.close()  # the kernel empties a dead IPC namespace later: what it holds must not count for the next program
        return made

    @property
    def is_open(self) -> bool:
        """Whether a sandbox is there."""
        return self._control is not None

    def open(self) -> None:
        """Start keeper and runner and wait until they are ready; `Broken` with the reason otherwise."""
        ours, theirs = socket.socketpair()
        self._control, self._stderr = ours, os.memfd_create("stderr")
        with contextlib.ExitStack() as given:
            given.callback(theirs.close)
            settings = _runner_settings(self.isolation, theirs.fileno()) | {"rehearse": self.rehearses}
            inside = {"modules": modules(INSIDE), "settings": settings}
            inner = wire.carrier(marshal.dumps(inside))
            given.callback(os.close, inner)
            outside = {
                "modules": modules(OUTSIDE),
                "settings": _keeper_settings(self.isolation, inner, theirs.fileno()),
            }
            outer = wire.carrier(marshal.dumps(outside))
            given.callback(os.close, outer)
            self._keeper = subprocess.Popen(
                [shown.interpreter(), "-I", "-S", "-c", BOOT, str(outer)],
                env=_own_libraries(),  # no more: what starts a pid namespace shows it in there as /proc/1/environ
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._stderr,
                pass_fds=(outer, inner, theirs.fileno()),
                start_new_session=True,
            )
        if not self._readable(START_SECONDS) or wire.receive(ours.fileno()) is None:
            said = self._said()
            self.close()
            raise Broken(f"the {self.isolation.name} sandbox does not start: {said or 'no reason given'}")
        if self.group:
            self._kills = cgroup.Kills(self.group)
            self._killed = self._kills.count()

    def close(self) -> None:
        """End the sandbox and wait until nothing of it is left."""
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._kills is not None:
            self._kills.close()
            self._kills = None
        if self._keeper is not None:
            try:
                self._keeper.wait(END_SECONDS)
            except subprocess.TimeoutExpired:
                self._keeper.kill()
                self._keeper.wait()
            self._keeper = None
        if self._stderr >= 0:
            os.close(self._stderr)
            self._stderr = -1

    def start(self, program: Program, limits: Limits, pipes: Pipes) -> Watch | None:
        """Order a program; None when the runner is gone. `pipes`: the one that made them closes them."""
        assert self._control is not None
        wire.order(
            self._control, _message(program, self.isolation, channel=len(pipes.theirs) > len(pipes.ours)), pipes.theirs
        )
        pipes.release()
        if self.named:
            pipes.ours = wire.accept(self._control)
            if len(pipes.ours) < 3 + 2 * len(program.steps):  # it is gone, or we have no descriptor left
                return None
        return Watch(program, limits, self._control, pipes.ours)

    @property
    def named(self) -> bool:
        """Whether no descriptor can be let through: the pipes are made on the other side."""
        return self.isolation.backend == "sandlock"

    def used(self) -> float:
        """Return the CPU seconds of all processes of this sandbox so far."""
        return sum(map(_cpu_of, descendants(self._keeper.pid))) if self._keeper is not None else 0.0

    def _lost(self) -> Outcome:
        """Say why the runner is gone: killed for memory together with the program, or something of ours."""
        out_of_memory = self.out_of_memory()
        said = self._said()
        self.close()
        if out_of_memory:
            return Outcome((), 0.0, killed="memory")
        return Outcome((), 0.0, problem=f"the {self.isolation.name} sandbox ended: {said or 'no reason given'}")

    def _killed_without_a_word(self, made: Outcome) -> bool:
        """Whether sandlock has ended the program, which it does for memory alone."""
        return self.isolation.backend == "sandlock" and any(step.status == signal.SIGKILL for step in made.steps)

    def _readable(self, seconds: float) -> bool:
        assert self._control is not None
        poll = select.poll()
        poll.register(self._control, select.POLLIN)
        return bool(poll.poll(seconds * 1000))

    def _said(self) -> str:
        size = os.fstat(self._stderr).st_size
        return os.pread(self._stderr, 2000, max(0, size - 2000)).decode(errors="replace").strip()

    def out_of_memory(self) -> bool:
        """Whether the kernel has killed for memory since the last call."""
        before, self._killed = self._killed, self._kills.count() if self._kills else 0
        return self._killed > before

    @property
    def group(self) -> cgroup.Folders | None:
        """The control group of this sandbox while it is open."""
        if self._keeper is None or self.isolation.groups is None:
            return None
        return {name: f"{parent}/{keeper.prefix()}{self._keeper.pid}" for name, parent in self.isolation.groups.items()}


def run(sessions: Sequence[Session], programs: Sequence[Program], limits: Limits) -> list[Outcome]:
    """See `_run`; once more if a sandbox is found dead: the program before may have killed it, and nothing has been started."""
    try:
        return _run(sessions, programs, limits)
    except BrokenPipeError:
        return _run(sessions, programs, limits, last=True)


def _run(sessions: Sequence[Session], programs: Sequence[Program], limits: Limits, last: bool = False) -> list[Outcome]:
    """Run a program, or the two halves of a pair at the same time, each in a session of its own; return what happened to each.

    A sandbox that breaks is an outcome with a `problem`. Halves are joined by a channel: the one's `item.CHANNEL` is the other's.
    """
    made: list[Pipes] = []
    relay: Relay | None = None
    try:
        for each in sessions:
            if not each.is_open:
                each.open()
        for each, program in zip(sessions, programs, strict=True):
            made.append(Pipes([]) if each.named else Pipes.make(len(program.steps)))
        if len(made) > 1:
            relay = _joined(made, programs[1].steps[-1], sessions[1])
        watches = [
            each.start(program, limits, pipes) for each, program, pipes in zip(sessions, programs, made, strict=True)
        ]
        started = [each for each in watches if each is not None]
        outcomes = watch(started, relay) if len(started) == len(watches) else [None] * len(watches)
        done = [each.settle(outcome) for each, outcome in zip(sessions, outcomes, strict=True)]
        return [replace(done[0], reports=(*done[0].reports, relay.report())), *done[1:]] if relay else done
    except (Broken, OSError) as problem:
        for each in sessions:
            each.close()
        if isinstance(problem, BrokenPipeError) and not last:
            raise
        return [Outcome((), 0.0, problem=str(problem)) for _ in sessions]
    except BaseException:  # Ctrl-C, say: the report of this program must not become the next one's
        for each in sessions:
            each.close()
        raise
    finally:
        for pipes in made:
            pipes.close()
        if relay is not None:
            relay.close()


def _joined(made: list[Pipes], answering: Step, session: Session) -> Relay | None:
    """Join the halves of a pair; if each call has a limit that the answer does not keep itself, past the relay that does."""
    if not answering.each or answering.python:
        made[0].join(made[1])
        return None
    cpu, wall = answering.each
    return Relay(made[0].part(made[1]), cpu, wall, session.used)


def _python(descriptor: int | str, program: str) -> list[str]:
    """The command of the interpreter inside. Not isolated (-I): that would ignore PYTHONHASHSEED, and the environment is ours.

    Without `site` (-S): what the .pth files of this machine load would be in every program, and in every fork.
    """
    return [program, "-B", "-S", "-s", "-P", "-c", BOOT, str(descriptor)]


def _outside(isolation: Isolation) -> str | None:
    """What stands before the names of `shown` in front of a runner that is not inside."""
    return shown.STAGE if isolation.staged else None


def _keeper_settings(isolation: Isolation, inner: int, control: int) -> dict[str, Any]:
    root = "" if isolation.backend == "cell" else _outside(isolation)
    argv = _python(inner, place_of(shown.interpreter(), isolation.nearest, root))
    if isolation.backend == "cell":
        argv = [*_bubblewrap(isolation), "--", *argv]
        environment = {"PATH": backends.INSIDE["PATH"]}
    else:
        environment = {**_environment(isolation), **_libraries(isolation, root)}
    staged = [bind for bind in isolation.binds if bind.own] if isolation.staged else []
    return {
        "argv": argv,
        "environment": environment,
        "user": shown.NOBODY if shown.drops_root() and isolation.backend != "none" else None,
        "stage": shown.STAGE,
        "shown": [(f"{shown.STAGE}{bind.target}", bind.source, bind.shut) for bind in staged],
        "groups": isolation.groups,
        "memory": isolation.limits.memory,
        "processes": isolation.limits.processes + 300,
        "control": control,
        "keep": [inner, control],
    }


def _runner_settings(isolation: Isolation, control: int) -> dict[str, Any]:
    filters = None if isolation.backend == "none" else seccomp.build(loopback=isolation.backend in ("cell", "bwrap"))
    disk = _disk(isolation)
    settings = {
        "control": control,
        "preload": list(PRELOAD),
        "environment": _environment(isolation, python=True),
        "enter": isolation.backend == "cell",
        "watch": isolation.groups is None,
        "seccomp": filters,
        "launch": None,
        "landlock": None,
        "modules": modules(INSIDE) if isolation.backend in ("bwrap", "sandlock") else None,
        "cpus": sorted(CPUS),
        "folder": backends.BOX,
        "places": [place for place in (os.environ.get("TMPDIR", ""), *PLACES) if place.startswith("/")],
        "disk": disk,
        "links": {name: to for name, to in shown.links(isolation.binds).items() if backends.beneath(name, disk)},
        "memory": isolation.limits.memory,
    }
    if isolation.backend == "bwrap":
        inside = _python("", isolation.place(shown.interpreter()))
        settings["launch"] = [_bubblewrap(isolation), ["--", *inside[:-1]]]
        settings["launch_environment"] = {"PATH": backends.INSIDE["PATH"]}
    if isolation.backend == "sandlock":
        settings["landlock"] = {
            "argv": _python(0, isolation.place(shown.interpreter())),
            "libraries": _libraries(isolation, isolation.root),
            "site": isolation.sites,
            "readable": [isolation.place(bind.source) for bind in isolation.binds]
            + [f"/{name}" for name in shown.LINKED],
            "memory": isolation.limits.memory * 5 // 4,  # the second line: only the first one can say why it killed
            "processes": isolation.limits.processes + 4,
        }
    return settings


def _bubblewrap(isolation: Isolation) -> list[str]:
    cell = isolation.backend == "cell"
    environment = _environment(isolation, python=True)
    if cell:
        # For the runner alone: else each of its forks would look symbols up for itself.
        environment["LD_BIND_NOW"] = "1"
    binds = shown.staged(isolation.binds) if isolation.staged else isolation.binds
    links = shown.links(isolation.binds)
    command = backends.bubblewrap(binds, links, cell=cell, tmpfs=_disk(isolation), environment=environment)
    if command is None:
        raise Broken("bubblewrap is not installed")
    return command


def _environment(isolation: Isolation, python: bool = False) -> dict[str, str]:
    """Return the environment of a program. `python`: of one that the interpreter runs, which may start it again."""
    path = ":".join([backends.INSIDE["PATH"], *shown.commands(isolation.binds, isolation.root)])
    more = _libraries(isolation, isolation.root) if python else {}
    return {**backends.INSIDE, "PATH": path, "PYTHONHASHSEED": str(isolation.seed), **more}


def _libraries(isolation: Isolation, root: str | None) -> dict[str, str]:
    """Return how the interpreter finds its libraries; where it stands in its own place, as this process does."""
    return shown.libraries(isolation.binds, root) if root is not None else _own_libraries()


def _own_libraries() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name == "LD_LIBRARY_PATH"}


def _disk(isolation: Isolation) -> dict[str, int]:
    return backends.disk(isolation.limits.disk, isolation.limits.memory)


def _message(program: Program, isolation: Isolation, channel: bool = False) -> dict[str, Any]:
    """What the runner gets: everything but the secrets."""
    steps = []
    for step in program.steps:
        told: dict[str, Any] = {
            "argv": step.argv,
            "limits": [_limit(name, value) for name, value in step.limits.items()],
        }
        if step.python:
            told |= {
                "path": step.argv[-1],
                "tests": len(program.secrets) > 1,
                "site": isolation.sites,
                "role": step.role,
                "each": step.each,
            }
        if step.environment or not step.python or isolation.backend != "cell":  # else the runner's own is the same
            told["env"] = {**_environment(isolation, step.python), **step.environment}
        if step.stdin:
            told["stdin"] = step.stdin
        if step.talks:
            told["talks"] = True
        steps.append(told)
    # A lone surrogate, which JSON can carry, becomes bytes that no decoder takes.
    return {
        "files": {
            name: content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")
            for name, content in program.files.items()
        },
        "steps": steps,
        **({"channel": True} if channel else {}),
        **({"network": True} if program.networks else {}),
    }


def _cpu_of(process: int) -> float:
    """Return the CPU seconds of a process and of the children that it has buried; 0 if it has ended."""
    try:
        words = Path(f"/proc/{process}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, words[11:15])) / os.sysconf("SC_CLK_TCK")


def _limit(name: str, value: int) -> tuple[int, tuple[int, int]]:
    """Return the number of a resource limit, soft and hard; CPU seconds get one more before the kill: SIGXCPU comes first."""
    return getattr(resource, f"RLIMIT_{name}"), (value, value + (name == "CPU"))

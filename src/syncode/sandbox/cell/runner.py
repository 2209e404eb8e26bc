# ruff: noqa: PTH123, PTH208
# (pathlib costs its import in processes that must start fast)
"""Starts one program after another on behalf of `session`, and buries each: its processes are gone when the reply is sent.

A long-lived process. In the fast set-up it sits inside the sandbox and gives every program namespaces of its own; otherwise it
stays outside and starts a sandbox for each. What a program gets and what it says goes past it, through pipes whose ends come
with the order (`watch`, outside, has the others): the warm interpreter, of which every program is a fork, stays small.
"""

from __future__ import annotations

import _socket
import contextlib
import fcntl
import gc
import importlib
import marshal
import os
import select
import signal
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from syncode.sandbox.cell import isolate, item, landlock, python_driver, rehearsal, wire

TICK = 0.02
"""Seconds between two looks at the memory of the tree where no cgroup bounds it (chosen here)."""
DISK_TICK = 0.1
"""Seconds between two looks at the files of a program that has no tmpfs of its own (chosen here)."""
BURIAL = 5.0
"""Seconds that the processes of a finished program may take to disappear (chosen here)."""
NULL = 0
"""Our stdin: nothing."""
RESERVED = 8
"""Descriptors below this number are the program's: what the runner opens gets a higher one."""


def main(settings: dict[str, Any]) -> None:
    """Serve until the other side closes the control descriptor; or run just `settings["item"]`."""
    seccomp = isolate.filter_calls(settings["seccomp"]) if settings["seccomp"] else []
    if "item" in settings:
        count = settings.get("channels")
        ends = landlock.open_channels(settings["item"]["folder"], count) if count else settings["descriptors"]
        item.main(settings["item"], [os.open(os.devnull, os.O_RDONLY), *ends], seccomp, [])
    isolate.perform([isolate.prctl_call(isolate.PR_SET_CHILD_SUBREAPER, 1)])
    control = _socket.socket(fileno=fcntl.fcntl(settings["control"], fcntl.F_DUPFD_CLOEXEC, RESERVED))
    os.close(settings["control"])
    while (spare := os.open(os.devnull, os.O_RDONLY)) < RESERVED:
        continue
    os.close(spare)
    for name in settings["preload"]:
        importlib.import_module(name)
    python_driver.prepare()
    if settings["enter"]:
        rehearsal.rehearse(settings["rehearse"])
    os.environ.clear()
    os.environ.update(settings["environment"])
    runner = Runner(settings, seccomp, control)
    gc.collect()
    gc.freeze()
    wire.send(control.fileno(), {"ready": sys.version.split()[0]})
    while (order := wire.take(control)) is not None:
        message, ends = order
        wire.send(control.fileno(), runner.serve(message, ends))
        for end in ends:  # not before: the watcher would wake up for each
            os.close(end)


class Runner:
    """Runs each program in the way that the settings ask for."""

    def __init__(self, settings: dict[str, Any], seccomp: list[isolate.Call], control: wire.Socket) -> None:
        self.settings = settings
        self.seccomp = seccomp
        self.control = control
        namespace = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)
        self.leave = [isolate.unshare_call(isolate.CLONE_NEWPID)]
        self.come_back = [isolate.setns_call(namespace, isolate.CLONE_NEWPID)]
        self.enter = item.namespaces(settings["disk"], settings["links"])
        self.memory = settings["memory"] if settings["watch"] else 0
        outside = not (settings["enter"] or settings["launch"])
        self.place = next(filter(usable, settings["places"]), None) if outside else None
        if outside and self.place is None:
            raise SystemExit(
                f"programs can be run in none of {', '.join(settings['places'])}: set TMPDIR to a folder for them"
            )

    def serve(self, message: dict[str, Any], ends: list[int]) -> dict[str, Any]:
        """Run one program. `ends` are the program's: tell, ask, status, then stdout and stderr of each step.

        The report: `seconds`, `killed` by us and why, a `problem` of ours, and how the one `step` of a program without a
        supervisor ended (supervisors report theirs through `status`).
        """
        started = time.monotonic()
        if self.settings["enter"]:
            report = self._attend(self._enter(message, ends))
            if supervised(message):
                report["step"] = None
        elif self.settings["launch"]:
            inside = {**message, "folder": self.settings["folder"]}
            report = self._attend(fork(partial(launch, inside, ends, self.settings), ends))
            report |= {"step": None, "problem": bury()}
        else:
            report = self._in_a_folder(message, ends)
        report["seconds"] = time.monotonic() - started
        return report

    def _enter(self, message: dict[str, Any], ends: list[int]) -> int:
        """Start a program in namespaces of its own, and return its number.

        A Python program in our environment needs no supervisor: its first process is the program, and we see how it ends.
        """
        inside = {**message, "folder": self.settings["folder"]}
        enter = [(isolate.network, ()), *self.enter] if message.get("network") else self.enter
        if supervised(message):
            everywhere = (os.sched_setaffinity, (0, self.settings["cpus"]))  # compilers and runtimes have threads
            become: Callable[[], object] = partial(item.main, inside, [NULL, *ends], self.seccomp, [everywhere, *enter])
        else:
            become = partial(item.direct, item.direct_calls(inside, ends, enter, self.seccomp), inside["steps"][0])
        isolate.perform(self.leave)
        pid = fork(become, ends)
        isolate.perform(self.come_back)
        return pid

    def _in_a_folder(self, message: dict[str, Any], ends: list[int]) -> dict[str, Any]:
        """Run a program in a temporary folder of this machine: under Landlock, or without any isolation."""
        import shutil  # its imports would make every fork of the other ways dearer
        import tempfile

        # Not a TemporaryDirectory: a Python program would remove it at its end, with the exit handlers of this process.
        folder = tempfile.mkdtemp(prefix="syncode-", dir=self.place)
        try:
            steps = [{**step, "env": {**step["env"], "HOME": folder, "TMPDIR": folder}} for step in message["steps"]]
            inside = {**message, "folder": folder, "steps": steps}
            if self.settings["landlock"]:
                inside |= {"landlocked": True, "steps": [{**step, "landlocked": True} for step in steps]}
                channels = landlock.make_channels(folder, 3 + 2 * len(steps))
                wire.hand_over(self.control, channels)
                report = self._attend(fork(partial(confine, inside, self.settings), channels), folder)
                for channel in channels:
                    os.close(channel)
            else:
                report = self._attend(fork(partial(item.main, inside, [NULL, *ends], self.seccomp, []), ends))
            report |= {"step": None, "problem": bury()}
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        return report

    def _attend(self, pid: int, folder: str = "") -> dict[str, Any]:
        """Wait for the end of a program's first process, ending it when we are asked to, or when it takes more than it may."""
        killed = None
        looked = 0.0
        process = os.pidfd_open(pid)
        poll = select.poll()
        poll.register(process, select.POLLIN)
        poll.register(self.control.fileno(), select.POLLIN)
        wait = TICK * 1000 if self.memory or folder else None
        while process not in (events := dict(poll.poll(wait))):
            if events:
                order = self.control.recv(wire.HEADER.size)
                if not order:  # the one that asked is gone
                    killed = "abandoned"
                    poll.unregister(self.control.fileno())
                signal_one(pid)
            if self.memory and exceeds(os.getpid(), self.memory):
                killed = killed or "memory"
                signal_one(pid)
            if folder and time.monotonic() - looked > DISK_TICK:
                looked = time.monotonic()
                if landlock.size(folder) > sum(self.settings["disk"].values()):
                    killed = killed or "disk"
                    signal_one(pid)
        os.close(process)
        _, status, usage = os.wait4(pid, 0)
        step = {"status": status, "cpu": usage.ru_utime + usage.ru_stime, "memory": usage.ru_maxrss}
        return {"step": step, "killed": killed, "problem": None}


def usable(place: str) -> bool:
    """Return whether programs can have a folder here: written to, with room, and started from (`noexec`)."""
    try:
        system = os.statvfs(place)
    except OSError:
        return False
    return os.access(place, os.W_OK | os.X_OK) and system.f_bavail > 0 and not system.f_flag & os.ST_NOEXEC


def supervised(message: dict[str, Any]) -> bool:
    """Return whether a program needs a process of ours beside it: not a single Python step in the runner's environment."""
    first, *more = message["steps"]
    return bool(more) or "path" not in first or "env" in first


def fork(become: Callable[[], object], ends: list[int]) -> int:
    """Fork a process that turns into something else; where it cannot, it says so through the program's `ends`."""
    pid = os.fork()
    if pid == 0:
        try:
            become()
        except BaseException as problem:  # noqa: BLE001
            wire.send(ends[2], {"problem": f"{type(problem).__name__}: {problem}"})
        finally:
            os._exit(1)
    return pid


def confine(message: dict[str, Any], settings: dict[str, Any]) -> None:
    """Become the process that runs this one program under Landlock; `item` runs in there."""
    folder = message["folder"]
    inside = {"item": message, "channels": 3 + 2 * len(message["steps"]), "seccomp": settings["seccomp"]}
    os.dup2(_carrier(marshal.dumps({"modules": settings["modules"], "settings": inside})), 0)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.closerange(3, item.HIGH + 64)
    libraries = settings["landlock"]["libraries"]  # sandlock starts `item` in our interpreter, whatever the program is
    environment = {**message["steps"][0]["env"], **libraries, "HOME": folder, "TMPDIR": folder}
    landlock.main({**settings["landlock"], "folder": folder, "environment": environment})


def launch(message: dict[str, Any], ends: list[int], settings: dict[str, Any]) -> None:
    """Become the command that opens a sandbox for this one program; `item` runs in there."""
    inner = list(range(3, 3 + len(ends)))
    high = [fcntl.fcntl(descriptor, fcntl.F_DUPFD, item.HIGH) for descriptor in ends]
    inside = {"item": message, "descriptors": inner, "seccomp": None}
    high.append(_carrier(marshal.dumps({"modules": settings["modules"], "settings": inside})))
    for number, descriptor in enumerate(high, start=3):
        os.dup2(descriptor, number)
    filters = []
    if settings["seccomp"]:
        number = 3 + len(high)
        os.dup2(_carrier(settings["seccomp"]), number)
        filters = ["--seccomp", str(number)]
    os.closerange(3 + len(high) + bool(filters), 1 << 16)
    before, after = settings["launch"]
    argv = [*before, *filters, *after, str(inner[-1] + 1)]
    os.execve(argv[0], argv, settings["launch_environment"])


def _carrier(content: bytes) -> int:
    """Return a carrier above the numbers that descriptors get, for the command that follows."""
    return fcntl.fcntl(wire.carrier(content), fcntl.F_DUPFD, item.HIGH)


def bury() -> str | None:
    """Wait until every descendant is gone, killing those that are left: orphans come to us (subreaper). Return what is wrong."""
    until = time.monotonic() + BURIAL
    while True:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return None
        if pid == 0:
            for left in descendants(os.getpid()):
                signal_one(left)
            if time.monotonic() > until:
                return "a process of the program cannot be killed"
            time.sleep(0.001)


def signal_one(pid: int) -> None:
    """Kill one process, if it is still there."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def descendants(root: int) -> list[int]:
    """Return the process ids below `root`, nearest first."""
    found, queue = [], [root]
    while queue:
        parent = queue.pop(0)
        try:
            threads = os.listdir(f"/proc/{parent}/task")
            for thread in threads:
                with open(f"/proc/{parent}/task/{thread}/children", encoding="ascii") as stream:
                    children = [int(word) for word in stream.read().split()]
                found += children
                queue += children
        except (FileNotFoundError, ProcessLookupError):
            continue  # ended while we looked
    return found


def exceeds(root: int, limit: int) -> bool:
    """Return whether the processes below `root` hold more than `limit` bytes.

    Their resident memory is quick to read but counts pages shared since a fork for each of them; only where it is too much, the
    proportional share of each is looked up.
    """
    processes = descendants(root)
    return sum(map(resident, processes)) > limit and sum(map(proportional, processes)) > limit


def resident(pid: int) -> int:
    """Return the resident bytes of a process, without the pages of files; 0 when it has ended."""
    try:
        with open(f"/proc/{pid}/statm", encoding="ascii") as stream:
            words = stream.read().split()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return (int(words[1]) - int(words[2])) * os.sysconf("SC_PAGE_SIZE")


def proportional(pid: int) -> int:
    """Return a process's own bytes and its share of shared ones; its resident bytes if that is not told."""
    try:
        with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as stream:
            for line in stream:
                if line.startswith("Pss:"):
                    return int(line.split()[1]) * 1024
    except (FileNotFoundError, ProcessLookupError):
        return 0
    except PermissionError:
        return resident(pid)
    return 0

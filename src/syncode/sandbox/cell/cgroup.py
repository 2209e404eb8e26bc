# ruff: noqa: PTH102, PTH106, PTH110, PTH120, PTH123, PTH208
# (pathlib costs its import in processes that must start fast)
"""Control groups, version 1 and 2: bound the memory and the processes of everything below one process."""

from __future__ import annotations

import os
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

Folders = dict[str, str]
"""Controller (`memory`, `pids`) to folder; one folder for both in version 2."""

LEAVE = 2.0
"""Seconds that killed processes may take to leave a group before its folder is given up (chosen here)."""


def find() -> Folders | None:
    """Return the folders in which this process may make groups of its own, or None."""
    for candidate in _candidates():
        if all(os.access(folder, os.W_OK | os.X_OK) for folder in candidate.values()):
            return candidate
    return None


def _candidates() -> Iterator[Folders]:
    own = _own()
    mounted = _mounts()
    if "memory" in mounted and "pids" in mounted:
        yield {name: _join(mounted[name], own.get(name, "/")) for name in ("memory", "pids")}
    if "" in mounted:  # version 2: a group with processes in it cannot hand controllers down, its parent can
        here = _join(mounted[""], own.get("", "/"))
        for folder in (here, os.path.dirname(here)):
            if folder.startswith(mounted[""][0]) and {"memory", "pids"} <= set(
                _read(folder, "cgroup.subtree_control").split()
            ):
                yield {"memory": folder, "pids": folder}


def _own() -> dict[str, str]:
    """Controller to the path of this process's group; the unified hierarchy is the controller ''."""
    found = {}
    for line in _read("/proc/self", "cgroup").splitlines():
        _, controllers, path = line.split(":", 2)
        for name in controllers.split(","):
            found[name] = path
    return found


def _mounts() -> dict[str, tuple[str, str]]:
    """Controller to (mount point, root of what is mounted there)."""
    found: dict[str, tuple[str, str]] = {}
    for line in _read("/proc/self", "mountinfo").splitlines():
        left, _, right = line.partition(" - ")
        words, (kind, _, options) = left.split(), right.split(" ", 2)
        if kind == "cgroup2":
            found.setdefault("", (words[4], words[3]))
        elif kind == "cgroup":
            for name in options.split(","):
                found.setdefault(name, (words[4], words[3]))
    return found


def _join(mounted: tuple[str, str], path: str) -> str:
    point, root = mounted
    inside = path[len(root) :] if root != "/" and path.startswith(root) else path
    return os.path.normpath(f"{point}/{inside}")


def _read(folder: str, name: str) -> str:
    try:
        with open(f"{folder}/{name}", encoding="utf-8") as stream:
            return stream.read()
    except OSError:
        return ""


def _write(folder: str, name: str, value: str) -> None:
    with open(f"{folder}/{name}", "w", encoding="ascii") as stream:
        stream.write(value)


def create(parents: Folders, name: str, memory: int, processes: int) -> Folders:
    """Make a group below each parent and limit it: bytes of memory (swap included where counted), number of tasks."""
    group = {controller: f"{parent}/{name}" for controller, parent in parents.items()}
    remove({key: folder for key, folder in group.items() if os.path.exists(folder)})  # of a process that had our number
    for folder in dict.fromkeys(group.values()):
        os.mkdir(folder)
    limit(group, memory)
    _write(group["pids"], "pids.max", str(processes))
    return group


def limit(group: Folders, memory: int) -> None:
    """Set the bytes of memory."""
    folder = group["memory"]
    if os.path.exists(f"{folder}/memory.max"):
        _write(folder, "memory.max", str(memory))
        if os.path.exists(f"{folder}/memory.swap.max"):
            _write(folder, "memory.swap.max", "0")
        return
    both = f"{folder}/memory.memsw.limit_in_bytes"
    _write(folder, "memory.limit_in_bytes", str(memory))
    if os.path.exists(both):
        _write(folder, "memory.memsw.limit_in_bytes", str(memory))


def join(group: Folders) -> None:
    """Move this process, which has one thread, into the group; children born afterwards stay in it."""
    for folder in dict.fromkeys(group.values()):
        # Version 1 lets a thread move itself at once; for a whole process it waits 10 to 20 ms for all CPUs.
        _write(folder, "tasks" if os.path.exists(f"{folder}/tasks") else "cgroup.procs", "0")


class Kills:
    """How many processes of a group the kernel has killed for memory."""

    def __init__(self, group: Folders) -> None:
        version_2 = f"{group['memory']}/memory.events"
        name = version_2 if os.path.exists(version_2) else f"{group['memory']}/memory.oom_control"
        self._file = os.open(name, os.O_RDONLY | os.O_CLOEXEC)

    def count(self) -> int:
        """Return how many so far."""
        try:
            content = os.pread(self._file, 4096, 0)
        except OSError:
            return 0  # the group is gone: its keeper removes it once the sandbox has ended
        for line in content.splitlines():
            word, _, number = line.partition(b" ")
            if word == b"oom_kill":
                return int(number)
        return 0

    def close(self) -> None:
        """Forget the group, so that it can be removed."""
        os.close(self._file)


def remove(group: Folders) -> None:
    """Kill what is left in the group and remove its folders; a folder that stays busy is left for `sweep`."""
    until = time.monotonic() + LEAVE
    for folder in dict.fromkeys(group.values()):
        while True:
            for word in _read(folder, "cgroup.procs").split():
                _kill(int(word))
            try:
                os.rmdir(folder)
                break
            except FileNotFoundError:
                break
            except OSError:
                if time.monotonic() > until:
                    break
                time.sleep(0.005)


def sweep(parents: Folders, prefix: str) -> None:
    """Remove the groups of keepers that were killed: `prefix` + process id of the keeper."""
    for parent in dict.fromkeys(parents.values()):
        for name in os.listdir(parent):
            keeper = name.removeprefix(prefix)
            if keeper != name and keeper.isdigit() and not os.path.exists(f"/proc/{keeper}"):
                remove({"memory": f"{parent}/{name}"})


def _kill(pid: int) -> None:
    try:
        os.kill(pid, 9)
    except ProcessLookupError:
        return

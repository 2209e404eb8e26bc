# ruff: noqa: PTH103, PTH120, PTH123
# (pathlib costs its import in processes that must start fast)
"""Runs the steps of one program in the place where it stands: entering fresh namespaces first, where asked to.

This process is the first of its pid namespace, or a plain parent where there is none. It stays trusted: not dumpable, so that
the program can neither read nor trace it, and its death ends the program.
"""

import contextlib
import fcntl
import os
import resource
import signal
import time
from typing import Any, NoReturn

from syncode.sandbox.cell import isolate, python_driver, wire

TELL, ASK, STATUS, OUTPUTS = 3, 4, 5, 6
HIGH = 64  # descriptors are moved above this number before they get their final one


def main(item: dict[str, Any], descriptors: list[int], seccomp: bytes | None, enter: bool) -> NoReturn:
    """Run every step until one fails. `descriptors`: see `settle`; all others are closed."""
    try:
        settle(descriptors)
        isolate.prctl(isolate.PR_SET_PDEATHSIG, signal.SIGKILL)
        if enter:
            namespaces(item["disk"])
        if not item.get("landlocked"):  # there the call is refused, and /proc of other processes cannot be opened
            isolate.prctl(isolate.PR_SET_DUMPABLE, 0)
        os.chdir(item["folder"])
        for name, text in item["files"].items():
            write(name, text)
        if seccomp:
            isolate.filter_system_calls(seccomp)
        for number, step in enumerate(item["steps"]):
            report = run(step, OUTPUTS + 2 * number)
            wire.send(STATUS, report)
            if report["status"]:
                break
    except BaseException as problem:  # noqa: BLE001 - the runner hears of it and calls it infra
        wire.send(STATUS, {"problem": f"{type(problem).__name__}: {problem}"})
    finally:
        os._exit(0)


def direct(item: dict[str, Any], descriptors: list[int], seccomp: bytes | None) -> NoReturn:
    """Enter namespaces and turn into a Python program without a supervisor in between: its parent outside sees how it ends.

    The program is then the first process of its pid namespace: the kernel ends all others with it, and ignores signals without
    a handler that come from inside.
    """
    try:
        settle(descriptors)
        isolate.prctl(isolate.PR_SET_PDEATHSIG, signal.SIGKILL)
        namespaces(item["disk"])
        os.chdir(item["folder"])
        for name, text in item["files"].items():
            write(name, text)
    except BaseException as problem:  # noqa: BLE001 - the runner hears of it and calls it infra
        wire.send(STATUS, {"problem": f"{type(problem).__name__}: {problem}"})
        os._exit(0)
    become(item["steps"][0], OUTPUTS, seccomp)


def settle(descriptors: list[int]) -> None:
    """Number the descriptors: null 0 (and for now 1, 2), tell 3, ask 4, status 5, then stdout and stderr of each step."""
    high = [fcntl.fcntl(descriptor, fcntl.F_DUPFD, HIGH) for descriptor in descriptors]
    for number, descriptor in enumerate([high[0], high[0], *high]):
        os.dup2(descriptor, number)
    os.closerange(len(high) + 2, HIGH + 64)


def namespaces(disk: dict[str, int]) -> None:
    """Enter new mount and IPC namespaces: empty sized tmpfs at each of `disk` (folder: bytes), and this pid namespace's /proc."""
    isolate.unshare(isolate.CLONE_NEWNS | isolate.CLONE_NEWIPC)
    flags = isolate.MS_NOSUID | isolate.MS_NODEV
    for folder, size in disk.items():
        isolate.mount("tmpfs", folder, "tmpfs", flags, f"size={size},nr_inodes=65536,mode=755")
    isolate.mount("proc", "/proc", "proc", flags | isolate.MS_NOEXEC)
    isolate.drop_capabilities()


def write(name: str, text: str) -> None:
    """Write one file of the program, relative to the working folder."""
    folder = os.path.dirname(name)
    if folder:
        os.makedirs(folder, exist_ok=True)
    with open(name, "w", encoding="utf-8", newline="", errors="surrogatepass") as stream:
        stream.write(text)


def run(step: dict[str, Any], output: int) -> dict[str, Any]:
    """Run one step in a child that writes to `output` and the next number; return its status, seconds and peak resident KiB."""
    started = time.monotonic()
    child = os.fork()
    if child == 0:
        become(step, output)
    status, usage = wait(child)
    return {
        "status": status,
        "seconds": time.monotonic() - started,
        "cpu": usage.ru_utime + usage.ru_stime,
        "memory": usage.ru_maxrss,
    }


def wait(child: int) -> tuple[int, resource.struct_rusage]:
    """Reap whatever ends, orphans included, until `child` does."""
    while True:
        pid, status, usage = os.wait4(-1, 0)
        if pid == child:
            return status, usage


def become(step: dict[str, Any], output: int, seccomp: bytes | None = None) -> NoReturn:
    """Turn this process into the program."""
    try:
        os.setsid()
        os.dup2(output, 1)
        os.dup2(output + 1, 2)
        os.closerange(STATUS, HIGH)
        first_to_go()
        if not step.get("landlocked"):
            isolate.prctl(isolate.PR_SET_DUMPABLE, 1)
        isolate.prctl(isolate.PR_SET_PDEATHSIG, signal.SIGKILL)
        limit(step["limits"])
        if seccomp:
            isolate.filter_system_calls(seccomp)
        if "path" in step:
            os.environ.clear()
            os.environ.update(step["env"])
            python_driver.main(step)
        os.execve(step["argv"][0], step["argv"], step["env"])
    except BaseException as problem:  # noqa: BLE001
        os.write(2, f"{step['argv'][0]}: {problem}\n".encode())
    finally:
        os._exit(127)


def first_to_go() -> None:
    """Let the kernel kill the program for memory before anything of ours; children inherit it."""
    # Bytes, not text: for that each program would load a codec of its own.
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "wb", buffering=0) as stream:
        stream.write(b"1000")


def limit(limits: dict[str, int]) -> None:
    """Set the resource limits by their names without `RLIMIT_`. CPU seconds get one more before the kill: SIGXCPU comes first."""
    for name, value in limits.items():
        kind = getattr(resource, f"RLIMIT_{name}")
        hard = resource.getrlimit(kind)[1]
        most = value + (name == "CPU")
        if hard != resource.RLIM_INFINITY:
            most = min(most, hard)
        resource.setrlimit(kind, (min(value, most), most))

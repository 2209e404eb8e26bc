# ruff: noqa: PTH103, PTH108, PTH120, PTH211
# (pathlib costs its import in processes that must start fast)
"""Runs the steps of one program in the place where it stands: entering fresh namespaces first, where asked to.

Two ways. `main` stays beside the program, as the first process of its pid namespace or as a plain parent if there is none. It
stays trusted: not dumpable, so that the program can neither read nor trace it, and its death ends the program. `direct` turns
into a Python program itself. That is done for each of them, so it is short: what a process touches after a fork has to be copied
(3 microseconds a page), therefore its calls are put together before, and it only makes them.
"""

from __future__ import annotations

import errno
import fcntl
import os
import resource
import signal
import time
from typing import TYPE_CHECKING, Any, NoReturn

from syncode.sandbox.cell import forks, isolate, python_driver, wire

if TYPE_CHECKING:
    from syncode.sandbox.cell.isolate import Call

TELL, ASK, STATUS, OUTPUTS = 3, 4, 5, 6
CHANNEL = 6
"""What the two halves of a pair say to each other comes in here and goes out on the next number, in the program itself."""
UNFIT = (errno.ENOENT, errno.ENOEXEC, errno.EINVAL, errno.ELIBBAD, errno.ENOMEM)
"""Why the kernel does not start what a compiler has made of an answer, which says what loads it and where."""
HIGH = 64  # descriptors are moved above this number before they get their final one


def main(item: dict[str, Any], descriptors: list[int], seccomp: list[Call], enter: list[Call]) -> NoReturn:
    """Run every step until one fails. `descriptors`: see `settle`; `enter`: see `namespaces`."""
    settle(descriptors)  # where that fails, nothing can be said at `STATUS` yet: `fork` of the runner says it
    try:
        isolate.perform([isolate.prctl_call(isolate.PR_SET_PDEATHSIG, signal.SIGKILL), *enter])
        if not item.get("landlocked"):  # there the call is refused, and /proc of other processes cannot be opened
            isolate.perform([isolate.prctl_call(isolate.PR_SET_DUMPABLE, 0)])
        os.chdir(item["folder"])
        for name, content in item["files"].items():
            write(name, content)
        isolate.perform(seccomp)
        for number, step in enumerate(item["steps"]):
            report = run(step, OUTPUTS + 2 * number, OUTPUTS + 2 * len(item["steps"]) if item.get("channel") else 0)
            wire.send(STATUS, report)
            if report["status"]:
                break
    except BaseException as problem:  # noqa: BLE001 - the runner hears of it and calls it infra
        wire.send(STATUS, {"problem": f"{type(problem).__name__}: {problem}"})
    finally:
        os._exit(0)


def direct(calls: list[Call], step: dict[str, Any]) -> NoReturn:
    """Make the calls of `direct_calls` and turn into a Python program.

    It is the first process of its pid namespace: the kernel ends all others with it, and ignores signals without a handler that
    come from inside. Its environment is the runner's.
    """
    try:
        isolate.perform(calls)
    except BaseException as problem:  # noqa: BLE001 - the runner hears of it and calls it infra
        wire.send(STATUS, {"problem": f"{type(problem).__name__}: {problem}"})
        os._exit(0)
    python_driver.main(step)


def direct_calls(item: dict[str, Any], ends: list[int], enter: list[Call], seccomp: list[Call]) -> list[Call]:
    """Make a fork of the runner the place of a program.

    `ends`: tell, ask, status, stdout, stderr, in a pair also the two of its channel, each above those.
    """
    step = item["steps"][0]
    numbers = (TELL, ASK, STATUS, 1, 2, CHANNEL, CHANNEL + 1)[: len(ends)]
    return [
        *[(os.dup2, pair) for pair in zip(ends, numbers, strict=True)],
        (os.closerange, (max(numbers) + 1, 2 * HIGH)),
        *enter,
        (os.chdir, (item["folder"],)),
        *[(write, file) for file in item["files"].items()],
        *([(read_from, (step["stdin"],))] if "stdin" in step else []),
        *([(talk, ())] if "talks" in step else []),
        *becoming(step),
        *seccomp,
        (forks.become_program, ()),
        (os.close, (STATUS,)),
    ]


def settle(descriptors: list[int]) -> None:
    """Number the descriptors: null 0 (and for now 1, 2), tell 3, ask 4, status 5, then stdout and stderr of each step, then the
    two of a pair's channel."""
    high = [fcntl.fcntl(descriptor, fcntl.F_DUPFD, HIGH) for descriptor in descriptors]
    for number, descriptor in enumerate([high[0], high[0], *high]):
        os.dup2(descriptor, number)
    os.closerange(len(high) + 2, 2 * HIGH)


def namespaces(disk: dict[str, int], links: dict[str, str]) -> list[Call]:
    """Enter new mount and IPC namespaces: empty sized tmpfs at each of `disk` (folder: bytes), and this pid namespace's /proc.

    `links`: {name in one of them: where it leads}.
    """
    flags = isolate.MS_NOSUID | isolate.MS_NODEV
    return [
        isolate.unshare_call(isolate.CLONE_NEWNS | isolate.CLONE_NEWIPC),
        *[
            isolate.mount_call("tmpfs", folder, "tmpfs", flags, f"size={size},nr_inodes=65536,mode=755")
            for folder, size in disk.items()
        ],
        isolate.mount_call("proc", "/proc", "proc", flags | isolate.MS_NOEXEC),
        *[(link, each) for each in links.items()],
        *isolate.drop_capabilities_calls(),
    ]


def link(name: str, target: str) -> None:
    """Make a symbolic link, and the folders that it is in."""
    os.makedirs(os.path.dirname(name), exist_ok=True)
    os.symlink(target, name)


def write(name: str, content: bytes) -> None:
    """Write one file of the program, relative to the working folder; it may be what a compiler has made, to be run."""
    if "/" in name:
        os.makedirs(os.path.dirname(name), exist_ok=True)
    descriptor = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o777)
    wire.write(descriptor, content)
    os.close(descriptor)


def read_from(name: str) -> None:
    """Make a file what this process reads, and take its name away."""
    descriptor = os.open(name, os.O_RDONLY | os.O_CLOEXEC)
    os.dup2(descriptor, 0)
    os.close(descriptor)
    os.unlink(name)


def talk() -> None:
    """Make the other half of a pair what this process reads from and writes to."""
    for number in (0, 1):
        os.dup2(CHANNEL + number, number)
        os.close(CHANNEL + number)


def run(step: dict[str, Any], output: int, channel: int) -> dict[str, Any]:
    """Run one step in a child that writes to `output` and the next number; return its status, seconds and peak resident KiB.

    `channel`: the first of the two descriptors that join it to the other half of a pair, or 0.
    """
    started = time.monotonic()
    child = os.fork()
    if child == 0:
        become(step, output, channel)
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


def become(step: dict[str, Any], output: int, channel: int) -> NoReturn:
    """Turn this process into the program."""
    try:
        os.dup2(output, 1)
        os.dup2(output + 1, 2)
        if "stdin" in step:
            read_from(step["stdin"])
        os.set_inheritable(STATUS, False)
        first = STATUS + 1
        if channel:
            os.dup2(channel, CHANNEL)
            os.dup2(channel + 1, CHANNEL + 1)
            first = CHANNEL + 2
        if "talks" in step:
            talk()
        isolate.perform([*becoming(step), (os.closerange, (first, HIGH))])
        if "path" in step:
            os.close(STATUS)
            os.environ.clear()
            os.environ.update(step["env"])
            forks.become_program()
            python_driver.main(step)
        for number in (
            signal.SIGPIPE,
            signal.SIGXFSZ,
        ):  # Python ignores them, and the next program would go on doing so
            signal.signal(number, signal.SIG_DFL)
        os.execve(step["argv"][0], step["argv"], step["env"])
    except BaseException as problem:  # noqa: BLE001 - no program has begun: its exit code must not be one that programs can have
        if isinstance(problem, OSError) and problem.errno in UNFIT and step["argv"][0].startswith("./"):
            os.write(2, f"{step['argv'][0]} cannot be started: {problem.strerror}\n".encode())
        else:
            wire.send(STATUS, {"problem": f"{step['argv'][0]}: {problem}"})
    finally:
        os._exit(127)


def becoming(step: dict[str, Any]) -> list[Call]:
    """Leave the session, go with the parent, and be bounded."""
    return [
        (os.setsid, ()),
        (first_to_go, ()),
        *([] if step.get("landlocked") else [isolate.prctl_call(isolate.PR_SET_DUMPABLE, 1)]),
        isolate.prctl_call(isolate.PR_SET_PDEATHSIG, signal.SIGKILL),
        *[(limit, each) for each in step["limits"]],
    ]


def first_to_go() -> None:
    """Let the kernel kill the program for memory before anything of ours; children inherit it."""
    try:
        descriptor = os.open("/proc/self/oom_score_adj", os.O_WRONLY | os.O_CLOEXEC)
    except OSError:
        return  # no /proc here, or not ours to write: then the kernel chooses by size
    try:
        os.write(descriptor, b"1000")
    except OSError:
        pass  # as above
    finally:
        os.close(descriptor)


def limit(kind: int, values: tuple[int, int]) -> None:
    """Set a resource limit to (soft, hard), or to the hard limit that we live under where that is lower."""
    try:
        resource.setrlimit(kind, values)
    except ValueError:
        hard = resource.getrlimit(kind)[1]
        resource.setrlimit(kind, (min(values[0], hard), min(values[1], hard)))

# ruff: noqa: PTH102, PTH103, PTH120
# (pathlib costs its import in processes that must start fast)
"""Stands outside the sandbox for as long as it lives: makes its control group, drops root, starts it, cleans up after it.

A process of its own, so that the group is removed however the process that wanted the sandbox ends.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found] # `signal` loads `enum`: half of what the keeper takes to start
import os
import resource
import stat

from syncode.sandbox.cell import cgroup, isolate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def prefix() -> str:
    """Return what names of our control groups begin with: process ids mean something in one pid namespace only."""
    return f"syncode-{os.stat('/proc/self/ns/pid').st_ino}-"  # noqa: PTH116 (start-up counts: no pathlib here)


def main(settings: dict[str, Any]) -> None:
    """Start `settings["argv"]` and wait for it. `user`: become this uid and gid first (null: stay); `groups`: parents or null."""
    _take_all_signals()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))  # programs get limits of their own, below what we may have
    group = None
    if settings["groups"]:
        cgroup.sweep(settings["groups"], prefix())
        group = cgroup.create(settings["groups"], f"{prefix()}{os.getpid()}", settings["memory"], settings["processes"])
    try:
        own = os.getpid()
        child = os.fork()
        if child == 0:
            _become(settings, group, own)
        os.close(settings["control"])
        os.waitpid(child, 0)
    finally:
        if group:
            cgroup.remove(group)


def _take_all_signals() -> None:
    """Undo what was ignored or blocked around us (`nohup`, `trap '' CHLD`): it must not decide how a program's signals work."""
    for number in _signal.valid_signals():
        if _signal.getsignal(number) is _signal.SIG_IGN:
            _signal.signal(number, _signal.SIG_DFL)
    _signal.pthread_sigmask(_signal.SIG_SETMASK, [])


def _become(settings: dict[str, Any], group: cgroup.Folders | None, keeper: int) -> None:
    try:
        if group:
            cgroup.join(group)
        os.umask(0o022)  # what a program makes must not depend on ours
        if settings["shown"]:
            _show(settings)
        if settings["user"] is not None:
            os.setgroups([])
            os.setresgid(*[settings["user"]] * 3)
            os.setresuid(*[settings["user"]] * 3)
        isolate.perform(
            [
                isolate.prctl_call(isolate.PR_SET_PDEATHSIG, _signal.SIGKILL),
                isolate.prctl_call(isolate.PR_SET_NO_NEW_PRIVS, 1),
            ]
        )
        if os.getppid() != keeper:  # it was killed before its death could be ours: no one would remove the group
            os._exit(127)
        for descriptor in settings["keep"]:
            os.set_inheritable(descriptor, True)
        os.execve(settings["argv"][0], settings["argv"], settings["environment"])
    except BaseException as problem:  # noqa: BLE001 - stderr is read by the process that waits for the first message
        os.write(2, f"{settings['argv'][0]}: {problem}\n".encode())
    finally:
        os._exit(127)


def _show(settings: dict[str, Any]) -> None:
    """Bind each (target, source, shut) of `shown`, the target below a tmpfs over `stage` that only this process tree sees.

    What is `shut` to others becomes the new user's own there, if the kernel and the file system can do that.
    """
    flags = isolate.MS_NOSUID | isolate.MS_NODEV
    isolate.perform(
        [
            isolate.unshare_call(isolate.CLONE_NEWNS),
            isolate.mount_call("none", "/", None, isolate.MS_REC | isolate.MS_PRIVATE),
        ]
    )
    opened = [(target, os.open(source, os.O_PATH), shut) for target, source, shut in settings["shown"]]
    isolate.perform([isolate.mount_call("tmpfs", settings["stage"], "tmpfs", flags, "size=64k,mode=755")])
    for target, descriptor, shut in opened:
        status = os.fstat(descriptor)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        if stat.S_ISDIR(status.st_mode):
            os.mkdir(target)
        else:
            os.close(os.open(target, os.O_CREAT | os.O_WRONLY))
        if shut and isolate.bind_as(descriptor, target, (status.st_uid, status.st_gid), settings["user"]):
            continue
        binding = isolate.MS_BIND | isolate.MS_REC
        isolate.perform([isolate.mount_call(f"/proc/self/fd/{descriptor}", target, None, binding)])

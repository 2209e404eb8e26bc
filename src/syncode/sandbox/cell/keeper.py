# ruff: noqa: PTH102
# (pathlib costs its import in processes that must start fast)
"""Stands outside the sandbox for as long as it lives: makes its control group, drops root, starts it, cleans up after it.

A process of its own, so that the group is removed however the process that wanted the sandbox ends.
"""

from __future__ import annotations

import os
import signal

from syncode.sandbox.cell import cgroup, isolate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def prefix() -> str:
    """Return what names of our control groups begin with: process ids mean something in one pid namespace only."""
    return f"syncode-{os.stat('/proc/self/ns/pid').st_ino}-"  # noqa: PTH116 (start-up counts: no pathlib here)


def main(settings: dict[str, Any]) -> None:
    """Start `settings["argv"]` and wait for it. `user`: become this uid and gid first (null: stay); `groups`: parents or null."""
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


def _become(settings: dict[str, Any], group: cgroup.Folders | None, keeper: int) -> None:
    try:
        if group:
            cgroup.join(group)
        if settings["private"]:
            _reveal(settings["private"])
        if settings["user"] is not None:
            os.setgroups([])
            os.setresgid(*[settings["user"]] * 3)
            os.setresuid(*[settings["user"]] * 3)
        isolate.perform(
            [
                isolate.prctl_call(isolate.PR_SET_PDEATHSIG, signal.SIGKILL),
                isolate.prctl_call(isolate.PR_SET_NO_NEW_PRIVS, 1),
            ]
        )
        if os.getppid() != keeper:  # it was killed before its death could be ours: nobody would remove the group
            os._exit(127)
        for descriptor in settings["keep"]:
            os.set_inheritable(descriptor, True)
        os.execve(settings["argv"][0], settings["argv"], settings["environment"])
    except BaseException as problem:  # noqa: BLE001 - stderr is read by whoever waits for the first message
        os.write(2, f"{settings['argv'][0]}: {problem}\n".encode())
    finally:
        os._exit(127)


def _reveal(private: dict[str, str]) -> None:
    """Bind folders that the unprivileged user could not reach under a tmpfs over /tmp that only this process tree sees."""
    flags = isolate.MS_NOSUID | isolate.MS_NODEV
    isolate.perform(
        [
            isolate.unshare_call(isolate.CLONE_NEWNS),
            isolate.mount_call("none", "/", None, isolate.MS_REC | isolate.MS_PRIVATE),
        ]
    )
    sources = {target: os.open(source, os.O_PATH) for target, source in private.items()}  # they may lie below /tmp
    isolate.perform([isolate.mount_call("tmpfs", "/tmp", "tmpfs", flags, "size=64k,mode=755")])
    for target, descriptor in sources.items():
        os.mkdir(target)
        binding = isolate.MS_BIND | isolate.MS_REC
        isolate.perform([isolate.mount_call(f"/proc/self/fd/{descriptor}", target, None, binding)])

# ruff: noqa: PTH102, PTH106, PTH108
# (pathlib costs its import in processes that must start fast)
"""Runs a program without namespaces: Landlock and seccomp by the sandlock package, in a folder of this machine.

sandlock closes all descriptors above 2, so the pipes to the program have names (FIFOs) until `item` has opened them. What this
way does not have: a view of its own of processes and mounts, a quota on disk (files are counted now and then instead).
"""

import os
from typing import Any

CHANNELS = ".channels"
READABLE = (
    "/etc/ssl/openssl.cnf",
    "/dev/zero",
    "/dev/full",
    "/dev/random",
    "/dev/urandom",
    "/proc/self",
    "/proc/cpuinfo",
    "/proc/meminfo",
    "/proc/stat",
)
"""What programs may read besides toolchains; /proc itself would show the processes of this machine."""


def make_channels(folder: str, count: int) -> list[int]:
    """Make named pipes and return our ends; open for both directions, so that no one waits for anybody."""
    place = f"{folder}/{CHANNELS}"
    os.mkdir(place)
    for number in range(count):
        os.mkfifo(f"{place}/{number}", 0o600)
    return [os.open(f"{place}/{number}", os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC) for number in range(count)]


def open_channels(folder: str, count: int) -> list[int]:
    """Return the program's ends: tell to read, all others to write. Their names go away."""
    place = f"{folder}/{CHANNELS}"
    ends = [os.open(f"{place}/{number}", os.O_RDONLY if number == 0 else os.O_WRONLY) for number in range(count)]
    for number in range(count):
        os.unlink(f"{place}/{number}")
    os.rmdir(place)
    return ends


def main(settings: dict[str, Any]) -> None:
    """Run `settings["argv"]` in a sandlock sandbox and end as it does; its stdin is ours."""
    import sys

    sys.path.extend(settings["site"])
    from sandlock import Sandbox  # type: ignore[import-untyped]

    sandbox = Sandbox(
        fs_readable=[path for path in (*settings["readable"], *READABLE) if os.access(path, os.R_OK)],
        fs_writable=[settings["folder"], "/dev/null"],
        max_memory=settings["memory"],
        max_processes=settings["processes"],
        no_coredump=True,
        clean_env=True,
        env=settings["environment"],
        cwd=settings["folder"],
    )
    os._exit(sandbox.run_interactive(settings["argv"]) & 255)


def size(folder: str) -> int:
    """Return the bytes that files below a folder take."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(f"{place}/{name}").st_blocks * 512
            except OSError:
                continue
    return total

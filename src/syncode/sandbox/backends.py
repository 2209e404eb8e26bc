"""The ways to isolate, best first, each as the command line that opens it."""

import shutil
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

from syncode.sandbox.limits import MEBIBYTE
from syncode.sandbox.shown import ACCOUNTS, LINKED, NOBODY, ROOM, Bind

BOX = "/box"
"""Inside: the working folder of a program."""

INSIDE = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "HOME": BOX,
    "TMPDIR": "/tmp",
    "LANG": "C.UTF-8",
    "PYTHONHASHSEED": "0",
    "PYTHONDONTWRITEBYTECODE": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}
"""The whole environment of a program (threads bounded because a limit on processes counts them)."""

COVERS = {
    "cell": "one bubblewrap for each worker, fresh pid, mount and IPC namespaces for each program",
    "bwrap": "one bubblewrap for each program",
    "sandlock": "Landlock and seccomp for each program; sees names in /proc and /tmp, disk use is only looked at now and then",
    "none": "NO ISOLATION: the program can read, write, connect and signal as this user can",
}


WEAK = ("sandlock", "none")
"""Backends that leave something open that the others close: their user gets a warning."""


def sandlock() -> bool:
    """Return whether the sandlock package is installed; whether the kernel can do what it wants is for a trial to find out."""
    return find_spec("sandlock") is not None


def bubblewrap(
    binds: Sequence[Bind],
    links: Mapping[str, str],
    cell: bool,
    tmpfs: Mapping[str, int],
    environment: Mapping[str, str],
) -> list[str] | None:
    """Return the bwrap command up to, without, the program; None if it is not installed. `links`: {name: where it leads}.

    `cell`: the program inside is our runner, which keeps CAP_SYS_ADMIN in a user namespace that owns nothing outside, makes the
    namespaces of each program and gives the capability up there. Otherwise `tmpfs` (folder: bytes) are mounted here.
    """
    program = shutil.which("bwrap", path="/usr/bin:/bin:/usr/local/bin") or shutil.which("bwrap")
    if program is None:
        return None
    words = [
        program,
        "--unshare-user",
        "--unshare-pid",
        "--unshare-net",
        "--unshare-ipc",
        "--unshare-uts",
        "--unshare-cgroup-try",
    ]
    words += ["--die-with-parent", "--new-session", "--cap-drop", "ALL", "--uid", str(NOBODY), "--gid", str(NOBODY)]
    words += ["--hostname", "sandbox", "--clearenv"]
    for name, value in environment.items():
        words += ["--setenv", name, value]
    words += (
        ["--cap-add", "CAP_SYS_ADMIN", "--cap-add", "CAP_NET_ADMIN"] if cell else ["--disable-userns", "--as-pid-1"]
    )
    for bind in binds:
        words += ["--ro-bind", bind.source, bind.target]
    for name in LINKED:
        if Path(f"/{name}").is_symlink():
            words += ["--symlink", str(Path(f"/{name}").readlink()), f"/{name}"]
        elif Path(f"/{name}").is_dir():
            words += ["--ro-bind", f"/{name}", f"/{name}"]
    for name in ACCOUNTS:
        words += ["--symlink", f"{ROOM}/etc/{name}", f"/etc/{name}"]
    words += ["--proc", "/proc", "--dir", "/dev", "--dir", "/dev/shm"]
    for name in (
        "null",
        "zero",
        "full",
        "random",
        "urandom",
    ):  # --dev would add a pty filesystem owned by another user namespace
        words += ["--dev-bind", f"/dev/{name}", f"/dev/{name}"]
    for name, target in (("fd", "fd"), ("stdin", "fd/0"), ("stdout", "fd/1"), ("stderr", "fd/2")):
        words += ["--symlink", f"/proc/self/{target}", f"/dev/{name}"]
    for folder, size in tmpfs.items():
        words += ["--dir", folder] if cell else ["--size", str(size), "--tmpfs", folder]
    for name, target in links.items():
        if not cell or not beneath(name, tmpfs):  # else it is made anew for each program
            words += ["--symlink", target, name]
    words += ["--chdir", "/", "--remount-ro", "/"]
    return words


def beneath(name: str, folders: Mapping[str, int]) -> bool:
    """Return whether a name is in one of the folders."""
    return any(Path(name).is_relative_to(folder) for folder in folders)


def disk(total: int, memory: int) -> dict[str, int]:
    """Return the sized tmpfs of a program in bytes: they count as memory, so together they stay below half of it."""
    total = min(total, memory // 4)
    return {BOX: total, "/tmp": total // 2, "/dev/shm": min(total // 2, 8 * MEBIBYTE)}

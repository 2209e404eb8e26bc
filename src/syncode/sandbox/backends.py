"""The ways to isolate, best first, each as the command line that opens it."""

import shutil
import sys
import sysconfig
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

from syncode.sandbox.limits import MEBIBYTE

NOBODY = 65534
"""The uid and gid of untrusted programs (Debian's nobody)."""
HIDDEN = "/tmp/private"
"""Where folders that only root can reach are bound before root is given up; seen by this process tree only."""
BOX, SITE = "/box", "/site"
"""Inside: the working folder of a program, and the Python packages of this installation."""

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

LINKED = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")
"""Folders of / that lead into /usr on merged systems and hold toolchains on others."""

COVERS = {
    "cell": "one bubblewrap for each worker, fresh pid, mount and IPC namespaces for each program",
    "bwrap": "one bubblewrap for each program",
    "sandlock": "Landlock and seccomp for each program; sees names in /proc and /tmp, disk use is only looked at now and then",
    "none": "NO ISOLATION: the program can read, write, connect and signal as this user can",
}


WEAK = ("sandlock", "none")
"""Backends that leave something open that the others close: whoever uses them is told so."""


@dataclass(frozen=True)
class Bind:
    """A folder or file shown read-only inside, under its own name or another."""

    source: str
    target: str


def interpreter() -> str:
    """Return the real Python that runs programs: the one below this virtual environment."""
    return str(Path(getattr(sys, "_base_executable", sys.executable)).resolve())


def python_binds() -> list[Bind]:
    """Return what the interpreter needs besides /usr, and the installed packages as `SITE`."""
    prefix = sys.base_prefix
    found = [] if Path(prefix) == Path("/usr") else [Bind(str(Path(prefix).resolve()), str(Path(prefix).resolve()))]
    packages = sysconfig.get_paths()["purelib"]
    return [*found, Bind(packages, SITE)] if Path(packages).is_dir() else found


def packages(binds: Sequence[Bind]) -> str:
    """Return where the installed Python packages are outside."""
    return next((bind.source for bind in binds if bind.target == SITE), sysconfig.get_paths()["purelib"])


def sandlock() -> bool:
    """Tell whether the sandlock package is installed; whether the kernel can do what it wants is for a trial to find out."""
    return find_spec("sandlock") is not None


def system_binds() -> list[Bind]:
    """Return the toolchains and the few files of /etc that they read."""
    names = [
        "/usr",
        "/nix/store",
        "/gnu/store",
        "/etc/alternatives",
        "/etc/ld.so.cache",
        *map(str, Path("/etc").glob("java*")),
        "/etc/mono",
        "/etc/R",
        "/etc/fpc.cfg",
        "/etc/perl",
    ]
    return [Bind(name, name) for name in names if Path(name).exists()]


def reachable(path: str) -> bool:
    """Return whether the unprivileged user can enter every folder down to `path` and read it."""
    place = Path(path)
    bits = [parent.stat().st_mode & 0o001 for parent in place.parents]
    return all(bits) and bool(place.stat().st_mode & 0o004)


def reveal(binds: Sequence[Bind], drops_root: bool) -> tuple[list[Bind], dict[str, str]]:
    """Return the binds to make once root is gone, and {stand-in: folder} to bind before that for those only root can reach."""
    private: dict[str, str] = {}
    result = []
    for bind in binds:
        if drops_root and not reachable(bind.source) and Path(bind.source).is_dir():
            stand_in = f"{HIDDEN}{len(private)}"
            private[stand_in] = bind.source
            bind = replace(bind, source=stand_in)
        result.append(bind)
    return result, private


def stand_in(path: str, private: dict[str, str]) -> str:
    """Return where a path is once root is gone: below its folder's stand-in, or where it was."""
    for target, folder in private.items():
        if Path(path).is_relative_to(folder):
            return str(Path(target) / Path(path).relative_to(folder))
    return path


def bubblewrap(
    binds: Sequence[Bind], cell: bool, tmpfs: dict[str, int], environment: dict[str, str]
) -> list[str] | None:
    """Return the bwrap command up to, without, the program; None where it is not installed.

    `cell`: the program inside is our runner, which keeps CAP_SYS_ADMIN in a user namespace that owns nothing outside, makes the
    namespaces of each program and gives the capability up there. Otherwise `tmpfs` (folder: bytes) are mounted here.
    """
    program = shutil.which("bwrap", path="/usr/bin:/bin:/usr/local/bin")
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
    words += ["--cap-add", "CAP_SYS_ADMIN"] if cell else ["--disable-userns", "--as-pid-1"]
    for bind in binds:
        words += ["--ro-bind", bind.source, bind.target]
    for name in LINKED:
        if Path(f"/{name}").is_symlink():
            words += ["--symlink", str(Path(f"/{name}").readlink()), f"/{name}"]
        elif Path(f"/{name}").is_dir():
            words += ["--ro-bind", f"/{name}", f"/{name}"]
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
    words += ["--chdir", "/", "--remount-ro", "/"]
    return words


def disk(total: int, memory: int) -> dict[str, int]:
    """Return the sized tmpfs of a program in bytes: they count as memory, so together they stay below half of it."""
    total = min(total, memory // 4)
    return {BOX: total, "/tmp": total // 2, "/dev/shm": min(total // 2, 8 * MEBIBYTE)}

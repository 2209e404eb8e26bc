"""What of this machine a program sees, read-only: the system's folders under their own names, all else under neutral ones.

Interpreter, packages and toolchains may lie anywhere outside, also where the sandbox has something of its own (/tmp, /dev/shm) or
in a home. Inside they stand below `ROOM`, so that no place outside decides what works in there, and no name of it is seen.
"""

import os
import re
import stat
import sys
import sysconfig
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOM = "/syncode"
"""Inside: the folder of all that is not the system's."""
PYTHON, PACKAGES, TOOLS = f"{ROOM}/python", f"{ROOM}/packages", f"{ROOM}/tools"
STAGE = "/tmp"
"""Where root puts `ROOM` together, on a tmpfs that only the keeper's process tree sees, before it gives up its rights."""

NOBODY = 65534
"""The uid and gid of untrusted programs (65534: the user without rights on Debian)."""
CAP_SYS_ADMIN = 21
"""Its number (capabilities(7))."""
STORES = ("/usr", "/nix/store", "/gnu/store")
"""Folders of programs that everyone may read and that are shown under their own names."""
ACCOUNTS = ("passwd", "group", "hosts", "nsswitch.conf")
"""Names in /etc that lead to files of ours."""
LINKED = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")
"""Folders of / that lead into /usr on merged systems and hold toolchains on others."""


@dataclass(frozen=True)
class Bind:
    """A folder or file shown read-only inside, under its own name or another.

    `linked`: its own name leads there, too: some toolchains look for their files where they were installed. `shut`: some of it
    can be read by its owner alone.
    """

    source: str
    target: str
    linked: bool = False
    shut: bool = False

    def place(self, path: str, root: str) -> str | None:
        """Return where `path` is in a view whose root is `root`, or None if it is not part of what is shown."""
        if path != self.source and not path.startswith(f"{self.source}/"):
            return None
        return f"{root if self.own else ''}{self.target}{path[len(self.source) :]}"

    @property
    def own(self) -> bool:
        """Whether it has a neutral name inside."""
        return self.target.startswith(f"{ROOM}/")


@cache
def drops_root() -> bool:
    """Return whether programs run as another user: this is root, and of more than a user namespace with a single user in it.

    That one (rootless containers, `unshare -r`) is an ordinary user, and there is no one else to become.
    """
    maps = [
        [int(word) for word in line.split()]
        for line in Path("/proc/self/uid_map").read_text(encoding="ascii").splitlines()
    ]
    single = not any(first <= NOBODY < first + count for first, _, count in maps)
    return os.geteuid() == 0 and not (single and all(outside for first, outside, _ in maps if first == 0))


@cache
def stages() -> bool:
    """Return whether `ROOM` is put together at `STAGE`: by root that may mount (in containers it often may not)."""
    status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    effective = int(next(line for line in status.splitlines() if line.startswith("CapEff:")).split()[1], 16)
    return drops_root() and bool(effective >> CAP_SYS_ADMIN & 1)


def of_system(path: str | Path) -> bool:
    """Return whether a path, its links followed, is in a folder that is shown under its own name, and open to all."""
    real = Path(path).resolve()
    return any(real.is_relative_to(place) for place in (*STORES, *(f"/{name}" for name in LINKED))) and open_to_all(
        real
    )


def open_to_all(path: Path) -> bool:
    """Return whether every user can enter the folders down to `path` and read it."""
    try:
        return bool(path.stat().st_mode & 0o004) and all(parent.stat().st_mode & 0o001 for parent in path.parents)
    except OSError:  # gone, or not even this user can
        return False


def system() -> list[Bind]:
    """Return the system's toolchains and the few files of /etc that they read."""
    names = [
        *STORES,
        "/etc/alternatives",
        "/etc/ld.so.cache",
        *map(str, Path("/etc").glob("java*")),
        "/etc/mono",
        "/etc/R",
        "/etc/fpc.cfg",
        "/etc/perl",
        "/var/lib/ghc/package.conf.d",
        "/etc/php",
    ]
    return [Bind(name, name) for name in names if Path(name).exists()]


def accounts() -> Bind:
    """Return our own few files of /etc: who the user is that programs run as, and where localhost is."""
    return _bind(str(Path(__file__).resolve().parent / "etc"), f"{ROOM}/etc")


def interpreter() -> str:
    """Return the real Python that runs programs: the one below this virtual environment."""
    return str(Path(getattr(sys, "_base_executable", sys.executable)).resolve())


def python() -> list[Bind]:
    """Return the interpreter as bin and lib of a prefix of its own; nothing if it is the system's.

    Not its whole prefix: that may be a home, or /.
    """
    program, library = interpreter(), Path(os.__file__).parent.resolve()
    if of_system(program) and of_system(library):
        return []
    prefix = library.parent.parent
    folders = {name: prefix / name for name in ("lib", "lib64", "openssl")}  # the last one: pyenv's own
    found = [_bind(str(folder.resolve()), f"{PYTHON}/{name}") for name, folder in folders.items() if folder.is_dir()]
    return [_bind(program, f"{PYTHON}/bin/{Path(program).name}"), *found, *_libraries()]


def _libraries() -> list[Bind]:
    """Return the shared libraries of this process that are found by the place that they had when Python was built."""
    mapped = os.fsdecode(Path("/proc/self/maps").read_bytes())
    lines = dict.fromkeys(re.findall(r" (/.*/libpython[^/\n]*\.so[^/\n]*)$", mapped, re.MULTILINE))
    loaded = [line.replace("\\012", "\n") for line in lines]  # the only character that is escaped there
    return [_bind(path, f"{PYTHON}/shared/{Path(path).name}") for path in loaded if not of_system(path)]


def packages() -> list[Bind]:
    """Return the folders of installed Python packages that this process has, in their order."""
    known = sysconfig.get_paths()
    named = [place for place in sys.path if Path(place).name in ("site-packages", "dist-packages")]
    places = [
        str(Path(place).resolve()) for place in (known["purelib"], known["platlib"], *named) if Path(place).is_dir()
    ]
    return [_bind(place, f"{PACKAGES}/{number}") for number, place in enumerate(dict.fromkeys(places))]


def wheels(place: str) -> Bind:
    """Return the folder of packages that were installed for programs alone."""
    return _bind(place, f"{PACKAGES}/wheels")


def tools(places: Iterable[tuple[str, bool]]) -> list[Bind]:
    """Return folders of toolchains, and commands that stand alone, each with whether it has to be `linked`."""
    wanted: dict[str, bool] = {}
    for place, linked in places:
        wanted[place] = wanted.get(place, False) or linked
    made = []
    for number, (place, linked) in enumerate(wanted.items()):
        alone = "" if Path(place).is_dir() else f"/bin/{Path(place).name}"
        made.append(_bind(place, f"{TOOLS}/{number}{alone}", linked))
    return made


def reached(bind: Bind) -> bool:
    """Return whether what is to be shown can be: by root as it puts it together, else by the user whom programs run as."""
    if drops_root() and not stages():
        return open_to_all(Path(bind.source))
    return os.access(bind.source, os.R_OK)


def prepared(place: str, language: str) -> Bind:
    """Return what we have made ourselves for a language, under a name that does not depend on what else is shown."""
    return _bind(place, inner(language))


def inner(language: str) -> str:
    """Return where that is inside."""
    return f"{ROOM}/{language}"


def _bind(source: str, target: str, linked: bool = False) -> Bind:
    return Bind(source, target, linked, shut(source))


def shut(place: str) -> bool:
    """Return whether others than the owner are kept out: here, or one level below (`umask 077; pip install`)."""
    try:
        found = [Path(place).stat()]
        if stat.S_ISDIR(found[0].st_mode):
            with os.scandir(place) as entries:
                found += [entry.stat(follow_symlinks=False) for entry in entries]
    except OSError:  # gone while we looked
        return True
    return any(each.st_mode & wanted != wanted for each in found for wanted in [5 if stat.S_ISDIR(each.st_mode) else 4])


def staged(binds: Sequence[Bind]) -> list[Bind]:
    """Return what is shown once root has put `ROOM` together at `STAGE`."""
    named = [bind for bind in binds if not bind.own]
    return [*named, Bind(f"{STAGE}{ROOM}", ROOM)] if len(named) < len(binds) else named


def links(binds: Sequence[Bind]) -> dict[str, str]:
    """Return {own name: name inside} of what is `linked`; none for a name in or below another of them, or where it cannot be."""
    found: dict[str, str] = {}
    for bind in sorted((bind for bind in binds if bind.linked), key=lambda bind: bind.source):
        taken = (*found, ROOM, "/proc", "/sys", *STORES, *(f"/{name}" for name in LINKED))
        if not any(Path(bind.source).is_relative_to(place) for place in taken):
            found[bind.source] = bind.target
    return found


def sites(binds: Sequence[Bind]) -> Iterator[Bind]:
    """Yield the folders of Python packages."""
    return (bind for bind in binds if bind.target.startswith(f"{PACKAGES}/"))


def libraries(binds: Sequence[Bind], root: str) -> dict[str, str]:
    """Return what an interpreter that is not where it was built needs in its environment to find libraries of its own."""
    names = dict.fromkeys(
        str(Path(bind.target).parent) if "/shared/" in bind.target else f"{bind.target}/lib"
        for bind in binds
        if bind.target.startswith((f"{PYTHON}/shared/", f"{PYTHON}/openssl"))
    )
    return {"LD_LIBRARY_PATH": ":".join(f"{root}{name}" for name in names)} if names else {}


def commands(binds: Sequence[Bind], root: str | None) -> list[str]:
    """Return the folders of commands among toolchains: one may look for another on PATH (`tsc` begins with `env node`)."""
    found = []
    for bind in binds:
        if bind.target.startswith(f"{TOOLS}/"):
            place = Path(bind.source if root is None else f"{root}{bind.target}")
            found.append(str(place / "bin" if Path(bind.source).is_dir() else place.parent))
    return list(dict.fromkeys(found))

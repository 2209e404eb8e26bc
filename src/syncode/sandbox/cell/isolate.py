# (pathlib costs its import in processes that must start fast)
"""The few system calls that Python 3.11 has no function for: namespaces, mounts, capabilities, seccomp, prctl.

`*_call` functions return a call to be made later: what a program's process has to do is put together before it is forked.
"""

from __future__ import annotations

import ctypes
import os
import struct

TYPE_CHECKING = False  # `typing` would cost the keeper as much as all the rest
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, TypeAlias

    Call: TypeAlias = tuple[Callable[..., Any], tuple[Any, ...]]
    """A function and its arguments; -1 from the C library is a failure."""

CLONE_NEWNS, CLONE_NEWIPC, CLONE_NEWPID = 0x00020000, 0x08000000, 0x20000000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = (
    1,
    2,
    4,
    8,
    32,
    4096,
    16384,
    1 << 18,
)
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP = 1, 4, 22
PR_SET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL = 36, 38, 47, 4
SECCOMP_MODE_FILTER = 2
CAPABILITY_VERSION_3 = 0x20080522

_libc = ctypes.CDLL(None, use_errno=True)
# Looked up once: each lookup would touch memory. None where this is not Linux, and nothing here is called.
_found: Any = [getattr(_libc, name, None) for name in ("unshare", "setns", "mount", "prctl", "capset")]
_unshare, _setns, _mount, _prctl, _capset = _found


def perform(calls: Iterable[Call]) -> None:
    """Make the calls; OSError names the one that fails."""
    for function, arguments in calls:
        if function(*arguments) == -1:
            number = ctypes.get_errno()
            raise OSError(number, f"{function.__name__}{arguments}: {os.strerror(number)}")


def unshare_call(flags: int) -> Call:
    """Leave the namespaces named by `flags` (CLONE_NEW*)."""
    return _unshare, (flags,)


def setns_call(descriptor: int, kind: int) -> Call:
    """Enter the namespace behind a descriptor."""
    return _setns, (descriptor, kind)


def mount_call(source: str, target: str, kind: str | None, flags: int, options: str | None = None) -> Call:
    """Mount."""
    names = [None if text is None else text.encode() for text in (source, target, kind, options)]
    return _mount, (names[0], names[1], names[2], ctypes.c_ulong(flags), names[3])


def prctl_call(option: int, *arguments: int) -> Call:
    """Call prctl with up to four numbers."""
    return _prctl, (option, *[ctypes.c_ulong(value) for value in (*arguments, 0, 0, 0, 0)[:4]])


def drop_capabilities_calls() -> list[Call]:
    """Give up every capability, ambient ones included."""
    header = struct.pack("=Ii", CAPABILITY_VERSION_3, 0)
    return [prctl_call(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL), (_capset, (header, bytes(24)))]


def filter_calls(program: bytes) -> list[Call]:
    """Filter the system calls of this process and its children from now on. `program`: BPF instructions of 8 bytes each."""
    code = ctypes.create_string_buffer(program, len(program))
    content = struct.pack("@HP", len(program) // 8, ctypes.addressof(code))
    header = ctypes.create_string_buffer(content, len(content))
    header.code = code  # type: ignore[attr-defined] # it has to live as long
    return [prctl_call(PR_SET_NO_NEW_PRIVS, 1), (_prctl, (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, header))]

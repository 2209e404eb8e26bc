# ruff: noqa: PTH123
# (pathlib costs its import in processes that must start fast)
"""The few system calls that Python 3.11 has no function for: namespaces, mounts, capabilities, seccomp, prctl.

`*_call` functions return a call to be made later: what a program's process has to do is put together before it is forked.
"""

from __future__ import annotations

import _socket
import ctypes
import fcntl
import os
import struct

TYPE_CHECKING = False  # `typing` would cost the keeper as much as all the rest
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, TypeAlias

    Call: TypeAlias = tuple[Callable[..., Any], tuple[Any, ...]]
    """A function and its arguments; -1 from the C library is a failure."""

CLONE_NEWNS, CLONE_NEWIPC, CLONE_NEWUSER, CLONE_NEWPID = 0x00020000, 0x08000000, 0x10000000, 0x20000000
CLONE_NEWNET = 0x40000000
SIOCSIFFLAGS, IFF_UP = 0x8914, 1
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
OPEN_TREE, MOVE_MOUNT, MOUNT_SETATTR = 428, 429, 442  # the same numbers on all machines
OPEN_TREE_CLONE, MOVE_MOUNT_F_EMPTY_PATH, AT_FDCWD, AT_EMPTY_PATH, AT_RECURSIVE = 1, 4, -100, 0x1000, 0x8000
MOUNT_ATTR_RDONLY, MOUNT_ATTR_IDMAP = 1, 0x00100000
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP = 1, 4, 22
PR_SET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL = 36, 38, 47, 4
SECCOMP_MODE_FILTER = 2
CAPABILITY_VERSION_3 = 0x20080522

_libc = ctypes.CDLL(None, use_errno=True)
# Looked up once: each lookup would touch memory. None if this is not Linux, and nothing here is called.
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


def bind_as(descriptor: int, target: str, owner: tuple[int, int], user: int) -> bool:
    """Bind what is behind `descriptor` read-only at `target`, where files of `owner` (uid, gid) are those of `user`.

    False, and nothing done, where the kernel (before 5.12) or the file system (overlayfs) does not know such mounts.
    """
    opened = []
    try:
        opened.append(namespace := _mapping(owner, user))
        cloning = OPEN_TREE_CLONE | os.O_CLOEXEC | AT_EMPTY_PATH | AT_RECURSIVE
        opened.append(tree := _syscall(OPEN_TREE, descriptor, b"", cloning))
        attributes = struct.pack("=QQQQ", MOUNT_ATTR_RDONLY | MOUNT_ATTR_IDMAP, 0, 0, namespace)
        _syscall(MOUNT_SETATTR, tree, b"", AT_EMPTY_PATH | AT_RECURSIVE, attributes, len(attributes))
        _syscall(MOVE_MOUNT, tree, b"", AT_FDCWD, os.fsencode(target), MOVE_MOUNT_F_EMPTY_PATH)
    except OSError:
        return False
    finally:
        for each in opened:
            os.close(each)
    return True


def _mapping(owner: tuple[int, int], user: int) -> int:
    """Return a descriptor of a user namespace that says: what is `owner`'s (uid, gid) on disk is `user`'s here."""
    end, begin = os.pipe()
    said, say = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(begin)
        _unshare(CLONE_NEWUSER)
        os.write(say, b".")
        os.read(end, 1)  # until the namespace is held by its descriptor
        os._exit(0)
    try:
        os.read(said, 1)
        for name, number in zip(("uid_map", "gid_map"), owner, strict=True):
            with open(f"/proc/{child}/{name}", "w", encoding="ascii") as stream:
                stream.write(f"{number} {user} 1")
        return os.open(f"/proc/{child}/ns/user", os.O_RDONLY | os.O_CLOEXEC)
    finally:
        for each in (end, begin, said, say):
            os.close(each)
        os.waitpid(child, 0)


def _syscall(number: int, *arguments: int | bytes) -> int:
    words = [ctypes.c_long(each) if isinstance(each, int) else ctypes.c_char_p(each) for each in arguments]
    result = int(_libc.syscall(ctypes.c_long(number), *words))
    if result == -1:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def network() -> None:
    """Enter a network namespace with nothing in it but loopback; stay in the one of the sandbox if there can be no other."""
    if _unshare(CLONE_NEWNET) == 0:
        line = _socket.socket(_socket.AF_INET, _socket.SOCK_DGRAM | _socket.SOCK_CLOEXEC)
        fcntl.ioctl(line.fileno(), SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP))
        line.close()


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

"""A seccomp filter as bytes: BPF put together by hand, because a library for it costs 43 ms at every start.

It refuses (EPERM, so that programs see an ordinary error) the system calls that reach into the kernel's administration or
into other processes, new namespaces, and every socket family but AF_UNIX (and IP, in sandboxes that have no way out). System call
numbers: `asm/unistd_64.h` (x86_64) and `asm-generic/unistd.h` (aarch64) of Linux; BPF encoding: `linux/filter.h`,
`linux/seccomp.h`.
"""

import platform
import struct
from dataclasses import dataclass

LOAD, JUMP_EQUAL, JUMP_AT_LEAST, JUMP_ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
NUMBER, ARCHITECTURE, FIRST_ARGUMENT = 0, 4, 16  # offsets in struct seccomp_data; little-endian low word of args[0]
ALLOW, KILL, ERROR = 0x7FFF0000, 0x80000000, 0x00050000
EPERM, ENOSYS = 1, 38
NEW_NAMESPACES = 0x7E020000  # CLONE_NEW{USER,PID,NET,IPC,UTS,CGROUP,NS}; TIME needs clone3
AF_UNIX, AF_INET, AF_INET6 = 1, 2, 10
X32 = 0x40000000  # the x32 variant of each call has this bit and would slip past a list of numbers


@dataclass(frozen=True)
class Architecture:
    """What differs between machines: the audit number, the refused calls, and three calls that are looked into."""

    audit: int
    refused: dict[str, int]
    clone: int
    socket: int
    x32: bool = False


_SAME = {  # numbers from 424 on are the same everywhere
    "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427, "open_tree": 428, "move_mount": 429, "fsopen": 430,
    "fsconfig": 431, "fsmount": 432, "fspick": 433, "pidfd_getfd": 438, "mount_setattr": 442, "quotactl_fd": 443,
}  # fmt: skip
CLONE3 = 435

ARCHITECTURES = {
    "x86_64": Architecture(
        audit=0xC000003E,
        refused={
            "ptrace": 101, "syslog": 103, "pivot_root": 155, "_sysctl": 156, "adjtimex": 159, "chroot": 161, "acct":
            163, "settimeofday": 164, "mount": 165, "umount2": 166, "swapon": 167, "swapoff": 168, "reboot": 169,
            "sethostname": 170, "setdomainname": 171, "iopl": 172, "ioperm": 173, "init_module": 175,
            "delete_module": 176, "quotactl": 179, "lookup_dcookie": 212, "clock_settime": 227, "kexec_load": 246,
            "add_key": 248, "request_key": 249, "keyctl": 250, "migrate_pages": 256, "unshare": 272, "move_pages":
            279, "perf_event_open": 298, "fanotify_init": 300, "name_to_handle_at": 303, "open_by_handle_at": 304,
            "clock_adjtime": 305, "setns": 308, "process_vm_readv": 310, "process_vm_writev": 311, "kcmp": 312,
            "finit_module": 313, "kexec_file_load": 320, "bpf": 321, "userfaultfd": 323, **_SAME,
        },
        clone=56, socket=41, x32=True,
    ),
    "aarch64": Architecture(
        audit=0xC00000B7,
        refused={
            "lookup_dcookie": 18, "umount2": 39, "mount": 40, "pivot_root": 41, "chroot": 51, "quotactl": 60,
            "acct": 89, "unshare": 97, "kexec_load": 104, "init_module": 105, "delete_module": 106, "clock_settime":
            112, "syslog": 116, "ptrace": 117, "reboot": 142, "sethostname": 161, "setdomainname": 162,
            "settimeofday": 170, "adjtimex": 171, "add_key": 217, "request_key": 218, "keyctl": 219, "swapon": 224,
            "swapoff": 225, "migrate_pages": 238, "move_pages": 239, "perf_event_open": 241, "fanotify_init": 262,
            "name_to_handle_at": 264, "open_by_handle_at": 265, "clock_adjtime": 266, "setns": 268,
            "process_vm_readv": 270, "process_vm_writev": 271, "kcmp": 272, "finit_module": 273, "bpf": 280,
            "userfaultfd": 282, "kexec_file_load": 294, **_SAME,
        },
        clone=220, socket=198,
    ),
}  # fmt: skip


def build(machine: str | None = None, loopback: bool = False) -> bytes | None:
    """Return the filter for a machine (default: this one) as 8-byte instructions, or None for one we have no numbers of.

    `loopback`: sockets of IP are allowed, too: for programs whose network namespace holds nothing but its own loopback.
    """
    architecture = ARCHITECTURES.get(machine or platform.machine())
    if architecture is None:
        return None
    refused = sorted(architecture.refused.values())
    families = (AF_UNIX, AF_INET, AF_INET6) if loopback else (AF_UNIX,)
    return b"".join(
        [
            _instruction(LOAD, ARCHITECTURE),
            _instruction(JUMP_EQUAL, architecture.audit, 1, 0),
            _instruction(RETURN, KILL),
            _instruction(LOAD, NUMBER),
            *(
                [_instruction(JUMP_AT_LEAST, X32, 0, 1), _instruction(RETURN, ERROR | EPERM)]
                if architecture.x32
                else []
            ),
            # The flags of clone3 lie in memory; libraries fall back to clone.
            *[_instruction(JUMP_EQUAL, CLONE3, 0, 1), _instruction(RETURN, ERROR | ENOSYS)],
            *[_instruction(JUMP_EQUAL, architecture.clone, 0, 4), _instruction(LOAD, FIRST_ARGUMENT)],
            *[_instruction(JUMP_ANY_BIT, NEW_NAMESPACES, 0, 1), _instruction(RETURN, ERROR | EPERM)],
            _instruction(RETURN, ALLOW),
            _instruction(JUMP_EQUAL, architecture.socket, 0, 3 + len(families)),
            _instruction(LOAD, FIRST_ARGUMENT),
            *[_instruction(JUMP_EQUAL, each, len(families) - at, 0) for at, each in enumerate(families)],
            *[_instruction(RETURN, ERROR | EPERM), _instruction(RETURN, ALLOW)],
            *_search(refused),
        ]
    )


def _search(numbers: list[int]) -> list[bytes]:
    """Refuse these numbers and allow all others, by halves: the kernel tries each of its calls on a filter that is installed."""
    if len(numbers) == 1:
        only = _instruction(JUMP_EQUAL, numbers[0], 0, 1)
        return [only, _instruction(RETURN, ERROR | EPERM), _instruction(RETURN, ALLOW)]
    middle = len(numbers) // 2
    lower, upper = _search(numbers[:middle]), _search(numbers[middle:])
    return [_instruction(JUMP_AT_LEAST, numbers[middle], len(lower), 0), *lower, *upper]


def _instruction(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("<HBBI", code, if_true, if_false, value)

"""Which limits of this process (`ulimit`) may be too small for programs: said if something has failed, never held against it."""

import resource

from syncode.sandbox.limits import GIBIBYTE, MEBIBYTE

_ENOUGH = (
    (resource.RLIMIT_NOFILE, "n", 1024, 1, "open files"),
    (resource.RLIMIT_NPROC, "u", 256, 1, "processes"),
    (resource.RLIMIT_FSIZE, "f", 128 * MEBIBYTE, 1024, "KiB per file"),
    (resource.RLIMIT_AS, "v", 32 * GIBIBYTE, 1024, "KiB of address space"),
    (resource.RLIMIT_DATA, "d", 4 * GIBIBYTE, 1024, "KiB of data"),
    (resource.RLIMIT_STACK, "s", 1 * MEBIBYTE, 1024, "KiB of stack"),
    (resource.RLIMIT_CPU, "t", 600, 1, "seconds of CPU time"),
)
"""Limit, option of `ulimit`, what is surely enough, its unit, and its name (chosen here: what compilers and runtimes with threads
take at most, node's reserved addresses included; most programs need far less)."""


def scarce() -> str:
    """Return the limits that are small, for people; empty if none is."""
    found = []
    for kind, option, enough, unit, name in _ENOUGH:
        limit = resource.getrlimit(kind)[0]
        if limit != resource.RLIM_INFINITY and limit < enough:
            found.append(f"{limit // unit} {name} (ulimit -{option})")
    return f"this process is limited to {' and '.join(found)}" if found else ""

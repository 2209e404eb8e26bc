"""What a program may use, and the reading of sizes as people write them."""

import re
from dataclasses import dataclass

KIBIBYTE, MEBIBYTE, GIBIBYTE = 1 << 10, 1 << 20, 1 << 30
_UNITS = {"": 1, "K": KIBIBYTE, "M": MEBIBYTE, "G": GIBIBYTE}

LEAST = 16 * MEBIBYTE
"""The smallest `memory`: Python starts in 12 MiB in the strictest sandbox, and not in 10 (measured here, CPython 3.11)."""
WHOLE = 12
"""All tests together may take this multiple of what one may, where each has a limit of its own (chosen here; EvalPlus: 60 s)."""
MOST = 1 << 60
"""Where the kernel's own arithmetic of limits ends, rounded down (chosen here)."""


@dataclass(frozen=True)
class Limits:
    """Seconds, bytes and counts, chosen here (the reasons: docs/sandbox.md). `memory` bounds the whole process tree.

    `seconds` bounds the wall clock, and the CPU time where `cpu_seconds` does not say otherwise. `one_by_one`: if
    tests run apart from the answer, both hold for each of them, and `WHOLE` times as much for all; no call is sent ahead then.
    """

    seconds: float = 10.0
    cpu_seconds: float | None = None
    one_by_one: bool = False
    compile_seconds: float = 60.0
    memory: int = GIBIBYTE
    processes: int = 256
    descriptors: int = 256
    file_size: int = 64 * MEBIBYTE
    disk: int = 128 * MEBIBYTE
    output_kept: int = 64 * KIBIBYTE
    output_stop: int = MEBIBYTE


def parse_size(text: str) -> int:
    """Return bytes for `512M`, `1G`, `64KiB` or plain digits; ValueError otherwise."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([KMG]?)(?:i?B)?", text.strip(), re.IGNORECASE)
    if not match:
        raise ValueError(f"not a size: {text!r} (examples: 512M, 1G)")
    return int(float(match[1]) * _UNITS[match[2].upper()])


def checked(memory: int, text: str) -> int:
    """Return a size of memory that programs can start in; ValueError for one that they cannot."""
    if memory < LEAST:
        raise ValueError(f"no program starts in {text}: {LEAST // MEBIBYTE}M is the least")
    if memory > MOST:
        raise ValueError(f"{text} is more than any machine has")
    return memory

"""What modules want to be called at a fork: kept for the forks of programs, left out at those of the runner.

A fork of the warm interpreter has nothing to repair: one thread, no lock held. `threading` and `random` would go over their
objects nevertheless, and each page that they touch is copied: 200 of 730 for a HumanEval program, counted by `perf`.

To be loaded by `BOOT` alone, before what registers callbacks: from then on this process keeps them.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_kept: list[dict[str, Callable[[], object]]] = []
_due: list[list[dict[str, Callable[[], object]]]] = []
"""What was kept, in a program's process."""
_register = os.register_at_fork


def _keep(**callbacks: Callable[[], object]) -> None:
    _kept.append(callbacks)


def _hand_over() -> None:
    """Register what was kept, before the first fork of a program, which is the first that needs it."""
    while _due:
        kept = _due.pop()
        os.register_at_fork = _register
        for callbacks in kept:
            _register(**callbacks)
        for callbacks in reversed(kept):
            if "before" in callbacks:  # too late for this fork, of which the callbacks before it run already
                callbacks["before"]()


_register(before=_hand_over)
os.register_at_fork = _keep  # type: ignore[assignment]


def become_program() -> None:
    """Let what was kept be called from now on, and give `random` a seed of its own: before a program's first line."""
    _due.append(_kept)
    if random := sys.modules.get("random"):
        super(random.Random, random._inst).seed()  # of C: the one around it touches ten pages more

"""What modules want to be called after a fork: kept for the forks of programs, left out at those of the runner.

A fork of the warm interpreter has nothing to repair: one thread, no lock held. `threading` and `random` would go over their
objects nevertheless, and each page that they touch is copied: 200 of 730 for a HumanEval program, counted by `perf`.

To be loaded by `BOOT` alone, before what registers callbacks: from then on this process keeps them.
"""

from __future__ import annotations

import os
import sys
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from syncode.sandbox.cell.isolate import Call

_kept: list[dict[str, Callable[[], object]]] = []
_register = os.register_at_fork


def _keep(**callbacks: Callable[[], object]) -> None:
    _kept.append(callbacks)


os.register_at_fork = _keep  # type: ignore[assignment]


def handing_over() -> list[Call]:
    """Register what was kept, and give `random` a seed of its own: to be done in a program's process, before its first line."""
    calls: list[Call] = [(setattr, (os, "register_at_fork", _register))]
    calls += [(partial(_register, **callbacks), ()) for callbacks in _kept]
    if random := sys.modules.get("random"):
        calls.append((super(random.Random, random._inst).seed, ()))  # of C: the one around it touches ten pages more
    return calls

"""Which samples a step takes, and which rank takes which: pure functions of seed and index, equal on every rank."""

import heapq
from collections.abc import Sequence
from hashlib import blake2b
from typing import TYPE_CHECKING

from syncode.training.recipe import Stage

if TYPE_CHECKING:
    from syncode.training.tokens import Index, Places


def order(index: "Index", seed: int, stage: int, epoch: int) -> "Places":
    """Return the places of all samples in the order of an epoch.

    The key is a 64-bit hash of (seed, stage, epoch, sample id), so neither the order of the input nor its sharding nor
    the number of ranks changes what a step sees. Equal ids are ordered by content.
    """
    import numpy as np

    salt = int.from_bytes(blake2b(f"{seed}/{stage}/{epoch}/order".encode(), digest_size=8).digest(), "little")
    key = index["id"] ^ np.uint64(salt)
    # The finalizer of splitmix64 (Steele, Lea and Flood, OOPSLA 2014): every input bit reaches every output bit.
    key = (key ^ (key >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    key = (key ^ (key >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    key = key ^ (key >> np.uint64(31))
    return np.lexsort((index["content"], key))


def steps_of_epoch(samples: int, size: int) -> int:
    """Return the number of steps of one pass: a last, smaller batch counts."""
    return -(-samples // size)


def steps_of_stage(stage: Stage, samples: int) -> int:
    """Return the number of steps of a stage: as stated, over as many epochs as that takes, or whole epochs."""
    return stage.max_steps or (stage.epochs or 1) * steps_of_epoch(samples, stage.batch.size)


def share(costs: Sequence[float], ranks: int) -> list[list[int]]:
    """Return for each rank the numbers of its samples: longest first, always to the rank with the least work.

    (Graham's LPT rule.) Equal costs keep their order, so that every rank computes the same.
    """
    loads = [(0.0, rank) for rank in range(ranks)]
    parts: list[list[int]] = [[] for _ in range(ranks)]
    for number in sorted(range(len(costs)), key=lambda number: (-costs[number], number)):
        load, rank = heapq.heappop(loads)
        parts[rank].append(number)
        heapq.heappush(loads, (load + costs[number], rank))
    return parts


def balance(costs: Sequence[float], parts: Sequence[Sequence[int]]) -> float:
    """Return mean / largest work of the ranks: 1 if no rank waits."""
    sums = [sum(costs[number] for number in part) for part in parts]
    return sum(sums) / len(sums) / max(sums) if max(sums) > 0 else 1.0

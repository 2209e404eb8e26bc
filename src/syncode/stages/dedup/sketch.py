"""Finds near copies: MinHash signatures and banded hashing, on datasketch."""

import zlib
from collections.abc import Iterable, Iterator
from typing import Any

from datasketch import LeanMinHash, MinHash, MinHashLSH

BATCH = 512  # rows sketched at once; chosen here
FOUND = 0.9  # probability with which a pair at the threshold itself must share a band; ours, see `banding`
SEED = 1  # of the permutations; fixed, or the same rows would give other clusters


def signatures(texts: Iterable[set[str]], num_perm: int) -> Iterator[Any]:
    """yield a signature (`LeanMinHash`) for each set of n-grams.

    CRC-32 hashes the n-grams: datasketch's scheme `affine32` mixes its 32 bits again, and a collision only makes a candidate,
    which is verified.
    """
    batch: list[list[bytes]] = []
    for shingles in texts:
        batch.append([shingle.encode() for shingle in shingles])
        if len(batch) == BATCH:
            yield from map(LeanMinHash, MinHash.bulk(batch, num_perm=num_perm, seed=SEED, hashfunc=zlib.crc32))
            batch = []
    yield from map(LeanMinHash, MinHash.bulk(batch, num_perm=num_perm, seed=SEED, hashfunc=zlib.crc32))


def banding(num_perm: int, threshold: float) -> tuple[int, int]:
    """Return (bands, rows): the most rows a band with which a pair at the threshold is still found with probability `FOUND`.

    128 permutations at 0.7 give 21 bands of 6 rows. Candidates are verified, so that a missed pair costs more than a false
    one: datasketch's own optimum (14 x 9) finds 0.85 of the pairs above 0.7 where this finds 0.95.
    """
    for rows in range(num_perm // 2, 1, -1):  # datasketch takes no single band
        bands = num_perm // rows
        if 1 - (1 - threshold**rows) ** bands >= FOUND:
            return bands, rows
    return num_perm, 1


class Candidates:
    """The signatures of kept rows by their bands. Memory: see `run`."""

    def __init__(self, num_perm: int, threshold: float) -> None:
        self._index = MinHashLSH(num_perm=num_perm, params=banding(num_perm, threshold))

    def of(self, signature: Any) -> list[int]:
        """Return the numbers of the added rows that share a band with a signature, lowest first."""
        return sorted(self._index.query(signature))

    def add(self, number: int, signature: Any) -> None:
        """Add a row that later ones are compared with."""
        self._index.insert(number, signature)

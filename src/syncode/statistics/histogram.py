"""A histogram of lengths whose memory does not grow with their number: some 2,000 buckets at most."""

import math
from collections import Counter
from dataclasses import dataclass, field

PERCENTILES = (10, 25, 50, 75, 90, 99)


@dataclass
class Histogram:
    """Lengths in characters. Sum, smallest and largest are exact; a percentile is off by less than 1 %."""

    count: int = 0
    total: int = 0
    smallest: int = 0
    largest: int = 0
    buckets: Counter[int] = field(default_factory=Counter)

    def add(self, length: int) -> None:
        """Count one length."""
        self.smallest = min(self.smallest, length) if self.count else length
        self.largest = max(self.largest, length)
        self.count += 1
        self.total += length
        shift = _shift(length)
        self.buckets[length >> shift << shift] += 1

    def percentile(self, percent: int) -> int:
        """Return the length that `percent` of 100 rows do not exceed (nearest rank), 0 if nothing was counted."""
        rank = math.ceil(self.count * percent / 100)
        for bucket in sorted(self.buckets):
            rank -= self.buckets[bucket]
            if rank <= 0:
                middle = bucket + (1 << _shift(bucket) >> 1)
                return min(max(middle, self.smallest), self.largest)
        return 0


def _shift(length: int) -> int:
    """Return how many low bits a bucket leaves out: 7 bits are kept, so a bucket is at most 1/64 of its length wide."""
    return max(0, length.bit_length() - 7)

"""Keeps one row of each set of copies and near copies."""

from syncode.stages.dedup.cluster import Clusters
from syncode.stages.dedup.run import Comparable, Dedup, dedup

__all__ = ["Clusters", "Comparable", "Dedup", "dedup"]

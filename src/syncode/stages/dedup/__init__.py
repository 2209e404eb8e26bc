"""Keeps one row of each set of copies and near copies."""

from syncode.stages.dedup.cluster import Clusters
from syncode.stages.dedup.run import Dedup, Named, dedup

__all__ = ["Clusters", "Dedup", "Named", "dedup"]

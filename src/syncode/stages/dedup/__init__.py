"""Keeps one row of each set of copies and near copies."""

from syncode.stages.dedup.cluster import Clusters
from syncode.stages.dedup.run import Dedup, DocumentOrChat, dedup

__all__ = ["Clusters", "Dedup", "DocumentOrChat", "dedup"]

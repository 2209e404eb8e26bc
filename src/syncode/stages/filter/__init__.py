"""Drops rows that are useless for training: one table of rules over files, pages and chats, and a check against benchmarks."""

from syncode.stages.filter.rules import MANIFEST, RULES, Rule, chosen
from syncode.stages.filter.run import check, guarded
from syncode.stages.filter.view import Measured

__all__ = ["MANIFEST", "RULES", "Measured", "Rule", "check", "chosen", "guarded"]

"""Labels for rows of any kind: the programming language without a model; category, difficulty and kind with one."""

from syncode.stages.classify.labels import label, with_language

__all__ = ["label", "with_language"]

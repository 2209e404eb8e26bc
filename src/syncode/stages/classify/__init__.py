"""Labels for rows of any kind: the programming language without a model; category, difficulty and kind with one."""

from syncode.stages.classify.labels import AnyText, NamedText, label, with_language

__all__ = ["AnyText", "NamedText", "label", "with_language"]

"""The ways to make samples: one line in this table, and a file of the same name beside it that holds its `METHOD`."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING

from syncode.errors import unknown

if TYPE_CHECKING:  # the table is light: help shows it, and only the method that is used is imported
    from syncode.stages.synth.method import Method

METHODS: Mapping[str, str] = {
    "document": "a new question inspired by each document, answered several times, and the best answer kept",
}
"""Name -> what comes out, for help."""


def method_named(name: str) -> Method:
    """Return a method. Raises UsageError with the nearest names for one that does not exist."""
    if name not in METHODS:
        raise unknown("method", name, METHODS, "--method")
    method: Method = import_module(f"{__name__}.{name}").METHOD
    return method

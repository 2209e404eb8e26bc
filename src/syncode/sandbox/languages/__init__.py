"""The languages that can be run: one row each, with what it takes to assemble, run and read a program."""

from syncode.sandbox.languages.assemble import Source
from syncode.sandbox.languages.table import LANGUAGES, Language, Ready, find, ready

__all__ = ["LANGUAGES", "Language", "Ready", "Source", "find", "ready"]

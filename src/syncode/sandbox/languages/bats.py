"""Tests of bash in the form of bats (`@test "name" {`): written as functions, with what bats gives them in front."""

import re

from syncode.sandbox.languages.assemble import driver

_TEST = re.compile(r"^[^\S\n]*@test\s+(\"(?:\\.|[^\"\\\n])*\"|'[^'\n]*'|\S+)\s*\{", re.MULTILINE)


def plain(tests: str) -> str:
    """Return tests as bash reads them: those of bats become functions, each of which is called in a shell of its own."""
    names: list[str] = []

    def function(found: re.Match[str]) -> str:
        names.append(found[1])
        return f"bats_test_{len(names)}() {{"

    text = _TEST.sub(function, re.sub(r"\A#![^\n]*", "", tests))
    if not names:
        return tests
    calls = [f"bats_test bats_test_{number} {name}" for number, name in enumerate(names, 1)]
    own = [driver("bats.sh")]
    if re.search(r"\b(?:assert|refute)(?:_|\b)", text):
        own.append(driver("bats_assert.sh"))
    return "\n".join([*own, text, *calls, '[ "$bats_failed" -eq 0 ] || exit 1', ""])

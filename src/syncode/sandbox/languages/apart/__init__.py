"""Tests and answer as two programs: what the pairs of all languages but Python have in common, and a file for each of those.

Each half is started with a driver in its own language. The answer's loads it and does what it is asked for; the one of the tests
puts something that asks in the place of each name of the answer, and runs the tests. Messages come in on descriptor 6 and go out
on 7, a line of JSON each. Values are data of a closed set of types and are rebuilt from it; whatever else there is stays where it
is, and crosses as a number. The tests' half ends with an exit code of `cell.outcome`, and with the proof if all was run. What it
cannot express without the answer is INSEPARABLE: then the tests run beside the answer.
"""

import re
import secrets
from collections.abc import Mapping
from dataclasses import replace

from syncode.sandbox.languages.assemble import Pair, Source
from syncode.sandbox.limits import Limits
from syncode.sandbox.program import Program, Step

GRACE = 5.0
"""Seconds that tests may go on when the answer's time is over (chosen here)."""

_JUDGING = re.compile(r"(?<![\w$@.:>-])(?:assert\w*|expect|should|verify)(?![\w])")
"""How functions are called that tests judge with (chosen here)."""
_DEFINES = (
    r"(?:\b(?:function|def|defp|fn|func|fun|proc|sub|void|bool|boolean|int|auto|local|const|let|var|macro_rules!)\s+(?:\w+\s*(?:::|[.:]))?{0}\b"
    r"|^\s*{0}\s*(?:\(\s*\)\s*\{{|<-|=(?!=)))"
)


def borrowed(code: str, tests: str) -> str:
    """Return the name of a function with which tests judge though only the answer has it; an empty string if there is none."""
    names: list[str] = _JUDGING.findall(tests)
    for name in sorted(set(names)):
        defines = re.compile(_DEFINES.format(re.escape(name)), re.MULTILINE)
        if defines.search(code) and not defines.search(tests):
            return name
    return ""


Half = tuple[Mapping[str, str], tuple[Step, ...]]
"""Files, and the steps that compile and run them."""


def pair(source: Source, limits: Limits, tests: Half, answer: Half) -> Pair:
    """Return both programs; nothing that the answer's half gets to know proves anything.

    The run of the tests may take longer by what compiling and running the answer may: it waits for both. Its CPU time is bounded
    by its own step.
    """
    files, (*before, run) = tests
    patient = replace(run, seconds=run.seconds + GRACE + sum(step.seconds for step in answer[1][:-1]))
    return (
        Program(files, (*before, patient), source.secrets, proof=source.proof),
        Program(answer[0], answer[1], (f"{secrets.token_hex(16)}\n",)),
    )

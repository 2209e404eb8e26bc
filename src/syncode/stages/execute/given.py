"""Where a row keeps its tests and its language: under our names, or those of published sets."""

import re
from collections.abc import Mapping
from difflib import SequenceMatcher
from typing import Any

from syncode.schemas.records import Row
from syncode.text import chats

TESTS = (
    "tests",
    "test",
    "test_code",
    "test_list",
    "test_cases",
    "unit_tests",
    "unit_test",
    "unittests",
    "assertions",
    "asserts",
)
"""Keys that hold tests as code, the surer one first: ours, KodCode and HumanEval, MBPP, OpenCodeInstruct and AceCode."""
_BEFORE = ("test_setup_code", "test_imports")
"""What MBPP keeps beside its tests: code that stands before them."""
LANGUAGES = ("language", "programming_language", "lang", "prog_lang", "code_language")
_MEAN_TESTS = {
    *(
        "test",
        "tests",
        "testcase",
        "testcases",
        "unittest",
        "unittests",
        "assert",
        "asserts",
        "assertion",
        "assertions",
    ),
    *("expected", "checker", "input", "inputs", "output", "outputs", "stdout"),
}
"""Words in the name of a field that may hold tests, also as inputs and outputs (APPS, CodeContests, LiveCodeBench)."""
_ALPACA = ("input", "output")
"""Names that are those of a turn where the row is a chat."""
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
_NEAR = 0.8
"""A name is a mistyped one above this likeness (chosen here): `tets` is, `text` is not."""
_DATA = re.compile(r"\s*[\[{]['\"\[{]")
"""How JSON begins that a table keeps as text, and no program."""


class NoTests(Exception):
    """Why the tests of a row are not to be had, for people."""


def language_in(row: Mapping[str, Any]) -> object:
    """Return the language that a row names, under any of its names; None if it names none."""
    return next((row[key] for key in LANGUAGES if row.get(key) not in (None, "")), None)


def tests_in(row: Mapping[str, Any]) -> str:
    """Return the tests of a row as code; empty if it has none.

    Raises NoTests for tests that are not code, and where a field without tests beside it looks as if it held them: a program
    without its tests passes if it only ends.
    """
    for key in TESTS:
        value = row.get(key)
        if _is_empty(value):
            continue
        code = _code(value)
        if code is None:
            raise NoTests(f"{key!r} should be code, as text or a list of texts")
        before = [found for name in _BEFORE if (found := _code(row.get(name)))]
        return "\n".join([*before, code])
    said = _ALPACA if chats.has_chat(row) else ()
    for key, value in row.items():
        if key not in said and isinstance(value, str | list | dict) and not _is_empty(value) and _may_hold_tests(key):
            raise NoTests(f"{key!r} may hold them, and tests are read as code from {', '.join(TESTS)}")
    return ""


def tests_of(row: Mapping[str, Any]) -> str:
    """Return the tests of a Sample: those in its `evidence`, else those that a row of anybody's has. Raises NoTests."""
    evidence = row.get("evidence")
    tests = evidence.get("tests") if isinstance(evidence, dict) else None
    return tests if isinstance(tests, str) and tests.strip() else tests_in(row)


def with_check(tests: str, entry_point: object) -> str:
    """Return HumanEval's tests with the call of their `check` that its harness adds."""
    if (
        isinstance(entry_point, str)
        and entry_point
        and "def check(" in tests
        and not re.search(r"^check\(", tests, re.MULTILINE)
    ):
        return f"{tests}\ncheck({entry_point})\n"
    return tests


def under_our_names(task: Row) -> Row:
    """Return a task with `language` and `tests` under these names; what cannot be read stays where it is."""
    try:
        found = {"language": language_in(task), "tests": tests_in(task)}
    except NoTests:
        found = {"language": language_in(task)}
    return {**task, **{key: value for key, value in found.items() if value and value != task.get(key)}}


def _code(value: Any) -> str | None:
    """Return code that is a text or a list of texts, also as JSON; None for anything else."""
    if isinstance(value, str) and _DATA.match(value):
        known = chats.parsed(value)
        if known is not None or not value.lstrip().startswith("[["):  # `[[ $x = 9 ]]`, `[[3, 9]].forEach(...)` are code
            value = known
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return "\n".join(value)
    return value if isinstance(value, str) else None


def _is_empty(value: Any) -> bool:
    return value is None or value in ([], {}) or (isinstance(value, str) and not value.strip())


def _may_hold_tests(key: str) -> bool:
    if not _MEAN_TESTS.isdisjoint(word.lower() for word in _WORD.findall(key)):
        return True
    return any(SequenceMatcher(None, key.lower(), name).ratio() > _NEAR for name in TESTS)

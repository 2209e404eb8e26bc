"""What a row says twice must agree, and one id must stand for one content: else a table is about something else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from syncode.errors import RowError
from syncode.schemas.check import checker
from syncode.schemas.records import Execution, Row, content_id
from syncode.verdicts.labels import GIVEN, VALUES, canonical
from syncode.verdicts.protocols import PROTOCOLS

_BASELINE_FIRST = {"baseline_first": True, "candidate_first": False}
_GAMES = {"baseline_first": 0, "candidate_first": 1, "given": 0, "exchanged": 1}
"""Orders as `judge` writes them -> the number of the game in which they occur."""
UNDECIDED = ("infra", "missing")
"""States of an execution that say nothing about the program."""
FAILED = ("fail", "error", "compile", "timeout", "oom", "forbidden", "flaky", "no_code", "no_tests")
"""States of a program that did not pass."""


def stated_baseline(row: Row) -> str | None:
    """Return the baseline that a verdict states, None if it states none: it is not guessed from who plays."""
    named = row.get("baseline")
    return None if named is None else str(named)


def contradiction(row: Row) -> str | None:
    """Return which two fields of a verdict do not agree, None if all do."""
    return _places(row) or _result(row)


def _places(row: Row) -> str | None:
    order, number, baseline = str(row.get("order") or "").strip().lower(), row.get("game"), row.get("baseline")
    sides = (row["model_a"], row["model_b"])
    if baseline is not None and baseline not in sides:
        return f"'baseline' is {baseline!r}, and {sides[0]!r} plays {sides[1]!r}"
    first = _BASELINE_FIRST.get(order)
    if baseline is not None and first is not None and sides[0 if first else 1] != baseline:
        return f"'order' is {order!r}, and 'model_a' is {sides[0]!r} where 'baseline' is {baseline!r}"
    games = row.get("games")
    if isinstance(games, int) and isinstance(number, int) and number >= games:
        return f"'game' is {number}, and 'games' is {games}: they are counted from 0"
    if number in (0, 1) and order in _GAMES and _GAMES[order] != number:
        return f"'order' is {order!r}, and 'game' is {number}: game {_GAMES[order]} has that order"
    return None


def _result(row: Row) -> str | None:
    label, value, share, state = row.get("label"), row.get("value"), row.get("share"), row.get("state", "ok")
    worth = VALUES.get(canonical(label) or "") if isinstance(label, str) else None
    for name, said in (("label", label), ("share", share)):
        if said is not None and state not in GIVEN:
            return f"'state' is {state!r}, which does not count, and {name!r} is {said!r}"
    if worth is not None and isinstance(value, int | float) and value != worth:
        return f"'label' is {label!r}, which is {worth}, and 'value' is {value}"
    if worth is not None and share is not None and _sign(4 * share - 2) != _sign(worth):
        return f"'label' is {label!r}, and 'share' is {share}"
    if share is not None and isinstance(value, int | float) and abs(4 * share - 2 - value) > 1e-6:
        return f"'share' is {share}, which is {4 * share - 2:g} as a value, and 'value' is {value}"
    return None


def _sign(value: float) -> int:
    return (value > 0) - (value < 0)


def wrong_result(row: Row) -> str | None:
    """Return why `passed` and `state` of an execution do not agree, None if they do."""
    state, passed = row["state"], row["passed"]
    may_be = (
        (True,) if state == "pass" else (None,) if state in UNDECIDED else (None, False) if state in FAILED else None
    )
    if state == "pass" and (failing := _failing(row)):
        return f"'state' is 'pass', and {failing}"
    if may_be is not None and passed not in may_be:
        return f"'state' is {state!r}, and 'passed' is {_said(passed)}"
    return None


check_execution = checker(Execution, ("tests", "seconds", "toolchain"))
"""Returns what is wrong with a row as an execution; what only describes the run need not be there."""


def _failing(row: Row) -> str | None:
    """Return what the counts of tests, or the parts of EvalPlus, say against a pass."""
    tests, parts = row.get("tests"), row.get("parts")
    if isinstance(tests, dict) and (wrong := [key for key in ("failed", "errors") if tests.get(key)]):
        return f"'tests' has {wrong[0]}: {tests[wrong[0]]}"
    bad = [f"{name}: {state}" for name, state in parts.items() if state != "pass"] if isinstance(parts, dict) else []
    return f"'parts' has {bad[0]}" if bad else None


def wrong_grade(row: Row) -> str | None:
    """Return why `points` and `score` of a grade do not agree, None if they do or the scale is not known."""
    points, score, protocol = row.get("points"), row.get("score"), PROTOCOLS.get(str(row.get("protocol")))
    if protocol is None or not isinstance(points, int | float) or not isinstance(score, int | float):
        return None
    low, high = protocol.scale
    if abs(low + score * (high - low) - points) < 1e-4:
        return None
    return f"'points' is {points}, and 'score' is {score}: that is {low + score * (high - low):g} on a scale of {low} to {high}"


def _said(passed: bool | None) -> str:
    return "null" if passed is None else str(passed).lower()


@dataclass
class Contents:
    """The digest that each id was first seen with: question, tests, answer, and a model's answer to a question.

    Digests of different lengths are of different makers and cannot be compared. 0.2 KB per digest. `without` counts verdicts
    that lack one, `alike` those without an id that are equal to another one in every field.
    """

    known: dict[tuple[object, ...], str] = field(default_factory=dict)
    without: int = 0
    alike: int = 0
    nameless: set[str] = field(default_factory=set)

    def of_verdict(self, row: Row) -> str | None:
        """Take in the digests of a verdict; return what is wrong if one of its ids stood for another content."""
        task = str(row["task_id"])
        found: list[tuple[tuple[object, ...], object]] = [(("question", task), row.get("question_sha"))]
        for side in ("a", "b"):
            sha, name = row.get(f"answer_sha_{side}"), row.get(f"answer_{side}")
            found.append((("answer to", task, row[f"model_{side}"]), sha))
            if name is not None:
                found.append((("answer", str(name), row[f"model_{side}"]), sha))
        if row.get("id") is None:
            before = len(self.nameless)
            self.nameless.add(content_id(row))
            self.alike += before == len(self.nameless)
        if not str(row.get("state")).startswith("missing_"):  # what is not there has no digest
            self.without += not all(is_digest(row.get(key)) for key in ("question_sha", "answer_sha_a", "answer_sha_b"))
        return next(self._met(found), None)

    def add_execution(self, row: Row) -> None:
        """Take in an execution. Raises RowError for a row that is none, contradicts itself, or is about another content."""
        if wrong := check_execution(row):
            raise RowError(f"neither a verdict (no 'model_a') nor an execution: {wrong}")
        if wrong := wrong_result(row) or self.of_execution(row):
            raise RowError(wrong)

    def of_execution(self, row: Row) -> str | None:
        """Take in the digests of an execution; return what is wrong if one of its ids stood for another content."""
        task, model = row.get("task_id"), row.get("model")
        found: list[tuple[tuple[object, ...], object]] = []
        if task is not None:
            found += [(("question", str(task)), row.get("question_sha")), (("tests", str(task)), row.get("tests_sha"))]
        if model is not None:
            found.append((("answer", str(row["of"]), model), row.get("answer_sha")))
        return next(self._met(found), None)

    def of_questions(self, tasks: Mapping[str, Row]) -> None:
        """Take in the questions of `--tasks`: verdicts and executions must be about these."""
        for name, task in tasks.items():
            if sha := str(task.get("question_sha") or ""):
                self.known[("question", name, len(sha))] = sha

    def _met(self, found: list[tuple[tuple[object, ...], object]]) -> Iterator[str]:
        for name, sha in found:
            if isinstance(sha, str) and sha and self.known.setdefault((*name, len(sha)), sha) != sha:
                yield _told(name, self.known[(*name, len(sha))], sha)


def is_digest(value: object) -> bool:
    """Return whether a value is a digest as our commands write it: 32 hex digits."""
    return isinstance(value, str) and len(value) == 32


def _told(name: tuple[object, ...], before: str, now: str) -> str:
    shas = f"{before[:8]}..., here {now[:8]}..."
    apart = "keep old and new rows in tables of their own"
    match name:
        case ("question", task):
            return f"task_id {task!r} stands for two different questions (question_sha {shas}): {apart}"
        case ("tests", task):
            return f"task_id {task!r} was tested by two different sets of tests (tests_sha {shas}): {apart}"
        case ("answer to", task, model):
            return f"{model!r} has two different answers to {task!r} (answer_sha {shas}): {apart}"
        case _:
            return f"the answer {name[1]!r} stands for two different texts (answer_sha {shas}): {apart}"

"""Verdicts or executions as scores of single questions: one table of questions by models, whatever they were measured with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from syncode.errors import DataError, RowError, UsageError
from syncode.schemas.records import Answer, Execution, Row, Task, Verdict
from syncode.stages.leaderboard.build import one_of
from syncode.stages.leaderboard.questions.settings import Measure
from syncode.stages.leaderboard.settings import BoardOptions
from syncode.statistics.arrays import Floats
from syncode.verdicts.blocks import blocks
from syncode.verdicts.contents import Contents, is_digest
from syncode.verdicts.fields import said
from syncode.verdicts.games import Choice, Games, collect
from syncode.verdicts.known import known_tasks
from syncode.verdicts.labels import ABOUT
from syncode.verdicts.units import Units, units_of

UNDECIDED = ("infra", "missing")
"""States of executions that say nothing about the program."""
DIFFICULTIES = ("easy", "medium", "hard")


@dataclass(frozen=True)
class Results:
    """`gain` and `weight` have the shape (questions, models): score = gain / weight, no result where weight is 0.

    `rule` says how games count (`pass` for executions). `about` holds one row for each question: that of its task if it is known,
    else one of the rows that were read; `stated` holds (question, name of a digest) -> digest. `table` and `units` are the games
    behind verdicts.
    """

    questions: list[str]
    models: list[str]
    gain: Floats
    weight: Floats
    rule: str
    about: Mapping[str, Row]
    stated: Mapping[tuple[str, str], object]
    executions: Sequence[Row] = ()
    table: Games | None = None
    units: Units | None = None
    baseline: str | None = None

    @property
    def scores(self) -> Floats:
        """Scores of questions by models in [0, 1], nan for no result."""
        return np.where(self.weight > 0, self.gain / np.where(self.weight > 0, self.weight, 1), np.nan)

    def digest(self, question: str, name: str) -> str | None:
        """Return the digest of a question's text or tests, as the rows state it."""
        value = self.stated.get((question, name)) or self.about.get(question, {}).get(name)
        return None if value is None else str(value)

    def answers_of(self, model: str) -> dict[str, list[object]]:
        """Return question -> the ids of the model's answers that were judged or run, as far as rows name them."""
        found: dict[str, list[object]] = defaultdict(list)
        for game in self.table.games if self.table else ():
            for side in ("a", "b"):
                if game.row[f"model_{side}"] == model and (name := game.row.get(f"answer_{side}")) is not None:
                    found[self.questions[game.question]].append(name)
        for row in () if self.table else self.executions:
            if str(row.get("model") or "") == model:
                found[question_of(row)].append(row["of"])
        return {question: list(dict.fromkeys(names)) for question, names in found.items()}

    def shas_of(self, model: str) -> dict[str, set[str]]:
        """Return question -> the digests of the model's answers that were judged or run, as far as rows state them."""
        found: dict[str, set[str]] = defaultdict(set)
        for game in self.table.games if self.table else ():
            for side in ("a", "b"):
                if game.row[f"model_{side}"] == model and is_digest(sha := str(game.row.get(f"answer_sha_{side}"))):
                    found[self.questions[game.question]].add(sha)
        for row in self.executions:
            if str(row.get("model") or "") == model and is_digest(sha := str(row.get("answer_sha"))):
                found[question_of(row)].add(sha)
        return found

    def label(self, question: str, name: str) -> str | None:
        """Return what is said of a question under a name."""
        return said(self.about.get(question, {}), name)


def results_of(
    rows: Iterable[Row], options: BoardOptions, measure: Measure | None, tasks: Mapping[str, Row]
) -> Results:
    """Return the scores of questions: of verdicts if there are any, else of executions, unless `measure` says which.

    `tasks` say what was to be judged, and are asked first for labels. Raises RowError for a row that is neither, DataError if
    there is nothing to count, UsageError for verdicts against several baselines.
    """
    known = known_tasks(tasks.values())
    executions: list[Row] = []
    verdicts = 0

    def seen() -> Iterator[Row]:
        nonlocal verdicts
        for row in rows:
            if "model_a" in row or "points" in row:
                verdicts += 1
                if measure != "pass":
                    yield row
            else:
                executions.append(row)
                yield row

    if measure == "pass":
        contents = Contents()
        contents.of_questions(known)
        for row in seen():
            contents.add_execution(row)
        return _passed(executions, known)
    try:
        table = one_of(blocks(collect(seen(), Choice(options.score, options.baseline, options.judges, tasks=known))))
    except DataError as error:
        if verdicts or not executions or measure or isinstance(error, RowError):
            raise
        return _passed(executions, known)
    return _judged(table, known)


def _judged(table: Games, tasks: Mapping[str, Row]) -> Results:
    units = units_of(table)
    gain, weight = units.matrices(len(table.questions.names), len(table.models.names))
    shown = [number for number in range(len(table.models.names)) if number != table.baseline]
    return Results(
        questions=list(table.questions.names),
        models=[table.models.names[number] for number in shown],
        gain=gain[:, shown],
        weight=weight[:, shown],
        rule=table.score,
        about=_known(_about((table.questions.names[game.question], game.row) for game in table.games), tasks),
        stated=_stated((table.questions.names[game.question], game.row) for game in table.games),
        executions=table.executions,
        table=table,
        units=units,
        baseline=None if table.baseline is None else table.models.names[table.baseline],
    )


def _about(rows: Iterable[tuple[str, Row]]) -> dict[str, Row]:
    """Return what rows say of each question: of a label with several values all of them, whatever the order of the rows."""
    about: dict[str, Row] = {}
    values: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for question, row in rows:
        about[question] = {**row, **about.get(question, {})}
        for key in row:
            if key not in HELD and (value := said(row, key)) is not None:
                values[question][key].add(value)
    return {
        question: {
            **row,
            **{key: " / ".join(sorted(found)) for key, found in values[question].items() if len(found) > 1},
        }
        for question, row in about.items()
    }


def _known(about: Mapping[str, Row], tasks: Mapping[str, Row]) -> dict[str, Row]:
    """Return what is said of each question, by its task rather than by a verdict."""
    return {name: {**row, **tasks[name]} if name in tasks else row for name, row in about.items()}


def _passed(executions: list[Row], tasks: Mapping[str, Row]) -> Results:
    if not executions:
        raise DataError("no execution to count: the rows hold none, or none is left")
    passed: dict[tuple[str, str], list[float]] = defaultdict(list)
    models: dict[str, None] = {}
    executions = sorted(
        executions, key=lambda row: (question_of(row), str(row.get("model")), str(row["of"]), row["id"])
    )
    about = _about((question_of(row), row) for row in executions)
    for row in executions:
        question, model = question_of(row), str(row.get("model") or "")
        models[model] = None
        if row["passed"] is not None and row["state"] not in UNDECIDED:
            passed[(question, model)].append(float(row["passed"]))
    questions, names = sorted(about), sorted(models)
    gain, weight = np.zeros((len(questions), len(names))), np.zeros((len(questions), len(names)))
    for place, question in enumerate(questions):
        for column, model in enumerate(names):
            if found := passed.get((question, model)):
                gain[place, column], weight[place, column] = sum(found) / len(found), 1.0
    stated = _stated((question_of(row), row) for row in executions)
    return Results(questions, names, gain, weight, "pass", _known(about, tasks), stated, executions)


def _stated(rows: Iterable[tuple[str, Row]]) -> dict[tuple[str, str], object]:
    found: dict[tuple[str, str], object] = {}
    for question, row in rows:
        for name in ("question_sha", "tests_sha"):
            if row.get(name):
                found.setdefault((question, name), row[name])
    return found


def outcome(score: float, rule: str) -> str:
    """Return what a question's score amounts to: win, tie or loss; of executions pass or fail, mixed if samples differ."""
    if rule == "pass":
        return "pass" if score == 1 else "fail" if score == 0 else "mixed"
    return "win" if score > 0.5 + 1e-9 else "loss" if score < 0.5 - 1e-9 else "tie"


def question_of(execution: Row) -> str:
    """Return the question that an execution belongs to: its task, else what ran."""
    task = execution.get("task_id")
    return str(execution["of"] if task is None else task)


def need_label(results: Sequence[Results], name: str) -> None:
    """Raise UsageError, with the labels that there are, for one that no question has."""
    rows = [row for each in results for row in each.about.values()]
    if any(said(row, name) is not None for row in rows):
        return
    known = dict.fromkeys(
        key
        for row in rows
        for key in (*row, *(row["labels"] if isinstance(row.get("labels"), dict) else ()))
        if key in ABOUT or (key not in HELD and said(row, key) is not None)
    )
    shown = f"; there are {', '.join(known)}" if known else ""
    raise UsageError(f"--by {name}: no question has such a label{shown} (--tasks FILE brings those of the tasks)")


HELD = frozenset({key for record in (Task, Answer, Execution, Verdict) for key in record.__annotations__} - {*ABOUT})
"""Keys of rows that do not label a question."""

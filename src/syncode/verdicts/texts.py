"""The questions and answers behind verdicts, as reports show them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from syncode.errors import DataError
from syncode.schemas.records import Row
from syncode.text.digests import answer_sha, question_sha
from syncode.text.shown import answer_text, question
from syncode.verdicts.contents import is_digest
from syncode.verdicts.games import Games
from syncode.verdicts.known import HEAVY


@dataclass(frozen=True)
class Texts:
    """What the page shows beside verdicts: question of each task id, and answer of each (model, task id).

    `labels` are the tasks themselves, for what is said of them; `usage` is what the server said of each answer.
    """

    questions: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[tuple[str, str], str] = field(default_factory=dict)
    labels: Mapping[str, Row] = field(default_factory=dict)
    usage: Mapping[tuple[str, str], Mapping[str, Any]] = field(default_factory=dict)


def texts_of(tasks: Iterable[Row], answers: Iterable[Row], games: Games | None = None) -> Texts:
    """Return what a report shows beside the verdicts: questions, and answers with the references of the tasks.

    Of several answers of a model to a task it is the one that `games` judged. Raises DataError for a question or an answer that
    is not the one that was judged.
    """
    judged = _Judged(games)
    questions: dict[str, str] = {}
    labels: dict[str, Row] = {}
    usage: dict[tuple[str, str], Mapping[str, Any]] = {}
    found: dict[tuple[str, str], str] = {}
    other: dict[tuple[str, str], str] = {}
    for task in tasks:
        judged.refuse_other_question(task)
        questions[task["id"]] = question(task, False)
        labels[task["id"]] = {key: value for key, value in task.items() if key not in HEAVY}
        for name, text in (task.get("references") or {}).items():
            if judged.fits((name, str(task["id"])), None, text):
                found[(name, task["id"])] = text
    for answer in answers:
        key, text = (answer["model"], answer["task_id"]), answer_text(answer)
        if judged.fits((str(key[0]), str(key[1])), answer["id"], text):
            found.setdefault(key, text)
            if answer.get("usage"):
                usage.setdefault(key, answer["usage"])
        else:
            other.setdefault(key, str(answer["id"]))
    for key, name in other.items():
        if key not in found:
            raise DataError(
                f"the answer {name!r} of {key[0]!r} to {key[1]!r} is not the one that was judged (answer_sha)"
            )
    return Texts(questions, found, labels, usage)


class _Judged:
    """The digests and ids of what verdicts are about."""

    def __init__(self, games: Games | None) -> None:
        self._questions: dict[str, str] = {}
        self._answers: dict[tuple[str, str], tuple[object, object]] = {}
        for game in games.games if games else ():
            row, task = game.row, str(game.row["task_id"])
            if is_digest(row.get("question_sha")):
                self._questions[task] = row["question_sha"]
            for side in ("a", "b"):
                said = (row.get(f"answer_sha_{side}"), row.get(f"answer_{side}"))
                self._answers[(str(row[f"model_{side}"]), task)] = said

    def refuse_other_question(self, task: Row) -> None:
        sha = self._questions.get(str(task["id"]))
        if sha is not None and sha != question_sha(task):
            raise DataError(f"task {task['id']!r} is not the question that was judged (question_sha {sha[:8]}...)")

    def fits(self, key: tuple[str, str], name: object, text: str) -> bool:
        """Return whether a text may be the judged answer of (model, task): by its digest, else by its id."""
        sha, judged = self._answers.get(key, (None, None))
        if is_digest(sha):
            return sha == answer_sha(text)
        return name is None or judged is None or str(judged) == str(name)

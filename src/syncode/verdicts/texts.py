"""The questions and answers behind verdicts, as reports show them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from syncode.schemas.records import Row
from syncode.text.shown import answer_text, question


@dataclass(frozen=True)
class Texts:
    """What the page shows beside verdicts: question of each task id, and answer of each (model, task id).

    `labels` are the tasks themselves, for what is said of them; `usage` is what the server said of each answer.
    """

    questions: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[tuple[str, str], str] = field(default_factory=dict)
    labels: Mapping[str, Row] = field(default_factory=dict)
    usage: Mapping[tuple[str, str], Mapping[str, Any]] = field(default_factory=dict)


def texts_of(tasks: Iterable[Row], answers: Iterable[Row]) -> Texts:
    """Return what a report shows beside the verdicts: questions, and answers with the references of the tasks."""
    questions: dict[str, str] = {}
    labels: dict[str, Row] = {}
    usage: dict[tuple[str, str], Mapping[str, Any]] = {}
    found: dict[tuple[str, str], str] = {}
    for task in tasks:
        questions[task["id"]] = question(task, False)
        labels[task["id"]] = {
            key: value for key, value in task.items() if key not in ("messages", "tests", "references")
        }
        found |= {(name, task["id"]): text for name, text in (task.get("references") or {}).items()}
    for answer in answers:
        if answer.get("usage"):
            usage.setdefault((answer["model"], answer["task_id"]), answer["usage"])
        found.setdefault((answer["model"], answer["task_id"]), answer_text(answer))
    return Texts(questions, found, labels, usage)

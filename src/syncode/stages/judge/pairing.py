"""Which answers meet: every model against the baseline on every task, with nothing left out in silence."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from typing import TypedDict

from syncode.errors import DataError
from syncode.schemas.records import Answer, Name, Row, Task, content_id
from syncode.text.shown import answer_text


class Side(TypedDict):
    """One answer in a pair; `text` is None if the model has none for the task."""

    model: str
    id: Name | None
    text: str | None


class Pair(TypedDict):
    """A task with two answers: `left` is the baseline, `right` the model that is judged."""

    id: str
    task: Task
    left: Side
    right: Side
    baseline: str | None


def first_answers(answers: Iterable[Row]) -> tuple[list[Row], list[Row]]:
    """Return the first answer of each model to each task, and the others as `unwanted`, with their rule and reason.

    A table of wins counts questions: a model that answered some of them several times would weigh there more than elsewhere.
    """
    seen: set[tuple[str, Name]] = set()
    first: list[Row] = []
    again: list[Row] = []
    for answer in answers:
        key = (answer["model"], answer["task_id"])
        if key in seen:
            told = f"{answer['model']!r} has answered task {answer['task_id']!r} before, and its first answer is judged"
            again.append({"unwanted": answer, "why": f"judge.duplicate: {told}"})
        else:
            seen.add(key)
            first.append(answer)
    return first, again


def baseline_answers(name: str, answers: Iterable[Row], tasks: Iterable[Row]) -> dict[str, Side]:
    """Return task id -> baseline answer: of the model NAME among the answers, else of the tasks' `references`.

    Raises DataError if neither knows the name.
    """
    found: dict[str, Side] = {}
    for answer in answers:
        if answer["model"] == name:
            found.setdefault(answer["task_id"], _side(answer))
    if found:
        return found
    for task in tasks:
        text = (task.get("references") or {}).get(name)
        if text is not None:
            found[task["id"]] = {"model": name, "id": content_id(task["id"], name, text), "text": text}
    if not found:
        models = sorted({str(answer["model"]) for answer in answers})
        raise DataError(
            f"--baseline {name}: no answers by that model (there are {', '.join(models) or 'none'}), "
            "no such file, and no such reference in the tasks"
        )
    return found


def against_baseline(answers: list[Row], tasks: Mapping[str, Row], baseline: Mapping[str, Side]) -> Iterator[Row]:
    """Yield one pair per task and model with the whole row of its `answer`, in the order of the answers; pairs without an answer
    come last.

    An answer to a task that is not among the tasks is yielded as `unwanted` with its rule and reason, so that it is counted.
    """
    reference = next(iter(baseline.values()))["model"]
    seen: set[tuple[str, str]] = set()
    models: dict[str, None] = {}
    for answer in answers:
        if answer["model"] == reference:
            continue
        models.setdefault(answer["model"])
        if answer["task_id"] not in tasks:
            yield {"unwanted": answer, "why": f"judge.unknown_task: {answer['task_id']!r} is not among the tasks"}
            continue
        seen.add((answer["model"], answer["task_id"]))
        pair = _pair(tasks[answer["task_id"]], baseline.get(answer["task_id"]), _side(answer), reference)
        yield {**pair, "answer": answer}
    for model, task in itertools.product(models, tasks.values()):
        if (model, task["id"]) not in seen:
            yield _pair(task, baseline.get(task["id"]), {"model": model, "id": None, "text": None}, reference)


def all_pairs(answers: list[Row], tasks: Mapping[str, Row]) -> Iterator[Row]:
    """Yield every two models on every task, without a baseline; models are taken in the order of their first answers."""
    first: dict[tuple[str, str], Side] = {}
    models: dict[str, None] = {}
    for answer in answers:
        models.setdefault(answer["model"])
        if answer["task_id"] not in tasks:
            yield {"unwanted": answer, "why": f"judge.unknown_task: {answer['task_id']!r} is not among the tasks"}
        first.setdefault((answer["model"], answer["task_id"]), _side(answer))
    for (left, right), task in itertools.product(itertools.combinations(models, 2), tasks.values()):
        sides = [first.get((model, task["id"]), Side(model=model, id=None, text=None)) for model in (left, right)]
        yield _pair(task, sides[0], sides[1], None)


def _pair(task: Row, left: Side | None, right: Side, baseline: str | None) -> Row:
    known: Side = left or {"model": str(baseline), "id": None, "text": None}
    if known["model"] == right["model"]:
        raise DataError(f"baseline and candidate are both called {right['model']!r}: give one of them another `model`")
    kept = {key: value for key, value in task.items() if key not in ("references", "tests", "drop")}
    identity = content_id("pair", task["id"], known["model"], known["id"], right["model"], right["id"])
    return {"id": identity, "task": kept, "left": known, "right": right, "baseline": baseline}


def _side(answer: Row | Answer) -> Side:
    return {"model": answer["model"], "id": answer["id"], "text": answer_text(dict(answer))}

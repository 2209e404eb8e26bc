"""Brings answers, tasks, baseline and executions together into the pairs that are judged."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from syncode.errors import DataError
from syncode.schemas.records import Answer, Execution, Row, content_id
from syncode.stages.judge.canaries import canary_pairs
from syncode.stages.judge.pairing import Side, against_baseline, all_pairs, baseline_answers, first_answers
from syncode.stages.judge.settings import JudgeOptions
from syncode.stream.reads import TASKS, Reads
from syncode.text.shown import answer_text

Read = Callable[[Sequence[str], Reads | type], Iterable[Row]]
ANSWERS = Reads("judge", ("answer",), Answer, named=True)
TAIL = 2000
"""Characters of a program's output that the judge sees (chosen here)."""


def gather(read: Read, sources: Sequence[str], options: JudgeOptions, seed: int) -> Iterator[Row]:
    """Yield the pairs of a run, canaries first. Holds all answers in memory (about twice their size on disk).

    `read` yields the checked rows of files. Raises DataError for an unknown baseline and for answers to no task.
    """
    tasks = {task["id"]: task for task in read(options.tasks, TASKS)}
    answers, again = first_answers(read(sources, ANSWERS))
    if answers and not any(answer["task_id"] in tasks for answer in answers):
        raise DataError(f"no answer is to one of the {len(tasks)} tasks: the first one is to {answers[0]['task_id']!r}")
    if options.baseline is None:
        pairs = all_pairs(answers, tasks)
    else:
        baseline, more = _baseline(read, answers, list(tasks.values()), options.baseline)
        pairs, again = against_baseline(answers, tasks, baseline), again + more
    if options.canaries:
        original = [{**answer, "text": answer_text(answer)} for answer in answers]
        yield from canary_pairs(tasks, original, seed)
    evidence = _evidence(read([options.with_executions], Execution)) if options.with_executions else None
    first = next(pairs, None)
    if first is None:
        raise DataError("no answer to judge: the answers hold the baseline's only, or nothing")
    for pair in itertools.chain([first], pairs, again):
        if evidence is None or "unwanted" in pair:
            yield pair
        else:
            ids = [side["id"] for side in (pair["left"], pair["right"]) if side["id"]]
            yield {**pair, "evidence": {name: evidence.get(name, "not run") for name in ids}}


def gather_single(read: Read, sources: Sequence[str], tasks_of: Sequence[str], *, together: bool) -> Iterator[Row]:
    """Yield the items of a protocol that does not compare pairs: one per answer, or one per task with all
    its answers (`together`).

    A task that a model has no answer to is an item without text: it is missing, not left out.
    """
    tasks = {task["id"]: task for task in read(tasks_of, TASKS)}
    by_task: dict[str, list[Row]] = {}
    seen: dict[str, set[str]] = {}
    answers, again = first_answers(read(sources, ANSWERS))
    yield from again
    for answer in answers:
        if answer["task_id"] not in tasks:
            yield {"unwanted": answer, "why": f"judge.unknown_task: {answer['task_id']!r} is not among the tasks"}
            continue
        seen.setdefault(answer["model"], set()).add(answer["task_id"])
        shown = {"id": answer["id"], "model": answer["model"], "text": answer_text(answer)}
        if together:
            by_task.setdefault(answer["task_id"], []).append(shown)
        else:
            yield {**shown, "task": tasks[answer["task_id"]], "answer": answer}
    if not together:
        gone = ((model, task) for model, found in seen.items() for name, task in tasks.items() if name not in found)
        yield from ({"id": None, "model": model, "text": None, "task": task} for model, task in gone)
    for name, shown_together in by_task.items():
        yield {"id": content_id("best", name), "task": tasks[name], "answers": shown_together}


def _baseline(read: Read, answers: list[Row], tasks: list[Row], name: str) -> tuple[dict[str, Side], list[Row]]:
    """Return the baseline's answers, and those of its file that are further ones to a task."""
    if not Path(name).is_file():
        return baseline_answers(name, answers, tasks), []
    rows, again = first_answers(read([name], ANSWERS))
    models = sorted({row["model"] for row in rows})
    if len(models) != 1:
        raise DataError(
            f"--baseline {name}: answers of one model are wanted, this file has {', '.join(models) or 'none'}"
        )
    return baseline_answers(models[0], rows, tasks), again


def _evidence(executions: Iterable[Row]) -> dict[str, str]:
    """Return answer id -> what the judge reads about its run."""
    shown: dict[str, str] = {}
    for row in executions:
        if row["state"] == "infra":
            text = (
                "The program could not be run here, for a reason that is not the answer's: draw no conclusion from it."
            )
        else:
            passed = {True: "all checks passed", False: "the checks did not pass", None: "nothing was checked"}[
                row["passed"]
            ]
            output = "\n".join(str(row[key]) for key in ("output", "stdout", "stderr") if row.get(key))
            text = f"Result: {row['state']} ({passed})." + (
                f"\nLast output:\n{output[-TAIL:]}" if output.strip() else ""
            )
        shown[row["of"]] = text
    return shown

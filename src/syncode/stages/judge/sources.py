"""Brings answers, tasks, baseline and executions together into the pairs that are judged."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from syncode.errors import DataError
from syncode.schemas.records import Answer, Execution, Row, content_id
from syncode.stages.judge.canaries import canary_pairs
from syncode.stages.judge.pairing import Side, about, against_baseline, all_pairs, baseline_answers, first_answers
from syncode.stages.judge.settings import JudgeOptions
from syncode.stream.reads import TASKS, Reads
from syncode.text.digests import answer_row_sha
from syncode.text.shown import answer_text
from syncode.verdicts.contents import wrong_result

Read = Callable[[Sequence[str], Reads | type], Iterable[Row]]
ANSWERS = Reads("judge", ("answer",), Answer, named=True)
TAIL = 2000
"""Characters of a program's output that the judge sees (chosen here)."""


def gather(read: Read, sources: Sequence[str], options: JudgeOptions, seed: int) -> Iterator[Row]:
    """Yield the pairs of a run, canaries first. Holds all answers in memory (about twice their size on disk).

    `read` yields the checked rows of files. Raises DataError for an unknown baseline and for answers to no task.
    """
    tasks = {task["id"]: task for task in read(options.tasks, TASKS)}
    answers, again = _answers(read(sources, ANSWERS), tasks)
    if answers and not any(answer["task_id"] in tasks for answer in answers):
        raise DataError(f"no answer is to one of the {len(tasks)} tasks: the first one is to {answers[0]['task_id']!r}")
    if options.baseline is None:
        pairs = all_pairs(answers, tasks)
    else:
        baseline, more = _baseline(read, answers, tasks, options.baseline)
        pairs, again = against_baseline(answers, tasks, baseline), again + more
    if options.canaries:
        original = [{**answer, "text": answer_text(answer)} for answer in answers]
        yield from canary_pairs(tasks, original, seed)
    evidence = _evidence(read([options.with_executions], Execution), answers) if options.with_executions else None
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
    answers, again = _answers(read(sources, ANSWERS), tasks)
    yield from again
    for answer in answers:
        found = seen.setdefault(answer["model"], set())
        if answer["task_id"] not in tasks:
            yield {"unwanted": answer, "why": f"judge.unknown_task: {answer['task_id']!r} is not among the tasks"}
            continue
        found.add(answer["task_id"])
        shown = {"id": answer["id"], "model": answer["model"], "text": answer_text(answer)}
        if together:
            by_task.setdefault(answer["task_id"], []).append(shown)
        else:
            yield {**shown, "task": tasks[answer["task_id"]]}
    if not together:
        gone = ((model, task) for model, met in seen.items() for name, task in tasks.items() if name not in met)
        yield from ({"id": None, "model": model, "text": None, "task": task} for model, task in gone)
    for name, shown_together in by_task.items():
        yield {"id": content_id("best", name), "task": tasks[name], "answers": shown_together}


def _answers(found: Iterable[Row], tasks: Mapping[str, Row]) -> tuple[list[Row], list[Row]]:
    """Return the answers to judge, and as `unwanted` further ones to a task and those to another question of its id.

    Raises DataError if all answers of a model are to other questions: it must not vanish.
    """
    fit, other = about(found, tasks)
    for each in other:
        model = each["unwanted"]["model"]
        if not any(answer["model"] == model for answer in fit):
            raise DataError(f"no answer of {model!r} is to these tasks: {each['why'].partition(': ')[2]}")
    first, again = first_answers(fit)
    return first, other + again


def _baseline(read: Read, answers: list[Row], tasks: Mapping[str, Row], name: str) -> tuple[dict[str, Side], list[Row]]:
    """Return the baseline's answers, and those of its file that are not wanted."""
    if not Path(name).is_file():
        return baseline_answers(name, answers, tasks.values()), []
    rows, again = _answers(read([name], ANSWERS), tasks)
    models = sorted({row["model"] for row in rows})
    if len(models) != 1:
        raise DataError(
            f"--baseline {name}: answers of one model are wanted, this file has {', '.join(models) or 'none'}"
        )
    return baseline_answers(models[0], rows, tasks.values()), again


def _evidence(executions: Iterable[Row], answers: Iterable[Row]) -> dict[str, str]:
    """Return answer id -> what the judge reads about its run. Raises DataError for a run of another text than the answer's."""
    shown: dict[str, str] = {}
    texts = {str(answer["id"]): answer_row_sha(answer) for answer in answers}
    for row in executions:
        ran, judged = row.get("answer_sha"), texts.get(str(row["of"]))
        if isinstance(ran, str) and judged is not None and len(ran) == len(judged) and ran != judged:
            raise DataError(
                f"the answer {row['of']!r} that was executed is not the text that is judged "
                f"(answer_sha {ran[:8]}..., here {judged[:8]}...): execute the answers again"
            )
        if wrong := wrong_result(row):
            raise DataError(f"the execution of {row['of']!r}: {wrong}")
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

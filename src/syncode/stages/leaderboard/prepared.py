"""What may be done to verdicts before they are counted: questions told apart by contamination, and a rule against length."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from functools import partial

from syncode.errors import DataError, RowError
from syncode.schemas.records import Row, value_at
from syncode.stages.leaderboard.settings import BoardOptions
from syncode.verdicts.labels import canonical

Prepare = Callable[[Iterable[Row]], Iterable[Row]]

CONTAMINATION = "contamination"
"""The field, and the breakdown, that says whether a question is `flagged` or `clean`."""
FLAGGED, CLEAN = "flagged", "clean"
_MATCH = re.compile(r"^filter\.contaminated: .*? of (?P<task>.+)$", re.DOTALL)
_NO = ("false", "0", "0.0", "no")
"""How rows and CSV files say that a question is not flagged."""
_NAMES = ("task_id", "task", "benchmark_id", "match.task_id", "match")


def flagged_tasks(hits: Iterable[Row]) -> set[str]:
    """Return the ids of the benchmark's questions that hits name.

    A hit is the reject of `syncode filter` (`drop: "filter.contaminated: 10-gram of HumanEval/3"`), a row that names the question
    as `task_id`, `task`, `benchmark_id` or `match`, or one whose own `id` is that of the question. Rows with `flagged` or
    `contaminated` false do not count. Raises DataError if there is no row.
    """
    found: set[str] = set()
    rows = 0
    for row in hits:
        rows += 1
        if any(str(row.get(name)).strip().lower() in _NO for name in ("flagged", "contaminated")):
            continue
        matched = _MATCH.match(str(row.get("drop") or ""))
        named = (value for name in _NAMES if isinstance(value := value_at(row, name), str | int))
        task = matched["task"] if matched else next(named, row.get("id"))
        if task is None:
            raise DataError(
                "--contamination: a hit names no question: it needs a task_id, or the drop that filter writes"
            )
        found.add(str(task))
    if not rows:
        raise DataError("--contamination: the file holds no row")
    return found


def told_apart(rows: Iterable[Row], flagged: Collection[str]) -> Iterator[Row]:
    """Yield verdicts with the field `contamination`; DataError if none of the flagged questions is among them."""
    met = seen = False
    for row in rows:
        task = row.get("task_id")
        hit = task is not None and str(task) in flagged
        met, seen = met or hit, True
        yield {**row, CONTAMINATION: FLAGGED if hit else CLEAN}
    if seen and flagged and not met:
        raise DataError(
            f"--contamination: none of its {len(flagged)} questions ({', '.join(sorted(flagged)[:3])}, ...) is among the verdicts"
        )


def without_length(rows: Iterable[Row], most: int) -> Iterator[Row]:
    """Yield verdicts in which a slight preference for an answer that is longer by more than `most` characters is a tie.

    The rule of WildBench (arXiv 2406.04770, section 4.2, 500 characters). What the label was stands in `label_before`. Raises
    RowError for such a verdict without `lengths`.
    """
    for row in rows:
        label = canonical(str(row["label"])) if row.get("label") is not None and "model_a" in row else None
        if label not in ("A>B", "B>A"):
            yield row
            continue
        lengths = row.get("lengths")
        if not isinstance(lengths, list) or len(lengths) != 2:
            raise RowError("--length-rule needs the `lengths` of both answers, which judge writes")
        longer = float(lengths[0]) - float(lengths[1])
        if (longer if label == "A>B" else -longer) > most:
            row = {**row, "label": "A=B", "value": 0, "label_before": label, "length_rule": True}
        yield row


def preparation(options: BoardOptions, hits: Iterable[Row]) -> tuple[BoardOptions, Prepare]:
    """Return what the options become, with the breakdown by contamination, and what is done to the verdicts."""
    if options.contamination is None:
        return options, partial(_prepared, flagged=None, most=options.length_rule)
    flagged = flagged_tasks(hits)
    by = (*options.by, CONTAMINATION)
    return replace(options, by=by), partial(_prepared, flagged=flagged, most=options.length_rule)


def _prepared(rows: Iterable[Row], flagged: Collection[str] | None, most: int | None) -> Iterable[Row]:
    rows = rows if most is None else without_length(rows, most)
    return rows if flagged is None else told_apart(rows, flagged)

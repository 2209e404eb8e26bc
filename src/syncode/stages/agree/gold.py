"""Judges against people, or against a known right answer: accuracy with its error by question, and what is missing."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from syncode.schemas.records import Row
from syncode.stages.agree.between import MANY_RATERS, Drawing, agreement_row
from syncode.stages.agree.ratings import Ratings, label_numbers
from syncode.statistics.arrays import Floats, Integers
from syncode.statistics.clusters import by_cluster, cluster_mean, paired_differences, row_error
from syncode.statistics.proportions import mcnemar
from syncode.statistics.rates import plain


@dataclass(frozen=True)
class Gold:
    """The right label of each unit (1, 0, -1, nan for unknown), who gave it, and whether a missing verdict counts as wrong."""

    values: Floats
    name: str
    missing_is_wrong: bool = False


def gold_rows(ratings: Ratings, gold: Gold, drawing: Drawing) -> list[Row]:
    """Return one row for each judge against the right labels, then the paired differences.

    Differences are listed for 12 judges at most. The confusion table has the gold labels as rows: first better, tie, second.
    """
    judges = [number for number, human in enumerate(ratings.human) if not human and ratings.raters[number] != gold.name]
    rows = [row for judge in judges if (row := _row(ratings, judge, gold, drawing))]
    return rows + _differences(ratings, judges, gold)


def _row(ratings: Ratings, judge: int, gold: Gold, drawing: Drawing) -> Row | None:
    truth, said = label_numbers(gold.values, False), label_numbers(ratings.values[judge], False)
    asked = truth >= 0  # also what the judge has no row for: its verdict is missing
    row = agreement_row(np.where(asked, truth, -1), said, 3, ratings.question, drawing)
    if row is None:
        return None
    read = asked if gold.missing_is_wrong else asked & (said >= 0)
    right = (truth[read] == said[read]).astype(np.float64)
    _, numbers = np.unique(ratings.question[read], return_inverse=True)
    size = int(numbers.max()) + 1
    mean = cluster_mean(by_cluster(right, numbers, size), by_cluster(np.ones(len(right)), numbers, size))
    expected, correct = int(asked.sum()), int(right.sum())
    missing = int((asked & (said < 0)).sum())
    partly = asked & ratings.partly[judge]  # the game that is missing can undo a right answer, or decide a tie
    undone = int((partly & (said == truth)).sum())
    decided = int((partly & (said != truth) & ((said == 1) | (truth == 1))).sum())
    row |= {
        "accuracy": mean.mean,
        "accuracy_error": plain(mean.error),
        "row_error": plain(row_error(right)) if len(right) > 1 else None,
        "missing": missing,
        "partly": int(partly.sum()),
        "coverage": 1 - (missing + int(partly.sum()) / 2) / expected,
        "bound_low": (correct - undone) / expected,
        "bound_high": (correct + missing + decided) / expected,
    }
    return {
        "kind": "gold",
        "judge": ratings.raters[judge],
        "gold": gold.name,
        **row,
        **_macro(np.array(row["confusion"])),
    }


def _macro(table: Integers) -> Row:
    """Return unweighted means over the labels of precision, recall and F1; a label never met counts 0."""
    right = np.diag(table).astype(np.float64)
    precision = np.divide(right, table.sum(axis=0), out=np.zeros(len(right)), where=table.sum(axis=0) > 0)
    recall = np.divide(right, table.sum(axis=1), out=np.zeros(len(right)), where=table.sum(axis=1) > 0)
    both = precision + recall
    f1 = np.divide(2 * precision * recall, both, out=np.zeros(len(right)), where=both > 0)
    used = (table.sum(axis=0) + table.sum(axis=1)) > 0
    return {
        "macro_precision": float(precision[used].mean()),
        "macro_recall": float(recall[used].mean()),
        "macro_f1": float(f1[used].mean()),
    }


def _differences(ratings: Ratings, judges: list[int], gold: Gold) -> list[Row]:
    """Return for every two judges the paired difference of accuracy by question, and exact McNemar over shared units."""
    if not 2 <= len(judges) <= MANY_RATERS:
        return []
    truth = label_numbers(gold.values, False)
    said = np.stack([label_numbers(ratings.values[judge], False) for judge in judges])
    read = (truth >= 0) & ((said >= 0) | gold.missing_is_wrong)
    right = (said == truth) & read
    _, numbers = np.unique(ratings.question, return_inverse=True)
    size = int(numbers.max()) + 1
    columns = range(len(judges))
    gain = np.column_stack([by_cluster(right[place].astype(np.float64), numbers, size) for place in columns])
    weight = np.column_stack([by_cluster(read[place].astype(np.float64), numbers, size) for place in columns])
    found = paired_differences(gain, weight)
    rows = []
    for first, second in itertools.combinations(columns, 2):
        both = read[first] & read[second]
        only_first = int((both & right[first] & ~right[second]).sum())
        only_second = int((both & right[second] & ~right[first]).sum())
        rows.append(
            {
                "kind": "gold_difference",
                "gold": gold.name,
                "first": ratings.raters[judges[first]],
                "second": ratings.raters[judges[second]],
                "difference": plain(found.difference[first, second]),
                "error": plain(found.error[first, second]),
                "p": float(found.p[first, second]),
                "holm": float(found.holm[first, second]),
                "only_first": only_first,
                "only_second": only_second,
                "mcnemar": mcnemar(only_first, only_second),
            }
        )
    return rows

"""Each judge of a panel beside the others: does it go with their majority, and how often is it right by their consensus?"""

from __future__ import annotations

import numpy as np

from syncode.schemas.records import Row
from syncode.stages.agree.ratings import Ratings, label_numbers
from syncode.statistics.dawid_skene import dawid_skene, leave_one_out
from syncode.statistics.rates import rate_row
from syncode.verdicts.panels import majority

LEAST = 3
"""Judges without which there is no majority of the others (chosen here)."""


def panelist_rows(ratings: Ratings) -> list[Row]:
    """Return one row per judging model if there are three or more: agreement with the others' majority, and Dawid-Skene.

    `agree` of `of` units, those that it and two others rated, are labels that equal the majority of the *other* judges (a tie if
    two outcomes share their lead); `weighed_agree` of `weighed_of` are those that equal what the others say if each is weighed by
    Dawid and Skene's model. `dawid_skene` is the share of right labels by the consensus of all judges, `weight` what a vote of
    this judge is worth, in bits.
    """
    judges = [number for number, human in enumerate(ratings.human) if not human]
    said = label_numbers(ratings.values[judges], False)
    if len(judges) < LEAST or not (said >= 0).any():
        return []
    panel, left_out = dawid_skene(said, 3), leave_one_out(said, 3)
    accuracy = (panel.confusion[:, range(3), range(3)] @ panel.share).tolist()
    rows = []
    for place, judge in enumerate(judges):
        others = np.delete(said, place, axis=0)
        due = np.flatnonzero((said[place] >= 0) & ((others >= 0).sum(axis=0) >= 2)).tolist()
        right = [_of_the_others(others[:, unit].tolist()) == said[place, unit] for unit in due]
        row = rate_row(right, [int(ratings.question[unit]) for unit in due], "agree")
        row |= {"weighed_agree": left_out[place][0], "weighed_of": left_out[place][1]}
        row |= {"dawid_skene": accuracy[place], "weight": float(panel.weight[place])}
        row |= {"confusion": panel.confusion[place].tolist(), "judges": len(judges)}
        rows.append({"kind": "panelist", "judge": ratings.raters[judge], **row})
    return rows


def _of_the_others(labels: list[int]) -> int:
    """Return the number of the label that most of the others give."""
    return 1 - int(majority([1 - label for label in labels if label >= 0]))

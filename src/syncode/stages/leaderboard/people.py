"""A board corrected by people who labelled some of its pairs: scores, differences and ranks by prediction-powered inference."""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from syncode.errors import DataError
from syncode.schemas.records import Row
from syncode.statistics.arrays import Floats, Integers
from syncode.statistics.distributions import student_tail
from syncode.statistics.prediction_powered import Corrected, Labelled, prediction_powered
from syncode.statistics.proportions import holm
from syncode.statistics.rates import plain
from syncode.verdicts.board import Board
from syncode.verdicts.contents import Contents
from syncode.verdicts.labels import VALUES, canonical, counts
from syncode.verdicts.panels import majority
from syncode.verdicts.ratings import SIGNIFICANT

LEAST = 5
"""Labelled questions without which nothing is corrected (chosen here)."""


@dataclass(frozen=True)
class People:
    """The majority of people's labels: (task, model, opponent) -> 1, 1/2 or 0 from the model's side, and its sampling weight.

    `labels` are the rows behind them, with the digests of the texts that people saw if a key holds them.
    """

    gain: dict[tuple[str, str, str], float]
    weight: dict[tuple[str, str, str], float]
    pairs: int
    labels: Sequence[Row] = ()


def people_of(rows: Iterable[Row]) -> People:
    """Return the labels of people; several labels of one pair become their majority, a tie if two outcomes share the lead.

    The last label that a person gives to the same game counts.
    """
    votes: dict[tuple[str, str, str], list[float]] = defaultdict(list)
    weight: dict[tuple[str, str, str], float] = {}
    last = {row.get("id", place): row for place, row in enumerate(rows)}
    for row in last.values():
        if not counts(row):
            continue
        task, left, right = str(row["task_id"]), str(row["model_a"]), str(row["model_b"])
        share = row.get("share")
        value = float(VALUES[canonical(row["label"]) or "A=B"]) if share is None else 4.0 * share - 2
        for key, mine in (((task, left, right), value), ((task, right, left), -value)):
            votes[key].append(mine)
            weight[key] = float(row.get("weight") or 1.0)
    gain = {key: (majority(mine) + 1) / 2 for key, mine in votes.items()}
    return People(gain, weight, len(gain) // 2, list(last.values()))


@dataclass(frozen=True)
class _Items:
    """Outcomes in [0, 1] as the judge has them and as people do (nan: not labelled), with the question and weight of each."""

    judge: Floats
    human: Floats
    question: Integers
    weight: Floats

    def corrected(self) -> tuple[Corrected, int, int] | None:
        """Return the estimate, and how many items are labelled and not; None if too few are.

        If all of them are labelled there is nothing left to correct, and people's mean is the estimate.
        """
        there = ~np.isnan(self.human)
        if len(set(self.question[there].tolist())) < LEAST:
            return None
        weights = self.weight[there]
        data = Labelled(
            human=self.human[there],
            judge=self.judge[there],
            rest=self.judge[~there],
            weight=None if np.allclose(weights, weights[0]) else weights,
            cluster=self.question[there],
            rest_cluster=self.question[~there],
        )
        return prediction_powered(data), int(there.sum()), int((~there).sum())


def corrected_rows(board: Board, people: People) -> list[Row]:
    """Return one row per model, best corrected score first, then one per pair with Holm's p over all pairs.

    With a baseline two models are compared by their differences against it, question by question; without one by the games that
    they played against each other. `rank` is 1 + the number of models that are ahead after Holm's correction; models that cannot
    be told apart share it. Raises DataError if no label meets a game of the board, or one is about another text.
    """
    _refuse_other_texts(board, people)
    models = [row["model"] for row in board.rows]
    items = {model: _items(board, people, model) for model in models}
    if not any((~np.isnan(found.human)).any() for found in items.values()):
        raise DataError(
            f"none of the {people.pairs} labelled pairs is among the verdicts: task_id, model_a and model_b must be the same"
        )
    pairs = [
        row
        for first, second in itertools.combinations(models, 2)
        if (row := _pair(board, people, items, (first, second)))
    ]
    for place, p in enumerate(holm([row["p"] for row in pairs])):
        pairs[place] = {**pairs[place], "holm": p, "significant": p < SIGNIFICANT}
    rows = [_model(board, place, items[model], pairs) for place, model in enumerate(models)]
    rows.sort(key=lambda row: (row["corrected"] is None, -(row["corrected"] or 0.0)))
    return rows + pairs


def _refuse_other_texts(board: Board, people: People) -> None:
    contents = Contents()
    for game in board.games.games:
        contents.of_verdict(game.row)
    for label in people.labels:
        if wrong := contents.of_verdict(label):
            raise DataError(f"people labelled other texts than were judged: {wrong}")


def with_people(board: Board, people: People) -> Board:
    """Return the board with the columns of `corrected_rows` for its models, named `corrected...`, and a note on the labels."""
    rows = corrected_rows(board, people)
    mine = {row["model"]: row for row in rows if row["kind"] == "model"}
    names = {"corrected": "corrected", "low": "corrected_low", "high": "corrected_high", "rank": "corrected_rank"}
    names |= {"power": "trust", "labelled": "labelled"}
    added = [{new: mine[row["model"]][old] for old, new in names.items()} for row in board.rows]
    notes = _unmet(board, people)
    if few := [row["model"] for row, more in zip(board.rows, added, strict=True) if more["corrected"] is None]:
        notes.append(f"not corrected, below {LEAST} labelled questions: {', '.join(few)}")
    return replace(
        board,
        rows=[{**row, **more} for row, more in zip(board.rows, added, strict=True)],
        warnings=[*board.warnings, *notes],
    )


def _unmet(board: Board, people: People) -> list[str]:
    """Return what to say of labels that meet no verdict of the board."""
    units, names, questions = board.units, board.games.models.names, board.games.questions.names
    columns = (each[units.weight > 0].tolist() for each in (units.question, units.model, units.opponent))
    judged = {(questions[q], names[m], names[o]) for q, m, o in zip(*columns, strict=True) if o >= 0}
    lost = sum(key not in judged for key in people.gain) // 2
    return [f"{lost} of the {people.pairs} labelled pairs meet no verdict (task_id, model_a, model_b)"] if lost else []


def _items(board: Board, people: People, model: str, opponent: str | None = None) -> _Items:
    """Return the units of a model, against one opponent or all; several judges of one pair are items of their own."""
    units, names = board.units, board.games.models.names
    mine = (units.model == names.index(model)) & (units.weight > 0)
    if opponent is not None:
        mine &= units.opponent == names.index(opponent)
    places = np.flatnonzero(mine)
    questions = [board.games.questions.names[number] for number in units.question[places].tolist()]
    keys = [
        (question, model, names[other])
        for question, other in zip(questions, units.opponent[places].tolist(), strict=True)
    ]
    return _Items(
        judge=np.asarray(units.gain[places] / units.weight[places]),
        human=np.array([people.gain.get(key, np.nan) for key in keys]),
        question=units.question[places],
        weight=np.array([people.weight.get(key, 1.0) for key in keys]),
    )


def _model(board: Board, place: int, items: _Items, pairs: Sequence[Row]) -> Row:
    model = board.rows[place]["model"]
    found = items.corrected()
    row: Row = {"kind": "model", "model": model, "score": board.rows[place]["score"]}
    if found is None:
        there = ~np.isnan(items.human)
        nothing = dict.fromkeys(("corrected", "error", "low", "high", "power", "people", "rank"))
        return {**row, **nothing, "labelled": int(there.sum()), "unlabelled": int((~there).sum())}
    estimate, labelled, rest = found
    low, high = estimate.interval()
    ahead = sum(
        row["significant"] and ((row["model_b"] == model) == (row["difference"] > 0))
        for row in pairs
        if model in (row["model_a"], row["model_b"])
    )
    row |= {"corrected": plain(estimate.mean), "error": plain(estimate.error)}
    row |= {"low": plain(max(0.0, low)), "high": plain(min(1.0, high)), "power": estimate.power}
    row |= {"people": float(items.human[~np.isnan(items.human)].mean()), "rank": 1 + ahead}
    return {**row, "labelled": labelled, "unlabelled": rest}


def _pair(board: Board, people: People, items: dict[str, _Items], names: tuple[str, str]) -> Row | None:
    """Return the corrected difference of two models, in shares; None if too few of its questions are labelled."""
    if board.games.baseline is None:
        found = _items(board, people, *names).corrected()
    else:
        found = _differences(items[names[0]], items[names[1]]).corrected()
    if found is None:
        return None
    estimate, labelled, rest = found  # of (difference + 1) / 2
    gap, error = 2 * estimate.mean - 1, 2 * estimate.error
    low, high = (2 * side - 1 for side in estimate.interval())
    row: Row = {
        "kind": "pair",
        "model_a": names[0],
        "model_b": names[1],
        "difference": plain(gap),
        "error": plain(error),
    }
    p = student_tail(gap * math.sqrt(estimate.size), estimate.clusters - 1)  # as the interval has it
    row |= {"low": plain(max(-1.0, low)), "high": plain(min(1.0, high)), "p": p}
    return {**row, "labelled": labelled, "unlabelled": rest, "power": estimate.power}


def _differences(first: _Items, second: _Items) -> _Items:
    """Return (difference + 1) / 2 of two models on their common questions; labelled if both are."""
    common = sorted(set(first.question.tolist()) & set(second.question.tolist()))
    columns = [[_mean(each, getattr(each, name), common) for name in ("judge", "human")] for each in (first, second)]
    judge, human = ((columns[0][place] - columns[1][place] + 1) / 2 for place in (0, 1))
    return _Items(judge, human, np.array(common, dtype=np.int64), _mean(first, first.weight, common))


def _mean(items: _Items, values: Floats, questions: Sequence[int]) -> Floats:
    """Return the mean of values by question, nan where one of them is."""
    size = int(items.question.max()) + 1 if len(items.question) else 0
    count = np.bincount(items.question, minlength=size)
    return np.asarray(np.bincount(items.question, values, size)[questions] / count[questions], dtype=np.float64)

"""Two models, or one before and after, question by question: what changed, in which classes, and which questions flipped."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from syncode.errors import DataError, UsageError, unknown
from syncode.schemas.records import Row
from syncode.stages.leaderboard.questions.beside import Beside
from syncode.stages.leaderboard.questions.results import Results, need_label, outcome
from syncode.stages.leaderboard.questions.settings import CompareOptions
from syncode.statistics.arrays import Floats
from syncode.statistics.changes import change, interaction
from syncode.statistics.proportions import holm
from syncode.statistics.rates import plain

SURE = 0.05
"""A class rose or fell if Holm's p is below this."""
WITHOUT = "(none)"
"""The class of questions that have no label of this name."""


@dataclass(frozen=True)
class Side:
    """One of the two models: its results, and by question the ids and the digests of its answers."""

    results: Results
    model: str
    answers: Mapping[str, Sequence[object]]
    shas: Mapping[str, Collection[str]]

    def column(self, questions: Sequence[str]) -> tuple[Floats, Floats]:
        """Return (gain, weight) of some questions, 0 where the model has no result."""
        place = {name: number for number, name in enumerate(self.results.questions)}
        rows, column = [place.get(name, -1) for name in questions], self.results.models.index(self.model)
        there = np.array(rows) >= 0
        gain, weight = (np.where(there, each[rows, column], 0.0) for each in (self.results.gain, self.results.weight))
        return gain, weight


@dataclass(frozen=True)
class Paired:
    """Gains and weights of both sides on the questions that both have, shapes (questions,)."""

    questions: list[str]
    old: tuple[Floats, Floats]
    new: tuple[Floats, Floats]

    def part(self, places: Sequence[int]) -> Paired:
        """Return some of the questions."""
        sides = [(gain[places], weight[places]) for gain, weight in (self.old, self.new)]
        return Paired([self.questions[place] for place in places], *sides)

    @property
    def scores(self) -> tuple[Floats, Floats]:
        """Score of each question, old and new."""
        return self.old[0] / self.old[1], self.new[0] / self.new[1]

    @property
    def differences(self) -> Floats:
        """New minus old for each question; linearised where games weigh differently, so that their mean is that of the scores."""
        parts = []
        for gain, weight in (self.old, self.new):
            mean = gain.sum() / weight.sum()
            parts.append(mean + len(gain) * (gain - mean * weight) / weight.sum())
        return np.asarray(parts[1] - parts[0], dtype=np.float64)


def words_of(words: Sequence[str], missing: Collection[str], options: CompareOptions) -> tuple[list[str], list[str]]:
    """Return (files, models) among the words of a command line, of which `missing` are not there as files.

    OLD and NEW are two files, or two models and the files that hold both (stdin if none is named). Raises UsageError.
    """
    models = [word for word in words if word in missing and word != "-" and not set("*?[") & set(word)]
    files = [word for word in words if word not in models]
    named = options.old is not None and options.new is not None
    if len(models) == 2 and not (options.old or options.new):
        return files or ["-"], models
    if models:
        raise UsageError(
            f"{models[0]}: there is no such file; OLD and NEW are two files, or two models of the files that follow"
        )
    if len(files) != 2 and not (files and named):
        raise UsageError("name two files, OLD and NEW; or two models, OLD and NEW, and the files that hold both")
    return files, []


def sides(results: Sequence[Results], models: Sequence[str], options: CompareOptions) -> tuple[Side, Side]:
    """Return OLD and NEW: as named, else the only model of each file that is not an opponent in both. Raises UsageError."""
    old, new = results[0], results[-1]
    shared = set(old.models) & set(new.models) if old is not new else set()
    names = models or (options.old, options.new)
    found = _side(old, names[0], "--old", shared), _side(new, names[1], "--new", shared)
    if old is new and found[0].model == found[1].model:
        raise UsageError(f"OLD and NEW are both {found[0].model}: name two models, or two files")
    return found


def _side(results: Results, name: str | None, flag: str, opponents: Collection[str]) -> Side:
    if name is not None and name not in results.models:
        raise unknown("model", name, results.models, flag)
    left = [model for model in results.models if model not in opponents]
    models = left if len(left) == 1 else results.models
    if name is None and len(models) != 1:
        listed = ", ".join(models[:6]) + (", ..." if len(models) > 6 else "")
        raise DataError(f"{len(models)} models to choose from ({listed}): name one with {flag}")
    model = models[0] if name is None else name
    return Side(results, model, results.answers_of(model), results.shas_of(model))


def compare_rows(old: Side, new: Side, by: Sequence[str], beside: Beside, everything: bool = False) -> list[Row]:
    """Return what changed from `old` to `new`: over all questions, per class, whether classes differ, then the questions.

    Only questions with a result on both sides count; `left_out` are the others. The questions are those whose outcome is another
    one, or `everything`, worst first. Raises DataError if there are none in common, or if the two cannot be compared.
    """
    _comparable(old.results, new.results)
    everywhere = sorted({*old.results.questions, *new.results.questions})
    columns = [each.column(everywhere) for each in (old, new)]
    given = [weight > 0 for _, weight in columns]
    places = np.flatnonzero(given[0] & given[1]).tolist()
    if not places:
        raise DataError("nothing to compare: no question has a result of both models")
    paired = Paired(everywhere, columns[0], columns[1]).part(places)
    _same_content(old, new, paired.questions)
    names = {"old": old.model, "new": new.model, "rule": old.results.rule}
    rows: list[Row] = [{"kind": "all", **names, **_change(paired), "left_out": int((given[0] ^ given[1]).sum())}]
    for name in by:
        need_label([old.results, new.results], name)
        rows += _classes(paired, name, _labels(old, new, paired.questions, name))
    return rows + _flipped(paired, (old, new), by, beside, everything)


def _comparable(old: Results, new: Results) -> None:
    """Raise DataError if the two were measured differently: the difference would be one of the measures."""
    if old.rule != new.rule:
        raise DataError(f"OLD is scored as {old.rule}, NEW as {new.rule}: choose one with --score or --measure")
    if old.baseline != new.baseline:
        met = [each.baseline or "no baseline" for each in (old, new)]
        raise DataError(f"OLD met {met[0]}, NEW met {met[1]}: scores against different opponents cannot be compared")
    judges = [sorted(each.table.judges.names) if each.table else [] for each in (old, new)]
    if judges[0] != judges[1]:
        named = [", ".join(each) or "an unnamed judge" for each in judges]
        raise DataError(f"OLD was judged by {named[0]}, NEW by {named[1]}: name one that judged both with --judge")


def _same_content(old: Side, new: Side, questions: Sequence[str]) -> None:
    """Raise DataError for a question whose text or tests are not the same on both sides, as far as rows carry digests."""
    for name in questions if old.results is not new.results else ():
        for digest, what in (("question_sha", "text"), ("tests_sha", "tests")):
            left, right = (each.results.digest(name, digest) for each in (old, new))
            if left and right and left != right:
                raise DataError(f"task {name!r} has another {what} in OLD than in NEW ({digest} {left} and {right})")


def _change(paired: Paired) -> Row:
    found = change(paired.differences)
    before, after = paired.scores
    moved = np.round(after - before, 9)
    return {
        "n": len(paired.questions),
        "score_old": float(paired.old[0].sum() / paired.old[1].sum()),
        "score_new": float(paired.new[0].sum() / paired.new[1].sum()),
        "difference": plain(found.mean),
        "error": plain(found.error),
        "low": plain(found.low),
        "high": plain(found.high),
        "p": found.p,
        "better": int((moved > 0).sum()),
        "worse": int((moved < 0).sum()),
        "same": int((moved == 0).sum()),
    }


def _classes(paired: Paired, name: str, labels: Sequence[str]) -> list[Row]:
    """Return one row for each class, those that fell first, and the test of whether classes differ."""
    column = np.array(labels)
    rows: list[Row] = []
    for value in sorted(set(labels)):
        part = paired.part(np.flatnonzero(column == value).tolist())
        rows.append({"kind": "class", "by": name, "class": value, **_change(part)})
    for place, p in enumerate(holm([row["p"] for row in rows])):
        moved = "fell" if rows[place]["difference"] < 0 else "rose"
        rows[place] = {**rows[place], "holm": p, "verdict": moved if p < SURE else "not shown"}
    between = interaction(paired.differences, np.unique(column, return_inverse=True)[1].astype(np.int64))
    tested: Row = {"kind": "interaction", "by": name, "classes": len(rows), "f": plain(between.statistic)}
    tested |= {"degrees": [plain(each) for each in between.degrees], "p": between.p, "differs": between.p < SURE}
    order = ("fell", "not shown", "rose")
    return [*sorted(rows, key=lambda row: (order.index(row["verdict"]), row["difference"])), tested]


def _labels(old: Side, new: Side, questions: Sequence[str], name: str) -> list[str]:
    return [new.results.label(each, name) or old.results.label(each, name) or WITHOUT for each in questions]


def _flipped(
    paired: Paired, sides: tuple[Side, Side], by: Sequence[str], beside: Beside, everything: bool
) -> list[Row]:
    before, after = (each.tolist() for each in paired.scores)
    rule, rows = sides[0].results.rule, []
    for name, was, now in sorted(zip(paired.questions, before, after, strict=True), key=lambda each: each[2] - each[1]):
        if outcome(was, rule) == outcome(now, rule) and not everything:
            continue
        row: Row = {"kind": "question", "task_id": name}
        row |= {each: _labels(*sides, [name], each)[0] for each in by}
        row |= {
            "score_old": was,
            "score_new": now,
            "difference": now - was,
            "was": outcome(was, rule),
            "is": outcome(now, rule),
        }
        texts = {"question": beside.question(name)}
        for key, each in zip(("answer_old", "answer_new"), sides, strict=True):
            texts[key] = beside.text(each.answers.get(name, ()), each.model, name, each.shas.get(name, ()))
        rows.append(row | {key: text for key, text in texts.items() if text is not None})
    return rows

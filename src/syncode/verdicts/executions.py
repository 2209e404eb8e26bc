"""Verdicts beside executions: does the judge like the programs that work?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np

from syncode.errors import DataError
from syncode.schemas.records import Row
from syncode.statistics.arrays import Floats
from syncode.statistics.clusters import bootstrap_means
from syncode.statistics.correlation import average_ranks, kendall, shifted_interval, spearman
from syncode.statistics.rates import plain, rate_row
from syncode.verdicts.contents import UNDECIDED
from syncode.verdicts.games import SCALE, Game, Games

Key = TypeVar("Key")
ENOUGH = 0.99
"""Share of a model's judged answers that must be decided for its pass rate to be compared with its score (chosen here)."""


@dataclass
class Outcomes:
    """Which answers passed: by the id of the answer and its model, by what it says, and by task and model for rows without ids.

    None stands for results that differ: two runs of one answer, or several answers of a model to a task.
    """

    by_answer: dict[tuple[str, str | None], bool | None] = field(default_factory=dict)
    by_text: dict[tuple[str, str, str], bool | None] = field(default_factory=dict)
    by_task: dict[tuple[str, str], set[tuple[str, str | None]]] = field(default_factory=dict)
    shas: dict[tuple[str, str | None], str] = field(default_factory=dict)
    tasks: dict[tuple[str, str | None], str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.by_answer)

    def add(self, row: Row) -> None:
        """Take in a decided execution."""
        passed, model, sha = row["passed"], row.get("model"), row.get("answer_sha")
        name = (str(row["of"]), None if model is None else str(model))
        _join(self.by_answer, name, passed)
        if isinstance(sha, str):
            self.shas[name] = sha
        if row.get("task_id") is not None:
            self.tasks[name] = str(row["task_id"])
        if row.get("task_id") is not None and model is not None:
            task = (str(row["task_id"]), str(model))
            self.by_task.setdefault(task, set()).add(name)
            if isinstance(sha, str):
                _join(self.by_text, (*task, sha), passed)

    def of(self, game: Game, side: str) -> bool | None:
        """Return whether the answer on side `a` or `b` passed, None if it was not decided.

        An answer with an id is never taken for another one of its model to the task. Raises DataError if the execution is of
        another text than the verdict.
        """
        task, model = str(game.row["task_id"]), str(game.row[f"model_{side}"])
        answer, sha = game.row.get(f"answer_{side}"), game.row.get(f"answer_sha_{side}")
        for name in ((str(answer), model), (str(answer), None)) if answer is not None else ():
            if name in self.by_answer:
                ran = self.shas.get(name)
                if ran is not None and isinstance(sha, str) and len(ran) == len(sha) and ran != sha:
                    raise DataError(
                        f"the answer {answer!r} of {model!r} that was executed is not the text that was judged "
                        f"(answer_sha {ran[:8]}..., judged {sha[:8]}...): execute the judged answers again"
                    )
                if self.tasks.get(name, task) != task:
                    raise DataError(
                        f"the answer {answer!r} of {model!r} was executed for task {self.tasks[name]!r} and judged for {task!r}"
                    )
                return self.by_answer[name]
        if isinstance(sha, str) and (task, model, sha) in self.by_text:
            return self.by_text[(task, model, sha)]
        answers = self.by_task.get((task, model), set()) if answer is None else set()
        return self.by_answer[min(answers)] if len(answers) == 1 else None


def _join(found: dict[Key, bool | None], key: Key, passed: bool) -> None:
    found[key] = passed if found.get(key, passed) == passed else None


def outcomes(games: Games) -> Outcomes:
    """Return the decided executions; `infra` and undecided ones do not count."""
    found = Outcomes()
    for row in games.executions:
        if row["passed"] is not None and row["state"] not in UNDECIDED:
            found.add(row)
    return found


def unmet(games: Games) -> str | None:
    """Return what to say if judged answers were not executed, or not decided; None if all were."""
    passed = outcomes(games)
    sides = {
        (game.row["task_id"], game.row[f"model_{side}"]): passed.of(game, side)
        for game in games.games
        for side in ("a", "b")
        if game.row[f"model_{side}"] != SCALE
    }
    met = sum(result is not None for result in sides.values())
    return None if met == len(sides) else f"executions decide {met} of the {len(sides)} judged answers"


def prefers_failing(games: Games) -> list[Row]:
    """Return for each judge, and each judge and model, how often the failing answer of a (pass, fail) pair is preferred.

    `share` is failing preferred / decided games among such pairs, Wilson interval beside the error by question;
    `longer_when_failing` is how many words the preferred failing answer is longer on average.
    """
    passed = outcomes(games)
    groups: dict[tuple[str, str | None], list[tuple[Game, bool]]] = defaultdict(list)
    for game in games.games:
        left, right = passed.of(game, "a"), passed.of(game, "b")
        if left is None or right is None or left == right or not game.value:
            continue
        fails = (game.value > 0) != left
        judge = games.judges.names[game.judge]
        loser = game.row["model_b"] if left else game.row["model_a"]
        groups[(judge, None)].append((game, fails))
        groups[(judge, loser)].append((game, fails))
    rows = []
    for (judge, model), found in sorted(groups.items(), key=lambda item: (item[0][0], item[0][1] or "")):
        row: Row = {"kind": "prefers_failing", "judge": judge, "failing_model": model}
        row |= rate_row([fails for _, fails in found], [game.cluster for game, _ in found], "preferred")
        rows.append(row | {"longer_when_failing": _longer([game for game, fails in found if fails])})
    return rows


def pass_columns(games: Games) -> list[Row]:
    """Return for each model number its pass rate over its executed answers to the judged tasks.

    `pass_low` and `pass_high` are the rate if all answers that were judged and not executed had failed, or passed.
    """
    rates: list[Row] = []
    seen, due = _by_model(games), _judged(games)
    for name in games.models.names:
        mine, all_of_them = seen.get(name, {}), max(1, len(due.get(name, ())))
        passed = sum(mine.values())
        rate = {"executed": len(mine), "pass_rate": passed / len(mine) if mine else None}
        limits = {"pass_low": passed / all_of_them, "pass_high": (passed + all_of_them - len(mine)) / all_of_them}
        rates.append(rate | limits)
    return rates


def relation(games: Games, names: Sequence[str], gain: Floats, weight: Floats, counts: Floats) -> Row | None:
    """Return Spearman and Kendall of preference score and pass rate over models, with bootstrap intervals by question.

    `gain` and `weight` have the shape (clusters, models in the order of `names`), `counts` (rounds, clusters). The models
    furthest from the line of ranks are `outliers`: more than one third of the field apart (chosen here). Models of which
    too few answers were executed are left out. None with fewer than three.
    """
    seen, due = _by_model(games), _judged(games)
    kept = [
        place
        for place, name in enumerate(names)
        if len(seen.get(name, ())) >= ENOUGH * max(1, len(due.get(name, ()))) and weight[:, place].sum() > 0
    ]
    if len(kept) < 3:
        return None
    passed = np.zeros((len(games.clusters.names), len(kept)))
    ran = np.zeros_like(passed)
    cluster = {game.question: game.cluster for game in games.games}
    for column, place in enumerate(kept):
        for question, result in seen[names[place]].items():
            passed[cluster[question], column] += float(result)
            ran[cluster[question], column] += 1.0
    gain, weight = gain[:, kept], weight[:, kept]
    scores, rates = gain.sum(axis=0) / weight.sum(axis=0), passed.sum(axis=0) / ran.sum(axis=0)
    drawn = zip(bootstrap_means(gain, weight, counts), bootstrap_means(passed, ran, counts), strict=True)
    draws = np.array(
        [(spearman(x, y), kendall(x, y)) for x, y in drawn if not (np.isnan(x).any() or np.isnan(y).any())]
    )
    rho, tau = spearman(scores, rates), kendall(scores, rates)
    intervals = [shifted_interval(found, draws[:, place]) for place, found in enumerate((rho, tau))]
    apart = average_ranks(scores) - average_ranks(rates)
    outliers = [
        {"model": names[place], "score": float(scores[column]), "pass_rate": float(rates[column]), "ranks": float(gap)}
        for column, (place, gap) in enumerate(zip(kept, apart.tolist(), strict=True))
        if abs(gap) > len(kept) / 3
    ]
    return {
        "kind": "preference_and_execution",
        "models": len(kept),
        "spearman": rho,
        "spearman_low": plain(intervals[0][0]),
        "spearman_high": plain(intervals[0][1]),
        "kendall": tau,
        "kendall_low": plain(intervals[1][0]),
        "kendall_high": plain(intervals[1][1]),
        "outliers": sorted(outliers, key=lambda row: -abs(float(str(row["ranks"])))),
    }


def _judged(games: Games) -> dict[str, set[int]]:
    """Return model -> the questions on which it has a game."""
    found: dict[str, set[int]] = defaultdict(set)
    for game in games.games:
        for side in ("a", "b"):
            found[game.row[f"model_{side}"]].add(game.question)
    return found


def _by_model(games: Games) -> dict[str, dict[int, bool]]:
    """Return model -> question number -> whether its answer passed."""
    passed = outcomes(games)
    seen: dict[str, dict[int, bool]] = defaultdict(dict)
    for game in games.games:
        for side in ("a", "b"):
            result = passed.of(game, side)
            if result is not None:
                seen[game.row[f"model_{side}"]][game.question] = result
    return seen


def _longer(games: Sequence[Game]) -> float | None:
    gaps = []
    for game in games:
        left, right = ((game.row.get(f"style_{side}") or {}).get("tokens") for side in ("a", "b"))
        if left is not None and right is not None:
            gap = left - right
            gaps.append(gap if (game.value or 0) > 0 else -gap)
    return sum(gaps) / len(gaps) if gaps else None

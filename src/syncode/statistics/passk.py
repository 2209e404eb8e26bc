"""pass@k and pass^k without bias, with intervals whose unit is the task."""

import math
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from syncode.errors import DataError
from syncode.schemas.records import Row
from syncode.statistics.bounded import mean_interval
from syncode.statistics.proportions import mcnemar

UNDECIDED = frozenset({"infra", "missing"})
"""States that say nothing about the model; every other state counts."""


def pass_at_k(n: int, c: int, k: int) -> float:
    """Return the chance that k of n samples, c of them right, hold a right one: 1 - C(n-c, k) / C(n, k).

    The unbiased estimator of arXiv 2107.03374, from whole numbers. Raises ValueError for k > n, of which it can say nothing.
    """
    _possible(n, c, k)
    return 1.0 - math.comb(n - c, k) / math.comb(n, k)


def pass_hat_k(n: int, c: int, k: int) -> float:
    """Return the chance that all of k samples are right: C(c, k) / C(n, k). Raises ValueError for k > n."""
    _possible(n, c, k)
    return math.comb(c, k) / math.comb(n, k)


def _possible(n: int, c: int, k: int) -> None:
    if not 0 <= c <= n:
        raise ValueError(f"{c} of {n} samples cannot be right")
    if not 1 <= k <= n:
        raise ValueError(f"k = {k} needs at least {k} samples a task, there are {n}")


@dataclass(frozen=True)
class Estimate:
    """A mean over tasks, its standard error (n - 1) and 95 % interval; all fractions."""

    mean: float
    error: float
    low: float
    high: float


def over_tasks(values: Collection[float]) -> Estimate:
    """Return the mean over tasks, values in [0, 1], with Wilson's interval at the effective number of tasks.

    `bounded.mean_interval`: 164 right ones of 164 end at 0.9766, not at 1 on both sides. From one task follow no error and all of
    [0, 1]. Raises ValueError without tasks.
    """
    if not values:
        raise ValueError("no task to take a mean of")
    count, mean = len(values), math.fsum(values) / len(values)
    if count < 2:
        return Estimate(mean, math.nan, 0.0, 1.0)
    error = math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (count - 1) / count)
    low, high = mean_interval(np.array(list(values), dtype=np.float64), np.ones(count))
    return Estimate(mean, error, low, high)


@dataclass
class Tally:
    """States of one model's samples by task. Holds a counter per task: some 300 bytes."""

    states: dict[str, list[str]] = field(default_factory=dict)

    def add(self, task: str, state: str) -> None:
        """Count one sample."""
        self.states.setdefault(task, []).append(state)

    def counted(self) -> dict[str, tuple[int, int]]:
        """Return task -> (samples that count, right ones), without tasks of which nothing counts."""
        pairs = {
            task: (sum(state not in UNDECIDED for state in states), states.count("pass"))
            for task, states in self.states.items()
        }
        return {task: pair for task, pair in pairs.items() if pair[0]}

    def total(self, state: str) -> int:
        """Return how many samples have this state."""
        return sum(states.count(state) for states in self.states.values())


def score_rows(executions: Iterable[Row], tasks: Collection[str], ks: Collection[int]) -> Iterator[Row]:
    """Yield one row per model, suite and k. `tasks`: the ids that should be there, besides those of any model's samples.

    A model without a sample for one of them is `missing` there.

    `suite` is `all`, and for EvalPlus also `base`. `floor` and `ceiling` bound pass@1 were the undecided all wrong or all right.
    Raises DataError for a k above the smallest number of samples.
    """
    for (model, suite), tally in sorted(tallies(executions, tasks).items()):
        counted = tally.counted()
        for k in sorted(ks):
            yield {"model": model, "suite": suite, "k": k, **_scores(model, counted, k), **_undecided(tally, counted)}


def tallies(executions: Iterable[Row], tasks: Collection[str]) -> dict[tuple[str, str], Tally]:
    """Return (model, suite) -> tally, with `missing` filled in for the tasks named here or by the rows of any model."""
    found: dict[tuple[str, str], Tally] = {}
    due: dict[str, dict[str, None]] = {"all": dict.fromkeys(tasks), "base": dict.fromkeys(tasks)}
    for row in executions:
        model, named = row.get("model") or "", row.get("task_id")
        task = str(row["of"] if named is None else named)
        found.setdefault((model, "all"), Tally()).add(task, row["state"])
        if named is not None:
            due["all"].setdefault(task)
        if "parts" in row:
            due["base"].setdefault(task)
            found.setdefault((model, "base"), Tally()).add(task, row["parts"]["base"])
    for (_, suite), tally in found.items():
        for task in due[suite]:
            if task not in tally.states:
                tally.add(task, "missing")
    return found


def _scores(model: str, counted: Mapping[str, tuple[int, int]], k: int) -> Row:
    if not counted:
        return {
            "pass@k": None,
            "low": 0.0,
            "high": 1.0,
            "interval": "wilson",
            "error": None,
            "pass^k": None,
            "tasks": 0,
            "samples": 0,
        }
    few = min(counted, key=lambda task: counted[task][0])
    if counted[few][0] < k:
        raise DataError(f"pass@{k} of {model or 'the model'} needs {k} samples a task; {few} has {counted[few][0]}")
    estimate = over_tasks([pass_at_k(n, c, k) for n, c in counted.values()])
    return {
        "pass@k": estimate.mean,
        "low": estimate.low,
        "high": estimate.high,
        "interval": "wilson",
        "error": None if math.isnan(estimate.error) else estimate.error,
        "pass^k": math.fsum(pass_hat_k(n, c, k) for n, c in counted.values()) / len(counted),
        "tasks": len(counted),
        "samples": sum(n for n, _ in counted.values()),
    }


def _undecided(tally: Tally, counted: Mapping[str, tuple[int, int]]) -> Row:
    right, everything = tally.total("pass"), sum(map(len, tally.states.values()))
    open_ones = sum(tally.total(state) for state in UNDECIDED)
    return {
        "missing": tally.total("missing"),
        "infra": tally.total("infra"),
        "floor": right / everything if everything else 0.0,
        "ceiling": (right + open_ones) / everything if everything else 1.0,
    }


def pair_rows(executions: Iterable[Row], tasks: Collection[str] = ()) -> Iterator[Row]:
    """Yield one row per pair of models: on how many common tasks only one has its first sample right, and McNemar's exact p.

    The first one is that with the first name (`of`), whatever the order of rows. `missing` counts the tasks, of those named here
    or by the rows of any model, on which one of the two has no decided sample.
    """
    samples: dict[str, dict[str, tuple[str, bool]]] = {}
    due = set(tasks)
    for row in executions:
        named = row.get("task_id")
        task = str(row["of"] if named is None else named)
        due |= set() if named is None else {task}
        if row["state"] not in UNDECIDED:
            mine = samples.setdefault(row.get("model") or "", {})
            sample = (str(row["of"]), row["state"] == "pass")
            mine[task] = min(sample, mine.get(task, sample))
    first = {model: {task: passed for task, (_, passed) in found.items()} for model, found in samples.items()}
    models = sorted(first)
    for index, one in enumerate(models):
        for other in models[index + 1 :]:
            common = first[one].keys() & first[other].keys()
            only_one = sum(first[one][task] and not first[other][task] for task in common)
            only_other = sum(first[other][task] and not first[one][task] for task in common)
            p = mcnemar(only_one, only_other)
            yield {
                "model_a": one,
                "model_b": other,
                "tasks": len(common),
                "only_a": only_one,
                "only_b": only_other,
                "p": p,
                "missing": len(due - common),
            }

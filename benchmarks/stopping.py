"""Simulates runs of `judge --until`: how often a claim is wrong at the stop, and what the run costs beside the fixed design.

    python benchmarks/stopping.py                   # 2,000 runs of every cell: minutes on one core
    python benchmarks/stopping.py --runs 200 --only swap
    python benchmarks/stopping.py --sequences       # the confidence sequence beside others of its source

Judges are simulated game by game: each question has a latent difference of the two answers, each game adds noise and the
advantage of the first place, and thresholds make a label of it. Labels become values by the code of `verdicts/designs.py`, and
`statistics/race.py` races them: what is simulated is what `judge` does, at the same borders. The truth is the score over a very
large number of questions (`population`), or the score over all questions of the run (`table`). The fixed design buys everything
and compares pairs once, by paired differences with Holm.
"""

import argparse
import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from syncode.statistics.arrays import Floats, Integers
from syncode.statistics.clusters import paired_differences
from syncode.statistics.distributions import normal_quantile
from syncode.statistics.proportions import holm
from syncode.statistics.race import HALF, Race, Rule
from syncode.statistics.sequences import expected, growth, mixed
from syncode.verdicts.designs import estimate, second_share

QUESTIONS = 397
LABELS = (-2.0, -1.0, 0.0, 1.0, 2.0)
NOISE = 0.7  # of a game, in units of the spread between questions (chosen here)
MUCH = 1.2  # from this difference on an answer is much better (chosen here)


@dataclass(frozen=True)
class Cell:
    """What is simulated: the scores of the contestants against the baseline, the judge, and the design.

    `tie` is half the width of the latent difference that makes a tie, `first` the advantage of the first place.
    """

    name: str
    scores: tuple[float, ...]
    tie: float = 0.15
    first: float = 0.0
    score: Any = "codearena"
    swap: Any = "all"
    about: str = "population"
    width: float | None = None
    missing: float = 0.0
    pairwise: bool = False


CELLS = (
    *(Cell(f"2 models, {score:g}", (score,)) for score in (0.5, 0.6, 0.9)),
    *(Cell(f"2 models, {score:g}, many ties", (score,), tie=0.6) for score in (0.5, 0.6, 0.9)),
    *(Cell(f"2 models, {score:g}, judge follows the first place", (score,), first=1.0) for score in (0.5, 0.6, 0.9)),
    *(Cell(f"2 models, {score:g}, 1 % missing", (score,), missing=0.01) for score in (0.5, 0.9)),
    Cell("3 models, .5 .6", (0.5, 0.6)),
    Cell("5 models, .4 .5 .6 .9", (0.4, 0.5, 0.6, 0.9)),
    Cell("8 models, all alike", (0.5,) * 7),
    Cell("8 models, .3 .4 .5 .5 .6 .6 .9", (0.3, 0.4, 0.5, 0.5, 0.6, 0.6, 0.9)),
    Cell("4 models, every two meet, 0 0 .3 .8", (0.0, 0.0, 0.3, 0.8), score="pairwise", pairwise=True),
    *(Cell(f"2 models, {score:g}, swap close", (score,), swap="close") for score in (0.5, 0.6, 0.9)),
    *(
        Cell(f"2 models, {score:g}, swap close, first place", (score,), first=1.0, swap="close")
        for score in (0.5, 0.6, 0.9)
    ),
    Cell("2 models, .6, three labels, swap close", (0.6,), score="pairwise", swap="close"),
    *(Cell(f"2 models, {score:g}, about the table", (score,), about="table") for score in (0.5, 0.6, 0.9)),
    Cell("5 models, .4 .5 .6 .9, about the table", (0.4, 0.5, 0.6, 0.9), about="table"),
    *(Cell(f"2 models, {score:g}, width=0.15", (score,), width=0.15) for score in (0.5, 0.6, 0.9)),
)


def labels(latent: Floats, cell: Cell, random: np.random.Generator) -> tuple[Integers, Integers]:
    """Return the values of both games from the side of the model, shape as `latent`: game 0 shows the other answer first."""
    made = []
    for sign in (-1, 1):
        seen = latent + NOISE * random.standard_normal(latent.shape) + sign * cell.first
        size = np.where(np.abs(seen) < cell.tie, 0, np.where(np.abs(seen) < MUCH, 1, 2))
        made.append((np.sign(seen) * size).astype(np.int64))
    return made[0], made[1]


def values(games: tuple[Integers, Integers], cell: Cell, random: np.random.Generator) -> tuple[Any, Any, Any]:
    """Return what each unit counts as at least and at most, and the games that it takes, by the code of the product."""
    first, second = games
    gone = random.random(first.shape) < cell.missing
    bought = np.full(first.shape, 2)
    if cell.swap == "close":
        shares = np.array([second_share(value, cell.score) for value in LABELS])
        bought = 1 + (random.random(first.shape) < shares[first + 2])
    both = np.array([[estimate((a, b), cell.score, cell.swap) for b in LABELS] for a in LABELS])
    half = np.array([estimate((a, None), cell.score, cell.swap) for a in LABELS])  # the second game has no verdict
    alone = np.array([estimate((a,), cell.score, cell.swap) for a in LABELS])
    found = np.where((bought == 2)[..., None], both[first + 2, second + 2], alone[first + 2])
    found = np.where((gone & (bought == 2))[..., None], half[first + 2], found)
    return found[..., 0], found[..., 1], bought


def latents(cell: Cell) -> Floats:
    """Return the mean latent difference of each contestant that gives its score; of models that all meet, the scores are it."""
    if cell.pairwise:
        return np.array(cell.scores)
    random = np.random.default_rng(7)
    noise = random.standard_normal(200_000)
    found = []
    for score in cell.scores:
        low, high = -4.0, 4.0
        for _ in range(20 if score != 0.5 else 0):
            middle = (low + high) / 2
            whole = replace(cell, missing=0.0, swap="all")
            mean = values(labels(noise + middle, whole, np.random.default_rng(8)), whole, random)[0].mean()
            low, high = (middle, high) if mean < score else (low, middle)
        found.append(0.0 if score == 0.5 else (low + high) / 2)
    return np.array(found)


def table(cell: Cell, means: Floats, random: np.random.Generator) -> tuple[Any, Any, Any, Any]:
    """Return low, high and the full table, shapes (questions, contestants), and the games of each arm (questions, arms)."""
    count = len(means)
    arms = list(itertools.combinations(range(count), 2)) if cell.pairwise else [(each, HALF) for each in range(count)]
    shift = np.array([means[a] - (means[b] if b != HALF else 0.0) for a, b in arms])
    games = labels(random.standard_normal((QUESTIONS, len(arms))) + shift, cell, random)
    low, high, bought = values(games, cell, random)
    whole, _, _ = values(games, replace(cell, missing=0.0, swap="all"), random)
    if not cell.pairwise:
        return low, high, whole, bought
    mixed = []
    for side, other in ((low, high), (high, low), (whole, whole)):
        mine = [
            np.mean(
                [side[:, at] if a == each else 1 - other[:, at] for at, (a, b) in enumerate(arms) if each in (a, b)], 0
            )
            for each in range(count)
        ]
        mixed.append(np.stack(mine, axis=1))
    return mixed[0], mixed[1], mixed[2], bought


def signs(scores: Floats, race: Race) -> Floats:
    """Return for each pair which side is truly ahead."""
    pairs = [(scores[a], 0.5 if b == HALF else scores[b]) for a, b in race.pairs]
    return np.array([np.sign(round(float(a - b), 9)) for a, b in pairs])


def fixed(whole: Floats, race: Race) -> Floats:
    """Return which side of each pair a fixed design calls ahead: paired differences and Holm at 5 %."""
    columns = np.column_stack([whole, 1 - whole])  # the difference to its own mirror image is twice that to one half
    count = whole.shape[1]
    found = paired_differences(columns, np.ones_like(columns))
    at = [(a, count + a if b == HALF else b) for a, b in race.pairs]
    adjusted = holm([float(found.p[pair]) for pair in at])
    return np.array([np.sign(found.difference[pair]) if p <= 0.05 else 0 for pair, p in zip(at, adjusted, strict=True)])


def misses(race: Race, each: int, score: float) -> bool:
    """Return whether the limits of a contestant at the stop leave out its true score: one of the two capitals is large there."""
    low, high = race.values(each)
    wanted = np.log(2 / race.rule.alpha)
    sides = ((low, score), (1 - high, 1 - score))
    return any(mixed(growth(side, expected(null, side, race.rule.total)).sum(0)) >= wanted for side, null in sides)


def simulate(cell: Cell, runs: int, every: int, seed: int) -> dict[str, float]:
    """Return shares over all runs: wrong claims, games bought, pairs separated, and the same of the fixed design."""
    means = latents(cell)
    rule = Rule(0.05, cell.width, QUESTIONS if cell.about == "table" else None, baseline=not cell.pairwise)
    arms = (
        list(itertools.combinations(range(len(means)), 2)) if cell.pairwise else [(each,) for each in range(len(means))]
    )
    truth = np.array([0.5 if score == 0.5 else score for score in cell.scores])
    total = {
        "wrong": 0.0,
        "games": 0.0,
        "separated": 0.0,
        "fixed_wrong": 0.0,
        "fixed_separated": 0.0,
        "missed": 0.0,
        "reached": 0.0,
    }
    for run in range(runs):
        random = np.random.default_rng([seed, run])
        low, high, whole, bought = table(cell, means, random)
        race, games = Race(len(means), rule), 0
        for start in range(0, QUESTIONS, every):
            active = [at for at, arm in enumerate(arms) if any(each in race.open for each in arm)]
            games += int(bought[start : start + every, active].sum())
            race.advance(low[start : start + every], high[start : start + every])
            if not race.open:
                break
        scores = whole.mean(axis=0) if cell.about == "table" else truth
        right = signs(scores, race)
        total["wrong"] += bool(((race.ahead != 0) & (race.ahead != right)).any())
        total["games"] += games / (2 * bought.size)
        total["separated"] += float((race.ahead != 0).mean())
        total["reached"] += not race.open
        once = fixed(whole, race)
        total["fixed_wrong"] += bool(((once != 0) & (once != signs(truth, race))).any())
        total["fixed_separated"] += float((once != 0).mean())
        if not cell.pairwise:
            spans = [race.limits(each) for each in range(len(means))]
            total["missed"] += float(
                np.mean([not a - 1e-9 <= s <= b + 1e-9 for (a, b), s in zip(spans, scores, strict=True)])
            )
    return {name: value / runs for name, value in total.items()}


def lines(runs: int, every: int, seed: int, only: str) -> Iterator[str]:
    """Yield the table as Markdown, one line per cell."""
    yield "| cell | wrong claim | limits miss | games | separated | fixed: wrong | fixed: separated |"
    yield "|---|---|---|---|---|---|---|"
    for cell in CELLS:
        if only not in cell.name:
            continue
        found = simulate(cell, runs, every, seed)
        missed = "" if cell.pairwise else f"{100 * found['missed']:.1f}"
        goal = f"{100 * found['separated']:.0f}" if cell.width is None else f"width {100 * found['reached']:.0f}"
        yield (
            f"| {cell.name} | {100 * found['wrong']:.1f} | {missed} | {100 * found['games']:.0f} | {goal} | "
            f"{100 * found['fixed_wrong']:.1f} | {100 * found['fixed_separated']:.0f} |"
        )


def grown(values: Floats) -> Floats:
    """Return the log of the product's capital against one half, shape as `values` (runs, questions)."""
    parts = [mixed(np.cumsum(growth(part, np.full(part.shape, 0.5)), axis=1)) for part in np.array_split(values, 40)]
    return np.concatenate(parts)


def past(values: Floats) -> tuple[Floats, Floats, Floats]:
    """Return number, mean and variance as known before each value; they start from one half and one quarter, as published."""
    number = np.arange(1, values.shape[1] + 1)
    mean = (0.5 + np.cumsum(values, axis=1)) / (number + 1)
    spread = (0.25 + np.cumsum((values - mean) ** 2, axis=1)) / (number + 1)
    before = [
        np.concatenate([np.full((len(values), 1), start), part[:, :-1]], axis=1)
        for part, start in ((mean, 0.5), (spread, 0.25))
    ]
    return number, before[0], before[1]


def plugged(values: Floats, alpha: float) -> Floats:
    """Return the log of the capital of the published hedged bets, times alpha / 2: 0 and more excludes one half."""
    number, _, spread = past(values)
    bets = np.minimum(np.sqrt(2 * np.log(2 / alpha) / (spread * number * np.log(number + 1))), 0.5 / 0.5)
    capital: Floats = np.cumsum(np.log1p(bets * (values - 0.5)), axis=1)
    return capital - float(np.log(2 / alpha))


def bernstein(values: Floats, alpha: float) -> Floats:
    """Return the lower limit of the empirical-Bernstein sequence less one half."""
    number, mean, spread = past(values)
    bets = np.minimum(np.sqrt(2 * np.log(2 / alpha) / (spread * number * np.log(number + 1))), 0.5)
    cost = 4 * (values - mean) ** 2 * (-np.log1p(-bets) - bets) / 4
    total = np.cumsum(bets, axis=1)
    limit: Floats = (np.cumsum(bets * values, axis=1) - np.log(2 / alpha) - np.cumsum(cost, axis=1)) / total
    return limit - 0.5


def hoeffding(values: Floats, alpha: float) -> Floats:
    """Return the lower limit of the Hoeffding sequence less one half."""
    number = np.arange(1, values.shape[1] + 1)
    bets = np.minimum(np.sqrt(8 * np.log(2 / alpha) / (number * np.log(number + 1))), 1.0)
    made = np.cumsum(bets * values, axis=1) - np.log(2 / alpha) - np.cumsum(bets**2 / 8)
    limit: Floats = made / np.cumsum(bets)
    return limit - 0.5


def sequences(runs: int, seed: int, alpha: float = 0.05, longest: int = 1000) -> Iterator[str]:
    """Yield a table of confidence sequences: questions until one half is excluded, and how often it is where it is the truth."""
    ways: dict[str, Callable[[Floats], Floats]] = {
        "mixture of bets (`sequences.py`)": lambda x: grown(x) - np.log(2 / alpha),
        "hedged, predictable bets": lambda x: plugged(x, alpha),
        "empirical Bernstein": lambda x: bernstein(x, alpha),
        "Hoeffding": lambda x: hoeffding(x, alpha),
    }
    shares = (0.55, 0.6, 0.7, 0.9)
    yield "| sequence | wrong at .5 | " + " | ".join(f"questions at {share:g}" for share in shares) + " |"
    yield "|---|---|" + "---|" * len(shares)
    drawn = {}
    for share in (0.5, *shares):
        random = np.random.default_rng([seed, int(1000 * share)])
        drawn[share] = random.choice([0.0, 0.5, 1.0], (runs, longest), p=[0.95 - share, 0.1, share - 0.05])
    for name, way in ways.items():
        wrong = ((way(drawn[0.5]) >= 0) | (way(1 - drawn[0.5]) >= 0)).any(axis=1).mean()
        cells = []
        for share in shares:
            known = way(drawn[share]) >= 0
            cells.append(np.where(known.any(axis=1), known.argmax(axis=1) + 1, longest).mean())
        yield f"| {name} | {100 * wrong:.1f} % | " + " | ".join(f"{cell:.0f}" for cell in cells) + " |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=2000)
    parser.add_argument("--every", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="", help="cells whose name holds this text")
    parser.add_argument("--sequences", action="store_true", help="compare confidence sequences instead")
    options = parser.parse_args()
    if options.sequences:
        print("\n".join(sequences(options.runs, options.seed)))
        return
    begun = time.process_time()
    for line in lines(options.runs, options.every, options.seed, options.only):
        print(line, flush=True)
    print(
        f"\n{options.runs} runs per cell, percent; {QUESTIONS} questions, two games each, decided after every {options.every}; ",
        end="",
    )
    print(
        f"a share of 5 % is estimated to +-{100 * normal_quantile(0.95) * (0.05 * 0.95 / options.runs) ** 0.5:.1f}; ",
        end="",
    )
    print(f"{time.process_time() - begun:.0f} s of CPU")


if __name__ == "__main__":
    main()

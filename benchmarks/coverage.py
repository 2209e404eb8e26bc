"""Measures how often the 95 % intervals hold the truth, by simulation with a fixed seed: the tables of docs/judging.md.

    python benchmarks/coverage.py                 # 4,000 draws a cell, some minutes on one core
    python benchmarks/coverage.py --draws 1000 --only score

Every interval is made by the functions that the commands use. A question has two games; with the chance `rho` the second
repeats the first, else it is drawn anew. `ties` is the share of games that are ties.
"""

import argparse
import contextlib
import math
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
from numpy.typing import NDArray

from syncode.errors import DataError
from syncode.stages.leaderboard.control import control_columns, controlled, length_controlled_columns
from syncode.statistics import agreement
from syncode.statistics.bounded import mean_interval, paired_difference
from syncode.statistics.bradley_terry import Games as Columns
from syncode.statistics.bradley_terry import components, fit
from syncode.statistics.chance_corrected import interval
from syncode.statistics.clusters import bootstrap_means, cluster_mean, percentiles, resample
from syncode.statistics.prediction_powered import Labelled, prediction_powered
from syncode.verdicts.games import Game, Games, Numbered
from syncode.verdicts.panels import combined
from syncode.verdicts.units import columns_of, units_of
from syncode.verdicts.weighed import vague

Floats = NDArray[np.float64]
Limits = tuple[float, float]
Interval = Callable[[Floats, Floats], Limits]
SEED = 13
QUESTIONS = (20, 40, 100, 397)
WINS = (0.5, 0.6, 0.9, 0.95, 0.99, 0.02)
EDGES = (0.5, 0.9, 0.95, 0.99, 0.02)


def covered(found: Iterator[Limits], truth: float) -> tuple[float, float]:
    """Return the share of intervals that hold the truth, and their mean width."""
    limits = np.array(list(found))
    held = (limits[:, 0] <= truth + 1e-12) & (limits[:, 1] >= truth - 1e-12)
    return float(held.mean()), float((limits[:, 1] - limits[:, 0]).mean())


def once(make: Callable[[Floats], Limits], samples: Floats) -> Iterator[Limits]:
    """Yield the interval of each sample (along the first axis); equal samples are worked out once."""
    flat = samples.reshape(len(samples), -1)
    unique, inverse = np.unique(flat, axis=0, return_inverse=True)
    made = [make(line.reshape(samples.shape[1:])) for line in unique]
    return (made[place] for place in inverse.ravel().tolist())


def double_games(random: np.random.Generator, win: float, rho: float, ties: float, shape: tuple[int, int]) -> Floats:
    """Return the mean outcome of two games per question, sorted within each draw: the order of questions does not matter."""
    decided = (win - ties / 2) / (1 - ties)

    def game() -> Floats:
        draw = random.random(shape)
        return np.where(draw < ties, 0.5, (draw < ties + (1 - ties) * decided).astype(np.float64))

    first = game()
    return np.sort((first + np.where(random.random(shape) < rho, first, game())) / 2, axis=1)


def ours(gain: Floats, weight: Floats) -> Limits:
    return mean_interval(gain, weight)


def _evenly(method: Callable[[Floats, Floats], Limits], gain: Floats) -> Limits:
    return method(gain, np.ones(len(gain)))


def student(gain: Floats, weight: Floats) -> Limits:
    mean = cluster_mean(gain, weight)
    low, high = mean.robust()
    return low, high


def redrawn(gain: Floats, weight: Floats) -> Limits:
    counts = resample(len(gain), 400, SEED)
    low, high = percentiles(bootstrap_means(gain[:, None], weight[:, None], counts))
    return float(low[0]), float(high[0])


def table(head: list[str], lines: list[list[str]]) -> None:
    print("| " + " | ".join(head) + " |")
    print("| " + " | ".join("---:" for _ in head) + " |")
    for line in lines:
        print("| " + " | ".join(line) + " |", flush=True)
    print()


def mark(share: float) -> str:
    """Return a coverage in percent; `*` above 97, `!` below 93."""
    return f"{100 * share:.1f}{'!' if share < 0.93 else '*' if share > 0.97 else ''}"


def score(draws: int) -> None:
    print("Scores: coverage in % of the default interval (two games per question)\n")
    random = np.random.default_rng(SEED)
    lines = []
    for questions in QUESTIONS:
        for win in WINS:
            line = [str(questions), f"{win}"]
            for rho in (0.5, 1.0):
                for part in (0.0, 0.3):
                    ties = part * 2 * min(win, 1 - win)
                    games = double_games(random, win, rho, ties, (draws, questions))
                    share, _ = covered(once(lambda gain: ours(gain, np.ones(len(gain))), games), win)
                    line.append(mark(share))
            lines.append(line)
    table(["questions", "win", "rho .5", "rho .5, ties", "rho 1", "rho 1, ties"], lines)


def mostly_ties(draws: int) -> None:
    print("Mostly ties: coverage in % of the default interval, by the share of wins among what is decided\n")
    random = np.random.default_rng(SEED)
    lines = []
    for questions in QUESTIONS:
        for ties in (0.6, 0.8, 0.9, 0.95, 0.98):
            line = [str(questions), f"{ties}"]
            for win in (0.5, 0.8, 1.0):
                shares = [(1 - ties) * win, ties, (1 - ties) * (1 - win)]
                games = np.sort(random.choice([1.0, 0.5, 0.0], (draws, questions), p=shares), axis=1)
                found = once(partial(_evenly, ours), games)
                line.append(mark(covered(found, shares[0] + ties / 2)[0]))
            lines.append(line)
    table(["questions", "ties", "win .5", "win .8", "win 1"], lines)


def methods(draws: int) -> None:
    print("Methods: coverage in %, rho 1, no ties\n")
    random = np.random.default_rng(SEED)
    lines = []
    for questions in (40, 100, 397):
        for win in (0.5, 0.9, 0.99):
            games = double_games(random, win, 1.0, 0.0, (draws, questions))
            found = [covered(once(partial(_evenly, method), games), win)[0] for method in (ours, student, redrawn)]
            lines.append([str(questions), f"{win}", *map(mark, found)])
    table(["questions", "win", "wilson", "cluster", "bootstrap"], lines)


def weighted(draws: int) -> None:
    print("Arena-Hard weights (much better weighs 3) and few clusters of many games\n")
    random = np.random.default_rng(SEED)
    lines = []
    for questions in QUESTIONS:
        for win in (0.6, 0.9, 0.99):
            won = random.random((draws, questions, 2)) < win
            won[:, :, 1] = np.where(random.random((draws, questions)) < 0.5, won[:, :, 0], won[:, :, 1])
            weight = np.where(random.random(won.shape) < np.where(won, 0.3, 0.6), 3.0, 1.0)
            truth = win * 1.6 / (win * 1.6 + (1 - win) * 2.2)
            pair = np.stack([(won * weight).sum(axis=2), weight.sum(axis=2)], axis=1)
            lines.append(
                ["arena-hard", str(questions), f"{win}", mark(covered((ours(*one) for one in pair), truth)[0])]
            )
    for clusters in (5, 8, 13, 20):
        for win, games in ((0.5, 10), (0.5, 100), (0.8, 10), (0.95, 10)):
            rates = random.beta(2 * win, 2 * (1 - win), (draws, clusters))
            hits = random.binomial(games, rates).astype(np.float64)
            held = covered((ours(one, np.full(clusters, float(games))) for one in hits), win)[0]
            lines.append([f"clusters of {games} games", str(clusters), f"{win}", mark(held)])
    table(["what", "questions", "win", "coverage"], lines)


def agreements(draws: int) -> None:
    draws = draws // 4  # slower than the others
    print(f"Agreement of two raters: coverage in % of kappa, AC1 and alpha, {draws} draws\n")
    random = np.random.default_rng(SEED)
    lines = []
    for units in (20, 40, 100):
        for agree in (0.7, 0.9, 0.99):
            for share in ((0.5, 0.5), (0.45, 0.1, 0.45), (0.6, 0.1, 0.3)):
                labels = np.array(share)
                chance = float((labels**2).sum())
                both = (agree - chance) / (1 - chance)
                joint = both * np.diag(labels) + (1 - both) * np.outer(labels, labels)
                cells = random.multinomial(units, joint.ravel(), draws)
                line = [str(units), f"{agree}", " ".join(f"{value:g}" for value in share)]
                for name in ("kappa", "ac1", "alpha"):
                    found = list(once(partial(_agreement, name=name), cells.astype(np.float64)))
                    known = [limits for limits in found if not math.isnan(limits[0])]
                    line.append(mark(covered(iter(known), _truth(joint, name))[0]))
                lines.append(line)
    table(["units", "agree", "labels", "kappa", "AC1", "alpha"], lines)


def _agreement(counts: Floats, name: str) -> Limits:
    size = math.isqrt(len(counts))
    units = np.zeros((int(counts.sum()), size, size))
    places = np.repeat(np.arange(size * size), counts.astype(int))
    units[np.arange(len(units)), places // size, places % size] = 1
    if name == "alpha":
        return interval(units + units.transpose(0, 2, 1), agreement.alpha_disagreement)
    return interval(units, agreement.cohen_disagreement if name == "kappa" else agreement.gwet_disagreement)


def _truth(joint: Floats, name: str) -> float:
    if name == "alpha":
        return agreement.alpha_of((joint + joint.T) * 1e12)
    return agreement.cohen(joint) if name == "kappa" else agreement.gwet(joint)


def labels(draws: int) -> None:
    print("Corrected win rates (prediction-powered), 400 judged items without a label\n")
    random = np.random.default_rng(SEED)
    lines = []
    for count in (10, 20, 40, 100):
        for win in (0.5, 0.9, 0.97):
            line = [str(count), f"{win}"]
            for skill, won in ((0.0, 0.5), (0.6, 0.5), (0.95, 0.5), (0.7, 1.0), (0.9, 1.0), (0.9, 0.0)):
                human = (random.random((draws, count + 400)) < win).astype(np.float64)
                guess = random.random(human.shape) < won
                judge = np.where(random.random(human.shape) < skill, human, guess)
                found = (
                    prediction_powered(Labelled(h[:count], j[:count], j[count:])).interval()
                    for h, j in zip(human, judge, strict=True)
                )
                line.append(mark(covered(found, win)[0]))
            lines.append(line)
    judges = [
        "guesses",
        "knows 60 %",
        "knows 95 %",
        "knows 70 %, else win",
        "knows 90 %, else win",
        "knows 90 %, else loss",
    ]
    table(["labels", "win", *judges], lines)


def pairs(draws: int) -> None:
    print("Paired differences: coverage in %, and how often p < 0.05 if there is no difference\n")
    random = np.random.default_rng(SEED)
    lines = []
    for questions in QUESTIONS:
        for first, second in ((0.5, 0.5), (0.95, 0.95), (0.6, 0.5), (0.99, 0.9)):
            hard = random.random((draws, questions))
            other = np.where(random.random(hard.shape) < 0.5, hard, random.random(hard.shape))
            apart = np.sort((hard < first).astype(np.float64) - (other < second), axis=1)
            found = list(once(lambda one: paired_difference(one)[1:], apart))  # type: ignore[arg-type,return-value]
            held = covered(((low, high) for low, high, _ in found), first - second)[0]  # type: ignore[misc]
            wrong = float(np.mean([p < 0.05 for _, _, p in found]))  # type: ignore[misc]
            lines.append([str(questions), f"{first} and {second}", mark(held), f"{100 * wrong:.1f}"])
    table(["questions", "wins", "coverage", "p < 0.05"], lines)


def labels_by_weight(draws: int) -> None:
    draws = draws // 4
    print(
        f"Corrected win rates, labels by design and in clusters, {draws} draws; the judge knows 60 % and guesses the rest\n"
    )
    random = np.random.default_rng(SEED)
    lines = []
    for count in QUESTIONS:
        for win in EDGES:
            found = [_corrected(random, count, win, how, draws) for how in ("weighed", "clusters")]
            lines.append([str(count), f"{win}", *(mark(covered(iter(limits), win)[0]) for limits in found)])
    table(["labels", "win", "wins and losses of the judge labelled alike", "three pairs per question"], lines)


def _corrected(random: np.random.Generator, count: int, win: float, how: str, draws: int) -> list[Limits]:
    """Return intervals from `count` labels among three times as many verdicts.

    `weighed`: half of the labels where the judge says win, half where it says loss, with the weights that make up for it.
    `clusters`: three pairs of answers per question, half of them decided alike, and one of them labelled.
    """
    made = []
    for _ in range(draws):
        alike = random.random((count, 1)) < (0.5 if how == "clusters" else 0.0)
        shared, own = random.random((count, 1)), random.random((count, 3))
        human = (np.where(alike, shared, own) < win).astype(np.float64).ravel()
        judge = np.where(random.random(human.shape) < 0.6, human, random.random(human.shape) < 0.5)
        question = np.repeat(np.arange(count), 3)
        chosen = np.zeros(len(human), dtype=bool)
        weight = None
        if how == "clusters":
            chosen[::3] = True
        else:
            says = [np.flatnonzero(judge == label) for label in (0.0, 1.0)]
            few = min(count // 2, *(len(each) for each in says))
            sizes = [few, count - few] if len(says[0]) < len(says[1]) else [count - few, few]
            weight = np.ones(len(human))
            for each, size in zip(says, sizes, strict=True):
                chosen[random.choice(each, size, replace=False)] = True
                weight[each] = len(each) / max(size, 1)
            question = np.arange(len(human))
        data = Labelled(
            human[chosen],
            judge[chosen],
            judge[~chosen],
            None if weight is None else weight[chosen],
            question[chosen],
            question[~chosen],
        )
        made.append(prediction_powered(data).interval())
    return made


def panels(draws: int) -> None:
    draws = draws // 10
    print(
        f"Weighed panels (Dawid and Skene): coverage of the right win rate, {draws} draws, a third of them for three contestants"
    )
    print(
        "or 397 questions; judges right in 90, 80 and 70 % of the games, some of them ties (`no ties`: three right in 80 %)\n"
    )
    lines = []
    for questions in QUESTIONS:
        random = np.random.default_rng(SEED + questions)
        for win in EDGES:
            line = [str(questions), f"{win}"]
            for skill, ties, others in (
                ((0.9, 0.8, 0.7), 0.1, ()),
                ((0.9, 0.8, 0.7), 0.1, (0.7, 0.3)),
                ((0.8,) * 3, 0.0, ()),
            ):
                few = draws // 3 if others or questions > 100 else draws
                found = [_panel(random, questions, (win, *others), skill, ties) for _ in range(few)]
                line.append(mark(covered(iter(found), win)[0]))
            lines.append(line)
    table(["questions", "win", "one contestant", "the first of three", "no ties"], lines)


def _panel(
    random: np.random.Generator, questions: int, wins: tuple[float, ...], skill: tuple[float, ...], ties: float
) -> Limits:
    """Return the interval of the first contestant against a baseline, from one game per question before each judge."""
    base = len(wins)
    names = Numbered.sorted_from(f"q{number:03}" for number in range(questions))
    table = Games(
        models=Numbered.sorted_from([f"m{place}" for place in range(base + 1)]), questions=names, baseline=base
    )
    table.clusters, table.judges = names, Numbered.sorted_from(f"j{place}" for place in range(len(skill)))
    for model, win in enumerate(wins):
        tie = 2 * ties * min(win, 1 - win)
        draw = random.random(questions)
        right = np.where(draw < tie, 0, np.where(draw < win + tie / 2, 1, -1))
        for judge, often in enumerate(skill):
            wrong = (right + 1 + random.integers(1, 3, questions)) % 3 - 1 if ties else -right
            said = np.where(random.random(questions) < often, right, wrong)
            for question, value in enumerate(said.tolist()):
                place = len(table.games)
                game = Game(question, judge, model, base, float(value), "ok", 0, model, {}, question, place)
                table.games.append(game)
    whole = combined(table, "dawid-skene")
    gain, weight = columns_of(units_of(whole), whole)
    return cluster_mean(gain[:, 0], weight[:, 0], 1.0, float(vague(whole)[0])).interval()


def ratings(draws: int) -> None:
    draws = draws // 4
    print(
        f"Bradley-Terry ratings of the first of five models, each pair once per question, {draws} draws; `win` is its chance"
    )
    print(
        "against each of the others; in half of the questions one draw decides all games. `none` is the share without interval\n"
    )
    random = np.random.default_rng(SEED)
    first, second = np.triu_indices(5, 1)
    lines = []
    for questions in QUESTIONS:
        for win in EDGES:
            strength = np.array([math.log(win / (1 - win)), 0, 0, 0, 0])
            chance = 1 / (1 + np.exp(strength[second] - strength[first]))
            truth = float(strength[0] - strength.mean())
            found, none = [], 0
            for _ in range(draws):
                alike = random.random((questions, 1)) < 0.5
                drawn = np.where(alike, random.random((questions, 1)), random.random((questions, len(first))))
                won = (drawn < chance).astype(np.float64).ravel()
                sides = np.tile(first, questions), np.tile(second, questions)
                games = Columns(5, sides[0], sides[1], won, np.ones(len(won)))
                apart = components(games.wins())
                if len(set(apart.tolist())) > 1:
                    none += 1
                    continue
                fitted = fit(games, np.repeat(np.arange(questions), len(first)))
                low, high = fitted.intervals(questions)
                found.append((float(low[0]), float(high[0])))
            held = mark(covered(iter(found), truth)[0]) if len(found) > draws / 10 else "-"
            lines.append([str(questions), f"{win}", held, f"{100 * none / draws:.1f}"])
    table(["questions", "win", "coverage", "none"], lines)


def controls(draws: int) -> None:
    print(
        f"Length-controlled win rates, {draws // 8} draws (`controlled`: {draws // 20}); `win` is the rate at equal lengths, one"
    )
    print(
        "standard deviation of the lengths' difference is worth a unit of log-odds, and the mean answer is longer by a quarter\n"
    )
    random = np.random.default_rng(SEED)
    lines = []
    for questions in QUESTIONS:
        for win in EDGES:
            alone, fitted = [], []
            for _ in range(draws // 8):
                row = length_controlled_columns(_lengths(random, questions, win, np.tanh))[0]
                alone.append((row["lc_low"], row["lc_high"]))
            for _ in range(draws // 20):
                games = _lengths(random, questions, win, lambda gap: gap)
                with contextlib.suppress(DataError):
                    row = control_columns(games, controlled(games, ("tokens",), 1e-6))[0]
                    fitted.append((row["controlled_low"], row["controlled_high"]))
            lines.append([str(questions), f"{win}", *(mark(covered(iter(found), win)[0]) for found in (alone, fitted))])
    table(["questions", "win", "lc", "controlled"], lines)


def _lengths(random: np.random.Generator, questions: int, win: float, effect: Callable[[Floats], Floats]) -> Games:
    """Return one game per question against the baseline, lengths in the rows; their sums are equal."""
    names = Numbered.sorted_from(f"q{number:03}" for number in range(questions))
    table = Games(models=Numbered.sorted_from(["m", "z"]), questions=names, baseline=1)
    table.clusters, table.judges = names, Numbered.sorted_from(["j"])
    gap = random.normal(0.25, 1, questions)
    won = random.random(questions) < 1 / (1 + np.exp(-math.log(win / (1 - win)) - effect(gap)))
    for question in range(questions):
        style = {f"style_{side}": {"tokens": 1000 + sign * gap[question]} for side, sign in (("a", 50), ("b", -50))}
        value = 1.0 if won[question] else -1.0
        table.games.append(Game(question, 0, 0, 1, value, "ok", 0, 0, style, question, question))
    return table


PARTS = {
    "score": score,
    "ties": mostly_ties,
    "methods": methods,
    "weighted": weighted,
    "agreement": agreements,
    "labels": labels,
    "labels-by-weight": labels_by_weight,
    "panels": panels,
    "ratings": ratings,
    "controls": controls,
    "pairs": pairs,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=4000)
    parser.add_argument("--only", choices=PARTS, action="append", help="some of the tables")
    options = parser.parse_args()
    for name in options.only or PARTS:
        PARTS[name](options.draws)


if __name__ == "__main__":
    main()

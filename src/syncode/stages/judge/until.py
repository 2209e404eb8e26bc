"""Buys games round by round until a goal is reached, and says what was saved."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any, Protocol

from syncode.engines.pacing.estimate import Estimated
from syncode.errors import DataError, UsageError
from syncode.schemas.records import Row
from syncode.stages.judge.settings import JudgeOptions
from syncode.statistics.race import Race
from syncode.stream.rounds import Rounds
from syncode.verdicts import protocols
from syncode.verdicts.designs import SCORES, Design, order, values_of, width_of
from syncode.verdicts.forecasts import forecast, pilot
from syncode.verdicts.forecasts import lines as forecast_lines
from syncode.verdicts.stopped import Standing, standing

SHOWN = 12
"""Pairs that are named one by one (chosen here)."""


class Spent(Protocol):
    """What a run has used: `engines.Uses`."""

    def line(self) -> str: ...

    def as_row(self) -> dict[str, Any]: ...


def check(options: JudgeOptions, protocol: protocols.Protocol) -> None:
    """Raise UsageError if the options of `--until` make no sense together or with the protocol."""
    if options.until is None:
        return
    width_of(options.until)
    if protocol.shows == "answers" or protocol.score not in SCORES:
        known = ", ".join(p.name for p in protocols.PROTOCOLS.values() if p.shows != "answers" and p.score in SCORES)
        raise UsageError(
            f"--until does not fit --protocol {protocol.name}: its score is not a mean (those are: {known})"
        )
    if options.swap == "close":
        if protocol.shows != "pair" or (options.games or protocol.games) < 2:
            raise UsageError("--swap close needs a protocol that plays two games per pair")
        if options.about == "table":
            raise UsageError(
                "--swap close and --about table exclude each other: the games left out are estimated by a draw"
            )


class Until:
    """Steers one run: `rows` are the items in rounds, `watched` the stage; what has landed can be looked at at any time.

    Which items a round holds follows from the order of the questions and from the verdicts of the rounds before, never from the
    order of arrival: the same journal leads to the same rows. Overshoot: up to `every` - 1 questions beyond the one that decided.
    Holds all items and verdicts in memory.
    """

    def __init__(self, options: JudgeOptions, protocol: protocols.Protocol, seed: int, *, gated: bool = True) -> None:
        assert options.until is not None
        games = (options.games or protocol.games) if protocol.shows == "pair" else 1
        self._fixed: dict[str, Any] = {
            "until": options.until,
            "alpha": options.alpha,
            "seed": seed,
            "every": options.every,
            "about": options.about,
            "swap": options.swap,
            "score": protocol.score,
            "games": games,
        }
        self._each = games * options.repeat * max(1, len(options.judge))
        self._gated = gated
        self._places: dict[str, int] = {}
        self._landed: dict[Hashable, list[Row]] = {}
        self._items: list[Row] = []
        self.design: Design | None = None

    def rows(self, items: Iterable[Row]) -> Iterator[Row]:
        """Yield canaries, the rounds, and what is not judged at all. It waits for the stage between rounds."""
        held = list(items)
        self._items = [item for item in held if "unwanted" not in item and not item.get("canary")]
        for name in sorted(
            (str(item["task"]["id"]) for item in self._items), key=lambda n: (order(self._fixed["seed"], n), n)
        ):
            self._places.setdefault(name, len(self._places))
        baselines = {item.get("baseline") for item in self._items}
        self.design = Design(
            **self._fixed,
            baseline=baselines.pop() if len(baselines) == 1 else None,
            questions=len(self._places),
            possible=len(self._items) * self._each,
        )
        aside = [item for item in held if "unwanted" in item]
        yield from chain((item for item in held if item.get("canary")), self._rounds.rows(), aside)

    def watched(self, stage: Callable[[Row], Awaitable[list[Row]]]) -> Callable[[Row], Awaitable[list[Row]]]:
        """Return the stage; its verdicts say by which design they were bought."""

        async def marked(item: Row) -> list[Row]:
            rows = await stage(item)
            if "unwanted" in item or item.get("canary"):
                return rows
            assert self.design is not None
            mark = self.design.mark(self._places[str(item["task"]["id"])])
            rows = [{**row, "design": mark} for row in rows]
            self._landed[_key(item)] = rows
            return rows

        self._rounds = Rounds(self._plan(), _key)
        return self._rounds.watched(marked)

    def _plan(self) -> Generator[Sequence[Row], Sequence[list[Row]], None]:
        assert self.design is not None
        names = sorted({name for item in self._items for name in _contestants(item)})
        race = Race(len(names), self.design.rule())
        ordered = sorted(self._items, key=lambda item: (self._places[str(item["task"]["id"])], _key(item)))
        if not self._gated:
            yield ordered
            return
        every = self.design.every
        for start in range(0, len(self._places), every):
            playing = {names[each] for each in race.open}
            places = range(start, min(start + every, len(self._places)))
            made = yield [
                item
                for item in ordered
                if self._places[str(item["task"]["id"])] in places and playing & set(_contestants(item))
            ]
            race.advance(*values_of(chain(*made), self.design, names, places))
            if not race.open:
                return

    def standing(self) -> Standing | None:
        """Return where the run stands by all that has landed; None if nothing has."""
        rows = [row for key in self._landed for row in self._landed[key] if "drop" not in row]
        return standing(rows, self.design) if rows and self.design else None

    def lines(self, spent: Spent) -> list[str]:
        """Return where the run stands and what was saved, for people."""
        found = self.standing()
        return [] if found is None else lines(found, spent)

    def foretold(self, estimated: Estimated, seed: int) -> Estimated:
        """Return an estimate of calls with what the goal needs below it."""
        return Estimated("\n".join([str(estimated), *self.forecast(seed)]))

    def forecast(self, seed: int) -> list[str]:
        """Return how many games the goal needs by what has landed, for people."""
        assert self.design is not None
        rows = [row for key in self._landed for row in self._landed[key] if "drop" not in row]
        try:
            found = forecast(pilot(rows, self.design), self.design, seed)
        except DataError as error:
            return [f"--until {self.design.until}: no forecast ({error}; --estimate-calls N asks N of them)"]
        return forecast_lines(found, self.design)

    def account(self, spent: Spent) -> Account:
        """Return the account of the run with what was saved beside what was spent."""
        return Account(spent, self)


def _contestants(item: Row) -> tuple[str, ...]:
    """Return the models whose standing an item tells something of."""
    if "model" in item:
        return (item["model"],)
    sides = (item["left"]["model"], item["right"]["model"])
    return sides if item["baseline"] is None else sides[1:]


def _key(item: Row) -> tuple[str, ...]:
    """Return what an item is known by: question and models; nothing if it is not judged or a canary."""
    if "task" not in item or item.get("canary"):
        return ()
    sides = (item["model"],) if "model" in item else (item["left"]["model"], item["right"]["model"])
    return (str(item["task"]["id"]), *sides)


@dataclass(frozen=True)
class Account:
    """What a run used, and what it did not have to."""

    spent: Spent
    until: Until

    def line(self) -> str:
        """Return what was used, for people; what was saved stands in `lines`, behind the counts."""
        return self.spent.line()

    def as_row(self) -> dict[str, Any]:
        """Return both as JSON values, for `--summary`."""
        found = self.until.standing()
        return self.spent.as_row() | ({} if found is None else {"until": as_row(found, self.spent)})


def as_row(found: Standing, spent: Spent) -> Row:
    """Return a standing as JSON values: the design, games, what was saved, scores with limits, and pairs."""
    design = found.design
    saved = found.saved()
    used = spent.as_row().get("requests", {})
    price = used["usd"] / used["asked"] if used.get("usd") is not None and used.get("asked") else None
    share = found.bought.asked / found.bought.games if found.bought.games else 0.0
    return {
        "goal": design.until,
        "reached": not found.open,
        "alpha": design.alpha,
        "about": design.about,
        "swap": design.swap,
        "order_seed": design.seed,
        "every": design.every,
        "games": {"bought": found.bought.games, "possible": design.possible},
        "questions": design.questions,
        "saved": {**saved, "usd": None if price is None else round(price * saved["games"] * share, 6)},
        "models": found.models,
        "pairs": found.pairs,
    }


def lines(found: Standing, spent: Spent) -> list[str]:
    """Return a standing for people: what was bought and saved, and what may be claimed."""
    row = as_row(found, spent)
    games, saved = row["games"], row["saved"]
    money = "" if saved["usd"] is None else f", {saved['usd']:.4f} USD"
    share = games["bought"] / games["possible"] if games["possible"] else 0.0
    goal = "reached" if row["reached"] else f"not reached for {', '.join(found.open)}"
    text = [
        f"--until {row['goal']}: {goal}; {games['bought']} of {games['possible']} games bought ({100 * share:.1f} %), "
        f"{saved['games']} saved (about {saved['tokens']:,} tokens{money})"
    ]
    separated = [pair for pair in found.pairs if pair["ahead"] is not None]
    text.append(
        f"{len(separated)} of {len(found.pairs)} pairs separated, all together wrong with a chance of {row['alpha']:g} at most"
    )
    if len(separated) <= SHOWN:
        for pair in separated:
            behind = pair["model_b"] if pair["ahead"] == pair["model_a"] else pair["model_a"]
            text.append(f"  {pair['ahead']} is ahead of {behind}: known after {pair['questions']} questions")
    for each in found.models:
        score = "no verdict" if each["score"] is None else f"{100 * each['score']:.1f}"
        text.append(
            f"  {each['model']}: {score} ({100 * each['low']:.1f} to {100 * each['high']:.1f}), {each['questions']} questions"
        )
    return text


def estimates(
    rows: Iterable[Row], options: JudgeOptions, questions: int | None, seed: int
) -> tuple[list[Row], list[str]]:
    """Return the forecast of a goal from verdicts that are there, as rows and for people; at most `questions` can be asked.

    Raises UsageError for a goal or protocol that `--until` does not know, DataError for verdicts that cannot be a pilot.
    """
    if options.until is None:
        raise UsageError("--until GOAL is needed: separated, or width=W")
    held = [row for row in rows if "canary" not in row and ("model_a" in row or "points" in row)]
    names = {row.get("protocol") for row in held}
    baselines = {row.get("baseline") for row in held}
    if len(names) != 1 or len(baselines) != 1:
        raise DataError(
            f"a pilot has verdicts of one protocol and one baseline, these have {len(names)} and {len(baselines)}"
        )
    protocol = protocols.protocol_named(str(names.pop()))
    check(replace(options, protocol=protocol.name), protocol)
    if options.about == "table" and questions is None:
        raise UsageError("--about table needs --questions N: how many questions the table has")
    design = Design(
        until=options.until,
        alpha=options.alpha,
        seed=seed,
        every=options.every,
        about=options.about,
        swap="close" if any((row.get("design") or {}).get("swap") == "close" for row in held) else "all",
        score=protocol.score,
        games=max((int(row.get("game", 0)) + 1 for row in held), default=1),
        baseline=baselines.pop(),
        questions=questions or 0,
        possible=0,
    )
    found = forecast(pilot(held, design), design, seed)
    return found, forecast_lines(found, design)

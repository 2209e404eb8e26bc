"""Verdict rows as columns: who met whom on which question, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

from syncode.errors import DataError, RowError, unknown
from syncode.schemas.check import checker
from syncode.schemas.records import Execution, Row, Verdict
from syncode.verdicts.labels import VALUES, a_stands_first, canonical, counts
from syncode.verdicts.protocols import PROTOCOLS, Protocol, Score

Design = Literal["open", "baseline", "all"]
"""Who should have met: no two models in particular, every model the baseline, or every two models; on every question."""
SCALE = "(the scale)"
"""Stands as the opponent of answers that were graded one by one."""


@dataclass
class Numbered:
    """Gives each name a number, in order of first appearance."""

    names: list[str] = field(default_factory=list)
    number: dict[str, int] = field(default_factory=dict)

    def of(self, name: str) -> int:
        """Return the number of a name."""
        found = self.number.get(name)
        if found is None:
            found = self.number[name] = len(self.names)
            self.names.append(name)
        return found


@dataclass(frozen=True)
class Game:
    """One verdict; `shown_first` is the model whose answer stood first (None: the row does not say).

    `value` is -2..2 from the side of model `a` (4 * share - 2 for a share), None if it is missing.
    """

    question: int
    judge: int
    a: int
    b: int
    value: float | None
    state: str
    repeat: int
    shown_first: int | None
    row: Row

    def pair(self) -> tuple[object, ...]:
        """Return what the games of one pair share: question, judge and settings, protocol, models and answers, and the repeat."""
        answers = sorted((str(self.row.get("answer_a") or ""), str(self.row.get("answer_b") or "")))
        models = (min(self.a, self.b), max(self.a, self.b))
        return (
            self.row["task_id"],
            self.question,
            self.judge,
            self.row.get("settings_sha"),
            self.row.get("protocol"),
            *models,
            *answers,
            self.repeat,
        )


@dataclass
class Games:
    """All games of a run with the names behind the numbers.

    About 0.5 KB per game besides the row itself. `baseline` is the model that everybody met, None if there is none; `design` says
    who should have met, and `most` how many games of a pair the protocol plays.
    """

    models: Numbered = field(default_factory=Numbered)
    questions: Numbered = field(default_factory=Numbered)
    judges: Numbered = field(default_factory=Numbered)
    games: list[Game] = field(default_factory=list)
    executions: list[Row] = field(default_factory=list)
    canaries: list[Row] = field(default_factory=list)
    score: Score = "plain"
    baseline: int | None = None
    design: Design = "open"
    most: int = 2

    def labels_of(self, name: str) -> dict[int, str]:
        """Return question number -> the value of a field such as `category`, as the first row that has it says."""
        found: dict[int, str] = {}
        for game in self.games:
            if game.question not in found and game.row.get(name) is not None:
                value = game.row[name]
                found[game.question] = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        return found

    def need_field(self, name: str, flag: str) -> None:
        """Raise UsageError, with the nearest names, for a field that no verdict has."""
        if any(game.row.get(name) is not None for game in self.games):
            return
        known = dict.fromkeys(key for game in self.games for key, value in game.row.items() if _groups(value))
        raise unknown("field", name, known, flag)


def _groups(value: object) -> bool:
    """Return whether games can be told apart by a value: words, numbers or lists of them."""
    return isinstance(value, str | int | float | list) and value != ""


@dataclass(frozen=True)
class Choice:
    """Which games to take and how to count them; None means: as the rows say."""

    score: Score | None = None
    baseline: str | None = None
    judges: Sequence[str] = ()
    cluster: str = "task_id"


def collect(rows: Iterable[Row], choice: Choice) -> Games:
    """Return the games of verdict rows; execution rows are set aside, canaries are left out.

    Raises RowError for a row that is neither and for a label that is none of the five, DataError if there is no game.
    """
    table = Games()
    protocols: set[str] = set()
    aggregates: dict[str, Score] = {name: protocol.score for name, protocol in PROTOCOLS.items()}
    baselines: set[str] = set()
    seen: dict[str, None] = {}
    check_verdict, check_execution = checker(Verdict), checker(Execution)
    for row in rows:
        if "points" in row and "model_a" not in row:
            row = _graded(row)
        if "model_a" not in row:
            wrong = check_execution(row)
            if wrong:
                raise RowError(f"neither a verdict (no 'model_a') nor an execution: {wrong}")
            table.executions.append(row)
            continue
        wrong = check_verdict(row)
        if wrong:
            raise RowError(wrong)
        if row.get("canary"):
            table.canaries.append(row)
            continue
        seen[row.get("judge", "")] = None
        if choice.judges and row.get("judge", "") not in choice.judges:
            continue
        protocols.add(_protocol_of(row, aggregates))
        if row.get("baseline"):
            baselines.add(row["baseline"])
        table.games.append(_game(row, table, choice.cluster))
    for name in choice.judges:
        if seen and name not in seen:
            raise unknown("judge", name, filter(None, seen))
    if not table.games:
        raise DataError(f"no verdict to count: {_instead(table)}")
    if choice.cluster != "task_id":
        table.need_field(choice.cluster, "--cluster")
    known = [PROTOCOLS[name] for name in sorted(protocols) if name in PROTOCOLS]
    table.score = choice.score or _score_of(protocols, aggregates)
    table.most = max((protocol.games for protocol in known), default=table.most)
    _find_design(table, choice.baseline, baselines, known if len(known) == len(protocols) else [])
    table.games = _latest(table.games)
    return table


def _instead(table: Games) -> str:
    """Return what came in place of verdicts that count."""
    kinds = (("canary", "canaries", table.canaries), ("execution", "executions", table.executions))
    found = [f"{len(rows)} {one if len(rows) == 1 else many}" for one, many, rows in kinds if rows]
    hint = " (`execute score` counts executions)" if table.executions else ""
    return f"these are {' and '.join(found)}{hint}" if found else "the input is empty, or all of it dropped"


def _graded(row: Row) -> Row:
    """Return the grade of one answer as a game against the top of the scale: its share is the score."""
    sides = {"model_a": row.get("model"), "model_b": SCALE, "answer_a": row.get("answer")}
    return {**row, **sides, "share": row.get("score"), "baseline": SCALE}


def _latest(games: list[Game]) -> list[Game]:
    """Return the games with one row for each verdict id: one that counts before one that is missing, else the later one."""
    chosen: dict[str, int] = {}
    kept: list[Game] = []
    for game in games:
        name = game.row.get("id")
        if name is None or name not in chosen:
            if name is not None:
                chosen[name] = len(kept)
            kept.append(game)
        elif game.value is not None or kept[chosen[name]].value is None:
            kept[chosen[name]] = game
    return kept


def _game(row: Row, table: Games, cluster: str) -> Game:
    value: float | None = None
    share = row.get("share")
    if counts(row):
        if share is not None:
            if not 0 <= share <= 1:
                raise RowError(f"'share' is {share}, it should lie in 0..1")
            value = 4.0 * share - 2
        else:
            label = canonical(row["label"])
            if label is None:
                raise RowError(f"the label {row['label']!r} is none of {' '.join(VALUES)}")
            value = float(VALUES[label])
    if row["model_a"] == row["model_b"]:
        raise RowError(f"{row['model_a']!r} plays against itself")
    a, b = table.models.of(row["model_a"]), table.models.of(row["model_b"])
    first = a_stands_first(row.get("order"))
    return Game(
        question=table.questions.of(str(row.get(cluster, ""))),
        judge=table.judges.of(row.get("judge", "")),
        a=a,
        b=b,
        value=value,
        state=row.get("state", "ok"),
        repeat=row.get("repeat", 0),
        shown_first=None if first is None else a if first else b,
        row=row,
    )


def _protocol_of(row: Row, aggregates: dict[str, Score]) -> str:
    """Return the protocol of a row; how it adds up goes into `aggregates` if the row says it (a user's own protocol)."""
    name: str = row.get("protocol", "")
    if row.get("aggregate") in get_args(Score):
        aggregates[name] = row["aggregate"]
    return name


def _score_of(protocols: set[str], aggregates: Mapping[str, Score]) -> Score:
    """Return how the protocol of the rows aggregates; rows without a protocol are counted plainly."""
    scores: set[Score] = {aggregates.get(name, "plain") for name in protocols}
    if len(scores) > 1:
        raise DataError(f"the rows follow several protocols ({', '.join(sorted(protocols))}): choose one with --score")
    return scores.pop() if scores else "plain"


def _find_design(table: Games, named: str | None, baselines: set[str], protocols: Sequence[Protocol]) -> None:
    """Set the baseline, and who should have met.

    The baseline is named by the user or by the rows, or else is the one model in all games of protocols that need one. Rows that
    name no protocol, or one that is not known, make no promise: nothing is missing among them but what they say is.
    """
    needed = bool(protocols) and all(protocol.opponents == "baseline" for protocol in protocols)
    everywhere = set.intersection(*({game.a, game.b} for game in table.games)) if table.games else set()
    name = named or (min(baselines) if len(baselines) == 1 else None)
    if name is not None:
        if name not in table.models.number:
            raise unknown("model", name, table.models.names, "--baseline")
        table.baseline = table.models.number[name]
    elif needed and len(table.models.names) > 2 and len(everywhere) == 1:
        table.baseline = min(everywhere)
    if not protocols:
        return
    if table.baseline in everywhere or (len(table.models.names) > 2 and everywhere):
        table.design = "baseline"
    elif not baselines and not any(protocol.opponents == "baseline" for protocol in protocols):
        table.design = "all"

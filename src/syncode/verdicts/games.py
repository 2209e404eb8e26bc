"""Verdict rows as columns: who met whom on which question, and what came of it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import get_args

from syncode.errors import DataError, RowError, UsageError, unknown
from syncode.schemas.check import checker
from syncode.schemas.records import Row, Verdict, content_id, value_at
from syncode.verdicts.contents import Contents, contradiction, stated_baseline, wrong_grade
from syncode.verdicts.labels import VALUES, a_stands_first, canonical, counts
from syncode.verdicts.protocols import PROTOCOLS, Protocol, Score
from syncode.verdicts.weighed import Weighed

PEOPLE = "people:"
"""Prefix of a person's name among the judges."""
SCALE = "(the scale)"
"""Stands as the opponent of answers that were graded one by one."""
SCALE_SHA = content_id("scale")
"""Its digest, so that grades are not taken for rows without digests."""


@dataclass
class Numbered:
    """Gives each name a number: those of `sorted_from` do not depend on the order of rows."""

    names: list[str] = field(default_factory=list)
    number: dict[str, int] = field(default_factory=dict)

    @classmethod
    def sorted_from(cls, names: Iterable[str]) -> Numbered:
        """Return the names with numbers in their own order."""
        made = cls()
        for name in sorted(set(names)):
            made.of(name)
        return made

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

    `value` is -2..2 from the side of model `a` (4 * share - 2 for a share), None if it is missing. `question` numbers the task,
    `cluster` what is drawn together with it, `place` counts rows as they came. A verdict of a panel is that of `votes` judges.
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
    cluster: int = 0
    place: int = 0
    votes: int | None = None

    @property
    def given(self) -> int:
        """How many verdicts there are of those that were due for this game."""
        return int(self.value is not None) if self.votes is None else self.votes

    def meeting(self) -> tuple[object, ...]:
        """Return what all games of two answers share: question, protocol, models and answers, and the repeat."""
        answers = sorted((str(self.row.get("answer_a") or ""), str(self.row.get("answer_b") or "")))
        models = (min(self.a, self.b), max(self.a, self.b))
        return (self.question, self.row.get("protocol"), *models, *answers, self.repeat)

    def pair(self) -> tuple[object, ...]:
        """Return what the games of one pair share: a meeting before one judge under the same settings."""
        return (self.judge, self.row.get("settings_sha"), *self.meeting())

    def seat(self) -> tuple[object, ...] | None:
        """Return which of the games of its pair this one is: who stood first, and its number; None if the row says neither."""
        order, number = self.row.get("order"), self.row.get("game")
        first = order if self.shown_first is None else self.shown_first
        return None if order is None and number is None else (first, number)


@dataclass
class Games:
    """All games of a table with the names behind the numbers.

    About 0.5 KB per game besides the row itself. `baseline` is the model that all others met, as the rows state it or the user
    names it, None if there is none. `protocols` are the names that the rows give; `due` are the questions that were to be judged
    if tasks say so, `tasks` their rows without turns and tests. `voters` is the number of judges behind one verdict of a panel,
    `weighed` what they say together if they are weighed. `unsure` counts verdicts without digests, `left_out` those against
    another baseline than the one that was chosen, and `alike` those without id that are equal to another one in every field.
    """

    models: Numbered = field(default_factory=Numbered)
    questions: Numbered = field(default_factory=Numbered)
    clusters: Numbered = field(default_factory=Numbered)
    judges: Numbered = field(default_factory=Numbered)
    games: list[Game] = field(default_factory=list)
    executions: list[Row] = field(default_factory=list)
    canaries: list[Row] = field(default_factory=list)
    score: Score = "plain"
    baseline: int | None = None
    protocols: frozenset[str] = frozenset()
    tasks: Mapping[str, Row] = field(default_factory=dict)
    voters: int = 1
    weighed: Weighed | None = None
    unsure: int = 0
    left_out: int = 0
    alike: int = 0

    @property
    def rules(self) -> list[Protocol]:
        """The protocols of the rows if all of them are known, else none: unknown ones promise nothing about who meets."""
        known = [PROTOCOLS[name] for name in sorted(self.protocols) if name in PROTOCOLS]
        return known if len(known) == len(self.protocols) else []

    @property
    def met_by_all(self) -> set[int]:
        """The models that play in every game: one or none, both if there are only two."""
        return set.intersection(*({game.a, game.b} for game in self.games)) if self.games else set()

    def values_of(self, name: str) -> dict[int, set[str]]:
        """Return question number -> the values of a field: what `--tasks` says of the task, else all that its rows say."""
        found: dict[int, set[str]] = {}
        for number, task in enumerate(self.questions.names):
            if (value := label_of(self.tasks.get(task, {}), name)) is not None:
                found[number] = {shown_value(value)}
        labelled = set(found)
        for game in self.games:
            value = label_of(game.row, name)
            if value is not None and game.question not in labelled:
                found.setdefault(game.question, set()).add(shown_value(value))
        return found

    def labels_of(self, name: str) -> dict[int, str]:
        """Return question number -> the value of a field such as `category`, all values if its rows differ."""
        return {number: " / ".join(sorted(values)) for number, values in self.values_of(name).items()}

    def need_field(self, name: str, flag: str) -> None:
        """Raise UsageError, with the nearest names, for a field that no verdict and no task has."""
        rows = [game.row for game in self.games]
        names = (name, f"{name}_a")
        if any(label_of(row, each) is not None for row in rows for each in names) or self.values_of(name):
            return
        labels = (task.get("labels") for task in self.tasks.values())
        found = [*fields_of(rows), *fields_of(self.tasks.values())]
        found += [key for each in labels if isinstance(each, dict) for key in fields_of([each])]
        raise unknown("field", name, found, flag)


@dataclass(frozen=True)
class Choice:
    """Which games to take and how to count them; None means: as the rows say. `tasks` are those that were to be judged."""

    score: Score | None = None
    baseline: str | None = None
    judges: Sequence[str] = ()
    cluster: str = "task_id"
    tasks: Mapping[str, Row] = field(default_factory=dict)
    """Task id -> what is said about the task, with its `question_sha`; see `tasks.known_tasks`."""


def collect(rows: Iterable[Row], choice: Choice) -> Games:
    """Return the games of verdict rows; execution rows are set aside, canaries are left out. The order of rows does not matter.

    Raises RowError for a row that is neither, for fields of a row that disagree, for an id that stands for two contents and for a
    label that is none of the five; DataError if there is no game; UsageError for names that do not exist.
    """
    table = Games()
    contents = Contents()
    contents.of_questions(choice.tasks)
    seen: dict[str, None] = {}
    others: dict[str, None] = {}
    elsewhere: set[str] = set()
    kept: list[Row] = []
    check_verdict = checker(Verdict)
    for row in rows:
        if "points" in row and "model_a" not in row:
            _refuse(wrong_grade(row))
            row = _graded(row)
        if "model_a" not in row:
            contents.add_execution(row)
            table.executions.append(row)
            continue
        _refuse(check_verdict(row))
        if row.get("canary"):
            table.canaries.append(row)
            continue
        seen[row.get("judge", "")] = None
        if choice.judges and row.get("judge", "") not in choice.judges:
            continue
        _refuse(contradiction(row))
        if choice.baseline is not None and not _is_against(row, choice.baseline):
            others |= dict.fromkeys((row["model_a"], row["model_b"]))
            elsewhere.add(str(row["task_id"]))
            table.left_out += 1
            continue
        _refuse(_no_label(row) or contents.of_verdict(row))
        kept.append(row)
    for name in choice.judges:
        if seen and name not in seen:
            raise unknown("judge", name, filter(None, seen))
    if others and not kept:
        raise unknown("baseline", str(choice.baseline), others, "--baseline")
    if not kept:
        raise DataError(f"no verdict to count: {_instead(table)}")
    if choice.tasks and not any(str(row["task_id"]) in choice.tasks for row in kept):
        raise DataError(f"no verdict is on one of the {len(choice.tasks)} tasks: one is on {kept[0]['task_id']!r}")
    table.unsure, table.alike = contents.without, contents.alike
    gone = elsewhere - {str(row["task_id"]) for row in kept}
    tasks = {name: task for name, task in choice.tasks.items() if name not in gone}
    _number(table, kept, replace(choice, tasks=tasks))
    return table


def _refuse(wrong: str | None) -> None:
    if wrong:
        raise RowError(wrong)


def _is_against(row: Row, baseline: str) -> bool:
    """Return whether a game is one against this baseline: by what its row states, else by who plays."""
    stated = stated_baseline(row)
    return baseline in (row["model_a"], row["model_b"]) if stated is None else stated == baseline


def _number(table: Games, rows: list[Row], choice: Choice) -> None:
    """Fill the table: names are numbered in their own order and games sorted, so that the order of rows cannot move a result."""
    table.tasks = choice.tasks
    aggregates: dict[str, Score] = {name: protocol.score for name, protocol in PROTOCOLS.items()}
    table.protocols = frozenset(_protocol_of(row, aggregates) for row in rows)
    table.score = choice.score or _score_of(set(table.protocols), aggregates)
    table.models = Numbered.sorted_from(row[side] for row in rows for side in ("model_a", "model_b"))
    table.questions = Numbered.sorted_from([*(str(row["task_id"]) for row in rows), *choice.tasks])
    table.judges = Numbered.sorted_from(row.get("judge", "") for row in rows)
    clusters = _clusters(rows, choice)
    table.clusters = Numbered.sorted_from([*clusters, *(choice.tasks if choice.cluster == "task_id" else ())])
    drawn = [table.clusters.of(name) for name in clusters]
    games = _latest([_game(row, table, place, drawn[place]) for place, row in enumerate(rows)])
    table.games = sorted(_found_later(games), key=_by_content)
    stated = {stated_baseline(row) for row in rows} - {None}
    name = choice.baseline if choice.baseline is not None else min(filter(None, stated), default=None)
    if name is not None and len(stated) < 2 and all(name in (row["model_a"], row["model_b"]) for row in rows):
        table.baseline = table.models.number[name]


def _clusters(rows: list[Row], choice: Choice) -> list[str]:
    """Return the value of the `--cluster` field for each row: its own, else its task's, else that of all rows of its question."""
    name = choice.cluster
    if name == "task_id":
        return [str(row["task_id"]) for row in rows]
    found: dict[str, set[str]] = {}
    for row in rows:
        if (value := value_at(row, name)) is not None:
            found.setdefault(str(row["task_id"]), set()).add(str(value))
    if not found and not any(label_of(task, name) is not None for task in choice.tasks.values()):
        raise unknown("field", name, fields_of(rows), "--cluster")
    made = []
    for row in rows:
        value, task = value_at(row, name), str(row["task_id"])
        if value is None:
            value = label_of(choice.tasks.get(task, {}), name)
        if value is None:
            alike = found.get(task, set())
            if len(alike) != 1:
                raise UsageError(f"--cluster {name}: a verdict on {task!r} has no such field")
            (value,) = alike
        made.append(str(value))
    return made


def fields_of(rows: Iterable[Row]) -> list[str]:
    """Return the fields by which games can be told apart: those with words, numbers or lists of them."""
    return list(dict.fromkeys(key for row in rows for key, value in row.items() if _groups(value)))


def label_of(task: Mapping[str, object], name: str) -> object:
    """Return what is said of a task under a name, which stands in its row or among its `labels`; None for nothing."""
    found = (value for key in (name, f"labels.{name}") if (value := value_at(task, key)) not in (None, "", []))
    return next(found, None)


def shown_value(value: object) -> str:
    """Return a value as the name of a group: the members of a list in one name."""
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def look_alike(names: Iterable[str]) -> list[list[str]]:
    """Return the names that differ only by blanks, capitals or the form of letters."""
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault("".join(unicodedata.normalize("NFKC", name).casefold().split()), []).append(name)
    return [found for found in groups.values() if len(found) > 1]


def _groups(value: object) -> bool:
    return isinstance(value, str | int | float | list) and value != ""


def _by_content(game: Game) -> tuple[object, ...]:
    row = game.row
    said = (
        row.get(key) for key in ("protocol", "settings_sha", "answer_a", "answer_b", "order", "label", "share", "id")
    )
    return (game.question, game.a, game.b, game.judge, game.repeat, row.get("game", 0), game.state, *map(str, said))


def _instead(table: Games) -> str:
    """Return what came in place of verdicts that count."""
    kinds = (("canary", "canaries", table.canaries), ("execution", "executions", table.executions))
    found = [f"{len(rows)} {one if len(rows) == 1 else many}" for one, many, rows in kinds if rows]
    hint = " (`execute score` counts executions)" if table.executions else ""
    return f"these are {' and '.join(found)}{hint}" if found else "the input is empty, or all of it dropped"


def _graded(row: Row) -> Row:
    """Return the grade of one answer as a game against the top of the scale: its share is the score."""
    sides = {"model_a": row.get("model"), "model_b": SCALE, "answer_a": row.get("answer")}
    shas = {"answer_sha_a": row["answer_sha"], "answer_sha_b": SCALE_SHA} if row.get("answer_sha") else {}
    return {**row, **sides, **shas, "share": row.get("score"), "baseline": SCALE}


def _latest(games: list[Game]) -> list[Game]:
    """Return the games with one row for each verdict id: one that counts before one that is missing.

    Of people's labels the last one in their sheet counts. Raises DataError if a judge's verdict stands twice with two results.
    """
    chosen: dict[str, Game] = {}
    kept: list[Game] = []
    for game in games:
        name = game.row.get("id")
        if name is None:
            kept.append(game)
            continue
        before = chosen.get(name)
        if before is None or before.value is None:
            chosen[name] = game if before is None or game.value is not None or game.state < before.state else before
        elif game.value is not None and str(game.row.get("judge", "")).startswith(PEOPLE):
            chosen[name] = game
        elif game.value not in (None, before.value):
            said = " and ".join(str(each.row.get("label") or each.row.get("share")) for each in (before, game))
            raise DataError(f"the verdict {name!r} stands twice with different results ({said}): keep one of the runs")
    return kept + list(chosen.values())


def seats(games: Iterable[Game]) -> int:
    """Return how many different games of a pair these are: the same order twice is one, a row that says nothing is its own."""
    places = [game.seat() for game in games]
    return len({place for place in places if place is not None}) + places.count(None)


def each_once(games: Sequence[Game]) -> list[Game]:
    """Return the games of a pair without those that stand there twice, which are not games in the other order.

    Raises DataError if the results of a game differ.
    """
    chosen: dict[tuple[object, ...] | int, Game] = {}
    for place, game in enumerate(games):
        name = game.seat() or place
        before = chosen.setdefault(name, game)
        if before.value is None:
            chosen[name] = game
        elif game.value not in (None, before.value):
            row = game.row
            raise DataError(
                f"a game of {row['model_a']!r} and {row['model_b']!r} on {row['task_id']!r} before {row.get('judge', '')!r} "
                "stands twice in the same order with different results: keep one of the runs, or number them (repeat)"
            )
    return list(chosen.values())


def _found_later(games: list[Game]) -> list[Game]:
    """Return the games without those that lacked an answer which another run had: the same game stands there with it."""

    def key(game: Game) -> tuple[object, ...]:
        said = (game.row.get(name) for name in ("settings_sha", "protocol", "game", "order"))
        return (game.question, game.judge, game.a, game.b, game.repeat, *said)

    there = {key(game) for game in games if not game.state.startswith("missing_")}
    return [game for game in games if not game.state.startswith("missing_") or key(game) not in there]


def _no_label(row: Row) -> str | None:
    if row["model_a"] == row["model_b"]:
        return f"{row['model_a']!r} plays against itself"
    if not counts(row):
        return None
    share = row.get("share")
    if share is not None:
        return None if 0 <= share <= 1 else f"'share' is {share}, it should lie in 0..1"
    return None if canonical(row["label"]) else f"the label {row['label']!r} is none of {' '.join(VALUES)}"


def _game(row: Row, table: Games, place: int, cluster: int) -> Game:
    value: float | None = None
    if counts(row):
        share = row.get("share")
        value = float(VALUES[canonical(row["label"]) or ""]) if share is None else 4.0 * share - 2
    a, b = table.models.of(row["model_a"]), table.models.of(row["model_b"])
    first = a_stands_first(row.get("order"))
    return Game(
        question=table.questions.of(str(row["task_id"])),
        judge=table.judges.of(row.get("judge", "")),
        a=a,
        b=b,
        value=value,
        state=row.get("state", "ok"),
        repeat=row.get("repeat", 0),
        shown_first=None if first is None else a if first else b,
        row=row,
        cluster=cluster,
        place=place,
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

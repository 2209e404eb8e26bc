"""The questions behind a board as the page holds them: an index to filter by, and one packed part per question.

Markdown is rendered here, once; a part is unpacked by the browser when its question is opened, and its code is coloured then.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from syncode.reports.markdown import rendered
from syncode.reports.shell import embedded
from syncode.schemas.records import Row
from syncode.verdicts.board import Board
from syncode.verdicts.executions import outcomes
from syncode.verdicts.fields import said
from syncode.verdicts.games import Game
from syncode.verdicts.texts import Texts
from syncode.verdicts.units import KINDS, REASONS

TEXT_LIMIT = 40_000
"""Characters of one text that the page holds (chosen here): a model that repeats itself must not make the page unreadable."""
WORDS = 400
"""Characters of a question by which it is found and listed (chosen here)."""
FILTERS = ("category", "language", "difficulty")
OUTCOMES = (
    ("", "any"),
    *((kind, kind) for kind in KINDS),
    ("position", "followed the position"),
    ("differ", "the two differ"),
)


def section(board: Board, texts: Texts) -> str:
    """Return the part of the page that shows single questions, with all that its script needs."""
    outcome = "".join(f'<option value="{value}">{text}</option>' for value, text in OUTCOMES)
    filters = "".join(
        f'<label>{name}<select id="{name}"><option value="">any</option></select></label>' for name in FILTERS
    )
    return "\n".join(
        [
            '<h2 id="questions">Question by question</h2>',
            '<p class="note">Two answers side by side, and the judge\'s words in both orders. The address of the page names the '
            "question that is open: copy it to point at one.</p>",
            '<div class="filters"><label>model<select id="model"></select></label>',
            '<label>beside<select id="beside"></select></label>',
            f'<label>outcome<select id="outcome">{outcome}</select></label>{filters}',
            '<label>search<input type="search" id="search" placeholder="words of the question"></label>',
            '<label>found<output id="count"></output></label></div>',
            '<div class="drill"><div class="card list" id="list"></div><div class="card view" id="view"></div></div>',
            embedded("index", index(board, texts)),
            *(embedded(f"question-{number}", part) for number, part in parts(board, texts)),
        ]
    )


def index(board: Board, texts: Texts) -> dict[str, Any]:
    """Return what the list is made from: names, questions with their labels, and the units as columns of numbers."""
    games, units = board.games, board.units
    first: dict[int, Row] = {}
    for game in games.games:
        first.setdefault(game.question, game.row)
    questions: dict[str, list[str]] = {name: [] for name in ("id", "words", *FILTERS)}
    for number, name in enumerate(games.questions.names):
        row = first.get(number, {})
        task = row.get("task_id", name)
        questions["id"].append(str(task))
        questions["words"].append(" ".join(texts.questions.get(task, "")[: 4 * WORDS].split())[:WORDS])
        for label in FILTERS:
            questions[label].append(said(texts.labels.get(task, {}), label) or said(row, label) or "")
    place = {number: at for at, number in enumerate(board.order)}
    both = zip(units.model.tolist(), units.opponent.tolist(), strict=True)
    mine = [at for at, (model, other) in enumerate(both) if model in place and other >= 0]  # -1: met no opponent there
    columns = {
        "q": units.question,
        "m": units.model,
        "o": units.opponent,
        "k": units.outcome,
        "r": units.reason,
        "j": units.judge,
    }
    return {
        "names": games.models.names,
        "models": board.order,
        "judges": games.judges.names,
        "kinds": KINDS,
        "reasons": REASONS,
        "questions": questions,
        "units": {name: column[mine].tolist() for name, column in columns.items()},
    }


def parts(board: Board, texts: Texts) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield question number -> its text, the answers and what is known of them by model number, and its games."""
    games = board.games
    by_question: dict[int, list[Game]] = defaultdict(list)
    for game in games.games:
        by_question[game.question].append(game)
    passed = outcomes(games)
    for number, name in enumerate(games.questions.names):
        mine = by_question[number]
        task = mine[0].row["task_id"] if mine else name
        answers: dict[str, dict[str, Any]] = {}
        for model, who in enumerate(games.models.names):
            found = _answer(mine, model, passed, texts.usage.get((who, task)))
            if (text := texts.answers.get((who, task))) is not None:
                found["text"] = _shown(text)
            if found:
                answers[str(model)] = found
        text = texts.questions.get(task)
        digests = [game.row["question_sha"] for game in mine if game.row.get("question_sha")]
        yield (
            number,
            {
                "text": None if text is None else _shown(text),
                "sha": digests[0] if digests else None,
                "answers": answers,
                "games": [
                    {
                        "a": game.a,
                        "b": game.b,
                        "j": game.judge,
                        "l": game.row.get("label"),
                        "s": game.state,
                        "w": str(game.row.get("reason") or "")[:TEXT_LIMIT],
                        "t": tokens_of(game.row.get("usage")),
                    }
                    for game in mine
                ],
            },
        )


def _answer(games: Sequence[Game], model: int, passed: Any, usage: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return what is known of a model's answer: its digest, whether it passed its tests, its tokens."""
    found: dict[str, Any] = {}
    for game in games:
        for side in ("a", "b"):
            if (game.a if side == "a" else game.b) != model:
                continue
            if (result := passed.of(game, side)) is not None:
                found["passed"] = result
            if sha := game.row.get(f"answer_sha_{side}"):
                found["sha"] = sha
    tokens = tokens_of(usage)
    return found if tokens is None else {**found, "tokens": tokens}


def tokens_of(usage: object) -> int | None:
    """Return prompt and completion tokens together, None if the server did not say both."""
    counts = [usage.get(name) for name in ("prompt_tokens", "completion_tokens")] if isinstance(usage, dict) else []
    known = [count for count in counts if type(count) is int]
    return sum(known) if known and len(known) == len(counts) else None


def _shown(text: str) -> str:
    cut = "" if len(text) <= TEXT_LIMIT else f"<p><em>cut after {TEXT_LIMIT} of {len(text)} characters</em></p>"
    return rendered(text[:TEXT_LIMIT]) + cut if text.strip() else "<p><em>empty</em></p>"

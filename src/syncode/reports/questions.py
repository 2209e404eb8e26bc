"""Tables of single questions as text for people: what changed between two models, and what each question is good for."""

from __future__ import annotations

from collections.abc import Sequence

from syncode.reports.sections import Section, told
from syncode.reports.tables import number, percent
from syncode.schemas.records import Row

SHOWN = 12
"""Questions that a table lists at most (chosen here); rows hold all of them."""
WIDE = 60
"""Signs of a question's words that a table shows (chosen here)."""


def _points(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:+.1f}"


def _range(row: Row) -> str:
    return "-" if row["low"] is None else f"{_points(row['low'])} to {_points(row['high'])}"


def _p(value: float) -> str:
    return "<0.0001" if value < 0.0001 else number(value, 4)


_MOVED = {
    "old": lambda row: percent(row["score_old"]),
    "new": lambda row: percent(row["score_new"]),
    "95 %": _range,
    "n": lambda row: str(row["n"]),
    "better": lambda row: str(row["better"]),
    "worse": lambda row: str(row["worse"]),
    "same": lambda row: str(row["same"]),
    "p": lambda row: _p(row["p"]),
}

COMPARED = {
    "all": Section(
        "All questions that both have: scores in %, the change in points with its interval, exact sign-flip p.",
        {
            "change": lambda row: _points(row["difference"]),
            "models": lambda row: f"{row['old']} -> {row['new']}",
            **_MOVED,
            "left out": lambda row: str(row["left_out"]),
        },
    ),
    "class": Section(
        "By class: fell or rose if Holm's p over the classes is below 0.05.",
        {
            "change": lambda row: _points(row["difference"]),
            "class": lambda row: f"{row['by']}: {row['class']}",
            **_MOVED,
            "Holm": lambda row: _p(row["holm"]),
            "": lambda row: row["verdict"],
        },
        left=(1, 10),
    ),
    "interaction": Section(
        "Does the change differ between the classes? Welch's F.",
        {
            "F": lambda row: number(row["f"], 2),
            "by": lambda row: row["by"],
            "classes": lambda row: str(row["classes"]),
            "p": lambda row: _p(row["p"]),
            "": lambda row: "the classes differ" if row["differs"] else "no difference shown",
        },
        left=(1, 4),
    ),
    "question": Section(
        "Questions whose outcome changed, worst first.",
        {
            "change": lambda row: _points(row["difference"]),
            "question": lambda row: row["task_id"],
            "was": lambda row: row["was"],
            "is": lambda row: row["is"],
            "words": lambda row: " ".join((row.get("question") or "").split())[:WIDE] or "-",
        },
        left=(1, 4),
    ),
}

ITEMS = {
    "summary": Section(
        "All questions. Dead: all models alike. Against: better models do worse. Alpha: Cronbach's. Flips in % of double games.",
        {
            "questions": lambda row: str(row["questions"]),
            "scored as": lambda row: row["rule"],
            "models": lambda row: str(row["models"]),
            "dead": lambda row: str(row["dead"]),
            "against": lambda row: str(row["against"]),
            "median discrimination": lambda row: number(row["discrimination"]),
            "alpha": lambda row: number(row["alpha"]),
            "flips": lambda row: percent(row["flip_share"]),
        },
    ),
    "difficulty": Section(
        "Difficulty as labelled and as measured: 100 - mean score of all models, in %.",
        {
            "measured": lambda row: percent(row["measured"]),
            "labelled": lambda row: row["label"],
            "95 %": lambda row: "-" if row["low"] is None else f"{percent(row['low'])} to {percent(row['high'])}",
            "n": lambda row: str(row["n"]),
        },
    ),
    "difficulty_order": Section(
        "Do labels and scores order the questions alike? Kendall's tau-b.",
        {
            "tau": lambda row: number(row["kendall"]),
            "95 %": lambda row: "-" if row["low"] is None else f"{number(row['low'])} to {number(row['high'])}",
            "n": lambda row: str(row["n"]),
        },
    ),
    "subset": Section(
        "Smallest subset that keeps the ranking (Kendall's tau): greedy, its size by tau on models held out from choosing.",
        {
            "size": lambda row: "-" if row["size"] is None else str(row["size"]),
            "result": lambda row: row["why"] or ("reached" if row["reached"] else "no subset is enough"),
            "of": lambda row: str(row["of"]),
            "asked for": lambda row: number(row["keep"], 2),
            "held out": lambda row: number(row.get("tau_held_out")),
            "own models": lambda row: number(row.get("tau")),
            "random": lambda row: number(row.get("tau_random")),
        },
    ),
    "question": Section(
        "Questions, least telling first. Discrimination: item-rest correlation (point-biserial if right or wrong).",
        {
            "discrimination": lambda row: number(row["discrimination"]),
            "question": lambda row: row["task_id"],
            "mean": lambda row: percent(row["score"]),
            "labelled": lambda row: row["difficulty"] or "-",
            "flips": lambda row: f"{row['flips']}/{row['both_orders']}",
            "dead": lambda row: "dead" if row["dead"] else "",
        },
    ),
}


def as_text(rows: Sequence[Row], everything: bool) -> str:
    """Return the tables of a comparison or of items, and how many questions are not listed."""
    sections = COMPARED if any(row["kind"] == "all" for row in rows) else ITEMS
    questions = [row for row in rows if row["kind"] == "question"]
    shown = questions if everything else questions[:SHOWN]
    text = told(sections, [row for row in rows if row["kind"] != "question"] + shown)
    left = len(questions) - len(shown)
    return text + (f"\n\n{left} more questions: --format jsonl has all of them, --all lists them here" if left else "")

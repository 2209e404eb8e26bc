"""A finished board as text: for a terminal, Markdown, LaTeX and CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence

from syncode.errors import UsageError
from syncode.reports.tables import aligned, inert, latex, markdown, one_line, percent, signed, span, whole
from syncode.schemas.records import Row
from syncode.verdicts.board import Board, summary

EXTRA: Mapping[str, tuple[str, Callable[[float | None], str]]] = {
    "rating": ("BT", signed),
    "rating_error": ("+-", signed),
    "rating_elo": ("BT in Elo", whole),
    "elo_sequential": ("Elo in order", whole),
    "counting": ("counting", whole),
    "average_win_rate": ("mean of opponents", percent),
    "raw_win_rate": ("per game", percent),
    "controlled_win_rate": ("controlled", percent),
    "raw_rating": ("BT raw", signed),
    "controlled_rating": ("BT controlled", signed),
    "raw_rank": ("rank raw", whole),
    "controlled_rank": ("rank controlled", whole),
    "lc": ("lc", percent),
    "lc_difficulty": ("lc + difficulty", percent),
    "pass_rate": ("tests passed", percent),
    "corrected": ("corrected", percent),
    "corrected_low": ("from", percent),
    "corrected_high": ("to", percent),
    "corrected_rank": ("rank corrected", whole),
    "labelled": ("labelled", whole),
}
"""Columns that some options add: name in the row, heading, form."""

INTERVALS: Mapping[str, str] = {
    "wilson": "Wilson's at the effective number of questions (wilson)",
    "bootstrap": "percentiles over redrawn questions (bootstrap)",
    "cluster": "the mean and its error by question (cluster)",
}
"""Name of the method of a row's interval -> what the foot says of it."""


def as_texts(boards: Sequence[Board], form: str) -> str:
    """Return one table below the other; CSV has one heading. Raises UsageError for tables that do not have the same columns."""
    texts = [as_text(board, form) for board in boards]
    if form != "csv":
        return "\n\n".join(texts)
    heads = {text.partition("\n")[0] for text in texts}
    if len(heads) > 1:
        raise UsageError("the tables of several baselines have different columns: choose one with --baseline")
    return "".join([texts[0], *(text.partition("\n")[2] for text in texts[1:])])


def as_text(board: Board, form: str) -> str:
    """Return the board as `table`, `markdown`, `latex` or `csv`; percentages with one decimal, except in CSV (fractions)."""
    if form == "csv":
        return _csv(board)
    head, lines = cells(board)
    if form == "markdown":
        return markdown(head, lines) + "\n\n" + "  \n".join(map(inert, foot(board)))
    if form == "latex":
        return latex(head, lines) + "\n" + "\n".join(f"% {line}" for line in foot(board))
    return aligned(head, lines) + "\n\n" + "\n".join(foot(board))


def cells(board: Board) -> tuple[list[str], list[list[str]]]:
    """Return the heading and the lines of the table for people, in one fixed order of columns."""
    incomplete = bool(board.incomplete)
    groups = [
        (name, value)
        for name in (board.rows[0].get("by") or {} if board.rows else {})
        for value in _values(board, name)
    ]
    extra = [name for name in EXTRA if board.rows and name in board.rows[0]]
    kinds = () if board.games.score == "scoring" else ("win", "tie", "loss")
    head = ["rank", "model", "n", "score", "95 % interval", *kinds]
    head += ["missing", "bounds"] if incomplete else []
    head += [EXTRA[name][0] for name in extra]
    several = len({name for name, _ in groups}) > 1
    head += [f"{name}: {value}" if several else value for name, value in groups]
    lines = []
    for row in board.rows:
        line = [
            _rank(row),
            row["model"],
            str(row["n"]),
            percent(row["score"]),
            span(row["low"], row["high"]),
        ]
        line += [percent(row[kind]) for kind in kinds]
        if incomplete:
            line += [str(row["missing"]), span(row["bound_low"], row["bound_high"])]
        line += [_passed(row) if name == "pass_rate" else EXTRA[name][1](row[name]) for name in extra]
        line += [_cell(row["by"][name][value], name == "contamination") for name, value in groups]
        lines.append([one_line(text) for text in line])
    return [one_line(text) for text in head], lines


def _passed(row: Row) -> str:
    """Return the share of tests passed, with its bounds if executions are missing."""
    limits = "" if row["pass_low"] == row["pass_high"] else f" ({span(row['pass_low'], row['pass_high'])})"
    return percent(row["pass_rate"]) + limits


def _intervals(board: Board, names: Sequence[str]) -> str:
    """Return how the intervals were made: in its own words if the run stopped early."""
    if "intervals" in board.facts:
        return str(board.facts["intervals"])
    return f"95 % intervals: {'; '.join(INTERVALS[name] for name in names)}." if names else "No interval."


def foot(board: Board) -> list[str]:
    """Return what a reader must know beside the numbers."""
    facts = summary(board)
    graded = facts["rule"] == "scoring"
    against = f" against {facts['baseline']}" if facts["baseline"] and not graded else ""
    lines = [
        f"{facts['games']} {'grades' if graded else 'games'} on {facts['questions']} questions{against}, scored as "
        f"{facts['rule']}; judged by {', '.join(facts['judges']) or 'an unnamed judge'}.",
        _intervals(board, facts["interval"]),
        "In brackets the ranks between which a model lies, counting only pairs that differ (paired, Holm, 5 %)"
        + (f": {percent(facts['separability'])} % of them do." if facts["separability"] is not None else "."),
    ]
    if board.games.weighed:
        lines.append(
            "Scores are means over the outcomes that the weighed judges hold likely, win, tie and loss count the likeliest one; "
            "intervals and ranks allow for the weights being estimates."
        )
    if board.coverage < 1:
        lines.append(f"Coverage {percent(board.coverage)} % of the games; bounds: all missing lost to all missing won.")
    if any(row["n"] and row["rank"] is None for row in board.rows):
        lines.append("No rank where too few games have a verdict (--min-coverage, --allow-missing).")
    if any(cell["small"] for row in board.rows for table in (row.get("by") or {}).values() for cell in table.values()):
        lines.append("* fewer than 20 in the cell")
    if any("corrected" in row for row in board.rows):
        lines.append(
            "Corrected by the labels of people (prediction-powered), 95 % interval; leaderboard corrected has the pairs."
        )
    lines += [_weight(row) for row in board.facts.get("control", ())]
    lines += _against_tests(board)
    return [one_line(line) for line in lines + [f"Note: {warning}." for warning in board.warnings]]


def _weight(row: Row) -> str:
    return (
        f"Controlled for {row['feature']}: {signed(row['gamma'])} +- {row['error']:.3f} log-odds a unit "
        f"({signed(row['gamma_standardised'])} a standard deviation), {row['games']} games, {row['among']}."
    )


def _against_tests(board: Board) -> list[str]:
    """Return how preference and test results go together."""
    lines = []
    found = board.facts.get("preference_and_execution")
    if found:
        spread = f"{signed(found['spearman_low'])} to {signed(found['spearman_high'])}"
        lines.append(
            f"Preference and tests over {found['models']} models: Spearman {signed(found['spearman'])} ({spread}), "
            f"Kendall {signed(found['kendall'])}."
        )
        lines += [f"Out of line: {one['model']}, {one['ranks']:+.1f} ranks." for one in found["outliers"]]
    for row in board.facts.get("prefers_failing", ()):
        if row["failing_model"] is None:
            lines.append(
                f"{row['judge'] or 'The judge'} prefers the answer that fails its tests in {row['preferred']} of {row['of']} "
                f"decided games ({percent(row['share'])} %)."
            )
    return lines


def _values(board: Board, name: str) -> list[str]:
    return list(board.rows[0]["by"][name])


def _rank(row: Row) -> str:
    return "-" if row["rank"] is None else f"{row['rank']} ({row['rank_low']}-{row['rank_high']})"


def _cell(cell: Row, whole: bool = False) -> str:
    """Return score and n of a cell, `whole` with its interval."""
    interval = f" {span(cell['low'], cell['high'])}" if whole else ""
    return f"{percent(cell['score'])}{interval} ({cell['n']}{'*' if cell['small'] else ''})"


def _csv(board: Board) -> str:
    """Return fractions in full precision; cells of `--by` become columns `category:NAME:score` and `:n`."""
    out = io.StringIO()
    flat = []
    for row in board.rows:
        line = {key: value for key, value in row.items() if not isinstance(value, dict | list)}
        for name, table in (row.get("by") or {}).items():
            for value, cell in table.items():
                line |= {f"{name}:{value}:{key}": cell[key] for key in ("score", "low", "high", "n")}
        flat.append(line)
    writer = csv.DictWriter(out, fieldnames=list(flat[0]) if flat else ["model"], lineterminator="\n", restval="")
    writer.writeheader()
    writer.writerows(flat)
    return out.getvalue()

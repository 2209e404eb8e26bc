"""A finished board as one self-contained HTML page: a table, a heat map, significance, and the questions behind it all."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from syncode.reports.leaderboard.questions import section, tokens_of
from syncode.reports.leaderboard.text import EXTRA, foot
from syncode.reports.shell import html
from syncode.reports.tables import percent, span
from syncode.schemas.records import Row, content_id
from syncode.verdicts.board import Board, summary
from syncode.verdicts.texts import Texts
from syncode.verdicts.units import REASONS

LOW, MIDDLE, HIGH = (200, 96, 29), (242, 242, 240), (33, 102, 172)
"""Orange, grey, blue: told apart with any colour vision."""


def page(board: Board, texts: Texts, seed: int = 0) -> str:
    """Return the page; `seed` is the one that intervals were drawn with."""
    facts = summary(board)
    against = f" against {facts['baseline']}" if facts["baseline"] else ""
    lead = f"{facts['games']} games on {facts['questions']} questions{against}"
    body = [
        "<main><h1>Leaderboard</h1>",
        _notes(board),
        _origin(board, seed),
        _table(board),
        *(_heat(board, name) for name in (board.rows[0].get("by") or {} if board.rows else {})),
        _pairs(board),
        section(board, texts),
        "</main>",
    ]
    return html(f"Leaderboard: {lead}", (__package__, "report.css", "report.js", "colour.js", "questions.js"), body)


def _notes(board: Board) -> str:
    """Return what a reader must know: facts in plain words, and warnings that stand out."""
    first, *rest = [line for line in foot(board) if not line.startswith("*")]
    warnings = [line for line in rest if line.startswith(("Note", "Coverage", "No rank", "Out of line"))]
    facts = "".join(f"<p>{escape(line)}</p>" for line in rest if line not in warnings)
    shown = "".join(f"<p>{escape(line.removeprefix('Note: '))}</p>" for line in warnings)
    return f'<p class="lead">{escape(first)}</p><div class="facts">{facts}</div>' + (
        f'<div class="notes">{shown}</div>' if shown else ""
    )


def _origin(board: Board, seed: int) -> str:
    """Return what the numbers come from: the verdicts' digest, the seed, and the tokens that judging took."""
    rows = [game.row for game in board.games.games]
    digest = content_id(sorted(content_id(row) for row in rows))
    counts = [found for row in rows if (found := tokens_of(row.get("usage"))) is not None]
    unknown = len(rows) - len(counts)
    cost = f"{sum(counts):,} tokens of the judge" + (f" and {unknown} games of unknown cost" if unknown else "")
    return (
        f'<p class="note origin">Verdicts <code>{digest}</code>; seed {seed}; '
        f"{cost if counts else 'the cost of judging is unknown'}.</p>"
    )


def _table(board: Board) -> str:
    extra = [name for name in EXTRA if board.rows and name in board.rows[0]]
    incomplete = bool(board.incomplete)
    graded = board.games.score == "scoring"
    head = ["rank", "model", "score", "95 % interval", *([] if graded else ["win, tie, loss"]), "n"]
    head += ["missing"] if incomplete else []
    head += [EXTRA[name][0] for name in extra]
    lines = [_line(board, place, row, extra, incomplete) for place, row in enumerate(board.rows)]
    key = "" if graded else '<p class="key"><span><i style="background:var(--win)"></i>win</span><span>'
    key += (
        ""
        if graded
        else '<i style="background:var(--tie)"></i>tie</span><span><i style="background:var(--loss)"></i>loss</span>'
    )
    key += "" if graded else ("<span>hatched: all missing lost to all missing won</span></p>" if incomplete else "</p>")
    left = {"model": " class=name", "95 % interval": " class=left", "win, tie, loss": " class=left"}
    cells = "".join(
        f'<th scope="col"{left.get(name, "")}><button type="button">{escape(name)}</button></th>' for name in head
    )
    return (
        f'{key}<div class="card"><table class="sortable bars" id="board"><thead><tr>{cells}</tr></thead>'
        f"<tbody>{''.join(lines)}</tbody></table></div>"
    )


def _line(board: Board, place: int, row: Row, extra: Sequence[str], incomplete: bool) -> str:
    cells = [
        f'<td data-value="{row["rank"] or ""}">{_rank(row)}</td>',
        f'<th class="name" scope="row">{escape(row["model"])}</th>',
        f'<td data-value="{_number(row["score"])}"><b>{percent(row["score"])}</b></td>',
        f'<td class="left" data-value="{_number(row["low"])}">{_scale(row, incomplete)}'
        f" <small>{span(row['low'], row['high'], '–')}</small></td>",
    ]
    if board.games.score != "scoring":
        cells.append(f'<td class="left" data-value="{_number(row["win"])}">{_split(row)}</td>')
    cells.append(f'<td data-value="{row["n"]}">{row["n"]}</td>')
    if incomplete:
        cells.append(f'<td data-value="{row["missing"]}">{row["missing"]}</td>')
    cells += [f'<td data-value="{_number(row[name])}">{EXTRA[name][1](row[name])}</td>' for name in extra]
    return f'<tr data-open="{place}">{"".join(cells)}</tr>'


def _rank(row: Row) -> str:
    return "–" if row["rank"] is None else f"{row['rank']} <small>{row['rank_low']}–{row['rank_high']}</small>"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.6f}"


def _scale(row: Row, incomplete: bool) -> str:
    """Return the score as a point with its interval on a line from 0 to 100 %."""
    if row["score"] is None:
        return '<span class="scale"></span>'
    low, high = (100 * (row["score"] if row[side] is None else row[side]) for side in ("low", "high"))
    bounds = ""
    if incomplete and row["missing"]:
        left, right = 100 * row["bound_low"], 100 * row["bound_high"]
        bounds = f'<u style="left:{left:.2f}%;width:{right - left:.2f}%"></u>'
    return (
        f'<span class="scale" title="{percent(row["score"])} % ({span(row["low"], row["high"], " to ")})">{bounds}'
        f'<i style="left:{low:.2f}%;width:{max(0.6, high - low):.2f}%"></i><b style="left:{100 * row["score"]:.2f}%"></b></span>'
    )


def _split(row: Row) -> str:
    if not row["n"]:
        return ""
    kinds = ("win", "tie", "loss")
    title = ", ".join(f"{row[name]} {kind}" for kind, name in zip(kinds, ("wins", "ties", "losses"), strict=True))
    reasons = [f"{row[name]} {name.replace('_', ' ')}" for name in REASONS if name and row[name]]
    shown = "".join(
        f'<span class="{kind}" style="flex:{row[kind]:.5f}">{percent(row[kind]) if row[kind] > 0.12 else ""}</span>'
        for kind in kinds
    )
    return f'<span class="split" title="{escape("; ".join([title, *reasons]))}">{shown}</span>'


def _heat(board: Board, name: str) -> str:
    """Return scores by the values of a field: a table whose cells are coloured, with n in every cell."""
    usual = {"easy": 0, "medium": 1, "hard": 2}
    values = sorted(board.rows[0]["by"][name], key=lambda value: (usual.get(value.lower(), 3), value))
    head = "".join(f'<th scope="col"><button type="button">{escape(value)}</button></th>' for value in values)
    lines = []
    for row in board.rows:
        cells = "".join(_heat_cell(row["by"][name][value]) for value in values)
        lines.append(f'<tr><th class="name" scope="row">{escape(row["model"])}</th>{cells}</tr>')
    return (
        f"<h2>By {escape(name)}</h2>"
        '<p class="note">Score in percent; blue is above one half, orange below. n stands in every cell, hatched cells have '
        "fewer than 20.</p>"
        f'<div class="card fit"><table class="sortable heat"><thead><tr><th class="name" scope="col">'
        f'<button type="button">model</button></th>{head}</tr></thead><tbody>{"".join(lines)}</tbody></table></div>'
    )


def _heat_cell(cell: Row) -> str:
    if cell["score"] is None:
        return f'<td class="none" data-value="-1">–<small>{cell["n"]}</small></td>'
    shape = ' class="small"' if cell["small"] else ""
    title = span(cell["low"], cell["high"], " to ")
    return (
        f'<td{shape} data-value="{cell["score"]:.6f}" style="background-color:{_colour(cell["score"])}" title="{title}">'
        f"{percent(cell['score'])}<small>n {cell['n']}</small></td>"
    )


def _colour(share: float) -> str:
    """Return the colour of a share: orange at 0, grey at one half, blue at 1; never so dark that ink cannot be read on it."""
    end, strength = (HIGH, (share - 0.5) * 2) if share > 0.5 else (LOW, (0.5 - share) * 2)
    mixed = [round(start + (stop - start) * min(1.0, strength) * 0.72) for start, stop in zip(MIDDLE, end, strict=True)]
    return f"rgb({mixed[0]},{mixed[1]},{mixed[2]})"


def _pairs(board: Board) -> str:
    """Return the matrix of paired differences, row minus column, coloured where Holm's p is below 5 %."""
    names = [row["model"] for row in board.rows]
    if len(names) < 2:
        return ""
    found = board.differences
    lines = []
    for first, name in enumerate(names):
        cells = []
        for second, other in enumerate(names):
            gap, p = float(found.difference[first, second]), float(found.holm[first, second])
            if first == second or math.isnan(gap):
                cells.append('<td class="self"></td>')
                continue
            title = f"{name} - {other}: {100 * gap:+.1f}, error {100 * float(found.error[first, second]):.1f}, p {p:.4f} (Holm)"
            look = (
                f'style="background-color:{_colour(0.5 + max(-0.5, min(0.5, gap)))};color:#14171c"'
                if p < 0.05
                else 'class="even"'
            )
            cells.append(f'<td {look} title="{escape(title)}">{round(100 * gap, 1) + 0.0:+.1f}</td>')
        lines.append(f'<tr><th class="name" scope="row">{escape(name)}</th>{"".join(cells)}</tr>')
    head = "".join(f'<th scope="col" title="{escape(name)}">{escape(name)}</th>' for name in names)
    return (
        '<h2>Who is really ahead</h2><p class="note">Row minus column in points of score, paired by question. Coloured: '
        "different after Holm's correction over all pairs (5 %). Grey: could be chance.</p>"
        f'<div class="card fit"><table class="pairs"><thead><tr><th class="name"></th>{head}</tr></thead>'
        f"<tbody>{''.join(lines)}</tbody></table></div>"
    )

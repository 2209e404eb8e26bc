"""Tables as text: forms of numbers, and cells set for a terminal, Markdown and LaTeX."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence

from rich.cells import cell_len

from syncode.schemas.records import Row
from syncode.schemas.wire import dumps


def percent(value: float | None) -> str:
    """Return a fraction in percent with one decimal, a dash for none."""
    return "-" if value is None else f"{100 * value:.1f}"


def signed(value: float | None) -> str:
    """Return a rating with its sign and three decimals."""
    return "-" if value is None else f"{value:+.3f}"


def whole(value: float | None) -> str:
    """Return a number without decimals."""
    return "-" if value is None else f"{value:.0f}"


def span(low: float | None, high: float | None, between: str = "-") -> str:
    """Return an interval in percent, a dash for none."""
    return "-" if low is None or high is None else f"{percent(low)}{between}{percent(high)}"


def number(value: float | None, places: int = 3) -> str:
    """Return a number for a table, a dash for none."""
    return "-" if value is None else f"{value:.{places}f}"


def one_line(text: str) -> str:
    """Return a text that keeps to its place in a table: without line breaks, and with a sign for what cannot be printed."""
    return "".join(
        letter
        if letter.isprintable() or letter in "\u200c\u200d"
        else " "
        if letter.isspace()
        else "\N{REPLACEMENT CHARACTER}"
        for letter in text
    )


def aligned(head: Sequence[str], lines: Sequence[Sequence[str]], left: Sequence[int] = (1,)) -> str:
    """Return columns set right, those in `left` left, under a rule."""
    widths = [max(cell_len(line[place]) for line in [head, *lines]) for place in range(len(head))]

    def one(line: Sequence[str]) -> str:
        blanks = [" " * (width - cell_len(text)) for text, width in zip(line, widths, strict=True)]
        parts = [
            text + blank if place in left else blank + text
            for place, (text, blank) in enumerate(zip(line, blanks, strict=True))
        ]
        return "  ".join(parts).rstrip()

    return "\n".join([one(head), "  ".join("-" * width for width in widths), *map(one, lines)])


def markdown(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """Return a table in Markdown, its second column set left and kept as plain text."""

    def one(line: Sequence[str]) -> str:
        return "| " + " | ".join(line) + " |"

    named = [[inert(text) if place == 1 else text for place, text in enumerate(line)] for line in lines]
    return "\n".join(
        [
            one([*map(inert, head)]),
            one(["---:" if place != 1 else "---" for place in range(len(head))]),
            *map(one, named),
        ]
    )


def as_csv(rows: Sequence[Row], columns: Sequence[str] = ()) -> str:
    """Return rows as CSV, `columns` first and then others as they come; lists and objects are JSON text, null is empty."""
    head = list(dict.fromkeys([*columns, *(key for row in rows for key in row)]))
    out = io.StringIO()
    writer = csv.DictWriter(out, fieldnames=head, lineterminator="\n", restval="")
    writer.writeheader()
    for row in rows:
        writer.writerow(
            {key: dumps(value).decode() if isinstance(value, dict | list) else value for key, value in row.items()}
        )
    return out.getvalue()


def inert(text: str) -> str:
    """Return a text in Markdown that is shown as it is: no markup, no HTML, no end of a table cell."""
    return re.sub(r"[\\`*\[\]<>|~$]|(?<!\w)_|_(?!\w)", r"\\\g<0>", text.replace("&", "&amp;"))


def latex(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """Return a `tabular` for LaTeX, its second column set left."""
    escapes = {
        "&": r"\&",
        "%": r"\%",
        "_": r"\_",
        "#": r"\#",
        "$": r"\$",
        "{": r"\{",
        "}": r"\}",
        "~": r"\textasciitilde{}",
    }
    escapes |= {"^": r"\textasciicircum{}", "\\": r"\textbackslash{}"}
    escapes |= {
        "<": r"\textless{}",
        ">": r"\textgreater{}",
        "|": r"\textbar{}",
    }  # other signs in LaTeX's first encoding

    def one(line: Sequence[str]) -> str:
        return " & ".join("".join(escapes.get(letter, letter) for letter in text) for text in line) + r" \\"

    columns = "".join("l" if place == 1 else "r" for place in range(len(head)))
    body = [
        rf"\begin{{tabular}}{{{columns}}}",
        r"\hline",
        one(head),
        r"\hline",
        *map(one, lines),
        r"\hline",
        r"\end{tabular}",
    ]
    return "\n".join(body)

"""An agreement report as text for people."""

from __future__ import annotations

from collections.abc import Sequence

from syncode.schemas.records import Row
from syncode.stages.leaderboard.render import aligned, percent


def as_text(rows: Sequence[Row]) -> str:
    """Return one table for each kind of row."""
    return _judges([row for row in rows if row["kind"] == "judge"])


def _judges(rows: Sequence[Row]) -> str:
    head = [
        "consistent",
        "judge",
        "95 % interval",
        "double games",
        "flips",
        "first place",
        "95 % interval",
        "games",
        "missing",
    ]
    lines = [
        [
            percent(row["consistency"]),
            row["judge"] or "(unnamed)",
            f"{percent(row['consistency_low'])}-{percent(row['consistency_high'])}",
            str(row["both_read"]),
            str(row["flips"]),
            percent(row["first_share"]),
            f"{percent(row['first_low'])}-{percent(row['first_high'])}",
            str(row["games"]),
            str(row["missing"]),
        ]
        for row in rows
    ]
    return (
        "Each judge with itself: the same answer preferred when the answers change places, and the share of decisions for the "
        "answer shown first\n\n" + aligned(head, lines)
    )

"""Costs as text for people."""

from __future__ import annotations

from collections.abc import Sequence

from syncode.reports.sections import Section, told
from syncode.schemas.records import Row


def count(value: float | None) -> str:
    """Return a number of tokens, a question mark for an unknown one."""
    return "?" if value is None else f"{value:,.0f}"


def money(value: float | None) -> str:
    """Return USD, a question mark for an unknown amount."""
    return "?" if value is None else f"{value:.4f}"


SECTIONS = {
    "model": Section(
        "Models: tokens and USD of their answers, and of the games that they played (a game counts for both). ?: not all known.",
        {
            "answers": lambda row: str(row["answers"]),
            "model": lambda row: row["model"],
            "tokens": lambda row: count(row["tokens"]),
            "USD": lambda row: money(row["usd"]),
            "at least": lambda row: money(row["usd_known"]),
            "without usage": lambda row: str(row["without_usage"]),
            "tokens of judges": lambda row: count(row["judge_tokens"]),
            "USD of judges": lambda row: money(row["judge_usd"]),
        },
    ),
    "judge": Section(
        "Judges: all verdicts, and one.",
        {
            "verdicts": lambda row: str(row["verdicts"]),
            "judge": lambda row: row["judge"] or "(unnamed)",
            "tokens": lambda row: count(row["tokens"]),
            "USD": lambda row: money(row["usd"]),
            "at least": lambda row: money(row["usd_known"]),
            "without usage": lambda row: str(row["without_usage"]),
            "tokens each": lambda row: count(row["tokens_per_verdict"]),
            "USD each": lambda row: money(row["usd_per_verdict"]),
        },
    ),
    "total": Section(
        "What it took to tell a pair of models apart (paired by question, Holm, 5 %): judging only.",
        {
            "separated": lambda row: str(row["separated"]),
            "": lambda row: f"of {row['pairs']} pairs",
            "tokens": lambda row: count(row["judge_tokens"]),
            "USD": lambda row: money(row["judge_usd"]),
            "tokens a pair": lambda row: count(row["tokens_per_separated_pair"]) if row["separated"] else "-",
            "USD a pair": lambda row: money(row["usd_per_separated_pair"]) if row["separated"] else "-",
        },
    ),
}


def as_text(rows: Sequence[Row]) -> str:
    """Return one table for models, judges and all."""
    return told(SECTIONS, rows)

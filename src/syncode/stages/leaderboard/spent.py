"""Tokens and money of rows that carry a server's usage: what is not said is unknown, never 0."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from syncode.engines.pacing.budget import NANO, Price
from syncode.schemas.records import Row

FREE = ("empty_answer", "identical", "missing_answer", "missing_baseline", "empty_baseline", "skipped_length", "absent")
"""States of verdicts for which no judge is asked: they cost nothing, which is known."""


@dataclass(frozen=True)
class Spent:
    """Sums over rows that say their usage; `without_usage` counts those that do not, `without_price` those of an unknown price.

    `usd_known` is what the rows with usage and price cost: a lower bound if others are unknown.
    """

    rows: int = 0
    without_usage: int = 0
    without_price: int = 0
    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    usd_known: float = 0.0

    @property
    def tokens(self) -> int:
        """Prompt and completion together."""
        return self.prompt_tokens + self.completion_tokens

    @property
    def usd(self) -> float | None:
        """The cost in USD, None if it is unknown for one row or more."""
        return self.usd_known if self.rows and not (self.without_usage or self.without_price) else None


def spent(rows: Iterable[tuple[Row, str]], prices: Mapping[str, Price]) -> Spent:
    """Return what rows with the name of their model cost. A verdict's price may also stand under the name its server answered by.

    Prices are those of single requests: whether a row came by a cheaper batch is in the journal, not in the row.
    """
    count = without = unpriced = prompt = cached = completion = nano = 0
    for row, model in rows:
        count += 1
        if row.get("state") in FREE and not row.get("usage"):
            continue
        parts = _usage(row)
        if parts is None:
            without += 1
            continue
        prompt, cached, completion = prompt + parts[0], cached + parts[1], completion + parts[2]
        price = prices.get(model) or prices.get(str(row.get("judge_model") or ""))
        if price is None:
            unpriced += 1
        else:
            nano += price.nano(parts[0], parts[2], parts[1])
    return Spent(count, without, unpriced, prompt, cached, completion, nano / NANO)


def _usage(row: Row) -> tuple[int, int, int] | None:
    """Return prompt tokens, those of them that came from a cache, and completion tokens; None if the server did not say."""
    usage = row.get("usage") or {}
    counts = [usage.get(name) for name in ("prompt_tokens", "cached_tokens", "completion_tokens")]
    prompt, cached, completion = (each if type(each) is int else None for each in counts)
    return None if prompt is None or completion is None else (prompt, cached or 0, completion)

"""What a run asked of its model and what that cost: the numbers behind the summary line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass
class Use:
    """Requests by how they were answered, and the tokens and dollars of all attempts that this run made for them.

    `answered`: from the journal, for nothing. `failed` of those `asked` have no answer. `usd` is None without a price, else what
    the journal is charged: an attempt without an answer may be paid for as well.
    """

    answered: int = 0
    asked: int = 0
    failed: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    usd: float | None = None

    def add(self, *, cached: bool) -> None:
        """Count one request that was answered."""
        self.answered += cached
        self.asked += not cached

    def spend(self, usage: Mapping[str, int], usd: float | None) -> None:
        """Count one attempt: the tokens that the server reports, and what it costs."""
        self.prompt_tokens += usage.get("prompt_tokens", 0)
        self.completion_tokens += usage.get("completion_tokens", 0)
        if usd is not None:
            self.usd = (self.usd or 0.0) + usd

    def fail(self) -> None:
        """Count a request that ended without an answer."""
        self.asked += 1
        self.failed += 1

    def as_row(self) -> dict[str, Any]:
        """Return the numbers as JSON values, for `--summary`."""
        return {
            "requests": {
                "answered_from_journal": self.answered,
                "asked": self.asked,
                "failed": self.failed,
                "prompt_tokens": self.prompt_tokens,
                "completion_tokens": self.completion_tokens,
                "usd": None if self.usd is None else round(self.usd, 6),
            }
        }

    def line(self) -> str:
        """Return the numbers for people."""
        if not self.answered + self.asked:
            return ""
        cost = "" if self.usd is None else f", {self.usd:.4f} USD"
        failed = f" ({self.failed} of them failed)" if self.failed else ""
        tokens = f"{self.prompt_tokens:,} tokens in, {self.completion_tokens:,} out"
        return f"requests: {self.answered} answered from the journal, {self.asked} asked{failed}; {tokens}{cost}"


@dataclass(frozen=True)
class Uses:
    """The numbers of several engines together: a panel of judges."""

    each: Sequence[Use]

    def _sum(self) -> Use:
        usd = [use.usd for use in self.each if use.usd is not None]
        return Use(
            sum(use.answered for use in self.each),
            sum(use.asked for use in self.each),
            sum(use.failed for use in self.each),
            sum(use.prompt_tokens for use in self.each),
            sum(use.completion_tokens for use in self.each),
            sum(usd) if usd else None,
        )

    def as_row(self) -> dict[str, Any]:
        """Return the sums as JSON values."""
        return self._sum().as_row()

    def line(self) -> str:
        """Return the sums for people."""
        return self._sum().line()

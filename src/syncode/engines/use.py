"""What a run asked of its model and what that cost: the numbers behind the summary line."""

from dataclasses import dataclass
from typing import Any

from syncode.engines.request import Reply


@dataclass
class Use:
    """Requests by how they were answered, and the tokens and dollars of those that were asked in this run.

    `answered`: from the journal, for nothing. `usd` is None without a price.
    """

    answered: int = 0
    asked: int = 0
    failed: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    usd: float | None = None

    def add(self, reply: Reply, *, cached: bool, usd: float | None) -> None:
        """Count one reply."""
        if cached:
            self.answered += 1
            return
        self.asked += 1
        self.prompt_tokens += reply.usage.get("prompt_tokens", 0)
        self.completion_tokens += reply.usage.get("completion_tokens", 0)
        if usd is not None:
            self.usd = (self.usd or 0.0) + usd

    def plus(self, other: "Use") -> "Use":
        """Return the numbers of two engines together, of a panel of judges say."""
        usd = None if self.usd is None and other.usd is None else (self.usd or 0.0) + (other.usd or 0.0)
        return Use(
            self.answered + other.answered,
            self.asked + other.asked,
            self.failed + other.failed,
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
            usd,
        )

    def as_row(self) -> dict[str, Any]:
        """Return the numbers as JSON values, for `--summary`."""
        return {
            "answered_from_journal": self.answered,
            "asked": self.asked,
            "failed_requests": self.failed,
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.completion_tokens,
            "usd": None if self.usd is None else round(self.usd, 6),
        }

    def line(self) -> str:
        """Return the numbers for people."""
        cost = "" if self.usd is None else f", {self.usd:.4f} USD"
        failed = f", {self.failed} failed" if self.failed else ""
        tokens = f"{self.prompt_tokens:,} tokens in, {self.completion_tokens:,} out"
        return f"requests: {self.answered} answered from the journal, {self.asked} asked{failed}; {tokens}{cost}"

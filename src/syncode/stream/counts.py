"""What became of the rows: the numbers that have to add up."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Protocol

FAILED_RULE = "engine"
"""Rows dropped by `<stage>.engine` failed for good at the engine and are asked again by the next run."""


class Account(Protocol):
    """What a stage used besides rows: requests, tokens, money. Empty texts and rows are not shown."""

    def line(self) -> str: ...

    def as_row(self) -> dict[str, Any]: ...


@dataclass
class Counts:
    """read + added = written + dropped + failed + absorbed, where a report absorbs what it reads."""

    read: int = 0
    added: int = 0
    written: int = 0
    failed: int = 0
    absorbed: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    account: Account | None = None

    def reject(self, rule: str) -> bool:
        """Count one discarded row under its rule, as `<stage>.<rule>`; tell whether it failed at the engine."""
        if rule.rpartition(".")[2] == FAILED_RULE:
            self.failed += 1
            return True
        self.dropped[rule] += 1
        return False

    def check(self) -> None:
        """Raise AssertionError where a row has vanished: that is a bug in a stage, never in the data."""
        came, went = self.read + self.added, self.written + self.dropped.total() + self.failed + self.absorbed
        if came != went:
            raise AssertionError(f"rows do not add up: {came} came in, {went} are accounted for ({self})")

    def line(self) -> str:
        """Return the counts for people."""
        parts = [f"{self.read} read"]
        if self.added:
            parts.append(f"{self.added} added")
        parts.append(f"{self.written} written")
        if self.dropped:
            rules = ", ".join(f"{rule} {count}" for rule, count in sorted(self.dropped.items()))
            parts.append(f"{self.dropped.total()} dropped ({rules})")
        if self.failed:
            parts.append(f"{self.failed} failed")
        if self.absorbed:
            parts.append(f"{self.absorbed} absorbed")
        return ", ".join(parts)

    def as_row(self) -> dict[str, Any]:
        """Return the counts as JSON values, for `--summary`."""
        return {
            "read": self.read,
            "added": self.added,
            "written": self.written,
            "dropped": dict(sorted(self.dropped.items())),
            "failed": self.failed,
            "absorbed": self.absorbed,
            **(self.account.as_row() if self.account else {}),
        }

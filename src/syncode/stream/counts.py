"""What became of the rows: the numbers that have to add up."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Protocol

from syncode.schemas.records import Row

FAILED_RULE = "engine"
"""Rows dropped by `<stage>.engine` failed for good at the engine and are asked again by the next run."""


class Account(Protocol):
    """What a stage used besides rows: requests, tokens, money. Empty texts and rows are not shown."""

    def line(self) -> str: ...

    def as_row(self) -> dict[str, Any]: ...


class Added(dict[str, Any]):
    """A row that a fold makes anew, in place of none that it took: `yield Added(row)`."""


@dataclass
class Counts:
    """read + added = written + dropped + failed + absorbed, where a report absorbs what it reads.

    Each number is counted where it happens, none is worked out from the others: or the law could not fail.
    """

    read: int = 0
    added: int = 0
    written: int = 0
    failed: int = 0
    absorbed: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    reads: bool = True
    """Whether rows come in at all: `emit` makes them of nothing."""
    account: Account | None = None

    @property
    def seen(self) -> int:
        """Rows that came in, or where none come in those that were made."""
        return self.read or self.added

    def reject(self, rule: str) -> bool:
        """Count one discarded row under its rule, as `<stage>.<rule>`; return whether it failed at the engine."""
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
        parts = [f"{self.read} read"] if self.reads else []
        if self.added:
            parts.append(f"{self.added} added")
        if self.written or not self.absorbed:  # a report may write a text, and no rows
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


class Balance:
    """Whether the rows that a fold hands on are those that it took, each once. Memory: one number, however many rows.

    The sum of the hashes of the ids that came in, less that of the ids that went out, is 0 (modulo 2^64) where they are the same,
    whatever their order, and is not 0 with a chance of 1 - 2^-64 where one was doubled, lost or exchanged for another.
    """

    def __init__(self) -> None:
        self._sum = 0
        self._nameless = False

    def came(self, row: Row) -> None:
        """Take note of a row that the stage is given."""
        self._sum += self._hash(row)
        self._nameless |= "id" not in row  # the stage may name it: only the counts can be held against each other

    def went(self, row: Row) -> None:
        """Take note of a row that the stage returns, dropped ones too; one that it declares as `Added` was never given."""
        if not isinstance(row, Added):
            self._sum -= self._hash(row)

    def check(self) -> None:
        """Raise AssertionError where the rows are not the same."""
        if self._sum % 2**64 and not self._nameless:
            raise AssertionError(
                "rows do not add up: the stage returned other rows than it took (one twice, and another one not at all)"
            )

    @staticmethod
    def _hash(row: Row) -> int:
        return hash(("row", str(row["id"]))) if "id" in row else 0

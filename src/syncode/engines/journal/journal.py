"""The journal: every answer, as it came, in one SQLite file, so that none is asked or paid for twice.

`answers` holds the raw bodies by request key; `failures` what ended in an error; `claims` what is being asked right now and what
that may cost, so that two runs never ask the same; `ledger` what was spent. See docs/adr/0003-journal-store.md.
"""

import sqlite3
from collections.abc import Callable
from enum import Enum, auto
from pathlib import Path
from typing import TypeVar

from syncode.engines.journal.file import (
    Entry,
    Kept,
    charge,
    charge_claim,
    charge_run,
    keep_answer,
    keep_failure,
    open_file,
    total,
)
from syncode.engines.journal.group_commit import GroupCommit
from syncode.engines.journal.runs import BATCH, Runs
from syncode.engines.pacing.budget import Amount, Budget
from syncode.errors import BudgetReached, EngineError

T = TypeVar("T")
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
__all__ = ["Claim", "Entry", "Journal", "Kept"]


class Claim(Enum):
    """What became of the wish to ask a request now."""

    GRANTED = auto()  # ask it: no one else will
    ANSWERED = auto()  # another run got the answer meanwhile
    TAKEN = auto()  # another run is asking it
    BATCHED = auto()  # it is in a batch that was submitted
    WAIT = auto()  # the budget is reserved to the last; some of it may come back
    SPENT = auto()  # the budget is used up


class Journal:
    """One journal, opened by one run and used in one thread. A path of None keeps only what a budget needs, in memory."""

    def __init__(self, path: str | None, *, lasting: bool = True) -> None:
        self.path = path or ":memory:"
        self._keeps = path is not None
        self._file = Path(path) if path is not None and path != ":memory:" else None
        self._lasting = lasting
        try:
            if self._file is not None:
                self._file.parent.mkdir(parents=True, exist_ok=True)
            self._connection = open_file(self.path)
        except (sqlite3.Error, OSError, ValueError) as error:
            raise self._unusable(error) from error
        self._runs = Runs(self._file, ballast=lasting)
        self._group = GroupCommit(self._connection, self._file, self._failed, self._relieve)
        self._full: EngineError | None = None
        try:
            with self._connection:
                self._connection.execute("BEGIN IMMEDIATE")
                self._charge_the_dead()
            self._runs.sweep()
        except (sqlite3.Error, OSError) as error:
            self._connection.close()
            raise self._unusable(error) from error

    def answer(self, key: bytes) -> bytes | None:
        """Return the raw answer to a request, None if there is none."""
        try:
            found = self._connection.execute("SELECT body FROM answers WHERE key = ?", (key,)).fetchone()
        except sqlite3.Error as error:
            raise self._failed(error) from error
        return found[0] if found else None

    def stranger(self, key: bytes) -> str | None:
        """Return the name under which an answer came, if it was not the one asked for."""
        try:
            found = self._connection.execute("SELECT answered FROM notes WHERE key = ?", (key,)).fetchone()
        except sqlite3.Error as error:
            raise self._failed(error) from error
        return found[0] if found else None

    def failed(self, key: bytes) -> bool:
        """Return whether the request ended in an error, and no answer came since."""
        return self._connection.execute("SELECT 1 FROM failures WHERE key = ?", (key,)).fetchone() is not None

    async def claim(self, entry: Entry, hold: Amount, budget: Budget | None, spent: Amount | None = None) -> Claim:
        """Ask to send a request that may cost `hold`; `spent` is what an earlier attempt of the same call cost."""
        self._enter()
        return await self._group.do(lambda connection: self.claim_in(connection, entry, hold, budget, spent))

    def _enter(self) -> None:
        if self._full is not None:
            raise self._full
        try:
            self._runs.enter()
        except OSError as error:
            raise self._failed(error) from error

    def claim_in(
        self, connection: sqlite3.Connection, entry: Entry, hold: Amount, budget: Budget | None, spent: Amount | None
    ) -> Claim:
        """Claim inside a transaction that is under way; see `claim`."""
        holder = connection.execute("SELECT run FROM claims WHERE key = ?", (entry.key,)).fetchone()
        if holder is not None and holder[0] != self._runs.name:
            if holder[0].startswith(BATCH):
                return Claim.BATCHED
            if self._runs.alive(holder[0]):
                return Claim.TAKEN
            charge_run(connection, holder[0])
        elif holder is not None:
            connection.execute("DELETE FROM claims WHERE key = ?", (entry.key,))
        if spent is not None:
            charge(connection, entry.model, spent)
        if connection.execute("SELECT 1 FROM answers WHERE key = ?", (entry.key,)).fetchone():
            return Claim.ANSWERED
        if budget is not None:
            used, reserved = total(connection, "ledger", budget), total(connection, "claims", budget)
            if used + reserved + hold.of(budget.unit) > budget.most:
                return Claim.WAIT if self._may_come_back(connection) else Claim.SPENT
        row = (entry.key, self._runs.name, entry.model, hold.requests, hold.tokens, hold.nano)
        connection.execute("INSERT INTO claims VALUES (?, ?, ?, ?, ?, ?)", row)
        return Claim.GRANTED

    def _may_come_back(self, connection: sqlite3.Connection) -> bool:
        """Return whether something is reserved that may yet be settled for less."""
        self._charge_the_dead()
        return connection.execute("SELECT 1 FROM claims WHERE run NOT LIKE ?", (BATCH + "%",)).fetchone() is not None

    async def release(self, entry: Entry, spent: Amount) -> None:
        """Let go of a request that will not be asked again in this run; its attempts cost `spent`."""

        await self._group.do(lambda connection: charge_claim(connection, entry, spent))

    async def settle(self, entry: Entry, kept: Kept, spent: Amount) -> None:
        """Keep a raw answer and what it cost; returns when both are on the disk."""

        def work(connection: sqlite3.Connection) -> None:
            if self._keeps:
                keep_answer(connection, entry, kept)
            charge_claim(connection, entry, spent)

        await self._group.do(work, durable=self._lasting)

    async def fail(self, entry: Entry, error: str, body: bytes | None, spent: Amount) -> None:
        """Note that a request failed for good, with the last raw response there was, and what the attempts cost."""

        def work(connection: sqlite3.Connection) -> None:
            if self._keeps:
                keep_failure(connection, entry, error, body)
            charge_claim(connection, entry, spent)

        await self._group.do(work)

    async def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run `work` in a transaction and return its result once it is on the disk; for the batches of a run."""
        self._enter()
        return await self._group.do(work, durable=True)

    @property
    def run(self) -> str:
        """The name under which this run makes claims."""
        return self._runs.name

    def alive(self, run: str) -> bool:
        """Return whether another run of this journal is still there."""
        return self._runs.alive(run)

    def spent(self, budget: Budget) -> int:
        """Return what all runs of this journal have spent, in the budget's unit."""
        return total(self._connection, "ledger", budget)

    def budget_reached(self, budget: Budget) -> BudgetReached:
        """Return the error that says what all runs of this journal have spent, and what is still held for batches."""
        held = total(self._connection, "claims", budget)
        spent = budget.amount(self.spent(budget))
        more = f" and holds {budget.amount(held)} for what is out" if held else ""
        return BudgetReached(
            f"--budget {budget.text}: the next request could exceed it; {self.path} has spent {spent}{more}"
        )

    def close(self) -> None:
        """Write what waits, charge what was sent and never answered, and let go of the file."""
        try:
            self._group.close()
            if self._runs.entered:
                charge_run(self._connection, self._runs.name)
        except sqlite3.Error as error:
            raise self._failed(error) from error
        finally:
            self._connection.close()
            self._runs.leave()

    def _charge_the_dead(self) -> None:
        """Count what killed runs had in the air at its reservation: it may have been billed."""
        held = [run for (run,) in self._connection.execute("SELECT DISTINCT run FROM claims")]
        for run in held:
            if not self._runs.alive(run):
                charge_run(self._connection, run)

    def _relieve(self, error: Exception) -> bool:
        """Make room on a full disk for the answers in the air; from now on nothing new is sent."""
        self._full = self._full or self._failed(error)
        return self._runs.relieve()

    def _unusable(self, error: Exception) -> EngineError:
        return EngineError(f"journal {self.path}: {_what(error)}; name another with --journal")

    def _failed(self, error: Exception) -> EngineError:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGED:
            return self._unusable(error)
        return EngineError(
            f"journal {self.path}: {_what(error)}; answers that came are kept, run the same command again to go on"
        )


def _what(error: Exception) -> str:
    return str(error.strerror) if isinstance(error, OSError) else str(error)

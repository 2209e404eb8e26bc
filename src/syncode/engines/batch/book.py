"""What the journal knows about batches: what was to be submitted, under which id it was, and which requests are in it.

The intent is written before anything is sent and repeated in the batch's metadata, so that a run that dies in between finds at
the provider what it submitted, instead of submitting it again.
"""

import secrets
import sqlite3
import time
from collections.abc import Sequence
from dataclasses import dataclass

from syncode.engines.journal.file import Kept, charge, keep_answer, keep_failure, reserved
from syncode.engines.journal.journal import Claim, Entry, Journal
from syncode.engines.journal.runs import BATCH
from syncode.engines.pacing.budget import Amount, Budget
from syncode.engines.request import Reply


@dataclass(frozen=True)
class OpenBatch:
    """A batch that is not harvested. `run` submits it; `batch` is the provider's id, None before it is known."""

    intent: str
    run: str
    batch: str | None
    at: float


@dataclass(frozen=True)
class Harvested:
    """What a batch brought for one request: an answer, an error that is final, or neither (it is asked again).

    `spent`: what it cost, None if that is not known: what was reserved. `answered` and `sent`: see `Kept`.
    """

    key: bytes
    spent: Amount | None
    body: bytes | None = None
    reply: Reply | None = None
    error: str | None = None
    answered: str | None = None
    sent: tuple[str, ...] = ()


class BatchBook:
    """The batches of one endpoint in one journal."""

    def __init__(self, journal: Journal, endpoint: str) -> None:
        self._journal = journal
        self._endpoint = endpoint

    async def open_batches(self) -> list[OpenBatch]:
        """Return the batches that wait to be harvested, oldest first."""
        rows = await self._journal.write(
            lambda connection: connection.execute(
                "SELECT intent, run, batch, at FROM batches WHERE endpoint = ? ORDER BY at", (self._endpoint,)
            ).fetchall()
        )
        return [OpenBatch(*row) for row in rows]

    async def intend(
        self, wishes: Sequence[tuple[Entry, Amount]], budget: Budget | None
    ) -> tuple[str, dict[bytes, Claim]]:
        """Write down that these requests are about to be submitted; return the intent and what each of them got."""
        intent = secrets.token_hex(16)

        def work(connection: sqlite3.Connection) -> dict[bytes, Claim]:
            claims = {
                entry.key: self._journal.claim_in(connection, entry, hold, budget, None) for entry, hold in wishes
            }
            granted = [entry for entry, _ in wishes if claims[entry.key] is Claim.GRANTED]
            for entry in granted:
                row = (entry.key, intent, entry.model, entry.op, entry.version, entry.record, entry.k)
                connection.execute("INSERT OR REPLACE INTO batched VALUES (?, ?, ?, ?, ?, ?, ?)", row)
                connection.execute("UPDATE claims SET run = ? WHERE key = ?", (BATCH + intent, entry.key))
            if granted:
                batch = (intent, self._journal.run, self._endpoint, None, time.time())
                connection.execute("INSERT INTO batches VALUES (?, ?, ?, ?, ?)", batch)
            return claims

        return intent, await self._journal.write(work)

    async def submitted(self, intent: str, batch: str) -> None:
        """Note the provider's id."""
        await self._journal.write(
            lambda connection: connection.execute("UPDATE batches SET batch = ? WHERE intent = ?", (batch, intent))
        )

    async def entries(self, intent: str) -> dict[bytes, Entry]:
        """Return the requests in a batch that are not settled."""
        rows = await self._journal.write(
            lambda connection: connection.execute(
                "SELECT key, model, op, version, record, k FROM batched WHERE intent = ?", (intent,)
            ).fetchall()
        )
        return {row[0]: Entry(*row) for row in rows}

    async def places(self, keys: Sequence[bytes]) -> set[str]:
        """Return the endpoints that have batches with these requests in them."""
        query = "SELECT endpoint FROM batched JOIN batches USING (intent) WHERE key = ?"

        def work(connection: sqlite3.Connection) -> set[str]:
            return {place for key in keys for (place,) in connection.execute(query, (key,))}

        return await self._journal.write(work)

    async def harvest(self, intent: str, brought: Sequence[Harvested]) -> None:
        """Settle what a batch brought, free the rest of its requests, and forget the batch: all of it or nothing."""

        def work(connection: sqlite3.Connection) -> None:
            rows = connection.execute(
                "SELECT key, model, op, version, record, k FROM batched WHERE intent = ?", (intent,)
            )
            entries = {row[0]: Entry(*row) for row in rows}
            for item in brought:
                entry = entries.get(item.key)
                if entry is None:
                    continue  # another run was here first
                charge(connection, entry.model, item.spent or reserved(connection, item.key))
                if item.body is not None and item.reply is not None:
                    kept = Kept(item.body, item.reply.usage, answered=item.answered, sent=item.sent)
                    keep_answer(connection, entry, kept)
                elif item.error is not None:
                    keep_failure(connection, entry, item.error, item.body)
            connection.execute("DELETE FROM claims WHERE run = ?", (BATCH + intent,))
            strike(connection, intent)

        await self._journal.write(work)


def strike(connection: sqlite3.Connection, intent: str) -> None:
    """Take a batch and its requests out of the book; what is claimed for them is settled by the caller."""
    connection.execute("DELETE FROM batched WHERE intent = ?", (intent,))
    connection.execute("DELETE FROM batches WHERE intent = ?", (intent,))

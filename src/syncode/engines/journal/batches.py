"""The batches of a journal that wait for their answers, for people; and the way out where one will never bring them."""

from collections.abc import Iterator, Sequence
from typing import TypedDict

from syncode.engines.batch.book import strike
from syncode.engines.journal.file import charge_run
from syncode.engines.journal.report import moment, opened
from syncode.engines.journal.runs import BATCH
from syncode.errors import DataError
from syncode.schemas.records import Row


class JournalBatch(TypedDict):
    """A batch that was submitted and not harvested. `batch` is the provider's id, null if a run died before it was known."""

    journal: str
    batch: str | None
    intent: str
    endpoint: str
    requests: int
    at: str


QUERY = (
    "SELECT intent, batch, endpoint, at, (SELECT count(*) FROM batched WHERE batched.intent = batches.intent)"
    " FROM batches ORDER BY at"
)


def batches(paths: Sequence[str]) -> Iterator[Row]:
    """Yield one JournalBatch row for each open batch."""
    for path in paths:
        with opened(path) as connection:
            for intent, batch, endpoint, at, requests in connection.execute(QUERY).fetchall():
                place = {"journal": path, "batch": batch, "intent": intent, "endpoint": endpoint}
                yield {**place, "requests": requests, "at": moment(at)}


def forget(paths: Sequence[str], name: str) -> list[Row]:
    """Free the requests of an open batch, named by its id or intent, and return its JournalBatch rows.

    What was reserved for them counts as spent: the provider may bill them. Raises DataError if there is no such batch.
    """
    found = [row for row in batches(paths) if name in (row["batch"], row["intent"])]
    if not found:
        known = ", ".join(row["batch"] or row["intent"] for row in batches(paths)) or "none"
        raise DataError(f"{', '.join(paths)}: no open batch {name!r} (open: {known})")
    for row in found:
        with opened(row["journal"]) as connection:
            connection.execute("BEGIN IMMEDIATE")
            charge_run(connection, BATCH + row["intent"])
            strike(connection, row["intent"])
            connection.execute("COMMIT")
    return found

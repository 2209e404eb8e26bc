"""The OpenAI Batch API in place of single calls: half the price, up to a day of waiting, the same rows out.

Requests are collected until no more come, submitted together, polled and harvested; what a batch leaves out (it expired, it
failed) goes into the next one. A run that is killed while it waits finds its batches again, and pays for nothing twice.
"""

import asyncio
import time
from collections.abc import Awaitable, Collection, Sequence
from dataclasses import replace
from typing import Any

import orjson

from syncode.engines.adapting import without
from syncode.engines.batch.book import BatchBook, OpenBatch
from syncode.engines.batch.lines import read_lines, set_aside
from syncode.engines.batch.provider import Provider
from syncode.engines.batch.reading import Asked, Reader
from syncode.engines.batch.size import Size, is_about_size
from syncode.engines.batch.view import View
from syncode.engines.client import ClientTransport
from syncode.engines.dialect import Dialect, body_of, named_in
from syncode.engines.journal.journal import Claim, Journal
from syncode.engines.pacing.pool import Lane
from syncode.engines.replies.words import Words
from syncode.engines.sender import Answered, Question, Terms, another_name
from syncode.errors import EngineError, SyncodeError

_QUIET_SECONDS = 1.0  # without a new request, and what there is is submitted (chosen here)
_FIRST_POLL, _LONGEST_POLL, _SLOWER = 0.2, 60.0, 1.5  # seconds between polls of a batch, growing (chosen here)
_OF_THE_RUN = ("quota", "HTTP 401")  # kinds of errors that concern every request, even if others are answered


class BatchSender:
    """Asks through batches; takes the place of `Sender`. Lives in one event loop, at one endpoint."""

    out = 0  # requests whose answers have to be waited for: a batch stays with the provider

    def __init__(self, lane: Lane, journal: Journal, terms: Terms) -> None:
        assert isinstance(lane.transport, ClientTransport)
        self.stopped: SyncodeError | None = None
        self._provider = Provider(lane.transport, lane.address, terms.notices)
        self._name = lane.name
        self._address = address = lane.address
        self._journal = journal
        self._terms = terms
        self._size = Size()
        self._reader = Reader(lane, terms)
        self._book = BatchBook(journal, address)
        self._asked: dict[bytes, Asked] = {}
        self._queue: dict[bytes, None] = {}
        self._forms: dict[str, Dialect] = {}  # of the batches of this run, by intent
        self._watched: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._collecting = False
        self._resumed = asyncio.create_task(self._resume())

    async def ask(self, question: Question) -> Answered:
        """Return how the request ended; may take as long as a batch does."""
        if self.stopped is not None:
            raise self.stopped
        key = question.entry.key
        future: asyncio.Future[Answered] = asyncio.get_running_loop().create_future()
        self._asked[key] = Asked(question, future)
        self._queue[key] = None
        if not self._collecting:
            self._collecting = True
            self._spawn(self._collect())
        try:
            return await future
        finally:
            del self._asked[key]
            self._queue.pop(key, None)

    def stop(self, error: SyncodeError) -> None:
        """Submit nothing more."""
        self.stopped = self.stopped or error
        for key in self._queue:
            if not self._asked[key].future.done():
                self._asked[key].future.set_exception(self.stopped)
        self._queue.clear()

    async def calm(self, seconds: float) -> None:
        """Nothing to wait for: what was submitted stays with the provider, and the next run collects it."""

    def _spawn(self, work: Any) -> None:
        task = asyncio.create_task(self._guarded(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _guarded(self, work: Awaitable[None]) -> None:
        """Hand an error to everyone who waits: a task of its own has no one to raise it to."""
        try:
            await work
        except Exception as error:  # noqa: BLE001 (raised again by every `ask`)
            for asked in self._asked.values():
                if not asked.future.done():
                    asked.future.set_exception(error)

    async def _resume(self) -> None:
        """Take up the batches of earlier runs."""
        for batch in await self._book.open_batches():
            self._watch(batch.intent)

    def _watch(self, intent: str) -> None:
        if intent not in self._watched:
            self._watched.add(intent)
            self._spawn(self._follow(intent))

    async def _collect(self) -> None:
        try:
            await self._resumed
            while self._queue:
                seen = -1
                while seen != len(self._queue) and len(self._queue) < self._size.lines:
                    seen = len(self._queue)
                    await asyncio.sleep(_QUIET_SECONDS)
                while self._size.one_by_one and self._watched:
                    await asyncio.sleep(_QUIET_SECONDS)
                await self._submit()
        finally:
            self._collecting = False

    async def _submit(self) -> None:
        """Put what waits into one batch, as far as budget, other runs and the size of a file allow."""
        lines: dict[bytes, bytes] = {}
        wishes = []
        for key in list(self._queue):
            question = self._asked[key].question
            request = question.request
            body = body_of(request, self._name, question.seed, self._reader.form, self._terms.extra)
            line = {"custom_id": key.hex(), "method": "POST", "url": "/v1/chat/completions", "body": body}
            raw = orjson.dumps(line) + b"\n"
            if not self._size.fits(len(lines) + 1, sum(map(len, lines.values())) + len(raw)):
                break
            lines[key] = raw
            wishes.append((question.entry, self._terms.meter.reserve(body, request.sampling.max_tokens)))
            del self._queue[key]
        intent, claims = await self._book.intend(wishes, self._terms.budget)
        granted = [lines[key] for key, claim in claims.items() if claim is Claim.GRANTED]
        if granted:
            try:
                batch = await self._create(intent, b"".join(granted))
            except EngineError as error:
                if not await self._in_smaller_ones(intent, str(error), len(granted)):
                    raise
            else:
                await self._book.submitted(intent, batch.id)
                self._terms.notices.progress(f"batch {batch.id}: {len(granted)} requests submitted")
                self._watch(intent)
        for key, claim in claims.items():
            self._refused(key, claim)
        if joined := [key for key, claim in claims.items() if claim is Claim.BATCHED]:
            await self._join(joined)

    async def _create(self, intent: str, content: bytes) -> View:
        """Upload a file of requests and make a batch of it."""
        self._forms[intent] = self._reader.form
        since = time.time()
        file = await self._provider.upload(f"{intent}.jsonl", content)
        return await self._provider.create(file, intent, lambda: self._look(intent, since, file))

    async def _in_smaller_ones(self, intent: str, reason: str, requests: int) -> bool:
        """Free the requests of a batch that was refused for its size, to go into smaller ones; False if it was something else."""
        if not is_about_size(reason) or not self._size.shrink(requests):
            return False
        await self._book.harvest(intent, [])
        self._terms.notices.progress(
            f"a batch of {requests} is refused ({reason}); going on with {self._size.lines} at a time"
        )
        self._requeue()
        return True

    def _refused(self, key: bytes, claim: Claim) -> None:
        """See what a request that could not go into the batch waits for; one in another batch is for `_join`."""
        asked, budget = self._asked.get(key), self._terms.budget
        if asked is None or asked.future.done():
            return
        future = asked.future
        if claim is Claim.ANSWERED:
            future.set_result(Answered(self._journal.answer(key), cached=True))
        elif claim is Claim.SPENT and budget is not None and not self._watched:
            future.set_exception(self._journal.budget_reached(budget))
        elif claim in (Claim.TAKEN, Claim.WAIT):
            self._queue[key] = None  # another run is asking it, or holds what is left of the budget: look again
        # What is left over waits for a batch that is out: it may cost less than was reserved, and `_requeue` asks again.

    async def _join(self, keys: Sequence[bytes]) -> None:
        """Wait for the batches that requests are in, of this run or of another; EngineError where they are elsewhere."""
        elsewhere = await self._book.places(keys) - {self._address}
        if elsewhere:
            raise EngineError(
                f"{self._journal.path}: requests are in a batch that was submitted to {', '.join(sorted(elsewhere))}; "
                "collect it there, with --batch"
            )
        await self._requeue_what_is_free()

    async def _follow(self, intent: str) -> None:
        """Wait for one batch and harvest it."""
        pause, told = _FIRST_POLL, ""
        try:
            while True:
                open_batches = {batch.intent: batch for batch in await self._book.open_batches()}
                entry = open_batches.get(intent)
                if entry is None:
                    break  # harvested by another run
                identity = entry.batch or await self._find(entry)
                if identity is not None:
                    batch = await self._retrieve(identity, entry.at)
                    if batch.end:
                        await self._harvest(intent, batch)
                        break
                    told = self._progress(batch, told)
                elif not self._journal.alive(entry.run):
                    await self._book.harvest(intent, [])  # never submitted: its requests are free again
                    break
                await asyncio.sleep(pause)
                pause = min(_LONGEST_POLL, pause * _SLOWER)
        finally:
            self._watched.discard(intent)
        self._requeue()

    async def _retrieve(self, identity: str, at: float) -> View:
        young = self._provider.is_young(at, time.time())
        try:
            return await self._provider.retrieve(identity, young=young)
        except EngineError as error:
            raise self._stuck(identity, error) from None

    def _stuck(self, batch: str, error: EngineError) -> EngineError:
        """Return the error for a batch that cannot be collected, with the way out."""
        return EngineError(
            f"{error}; {self._journal.path} has requests in batch {batch}, which the key that submitted it can collect "
            f"(where it is lost: syncode journal batches {self._journal.path} --forget {batch})"
        )

    async def _find(self, entry: OpenBatch) -> str | None:
        """Look for a batch whose id was not written down before its run died."""
        if self._journal.alive(entry.run):
            return None
        found = await self._look(entry.intent, entry.at)
        if found is None:
            return None
        await self._book.submitted(entry.intent, found.id)
        return found.id

    async def _look(self, intent: str, since: float, file: str = "") -> View | None:
        try:
            return await self._provider.find(intent, since, file)
        except EngineError as error:
            raise self._stuck(intent, error) from None

    async def _harvest(self, intent: str, batch: View) -> None:
        entries = await self._book.entries(intent)
        if batch.end == "failed" and not batch.files:
            await self._failed(intent, batch, entries.keys())
            return
        form = self._forms.pop(intent, self._reader.plain)
        lines, strange = read_lines([await self._content(batch, file) for file in batch.files], entries.keys())
        if strange:
            where = set_aside(self._journal.path, strange)
            count = f"{len(strange)} line{'s' * (len(strange) > 1)} that answer no request of it"
            self._terms.notices.once(f"strange {batch.id}", f"batch {batch.id} brought {count}; kept in {where}")
        brought, stops = [], []
        for key in entries:
            item, verdict = self._reader.read(self._asked.get(key), key, lines.get(key), form)
            if verdict is None:
                brought.append(item)
            else:
                stops.append((item, verdict))
        answered = sum(item.body is not None for item in brought)
        for (
            item,
            verdict,
        ) in stops:  # where others are answered, most of what would stop a run is the matter of one request
            alone = answered and verdict.kind not in _OF_THE_RUN
            brought.append(replace(item, error=verdict.reason) if alone else item)
        await self._book.harvest(intent, brought)
        self._terms.notices.progress(f"batch {batch.id} {batch.status}: {answered} of {len(entries)} answered")
        if strangers := [item.answered for item in brought if item.answered]:
            raise another_name(self._address, self._name, strangers[0])
        for item in brought:
            asked = self._asked.get(item.key)
            if asked is not None and not asked.future.done() and (item.body is not None or item.error is not None):
                asked.future.set_result(Answered(item.body, item.error))
        for _, verdict in stops:
            if not answered or verdict.kind in _OF_THE_RUN:
                raise EngineError(f"{self._address}: {verdict.reason}")

    async def _failed(self, intent: str, batch: View, keys: Collection[bytes]) -> None:
        """Put the requests of a batch that was refused as a whole in another form, or into smaller ones; or EngineError."""
        refusal = batch.refusal or Words("no reason given")
        if await self._in_smaller_ones(intent, refusal.text, len(keys)):
            return
        form = self._forms.pop(intent, self._reader.plain)
        parts = frozenset().union(*(self._terms.parts(self._asked[key].question) for key in keys if key in self._asked))
        named = named_in(refusal, parts)
        await self._book.harvest(intent, [])
        if without(form, named) is None:
            raise EngineError(f"{self._address}: batch {batch.id} was refused: {refusal.text}")
        if self._reader.form == form:
            self._reader.adapt(named, refusal.text)

    async def _content(self, batch: View, file: str) -> bytes:
        try:
            return await self._provider.content(file)
        except EngineError as error:
            raise self._stuck(batch.id, error) from None

    def _requeue(self) -> None:
        """Put what is still waited for, and in no batch, into the queue again."""
        self._spawn(self._requeue_what_is_free())

    async def _requeue_what_is_free(self) -> None:
        held: set[bytes] = set()
        for batch in await self._book.open_batches():
            held |= (await self._book.entries(batch.intent)).keys()
            # It may be another run's, with what an earlier one left out and this run waits for.
            self._watch(batch.intent)
        for key, asked in self._asked.items():
            if not asked.future.done() and key not in held:
                self._queue[key] = None
        if self._queue and not self._collecting:
            self._collecting = True
            self._spawn(self._collect())

    def _progress(self, batch: View, told: str) -> str:
        line = f"batch {batch.id} {batch.status}{batch.counts}"
        if line != told:
            self._terms.notices.progress(line)
        return line

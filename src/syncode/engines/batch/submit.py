"""The OpenAI Batch API in place of single calls: half the price, up to a day of waiting, the same rows out.

Requests are collected until no more come, submitted together, polled and harvested; what a batch leaves out (it expired, it
failed) goes into the next one. A run that is killed while it waits finds its batches again, and pays for nothing twice.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

import orjson

from syncode.engines.adapting import without
from syncode.engines.batch.book import BatchBook, Harvested, OpenBatch
from syncode.engines.batch.lines import Line, read_lines, set_aside
from syncode.engines.batch.size import Size, is_about_size
from syncode.engines.client import ClientTransport, no_response, unpacked
from syncode.engines.dialect import OPTIONAL, PLAIN, Dialect, body_of, named_in
from syncode.engines.journal.journal import Claim, Journal
from syncode.engines.names import accepted
from syncode.engines.pacing.budget import Amount
from syncode.engines.pacing.pool import Lane
from syncode.engines.replies.outcome import Course, judge
from syncode.engines.sender import ATTEMPTS, Answered, Question, Terms, another_name
from syncode.engines.wire import Response
from syncode.errors import EngineError, SyncodeError

if TYPE_CHECKING:
    from openai import AsyncOpenAI

T = TypeVar("T")
_QUIET_SECONDS = 1.0  # without a new request, and what there is is submitted (chosen here)
_FIRST_POLL, _LONGEST_POLL, _SLOWER = 0.2, 60.0, 1.5  # seconds between polls of a batch, growing (chosen here)
_OVER = ("completed", "expired", "failed", "cancelled")


class BatchSender:
    """Asks through batches; takes the place of `Sender`. Lives in one event loop, at one endpoint."""

    out = 0  # requests whose answers have to be waited for: a batch stays with the provider

    def __init__(self, lane: Lane, journal: Journal, terms: Terms) -> None:
        assert isinstance(lane.transport, ClientTransport)
        self.stopped: SyncodeError | None = None
        self._transport = lane.transport
        self._name = lane.name
        self._address = address = lane.address
        self._accept = lane.accept or terms.accept
        self._journal = journal
        self._terms = terms
        self._size = Size()
        self._plain = self._dialect = replace(terms.plain, left_out=terms.plain.left_out | {"stream"})
        self._book = BatchBook(journal, address)
        self._questions: dict[bytes, Question] = {}
        self._futures: dict[bytes, asyncio.Future[Answered]] = {}
        self._queue: dict[bytes, None] = {}
        self._tries: Counter[bytes] = Counter()
        self._watched: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._collecting = False
        self._resumed = asyncio.create_task(self._resume())

    async def ask(self, question: Question) -> Answered:
        """Return how the request ended; may take as long as a batch does."""
        if self.stopped is not None:
            raise self.stopped
        key = question.entry.key
        self._questions[key] = question
        future: asyncio.Future[Answered] = asyncio.get_running_loop().create_future()
        self._futures[key] = future
        self._queue[key] = None
        if not self._collecting:
            self._collecting = True
            self._spawn(self._collect())
        try:
            return await future
        finally:
            del self._questions[key], self._futures[key]
            self._queue.pop(key, None)
            self._tries.pop(key, None)

    def stop(self, error: SyncodeError) -> None:
        """Submit nothing more."""
        self.stopped = self.stopped or error
        for key in self._queue:
            if not self._futures[key].done():
                self._futures[key].set_exception(self.stopped)
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
            for future in self._futures.values():
                if not future.done():
                    future.set_exception(error)

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
            question = self._questions[key]
            request = question.request
            body = body_of(request, self._name, question.seed, self._dialect, self._terms.extra)
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

    async def _create(self, intent: str, content: bytes) -> Any:
        """Upload a file of requests and make a batch of it."""
        file = await self._call(lambda client: client.files.create(file=(f"{intent}.jsonl", content), purpose="batch"))
        return await self._call(
            lambda client: client.batches.create(
                input_file_id=file.id,
                endpoint="/v1/chat/completions",
                completion_window="24h",
                metadata={"syncode_intent": intent},
            )
        )

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
        future, budget = self._futures.get(key), self._terms.budget
        if future is None or future.done():
            return
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
                    batch = await self._retrieve(identity)
                    if batch.status in _OVER:
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

    async def _retrieve(self, identity: str) -> Any:
        try:
            return await self._call(lambda client: client.batches.retrieve(identity))
        except EngineError as error:
            raise EngineError(
                f"{error}; {self._journal.path} has requests in batch {identity}, which the key that submitted it can collect "
                f"(where it is lost: syncode journal batches {self._journal.path} --forget {identity})"
            ) from None

    async def _find(self, entry: OpenBatch) -> str | None:
        """Look for a batch whose id was not written down before its run died."""
        if self._journal.alive(entry.run):
            return None

        async def look(client: "AsyncOpenAI") -> str | None:
            async for batch in client.batches.list(limit=100):
                if (batch.metadata or {}).get("syncode_intent") == entry.intent:
                    return batch.id
                if batch.created_at < entry.at - 3600:
                    break
            return None

        found = await self._call(look)
        if found is not None:
            await self._book.submitted(entry.intent, found)
        return found

    async def _harvest(self, intent: str, batch: Any) -> None:
        entries = await self._book.entries(intent)
        if batch.status == "failed" and not (batch.output_file_id or batch.error_file_id):
            await self._failed(intent, batch, len(entries))
            return
        used = self._dialect
        files = [await self._content(file) for file in (batch.output_file_id, batch.error_file_id) if file]
        lines, strange = read_lines(files, entries.keys())
        if strange:
            where = set_aside(self._journal.path, strange)
            count = f"{len(strange)} line{'s' * (len(strange) > 1)} that answer no request of it"
            self._terms.notices.once(f"strange {batch.id}", f"batch {batch.id} brought {count}; kept in {where}")
        brought = {item.key: item for line in lines if (item := self._read(line, used)) is not None}
        for key in entries.keys() - brought.keys():
            self._tries[key] += 1
            if self._tries[key] >= ATTEMPTS:
                brought[key] = Harvested(key, Amount(), error=f"not answered by {ATTEMPTS} batches")
        await self._book.harvest(intent, list(brought.values()))
        answered = sum(item.body is not None for item in brought.values())
        self._terms.notices.progress(f"batch {batch.id} {batch.status}: {answered} of {len(entries)} answered")
        if strangers := [item.answered for item in brought.values() if item.answered]:
            raise another_name(self._address, self._name, strangers[0])
        for item in brought.values():
            future = self._futures.get(item.key)
            if future is not None and not future.done() and (item.body is not None or item.error is not None):
                future.set_result(Answered(item.body, item.error))

    async def _failed(self, intent: str, batch: Any, requests: int) -> None:
        """Put the requests of a batch that was refused as a whole into smaller ones if that helps; EngineError if not."""
        errors = (batch.errors.data if batch.errors else None) or []
        told = "; ".join(f"{error.code or ''} {error.message or ''}".strip() for error in errors)
        told = self._transport.without_key(told) or "no reason given"
        if await self._in_smaller_ones(intent, told, requests):
            return
        await self._book.harvest(intent, [])
        raise EngineError(f"{self._address}: batch {batch.id} was refused: {told}")

    async def _content(self, file: str) -> bytes:
        content = await self._call(lambda client: client.files.content(file))
        try:
            return self._transport.without_key(unpacked(content.content, ""))
        except ValueError as error:
            raise EngineError(f"{self._address}: file {file} came damaged: {error}") from error

    def _read(self, line: Line, used: Dialect) -> Harvested | None:
        """Return what is answered or failed for good; None for what may be asked again, in another form than `used`."""
        if line.status is None:
            return None
        verdict = judge(Response(line.status, line.body))
        question = self._questions.get(line.key)
        parts = self._terms.parts(question) if question else frozenset()
        if verdict.course is Course.ANSWER and verdict.reply is not None:
            spent = self._terms.meter.spent(verdict.reply.usage, Amount(1))
            name = verdict.reply.model
            sent = tuple(self._dialect.changes(parts, PLAIN)) if self._dialect != self._plain else ()
            stranger = None if accepted(self._name, name, self._accept) else name
            return Harvested(line.key, spent, line.body, verdict.reply, answered=stranger, sent=sent)
        named = named_in(verdict.refusal, parts) if verdict.refusal else frozenset()
        if without(used, named) is not None:
            if self._dialect == used:  # the first of many lines that say the same
                self._adapt(named, verdict.reason)
            return None
        if verdict.course is Course.AGAIN:
            return None
        return Harvested(line.key, Amount(1), error=verdict.reason)

    def _adapt(self, named: frozenset[str], reason: str) -> None:
        """Put the requests of later batches in another form."""
        form = without(self._dialect, named)
        assert form is not None
        self._dialect = form
        changes = ", ".join(form.changes(OPTIONAL, self._plain))
        self._terms.notices.once(
            f"batch {changes}",
            f"{self._address} refuses a part of the requests ({reason}); from the next batch on: {changes}",
        )

    def _requeue(self) -> None:
        """Put what is still waited for, and in no batch, into the queue again."""
        self._spawn(self._requeue_what_is_free())

    async def _requeue_what_is_free(self) -> None:
        held: set[bytes] = set()
        for batch in await self._book.open_batches():
            held |= (await self._book.entries(batch.intent)).keys()
            # It may be another run's, with what an earlier one left out and this run waits for.
            self._watch(batch.intent)
        for key, future in self._futures.items():
            if not future.done() and key not in held:
                self._queue[key] = None
        if self._queue and not self._collecting:
            self._collecting = True
            self._spawn(self._collect())

    def _progress(self, batch: Any, told: str) -> str:
        counts = batch.request_counts
        line = f"batch {batch.id} {batch.status}"
        if counts is not None:
            line += f": {counts.completed} of {counts.total} done"
        if line != told:
            self._terms.notices.progress(line)
        return line

    def _client(self) -> "AsyncOpenAI":
        return self._transport.client()

    async def _call(self, work: "Callable[[AsyncOpenAI], Awaitable[T]]") -> T:
        """Call the API, again where that may help; EngineError where it does not."""
        import openai

        for attempt in range(ATTEMPTS):
            try:
                return await work(self._client())
            except openai.APIStatusError as error:
                response = Response(error.response.status_code, error.response.content)
                verdict = judge(response)
                reason = self._transport.without_key(verdict.reason)
                if verdict.course is not Course.AGAIN:
                    raise EngineError(f"{self._address}: {reason}") from None
            except no_response() as error:
                reason = self._transport.without_key(str(error.__cause__ or error))
            await asyncio.sleep(2**attempt)
        raise EngineError(f"{self._address}: {reason}")

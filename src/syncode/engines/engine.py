"""The engine: `ask(Request) -> Reply`, with the journal in front of the wire."""

import asyncio
import random
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace

from syncode.engines.client import ClientTransport
from syncode.engines.journal import Entry, Journal
from syncode.engines.key import body_of, journal_key, seed_of
from syncode.engines.mock import MockTransport
from syncode.engines.scenario import load
from syncode.engines.options import ModelOptions, Spec
from syncode.engines.request import Reply, Request
from syncode.engines.servers import identity_of, specs_of, start
from syncode.engines.wire import Response, Transport, Unreachable, Unreadable, read
from syncode.errors import EngineError

_ATTEMPTS = 5
_FINAL = {401, 403, 404, 422}
_RETRY = {408, 409, 429}


class Engine:
    """What `open_engine` yields. `identity` is the name of the model for rows; calling it asks the model."""

    def __init__(self, specs: Sequence[Spec], options: ModelOptions, seed: int, stack: ExitStack) -> None:
        self.identity = identity_of(specs[0])
        self._specs = specs
        self._options = options
        self._seed = seed
        self._stack = stack
        self._journal = Journal(":memory:" if options.no_journal else options.journal)
        stack.callback(self._journal.close)
        self._missing: list[str] = []
        self._in_flight: dict[bytes, asyncio.Task[Reply]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None

    async def __call__(self, request: Request) -> Reply:
        """Return the reply: from the journal where it is there, else from the model."""
        seed = seed_of(request, self._seed)
        key = journal_key(request, self.identity, seed)
        found = self._journal.answer(key)
        if found is not None:
            return self._reply(key, found, cached=True)
        if self._options.replay:
            self._missing.append(key.hex())
            return Reply(key=key.hex(), error="not in the journal (--replay)")
        self._enter_loop()
        task = self._in_flight.get(key)
        if task is None:
            task = asyncio.create_task(self._ask(request, key, seed))
            self._in_flight[key] = task
            task.add_done_callback(lambda _: self._in_flight.pop(key, None))
        return await asyncio.shield(task)

    def _reply(self, key: bytes, body: bytes, *, cached: bool) -> Reply:
        reply = read(body)
        own = self._specs[0].kind in ("local", "vllm", "mock")
        model = self.identity if own or not reply.model else reply.model
        return replace(reply, key=key.hex(), cached=cached, model=model)

    def _enter_loop(self) -> None:
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            self._loop = loop
            self._gate = asyncio.Semaphore(self._options.concurrency)
            self._starting = asyncio.Lock()
            self._transport: Transport | None = None
            self._in_flight.clear()

    async def _wire(self) -> Transport:
        async with self._starting:
            if self._transport is None:
                if self._specs[0].kind == "mock":
                    self._transport = MockTransport(load(self._specs[0].where))
                    self._name = self.identity
                    return self._transport
                endpoint = (await asyncio.to_thread(start, self._specs, self._options, self._stack))[0]
                transport = ClientTransport(endpoint, self._options.concurrency)
                self._name = endpoint.name
                self._transport = transport
                self._keeper = asyncio.create_task(_close_with_loop(transport))
            return self._transport

    async def _ask(self, request: Request, key: bytes, seed: int | None) -> Reply:
        entry = Entry(key, self.identity, request.op.name, request.record_id, request.k)
        async with self._gate:
            transport = await self._wire()
            limit = "max_completion_tokens" if self._specs[0].kind == "openai" else "max_tokens"
            body = body_of(request, self._name, seed, limit_name=limit)
            error = ""
            for attempt in range(_ATTEMPTS):
                if attempt:
                    await asyncio.sleep(min(8.0, 0.5 * 2**attempt) * random.uniform(0.5, 1.0))
                try:
                    response = await transport.send(body, self._options.deadline)
                    if response.status == 200:
                        read(response.body)
                        await self._journal.store(entry, response.body)
                        return self._reply(key, response.body, cached=False)
                    error = f"HTTP {response.status}: {_message(response)}"
                    if response.status in _FINAL:
                        raise EngineError(f"{self.identity}: {error}")
                    if response.status < 500 and response.status not in _RETRY:
                        break
                except TimeoutError:
                    error = f"no answer within {self._options.deadline:g} s"
                except (Unreachable, Unreadable) as problem:
                    error = str(problem)
        await self._journal.store_failure(entry, error)
        return Reply(key=key.hex(), error=error)

    def check(self) -> None:
        """Raise EngineError where a replay missed answers."""
        if self._missing:
            raise EngineError(f"--replay: {len(self._missing)} answers are missing: {' '.join(self._missing[:20])}")


async def _close_with_loop(transport: ClientTransport) -> None:
    """Wait to be cancelled, as `asyncio.run` does at its end, and close the connections in their own loop."""
    try:
        await asyncio.Event().wait()
    finally:
        await transport.close()


def _message(response: Response) -> str:
    return response.body[:300].decode("utf-8", "replace").replace("\n", " ")


@contextmanager
def open_engine(options: ModelOptions, seed: int = 0) -> Iterator[Engine]:
    """Yield `ask` for the model that the options name; `seed` is the run seed that sampled requests derive theirs from.

    Nothing is started or connected before the first request that the journal cannot answer.
    """
    specs = specs_of(options)
    with ExitStack() as stack:
        engine = Engine(specs, options, seed, stack)
        yield engine
        engine.check()

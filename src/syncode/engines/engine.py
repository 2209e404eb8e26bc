"""The engine: `ask(Request) -> Reply`, with the journal in front of budget, limiter and client."""

import asyncio
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

from syncode.engines.adapting import Adapter
from syncode.engines.batch.submit import BatchSender
from syncode.engines.client import ClientTransport
from syncode.engines.dialect import PLAIN, Dialect
from syncode.engines.escapes import read_body, read_headers, read_query
from syncode.engines.journal.journal import Entry, Journal
from syncode.engines.journal.key import journal_key, seed_of
from syncode.engines.mock.model import MockTransport
from syncode.engines.mock.scenario import load
from syncode.engines.names import ANY, accepted
from syncode.engines.notices import Notices
from syncode.engines.options import ModelOptions, Spec
from syncode.engines.pacing.budget import Amount, Meter, load_prices, parse_budget, price_of
from syncode.engines.pacing.estimate import Estimate, Plan
from syncode.engines.pacing.pace import Pace
from syncode.engines.pacing.pool import Lane, Pool
from syncode.engines.replies.completion import read
from syncode.engines.replies.decode import replaced
from syncode.engines.request import Reply, Request
from syncode.engines.sender import CALM_SECONDS, Answered, Question, Sender, Terms, another_name
from syncode.engines.servers.endpoint import Endpoint
from syncode.engines.servers.start import identity_of, specs_of, start
from syncode.engines.wire import Transport
from syncode.errors import BudgetReached, EngineError, SyncodeError, UsageError

_SHOWN = 100  # missing keys that --replay prints (chosen here)


class Engine:
    """What `open_engine` yields. `identity` is the name of the model for rows; calling it asks the model."""

    def __init__(
        self, specs: Sequence[Spec], options: ModelOptions, seed: int, stack: ExitStack, notices: Notices
    ) -> None:
        self.identity = identity_of(specs[0])
        self._specs = specs
        self._options = options
        self._seed = seed
        self._stack = stack
        self._notices = notices
        self._terms = terms_of(specs, options, self.identity, notices)
        self.use = self._terms.use
        self._journal = open_journal(options, lasting=specs[0].kind != "mock")
        stack.callback(self._journal.close)
        self._ours = specs[0].kind in ("local", "vllm", "mock")
        self._missing: list[str] = []
        self._missed = 0
        self._asked_again: set[str] = set()
        self._in_flight: dict[bytes, asyncio.Task[Answered]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._estimate = self._estimator(options) if options.estimate else None

    def _estimator(self, options: ModelOptions) -> Estimate:
        gpus = options.data_parallel_size * options.tensor_parallel_size if self._specs[0].kind == "vllm" else 0
        plan = Plan(options.estimate or 0, options.estimate_calls, self._terms.meter, options.concurrency, gpus)
        return Estimate(plan, self._ask, lambda request: self._journal.answer(self._key(request)[1]) is not None)

    async def __call__(self, request: Request) -> Reply:
        """Return the reply: from the journal where it is there, else from the model.

        What goes wrong with this request alone stands in `Reply.error`. Raises EngineError where no request can succeed, and
        BudgetReached; both after the attempts in flight have finished, so that what they cost is not lost.
        """
        return await (self._estimate.ask(request) if self._estimate else self._ask(request))

    async def _ask(self, request: Request) -> Reply:
        seed, key = self._key(request)
        found = self._journal.answer(key)
        if found is not None:
            self._check_name(key)
            return self._reply(key, Answered(found, cached=True), request)
        if self._options.replay:
            return self._miss(key, request)
        if self._options.retry_failed and not self._failed_before(key, request):
            return Reply(key=key.hex(), error="not asked: --retry-failed sends only what failed before")
        self._enter_loop()
        task = self._in_flight.get(key)
        if task is None:
            entry = Entry(key, self.identity, request.op.name, request.op.version, request.record_id, request.k)
            task = asyncio.create_task(self._send(Question(request, entry, seed)))
            self._in_flight[key] = task
            task.add_done_callback(lambda done: self._landed(key, done))
        try:
            return self._reply(key, await asyncio.shield(task), request)
        except (EngineError, BudgetReached) as error:
            await self._stop(error)
            raise

    def _key(self, request: Request) -> tuple[int | None, bytes]:
        seed = seed_of(request, self._seed)
        return seed, journal_key(request, self.identity, seed, self._terms.extra)

    def _check_name(self, key: bytes) -> None:
        """Raise EngineError for an answer of an earlier run that came under a name which is not accepted."""
        name = self._journal.stranger(key)
        if name is not None and not accepted(self.identity, name, self._terms.accept):
            raise another_name(self._options.journal, self.identity, name)

    def _reply(self, key: bytes, answered: Answered, request: Request) -> Reply:
        if answered.body is None:
            self.use.fail()
            return Reply(key=key.hex(), error=answered.error)
        reply = answered.reply or read(answered.body)
        self.use.add(cached=answered.cached)
        if self._options.batch and not answered.cached:  # other attempts are counted when they are made
            self.use.spend(reply.usage, self._terms.usd(self._terms.meter.spent(reply.usage, Amount())))
        if broken := replaced(reply.text):
            self._notices.once(
                "replaced",
                f"the answer to {request.record_id} was not all valid Unicode: {broken} character{'s' * (broken > 1)} replaced "
                "by U+FFFD (further answers like it are not reported)",
            )
        reply = ended_at(reply, request.stop)
        model = self.identity if self._ours or not reply.model else reply.model
        return replace(reply, key=key.hex(), cached=answered.cached, model=model)

    def _miss(self, key: bytes, request: Request) -> Reply:
        self._missed += 1
        if len(self._missing) < _SHOWN:
            self._missing.append(f"{key.hex()} ({request.op.name} of {request.record_id}, k {request.k})")
        return Reply(key=key.hex(), error="not in the journal (--replay)")

    def _failed_before(self, key: bytes, request: Request) -> bool:
        """Return whether to ask: it failed before, or it follows from a request of its row that did."""
        if not self._journal.failed(key) and request.record_id not in self._asked_again:
            return False
        self._asked_again.add(request.record_id)
        return True

    def _enter_loop(self) -> None:
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            self._loop = loop
            self._starting = asyncio.Lock()
            self._sender: Sender | BatchSender | None = None
            self._in_flight.clear()

    def _landed(self, key: bytes, task: "asyncio.Task[Answered]") -> None:
        self._in_flight.pop(key, None)
        if not task.cancelled():
            task.exception()  # the task that asked sees it; a row that was cancelled does not

    async def _send(self, question: Question) -> Answered:
        sender = self._sender or await self._make_sender()
        return await sender.ask(question)

    async def _make_sender(self) -> Sender | BatchSender:
        """Start what must be started, connect what must be connected: now that a request really needs it."""
        async with self._starting:
            if self._sender is None:
                lanes = await self._lanes()
                pool = Pool(lanes, self._options.deadline)
                self._keeper = asyncio.create_task(_close_with_loop(pool))
                self._sender = self._batch_sender(lanes[0]) if self._options.batch else None
                self._sender = self._sender or Sender(pool, self._journal, self._terms)
            return self._sender

    def _batch_sender(self, lane: Lane) -> BatchSender:
        assert isinstance(lane.transport, ClientTransport)
        return BatchSender(lane, self._journal, self._terms)

    async def _lanes(self) -> list[Lane]:
        if self._specs[0].kind == "mock":
            scenario = load(self._specs[0].where)
            return [self._lane(MockTransport(scenario), scenario.name, scenario.identity)]
        endpoints = await self._start()
        lanes = [self._lane(ClientTransport(endpoint), endpoint.name, endpoint.base_url) for endpoint in endpoints]
        for lane, endpoint in zip(lanes, endpoints, strict=True):
            lane.accept = (ANY,) if endpoint.names_a_deployment else ()
        return lanes

    async def _start(self) -> list[Endpoint]:
        """Start the servers in a thread of their own, which neither the loop nor Ctrl-C has to wait for."""
        loop = asyncio.get_running_loop()
        started: asyncio.Future[list[Endpoint]] = loop.create_future()
        servers = ExitStack()

        def work() -> None:
            try:
                endpoints = start(self._specs, self._options, servers)
            except Exception as error:  # noqa: BLE001 (raised again by the task that waits)
                told = partial(_tell, started, error)
            else:
                told = partial(_tell, started, endpoints)
            try:
                loop.call_soon_threadsafe(told)
            except RuntimeError:  # the loop is gone: no one needs the servers any more
                servers.close()

        threading.Thread(target=work, daemon=True, name="servers").start()
        endpoints = await started
        self._stack.push(servers)
        return endpoints

    def _lane(self, transport: Transport, name: str, address: str) -> Lane:
        pace = Pace(self._options.concurrency, self._options.rpm, self._options.tpm)
        return Lane(transport, name, address, pace, adapter=Adapter(self._terms.plain))

    async def halt(self) -> None:
        """Send nothing more, and wait for what is out until it is kept: for a run that a signal ends."""
        sender = self._sender if self._loop is not None else None
        if sender is None:
            return
        seconds = min(self._options.deadline, CALM_SECONDS)
        if sender.out:
            what = (
                f"{sender.out} requests to {self.identity} are"
                if sender.out > 1
                else f"a request to {self.identity} is"
            )
            told = f"stopping: {what} out; waiting for what comes back, {seconds:g} s at most"
            self._notices.once("halt", f"{told} (the same signal again stops at once)")
        sender.stop(EngineError("the run was interrupted"))
        await sender.calm(seconds)

    async def _stop(self, error: SyncodeError) -> None:
        """Send nothing more, and let what is in flight finish."""
        if self._sender is not None:
            self._sender.stop(error)
            budget = isinstance(error, BudgetReached)
            await self._sender.calm(self._options.deadline if budget else min(self._options.deadline, CALM_SECONDS))

    def check(self) -> None:
        """Raise EngineError where a replay missed answers."""
        if self._missed:
            more = f"\n  and {self._missed - len(self._missing)} more" if self._missed > len(self._missing) else ""
            keys = "\n  ".join(self._missing)
            raise EngineError(f"--replay: {self._missed} answers are not in {self._options.journal}:\n  {keys}{more}")


def ended_at(reply: Reply, stops: Sequence[str]) -> Reply:
    """Return the reply up to the first stop sequence: some servers refuse `stop`, and some leave the sequence in the text."""
    places = [place for stop in stops if stop and (place := reply.text.find(stop)) >= 0]
    return replace(reply, text=reply.text[: min(places)], finish_reason="stop") if places else reply


def _tell(future: "asyncio.Future[list[Endpoint]]", result: list[Endpoint] | Exception) -> None:
    if future.done():
        return
    if isinstance(result, Exception):
        future.set_exception(result)
    else:
        future.set_result(result)


async def _close_with_loop(pool: Pool) -> None:
    """Wait to be cancelled, as `asyncio.run` does at its end, and close the connections in their own loop."""
    try:
        await asyncio.Event().wait()
    finally:
        pool.close()
        for lane in pool.lanes:
            await lane.transport.close()


def terms_of(specs: Sequence[Spec], options: ModelOptions, identity: str, notices: Notices) -> Terms:
    """Return the conditions that the options set; UsageError where they contradict each other."""
    if options.no_journal and (options.replay or options.retry_failed):
        raise UsageError("--no-journal leaves nothing to replay or retry")
    budget = parse_budget(options.budget)
    if options.batch and (options.no_journal or len(specs) > 1 or specs[0].kind not in ("openai", "http")):
        raise UsageError(
            "--batch needs a journal and one server with a Batch API: openai:NAME or http(s)://host/v1#NAME"
        )
    price = price_of(identity, load_prices(options.prices), budget)
    if (options.header or options.query) and specs[0].kind not in ("openai", "http"):
        raise UsageError("--header and --query are for a server with an address: openai:NAME or http(s)://host/v1#NAME")
    read_headers(options.header), read_query(options.query)  # a mistake is reported now, not at the first request
    terms = Terms(
        options.deadline,
        Meter(price, options.batch),
        budget,
        plain=Dialect("max_completion_tokens") if specs[0].kind == "openai" else PLAIN,
        extra=read_body(options.body),
        accept=options.accept_model,
        notices=notices,
    )
    # A server of ours that is gone does not come back.
    return replace(terms, patience=0.0, start=0.0) if specs[0].kind in ("local", "vllm") else terms


def open_journal(options: ModelOptions, *, lasting: bool = True) -> Journal:
    """Open the journal that the options name; a replay of one that is not there makes no file."""
    if options.no_journal:
        return Journal(None)
    if options.replay and not Path(options.journal).exists():
        return Journal(":memory:")
    return Journal(options.journal, lasting=lasting)


@contextmanager
def open_engine(options: ModelOptions, seed: int = 0, *, quiet: bool = False) -> Iterator[Engine]:
    """Yield `ask` for the model that the options name; `seed` is the run seed that sampled requests derive theirs from.

    Nothing is started or connected before the first request that the journal cannot answer. `quiet`: no progress on stderr.
    """
    specs = specs_of(options)
    with ExitStack() as stack:
        engine = Engine(specs, options, seed, stack, Notices(quiet=quiet))
        try:
            yield engine
        except EngineError:
            engine.check()  # a replay that missed answers says which, not only that rows failed
            raise
        engine.check()

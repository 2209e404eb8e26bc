"""The server from its start to its end: workers, listening socket, signals, and the order in which they come and go."""

import asyncio
import contextlib
import logging
import os
import resource
import socket
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from aiohttp import web

from syncode.errors import EngineError, UsageError
from syncode.sandbox import parse_size
from syncode.stages.execute.serve.batches import Waiting
from syncode.stages.execute.serve.crew import Crew
from syncode.stages.execute.serve.desk import Desk, Rules
from syncode.stages.execute.serve.gate import Bounds, is_loopback
from syncode.stages.execute.serve.metrics import Metrics
from syncode.stages.execute.serve.settings import TOKEN, TOKEN_LENGTH, ServeOptions
from syncode.stages.execute.serve.worker import work
from syncode.stages.execute.stage import AGAIN, Bench
from syncode.stream.nursery import Nursery
from syncode.stream.signals import ending_orderly

Say = Callable[[str], object]


@dataclass(frozen=True)
class People:
    """How people hear of things: `say` what they must know, `report` how it goes on, `announce` the address once it is ready."""

    say: Say
    report: Say
    announce: Say


IDLE_SECONDS = 30.0
"""How long a connection may take to send the head of its next request, drop by drop or not at all (chosen here)."""
LINGER_SECONDS = 2.0
"""How long the rest of a body is read that was refused, so that the client sees the answer (chosen here)."""
CONNECTIONS = 1024
"""Connections at once, if this process may have so many files open (chosen here)."""
FULL = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
LINE_SECONDS = 60.0
"""How often a line says what has happened, if something has (chosen here)."""


def rules(options: ServeOptions, bench: Bench, workers: int) -> Rules:
    """Return what the server allows. The token comes from the environment, and is taken out of it.

    Raises UsageError for an address that others can reach, or programs without isolation, if there is no token.
    """
    token = os.environ.pop(TOKEN, "")
    if token and (len(token) < TOKEN_LENGTH or not token.isascii() or not token.isprintable() or " " in token):
        raise UsageError(f"{TOKEN} should have at least {TOKEN_LENGTH} characters of plain ASCII, without spaces")
    if not token and not is_loopback(options.host):
        raise UsageError(f"--host {options.host} can be reached by others: set {TOKEN} to a token that clients send")
    if not token and bench.sandbox.isolation.backend == "none":
        raise UsageError(
            f"--unsafe-no-sandbox runs what any local user sends: set {TOKEN} to a token that clients send"
        )
    try:
        most = parse_size(options.max_body)
    except ValueError as error:
        raise UsageError(f"--max-body: {error}") from None
    limits = bench.sandbox.isolation.limits
    return Rules(token, most, Bounds(limits.seconds, options.deadline, bench.repeat), workers)


def serve(options: ServeOptions, bench: Bench, workers: int, people: People) -> None:
    """Serve until a signal; never returns otherwise.

    Raises what the signal asked for (KeyboardInterrupt, Terminated), and EngineError where it cannot listen or start workers.
    """
    allowed = rules(options, bench, workers)
    with Nursery(partial(work, bench=bench, say=people.say)) as nursery:
        asyncio.run(_serve(options, allowed, nursery, patience(bench), people))


def patience(bench: Bench) -> float:
    """Return how many seconds a worker may go on with a row for which no one waits any more.

    It is what a program with one test takes at most.
    """
    limits = bench.sandbox.isolation.limits
    return (1 + AGAIN) * limits.seconds + limits.compile_seconds


async def _serve(options: ServeOptions, allowed: Rules, nursery: Nursery, patient: float, people: People) -> None:
    metrics, waiting = Metrics(), Waiting(options.queue, patient)
    desk = Desk(allowed, waiting, metrics, people.say)
    crew = Crew(nursery, waiting, metrics)
    alarm: asyncio.Future[BaseException] = asyncio.get_running_loop().create_future()
    with ending_orderly(alarm):
        working = asyncio.create_task(crew.run(allowed.workers, people.say))
        lines = asyncio.create_task(_lines(metrics, waiting, people.report))
        runner = web.ServerRunner(_Door(desk), shutdown_timeout=LINGER_SECONDS)
        await runner.setup()
        try:
            up = asyncio.create_task(crew.up.wait())
            await asyncio.wait((up, working, alarm), return_when=asyncio.FIRST_COMPLETED)
            up.cancel()
            if not (alarm.done() or working.done()):
                site = await _listen(runner, options)
                people.announce(site.name)
                await asyncio.wait((alarm, working), return_when=asyncio.FIRST_COMPLETED)
                await _leave(site, desk, 0.0 if working.done() else options.grace)
        finally:
            await runner.cleanup()
            lines.cancel()
            people.report(metrics.line(waiting.rows))
        if working.done():
            working.result()
        working.cancel()
        raise alarm.result()


async def _leave(site: web.SockSite, desk: Desk, grace: float) -> None:
    """Take no new work, let requests in flight end within the grace, and answer the others with 503."""
    desk.draining = True
    await site.stop()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(grace):
            await desk.waiting.all_closed()
    desk.leaving.set()


async def _listen(runner: web.ServerRunner, options: ServeOptions) -> web.SockSite:
    """Start to listen. Raises EngineError if the address cannot be had."""
    where = f"{options.host} port {options.port}"
    try:
        (family, kind, _, _, address), *_ = await asyncio.get_running_loop().getaddrinfo(
            options.host, options.port, type=socket.SOCK_STREAM
        )
        listening = socket.socket(family, kind)
        try:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind(address)
        except OSError:
            listening.close()
            raise
    except OSError as error:
        raise EngineError(f"cannot listen on {where}: {error.strerror or error}") from error
    site = web.SockSite(runner, listening, backlog=CONNECTIONS)
    await site.start()
    return site


class _Door(web.Server):
    """Connections: bounded in number, in the time and size of what they send, and cancelled when the client goes."""

    def __init__(self, desk: Desk) -> None:
        quiet = logging.getLogger("syncode.serve")  # aiohttp would print what clients send
        quiet.propagate = False
        quiet.addHandler(logging.NullHandler())
        super().__init__(
            desk,
            handler_cancellation=True,
            keepalive_timeout=IDLE_SECONDS,
            lingering_time=LINGER_SECONDS,
            auto_decompress=False,
            access_log=None,
            logger=quiet,
        )
        files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        self._most = CONNECTIONS if files == resource.RLIM_INFINITY else max(1, min(CONNECTIONS, files // 2))

    def connection_made(self, handler: web.RequestHandler, transport: asyncio.Transport) -> None:
        """Take a connection, or turn it away if there are too many."""
        super().connection_made(handler, transport)
        if len(self.connections) > self._most:
            transport.write(FULL)
            transport.close()


async def _lines(metrics: Metrics, waiting: Waiting, say: Say) -> None:
    said = 0
    while True:
        await asyncio.sleep(LINE_SECONDS)
        if (now := metrics.requests.total() + metrics.states.total()) != said:
            said = now
            say(metrics.line(waiting.rows))

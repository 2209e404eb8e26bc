"""Answers requests: reads the body within bounds, lets its rows wait, and sends back what came of each."""

import asyncio
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

from syncode.schemas.wire import dumps
from syncode.stages.execute.serve.batches import Batch, Waiting
from syncode.stages.execute.serve.crew import failed
from syncode.stages.execute.serve.gate import Asked, Bounds, Refused, check_caller, check_form, read_request
from syncode.stages.execute.serve.metrics import FORM, Metrics

BODY_SECONDS = 60.0
"""How long a client may take to send a body (chosen here)."""
SEND_SECONDS = 60.0
"""How long a client may take to read a response (chosen here)."""
BODIES = 4
"""Bodies of the largest size that may be held at once, in all (chosen here)."""
LONGEST_WAIT = 60
"""Seconds of the longest Retry-After (chosen here)."""
HEADERS = {"Server": "syncode", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
JSON = "application/json"
CLOSING = {"Connection": "close"}
"""Of a response to a request whose body is not read to its end."""


@dataclass(frozen=True)
class Rules:
    """What a server allows: its token (empty: none is needed), bytes of a body, the bounds of a request, and its workers."""

    token: str
    max_body: int
    bounds: Bounds
    workers: int


class Desk:
    """What all requests share. `draining`: no new work is taken, `leaving`: work in flight is answered with 503."""

    def __init__(self, rules: Rules, waiting: Waiting, metrics: Metrics, say: Callable[[str], object]) -> None:
        self.rules = rules
        self.waiting = waiting
        self.metrics = metrics
        self.draining = False
        self.leaving = asyncio.Event()
        self._say = say
        self._held = 0
        self._routes: dict[str, tuple[str, Callable[[web.BaseRequest], Awaitable[web.Response]]]] = {
            "/v1/execute": ("POST", self._execute),
            "/healthz": ("GET", self._health),
            "/readyz": ("GET", self._readiness),
            "/metrics": ("GET", self._metrics),
        }

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request; what goes wrong in it is its own answer."""
        try:
            response = await self._answer(request)
        except Refused as refused:
            response = _response(refused.body(), refused.status, refused.headers)
        except asyncio.CancelledError:
            self.metrics.disconnects += 1
            raise
        except Exception as error:  # noqa: BLE001 (printed without what the client sent, and the server goes on)
            self._say(f"a request could not be answered because of a fault of syncode: {type(error).__name__}: {error}")
            response = _response(
                Refused(500, "internal", "a fault of the server; its own log has the reason").body(), 500
            )
        self.metrics.requests[response.status] += 1
        if self.draining:
            response.force_close()
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await response.prepare(request)
                await response.write_eof()
        except TimeoutError:
            if request.transport is not None:
                request.transport.abort()
            raise ConnectionResetError("the client does not read its response") from None
        return response

    async def _answer(self, request: web.BaseRequest) -> web.Response:
        method, route = self._routes.get(request.path, ("", None))
        check_caller(request.headers, self.rules.token, guarded=request.path not in ("/healthz", "/readyz"))
        if route is None:
            raise Refused(
                404, "path", f"there is {', '.join(f'{verb} {path}' for path, (verb, _) in self._routes.items())}"
            )
        if request.method != method:
            raise Refused(405, "method", f"{request.path} takes {method}", {"Allow": method})
        return await route(request)

    async def _health(self, _: web.BaseRequest) -> web.Response:
        return _response(dumps({"status": "ok"}))

    async def _readiness(self, _: web.BaseRequest) -> web.Response:
        ready = self.metrics.workers > 0 and not self.draining
        counts = {"workers": self.metrics.workers, "waiting": self.waiting.rows, "running": self.metrics.running}
        return _response(dumps({"ready": ready, **counts}), 200 if ready else 503)

    async def _metrics(self, _: web.BaseRequest) -> web.Response:
        return _response(self.metrics.text(self.waiting.rows).encode(), 200, kind=FORM)

    async def _execute(self, request: web.BaseRequest) -> web.Response:
        check_form(request.content_type, request.headers)
        if self.draining:
            raise self._leaving()
        began = asyncio.get_running_loop().time()
        hold = _Hold(self)
        try:
            asked = read_request(await self._body(request, hold), self.rules.bounds)
            return await self._run(asked, began)
        finally:
            hold.release()

    async def _run(self, asked: Asked, began: float) -> web.Response:
        """Let the rows of a request run until all are done, its deadline, or the end of the server."""
        if len(asked.rows) > self.waiting.most:
            raise Refused(
                413, "rows", f"{len(asked.rows)} rows, and at most {self.waiting.most} may wait: send fewer at once"
            )
        batch = Batch(asked.rows, asked.options, asked.known)
        if not self.waiting.add(batch):
            raise self._busy(f"{self.waiting.rows} rows wait already, and at most {self.waiting.most} may")
        finished, leaving = (asyncio.ensure_future(each.wait()) for each in (batch.finished, self.leaving))
        try:
            left = max(0.0, began + asked.deadline - asyncio.get_running_loop().time())
            await asyncio.wait((finished, leaving), timeout=left, return_when=asyncio.FIRST_COMPLETED)
            if batch.left and self.leaving.is_set():
                raise self._leaving()
            results = [
                made if made is not None else self._late(row, asked.deadline)
                for made, row in zip(batch.results, batch.rows, strict=True)
            ]
        finally:
            self.waiting.close(batch)
            finished.cancel()
            leaving.cancel()
        undecided = len(results) - batch.decided
        return _response(b'{"results":[%b],"undecided":%d}' % (b",".join(results), undecided))

    def _late(self, row: bytes, deadline: float) -> bytes:
        self.metrics.states["error_deadline"] += 1
        return failed("deadline", f"not finished within the {deadline:g} s of its request", row)

    def _busy(self, why: str) -> Refused:
        seconds = self.waiting.rows * self.metrics.row_seconds / self.rules.workers
        return Refused(429, "busy", why, {"Retry-After": str(min(LONGEST_WAIT, max(1, math.ceil(seconds))))})

    def _leaving(self) -> Refused:
        return Refused(
            503, "stopping", "the server is stopping; nothing is said about these rows", {"Retry-After": "5"}
        )

    async def _body(self, request: web.BaseRequest, hold: "_Hold") -> bytes:
        """Return the whole body. Raises Refused for one that is too large, too slow or broken, or if others take all the room."""
        most = self.rules.max_body
        hold.grow_to(min(request.content_length or 0, most + 1))
        if (
            request.headers.get("Expect", "").lower() == "100-continue"
        ):  # curl waits a second for it before a large body
            await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        parts: list[bytes] = []
        size = 0
        try:
            async with asyncio.timeout(BODY_SECONDS):
                async for part in request.content.iter_any():
                    parts.append(part)
                    size += len(part)
                    hold.grow_to(size)
        except TimeoutError:
            raise Refused(408, "slow", f"the body did not come within {BODY_SECONDS:g} s", CLOSING) from None
        except web.RequestPayloadError as error:
            raise Refused(400, "body", f"the body is broken ({error})", CLOSING) from None
        return b"".join(parts)

    def grow(self, more: int) -> None:
        """Take room for so many bytes of bodies, or give it back. Raises Refused if there is none."""
        if more > 0 and self._held + more > BODIES * self.rules.max_body:
            raise self._busy(f"{self._held} bytes of other requests are held already")
        self._held += more


class _Hold:
    """The room that the body of one request takes, until it is answered."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._size = 0

    def grow_to(self, size: int) -> None:
        most = self._desk.rules.max_body
        if size > most:
            raise Refused(413, "size", f"the body has more than {most} bytes: send fewer rows at once", CLOSING)
        if size > self._size:
            self._desk.grow(size - self._size)
            self._size = size

    def release(self) -> None:
        self._desk.grow(-self._size)
        self._size = 0


def _response(body: bytes, status: int = 200, headers: dict[str, str] | None = None, kind: str = JSON) -> web.Response:
    response = web.Response(body=body, status=status, headers={**HEADERS, "Content-Type": kind, **(headers or {})})
    if "Connection" in response.headers:
        response.force_close()
    return response

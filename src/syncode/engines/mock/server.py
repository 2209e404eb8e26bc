"""The mock model over real HTTP on loopback, so that the real client meets real sockets, faults included.

Besides `POST /v1/chat/completions` it speaks the Batch API (`mock_batch`), `GET /v1/models`, `GET /health` and
`GET /mock/stats`, which says how many requests came and how often each one was repeated.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from syncode.engines.mock.batch import BatchDesk
from syncode.engines.mock.model import DRIP_SECONDS, MockModel, Plan
from syncode.engines.mock.scenario import Scenario, request_digest
from syncode.engines.wire import Response

HOST = "127.0.0.1"


@dataclass(frozen=True)
class HttpRequest:
    """A request as it was read from the socket; header names in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


class MockServer:
    """The state that all connections share."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.model = MockModel(scenario)
        self.batches = BatchDesk(scenario)
        self.seen: Counter[int] = Counter()
        self.authorized: set[str] = set()  # the Authorization headers that came

    def plan(self, request: HttpRequest) -> Plan:
        """Return what happens to a request."""
        path = request.path.partition("?")[0]
        if request.method == "POST" and path.endswith("/chat/completions"):
            try:
                body = orjson.loads(request.body)
                self.authorized.add(request.headers.get("authorization", ""))
                self.seen[request_digest(body)] += 1
                return self.model.plan(body)
            except (ValueError, LookupError, TypeError, AttributeError) as error:
                return Plan(_json({"error": {"message": f"bad request: {error}"}}, 400))
        if path.endswith("/models"):
            return Plan(_json({"object": "list", "data": [{"id": self.scenario.name, "object": "model"}]}))
        if path == "/health":
            return Plan(_json({"status": "ok"}))
        if path == "/mock/stats":
            repeats = Counter(self.seen.values())
            times = {str(times): count for times, count in sorted(repeats.items())}
            return Plan(_json({"requests": self.seen.total(), "distinct": len(self.seen), "seen_times": times}))
        answered = self.batches.handle(request.method, path, request.headers, request.body)
        return Plan(answered or _json({"error": {"message": f"no {path}"}}, 404))


def _json(value: Any, status: int = 200) -> Response:
    return Response(status, orjson.dumps(value))


class _Connection(asyncio.Protocol):
    """One keep-alive HTTP/1.1 connection: requests with a Content-Length, one after the other."""

    def __init__(self, server: MockServer, loop: asyncio.AbstractEventLoop) -> None:
        self._server = server
        self._loop = loop
        self._buffer = bytearray()
        self._busy = False
        self._wire: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._wire = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self._wire = None
        if self._timer:
            self._timer.cancel()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        self._next()

    def _next(self) -> None:
        if self._busy or self._wire is None:
            return
        request = _take(self._buffer)
        if request is None:
            return
        self._busy = True
        plan = self._server.plan(request)
        if plan.manner == "hang":
            return
        if plan.seconds:
            self._timer = self._loop.call_later(plan.seconds, self._reply, plan)
        else:
            self._reply(plan)

    def _reply(self, plan: Plan) -> None:
        if self._wire is None:
            return
        raw = _head(plan.response) + plan.response.body
        if plan.manner == "reset":
            self._wire.write(raw[: len(raw) - len(plan.response.body) // 2])
            # abort() drops what is still buffered and sends RST; a turn of the loop lets the first half out
            self._timer = self._loop.call_later(0.001, self._wire.abort)
            return
        if plan.manner == "drip":
            self._drip(memoryview(raw))
            return
        self._wire.write(raw)
        self._busy = False
        if self._buffer:
            self._next()

    def _drip(self, rest: memoryview) -> None:
        if self._wire is None:
            return
        self._wire.write(rest[:1])
        if rest[1:]:
            self._timer = self._loop.call_later(DRIP_SECONDS, self._drip, rest[1:])
        else:
            self._busy = False
            self._next()


def _take(buffer: bytearray) -> HttpRequest | None:
    """Cut one whole request off the front of the buffer; None if it is not all there."""
    end = buffer.find(b"\r\n\r\n")
    if end < 0:
        return None
    lines = buffer[:end].decode("latin-1").split("\r\n")
    method, path, _ = lines[0].split(" ", 2)
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
    size = int(headers.get("content-length", 0))
    if len(buffer) < end + 4 + size:
        return None
    body = bytes(buffer[end + 4 : end + 4 + size])
    del buffer[: end + 4 + size]
    return HttpRequest(method, path, headers, body)


def _head(response: Response) -> bytes:
    more = "".join(f"{name}: {value}\r\n" for name, value in response.headers.items())
    return (
        f"HTTP/1.1 {response.status} Mock\r\ncontent-type: application/json\r\n{more}"
        f"content-length: {len(response.body)}\r\n\r\n"
    ).encode()


async def listen(server: MockServer, port: int = 0) -> asyncio.Server:
    """Start serving on loopback; port 0 takes a free one (`.sockets[0].getsockname()[1]` says which)."""
    loop = asyncio.get_running_loop()
    return await loop.create_server(lambda: _Connection(server, loop), HOST, port, backlog=1024)

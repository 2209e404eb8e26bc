"""What tests of engines share: questions, a run of them, and a mock server on a real socket."""

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from syncode.engines import ModelOptions, Op, Reply, Request, open_engine
from syncode.engines.mock.scenario import Scenario
from syncode.engines.mock.server import MockServer, listen

OP = Op("test", version=1, prompt="test.v1")

Serving = Callable[..., AbstractContextManager[tuple[str, MockServer]]]
AskAll = Callable[..., list[Reply]]


@contextmanager
def _serving(scenario: Scenario | None = None) -> Iterator[tuple[str, MockServer]]:
    loop = asyncio.new_event_loop()
    server = MockServer(scenario or Scenario())
    listening = loop.run_until_complete(listen(server))
    port = listening.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{port}/v1#{server.scenario.name}", server
    finally:
        loop.call_soon_threadsafe(listening.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()


@pytest.fixture
def serving() -> Serving:
    """A context manager that serves a scenario and yields (`--model` value, the server)."""
    return _serving


Script = Callable[[dict[str, Any], int], tuple[int, dict[str, str], Any]]


@contextmanager
def _scripted(script: Script) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    seen: list[dict[str, Any]] = []
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            with lock:
                seen.append({**body, "path": self.path, "headers": dict(self.headers.items())})
                number = len(seen)
            status, headers, content = script(body, number)
            raw = content if isinstance(content, bytes) else json.dumps(content).encode()
            self.send_response(status)
            for name, value in {"content-length": str(len(raw)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", seen
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def scripted() -> Callable[[Script], AbstractContextManager[tuple[str, list[dict[str, Any]]]]]:
    """A server that answers each request body, numbered from 1, with (status, headers, body); yields its address and requests."""
    return _scripted


def _chat(content: Any = "fine", **changes: Any) -> dict[str, Any]:
    message = {"role": "assistant", "content": content, **changes.pop("message", {})}
    choice = {"index": 0, "message": message, "finish_reason": changes.pop("finish_reason", "stop")}
    usage = {"prompt_tokens": 5, "completion_tokens": 7}
    return {"model": "m", "choices": [choice], "usage": usage, **changes}


@pytest.fixture
def chat() -> Callable[..., dict[str, Any]]:
    """Makes a chat completion: content, parts of its message, `finish_reason`, other keys."""
    return _chat


def _question(text: str, k: int = 0, record: str = "r1", **more: Any) -> Request:
    return Request(record, OP, [{"role": "user", "content": text}], k=k, **more)


@pytest.fixture
def question() -> Callable[..., Request]:
    """Makes a request out of a text."""
    return _question


def _ask_all(options: ModelOptions, *requests: Request, seed: int = 0) -> list[Reply]:
    async def run() -> list[Reply]:
        return list(await asyncio.gather(*map(ask, requests)))

    with open_engine(options, seed) as ask:
        return asyncio.run(run())


@pytest.fixture
def ask_all() -> AskAll:
    """Asks all requests at once with a new engine and returns the replies."""
    return _ask_all

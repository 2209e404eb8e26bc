"""What tests of engines share: questions, a run of them, and a mock server on a real socket."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
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

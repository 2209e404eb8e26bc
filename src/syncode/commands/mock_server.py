"""`syncode mock-server`: a model that costs nothing and fails as it is told to, over real HTTP."""

import asyncio
import sys
from typing import Annotated

import typer

from syncode.engines.mock.scenario import load
from syncode.engines.mock.server import HOST, MockServer, listen
from syncode.errors import EngineError


def command(
    scenario: Annotated[
        str, typer.Option("--scenario", help="TOML file with replies, latency and faults; none: answers at once.")
    ] = "",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Port on 127.0.0.1; 0 takes a free one.")] = 0,
) -> None:
    """Serve the mock model over HTTP, for tests and demos; prints the --model value to use, then serves until stopped.

    Example: syncode mock-server --scenario storm.toml --port 8123
    """
    server = MockServer(load(scenario))

    async def serve() -> None:
        listening = await listen(server, port)
        taken = listening.sockets[0].getsockname()[1]
        sys.stdout.write(f"http://{HOST}:{taken}/v1#{server.scenario.name}\n")
        sys.stdout.flush()
        await listening.serve_forever()

    try:
        asyncio.run(serve())
    except OSError as error:
        raise EngineError(f"port {port} of {HOST}: {error.strerror}") from error

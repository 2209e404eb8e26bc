"""`syncode mock-server`: a model that costs nothing and fails as it is asked to, over real HTTP."""

import sys
from dataclasses import dataclass, field

from syncode.errors import EngineError, UsageError


@dataclass(frozen=True)
class ServerOptions:
    """What it plays and where it listens."""

    scenario: str = field(
        default="",
        metadata={
            "metavar": "FILE",
            "file": "reads",
            "help": "TOML file with replies, latency and faults; without one it answers at once.",
        },
    )
    port: int = field(default=0, metadata={"min": 0, "max": 65535, "help": "Port on 127.0.0.1; 0 takes a free one."})


def command(options: ServerOptions) -> None:
    """Serve the mock model over HTTP, for tests and demos; prints the --model value to use, then serves until stopped.

    Example: syncode mock-server --scenario storm.toml --port 8123
    """
    import asyncio

    from syncode.engines.mock.scenario import load
    from syncode.engines.mock.server import HOST, MockServer, listen

    server = MockServer(load(options.scenario))
    if sys.stdout is None and not options.port:
        raise UsageError("stdout is closed, and the port is printed there: name one with --port")

    async def serve() -> None:
        listening = await listen(server, options.port)
        taken = listening.sockets[0].getsockname()[1]
        if sys.stdout is not None:
            sys.stdout.write(f"http://{HOST}:{taken}/v1#{server.scenario.name}\n")
            sys.stdout.flush()
        await listening.serve_forever()

    try:
        asyncio.run(serve())
    except OSError as error:
        raise EngineError(f"port {options.port} of {HOST}: {error.strerror}") from error

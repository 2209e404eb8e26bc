"""What goes over the wire and what comes back, before anybody judges it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True)
class Response:
    """An HTTP response as it came. `headers` have lower-case names; `body` is the raw text, stored before it is read."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


class Unreachable(Exception):
    """No whole response came: refused, reset, cut off in the middle."""


class Refused(Unreachable):
    """Not even a connection: nothing was sent, nothing can be billed. `starting`: a host is there, and may listen soon."""

    def __init__(self, reason: str, *, starting: bool = False) -> None:
        super().__init__(reason)
        self.starting = starting


class Moved(Unreachable):
    """The server sends requests on to another address, to which they are not sent: no request to this one can succeed."""


class Transport(Protocol):
    """Something that carries one request body to a server and brings the response back.

    Raises Unreachable, and TimeoutError after `seconds`. An HTTP error status is a Response. `close` belongs into the same
    event loop.
    """

    async def send(self, body: Mapping[str, Any], seconds: float) -> Response: ...

    async def close(self) -> None: ...

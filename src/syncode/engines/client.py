"""The one client: the `openai` package, with its own retries switched off, bringing back raw responses."""

import asyncio
import os
from collections.abc import Mapping
from typing import Any

from syncode.engines.endpoint import Endpoint
from syncode.engines.wire import Response, Unreachable
from syncode.errors import EngineError

_NO_KEY = "none"  # what a server that wants no key is sent: the package insists on one


def secret_of(endpoint: Endpoint) -> str | None:
    """Return the API key of an endpoint, from the environment only; EngineError where it is needed and missing."""
    if endpoint.key_variable is None:
        return None
    secret = os.environ.get(endpoint.key_variable)
    if not secret:
        raise EngineError(f"{endpoint.base_url}: set {endpoint.key_variable} in the environment")
    return secret


class ClientTransport:
    """Sends to one endpoint. Made inside the event loop that uses it, and closed there with `close`."""

    def __init__(self, endpoint: Endpoint, connections: int) -> None:
        import openai

        limits = type(openai.DEFAULT_CONNECTION_LIMITS)(
            max_connections=None, max_keepalive_connections=connections, keepalive_expiry=30.0
        )
        self._openai = openai
        self._client = openai.AsyncOpenAI(
            base_url=endpoint.base_url,
            api_key=secret_of(endpoint) or _NO_KEY,
            max_retries=0,
            timeout=None,  # one deadline around the whole attempt is ours: a slow drip outlives a read timeout
            http_client=openai.DefaultAsyncHttpxClient(limits=limits, timeout=None),
        )

    async def send(self, body: Mapping[str, Any], seconds: float) -> Response:
        """Send one chat completion; see Transport."""
        try:
            async with asyncio.timeout(seconds):
                raw = await self._client.chat.completions.with_raw_response.create(**body)
        except self._openai.APIStatusError as error:
            return Response(error.response.status_code, error.response.content, _headers(error.response.headers))
        except self._openai.APIConnectionError as error:
            raise Unreachable(_reason(error)) from error
        return Response(raw.status_code, raw.content, _headers(raw.headers))

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()


def _headers(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _reason(error: BaseException) -> str:
    """Return the innermost cause in one line: `Connection error.` alone tells nobody anything."""
    while error.__cause__ is not None:
        error = error.__cause__
    return str(error) or type(error).__name__

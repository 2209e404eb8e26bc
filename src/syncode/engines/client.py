"""The one client: the `openai` package over aiohttp, with its own retries switched off, bringing back raw responses.

aiohttp and not httpx, the package's default, whose pool looks at every connection for every request: several times the CPU.
"""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

import orjson

from syncode.engines.escapes import holds_secret, secrets_in
from syncode.engines.http import redirects
from syncode.engines.http.masking import Mask
from syncode.engines.http.packing import in_utf8, unpacked
from syncode.engines.replies.decode import Unreadable, decode
from syncode.engines.servers.endpoint import Endpoint
from syncode.engines.wire import Moved, Refused, Response, Unreachable
from syncode.errors import EngineError

if TYPE_CHECKING:
    from openai import AsyncOpenAI

T = TypeVar("T", str, bytes)
_NO_KEY = "none"  # what a server that wants no key is sent: the package insists on one
_NO_LIMIT = 100_000  # connections; aiohttp's own default is 100: the limiter decides, not the pool
_ENCODING = "x-was-packed-as"  # where the name of an encoding is put aside
_NO_CONNECTION = frozenset({"ConnectionRefusedError", "gaierror", "ConnectError", "ClientConnectorError"})


def secret_of(endpoint: Endpoint) -> str | None:
    """Return the API key of an endpoint, from the environment only; EngineError where it is needed and missing."""
    if endpoint.key_variable is None:
        return None
    secret = os.environ.get(endpoint.key_variable, "").strip()  # `$(cat FILE)` of a file from Windows ends in \r
    if not secret:
        raise EngineError(f"{endpoint.base_url}: set {endpoint.key_variable} in the environment")
    if not (secret.isascii() and secret.isprintable()):
        raise EngineError(f"{endpoint.key_variable} holds characters that no HTTP header can carry")
    return secret


class ClientTransport:
    """Sends to one endpoint. Made inside the event loop that uses it, and closed there with `close`.

    A key that a server repeats in its answer is taken out of it before anybody else sees the answer.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._secret = secret_of(endpoint)
        given = {**endpoint.headers, **endpoint.query}
        self._mask = Mask(secrets_in({"key": self._secret or "", **given}))
        self._home = redirects.origin_of(endpoint.base_url)
        self._client: AsyncOpenAI | None = None

    async def send(self, body: Mapping[str, Any], seconds: float) -> Response:
        """Send one chat completion; see Transport."""
        # Asked for the raw response class, the package parses nothing.
        kind = _http_package().Response
        return await self.exchange(lambda client: client.post("/chat/completions", cast_to=kind, body=body), seconds)

    async def exchange(self, work: "Callable[[AsyncOpenAI], Awaitable[Any]]", seconds: float) -> Response:
        """Make one call that brings a raw response, and return it unpacked; raises what `send` raises."""
        import openai

        try:
            # One deadline around the whole attempt: a slow drip outlives the read timeout of any HTTP client.
            async with asyncio.timeout(seconds):
                raw = await work(self._connected())
            raw = getattr(raw, "http_response", raw)
        except openai.APIStatusError as error:
            raw = error.response
        except _no_response() as error:
            raise self._lost(error) from None
        headers = {name.lower(): value for name, value in raw.headers.items()}
        try:
            content = in_utf8(unpacked(raw.content, headers.get(_ENCODING, "")), headers.get("content-type", ""))
        except ValueError as error:
            raise Unreachable(f"the response came damaged: {error}") from None
        failed = not raw.is_success or b'"choices"' not in content
        return Response(raw.status_code, self._hidden(content, error=failed), headers)

    def _hidden(self, body: bytes, *, error: bool) -> bytes:
        """Return a body without secrets; a stream that spreads one over its chunks as the completion that they make."""
        body = self.without_key(body, error=error)
        if not body.lstrip().startswith((b"data:", b"event:", b":")):
            return body
        try:
            whole = orjson.dumps(decode(body))
        except (Unreadable, TypeError):
            return body
        hidden = self.without_key(whole, error=error)
        return body if hidden == whole else hidden

    def _lost(self, error: BaseException) -> Unreachable:
        """Return what it means that no whole response came; see `_no_response`."""
        for each in _causes(error):
            if isinstance(each, Moved) or type(each).__name__ == "TooManyRedirects":
                return Moved(self.without_key(str(each), error=True))
        reason = self.without_key(_reason(error), error=True)
        return Refused(reason, starting=_may_start(error)) if _refused(error) else Unreachable(reason)

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.close()

    def _connected(self) -> "AsyncOpenAI":
        """Return the client, which is made at the first call."""
        if self._client is None:
            import openai

            limits = type(openai.DEFAULT_CONNECTION_LIMITS)
            http = openai.DefaultAioHttpClient(
                limits=limits(max_connections=_NO_LIMIT, keepalive_expiry=30.0),
                timeout=None,
                verify=_http_package().create_ssl_context(),  # with SSL_CERT_FILE of the environment, on loopback too
                trust_env=not is_loopback(self._endpoint.base_url),  # no proxy between us and our own machine
            )
            http.max_redirects = redirects.MOST
            http.event_hooks = {"request": [self._prepare], "response": [self._arrived]}
            self._client = openai.AsyncOpenAI(
                base_url=self._endpoint.base_url,
                api_key=self._secret or _NO_KEY,
                default_query=self._endpoint.query,
                max_retries=0,
                timeout=None,
                http_client=http,
            )
            if self._endpoint.key_variable != "OPENAI_API_KEY":  # what the environment holds for one company
                self._client.organization = self._client.project = None
                self._client._custom_headers = {}
        return self._client

    async def _prepare(self, request: Any) -> None:
        """Put the user's own headers on a request, and the key where Azure wants it; no made-up key beside a secret of theirs.

        It is called before each hop of a redirect: one that leads elsewhere goes without anything of the user's.
        """
        if request.method == "GET":
            await request.aread()  # one that was redirected would go out with an empty body, in chunks
        if redirects.origin_of(str(request.url)) != self._home:
            redirects.bare(request)
            return
        headers = self._endpoint.headers
        request.headers.update(headers)
        if "Authorization" in headers:
            return
        secret = self._secret or ""
        of_entra = secret.startswith("ey") and secret.count(".") == 2  # a JSON Web Token
        if self._endpoint.azure and not of_entra:
            request.headers.pop("Authorization", None)
            if secret:
                request.headers.setdefault("api-key", secret)
        elif not secret and any(map(holds_secret, headers)):
            request.headers.pop("Authorization", None)

    async def _arrived(self, response: Any) -> None:
        """Look at where a response leads, and keep the HTTP client from unpacking it, which a wrong name would lose."""
        redirects.check(response, self._home)
        if "content-encoding" in response.headers:
            response.headers[_ENCODING] = response.headers.pop("content-encoding")

    def without_key(self, text: T, *, error: bool = False) -> T:
        """Return a text that may be shown and stored; `error`: it is not the answer of a model."""
        return self._mask.hide(text, error=error)


def _no_response() -> tuple[type[Exception], ...]:
    """Return the errors that mean that no whole response came.

    What is no HTTP passes the openai package as aiohttp's own, and what a hook raises as it is.
    """
    import aiohttp
    import openai

    return openai.APIConnectionError, aiohttp.ClientError, Moved


def is_loopback(url: str) -> bool:
    """Return whether an address is on this machine."""
    return urlsplit(url).hostname in ("127.0.0.1", "localhost", "::1")


def _http_package() -> Any:
    """Return the HTTP package that this version of openai uses: httpx, or a successor with the same names."""
    import openai

    return sys.modules[type(openai.DEFAULT_CONNECTION_LIMITS).__module__.partition(".")[0]]


def _reason(error: BaseException) -> str:
    """Return the innermost cause in one line: `Connection error.` alone tells no one anything."""
    while error.__cause__ is not None:
        error = error.__cause__
    return " ".join(str(error).split()) or type(error).__name__


def _refused(error: BaseException) -> bool:
    """Return whether no connection was made at all, so that nothing can have been billed.

    By name, down the chain of causes: the classes belong to whichever HTTP package openai uses.
    """
    return any(_NO_CONNECTION & {kind.__name__ for kind in type(each).__mro__} for each in _causes(error))


def _may_start(error: BaseException) -> bool:
    """Return whether a host is there that only does not listen yet."""
    return any(
        isinstance(each, ConnectionRefusedError) or isinstance(getattr(each, "os_error", None), ConnectionRefusedError)
        for each in _causes(error)
    )


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__

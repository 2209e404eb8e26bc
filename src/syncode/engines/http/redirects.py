"""Which redirects are followed: those that keep the request as it is, at the server that the user named."""

from typing import Any
from urllib.parse import urljoin, urlsplit

from syncode.engines.wire import Moved

MOST = 5  # redirects of one request (chosen here; httpx's own default is 20, a browser's about as many)
_PORTS = {"http": 80, "https": 443}
_KEEP_THE_METHOD = (307, 308)  # RFC 9110, section 15.4: after the others a POST becomes a GET
_OF_ANYONE = frozenset({"host", "accept", "accept-encoding", "user-agent"})  # headers that say nothing about the user

Origin = tuple[str, str | None, int | None]


def origin_of(url: str) -> Origin:
    """Return scheme, host and port of an address; ValueError for one that cannot be read."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or _PORTS.get(parts.scheme)


def check(response: Any, home: Origin) -> None:
    """Raise Moved for a redirect of an `httpx.Response` that must not be followed; `home` is the origin of the endpoint.

    A GET is followed inside its origin, a POST there only if it stays a POST: what the user asks is for the server that the user
    named. The content of a file may lie with another company (a bucket): it is fetched, `bare` of what is the user's.
    """
    if not response.is_redirect:
        return
    here = str(response.request.url)
    to = response.headers.get("location", "")
    try:
        target = urljoin(here, to)
        stays = origin_of(target) == home
        abroad = origin_of(here) != home
    except ValueError:
        raise Moved(_told(response.status_code, "")) from None
    if response.request.method == "GET":
        download = abroad or response.request.url.path.endswith("/content")
        allowed = stays or (download and urlsplit(target).scheme in _PORTS)
    else:
        allowed = stays and response.status_code in _KEEP_THE_METHOD
    if not (to and allowed):
        raise Moved(_told(response.status_code, target if to else ""))


def bare(request: Any) -> None:
    """Take everything out of a request's headers that is the user's: it goes to an address that the user did not name."""
    for name in {name.lower() for name in request.headers} - _OF_ANYONE:
        request.headers.pop(name)


def _told(status: int, url: str) -> str:
    """Return the reason in one line, with the address but for what may be secret in it: name and password, query, fragment."""
    if not url:
        return f"HTTP {status}: the server sends requests on, to no address that can be read"
    parts = urlsplit(url)
    address = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
    return (
        f"HTTP {status}: the server sends requests on to {address}, where they are not sent: "
        "if that is the model's address, name it in --model"
    )

"""Who may ask, and for what: checks of a request before any of its rows is read."""

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

from syncode.errors import nearest
from syncode.schemas.wire import dumps, loads
from syncode.stages.execute.serve.rows import failure

REPEAT_MOST = 16
"""Runs of each program that a request may ask for (chosen here)."""
OUTPUT = 2000
"""Characters of stdout and of stderr in a result, if a request does not say (chosen here)."""
OUTPUT_MOST = 65536
"""What the sandbox keeps of an output."""
_CHOICES = {"score": ("all", "fraction"), "evidence": ("separate", "shared")}


class Refused(Exception):
    """A request that is not worked on: the HTTP status, a word, and a sentence for people."""

    def __init__(self, status: int, kind: str, why: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(why)
        self.status = status
        self.kind = kind
        self.headers = dict(headers or {})

    def body(self) -> bytes:
        """Return the JSON that the client gets."""
        return dumps({"error": {"kind": self.kind, "message": str(self)}})


@dataclass(frozen=True)
class Bounds:
    """What one request may ask for: seconds for a program, seconds for all, runs of a program."""

    timeout: float
    deadline: float
    repeat: int


@dataclass(frozen=True)
class Asked:
    """A request that was read: rows as JSON, the options of each as JSON without braces, what is known at once, the deadline."""

    rows: list[bytes]
    options: bytes
    known: dict[int, bytes]
    deadline: float


def is_loopback(host: str) -> bool:
    """Return whether a host name or address (of a Host header: maybe with a port) can only be this machine."""
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() and not host.endswith("]") else host
    if host.count(":") > 1 and not host.startswith("["):
        name = host
    name = name.strip("[]").lower()
    if name == "localhost":
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def check_caller(headers: Mapping[str, str], token: str, *, guarded: bool = True) -> None:
    """Raise Refused for a browser, a name that only a rebound DNS entry would lead here, and a wrong token.

    Without a token the server is on loopback, and a page in a browser could reach it under a name of its own: the name has to be
    this machine's. `guarded`: the route needs the token.
    """
    if "Origin" in headers or headers.get("Sec-Fetch-Site", "none") != "none":
        raise Refused(403, "browser", "pages in browsers may not use this server")
    if not token and not is_loopback(headers.get("Host", "")):
        raise Refused(403, "host", "the Host header names another machine; a server with a token takes any name")
    if token and guarded:
        given = headers.get("Authorization", "").encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(given, f"Bearer {token}".encode()):
            raise Refused(
                401, "token", "no valid token: send Authorization: Bearer TOKEN", {"WWW-Authenticate": "Bearer"}
            )


def check_form(content_type: str, headers: Mapping[str, str]) -> None:
    """Raise Refused for a body that is not plain JSON by its headers."""
    if content_type != "application/json":
        raise Refused(415, "content_type", "send JSON, with Content-Type: application/json")
    if headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Refused(415, "content_encoding", "send the body as it is, not packed")


def read_request(body: bytes, bounds: Bounds) -> Asked:
    """Return what a body asks for. Raises Refused with a sentence that says what is wrong."""
    request, strange = _parsed(body)
    if not isinstance(request, dict) or not isinstance(request.get("rows"), list):
        raise Refused(400, "request", 'send {"rows": [...], "options": {...}}')
    _refuse_unknown(request, ("rows", "options"), "")
    options = {} if request.get("options") is None else request["options"]
    if not isinstance(options, dict):
        raise Refused(400, "options", "'options' should be an object")
    _refuse_unknown(options, ("timeout", "deadline", "repeat", "output", *_CHOICES), "options.")
    timeout = _number(options, "timeout", bounds.timeout, 0.1, bounds.timeout)
    deadline = _number(options, "deadline", bounds.deadline, 0.1, bounds.deadline)
    order = {
        "timeout": float(timeout),
        "repeat": int(_number(options, "repeat", bounds.repeat, 1, max(REPEAT_MOST, bounds.repeat), whole=True)),
        "output": int(_number(options, "output", OUTPUT, 0, OUTPUT_MOST, whole=True)),
        **{name: _choice(options, name, choices) for name, choices in _CHOICES.items()},
    }
    order["score"] = order["score"] or "all"
    rows, known = [], {}
    for number, row in enumerate(request["rows"]):
        try:
            rows.append(dumps(loads(json.dumps(row).encode()) if strange else row))
        except ValueError as error:
            named = {"id": row["id"]} if isinstance(row, dict) and _is_name(row.get("id")) else None
            rows.append(dumps(named))
            known[number] = dumps(failure("row", str(error), named))
    return Asked(rows, dumps(order)[1:-1], known, float(deadline))


def _parsed(body: bytes) -> tuple[Any, bool]:
    """Return the value of a body, and whether something in it is not quite JSON. Raises Refused for what cannot be read at all.

    NaN or half of a surrogate pair in one row, as Python's own writer lets them through, is a fault of that row alone.
    """
    try:
        return loads(body), False
    except ValueError as error:
        try:
            return json.loads(body), True
        except (ValueError, RecursionError):
            raise Refused(400, "json", f"the body is not JSON ({error})") from None


def _is_name(name: object) -> bool:
    return (isinstance(name, str) and name.isprintable()) or (isinstance(name, int) and not isinstance(name, bool))


def _refuse_unknown(given: Mapping[str, Any], known: tuple[str, ...], prefix: str) -> None:
    for name in given:
        if name not in known:
            near = nearest(name, known)
            meant = f"; did you mean {near[0]!r}?" if near else f" (there are {', '.join(known)})"
            raise Refused(400, "options" if prefix else "request", f"there is no {prefix}{name}{meant}")


def _number(
    options: Mapping[str, Any], name: str, default: float, least: float, most: float, *, whole: bool = False
) -> float:
    value = options.get(name)
    if value is None:
        return default
    kind = int if whole else (int, float)
    if isinstance(value, bool) or not isinstance(value, kind) or not least <= value <= most:
        raise Refused(
            400, "options", f"options.{name} should be a{' whole' if whole else ''} number from {least:g} to {most:g}"
        )
    return value


def _choice(options: Mapping[str, Any], name: str, choices: tuple[str, ...]) -> str | None:
    value = options.get(name)
    if value is not None and value not in choices:
        raise Refused(400, "options", f"options.{name} should be one of {', '.join(choices)}")
    return value

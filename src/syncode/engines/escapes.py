"""`--body`, `--header` and `--query`: what a user adds to every request, for servers that want more than they should."""

import re
from collections.abc import Sequence
from typing import Any

import orjson

from syncode.errors import UsageError

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # of a header's name: RFC 9110, section 5.6.2
_SECRET = re.compile(r"auth|key|token|secret|cookie|password|credential|signature|^sig$|^code$", re.IGNORECASE)
_NOT_ADDED = {
    "model": "the model is named by --model",
    "messages": "the messages are the rows'",
    "n": "one answer is read per request: see --samples",
}
_OF_HTTP = ("content-length", "transfer-encoding", "connection", "content-type", "accept-encoding")
_VALUE = re.compile(r"[\w.-]+=([^=].*)")  # of a cookie, or of a part of an authorization


def read_body(options: Sequence[str]) -> dict[str, Any]:
    """Return the keys of `--body KEY=JSON`; UsageError for what cannot be sent. A null leaves a key out of the body."""
    body: dict[str, Any] = {}
    for option in options:
        name, value = _pair("--body", option, "KEY=JSON", body)
        if name in _NOT_ADDED:
            raise UsageError(f"--body {name}: {_NOT_ADDED[name]}")
        try:
            body[name] = orjson.loads(value)
        except orjson.JSONDecodeError as error:
            quoted = orjson.dumps(value).decode()
            raise UsageError(
                f"--body {option}: {value!r} is not JSON ({error}); a text is written '{name}={quoted}'"
            ) from error
    return body


def read_headers(options: Sequence[str]) -> dict[str, str]:
    """Return the headers of `--header NAME=VALUE`; UsageError for what no header can carry. Values are never shown."""
    headers: dict[str, str] = {}
    for option in options:
        name, value = _pair("--header", option, "NAME=VALUE", headers)
        if not _TOKEN.fullmatch(name):
            raise UsageError(f"--header {name}: not the name of a header")
        if name.lower() in _OF_HTTP:
            raise UsageError(f"--header {name}: set by the HTTP client itself")
        if not value.isascii() or not value.isprintable():
            raise UsageError(f"--header {name}: its value holds characters that no HTTP header can carry")
        headers["Authorization" if name.lower() == "authorization" else name] = value
    return headers


def read_query(options: Sequence[str]) -> dict[str, str]:
    """Return the parameters of `--query KEY=VALUE`. Values are never shown."""
    query: dict[str, str] = {}
    for option in options:
        name, value = _pair("--query", option, "KEY=VALUE", query)
        query[name] = value
    return query


def holds_secret(name: str) -> bool:
    """Return whether a header or a query of this name holds a secret."""
    return _SECRET.search(name) is not None


def secrets_in(values: dict[str, str]) -> list[str]:
    """Return the secret values among headers or queries, whole and in the parts that could turn up in a server's answer."""
    found: dict[str, None] = {}
    for name, value in values.items():
        if holds_secret(name):
            _, _, credentials = value.strip().rpartition(" ")  # without `Bearer` or `Basic`
            parts = re.split(r"[;,\s]+", value)
            inner = [match[1].strip('"') for part in parts if (match := _VALUE.fullmatch(part))]
            found |= dict.fromkeys([value.strip(), credentials, *inner])
    return [value for value in found if value]


def _pair(flag: str, option: str, form: str, seen: dict[str, Any]) -> tuple[str, str]:
    name, equals, value = option.partition("=")
    name = name.strip()
    if not equals or not name:
        raise UsageError(f"{flag} {name}: expected {form}")
    if name in seen:
        raise UsageError(f"{flag} {name}: given twice")
    return name, value

"""From the bytes of a response to a JSON value: any encoding of Unicode, damaged characters, and event streams put together."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from syncode.engines.replies.stream import assemble

_BOM = b"\xef\xbb\xbf"
_LINE_END = re.compile(rb"\r\n|\n|\r")  # and no other: a text may hold U+2028 or a form feed
_FIELD = re.compile(rb"\s*(?::|(?:data|event|id|retry|error):)")
_FAILED = re.compile(rb"error|fail|exception", re.IGNORECASE)  # in the name of an event
_PLAIN = re.compile(rb"^[ \t]*[{\[]", re.MULTILINE)
_LAST_COMMENTS = re.compile(rb"(?:[\r\n]+:[^\r\n]*)+\Z")
_DONE = b"[DONE]"
_REPLACEMENT = "\ufffd"


class Unreadable(Exception):
    """The server said 200, but what it sent is not a chat completion."""


def decode(body: bytes) -> Any:
    """Return the JSON value in a response; Unreadable if there is none.

    A value may come in UTF-8 with or without a byte order mark, in UTF-16 or UTF-32, as an event stream or as one chunk per
    line, behind comments that keep the connection alive, with control characters that should have been escaped. A character
    that is not valid Unicode (a lone surrogate, a broken byte) becomes U+FFFD; `replaced` counts them.
    """
    body = body.removeprefix(_BOM).strip()
    if not _FIELD.match(body):
        return _plain(body)
    try:
        return _stream(_events(body))
    except Unreadable:
        if not (found := _PLAIN.search(body)):
            raise
        try:
            return _plain(_LAST_COMMENTS.sub(b"", body[found.start() :]))
        except Unreadable:
            pass
        raise


def _plain(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        reason = str(error)
    try:
        return _repaired(json.loads(body.decode(json.detect_encoding(body), "replace"), strict=False))
    except (ValueError, RecursionError):
        pass
    if body.startswith(b"{") and (chunks := list(_json_lines(body))):
        return _stream(iter(chunks))
    raise Unreadable(f"the response is not JSON ({reason})")


def replaced(text: str) -> int:
    """Return how many characters of a decoded text stand for what was not valid Unicode."""
    return text.count(_REPLACEMENT)


def _stream(chunks: Iterator[Any]) -> Mapping[str, Any]:
    try:
        return assemble(chunks)
    except ValueError as error:
        raise Unreadable(str(error)) from error


def _events(body: bytes) -> Iterator[Any]:
    """Yield the value of each event, None for the end mark; what cannot be read ends the stream, as a cut does.

    Lines of one event belong together; servers that send no blank line between events mean one each. The data of an event that
    is named as an error (`event: error`; llama.cpp has a field `error:`) is one, whatever it looks like.
    """
    waiting: list[bytes] = []
    failed = False
    for line in [*_LINE_END.split(body), b""]:
        name, _, value = line.partition(b":")
        if name.strip() in (b"data", b"error"):
            waiting.append(value.removeprefix(b" "))
            failed |= name.strip() == b"error"
        elif name.strip() == b"event":
            failed = _FAILED.search(value) is not None
        elif not line and waiting and failed:
            yield _error(b"\n".join(waiting))
            return
        elif not line and waiting:
            lines, waiting = waiting, []
            try:
                yield _event(b"\n".join(lines))
            except ValueError:
                for each in lines:
                    try:
                        yield _event(each)
                    except ValueError:
                        return


def _error(data: bytes) -> Any:
    """Return the error in an event that is named as one, under `error`; its data may be words alone."""
    try:
        value = _event(data)
    except ValueError:
        value = data.decode("utf-8", "replace")
    return value if isinstance(value, Mapping) and value.get("error") else {"error": value}


def _event(data: bytes) -> Any:
    if data.strip() == _DONE:
        return None
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        return _repaired(json.loads(data.decode("utf-8", "replace"), strict=False))


def _json_lines(body: bytes) -> Iterator[Any]:
    for line in filter(None, map(bytes.strip, _LINE_END.split(body))):
        try:
            yield _event(line)
        except ValueError:
            return


def _repaired(value: Any) -> Any:
    """Return the value with halves of surrogate pairs joined, and those that stand alone replaced."""
    match value:
        case str():
            return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        case list():
            return [_repaired(each) for each in value]
        case dict():
            return {_repaired(name): _repaired(each) for name, each in value.items()}
    return value

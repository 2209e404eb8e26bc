"""Reads the output and error files of a batch: the lines that answer its requests, and all others, which are set aside."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from syncode.engines.replies.decode import Unreadable, decode
from syncode.engines.replies.outcome import Course, judge
from syncode.engines.replies.words import words_in
from syncode.engines.wire import Response

_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Line:
    """The response to one request. A `status` of None: it was not processed (it expired, or was cancelled)."""

    key: bytes
    status: int | None
    body: bytes


def read_lines(files: Iterable[bytes], ours: Collection[bytes]) -> tuple[dict[bytes, Line], list[bytes]]:
    """Return one line for each request in `ours`, an answer before an error, and all others as they came."""
    lines: dict[bytes, tuple[Line, bytes]] = {}
    strange: list[bytes] = []
    for file in files:
        for raw in filter(None, map(bytes.strip, file.removeprefix(_BOM).split(b"\n"))):
            line = _line(raw)
            if line is None or line.key not in ours:
                strange.append(raw)
            elif line.key not in lines:
                lines[line.key] = line, raw
            elif _is_answer(line) and not _is_answer(lines[line.key][0]):
                strange.append(lines[line.key][1])
                lines[line.key] = line, raw
            else:
                strange.append(raw)
    return {key: line for key, (line, _) in lines.items()}, strange


def _line(raw: bytes) -> Line | None:
    try:
        item = decode(raw)
        key = bytes.fromhex(item["custom_id"])
    except (Unreadable, KeyError, TypeError, ValueError):
        return None
    response, error = item.get("response"), item.get("error")
    if isinstance(response, Mapping):
        body = response if response.get("choices") else _opened(response.get("body"))
        if body is not None:
            return Line(key, _number(response.get("status_code")) or _implied(body), _bytes(body))
    if error:
        return Line(key, words_in({"error": error}).status, orjson.dumps({"error": error}))
    return Line(key, None, b"")


def _opened(body: Any) -> Any:
    """Return a body that came as a text of JSON as what it holds."""
    if not isinstance(body, str):
        return body
    try:
        return decode(body.encode())
    except Unreadable:
        return body


def _number(status: Any) -> int | None:
    try:
        return int(status)
    except (TypeError, ValueError, OverflowError):
        return None


def _implied(body: Any) -> int | None:
    return 200 if isinstance(body, Mapping) and body.get("choices") else words_in(body).status


def _bytes(body: Any) -> bytes:
    if isinstance(body, str):
        return body.encode()
    try:
        return orjson.dumps(body)
    except TypeError:  # numbers of more than 64 bits, or nested deeply
        return json.dumps(body).encode()


def _is_answer(line: Line) -> bool:
    return line.status is not None and judge(Response(line.status, line.body)).course is Course.ANSWER


def set_aside(journal: str, lines: Iterable[bytes]) -> Path:
    """Keep lines that no one asked for in a file beside the journal; return where."""
    path = Path(f"{journal}.set-aside.jsonl")
    with path.open("ab") as file:
        file.writelines(line + b"\n" for line in lines)
    return path

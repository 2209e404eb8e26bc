"""Reads the output and error files of a batch: the lines that answer its requests, and all others, which are set aside."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from syncode.engines.replies.decode import Unreadable, decode
from syncode.engines.replies.words import words_in

_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Line:
    """The response to one request. A `status` of None: it was not processed (it expired, or was cancelled)."""

    key: bytes
    status: int | None
    body: bytes


def read_lines(files: Iterable[bytes], ours: Collection[bytes]) -> tuple[list[Line], list[bytes]]:
    """Return the first line for each request in `ours`, and the lines that are none of them, as they came."""
    lines: dict[bytes, Line] = {}
    strange: list[bytes] = []
    for file in files:
        for raw in file.removeprefix(_BOM).split(b"\n"):
            raw = raw.strip()
            if not raw:
                continue
            line = _line(raw)
            if line is None or line.key not in ours or line.key in lines:
                strange.append(raw)
            else:
                lines[line.key] = line
    return list(lines.values()), strange


def _line(raw: bytes) -> Line | None:
    try:
        item = decode(raw)
        key = bytes.fromhex(item["custom_id"])
    except (Unreadable, KeyError, TypeError, ValueError):
        return None
    response, error = item.get("response"), item.get("error")
    if isinstance(response, dict) and response.get("body") is not None:
        body = response["body"]
        status = response.get("status_code")
        return Line(key, status if isinstance(status, int) and status else _implied(body), _bytes(body))
    if error:
        return Line(key, words_in({"error": error}).status, orjson.dumps({"error": error}))
    return Line(key, None, b"")


def _implied(body: Any) -> int | None:
    return 200 if isinstance(body, dict) and body.get("choices") else words_in(body).status


def _bytes(body: Any) -> bytes:
    return body.encode() if isinstance(body, str) else orjson.dumps(body)


def set_aside(journal: str, lines: Iterable[bytes]) -> Path:
    """Keep lines that no one asked for in a file beside the journal; return where."""
    path = Path(f"{journal}.set-aside.jsonl")
    with path.open("ab") as file:
        file.writelines(line + b"\n" for line in lines)
    return path

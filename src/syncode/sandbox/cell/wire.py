# (pathlib costs its import in processes that must start fast)
"""Messages over a stream descriptor: four bytes of length, then JSON."""

import json
import os
import struct
from typing import Any

HEADER = struct.Struct(">I")


def send(descriptor: int, message: Any) -> None:
    """Write one message; OSError when the other side is gone."""
    body = json.dumps(message).encode()
    view = memoryview(HEADER.pack(len(body)) + body)
    while view:
        view = view[os.write(descriptor, view) :]


def receive(descriptor: int) -> Any:
    """Return the next message, or None at the end of the stream (also in the middle of a message)."""
    header = _exactly(descriptor, HEADER.size)
    if header is None:
        return None
    body = _exactly(descriptor, HEADER.unpack(header)[0])
    return None if body is None else json.loads(body)


def _exactly(descriptor: int, count: int) -> bytes | None:
    parts = []
    while count:
        part = os.read(descriptor, min(count, 1 << 20))
        if not part:
            return None
        parts.append(part)
        count -= len(part)
    return b"".join(parts)

# (pathlib costs its import in processes that must start fast)
"""Messages over a stream: four bytes of length, then what is said.

Into the sandbox (`order`, `take`): marshal, with descriptors. Out of it (`send`, `receive`): JSON, which no one can use to
harm the reader. A length of 0 is the order to kill what runs.
"""

import _socket
import json
import marshal
import os
import struct
from typing import Any, Protocol

HEADER = struct.Struct(">I")
KILL = HEADER.pack(0)
DESCRIPTORS = 64
"""Most descriptors that one order carries (the kernel's limit is 253)."""


class Socket(Protocol):
    """What `socket.socket` and `_socket.socket` have in common here; the runner does without the weight of the former."""

    def fileno(self) -> int: ...
    def recv(self, size: int, /) -> bytes: ...
    def recvmsg(self, size: int, ancillary: int, /) -> tuple[bytes, list[tuple[int, int, bytes]], int, Any]: ...
    def sendmsg(self, buffers: list[bytes], ancillary: list[tuple[int, int, bytes]], /) -> int: ...


def order(control: Socket, message: Any, descriptors: list[int]) -> None:
    """Write one order; OSError when the other side is gone."""
    body = marshal.dumps(message)
    whole = HEADER.pack(len(body)) + body
    rights = struct.pack(f"{len(descriptors)}i", *descriptors)
    sent = control.sendmsg([whole], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, rights)] if descriptors else [])
    write(control.fileno(), whole[sent:])


def take(control: Socket) -> tuple[Any, list[int]] | None:
    """Return the next order and its descriptors, or None at the end of the stream. Orders to kill come too late here."""
    while True:
        start, ancillary, _, _ = control.recvmsg(HEADER.size, _socket.CMSG_SPACE(4 * DESCRIPTORS))
        rest = _exactly(control.fileno(), HEADER.size - len(start)) if start else None
        if rest is None:
            return None
        size = HEADER.unpack(start + rest)[0]
        if size:
            body = _exactly(control.fileno(), size)
            return None if body is None else (marshal.loads(body), _descriptors(ancillary))


def send(descriptor: int, message: Any) -> None:
    """Write one message; OSError when the other side is gone."""
    body = json.dumps(message).encode()
    write(descriptor, HEADER.pack(len(body)) + body)


def receive(descriptor: int) -> Any:
    """Return the next message, or None at the end of the stream (also in the middle of a message)."""
    header = _exactly(descriptor, HEADER.size)
    if header is None:
        return None
    body = _exactly(descriptor, HEADER.unpack(header)[0])
    return None if body is None else json.loads(body)


def hand_over(control: Socket, descriptors: list[int]) -> None:
    """Give descriptors to the other side."""
    rights = struct.pack(f"{len(descriptors)}i", *descriptors)
    control.sendmsg([b"."], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, rights)])


def accept(control: Socket) -> list[int]:
    """Return the descriptors that the other side hands over; none when it is gone."""
    return _descriptors(control.recvmsg(1, _socket.CMSG_SPACE(4 * DESCRIPTORS))[1])


def _descriptors(ancillary: list[tuple[int, int, bytes]]) -> list[int]:
    return [descriptor for _, _, rights in ancillary for (descriptor,) in struct.iter_unpack("i", rights)]


def carrier(content: bytes) -> int:
    """Return a descriptor of memory from which the content can be read."""
    descriptor = os.memfd_create("carrier")
    write(descriptor, content)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor


def write(descriptor: int, content: bytes) -> None:
    """Write all of it."""
    view = memoryview(content)
    while view:
        view = view[os.write(descriptor, view) :]


def _exactly(descriptor: int, count: int) -> bytearray | None:
    parts = bytearray()
    while len(parts) < count:
        part = os.read(descriptor, min(count - len(parts), 1 << 20))
        if not part:
            return None
        parts += part
    return parts

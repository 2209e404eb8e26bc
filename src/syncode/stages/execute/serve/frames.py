"""Messages on the line between server and worker: eight bytes of length, then the bytes."""

import socket
import struct

HEADER = struct.Struct(">Q")


def framed(message: bytes) -> bytes:
    """Return a message with its length in front."""
    return HEADER.pack(len(message)) + message


def receive(line: socket.socket) -> bytes | None:
    """Return the next message, None if the other end is closed. Blocks."""
    head = _exactly(line, HEADER.size)
    return _exactly(line, HEADER.unpack(head)[0]) if head is not None else None


def _exactly(line: socket.socket, size: int) -> bytes | None:
    data = bytearray(size)
    view = memoryview(data)
    while view:
        count = line.recv_into(view)
        if not count:
            return None
        view = view[count:]
    return bytes(data)

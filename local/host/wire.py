"""Frames between the gateway's process and an execution environment: four bytes of length, then bytes."""

import socket
import struct

LENGTH = struct.Struct(">I")

READY, ANSWERED, FAILED = b"r", b"a", b"f"
"""First byte of what an environment sends: it is there, a function's JSON, or its error document."""


def write_frame(sock: socket.socket, payload: bytes) -> None:
    """Send one frame."""
    sock.sendall(LENGTH.pack(len(payload)) + payload)


def read_frame(sock: socket.socket) -> bytes | None:
    """Receive one frame. None: the other side has gone."""
    head = _exactly(sock, LENGTH.size)
    return None if head is None else _exactly(sock, LENGTH.unpack(head)[0])


def _exactly(sock: socket.socket, count: int) -> bytes | None:
    parts = bytearray()
    while len(parts) < count:
        part = sock.recv(min(count - len(parts), 1 << 20))
        if not part:
            return None
        parts += part
    return bytes(parts)

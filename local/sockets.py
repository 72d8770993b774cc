"""Listening sockets, bound before anything else is started; loopback only."""

import errno
import socket

from local.errors import LocalError
from local.surroundings import LOOPBACK

BACKLOG = 2048


def listen(port: int) -> list[socket.socket]:
    """Listen on a loopback port, 0 for any free one. Raises LocalError where it is taken.

    On IPv6's loopback too where there is one: `localhost` means that first, and nobody else must answer.
    """
    first = _bound(socket.AF_INET, LOOPBACK, port)
    port = int(first.getsockname()[1])
    try:
        return [first, _bound(socket.AF_INET6, "::1", port)]
    except LocalError:
        first.close()
        raise
    except OSError:  # a machine without IPv6
        return [first]


def _bound(family: socket.AddressFamily, host: str, port: int) -> socket.socket:
    # The protocol is named because asyncio turns Nagle's delay (40 ms an answer) off only then.
    sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
        sock.listen(BACKLOG)
    except OSError as error:
        sock.close()
        if error.errno == errno.EADDRINUSE:
            raise LocalError(f"Port {port} is in use; choose another: PORT={port + 1} make run") from error
        if error.errno == errno.EACCES:
            raise LocalError(f"Port {port} needs privileges; choose one above 1023: PORT=8000 make run") from error
        raise
    return sock

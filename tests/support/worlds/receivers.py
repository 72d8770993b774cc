"""Receivers of webhooks on the loopback interface, well-behaved and otherwise."""

import socket
import ssl
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Event, Thread

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@dataclass(slots=True)
class Receiver:
    """A server that answers every request by its script, each in its own thread."""

    script: "Script"
    listening: socket.socket
    port: int
    tls: ssl.SSLContext | None = None
    requests: list[bytes] = field(default_factory=list)
    names: list[str | None] = field(default_factory=list)
    """The server names that clients sent in their TLS hellos."""
    closed: Event = field(default_factory=Event)
    sent: int = 0
    _threads: list[Thread] = field(default_factory=list)

    def send(self, connection: socket.socket, data: bytes) -> None:
        connection.sendall(data)
        self.sent += len(data)

    def repeat(self, connection: socket.socket, data: bytes, pause: float | None = None) -> None:
        """Send it again and again, until the client is gone or the test is over."""
        while not self.closed.wait(pause) if pause else not self.closed.is_set():
            self.send(connection, data)

    def serve(self) -> None:
        while True:
            try:
                connection, _ = self.listening.accept()
            except OSError:
                return
            self._start(self._converse, connection)

    def _start(self, work: Callable[..., None], *args: object) -> None:
        thread = Thread(target=work, args=args)
        self._threads.append(thread)
        thread.start()

    def _converse(self, connection: socket.socket) -> None:
        connection.settimeout(10)
        with suppress(OSError), connection:
            if self.tls is None:
                self.script(self, connection)
            else:
                with self.tls.wrap_socket(connection, server_side=True) as wrapped:
                    self.script(self, wrapped)

    def request(self, connection: socket.socket) -> bytes:
        """A whole request: its head, and as much body as it says."""
        data = b""
        while b"\r\n\r\n" not in data:
            if not (part := connection.recv(65_536)):
                raise ConnectionError
            data += part
        head, _, body = data.partition(b"\r\n\r\n")
        length = next(
            int(line.partition(b":")[2]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")
        )
        while len(body) < length:
            body += connection.recv(65_536)
        self.requests.append(head + b"\r\n\r\n" + body)
        return self.requests[-1]


Script = Callable[[Receiver, socket.socket], None]


@contextmanager
def receiver(script: Script, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> Iterator[Receiver]:
    """A receiver on a free port, gone with all its threads at the end."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, 0), family=family, backlog=8) as listening:
        running = Receiver(script, listening, listening.getsockname()[1], tls)
        if tls is not None:
            tls.sni_callback = lambda _socket, name, _context: running.names.append(name)
        accepting = Thread(target=running.serve)
        accepting.start()
        try:
            yield running
        finally:
            running.closed.set()
            with suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)
            accepting.join()
            for thread in running._threads:
                thread.join()


def has_ipv6() -> bool:
    """Whether this machine has IPv6 on its loopback interface."""
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


def answering(answer: bytes = OK) -> Script:
    """Reads the request, and answers so."""

    def script(receiver: Receiver, connection: socket.socket) -> None:
        receiver.request(connection)
        receiver.send(connection, answer)

    return script


def repeating(start: bytes, again: bytes, pause: float | None = None) -> Script:
    """Reads the request, and answers without an end."""

    def script(receiver: Receiver, connection: socket.socket) -> None:
        receiver.request(connection)
        receiver.send(connection, start)
        receiver.repeat(connection, again, pause)

    return script


def silent(_receiver: Receiver, connection: socket.socket) -> None:
    """Takes the connection and says nothing, until the client goes."""
    while connection.recv(65_536):
        pass


def deaf(receiver: Receiver, _connection: socket.socket) -> None:
    """Takes the connection and does not even read."""
    receiver.closed.wait(10)


@contextmanager
def nobody() -> Iterator[int]:
    """A port at which nobody listens, and which no other program of this machine is given meanwhile."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield int(held.getsockname()[1])


def closing(receiver: Receiver, connection: socket.socket) -> None:
    """Reads the request and closes."""
    receiver.request(connection)


def resetting(receiver: Receiver, connection: socket.socket) -> None:
    """Reads the request and resets the connection."""
    receiver.request(connection)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

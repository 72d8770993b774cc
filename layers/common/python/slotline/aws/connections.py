"""Kept connections to one server, over TLS that is verified, with botocore's names for what goes wrong.

They are http.client's own: urllib3 would take twice as long to import as all the rest of this package.
"""

import select
import ssl
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection, IncompleteRead
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit
from weakref import finalize

import botocore
from botocore import exceptions

from slotline.aws.exchange import Response, exchange

MOST_KEPT = 20
"""Connections that wait for the next request, as many as there were threads."""
_A_MOMENT = 0.001


class Sent(NamedTuple):
    """A request. The path is encoded; the names of headers are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = b""
    below: str = ""
    """What stands before the host, if it is one below the service's: `bucket.`."""
    is_read_in_pieces: bool = False
    """Whether the body of a good answer is left to whoever asked."""
    query: Mapping[str, str] = {}
    """What is asked behind the path, not encoded yet."""
    seconds: float | None = None
    """When to give up, if that is sooner than the time-outs: for connecting and the wait for the answer together."""


class Answer(NamedTuple):
    """What the server said: whole, or with pieces that are still to come."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    pieces: "Pieces | None" = None


class Connections:
    """Each serves one request at a time, whichever thread makes it, and waits for the next one if the server agrees."""

    def __init__(self, url: str, *, ca_bundle: str | None, connect_seconds: float, read_seconds: float) -> None:
        split = urlsplit(url)
        self.url, self.scheme, self.path = url, split.scheme, split.path.rstrip("/")
        self.host = split.netloc.rpartition("@")[2]
        if split.port == {"http": 80, "https": 443}[split.scheme]:
            self.host = self.host.rpartition(":")[0]
        self._ca_bundle = ca_bundle
        self._connect_seconds, self._read_seconds = connect_seconds, read_seconds
        self._kept: deque[HTTPConnection] = deque()
        finalize(self, _end, self._kept)  # whoever drops us drops what waits

    def send(self, sent: Sent, before_sending: Callable[[], None], *, may_repeat: bool) -> Answer:
        """Send, and wait for the answer. `before_sending` may raise: then nothing is sent.

        A server ends what has waited for long, perhaps as we write: that is no failure, so it is sent once more, on a
        new connection, if it may be repeated at all. Raises ConnectionError or HTTPClientError of botocore.
        """
        before_sending()
        until = None if sent.seconds is None else time.monotonic() + sent.seconds
        if kept := self._take_kept():
            try:
                return self._exchange(kept, sent, until)
            except exceptions.ConnectionClosedError as closed:
                if not may_repeat or not isinstance(closed.__cause__, ConnectionError):  # or an answer had begun
                    raise
            before_sending()
        return self._exchange(self._connected(until), sent, until)

    def close(self) -> None:
        """End what is kept. The next request connects again."""
        _end(self._kept)

    def _take_kept(self) -> HTTPConnection | None:
        """The one that was used last, if the server has not ended it."""
        while True:
            try:
                connection = self._kept.pop()
            except IndexError:
                return None
            if not _is_readable(connection):
                return connection
            connection.close()

    def _connected(self, until: float | None) -> HTTPConnection:
        seconds = _at_most(self._connect_seconds, until)
        connection = (
            HTTPSConnection(self.host, timeout=seconds, context=self._tls)
            if self.scheme == "https"
            else HTTPConnection(self.host, timeout=seconds)
        )
        try:
            with self._connecting():
                connection.connect()
        except BaseException:
            connection.close()
            raise
        return connection

    def _exchange(self, connection: HTTPConnection, sent: Sent, until: float | None) -> Answer:
        response: Response | None = None
        if (seconds := _at_most(self._read_seconds, until)) != connection.sock.gettimeout():
            connection.sock.settimeout(seconds)
        try:
            with self._speaking():
                response = exchange(connection, sent.method, sent.path, sent.headers, sent.body)
                if sent.is_read_in_pieces and response.status < 300:
                    return Answer(response.status, response.fields, b"", Pieces(self, connection, response))
                answer = Answer(response.status, response.fields, response.read())
        except BaseException:
            if response:
                response.close()  # it holds the socket as well
            connection.close()
            raise
        self.keep(connection, response)
        return answer

    def keep(self, connection: HTTPConnection, response: HTTPResponse) -> None:
        """For the next request, after this answer, which has been read."""
        if response.will_close or len(self._kept) >= MOST_KEPT:
            connection.close()
        else:
            self._kept.append(connection)

    @contextmanager
    def _connecting(self) -> Iterator[None]:
        try:
            yield
        except ssl.SSLError as error:
            raise exceptions.SSLError(endpoint_url=self.url, error=error) from error
        except TimeoutError as error:
            raise exceptions.ConnectTimeoutError(endpoint_url=self.url, error=error) from error
        except OSError as error:
            raise exceptions.EndpointConnectionError(endpoint_url=self.url, error=error) from error

    @contextmanager
    def _speaking(self) -> Iterator[None]:
        try:
            yield
        except TimeoutError as error:
            raise exceptions.ReadTimeoutError(endpoint_url=self.url, error=error) from error
        except (HTTPException, ConnectionError, ssl.SSLEOFError) as error:
            raise exceptions.ConnectionClosedError(endpoint_url=self.url, error=error, request=None) from error
        except OSError as error:
            raise exceptions.HTTPClientError(error=error) from error

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        bundle = self._ca_bundle or str(Path(botocore.__file__).with_name("cacert.pem"))
        context = ssl.create_default_context(cafile=bundle)
        context.set_alpn_protocols(["http/1.1"])
        return context


class Pieces:
    """The rest of an answer, while it comes. Reading it to its end is what frees its connection for others."""

    def __init__(self, connections: Connections, connection: HTTPConnection, response: HTTPResponse) -> None:
        self._connections, self._connection, self._response = connections, connection, response

    def iter_chunks(self, size: int) -> Iterator[bytes]:
        """Pieces of at most so many bytes. Raises HTTPClientError of botocore if the answer ends before its end."""
        whole = False
        try:
            while piece := self._read(size):
                yield piece
            whole = True
        finally:
            if whole:
                self._connections.keep(self._connection, self._response)
            else:
                self._response.close()
                self._connection.close()

    def _read(self, size: int) -> bytes:
        try:
            piece = self._response.read(size)
            if not piece and self._response.length:  # http.client says nothing of what is missing
                raise IncompleteRead(b"", self._response.length)
        except TimeoutError as error:
            raise exceptions.ReadTimeoutError(endpoint_url=self._connections.url, error=error) from error
        except (HTTPException, OSError) as error:
            raise exceptions.ResponseStreamingError(error=error) from error
        return piece


def _at_most(seconds: float, until: float | None) -> float:
    """As long, or what is left: a moment at least, since no time at all would mean that nobody waits."""
    return seconds if until is None else min(seconds, max(_A_MOMENT, until - time.monotonic()))


def _end(kept: deque[HTTPConnection]) -> None:
    while kept:
        kept.pop().close()


def _is_readable(connection: HTTPConnection) -> bool:
    """Whether something has come that nobody asked for: the end of the connection, as a rule."""
    if isinstance(connection.sock, ssl.SSLSocket) and connection.sock.pending():
        return True  # of a record that TLS has read and we have not: the socket is empty
    poll = select.poll()
    poll.register(connection.sock, select.POLLIN)
    return bool(poll.poll(0))

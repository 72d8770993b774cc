"""Kept connections to one server, over TLS that is verified, with botocore's names for what goes wrong.

They are http.client's own: urllib3 would take twice as long to import as all the rest of this package.
"""

import select
import ssl
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from http.client import HTTPConnection, HTTPException, HTTPMessage, HTTPSConnection
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit
from weakref import finalize

import botocore
from botocore import exceptions

MOST_KEPT = 20
"""Connections that wait for the next request, as many as there were threads."""


class Answer(NamedTuple):
    """What the server said, whole."""

    status: int
    headers: HTTPMessage
    body: bytes


class Connections:
    """Each serves one request at a time, whichever thread makes it, and waits for the next one if the server agrees."""

    def __init__(self, url: str, *, ca_bundle: str | None, connect_seconds: float, read_seconds: float) -> None:
        split = urlsplit(url)
        self.url, self.host, self.path = url, split.netloc.rpartition("@")[2], f"{split.path.rstrip('/')}/"
        if split.port == {"http": 80, "https": 443}[split.scheme]:
            self.host = self.host.rpartition(":")[0]
        self._is_tls = split.scheme == "https"
        self._ca_bundle = ca_bundle
        self._connect_seconds, self._read_seconds = connect_seconds, read_seconds
        self._kept: deque[HTTPConnection] = deque()
        finalize(self, _end, self._kept)  # whoever drops us drops what waits

    def post(self, body: bytes, headers: Mapping[str, str], before_sending: Callable[[], None]) -> Answer:
        """Send, and wait for the answer. `before_sending` may raise: then nothing is sent.

        A server ends what has waited for long, perhaps as we write: that is no failure, so it is sent once more, on a
        new connection. Raises ConnectionError or HTTPClientError of botocore.
        """
        before_sending()
        if kept := self._take_kept():
            try:
                return self._exchange(kept, body, headers)
            except exceptions.ConnectionClosedError as closed:
                if not isinstance(closed.__cause__, ConnectionError):  # an answer had begun
                    raise
            before_sending()
        return self._exchange(self._connected(), body, headers)

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

    def _connected(self) -> HTTPConnection:
        seconds = self._connect_seconds
        connection = (
            HTTPSConnection(self.host, timeout=seconds, context=self._tls)
            if self._is_tls
            else HTTPConnection(self.host, timeout=seconds)
        )
        try:
            with self._connecting():
                connection.connect()
        except BaseException:
            connection.close()
            raise
        connection.sock.settimeout(self._read_seconds)
        return connection

    def _exchange(self, connection: HTTPConnection, body: bytes, headers: Mapping[str, str]) -> Answer:
        try:
            with self._speaking():
                connection.request("POST", self.path, body, headers)
                response = connection.getresponse()
                answer = Answer(response.status, response.headers, response.read())
        except BaseException:
            connection.close()
            raise
        if response.will_close or len(self._kept) >= MOST_KEPT:
            connection.close()
        else:
            self._kept.append(connection)
        return answer

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


def _end(kept: deque[HTTPConnection]) -> None:
    while kept:
        kept.pop().close()


def _is_readable(connection: HTTPConnection) -> bool:
    """Whether something has come that nobody asked for: the end of the connection, as a rule."""
    poll = select.poll()
    poll.register(connection.sock, select.POLLIN)
    return bool(poll.poll(0))

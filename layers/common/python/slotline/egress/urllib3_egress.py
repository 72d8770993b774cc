"""Requests to customers' URLs over urllib3, which is there already: boto3 brings it.

A name is resolved once, here, and the connection goes to an address that was checked: there is no second resolution
that could answer otherwise (DNS rebinding). TLS and `Host` still speak of the name. Nothing is followed, kept or
retried: no redirects, no proxies, no cookies, no connection for the next request.

A receiver owes us nothing, so every wait is bounded: the whole request by a deadline, of which each send and receive
gets what is left, and the answer by a number of bytes.
"""

import io
import logging
import socket
import ssl
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Future
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from http import HTTPStatus
from http.client import HTTPException, HTTPResponse
from threading import Thread
from typing import TYPE_CHECKING, TypeAlias, TypeVar, cast

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError

from slotline.domain.shared.deadlines import patience
from slotline.domain.shared.public_addresses import Destination, Network, UnfitAddress, check_addresses, destination_of
from slotline.ports.shared import AddressRefused, Deadline, EgressAnswer, EgressFailedError, Fetched, StoreBusyError

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer
    from urllib3.response import BaseHTTPResponse

Read = TypeVar("Read")
Resolver: TypeAlias = Callable[[str], Sequence[str]]
"""The addresses of a name, the best first. Raises OSError where it has none, or nobody could be asked."""

CONNECT_SECONDS, TOTAL_SECONDS = 3.0, 10.0
MOST_ADDRESSES = 4
"""How many of a host's addresses are tried."""
MOST_BYTES, EXCERPT_BYTES = 64 * 1024, 2 * 1024
"""How much of an answer is read, its headers included, and how much of its body is kept.

More is read than kept, because closing on a receiver that is still sending looks like a failure to it.
"""

_OUT_OF_TIME = "the time ran out"

# urllib3 warns of headers that it cannot read, and quotes the URL: its query may be the customer's secret.
logging.getLogger("urllib3.connection").addFilter(lambda record: "url=" not in record.getMessage())


def addresses_of(name: str) -> Sequence[str]:
    """The addresses that the system's resolver knows. Raises OSError."""
    found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


@cache
def public_authorities() -> ssl.SSLContext:
    """TLS as Python thinks it safe, with the authorities that the system trusts; who only checks never reads them."""
    return ssl.create_default_context()


@dataclass(frozen=True, slots=True, kw_only=True)
class Urllib3Egress:
    """Posts to addresses that it has checked, and to no others.

    `tls` gives a context that verifies the certificate and the host's name. `refused_ports`: of the allowed networks.
    `deadline` is the invocation's: a receiver is waited for only as long as there is time to write down what it said.
    """

    deadline: Deadline
    resolver: Resolver = addresses_of
    allowed_networks: Sequence[Network] = ()
    refused_ports: Collection[int] = ()
    tls: Callable[[], ssl.SSLContext] = public_authorities
    connect_seconds: float = CONNECT_SECONDS
    total_seconds: float = TOTAL_SECONDS

    def check(self, url: str) -> None:
        """Raises AddressRefused for a URL that may not be called, or whose host is not found.

        Raises StoreBusyError if there is no time to find out.
        """
        destination, deadline = _read(url), self._end_of_request()
        if deadline is None:
            raise StoreBusyError("no time is left to look for a host")
        self._checked(destination, deadline)

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> EgressAnswer:
        """One request, redirects not followed. Raises AddressRefused or EgressFailedError.

        An answer counts once its headers are there; a body that breaks off or never ends is cut.
        """
        return self._exchanged("POST", url, headers, body, _answer)

    def fetch(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None) -> Fetched:
        """The same by any method, for an answer that is read and not only noted."""
        return self._exchanged(method, url, headers, body, _fetched)

    def _exchanged(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None,
        read: "Callable[[BaseHTTPResponse], Read]",
    ) -> "Read":
        destination, deadline = _read(url), self._end_of_request()
        if deadline is None:
            raise EgressFailedError(_OUT_OF_TIME)
        addresses = self._checked(destination, deadline)
        try:
            connection = self._connected(destination, addresses, deadline)
            connection.response_class = _FinalResponse
            with closing(connection.sock):  # urllib3 lets go of it before the body is read
                connection.sock = cast("socket.socket", _BoundedSocket(connection.sock, deadline))
                connection.request(
                    method,
                    destination.target,
                    body,
                    {**headers, "Host": destination.host_header, "Connection": "close"},
                    preload_content=False,
                    decode_content=False,
                )
                return read(connection.getresponse())
        except (HTTPError, HTTPException, OSError) as failed:
            raise EgressFailedError(_reason(failed)) from failed

    def _end_of_request(self) -> "_Deadline | None":
        """None if there is no time to ask anybody."""
        given = patience(self.deadline.left(), timedelta(seconds=self.total_seconds))
        return None if given is None else _Deadline.after(given.total_seconds())

    def _checked(self, destination: Destination, deadline: "_Deadline") -> Sequence[str]:
        """The addresses of a destination, all of which may be called. Raises AddressRefused.

        In the same words for a name that nobody has and for one that leads inside: the difference would tell a customer
        which names there are in our network.
        """
        addresses = [destination.host] if destination.address else self._resolved(destination.host, deadline)
        try:
            check_addresses(destination, addresses, self.allowed_networks, self.refused_ports)
        except UnfitAddress as unfit:
            raise AddressRefused(str(unfit)) from unfit
        return addresses

    def _resolved(self, name: str, deadline: "_Deadline") -> Sequence[str]:
        """All addresses of a name; none of one that is not found in time.

        A resolver has its own idea of patience, and the name's owner may draw on it: it is asked beside, and what it
        says too late is not heard.
        """
        answer: Future[Sequence[str]] = Future()

        def ask() -> None:
            try:
                answer.set_result(self.resolver(name))
            except Exception as failed:  # noqa: BLE001 - raised where the answer is waited for
                answer.set_exception(failed)

        Thread(target=ask, daemon=True).start()
        try:
            return answer.result(deadline.left())
        except (OSError, UnicodeError):
            return ()

    def _connected(self, destination: Destination, addresses: Sequence[str], deadline: "_Deadline") -> HTTPConnection:
        """A connection to the first address that takes one. Raises what the last one raised.

        Only connecting is tried again: after that the receiver may have heard us.
        """
        *others, last = addresses[:MOST_ADDRESSES]
        for address in others:
            with suppress(ConnectTimeoutError):
                return self._connected_to(address, destination, deadline)
        return self._connected_to(last, destination, deadline)

    def _connected_to(self, address: str, destination: Destination, deadline: "_Deadline") -> HTTPConnection:
        """A connection to this very address, with TLS for the destination's name. Raises OSError or HTTPError."""
        # The timeout holds once for TCP and once for TLS: half of what is left each, at most.
        seconds = min(self.connect_seconds, deadline.left() / 2)
        connection = (
            HTTPSConnection(
                address, destination.port, timeout=seconds, ssl_context=self.tls(), server_hostname=destination.host
            )
            if destination.secure
            else HTTPConnection(address, destination.port, timeout=seconds)
        )
        try:
            connection.connect()
        except BaseException:
            connection.close()
            raise
        return connection


class _FinalResponse(HTTPResponse):
    """The final response of a request: those that come before it (1xx, RFC 9110 §15.2) are read and passed over.

    `http.client` does so with 100 alone. 101 would be final, and an answer to nothing that we ask.
    """

    def begin(self) -> None:
        super().begin()
        while self.status < HTTPStatus.OK and self.status != HTTPStatus.SWITCHING_PROTOCOLS:
            self.headers = self.msg = None  # type: ignore[assignment]  # as before the first: it reads on from there
            super().begin()


@dataclass(frozen=True, slots=True)
class _Deadline:
    """The end of a request's time, on the monotonic clock."""

    at: float

    @classmethod
    def after(cls, seconds: float) -> "_Deadline":
        return cls(time.monotonic() + seconds)

    def left(self) -> float:
        """The seconds left, more than none. Raises TimeoutError."""
        seconds = self.at - time.monotonic()
        if seconds <= 0:
            raise TimeoutError
        return seconds


@dataclass(frozen=True, slots=True)
class _BoundedSocket:
    """A connected socket as urllib3 uses one, that sends until its deadline, and receives until then or until enough.

    A socket's own timeout would begin anew with every byte.
    """

    opened: socket.socket
    deadline: _Deadline

    def sendall(self, data: "ReadableBuffer") -> None:
        left = memoryview(data)
        while left:
            self.opened.settimeout(self.deadline.left())
            left = left[self.opened.send(left) :]

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Received(self))

    def settimeout(self, _seconds: float | None) -> None:
        """Nothing: the deadline stands."""

    def close(self) -> None:
        """Nothing: who opened it closes it."""


class _Received(io.RawIOBase):
    """What comes over a socket: at its deadline a TimeoutError, and after so many bytes the end."""

    def __init__(self, bounded: _BoundedSocket) -> None:
        self._bounded = bounded
        self._left = MOST_BYTES

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        if not self._left:
            return 0
        self._bounded.opened.settimeout(self._bounded.deadline.left())
        received = self._bounded.opened.recv_into(memoryview(buffer)[: self._left])
        self._left -= received
        return received


def _read(url: str) -> Destination:
    """Where a URL leads. Raises AddressRefused."""
    try:
        return destination_of(url)
    except UnfitAddress as unfit:
        raise AddressRefused(str(unfit)) from unfit


def _answer(response: "BaseHTTPResponse") -> EgressAnswer:
    """The answer, as it is kept: text that is no UTF-8, or is compressed, becomes what can be shown of it."""
    excerpt = _body(response)[:EXCERPT_BYTES].decode(errors="replace")
    headers = {name.lower(): response.headers[name] for name in response.headers}
    return EgressAnswer(status=response.status, headers=headers, excerpt=excerpt)


def _fetched(response: "BaseHTTPResponse") -> Fetched:
    return Fetched(status=response.status, body=_body(response))


def _body(response: "BaseHTTPResponse") -> bytes:
    """What came of the body."""
    body = bytearray()
    with suppress(HTTPError, HTTPException, OSError):
        while part := response.read1():
            body += part
    return bytes(body)


def _reason(failed: Exception) -> str:
    """Why no answer came, in words that hold nothing of the request."""
    match failed:
        case ssl.SSLCertVerificationError():
            return f"the certificate was not accepted: {failed.verify_message}"
        case ssl.SSLError():
            return "TLS could not be agreed on"
        case NewConnectionError():
            return "no connection could be made"
        case TimeoutError() | ConnectTimeoutError():
            return _OUT_OF_TIME
        case OSError():
            return "the connection was closed before an answer came"
        case _:
            return "what came is not an answer in HTTP"

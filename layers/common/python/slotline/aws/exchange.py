"""One request and its answer on a connection (RFC 9112), by http.client, but for the heads.

http.client reads the head of an answer as it would a mail's, and writes a request's head and body one after the other:
together a third of the processor time that a request to DynamoDB takes.
"""

from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException, HTTPResponse, IncompleteRead, LineTooLong

_LONGEST_LINE = 65_536
_MOST_HEADERS = 100
_SENT_WITH_ITS_HEAD = 65_536
"""Bytes of a body that are copied rather than sent by themselves."""
_CONTINUE = 100
_WITHOUT_BODY = frozenset({204, 304})


class _Headers(dict[str, str]):
    """Of an answer, by names in lower case. Of a name that comes twice the first counts, as it does to http.client."""


class Response(HTTPResponse):
    """http.client's answer, whose head is read by `begin`, into `fields`."""

    fields: Mapping[str, str]

    def begin(self) -> None:
        """The status and the headers, and what they say of the body."""
        version, status = self._status_line()
        headers = _read_headers(self)
        while status == _CONTINUE:
            version, status = self._status_line()
            headers = _read_headers(self)
        connection = headers.get("connection", "").lower()
        self.code = self.status = status
        self.version = 10 if version == "HTTP/1.0" else 11
        self.fields = self.headers = self.msg = headers  # type: ignore[assignment]  # no mail's, and all that is asked
        self.chunked = headers.get("transfer-encoding", "").lower() == "chunked"
        self.chunk_left = None
        length = headers.get("content-length", "")
        self.length = int(length) if length.isdecimal() and not self.chunked else None
        if status in _WITHOUT_BODY or self._method == "HEAD":  # type: ignore[attr-defined]  # typeshed leaves it out
            self.length = 0
        stays_open = "keep-alive" in connection if self.version == 10 else "close" not in connection
        self.will_close = not stays_open or (not self.chunked and self.length is None)

    def _status_line(self) -> tuple[str, int]:
        version, status, reason = self._read_status()  # type: ignore[attr-defined]  # typeshed leaves it out
        self.reason = reason.strip()
        return version, status


def _read_headers(response: HTTPResponse) -> _Headers:
    headers = _Headers()
    for _ in range(_MOST_HEADERS + 1):
        line = response.fp.readline(_LONGEST_LINE + 1)
        if len(line) > _LONGEST_LINE:
            raise LineTooLong("header line")
        if not line:  # http.client would take what has come for all of it
            raise IncompleteRead(b"")
        if line in {b"\r\n", b"\n"}:
            return headers
        name, _, value = line.decode("latin-1").partition(":")
        headers.setdefault(name.lower(), value.strip())
    raise HTTPException(f"got more than {_MOST_HEADERS} headers")


def exchange(connection: HTTPConnection, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Response:
    """Send, and read the head of the answer. Its body is the caller's to read; both are to be closed.

    Raises ValueError for a header that would be more than one, and what http.client raises.
    """
    said = {"accept-encoding": "identity", **headers}
    if body or method in {"POST", "PUT"}:
        said["content-length"] = str(len(body))
    head = "".join([f"{method} {path} HTTP/1.1\r\n", *(f"{name}: {value}\r\n" for name, value in said.items()), "\r\n"])
    if head.count("\n") != len(said) + 2 or head.count("\r") != len(said) + 2:
        raise ValueError("a header has a line break")
    together = body if len(body) <= _SENT_WITH_ITS_HEAD else b""
    connection.sock.sendall(head.encode("latin-1") + together)
    if body and not together:
        connection.sock.sendall(body)
    response = Response(connection.sock, method=method)
    try:
        response.begin()
    except BaseException:
        response.close()  # it holds the socket as well
        raise
    return response

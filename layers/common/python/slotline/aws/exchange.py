"""One request and its answer on a connection (RFC 9112), by http.client, but for the heads.

http.client reads the head of an answer as it would a mail's, and writes a request's head and body one after the other:
a tenth of the processor time of a whole booking. It also takes half a head for a whole one, and goes on with a body of
which nothing certain says where it ends: whoever is asked next would be given the rest.
"""

from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException, HTTPResponse, IncompleteRead, LineTooLong

_LONGEST_LINE = 65_536
_MOST_HEADERS = 100
_SENT_WITH_ITS_HEAD = 65_536
"""Bytes of a body that are copied rather than sent by themselves."""
_OTHER_PROTOCOL, _FIRST_FINAL = 101, 200
_WITHOUT_BODY = frozenset({204, 304})
_LONGEST_BODY = 1 << 30
"""Bytes, of a body or of a chunk: more than AWS answers anything here with. Memory is taken before they have come."""


class _Headers(dict[str, str]):
    """Of an answer, by names in lower case. Values of a name that comes twice are a list (RFC 9110, section 5.3)."""


class Response(HTTPResponse):
    """http.client's answer, whose head is read by `begin`, into `fields`."""

    fields: Mapping[str, str]

    def begin(self) -> None:
        """The status and the headers, and what they say of the body."""
        version, status, headers = self._head()
        while status < _FIRST_FINAL:  # on the way to the answer (RFC 9110, section 15.2)
            if status == _OTHER_PROTOCOL:
                raise HTTPException("another protocol, which nobody asked for")
            version, status, headers = self._head()
        connection = headers.get("connection", "").lower()
        self.code = self.status = status
        self.version = 10 if version == "HTTP/1.0" else 11
        self.fields = self.headers = self.msg = headers  # type: ignore[assignment]  # no mail's, and all that is asked
        self.chunk_left = None
        if status in _WITHOUT_BODY or self._method == "HEAD":  # type: ignore[attr-defined]  # typeshed leaves it out
            self.chunked, self.length = False, 0
        else:
            self.chunked, self.length = _is_chunked(headers), _length(headers)
        stays_open = "keep-alive" in connection if self.version == 10 else "close" not in connection
        # With neither, the body lasts as long as the connection. With both, whoever sent this is not to be relied on.
        self.will_close = not stays_open or self.chunked == (self.length is not None)
        if self.chunked:
            self.length = None

    def _head(self) -> tuple[str, int, _Headers]:
        version, status, reason = self._read_status()  # type: ignore[attr-defined]  # typeshed leaves it out
        self.reason = reason.strip()
        return version, status, _read_headers(self)

    def _read_next_chunk_size(self) -> int:
        size: int = super()._read_next_chunk_size()  # type: ignore[misc]  # typeshed leaves it out
        if not 0 <= size <= _LONGEST_BODY:
            raise ValueError("no size of a chunk")  # http.client turns it into IncompleteRead
        return size


def _read_headers(response: HTTPResponse) -> _Headers:
    headers = _Headers()
    name = ""
    for _ in range(_MOST_HEADERS + 1):
        line = response.fp.readline(_LONGEST_LINE + 1)
        if len(line) > _LONGEST_LINE:
            raise LineTooLong("header line")
        if not line.endswith(b"\n"):  # http.client would take what has come for all of it
            raise IncompleteRead(b"")
        if line in {b"\r\n", b"\n"}:
            return headers
        text = line.decode("latin-1")
        if text[0] in " \t" and name:  # the line before goes on (RFC 9112, section 5.2)
            headers[name] = f"{headers[name]} {text.strip()}".strip()
            continue
        name, colon, value = text.partition(":")
        if not colon or name != name.strip():
            raise HTTPException("a line that is no header")
        name = name.lower()
        headers[name] = f"{headers[name]}, {value.strip()}" if name in headers else value.strip()
    raise HTTPException(f"got more than {_MOST_HEADERS} headers")


def _is_chunked(headers: Mapping[str, str]) -> bool:
    """Raises HTTPException for another coding: none was asked for, and the length would be of what it hides."""
    coding = headers.get("transfer-encoding")
    if coding is not None and coding.lower() != "chunked":
        raise HTTPException("a coding that nobody asked for")
    return coding is not None


def _length(headers: Mapping[str, str]) -> int | None:
    """Raises HTTPException for what is no length, or several (RFC 9112, section 6.3)."""
    said = headers.get("content-length")
    if said is None:
        return None
    length, *others = {one.strip() for one in said.split(",")}
    if others or not length.isdecimal() or len(length) > len(str(_LONGEST_BODY)) or int(length) > _LONGEST_BODY:
        raise HTTPException("a length that is none")
    return int(length)


def exchange(connection: HTTPConnection, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Response:
    """Send, and read the head of the answer. Its body is the caller's to read; both are to be closed.

    Raises ValueError for a header that would be more than one, and what http.client raises.
    """
    said = {"accept-encoding": "identity", **headers}
    if body or method in {"DELETE", "POST", "PUT"}:
        said["content-length"] = str(len(body))
    head = "".join([f"{method} {path} HTTP/1.1\r\n", *(f"{name}: {value}\r\n" for name, value in said.items()), "\r\n"])
    if head.count("\n") != len(said) + 2 or head.count("\r") != len(said) + 2:
        raise ValueError("a header has a line break")
    together = body if len(body) <= _SENT_WITH_ITS_HEAD else b""
    try:
        connection.sock.sendall(head.encode("latin-1") + together)
        if body and not together:
            connection.sock.sendall(body)
    except (BrokenPipeError, ConnectionResetError) as ended:
        return _refusal(connection, method, ended)
    return _answer(connection, method)


def _answer(connection: HTTPConnection, method: str) -> Response:
    response = Response(connection.sock, method=method)
    try:
        response.begin()
    except BaseException:
        response.close()  # it holds the socket as well
        raise
    return response


def _refusal(connection: HTTPConnection, method: str, ended: ConnectionError) -> Response:
    """What the server said before it ended the connection, without having read all: why. Raises `ended` if nothing."""
    try:
        response = _answer(connection, method)
    except (HTTPException, OSError):
        raise ended from None
    if response.status < 400:  # of a request that it does not know whole
        response.close()
        raise ended
    response.will_close = True
    return response

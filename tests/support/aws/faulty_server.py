"""A service of AWS at a socket, that fails as planned: the network as it is on a bad day.

It is a DynamoDB of one counter and some rows: it knows TransactWriteItems, which counts once for each token; PutItem of
a row that must not be there; and GetItem. Or it says one and the same thing to everybody.
"""

import io
import json
import socket
import ssl
import struct
from binascii import crc32
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from threading import Event, Lock, Thread
from typing import Any, NamedTuple


class Fault(StrEnum):
    """What happens to one request. Of those that come `after`, the write has taken effect."""

    RESET_BEFORE = "reset before anything was done"
    RESET_AFTER = "reset after all was done"
    HALF = "half an answer, after all was done"
    CLOSED_AFTERWARDS = "a whole answer, and then the end of a connection that was to be kept"
    NOT_KEPT = "a whole answer that says that the connection ends"
    TOO_MUCH = "a whole answer, and behind it one that nobody asked for"
    STATUS_500 = "500"
    STATUS_503 = "503, in no JSON"
    THROTTLED = "refused as one too many"
    WRONG_CRC = "an answer whose checksum does not fit, after all was done"
    NO_JSON = "an answer that is no JSON, after all was done"
    SLOW = "no answer within the time that is waited, after all was done"
    MISTAKEN = "refused as a mistake"


_REFUSED = {
    Fault.STATUS_500: (500, b'{"__type": "com.amazonaws.dynamodb.v20120810#InternalServerError", "message": "oh"}'),
    Fault.STATUS_503: (503, b"<html>"),
    Fault.THROTTLED: (400, b'{"__type": "com.amazon.coral.availability#ThrottlingException", "Message": "slowly"}'),
    Fault.MISTAKEN: (400, b'{"__type": "com.amazon.coral.validate#ValidationException", "message": "a mistake"}'),
}


class Words(NamedTuple):
    """What it says to everybody, if it is no DynamoDB."""

    body: bytes = b"{}"
    status: int = 200
    headers: dict[str, str] = {}  # noqa: RUF012 - nobody writes into it
    whole: int | None = None
    """How long an answer says that it is that has no body, as those to HEAD."""


_NOT_ASKED_FOR = b'HTTP/1.1 200 OK\r\ncontent-length: 36\r\n\r\n{"Item": {"pk": {"S": "another\'s"}}}'
"""An answer to somebody else."""
_READ_AT_ONCE = io.DEFAULT_BUFFER_SIZE
"""What http.client takes from a connection: what is behind it comes at the next reading."""
_NO_TIME_TO_CLOSE = struct.pack("ii", 1, 0)


@dataclass
class FaultyServer:
    """What it was asked, and what came of it. `plan` says what befalls the request of a number, from 0."""

    plan: Callable[[int], Fault | None] = lambda _number: None
    tls: ssl.SSLContext | None = None
    words: Words | None = None
    requests: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    """Methods and paths of these requests."""
    connections: int = 0
    counter: int = 0
    rows: dict[str, Any] = field(default_factory=dict)
    url: str = ""
    ended: Event = field(default_factory=Event)
    _tokens: dict[str, bytes] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    @contextmanager
    def running(self) -> Iterator["FaultyServer"]:
        """At an address of its own, while the block lasts."""
        with socket.create_server(("127.0.0.1", 0)) as listening:
            listening.settimeout(0.05)
            self.url = f"http{'s' if self.tls else ''}://127.0.0.1:{listening.getsockname()[1]}"
            threads: list[Thread] = [Thread(target=self._accept, args=(listening, lambda: threads))]
            threads[0].start()
            try:
                yield self
            finally:
                self.ended.set()
                for thread in threads:
                    thread.join()

    def _accept(self, listening: socket.socket, threads: Callable[[], list[Thread]]) -> None:
        while not self.ended.is_set():
            with suppress(TimeoutError):
                accepted, _ = listening.accept()
                self.connections += 1
                thread = Thread(target=self._serve, args=(accepted,))
                threads().append(thread)
                thread.start()

    def _serve(self, accepted: socket.socket) -> None:
        accepted.settimeout(0.05)
        with accepted, suppress(OSError):
            speaking = accepted
            if self.tls:
                accepted.settimeout(5)
                speaking = self.tls.wrap_socket(accepted, server_side=True)
                speaking.settimeout(0.05)
            with speaking:
                while (read := self._read(speaking)) and self._answer(speaking, *read):
                    pass

    def _read(self, speaking: socket.socket) -> tuple[str, dict[str, str], bytes] | None:
        raw = b""
        length: int | None = None
        while length is None or len(raw) < length:
            try:
                more = speaking.recv(65536)
            except TimeoutError:
                if self.ended.is_set():
                    return None
                continue
            if not more:
                return None
            raw += more
            head, found, _ = raw.partition(b"\r\n\r\n")
            if found and length is None:
                line, *lines = head.decode().split("\r\n")
                headers = {name.lower(): value.strip() for name, _, value in (one.partition(":") for one in lines)}
                length = len(head) + 4 + int(headers.get("content-length", "0"))
                if "expect" in headers:
                    speaking.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        return line.removesuffix(" HTTP/1.1"), headers, raw[len(head) + 4 :]

    def _answer(self, speaking: socket.socket, line: str, headers: dict[str, str], body: bytes) -> bool:
        """Whether the connection goes on."""
        with self._lock:
            fault = self.plan(len(self.requests))
            self.requests.append((headers, body))
            self.lines.append(line)
            more: dict[str, str] = {}
            length: int | None = None
            if fault in _REFUSED:
                status, said = _REFUSED[fault]
            elif self.words:
                said, status, more, length = self.words
            elif fault is not Fault.RESET_BEFORE:
                status, said = self._act(headers["x-amz-target"].rpartition(".")[2], body)
        if fault is Fault.SLOW:
            self.ended.wait(0.3)
            return False
        if fault in {Fault.RESET_BEFORE, Fault.RESET_AFTER}:
            speaking.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_TIME_TO_CLOSE)
            return False
        said = b"<html>" if fault is Fault.NO_JSON else said
        more = {**more, "content-length": str(len(said) if length is None else length)}
        if not self.words:
            more["x-amz-crc32"] = str(crc32(said) + (fault is Fault.WRONG_CRC))
        if fault is Fault.NOT_KEPT:
            more["connection"] = "close"
        head = "".join(f"{name}: {value}\r\n" for name, value in more.items())
        whole = f"HTTP/1.1 {status} Said\r\n{head}\r\n".encode() + said
        if fault is Fault.TOO_MUCH:
            whole = whole.ljust(_READ_AT_ONCE, b"\n") + _NOT_ASKED_FOR
        speaking.sendall(whole[: -len(said) // 2] if fault is Fault.HALF else whole)
        return fault not in {Fault.HALF, Fault.CLOSED_AFTERWARDS, Fault.NOT_KEPT}

    def _act(self, operation: str, body: bytes) -> tuple[int, bytes]:
        request = json.loads(body)
        if operation == "TransactWriteItems":
            token = request["ClientRequestToken"]
            if self._tokens.setdefault(token, body) != body:
                return 400, b'{"__type": "#IdempotentParameterMismatchException"}'
            self.counter = len(self._tokens)
            return 200, b"{}"
        if operation == "PutItem":
            key = request["Item"]["pk"]["S"]
            if key in self.rows:
                said = {"__type": "x#ConditionalCheckFailedException", "message": "there", "Item": self.rows[key]}
                return 400, json.dumps(said).encode()
            self.rows[key] = request["Item"]
            return 200, b"{}"
        row = self.rows.get(request["Key"]["pk"]["S"])
        return 200, json.dumps({"Item": row} if row else {}).encode()

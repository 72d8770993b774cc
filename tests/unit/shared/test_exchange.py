"""A request and its answer on a connection: against http.client's own reading of the same bytes."""

import random
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException, HTTPResponse, IncompleteRead
from threading import Thread

import pytest

from slotline.aws.exchange import Response, exchange

HEADERS = {"host": "example.com", "x-amz-target": "DynamoDB_20120810.GetItem"}


@contextmanager
def answering(said: bytes) -> Iterator[tuple[HTTPConnection, list[bytes]]]:
    """A connection whose other end hears a request, says this, and ends."""
    ours, theirs = socket.socketpair()
    heard: list[bytes] = []

    def answer() -> None:
        with theirs:
            heard.append(theirs.recv(1_000_000))
            if not heard[0]:
                return
            theirs.sendall(said)
            theirs.shutdown(socket.SHUT_WR)
            while theirs.recv(1_000_000):  # http.client sends a body by itself
                pass

    thread = Thread(target=answer)
    thread.start()
    connection = HTTPConnection("example.com")
    connection.sock = ours
    try:
        yield connection, heard
    finally:
        connection.close()
        thread.join()


def asked(said: bytes) -> tuple[Response, bytes]:
    with answering(said) as (connection, _):
        response = exchange(connection, "POST", "/", HEADERS, b"{}")
        return response, response.read()


def read_by_http_client(said: bytes) -> tuple[HTTPResponse, bytes]:
    with answering(said) as (connection, _):
        connection.request("POST", "/", b"{}", HEADERS)
        response = connection.getresponse()
        return response, response.read()


def random_answer(chance: random.Random) -> bytes:
    body = chance.randbytes(chance.choice([0, 1, 20, 3_000]))
    headers = [f"X-Amzn-RequestId: {chance.random()}", "Content-Type:application/x-amz-json-1.0", "x-odd:  a: b  "]
    headers += chance.sample(
        ["Connection: close", "connection: keep-alive", "CONNECTION: Close, x"], chance.randrange(2)
    )
    match chance.randrange(3):
        case 0:
            headers.append(f"Content-Length: {len(body)}")
        case 1:
            headers.append("Transfer-Encoding: chunked")
            body = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:7], body[7:]) if part) + b"0\r\n\r\n"
    chance.shuffle(headers)
    status = chance.choice(["200 OK", "400 Bad Request", "500", "204 No Content", "503 Slow down"])
    version = chance.choice(["HTTP/1.1", "HTTP/1.1", "HTTP/1.0"])
    goes_on = chance.choice(["", "", "HTTP/1.1 100 Continue\r\n\r\n"])
    head = "\r\n".join([f"{version} {status}", *headers, "", ""])
    return goes_on.encode() + head.encode() + body


@pytest.mark.parametrize("seed", range(300))
def test_an_answer_is_read_as_http_client_reads_it(seed: int) -> None:
    said = random_answer(random.Random(seed))
    (own, body), (other, expected) = asked(said), read_by_http_client(said)
    assert body == expected
    assert (own.status, own.reason, own.will_close) == (other.status, other.reason, other.will_close)
    assert dict(own.fields) == {name.lower(): value.strip() for name, value in other.headers.items()}


def test_a_request_is_sent_in_one_piece_and_says_how_long_its_body_is() -> None:
    with answering(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") as (connection, heard):
        exchange(connection, "POST", "/", HEADERS, b'{"a":1}').read()
    sent = (
        b"POST / HTTP/1.1\r\naccept-encoding: identity\r\nhost: example.com\r\n"
        b'x-amz-target: DynamoDB_20120810.GetItem\r\ncontent-length: 7\r\n\r\n{"a":1}'
    )
    assert heard == [sent]


@pytest.mark.parametrize("value", ["a\r\nx-other: b", "a\nb", "a\rb"])
def test_no_header_becomes_two(value: str) -> None:
    with answering(b"") as (connection, heard), pytest.raises(ValueError, match="line break"):
        exchange(connection, "POST", "/", {**HEADERS, "x-amzn-trace-id": value}, b"{}")
    assert heard == [b""]


@pytest.mark.parametrize(
    "said", [b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Le", b"HTTP/1.1 200 OK\r\na: b\r\n"]
)
def test_half_a_head_is_no_answer_although_http_client_takes_it_for_one(said: bytes) -> None:
    assert read_by_http_client(said)[1] == b""
    with pytest.raises(IncompleteRead):
        asked(said)


def test_half_a_body_is_no_answer() -> None:
    with pytest.raises(IncompleteRead):
        asked(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}")


@pytest.mark.parametrize("said", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 200 + b"\r\n"])
def test_what_is_no_answer_is_refused(said: bytes) -> None:
    with pytest.raises((HTTPException, ConnectionError)):
        asked(said)


def test_a_large_body_is_not_copied_to_go_with_its_head() -> None:
    with answering(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") as (connection, heard):
        exchange(connection, "PUT", "/file", HEADERS, b"x" * 70_000).read()
    assert heard[0].startswith(b"PUT /file HTTP/1.1\r\n")

"""A request and its answer on a connection: against http.client's own reading of the same bytes."""

import random
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
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
    with answering(said) as (connection, _), closing(exchange(connection, "POST", "/", HEADERS, b"{}")) as response:
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
    status = chance.choice(["200 OK", "400 Bad Request", "500", "204 No Content", "503 Slow down"])
    match chance.randrange(3):
        case 1 if status.startswith("204"):  # http.client would wait for chunks
            pass
        case 0:
            headers.append(f"Content-Length: {len(body)}")
        case 1:
            headers.append("Transfer-Encoding: chunked")
            body = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:7], body[7:]) if part) + b"0\r\n\r\n"
    chance.shuffle(headers)
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


OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
CHUNKS = b"\r\n5\r\nhello\r\n0\r\n\r\n"


@pytest.mark.parametrize("before", [b"100 Continue", b"102 Processing", b"103 Early Hints\r\nLink: </a>"])
def test_what_comes_on_the_way_to_an_answer_is_none(before: bytes) -> None:
    response, body = asked((b"HTTP/1.1 " + before + b"\r\n\r\n") * 3 + OK + b"Content-Length: 2\r\n\r\n{}")
    assert (response.status, body, response.will_close) == (200, b"{}", False)


@pytest.mark.parametrize(
    ("said", "is_kept"),
    [
        (OK + b"Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello", True),
        (OK + b"Content-Length: 5, 5\r\n\r\nhello", True),
        (OK + b"Content-Length:\r\n 5\r\n\r\nhello", True),
        (OK + b"X: a\r\n Content-Length: 2\r\nContent-Length: 5\r\n\r\nhello", True),
        (OK + b"Connection: keep-alive\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello", False),
        (OK + CHUNKED + CHUNKS, True),
        (OK + CHUNKED + CHUNKS[:-2] + b"Content-Length: 2\r\nX: y\r\n\r\n", True),
        (OK + CHUNKED + b"Content-Length: 2\r\n" + CHUNKS, False),
        (OK + b"Content-Length: 2\r\n" + CHUNKED + CHUNKS, False),
        (OK + b"\r\nhello", False),
    ],
)
def test_a_body_ends_where_the_rules_say_and_a_connection_is_kept_if_that_is_certain(
    said: bytes, is_kept: bool
) -> None:
    response, body = asked(said)
    assert (body, not response.will_close) == (b"hello", is_kept)


@pytest.mark.parametrize("status", [b"204 No Content", b"304 Not Modified"])
@pytest.mark.parametrize("more", [b"", b"Content-Length: 5\r\n", CHUNKED])
def test_what_has_no_body_is_not_waited_for(status: bytes, more: bytes) -> None:
    response, body = asked(b"HTTP/1.1 " + status + b"\r\n" + more + b"\r\n")
    assert (body, response.will_close) == (b"", False)


@pytest.mark.parametrize(
    "more",
    [
        *(
            b"Content-Length: " + length + b"\r\n\r\nhello"
            for length in (b"-5", b"+5", b"5, 9", b"1_0", b"", b"9" * 30, b"1073741825")
        ),
        b"Content-Length: 5\r\nContent-Length: 9\r\n\r\nhello",
        b"Content-Length : 5\r\n\r\nhello",
        b"Transfer-Encoding: gzip, chunked\r\nContent-Length: 5\r\n" + CHUNKS,
        b"Transfer-Encoding: identity\r\n" + CHUNKED + CHUNKS,
        b"Transfer-Encoding : chunked\r\nContent-Length: 5\r\n" + CHUNKS,
        CHUNKED + b"\r\n-5\r\nhello\r\n0\r\n\r\n",
        CHUNKED + b"\r\n" + b"40000001\r\nhello\r\n0\r\n\r\n",
        CHUNKED + b"\r\n" + b"f" * 30 + b"\r\nhello\r\n0\r\n\r\n",
        b"no header\r\nContent-Length: 5\r\n\r\nhello",
    ],
)
def test_a_body_that_might_end_elsewhere_is_not_believed(more: bytes) -> None:
    with pytest.raises(HTTPException):
        asked(OK + more)


def test_no_connection_changes_its_protocol() -> None:
    with pytest.raises(HTTPException, match="protocol"):
        asked(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n")


@contextmanager
def impatient(said: bytes) -> Iterator[HTTPConnection]:
    """A connection whose other end has said this, and ended, before it has read a request."""
    ours, theirs = socket.socketpair()
    theirs.sendall(said)
    theirs.close()
    connection = HTTPConnection("example.com")
    connection.sock = ours
    with closing(connection):
        yield connection


def test_a_refusal_before_all_was_sent_is_the_answer_and_ends_the_connection() -> None:
    with impatient(b"HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\n{}") as connection:
        response = exchange(connection, "PUT", "/file", HEADERS, b"x" * 70_000)
        assert (response.status, response.read(), response.will_close) == (413, b"{}", True)


@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 413 Too", OK + b"Content-Length: 2\r\n\r\n{}"])
def test_whoever_ends_before_all_was_sent_has_not_done_it(said: bytes) -> None:
    with impatient(said) as connection, pytest.raises(BrokenPipeError):
        exchange(connection, "PUT", "/file", HEADERS, b"x" * 70_000)


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

"""Receivers as they are: each costs a request's time at most, and none of them more than it was given."""

import socket
import time
from threading import Event

import pytest

from slotline.domain.shared.public_addresses import NOT_OUTSIDE, networks_of
from slotline.egress.urllib3_egress import EXCERPT_BYTES, MOST_BYTES, Urllib3Egress
from slotline.ports.shared import AddressRefused, EgressFailedError, StoreBusyError
from tests.support.builders.deadlines import SetDeadline
from tests.support.oracles.sockets import network
from tests.support.worlds.receivers import (
    answering,
    closing,
    deaf,
    has_ipv6,
    nobody,
    receiver,
    repeating,
    resetting,
    silent,
)

LOOPBACK = networks_of(["127.0.0.0/8", "::1/128"])
SHORT, SOON = 0.25, 8.0
"""Seconds given to a request that will not end by itself, and seconds within which it has, on a busy machine too."""
LONGER = 1.0
"""Seconds given to a request whose answer must have begun by then."""


def egress(seconds=10.0, **others):
    return Urllib3Egress(**{"deadline": SetDeadline(), **others}, allowed_networks=LOOPBACK, total_seconds=seconds)


def post(running, path="/hook", seconds=10.0, body=b'{"a":1}', scheme="http"):
    return egress(seconds).post(f"{scheme}://127.0.0.1:{running.port}{path}", {"X-Own": "yes"}, body)


def test_a_receiver_is_waited_for_only_as_long_as_its_answer_can_be_written_down():
    began = time.monotonic()
    with receiver(silent) as running, pytest.raises(EgressFailedError, match="the time ran out"):
        egress(deadline=SetDeadline(7.2)).post(f"http://127.0.0.1:{running.port}/hook", {}, b"{}")
    assert 1 < time.monotonic() - began < SOON


def test_a_receiver_is_not_asked_when_there_is_no_time_to_write_down_what_it_says():
    with receiver(answering()) as running, pytest.raises(EgressFailedError, match="the time ran out"):
        egress(deadline=SetDeadline(6.5)).post(f"http://127.0.0.1:{running.port}/hook", {}, b"{}")
    assert running.requests == []


def test_a_host_that_there_is_no_time_to_look_for_is_not_called_unfit():
    with pytest.raises(StoreBusyError):
        egress(deadline=SetDeadline(6.5)).check("https://hooks.example/")


def test_a_request_arrives_as_it_was_sent_and_its_answer_as_it_was_given():
    answer = b"HTTP/1.1 202 Fine\r\nRetry-After: 7\r\nX-Two: a\r\nX-Two: b\r\nContent-Length: 5\r\n\r\nhello"
    with receiver(answering(answer)) as running:
        answered = post(running, "/hook/%7Eacme?token=a%20b&c")
    head, _, body = running.requests[0].decode().partition("\r\n\r\n")
    line, *headers = head.split("\r\n")
    assert line == "POST /hook/%7Eacme?token=a%20b&c HTTP/1.1"
    assert body == '{"a":1}'
    assert {f"Host: 127.0.0.1:{running.port}", "Content-Length: 7", "X-Own: yes", "Connection: close"} <= set(headers)
    assert len([header for header in headers if header.lower().startswith("host:")]) == 1
    assert (answered.status, answered.excerpt) == (202, "hello")
    assert answered.headers == {"retry-after": "7", "x-two": "a, b", "content-length": "5"}


@pytest.mark.parametrize("status", [101, 200, 204, 304, 400, 404, 410, 429, 500, 503, 599])
def test_every_status_is_an_answer(status):
    with receiver(answering(f"HTTP/1.1 {status} So\r\nContent-Length: 0\r\n\r\n".encode())) as running:
        assert post(running).status == status


INTERIM = (
    b"HTTP/1.1 100 Continue\r\n\r\n",
    b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\nX-Early: yes\r\n\r\n",
    b"HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n",
    b"HTTP/1.1 199 So\r\nContent-Length: 7\r\n\r\n",
)


@pytest.mark.parametrize("interim", INTERIM, ids=["100", "103", "several", "199"])
@pytest.mark.parametrize("status", [200, 202, 503])
def test_what_comes_before_the_final_response_is_passed_over(interim, status):
    final = f"HTTP/1.1 {status} So\r\nContent-Length: 5\r\nX-Late: yes\r\n\r\nhello".encode()
    with receiver(answering(interim + final)) as running:
        answered = post(running)
    assert (answered.status, answered.excerpt) == (status, "hello")
    assert "x-early" not in answered.headers
    assert answered.headers["x-late"] == "yes"


def test_a_final_response_in_chunks_is_read_after_early_hints():
    final = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"
    with receiver(answering(INTERIM[1] + final)) as running:
        assert (post(running).status, post(running).excerpt) == (200, "hello")


def test_interim_responses_alone_are_no_answer():
    with receiver(answering(INTERIM[1])) as running, pytest.raises(EgressFailedError, match="closed before an answer"):
        post(running)


def test_interim_responses_without_end_are_cut_off():
    with receiver(repeating(INTERIM[1], INTERIM[1])) as running, pytest.raises(EgressFailedError):
        post(running, seconds=SHORT)


def test_a_body_without_a_length_or_in_chunks_is_read_to_its_end():
    for answer in (
        b"HTTP/1.0 200 OK\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n",
    ):
        with receiver(answering(answer)) as running:
            assert post(running).excerpt == "hello"


def test_text_that_is_none_is_shown_as_well_as_it_can_be():
    with receiver(answering(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b\xff ok \xc3")) as running:
        assert post(running).excerpt == "\x1f\ufffd\ufffd ok \ufffd"


def test_what_a_receiver_sets_is_not_brought_back_to_it():
    cookie = b"HTTP/1.1 200 OK\r\nSet-Cookie: session=1; Path=/\r\nContent-Length: 0\r\n\r\n"
    sending = egress()
    with receiver(answering(cookie)) as running:
        for _ in range(2):
            sending.post(f"http://127.0.0.1:{running.port}/", {}, b"{}")
    assert len(running.requests) == 2
    assert not any(b"cookie" in request.lower() for request in running.requests)


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(repeating(b"", b"H", 0.01), id="a status line"),
        pytest.param(repeating(b"HTTP/1.1 200 OK\r\n", b"x", 0.01), id="one header"),
        pytest.param(repeating(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n", 0.01), id="many headers"),
        pytest.param(repeating(b"", b"HTTP/1.1 100 Continue\r\n\r\n", 0.01), id="preliminary answers"),
        pytest.param(silent, id="nothing"),
    ],
)
def test_a_receiver_that_drips_its_head_is_left_when_the_time_is_up(script):
    with receiver(script) as running:
        started = time.monotonic()
        with pytest.raises(EgressFailedError, match=r"^the time ran out$"):
            post(running, seconds=SHORT)
        assert SHORT <= time.monotonic() - started < SOON


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffff\r\n",
    ],
    ids=["endless", "long", "chunked"],
)
def test_a_body_that_drips_is_cut_when_the_time_is_up_and_the_answer_stands(head):
    with receiver(repeating(head, b"z", 0.01)) as running:
        started = time.monotonic()
        answered = post(running, seconds=LONGER)
        assert LONGER <= time.monotonic() - started < SOON
    assert answered.status == 200
    assert set(answered.excerpt) == {"z"}


def test_a_receiver_that_does_not_read_is_left_when_the_time_is_up():
    with receiver(deaf) as running:
        started = time.monotonic()
        with pytest.raises(EgressFailedError, match=r"^the time ran out$"):
            post(running, seconds=SHORT, body=b"x" * 50_000_000)
        assert SHORT <= time.monotonic() - started < SOON


def test_a_receiver_that_never_shakes_hands_is_left_when_the_time_is_up():
    with receiver(silent) as running:
        started = time.monotonic()
        with pytest.raises(EgressFailedError, match=r"^the time ran out$"):
            post(running, seconds=SHORT, scheme="https")
        assert time.monotonic() - started < SOON


@pytest.mark.parametrize(
    ("head", "part"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n", b"z" * 65_536),
        (b"HTTP/1.1 200 OK\r\n\r\n", b"z" * 65_536),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + b"z" * 65_536 + b"\r\n"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40000000\r\n", b"z" * 65_536),
    ],
    ids=["of a length", "endless", "in chunks", "in one chunk"],
)
def test_of_a_gigabyte_the_beginning_is_read(head, part):
    with receiver(repeating(head, part)) as running:
        answered = post(running)
    assert (answered.status, answered.excerpt) == (200, "z" * EXCERPT_BYTES)
    assert running.sent < 20_000_000  # what the kernel's buffers took; nobody read it


@pytest.mark.parametrize(
    ("head", "part"),
    [
        (b"", b"H" * 65_536),
        (b"HTTP/1.1 200 OK\r\nX: ", b"x" * 65_536),
        (b"HTTP/1.1 200 OK\r\n", b"X: y\r\n" * 10_000),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 2_500),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"0" * 65_536),
    ],
    ids=["status line", "one header", "many headers", "preliminary answers", "length of a chunk"],
)
def test_of_a_head_without_an_end_no_more_is_read_either(head, part):
    with receiver(repeating(head, part)) as running:
        started = time.monotonic()
        try:
            answered = post(running)
        except EgressFailedError:
            pass
        else:
            assert (answered.status, answered.excerpt) == (200, "")
            assert sum(map(len, answered.headers.values())) <= MOST_BYTES
        assert time.monotonic() - started < SOON
    assert running.sent < 20_000_000


@pytest.mark.parametrize(
    ("script", "why"),
    [
        (closing, "the connection was closed before an answer came"),
        (resetting, "the connection was closed before an answer came"),
        (answering(b"SSH-2.0-OpenSSH_9.6\r\n"), "what came is not an answer in HTTP"),
        (answering(b"220 mail.example ESMTP\r\n"), "what came is not an answer in HTTP"),
        (answering(b"HTTP/1.1 OK\r\n\r\n"), "what came is not an answer in HTTP"),
        (answering(b"HTTP/9.9 200 OK\r\n\r\n"), "what came is not an answer in HTTP"),
        (answering(b"\x00\xff" * 100), "what came is not an answer in HTTP"),
        (answering(b"\r\n\r\n"), "what came is not an answer in HTTP"),
    ],
    ids=["closes", "resets", "SSH", "SMTP", "no status", "another HTTP", "bytes", "nothing said"],
)
def test_what_is_no_answer_fails_and_says_why(script, why):
    with receiver(script) as running, pytest.raises(EgressFailedError, match=f"^{why}$"):
        post(running, "/hook?token=secret")


def test_a_body_that_breaks_off_leaves_the_answer_standing():
    with receiver(answering(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")) as running:
        answered = post(running)
    assert (answered.status, answered.excerpt) == (200, "half")


def test_two_lengths_are_no_answer():
    with (
        receiver(answering(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab")) as running,
        pytest.raises(EgressFailedError, match=r"^what came is not an answer in HTTP$"),
    ):
        post(running)


def test_where_nobody_listens_no_connection_is_made():
    with nobody() as port, pytest.raises(EgressFailedError, match=r"^no connection could be made$"):
        egress().post(f"http://127.0.0.1:{port}/hook", {}, b"{}")


def test_the_next_address_is_tried_where_one_takes_no_connection_and_no_name_is_asked_twice():
    asked = []

    def resolver(name):
        asked.append(name)
        return ["127.0.0.4", "127.0.0.2", "127.0.0.1", "127.0.0.3"]

    with receiver(answering()) as running, network() as seen:
        assert egress(resolver=resolver).post(f"http://own.example:{running.port}/", {}, b"{}").status == 200
    assert [address[0] for address in seen.addresses] == ["127.0.0.4", "127.0.0.2", "127.0.0.1"]
    assert asked == ["own.example"]


def test_a_host_with_very_many_addresses_is_no_scanner():
    many = [f"127.0.1.{last}" for last in range(1, 200)]
    with nobody() as port, network() as seen, pytest.raises(EgressFailedError):
        egress(resolver=lambda _name: many).post(f"http://own.example:{port}/", {}, b"{}")
    assert len(seen.addresses) == 4


def test_a_request_that_was_heard_is_not_sent_to_another_address():
    with receiver(closing) as running, pytest.raises(EgressFailedError):
        egress(resolver=lambda _name: ["127.0.0.1", "127.0.0.1"]).post(f"http://own:{running.port}/", {}, b"{}")
    assert len(running.requests) == 1


def test_a_resolver_that_does_not_answer_costs_a_requests_time_too():
    answers = Event()

    def resolver(_name):
        answers.wait(10)
        return ["127.0.0.1"]

    started = time.monotonic()
    with network() as seen:
        with pytest.raises(AddressRefused, match=NOT_OUTSIDE):
            egress(SHORT, resolver=resolver).post("http://slow.example/", {}, b"{}")
        with pytest.raises(AddressRefused, match=NOT_OUTSIDE):
            egress(SHORT, resolver=resolver).check("http://slow.example/")
        answers.set()
    assert time.monotonic() - started < SOON
    assert seen.addresses == []


def failing(failure):
    """A resolver that knows no name."""

    def resolver(_name):
        raise failure

    return resolver


@pytest.mark.parametrize(
    "resolver",
    [
        failing(socket.gaierror(socket.EAI_NONAME, "no such name")),
        failing(socket.gaierror(socket.EAI_AGAIN, "try again")),
        failing(OSError()),
        failing(UnicodeError()),
        lambda _name: [],
        lambda _name: ["10.0.0.7"],
        lambda _name: ["127.0.0.1"],
        lambda _name: ["169.254.169.254"],
        lambda _name: ["93.184.215.14", "fd00::1"],
        lambda _name: ["garbled"],
    ],
)
@pytest.mark.parametrize("url", ["https://name.example/?token=secret", "http://name.example/"])
def test_a_name_that_nobody_has_and_one_that_leads_inside_are_refused_in_the_same_words(url, resolver):
    """Else a customer could ask which names there are in our network: at registration, or by a delivery's log."""
    outside = Urllib3Egress(deadline=SetDeadline(), resolver=resolver)
    with network() as seen:
        with pytest.raises(AddressRefused) as refused:
            outside.check(url)
        with pytest.raises(AddressRefused) as when_sent:
            outside.post(url, {}, b"{}")
    assert {str(refused.value), str(when_sent.value)} == {NOT_OUTSIDE}
    assert seen.addresses == []


def test_nothing_of_a_url_is_logged_whatever_comes_back(caplog):
    caplog.set_level("DEBUG")
    with receiver(answering(b"HTTP/1.1 200 OK\r\nbroken header\r\nX: y\r\n\r\n")) as running:
        post(running, "/hook?token=secret")
    with receiver(answering(b"nonsense")) as running, pytest.raises(EgressFailedError) as failed:
        post(running, "/hook?token=secret")
    assert "secret" not in caplog.text
    assert "secret" not in str(failed.value)


@pytest.mark.skipif(not has_ipv6(), reason="the machine has no IPv6")
def test_an_answer_over_ipv6_is_as_good():
    with receiver(answering(), host="::1") as running:
        answered = egress().post(f"http://[::1]:{running.port}/", {}, b"{}")
    assert answered.status == 200
    assert f"Host: [::1]:{running.port}\r\n".encode() in running.requests[0]

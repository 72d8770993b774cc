"""Many clients at once: processes and threads, each with a connection of its own, released at one instant."""

import contextlib
import http.client
import json
import multiprocessing
import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from multiprocessing.connection import Connection
from typing import Any, Protocol

import boto3
from botocore.config import Config

from slotline.clock import FullJitter, RandomIds, SystemClock
from slotline.domain.booking.calls import Actor, ActorType, BookingSource, Guest
from slotline.domain.booking.requests import BookingRequest
from slotline.domain.shared.errors import Conflict, DomainError, Unavailable
from slotline.domain.shared.idempotency import IdempotencyKey
from slotline.ids import new_id
from slotline.store.booking.bookings import DynamoBookings
from slotline.store.booking.ticket_queue import DynamoTicketQueue
from slotline.telephony.numbering import refusal_of
from slotline.usecases.booking.book_call import BookCall

PROCESSES = 4
THREADS = 16
CLIENTS = PROCESSES * THREADS
BUSY = "The service is busy."
"""So a 503 begins if the store did not answer in time; who lost too many races is told otherwise, and stays refused."""
MOST_SENDINGS = 30


@dataclass(frozen=True)
class Wish:
    """A booking that a client wants."""

    agent_id: str
    start: str
    minutes: int = 30
    before: int = 0
    after: int = 0
    guest: str = "Jane Doe"
    email: str = "guest@example.com"
    key: str | None = None


@dataclass(frozen=True)
class Outcome:
    """What came of it: an HTTP status, the detail's code, the call's id."""

    wish: Wish
    status: int
    code: str | None = None
    call_id: str | None = None
    replayed: bool = False
    tries: int | None = None
    text: str = ""
    busy: int = 0
    """How often the store was too slow for an answer, so that the request was sent again."""


class Sender(Protocol):
    """One client's way to book."""

    def send(self, wish: Wish) -> Outcome:
        """Send it and wait for the answer."""
        ...


class Target(Protocol):
    """What the clients book at; it goes to other processes as it is."""

    def connect(self) -> Sender:
        """A client of its own."""
        ...


@dataclass(frozen=True)
class OverHttp:
    """The API."""

    host: str
    port: int
    token: str
    app_id: str

    def connect(self) -> "_HttpSender":
        """A kept-alive connection."""
        return _HttpSender(self, http.client.HTTPConnection(self.host, self.port, timeout=60))


@dataclass(frozen=True)
class OnStore:
    """The use case on the store, without HTTP."""

    emulator_url: str
    region: str
    scheduling_table: str
    access_table: str
    app_id: str

    def connect(self) -> "_StoreSender":
        """The use case with a DynamoDB client of its own."""
        client = boto3.session.Session().client(
            "dynamodb",
            endpoint_url=self.emulator_url,
            region_name=self.region,
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
            config=Config(read_timeout=20, retries={"mode": "standard", "total_max_attempts": 3}),
        )
        bookings = DynamoBookings(client, self.scheduling_table, self.access_table, SystemClock())
        backoff = _CountedJitter()
        lines = DynamoTicketQueue(client, self.access_table)
        book = BookCall(
            screen=refusal_of,
            bookings=bookings,
            clock=SystemClock(),
            ids=RandomIds(),
            backoff=backoff,
            ticket_queue=lines,
        )
        return _StoreSender(self.app_id, book, backoff)


@dataclass
class _HttpSender:
    target: OverHttp
    connection: http.client.HTTPConnection

    def send(self, wish: Wish) -> Outcome:
        """As the contract says: who is sent away by a busy service sends the same request again, with the same key."""
        key = wish.key or new_id()
        for busy in range(MOST_SENDINGS):
            outcome = replace(self._send_once(wish, key), busy=busy)
            if outcome.status != 503 or BUSY not in outcome.text:
                break
        return outcome

    def _send_once(self, wish: Wish, key: str) -> Outcome:
        if self.connection.sock is None:
            self.connection.connect()
            self.connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        body = {
            "guestName": wish.guest,
            "guestEmail": wish.email,
            "scheduledAtUtc": wish.start,
            "appTimezone": "UTC",
            "assignedAgentId": wish.agent_id,
            "durationMinutes": wish.minutes,
            "bufferBeforeMinutes": wish.before,
            "bufferAfterMinutes": wish.after,
        }
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self.target.token}"}
        headers["Idempotency-Key"] = key
        path = f"/api/v1/video/{self.target.app_id}/scheduled-calls"
        self.connection.request("POST", path, json.dumps(body), headers)
        answer = self.connection.getresponse()
        text = answer.read().decode()
        replayed = answer.headers.get("Idempotency-Replayed") == "true"
        if answer.status == 201:
            return Outcome(wish, 201, call_id=json.loads(text)["data"]["call"]["id"], replayed=replayed)
        details = json.loads(text).get("error", {}).get("details") or [{}]
        return Outcome(wish, answer.status, code=details[0].get("code"), text=text[:500])


@dataclass
class _CountedJitter:
    """The real waits, counted."""

    pauses: int = 0

    def pause(self, attempt: int) -> bool:
        self.pauses += 1
        return FullJitter().pause(attempt)


@dataclass
class _StoreSender:
    app_id: str
    book: BookCall
    backoff: _CountedJitter

    def send(self, wish: Wish) -> Outcome:
        request = BookingRequest(
            app_id=self.app_id,
            source=BookingSource.API,
            actor=Actor(type=ActorType.API, id="client-1"),
            guest=Guest(name=wish.guest, email=wish.email),
            scheduled_at=datetime.fromisoformat(wish.start),
            app_timezone="UTC",
            assigned_agent_id=wish.agent_id,
            duration_minutes=wish.minutes,
            buffer_before_minutes=wish.before,
            buffer_after_minutes=wish.after,
        )
        key = None
        if wish.key:
            fingerprint = json.dumps(asdict(wish), sort_keys=True)
            key = IdempotencyKey(principal="client-1", route="POST /calls", key=wish.key, fingerprint=fingerprint)
        self.backoff.pauses = 0
        try:
            booked = self.book(request, key, lambda: None)
        except DomainError as refused:
            status = 409 if isinstance(refused, Conflict) else 503 if isinstance(refused, Unavailable) else 400
            return Outcome(wish, status, code=refused.details[0].code, tries=self.backoff.pauses + 1)
        return Outcome(wish, 201, call_id=booked.call.id, replayed=booked.replayed, tries=self.backoff.pauses + 1)


@dataclass
class Crowd:
    """The clients, connected. A rush sends one wish each, all at once."""

    pipes: Sequence[Any]
    per_process: int
    outcomes: list[Outcome] = field(default_factory=list)

    def rush(self, wishes: Sequence[Wish]) -> list[Outcome]:
        """Send every wish at the same instant; the outcomes in the same order. As many wishes as clients, or fewer."""
        assert len(wishes) <= len(self.pipes) * self.per_process
        shares: list[list[Wish]] = [list(wishes[number :: len(self.pipes)]) for number in range(len(self.pipes))]
        for pipe, share in zip(self.pipes, shares, strict=True):
            pipe.send((share, len(wishes)))
        for pipe in self.pipes:
            assert pipe.recv() == "ready"
        for pipe in self.pipes:
            pipe.send("go")
        answers = [pipe.recv() for pipe in self.pipes]
        for answer in answers:
            if isinstance(answer, BaseException):
                raise answer
        merged: list[Outcome] = [None] * len(wishes)  # type: ignore[list-item]
        for number, answer in enumerate(answers):
            merged[number :: len(self.pipes)] = answer
        self.outcomes += merged
        return merged


@contextlib.contextmanager
def crowd(target: Target, processes: int = PROCESSES, threads: int = THREADS) -> Iterator[Crowd]:
    """A crowd before this target; gone at the end."""
    context = multiprocessing.get_context("spawn")
    ours, workers = [], []
    for _ in range(processes):
        here, there = context.Pipe()
        worker = context.Process(target=_work, args=(there, target, threads), daemon=True)
        worker.start()
        there.close()
        ours.append(here)
        workers.append(worker)
    try:
        for pipe in ours:
            assert pipe.recv() == "connected"
        yield Crowd(ours, threads)
    finally:
        for pipe in ours:
            with contextlib.suppress(OSError):
                pipe.send(None)
            pipe.close()
        for worker in workers:
            worker.join(10)
            if worker.is_alive():
                worker.kill()


def _work(pipe: Connection, target: Target, threads: int) -> None:
    """One process: its clients live as long as it does."""
    senders = [target.connect() for _ in range(threads)]
    pipe.send("connected")
    with ThreadPoolExecutor(threads) as pool:
        while (message := pipe.recv()) is not None:
            wishes, _ = message
            start = threading.Event()
            running = [pool.submit(_after, start, sender, wish) for sender, wish in zip(senders, wishes, strict=False)]
            pipe.send("ready")
            pipe.recv()
            start.set()
            try:
                pipe.send([one.result() for one in running])
            except Exception as error:  # noqa: BLE001 - told to the test, which fails with it
                pipe.send(error)


def _after(start: threading.Event, sender: Sender, wish: Wish) -> Outcome:
    start.wait()
    return sender.send(wish)


def statuses(outcomes: Sequence[Outcome]) -> Mapping[int, int]:
    """How many outcomes there were of each status."""
    return {status: sum(o.status == status for o in outcomes) for status in sorted({o.status for o in outcomes})}

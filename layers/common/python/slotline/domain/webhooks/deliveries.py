"""Deliveries: one event on its way to one subscription, from its first attempt to its last.

A delivery is known by its place: subscription, subject, sequence. Those of one subscription and subject go out in
order: one waits while an earlier one is pending, and no longer once that is delivered or given up. Whoever attempts one
first moves its `due_at` on by a lease: where the attempt dies it is due again by itself, so it is sent at least once.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from zlib import crc32

from slotline.domain.webhooks.subscriptions import OutboundEvent, Subject, SubjectKind, Subscription, WebhookEvent

DELAYS = (
    timedelta(0),
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""How long to wait before each attempt: about three days in all, as Standard Webhooks recommends."""

SPREAD = 0.1
"""The share by which a delay is longer or shorter: a receiver that comes back is not met by all at once."""

LONGEST_RETRY_AFTER = timedelta(hours=24)

LEASE = timedelta(seconds=60)
"""How long an attempt may take. After that its delivery is due again: whoever made it is taken for dead."""

BEHIND = timedelta(seconds=5)
"""How long after an earlier delivery a later one looks again. Normally it is woken when the earlier one is through."""

KEPT_FOR = timedelta(days=30)
ATTEMPTS_KEPT = 20
LONGEST_EXCERPT = 500

SUCCESS = range(200, 300)
GONE = 410

_ID = re.compile(r"(?P<kind>[a-z]+)-(?P<subject>[\w.-]+)-(?P<sequence>0|[1-9]\d{0,11})", re.ASCII)


class DeliveryStatus(StrEnum):
    """`held`: its subscription was not active. `failed`: it was given up. Both wait for a resend or a replay."""

    PENDING = "pending"
    HELD = "held"
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryAttempt:
    """One attempt, as the log shows it. Either the receiver's `status` and the start of what it said, or an `error`."""

    number: int
    at: datetime
    duration_ms: int
    status: int | None = None
    excerpt: str | None = None
    error: str | None = None

    @property
    def succeeded(self) -> bool:
        """2xx alone is success: a redirect is not followed."""
        return self.status in SUCCESS


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a delivery stands: there is one delivery of one event to one subscription."""

    app_id: str
    webhook_id: str
    subject: Subject
    sequence: int

    @property
    def id(self) -> str:
        """The delivery's id within its subscription: `<kind>-<id of the subject>-<sequence>`, such as `call-…-16`."""
        return f"{self.subject.kind}-{self.subject.id}-{self.sequence}"

    @classmethod
    def of_id(cls, app_id: str, webhook_id: str, delivery_id: str) -> "Place | None":
        """The place that an id names, or None where it names none."""
        found = _ID.fullmatch(delivery_id)
        if found is None or found["kind"] not in set(SubjectKind):
            return None
        subject = Subject(kind=SubjectKind(found["kind"]), id=found["subject"])
        return cls(app_id=app_id, webhook_id=webhook_id, subject=subject, sequence=int(found["sequence"]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One event on its way to one subscription.

    `attempts` counts all that were ever made, `before_round` those made before it was last sent anew. `round_began_at`:
    the first attempt since then. `due_at`: when it acts next, or when the lease of an attempt ends. `claim_id`: who
    made the last attempt.
    """

    place: Place
    event: WebhookEvent
    event_id: str
    occurred_at: datetime
    body: str = field(repr=False)
    status: DeliveryStatus
    due_at: datetime | None
    expires_at: datetime
    attempts: int = 0
    before_round: int = 0
    round_began_at: datetime | None = None
    claim_id: str | None = None
    delivered_at: datetime | None = None
    log: tuple[DeliveryAttempt, ...] = ()
    revision: int = 0
    """Counts its changes."""

    @property
    def id(self) -> str:
        """Its id within its subscription."""
        return self.place.id

    @property
    def tries(self) -> int:
        """Attempts since it was last sent anew."""
        return self.attempts - self.before_round

    @property
    def is_test(self) -> bool:
        """A ping: it goes to whoever asked for it, once, even where nothing else goes out."""
        return self.event is WebhookEvent.PING

    def claimed(self, claim_id: str, now: datetime) -> "Delivery":
        """With one more attempt, that may take until its lease ends. `claim_id`: an id of this claimer's own."""
        return replace(
            self,
            attempts=self.attempts + 1,
            due_at=now + LEASE,
            round_began_at=self.round_began_at or now,
            claim_id=claim_id,
        )

    def succeeded(self, attempt: DeliveryAttempt, now: datetime) -> "Delivery":
        """The receiver has taken it."""
        return replace(self._with(attempt), status=DeliveryStatus.DELIVERED, due_at=None, delivered_at=now)

    def failed(self, attempt: DeliveryAttempt, retry_after: str | None, now: datetime) -> "Delivery":
        """The receiver did not take it: it is due again later, or was tried often enough.

        `retry_after`: the header of that name, which puts the next attempt off and never brings it nearer.
        """
        again = DELAYS[self.tries :]
        if not again or attempt.status == GONE or self.is_test:
            return replace(self._with(attempt), status=DeliveryStatus.FAILED, due_at=None)
        wait = max(again[0] * self._spread(), _asked_for(retry_after, now))
        return replace(self._with(attempt), due_at=now + wait)

    def held(self) -> "Delivery":
        """Kept for a replay: its subscription is not active."""
        return replace(self, status=DeliveryStatus.HELD, due_at=None)

    def behind(self, earlier: "Delivery", now: datetime) -> "Delivery":
        """Waiting for an earlier delivery of its subject."""
        return replace(self, due_at=max(earlier.due_at or now, now) + BEHIND)

    def following(self, before: "Delivery") -> "Delivery":
        """As the change right after that, if it is one."""
        return self if self == before else replace(self, revision=before.revision + 1)

    def now_due(self, now: datetime) -> "Delivery":
        """Due at once, where it has only waited so far. One with an attempt under way is left alone."""
        waits = self.status is DeliveryStatus.PENDING and self.tries == 0 and self.due_at and self.due_at > now
        return replace(self, due_at=now) if waits else self

    def sent_anew(self, now: datetime) -> "Delivery":
        """Due at once, with every attempt before it again. One that is on its way within a minute is left alone."""
        if self.status is DeliveryStatus.PENDING and (self.tries == 0 or not self.due_at or self.due_at <= now + LEASE):
            return self
        return replace(
            self,
            status=DeliveryStatus.PENDING,
            due_at=now,
            before_round=self.attempts,
            round_began_at=None,
            expires_at=max(self.expires_at, now + KEPT_FOR),
        )

    def shows_dead(self, subscription: Subscription) -> bool:
        """True where it was given up, and nothing else was delivered since its first attempt."""
        began, last = self.round_began_at, subscription.last_success_at
        given_up = self.status is DeliveryStatus.FAILED and not self.is_test
        return given_up and (last is None or began is None or last < began)

    def _with(self, attempt: DeliveryAttempt) -> "Delivery":
        excerpt = attempt.excerpt[:LONGEST_EXCERPT] if attempt.excerpt else None
        return replace(self, log=(*self.log, replace(attempt, excerpt=excerpt))[-ATTEMPTS_KEPT:])

    def _spread(self) -> float:
        """Around 1, and always the same for the same attempt of the same delivery."""
        share = crc32(f"{self.place.webhook_id} {self.event_id} {self.attempts}".encode()) / 2**32
        return 1 - SPREAD + 2 * SPREAD * share


@dataclass(frozen=True, slots=True, kw_only=True)
class LogPosition:
    """Where a reading of the log stands: after the delivery of this event."""

    occurred_at: datetime
    event_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LogQuery:
    """Which deliveries of one subscription. `since <= occurred_at < until`; in order of time, or against it."""

    app_id: str
    webhook_id: str
    limit: int
    status: DeliveryStatus | None = None
    since: datetime | None = None
    until: datetime | None = None
    after: LogPosition | None = None
    newest_first: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class LogPage:
    """A part of the log. `next`: where to go on, or None where nothing is left."""

    deliveries: Sequence[Delivery]
    next: LogPosition | None


def delivery_to(subscription: Subscription, outbound: OutboundEvent, now: datetime) -> Delivery:
    """What brings an event to a subscription: due at once, or held while it is paused."""
    goes_out = subscription.is_active or outbound.event is WebhookEvent.PING
    return Delivery(
        place=Place(
            app_id=subscription.app_id,
            webhook_id=subscription.id,
            subject=outbound.subject,
            sequence=outbound.sequence,
        ),
        event=outbound.event,
        event_id=outbound.id,
        occurred_at=outbound.occurred_at,
        body=outbound.body,
        status=DeliveryStatus.PENDING if goes_out else DeliveryStatus.HELD,
        due_at=now if goes_out else None,
        expires_at=now + KEPT_FOR,
    )


def _asked_for(retry_after: str | None, now: datetime) -> timedelta:
    """What `Retry-After` asks for: seconds, or a date (RFC 9110 §10.2.3), a day at most; anything else is nothing."""
    text = (retry_after or "").strip()
    if text.isascii() and text.isdigit():
        return min(timedelta(seconds=int(text[:9])), LONGEST_RETRY_AFTER)
    try:
        at = parsedate_to_datetime(text)
        wait = (at if at.tzinfo else at.replace(tzinfo=UTC)) - now
    except (ValueError, OverflowError):
        return timedelta(0)
    return max(timedelta(0), min(wait, LONGEST_RETRY_AFTER))

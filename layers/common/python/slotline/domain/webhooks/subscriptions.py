"""Webhooks: who is told of what, and in which words.

An event is told of its subject, such as a call. Events of one subject have a sequence that rises, with gaps, so that a
receiver can put them in order however they arrive. The words are chosen once: every attempt sends the same bytes.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from slotline.domain.access.scopes import Scope
from slotline.domain.booking.calls import ROOM_EVENTS, EventType
from slotline.domain.shared.errors import TooManySecrets
from slotline.domain.shared.instants import format_instant

MOST_WEBHOOKS = 20
"""Subscriptions of one app."""
MOST_SECRETS = 8
"""Secrets of one subscription that sign at the same time: each makes a signature of every request."""


class WebhookEvent(StrEnum):
    """What a receiver can be told."""

    CREATED = "scheduled.created"
    CONFIRMED = "scheduled.confirmed"
    RESCHEDULED = "scheduled.rescheduled"
    ASSIGNED = "scheduled.assigned"
    UPDATED = "scheduled.updated"
    STARTED = "scheduled.started"
    REOPENED = "scheduled.reopened"
    COMPLETED = "scheduled.completed"
    CANCELLED = "scheduled.cancelled"
    NO_SHOW = "scheduled.no_show"
    ZONE_RULES_CHANGED = "scheduled.zone_rules_changed"
    CALL_JOINED = "call.joined"
    CALL_LEFT = "call.left"
    CALL_ENDED = "call.ended"
    REMINDER_SENT = "reminder.sent"
    REMINDER_FAILED = "reminder.failed"
    REMINDER_BOUNCED = "reminder.bounced"
    REMINDER_COMPLAINED = "reminder.complained"
    DIAL_CALL_UPDATED = "dial.call.updated"
    DIAL_CAMPAIGN_UPDATED = "dial.campaign.updated"
    PING = "ping"
    """A test of the receiver: sent on request, to whoever it is asked for, and told to nobody else."""


SUBSCRIBABLE = tuple(event for event in WebhookEvent if event is not WebhookEvent.PING)
DIAL_EVENTS = frozenset({WebhookEvent.DIAL_CALL_UPDATED, WebhookEvent.DIAL_CAMPAIGN_UPDATED})
"""Events of what an organization dials. All others are of an app."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """On whose behalf events are told, or what was told is shown.

    A webhook is another way to read, so it takes the right to read: `needs` raises Forbidden without this scope.
    `organization_id`: whose calls the listener dials.
    """

    organization_id: str
    needs: Callable[[Scope], None]

    def check(self, events: Iterable[WebhookEvent]) -> None:
        """Raises Forbidden unless the listener may read what every one of these events tells."""
        for scope in sorted({scope for event in events if (scope := scope_to_hear(event))}):
            self.needs(scope)


def scope_to_hear(event: WebhookEvent) -> Scope | None:
    """The scope by which what an event tells could be read; None of a ping, which tells nothing."""
    if event is WebhookEvent.PING:
        return None
    return Scope.DIALING_READ if event in DIAL_EVENTS else Scope.SCHEDULING_READ


class SubjectKind(StrEnum):
    """What events are about."""

    CALL = "call"
    DIAL_CALL = "dial"
    CAMPAIGN = "campaign"
    PING = "ping"

    @property
    def is_dialing(self) -> bool:
        """True where the subject is an organization's, and not an app's."""
        return self in (SubjectKind.DIAL_CALL, SubjectKind.CAMPAIGN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What an event is about. Events of one subject reach a receiver one after the other."""

    kind: SubjectKind
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboundEvent:
    """One event, as receivers are told of it."""

    id: str
    event: WebhookEvent
    subject: Subject
    sequence: int
    occurred_at: datetime
    payload: Mapping[str, object]

    @property
    def body(self) -> str:
        """The JSON that is sent."""
        said = {
            "id": self.id,
            "event": self.event.value,
            "occurred_at": format_instant(self.occurred_at),
            "sequence": self.sequence,
            "payload": self.payload,
        }
        return json.dumps(said, ensure_ascii=False, separators=(",", ":"))


class WebhookStatus(StrEnum):
    """`paused`: what happens is kept for a replay. `disabled`: the receiver said that it is gone; nothing is kept."""

    ACTIVE = "active"
    PAUSED = "paused"
    DISABLED = "disabled"


class StatusReason(StrEnum):
    """Why a subscription is not active: its owner said so, nothing got through for days, or the receiver is gone."""

    REQUESTED = "requested"
    FAILING = "failing"
    GONE = "gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class RetiringSecret:
    """A secret that was replaced, and signs on until the time that was promised when it was."""

    secret: str = field(repr=False)
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """Where an app's events are sent, and which.

    `dials_of`: the organization of whose calls and campaigns it is told; None where it wants no dial event.
    `retiring`: secrets that were replaced, the latest first. `first_failure_at`: since when nothing gets through; None
    while all is well.
    """

    id: str
    app_id: str
    url: str
    description: str | None = None
    events: tuple[WebhookEvent, ...]
    dials_of: str | None = None
    secret: str = field(repr=False)
    retiring: tuple[RetiringSecret, ...] = ()
    status: WebhookStatus = WebhookStatus.ACTIVE
    status_reason: StatusReason | None = None
    status_since: datetime | None = None
    created_at: datetime
    updated_at: datetime
    last_success_at: datetime | None = None
    first_failure_at: datetime | None = None

    @property
    def is_active(self) -> bool:
        """True while events go out."""
        return self.status is WebhookStatus.ACTIVE

    def wants(self, event: WebhookEvent) -> bool:
        """True where this is sent, or kept while the subscription is paused."""
        return self.status is not WebhookStatus.DISABLED and event in self.events

    def hears_of(self, subject: Subject) -> bool:
        """True if what is about this subject may go to it: a ping, or what it is told of at present.

        Whoever turned it elsewhere needed the right to read what it is told of now, and no other.
        """
        match subject.kind:
            case SubjectKind.PING:
                return True
            case SubjectKind.CALL:
                return not DIAL_EVENTS.issuperset(self.events)
            case SubjectKind.DIAL_CALL | SubjectKind.CAMPAIGN:
                return self.dials_of is not None

    def secrets(self, now: datetime) -> tuple[str, ...]:
        """The secrets that sign: the present one first, then each that was replaced while its time lasts."""
        return (self.secret, *(old.secret for old in self.retiring if now < old.until))

    def rotated(self, secret: str, overlap: timedelta, now: datetime) -> "Subscription":
        """With another present secret. The one before signs on for the overlap, and earlier ones as was promised.

        Raises TooManySecrets.
        """
        before = (RetiringSecret(secret=self.secret, until=now + overlap),) if overlap else ()
        earlier = (old for old in self.retiring if now < old.until and old.secret != secret)
        retiring = (*before, *earlier)
        if len(retiring) >= MOST_SECRETS:
            free = format_instant(min(old.until for old in retiring))
            raise TooManySecrets(
                f"{MOST_SECRETS} secrets of this webhook sign already. Wait until {free}, or send overlapHours 0: the "
                "present secret then stops signing at once."
            )
        return replace(self, secret=secret, retiring=retiring, updated_at=now)


def webhook_event_of(event_type: EventType) -> WebhookEvent | None:
    """What an event of a call's timeline is called here, or None where nobody is told of it."""
    reminder, _, outcome = event_type.value.partition("_")
    name = f"reminder.{outcome}" if reminder == "reminder" else f"scheduled.{event_type.value}"
    if event_type in ROOM_EVENTS:
        name = f"call.{event_type.value}"
    return WebhookEvent(name) if name in set(WebhookEvent) else None

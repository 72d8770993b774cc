"""Webhooks as they travel: subscriptions, their secrets, and what became of the events sent to them."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal, Self

from aws_lambda_powertools.event_handler.openapi.params import Path
from pydantic import AfterValidator, ConfigDict, Field

from slotline.domain.shared.instants import parse_instant
from slotline.domain.shared.paging import Listed
from slotline.domain.shared.plain_json import plain
from slotline.domain.webhooks.deliveries import Delivery, DeliveryStatus, LogPage, LogPosition, LogQuery
from slotline.domain.webhooks.signing import key_of
from slotline.domain.webhooks.subscriptions import (
    SUBSCRIBABLE,
    Listener,
    StatusReason,
    Subscription,
    WebhookEvent,
    WebhookStatus,
)
from slotline.http.core.caller import Caller
from slotline.http.core.changes import SomethingToChange
from slotline.http.core.envelopes import Pagination
from slotline.http.core.fields import CustomerUrl, Instant, OneLine, WholeNumber, refused
from slotline.http.core.models import Model, Moment, RequestBody, not_sent
from slotline.http.core.paging import AskedPage, cursor_of, no_cursor, place_in

LONGEST_OVERLAP_HOURS = 168
DEFAULT_OVERLAP_HOURS = 24
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

WebhookInPath = Annotated[str, Path(description="The webhook", json_schema_extra={"format": "uuid"})]
DeliveryInPath = Annotated[str, Path(description="The delivery")]


def _secret(value: str) -> str:
    try:
        key_of(value)
    except ValueError as error:
        raise refused("secret", str(error)) from error
    return value


def _once_each(values: list[WebhookEvent]) -> list[WebhookEvent]:
    if len(set(values)) < len(values):
        raise refused("repeated", "must name each only once")
    return values


def _no_ping(value: WebhookEvent) -> WebhookEvent:
    if value not in SUBSCRIBABLE:
        raise refused("enum", f"must be one of {', '.join(SUBSCRIBABLE)}")
    return value


Events = Annotated[
    list[Annotated[WebhookEvent, AfterValidator(_no_ping)]],
    Field(min_length=1, max_length=len(SUBSCRIBABLE), description="What is sent; any but ping, which is for tests"),
    AfterValidator(_once_each),
]
Secret = Annotated[
    str,
    Field(strict=True, max_length=100, description="whsec_ and the base64 of 24 to 64 bytes; left out: one is made"),
    AfterValidator(_secret),
]


class NewWebhook(RequestBody):
    """The body of `POST webhooks`."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"url": "https://example.com/hooks", "events": ["scheduled.created", "scheduled.cancelled"]},
            ]
        }
    )

    url: CustomerUrl
    events: Events
    description: OneLine | None = None
    secret: Secret | None = None

    def to_subscription(self, app_id: str) -> Subscription:
        """What the core is asked; id, times and, where none is sent, the secret are made there."""
        return Subscription(
            id="",
            app_id=app_id,
            url=self.url,
            description=self.description,
            events=tuple(self.events),
            secret=self.secret or "",
            created_at=_EPOCH,
            updated_at=_EPOCH,
        )


class WebhookChanges(SomethingToChange, RequestBody):
    """The body of `PATCH webhooks/{webhookId}`: what is not sent stays. `description` null clears it."""

    url: CustomerUrl = Field(default_factory=not_sent)
    events: Events = Field(default_factory=not_sent)
    description: OneLine | None = Field(default_factory=not_sent)
    status: Literal["active", "paused"] = Field(default_factory=not_sent)

    def to_values(self) -> Mapping[str, object]:
        """The attributes that were sent, as the core has them."""
        sent: dict[str, Any] = {name: getattr(self, name) for name in self.model_fields_set}
        if "status" in sent:
            sent["status"] = WebhookStatus(self.status)
        return sent


class Rotation(RequestBody):
    """The body of `POST webhooks/{webhookId}/rotate-secret`, which may be left out."""

    overlap_hours: WholeNumber = Field(
        default=DEFAULT_OVERLAP_HOURS,
        ge=0,
        le=LONGEST_OVERLAP_HOURS,
        description="How long the present secret signs on; 0: not at all. Earlier ones sign as long as was promised",
    )
    secret: Secret | None = None

    @property
    def overlap(self) -> timedelta:
        """How long both secrets sign."""
        return timedelta(hours=self.overlap_hours)


class ReplayBody(RequestBody):
    """The body of `POST webhooks/{webhookId}/replay`: `since <= occurred_at < until`."""

    since: Instant
    until: Annotated[Instant | None, Field(description="Left out: no end")] = None
    cursor: Annotated[
        str, Field(strict=True, max_length=200, description="`next_cursor` of the answer before, to go on")
    ] = ""

    def to_query(self, app_id: str, webhook_id: str) -> LogQuery:
        """What the core is asked; how many at once is decided there."""
        return LogQuery(
            app_id=app_id,
            webhook_id=webhook_id,
            limit=0,
            since=self.since,
            until=self.until,
            after=_position(self.cursor),
        )


class DeliveriesAsked(AskedPage):
    """The query of `GET webhooks/{webhookId}/deliveries`."""

    status: Annotated[DeliveryStatus | None, Field(description="Only those that have come to this")] = None

    def to_query(self, app_id: str, webhook_id: str) -> LogQuery:
        """What the core is asked: the newest first."""
        return LogQuery(
            app_id=app_id,
            webhook_id=webhook_id,
            limit=self.limit,
            status=self.status,
            after=_position(self.cursor),
        )

    def where_in(self, page: LogPage) -> Pagination:
        """Where the page stands."""
        return self.where(Listed(rows=page.deliveries, next=_place(plain(page.next))))


class WebhookView(Model):
    """A subscription. Its secrets are shown when they are made, and never again."""

    id: str
    app_id: str
    url: str
    description: str | None
    events: list[WebhookEvent]
    status: WebhookStatus
    status_reason: StatusReason | None = Field(description="Why it is not active")
    status_since: Moment | None
    previous_secret_until: Moment | None = Field(description="Until then a previous secret signs too: the last of them")
    previous_secrets_until: list[Moment] = Field(
        default_factory=list, description="Until when each previous secret signs, the latest replaced first"
    )
    created_at: Moment
    updated_at: Moment
    last_success_at: Moment | None = Field(description="To the minute")
    first_failure_at: Moment | None = Field(description="Since when nothing gets through")

    @classmethod
    def of(cls, subscription: Subscription) -> Self:
        """The view of a subscription."""
        promised = [old.until for old in subscription.retiring]
        fields = {
            **plain(subscription),
            "previous_secret_until": plain(max(promised, default=None)),
            "previous_secrets_until": plain(promised),
        }
        return cls.model_validate(fields)


class WebhookWithSecret(WebhookView):
    """A subscription with its new secret."""

    secret: str

    @classmethod
    def of_fields(cls, fields: Mapping[str, object]) -> Self:
        """The view of a subscription as plain JSON."""
        return cls.model_validate(fields)


class WebhookData(Model):
    """`data` of an answer with one subscription."""

    webhook: WebhookView


class WebhookWithSecretData(Model):
    """`data` of an answer with a subscription and its new secret."""

    webhook: WebhookWithSecret


class WebhooksData(Model):
    """`data` of an answer with an app's subscriptions."""

    webhooks: list[WebhookView]


class AttemptView(Model):
    """One attempt: what the receiver answered, and the start of its body; or why there was no answer."""

    number: int
    at: Moment
    duration_ms: int
    status: int | None
    excerpt: str | None
    error: str | None


class DeliveryView(Model):
    """One event on its way to one subscription. `next_attempt_at`: while it is pending."""

    id: str
    event: WebhookEvent
    event_id: str
    sequence: int
    occurred_at: Moment
    status: DeliveryStatus
    attempts: int
    next_attempt_at: Moment | None
    delivered_at: Moment | None

    @classmethod
    def of(cls, delivery: Delivery) -> Self:
        """The view of a delivery."""
        return cls.of_fields({**plain(delivery), "id": delivery.id})

    @classmethod
    def of_fields(cls, fields: Mapping[str, Any]) -> Self:
        """The view of a delivery as plain JSON."""
        pending = fields["status"] == DeliveryStatus.PENDING
        return cls.model_validate(
            {
                **fields,
                "sequence": fields["place"]["sequence"],
                "next_attempt_at": fields["due_at"] if pending else None,
            }
        )


class DeliveryWithLog(DeliveryView):
    """A delivery with its last attempts, and the body that every attempt sends."""

    log: list[AttemptView]
    body: str


class DeliveryData(Model):
    """`data` of an answer with one delivery."""

    delivery: DeliveryView


class DeliveryWithLogData(Model):
    """`data` of an answer with one delivery and its attempts."""

    delivery: DeliveryWithLog


class DeliveriesData(Model):
    """`data` of an answer with a page of deliveries."""

    deliveries: list[DeliveryView]


class ReplayedData(Model):
    """`data` of a replay: how many deliveries were made due again; where the span is longer, a cursor to go on with."""

    replayed: int
    next_cursor: str | None

    @classmethod
    def of_fields(cls, fields: Mapping[str, Any]) -> Self:
        """The view of a replay as plain JSON."""
        place = _place(fields["next"])
        return cls(replayed=fields["replayed"], next_cursor=cursor_of(place) if place else None)


def listener_of(caller: Caller, app_id: str) -> Listener:
    """The caller as one who asks to be told of an app's events, or to see what was told."""
    return Listener(
        organization_id=caller.organization_id, needs=lambda scope: caller.needs(scope, app_id, checks_rate=False)
    )


def _place(position: Mapping[str, Any] | None) -> str | None:
    """A place in the log, as plain JSON, as a cursor holds it."""
    return None if position is None else f"{position['occurred_at']} {position['event_id']}"


def _position(cursor: str) -> LogPosition | None:
    """What a cursor says of the log. Raises InvalidRequest."""
    if not cursor:
        return None
    occurred_at, _, event_id = place_in(cursor).partition(" ")
    try:
        return LogPosition(occurred_at=parse_instant(occurred_at), event_id=event_id)
    except ValueError as error:
        raise no_cursor() from error

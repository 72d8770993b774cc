"""Tell an app's webhooks what happened: one delivery for each that wants it. Telling again changes nothing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from slotline.domain.booking.calls import Call, TimelineEvent
from slotline.domain.webhooks.deliveries import delivery_to
from slotline.domain.webhooks.subscriptions import (
    OutboundEvent,
    Subject,
    SubjectKind,
    Subscription,
    WebhookEvent,
    webhook_event_of,
)
from slotline.ports.booking import Calls
from slotline.ports.shared import Clock
from slotline.ports.webhooks import Deliveries, Webhooks

TOLD_WITHIN = timedelta(hours=25)
"""A stream keeps a change for a day. An event that is older was written again, by a restore, and was told long ago."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FanOut:
    """Whatever the events of one batch are about: who wants them, and a delivery for each of them.

    Who wants to be told is read once for an app or an organization: all that is in a batch has happened before, and
    whoever has subscribed since may be told of it or not.
    """

    webhooks: Webhooks
    deliveries: Deliveries
    clock: Clock
    of_apps: dict[str, Sequence[Subscription]] = field(default_factory=dict)
    of_organizations: dict[str, Sequence[Subscription]] = field(default_factory=dict)

    def is_news(self, occurred_at: datetime) -> bool:
        """True for what nobody can have been told before it was restored."""
        return occurred_at > self.clock.now() - TOLD_WITHIN

    def subscribers_of_app(self, app_id: str, event: WebhookEvent) -> Sequence[Subscription]:
        """Who is to be told of what happened in an app. Raises StoreBusyError."""
        if app_id not in self.of_apps:
            self.of_apps[app_id] = self.webhooks.of_app(app_id)
        return [found for found in self.of_apps[app_id] if found.wants(event)]

    def subscribers_of_organization(self, organization_id: str, event: WebhookEvent) -> Sequence[Subscription]:
        """Who is to be told of what an organization dials. Raises StoreBusyError."""
        if organization_id not in self.of_organizations:
            self.of_organizations[organization_id] = self.webhooks.of_organization(organization_id)
        return [found for found in self.of_organizations[organization_id] if found.wants(event)]

    def deliver(self, subscriptions: Sequence[Subscription], outbound: OutboundEvent) -> None:
        """Have it brought to each. Raises StoreBusyError, or AlreadyWritten where another event has its sequence."""
        for subscription in subscriptions:
            self.deliveries.add(delivery_to(subscription, outbound, self.clock.now()))


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomNews:
    """Something that happened in the room of a call that nobody booked. `payload`: None where the call is gone."""

    id: str
    event: WebhookEvent
    app_id: str
    call_id: str
    sequence: int
    occurred_at: datetime
    payload: Callable[[], Mapping[str, object] | None]


def fan_out_room_news(fan_out: FanOut, news: RoomNews) -> None:
    """Tell of it, with the call as it is now. Raises StoreBusyError: it may be called again."""
    subscribers = fan_out.subscribers_of_app(news.app_id, news.event) if fan_out.is_news(news.occurred_at) else ()
    payload = news.payload() if subscribers else None
    if payload is None:
        return
    outbound = OutboundEvent(
        id=news.id,
        event=news.event,
        subject=Subject(kind=SubjectKind.CALL, id=news.call_id),
        sequence=news.sequence,
        occurred_at=news.occurred_at,
        payload=payload,
    )
    fan_out.deliver(subscribers, outbound)


@dataclass(frozen=True, slots=True, kw_only=True)
class FanOutCallEvent:
    """Tell of an event of a call's timeline, with the call as it is now: never older than the event."""

    fan_out: FanOut
    calls: Calls
    show: Callable[[Call, TimelineEvent], Mapping[str, object]]

    def __call__(self, app_id: str, event: TimelineEvent) -> None:
        """A call that is gone is not told of. Raises StoreBusyError: it may be called again."""
        name = webhook_event_of(event.event_type) if self.fan_out.is_news(event.created_at) else None
        subscribers = self.fan_out.subscribers_of_app(app_id, name) if name else ()
        found = self.calls.get(app_id, event.call_id) if subscribers else None
        if name is None or found is None:
            return
        call, _ = found
        outbound = OutboundEvent(
            id=event.id,
            event=name,
            subject=Subject(kind=SubjectKind.CALL, id=call.id),
            sequence=event.sequence,
            occurred_at=event.created_at,
            payload=self.show(call, event),
        )
        self.fan_out.deliver(subscribers, outbound)

"""Tell an app's webhooks what happened: one delivery for each that wants it. Telling again changes nothing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from slotline.domain.calls import Call, TimelineEvent
from slotline.domain.deliveries import delivery_to
from slotline.domain.webhooks import (
    Happened,
    Subject,
    SubjectKind,
    Subscription,
    WebhookEvent,
    told_as,
)
from slotline.ports import Calls, Clock, Deliveries, Webhooks


@dataclass(frozen=True, slots=True, kw_only=True)
class TellSubscribers:
    """Whatever the event is about: who wants it, and a delivery for each of them."""

    webhooks: Webhooks
    deliveries: Deliveries
    clock: Clock

    def wanting(self, app_id: str, event: WebhookEvent) -> Sequence[Subscription]:
        """Who is to be told. Raises StoreBusyError."""
        return [found for found in self.webhooks.of_app(app_id) if found.wants(event)]

    def tell(self, subscriptions: Sequence[Subscription], happened: Happened) -> None:
        """Have it brought to each. Raises StoreBusyError, or AlreadyWritten where another event has its sequence."""
        for subscription in subscriptions:
            self.deliveries.add(delivery_to(subscription, happened, self.clock.now()))


@dataclass(frozen=True, slots=True, kw_only=True)
class TellOfCall:
    """Tell of an event of a call's timeline, with the call as it is now: never older than the event."""

    tell_subscribers: TellSubscribers
    calls: Calls
    show: Callable[[Call, TimelineEvent], Mapping[str, object]]

    def __call__(self, app_id: str, event: TimelineEvent) -> None:
        """A call that is gone is not told of. Raises StoreBusyError: it may be called again."""
        name = told_as(event.event_type)
        wanting = self.tell_subscribers.wanting(app_id, name) if name else ()
        found = self.calls.get(app_id, event.call_id) if wanting else None
        if name is None or found is None:
            return
        call, _ = found
        happened = Happened(
            id=event.id,
            app_id=app_id,
            event=name,
            subject=Subject(kind=SubjectKind.CALL, id=call.id),
            sequence=event.sequence,
            occurred_at=event.created_at,
            payload=self.show(call, event),
        )
        self.tell_subscribers.tell(wanting, happened)

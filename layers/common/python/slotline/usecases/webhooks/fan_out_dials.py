"""Tell an organization's webhooks of the calls and campaigns that it dials. Telling again changes nothing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from slotline.domain.dialing.calls import DialCall
from slotline.domain.dialing.campaigns import Campaign
from slotline.domain.dialing.events import DialEvent
from slotline.domain.webhooks.subscriptions import OutboundEvent, Subject, SubjectKind, Subscription, WebhookEvent
from slotline.ports.dialing import DialCalls
from slotline.usecases.webhooks.fan_out import FanOut


@dataclass(frozen=True, slots=True, kw_only=True)
class FanOutDialEvents:
    """The use case, made anew for each batch of changes.

    Who wants to be told is read once for an organization: all that is in a batch has happened before, and whoever has
    subscribed since may be told of it or not.
    """

    fan_out: FanOut
    calls: DialCalls
    show_call: Callable[[DialCall, DialEvent], Mapping[str, object]]
    show_campaign: Callable[[Campaign], Mapping[str, object]]
    known: dict[str, Sequence[Subscription]] = field(default_factory=dict)

    def of_call(self, event: DialEvent) -> None:
        """Tell of an event, with the call as it is now: never older. Raises StoreBusyError: it may be told again."""
        if not self.fan_out.is_news(event.occurred_at):
            return
        subscribers = self._subscribers_of(event.organization_id, WebhookEvent.DIAL_CALL_UPDATED)
        found = self.calls.get(event.organization_id, event.call_id) if subscribers else None
        if found is None:
            return
        outbound = OutboundEvent(
            id=f"{event.call_id}-{event.sequence}",
            event=WebhookEvent.DIAL_CALL_UPDATED,
            subject=Subject(kind=SubjectKind.DIAL_CALL, id=event.call_id),
            sequence=event.sequence,
            occurred_at=event.occurred_at,
            payload=self.show_call(found[0], event),
        )
        self.fan_out.deliver(subscribers, outbound)

    def of_campaign(self, campaign: Campaign) -> None:
        """Tell of a campaign that has come to its state just now. Raises StoreBusyError: it may be told again."""
        outbound = OutboundEvent(
            id=f"{campaign.id}-{campaign.revision}",
            event=WebhookEvent.DIAL_CAMPAIGN_UPDATED,
            subject=Subject(kind=SubjectKind.CAMPAIGN, id=campaign.id),
            sequence=campaign.revision,
            occurred_at=campaign.updated_at,
            payload=self.show_campaign(campaign),
        )
        self.fan_out.deliver(self._subscribers_of(campaign.organization_id, outbound.event), outbound)

    def _subscribers_of(self, organization_id: str, event: WebhookEvent) -> Sequence[Subscription]:
        if organization_id not in self.known:
            self.known[organization_id] = self.fan_out.webhooks.of_organization(organization_id)
        return [found for found in self.known[organization_id] if found.wants(event)]

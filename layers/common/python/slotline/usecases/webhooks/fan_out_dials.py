"""Tell an organization's webhooks of the calls and campaigns that it dials. Telling again changes nothing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from slotline.domain.dialing.calls import DialCall
from slotline.domain.dialing.campaigns import Campaign
from slotline.domain.dialing.events import DialEvent
from slotline.domain.webhooks.subscriptions import OutboundEvent, Subject, SubjectKind, WebhookEvent
from slotline.ports.dialing import DialCalls
from slotline.usecases.webhooks.fan_out import FanOut


@dataclass(frozen=True, slots=True, kw_only=True)
class FanOutDialEvents:
    """The use case, for one batch of changes."""

    fan_out: FanOut
    calls: DialCalls
    show_call: Callable[[DialCall, DialEvent], Mapping[str, object]]
    show_campaign: Callable[[Campaign], Mapping[str, object]]

    def of_call(self, event: DialEvent) -> None:
        """Tell of an event, with the call as it is now: never older. Raises StoreBusyError: it may be told again."""
        if not self.fan_out.is_news(event.occurred_at):
            return
        subscribers = self.fan_out.subscribers_of_organization(event.organization_id, WebhookEvent.DIAL_CALL_UPDATED)
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
        subscribers = self.fan_out.subscribers_of_organization(campaign.organization_id, outbound.event)
        self.fan_out.deliver(subscribers, outbound)

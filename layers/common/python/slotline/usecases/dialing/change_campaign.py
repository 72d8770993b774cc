"""Pause a campaign, let it go on, or end it: its calls look at its state when they are due."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from slotline.domain.dialing.campaigns import Campaign, CampaignState
from slotline.domain.dialing.numbers import not_granted
from slotline.domain.shared.audit import Author, Organization
from slotline.domain.shared.errors import NotFound
from slotline.domain.shared.idempotency import IdempotencyKey, Receipt
from slotline.ports.dialing import KeptCampaigns
from slotline.ports.shared import RateLimitCheck
from slotline.usecases.dialing.granted_numbers import FindNumber
from slotline.usecases.shared.once import Once

_ACTIONS = {
    CampaignState.PAUSED: "campaign.paused",
    CampaignState.RUNNING: "campaign.resumed",
    CampaignState.CANCELED: "campaign.canceled",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeCampaign:
    """Moves a campaign to another state."""

    campaigns: KeptCampaigns
    find_number: FindNumber
    once: Once

    def __call__(
        self,
        organization_id: str,
        campaign_id: str,
        state: CampaignState,
        author: Author,
        key: IdempotencyKey | None,
        check_rate: RateLimitCheck,
    ) -> tuple[Campaign, bool]:
        """The campaign, in that state, and whether an earlier request with the same key did it.

        Raises NotFound, CampaignIsFinal, Conflict where it cannot come to that state, or NumberNotGranted if it would
        go on with a number that was revoked.
        """
        audited = self.once.audited(author)

        def act(now: datetime) -> Mapping[str, object]:
            campaign = read_campaign(self.campaigns, organization_id, campaign_id)
            moved = campaign.moved_to(state, now)
            if moved is not campaign:
                if state is CampaignState.RUNNING:
                    self._check_number(campaign)
                before, after = ({"state": one.state} for one in (campaign, moved))
                of = Organization(organization_id=organization_id)
                entry = audited.entry(_ACTIONS[state], campaign_id, before, after, of=of)
                self.campaigns.replace(moved, campaign.revision, entry=entry)
            if key:
                self.once.receipts.keep(Receipt(key=key, result={"state": state.value}, answered_at=now))
            return {}

        answered = self.once(key, check_rate, act)
        found = self.once.retry(lambda: read_campaign(self.campaigns, organization_id, campaign_id))
        return found, answered.replayed

    def _check_number(self, campaign: Campaign) -> None:
        number, is_granted = self.find_number(campaign.organization_id, campaign.number_id)
        if number and not is_granted:
            raise not_granted("number_id")


def read_campaign(campaigns: KeptCampaigns, organization_id: str, campaign_id: str) -> Campaign:
    """One campaign. Raises NotFound."""
    found = campaigns.get(organization_id, campaign_id)
    if found is None:
        raise no_such_campaign()
    return found


def no_such_campaign() -> NotFound:
    """What is said of a campaign that the organization does not have."""
    return NotFound("There is no such campaign in this organization.")

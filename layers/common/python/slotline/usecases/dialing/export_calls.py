"""Hand out a campaign's calls as a table. Who took them, and when, is in the audit log before they leave."""

from collections.abc import Sequence
from dataclasses import dataclass

from slotline.domain.dialing.calls import DialCall, DialPosition
from slotline.domain.dialing.campaigns import Campaign
from slotline.domain.shared.audit import Author, Organization
from slotline.ports.access import AuditLog
from slotline.ports.dialing import DialCalls, KeptCampaigns
from slotline.usecases.dialing.change_campaign import read_campaign
from slotline.usecases.dialing.read_calls import some_calls_of
from slotline.usecases.shared.once import Once


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportCalls:
    """Exports a part of a campaign's calls. Each part is an entry of its own."""

    campaigns: KeptCampaigns
    dials: DialCalls
    log: AuditLog
    once: Once

    def __call__(
        self, organization_id: str, campaign_id: str, limit: int, after: DialPosition | None, author: Author
    ) -> tuple[Campaign, Sequence[DialCall], bool]:
        """The campaign, its calls behind that place in order, and whether there are more. Raises NotFound."""
        campaign = read_campaign(self.campaigns, organization_id, campaign_id)
        calls, more = some_calls_of(self.dials, campaign, limit, after)
        of = Organization(organization_id=organization_id)
        entry = self.once.audited(author).entry("campaign.exported", campaign_id, None, {"calls": len(calls)}, of=of)
        self.once.retry(lambda: self.log.append(entry))
        return campaign, calls, more

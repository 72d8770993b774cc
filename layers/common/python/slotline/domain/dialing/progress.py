"""How far a campaign has come."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from slotline.domain.dialing.call_lists import Tally
from slotline.domain.dialing.campaigns import Campaign
from slotline.domain.dialing.imports import Import
from slotline.domain.dialing.statuses import DialStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a campaign has come: its calls by status, and how many of them are over.

    Both are None if nobody has counted.
    """

    campaign: Campaign
    imported: Import | None
    by_status: Mapping[DialStatus, int] | None = None
    over: int | None = None

    @property
    def calls(self) -> int:
        """How many calls it has."""
        return self.campaign.calls + (self.imported.created if self.imported else 0)

    @property
    def created_at(self) -> datetime:
        """When the last of them was created, or before that."""
        return self.imported.updated_at if self.imported else self.campaign.created_at

    def counted(self, tally: Tally) -> "Progress":
        """With what was counted. A call that was not counted yet is Scheduled: as that every call begins."""
        uncounted = self.calls - sum(tally.by_status.values())
        by_status = dict(tally.by_status)
        if uncounted > 0:
            by_status[DialStatus.SCHEDULED] = by_status.get(DialStatus.SCHEDULED, 0) + uncounted
        return replace(self, by_status=by_status, over=tally.over)

"""How far a campaign has come."""

from collections.abc import Mapping
from dataclasses import dataclass

from slotline.domain.dialing.campaigns import Campaign
from slotline.domain.dialing.imports import Import
from slotline.domain.dialing.statuses import DialStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a campaign has come: its calls by status, and how many of them are over.

    Both are None where there are more calls than are counted, and while a file is imported.
    """

    campaign: Campaign
    imported: Import | None
    by_status: Mapping[DialStatus, int] | None
    over: int | None

    @property
    def calls(self) -> int:
        """How many calls it has."""
        return self.campaign.calls + (self.imported.created if self.imported else 0)

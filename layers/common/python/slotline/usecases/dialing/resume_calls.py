"""Have a campaign's calls go on after a pause, a page at a time; `slotline.domain.dialing.resuming` says how.

The calls of a page get their moments first, then the campaign keeps that the walk has come past them. Whoever dies in
between leaves a page whose calls wait for the walk; it is done once more, with moments that are a little later.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from slotline.domain.dialing.calls import DialCall
from slotline.domain.dialing.campaigns import FIRST_WALK_AFTER, Campaign, Resumption
from slotline.domain.dialing.closing import SETTLED_AFTER
from slotline.domain.dialing.resuming import Step, goes_on, step
from slotline.ports.dialing import DialCalls, KeptCampaigns, UseCases
from slotline.ports.shared import Backoff, Clock
from slotline.usecases.dialing.walking import LEASE, change_each, page_of

AT_ONCE = 100
"""Calls of a page: few enough to be written before the first of them is due, also where the store is slow."""

IMPORTED_AGAIN = timedelta(seconds=15)
"""How soon the walk looks for calls that an import has added."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeCalls:
    """Walks through the calls of a campaign that was resumed."""

    campaigns: KeptCampaigns
    calls: DialCalls
    use_cases: UseCases
    clock: Clock
    backoff: Backoff

    def __call__(self, campaign: Campaign, resumption: Resumption, until: datetime) -> Campaign:
        """The campaign afterwards, due at once if the time was not enough. Raises RaceLost where it is another's."""
        use_case = self.use_cases.get(campaign.organization_id, campaign.use_case_id)
        while use_case:
            is_complete = self._is_complete(campaign)
            page = page_of(self.calls, campaign, resumption.after, AT_ONCE)
            done = step(campaign, resumption, page.calls, use_case, self.clock.now())
            decide = partial(_goes_on, campaign, done)
            change_each(self.calls, page.calls, decide, self.clock, self.backoff)
            if done.resumption is None or (page.next is None and is_complete):
                break
            resumption, now = done.resumption, self.clock.now()
            if page.next is None:
                return self._keep(campaign.resumed(resumption, now + IMPORTED_AGAIN))
            campaign = self._keep(campaign.resumed(resumption, now + LEASE if now < until else now))
            if now >= until:
                return campaign
        return self._keep(campaign.resumed(None, self.clock.now() + FIRST_WALK_AFTER))

    def _is_complete(self, campaign: Campaign) -> bool:
        """Whether all of its calls are there, and listed."""
        imported = self.campaigns.import_of(campaign.organization_id, campaign.id)
        return imported is None or (imported.is_over and imported.updated_at + SETTLED_AFTER <= self.clock.now())

    def _keep(self, campaign: Campaign) -> Campaign:
        self.campaigns.replace(campaign, campaign.revision - 1)
        return campaign


def _goes_on(campaign: Campaign, done: Step, call: DialCall, now: datetime) -> DialCall | None:
    return goes_on(call, campaign, done.moments, now)

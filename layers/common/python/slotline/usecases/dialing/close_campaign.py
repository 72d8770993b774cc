"""Bring a campaign to its end, a page of calls at a time, and go on where an earlier run stopped.

`slotline.domain.dialing.closing` says how. Progress is kept after every page, on condition that nobody has changed the
campaign meanwhile: whoever pauses, resumes or cancels it, and whoever walks through it too, goes first.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from slotline.domain.dialing.call_lists import DialPage
from slotline.domain.dialing.calls import DialCall
from slotline.domain.dialing.campaigns import Campaign, CampaignState, Walk
from slotline.domain.dialing.closing import SETTLED_AFTER, next_walk_at, past_those_over, walked_once_more
from slotline.domain.dialing.progress import Progress
from slotline.domain.shared.due import Due
from slotline.ports.dialing import DialCalls, KeptCampaigns
from slotline.ports.shared import Backoff, Clock, Ids, RaceLost
from slotline.usecases.dialing.resume_calls import ResumeCalls
from slotline.usecases.dialing.walking import LEASE, change_each, page_of


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseCampaign:
    """Walks through a campaign's calls until all are over."""

    campaigns: KeptCampaigns
    calls: DialCalls
    resume_calls: ResumeCalls
    clock: Clock
    ids: Ids
    backoff: Backoff

    def __call__(self, due: Due, until: datetime) -> Campaign | None:
        """The campaign afterwards, due at once where the time was not enough; None where it was not due, or another's.

        Raises StoreBusyError: it goes on when its lease is over, or by the next wake-up.
        """
        campaign = self.campaigns.due(due)
        if campaign is None:
            return None
        now = self.clock.now()
        walk = replace(campaign.walk or Walk(began_at=now), claim_id=self.ids.new())
        try:
            claimed = self._keep(campaign.walked(walk, now + LEASE))
            if campaign.state is CampaignState.CANCELED:
                return self._cancel(claimed, walk, until)
            if claimed.resumption:
                return self.resume_calls(claimed, claimed.resumption, until)
            return self._complete(claimed, walk, until)
        except RaceLost:
            return None

    def _complete(self, campaign: Campaign, walk: Walk, until: datetime) -> Campaign:
        """Walk past what is over; at the end the campaign is completed."""
        imported = self.campaigns.import_of(campaign.organization_id, campaign.id)
        if imported and not imported.is_over:
            return self._keep(campaign.walked(None, self.clock.now() + SETTLED_AFTER))
        while True:
            page = self._page(campaign, walk)
            walk, waits_for = past_those_over(walk, page.calls)
            now = self.clock.now()
            if waits_for:
                return self._keep(campaign.walked(walk, next_walk_at(waits_for, now)))
            if page.next is None:
                break
            walk = replace(walk, after=page.next)
            campaign = self._keep(campaign.walked(walk, now + LEASE if now < until else now))
            if now >= until:
                return campaign
        if walk.seen < Progress(campaign=campaign, imported=imported).calls:
            return self._keep(campaign.walked(None, now + SETTLED_AFTER))
        return self._keep(campaign.moved_to(CampaignState.COMPLETED, now))

    def _cancel(self, campaign: Campaign, walk: Walk, until: datetime) -> Campaign:
        """Walk past all calls, and end those that have not been dialled."""
        while True:
            page = self._page(campaign, walk)
            change_each(self.calls, page.calls, self._ended, self.clock, self.backoff)
            now = self.clock.now()
            if page.next is None:
                return self._keep(campaign.walked(None, walked_once_more(campaign, walk, now)))
            walk = replace(walk, seen=walk.seen + len(page.calls), after=page.next)
            campaign = self._keep(campaign.walked(walk, now + LEASE if now < until else now))
            if now >= until:
                return campaign

    def _ended(self, call: DialCall, now: datetime) -> DialCall | None:
        """Calls off what is not over; None where there is nothing to do. A call under way goes on to its end."""
        after = call.called_off(now, "campaign_canceled")
        return None if after is call else after

    def _page(self, campaign: Campaign, walk: Walk) -> DialPage:
        return page_of(self.calls, campaign, walk.after)

    def _keep(self, campaign: Campaign) -> Campaign:
        """Its next revision. Raises RaceLost where another has changed it."""
        self.campaigns.replace(campaign, campaign.revision - 1)
        return campaign

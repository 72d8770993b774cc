"""Bring a campaign to its end, a page of calls at a time, and go on where an earlier run stopped.

`slotline.domain.dialing.closing` says how. Progress is kept after every page, on condition that nobody has changed the
campaign meanwhile: whoever pauses, resumes or cancels it, and whoever walks through it too, goes first.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from slotline.domain.dialing.call_lists import DialPage
from slotline.domain.dialing.calls import DialCall
from slotline.domain.dialing.campaigns import Campaign, CampaignState, Walk
from slotline.domain.dialing.closing import SETTLED_AFTER, next_walk_at, past_those_over, walked_once_more
from slotline.domain.dialing.events import event_of
from slotline.domain.dialing.progress import Progress
from slotline.domain.shared.due import Due
from slotline.ports.dialing import DialCalls, DialWrite, KeptCampaigns
from slotline.ports.shared import Backoff, Clock, Ids, RaceLost
from slotline.usecases.dialing.read_calls import query_of
from slotline.usecases.shared.retrying import retry

LEASE = timedelta(minutes=2)
"""How long one page may take. Whoever takes longer is taken for dead, and another goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseCampaign:
    """Walks through a campaign's calls until all are over."""

    campaigns: KeptCampaigns
    calls: DialCalls
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
        if walk.seen < Progress(campaign=campaign, imported=imported, by_status=None, over=None).calls:
            return self._keep(campaign.walked(None, now + SETTLED_AFTER))
        return self._keep(campaign.moved_to(CampaignState.COMPLETED, now))

    def _cancel(self, campaign: Campaign, walk: Walk, until: datetime) -> Campaign:
        """Walk past all calls, and end those that have not been dialled."""
        while True:
            page = self._page(campaign, walk)
            self._end(page.calls)
            now = self.clock.now()
            if page.next is None:
                return self._keep(campaign.walked(None, walked_once_more(campaign, walk, now)))
            walk = replace(walk, seen=walk.seen + len(page.calls), after=page.next)
            campaign = self._keep(campaign.walked(walk, now + LEASE if now < until else now))
            if now >= until:
                return campaign

    def _end(self, calls: Sequence[DialCall]) -> None:
        writes = [write for call in calls if (write := self._ending(call))]
        organizations = {call.id: call.organization_id for call in calls}
        for call_id in self.calls.write_all(writes):
            self._end_one(organizations[call_id], call_id)

    def _end_one(self, organization_id: str, call_id: str) -> None:
        """A call that somebody else has just changed: what becomes of it is decided on how it is now."""

        def act() -> None:
            found = self.calls.get(organization_id, call_id)
            if write := self._ending(found[0]) if found else None:
                self.calls.write(write)

        retry(act, self.backoff)

    def _ending(self, call: DialCall) -> DialWrite | None:
        """Calls off what is not over; None where there is nothing to do. A call under way goes on to its end."""
        after = call.called_off(self.clock.now(), "campaign_canceled")
        if after is call:
            return None
        return DialWrite(call=after, replaces=call.revision, event=event_of(call, after))

    def _page(self, campaign: Campaign, walk: Walk) -> DialPage:
        query = query_of(campaign)
        return self.calls.find(replace(query, after=walk.after)) if query else DialPage(calls=(), next=None)

    def _keep(self, campaign: Campaign) -> Campaign:
        """Its next revision. Raises RaceLost where another has changed it."""
        self.campaigns.replace(campaign, campaign.revision - 1)
        return campaign

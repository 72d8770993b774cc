"""Read campaigns with their progress, and the calls that are dialled."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from itertools import islice

from slotline.domain.dialing.attempts import DialAttempt
from slotline.domain.dialing.call_lists import DialPage, DialQuery, Tally
from slotline.domain.dialing.calls import DialCall, DialPosition
from slotline.domain.dialing.campaigns import Campaign
from slotline.domain.dialing.closing import SETTLED_AFTER
from slotline.domain.dialing.progress import Progress
from slotline.domain.shared.errors import NotFound
from slotline.domain.shared.paging import COUNTED_UP_TO, total_with
from slotline.ports.dialing import DialCalls, DialLists, KeptCampaigns
from slotline.ports.shared import Clock
from slotline.usecases.dialing.change_campaign import no_such_campaign, read_campaign

READ_UP_TO = 10_000
"""Calls of a campaign that are read to be counted, while its organization's calls are not all on lists yet."""

PAGE = 1_000
_INSTANT = timedelta(milliseconds=1)


def read_dial_call(calls: DialCalls, organization_id: str, call_id: str) -> tuple[DialCall, Sequence[DialAttempt]]:
    """A call with its attempts. Raises NotFound."""
    found = calls.get(organization_id, call_id)
    if found is None:
        raise NotFound("There is no such call in this organization.")
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadProgress:
    """A campaign with its progress."""

    calls: DialCalls
    lists: DialLists

    def __call__(self, organization_id: str, campaign_id: str) -> Progress:
        """Its calls by status, as they were some seconds ago. Raises NotFound."""
        found = self.lists.progress(organization_id, campaign_id)
        if found is None:
            raise no_such_campaign()
        progress, tally = found
        if tally is not None:
            return progress.counted(tally)
        if progress.calls > READ_UP_TO or (progress.imported and not progress.imported.is_over):
            return progress
        query = query_of(progress.campaign)
        return progress.counted(self.calls.tally(query) if query else Tally(by_status={}, over=0))


@dataclass(frozen=True, slots=True, kw_only=True)
class ListCalls:
    """A page of an organization's calls."""

    campaigns: KeptCampaigns
    calls: DialCalls
    lists: DialLists
    clock: Clock

    def __call__(self, query: DialQuery, *, is_counted: bool) -> DialPage:
        """The page; with how many calls match, if they are counted and soon counted. Raises NotFound."""
        if query.campaign_id is not None and query.number_id is not None:
            campaign = read_campaign(self.campaigns, query.organization_id, query.campaign_id)
            if campaign.number_id != query.number_id:
                return DialPage(calls=(), next=None, total=0 if is_counted else None)
            query = replace(query, number_id=None)
        page = self._page(query)
        if not is_counted:
            return page
        count = partial(self._count, query)
        is_first, is_last = query.after is None, page.next is None
        return replace(page, total=total_with(page.calls, is_first=is_first, is_last=is_last, count=count))

    def _page(self, query: DialQuery) -> DialPage:
        if query.is_of_all:
            return self.calls.find(query)
        page = self.lists.page(query)
        return self._from_calendar(query) if page is None or self._lags(query, page) else page

    def _lags(self, query: DialQuery, page: DialPage) -> bool:
        """Whether a campaign was created just now, and not all of its calls are listed. Raises NotFound.

        Calls come to lists in no order, so any page may lack some: the last one, or one that shows new calls.
        """
        settled_at = self.clock.now() - SETTLED_AFTER
        is_settled = page.next is not None and all(call.created_at <= settled_at for call in page.calls)
        if query.campaign_id is None or is_settled:
            return False
        found = self.lists.progress(query.organization_id, query.campaign_id)
        if found is None:
            raise no_such_campaign()
        progress, listed = found
        if progress.created_at <= settled_at:
            return False
        return listed is None or sum(listed.by_status.values()) < progress.calls

    def _from_calendar(self, query: DialQuery) -> DialPage:
        """A campaign's calls among all that the organization dials meanwhile."""
        if query.campaign_id is None:
            return self.calls.find(query)
        whole = query_of(read_campaign(self.campaigns, query.organization_id, query.campaign_id))
        return self.calls.find(query.within(whole.since, whole.until)) if whole else DialPage(calls=(), next=None)

    def _count(self, query: DialQuery) -> int | None:
        if query.campaign_id is not None and query.is_of_all_times:
            tally = self.lists.of_campaign(query.organization_id, query.campaign_id)
            return tally.of(query.statuses) if tally else None
        if query.campaign_id is None and query.days:
            return self.lists.of_days(query)
        return self.lists.up_to(query, COUNTED_UP_TO)


def calls_of(calls: DialCalls, campaign: Campaign, after: DialPosition | None = None) -> Iterator[DialCall]:
    """The calls of a campaign behind this place, in order of their planned time."""
    whole = query_of(campaign)
    query = replace(whole, after=after) if whole else None
    while query:
        page = calls.find(query)
        yield from page.calls
        query = replace(query, after=page.next) if page.next else None


def some_calls_of(
    calls: DialCalls, campaign: Campaign, most: int, after: DialPosition | None
) -> tuple[Sequence[DialCall], bool]:
    """The next calls of a campaign, and whether there are more."""
    found = list(islice(calls_of(calls, campaign, after), most + 1))
    return found[:most], len(found) > most


def query_of(campaign: Campaign) -> DialQuery | None:
    """Asks for the calls of a campaign; None while it has none."""
    if campaign.first_at is None or campaign.last_at is None:
        return None
    return DialQuery(
        organization_id=campaign.organization_id,
        campaign_id=campaign.id,
        since=campaign.first_at,
        until=campaign.last_at + _INSTANT,
        limit=PAGE,
    )

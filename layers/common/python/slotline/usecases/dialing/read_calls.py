"""Read campaigns with their progress, and the calls that are dialled."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import islice

from slotline.domain.booking.call_lists import COUNTED_UP_TO
from slotline.domain.dialing.attempts import DialAttempt
from slotline.domain.dialing.call_lists import DialQuery, Tally
from slotline.domain.dialing.calls import DialCall, DialPosition
from slotline.domain.dialing.campaigns import Campaign
from slotline.domain.dialing.progress import Progress
from slotline.domain.shared.errors import NotFound
from slotline.ports.dialing import DialCalls, KeptCampaigns
from slotline.usecases.dialing.change_campaign import read_campaign

PAGE = 1_000
_INSTANT = timedelta(milliseconds=1)


def read_dial_call(calls: DialCalls, organization_id: str, call_id: str) -> tuple[DialCall, Sequence[DialAttempt]]:
    """A call with its attempts. Raises NotFound."""
    found = calls.get(organization_id, call_id)
    if found is None:
        raise NotFound("There is no such call in this organization.")
    return found


def read_progress(campaigns: KeptCampaigns, calls: DialCalls, organization_id: str, campaign_id: str) -> Progress:
    """A campaign with its progress. Raises NotFound."""
    campaign = read_campaign(campaigns, organization_id, campaign_id)
    imported = campaigns.import_of(organization_id, campaign_id)
    uncounted = Progress(campaign=campaign, imported=imported, by_status=None, over=None)
    if uncounted.calls > COUNTED_UP_TO or (imported and not imported.is_over):
        return uncounted
    query = query_of(campaign)
    tally = calls.tally(query) if query else Tally(by_status={}, over=0)
    return replace(uncounted, by_status=tally.by_status, over=tally.over)


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

"""Campaigns: their list, and one of them with its progress."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from slotline.domain.dialing.campaigns import Campaign, CampaignState
from slotline.domain.dialing.progress import Progress
from slotline.domain.dialing.statuses import DialStatus
from slotline.domain.shared.paging import Listed
from slotline.pages.dialing.shown import Setting
from slotline.pages.rendering import Page
from slotline.pages.signed import SignedIn

SECTION = "campaigns"
STEPS: Mapping[str, CampaignState] = {
    "pause": CampaignState.PAUSED,
    "resume": CampaignState.RUNNING,
    "cancel": CampaignState.CANCELED,
}
"""What can be done with a campaign, as addresses say it, and what it is then."""
_FROM: Mapping[str, frozenset[CampaignState]] = {
    "pause": frozenset({CampaignState.RUNNING, CampaignState.IMPORTING}),
    "resume": frozenset({CampaignState.PAUSED}),
    "cancel": frozenset(CampaignState) - {CampaignState.COMPLETED, CampaignState.CANCELED},
}


def campaigns_page(signed: SignedIn, found: Listed[Campaign], now: datetime) -> Page:
    """A page of the organization's campaigns, newest first."""
    setting = Setting(signed)
    after = signed.asked.query("after")
    return signed.page(
        "dialing_campaigns.html",
        SECTION,
        {
            "campaigns": [_row(setting, one) for one in found.rows],
            "clock": setting.clock(now),
            "done": setting.done(),
            "ways": {
                "here": setting.to("campaigns", after=after),
                "new": setting.to("campaigns", "new"),
                "first": setting.to("campaigns") if after else None,
                "next": setting.to("campaigns", after=found.next) if found.next else None,
            },
        },
        live="dialing_campaigns_list.html",
    )


def campaign_page(
    signed: SignedIn, progress: Progress, names: Mapping[str, str], now: datetime, refused: Sequence[Any] = ()
) -> Page:
    """One campaign. `names`: of its use case and its number, by their ids; `refused`: why something was not done."""
    setting, campaign = Setting(signed), progress.campaign
    return signed.page(
        "dialing_campaign.html",
        SECTION,
        {
            "campaign": _row(setting, campaign),
            "progress": _progress(setting, progress),
            "facts": {
                "use_case": names.get(campaign.use_case_id),
                "number": names.get(campaign.number_id),
                "first": setting.at(campaign.first_at),
                "last": setting.at(campaign.last_at),
                "interval": campaign.staggered_interval_minutes,
                "retries": campaign.max_retries,
                "created": setting.at(campaign.created_at),
            },
            "rules": [{"query": rule.query, "minutes": rule.retry_period} for rule in campaign.rules],
            "steps": [step for step, states in _FROM.items() if campaign.state in states],
            "becomes": {step: setting.campaign_badge(state) for step, state in STEPS.items()},
            "refused": refused,
            "done": setting.done(),
            "clock": setting.clock(now),
            "ways": {
                "here": setting.to("campaigns", campaign.id),
                "list": setting.to("campaigns"),
                "calls": setting.to("calls", campaign=campaign.id),
                **{step: setting.to("campaigns", campaign.id, step) for step in STEPS},
            },
        },
        scripts=("dialogs.js",),
        live="dialing_progress.html",
    )


def _row(setting: Setting, campaign: Campaign) -> dict[str, Any]:
    return {
        "id": campaign.id,
        "name": campaign.name,
        "badge": setting.campaign_badge(campaign.state),
        "state": campaign.state.value,
        "why": setting.why(campaign.reason),
        "calls": campaign.calls,
        "created": setting.at(campaign.created_at),
        "revision": campaign.revision,
        "way": setting.to("campaigns", campaign.id),
    }


def _progress(setting: Setting, progress: Progress) -> dict[str, Any]:
    by_status = progress.by_status or {}
    statuses = [(status, by_status[status]) for status in DialStatus if by_status.get(status)]
    return {
        "calls": progress.calls,
        "over": progress.over,
        "statuses": [
            {
                "badge": setting.call_badge(status),
                "count": count,
                "way": setting.to("calls", campaign=progress.campaign.id, status=status.value),
            }
            for status, count in statuses
        ],
        "imported": progress.imported
        and {
            "is_over": progress.imported.is_over,
            "rows": progress.imported.row,
            "refused": progress.imported.refused,
        },
    }

"""Calls that are dialled: their list, and one of them with its attempts."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any

from slotline.domain.dialing.attempts import DialAttempt
from slotline.domain.dialing.call_lists import BEGINNING, END, DialPage, DialQuery, days_around
from slotline.domain.dialing.calls import DialCall
from slotline.domain.dialing.numbers import Number
from slotline.domain.dialing.statuses import DialStatus
from slotline.domain.shared.instants import format_instant
from slotline.pages.dialing.shown import Setting, place_at, written
from slotline.pages.fields import Field, Option
from slotline.pages.rendering import Page
from slotline.pages.signed import SignedIn

SECTION = "dialed"
PAGE = 50
FILTERS = ("campaign", "number", "status", "from", "to")


def query_of(signed: SignedIn, now: datetime) -> DialQuery:
    """What the address asks for. Days are the app's; what it says of no campaign and no days is the month around."""
    setting, asked = Setting(signed), signed.asked
    campaign = asked.query("campaign") or None
    since, until = (BEGINNING, END) if campaign else days_around(now)
    first, last = asked.day_of("from"), asked.day_of("to")
    status = DialStatus.named(asked.query("status") or "")
    return DialQuery(
        organization_id=setting.organization_id,
        since=datetime.combine(first, time(), setting.zone) if first else since,
        until=datetime.combine(last + timedelta(days=1), time(), setting.zone) if last else until,
        campaign_id=campaign[:100] if campaign else None,
        number_id=(asked.query("number") or "")[:100] or None,
        statuses=frozenset({status}) if status else frozenset(),
        limit=PAGE,
        after=place_at(asked.query("after")),
    )


def calls_page(signed: SignedIn, found: DialPage, numbers: Sequence[Number], now: datetime) -> Page:
    """A page of the organization's calls, in order of their planned time."""
    setting, asked = Setting(signed), signed.asked
    chosen = {name: asked.query(name) for name in FILTERS}
    return signed.page(
        "dialing_calls.html",
        SECTION,
        {
            "calls": [_row(setting, one) for one in found.calls],
            "total": found.total,
            "clock": setting.clock(now),
            "filters": _filters(setting, chosen, numbers),
            "campaign": chosen["campaign"],
            "is_filtered": any(chosen.values()),
            "ways": {
                "here": setting.to("calls", **chosen, after=asked.query("after")),
                "all": setting.to("calls"),
                "form": setting.to("calls"),
                "first": setting.to("calls", **chosen) if asked.query("after") else None,
                "next": setting.to("calls", **chosen, after=written(found.next)) if found.next else None,
            },
        },
        live="dialing_calls_list.html",
    )


def call_page(signed: SignedIn, call: DialCall, attempts: Sequence[DialAttempt], now: datetime) -> Page:
    """One call, as it is now."""
    setting = Setting(signed)
    return signed.page(
        "dialing_call.html",
        SECTION,
        {
            "call": _row(setting, call),
            "from_number": call.calls_from,
            "due": setting.at(call.due_at) if not call.is_over else None,
            "can_be_called_off": not call.is_over and not call.is_called_off,
            "is_under_way": call.is_under_way,
            "params": [(name, str(value)) for name, value in call.params.items()],
            "tags": [str(tag) for tag in _listed(call.metadata.get("tags"))],
            "attempts": [_attempt(setting, one) for one in attempts],
            "done": setting.done(),
            "clock": setting.clock(now),
            "ways": {
                "here": setting.to("calls", call.id),
                "list": setting.to("calls", campaign=call.campaign_id),
                "campaign": setting.to("campaigns", call.campaign_id) if call.campaign_id else None,
                "call_off": setting.to("calls", call.id, "call-off"),
            },
        },
        scripts=("dialogs.js",),
        live="dialing_call_live.html",
    )


def _row(setting: Setting, call: DialCall) -> dict[str, Any]:
    return {
        "id": call.id,
        "phone": call.e164,
        "badge": setting.call_badge(call.status),
        "planned": setting.at(call.scheduled_at),
        "instant": format_instant(call.scheduled_at),
        "attempts": call.attempts,
        "why": setting.why(call.reason),
        "revision": call.revision,
        "way": setting.to("calls", call.id),
    }


def _attempt(setting: Setting, attempt: DialAttempt) -> dict[str, Any]:
    return {
        "number": attempt.number,
        "badge": setting.call_badge(attempt.status),
        "claimed": setting.at(attempt.claimed_at),
        "ended": setting.at(attempt.ended_at),
        "answered_by": _named(setting, attempt.answered_by),
        "why": setting.why(attempt.reason),
    }


def _named(setting: Setting, answered_by: str | None) -> str | None:
    names: Mapping[str, str] = setting.words.words["dialing"]["answered_by"]
    return names.get(answered_by, answered_by) if answered_by else None


def _filters(setting: Setting, chosen: dict[str, str | None], numbers: Sequence[Number]) -> Sequence[Field]:
    words = setting.words.words["dialing"]["filters"]
    statuses = [(status.value, setting.call_badge(status)["text"]) for status in DialStatus]
    from_numbers = {one.id: one.name or one.phone_number for one in numbers}
    if (number := chosen["number"]) and number not in from_numbers:  # one that is gone, or behind the others
        from_numbers[number] = number
    return [
        _select("status", words["status"], words["any"], statuses, chosen),
        _select("number", words["number"], words["any"], [*from_numbers.items()], chosen),
        Field(name="from", label=words["from"], kind="date", value=chosen["from"] or "", is_one_of=True),
        Field(name="to", label=words["to"], kind="date", value=chosen["to"] or "", is_one_of=True),
    ]


def _select(
    name: str, label: str, every: str, values: Sequence[tuple[str, str]], chosen: dict[str, str | None]
) -> Field:
    options = [Option(value="", label=every), *(_option(value, text, chosen[name]) for value, text in values)]
    return Field(name=name, label=label, kind="select", options=options, is_one_of=True)


def _option(value: str, text: str, chosen: str | None) -> Option:
    return Option(value=value, label=text, is_chosen=value == chosen)


def _listed(value: object) -> Sequence[object]:
    return value if isinstance(value, list | tuple) else ()

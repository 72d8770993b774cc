"""The last step: what was booked, and where to go from there."""

from slotline.domain.booking.calls import CallStatus
from slotline.domain.booking.guest_links import PATH
from slotline.domain.booking.guest_rights import GuestsLook
from slotline.domain.shared.instants import format_instant
from slotline.pages.booked import Booked
from slotline.pages.booking.shown import Setting
from slotline.pages.calendars import google_url, outlook_url
from slotline.pages.rendering import Page


def confirmation_page(setting: Setting, look: GuestsLook, token: str, rooms_at: str) -> Page:
    """The confirmation of a call. `token`: of its guest's link; `rooms_at`: where pages of calls are."""
    call = look.call
    booked = Booked.of(look, setting.zone, setting.language)
    entry = booked.entry(f"{rooms_at}/c/{call.id}")
    return Page(
        template="done.html",
        look=setting.look,
        context=setting.context(
            at=call.scheduled_at,
            booked=booked,
            guest=call.guest.name,
            contact=call.guest.email or call.guest.phone,
            is_off=False,
            for_site={
                "service": setting.preset.slug or setting.preset.preset_id,
                "start": format_instant(call.scheduled_at),
            },
            is_pending=call.status is CallStatus.PENDING_CONFIRMATION,
            ways={
                "zone": None,
                "guest": f"{PATH}{token}",
                "confirm": f"{PATH}{token}/confirm",
                "again": setting.way.change(agent=None).to(),
            },
            calendars={
                "file": f"/api/v1/guest/{token}/calendar.ics",
                "google": google_url(entry),
                "outlook": outlook_url(entry),
            },
        ),
    )

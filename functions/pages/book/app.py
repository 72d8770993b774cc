"""The booking page: /book/{appId}, a service of it, and the steps of one visit behind a page pass.

GET shows and POST acts. Each step is an address of its own, and none of them names the guest (docs/decisions/0060).
"""

from dataclasses import replace
from datetime import datetime

from slotline.domain.access.websites import Purpose
from slotline.domain.booking.apps import Preset
from slotline.domain.booking.services import check_bookable
from slotline.domain.booking.slots import Slots
from slotline.http.access.page_door import Admitted
from slotline.pages.booking.choosing import choose_time, choose_zone, query_for, services_page
from slotline.pages.booking.shown import Setting
from slotline.pages.booking.ways import Way, link_to
from slotline.pages.kit import Asked, page_handler
from slotline.pages.problems import no_such_service
from slotline.pages.rendering import Page
from slotline.usecases.booking.keep_presets import list_services
from slotline.usecases.booking.search_slots import search_slots
from slotline.wiring import common
from slotline.wiring.booking import availability, pages, presets


def services(asked: Asked) -> Page:
    """GET /book/{app_id}: what can be booked; if that is one service, its times."""
    app_id = asked.part("app_id")
    guest = pages.page_door().enter(asked.source, app_id, asked.query("widgetKey") or "")
    public = [found.preset for found in list_services(presets.presets(), app_id, public_only=True)]
    if len(public) == 1:
        preset = public[0]
        entered = pages.page_door().for_service(guest, preset.slug or preset.preset_id, preset, asked.pairs)
        return times(asked, _setting(asked, entered, preset.slug or preset.preset_id, preset))
    app = guest.website.app
    offered = [(preset, link_to(asked, preset)) for preset in public if preset.scheduling_enabled]
    return services_page(app, offered, asked.language(app.preset.language), asked.ways_to_languages())


def enter(asked: Asked) -> Page:
    """GET /book/{app_id}/{service}: the times of one service, for whoever comes with the widget key."""
    app_id, service = asked.part("app_id"), asked.part("service")
    guest = pages.page_door().enter(asked.source, app_id, asked.query("widgetKey") or "", service, asked.pairs)
    return times(asked, _setting(asked, guest, service, guest.website.preset))


def again(asked: Asked) -> Page:
    """GET /book/{app_id}/{service}/{page_pass}: another day, month, agent, zone or language."""
    return times(asked, _step_setting(asked))


def zone(asked: Asked) -> Page:
    """GET …/zone: the time zones there are."""
    return choose_zone(_step_setting(asked))


def times(asked: Asked, setting: Setting) -> Page:
    """A month with its free days, and the times of one of them."""
    query = query_for(setting, asked.query("agent") or asked.query("agentId"))

    def search(start: datetime, end: datetime) -> Slots:
        return search_slots(availability.calendars(), common.clock(), replace(query, start=start, end=end))

    return choose_time(asked, setting, search)


def _step_setting(asked: Asked) -> Setting:
    guest = _step(asked)
    return _setting(asked, guest, asked.part("service"), guest.website.preset)


def _step(asked: Asked, purpose: Purpose = Purpose.PAGE) -> Admitted:
    path = asked.part("app_id"), asked.part("service"), asked.part("page_pass")
    return pages.page_door().step(asked.source, *path, purpose)


def _setting(asked: Asked, guest: Admitted, service: str, preset: Preset | None) -> Setting:
    app = guest.website.app
    if preset is None:
        raise no_such_service()
    check_bookable(replace(app, preset=preset))
    way = Way(app_id=app.app_id, service=service, page_pass=guest.pass_token)
    return Setting.of(asked, app, preset, way, common.clock().now(), guest.prefill)


handler = page_handler(
    {
        "GET /book/{app_id}": services,
        "GET /book/{app_id}/{service}": enter,
        "GET /book/{app_id}/{service}/{page_pass}": again,
        "GET /book/{app_id}/{service}/{page_pass}/zone": zone,
    },
    common,
)

"""The booking page: /book/{appId}, a service of it, and the steps of one visit behind a page pass.

GET shows and POST acts. Each step is an address of its own, and none of them names the guest (docs/decisions/0060).
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from http import HTTPStatus

from slotline import observability
from slotline.domain.access.websites import Purpose
from slotline.domain.booking.apps import Preset
from slotline.domain.booking.eligibility import Terms, is_eligible
from slotline.domain.booking.guest_links import no_such_link
from slotline.domain.booking.services import check_bookable
from slotline.domain.booking.slots import Slots
from slotline.domain.shared.errors import Conflict, DomainError, HoldLimitReached, InvalidRequest
from slotline.http.access.page_door import Admitted
from slotline.http.core.urls import rooms_at
from slotline.pages.booking.acting import Acting
from slotline.pages.booking.choosing import choose_time, choose_zone, month_of, query_for, services_page
from slotline.pages.booking.confirmation import confirmation_page
from slotline.pages.booking.elsewhere import MOST_OFFERED, Offer, is_other_service, of_service
from slotline.pages.booking.filling import ChosenTime, FormStep
from slotline.pages.booking.guest_form import GuestForm, Values, values_of
from slotline.pages.booking.notices import Notice
from slotline.pages.booking.outcomes import notice_of
from slotline.pages.booking.shown import Setting
from slotline.pages.booking.ways import Way, agent_of, link_to
from slotline.pages.kit import Asked, Redirect, Routes, page_handler
from slotline.pages.problems import no_such_service
from slotline.pages.rendering import ANYBODY, Page
from slotline.usecases.booking.keep_presets import list_services
from slotline.usecases.booking.search_for_guests import GuestsSearch, search_for_guests
from slotline.wiring import common
from slotline.wiring.booking import agents, availability, guest_links, guests, pages, presets
from slotline.wiring.shared import phones


def services(asked: Asked) -> Page:
    """GET /book/{app_id}: what can be booked; if that is one service, its times."""
    app_id = asked.token("app_id")
    guest = pages.page_door().enter(asked.source, app_id, asked.query("widgetKey") or "")
    public = [found.preset for found in list_services(presets.presets(), app_id, public_only=True)]
    bookable = [preset for preset in public if preset.scheduling_enabled]
    if len(bookable) == 1:
        (preset,) = bookable
        service = preset.slug or preset.preset_id
        entered = pages.page_door().for_service(guest, service, preset, asked.pairs)
        return _times(asked, entered, _setting(asked, entered, service, preset))
    app = guest.website.app
    offered = [(preset, link_to(asked, preset)) for preset in bookable]
    return services_page(app, offered, asked.language(app.preset.language), asked.ways_to_languages())


def enter(asked: Asked) -> Page:
    """GET /book/{app_id}/{service}: the times of one service, for whoever comes with the widget key."""
    app_id, service = asked.token("app_id"), asked.token("service")
    guest = pages.page_door().enter(asked.source, app_id, asked.query("widgetKey") or "", service, asked.pairs)
    return _times(asked, guest, _setting(asked, guest, service, guest.website.preset))


def times(asked: Asked) -> Page:
    """GET /book/{app_id}/{service}/{page_pass}: another day, month, agent, zone or language."""
    return _times(asked, *_step(asked))


def zone(asked: Asked) -> Page:
    """GET …/zone: the time zones there are."""
    return choose_zone(asked, _step(asked)[1])


def hold(asked: Asked) -> Page | Redirect:
    """POST …/hold: keep the time that was chosen while the form is filled in, and go on to it."""
    guest, setting = _step(asked, Purpose.BOOK)
    chosen = ChosenTime.of(asked)
    try:
        kept = _acting(guest, setting, chosen).keep(chosen)
    except HoldLimitReached:  # it can be booked all the same, as long as it is free
        kept = chosen.let_go()
    except (Conflict, InvalidRequest) as error:
        notice = notice_of(error)
        if notice is None:
            raise
        return _times(asked, guest, setting, chosen, notice)
    return Redirect(setting.way.to("form", **kept.said))


def form(asked: Asked) -> Page:
    """GET …/form: who is coming?"""
    guest, setting = _step(asked)
    values, chosen = values_of(guest.prefill, setting.preset), ChosenTime.of(asked)
    # What is kept is booked once, also if its form is loaded and sent again after the booking, as by Back.
    once = chosen.hold_id or common.ids().new()
    return _form_step(guest, setting, chosen, values, once).page()


def book(asked: Asked) -> Page | Redirect:
    """POST …/form: book; or keep the time longer, take another one, or have a code sent, with all that was typed."""
    guest, setting = _step(asked, Purpose.BOOK)
    if asked.field("website"):  # nobody sees this field, so a program filled it in
        raise InvalidRequest.of_field("website", "must be left empty")
    if not (once := asked.field("once")):
        raise InvalidRequest.of_field("once", "is required: the form has it", "required")
    step = _form_step(guest, setting, ChosenTime.of(asked), asked.form, once)
    step = step.asking_for_code(asked.id("verification"))
    acting, action = _acting(guest, setting, step.chosen), asked.field("action")
    if action == "extend":
        return acting.keep_longer(step)
    if move := asked.field("move"):
        return acting.keep_longer(replace(step, chosen=step.chosen.at(move)))
    if action == "edit":
        return step.asking_for_code(None).page()
    step = replace(step, form=step.form.checked())
    if step.form.errors:
        return step.page(HTTPStatus.BAD_REQUEST)
    if setting.needs_code and (action == "code" or step.code_for is None):
        return acting.send_for_code(step)
    try:
        booked = acting.book(step)
    except DomainError as error:
        return acting.refused(step, error)
    observability.count({"Bookings": 0 if booked.replayed else 1, "BookingRetries": booked.tries - 1})
    call, now = booked.call, common.clock().now()
    token = guest_links.link_keys()().token_of(call.id, call.contact_epoch, now)
    return Redirect(setting.way.to("done", booking=token))


def done(asked: Asked) -> Page:
    """GET …/done: what was booked, and where to go from there."""
    _, setting = _step(asked)
    token = asked.query("booking") or ""
    look = guests.look()(token)
    if (look.call.app_id, look.call.preset_id) != (setting.app.app_id, setting.preset.preset_id):
        raise no_such_link()
    return confirmation_page(setting, look, token, rooms_at(common.settings(), asked.event))


def _step(asked: Asked, purpose: Purpose = Purpose.PAGE) -> tuple[Admitted, Setting]:
    service = asked.token("service")
    guest = pages.page_door().step(asked.source, asked.token("app_id"), service, asked.token("page_pass"), purpose)
    return guest, _setting(asked, guest, service, guest.website.preset)


def _setting(asked: Asked, guest: Admitted, service: str, preset: Preset | None) -> Setting:
    app = guest.website.app
    if preset is None:
        raise no_such_service()
    check_bookable(replace(app, preset=preset))
    way = Way(app_id=app.app_id, service=service, page_pass=guest.pass_token)
    return Setting.of(asked, app, preset, way, common.clock().now(), guest.prefill)


def _times(
    asked: Asked, guest: Admitted, setting: Setting, taken: ChosenTime | None = None, notice: Notice | None = None
) -> Page:
    def other_services(setting: Setting) -> Sequence[Offer]:
        return _other_services(guest, setting)

    search = _search(setting, agent_of(asked))
    return choose_time(asked, setting, search, other_services, taken=taken.start if taken else None, notice=notice)


def _search(setting: Setting, agent_id: str | None) -> GuestsSearch:
    """The free times of the service: with this agent if the link names the one, else with all."""
    app, query = replace(setting.app, preset=setting.preset), query_for(setting, agent_id)
    return search_for_guests(availability.calendars(), common.clock(), app, query)


def _other_services(guest: Admitted, setting: Setting) -> Sequence[Offer]:
    """Other public services with their first free days, for a guest who finds nothing free."""
    listed = list_services(presets.presets(), setting.app.app_id, public_only=True)
    others = [one.preset for one in listed if is_other_service(setting, one.preset)]
    offers: list[Offer] = []
    for preset in others[:MOST_OFFERED]:
        service = preset.slug or preset.preset_id
        handed = pages.page_door().for_service(guest, service, preset)
        other = setting.of_service(preset, service, handed.pass_token)
        offers += of_service(other, month_of(other, _search(other, None)(None), None))
    return offers


def _acting(guest: Admitted, setting: Setting, chosen: ChosenTime) -> Acting:
    agent_id = None if setting.finds_agent else chosen.agent_id

    def search(start: datetime, end: datetime) -> Slots:
        return _search(setting, agent_id)(agent_id)(start, end)

    return Acting(guest=guest, setting=setting, use_cases=pages, search=search)


def _form_step(guest: Admitted, setting: Setting, chosen: ChosenTime, values: Values, once: str) -> FormStep:
    form = GuestForm(
        preset=setting.preset,
        language=setting.language,
        texts=setting.texts,
        screen=phones.refusal_of,
        internationally=phones.internationally,
        home=phones.region_of(setting.zone.key),
        prefill=guest.prefill,
        values=values,
    )
    terms = Terms.asked().under(setting.preset)

    def name_of(agent_id: str) -> str | None:
        _, agent = agents.agents().find(setting.app.app_id, agent_id)
        return agent.name if agent and is_eligible(agent, terms) else None

    return FormStep(setting=setting, chosen=chosen, form=form, once=once, name_of=name_of)


ROUTES: Routes = {
    "GET /book/{app_id}": services,
    "GET /book/{app_id}/{service}": enter,
    "GET /book/{app_id}/{service}/{page_pass}": times,
    "GET /book/{app_id}/{service}/{page_pass}/zone": zone,
    "POST /book/{app_id}/{service}/{page_pass}/hold": hold,
    "GET /book/{app_id}/{service}/{page_pass}/form": form,
    "POST /book/{app_id}/{service}/{page_pass}/form": book,
    "GET /book/{app_id}/{service}/{page_pass}/done": done,
}
handler = page_handler(ROUTES, common, refusals_framed_by=frozenset({ANYBODY}))

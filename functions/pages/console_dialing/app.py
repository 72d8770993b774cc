"""The console's dialing: /console/{appId}/dialing, campaigns from the table to the last call, and what they stand on.

What is dialled belongs to the organization: whoever may see it in one of its apps sees all of it. Use cases that change
something are imported when somebody does: most requests look.
"""

from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

from slotline.domain.access.permissions import Permission
from slotline.domain.access.rate_limits import no_rate_limit
from slotline.domain.shared.audit import Surface
from slotline.domain.shared.errors import (
    Conflict,
    DomainError,
    Forbidden,
    IdempotencyMismatch,
    InvalidRequest,
    NotFound,
)
from slotline.domain.shared.paging import COUNTED_UP_TO
from slotline.pages.dialing import barred as barred_pages
from slotline.pages.dialing import calls as call_pages
from slotline.pages.dialing import campaigns as campaign_pages
from slotline.pages.dialing import new_campaign as new_pages
from slotline.pages.dialing import settings as setting_pages
from slotline.pages.dialing.shown import Setting, said_by
from slotline.pages.kit import Redirect, page_handler
from slotline.pages.once import once_key
from slotline.pages.signed import Allowed, Answer, SignedIn, signed_routes
from slotline.usecases.dialing.read_calls import read_dial_call
from slotline.wiring import common
from slotline.wiring.access import sessions
from slotline.wiring.dialing import calls, reading, settings

if TYPE_CHECKING:
    from slotline.domain.dialing.use_cases import UseCase

BOOK = "dialing"
PAGE = 50
TYPICAL_CALL = timedelta(minutes=2)
"""How long a call is taken to last where nobody says."""
_REFUSALS = (InvalidRequest, Conflict, Forbidden, IdempotencyMismatch)
"""What the form of a use case or a number tells."""
_DONE = {"pause": "paused", "resume": "resumed", "cancel": "canceled"}


def campaigns(signed: SignedIn) -> Answer:
    """GET …/campaigns."""
    found = calls.campaigns().list(signed.app.organization_id, PAGE, signed.asked.id("after"))
    return campaign_pages.campaigns_page(signed, found, common.clock().now())


def campaign(signed: SignedIn) -> Answer:
    """GET …/campaigns/{campaign_id}."""
    return _campaign(signed)


def change_campaign(signed: SignedIn) -> Answer:
    """POST …/campaigns/{campaign_id}/{step}."""
    from slotline.wiring.dialing import changing

    step, campaign_id = signed.asked.part("step"), signed.asked.part("campaign_id")
    if step not in campaign_pages.STEPS:
        raise NotFound("There is nothing here.")
    state = campaign_pages.STEPS[step]
    try:
        changing.change_campaign()(signed.app.organization_id, campaign_id, state, signed.author, None, no_rate_limit)
    except (Conflict, Forbidden) as error:
        return _campaign(signed, error)
    return Redirect(Setting(signed).to("campaigns", campaign_id, done=_DONE[step]))


def new_campaign(signed: SignedIn) -> Answer:
    """GET …/campaigns/new."""
    return _form(signed)


def check_campaign(signed: SignedIn) -> Answer:
    """POST …/campaigns/new: what it would be like; with the button of that page, it is started."""
    from slotline.domain.dialing.planning import preflight
    from slotline.wiring.dialing import scheduling

    action, form, now = signed.asked.field("action"), new_pages.NewCampaign(signed), common.clock().now()
    if action == "edit":
        return _form(signed)
    try:
        request = form.to_request()
        if action == "start":
            key = form.key(f"user-{signed.visit.user.user_id}")
            begun = scheduling.schedule_calls()(request, form.rows, key, no_rate_limit)
            return Redirect(Setting(signed).to("campaigns", begun.campaign.id, done="started"))
        planned, barred = scheduling.preview_calls()(request, form.rows, now)
    except (InvalidRequest, DomainError) as error:
        return _form(signed, error)
    number = planned.number
    outlook = preflight(
        planned.calls, calls_per_second=number.calls_per_second, lines=number.lines, typical_call=TYPICAL_CALL
    )
    return new_pages.preflight_page(signed, planned, outlook, barred, common.ids().new(), now)


def dialed(signed: SignedIn) -> Answer:
    """GET …/calls."""
    now = common.clock().now()
    query = call_pages.query_of(signed, now)
    numbers = settings.numbers().list(query.organization_id, PAGE, None).rows
    return call_pages.calls_page(signed, reading.list_calls()(query, is_counted=True), numbers, now)


def call(signed: SignedIn) -> Answer:
    """GET …/calls/{call_id}."""
    found, attempts = read_dial_call(calls.dial_calls(), signed.app.organization_id, signed.asked.part("call_id"))
    return call_pages.call_page(signed, found, attempts, common.clock().now())


def call_off(signed: SignedIn) -> Answer:
    """POST …/calls/{call_id}/call-off: it is dialled no more; a conversation that is under way goes on to its end."""
    from slotline.wiring.dialing import calling_off

    call_id = signed.asked.part("call_id")
    calling_off.call_off_once()(signed.app.organization_id, call_id, hang_up=False, key=None, check_rate=no_rate_limit)
    return Redirect(Setting(signed).to("calls", call_id, done="called_off"))


def barred(signed: SignedIn) -> Answer:
    """GET …/do-not-call."""
    return _barred(signed)


def bar(signed: SignedIn) -> Answer:
    """POST …/do-not-call."""
    from slotline.wiring.dialing import changing

    try:
        numbers, reason = barred_pages.numbers_typed(signed), barred_pages.reason_typed(signed)
    except InvalidRequest as error:
        return _barred(signed, error)
    changing.list_numbers()(signed.app.organization_id, numbers, reason, signed.author, None, no_rate_limit)
    return Redirect(Setting(signed).to("do-not-call", done="listed"))


def unbar(signed: SignedIn) -> Answer:
    """POST …/do-not-call/remove: again on a number that is not on the list, nothing."""
    from slotline.domain.shared.phones import to_e164
    from slotline.usecases.dialing.keep_do_not_call import unlist_number
    from slotline.wiring.shared.receipts import once

    try:
        number = to_e164(signed.asked.field("number"), "number")
        unlist_number(settings.do_not_call(), once(), signed.app.organization_id, number, signed.author)
    except InvalidRequest as error:
        return _barred(signed, error)
    except NotFound:
        pass  # somebody else was faster
    return Redirect(Setting(signed).to("do-not-call", done="unlisted"))


def use_cases(signed: SignedIn) -> Answer:
    """GET …/use-cases: those that lists leave out as well."""
    found = settings.use_cases().list(signed.app.organization_id, PAGE, signed.asked.id("after"))
    return setting_pages.use_cases_page(signed, found, common.clock().now())


def use_case(signed: SignedIn) -> Answer:
    """GET …/use-cases/{use_case_id}, or new."""
    from slotline.usecases.dialing.keep_settings import read_setting

    setting_id = signed.asked.part("use_case_id")
    if setting_id == "new":
        return setting_pages.use_case_page(signed, setting_pages.new_use_case(signed), common.ids().new())
    found = read_setting(settings.use_cases(), signed.app.organization_id, setting_id)
    return setting_pages.use_case_page(signed, found, common.ids().new())


def save_use_case(signed: SignedIn) -> Answer:
    """POST …/use-cases/{use_case_id}, or new."""
    from dataclasses import replace

    from slotline.usecases.dialing.keep_settings import read_setting
    from slotline.wiring.dialing import writing

    setting_id, organization_id = signed.asked.part("use_case_id"), signed.app.organization_id
    is_new = setting_id == "new"

    def kept() -> "UseCase":
        if is_new:
            return setting_pages.new_use_case(signed)
        return read_setting(settings.use_cases(), organization_id, setting_id)

    typed, before = setting_pages.Typed(signed), kept()
    try:
        values = typed.use_case(before)
        if is_new:
            writing.add_use_case()(replace(before, **values), signed.author, once_key(signed), no_rate_limit)
        else:
            writing.change_use_case()(organization_id, setting_id, values, signed.author, typed.since)
    except _REFUSALS as error:
        return setting_pages.use_case_page(signed, kept(), common.ids().new(), error)
    return Redirect(Setting(signed).to("use-cases", done="added" if is_new else "saved"))


def remove_use_case(signed: SignedIn) -> Answer:
    """POST …/use-cases/{use_case_id}/remove."""
    from slotline.wiring.dialing import changing

    with suppress(NotFound):  # by an earlier press, or by somebody else
        changing.remove_setting(settings.use_cases())(
            signed.app.organization_id, signed.asked.part("use_case_id"), signed.author
        )
    return Redirect(Setting(signed).to("use-cases", done="removed"))


def numbers(signed: SignedIn) -> Answer:
    """GET …/numbers."""
    found = settings.numbers().list(signed.app.organization_id, PAGE, signed.asked.id("after"))
    return setting_pages.numbers_page(signed, found, common.clock().now())


def number(signed: SignedIn) -> Answer:
    """GET …/numbers/{number_id}, or new."""
    from slotline.usecases.dialing.keep_settings import read_setting

    setting_id = signed.asked.part("number_id")
    is_new, organization_id = setting_id == "new", signed.app.organization_id
    found = None if is_new else read_setting(settings.numbers(), organization_id, setting_id)
    return setting_pages.number_page(signed, found, common.ids().new())


def save_number(signed: SignedIn) -> Answer:
    """POST …/numbers/{number_id}, or new."""
    from slotline.usecases.dialing.keep_settings import read_setting
    from slotline.wiring.dialing import changing

    setting_id, organization_id = signed.asked.part("number_id"), signed.app.organization_id
    is_new, typed = setting_id == "new", setting_pages.Typed(signed)
    try:
        if is_new:
            changing.add_number()(typed.new_number(), signed.author, once_key(signed), no_rate_limit)
        else:
            change = changing.change_setting(settings.numbers())
            change(organization_id, setting_id, typed.number(), signed.author, typed.since)
    except _REFUSALS as error:
        found = None if is_new else read_setting(settings.numbers(), organization_id, setting_id)
        return setting_pages.number_page(signed, found, common.ids().new(), error)
    return Redirect(Setting(signed).to("numbers", done="added" if is_new else "saved"))


def remove_number(signed: SignedIn) -> Answer:
    """POST …/numbers/{number_id}/remove."""
    from slotline.wiring.dialing import changing

    with suppress(NotFound):  # by an earlier press, or by somebody else
        changing.remove_setting(settings.numbers())(
            signed.app.organization_id, signed.asked.part("number_id"), signed.author
        )
    return Redirect(Setting(signed).to("numbers", done="removed"))


def _campaign(signed: SignedIn, error: DomainError | None = None) -> Answer:
    organization_id = signed.app.organization_id
    progress = reading.read_progress()(organization_id, signed.asked.part("campaign_id"))
    found = progress.campaign
    use_case = settings.use_cases().get(organization_id, found.use_case_id)
    number = settings.numbers().get(organization_id, found.number_id)
    names = {
        **({found.use_case_id: use_case.name} if use_case else {}),
        **({found.number_id: number.name or number.phone_number} if number else {}),
    }
    refused = said_by(error, Setting(signed).words) if error else ()
    return campaign_pages.campaign_page(signed, progress, names, common.clock().now(), refused)


def _form(signed: SignedIn, error: DomainError | None = None) -> Answer:
    organization_id = signed.app.organization_id
    use_cases = new_pages.choices(lambda most: settings.use_cases().list(organization_id, most, None).rows)
    numbers = new_pages.choices(lambda most: settings.numbers().list(organization_id, most, None).rows)
    return new_pages.new_campaign_page(signed, use_cases, numbers, error)


def _barred(signed: SignedIn, error: DomainError | None = None) -> Answer:
    organization_id, kept = signed.app.organization_id, settings.do_not_call()
    after = signed.asked.id("after")
    found = kept.list(organization_id, barred_pages.PAGE, after)
    total = kept.count(organization_id, COUNTED_UP_TO) if after is None else None
    return barred_pages.barred_page(signed, found, total, common.clock().now(), error)


_AT = "/console/{app_id}/dialing"
_SEE, _RUN, _CHANGE = Permission.SEE_DIALING, Permission.RUN_CAMPAIGNS, Permission.CHANGE_DIALING
ROUTES: Mapping[str, Allowed] = {
    f"GET {_AT}/campaigns": Allowed(_SEE, campaigns),
    f"GET {_AT}/campaigns/new": Allowed(_RUN, new_campaign),
    f"POST {_AT}/campaigns/new": Allowed(_RUN, check_campaign),
    f"GET {_AT}/campaigns/{{campaign_id}}": Allowed(_SEE, campaign),
    f"POST {_AT}/campaigns/{{campaign_id}}/{{step}}": Allowed(_RUN, change_campaign),
    f"GET {_AT}/calls": Allowed(_SEE, dialed),
    f"GET {_AT}/calls/{{call_id}}": Allowed(_SEE, call),
    f"POST {_AT}/calls/{{call_id}}/call-off": Allowed(_RUN, call_off),
    f"GET {_AT}/do-not-call": Allowed(_SEE, barred),
    f"POST {_AT}/do-not-call": Allowed(_RUN, bar),
    f"POST {_AT}/do-not-call/remove": Allowed(_RUN, unbar),
    f"GET {_AT}/use-cases": Allowed(_CHANGE, use_cases),
    f"GET {_AT}/use-cases/{{use_case_id}}": Allowed(_CHANGE, use_case),
    f"POST {_AT}/use-cases/{{use_case_id}}": Allowed(_CHANGE, save_use_case),
    f"POST {_AT}/use-cases/{{use_case_id}}/remove": Allowed(_CHANGE, remove_use_case),
    f"GET {_AT}/numbers": Allowed(_CHANGE, numbers),
    f"GET {_AT}/numbers/{{number_id}}": Allowed(_CHANGE, number),
    f"POST {_AT}/numbers/{{number_id}}": Allowed(_CHANGE, save_number),
    f"POST {_AT}/numbers/{{number_id}}/remove": Allowed(_CHANGE, remove_number),
}
handler = page_handler(
    signed_routes(ROUTES, sessions.admit_user, Surface.CONSOLE, BOOK), common, largest_form=new_pages.LARGEST
)

"""Services of an app: the list, a new one, and what is done with one as a whole."""

from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Any

from slotline.domain.access.rate_limits import no_rate_limit
from slotline.domain.booking.apps import Preset, PresetOfApp
from slotline.domain.shared.errors import Conflict, DomainError, NotFound
from slotline.pages.console.service_fields import SECTIONS, Spec, Values
from slotline.pages.console.service_forms import SECTION, faults_for, fields_of, frame, way_of, way_to
from slotline.pages.faults import Faults
from slotline.pages.kit import Redirect
from slotline.pages.once import once_key
from slotline.pages.rendering import Page
from slotline.pages.signed import SignedIn

_ASKED_OF_A_NEW_ONE = ("name", "title", "duration_minutes", "public")


def list_page(signed: SignedIn, found: Sequence[PresetOfApp]) -> Page:
    """GET …/services: the active one first, then by name."""
    services = sorted(found, key=lambda one: (not one.active, one.preset.name.casefold(), one.preset.preset_id))
    context = {
        "services": [{"of": one.preset, "active": one.active, "way": way_of(signed, one.preset)} for one in services],
        "way": way_to(signed),
        "done": "removed" if signed.asked.query("done") == "removed" else None,
    }
    return signed.page("console_services.html", SECTION, context)


def overview_page(signed: SignedIn, found: PresetOfApp) -> Page:
    """GET …/services/{preset_id}."""
    done = signed.asked.query("done")
    context = {
        **frame(signed, found, "overview"),
        "sections": list(SECTIONS),
        "done": done if done in {"added", "activated", "active"} else None,
    }
    return signed.page("console_service.html", SECTION, context, scripts=("dialogs.js",))


def new_page(signed: SignedIn, once: str, values: Values | None = None, faults: Faults | None = None) -> Page:
    """GET …/services/new: what it needs to be there; the rest has its defaults."""
    blank = Preset(preset_id="", name="", public=False, language=signed.language)
    said = values if values is not None else {"language": [signed.language], **_values(blank)}
    fields = fields_of(signed, blank, said, [], faults, _specs())
    context = {
        "fields": fields,
        "language": signed.language,
        "errors": faults.listed(fields) if faults else [],
        "once": once,
        "way": f"{way_to(signed)}/new",
        "back": way_to(signed),
    }
    status = HTTPStatus.BAD_REQUEST if faults else HTTPStatus.OK
    return signed.page("console_service_new.html", SECTION, context, status=status)


def add(signed: SignedIn, check: Callable[..., Preset], add_preset: Callable[..., Any]) -> Page | Redirect:
    """POST …/services/new."""
    typed = signed.asked.form
    said = {spec.api_name: spec.to_json(typed, signed.language) for spec in _specs()}
    sent = {"language": signed.language, **{name: value for name, value in said.items() if value is not None}}
    try:
        added = add_preset(signed.app.app_id, check(sent), signed.author, once_key(signed), no_rate_limit)
    except DomainError as error:
        return new_page(signed, signed.asked.field("once"), typed, faults_for(signed).of(error))
    return Redirect(f"{way_to(signed)}/{added.result['preset']['preset_id']}?done=added")


def activate(signed: SignedIn, activate_preset: Callable[..., Any]) -> Redirect:
    """POST …/services/{preset_id}/activate. Again on the active one: nothing changes."""
    preset_id = signed.asked.part("preset_id")
    activate_preset(signed.app.app_id, preset_id, signed.author, None, no_rate_limit)
    return Redirect(f"{way_to(signed)}/{preset_id}?done=activated")


def remove(signed: SignedIn, remove_preset: Callable[..., Any]) -> Redirect:
    """POST …/services/{preset_id}/remove. The active one stays, and its page says why."""
    preset_id = signed.asked.part("preset_id")
    try:
        remove_preset(signed.app.app_id, preset_id, signed.author)
    except Conflict:
        return Redirect(f"{way_to(signed)}/{preset_id}?done=active")
    except NotFound:  # by an earlier press, or by somebody else
        pass
    return Redirect(f"{way_to(signed)}?done=removed")


def _specs() -> list[Spec]:
    return [spec for specs in SECTIONS.values() for spec in specs if spec.name in _ASKED_OF_A_NEW_ONE]


def _values(preset: Preset) -> Values:
    return {name: said for spec in _specs() for name, said in spec.values(preset).items()}

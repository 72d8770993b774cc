"""A new campaign: its form, and what it would be like before it is started. Nothing is kept between the two: the second
page has all that was typed, and a key of its own, so that a button pressed twice starts one campaign."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from slotline.domain.dialing.barred import BarredRow
from slotline.domain.dialing.campaign_requests import INLINE, CampaignRequest
from slotline.domain.dialing.csv_tables import csv_rows
from slotline.domain.dialing.duplicates import DuplicatePolicy
from slotline.domain.dialing.numbers import Number
from slotline.domain.dialing.planning import LONGEST_INTERVAL_MINUTES, PlannedCall, Preflight
from slotline.domain.dialing.rows import Row
from slotline.domain.dialing.use_cases import UseCase
from slotline.domain.shared.errors import DomainError, InvalidRequest
from slotline.domain.shared.idempotency import IdempotencyKey
from slotline.pages.dialing.shown import LONGEST_NAME, Setting, is_whole, name_typed, out_of_range, said_by
from slotline.pages.fields import Field, Option
from slotline.pages.refusals import SAID, fault_text
from slotline.pages.rendering import Page
from slotline.pages.signed import SignedIn
from slotline.usecases.dialing.schedule_calls import Planned

SECTION = "campaigns"
FIELDS = ("name", "use_case_id", "number_id", "table", "interval", "retries", "duplicates", "skips", "language")
LARGEST = 5 * 1024 * 1024
"""Bytes of the form: Lambda takes 6 MB of event. Ten thousand rows with some columns are a tenth of that."""
SHOWN_ROWS = 50
SHOWN_STARTS = 10
MOST_RETRIES = 10
_NOTICED = timedelta(minutes=1)
_CHOICES = 100
"""Use cases and numbers that can be chosen among."""
_FIELD_OF = {"campaign_name": "name", "csv_file": "table", "calls": "table", "staggered_interval_minutes": "interval"}
"""The form's names of what the API's requests call otherwise."""


@dataclass(frozen=True, slots=True)
class NewCampaign:
    """What the form says."""

    signed: SignedIn

    def value(self, name: str) -> str:
        """A field as it was typed; the table whole."""
        values = self.signed.asked.form.get(name) or [self.signed.asked.query(name) or ""]
        return values[-1] if name == "table" else values[-1].strip()

    def to_request(self) -> CampaignRequest:
        """What the core is asked. Raises InvalidRequest for a name or a number that is none."""
        return CampaignRequest(
            organization_id=self.signed.app.organization_id,
            use_case_id=self.value("use_case_id"),
            number_id=self.value("number_id"),
            name=name_typed(Setting(self.signed).words, "name", self.value("name")),
            staggered_interval_minutes=self._whole("interval", LONGEST_INTERVAL_MINUTES),
            max_retries=self._whole("retries", MOST_RETRIES),
            duplicates=self._duplicates,
            skips_bad_rows=bool(self.value("skips")),
        )

    def rows(self) -> Iterator[Row]:
        """The rows of the table. Raises InvalidRequest if it cannot be read."""
        table = self.value("table")
        if not table.strip():
            raise InvalidRequest.of_field("table", Setting(self.signed).words.text("dialing", "empty_table"), SAID)
        return csv_rows([table.encode()], INLINE)

    def key(self, principal: str) -> IdempotencyKey:
        """What binds the pressing of the button to one campaign."""
        said = "\n".join(self.value(name) for name in FIELDS)
        return IdempotencyKey(
            principal=principal,
            route="POST /console/dialing/campaigns/new",
            key=self.value("key")[:100],
            fingerprint=hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest(),
        )

    @property
    def _duplicates(self) -> DuplicatePolicy:
        said = self.value("duplicates") or DuplicatePolicy.SKIP
        if said not in set(DuplicatePolicy):
            raise InvalidRequest.of_field(
                "duplicates", Setting(self.signed).words.text("dialing", "settings", "no_choice"), SAID
            )
        return DuplicatePolicy(said)

    def _whole(self, name: str, most: int) -> int:
        typed = self.value(name) or "0"
        if not is_whole(typed) or int(typed) > most:
            raise out_of_range(Setting(self.signed).words, name, 0, most)
        return int(typed)


def new_campaign_page(
    signed: SignedIn, use_cases: Sequence[UseCase], numbers: Sequence[Number], error: DomainError | None = None
) -> Page:
    """The form. `error`: why what was sent cannot be taken."""
    setting, form = Setting(signed), NewCampaign(signed)
    found = said_by(error, setting.words) if error else []
    errors = {_FIELD_OF.get(one["field"] or "", one["field"]): one["message"] for one in found if one["row"] is None}
    fields = {field.name: field for field in _fields(setting, form, use_cases, numbers, errors)}
    return signed.page(
        "dialing_new.html",
        SECTION,
        {
            "fields": fields,
            "errors": [one for one in found if one["row"] is not None or one["field"] not in _known(fields)],
            "has_choices": bool(use_cases and numbers),
            "ways": {
                "check": setting.to("campaigns", "new"),
                "list": setting.to("campaigns"),
                "use_cases": setting.to("use-cases"),
                "numbers": setting.to("numbers"),
            },
        },
        scripts=("table.js",),
        status=HTTPStatus.BAD_REQUEST if error else HTTPStatus.OK,
    )


def preflight_page(
    signed: SignedIn, planned: Planned, outlook: Preflight, barred: Sequence[BarredRow], key: str, now: datetime
) -> Page:
    """What the campaign would be like. `key`: of the button that starts it."""
    setting, form = Setting(signed), NewCampaign(signed)
    starts = zip(planned.calls, outlook.starts, strict=True)
    return signed.page(
        "dialing_preflight.html",
        SECTION,
        {
            "name": form.value("name"),
            "use_case": planned.use_case.name,
            "number": planned.number.name or planned.number.phone_number,
            "calls": outlook.calls,
            "refused": planned.refused,
            "skips": bool(form.value("skips")),
            "can_start": outlook.calls > 0 and (not planned.refused or bool(form.value("skips"))),
            "faults": [_fault(one) for one in said_by(InvalidRequest("", planned.faults), setting.words)][:SHOWN_ROWS]
            if planned.faults
            else [],
            "duplicates": [{"phone": one.e164, "times": one.times} for one in planned.duplicates.listed],
            "total_duplicates": planned.duplicates.total,
            "policy": (form.value("duplicates") or DuplicatePolicy.SKIP.value),
            "barred": [
                {"row": one.place.row, "phone": one.phone_number, "reason": one.reason} for one in barred[:SHOWN_ROWS]
            ],
            "total_barred": len(barred),
            "unfilled": list(planned.unfilled),
            "warnings": [fault_text(warning, setting.words) for warning in planned.warnings],
            "late": sum(_is_late(call, at) for call, at in zip(planned.calls, outlook.starts, strict=True)),
            "first": setting.at(outlook.first_at),
            "last": setting.at(outlook.last_at),
            "ends": setting.at(outlook.ends_at),
            "starts": [{"phone": call.request.e164, "at": setting.at(at)} for call, at in list(starts)[:SHOWN_STARTS]],
            "clock": setting.clock(now),
            "sent": [(name, form.value(name)) for name in FIELDS],
            "key": key,
            "ways": {"start": setting.to("campaigns", "new"), "list": setting.to("campaigns")},
        },
    )


def choices(found: Callable[[int], Sequence[Any]]) -> Sequence[Any]:
    """As many of them as can be chosen among."""
    return found(_CHOICES)


def _is_late(call: PlannedCall, at: datetime | None) -> bool:
    """Whether it starts later than it asked for by so much that somebody would ask why: a line is free in seconds."""
    return at is None or at - call.asked_at > _NOTICED


def _fault(one: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"row": one["row"], "field": one["field"], "message": one["message"]}


def _known(fields: Mapping[str, Field]) -> frozenset[str]:
    return frozenset({*fields, *_FIELD_OF})


def _fields(
    setting: Setting,
    form: NewCampaign,
    use_cases: Sequence[UseCase],
    numbers: Sequence[Number],
    errors: Mapping[str | None, str],
) -> Sequence[Field]:
    words = setting.words.words["dialing"]["new"]
    policy = form.value("duplicates") or DuplicatePolicy.SKIP.value

    def field(name: str, kind: str = "text", **more: Any) -> Field:
        more = {"value": form.value(name), **more}
        return Field(
            name=name, label=words[name], kind=kind, help=words.get(f"{name}_help"), error=errors.get(name), **more
        )

    cases = [_option(one.id, one.name, form.value("use_case_id")) for one in use_cases]
    from_numbers = [_option(one.id, one.name or one.phone_number, form.value("number_id")) for one in numbers]
    return [
        field("name", attributes={"maxlength": str(LONGEST_NAME)}),
        field("use_case_id", "select", required=True, options=cases),
        field("number_id", "select", required=True, options=from_numbers),
        field("table", "area", required=True, attributes={"rows": "8", "spellcheck": "false"}),
        field("interval", "number", value=form.value("interval") or "0", attributes=_range(LONGEST_INTERVAL_MINUTES)),
        field("retries", "number", value=form.value("retries") or "0", attributes=_range(MOST_RETRIES)),
        field(
            "duplicates",
            "select",
            is_one_of=True,
            options=[_option(one.value, words["policies"][one.value], policy) for one in DuplicatePolicy],
        ),
    ]


def _range(most: int) -> Mapping[str, str]:
    return {"min": "0", "max": str(most), "inputmode": "numeric"}


def _option(value: str, label: str, chosen: str) -> Option:
    return Option(value=value, label=label, is_chosen=value == chosen)

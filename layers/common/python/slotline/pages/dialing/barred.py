"""Whom the organization does not call: the list, with room for more numbers."""

from collections.abc import Sequence
from datetime import datetime
from http import HTTPStatus

from slotline.domain.dialing.do_not_call import DoNotCallEntry
from slotline.domain.shared.errors import DomainError, InvalidRequest
from slotline.domain.shared.names import check_prose
from slotline.domain.shared.paging import Listed
from slotline.domain.shared.phones import to_e164
from slotline.pages.dialing.shown import Setting, out_of_range, said_by, too_long
from slotline.pages.fields import Field
from slotline.pages.refusals import SAID, fault_text
from slotline.pages.rendering import Page
from slotline.pages.signed import SignedIn

SECTION = "do_not_call"
PAGE = 50
MOST_ADDED = 1_000
LONGEST_REASON = 200


def numbers_typed(signed: SignedIn) -> Sequence[str]:
    """The numbers that were typed, one a line, in E.164. Raises InvalidRequest, which says which line is none."""
    lines = [line.strip() for line in signed.asked.field("numbers").splitlines() if line.strip()]
    if not lines or len(lines) > MOST_ADDED:
        raise out_of_range(Setting(signed).words, "numbers", 1, MOST_ADDED)
    found = []
    for line in lines:
        try:
            found.append(to_e164(line, "numbers"))
        except InvalidRequest as error:
            why = fault_text(error.details[0], Setting(signed).words)
            raise InvalidRequest.of_field("numbers", f"{line[:40]}: {why}", SAID) from error
    return found


def reason_typed(signed: SignedIn) -> str | None:
    """Why they are not to be called, if that was said. Raises InvalidRequest."""
    reason = signed.asked.field("reason")
    if len(reason) > LONGEST_REASON:
        raise too_long(Setting(signed).words, "reason", LONGEST_REASON)
    check_prose(reason)
    return reason or None


def barred_page(
    signed: SignedIn, found: Listed[DoNotCallEntry], total: int | None, now: datetime, error: DomainError | None = None
) -> Page:
    """A page of the list. `error`: why what was typed cannot be put on it."""
    setting, asked = Setting(signed), signed.asked
    words = setting.words.words["dialing"]["barred"]
    said = said_by(error, setting.words) if error else []
    errors = {one["field"]: one["message"] for one in said if one["field"]}
    return signed.page(
        "dialing_barred.html",
        SECTION,
        {
            "entries": [
                {"phone": one.e164, "reason": one.reason, "listed": setting.at(one.listed_at)} for one in found.rows
            ],
            "total": total,
            "clock": setting.clock(now),
            "done": setting.done(),
            "error": said[0]["message"] if said and not errors else None,
            "numbers": Field(
                name="numbers",
                label=words["numbers"],
                help=words["numbers_help"],
                kind="area",
                required=True,
                value=asked.field("numbers"),
                error=errors.get("numbers"),
                attributes={"inputmode": "tel", "spellcheck": "false"},
            ),
            "reason": Field(
                name="reason",
                label=words["reason"],
                value=asked.field("reason"),
                error=errors.get("reason"),
                attributes={"maxlength": str(LONGEST_REASON)},
            ),
            "ways": {
                "add": setting.to("do-not-call"),
                "remove": setting.to("do-not-call", "remove"),
                "first": setting.to("do-not-call") if asked.query("after") else None,
                "next": setting.to("do-not-call", after=found.next) if found.next else None,
            },
        },
        status=HTTPStatus.BAD_REQUEST if error else HTTPStatus.OK,
    )

"""What an invitation says of a call. Whoever was invited is told again as soon as that is not true any more.

A change is compared by facts: which of them differ, and which a channel mentions. Whatever changes a call ends here, so
nobody who writes a new way to change one has to think of mails.

The calendar entries of a call have one number, `calendar_sequence`, which rises with every fact (SEQUENCE, RFC 5545
§3.8.7.4). It is a part of the call and commits with the change, so a message that is sent twice has the same one.
"""

from enum import StrEnum

from slotline.domain.booking.calls import Call, CallStatus, Guest
from slotline.domain.booking.reminders import Channel, News


class Fact(StrEnum):
    """Something that an invitation says. `wall_time`: the hour that its reader reads, by their zone and its rules.

    `link`: the guest's own, which ends with a correction of the address or the number, whichever of them it came by.
    """

    START = "start"
    LENGTH = "length"
    WALL_TIME = "wall_time"
    STATUS = "status"
    NAME = "name"
    AGENT = "agent"
    CONTACT = "contact"
    LINK = "link"


SAID_OVER = {
    Channel.EMAIL: frozenset(Fact) - {Fact.CONTACT},
    Channel.WHATSAPP: frozenset({Fact.START, Fact.WALL_TIME, Fact.STATUS, Fact.NAME, Fact.LINK}),
    Channel.SMS: frozenset({Fact.START, Fact.WALL_TIME, Fact.STATUS, Fact.LINK}),
    Channel.GENESYS: frozenset({Fact.START, Fact.LENGTH, Fact.WALL_TIME, Fact.STATUS, Fact.NAME}),
}
"""What each channel says to the guest (`slotline.words`). Notes and answers are in no invitation to them."""

SAID_TO_AGENT = frozenset({Fact.START, Fact.LENGTH, Fact.STATUS, Fact.NAME, Fact.CONTACT})
"""What an agent's calendar must have right. It has notes and answers too, which are no reason to send it again."""

_OPEN = frozenset({CallStatus.SCHEDULED, CallStatus.PENDING_CONFIRMATION, CallStatus.CONFIRMED})


def what_changed(before: Call, after: Call) -> frozenset[Fact]:
    """The facts that a change of a call makes another."""
    differ = {
        Fact.START: before.scheduled_at != after.scheduled_at,
        Fact.LENGTH: before.duration_minutes != after.duration_minutes,
        Fact.WALL_TIME: _reads_another_hour(before, after),
        Fact.STATUS: _has_another_standing(before.status, after.status),
        Fact.NAME: before.guest.name != after.guest.name,
        Fact.AGENT: before.assigned_agent_id != after.assigned_agent_id,
        Fact.CONTACT: _contact(before.guest) != _contact(after.guest),
        Fact.LINK: before.contact_epoch != after.contact_epoch,
    }
    return frozenset(fact for fact, differs in differ.items() if differs)


def news_of(changed: frozenset[Fact], after: Call) -> News:
    """What an invitation that is sent again tells first of the facts that changed."""
    if Fact.START in changed:
        return News.MOVED
    if Fact.STATUS in changed and after.status is CallStatus.CONFIRMED:
        return News.CONFIRMED
    return News.CHANGED


def left_address(before: Call, after: Call) -> str | None:
    """The address that a correction leaves behind, if it is another mailbox: the call is no business of it any more."""
    old, new = before.guest.email, after.guest.email
    return old if old and old.casefold() != (new or "").casefold() else None


def next_sequence(before: Call, after: Call) -> int | None:
    """The number of the calendar entries after a change; None: as before the change, and not known.

    What a release wrote that did not count them was mailed with the call's revision, which is never below the number:
    from there it goes on. If an address is left behind, its entry is withdrawn with the number before the new one's:
    a mailbox that gets both keeps the entry, whichever comes first.
    """
    left = left_address(before, after)
    if left is None and not what_changed(before, after):
        return before.calendar_sequence
    return sequence_of(before) + (1 if left is None else 2)


def sequence_of(call: Call) -> int:
    """The number that the call's calendar entries have now."""
    return call.revision if call.calendar_sequence is None else call.calendar_sequence


def _reads_another_hour(before: Call, after: Call) -> bool:
    """Their zone is another one, or its rules are, by what was promised (the start itself is another fact)."""
    if _zone(before) != _zone(after):
        return True
    if before.promised is None or after.promised is None or before.scheduled_at != after.scheduled_at:
        return False
    return (before.promised.guest_time or before.promised.app_time) != (
        after.promised.guest_time or after.promised.app_time
    )


def _zone(call: Call) -> str:
    return call.guest.timezone or call.app_timezone


def _has_another_standing(before: CallStatus, after: CallStatus) -> bool:
    """That a call began, was undone or took place is no news to whoever was there."""
    if after is not CallStatus.CANCELLED and not {before, after} <= _OPEN:
        return False
    return before is not after


def _contact(guest: Guest) -> tuple[str | None, str | None]:
    return guest.phone_e164, guest.email

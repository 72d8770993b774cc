"""The fields of a guest, as people who book for others fill them in: the booking page's form, in other words."""

from collections.abc import Mapping

from slotline.domain.booking.calls import Call
from slotline.pages.booking.guest_form import Values
from slotline.words.catalogue import Catalogue

CONTACT = ("name", "email", "phone", "notes")


def for_others(texts: Catalogue) -> Catalogue:
    """The catalogue with what the form says to somebody who is not the guest."""
    words = texts.words
    own: Mapping[str, Mapping[str, object]] = words["for_others"]
    return Catalogue(texts.language, {**words, **{table: {**words[table], **own[table]} for table in own}})


def values_of_call(call: Call) -> Values:
    """What the form begins with: the guest as they are."""
    guest = call.guest
    found = {"name": guest.name, "email": guest.email, "phone": guest.phone, "notes": guest.intake_notes}
    return {name: [value] for name, value in found.items() if value}

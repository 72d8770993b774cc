"""What guests read behind their links."""

from functools import cache

from slotline.channels.guest_words import CatalogueGuestWords
from slotline.ports.messages import GuestWords
from slotline.settings import ChannelSettings


@cache
def words() -> GuestWords:
    """Calendar files, in the guest's language."""
    return CatalogueGuestWords(ChannelSettings.from_environment().email_sender)

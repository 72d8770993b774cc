"""The channels that this deployment has set up."""

from slotline.domain.reminders import Channel
from slotline.ports import Messenger


def messenger(channel: Channel) -> Messenger | None:
    """The channel's messenger; None where it is not set up."""
    del channel
    return None

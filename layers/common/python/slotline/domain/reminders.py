"""What is told to people about their calls, and over which channels."""

from enum import StrEnum


class ReminderKind(StrEnum):
    """What a message is about. A preset lists which kinds go over which channels."""

    INVITATION = "invitation"
    REMINDER_24H = "reminder_24h"
    REMINDER_1H = "reminder_1h"
    REMINDER_15M = "reminder_15m"
    CANCELLATION = "cancellation"
    CONFLICT_NOTICE = "conflict_notice"
    REMINDER_CUSTOM = "reminder_custom"


class Channel(StrEnum):
    """How a message goes out."""

    WHATSAPP = "whatsapp"
    SMS = "sms"
    EMAIL = "email"
    GENESYS = "genesys"

"""A link on its way to somebody who is to choose a password."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class WayInMessage:
    """What is sent by e-mail. `is_invitation`: the reader chose none before; `sender_name`: their organization's."""

    recipient: str = field(repr=False)
    reader: str
    language: str
    sender_name: str
    is_invitation: bool
    url: str = field(repr=False)
    hours: int
    """How long the link is good for."""

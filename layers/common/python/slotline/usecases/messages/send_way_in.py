"""A mail with a way in is to be sent: make the link, keep its hash, and hand it over.

Only here is it seen whether the address has an account. Nobody hears what became of it: whoever asked was answered.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from slotline.domain.access.identity import secret_hash
from slotline.domain.access.users import UserStatus
from slotline.domain.access.ways_in import LIFE, PREFIX, WayIn, is_let_in
from slotline.domain.messages.way_in_message import WayInMessage
from slotline.domain.shared.due import Due
from slotline.ports.access import Users, WaysIn
from slotline.ports.messages import MessageRefused, WayInMessenger
from slotline.ports.shared import Clock
from slotline.usecases.messages.send_code import CodeOutcome

PRODUCT = "Slotline"
"""What mails of an organization without a name are from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SendWayIn:
    """Sends links. `messenger`: None if this deployment sends no e-mail. `base_url`: of the pages."""

    ways: WaysIn
    users: Users
    messenger: Callable[[], WayInMessenger | None]
    new_secret: Callable[[str], str]
    base_url: str
    clock: Clock

    def __call__(self, due: Due) -> CodeOutcome | None:
        """What became of it; None if there was nothing to send.

        Raises MessengerBusyError or StoreBusyError: its wake-up comes again, and makes another link.
        """
        asked, now = self.ways.due(due), self.clock.now()
        user = self.users.by_email(asked.email) if asked and now < asked.expires_at else None
        if asked is None or user is None or not is_let_in(user):
            return None
        messenger = self.messenger()
        if messenger is None:
            return CodeOutcome.NOT_SET_UP
        token = self.new_secret(PREFIX)
        message = WayInMessage(
            recipient=user.email,
            reader=user.name,
            language=user.language or asked.language,
            sender_name=self.users.organization(user.organization_id).name or PRODUCT,
            is_invitation=user.status is UserStatus.INVITED,
            url=f"{self.base_url}/password/{token}",
            hours=LIFE // timedelta(hours=1),
        )
        expires_at = now + LIFE
        self.ways.keep(
            WayIn(token_hash=secret_hash(token), user_id=user.user_id, epoch=user.session_epoch, expires_at=expires_at)
        )
        try:
            messenger.send_way_in(message)
        except MessageRefused:
            return CodeOutcome.REFUSED
        self.ways.was_sent(asked, now)
        return CodeOutcome.SENT

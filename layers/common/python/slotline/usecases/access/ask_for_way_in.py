"""Ask for a mail with a link by which its reader chooses a password. No account is looked at, so none is given away."""

from dataclasses import dataclass

from slotline.domain.access.sign_in import Arrival
from slotline.domain.access.ways_in import ASKED_FROM_A_NETWORK, ASKED_TO, AskedWayIn
from slotline.domain.shared.errors import RateLimited
from slotline.ports.access import Rates, WaysIn
from slotline.ports.shared import Clock, Ids, QueueBusyError, Queues, StoreBusyError


@dataclass(frozen=True, slots=True, kw_only=True)
class AskForWayIn:
    """Has mails sent."""

    ways: WaysIn
    queues: Queues
    rates: Rates
    clock: Clock
    ids: Ids

    def __call__(self, email: str, language: str, arrival: Arrival) -> None:
        """Have one sent, if the address has not been sent too many. Raises RateLimited for the network, or
        StoreBusyError."""
        now = self.clock.now()
        state = self.rates.count(f"way-in-from-{arrival.network}", dict(ASKED_FROM_A_NETWORK), now)
        if not state.allowed:
            raise RateLimited("Too many mails. Try again later.", retry_after_seconds=state.retry_after_seconds)
        asked = AskedWayIn(id=self.ids.new(), email=email, language=language, created_at=now)
        if self.rates.count(asked.counted_as, dict(ASKED_TO), now).allowed:
            self.send(asked)

    def count(self, asked: AskedWayIn) -> None:
        """Count a mail that somebody who signed in has sent. Raises RateLimited if its address was sent too many."""
        state = self.rates.count(asked.counted_as, dict(ASKED_TO), self.clock.now())
        if not state.allowed:
            message = "This address was sent too many mails. Try again later."
            raise RateLimited(message, retry_after_seconds=state.retry_after_seconds)

    def send(self, asked: AskedWayIn) -> None:
        """Have this one sent, which was counted. Raises StoreBusyError."""
        due = self.ways.ask(asked)
        try:
            self.queues.send([due], self.clock.now())
        except QueueBusyError as error:
            raise StoreBusyError("the mail may not be on its way") from error

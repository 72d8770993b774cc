"""Sign somebody out: this session is over, whoever has its cookie."""

from dataclasses import dataclass

from slotline.domain.access.sign_in import Arrival
from slotline.domain.access.visits import Visit
from slotline.ports.access import Sessions
from slotline.usecases.access.begin_session import BeginSession


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOut:
    """Ends the session of a visit."""

    sessions: Sessions
    begin: BeginSession

    def __call__(self, visit: Visit, arrival: Arrival) -> None:
        """End it. Raises StoreBusyError."""
        entry = self.begin.entry(visit.user, arrival, "user.signed_out", by=visit.user)
        self.sessions.end(visit.key.user_id, visit.key.session_hash, entry)

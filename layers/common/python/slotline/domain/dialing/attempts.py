"""Attempts at calls."""

from dataclasses import dataclass, replace
from datetime import datetime

from slotline.domain.dialing.numbers import CarrierName
from slotline.domain.dialing.statuses import DialStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class DialAttempt:
    """One try to reach somebody: the phone rings at most once for it.

    `number` counts the attempts of a call from 1. `carrier_call_id` is the carrier's own name of the call, known once
    the carrier has answered. `lookups`: how often the carrier was asked what became of it. `reason`: why it ended, in a
    word, where its status does not say it. `claim_id`: who claimed it, so that two who claim it at the same moment do
    not write the same; None in attempts from before claims had ids.
    """

    call_id: str
    number: int
    status: DialStatus
    carrier: CarrierName
    claimed_at: datetime
    updated_at: datetime
    claim_id: str | None = None
    carrier_call_id: str | None = None
    answered_by: str | None = None
    ended_at: datetime | None = None
    lookups: int = 0
    reason: str | None = None

    def is_claim_of(self, claimed: "DialAttempt") -> bool:
        """True if it is the attempt that this claimer claimed, however it went on. Rows keep milliseconds only."""
        return self.number == claimed.number and self.claim_id == claimed.claim_id

    def is_known_as(self, carrier_call_id: str | None) -> bool:
        """Whether what is said of the carrier's call with this id can be about this attempt.

        Until it has an id of its own any may be it; and what is said without one is said of the attempt itself.
        """
        return carrier_call_id is None or self.carrier_call_id in (None, carrier_call_id)

    def reported(
        self, status: DialStatus, at: datetime, *, carrier_call_id: str | None = None, answered_by: str | None = None
    ) -> "DialAttempt":
        """The attempt after a report; itself, equal in all, where the report says nothing new."""
        after = self.status.after(status)
        known = replace(
            self,
            status=after,
            carrier_call_id=self.carrier_call_id or carrier_call_id,
            answered_by=self.answered_by or answered_by,
            ended_at=self.ended_at or (at if after.is_final else None),
        )
        return self if known == self else replace(known, updated_at=max(at, self.updated_at))

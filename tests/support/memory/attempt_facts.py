"""What an attempt is decided by, from the other ports in memory."""

from dataclasses import dataclass
from typing import Protocol

from slotline.domain.dialing.attempted_calls import AttemptedCall
from slotline.domain.dialing.attempts import DialAttempt
from slotline.domain.dialing.calls import DialCall
from slotline.domain.dialing.numbers import Number
from slotline.domain.dialing.rulings import Facts
from slotline.domain.dialing.use_cases import UseCase
from slotline.ports.dialing import DialCalls, KeptCampaigns, KeptPace, NumberGrants, Numbers, Paces, UseCases
from slotline.usecases.dialing.granted_numbers import FindNumber


class Listing(Protocol):
    """A do-not-call list, asked about one number."""

    def is_listed(self, organization_id: str, e164: str) -> bool:
        """Whether it is on the list now."""
        ...


@dataclass
class MemoryAttemptFacts:
    """`AttemptFacts` in memory."""

    dials: DialCalls
    campaigns: KeptCampaigns
    use_cases: UseCases
    numbers: Numbers
    grants: NumberGrants
    do_not_call: Listing
    paces: Paces

    def before_claim(self, call: DialCall) -> tuple[Facts, KeptPace]:
        """Read one after the other."""
        facts = self._facts(call)
        return facts, self.paces.read(facts.number.phone_number if facts.number else call.calls_from)

    def before_start(self, call: DialCall, attempt: int) -> tuple[Facts, AttemptedCall | None]:
        """The call, then what rules over it."""
        there, attempts = self.dials.get(call.organization_id, call.id) or (None, ())
        claimed = next((one for one in attempts if one.number == attempt), None)
        attempted = AttemptedCall(call=there, attempt=claimed) if there and claimed else None
        return self._facts(call), attempted

    def before_lookup(self, call: DialCall) -> tuple[DialAttempt | None, UseCase | None, Number | None]:
        """Read one after the other."""
        return (
            self.dials.attempt(call.organization_id, call.id, call.last_attempt),
            self.use_cases.get(call.organization_id, call.use_case_id),
            self.numbers.get(call.organization_id, call.number_id),
        )

    def _facts(self, call: DialCall) -> Facts:
        organization_id = call.organization_id
        number, is_granted = FindNumber(numbers=self.numbers, grants=self.grants)(organization_id, call.number_id)
        return Facts(
            campaign=self.campaigns.get(organization_id, call.campaign_id) if call.campaign_id else None,
            use_case=self.use_cases.get(organization_id, call.use_case_id),
            number=number,
            is_granted=is_granted,
            is_listed=self.do_not_call.is_listed(organization_id, call.e164),
        )

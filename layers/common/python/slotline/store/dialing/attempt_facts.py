"""What an attempt is decided by, in one BatchGetItem across both tables.

The grant and the pace of a call's number are kept by the number itself, and the call has a copy of that. Only if the
copy is not what the number's row says, or if the number was added twice, is a second request needed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from slotline.domain.dialing.attempted_calls import AttemptedCall
from slotline.domain.dialing.attempts import DialAttempt
from slotline.domain.dialing.calls import DialCall
from slotline.domain.dialing.numbers import Number, counted_as, is_granted
from slotline.domain.dialing.rulings import Facts
from slotline.domain.dialing.use_cases import UseCase
from slotline.ports.dialing import KeptPace
from slotline.store.dialing.campaigns import campaign_from_item
from slotline.store.dialing.do_not_call import places_of
from slotline.store.dialing.grants import grant_from_item
from slotline.store.dialing.items import attempt_from_item, dial_call_from_item
from slotline.store.dialing.paces import kept_pace
from slotline.store.dialing.settings import number_from_item, use_case_from_item
from slotline.store.dynamodb import keys
from slotline.store.dynamodb.client import DynamoDBClient
from slotline.store.dynamodb.rows import Key, Rows, get_rows, row_of


@dataclass(frozen=True, slots=True)
class DynamoAttemptFacts:
    """`AttemptFacts` on DialingTable and AccessTable."""

    client: DynamoDBClient
    dialing_table: str
    access_table: str

    def before_claim(self, call: DialCall) -> tuple[Facts, KeptPace]:
        """One consistent BatchGetItem."""
        rows = self._rows(_ruling_over(call), [keys.number_grant(call.calls_from), keys.pace(call.calls_from)])
        if (e164 := _other_number(call, rows)) is not None:
            rows |= self._rows([], [keys.number_grant(e164), keys.pace(e164)])
        pace = row_of(rows, keys.pace(call.calls_from if e164 is None else e164))
        return self._facts(call, rows), kept_pace(pace)

    def before_start(self, call: DialCall, attempt: int) -> tuple[Facts, AttemptedCall | None]:
        """One consistent BatchGetItem."""
        own = keys.dial_call(call.organization_id, call.id)
        claim = keys.dial_attempt(call.organization_id, call.id, attempt)
        rows = self._rows([own, claim, *_ruling_over(call)], [keys.number_grant(call.calls_from)])
        if (e164 := _other_number(call, rows)) is not None:
            rows |= self._rows([], [keys.number_grant(e164)])
        there, claimed = row_of(rows, own), row_of(rows, claim)
        attempted = (
            AttemptedCall(call=dial_call_from_item(there), attempt=attempt_from_item(claimed))
            if there and claimed
            else None
        )
        return self._facts(call, rows), attempted

    def before_lookup(self, call: DialCall) -> tuple[DialAttempt | None, UseCase | None, Number | None]:
        """One consistent BatchGetItem."""
        last = keys.dial_attempt(call.organization_id, call.id, call.last_attempt)
        rows = self._rows([last, _use_case_of(call), _number_of(call)], [])
        attempt, use_case = row_of(rows, last), row_of(rows, _use_case_of(call))
        return (
            attempt_from_item(attempt) if attempt else None,
            use_case_from_item(use_case) if use_case else None,
            _number_in(rows, _number_of(call)),
        )

    def _facts(self, call: DialCall, rows: Rows) -> Facts:
        """What the rows say. One more GetItem if the grant names another row of the number."""
        number = _number_in(rows, _number_of(call))
        kept = row_of(rows, keys.number_grant(number.phone_number)) if number else None
        grant = grant_from_item(kept) if kept else None
        if number and (counts := counted_as(number, grant)) != number.id:
            other = keys.number(call.organization_id, counts)
            number = _number_in(self._rows([other], []), other) or number
        campaign = row_of(rows, keys.campaign(call.organization_id, call.campaign_id)) if call.campaign_id else None
        use_case = row_of(rows, _use_case_of(call))
        listed = places_of(call.organization_id, call.e164)
        return Facts(
            campaign=campaign_from_item(campaign) if campaign else None,
            use_case=use_case_from_item(use_case) if use_case else None,
            number=number,
            is_granted=number is not None and is_granted(number, grant),
            is_listed=any(row_of(rows, place) for place in listed),
        )

    def _rows(self, dialing: Sequence[Key], access: Sequence[Key]) -> Rows:
        wanted = {self.dialing_table: dialing, self.access_table: access}
        return get_rows(self.client, {table: places for table, places in wanted.items() if places})


def _ruling_over(call: DialCall) -> list[Key]:
    """What rules over a call in its organization's own partition."""
    campaign = [keys.campaign(call.organization_id, call.campaign_id)] if call.campaign_id else []
    return [*campaign, _use_case_of(call), _number_of(call), *places_of(call.organization_id, call.e164)]


def _other_number(call: DialCall, rows: Rows) -> str | None:
    """The number to call from, if it is not the one that the call was planned with."""
    number = _number_in(rows, _number_of(call))
    return number.phone_number if number and number.phone_number != call.calls_from else None


def _number_in(rows: Rows, place: Key) -> Number | None:
    row = row_of(rows, place)
    return number_from_item(row) if row else None


def _use_case_of(call: DialCall) -> Key:
    return keys.use_case(call.organization_id, call.use_case_id)


def _number_of(call: DialCall) -> Key:
    return keys.number(call.organization_id, call.number_id)

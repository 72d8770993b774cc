"""What an attempt is decided by is read at once, and all of it is as it is now."""

from dataclasses import replace

import pytest

from slotline.domain.dialing.attempted_calls import AttemptedCall
from slotline.domain.dialing.calls import DialCall
from slotline.domain.dialing.campaigns import CampaignState
from slotline.domain.dialing.do_not_call import DoNotCallEntry
from slotline.domain.dialing.numbers import CarrierName, Number
from slotline.domain.dialing.pace import Pace
from slotline.domain.dialing.rulings import Facts
from slotline.ports.dialing import DialWrite, KeptPace
from tests.contract.conftest import Backend
from tests.support.builders.apps import NOW
from tests.support.builders.dialing import MONDAY, a_campaign, a_dial_call, a_grant, a_number, a_use_case

CALL = a_dial_call(campaign_id="campaign")
CAMPAIGN = a_campaign(CampaignState.RUNNING)
NOTHING = Facts(campaign=None, use_case=None, number=None, is_granted=False, is_listed=False)
ALL = Facts(campaign=CAMPAIGN, use_case=a_use_case(), number=a_number(), is_granted=True, is_listed=False)
PACE = Pace(free_at=MONDAY)


@pytest.fixture
def arranged(backend: Backend) -> Backend:
    """A call that may be dialled, with all that rules over it."""
    backend.campaigns.open(CAMPAIGN)
    backend.use_cases.add(a_use_case(), None)
    add(backend, a_number())
    backend.dials.add([CALL])
    return backend


def add(backend: Backend, number: Number) -> None:
    """A number that is granted to its organization and has given out something."""
    grant = a_grant(phone_number=number.phone_number)
    backend.grants.put(grant)
    backend.grants.add_number(number, grant, None)
    backend.paces.write(number.phone_number, KeptPace(pace=PACE, version=0))


def claim(backend: Backend, call: DialCall = CALL) -> AttemptedCall:
    claimed = AttemptedCall.claimed(call, CarrierName.TWILIO, "claim-1", MONDAY)
    backend.dials.write(DialWrite(call=claimed.call, replaces=call.revision, claims=claimed.attempt))
    return claimed


def test_what_rules_over_a_call_comes_with_what_its_number_has_given_out(arranged: Backend):
    assert arranged.attempt_facts.before_claim(CALL) == (ALL, KeptPace(pace=PACE, version=1))


def test_of_a_call_that_nothing_rules_over_nothing_is_found(backend: Backend):
    assert backend.attempt_facts.before_claim(CALL) == (NOTHING, KeptPace(pace=Pace(), version=0))
    assert backend.attempt_facts.before_start(CALL, 1) == (NOTHING, None)
    assert backend.attempt_facts.before_lookup(CALL) == (None, None, None)


def test_a_call_outside_campaigns_has_none(arranged: Backend):
    facts, _ = arranged.attempt_facts.before_claim(a_dial_call())
    assert facts == replace(ALL, campaign=None)


def test_before_its_start_the_call_and_the_claim_are_read_with_what_rules_over_them(arranged: Backend):
    claimed = claim(arranged)
    assert arranged.attempt_facts.before_start(CALL, 1) == (ALL, claimed)
    assert arranged.attempt_facts.before_start(CALL, 2) == (ALL, None), "nobody has claimed that one"


def test_a_call_that_was_called_off_after_its_claim_is_read_as_it_is_then(arranged: Backend):
    claimed = claim(arranged).call
    off = claimed.called_off(NOW)
    arranged.dials.write(DialWrite(call=off, replaces=claimed.revision))
    _, there = arranged.attempt_facts.before_start(CALL, 1)
    assert there
    assert there.call == off


def test_a_revoked_number_is_there_and_not_granted(arranged: Backend):
    there = arranged.grants.get(a_number().phone_number)
    assert there
    arranged.grants.put(there.revoked(NOW))
    assert arranged.attempt_facts.before_claim(CALL)[0] == replace(ALL, is_granted=False)
    assert arranged.attempt_facts.before_start(CALL, 1)[0] == replace(ALL, is_granted=False)


def test_a_number_from_before_numbers_were_granted_may_be_called_from(backend: Backend):
    backend.numbers.add(a_number(), None)
    assert backend.attempt_facts.before_claim(CALL)[0] == replace(NOTHING, number=a_number(), is_granted=True)


def test_a_number_that_was_added_twice_goes_by_the_row_that_its_grant_names(arranged: Backend):
    arranged.numbers.add(a_number(id="double", lines=500), None)
    call = replace(CALL, number_id="double")
    assert arranged.attempt_facts.before_claim(call) == (ALL, KeptPace(pace=PACE, version=1))
    assert arranged.attempt_facts.before_start(call, 1)[0] == ALL
    arranged.numbers.remove("org", "number")
    assert arranged.attempt_facts.before_claim(call)[0].number == a_number(id="double", lines=500), "all there is"


@pytest.mark.parametrize("copied", ["+12025550199", ""], ids=["another number", "none, in a row from before"])
def test_the_number_itself_counts_and_not_the_copy_of_it_in_the_call(arranged: Backend, copied: str):
    call = replace(CALL, metadata={"from": copied} if copied else {})
    arranged.grants.put(a_grant("other", phone_number="+12025550199"))
    assert arranged.attempt_facts.before_claim(call) == (ALL, KeptPace(pace=PACE, version=1))
    assert arranged.attempt_facts.before_start(call, 1)[0] == ALL


@pytest.mark.parametrize("listed", ["+442079460960", "+4402079460960"], ids=["as compared", "with its trunk prefix"])
def test_a_number_is_listed_in_whatever_form_rows_have_it(arranged: Backend, listed: str):
    arranged.do_not_call.add("org", [DoNotCallEntry(e164=listed, listed_at=NOW)])
    arranged.do_not_call.add("other", [DoNotCallEntry(e164=CALL.e164, listed_at=NOW)])
    call = replace(CALL, e164="+442079460960")
    assert arranged.attempt_facts.before_claim(call)[0] == replace(ALL, is_listed=True)
    assert arranged.attempt_facts.before_start(call, 1)[0] == replace(ALL, is_listed=True)
    assert arranged.attempt_facts.before_claim(CALL)[0] == ALL, "another organization's list says nothing"


def test_a_carrier_is_asked_about_the_last_attempt_by_the_number_that_it_was_made_from(arranged: Backend):
    claimed = claim(arranged)
    assert arranged.attempt_facts.before_lookup(claimed.call) == (claimed.attempt, a_use_case(), a_number())

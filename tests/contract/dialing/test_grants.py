"""One grant a number, and one number a grant, on both backends."""

from dataclasses import replace

import pytest

from slotline.ports.shared import AlreadyAnswered, AlreadyWritten, RaceLost
from tests.contract.conftest import Backend
from tests.contract.shared.test_busy import RECEIPT
from tests.support.builders.apps import NOW
from tests.support.builders.dialing import a_grant, a_number

GRANT = a_grant()
E164 = GRANT.phone_number


def test_a_grant_reads_back_as_it_was_kept(backend: Backend):
    assert backend.grants.get(E164) is None
    backend.grants.put(GRANT)
    assert backend.grants.get(E164) == GRANT
    revoked = GRANT.revoked(NOW)
    backend.grants.put(revoked)
    assert backend.grants.get(E164) == revoked
    assert (revoked.organization_id, revoked.revoked_from) == (None, "org")


def test_only_the_grant_that_was_seen_is_changed(backend: Backend):
    backend.grants.put(GRANT)
    for stale in (GRANT, replace(GRANT, organization_id="other"), replace(GRANT.revoked(NOW), revision=3)):
        with pytest.raises(RaceLost):
            backend.grants.put(stale)
    assert backend.grants.get(E164) == GRANT


def test_a_number_comes_with_its_grant_and_its_answer_or_not_at_all(backend: Backend):
    backend.grants.put(GRANT)
    backend.grants.add_number(a_number(), GRANT, RECEIPT)
    assert backend.numbers.get("org", "number") == a_number()
    assert backend.grants.get(E164) == GRANT.added(a_number())
    assert backend.receipts.find(RECEIPT.key) == RECEIPT
    with pytest.raises(AlreadyAnswered):
        backend.grants.add_number(a_number(id="second"), GRANT.added(a_number()), RECEIPT)
    assert backend.numbers.get("org", "second") is None


def test_nobody_adds_by_a_grant_that_has_changed_since(backend: Backend):
    backend.grants.put(GRANT)
    backend.grants.put(GRANT.revoked(NOW))
    with pytest.raises(RaceLost):
        backend.grants.add_number(a_number(), GRANT, RECEIPT)
    assert backend.numbers.get("org", "number") is None
    assert backend.receipts.find(RECEIPT.key) is None


def test_of_two_who_add_by_the_same_grant_one_goes_first(backend: Backend):
    backend.grants.put(GRANT)
    backend.grants.add_number(a_number(), GRANT, None)
    with pytest.raises(RaceLost):
        backend.grants.add_number(a_number(id="second"), GRANT, None)
    with pytest.raises(AlreadyWritten):
        backend.grants.add_number(a_number(), GRANT.added(a_number()), None)

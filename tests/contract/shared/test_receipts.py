"""Receipts apart from any transaction: the first answer stays, until its day is over."""

from dataclasses import replace
from typing import Any

import pytest

from slotline.domain.booking.call_json import answer_of, call_of_answer
from slotline.domain.shared.idempotency import Receipt
from slotline.store.dynamodb import parts
from slotline.store.dynamodb.client import to_values
from slotline.store.shared.receipts import DynamoReceipts
from tests.contract.conftest import Backend
from tests.support.builders.apps import NOW, SetClock
from tests.support.builders.bookings import a_call, a_key, write_call

FIRST = Receipt(key=a_key(), result={"results": [{"id": "1", "error": None}, {"id": "2", "count": 3}]}, answered_at=NOW)


def test_a_key_that_nobody_used_has_no_answer(backend: Backend) -> None:
    assert backend.receipts.find(a_key()) is None


def test_an_answer_that_was_kept_is_found_with_the_body_it_was_given_to(backend: Backend) -> None:
    backend.receipts.keep(FIRST)
    assert backend.receipts.find(a_key()) == FIRST
    assert backend.receipts.find(a_key(fingerprint="body-2")) == FIRST


@pytest.mark.parametrize("other", [{"key": "key-2"}, {"principal": "client-2"}, {"route": "POST /other"}])
def test_an_answer_is_found_by_nobody_outside_its_scope(backend: Backend, other: dict[str, str]) -> None:
    backend.receipts.keep(FIRST)
    assert backend.receipts.find(a_key(**other)) is None


def test_the_first_answer_stays_and_who_keeps_one_knows_whose_it_is(backend: Backend) -> None:
    assert backend.receipts.keep(FIRST)
    assert not backend.receipts.keep(replace(FIRST, result={"results": []}))
    assert not backend.receipts.keep(FIRST)
    assert backend.receipts.find(a_key()) == FIRST


def test_an_answer_that_committed_with_its_effect_stays_too(backend: Backend) -> None:
    call = write_call(backend.bookings, a_call(), a_key())
    backend.receipts.keep(FIRST)
    found = backend.receipts.find(a_key())
    assert found
    assert call_of_answer(found.result) == call


def test_the_whole_answer_takes_the_place_of_its_part(backend: Backend) -> None:
    backend.receipts.keep(replace(FIRST, result={"window": {"id": "1"}}))
    whole = replace(FIRST, result={"window": {"id": "1"}, "affects": {"count": 0, "calls": []}})
    backend.receipts.complete(whole)
    assert backend.receipts.find(a_key()) == whole
    backend.receipts.keep(FIRST)
    assert backend.receipts.find(a_key()) == whole


@pytest.mark.parametrize("keep", ["keep", "complete"])
def test_an_answer_holds_nothing_that_a_row_cannot(backend: Backend, keep: str) -> None:
    with pytest.raises(TypeError):
        getattr(backend.receipts, keep)(replace(FIRST, result={"share": 0.5}))
    assert backend.receipts.find(a_key()) is None
    getattr(backend.receipts, keep)(replace(FIRST, result={"at": NOW, "ids": ("1", "2")}))
    found = backend.receipts.find(a_key())
    assert found
    assert found.result == {"at": "2026-04-22T12:00:00.000Z", "ids": ["1", "2"]}


def test_a_key_is_free_again_after_a_day(backend: Backend) -> None:
    backend.receipts.keep(FIRST)
    backend.clock.advance(hours=23, minutes=59)
    assert backend.receipts.find(a_key()) == FIRST
    backend.clock.advance(minutes=1)
    assert backend.receipts.find(a_key()) is None
    later = replace(FIRST, result={"results": []}, answered_at=backend.clock.now())
    backend.receipts.keep(later)
    assert backend.receipts.find(a_key()) == later


def test_a_record_of_the_former_form_is_answered_as_before(tables: Any) -> None:
    """Records of calls once had an attribute of their own. They are kept for a day, across an update too."""
    call = a_call()
    row = parts.receipt_item(Receipt(key=a_key(), result=answer_of(call), answered_at=NOW))
    former = {name: value for name, value in row.items() if name != "answer"} | {"call": row["answer"]["call"]}
    tables.put_item(TableName="AccessTable", Item=to_values(former))
    found = DynamoReceipts(tables, "AccessTable", SetClock()).find(a_key())
    assert found
    assert found == Receipt(key=a_key(), result=answer_of(call), answered_at=NOW)
    assert call_of_answer(found.result) == call

"""Subscriptions of an app, and the deliveries on their way to them."""

from dataclasses import replace
from datetime import timedelta

import pytest

from slotline.domain.shared.idempotency import Receipt
from slotline.domain.webhooks.deliveries import Delivery, DeliveryAttempt, DeliveryStatus, LogPosition, LogQuery
from slotline.domain.webhooks.subscriptions import (
    DIAL_EVENTS,
    MOST_WEBHOOKS,
    RetiringSecret,
    StatusReason,
    Subscription,
    WebhookEvent,
    WebhookStatus,
)
from slotline.ports.shared import AlreadyAnswered, AlreadyWritten, RaceLost
from tests.contract.conftest import Backend
from tests.support.builders.apps import NOW
from tests.support.builders.audit import an_entry
from tests.support.builders.bookings import APP_ID, OTHER_APP_ID, a_key, new_id
from tests.support.memory.webhooks import OTHER_SECRET, SECRET, WEBHOOK_ID, a_delivery, a_subscription, wake_up

A_RECEIPT = Receipt(key=a_key(), result={"made": "first"}, answered_at=NOW)
ATTEMPT = DeliveryAttempt(number=1, at=NOW, duration_ms=12, status=500, excerpt="no")
EVERYTHING = a_subscription(
    description="Ours",
    retiring=(RetiringSecret(secret=OTHER_SECRET, until=NOW), RetiringSecret(secret=SECRET, until=NOW)),
    status=WebhookStatus.PAUSED,
    status_reason=StatusReason.FAILING,
    status_since=NOW,
    last_success_at=NOW,
    first_failure_at=NOW,
)


def kept(backend: Backend) -> Subscription | None:
    return backend.webhooks.find(APP_ID, WEBHOOK_ID)[1]


class TestSubscriptions:
    def test_a_change_is_written_with_its_entry_or_not_at_all(self, backend: Backend) -> None:
        entries = [an_entry(f"webhook.{verb}") for verb in ("added", "changed", "removed")]
        backend.webhooks.add(a_subscription(), None, entries[0])
        with pytest.raises(AlreadyWritten):
            backend.webhooks.add(a_subscription(), None, an_entry())
        backend.webhooks.change(APP_ID, WEBHOOK_ID, {"description": "New"}, {"description": None}, None, entries[1])
        with pytest.raises(RaceLost):
            backend.webhooks.change(
                APP_ID, WEBHOOK_ID, {"description": "Late"}, {"description": None}, None, an_entry()
            )
        backend.webhooks.remove(APP_ID, WEBHOOK_ID, None, entries[2])
        with pytest.raises(RaceLost):
            backend.webhooks.remove(APP_ID, WEBHOOK_ID, None, an_entry())
        assert list(backend.audited()) == entries

    @pytest.mark.parametrize("subscription", [a_subscription(), EVERYTHING], ids=["new", "everything"])
    def test_one_reads_back_with_everything_it_had(self, backend: Backend, subscription: Subscription) -> None:
        backend.webhooks.add(subscription, A_RECEIPT)
        app, found = backend.webhooks.find(APP_ID, WEBHOOK_ID)
        assert app
        assert (app.app_id, found) == (APP_ID, subscription)
        assert list(backend.webhooks.of_app(APP_ID)) == [subscription]
        assert backend.receipts.find(a_key()) == A_RECEIPT

    def test_a_rotation_is_read_back(self, backend: Backend) -> None:
        backend.webhooks.add(a_subscription(), None)
        rotated = a_subscription().rotated(OTHER_SECRET, timedelta(hours=1), NOW)
        values = {"secret": rotated.secret, "retiring": rotated.retiring}
        backend.webhooks.change(APP_ID, WEBHOOK_ID, values, {"secret": SECRET})
        assert kept(backend) == rotated
        with pytest.raises(RaceLost):
            backend.webhooks.change(APP_ID, WEBHOOK_ID, values, {"secret": SECRET})
        backend.webhooks.change(APP_ID, WEBHOOK_ID, {"retiring": ()})
        assert kept(backend) == replace(rotated, retiring=())

    def test_what_is_not_there_is_none(self, backend: Backend) -> None:
        backend.webhooks.add(a_subscription(), None)
        assert backend.webhooks.find(APP_ID, "webhook-2")[1] is None
        assert backend.webhooks.find(APP_ID, None)[1] is None
        assert backend.webhooks.find(OTHER_APP_ID, WEBHOOK_ID)[1] is None
        assert backend.webhooks.find(new_id(), WEBHOOK_ID) == (None, None)
        assert list(backend.webhooks.of_app(OTHER_APP_ID)) == []

    def test_one_that_is_there_was_written_before(self, backend: Backend) -> None:
        backend.webhooks.add(a_subscription(), None)
        with pytest.raises(AlreadyWritten):
            backend.webhooks.add(a_subscription(description="Again"), None)
        assert kept(backend) == a_subscription()

    def test_an_answered_key_adds_none(self, backend: Backend) -> None:
        backend.webhooks.add(a_subscription(), A_RECEIPT)
        with pytest.raises(AlreadyAnswered):
            backend.webhooks.add(a_subscription(id="webhook-2"), A_RECEIPT)
        assert len(backend.webhooks.of_app(APP_ID)) == 1

    def test_an_app_has_its_fill_and_room_again_when_one_is_removed(self, backend: Backend) -> None:
        ids = [f"webhook-{number:02d}" for number in range(MOST_WEBHOOKS)]
        for webhook_id in ids:
            backend.webhooks.add(a_subscription(id=webhook_id), None)
        with pytest.raises(RaceLost):
            backend.webhooks.add(a_subscription(id="webhook-99"), A_RECEIPT)
        assert [found.id for found in backend.webhooks.of_app(APP_ID)] == ids
        assert backend.receipts.find(a_key()) is None
        backend.webhooks.remove(APP_ID, ids[0])
        backend.webhooks.add(a_subscription(id="webhook-99"), None)
        with pytest.raises(RaceLost):
            backend.webhooks.add(a_subscription(id="webhook-98"), None)

    def test_nothing_is_added_to_an_app_that_is_gone(self, backend: Backend) -> None:
        with pytest.raises(RaceLost):
            backend.webhooks.add(a_subscription(app_id=new_id()), None)

    def test_a_change_writes_the_attributes_named_and_clears_with_none(self, backend: Backend) -> None:
        backend.webhooks.add(EVERYTHING, None)
        values = {"status": WebhookStatus.ACTIVE, "status_reason": None, "events": [WebhookEvent.CREATED]}
        backend.webhooks.change(APP_ID, WEBHOOK_ID, values, receipt=A_RECEIPT)
        expected = replace(EVERYTHING, status=WebhookStatus.ACTIVE, status_reason=None, events=(WebhookEvent.CREATED,))
        assert kept(backend) == expected
        assert backend.receipts.find(a_key()) == A_RECEIPT

    def test_a_change_that_expected_something_else_writes_nothing(self, backend: Backend) -> None:
        backend.webhooks.add(a_subscription(), None)
        for expect in ({"secret": OTHER_SECRET}, {"secret": SECRET, "status_since": NOW}, {"description": "Ours"}):
            with pytest.raises(RaceLost):
                backend.webhooks.change(APP_ID, WEBHOOK_ID, {"description": "Lost"}, expect)
        assert kept(backend) == a_subscription()
        backend.webhooks.change(APP_ID, WEBHOOK_ID, {"description": "Won"}, {"secret": SECRET, "status_since": None})
        assert kept(backend) == a_subscription(description="Won")

    def test_an_answered_key_changes_nothing(self, backend: Backend) -> None:
        backend.webhooks.add(a_subscription(), A_RECEIPT)
        with pytest.raises(AlreadyAnswered):
            backend.webhooks.change(APP_ID, WEBHOOK_ID, {"description": "Again"}, receipt=A_RECEIPT)
        assert kept(backend) == a_subscription()

    def test_one_that_is_gone_is_neither_changed_nor_removed(self, backend: Backend) -> None:
        backend.webhooks.add(a_subscription(), None)
        backend.webhooks.remove(APP_ID, WEBHOOK_ID)
        with pytest.raises(RaceLost):
            backend.webhooks.change(APP_ID, WEBHOOK_ID, {"description": "Lost"})
        with pytest.raises(RaceLost):
            backend.webhooks.remove(APP_ID, WEBHOOK_ID, OURS)
        assert kept(backend) is None


OURS = "organization-1"
DIALS = a_subscription(events=tuple(DIAL_EVENTS), dials_of=OURS)


class TestWhoIsToldOfDials:
    """The list of an organization's subscriptions follows each of them, in the same transaction."""

    def told(self, backend: Backend, organization_id: str = OURS) -> list[str]:
        return [found.id for found in backend.webhooks.of_organization(organization_id)]

    def test_those_of_all_its_apps_and_nobody_elses(self, backend: Backend) -> None:
        backend.webhooks.add(DIALS, A_RECEIPT)
        backend.webhooks.add(replace(DIALS, id="webhook-2", app_id=OTHER_APP_ID), None)
        backend.webhooks.add(a_subscription(id="webhook-3"), None)
        assert self.told(backend) == [WEBHOOK_ID, "webhook-2"]
        assert next(iter(backend.webhooks.of_organization(OURS))) == kept(backend) == DIALS
        assert self.told(backend, "organization") == self.told(backend, "organization-2") == []

    def test_none_is_added_for_an_organization_whose_app_it_is_not(self, backend: Backend) -> None:
        with pytest.raises(RaceLost):
            backend.webhooks.add(replace(DIALS, dials_of="organization-2"), None)
        assert kept(backend) is None
        assert self.told(backend, "organization-2") == []

    def test_a_change_puts_it_on_the_list_and_takes_it_off(self, backend: Backend) -> None:
        backend.webhooks.add(a_subscription(), None)
        on = {"events": list(DIAL_EVENTS), "dials_of": OURS}
        backend.webhooks.change(APP_ID, WEBHOOK_ID, on, {"dials_of": None})
        assert self.told(backend) == [WEBHOOK_ID]
        backend.webhooks.change(APP_ID, WEBHOOK_ID, {"description": "Ours"})
        assert self.told(backend) == [WEBHOOK_ID]
        backend.webhooks.change(APP_ID, WEBHOOK_ID, {"dials_of": None}, {"dials_of": OURS}, A_RECEIPT)
        assert self.told(backend) == []
        assert backend.receipts.find(a_key()) == A_RECEIPT

    def test_who_saw_it_otherwise_changes_neither_it_nor_the_list(self, backend: Backend) -> None:
        backend.webhooks.add(DIALS, None)
        for expect in (None, "organization-2"):
            with pytest.raises(RaceLost):
                backend.webhooks.change(APP_ID, WEBHOOK_ID, {"description": "Lost"}, {"dials_of": expect})
            with pytest.raises(RaceLost):
                backend.webhooks.remove(APP_ID, WEBHOOK_ID, expect)
        assert kept(backend) == DIALS
        assert self.told(backend) == [WEBHOOK_ID]

    def test_a_removed_one_is_off_the_list(self, backend: Backend) -> None:
        backend.webhooks.add(DIALS, None)
        backend.webhooks.remove(APP_ID, WEBHOOK_ID, OURS)
        assert self.told(backend) == []
        backend.webhooks.add(a_subscription(), None)
        assert self.told(backend) == []


def put(backend: Backend, *deliveries: Delivery) -> None:
    for delivery in deliveries:
        backend.deliveries.add(delivery)


class TestDeliveries:
    def test_one_reads_back_with_everything_it_had(self, backend: Backend) -> None:
        whole = a_delivery(
            status=DeliveryStatus.DELIVERED,
            due_at=None,
            attempts=2,
            before_round=1,
            round_began_at=NOW,
            delivered_at=NOW,
            log=(ATTEMPT, DeliveryAttempt(number=2, at=NOW, duration_ms=3, error="timed out")),
        )
        put(backend, whole)
        assert backend.deliveries.get(whole.place) == whole

    def test_the_same_event_again_changes_nothing(self, backend: Backend) -> None:
        put(backend, a_delivery())
        later = a_delivery().claimed("claim", NOW)
        backend.deliveries.replace(a_delivery(), later)
        put(backend, a_delivery())
        assert backend.deliveries.get(later.place) == later.following(a_delivery())

    def test_another_event_does_not_take_its_place(self, backend: Backend) -> None:
        put(backend, a_delivery())
        with pytest.raises(AlreadyWritten):
            put(backend, a_delivery(event_id="event-2"))
        assert backend.deliveries.get(a_delivery().place) == a_delivery()

    def test_one_is_added_with_its_receipt_or_not_at_all(self, backend: Backend) -> None:
        backend.deliveries.add(a_delivery(), A_RECEIPT)
        assert backend.receipts.find(a_key()) == A_RECEIPT
        with pytest.raises(AlreadyAnswered):
            backend.deliveries.add(a_delivery(17), A_RECEIPT)
        assert backend.deliveries.get(a_delivery(17).place) is None

    def test_a_wake_up_finds_it_while_it_is_due_then(self, backend: Backend) -> None:
        put(backend, a_delivery())
        due = wake_up(a_delivery())
        assert backend.deliveries.due(due) == a_delivery()
        assert backend.deliveries.due(wake_up(a_delivery(17))) is None
        backend.deliveries.replace(a_delivery(), a_delivery().claimed("claim", NOW))
        assert backend.deliveries.due(due) is None

    def test_a_new_state_is_written_whole(self, backend: Backend) -> None:
        put(backend, a_delivery())
        after = a_delivery().claimed("claim", NOW).succeeded(replace(ATTEMPT, status=204), NOW)
        backend.deliveries.replace(a_delivery(), after, A_RECEIPT)
        assert backend.deliveries.get(after.place) == after.following(a_delivery())
        assert backend.receipts.find(a_key()) == A_RECEIPT

    @pytest.mark.parametrize(
        "stale",
        [a_delivery(due_at=NOW + timedelta(seconds=1)), a_delivery(attempts=1), a_delivery(due_at=None)],
        ids=["due at another time", "attempted since", "not due"],
    )
    def test_one_that_has_changed_since_it_was_read_stays(self, backend: Backend, stale: Delivery) -> None:
        put(backend, a_delivery())
        for receipt in (None, A_RECEIPT):
            with pytest.raises(RaceLost):
                backend.deliveries.replace(stale, stale.held(), receipt)
        assert backend.deliveries.get(stale.place) == a_delivery()
        assert backend.receipts.find(a_key()) is None

    def test_one_that_is_gone_is_not_written(self, backend: Backend) -> None:
        with pytest.raises(RaceLost):
            backend.deliveries.replace(a_delivery(), a_delivery().held())
        assert backend.deliveries.get(a_delivery().place) is None

    def test_an_answered_key_writes_nothing(self, backend: Backend) -> None:
        backend.deliveries.add(a_delivery(), A_RECEIPT)
        with pytest.raises(AlreadyAnswered):
            backend.deliveries.replace(a_delivery(), a_delivery().held(), A_RECEIPT)
        assert backend.deliveries.get(a_delivery().place) == a_delivery()

    def test_the_nearest_pending_one_of_its_subject_is_found_on_either_side(self, backend: Backend) -> None:
        through = {"status": DeliveryStatus.DELIVERED, "due_at": None}
        other_webhook = a_delivery(35, place=replace(a_delivery(35).place, webhook_id="webhook-2"))
        put(
            backend,
            a_delivery(16),
            a_delivery(32),
            a_delivery(33, **through),
            other_webhook,
            a_delivery(34, "call-2"),
            a_delivery(48),
            a_delivery(64, **through),
            a_delivery(80),
            a_delivery(96),
        )
        place = a_delivery(48).place
        assert backend.deliveries.waiting_before(place) == a_delivery(32)
        assert backend.deliveries.waiting_after(place) == a_delivery(80)
        assert backend.deliveries.waiting_before(a_delivery(16).place) is None
        assert backend.deliveries.waiting_after(a_delivery(96).place) is None

    def test_what_has_expired_is_no_longer_there(self, backend: Backend) -> None:
        put(backend, a_delivery(16, expires_at=NOW + timedelta(days=1)), a_delivery(32))
        backend.clock.advance(days=1)
        assert backend.deliveries.get(a_delivery(16).place) is None
        assert backend.deliveries.waiting_before(a_delivery(32).place) is None
        assert [found.id for found in backend.deliveries.log(query()).deliveries] == [a_delivery(32).id]


def query(**changes: object) -> LogQuery:
    values: dict[str, object] = {"app_id": APP_ID, "webhook_id": WEBHOOK_ID, "limit": 10, **changes}
    return LogQuery(**values)  # type: ignore[arg-type]


def at(minute: int, event: int, **changes: object) -> Delivery:
    values: dict[str, object] = {"occurred_at": NOW + timedelta(minutes=minute), **changes}
    return a_delivery(event, f"call-{event}", **values)


class TestLog:
    ALL = (at(0, 10), at(1, 11), at(1, 12), at(2, 13, status=DeliveryStatus.FAILED, due_at=None), at(3, 14))

    def read(self, backend: Backend, **changes: object) -> list[int]:
        """The sequences of all pages, one after the other."""
        found: list[int] = []
        after: LogPosition | None = None
        while True:
            page = backend.deliveries.log(query(after=after, **changes))
            found += [delivery.place.sequence for delivery in page.deliveries]
            if page.next is None:
                return found
            after = page.next

    @pytest.mark.parametrize("limit", [1, 2, 4, 5, 10])
    def test_pages_hold_each_once_in_either_order(self, backend: Backend, limit: int) -> None:
        put(backend, *self.ALL)
        assert self.read(backend, limit=limit) == [14, 13, 12, 11, 10]
        assert self.read(backend, limit=limit, newest_first=False) == [10, 11, 12, 13, 14]

    def test_a_span_is_half_open(self, backend: Backend) -> None:
        put(backend, *self.ALL)
        span = {"since": NOW + timedelta(minutes=1), "until": NOW + timedelta(minutes=3)}
        assert self.read(backend, newest_first=False, limit=1, **span) == [11, 12, 13]
        assert self.read(backend, limit=1, **span) == [13, 12, 11]

    def test_by_status(self, backend: Backend) -> None:
        put(backend, *self.ALL)
        assert self.read(backend, status=DeliveryStatus.FAILED) == [13]
        assert self.read(backend, status=DeliveryStatus.PENDING, limit=1) == [14, 12, 11, 10]
        assert self.read(backend, status=DeliveryStatus.HELD) == []

    def test_another_webhooks_log_is_another(self, backend: Backend) -> None:
        put(backend, *self.ALL)
        assert self.read(backend, webhook_id="webhook-2") == []
        assert self.read(backend, app_id=OTHER_APP_ID) == []

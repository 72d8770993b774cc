"""Telling webhooks of calls that are dialled and of campaigns, while the store fails; and to whom nothing is told."""

from collections import deque
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from slotline.domain.access.scopes import Scope
from slotline.domain.dialing.calls import DialCall
from slotline.domain.dialing.campaigns import Campaign, CampaignState
from slotline.domain.dialing.events import DialEvent
from slotline.domain.dialing.statuses import DialStatus
from slotline.domain.shared.errors import Forbidden
from slotline.domain.webhooks.subscriptions import DIAL_EVENTS, WebhookEvent
from slotline.ports.shared import StoreBusyError
from slotline.usecases.shared.once import Once
from slotline.usecases.webhooks.fan_out import TOLD_WITHIN, FanOut
from slotline.usecases.webhooks.fan_out_dials import FanOutDialEvents
from slotline.usecases.webhooks.keep_webhooks import ChangeWebhook, RemoveWebhook
from tests.support.builders.apps import SetClock
from tests.support.builders.audit import AUTHOR
from tests.support.builders.bookings import APP_ID, OTHER_APP_ID, an_app
from tests.support.builders.dialing import MONDAY, a_campaign, a_dial_call
from tests.support.memory.dials import MemoryDials
from tests.support.memory.faults import Crashed, Fault, Faults
from tests.support.memory.receipts import MemoryReceipts
from tests.support.memory.running import NumberedIds, RecordedBackoff
from tests.support.memory.store import MemoryStore
from tests.support.memory.webhooks import (
    URL,
    WEBHOOK_ID,
    MemoryDeliveries,
    MemoryWebhooks,
    Receiver,
    a_listener,
    a_subscription,
)

OURS = "organization-1"
CALL = a_dial_call(organization_id=OURS)
CAMPAIGN = a_campaign(CampaignState.RUNNING, organization_id=OURS, revision=3)


def an_event(sequence: int = 2, **more: object) -> DialEvent:
    values = {
        "organization_id": OURS,
        "call_id": CALL.id,
        "campaign_id": None,
        "sequence": sequence,
        "status": DialStatus.QUEUED,
        "attempt": 1,
        "reason": None,
        "due_at": MONDAY,
        "occurred_at": MONDAY,
        **more,
    }
    return DialEvent(**values)  # type: ignore[arg-type]


@pytest.fixture
def store() -> MemoryStore:
    store = MemoryStore(SetClock())
    store.apps = {app_id: an_app(app_id) for app_id in (APP_ID, OTHER_APP_ID)}
    return store


def subscribe(store: MemoryStore, *ids: str, app_id: str = APP_ID, **more: object) -> None:
    for webhook_id in ids:
        values = {"id": webhook_id, "app_id": app_id, "events": tuple(DIAL_EVENTS), "dials_of": OURS, **more}
        store.webhooks[app_id, webhook_id] = a_subscription(**values)


def show_call(call: DialCall, event: DialEvent) -> dict[str, object]:
    return {"dial_call": call.status.value, "event": event.sequence}


def show_campaign(campaign: Campaign) -> dict[str, object]:
    return {"campaign": campaign.state.value}


def telling(store: MemoryStore, call: DialCall | None = CALL, faults: Faults | None = None) -> FanOutDialEvents:
    """The use case, as it is made for one batch."""
    view = store.with_faults(faults or Faults())
    calls = MemoryDials(view.faults, {(call.organization_id, call.id): call} if call else {})
    return FanOutDialEvents(
        fan_out=FanOut(webhooks=MemoryWebhooks(view), deliveries=MemoryDeliveries(view), clock=view.clock),
        calls=calls,
        show_call=show_call,
        show_campaign=show_campaign,
    )


def batch(tell: FanOutDialEvents) -> None:
    tell.of_call(an_event(2))
    tell.of_campaign(CAMPAIGN)
    tell.of_call(an_event(3))


@pytest.mark.parametrize("fault", Fault)
@pytest.mark.parametrize("effect", range(9))
@pytest.mark.parametrize("kind", ["reads", "commits"])
def test_told_again_after_any_failure_every_webhook_has_each_event_once(
    store: MemoryStore, kind: str, effect: int, fault: Fault
) -> None:
    subscribe(store, "webhook-1", "webhook-2")
    subscribe(store, "webhook-3", app_id=OTHER_APP_ID)
    with suppress(Crashed, StoreBusyError):
        batch(telling(store, faults=Faults(**{kind: deque([*[None] * effect, fault])})))
    batch(telling(store))
    told = sorted((place.app_id, place.webhook_id, place.id) for place in store.deliveries)
    events = ["campaign-campaign-3", "dial-call-2", "dial-call-3"]
    webhooks = [(APP_ID, "webhook-1"), (APP_ID, "webhook-2"), (OTHER_APP_ID, "webhook-3")]
    assert told == sorted((*webhook, event) for webhook in webhooks for event in events)
    assert {found.event_id for found in store.deliveries.values()} == {"call-2", "call-3", "campaign-3"}


def test_what_a_restore_has_written_again_is_not_told_again(store: MemoryStore) -> None:
    subscribe(store, "webhook-1")
    telling(store).of_call(an_event(2, occurred_at=store.clock.now() - TOLD_WITHIN))
    assert store.deliveries == {}


def test_the_words_are_chosen_once(store: MemoryStore) -> None:
    subscribe(store, "webhook-1")
    batch(telling(store))
    before = dict(store.deliveries)
    batch(telling(store, replace(CALL, status=DialStatus.BUSY)))
    assert store.deliveries == before


def test_nothing_of_one_organization_is_told_to_another(store: MemoryStore) -> None:
    subscribe(store, "webhook-1", dials_of="organization-2")
    subscribe(store, "webhook-2", dials_of=None)
    batch(telling(store))
    assert store.deliveries == {}


def test_only_what_is_wanted_is_told(store: MemoryStore) -> None:
    subscribe(store, "webhook-1", events=(WebhookEvent.DIAL_CAMPAIGN_UPDATED, WebhookEvent.CREATED))
    subscribe(store, "webhook-2", events=(WebhookEvent.DIAL_CALL_UPDATED,))
    batch(telling(store))
    assert sorted((place.webhook_id, place.id) for place in store.deliveries) == [
        ("webhook-1", "campaign-campaign-3"),
        ("webhook-2", "dial-call-2"),
        ("webhook-2", "dial-call-3"),
    ]


def test_where_nobody_wants_it_one_look_is_all_for_a_whole_batch(store: MemoryStore) -> None:
    batch(telling(store, faults=Faults(reads=deque([None, Fault.CRASH_BEFORE]), commits=deque([Fault.CRASH_BEFORE]))))
    assert store.deliveries == {}


def test_a_call_that_is_gone_is_not_told_of(store: MemoryStore) -> None:
    subscribe(store, "webhook-1")
    telling(store, None).of_call(an_event())
    assert store.deliveries == {}


def test_who_turns_it_elsewhere_while_it_becomes_one_that_is_told_needs_the_right_too(store: MemoryStore) -> None:
    store.webhooks[APP_ID, WEBHOOK_ID] = a_subscription()

    class Racing(MemoryWebhooks):
        """Between the reading and the writing somebody who may has it told of what is dialled."""

        def change(self, *args: Any, **more: Any) -> None:
            if store.webhooks[APP_ID, WEBHOOK_ID].dials_of is None:
                told = replace(store.webhooks[APP_ID, WEBHOOK_ID], events=tuple(DIAL_EVENTS), dials_of=OURS)
                store.webhooks[APP_ID, WEBHOOK_ID] = told
            super().change(*args, **more)

    reader = a_listener(Scope.SCHEDULING_READ, organization_id=OURS)
    once = Once(receipts=MemoryReceipts(store), clock=store.clock, backoff=RecordedBackoff(), ids=NumberedIds())
    change = ChangeWebhook(webhooks=Racing(store), egress=Receiver(), clock=store.clock, once=once)
    with pytest.raises(Forbidden):
        change(APP_ID, WEBHOOK_ID, {"url": "https://example.com/elsewhere"}, reader, AUTHOR)
    assert store.webhooks[APP_ID, WEBHOOK_ID].url == URL


@pytest.mark.parametrize("fault", [Fault.BUSY, Fault.LOST_ANSWER])
@pytest.mark.parametrize("effect", range(3))
@pytest.mark.parametrize("kind", ["reads", "commits"])
def test_a_change_and_a_removal_that_fail_on_the_way_leave_the_list_as_the_subscription_is(
    store: MemoryStore, kind: str, effect: int, fault: Fault
) -> None:
    store.webhooks[APP_ID, WEBHOOK_ID] = a_subscription()
    faults = Faults(**{kind: deque([*[None] * effect, fault])})
    webhooks = MemoryWebhooks(store.with_faults(faults))
    once = Once(receipts=MemoryReceipts(store), clock=store.clock, backoff=RecordedBackoff(), ids=NumberedIds())
    change = ChangeWebhook(webhooks=webhooks, egress=Receiver(), clock=store.clock, once=once)
    events, ours = [WebhookEvent.DIAL_CALL_UPDATED], a_listener(organization_id=OURS)
    changed = change(APP_ID, WEBHOOK_ID, {"events": events}, ours, AUTHOR)
    assert [found.id for found in MemoryWebhooks(store).of_organization(OURS)] == [changed.id] == [WEBHOOK_ID]
    RemoveWebhook(webhooks=webhooks, once=once)(APP_ID, WEBHOOK_ID, AUTHOR)
    assert list(MemoryWebhooks(store).of_organization(OURS)) == []
    assert [entry.action for entry in store.audited] == ["webhook.changed", "webhook.removed"]

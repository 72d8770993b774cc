"""Webhooks: added, read, changed, given new secrets, deleted; and refused."""

import pytest

from slotline.domain.webhooks.signing import key_of
from tests.handlers.webhooks.conftest import NEW, book, path, reading, sending, subscribe, writing
from tests.support.handlers import APP_ID
from tests.support.memory.webhooks import OTHER_SECRET

pytestmark = pytest.mark.usefixtures("app")
KEY = {"idempotency-key": "k-1"}


def webhook(webhook_id):
    return reading()(path(webhook_id)).json["data"]["webhook"]


def without_secret(shown):
    return {name: value for name, value in shown.items() if name != "secret"}


class TestAdding:
    def test_its_secret_is_shown_once(self):
        added = subscribe(description="Ours")
        assert len(key_of(added["secret"])) == 32
        assert without_secret(added) == webhook(added["id"])
        assert webhook(added["id"]) == {
            "id": added["id"],
            "app_id": APP_ID,
            "url": NEW["url"],
            "description": "Ours",
            "events": NEW["events"],
            "status": "active",
            "status_reason": None,
            "status_since": None,
            "previous_secret_until": None,
            "previous_secrets_until": [],
            "created_at": "2026-04-22T12:00:00.000Z",
            "updated_at": "2026-04-22T12:00:00.000Z",
            "last_success_at": None,
            "first_failure_at": None,
        }
        assert added["secret"] not in reading()(path()).text

    def test_with_a_secret_of_its_owners(self):
        assert subscribe(secret=OTHER_SECRET)["secret"] == OTHER_SECRET

    def test_the_same_key_adds_one_and_shows_its_secret_again(self):
        first, second = (writing("POST")(path(), NEW, headers=KEY) for _ in range(2))
        assert first.text == second.text
        assert second.headers["Idempotency-Replayed"] == "true"
        assert len(reading()(path()).json["data"]["webhooks"]) == 1
        assert writing("POST")(path(), {**NEW, "description": "Other"}, headers=KEY).status == 422

    def test_an_app_has_twenty_at_most(self):
        for _ in range(20):
            subscribe()
        reply = writing("POST")(path(), NEW)
        assert (reply.status, reply.error["details"][0]["code"]) == (409, "too_many_webhooks")

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"url": None}, "url"),
            ({"url": ""}, "url"),
            ({"url": "https://example.com/a b"}, "url"),
            ({"url": "https://exämple.com"}, "url"),
            ({"url": "https://example.com/" + "a" * 2000}, "url"),
            ({"events": []}, "events"),
            ({"events": ["scheduled.created"] * 2}, "events"),
            ({"events": ["ping"]}, "events.0"),
            ({"events": ["call.created"]}, "events.0"),
            ({"events": "scheduled.created"}, "events"),
            ({"description": "two\nlines"}, "description"),
            ({"secret": "whsec_short"}, "secret"),
            ({"secret": "a" * 40}, "secret"),
            ({"status": "paused"}, "status"),
        ],
    )
    def test_what_is_wrong_is_named(self, changes, field):
        reply = writing("POST")(path(), {**NEW, **changes})
        assert (reply.status, reply.error["details"][0]["field"]) == (400, field)
        assert reading()(path()).json["data"]["webhooks"] == []

    def test_an_address_that_requests_may_not_go_to_is_refused(self, receiver):
        receiver.refused.add(NEW["url"])
        reply = writing("POST")(path(), NEW)
        assert reply.status == 400
        assert reply.error["details"] == [
            {"field": "url", "message": "the address is a private one", "code": "address_refused"}
        ]
        assert reading()(path()).json["data"]["webhooks"] == []


class TestChanging:
    def test_what_is_not_sent_stays(self, clock):
        added = without_secret(subscribe(description="Ours"))
        clock.advance(seconds=1)
        reply = writing("PATCH")(path(added["id"]), {"events": ["reminder.failed"], "description": None})
        assert reply.status == 200
        expected = added | {
            "events": ["reminder.failed"],
            "description": None,
            "updated_at": "2026-04-22T12:00:01.000Z",
        }
        assert reply.json["data"]["webhook"] == webhook(added["id"]) == expected

    def test_paused_and_active_again(self):
        webhook_id = subscribe()["id"]
        paused = writing("PATCH")(path(webhook_id), {"status": "paused"}).json["data"]["webhook"]
        assert (paused["status"], paused["status_reason"]) == ("paused", "requested")
        assert paused["status_since"] == "2026-04-22T12:00:00.000Z"
        active = writing("PATCH")(path(webhook_id), {"status": "active"}).json["data"]["webhook"]
        assert (active["status"], active["status_reason"], active["status_since"]) == ("active", None, None)

    def test_a_new_address_is_checked(self, receiver):
        added = without_secret(subscribe())
        receiver.refused.add("https://10.0.0.1/")
        reply = writing("PATCH")(path(added["id"]), {"url": "https://10.0.0.1/"})
        assert (reply.status, reply.error["details"][0]["code"]) == (400, "address_refused")
        assert webhook(added["id"]) == added

    @pytest.mark.parametrize("body", [{}, {"status": "disabled"}, {"url": None}, {"secret": OTHER_SECRET}])
    def test_bad_changes(self, body):
        assert writing("PATCH")(path(subscribe()["id"]), body).status == 400


class TestRotation:
    def test_the_new_secret_is_shown_once_and_the_old_one_signs_for_a_day(self):
        added = subscribe()
        rotated = writing("POST")(path(added["id"], "rotate-secret")).json["data"]["webhook"]
        assert rotated["secret"] != added["secret"]
        assert rotated["previous_secret_until"] == "2026-04-23T12:00:00.000Z"
        assert webhook(added["id"]) == without_secret(rotated)

    @pytest.mark.parametrize(
        ("hours", "until"), [(0, None), (1, "2026-04-22T13:00:00.000Z"), (168, "2026-04-29T12:00:00.000Z")]
    )
    def test_for_as_long_as_is_asked(self, hours, until):
        reply = writing("POST")(path(subscribe()["id"], "rotate-secret"), {"overlapHours": hours})
        assert reply.json["data"]["webhook"]["previous_secret_until"] == until

    def test_each_secret_keeps_the_time_that_it_was_promised(self, clock):
        added = subscribe()
        place = path(added["id"], "rotate-secret")
        first = writing("POST")(place).json["data"]["webhook"]
        clock.advance(hours=1)
        second = writing("POST")(place, {"overlapHours": 2}).json["data"]["webhook"]
        assert first["previous_secrets_until"] == ["2026-04-23T12:00:00.000Z"]
        assert second["previous_secrets_until"] == ["2026-04-22T15:00:00.000Z", "2026-04-23T12:00:00.000Z"]
        assert second["previous_secret_until"] == "2026-04-23T12:00:00.000Z"
        assert webhook(added["id"]) == without_secret(second)

    def test_a_secret_of_ones_own_becomes_the_present_one(self):
        added = subscribe()
        place = path(added["id"], "rotate-secret")
        rotated = writing("POST")(place, {"secret": OTHER_SECRET, "overlapHours": 1}).json["data"]["webhook"]
        assert rotated["secret"] == OTHER_SECRET
        assert rotated["previous_secrets_until"] == ["2026-04-22T13:00:00.000Z"]
        again = writing("POST")(place, {"secret": OTHER_SECRET, "overlapHours": 5})
        assert (again.status, again.json["data"]["webhook"]) == (200, rotated), "it has that one: nothing changes"

    def test_an_empty_secret_of_ones_own_is_none_and_one_is_made(self):
        added = subscribe()
        reply = writing("POST")(path(added["id"], "rotate-secret"), {"secret": ""})
        assert (reply.status, reply.json["data"]["webhook"]["secret"][:6]) == (200, "whsec_")

    @pytest.mark.parametrize("secret", ["whsec_", "whsec_c2hvcnQ=", "no prefix", 7])
    def test_a_secret_that_is_none_is_refused_and_not_repeated(self, secret):
        added = subscribe()
        reply = writing("POST")(path(added["id"], "rotate-secret"), {"secret": secret})
        assert (reply.status, reply.error["details"][0]["field"]) == (400, "secret")
        assert webhook(added["id"]) == without_secret(added)

    def test_more_secrets_than_may_sign_at_once_are_a_conflict(self):
        place = path(subscribe()["id"], "rotate-secret")
        answers = [writing("POST")(place) for _ in range(8)]
        assert [reply.status for reply in answers] == [200] * 7 + [409]
        assert answers[-1].error["details"][0]["code"] == "too_many_secrets"
        assert writing("POST")(place, {"overlapHours": 0}).status == 200

    @pytest.mark.parametrize("hours", [-1, 169, "24", 1.5])
    def test_bad_overlaps(self, hours):
        assert writing("POST")(path(subscribe()["id"], "rotate-secret"), {"overlapHours": hours}).status == 400

    def test_the_same_key_rotates_once(self):
        webhook_id = subscribe()["id"]
        first, second = (writing("POST")(path(webhook_id, "rotate-secret"), headers=KEY) for _ in range(2))
        assert first.text == second.text
        assert second.headers["Idempotency-Replayed"] == "true"


def test_a_deleted_one_is_gone_and_leaves_room():
    added = without_secret(subscribe())
    reply = writing("DELETE")(path(added["id"]))
    assert (reply.status, reply.json["data"]["webhook"]) == (200, added)
    assert reading()(path(added["id"])).status == 404
    assert writing("DELETE")(path(added["id"])).status == 404


ROUTES = [
    (reading, ()),
    (reading, ("w",)),
    (reading, ("w", "deliveries")),
    (reading, ("w", "deliveries", "call-a-1")),
    (lambda **who: writing("PATCH", **who), ("w",)),
    (lambda **who: writing("DELETE", **who), ("w",)),
    (lambda **who: writing("POST", **who), ("w", "rotate-secret")),
    (sending, ("w", "test")),
    (sending, ("w", "deliveries", "call-a-1", "resend")),
    (sending, ("w", "replay")),
]
BODIES = {"replay": {"since": "2026-04-22T12:00:00Z"}}


def ask(endpoint, parts, app_id=APP_ID, **who):
    made = endpoint(**who)
    body = {"description": "New"} if made.method == "PATCH" else BODIES.get(parts[-1] if parts else "")
    return made(path(*parts, app_id=app_id), body)


@pytest.mark.parametrize(("endpoint", "parts"), ROUTES)
def test_every_route_needs_its_scope_and_its_app(endpoint, parts):
    assert ask(endpoint, parts, scopes="scheduling:read scheduling:write").status == 403
    assert ask(endpoint, parts, app_ids="another").status == 403


@pytest.mark.parametrize(("endpoint", "parts"), ROUTES)
def test_what_is_not_there_is_told_apart_from_an_app_that_is_gone(endpoint, parts):
    gone = "01890000-0000-7000-8000-00000000dead"
    reply = ask(endpoint, parts, app_id=gone, app_ids=gone)
    assert (reply.status, reply.error["type"]) == (404, "app_not_found")
    if parts:
        reply = ask(endpoint, parts)
        assert (reply.status, reply.error["type"]) == (404, "not_found")


@pytest.mark.parametrize("bad", ["call-a-1", "nonsense", "call-a-", "ping-a-01"])
def test_a_delivery_that_is_not_there(bad):
    webhook_id = subscribe()["id"]
    assert reading()(path(webhook_id, "deliveries", bad)).status == 404
    assert sending()(path(webhook_id, "deliveries", bad, "resend")).status == 404


def test_a_booking_needs_no_webhook():
    assert book()["status"] == "scheduled"

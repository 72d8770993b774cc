"""A service that asks for a code: who gets one, what it proves, and what nobody learns by asking."""

import re
from typing import Any

import pytest

from slotline.domain.booking.reminders import Channel
from slotline.domain.booking.sendings import Feedback, Suppression
from slotline.domain.messages.bounds import identity_of
from slotline.domain.messages.code_message import CodeMessage
from slotline.domain.shared.due import DueKind
from slotline.ports.messages import MessengerBusyError
from slotline.queues.sqs import to_body
from slotline.wiring.messages import sending
from tests.handlers.websites.conftest import ADDRESS, KEY, OTHER_APP_ID, OTHER_KEY, Site, problem
from tests.support.builders.apps import SetClock, put_app
from tests.support.handlers import Endpoint, load_function, partner
from tests.support.memory.everything import everything_kept

PHONE = "+573005550100"


class Post:
    """What the channels were given, and the queue that it came by."""

    def __init__(self, site: Site) -> None:
        self.site, self.sent, self.busy = site, list[CodeMessage](), False

    def send_code(self, message: CodeMessage) -> str:
        if self.busy:
            raise MessengerBusyError("a test says so")
        self.sent.append(message)
        return "1"

    def deliver(self) -> list[dict[str, str]]:
        """What waits in the queue goes to the function that sends; the items that failed."""
        waiting, self.site.ports.queues.sent[:] = list(self.site.ports.queues.sent), []
        records = [{"messageId": str(n), "body": to_body(due)} for n, (_, due) in enumerate(waiting)]
        assert all(due.kind is DueKind.CODE for _, due in waiting)
        answer = load_function("reminders/send").handler({"Records": records}, None)
        failed: list[dict[str, str]] = answer["batchItemFailures"]
        if failed:
            self.site.ports.queues.sent[:] = waiting
        return failed


@pytest.fixture
def post(site: Site, monkeypatch: pytest.MonkeyPatch) -> Post:
    """The app's service asks for a code by e-mail."""
    site.set_preset(verification="email", language="es", branding_name="Óptica Luz")
    found = Post(site)
    monkeypatch.setattr(sending, "code_messenger", lambda _channel: found)
    return found


def proven(site: Site, post: Post, **fields: Any) -> dict[str, Any]:
    """What a booking brings: a code that was just sent."""
    reply = site.send_for_code(**fields)
    assert reply.status == 202, reply.text
    post.deliver()
    return {
        "verificationId": reply.json["data"]["verification"]["id"],
        "verificationCode": post.sent[-1].code,
    }


def test_a_code_goes_to_the_guest_and_books_once(site: Site, post: Post) -> None:
    reply = site.send_for_code()
    assert reply.status == 202
    sent = reply.json["data"]["verification"]
    assert (sent["channel"], sent["expires_at"]) == ("email", "2026-04-22T12:10:00.000Z")
    post.deliver()
    (message,) = post.sent
    assert (message.recipient, message.language, message.sender_name) == (ADDRESS, "es", "Óptica Luz")
    assert message.code not in reply.text
    brought = {"verificationId": sent["id"], "verificationCode": message.code}
    assert site.booked(**brought)["guest_email"] == ADDRESS
    assert problem(site.asking("11:00", **brought)) == (400, "verificationId", "verification_over"), "once"
    assert len(site.calls()) == 1


@pytest.mark.usefixtures("post")
def test_without_a_code_nothing_is_booked_and_partners_need_none(site: Site) -> None:
    assert problem(site.asking()) == (400, "verificationId", "verification_required")
    assert "verifications" in site.asking().error["message"]
    assert site.calls() == []
    partners = Site(site.ports, headers={})
    body = {
        "guestName": "Jane",
        "guestEmail": ADDRESS,
        "appTimezone": "UTC",
        "scheduledAtUtc": "2026-05-04T10:00:00Z",
    }
    assert (
        Endpoint("scheduled_calls/create", "POST", partner())(f"{partners.video}/scheduled-calls", body).status == 201
    )


def test_a_wrong_code_is_looked_at_five_times(site: Site, post: Post) -> None:
    brought = proven(site, post)
    wrong = f"{(int(brought['verificationCode']) + 1) % 10**6:06}"
    for _ in range(5):
        reply = site.asking(**{**brought, "verificationCode": wrong})
        assert problem(reply) == (400, "verificationCode", "wrong_code")
    assert problem(site.asking(**brought)) == (400, "verificationId", "verification_over"), (
        "the right one comes too late"
    )


def test_a_right_code_costs_no_try_where_the_slot_is_gone(site: Site, post: Post) -> None:
    brought = proven(site, post)
    site.set_agent("agent-1", working_hours=[])
    for _ in range(7):
        assert problem(site.asking(**brought)) == (409, None, "outside_working_hours")
    assert site.asking(assignedAgentId="agent-2", **brought).status == 201


def test_a_code_ends_after_ten_minutes(site: Site, post: Post, clock: SetClock) -> None:
    brought = proven(site, post)
    clock.advance(minutes=10)
    assert problem(site.asking(**brought)) == (400, "verificationId", "verification_over")


def test_a_code_proves_its_own_contact_whoever_spells_it(site: Site, post: Post) -> None:
    brought = proven(site, post, guestEmail="Jane@Example.com")
    assert problem(site.asking(guestEmail="joe@example.com", **brought)) == (400, "verificationId", "verification_over")
    assert site.asking(guestEmail="JANE@example.com", **brought).status == 201
    assert post.sent[0].recipient == "Jane@Example.com", "as it was given: some mailboxes tell capitals apart"


def test_a_code_of_another_app_proves_nothing(site: Site, post: Post) -> None:
    brought = proven(site, post)
    put_app(site.ports, OTHER_APP_ID, verification="email")
    other = Site(site.ports, {"x-app-id": OTHER_APP_ID, "x-widget-key": OTHER_KEY}, app_id=OTHER_APP_ID)
    other.set_agent("agent-1")
    refused = other.asking(**brought)
    never = other.asking(**{**brought, "verificationId": "01890000-0000-7000-8000-00000000dead"})
    assert problem(refused) == problem(never) == (400, "verificationId", "verification_over")
    assert refused.error["message"] == never.error["message"]
    assert site.asking(**brought).status == 201, "and it lost no try here"


def test_a_code_by_sms_goes_to_the_number(site: Site, post: Post) -> None:
    site.set_preset(verification="sms")
    assert problem(site.send_for_code()) == (400, "guestPhone", "required")
    barred = site.send_for_code(guestPhone="+1 900 555 0100")
    assert barred.status == 400
    brought = proven(site, post, guestPhone="+57 300 555 0100")
    assert (post.sent[0].recipient, post.sent[0].channel) == (PHONE, Channel.SMS)
    assert problem(site.asking(**brought)) == (400, "guestPhone", "required")
    assert site.asking(guestPhone=PHONE, **brought).status == 201


@pytest.mark.usefixtures("post")
def test_a_service_that_asks_for_no_code_sends_none(site: Site) -> None:
    site.set_preset(verification="none")
    assert problem(site.send_for_code()) == (400, "presetId", "no_verification")
    assert site.asking(verificationId="x", verificationCode="123456").status == 201, (
        "what is not asked for is no matter"
    )


def test_a_suppressed_address_gets_nothing_and_nobody_is_told(site: Site, post: Post, clock: SetClock) -> None:
    suppression = Suppression(
        app_id=site.app_id,
        channel=Channel.EMAIL,
        recipient=identity_of(ADDRESS),
        feedback=Feedback.COMPLAINED,
        reason="abuse",
        call_id="call-1",
        since=clock.now(),
    )
    site.ports.store.suppressions[site.app_id, Channel.EMAIL, identity_of(ADDRESS)] = suppression
    silent, other = site.send_for_code(), site.send_for_code(guestEmail="joe@example.com")
    assert (silent.status, silent.json["data"]["verification"].keys()) == (
        202,
        other.json["data"]["verification"].keys(),
    )
    post.deliver()
    assert [message.recipient for message in post.sent] == ["joe@example.com"]


def test_who_has_not_proven_an_address_learns_nothing_of_its_bookings(site: Site, post: Post) -> None:
    limits = [{"max_bookings": 1, "per": "day"}]
    site.set_preset(verification="email", customer_limits=limits)
    site.booked("10:00", **proven(site, post))
    stranger = site.asking("11:00", verificationId="x", verificationCode="123456")
    assert problem(stranger) == (400, "verificationId", "verification_over")
    assert site.asking("11:00", **proven(site, post)).error["details"][0]["code"] == "customer_limit"


@pytest.mark.parametrize(
    ("times", "change"),
    [(5, lambda site: setattr(site, "address", "192.0.2.9")), (10, lambda _site: None)],
    ids=["to one contact", "from one address"],
)
def test_codes_are_bounded(site: Site, post: Post, clock: SetClock, times: int, change: Any) -> None:
    to = (lambda _: ADDRESS) if times == 5 else (lambda number: f"g{number}@example.com")
    for number in range(times):
        assert site.send_for_code(guestEmail=to(number)).status == 202
    change(site)
    reply = site.send_for_code(guestEmail=to(times))
    assert (reply.status, reply.error["details"][0]["code"]) == (429, "code_limit")
    assert reply.error["details"][0]["nextAllowedAt"] == "2026-04-22T13:00:00.000Z"
    assert reply.headers["Retry-After"] == "3600"
    clock.advance(hours=1)
    assert site.send_for_code(guestEmail=to(times)).status == 202
    del post


def test_a_repeat_gets_its_answer_and_one_message(site: Site, post: Post) -> None:
    headers = {"idempotency-key": "code-1"}
    first, again = site.send_for_code(headers=headers), site.send_for_code(headers=headers)
    assert (again.json, again.headers["Idempotency-Replayed"]) == (first.json, "true")
    post.deliver()
    assert len(post.sent) == 1


def test_another_visit_with_the_same_key_is_not_told_of_this_ones_code(site: Site, post: Post) -> None:
    """Whoever has the id of a code can use up its tries."""
    del post
    headers = [{"idempotency-key": "1", "x-visit-id": f"visit-{number:032}"} for number in range(2)]
    ids = {site.send_for_code(headers=one).json["data"]["verification"]["id"] for one in headers}
    assert len(ids) == 2


def test_a_channel_that_is_busy_is_tried_again(site: Site, post: Post) -> None:
    site.send_for_code()
    post.busy = True
    assert post.deliver() == [{"itemIdentifier": "0"}]
    post.busy = False
    assert post.deliver() == []
    assert len(post.sent) == 1


def test_a_code_that_comes_too_late_is_not_sent(site: Site, post: Post, clock: SetClock) -> None:
    site.send_for_code()
    clock.advance(minutes=10)
    assert (post.deliver(), post.sent) == ([], [])


def test_the_code_is_kept_nowhere(site: Site, post: Post) -> None:
    waiting = proven(site, post, headers={"idempotency-key": "1"})
    spent = proven(site, post, headers={"idempotency-key": "2"})
    site.booked(headers={"idempotency-key": "3"}, **spent)
    site.send_for_code()
    kept = everything_kept(site.ports)
    assert waiting["verificationId"] in kept
    for brought in (waiting, spent):
        assert not re.search(rf"\b{brought['verificationCode']}\b", kept)
    assert KEY not in kept


def test_a_booking_that_is_sent_again_with_its_key_is_answered_without_another_code(site: Site, post: Post) -> None:
    brought = proven(site, post)
    headers = {"idempotency-key": "visit-1"}
    first = site.asking(headers=headers, **brought)
    again = site.asking(headers=headers, **brought)
    assert (first.status, again.status, again.json) == (201, 201, first.json)

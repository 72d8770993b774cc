"""A store that is asked too much says so, whatever it is asked, and has written nothing."""

from collections.abc import Callable
from datetime import date
from importlib import import_module
from pkgutil import iter_modules

import pytest

from slotline import ports
from slotline.domain.access.rate_limits import Window
from slotline.domain.booking.agent_time import DoNotDisturbWindow, ExceptionKind, ScheduleException
from slotline.domain.booking.apps import Preset
from slotline.domain.booking.bulk_jobs import rows_of
from slotline.domain.booking.call_lists import CallQuery
from slotline.domain.booking.calls import BookingSource
from slotline.domain.booking.claims import Hold
from slotline.domain.booking.reminders import Channel
from slotline.domain.booking.rooms import CallSource, RoomKind, Side
from slotline.domain.booking.zone_changes import promised_now
from slotline.domain.booking.zone_walks import AppWalk, ZoneWalk
from slotline.domain.dialing.call_lists import DialQuery
from slotline.domain.dialing.campaigns import CampaignState
from slotline.domain.dialing.do_not_call import DoNotCallEntry
from slotline.domain.dialing.imports import Import, ImportState
from slotline.domain.dialing.pace import Pace
from slotline.domain.instant.mail import Letter
from slotline.domain.instant.rooms import VideoCall, VideoCallStatus
from slotline.domain.instant.seats import Seats
from slotline.domain.messages.bounds import Bound, Counted
from slotline.domain.shared.due import Due, DueKind
from slotline.domain.shared.idempotency import Receipt
from slotline.domain.shared.intervals import Interval
from slotline.domain.webhooks.deliveries import LogQuery
from slotline.ports.apps import AgentChange, KeptPreset
from slotline.ports.booking import BookingWrite, HeldSlot, LetGo
from slotline.ports.dialing import DialWrite, KeptPace, UploadMissing
from slotline.ports.shared import Derived, StoreBusyError
from slotline.store.dynamodb import keys
from tests.contract.conftest import Backend
from tests.support.builders.apps import NOW
from tests.support.builders.audit import an_entry
from tests.support.builders.bookings import (
    AGENT,
    APP_ID,
    TOMORROW,
    a_bulk_job,
    a_call,
    a_code,
    a_hold,
    a_key,
    a_reminder,
    a_sending,
    an_agent,
    minutes,
)
from tests.support.builders.dialing import MONDAY, a_campaign, a_dial_call, a_grant, a_number, a_use_case
from tests.support.builders.rooms import a_happening, a_recording, seats_of_a_guest
from tests.support.memory.bulk_jobs import due_of_job
from tests.support.memory.dials import due_of_dial
from tests.support.memory.timing import due_of
from tests.support.memory.webhooks import a_delivery, a_subscription, wake_up

AROUND = Interval.starting(TOMORROW, minutes(60))
CALL = a_call()
RECEIPT = Receipt(key=a_key(), result={"made": "first"}, answered_at=NOW)
EXCEPTION = ScheduleException(
    id="exception-1", kind=ExceptionKind.BLOCKED, first=date(2026, 4, 23), last=date(2026, 4, 23), zone="UTC"
)
WINDOW = DoNotDisturbWindow(id="window-1", interval=AROUND)
PRESET = Preset(preset_id="preset-2", name="Sales")
ROOM = VideoCall(
    id="room-1",
    app_id=APP_ID,
    kind=RoomKind.INSTANT,
    status=VideoCallStatus.CREATED,
    source=CallSource.WIDGET_KEY,
    created_by=None,
    created_at=NOW,
    preset_id="preset-1",
    preview_enabled=True,
    record_on_start=False,
)
WEBHOOK = a_subscription()
DELIVERY = a_delivery()

DUE = due_of(a_reminder())
HOLD = HeldSlot(app_id=APP_ID, hold=Hold(agent_id=AGENT, claim=a_hold(TOMORROW)))

DIAL = a_dial_call(due_at=NOW)
GONE = keys.call(APP_ID, "gone")
LISTED_DIALS = DialQuery(organization_id="org", number_id="number", since=MONDAY, until=MONDAY + minutes(1440))
USE_CASE, NUMBER, CAMPAIGN = a_use_case(), a_number(), a_campaign(CampaignState.RUNNING)
BARRED = DoNotCallEntry(e164="+12025550101", listed_at=NOW)
FILE = b"phone_number\n+12025550143\n"
IMPORT = Import(
    organization_id="org",
    campaign_id="campaign",
    upload_id="upload",
    state=ImportState.CHECKING,
    size=9,
    planned_at=NOW,
    due_at=NOW,
    updated_at=NOW,
)
IMPORT_DUE = Due(kind=DueKind.IMPORT, **keys.dial_import("org", "campaign"), at=NOW)
CAMPAIGN_DUE = Due(kind=DueKind.CAMPAIGN, **keys.campaign("org", "campaign"), at=NOW)

READINGS: dict[str, Callable[[Backend], object]] = {
    "Bookings.read_for_booking": lambda it: it.bookings.read_for_booking(APP_ID, AGENT, AROUND, a_key()),
    "Bookings.read_for_change": lambda it: it.bookings.read_for_change(APP_ID, CALL.id, None),
    "Bookings.candidate": lambda it: it.bookings.candidate(APP_ID, AGENT, AROUND),
    "Bookings.candidates": lambda it: it.bookings.candidates(APP_ID, AROUND),
    "Receipts.find": lambda it: it.receipts.find(a_key()),
    "Agents.find": lambda it: it.agents.find(APP_ID, AGENT),
    "Agents.kept": lambda it: it.agents.kept(APP_ID, AGENT),
    "Agents.all": lambda it: it.agents.all(APP_ID),
    "AgentTime.windows": lambda it: it.agent_time.windows(APP_ID, AGENT, AROUND),
    "AgentTime.window": lambda it: it.agent_time.window(APP_ID, AGENT, "window-1"),
    "Presets.find": lambda it: it.presets.find(APP_ID, "preset-1"),
    "Presets.named": lambda it: it.presets.named(APP_ID, "first-visit"),
    "Presets.at_revision": lambda it: it.presets.at_revision(APP_ID, "preset-1", 1),
    "Presets.all": lambda it: it.presets.all(APP_ID),
    "Calendars.agents": lambda it: it.calendars.agents(APP_ID, None),
    "Calendars.taken": lambda it: it.calendars.taken(APP_ID, [(an_agent(), [TOMORROW.date()])], NOW),
    "Calendars.read": lambda it: it.calendars.read(APP_ID, AGENT, AROUND, NOW),
    "Calls.app_of": lambda it: it.calls.app_of(CALL.id),
    "Calls.app_exists": lambda it: it.calls.app_exists(APP_ID),
    "Calls.get": lambda it: it.calls.get(APP_ID, CALL.id),
    "Calls.several": lambda it: it.calls.several([(APP_ID, CALL.id)]),
    "Calls.find": lambda it: it.calls.find(CallQuery(app_id=APP_ID, sources=frozenset({BookingSource.API}))),
    "Calls.file": lambda it: it.calls.file(APP_ID, CALL.id),
    "Credentials.client": lambda it: it.credentials.client("client-1"),
    "Credentials.api_key": lambda it: it.credentials.api_key("hash-1"),
    "Websites.find": lambda it: it.websites.find(APP_ID, "hash-1"),
    "Rooms.find": lambda it: it.rooms.find(ROOM.id),
    "Rooms.app": lambda it: it.rooms.app(APP_ID, "preset-1"),
    "Rooms.due": lambda it: it.rooms.due(Due(kind=DueKind.ROOM, **keys.room(ROOM.id), at=NOW)),
    "Seatings.read": lambda it: it.seatings.read(ROOM.id),
    "Mailboxes.read": lambda it: it.mailboxes.read(ROOM.id, Side.GUEST, "", NOW, NOW),
    "Recordings.of": lambda it: it.recordings.of(ROOM.id),
    "Recordings.find": lambda it: it.recordings.find(ROOM.id, 1),
    "Recordings.due": lambda it: it.recordings.due(Due(kind=DueKind.RECORDING, **keys.recording(ROOM.id, 1), at=NOW)),
    "Rooms.made": lambda it: it.rooms.made(APP_ID, "2027-06~", 10),
    "Webhooks.find": lambda it: it.webhooks.find(APP_ID, "webhook-1"),
    "Webhooks.of_app": lambda it: it.webhooks.of_app(APP_ID),
    "Webhooks.of_organization": lambda it: it.webhooks.of_organization("organization-1"),
    "Deliveries.due": lambda it: it.deliveries.due(wake_up(DELIVERY)),
    "Deliveries.get": lambda it: it.deliveries.get(DELIVERY.place),
    "Deliveries.waiting_before": lambda it: it.deliveries.waiting_before(DELIVERY.place),
    "Deliveries.waiting_after": lambda it: it.deliveries.waiting_after(DELIVERY.place),
    "Deliveries.of_subject": lambda it: it.deliveries.of_subject(APP_ID, "webhook-1", DELIVERY.place.subject),
    "Deliveries.log": lambda it: it.deliveries.log(LogQuery(app_id=APP_ID, webhook_id="webhook-1", limit=10)),
    "Calls.due": lambda it: it.calls.due(DUE),
    "Reminders.asked_for": lambda it: it.reminders.asked_for([Counted(APP_ID, Bound.APP)]),
    "Reminders.was_invited": lambda it: it.reminders.was_invited(a_reminder(), "ana@guest.example"),
    "Reminders.sending": lambda it: it.reminders.sending(APP_ID, CALL.id, "sending-1"),
    "Suppressions.find": lambda it: it.suppressions.find(APP_ID, Channel.EMAIL, "hash-1"),
    "Suppressions.list": lambda it: it.suppressions.list(APP_ID, 10, None),
    "Reminders.is_claimed": lambda it: it.reminders.is_claimed(a_reminder()),
    "Holds.due": lambda it: it.holds.due(DUE),
    "SentCodes.due": lambda it: it.sent_codes.due(DUE),
    "ZoneWalks.read": lambda it: it.zone_walks.read(),
    "ZoneWalks.apps_with_calls": lambda it: it.zone_walks.apps_with_calls(None),
    "ZoneWalks.next_app": lambda it: it.zone_walks.next_app(),
    "ZoneWalks.upcoming": lambda it: it.zone_walks.upcoming(AppWalk(app_id=APP_ID), NOW),
    "BulkJobs.get": lambda it: it.bulk_jobs.get(APP_ID, "job-1"),
    "BulkJobs.recent": lambda it: it.bulk_jobs.recent(APP_ID, 10),
    "BulkJobs.rows": lambda it: it.bulk_jobs.rows(a_bulk_job(), after=0, limit=10),
    "Timers.between": lambda it: list(it.timers.between(NOW, NOW + minutes(1))),
    "Timers.swept_until": lambda it: it.timers.swept_until(),
    "DialCalls.get": lambda it: it.dials.get("org", DIAL.id),
    "DialCalls.due": lambda it: it.dials.due(due_of_dial(DIAL)),
    "DialCalls.attempt": lambda it: it.dials.attempt("org", DIAL.id, 1),
    "DialCalls.waiting": lambda it: it.dials.waiting(None),
    "DialCalls.find": lambda it: it.dials.find(DialQuery(organization_id="org", since=NOW, until=TOMORROW)),
    "DialCalls.tally": lambda it: it.dials.tally(DialQuery(organization_id="org", since=NOW, until=TOMORROW)),
    "Derivations.mend": lambda it: it.derivations.mend([(GONE, Derived(subject=GONE["pk"], version=1, is_gone=True))]),
    "Derivations.counts": lambda it: it.derivations.counts("APP#a#CALLS", "ALL"),
    "DialLists.page": lambda it: it.dial_lists.page(LISTED_DIALS),
    "DialLists.of_campaign": lambda it: it.dial_lists.of_campaign("org", "campaign"),
    "DialLists.progress": lambda it: it.dial_lists.progress("org", "campaign"),
    "DialLists.of_days": lambda it: it.dial_lists.of_days(LISTED_DIALS),
    "DialLists.up_to": lambda it: it.dial_lists.up_to(LISTED_DIALS, 10),
    "Paces.read": lambda it: it.paces.read("+12025550100"),
    "UseCases.get": lambda it: it.use_cases.get("org", "use-case"),
    "Numbers.get": lambda it: it.numbers.get("org", "number"),
    "NumberGrants.get": lambda it: it.grants.get(NUMBER.phone_number),
    "AttemptFacts.before_claim": lambda it: it.attempt_facts.before_claim(DIAL),
    "AttemptFacts.before_start": lambda it: it.attempt_facts.before_start(DIAL, 1),
    "AttemptFacts.before_lookup": lambda it: it.attempt_facts.before_lookup(DIAL),
    "KeptCampaigns.get": lambda it: it.campaigns.get("org", "campaign"),
    "KeptCampaigns.due": lambda it: it.campaigns.due(CAMPAIGN_DUE),
    "KeptCampaigns.list": lambda it: it.campaigns.list("org", 10, None),
    "KeptCampaigns.count": lambda it: it.campaigns.count("org", 10),
    "KeptCampaigns.import_of": lambda it: it.campaigns.import_of("org", "campaign"),
    "DialSettings.get": lambda it: it.use_cases.get("org", "use-case"),
    "DialSettings.list": lambda it: it.use_cases.list("org", 10, None),
    "DialSettings.count": lambda it: it.use_cases.count("org", 10),
    "DoNotCallList.count": lambda it: it.do_not_call.count("org", 10),
    "DoNotCallList.list": lambda it: it.do_not_call.list("org", 10, None),
    "DoNotCallList.listed_among": lambda it: it.do_not_call.listed_among("org", ["+12025550101"]),
    "Uploads.size_of": lambda it: it.uploads.size_of("org", "kept"),
    "Uploads.read": lambda it: list(it.uploads.read("org", "kept")),
}
WRITINGS: dict[str, Callable[[Backend], object]] = {
    "Derivations.apply": lambda it: it.derivations.apply([Derived(subject="APP#a#CALL#1", version=1)]),
    "Bookings.take_time": lambda it: it.bookings.take_time(APP_ID, (), RECEIPT),
    "Bookings.commit": lambda it: it.bookings.commit(BookingWrite(call=CALL, events=(), receipt=RECEIPT)),
    "Receipts.keep": lambda it: it.receipts.keep(RECEIPT),
    "Receipts.complete": lambda it: it.receipts.complete(RECEIPT),
    "Agents.add": lambda it: it.agents.add(APP_ID, an_agent("agent-9"), NOW, RECEIPT),
    "Agents.change": lambda it: it.agents.change(APP_ID, AGENT, AgentChange(values={"name": "Nina"})),
    "AgentTime.add_exception": lambda it: it.agent_time.add_exception(APP_ID, AGENT, EXCEPTION, (), RECEIPT),
    "AgentTime.go_on": lambda it: it.agent_time.go_on(APP_ID, AGENT, EXCEPTION.id, (), last=True),
    "AgentTime.start_removing": lambda it: it.agent_time.start_removing(APP_ID, AGENT, EXCEPTION.id),
    "AgentTime.remove_exception": lambda it: it.agent_time.remove_exception(APP_ID, AGENT, EXCEPTION.id, ()),
    "AgentTime.add_window": lambda it: it.agent_time.add_window(APP_ID, AGENT, WINDOW, (), RECEIPT),
    "AgentTime.remove_window": lambda it: it.agent_time.remove_window(APP_ID, AGENT, WINDOW, ()),
    "Presets.add": lambda it: it.presets.add(APP_ID, PRESET, NOW, RECEIPT),
    "Presets.change": lambda it: it.presets.change(APP_ID, KeptPreset(preset=PRESET), PRESET, "change-1", active=True),
    "Presets.activate": lambda it: it.presets.activate(APP_ID, KeptPreset(preset=PRESET), "change-1", RECEIPT),
    "Presets.remove": lambda it: it.presets.remove(APP_ID, KeptPreset(preset=PRESET)),
    "Rates.count": lambda it: it.rates.count("client-1", dict.fromkeys(Window, 10), NOW),
    "TicketQueue.draw": lambda it: it.ticket_queue.draw(APP_ID, "turn", NOW),
    "TicketQueue.ahead": lambda it: it.ticket_queue.ahead(APP_ID, "turn", 1, NOW, NOW),
    "TicketQueue.leave": lambda it: it.ticket_queue.leave(APP_ID, "turn", 1, NOW),
    "Rooms.happened": lambda it: it.rooms.happened(ROOM, a_happening(), a_key()),
    "Rooms.look_in_at": lambda it: it.rooms.look_in_at(CALL.id, NOW),
    "Rooms.look_in_no_more": lambda it: it.rooms.look_in_no_more(CALL.id, NOW),
    "Seatings.heard": lambda it: it.seatings.heard(ROOM.id, Side.GUEST, "guest-1", 1, NOW, is_linked=True),
    "Seatings.away": lambda it: it.seatings.away(ROOM.id, Side.GUEST, "guest-1", 1, NOW),
    "Seatings.keep": lambda it: it.seatings.keep(ROOM.id, Seats(), seats_of_a_guest()),
    "Mailboxes.put": lambda it: it.mailboxes.put(ROOM.id, Side.GUEST, [Letter(tab=1, number=1, text="x")], NOW),
    "Recordings.add": lambda it: it.recordings.add(a_recording()),
    "Recordings.heard": lambda it: it.recordings.heard(a_recording()),
    "Recordings.keep": lambda it: it.recordings.keep(a_recording(), a_recording().completed(9, NOW)),
    "RecordingFiles.begin": lambda it: it.recording_files.begin(a_recording()),
    "RecordingFiles.complete": lambda it: it.recording_files.complete(a_recording()),
    "RecordingFiles.delete": lambda it: it.recording_files.delete(a_recording()),
    "Rooms.open": lambda it: it.rooms.open(ROOM, RECEIPT),
    "Rooms.end": lambda it: it.rooms.end(ROOM, RECEIPT),
    "Webhooks.add": lambda it: it.webhooks.add(WEBHOOK, RECEIPT),
    "Webhooks.change": lambda it: it.webhooks.change(APP_ID, WEBHOOK.id, {"description": "New"}),
    "Webhooks.remove": lambda it: it.webhooks.remove(APP_ID, WEBHOOK.id),
    "Deliveries.add": lambda it: it.deliveries.add(DELIVERY, RECEIPT),
    "Deliveries.replace": lambda it: it.deliveries.replace(DELIVERY, DELIVERY.held(), RECEIPT),
    "Reminders.add": lambda it: it.reminders.add([a_reminder()], RECEIPT),
    "Reminders.note_invitation": lambda it: it.reminders.note_invitation(a_reminder(), "ana@guest.example"),
    "Reminders.note_sending": lambda it: it.reminders.note_sending(a_sending()),
    "Suppressions.lift": lambda it: it.suppressions.lift(APP_ID, Channel.EMAIL, "hash-1"),
    "Reminders.claim": lambda it: it.reminders.claim(DUE, "claim-1", NOW),
    "Reminders.settle": lambda it: it.reminders.settle(a_reminder(claim_id="claim-1")),
    "Bookings.let_go": lambda it: it.bookings.let_go(APP_ID, (), LetGo(hold=HOLD.hold, identities=["client-1"])),
    "Holds.end": lambda it: it.holds.end(HOLD, ()),
    "SentCodes.add": lambda it: it.sent_codes.add(a_code(), (), None),
    "SentCodes.was_sent": lambda it: it.sent_codes.was_sent(a_code(), NOW),
    "SentCodes.take_try": lambda it: it.sent_codes.take_try(APP_ID, a_code().id, NOW),
    "SentCodes.give_back_try": lambda it: it.sent_codes.give_back_try(a_code()),
    "ZoneWalks.write": lambda it: it.zone_walks.write(ZoneWalk(release="2026f", seen_at=NOW)),
    "ZoneWalks.keep_app": lambda it: it.zone_walks.keep_app(AppWalk(app_id=APP_ID)),
    "ZoneWalks.drop_app": lambda it: it.zone_walks.drop_app(APP_ID),
    "ZoneWalks.keep_promise": lambda it: it.zone_walks.keep_promise(CALL, promised_now(CALL, "2026f")),
    "BulkJobs.draft": lambda it: it.bulk_jobs.draft(a_bulk_job(), rows_of(["call-1"])),
    "BulkJobs.start": lambda it: it.bulk_jobs.start(a_bulk_job(), a_bulk_job(), an_entry()),
    "BulkJobs.stop": lambda it: it.bulk_jobs.stop(a_bulk_job(), an_entry()),
    "BulkJobs.claim": lambda it: it.bulk_jobs.claim(due_of_job(a_bulk_job(due_at=NOW)), "claim", TOMORROW),
    "BulkJobs.keep": lambda it: it.bulk_jobs.keep(a_bulk_job(revision=2), rows_of(["call-1"])),
    "Timers.claim_minute": lambda it: it.timers.claim_minute(NOW, NOW),
    "Timers.minute_made": lambda it: it.timers.minute_made(NOW),
    "Timers.swept": lambda it: it.timers.swept(NOW),
    "DialCalls.add": lambda it: it.dials.add([DIAL]),
    "DialCalls.write": lambda it: it.dials.write(DialWrite(call=DIAL, replaces=1)),
    "DialCalls.write_all": lambda it: it.dials.write_all([DialWrite(call=DIAL, replaces=1)]),
    "Paces.write": lambda it: it.paces.write("+12025550100", KeptPace(pace=Pace(free_at=NOW), version=0)),
    "Paces.give_back": lambda it: it.paces.give_back("+12025550100", "call.1"),
    "KeptCampaigns.open": lambda it: it.campaigns.open(CAMPAIGN),
    "KeptCampaigns.replace": lambda it: it.campaigns.replace(CAMPAIGN, 1, IMPORT),
    "KeptCampaigns.claim_import": lambda it: it.campaigns.claim_import(IMPORT_DUE, "claim", TOMORROW),
    "KeptCampaigns.keep_import": lambda it: it.campaigns.keep_import(IMPORT, 1),
    "DialSettings.add": lambda it: it.use_cases.add(USE_CASE, RECEIPT),
    "DialSettings.replace": lambda it: it.numbers.replace(NUMBER, 1),
    "DialSettings.remove": lambda it: it.numbers.remove("org", NUMBER.id),
    "NumberGrants.add_number": lambda it: it.grants.add_number(NUMBER, a_grant(revision=0), RECEIPT),
    "NumberGrants.put": lambda it: it.grants.put(a_grant()),
    "DoNotCallList.add": lambda it: it.do_not_call.add("org", [BARRED]),
    "DoNotCallList.remove": lambda it: it.do_not_call.remove("org", BARRED.e164),
    "Uploads.put": lambda it: it.uploads.put("org", "new", FILE),
}
UNASKED = {
    *("Uploads.invite", "SentCodes.wake_up"),
    *("RecordingFiles.part_url", "RecordingFiles.tail_url", "RecordingFiles.download_url", "RecordingFiles.origin"),
}
"""Signed, or said, by ourselves: nothing is asked of a store."""
NO_STORES = {
    *("Clock", "Ids", "Deadline", "Backoff", "RateLimitCheck", "TokenSigner", "TokenVerifier"),
    *(
        "Egress",
        "Messenger",
        "CodeMessenger",
        "Queues",
        "Schedules",
        "DeadLetters",
        "Carrier",
        "Waits",
        "GuestWords",
        "FeedWords",
        "Seals",
        "IdentityProvider",
        "OneTimeCodes",
        "Passwords",
        "WayInMessenger",
    ),
    *(
        "AppRollups",
        "Users",
        "Sessions",
        "CalendarFeeds",
        "AuditLog",
        "Connections",
        "KeptCredentials",
        "WaysIn",
    ),  # on tables alone, where tests of pages that people sign in to are
}


def test_every_method_of_every_store_is_asked_here() -> None:
    stores = {
        name: port
        for module in iter_modules(ports.__path__, f"{ports.__name__}.")
        for name, port in vars(import_module(module.name)).items()
        if getattr(port, "_is_protocol", False) and port.__module__ == module.name and name not in NO_STORES
    }
    methods = {
        f"{name}.{method}" for name, port in stores.items() for method in vars(port) if not method.startswith("_")
    }
    assert methods == READINGS.keys() | WRITINGS.keys() | UNASKED


@pytest.mark.parametrize("ask", READINGS.values(), ids=READINGS)
def test_a_reading_of_a_busy_store_says_so_and_is_answered_later(
    backend: Backend, ask: Callable[[Backend], object]
) -> None:
    backend.uploads.put("org", "kept", FILE)
    with backend.throttled(), pytest.raises(StoreBusyError):
        ask(backend)
    ask(backend)


@pytest.mark.parametrize("ask", WRITINGS.values(), ids=WRITINGS)
def test_a_writing_to_a_busy_store_says_so_and_wrote_nothing(
    backend: Backend, ask: Callable[[Backend], object]
) -> None:
    before = backend.rows()
    with backend.throttled(), pytest.raises(StoreBusyError):
        ask(backend)
    assert backend.rows() == before
    with pytest.raises(UploadMissing):
        backend.uploads.size_of("org", "new")


def test_a_writing_to_a_store_that_is_not_busy_is_seen(backend: Backend) -> None:
    """As the test above would see one."""
    for name in ("Rates.count", "TicketQueue.draw", "Rooms.open", "DialCalls.add", "Timers.swept"):
        before = backend.rows()
        WRITINGS[name](backend)
        assert backend.rows() != before, name

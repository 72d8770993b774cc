"""The only place that spells a key.

On SchedulingTable every key begins with its tenant, an app; `room` and `dial_subscription` say why they do not. On
DialingTable the tenant is an organization. On AccessTable a key begins with whose credential or ticket queue it is.
"""

from collections.abc import Mapping
from datetime import date, datetime
from hashlib import sha256

from slotline.domain.shared.due import DueKind, bucket_of
from slotline.domain.shared.instants import format_instant

_DUE_KINDS = {
    "REMINDER": DueKind.REMINDER,
    "CALL": DueKind.CALL,
    "HOLD": DueKind.HOLD,
    "DELIVERY": DueKind.DELIVERY,
    "DIAL": DueKind.ATTEMPT,
    "IMPORT": DueKind.IMPORT,
    "CAMPAIGN": DueKind.CAMPAIGN,
    "BULK": DueKind.BULK,
    "ROOM": DueKind.ROOM,
    "RECORDING": DueKind.RECORDING,
}

# SchedulingTable ---------------------------------------------------------------------------------


def app(app_id: str) -> dict[str, str]:
    """The app, with its active preset."""
    return {"pk": f"APP#{app_id}", "sk": "APP"}


def months(app_id: str) -> dict[str, str]:
    """The months in which the app has calls: the partitions of its calendar."""
    return {"pk": f"APP#{app_id}", "sk": "MONTHS"}


def preset(app_id: str, preset_id: str) -> dict[str, str]:
    """One preset of the app."""
    return {"pk": f"APP#{app_id}", "sk": f"PRESET#{preset_id}"}


def preset_slug(app_id: str, slug: str) -> dict[str, str]:
    """The preset that has this slug in the app: its id, and a copy of it."""
    return {"pk": f"APP#{app_id}", "sk": f"SLUG#{slug}"}


def preset_revision(app_id: str, preset_id: str, revision: int) -> dict[str, str]:
    """A preset as it was at an earlier revision. Such rows are many, and so not beside the app."""
    return {"pk": f"APP#{app_id}#PRESET#{preset_id}", "sk": f"REVISION#{revision:08d}"}


def agent(app_id: str, agent_id: str) -> dict[str, str]:
    """One agent of the app."""
    return {"pk": f"APP#{app_id}", "sk": f"AGENT#{agent_id}"}


def agent_day(app_id: str, agent_id: str, day: date) -> dict[str, str]:
    """An agent day: one agent's UTC day."""
    return {"pk": f"APP#{app_id}#AGENT#{agent_id}", "sk": f"DAY#{day.isoformat()}"}


def do_not_disturb(app_id: str, agent_id: str, start: datetime | None, window_id: str = "") -> dict[str, str]:
    """One do-not-disturb window of an agent: sorts by its start. Without a start: before every window."""
    at = f"{format_instant(start)}#{window_id}" if start else ""
    return {"pk": f"APP#{app_id}#AGENT#{agent_id}", "sk": f"DND#{at}"}


def last_of(first: dict[str, str]) -> str:
    """The end of the range of sort keys that begin as this key's does: ids are ASCII."""
    return first["sk"] + "\x7f"


def call(app_id: str, call_id: str) -> dict[str, str]:
    """One call."""
    return {"pk": f"APP#{app_id}#CALL#{call_id}", "sk": "CALL"}


EVENTS = "EVENT#"
"""What the sort keys of events begin with."""


def event(app_id: str, call_id: str, revision: int, event_id: str) -> dict[str, str]:
    """One event of a call's timeline: sorts by revision, then in the order of writing."""
    return {"pk": f"APP#{app_id}#CALL#{call_id}", "sk": f"EVENT#{revision:08d}#{event_id}"}


def calendar(app_id: str, month: str) -> str:
    """The partition of index `calendar`: the app's calls of one month (`2026-05`)."""
    return f"APP#{app_id}#MONTH#{month}"


def agent_calendar(app_id: str, agent_id: str) -> str:
    """The partition of index `agent_calendar`: the agent's calls."""
    return f"APP#{app_id}#AGENT#{agent_id}"


def calendar_time(scheduled_at: datetime, call_id: str = "") -> str:
    """The order of both calendars: by start, then by id. Without an id: before every call of that start."""
    return f"{format_instant(scheduled_at)}#{call_id}"


def counted_calls(app_id: str, agent_id: str | None = None) -> str:
    """The partition of what counts the app's calls, or those of one agent."""
    return f"APP#{app_id}#AGENT#{agent_id}#CALLS" if agent_id else f"APP#{app_id}#CALLS"


_ROLLED_UP = "#ROLLUPS"


def rolled_up(app_id: str) -> str:
    """The partition of what counts the app's calls, bookings and messages a day at a time, for its dashboard."""
    return f"APP#{app_id}{_ROLLED_UP}"


def rolled_up_agents(app_id: str) -> str:
    """The partition of what counts the app's calls by agent, a day and a week at a time."""
    return f"APP#{app_id}#AGENTS{_ROLLED_UP}"


def is_rolled_up(app_id: str) -> dict[str, str]:
    """Says that all of the app has been counted so since then."""
    return {"pk": rolled_up(app_id), "sk": "COUNTED"}


def is_rollup(partition: str) -> bool:
    """Whether counters of this partition are made to be read as a period."""
    return partition.endswith(_ROLLED_UP)


def calls_in_status(app_id: str, status: str) -> str:
    """The partition of the rows of the app's calls that are in one status."""
    return f"APP#{app_id}#CALLS#{status}"


def call_in_status(app_id: str, status: str, scheduled_at: datetime, call_id: str) -> dict[str, str]:
    """The row of one of them, in the order of calls' starts."""
    return {"pk": calls_in_status(app_id, status), "sk": listed_at(calendar_time(scheduled_at, call_id))}


def calls_are_counted(app_id: str) -> dict[str, str]:
    """Says that every call of the app has been counted since then, so that counters may be shown."""
    return {"pk": counted_calls(app_id), "sk": "COUNTED"}


def calls_with_zone_change(app_id: str) -> str:
    """The partition of the rows of the app's calls whose wall time is another than was promised."""
    return f"APP#{app_id}#CALLS#zone_changed"


def call_with_zone_change(app_id: str, scheduled_at: datetime, call_id: str) -> dict[str, str]:
    """The row of one of them, in the order of calls' starts."""
    return {"pk": calls_with_zone_change(app_id), "sk": listed_at(calendar_time(scheduled_at, call_id))}


def calls_in_pool(app_id: str) -> str:
    """The partition of the rows of the app's calls of the pool that nobody has claimed."""
    return f"APP#{app_id}#CALLS#pool"


def call_in_pool(app_id: str, scheduled_at: datetime, call_id: str) -> dict[str, str]:
    """The row of one of them, in the order of calls' starts."""
    return {"pk": calls_in_pool(app_id), "sk": listed_at(calendar_time(scheduled_at, call_id))}


def app_of_call(pk: str) -> str:
    """The app whose call has this partition."""
    return pk.removeprefix("APP#").partition("#")[0]


def is_call(sk: str) -> bool:
    """True for the sort key of a scheduled call."""
    return sk == "CALL"


def found(app_id: str, digest: str, place: str = "") -> dict[str, str]:
    """One search row of a call under a term, by its place in a calendar (`calendar_time`). Without a place: before all.

    Terms are hashed: a key is no place for an address or a name.
    """
    return {"pk": f"APP#{app_id}#FOUND#{digest}", "sk": f"FOUND#{place}"}


def as_subject(place: Mapping[str, str]) -> str:
    """The partition of the record of a row that is a subject, and has its partition with others."""
    return f"{place['pk']}#{place['sk']}"


def place_of_event(subject: str) -> dict[str, str] | None:
    """The event that is this subject; None if it is none."""
    pk, found, rest = subject.partition(f"#{EVENTS}")
    return {"pk": pk, "sk": f"{EVENTS}{rest}"} if found else None


def reminder(app_id: str, call_id: str, reminder_id: str) -> dict[str, str]:
    """One message about a call that is to be sent, or was."""
    return {"pk": f"APP#{app_id}#CALL#{call_id}", "sk": f"REMINDER#{reminder_id}"}


def invited(app_id: str, call_id: str, agent_id: str | None = None) -> dict[str, str]:
    """Who was sent an invitation to one call by e-mail: the guest, or this agent, whose entry is another one."""
    return {"pk": f"APP#{app_id}#CALL#{call_id}", "sk": f"INVITED#{agent_id}" if agent_id else "INVITED"}


def sending(app_id: str, call_id: str, sending_id: str) -> dict[str, str]:
    """One message about a call, as it was handed to a provider once."""
    return {"pk": f"APP#{app_id}#CALL#{call_id}", "sk": f"SENDING#{sending_id}"}


def suppression(app_id: str, channel: str = "", identity: str = "") -> dict[str, str]:
    """One address or number that the app sends nothing to any more, hashed. Without a channel: before every one."""
    return {"pk": f"APP#{app_id}#SUPPRESSED", "sk": f"SUPPRESSED#{channel}#{identity}" if channel else "SUPPRESSED#"}


def asked_about_call(app_id: str, call_id: str) -> dict[str, str]:
    """The window of messages that were asked for about one call."""
    return {"pk": f"APP#{app_id}#CALL#{call_id}", "sk": "ASKED"}


def asked_for_recipient(app_id: str, identity: str) -> dict[str, str]:
    """The window of messages that were asked for to one recipient, who is hashed as customers are."""
    return {"pk": f"APP#{app_id}#RECIPIENT#{identity}", "sk": "ASKED"}


def asked_in_app(app_id: str) -> dict[str, str]:
    """The window of messages that were asked for in one app."""
    return {"pk": f"APP#{app_id}", "sk": "ASKED"}


def hold(app_id: str, agent_id: str, hold_id: str) -> dict[str, str]:
    """The end of one hold of an agent's time; what it holds stands in the agent's days."""
    return {"pk": f"APP#{app_id}#AGENT#{agent_id}", "sk": f"HOLD#{hold_id}"}


def subscription(app_id: str, webhook_id: str = "") -> dict[str, str]:
    """One webhook subscription of the app. Without an id: before every subscription."""
    return {"pk": f"APP#{app_id}", "sk": f"WEBHOOK#{webhook_id}"}


def dial_subscription(organization_id: str, app_id: str = "", webhook_id: str = "") -> dict[str, str]:
    """Says that one webhook subscription is told of the calls that its organization dials.

    The subscription is its app's, and such calls are no app's: whoever tells of one knows the organization alone.
    Without an app: before every such subscription.
    """
    return {"pk": f"ORG#{organization_id}", "sk": f"WEBHOOK#{app_id}#{webhook_id}" if app_id else "WEBHOOK#"}


DELIVERIES = "DELIVERY#"
"""What the sort keys of deliveries begin with."""


def is_delivery(sk: str) -> bool:
    """True for the sort key of a delivery."""
    return sk.startswith(DELIVERIES)


def delivery(app_id: str, webhook_id: str, subject: str, sequence: int = 0) -> dict[str, str]:
    """One event on its way to one subscription. Events of one subject stand in order of their sequence."""
    return {"pk": f"APP#{app_id}#WEBHOOK#{webhook_id}#{subject}", "sk": f"DELIVERY#{sequence:012d}"}


def delivery_log(app_id: str, webhook_id: str) -> str:
    """The partition of index `calendar`: the deliveries of one subscription."""
    return f"APP#{app_id}#WEBHOOK#{webhook_id}"


def delivery_time(occurred_at: datetime, event_id: str = "") -> str:
    """The order of the log. Without an id: before every delivery of that moment."""
    return f"{format_instant(occurred_at)}#{event_id}"


def due_kind(sk: str) -> DueKind:
    """What a row of index `due` does, by its sort key. Raises KeyError for one that does nothing."""
    return _DUE_KINDS[sk.partition("#")[0]]


def customer(app_id: str, identity: str) -> dict[str, str]:
    """The window of one customer's bookings. Identities are hashed: a key is no place for an address."""
    return {"pk": f"APP#{app_id}#CUSTOMER#{identity}", "sk": "BOOKINGS"}


def bulk_job(app_id: str, job_id: str = "") -> dict[str, str]:
    """A change of many calls of the app. Without an id: before every one; ids sort by their time."""
    return {"pk": f"APP#{app_id}#BULK", "sk": f"BULK#{job_id}"}


def bulk_row(app_id: str, rows_id: str, place: str = "") -> dict[str, str]:
    """One call of such a job, with its result: sorts by its place. Without a place: before every one."""
    return {"pk": f"APP#{app_id}#BULK#{rows_id}", "sk": f"BULKCALL#{place}"}


def room(call_id: str) -> dict[str, str]:
    """The room of a call, of either kind.

    The one key that does not begin with its tenant: whoever follows a join link has the call's id and nothing else. The
    row says whose it is, and whoever comes with a credential is compared with that.
    """
    return {"pk": f"ROOM#{call_id}", "sk": "ROOM"}


def room_event(call_id: str, name: str) -> dict[str, str]:
    """One thing that happened in the room of an instant call, by the name under which it is told once."""
    return {"pk": f"ROOM#{call_id}", "sk": f"HAPPENED#{name}"}


def recording(call_id: str, number: int | None = None) -> dict[str, str]:
    """One recording of a call. Without a number: before all of them."""
    return {"pk": f"ROOM#{call_id}", "sk": f"RECORDING#{number:03}" if number is not None else "RECORDING#"}


def is_room_event(sk: str) -> bool:
    """True for the sort key of something that happened in the room of an instant call."""
    return sk.startswith("HAPPENED#")


def room_calendar(app_id: str, month: str) -> str:
    """The partition of index `calendar`: the app's instant calls that were made in one month (`2026-05`)."""
    return f"APP#{app_id}#ROOMS#{month}"


# Both of these tables ----------------------------------------------------------------------------


def derived(pk: str) -> dict[str, str]:
    """What follows from the subject of this partition, a call as a rule: the names that count it, its search rows."""
    return {"pk": pk, "sk": "DERIVED"}


def counters(partition: str, row: str, shard: int | None = None) -> dict[str, str]:
    """One shard of a row of counters. Without a shard: before every one of the row."""
    return {"pk": partition, "sk": f"COUNTERS#{row}#" if shard is None else f"COUNTERS#{row}#{shard}"}


def listed_at(place: str) -> str:
    """The sort key of a place on a list, in the order of the calendar (`calendar_time`)."""
    return f"LISTED#{place}"


def place_listed(sk: str) -> str:
    """The place in the calendar that such a sort key says."""
    return sk.removeprefix("LISTED#")


# DialingTable ------------------------------------------------------------------------------------


def use_case(organization_id: str, use_case_id: str) -> dict[str, str]:
    """One use case. Without an id: before every use case."""
    return {"pk": f"ORG#{organization_id}", "sk": f"USECASE#{use_case_id}"}


def number(organization_id: str, number_id: str) -> dict[str, str]:
    """One number to call from. Without an id: before every number."""
    return {"pk": f"ORG#{organization_id}", "sk": f"NUMBER#{number_id}"}


def do_not_call(organization_id: str, e164: str) -> dict[str, str]:
    """One number that is not to be called. Without it: before every one."""
    return {"pk": f"ORG#{organization_id}", "sk": f"DNC#{e164}"}


def campaign(organization_id: str, campaign_id: str) -> dict[str, str]:
    """One campaign. Without an id: before every campaign."""
    return {"pk": f"ORG#{organization_id}", "sk": f"CAMPAIGN#{campaign_id}"}


def dial_import(organization_id: str, campaign_id: str) -> dict[str, str]:
    """How far the import of a campaign's file has come."""
    return {"pk": dial_list(organization_id, campaign_id=campaign_id), "sk": "IMPORT"}


OF_RECORD = "#DERIVED"
"""What the partition of a dial call's record has behind the call's own."""


def dials_are_counted() -> dict[str, str]:
    """Says that every call of the table is counted and listed, so that counters and lists may be shown."""
    return {"pk": "ORG#", "sk": "COUNTED"}


def rolled_up_dials(organization_id: str) -> str:
    """The partition of what counts the calls of an organization's campaigns a day at a time."""
    return f"ORG#{organization_id}#DIALS{_ROLLED_UP}"


def dials_are_rolled_up() -> dict[str, str]:
    """Says that every call of a campaign has been counted so since then."""
    return {"pk": f"ORG#{_ROLLED_UP}", "sk": "COUNTED"}


def dial_list(
    organization_id: str, *, campaign_id: str | None = None, number_id: str | None = None, status: str | None = None
) -> str:
    """The partition of a list of calls: of a campaign, a number, or the organization; all, or those in one status.

    That of all has their counters, too: a campaign's in one row, others in a row a UTC day. All calls of an
    organization are on no list: index `calendar` is theirs.
    """
    if campaign_id is not None:
        whose = f"ORG#{organization_id}#CAMPAIGN#{campaign_id}"
    elif number_id is not None:
        whose = f"ORG#{organization_id}#NUMBER#{number_id}"
    else:
        whose = f"ORG#{organization_id}#DIALS"
    return whose if status is None else f"{whose}#{status}"


def dial_place(pk: str, scheduled_at: datetime, call_id: str = "") -> dict[str, str]:
    """A call's place on such a list, in the order of the calendar. Without an id: before every call of that moment."""
    return {"pk": pk, "sk": listed_at(calendar_time(scheduled_at, call_id))}


def dial_call(organization_id: str, call_id: str) -> dict[str, str]:
    """One call to be dialled."""
    return {"pk": f"ORG#{organization_id}#DIAL#{call_id}", "sk": "DIAL"}


def dial_record(organization_id: str, call_id: str) -> str:
    """The partition of the record of what is derived from a call.

    It is not beside the call, as others are beside their subjects: whatever stands between a call's first attempt and
    the call is read as attempts.
    """
    return f"{dial_call(organization_id, call_id)['pk']}{OF_RECORD}"


def dial_attempt(organization_id: str, call_id: str, number: int = 0) -> dict[str, str]:
    """One attempt at a call. Without a number: before every attempt."""
    return {"pk": f"ORG#{organization_id}#DIAL#{call_id}", "sk": f"ATTEMPT#{number:04d}"}


def dial_event(organization_id: str, call_id: str, sequence: int = 0) -> dict[str, str]:
    """One thing that happened to a call: sorts by its sequence. Without one: before every event."""
    return {"pk": f"ORG#{organization_id}#DIAL#{call_id}", "sk": f"EVENT#{sequence:08d}"}


def is_dial_call(sk: str) -> bool:
    """True for the sort key of a call to be dialled."""
    return sk == "DIAL"


def is_reminder(sk: str) -> bool:
    """True for the sort key of a message about a call."""
    return sk.startswith("REMINDER#")


def is_event(sk: str) -> bool:
    """True for the sort key of something that happened to a call."""
    return sk.startswith(EVENTS)


def is_campaign(sk: str) -> bool:
    """True for the sort key of a campaign."""
    return sk.startswith("CAMPAIGN#")


def dial_calendar(organization_id: str, month: str) -> str:
    """The partition of index `calendar`: the organization's calls that were first planned for one month (`2026-05`)."""
    return f"ORG#{organization_id}#DIALS#{month}"


# AccessTable -------------------------------------------------------------------------------------


def rate(principal: str, day: date) -> dict[str, str]:
    """One principal's request counters of one UTC day."""
    return {"pk": f"CLIENT#{principal}", "sk": f"RATE#{day.isoformat()}"}


def rates_of(principal: str) -> dict[str, str]:
    """What the sort keys of all of one principal's counters begin with."""
    return {"pk": f"CLIENT#{principal}", "sk": "RATE#"}


def ticket_queue(app_id: str, name: str) -> dict[str, str]:
    """The ticket queue of requests that wait for what the name says."""
    return {"pk": f"APP#{app_id}", "sk": f"LINE#{name}"}


def pace(e164: str) -> dict[str, str]:
    """What a number has given out: its starts and lines, whoever calls from it."""
    return {"pk": f"NUMBER#{e164}", "sk": "PACE"}


def number_grant(e164: str) -> dict[str, str]:
    """Whom a number is granted to. A number is nobody's until then, so its key begins with no organization."""
    return {"pk": f"NUMBER#{e164}", "sk": "GRANT"}


def is_number(sk: str) -> bool:
    """True for the sort key of a number to call from."""
    return sk.startswith("NUMBER#")


def receipt(principal: str, route: str, key: str) -> dict[str, str]:
    """The first answer to an idempotency key. Hashed: a client's key may be anything, and long."""
    digest = sha256(f"{route}\n{key}".encode()).hexdigest()
    return {"pk": f"CLIENT#{principal}", "sk": f"RECEIPT#{digest}"}


def client(client_id: str) -> dict[str, str]:
    """One OAuth client with its grants."""
    return {"pk": f"CLIENT#{client_id}", "sk": "CLIENT"}


def api_key(key_hash: str) -> dict[str, str]:
    """One API key with its grants, by the key's SHA-256."""
    return {"pk": f"APIKEY#{key_hash}", "sk": "APIKEY"}


def sent_code(app_id: str, code_id: str) -> dict[str, str]:
    """A code that proves an address. Of an app: in another one it is none."""
    return {"pk": f"CODE#{app_id}#{code_id}", "sk": "CODE"}


def widget_key(key_hash: str) -> dict[str, str]:
    """The app of one widget key, by the key's SHA-256."""
    return {"pk": f"WIDGETKEY#{key_hash}", "sk": "WIDGETKEY"}


def user(user_id: str) -> dict[str, str]:
    """One account."""
    return {"pk": f"USER#{user_id}", "sk": "USER"}


def session(user_id: str, session_hash: str = "") -> dict[str, str]:
    """One session of a user, by the SHA-256 of its secret. Without it: before every session of theirs."""
    return {"pk": f"USER#{user_id}", "sk": f"SESSION#{session_hash}"}


def known_device(user_id: str, device_hash: str) -> dict[str, str]:
    """A device that a user signed in with, by the SHA-256 of its secret."""
    return {"pk": f"USER#{user_id}", "sk": f"DEVICE#{device_hash}"}


def calendar_feed(token_hash: str) -> dict[str, str]:
    """An agent's calendar feed, by the SHA-256 of its address's token."""
    return {"pk": f"FEED#{token_hash}", "sk": "FEED"}


def calendar_feed_of(user_id: str, app_id: str) -> dict[str, str]:
    """Which feed a user has of an app."""
    return {"pk": f"USER#{user_id}", "sk": f"FEED#{app_id}"}


def sign_in_name(email_hash: str) -> dict[str, str]:
    """Whose account an e-mail address is, by its SHA-256 in lower case: one address is one account."""
    return {"pk": f"SIGNIN#{email_hash}", "sk": "SIGNIN"}


def sign_in_token(token_hash: str) -> dict[str, str]:
    """An invitation, or the way to a new password, by the SHA-256 of its token."""
    return {"pk": f"SIGNINTOKEN#{token_hash}", "sk": "SIGNINTOKEN"}


def asked_way_in(asked_id: str) -> dict[str, str]:
    """A mail that was asked for, with a link by which its reader chooses a password."""
    return {"pk": f"WAYIN#{asked_id}", "sk": "WAYIN"}


def member(organization_id: str, user_id: str = "") -> dict[str, str]:
    """Says that a user is of an organization. Without an id: before every user of it."""
    return {"pk": f"PEOPLE#{organization_id}", "sk": f"MEMBER#{user_id}"}


def organization_app(organization_id: str, app_id: str = "") -> dict[str, str]:
    """Says that an app is of an organization. Without an id: before every app of it."""
    return {"pk": f"PEOPLE#{organization_id}", "sk": f"OWNS#{app_id}"}


def organization_key(organization_id: str, kind: str = "", key_id: str = "") -> dict[str, str]:
    """Says that a client or a key is of an organization. Without a kind: before every one of it."""
    return {"pk": f"PEOPLE#{organization_id}", "sk": f"KEY#{kind.upper()}#{key_id}" if kind else "KEY#"}


def organization(organization_id: str) -> dict[str, str]:
    """What an organization decided about its people."""
    return {"pk": f"PEOPLE#{organization_id}", "sk": "ORGANIZATION"}


def connection(connection_id: str) -> dict[str, str]:
    """A connection to an organization's own provider of identities."""
    return {"pk": f"CONNECTION#{connection_id}", "sk": "CONNECTION"}


def connection_of_domain(domain: str) -> dict[str, str]:
    """Which connection vouches for the addresses of a domain."""
    return {"pk": f"DOMAIN#{domain}", "sk": "DOMAIN"}


def organization_connection(organization_id: str, connection_id: str = "") -> dict[str, str]:
    """Says that a connection is of an organization. Without an id: before every connection of it."""
    return {"pk": f"PEOPLE#{organization_id}", "sk": f"CONNECTS#{connection_id}"}


def pending_sign_in(state_hash: str) -> dict[str, str]:
    """A sign-in that is on its way to a provider and back, by the SHA-256 of its state."""
    return {"pk": f"SIGNINSTATE#{state_hash}", "sk": "SIGNINSTATE"}


def identity(identity_hash: str) -> dict[str, str]:
    """Who in an organization is known to a provider under an issuer and subject, by the SHA-256 of all three."""
    return {"pk": f"IDENTITY#{identity_hash}", "sk": "IDENTITY"}


def audit(organization_id: str, app_id: str | None, month: str, place: str = "") -> dict[str, str]:
    """A row of the audit log of an app, or of an organization without one, in one month (`2026-05`).

    `place`: the instant and the entry's id. Without it: before every row of the month.
    """
    whose = f"ORG#{organization_id}" if app_id is None else f"APP#{app_id}"
    return {"pk": f"AUDIT#{whose}#{month}", "sk": f"AUDIT#{place}"}


def seats(call_id: str) -> dict[str, str]:
    """Who is in the room of a call. Not beside the room: a sign of life every few seconds is no news for a stream."""
    return {"pk": f"ROOM#{call_id}", "sk": "SEATS"}


def recorded(call_id: str, number: int | None = None) -> dict[str, str]:
    """How far a recording has come, as its page last said. Without a number: before all of them."""
    return {"pk": f"ROOM#{call_id}", "sk": f"RECORDED#{number:03}" if number is not None else "RECORDED#"}


def mail(call_id: str, side: str, place: str = "") -> dict[str, str]:
    """What one side of a room left for this one: sorts as it was sent. Without a place: before all of it."""
    return {"pk": f"ROOM#{call_id}", "sk": f"MAIL#{side}#{place}"}


def minute(at: datetime) -> dict[str, str]:
    """Whether this minute has its schedule. Minutes are nobody's: one schedule wakes the rows of all tenants."""
    return {"pk": f"MINUTE#{format_instant(at)}", "sk": "SCHEDULE"}


def walk(name: str) -> dict[str, str]:
    """How far a walk over a table has come, and what it has found so far."""
    return {"pk": f"WALK#{name}", "sk": "WALK"}


def mark_of_walk(name: str, partition: str = "") -> dict[str, str]:
    """A row that is to be written to this partition once the walk is over. Without a partition: before all of them."""
    return {"pk": f"WALK#{name}", "sk": f"WALK#{partition}"}


def app_of_walk(name: str, app_id: str = "") -> dict[str, str]:
    """How far a walk has come with one app. Without an app: before all of them."""
    return {"pk": f"WALK#{name}", "sk": f"APP#{app_id}"}


def watermark() -> dict[str, str]:
    """How far the last sweep came."""
    return {"pk": "SWEEP", "sk": "WATERMARK"}


def due_fields(key: Mapping[str, str], at: datetime | None) -> dict[str, object]:
    """The attributes of a row with this key that is due then; none for a row that waits for nothing."""
    if at is None:
        return {}
    return {"due_at": at, "due_bucket": bucket_of(at, key["pk"], key["sk"])}

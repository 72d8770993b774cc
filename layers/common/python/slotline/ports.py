"""What the use cases need from the world, by role. Adapters are named by technology first (`DynamoBookings`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:  # every door imports the ports, and few need all that they speak of
    from slotline.domain.apps import Agent, App, Preset
    from slotline.domain.assignment import Candidate
    from slotline.domain.blocks import DayBlock
    from slotline.domain.calls import Call, TimelineEvent
    from slotline.domain.claims import Claim
    from slotline.domain.customers import CustomerChange, CustomerHistory
    from slotline.domain.deliveries import Delivery, LogPage, LogQuery, Place
    from slotline.domain.dial_campaigns import Import, Invitation
    from slotline.domain.dial_events import DialEvent
    from slotline.domain.dial_listing import DialPage, DialQuery
    from slotline.domain.dial_orders import Order, Report
    from slotline.domain.dial_pace import Pace
    from slotline.domain.dialing import Attempt, BarredNumber, Campaign, DialCall, Number, UseCase
    from slotline.domain.due import Due
    from slotline.domain.idempotency import IdempotencyKey, Receipt
    from slotline.domain.identity import AccessToken, Client
    from slotline.domain.intervals import Interval
    from slotline.domain.ledger import DayChange, Ledger
    from slotline.domain.limits import RateState, Window
    from slotline.domain.listing import CallPage, CallQuery, Listed
    from slotline.domain.messages import Message
    from slotline.domain.reminders import Reminder, ReminderPlan
    from slotline.domain.schedules import DoNotDisturbWindow, ScheduleException
    from slotline.domain.slots import Busy
    from slotline.domain.video_calls import VideoCall
    from slotline.domain.webhooks import Subscription
    from slotline.domain.widgets import Website

Setting = TypeVar("Setting")


class Clock(Protocol):
    """Now."""

    def now(self) -> datetime:
        """The present instant, in UTC."""
        ...


class Ids(Protocol):
    """New identifiers."""

    def new(self) -> str:
        """A UUID (v7, RFC 9562) that no other thing has; later ones sort later."""
        ...


class Backoff(Protocol):
    """The wait before a try that follows a lost race."""

    def pause(self, attempt: int) -> None:
        """Wait before the attempt after number `attempt` (from 1), with full jitter."""
        ...


class Gate(Protocol):
    """A check that may still refuse a request after its reading and before its writing."""

    def __call__(self) -> None:
        """Raises a DomainError where the request may not go on."""
        ...


class RaceLost(Exception):
    """The ledger moved between the reading and the writing; nothing was written."""


class AlreadyAnswered(Exception):
    """Another request with the same idempotency key committed first; nothing was written."""


class AlreadyWritten(Exception):
    """The call of this id is already there."""


class StoreBusyError(Exception):
    """Throttled, or in another transaction's way: nothing was written, and the decision may still be right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """All that a booking's decision rests on, read at once and strongly consistent. What is not there is None."""

    app: App | None
    agent: Agent | None
    ledger: Ledger | None
    receipt: Receipt | None
    listed_months: frozenset[str]
    customers: Sequence[CustomerHistory] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AppCalendars:
    """An app with the agents asked for, each with what is taken in the time asked for."""

    app: App | None
    agents: Sequence[tuple[Agent, Sequence[Busy]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class CallSituation:
    """A call that is to be changed, with its app, read at once and strongly consistent."""

    app: App | None
    call: Call | None
    receipt: Receipt | None
    listed_months: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A round-robin turn given to an agent, on condition that the agent has had as many turns as was read."""

    agent_id: str
    turns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingWrite:
    """Everything that one booking, or one change of a booking, writes: in one transaction.

    `replaces` is the revision that the change was decided on; None makes a new call.
    """

    call: Call
    events: Sequence[TimelineEvent]
    days: Sequence[DayChange] = ()
    receipt: Receipt | None = None
    list_month: bool = False
    replaces: int | None = None
    customers: Sequence[CustomerChange] = ()
    uncounted: Sequence[str] = ()
    """Identities in whose windows a cancelled call counts no longer."""
    turn: Turn | None = None
    reminders: ReminderPlan | None = None
    told: Reminder | None = None
    """A message with its outcome, written on condition that its claim still stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldSlot:
    """The end of a hold, which has to be seen to."""

    app_id: str
    agent_id: str
    claim: Claim


class Bookings(Protocol):
    """Where calls are booked: the ledgers and the calls, changed together."""

    def look(
        self,
        app_id: str,
        agent_id: str | None,
        around: Interval,
        key: IdempotencyKey | None,
        customers: Sequence[str] = (),
    ) -> Situation:
        """Read what a decision about this agent, time and customer needs, in one request. Raises StoreBusyError."""
        ...

    def look_at(self, app_id: str, call_id: str, key: IdempotencyKey | None) -> CallSituation:
        """Read a call that is to be changed, in one request. Raises StoreBusyError."""
        ...

    def candidate(self, app_id: str, agent_id: str, around: Interval) -> Candidate | None:
        """An agent with the days around this time, or None where there is no such agent. Raises StoreBusyError."""
        ...

    def candidates(self, app_id: str, around: Interval) -> Sequence[Candidate]:
        """Every agent of the app with the days around this time. Raises StoreBusyError."""
        ...

    def take_time(
        self, app_id: str, days: Sequence[DayChange], receipt: Receipt | None = None, hold: HeldSlot | None = None
    ) -> None:
        """Write to agents' days alone: a hold, with its end. Raises RaceLost, AlreadyAnswered or StoreBusyError."""
        ...

    def commit(self, write: BookingWrite) -> None:
        """Write it all or nothing.

        Raises RaceLost, AlreadyAnswered, AlreadyWritten or StoreBusyError; after any other error nobody knows.
        """
        ...


class Holds(Protocol):
    """Holds whose time runs out. Every method may raise StoreBusyError."""

    def due(self, due: Due) -> HeldSlot | None:
        """The hold that is due, if it still is."""
        ...

    def end(self, hold: HeldSlot, days: Sequence[DayChange]) -> None:
        """Take the hold away with its claim. Again: nothing to do."""
        ...


class Reminders(Protocol):
    """Messages about calls, from their planning to their outcome. Every method may raise StoreBusyError."""

    def add(self, reminders: Sequence[Reminder], receipt: Receipt | None) -> None:
        """Keep messages that somebody asked for. Raises AlreadyWritten or AlreadyAnswered."""
        ...

    def claim(self, due: Due, claim_id: str, until: datetime) -> Reminder | None:
        """Take a message to send it; None where it is no longer due then. Unless it is settled, it is due again."""
        ...

    def is_claimed(self, reminder: Reminder) -> bool:
        """Whether the claim that the message was taken with still stands."""
        ...

    def settle(self, reminder: Reminder) -> None:
        """Write what became of it, if its claim still stands; otherwise nothing.

        One that a change of its call dropped meanwhile is not made due again.
        """
        ...


class Receipts(Protocol):
    """Answers to idempotency keys whose effect is not one transaction."""

    def find(self, key: IdempotencyKey) -> Receipt | None:
        """The first answer to this key, while it is kept. Raises StoreBusyError."""
        ...

    def keep(self, receipt: Receipt) -> None:
        """Keep a first answer; one that is there already stays. Raises StoreBusyError."""
        ...

    def complete(self, receipt: Receipt) -> None:
        """Put the whole answer in place of the part that committed with the effect. Raises StoreBusyError."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentChange:
    """New values for attributes of an agent; None clears one.

    `turns`: as they were read and as they shall be, on condition that the agent got no other turn meanwhile.
    """

    values: Mapping[str, object]
    turns: tuple[int, int] | None = None


class Agents(Protocol):
    """Where the agents of an app are kept."""

    def look(self, app_id: str, agent_id: str) -> tuple[App | None, Agent | None]:
        """The app and one agent, in one request. Raises StoreBusyError."""
        ...

    def all(self, app_id: str) -> tuple[App | None, Sequence[Agent]]:
        """The app and all its agents by id, in one request. Raises StoreBusyError."""
        ...

    def add(self, app_id: str, agent: Agent, at: datetime, receipt: Receipt | None) -> None:
        """Keep a new agent. Raises AlreadyWritten, AlreadyAnswered, RaceLost (the app is gone) or StoreBusyError."""
        ...

    def change(self, app_id: str, agent_id: str, change: AgentChange) -> Agent:
        """Write the attributes named, and no others; the agent as it is then. Raises RaceLost or StoreBusyError."""
        ...


class AgentTime(Protocol):
    """What agents' calendars say besides calls. Every method may raise StoreBusyError."""

    def add_exception(
        self,
        app_id: str,
        agent_id: str,
        exception: ScheduleException,
        days: Sequence[DayBlock],
        receipt: Receipt | None,
    ) -> None:
        """Keep an exception and its first days. Raises AlreadyAnswered, or RaceLost: the agent is gone, or has it."""
        ...

    def go_on(self, app_id: str, agent_id: str, exception_id: str, days: Sequence[DayBlock], *, last: bool) -> None:
        """Write more days of an exception that is being applied. Raises RaceLost where it no longer is."""
        ...

    def start_removing(self, app_id: str, agent_id: str, exception_id: str) -> None:
        """From now on no more of its days are written. Raises RaceLost where the exception is gone."""
        ...

    def remove_exception(self, app_id: str, agent_id: str, exception_id: str, days: Sequence[DayChange]) -> None:
        """Take it away with the last of its days. Raises RaceLost where it is gone."""
        ...

    def windows(self, app_id: str, agent_id: str, span: Interval) -> Sequence[DoNotDisturbWindow]:
        """The do-not-disturb windows that reach into the span, in order."""
        ...

    def window(self, app_id: str, agent_id: str, window_id: str) -> DoNotDisturbWindow | None:
        """One window, or None."""
        ...

    def add_window(
        self,
        app_id: str,
        agent_id: str,
        window: DoNotDisturbWindow,
        days: Sequence[DayBlock],
        receipt: Receipt | None,
    ) -> None:
        """Keep a window with its days. Raises AlreadyWritten, AlreadyAnswered, or RaceLost: the agent is gone."""
        ...

    def remove_window(self, app_id: str, agent_id: str, window: DoNotDisturbWindow, days: Sequence[DayChange]) -> None:
        """Take a window away with its days. Raises RaceLost where it is gone."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPreset:
    """A preset as it was read. `change_id`: the change that made it so; None while nobody has changed it."""

    preset: Preset
    change_id: str | None = None


class Presets(Protocol):
    """Where the presets of an app are kept, and the copy of the active one."""

    def look(self, app_id: str, preset_id: str) -> tuple[App | None, KeptPreset | None]:
        """The app, with its active preset, and one preset, in one request. Raises StoreBusyError."""
        ...

    def all(self, app_id: str) -> tuple[App | None, Sequence[Preset]]:
        """The app and all its presets, in order of their ids. Raises StoreBusyError."""
        ...

    def add(self, app_id: str, preset: Preset, at: datetime, receipt: Receipt | None) -> None:
        """Keep a new preset. Raises AlreadyWritten, AlreadyAnswered, RaceLost (the app is gone) or StoreBusyError."""
        ...

    def change(
        self, app_id: str, preset_id: str, values: Mapping[str, object], change_id: str, *, active: bool
    ) -> None:
        """Write the attributes named, in the app's copy too where it is active.

        Raises RaceLost where it is gone, or is no longer active, or is now; or StoreBusyError.
        """
        ...

    def activate(self, app_id: str, kept: KeptPreset, change_id: str, receipt: Receipt | None) -> None:
        """Make it the one that rules. Raises RaceLost where it has changed; AlreadyAnswered or StoreBusyError."""
        ...

    def remove(self, app_id: str, preset_id: str) -> None:
        """Take it away. Raises RaceLost where it is gone, or is active; or StoreBusyError."""
        ...


class Calendars(Protocol):
    """Agents' calendars, as a search reads them."""

    def read(self, app_id: str, agent_id: str | None, around: Interval, now: datetime) -> AppCalendars:
        """The app, and the calendars of one agent or of all. Raises StoreBusyError."""
        ...


class Lines(Protocol):
    """Where requests of an app stand one behind the other. Advice, not a lock: each turn runs out by itself."""

    def draw(self, app_id: str, name: str, now: datetime) -> int:
        """A number behind all that were drawn. Raises StoreBusyError."""
        ...

    def ahead(self, app_id: str, name: str, number: int, now: datetime, until: datetime) -> int:
        """How many are before it; none: it is its turn until then, or it was passed over. Raises StoreBusyError."""
        ...

    def leave(self, app_id: str, name: str, number: int, until: datetime) -> None:
        """Its turn is over; the next one has until then to ask. Raises StoreBusyError."""
        ...


class Rates(Protocol):
    """Where requests are counted."""

    def count(self, principal: str, limits: dict[Window, int], now: datetime) -> RateState:
        """Count one request in all windows, or in none where one is full. Raises StoreBusyError."""
        ...


class Calls(Protocol):
    """Where calls are read."""

    def app_exists(self, app_id: str) -> bool:
        """True while the app is there."""
        ...

    def get(self, app_id: str, call_id: str) -> tuple[Call, Sequence[TimelineEvent]] | None:
        """A call with its timeline in order, or None."""
        ...

    def find(self, query: CallQuery) -> CallPage:
        """One page of the calls that match."""
        ...

    def due(self, due: Due) -> Call | None:
        """The call that time is to change now, if it still is. Raises StoreBusyError."""
        ...


class Credentials(Protocol):
    """Who holds which credential."""

    def client(self, client_id: str) -> Client | None:
        """The client of this id, revoked ones too. Raises StoreBusyError."""
        ...

    def api_key(self, key_hash: str) -> Client | None:
        """The grants of the API key with this hash, revoked ones too. Raises StoreBusyError."""
        ...


class TokenSigner(Protocol):
    """Makes access tokens that anybody can verify and nobody else can make."""

    def sign(self, token: AccessToken) -> str:
        """The token as a JWT (RFC 9068). Raises StoreBusyError."""
        ...


class TokenVerifier(Protocol):
    """Tells our tokens from all others."""

    def claims(self, token: str, issuer: str) -> Mapping[str, object]:
        """The claims of a token with our signature; their times are the caller's to judge.

        Raises BadCredential for any other token, and StoreBusyError.
        """
        ...


class Websites(Protocol):
    """Which website holds which widget key."""

    def find(self, app_id: str, key_hash: str) -> Website | None:
        """The app with its widget key of this hash; None unless both are there and belong together.

        Raises StoreBusyError.
        """
        ...


class Rooms(Protocol):
    """Where calls have their rooms. Every method may raise StoreBusyError."""

    def open(self, call: VideoCall, receipt: Receipt | None) -> None:
        """Keep a new call with its room. Raises AlreadyWritten or AlreadyAnswered."""
        ...

    def find(self, call_id: str) -> VideoCall | None:
        """The call with this id, of either kind and of whatever app, as it is now."""
        ...

    def app(self, app_id: str) -> App | None:
        """The app, with its active preset."""
        ...

    def end(self, call: VideoCall, receipt: Receipt | None) -> None:
        """Keep that an instant call is over. Raises RaceLost where it already was, or AlreadyAnswered."""
        ...


class MessageRefused(Exception):
    """The channel will never take this message: the text says why, without the recipient or what was written."""


class MessengerBusyError(Exception):
    """The channel did not take the message now, or its answer was lost; it may be sent again."""


class Messenger(Protocol):
    """Sends messages over one channel."""

    def send(self, message: Message) -> str:
        """Send it; the provider's id of it. Raises MessageRefused or MessengerBusyError."""
        ...


class QueueBusyError(Exception):
    """A wake-up may not have been sent, or not be scheduled; it may be sent again."""


class Queues(Protocol):
    """Where what is due waits for the function that does it."""

    def send(self, due: Sequence[Due], now: datetime) -> None:
        """Send each to the queue of its kind, held back until it is due, and 15 minutes at most.

        Raises QueueBusyError; some may have been sent by then.
        """
        ...


class Schedules(Protocol):
    """What wakes the system up at a minute."""

    def wake(self, minute: datetime) -> None:
        """Have `FireDue` run for this minute, ahead of it; once, however often this is asked. Raises QueueBusyError."""
        ...


class Timers(Protocol):
    """The rows that act later, by the time they are due. Every method may raise StoreBusyError."""

    def between(self, start: datetime, end: datetime) -> Iterator[Sequence[Due]]:
        """What is due from `start` up to but not at `end`, a page at a time; what was written just now may be missing.

        Both are in one hour.
        """
        ...

    def claim_minute(self, minute: datetime, now: datetime) -> bool:
        """Whether the minute's schedule is the caller's to make; False where it is made.

        Raises QueueBusyError while another is making it.
        """
        ...

    def minute_made(self, minute: datetime) -> None:
        """The minute has its schedule."""
        ...

    def swept_until(self) -> datetime | None:
        """The moment up to which everything due was looked for; None before the first time."""
        ...

    def swept(self, until: datetime) -> None:
        """Everything due before this moment was looked for."""
        ...


class DeadLetters(Protocol):
    """Where what nobody can act on is put aside for a person."""

    def put(self, letter: Mapping[str, object]) -> None:
        """Put it aside. Raises QueueBusyError."""
        ...


class AddressRefused(Exception):
    """The URL, or an address it leads to, is not one that requests may go to: the text says why.

    It reads on from a field's name ("must begin with https://") and holds neither the URL nor an address.
    """


class EgressFailedError(Exception):
    """No answer came: connection, TLS or time; the text says which, without the URL's query."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EgressAnswer:
    """What a receiver answered.

    The names of headers are in lower case. `excerpt` is the beginning of the body (2 KB), for the log.
    """

    status: int
    headers: Mapping[str, str]
    excerpt: str


class Egress(Protocol):
    """Requests to URLs that customers gave."""

    def check(self, url: str) -> None:
        """Raises AddressRefused for a URL that may not be called, or whose host cannot be resolved."""
        ...

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> EgressAnswer:
        """One request, redirects not followed. Raises AddressRefused or EgressFailedError."""
        ...


class Webhooks(Protocol):
    """Where the subscriptions of an app are kept. Every method may raise StoreBusyError."""

    def look(self, app_id: str, webhook_id: str | None) -> tuple[App | None, Subscription | None]:
        """The app, and one subscription where one is named, in one request."""
        ...

    def of_app(self, app_id: str) -> Sequence[Subscription]:
        """All subscriptions of the app, in order of their ids."""
        ...

    def add(self, subscription: Subscription, receipt: Receipt | None) -> None:
        """Keep a new one. Raises AlreadyWritten, AlreadyAnswered, or RaceLost: the app is gone, or has its fill."""
        ...

    def change(
        self,
        app_id: str,
        webhook_id: str,
        values: Mapping[str, object],
        expect: Mapping[str, object] | None = None,
        receipt: Receipt | None = None,
    ) -> None:
        """Write the attributes named; None clears one.

        Raises RaceLost where it is gone, or an attribute is not as expected; or AlreadyAnswered.
        """
        ...

    def remove(self, app_id: str, webhook_id: str) -> None:
        """Take it away. Raises RaceLost where it is gone."""
        ...


class Deliveries(Protocol):
    """Events on their way to subscriptions. Every method may raise StoreBusyError."""

    def add(self, delivery: Delivery, receipt: Receipt | None = None) -> None:
        """Keep a new one; one of the same event stays as it is.

        Raises AlreadyWritten where another event has its place, or AlreadyAnswered.
        """
        ...

    def due(self, due: Due) -> Delivery | None:
        """The delivery that a wake-up is for, if it still is due then."""
        ...

    def get(self, place: Place) -> Delivery | None:
        """The delivery of this place, as it is now."""
        ...

    def waiting_before(self, place: Place) -> Delivery | None:
        """The last of the same subscription and subject that is pending and comes earlier."""
        ...

    def waiting_after(self, place: Place) -> Delivery | None:
        """The first of the same subscription and subject that is pending and comes later."""
        ...

    def replace(self, before: Delivery, after: Delivery, receipt: Receipt | None = None) -> None:
        """Write its new state. Raises RaceLost where it is no longer as it was before, or AlreadyAnswered."""
        ...

    def log(self, query: LogQuery) -> LogPage:
        """A part of a subscription's deliveries; what was written just now may be missing.

        A page may hold fewer than asked for, and say where to go on.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class DialWrite:
    """The next revision of a call, with what else is written beside it, all or nothing.

    `replaces`: the revision that the decision saw. `claims`: an attempt that must not be there yet. `attempt`: one that
    is, as it is now.
    """

    call: DialCall
    replaces: int
    claims: Attempt | None = None
    attempt: Attempt | None = None
    event: DialEvent | None = None


class DialCalls(Protocol):
    """Calls to be dialled, with their attempts. Every method may raise StoreBusyError."""

    def add(self, calls: Sequence[DialCall]) -> None:
        """Keep new calls, however many. One that is there already stays as it is, so all may be added again."""
        ...

    def get(self, organization_id: str, call_id: str) -> tuple[DialCall, Sequence[Attempt]] | None:
        """A call with its attempts in order, read consistently, or None."""
        ...

    def due(self, due: Due) -> DialCall | None:
        """The call that is due now, read consistently, if it still is."""
        ...

    def attempt(self, organization_id: str, call_id: str, number: int) -> Attempt | None:
        """One attempt, read consistently, or None."""
        ...

    def write(self, write: DialWrite) -> None:
        """Write it all or nothing. Raises RaceLost where the call has changed, or has the attempt it claims."""
        ...

    def find(self, query: DialQuery) -> DialPage:
        """One page of the calls that match; what was written just now may be missing."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPace:
    """What a number has given out, as it was read. `version`: 0 where nothing is kept of it."""

    pace: Pace
    version: int


class Paces(Protocol):
    """What numbers have given out. Every method may raise StoreBusyError."""

    def read(self, organization_id: str, number_id: str) -> KeptPace:
        """As it is now, read consistently."""
        ...

    def write(self, organization_id: str, number_id: str, kept: KeptPace) -> None:
        """Write the pace in place of the version that it was made from. Raises RaceLost where that has changed."""
        ...


class UseCases(Protocol):
    """What calls are for."""

    def get(self, organization_id: str, use_case_id: str) -> UseCase | None:
        """The use case as it is now, read consistently; hidden ones too. Raises StoreBusyError."""
        ...


class Numbers(Protocol):
    """The numbers that calls are made from."""

    def get(self, organization_id: str, number_id: str) -> Number | None:
        """The number as it is now, read consistently. Raises StoreBusyError."""
        ...


class Campaigns(Protocol):
    """Calls that were asked for together."""

    def get(self, organization_id: str, campaign_id: str) -> Campaign | None:
        """The campaign as it is now, read consistently. Raises StoreBusyError."""
        ...


class DoNotCall(Protocol):
    """Who is not to be called."""

    def is_listed(self, organization_id: str, e164: str) -> bool:
        """Whether the number is on the organization's list now, read consistently. Raises StoreBusyError."""
        ...


class CarrierRefused(Exception):
    """The carrier did not place the call: no phone rang, and none will. The text says why, without any number.

    `may_pass`: true where it says something of the hour or the set-up, and not of the call.
    """

    def __init__(self, reason: str, *, may_pass: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.may_pass = may_pass


class CarrierUnknownError(Exception):
    """The carrier's answer was lost, or says nothing: nobody knows whether a phone rings."""


class Carrier(Protocol):
    """Places calls."""

    def dial(self, order: Order) -> str:
        """Place it; the carrier's own id of it. Raises CarrierRefused or CarrierUnknownError."""
        ...

    def look_up(self, order: Order, carrier_call_id: str | None, claimed_at: datetime) -> Report | None:
        """What became of an order, or None: the carrier has no such call. Raises CarrierUnknownError."""
        ...

    def hang_up(self, carrier_call_id: str) -> None:
        """End a call, wherever it is; one that has ended stays so. Raises CarrierRefused or CarrierUnknownError."""
        ...


class Waits(Protocol):
    """Waiting that is short enough to be done on the spot."""

    def until(self, at: datetime) -> None:
        """Return at this instant, or at once where it has passed."""
        ...


class KeptCampaigns(Protocol):
    """Where campaigns are kept, with the imports of their files. Every method may raise StoreBusyError."""

    def get(self, organization_id: str, campaign_id: str) -> Campaign | None:
        """The campaign as it is now, read consistently."""
        ...

    def list(self, organization_id: str, limit: int, after: str | None) -> Listed[Campaign]:
        """The campaigns before the one with this id, newest first; from the newest where none is named."""
        ...

    def open(self, campaign: Campaign) -> None:
        """Keep a new one; one that is there already stays as it is."""
        ...

    def replace(self, campaign: Campaign, replaces: int, new: Import | None = None) -> None:
        """Keep the next revision of one that still is at this one, with an import that begins. Raises RaceLost."""
        ...

    def import_of(self, organization_id: str, campaign_id: str) -> Import | None:
        """How far the import of its file has come, or None where it has none."""
        ...

    def claim_import(self, due: Due, until: datetime) -> Import | None:
        """Take an import to go on with it; None where it is no longer due then. Unless it is kept, it is due again."""
        ...

    def keep_import(self, kept: Import, replaces: int) -> None:
        """Keep the next revision of an import that still is at this one. Raises RaceLost."""
        ...


class UploadMissing(Exception):
    """Nothing was put there, or it is no longer kept."""


class Uploads(Protocol):
    """Files that organizations put, to be imported. Every method may raise StoreBusyError."""

    def invite(self, organization_id: str, upload_id: str, size: int, lasts: timedelta) -> Invitation:
        """An address to which a file of exactly this many bytes may be put, for so long."""
        ...

    def put(self, organization_id: str, upload_id: str, content: bytes) -> None:
        """Put a file of our own there."""
        ...

    def size_of(self, organization_id: str, upload_id: str) -> int:
        """How many bytes were put. Raises UploadMissing."""
        ...

    def read(self, organization_id: str, upload_id: str) -> Iterator[bytes]:
        """What was put, a piece at a time. Raises UploadMissing."""
        ...


class DialSettings(Protocol[Setting]):
    """Where organizations keep what their calls stand on. Every method may raise StoreBusyError."""

    def get(self, organization_id: str, setting_id: str, /) -> Setting | None:
        """One of them, as it is now."""
        ...

    def list(self, organization_id: str, limit: int, after: str | None) -> Listed[Setting]:
        """Those behind the one with this id, in order of their ids; from the first where none is named."""
        ...

    def add(self, setting: Setting, receipt: Receipt | None, /) -> None:
        """Keep a new one. Raises AlreadyWritten or AlreadyAnswered."""
        ...

    def replace(self, setting: Setting, replaces: int, /) -> None:
        """Keep the next revision of one that still is at this one. Raises RaceLost."""
        ...

    def remove(self, organization_id: str, setting_id: str, /) -> None:
        """Take it away. Raises RaceLost where it is gone."""
        ...


class DoNotCallList(Protocol):
    """Whom an organization does not call, as it keeps them. Every method may raise StoreBusyError."""

    def list(self, organization_id: str, limit: int, after: str | None) -> Listed[BarredNumber]:
        """The numbers behind this one, in order; from the first where none is named."""
        ...

    def add(self, organization_id: str, numbers: Sequence[BarredNumber]) -> None:
        """From now on none of them is called. One that is listed already is listed anew."""
        ...

    def remove(self, organization_id: str, e164: str) -> bool:
        """From now on it may be called; False where it was not listed."""
        ...

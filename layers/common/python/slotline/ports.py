"""What the use cases need from the world, by role. Adapters are named by technology first (`DynamoBookings`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # every door imports the ports, and few need all that they speak of
    from slotline.domain.apps import Agent, App, Preset
    from slotline.domain.assignment import Candidate
    from slotline.domain.blocks import DayBlock
    from slotline.domain.calls import Call, TimelineEvent
    from slotline.domain.claims import Claim
    from slotline.domain.customers import CustomerChange, CustomerHistory
    from slotline.domain.deliveries import Delivery, LogPage, LogQuery, Place
    from slotline.domain.due import Due
    from slotline.domain.idempotency import IdempotencyKey, Receipt
    from slotline.domain.identity import AccessToken, Client
    from slotline.domain.intervals import Interval
    from slotline.domain.ledger import DayChange, Ledger
    from slotline.domain.limits import RateState, Window
    from slotline.domain.listing import CallPage, CallQuery
    from slotline.domain.messages import Message
    from slotline.domain.reminders import Reminder, ReminderPlan
    from slotline.domain.schedules import DoNotDisturbWindow, ScheduleException
    from slotline.domain.slots import Busy
    from slotline.domain.video_calls import VideoCall
    from slotline.domain.webhooks import Subscription
    from slotline.domain.widgets import Website


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
        ...

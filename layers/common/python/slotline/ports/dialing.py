"""Outbound phone calls: what they stand on, where they are kept, and who places them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:  # every handler imports ports, and few need all that they speak of
    from slotline.domain.dialing.attempted_calls import AttemptedCall
    from slotline.domain.dialing.attempts import DialAttempt
    from slotline.domain.dialing.call_lists import DialPage, DialQuery, Tally
    from slotline.domain.dialing.calls import DialCall
    from slotline.domain.dialing.campaigns import Campaign
    from slotline.domain.dialing.carrier_orders import Order, Report
    from slotline.domain.dialing.do_not_call import DoNotCallEntry
    from slotline.domain.dialing.events import DialEvent
    from slotline.domain.dialing.imports import Import, Invitation
    from slotline.domain.dialing.numbers import Number, NumberGrant
    from slotline.domain.dialing.pace import Pace
    from slotline.domain.dialing.progress import Progress
    from slotline.domain.dialing.rulings import Facts
    from slotline.domain.dialing.use_cases import UseCase
    from slotline.domain.shared.audit import AuditEntry
    from slotline.domain.shared.due import Due
    from slotline.domain.shared.idempotency import Receipt
    from slotline.domain.shared.paging import Listed

Setting = TypeVar("Setting")


@dataclass(frozen=True, slots=True, kw_only=True)
class DialWrite:
    """The next revision of a call, with what else is written beside it, all or nothing.

    `replaces`: the revision that the decision saw. `claims`: an attempt that must not be there yet, with its claimer's
    id. `attempt`: one that is, as it is now.
    """

    call: DialCall
    replaces: int
    claims: DialAttempt | None = None
    attempt: DialAttempt | None = None
    event: DialEvent | None = None


class DialCalls(Protocol):
    """Calls to be dialled, with their attempts. Every method may raise StoreBusyError."""

    def add(self, calls: Sequence[DialCall]) -> None:
        """Keep new calls, however many. One that is there already stays as it is, so all may be added again."""
        ...

    def get(self, organization_id: str, call_id: str) -> tuple[DialCall, Sequence[DialAttempt]] | None:
        """A call with its attempts in order, read consistently, or None."""
        ...

    def due(self, due: Due) -> DialCall | None:
        """The call that is due now, read consistently, if it still is."""
        ...

    def attempt(self, organization_id: str, call_id: str, number: int) -> DialAttempt | None:
        """One attempt, read consistently, or None."""
        ...

    def write(self, write: DialWrite) -> None:
        """Write it all or nothing. Raises RaceLost if the call has changed, or another has the attempt it claims."""
        ...

    def write_all(self, writes: Sequence[DialWrite]) -> Sequence[str]:
        """Write each all or nothing; the ids of calls that have changed, of which nothing is written.

        Of no call twice. Where it raises StoreBusyError some may have been written.
        """
        ...

    def waiting(self, place: Mapping[str, object] | None) -> tuple[Sequence[DialCall], Mapping[str, object] | None]:
        """Some calls of whatever organization that are not over, and where the next ones are; None: these are the last.

        What was written just now may be missing.
        """
        ...

    def find(self, query: DialQuery) -> DialPage:
        """One page of the calls that match, from all that the organization dials then. A page may be short.

        What was written just now may be missing.
        """
        ...

    def tally(self, query: DialQuery) -> Tally:
        """All calls that match, read and counted; pages apart. What was written just now may be missing."""
        ...


class DialLists(Protocol):
    """Calls as they are listed and counted: what follows from them, by stream and some seconds behind.

    Nothing is decided by it. As long as there may be calls on no list, because they are older than the lists, every
    answer is None. Every method may raise StoreBusyError.
    """

    def page(self, query: DialQuery) -> DialPage | None:
        """One page of the calls of a campaign, of a number, or in some status, however many there are beside them.

        A page may be short.
        """
        ...

    def of_campaign(self, organization_id: str, campaign_id: str) -> Tally | None:
        """All calls of a campaign, counted."""
        ...

    def progress(self, organization_id: str, campaign_id: str) -> tuple[Progress, Tally | None] | None:
        """A campaign with the import of its file, if it has one, and all its calls, counted, in one request.

        None if there is no such campaign.
        """
        ...

    def of_days(self, query: DialQuery) -> int | None:
        """How many calls the organization, or a number, has on the days of a query, in its statuses."""
        ...

    def up_to(self, query: DialQuery, most: int) -> int | None:
        """How many calls match, pages apart; None too if they are more than so many, or cannot be counted at once."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPace:
    """What a number has given out, as it was read. `version`: 0 where nothing is kept of it."""

    pace: Pace
    version: int


class Paces(Protocol):
    """What numbers have given out: one pace and one set of lines a number, whoever calls from it.

    Every method may raise StoreBusyError.
    """

    def read(self, e164: str) -> KeptPace:
        """As it is now, read consistently."""
        ...

    def write(self, e164: str, kept: KeptPace) -> None:
        """Write the pace in place of the version that it was made from. Raises RaceLost where that has changed."""
        ...

    def give_back(self, e164: str, attempt: str) -> None:
        """Take the attempt's line from the pace as it is by then, whoever else is at it; nothing where it has none."""
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


class NumberGrants(Protocol):
    """Whom numbers are granted to, in the whole deployment. Every method may raise StoreBusyError."""

    def get(self, e164: str) -> NumberGrant | None:
        """The grant as it is now, read consistently; one that was revoked too."""
        ...

    def add_number(
        self, number: Number, seen: NumberGrant, receipt: Receipt | None, entry: AuditEntry | None = None
    ) -> None:
        """Keep a new number with the grant by which it is added, and the answer, all or nothing.

        Raises RaceLost where the grant is no longer as it was seen, AlreadyWritten, or AlreadyAnswered.
        """
        ...

    def put(self, grant: NumberGrant, entry: AuditEntry | None = None) -> None:
        """Keep the next revision of a grant, or the first one. Raises RaceLost where another has been kept."""
        ...


class AttemptFacts(Protocol):
    """What an attempt is decided by, all of it in one read: each row is as it is now, read consistently.

    Whether the number is on the organization's do-not-call list: it is, too, if an older row lists it with the trunk
    prefix of its country (`slotline.domain.shared.phones`). Every method may raise StoreBusyError.
    """

    def before_claim(self, call: DialCall) -> tuple[Facts, KeptPace]:
        """What rules over a call that is in hand, and what its number has given out."""
        ...

    def before_start(self, call: DialCall, attempt: int) -> tuple[Facts, AttemptedCall | None]:
        """What rules over a call once its attempt is claimed, and both as they are by then; None if one is gone."""
        ...

    def before_lookup(self, call: DialCall) -> tuple[DialAttempt | None, UseCase | None, Number | None]:
        """The last attempt at a call that is in hand, and what its carrier is asked about it by."""
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


class KeptCampaigns(Protocol):
    """Where campaigns are kept, with the imports of their files. Every method may raise StoreBusyError."""

    def get(self, organization_id: str, campaign_id: str) -> Campaign | None:
        """The campaign as it is now, read consistently."""
        ...

    def list(self, organization_id: str, limit: int, after: str | None) -> Listed[Campaign]:
        """The campaigns before the one with this id, newest first; from the newest where none is named."""
        ...

    def count(self, organization_id: str, most: int) -> int | None:
        """How many there are; None if they are more than so many, or too large to be counted at once."""
        ...

    def due(self, due: Due) -> Campaign | None:
        """The campaign whose walk goes on now, read consistently, if it still does."""
        ...

    def open(self, campaign: Campaign) -> bool:
        """Keep a new one; one that is there already stays as it is.

        True: it is this one. False: one was there, which may be this very one if an answer of the store was lost.
        """
        ...

    def replace(
        self, campaign: Campaign, replaces: int, new: Import | None = None, entry: AuditEntry | None = None
    ) -> None:
        """Keep the next revision of one that still is at this one, with an import that begins. Raises RaceLost."""
        ...

    def import_of(self, organization_id: str, campaign_id: str) -> Import | None:
        """How far the import of its file has come, or None where it has none."""
        ...

    def claim_import(self, due: Due, claim_id: str, until: datetime) -> Import | None:
        """Take an import to go on with it, under the claimer's own id; None if it is no longer due then.

        Unless it is kept, it is due again.
        """
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
    """Where organizations keep what their calls stand on. Every method may raise StoreBusyError.

    A change is written with its entry of the audit log, or neither is.
    """

    def get(self, organization_id: str, setting_id: str, /) -> Setting | None:
        """One of them, as it is now."""
        ...

    def list(self, organization_id: str, limit: int, after: str | None) -> Listed[Setting]:
        """Those behind the one with this id, in order of their ids; from the first where none is named."""
        ...

    def count(self, organization_id: str, most: int, *, hidden: bool = True) -> int | None:
        """How many there are, those that are hidden too or apart; None if they are more than so many, or too large."""
        ...

    def add(self, setting: Setting, receipt: Receipt | None, entry: AuditEntry | None = None, /) -> None:
        """Keep a new one. Raises AlreadyWritten or AlreadyAnswered."""
        ...

    def replace(self, setting: Setting, replaces: int, entry: AuditEntry | None = None, /) -> None:
        """Keep the next revision of one that still is at this one. Raises RaceLost."""
        ...

    def remove(
        self, organization_id: str, setting_id: str, replaces: int | None = None, entry: AuditEntry | None = None, /
    ) -> None:
        """Take it away, at whatever revision it is unless one is named. Raises RaceLost where there is no such."""
        ...


class DoNotCallList(Protocol):
    """Whom an organization does not call, as it keeps them. Every method may raise StoreBusyError."""

    def list(self, organization_id: str, limit: int, after: str | None) -> Listed[DoNotCallEntry]:
        """The numbers behind this one, in order; from the first where none is named."""
        ...

    def count(self, organization_id: str, most: int) -> int | None:
        """How many there are; None if they are more than so many, or too large to be counted at once."""
        ...

    def listed_among(self, organization_id: str, numbers: Collection[str]) -> Collection[str]:
        """Which of these numbers are on the list now, as `AttemptFacts` finds each, read consistently."""
        ...

    def add(self, organization_id: str, numbers: Sequence[DoNotCallEntry], entry: AuditEntry | None = None) -> None:
        """From now on none of them is called. One that is listed already is listed once more.

        The entry is written before the last of them, and once, however often this is tried.
        """
        ...

    def remove(self, organization_id: str, e164: str, entry: AuditEntry | None = None) -> bool:
        """From now on it may be called, and no older row of it is left; False where it was not listed.

        Raises RaceLost if it was listed or taken off just now.
        """
        ...

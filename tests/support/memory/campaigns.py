"""What organizations set up for dialing, in memory: settings, the do-not-call list, campaigns with imports, uploads."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from slotline.domain.dialing.campaigns import Campaign
from slotline.domain.dialing.do_not_call import DoNotCallEntry
from slotline.domain.dialing.imports import Import, Invitation
from slotline.domain.dialing.numbers import Number, NumberGrant
from slotline.domain.dialing.use_cases import UseCase
from slotline.domain.shared.audit import AuditEntry
from slotline.domain.shared.due import Due, DueKind
from slotline.domain.shared.idempotency import Receipt
from slotline.domain.shared.paging import Listed
from slotline.domain.shared.phones import forms_of
from slotline.ports.dialing import UploadMissing
from slotline.ports.shared import AlreadyWritten, RaceLost
from slotline.store.dynamodb import keys
from tests.support.builders.apps import NOW
from tests.support.memory.faults import Faults
from tests.support.memory.store import MemoryStore, is_due
from tests.support.memory.tokens import RequestTokens, transaction

Setting = TypeVar("Setting", UseCase, Number)
Row = TypeVar("Row")


def page_of(rows: Mapping[str, Row], limit: int, after: str | None, *, newest_first: bool = False) -> Listed[Row]:
    """One page of rows in the order of their names."""
    names = sorted(rows, reverse=newest_first)
    left = [name for name in names if after is None or (name < after if newest_first else name > after)]
    page = left[:limit]
    return Listed(rows=[rows[name] for name in page], next=page[-1] if len(left) > limit else None)


def up_to(most: int, rows: Sequence[object]) -> int | None:
    """How many rows there are; None if they are more than so many."""
    return len(rows) if len(rows) <= most else None


@dataclass
class MemoryDialSettings(Generic[Setting]):
    """`DialSettings` in memory, with receipts in a store."""

    store: MemoryStore
    kept: dict[tuple[str, str], Setting] = field(default_factory=dict)

    def get(self, organization_id: str, setting_id: str) -> Setting | None:
        """As it is now."""
        with self.store.reading():
            return self.kept.get((organization_id, setting_id))

    def list(self, organization_id: str, limit: int, after: str | None) -> Listed[Setting]:
        """One page."""
        with self.store.reading():
            own = {name: one for (owner, name), one in self.kept.items() if owner == organization_id}
            return page_of(own, limit, after)

    def count(self, organization_id: str, most: int, *, hidden: bool = True) -> int | None:
        """One by one."""
        with self.store.reading():
            own = [one for (owner, _), one in self.kept.items() if owner == organization_id]
            return up_to(most, [one for one in own if hidden or not getattr(one, "hidden", False)])

    @transaction
    def add(self, setting: Setting, receipt: Receipt | None, entry: AuditEntry | None = None) -> None:
        """All or nothing."""
        self.store.check_receipt(receipt)
        if (setting.organization_id, setting.id) in self.kept:
            raise AlreadyWritten
        self.kept[setting.organization_id, setting.id] = setting
        self.store.keep(receipt)
        self.store.append(entry)

    @transaction
    def replace(self, setting: Setting, replaces: int, entry: AuditEntry | None = None) -> None:
        """If it still is at this revision."""
        there = self.kept.get((setting.organization_id, setting.id))
        if there is None or there.revision != replaces:
            raise RaceLost
        self.kept[setting.organization_id, setting.id] = setting
        self.store.append(entry)

    @transaction
    def remove(
        self, organization_id: str, setting_id: str, replaces: int | None = None, entry: AuditEntry | None = None
    ) -> None:
        """If it is there, at this revision."""
        there = self.kept.get((organization_id, setting_id))
        if there is None or replaces not in (None, there.revision):
            raise RaceLost
        del self.kept[organization_id, setting_id]
        self.store.append(entry)


@dataclass
class MemoryNumberGrants:
    """`NumberGrants` in memory, beside the numbers."""

    numbers: MemoryDialSettings[Number]
    kept: dict[str, NumberGrant] = field(default_factory=dict)

    @property
    def store(self) -> MemoryStore:
        """Where the numbers are."""
        return self.numbers.store

    def get(self, e164: str) -> NumberGrant | None:
        """As it is now."""
        with self.store.reading():
            return self.kept.get(e164)

    @transaction
    def add_number(
        self, number: Number, seen: NumberGrant, receipt: Receipt | None, entry: AuditEntry | None = None
    ) -> None:
        """All or nothing."""
        self.store.check_receipt(receipt)
        if (number.organization_id, number.id) in self.numbers.kept:
            raise AlreadyWritten
        self._move(seen.added(number))
        self.numbers.kept[number.organization_id, number.id] = number
        self.store.keep(receipt)
        self.store.append(entry)

    def put(self, grant: NumberGrant, entry: AuditEntry | None = None) -> None:
        """If it still is at the revision before."""
        with self.store.writing():
            self._move(grant)
            self.store.append(entry)

    def _move(self, grant: NumberGrant) -> None:
        there = self.kept.get(grant.phone_number)
        if (there.revision if there else 0) != grant.revision - 1:
            raise RaceLost
        self.kept[grant.phone_number] = grant


@dataclass
class MemoryDoNotCallList:
    """`DoNotCallList` in memory."""

    store: MemoryStore
    listed: dict[tuple[str, str], DoNotCallEntry] = field(default_factory=dict)

    def is_listed(self, organization_id: str, e164: str) -> bool:
        """Whether it is on the list now."""
        with self.store.reading():
            return any((organization_id, form) in self.listed for form in forms_of(e164))

    def list(self, organization_id: str, limit: int, after: str | None) -> Listed[DoNotCallEntry]:
        """One page."""
        with self.store.reading():
            own = {e164: one for (owner, e164), one in self.listed.items() if owner == organization_id}
            return page_of(own, limit, after)

    def count(self, organization_id: str, most: int) -> int | None:
        """One by one."""
        with self.store.reading():
            return up_to(most, [e164 for owner, e164 in self.listed if owner == organization_id])

    def listed_among(self, organization_id: str, numbers: Collection[str]) -> Collection[str]:
        """Each as it is asked for by itself."""
        return {e164 for e164 in numbers if self.is_listed(organization_id, e164)}

    def add(self, organization_id: str, numbers: Sequence[DoNotCallEntry], entry: AuditEntry | None = None) -> None:
        """From now on."""
        with self.store.writing():
            self.listed |= {(organization_id, number.e164): number for number in numbers}
            self.store.append(entry if entry not in self.store.audited else None)

    def remove(self, organization_id: str, e164: str, entry: AuditEntry | None = None) -> bool:
        """From now on."""
        with self.store.writing():
            rows = [self.listed.pop((organization_id, form), None) for form in forms_of(e164)]
            was_listed = any(row is not None for row in rows)
            self.store.append(entry if was_listed else None)
            return was_listed


def due_of_campaign(campaign: Campaign) -> Due:
    """The wake-up of a campaign whose walk goes on some time."""
    assert campaign.due_at is not None
    key = keys.campaign(campaign.organization_id, campaign.id)
    return Due(kind=DueKind.CAMPAIGN, pk=key["pk"], sk=key["sk"], at=campaign.due_at)


@dataclass
class MemoryKeptCampaigns:
    """`KeptCampaigns` in memory."""

    faults: Faults = field(default_factory=Faults)
    kept: dict[tuple[str, str], Campaign] = field(default_factory=dict)
    imports: dict[tuple[str, str], Import] = field(default_factory=dict)
    audited: list[AuditEntry] = field(default_factory=list)
    tokens: RequestTokens = field(default_factory=RequestTokens)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One effect."""
        with self.faults.around(self.faults.commits):
            yield

    def get(self, organization_id: str, campaign_id: str) -> Campaign | None:
        """As it is now."""
        with self.faults.around(self.faults.reads):
            return self.kept.get((organization_id, campaign_id))

    def list(self, organization_id: str, limit: int, after: str | None) -> Listed[Campaign]:
        """One page, newest first."""
        with self.faults.around(self.faults.reads):
            own = {name: one for (owner, name), one in self.kept.items() if owner == organization_id}
            return page_of(own, limit, after, newest_first=True)

    def count(self, organization_id: str, most: int) -> int | None:
        """One by one."""
        with self.faults.around(self.faults.reads):
            return up_to(most, [one for owner, one in self.kept if owner == organization_id])

    def due(self, due: Due) -> Campaign | None:
        """If it is due then."""
        with self.faults.around(self.faults.reads):
            for place, there in self.kept.items():
                if keys.campaign(*place) == {"pk": due.pk, "sk": due.sk}:
                    return there if is_due(there.due_at, due) else None
            return None

    def open(self, campaign: Campaign) -> bool:
        """One that is there stays."""
        with self.faults.around(self.faults.commits):
            place = campaign.organization_id, campaign.id
            if place in self.kept:
                return False
            self.kept[place] = campaign
            return True

    @transaction
    def replace(
        self, campaign: Campaign, replaces: int, new: Import | None = None, entry: AuditEntry | None = None
    ) -> None:
        """All or nothing."""
        place = (campaign.organization_id, campaign.id)
        there = self.kept.get(place)
        if there is None or there.revision != replaces or (new and place in self.imports):
            raise RaceLost
        self.kept[place] = campaign
        if new:
            self.imports[place] = new
        if entry:
            self.audited.append(entry)

    def import_of(self, organization_id: str, campaign_id: str) -> Import | None:
        """As it is now."""
        with self.faults.around(self.faults.reads):
            return self.imports.get((organization_id, campaign_id))

    def claim_import(self, due: Due, claim_id: str, until: datetime) -> Import | None:
        """If it is due then."""
        with self.faults.around(self.faults.commits):
            for place, there in self.imports.items():
                if keys.dial_import(*place)["pk"] == due.pk and is_due(there.due_at, due):
                    self.imports[place] = replace(there, claim_id=claim_id, due_at=until, revision=there.revision + 1)
                    return self.imports[place]
            return None

    @transaction
    def keep_import(self, kept: Import, replaces: int) -> None:
        """If it still is at this revision."""
        place = (kept.organization_id, kept.campaign_id)
        if self.imports[place].revision != replaces:
            raise RaceLost
        self.imports[place] = kept


@dataclass
class MemoryUploads:
    """`Uploads` in memory; `piece` bytes are read at a time."""

    files: dict[tuple[str, str], bytes] = field(default_factory=dict)
    piece: int = 64
    on_read: Callable[[], Any] = lambda: None
    faults: Faults = field(default_factory=Faults)

    def invite(self, organization_id: str, upload_id: str, size: int, lasts: timedelta) -> Invitation:
        """Nobody follows it."""
        headers = {"Content-Length": str(size)}
        return Invitation(url=f"memory:{organization_id}/{upload_id}", headers=headers, expires_at=NOW + lasts)

    def put(self, organization_id: str, upload_id: str, content: bytes) -> None:
        """Whatever stands there."""
        with self.faults.around(self.faults.commits):
            self.files[organization_id, upload_id] = content

    def size_of(self, organization_id: str, upload_id: str) -> int:
        """Its bytes."""
        return len(self._file(organization_id, upload_id))

    def read(self, organization_id: str, upload_id: str) -> Iterator[bytes]:
        """A piece at a time."""
        self.on_read()
        content = self._file(organization_id, upload_id)
        for start in range(0, len(content), self.piece):
            yield content[start : start + self.piece]

    def _file(self, organization_id: str, upload_id: str) -> bytes:
        with self.faults.around(self.faults.reads):
            try:
                return self.files[organization_id, upload_id]
            except KeyError as error:
                raise UploadMissing from error

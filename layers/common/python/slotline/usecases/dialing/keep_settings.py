"""Set up what an organization's calls stand on, its use cases and its numbers: add one, change one, take one away."""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from slotline.domain.dialing.numbers import Number
from slotline.domain.dialing.use_cases import UseCase
from slotline.domain.shared.audit import Audited, AuditEntry, Author, Organization
from slotline.domain.shared.errors import Conflict, Detail, InvalidRequest, NotFound
from slotline.domain.shared.idempotency import IdempotencyKey, Receipt
from slotline.domain.shared.paging import Listed
from slotline.domain.shared.phones import Screen, check_may_be_reached, to_e164
from slotline.domain.shared.plain_json import plain
from slotline.ports.dialing import DialSettings
from slotline.ports.shared import AlreadyWritten, Ids, RateLimitCheck
from slotline.usecases.shared.once import Answered, Once

LARGEST = 64 * 1024
"""Characters of one setting as JSON: every call that is made shows its use case whole."""

HIDDEN = frozenset({"hooks", "params", "phone_number", "transfer_number"})
"""What may hold a customer's secrets, or is a phone number."""
LEFT_OUT = frozenset({"id", "organization_id", "revision", "created_at", "updated_at"})

CHANGED_MEANWHILE = "changed_meanwhile"
"""The code of a change that was thought out on what is no more."""
READS, AT_ONCE = 2, 200
"""How often, and how many use cases at once, are read for a page that leaves out the hidden ones."""

Setting = TypeVar("Setting", UseCase, Number)


class Admit(Protocol[Setting]):
    """Whether a setting may be kept, beyond its own rules."""

    def __call__(self, setting: Setting, kept: Setting | None) -> Setting:
        """The setting as it is to be kept; `kept`: as it was. Raises InvalidRequest."""
        ...


def as_it_is(setting: Setting, kept: Setting | None) -> Setting:
    """A setting that needs no more than its own rules."""
    del kept
    return setting


def read_setting(settings: DialSettings[Setting], organization_id: str, setting_id: str) -> Setting:
    """One of them. Raises NotFound."""
    found = settings.get(organization_id, setting_id)
    if found is None:
        raise NotFound("There is no such thing in this organization.")
    return found


def list_use_cases(
    use_cases: DialSettings[UseCase], organization_id: str, limit: int, after: str | None, *, hidden: bool
) -> Listed[UseCase]:
    """A page of the organization's use cases, which may be short. `hidden`: with those that are hidden."""
    shown: list[UseCase] = []
    place = after
    for _ in range(READS):
        found = use_cases.list(organization_id, limit if hidden else max(limit, AT_ONCE), place)
        shown += [use_case for use_case in found.rows if hidden or not use_case.hidden]
        place = found.next
        if place is None or len(shown) > limit:
            break
    return Listed(rows=shown[:limit], next=shown[limit - 1].id if len(shown) > limit else place)


@dataclass(frozen=True, slots=True, kw_only=True)
class AddSetting(Generic[Setting]):
    """Add one, with an id of its own."""

    settings: DialSettings[Setting]
    screen: Screen
    ids: Ids
    once: Once
    admit: Admit[Setting] = as_it_is

    def __call__(
        self, setting: Setting, author: Author, key: IdempotencyKey | None, check_rate: RateLimitCheck
    ) -> Answered:
        """The setting as it was added. Raises InvalidRequest where its rules cannot be kept."""
        setting_id, audited = self.ids.new(), self.once.audited(author)

        def act(now: datetime) -> Mapping[str, object]:
            added = self.admit(replace(setting, id=setting_id, created_at=now, updated_at=now), None)
            text = checked(added)
            _check_transfer(added, self.screen)
            receipt = Receipt(key=key, result={"setting": text}, answered_at=now) if key else None
            with suppress(AlreadyWritten):  # the id is new: an earlier try of this request got through
                self.settings.add(added, receipt, entry_of(audited, "added", None, added))
            return {"setting": text}

        return self.once(key, check_rate, act)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSetting(Generic[Setting]):
    """Change some attributes of one. Calls that are not yet dialled go by it as it is when they are."""

    settings: DialSettings[Setting]
    screen: Screen
    once: Once
    admit: Admit[Setting] = as_it_is

    def __call__(
        self,
        organization_id: str,
        setting_id: str,
        values: Mapping[str, Any],
        author: Author,
        since: int | None = None,
    ) -> Setting:
        """The setting as it is then; as it was, if it has these values.

        `since`: the revision that the change was thought out on. Raises NotFound, InvalidRequest where its rules cannot
        be kept, or Conflict if somebody else has changed it since then.
        """
        audited = self.once.audited(author)

        def act() -> Setting:
            found = read_setting(self.settings, organization_id, setting_id)
            asked = self.admit(replace(found, **values), found)
            if asked == found:
                return found
            changed = replace(asked, revision=found.revision + 1, updated_at=audited.at)
            checked(changed)
            if "transfer_number" in values:
                _check_transfer(changed, self.screen)
            if since not in (None, found.revision):
                message = "Somebody else has changed this meanwhile."
                raise Conflict(message, [Detail(message, CHANGED_MEANWHILE)])
            self.settings.replace(changed, found.revision, entry_of(audited, "changed", found, changed))
            return changed

        return self.once.retry(act)


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveSetting(Generic[Setting]):
    """Take one away. Calls that stand on it are not dialled any more."""

    settings: DialSettings[Setting]
    once: Once

    def __call__(self, organization_id: str, setting_id: str, author: Author) -> Setting:
        """The setting as it was. Raises NotFound."""
        audited = self.once.audited(author)
        seen: list[Setting] = []

        def act() -> Setting:
            try:
                found = read_setting(self.settings, organization_id, setting_id)
            except NotFound:
                if not seen:
                    raise
                return seen[-1]  # an earlier try got through, or somebody else's
            seen.append(found)
            entry = entry_of(audited, "removed", found, None)
            self.settings.remove(organization_id, setting_id, found.revision, entry)
            return found

        return self.once.retry(act)


def entry_of(audited: Audited, verb: str, before: Setting | None, after: Setting | None) -> AuditEntry:
    """What the audit log says of a use case or a number."""
    setting = after or before
    if setting is None:
        raise ValueError("there is something before a change, or after it")
    return audited.entry(
        f"{'use_case' if isinstance(setting, UseCase) else 'number'}.{verb}",
        setting.id,
        before,
        after,
        of=Organization(organization_id=setting.organization_id),
        hidden=HIDDEN,
        left_out=LEFT_OUT,
    )


def shown(answered: Answered) -> Mapping[str, Any]:
    """The setting that was answered with, as plain JSON."""
    fields: Mapping[str, Any] = json.loads(str(answered.result["setting"]))
    return fields


def _check_transfer(setting: UseCase | Number, screen: Screen) -> None:
    """Raises InvalidRequest if nobody is put through to the number that its calls are transferred to."""
    if isinstance(setting, UseCase) and setting.transfer_number is not None:
        check_may_be_reached(to_e164(setting.transfer_number), screen, "transfer_number")


def checked(setting: UseCase | Number) -> str:
    """Its JSON text. Raises InvalidRequest where its rules cannot be kept, or where it is too large."""
    setting.check()
    text = json.dumps(plain(setting))
    if len(text) > LARGEST:
        raise InvalidRequest(f"It would be larger than {LARGEST // 1024} KB of JSON.")
    return text

"""Clients and keys in the console: who has which, new ones, and how they are replaced and ended.

A secret is in the answer to the form that makes it, and in no other: it is in no address, and nothing keeps that
answer. The form has the id of what it makes, so a form that is sent twice makes one.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from http import HTTPStatus
from typing import Any

from slotline.domain.access.identity import MAX_ACTIVE_SECRETS, RateLimits
from slotline.domain.access.keys import Grants, Key, KeyKind
from slotline.domain.access.permissions import Permission
from slotline.domain.access.scopes import Scope
from slotline.domain.access.visits import VisitedApp
from slotline.domain.shared.errors import Conflict, DomainError, InvalidRequest, NotFound
from slotline.domain.shared.instants import parse_instant
from slotline.domain.shared.names import check_name
from slotline.pages.fields import Field, Option
from slotline.pages.kit import Redirect
from slotline.pages.refusals import SAID, fault_text, refusal_text
from slotline.pages.rendering import Page
from slotline.pages.signed import Answer, SignedIn
from slotline.usecases.access.keep_credentials import KeepCredentials
from slotline.words.dates import date_of

SECTION = "keys"
LONGEST_NAME = 100
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_DIALING = (Scope.DIALING_READ, Scope.DIALING_WRITE)
_WINDOWS = ("minute", "hour", "day")
_MOST = 10_000_000
FINGERPRINT = 12
"""Characters by which a widget key is recognised, or the fingerprint of one that nobody can read any more."""
_BAD = frozenset({"two_secrets", "one_secret", "revoked_before", "made_before", "replaced_before"})


@dataclass(frozen=True)
class KeysPage:
    """The keys as somebody sees them: an owner all of the organization, an admin the widget keys of the app."""

    signed: SignedIn
    keep: KeepCredentials
    apps_of: Callable[[Any], Sequence[VisitedApp]]
    new_id: Callable[[], str]

    def shown(self) -> Answer:
        """GET: all of them."""
        return self._list()

    def form(self) -> Answer:
        """GET: the form for a new client or API key."""
        return self._form()

    def added(self) -> Answer:
        """POST: a new one, with its secret."""
        signed = self.signed
        try:
            kind, key_id = self._kind, self._new_id_said
            organization_id, author = signed.app.organization_id, signed.author
            if kind is KeyKind.WIDGET_KEY:
                key = self.keep.add_widget_key(organization_id, signed.app.app_id, key_id, author)
                return self._secret(key.public or "", kind)
            add = self.keep.add_client if kind is KeyKind.CLIENT else self.keep.add_api_key
            secret = add(organization_id, key_id, self._grants, author)
        except Conflict:
            return Redirect(self._way(done="made_before"))
        except InvalidRequest as error:
            return self._form(error)
        return self._secret(secret, kind, key_id if kind is KeyKind.CLIENT else None)

    def rotated(self) -> Answer:
        """POST: one more secret of a client, or a key in the place of another."""
        key = self.keep.find(self.signed.app.organization_id, self.signed.asked.part("key_id"))
        if key.kind is KeyKind.CLIENT:
            return self._one_more_secret(key.id)
        try:
            secret = self.keep.replace(key, self._new_id_said, self.signed.author)
        except Conflict:
            return Redirect(self._way(done="replaced_before"))
        return self._secret(secret, key.kind, is_second=True)

    def _one_more_secret(self, client_id: str) -> Answer:
        try:
            secret = self.keep.rotate(client_id, self.signed.author, self.signed.app.organization_id)
        except (Conflict, InvalidRequest):
            return Redirect(self._way(done="two_secrets"))
        return self._secret(secret, KeyKind.CLIENT, client_id, is_second=True)

    def retired(self) -> Answer:
        """POST: the older secret stops."""
        try:
            self.keep.retire(self.signed.asked.part("key_id"), self.signed.author, self.signed.app.organization_id)
        except (Conflict, InvalidRequest):
            return Redirect(self._way(done="one_secret"))
        return Redirect(self._way(done="retired"))

    def revoked(self) -> Answer:
        """POST: it stops within a minute."""
        key = self.keep.find(self.signed.app.organization_id, self.signed.asked.part("key_id"))
        try:
            self.keep.revoke(key, self.signed.author)
        except (Conflict, NotFound):
            return Redirect(self._way(done="revoked_before"))
        return Redirect(self._way(done="revoked"))

    def _list(self) -> Page:
        found = self.keep.of_organization(self.signed.app.organization_id)
        may_change = self.signed.may(Permission.CHANGE_KEYS)
        clients = [key for key in found if key.kind is not KeyKind.WIDGET_KEY and may_change]
        widgets = [key for key in found if key.kind is KeyKind.WIDGET_KEY and self.signed.app.app_id in key.app_ids]
        used = self.keep.last_used([*clients, *widgets])
        replaced = {key.replaces for key in found if key.is_active}
        done = self.signed.asked.query("done") or ""
        return self.signed.page(
            "settings_keys.html",
            SECTION,
            {
                "may_change": may_change,
                "clients": [self._shown(key, used.get(key.id), is_replaced=key.id in replaced) for key in clients],
                "widgets": [self._shown(key, used.get(key.id), is_replaced=key.id in replaced) for key in widgets],
                "done": self._words["done"].get(done),
                "done_is_bad": done in _BAD,
                "new_id": self.new_id(),
                "way": self._way(),
                "way_new": self._way("new"),
            },
            scripts=("dialogs.js",),
        )

    def _form(self, error: DomainError | None = None) -> Page:
        texts = self.signed.texts
        errors = {one.field: fault_text(one, texts) for one in error.details} if error else {}
        return self.signed.page(
            "settings_keys_new.html",
            SECTION,
            {
                "fields": [self._name(errors), self._kinds, self._scopes(errors), self._apps(errors)],
                "limits": [self._limit(window, errors) for window in _WINDOWS],
                "error": refusal_text(error, texts) if error and not any(errors) else None,
                "new_id": self.signed.asked.field("id") or self.new_id(),
                "way": self._way(),
            },
            status=HTTPStatus.BAD_REQUEST if error else HTTPStatus.OK,
        )

    def _secret(self, secret: str, kind: KeyKind, client_id: str | None = None, *, is_second: bool = False) -> Page:
        """The one answer that has a secret. `is_second`: the one before it is accepted, too."""
        context: dict[str, object] = {"secret": secret, "kind": kind.value, "client_id": client_id}
        context |= {"is_second": is_second, "way": self._way()}
        return self.signed.page("settings_keys_secret.html", SECTION, context, scripts=("copy.js",))

    def _shown(self, key: Key, used: date | None, *, is_replaced: bool) -> Mapping[str, object]:
        names = {app.app_id: app.name for app in self._own_apps}
        return {
            "id": key.id,
            "kind": key.kind.value,
            "name": key.name,
            "label": key.name or (key.public or key.fingerprint or "")[:FINGERPRINT],
            "apps": sorted(names.get(app_id, app_id[:8]) for app_id in key.app_ids),
            "scopes": [scope.value for scope in Scope if scope in key.scopes],
            "secrets": key.active_secrets,
            "is_active": key.is_active,
            "created": self._day(key.created_at),
            "used": date_of(self.signed.dates, used) if used else None,
            "public": key.public,
            "fingerprint": (key.fingerprint or "")[:FINGERPRINT],
            "is_replaced": is_replaced,
            "may_rotate": key.active_secrets < MAX_ACTIVE_SECRETS if key.kind is KeyKind.CLIENT else not is_replaced,
            "new_id": self.new_id(),
            "ways": {act: self._way(key.id, act) for act in ("rotate", "retire", "revoke")},
        }

    @property
    def _kind(self) -> KeyKind:
        said = self.signed.asked.field("kind")
        return KeyKind(said) if said in set(KeyKind) else KeyKind.CLIENT

    @property
    def _new_id_said(self) -> str:
        """The id that the form brought: it was made here, and is nobody else's to choose."""
        said = self.signed.asked.field("id")
        return said if _ID.fullmatch(said) else self.new_id()

    @property
    def _grants(self) -> Grants:
        """What the form grants. Raises InvalidRequest."""
        asked = self.signed.asked
        name = asked.field("name")
        if not name or len(name) > LONGEST_NAME:
            raise InvalidRequest.of_field("name", self._words["errors"]["name"], SAID)
        check_name(name, "name")
        scopes = frozenset(Scope(said) for said in asked.form.get("scopes", ()) if said in set(Scope))
        if self._kind is KeyKind.API_KEY:
            scopes &= frozenset(_DIALING)
        if not scopes:
            raise InvalidRequest.of_field("scopes", self._words["errors"]["scopes"], SAID)
        own = {app.app_id for app in self._own_apps}
        app_ids = [said for said in asked.form.get("apps", ()) if said in own]
        if not app_ids:
            raise InvalidRequest.of_field("apps", self._words["errors"]["apps"], SAID)
        return Grants(name, app_ids, scopes, RateLimits(*(self._number(window) for window in _WINDOWS)))

    def _number(self, window: str) -> int:
        text = self.signed.asked.field(f"limit_{window}")
        if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= _MOST and len(text) < 9):
            raise InvalidRequest.of_field(f"limit_{window}", self._words["errors"]["limit"], SAID)
        return int(text)

    def _name(self, errors: Mapping[str | None, str]) -> Field:
        return Field(
            name="name",
            label=self._words["new"]["name"],
            help=self._words["new"]["name_help"],
            value=self.signed.asked.field("name"),
            error=errors.get("name"),
            required=True,
            attributes={"maxlength": str(LONGEST_NAME), "autocomplete": "off"},
        )

    @property
    def _kinds(self) -> Field:
        chosen = self.signed.asked.field("kind") or KeyKind.CLIENT.value
        options = [
            Option(value=kind.value, label=self._words["new"][kind.value], is_chosen=kind.value == chosen)
            for kind in (KeyKind.CLIENT, KeyKind.API_KEY)
        ]
        return Field(name="kind", label=self._words["new"]["kind"], kind="radio", required=True, options=options)

    def _scopes(self, errors: Mapping[str | None, str]) -> Field:
        chosen = self.signed.asked.form.get("scopes", ())
        options = [
            Option(value=scope.value, label=self._words["scopes"][scope.value], is_chosen=scope.value in chosen)
            for scope in Scope
        ]
        label, error = self._words["new"]["scopes"], errors.get("scopes")
        return Field(name="scopes", label=label, kind="checkbox", required=True, options=options, error=error)

    def _apps(self, errors: Mapping[str | None, str]) -> Field:
        chosen = self.signed.asked.form.get("apps") or [self.signed.app.app_id]
        options = [Option(value=app.app_id, label=app.name, is_chosen=app.app_id in chosen) for app in self._own_apps]
        label, error = self._words["new"]["apps"], errors.get("apps")
        return Field(name="apps", label=label, kind="checkbox", required=True, options=options, error=error)

    def _limit(self, window: str, errors: Mapping[str | None, str]) -> Field:
        name = f"limit_{window}"
        return Field(
            name=name,
            label=self._words["new"][name],
            value=self.signed.asked.field(name) or str(getattr(RateLimits(), window)),
            error=errors.get(name),
            required=True,
            attributes={"inputmode": "numeric"},
        )

    @cached_property
    def _own_apps(self) -> Sequence[VisitedApp]:
        return self.apps_of(self.signed.visit.user)

    def _day(self, at: str | None) -> str | None:
        return date_of(self.signed.dates, parse_instant(at).astimezone(self.signed.zone).date()) if at else None

    @property
    def _words(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.signed.texts.words["keys"]
        return found

    def _way(self, *parts: str, done: str | None = None) -> str:
        way = "/".join((f"/console/{self.signed.app.app_id}/settings/keys", *parts))
        return f"{way}?done={done}" if done else way

"""Set up an app's webhooks: read them, add one, change one, give one a new secret, take one away."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from slotline.domain.booking.apps import App
from slotline.domain.shared.audit import Author
from slotline.domain.shared.errors import AppNotFound, Forbidden, NotFound, TooManyWebhooks
from slotline.domain.shared.idempotency import IdempotencyKey, Receipt
from slotline.domain.shared.plain_json import plain
from slotline.domain.webhooks.subscriptions import (
    DIAL_EVENTS,
    MOST_WEBHOOKS,
    Listener,
    StatusReason,
    Subscription,
    WebhookStatus,
)
from slotline.ports.shared import AlreadyWritten, Clock, Egress, Ids, RateLimitCheck
from slotline.ports.webhooks import Webhooks
from slotline.usecases.shared.addresses import check_url
from slotline.usecases.shared.once import Answered, Once

HIDDEN = frozenset({"url"})
"""Many receivers are known by nothing but a path that nobody guesses: the log has a URL's host."""
_SAID = ("description", "events", "status", "dials_of")
_ROTATED = ("secret", "retiring", "updated_at")
_SECRET = frozenset({"secret", "retiring"})


def list_webhooks(webhooks: Webhooks, app_id: str) -> Sequence[Subscription]:
    """The app's subscriptions in order of their ids. Raises AppNotFound."""
    found = webhooks.of_app(app_id)
    if not found and webhooks.find(app_id, None)[0] is None:
        raise AppNotFound("There is no such app.")
    return found


def read_webhook(webhooks: Webhooks, app_id: str, webhook_id: str) -> Subscription:
    """One subscription. Raises AppNotFound or NotFound."""
    return webhook_of_app(webhooks, app_id, webhook_id)[1]


def shown(subscription: Subscription) -> dict[str, object]:
    """A subscription as plain JSON, without its secrets."""
    fields: dict[str, object] = plain(subscription)
    promised = [plain(old.until) for old in subscription.retiring]
    return {name: value for name, value in fields.items() if name not in _SECRET} | {
        "previous_secret_until": max(promised, default=None),
        "previous_secrets_until": promised,
    }


def said_of(subscription: Subscription) -> Mapping[str, object]:
    """What the audit log says of a subscription."""
    fields = {name: plain(getattr(subscription, name)) for name in _SAID}
    return {"url": subscription.url, "host": urlsplit(subscription.url).hostname, **fields}


def with_secret(subscription: Subscription) -> Mapping[str, object]:
    """A subscription with its present secret: what is answered when that is new, and at no other time."""
    return {**shown(subscription), "secret": subscription.secret}


@dataclass(frozen=True, slots=True, kw_only=True)
class AddWebhook:
    """Add a subscription. From the next event on it is told."""

    webhooks: Webhooks
    egress: Egress
    ids: Ids
    once: Once
    new_secret: Callable[[], str]

    def __call__(
        self,
        new: Subscription,
        listener: Listener,
        author: Author,
        key: IdempotencyKey | None,
        check_rate: RateLimitCheck,
    ) -> Answered:
        """The subscription as it was added, with its secret. Its id is made here, and its secret where it has none.

        Raises AppNotFound, TooManyWebhooks, InvalidRequest for an address that requests may not go to, or Forbidden
        where the listener may not read what it asks to be told, or the app is not its organization's.
        """
        listener.check(new.events)
        own = replace(
            new,
            id=self.ids.new(),
            dials_of=None if DIAL_EVENTS.isdisjoint(new.events) else listener.organization_id,
            secret=new.secret or self.new_secret(),
        )
        audited = self.once.audited(author)

        def act(now: datetime) -> Mapping[str, object]:
            check_url(self.egress, own.url)
            added = replace(own, created_at=now, updated_at=now)
            app, _ = self.webhooks.find(added.app_id, None)
            if app is None:
                raise AppNotFound("There is no such app.")
            if added.dials_of:
                check_owner(app, added.dials_of)
            there = self.webhooks.of_app(added.app_id)
            answer = with_secret(added)
            if len(there) >= MOST_WEBHOOKS and added.id not in {other.id for other in there}:
                raise TooManyWebhooks(f"An app has at most {MOST_WEBHOOKS} webhooks. Delete one first.")
            with suppress(AlreadyWritten):  # the id is new: an earlier try of this request got through
                receipt = Receipt(key=key, result=answer, answered_at=now) if key else None
                entry = audited.entry("webhook.added", added.id, None, said_of(added), of=app, hidden=HIDDEN)
                self.webhooks.add(added, receipt, entry)
            return answer

        return self.once(key, check_rate, act)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeWebhook:
    """Change some attributes of a subscription. Set active, it begins anew: what went wrong before is forgotten."""

    webhooks: Webhooks
    egress: Egress
    clock: Clock
    once: Once

    def __call__(
        self, app_id: str, webhook_id: str, values: Mapping[str, Any], listener: Listener, author: Author
    ) -> Subscription:
        """The subscription as it is then. Raises AppNotFound, NotFound, InvalidRequest, or Forbidden.

        Other events, and the same events sent elsewhere, take the right to read what they tell.
        """
        if isinstance(values.get("url"), str):
            check_url(self.egress, str(values["url"]))
        now, audited = self.clock.now(), self.once.audited(author)

        def act() -> None:
            app, there = webhook_of_app(self.webhooks, app_id, webhook_id)
            written = {**values, **_status(there, values, now), "updated_at": now}
            expected: dict[str, object] = {name: getattr(there, name) for name in values}
            if values.keys() & {"events", "url"}:
                expected |= {"dials_of": there.dials_of, "events": there.events}
                becomes = _told_of(app, there, values, listener)
                written |= {"dials_of": becomes} if becomes != there.dials_of else {}
            after = replace(there, **{**values, "dials_of": written.get("dials_of", there.dials_of)})
            before, now_said = said_of(there), said_of(after)
            entry = audited.entry("webhook.changed", webhook_id, before, now_said, of=app, hidden=HIDDEN)
            self.webhooks.change(app_id, webhook_id, written, expected, entry=entry if before != now_said else None)

        self.once.retry(act)
        return self.once.retry(lambda: read_webhook(self.webhooks, app_id, webhook_id))


@dataclass(frozen=True, slots=True, kw_only=True)
class RotateSecret:
    """Give a subscription a new secret. Each one before signs beside it until the time that it was promised."""

    webhooks: Webhooks
    once: Once
    new_secret: Callable[[], str]

    def __call__(
        self,
        app_id: str,
        webhook_id: str,
        own_secret: str | None,
        overlap: timedelta,
        author: Author,
        key: IdempotencyKey | None,
        check_rate: RateLimitCheck,
    ) -> Answered:
        """The subscription with its new secret, which is made here if the caller brings none of their own.

        The secret that it has already changes nothing. Raises AppNotFound, NotFound or TooManySecrets.
        """
        secret, audited = own_secret or self.new_secret(), self.once.audited(author)

        def act(now: datetime) -> Mapping[str, object]:
            app, there = webhook_of_app(self.webhooks, app_id, webhook_id)
            if there.secret == secret:
                return with_secret(there)  # an earlier try of this request got through, or it is sent once more
            rotated = there.rotated(secret, overlap, now)
            values = {name: getattr(rotated, name) for name in _ROTATED}
            answer = with_secret(rotated)
            receipt = Receipt(key=key, result=answer, answered_at=now) if key else None
            said = {"previous_secrets_until": answer["previous_secrets_until"]}
            entry = audited.entry("webhook.rotated", webhook_id, None, said, of=app)
            self.webhooks.change(app_id, webhook_id, values, {"secret": there.secret}, receipt, entry)
            return answer

        return self.once(key, check_rate, act)


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveWebhook:
    """Take a subscription away. What is on its way to it goes nowhere."""

    webhooks: Webhooks
    once: Once

    def __call__(self, app_id: str, webhook_id: str, author: Author) -> Subscription:
        """The subscription as it was. Raises AppNotFound or NotFound."""
        audited = self.once.audited(author)
        seen: list[Subscription] = []

        def act() -> Subscription:
            try:
                app, found = webhook_of_app(self.webhooks, app_id, webhook_id)
            except NotFound:
                if seen:
                    return seen[-1]  # an earlier try got through, or somebody else's
                raise
            seen.append(found)
            entry = audited.entry("webhook.removed", webhook_id, said_of(found), None, of=app, hidden=HIDDEN)
            self.webhooks.remove(app_id, webhook_id, found.dials_of, entry)
            return found

        return self.once.retry(act)


def webhook_of_app(webhooks: Webhooks, app_id: str, webhook_id: str) -> tuple[App, Subscription]:
    """One subscription, with its app. Raises AppNotFound or NotFound."""
    app, found = webhooks.find(app_id, webhook_id)
    if app is None:
        raise AppNotFound("There is no such app.")
    if found is None:
        raise NotFound("There is no such webhook in this app.")
    return app, found


def _told_of(app: App, there: Subscription, values: Mapping[str, object], listener: Listener) -> str | None:
    """Of whose calls a subscription is told with these values. Raises Forbidden unless the listener may be told."""
    events = values.get("events", there.events)
    assert isinstance(events, list | tuple)  # noqa: S101 - for the type checker: values are a subscription's
    listener.check(events)
    if DIAL_EVENTS.isdisjoint(events):
        return None
    check_owner(app, listener.organization_id)
    return listener.organization_id


def check_owner(app: App | None, organization_id: str) -> None:
    """Raises AppNotFound, or Forbidden where the app is not this organization's."""
    if app is None:
        raise AppNotFound("There is no such app.")
    if app.organization_id != organization_id:
        raise Forbidden("This app is not your organization's: its webhooks are told of nothing that you dial.")


def _status(there: Subscription, values: Mapping[str, object], now: datetime) -> Mapping[str, object]:
    """What follows from a new status; again the one it has: nothing."""
    status = values.get("status", there.status)
    if status is WebhookStatus.ACTIVE and (not there.is_active or "url" in values):
        return {"status_reason": None, "status_since": None, "first_failure_at": None}
    if status is WebhookStatus.PAUSED and there.status is not WebhookStatus.PAUSED:
        return {"status_reason": StatusReason.REQUESTED, "status_since": now}
    return {}

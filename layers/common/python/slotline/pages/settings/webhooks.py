"""Webhooks in the console: which there are, what was sent to each, and what its owner can do about that."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from slotline.domain.shared.errors import DomainError, InvalidRequest
from slotline.domain.shared.idempotency import IdempotencyKey
from slotline.domain.shared.instants import format_instant, parse_instant
from slotline.domain.shared.names import check_line
from slotline.domain.webhooks.deliveries import Delivery, DeliveryStatus, LogPage, LogPosition, LogQuery
from slotline.domain.webhooks.subscriptions import (
    SUBSCRIBABLE,
    Listener,
    Subscription,
    WebhookEvent,
    WebhookStatus,
)
from slotline.pages.fields import Field, Option
from slotline.pages.kit import is_within_calendar
from slotline.pages.refusals import SAID, fault_text, refusal_text
from slotline.pages.rendering import Page
from slotline.pages.signed import SignedIn
from slotline.words.dates import short_of, zone_of

SECTION = "webhooks"
PAGE = 30
LONGEST_NAME = 200
ACTS = ("test", "pause", "resume", "rotate", "remove", "replay")
"""What can be done with one, as addresses say it."""
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_BADGES: Mapping[str, str] = {
    WebhookStatus.ACTIVE: "good",
    WebhookStatus.PAUSED: "warn",
    WebhookStatus.DISABLED: "bad",
    DeliveryStatus.DELIVERED: "good",
    DeliveryStatus.HELD: "warn",
    DeliveryStatus.FAILED: "bad",
}
_GROUPS: Mapping[str, Sequence[WebhookEvent]] = {
    name: [event for event in SUBSCRIBABLE if event.value.startswith(f"{name}.")]
    for name in ("scheduled", "reminder", "dial")
}
"""What the events of a form stand under, by how they begin."""


@dataclass(frozen=True)
class WebhookPages:
    """The pages, for whoever looks at them."""

    signed: SignedIn
    now: datetime

    @property
    def listener(self) -> Listener:
        """On whose behalf: whoever changes webhooks may read all that an app's events tell."""
        return Listener(organization_id=self.signed.app.organization_id, needs=lambda _scope: None)

    def shown(self, found: Sequence[Subscription]) -> Page:
        """GET …/webhooks: all of the app, at most twenty."""
        rows = [
            {
                **self._webhook(one),
                "last": self._at(one.last_success_at),
                "failing": self._at(one.first_failure_at),
            }
            for one in found
        ]
        context = {"webhooks": rows, "way_new": self.to("new"), "clock": self._clock, "done": self._done}
        return self.signed.page("settings_webhooks.html", SECTION, context)

    def one(self, webhook: Subscription, log: LogPage, key: str, error: DomainError | None = None) -> Page:
        """GET …/webhooks/{id}: one of them with what was sent to it.

        `key`: of the button that makes a new secret; `error`: why something was not done.
        """
        asked = self.signed.asked
        status, after = asked.query("status") or "", asked.query("after")
        here = self.to(webhook.id, status=status, after=after)
        return self.signed.page(
            "settings_webhook.html",
            SECTION,
            {
                "webhook": self._webhook(webhook),
                "reason": webhook.status_reason and self._words["reasons"][webhook.status_reason.value],
                "since": self._at(webhook.status_since),
                "failing": self._at(webhook.first_failure_at),
                "last": self._at(webhook.last_success_at),
                "created": self._at(webhook.created_at),
                "retiring": [self._at(old.until) for old in webhook.retiring if old.until > self.now],
                "is_active": webhook.is_active,
                "deliveries": [self._delivery(one) for one in log.deliveries],
                "filter": self._statuses(status),
                "replay": self._replay_field,
                "goes_on": {"since": asked.query("since"), "after": asked.query("behind")},
                "rotation_key": key,
                "clock": self._clock,
                "done": self._done,
                "error": self._refusal(error) if error else None,
                "ways": {
                    "here": here,
                    "list": self.to(),
                    "log": self.to(webhook.id),
                    "first": self.to(webhook.id, status=status) if after else None,
                    "next": self.to(webhook.id, status=status, after=_written(log.next)) if log.next else None,
                    "edit": self.to(webhook.id, "edit"),
                    **{act: self.to(webhook.id, act) for act in ACTS},
                },
            },
            scripts=("dialogs.js",),
            live="settings_deliveries.html",
            status=_status_of(error),
        )

    def delivery(self, webhook: Subscription, found: Delivery, error: DomainError | None = None) -> Page:
        """GET …/webhooks/{id}/deliveries/{id}: what is sent, and what came of each attempt."""
        attempts = [
            {
                "number": one.number,
                "at": self._at(one.at),
                "took": one.duration_ms,
                "status": one.status,
                "said": one.excerpt or one.error or "",
                "kind": "good" if one.succeeded else "bad",
            }
            for one in reversed(found.log)
        ]
        return self.signed.page(
            "settings_delivery.html",
            SECTION,
            {
                "webhook": self._webhook(webhook),
                "delivery": self._delivery(found),
                "due": self._at(found.due_at),
                "attempts": attempts,
                "body": json.dumps(json.loads(found.body), indent=2, ensure_ascii=False),
                "clock": self._clock,
                "done": self._done,
                "error": self._refusal(error) if error else None,
                "ways": {
                    "list": self.to(webhook.id),
                    "here": self.to(webhook.id, "deliveries", found.id),
                    "resend": self.to(webhook.id, "deliveries", found.id, "resend"),
                },
            },
            live="settings_attempts.html",
            status=_status_of(error),
        )

    def form(self, webhook: Subscription | None, key: str, error: DomainError | None = None) -> Page:
        """The form of a webhook; None: of a new one. `key`: of its button. `error`: why it cannot be taken."""
        asked, fields = self.signed.asked, self._words["fields"]
        errors = {one.field: fault_text(one, self.signed.texts) for one in error.details if one.field} if error else {}
        kept = webhook.events if webhook else ()
        chosen = set(asked.form.get("events", ())) if asked.form else {one.value for one in kept}
        url = Field(
            name="url",
            label=fields["url"],
            help=fields["url_help"],
            kind="url",
            required=True,
            value=self._value("url", webhook.url if webhook else None),
            error=errors.get("url"),
            attributes={"maxlength": "2000", "placeholder": "https://"},
        )
        description = Field(
            name="description",
            label=fields["description"],
            value=self._value("description", webhook.description if webhook else None),
            error=errors.get("description"),
            attributes={"maxlength": str(LONGEST_NAME)},
        )
        groups = [
            Field(
                name="events",
                label=self._words["groups"][group],
                kind="checkbox",
                is_one_of=True,
                options=[self._event(one, is_chosen=one.value in chosen) for one in events],
            )
            for group, events in _GROUPS.items()
        ]
        known = {"url", "description", "events"}
        return self.signed.page(
            "settings_webhook_form.html",
            SECTION,
            {
                "webhook": self._webhook(webhook) if webhook else None,
                "url": url,
                "description": description,
                "groups": groups,
                "events_error": errors.get("events"),
                "loaded": self._loaded(webhook) if webhook else {},
                "key": key,
                "error": self._refusal(error) if error and not known & errors.keys() else None,
                "is_refused": error is not None,
                "ways": {
                    "save": self.to(webhook.id, "edit") if webhook else self.to("new"),
                    "back": self.to(webhook.id) if webhook else self.to(),
                },
            },
            status=HTTPStatus.BAD_REQUEST if error else HTTPStatus.OK,
        )

    def secret(self, webhook_id: str, secret: str, *, is_new: bool) -> Page:
        """The answer to a POST that made a secret: here and nowhere else it is shown."""
        context = {"secret": secret, "is_new": is_new, "way": self.to(webhook_id)}
        return self.signed.page("settings_secret.html", SECTION, context, scripts=("copy.js",))

    def typed(self) -> tuple[str, str | None, tuple[WebhookEvent, ...]]:
        """The URL, the description and the events of the form. Raises InvalidRequest."""
        asked = self.signed.asked
        events = [one for one in SUBSCRIBABLE if one.value in asked.form.get("events", ())]
        if not events:
            raise InvalidRequest.of_field("events", self._words["no_events"], SAID)
        description = asked.field("description")
        check_line(description, "description")
        if len(description) > LONGEST_NAME:
            raise InvalidRequest.of_field("description", self._words["too_long"], SAID)
        return asked.field("url"), description or None, tuple(events)

    def changed(self, webhook: Subscription) -> Mapping[str, Any]:
        """What the form says otherwise than its page did: what somebody else has changed meanwhile stays. Raises
        InvalidRequest."""
        url, description, events = self.typed()
        typed = {"url": url, "description": description, "events": events}
        said = {**typed, "description": description or "", "events": _joined(events)}
        loaded = self._loaded(webhook)
        return {name: value for name, value in typed.items() if said[name] != loaded[name]}

    def _loaded(self, webhook: Subscription) -> Mapping[str, str]:
        """What the page of the form said; or says now, if none was sent."""
        now = {"url": webhook.url, "description": webhook.description or "", "events": _joined(webhook.events)}
        asked = self.signed.asked
        return {name: asked.field(f"was.{name}") if f"was.{name}" in asked.form else said for name, said in now.items()}

    def new(self) -> Subscription:
        """What the form asks for. Raises InvalidRequest."""
        url, description, events = self.typed()
        return Subscription(
            id="",
            app_id=self.signed.app.app_id,
            url=url,
            description=description,
            events=events,
            secret="",
            created_at=_NEVER,
            updated_at=_NEVER,
        )

    def key(self, act: str) -> IdempotencyKey | None:
        """What binds the pressing of a button to one effect: to load the answer again shows the same secret."""
        asked = self.signed.asked
        typed = asked.field("key")[:100]
        if not typed:
            return None
        said = json.dumps(sorted((name, list(values)) for name, values in asked.form.items() if name != "csrf"))
        return IdempotencyKey(
            principal=f"user-{self.signed.visit.user.user_id}",
            route=f"POST {self.signed.asked.event['rawPath']} {act}",
            key=typed,
            fingerprint=hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest(),
        )

    def query(self, webhook_id: str) -> LogQuery:
        """Which deliveries the address asks for."""
        asked = self.signed.asked
        status = None
        with suppress(ValueError):
            status = DeliveryStatus(asked.query("status") or "")
        after = _place(asked.query("after"))
        return LogQuery(app_id=self.signed.app.app_id, webhook_id=webhook_id, limit=PAGE, status=status, after=after)

    def span(self, webhook_id: str) -> LogQuery:
        """What is to be sent once more. Raises InvalidRequest."""
        typed = self.signed.asked.field("since")
        try:
            since = datetime.fromisoformat(typed).replace(tzinfo=self.signed.zone)
        except ValueError as error:
            raise InvalidRequest.of_field("since", self._words["no_time"], SAID) from error
        if not is_within_calendar(since.date()):
            raise InvalidRequest.of_field("since", self._words["no_time"], SAID)
        after = _place(self.signed.asked.field("after"))
        return LogQuery(
            app_id=self.signed.app.app_id, webhook_id=webhook_id, limit=0, since=since, after=after, newest_first=False
        )

    def replayed(self, webhook_id: str, result: Mapping[str, Any]) -> str:
        """Where a replay leads: if one request did not see to all, to the button that goes on."""
        place = result["next"]
        if not place:
            return self.to(webhook_id, done="replayed")
        since, after = self.signed.asked.field("since"), f"{place['occurred_at']}~{place['event_id']}"
        return self.to(webhook_id, done="replayed_more", since=since, behind=after)

    def to(self, *parts: str, **query: str | None) -> str:
        """The address of one of these pages."""
        path = "/".join(quote(part, safe="") for part in parts)
        said = {name: value for name, value in query.items() if value}
        at = f"/console/{quote(self.signed.app.app_id)}/settings/webhooks" + (f"/{path}" if path else "")
        return at + (f"?{urlencode(said)}" if said else "")

    def _webhook(self, webhook: Subscription) -> dict[str, Any]:
        return {
            "id": webhook.id,
            "host": urlsplit(webhook.url).hostname or webhook.url,
            "url": webhook.url,
            "description": webhook.description,
            "events": [one.value for one in webhook.events],
            "badge": {"text": self._words["statuses"][webhook.status.value], "kind": _BADGES[webhook.status]},
            "way": self.to(webhook.id),
        }

    def _delivery(self, delivery: Delivery) -> dict[str, Any]:
        last = delivery.log[-1] if delivery.log else None
        return {
            "id": delivery.id,
            "event": delivery.event.value,
            "at": self._at(delivery.occurred_at),
            "instant": format_instant(delivery.occurred_at),
            "badge": {
                "text": self._words["delivery_statuses"][delivery.status.value],
                "kind": _BADGES.get(delivery.status, ""),
            },
            "attempts": delivery.attempts,
            "answer": (last.status or last.error) if last else None,
            "revision": f"{delivery.status}-{delivery.attempts}",
            "way": self.to(delivery.place.webhook_id, "deliveries", delivery.id),
        }

    def _value(self, name: str, kept: str | None) -> str:
        """What was typed, or else what is kept."""
        return self.signed.asked.field(name) if self.signed.asked.form else kept or ""

    def _event(self, event: WebhookEvent, *, is_chosen: bool) -> Option:
        label = self._words["events"][event.value.replace(".", "_")]
        return Option(value=event.value, label=label, is_chosen=is_chosen)

    def _statuses(self, chosen: str) -> Field:
        named = [("", self._words["any"]), *self._words["delivery_statuses"].items()]
        options = [Option(value=value, label=label, is_chosen=value == chosen) for value, label in named]
        return Field(name="status", label=self._words["status"], kind="select", options=options, is_one_of=True)

    @property
    def _replay_field(self) -> Field:
        return Field(
            name="since",
            label=self._words["replay_since"],
            kind="datetime-local",
            required=True,
            attributes={"max": f"{self.now.astimezone(self.signed.zone):%Y-%m-%dT%H:%M}"},
        )

    @property
    def _done(self) -> str | None:
        done = self.signed.asked.query("done") or ""
        return done if done in self._words["done"] else None

    def _refusal(self, error: DomainError) -> str:
        return refusal_text(error, self.signed.texts, self._words["refusals"])

    @property
    def _words(self) -> Mapping[str, Any]:
        words: Mapping[str, Any] = self.signed.texts.words["hooks"]
        return words

    @property
    def _clock(self) -> str:
        return zone_of(self.signed.dates, self.now.astimezone(self.signed.zone))

    def _at(self, moment: datetime | None) -> str | None:
        return short_of(self.signed.dates, moment.astimezone(self.signed.zone)) if moment else None


def _status_of(error: DomainError | None) -> HTTPStatus:
    if error is None:
        return HTTPStatus.OK
    return HTTPStatus.BAD_REQUEST if isinstance(error, InvalidRequest) else HTTPStatus.CONFLICT


def _joined(events: Iterable[WebhookEvent]) -> str:
    """Events in one field, in the order of the form."""
    told = set(events)
    return " ".join(one.value for one in SUBSCRIBABLE if one in told)


def _written(place: LogPosition) -> str:
    return f"{format_instant(place.occurred_at)}~{place.event_id}"


def _place(text: str | None) -> LogPosition | None:
    at, _, event_id = (text or "").partition("~")
    try:
        return LogPosition(occurred_at=parse_instant(at), event_id=event_id[:100])
    except ValueError:
        return None

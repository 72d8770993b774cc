"""Customers' webhooks: subscriptions, and what is on its way to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # every handler imports ports, and few need all that they speak of
    from slotline.domain.booking.apps import App
    from slotline.domain.shared.audit import AuditEntry
    from slotline.domain.shared.due import Due
    from slotline.domain.shared.idempotency import Receipt
    from slotline.domain.webhooks.deliveries import Delivery, LogPage, LogQuery, Place
    from slotline.domain.webhooks.subscriptions import Subject, Subscription


class Webhooks(Protocol):
    """Where the subscriptions of an app are kept. Every method may raise StoreBusyError.

    What people change is written with its entry of the audit log, or neither is.
    """

    def find(self, app_id: str, webhook_id: str | None) -> tuple[App | None, Subscription | None]:
        """The app, and one subscription where one is named, in one request."""
        ...

    def of_app(self, app_id: str) -> Sequence[Subscription]:
        """All subscriptions of the app, in order of their ids."""
        ...

    def of_organization(self, organization_id: str) -> Sequence[Subscription]:
        """All subscriptions, of whatever app, that are told of the organization's calls and campaigns."""
        ...

    def add(self, subscription: Subscription, receipt: Receipt | None, entry: AuditEntry | None = None) -> None:
        """Keep a new one. Raises AlreadyWritten, AlreadyAnswered, or RaceLost: the app is gone, or has its fill.

        One with `dials_of` is among those of that organization from then on; RaceLost where the app is not its own.
        """
        ...

    def change(
        self,
        app_id: str,
        webhook_id: str,
        values: Mapping[str, object],
        expect: Mapping[str, object] | None = None,
        receipt: Receipt | None = None,
        entry: AuditEntry | None = None,
    ) -> None:
        """Write the attributes named; None clears one. `dials_of` may be named where it is expected, too.

        Raises RaceLost where it is gone, or an attribute is not as expected; or AlreadyAnswered.
        """
        ...

    def remove(
        self, app_id: str, webhook_id: str, dials_of: str | None = None, entry: AuditEntry | None = None
    ) -> None:
        """Take it away. Raises RaceLost where it is gone, or its `dials_of` is another."""
        ...


class Deliveries(Protocol):
    """Events on their way to subscriptions. Every method may raise StoreBusyError."""

    def add(self, delivery: Delivery, receipt: Receipt | None = None, entry: AuditEntry | None = None) -> None:
        """Keep a new one, with the audit log's entry of whoever asked for it; one of the same event stays as it is.

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

    def replace(
        self, before: Delivery, after: Delivery, receipt: Receipt | None = None, entry: AuditEntry | None = None
    ) -> None:
        """Write its new state, with the audit log's entry of whoever asked for it.

        Raises RaceLost where it is no longer as it was before, or AlreadyAnswered.
        """
        ...

    def of_subject(self, app_id: str, webhook_id: str, subject: Subject) -> Sequence[Delivery]:
        """A subscription's deliveries about one subject, in the order of its events."""
        ...

    def log(self, query: LogQuery) -> LogPage:
        """A part of a subscription's deliveries; what was written just now may be missing.

        A page may hold fewer than asked for, and say where to go on.
        """

"""What webhooks were told of one booking, and what became of it; each can be sent again."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Protocol

from slotline.domain.access.rate_limits import no_rate_limit
from slotline.domain.access.scopes import Scope
from slotline.domain.shared.audit import Author
from slotline.domain.shared.errors import Conflict, NotFound, Unavailable
from slotline.domain.shared.idempotency import IdempotencyKey
from slotline.domain.webhooks.deliveries import Delivery, DeliveryStatus
from slotline.domain.webhooks.subscriptions import Listener, Subject, SubjectKind, Subscription
from slotline.pages.calls.acting import form_key
from slotline.pages.calls.record import shown_call
from slotline.pages.calls.shown import CallWords
from slotline.pages.console.call import CallPages, way_to
from slotline.pages.kit import Redirect
from slotline.pages.rendering import Page
from slotline.pages.signed import Answer, SignedIn
from slotline.ports.shared import RateLimitCheck
from slotline.ports.webhooks import Deliveries, Webhooks
from slotline.usecases.webhooks.read_deliveries import deliveries_about

BADGES: Mapping[DeliveryStatus, str] = {
    DeliveryStatus.PENDING: "",
    DeliveryStatus.HELD: "warn",
    DeliveryStatus.DELIVERED: "good",
    DeliveryStatus.FAILED: "bad",
}


class Resend(Protocol):
    """Who sends a delivery once more: `slotline.usecases.webhooks.resend_deliveries.Resend`."""

    def __call__(
        self,
        app_id: str,
        webhook_id: str,
        delivery_id: str,
        listener: Listener,
        author: Author,
        key: IdempotencyKey | None,
        check_rate: RateLimitCheck,
    ) -> object:
        """The delivery, due again. Raises what stands against it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CallDeliveries:
    """The deliveries of one booking."""

    pages: CallPages
    webhooks: Callable[[], Webhooks]
    deliveries: Callable[[], Deliveries]
    resend: Callable[[], Resend]

    def show(self, signed: SignedIn, refused: str | None = None) -> Page:
        """GET …/deliveries."""
        call, words = self.pages.call_of(signed), self.pages.words(signed)
        subject = Subject(kind=SubjectKind.CALL, id=call.id)
        found = deliveries_about(self.webhooks(), self.deliveries(), signed.app.app_id, subject)
        return signed.page(
            "console_call_deliveries.html",
            "calls",
            {
                "here": way_to(signed, call.id),
                "call": shown_call(call, words, None),
                "webhooks": [_shown(subscription, told, words) for subscription, told in found],
                "is_resent": signed.asked.query("done") == "resent" and refused is None,
                "refused": refused,
            },
            live="console_call_deliveries_list.html",
            status=HTTPStatus.CONFLICT if refused else HTTPStatus.OK,
        )

    def send_again(self, signed: SignedIn) -> Answer:
        """POST …/deliveries."""
        asked, call_id = signed.asked, signed.asked.part("call_id")
        listener = Listener(organization_id=signed.app.organization_id, needs=_may_read)
        webhook_id, delivery_id = asked.id("webhook") or "", asked.id("delivery") or ""
        if not delivery_id.startswith(f"{SubjectKind.CALL}-{call_id}-"):
            raise NotFound("There is no such delivery of this call.")
        key = form_key(signed, asked.field("attempts"))
        try:
            self.resend()(signed.app.app_id, webhook_id, delivery_id, listener, signed.author, key, no_rate_limit)
        except (Conflict, Unavailable) as error:
            return self.show(signed, self.pages.refusal(signed, error))
        return Redirect(f"{way_to(signed, call_id)}/deliveries?done=resent")


def _shown(subscription: Subscription, told: Sequence[Delivery], words: CallWords) -> Mapping[str, Any]:
    return {
        "id": subscription.id,
        "url": subscription.url,
        "deliveries": [_row(delivery, words) for delivery in reversed(told)],
    }


def _row(delivery: Delivery, words: CallWords) -> Mapping[str, Any]:
    last = delivery.log[-1] if delivery.log else None
    status = delivery.status
    return {
        "id": delivery.id,
        "event": delivery.event.value,
        "at": words.moment(delivery.occurred_at),
        "status": words.texts.text("delivery", status.value),
        "badge": BADGES[status],
        "attempts": delivery.attempts,
        "answer": (str(last.status) if last.status else last.error) if last else None,
        "may_resend": status is not DeliveryStatus.PENDING,
    }


def _may_read(_scope: Scope) -> None:
    """Whoever may change webhooks may read calls, too: the table of permissions says so."""

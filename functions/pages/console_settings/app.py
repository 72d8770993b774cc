"""Settings in the console: /console/{app}/settings, an organization's people, keys and webhooks, and the audit log."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta

from slotline.domain.access.permissions import Permission
from slotline.domain.access.rate_limits import no_rate_limit
from slotline.domain.shared.audit import Surface
from slotline.domain.shared.errors import Conflict, DomainError, InvalidRequest, NotFound
from slotline.domain.webhooks.subscriptions import Subscription, WebhookStatus
from slotline.pages.kit import MOST_BOXES, Redirect, page_handler
from slotline.pages.settings.audit import AuditPage
from slotline.pages.settings.keys import KeysPage
from slotline.pages.settings.people import PeoplePages
from slotline.pages.settings.webhooks import ACTS, WebhookPages
from slotline.pages.signed import Allowed, Answer, SignedIn, signed_routes
from slotline.usecases.webhooks.keep_webhooks import list_webhooks, read_webhook
from slotline.usecases.webhooks.read_deliveries import read_delivery
from slotline.wiring import common
from slotline.wiring.access import keys, people, sessions, ways_in
from slotline.wiring.booking.agents import agents
from slotline.wiring.webhooks import webhooks as hooks

BOOK = "settings"
OVERLAP = timedelta(hours=24)
"""How long a webhook's secret signs on beside the one that takes its place."""
_SETTINGS = "/console/{app_id}/settings"


def audit(signed: SignedIn) -> Answer:
    """GET …/audit: what was done in this app, and by whom."""
    return _audit(signed).shown()


def export_audit(signed: SignedIn) -> Answer:
    """POST …/audit: the same as a file."""
    return _audit(signed).exported()


def organizations_audit(signed: SignedIn) -> Answer:
    """GET …/audit/organization: what was done to its people and keys."""
    return _audit(signed, is_organizations=True).shown()


def export_organizations_audit(signed: SignedIn) -> Answer:
    """POST …/audit/organization: the same as a file."""
    return _audit(signed, is_organizations=True).exported()


def _audit(signed: SignedIn, *, is_organizations: bool = False) -> AuditPage:
    return AuditPage(signed, people.read_audit_log(), people.users(), is_organizations)


def everybody(signed: SignedIn) -> Answer:
    """GET …/users: the organization's people."""
    return _people(signed).all()


def require(signed: SignedIn) -> Answer:
    """POST …/users: whether all who change settings must have a second factor."""
    return _people(signed).require()


def ask_whom(signed: SignedIn) -> Answer:
    """GET …/users/invite."""
    return _people(signed).ask_whom()


def invite(signed: SignedIn) -> Answer:
    """POST …/users/invite: somebody new."""
    return _people(signed).send()


def invite_again(signed: SignedIn) -> Answer:
    """POST …/users/{user_id}/invitation: the mail once more."""
    return _people(signed).send_again()


def person(signed: SignedIn) -> Answer:
    """GET …/users/{user_id}."""
    return _people(signed).one()


def save_person(signed: SignedIn) -> Answer:
    """POST …/users/{user_id}: what they are in which app."""
    return _people(signed).save()


def suspend(signed: SignedIn) -> Answer:
    """POST …/users/{user_id}/suspend."""
    return _people(signed).act(lambda keep, author, user_id: keep.suspend(author, user_id), "suspended")


def resume(signed: SignedIn) -> Answer:
    """POST …/users/{user_id}/resume."""
    return _people(signed).act(lambda keep, author, user_id: keep.resume(author, user_id), "resumed")


def end_sessions(signed: SignedIn) -> Answer:
    """POST …/users/{user_id}/sessions: sign them out everywhere."""
    return _people(signed).act(lambda keep, author, user_id: keep.end_sessions(author, user_id), "sessions")


def reset_second_factor(signed: SignedIn) -> Answer:
    """POST …/users/{user_id}/second-factor: for somebody who lost it."""
    return _people(signed).act(lambda keep, author, user_id: keep.reset_second_factor(author, user_id), "second_factor")


def remove_person(signed: SignedIn) -> Answer:
    """POST …/users/{user_id}/remove."""
    return _people(signed).remove()


def _people(signed: SignedIn) -> PeoplePages:
    return PeoplePages(
        signed,
        people.users(),
        agents(),
        sessions.sessions().apps_of,
        lambda: people.keep_people(agents()),
        people.connections().of_organization,
        ways_in.invite_user,
    )


def webhooks(signed: SignedIn) -> Answer:
    """GET …/webhooks."""
    return _webhooks(signed).shown(list_webhooks(hooks.webhooks(), signed.app.app_id))


def new_webhook(signed: SignedIn) -> Answer:
    """GET …/webhooks/new."""
    return _webhooks(signed).form(None, common.ids().new())


def add_webhook(signed: SignedIn) -> Answer:
    """POST …/webhooks/new: its secret is shown in the answer, and in the answer to the same form once more."""
    from slotline.wiring.webhooks import receivers

    pages = _webhooks(signed)
    try:
        added = receivers.add_webhook()(pages.new(), pages.listener, signed.author, pages.key("add"), no_rate_limit)
    except (InvalidRequest, Conflict) as error:
        return pages.form(None, common.ids().new(), error)
    return pages.secret(str(added.result["id"]), str(added.result["secret"]), is_new=True)


def webhook(signed: SignedIn) -> Answer:
    """GET …/webhooks/{webhook_id}."""
    return _webhook(signed)


def edit_webhook(signed: SignedIn) -> Answer:
    """GET …/webhooks/{webhook_id}/edit."""
    return _webhooks(signed).form(_found_webhook(signed), "")


def save_webhook(signed: SignedIn) -> Answer:
    """POST …/webhooks/{webhook_id}/edit."""
    from slotline.wiring.webhooks import receivers

    pages, found = _webhooks(signed), _found_webhook(signed)
    try:
        if changed := pages.changed(found):
            receivers.change_webhook()(signed.app.app_id, found.id, changed, pages.listener, signed.author)
    except InvalidRequest as error:
        return pages.form(found, "", error)
    return Redirect(pages.to(found.id, done="saved"))


def act_on_webhook(signed: SignedIn) -> Answer:
    """POST …/webhooks/{webhook_id}/{act}: test, pause, resume, rotate, remove or replay."""
    act, pages = signed.asked.part("act"), _webhooks(signed)
    if act not in ACTS:
        raise NotFound("There is nothing here.")
    app_id, webhook_id = signed.app.app_id, signed.asked.part("webhook_id")
    try:
        return _ACTS[act](signed, pages, app_id, webhook_id)
    except (InvalidRequest, Conflict) as error:
        return _webhook(signed, error)


def _test(signed: SignedIn, pages: WebhookPages, app_id: str, webhook_id: str) -> Answer:
    hooks.send_ping()(app_id, webhook_id, signed.author, None, no_rate_limit)
    return Redirect(pages.to(webhook_id, done="tested"))


def _set_status(status: WebhookStatus, done: str) -> Callable[[SignedIn, WebhookPages, str, str], Answer]:
    def act(signed: SignedIn, pages: WebhookPages, app_id: str, webhook_id: str) -> Answer:
        from slotline.wiring.webhooks import receivers

        receivers.change_webhook()(app_id, webhook_id, {"status": status}, pages.listener, signed.author)
        return Redirect(pages.to(webhook_id, done=done))

    return act


def _rotate(signed: SignedIn, pages: WebhookPages, app_id: str, webhook_id: str) -> Answer:
    key = pages.key("rotate")
    made = hooks.rotate_secret()(app_id, webhook_id, None, OVERLAP, signed.author, key, no_rate_limit)
    return pages.secret(webhook_id, str(made.result["secret"]), is_new=False)


def _remove(signed: SignedIn, pages: WebhookPages, app_id: str, webhook_id: str) -> Answer:
    with suppress(NotFound):  # by an earlier press, or by somebody else
        hooks.remove_webhook()(app_id, webhook_id, signed.author)
    return Redirect(pages.to(done="removed"))


def _replay(signed: SignedIn, pages: WebhookPages, app_id: str, webhook_id: str) -> Answer:
    del app_id
    answered = hooks.replay()(pages.span(webhook_id), pages.listener, signed.author, None, no_rate_limit)
    return Redirect(pages.replayed(webhook_id, answered.result))


def delivery(signed: SignedIn) -> Answer:
    """GET …/webhooks/{webhook_id}/deliveries/{delivery_id}."""
    return _delivery(signed)


def resend_delivery(signed: SignedIn) -> Answer:
    """POST …/webhooks/{webhook_id}/deliveries/{delivery_id}/resend."""
    pages, app_id = _webhooks(signed), signed.app.app_id
    webhook_id, delivery_id = signed.asked.part("webhook_id"), signed.asked.part("delivery_id")
    try:
        hooks.resend()(app_id, webhook_id, delivery_id, pages.listener, signed.author, None, no_rate_limit)
    except Conflict as error:
        return _delivery(signed, error)
    return Redirect(pages.to(webhook_id, "deliveries", delivery_id, done="resent"))


def _webhooks(signed: SignedIn) -> WebhookPages:
    return WebhookPages(signed, common.clock().now())


def _found_webhook(signed: SignedIn) -> Subscription:
    return read_webhook(hooks.webhooks(), signed.app.app_id, signed.asked.part("webhook_id"))


def _webhook(signed: SignedIn, error: DomainError | None = None) -> Answer:
    pages, found = _webhooks(signed), _found_webhook(signed)
    return pages.one(found, hooks.deliveries().log(pages.query(found.id)), common.ids().new(), error)


def _delivery(signed: SignedIn, error: DomainError | None = None) -> Answer:
    pages, found = _webhooks(signed), _found_webhook(signed)
    delivery_id = signed.asked.part("delivery_id")
    sent = read_delivery(hooks.webhooks(), hooks.deliveries(), signed.app.app_id, found.id, delivery_id, pages.listener)
    return pages.delivery(found, sent, error)


_ACTS: Mapping[str, Callable[[SignedIn, WebhookPages, str, str], Answer]] = {
    "test": _test,
    "pause": _set_status(WebhookStatus.PAUSED, "paused"),
    "resume": _set_status(WebhookStatus.ACTIVE, "resumed"),
    "rotate": _rotate,
    "remove": _remove,
    "replay": _replay,
}


def _keys(signed: SignedIn) -> KeysPage:
    return KeysPage(signed, keys.keep_credentials(), sessions.sessions().apps_of, common.ids().new)


def list_keys(signed: SignedIn) -> Answer:
    """GET …/keys: clients and keys."""
    return _keys(signed).shown()


def key_form(signed: SignedIn) -> Answer:
    """GET …/keys/new: the form for another."""
    return _keys(signed).form()


def add_key(signed: SignedIn) -> Answer:
    """POST …/keys: another one, whose secret is shown once."""
    return _keys(signed).added()


def rotate_key(signed: SignedIn) -> Answer:
    """POST …/keys/{key}/rotate: a second secret, which is shown once."""
    return _keys(signed).rotated()


def retire_secret(signed: SignedIn) -> Answer:
    """POST …/keys/{key}/retire: the older secret stops."""
    return _keys(signed).retired()


def revoke_key(signed: SignedIn) -> Answer:
    """POST …/keys/{key}/revoke: it stops within a minute."""
    return _keys(signed).revoked()


AUDIT = f"{_SETTINGS}/audit"
KEYS = f"{_SETTINGS}/keys"
USERS = f"{_SETTINGS}/users"
WEBHOOKS = f"{_SETTINGS}/webhooks"
WEBHOOK = f"{WEBHOOKS}/{{webhook_id}}"
DELIVERY = f"{WEBHOOK}/deliveries/{{delivery_id}}"
ROUTES: Mapping[str, Allowed] = {
    f"GET {AUDIT}": Allowed(Permission.SEE_AUDIT, audit),
    f"POST {AUDIT}": Allowed(Permission.SEE_AUDIT, export_audit),
    f"GET {AUDIT}/organization": Allowed(Permission.SEE_ORGANIZATION_AUDIT, organizations_audit),
    f"POST {AUDIT}/organization": Allowed(Permission.SEE_ORGANIZATION_AUDIT, export_organizations_audit),
    f"GET {USERS}": Allowed(Permission.CHANGE_USERS, everybody),
    f"POST {USERS}": Allowed(Permission.CHANGE_USERS, require),
    f"GET {USERS}/invite": Allowed(Permission.CHANGE_USERS, ask_whom),
    f"POST {USERS}/invite": Allowed(Permission.CHANGE_USERS, invite),
    f"POST {USERS}/{{user_id}}/invitation": Allowed(Permission.CHANGE_USERS, invite_again),
    f"GET {USERS}/{{user_id}}": Allowed(Permission.CHANGE_USERS, person),
    f"POST {USERS}/{{user_id}}": Allowed(Permission.CHANGE_USERS, save_person),
    f"POST {USERS}/{{user_id}}/suspend": Allowed(Permission.CHANGE_USERS, suspend),
    f"POST {USERS}/{{user_id}}/resume": Allowed(Permission.CHANGE_USERS, resume),
    f"POST {USERS}/{{user_id}}/sessions": Allowed(Permission.CHANGE_USERS, end_sessions),
    f"POST {USERS}/{{user_id}}/second-factor": Allowed(Permission.CHANGE_USERS, reset_second_factor),
    f"POST {USERS}/{{user_id}}/remove": Allowed(Permission.CHANGE_USERS, remove_person),
    f"GET {WEBHOOKS}": Allowed(Permission.CHANGE_WEBHOOKS, webhooks),
    f"GET {WEBHOOKS}/new": Allowed(Permission.CHANGE_WEBHOOKS, new_webhook),
    f"POST {WEBHOOKS}/new": Allowed(Permission.CHANGE_WEBHOOKS, add_webhook),
    f"GET {WEBHOOK}": Allowed(Permission.CHANGE_WEBHOOKS, webhook),
    f"GET {WEBHOOK}/edit": Allowed(Permission.CHANGE_WEBHOOKS, edit_webhook),
    f"POST {WEBHOOK}/edit": Allowed(Permission.CHANGE_WEBHOOKS, save_webhook),
    f"POST {WEBHOOK}/{{act}}": Allowed(Permission.CHANGE_WEBHOOKS, act_on_webhook),
    f"GET {DELIVERY}": Allowed(Permission.CHANGE_WEBHOOKS, delivery),
    f"POST {DELIVERY}/resend": Allowed(Permission.CHANGE_WEBHOOKS, resend_delivery),
    f"GET {KEYS}": Allowed(Permission.SEE_WIDGET_KEYS, list_keys),
    f"GET {KEYS}/new": Allowed(Permission.CHANGE_KEYS, key_form),
    f"POST {KEYS}": Allowed(Permission.CHANGE_KEYS, add_key),
    f"POST {KEYS}/{{key_id}}/rotate": Allowed(Permission.CHANGE_KEYS, rotate_key),
    f"POST {KEYS}/{{key_id}}/retire": Allowed(Permission.CHANGE_KEYS, retire_secret),
    f"POST {KEYS}/{{key_id}}/revoke": Allowed(Permission.CHANGE_KEYS, revoke_key),
}
handler = page_handler(
    signed_routes(ROUTES, sessions.admit_user, Surface.CONSOLE, BOOK), common, most_fields=MOST_BOXES
)

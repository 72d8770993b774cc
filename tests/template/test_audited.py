"""Every route of the API that changes a setting writes one row of the audit log; every other says why it does not."""

import json
import re
from typing import Any

import pytest

from slotline.domain.shared.audit import AuditEntry, Author, AuthorType, Surface
from slotline.domain.shared.networks import network_of
from slotline.words.catalogue import catalogue_for
from tests.support.aws.moto_tables import ROOT
from tests.support.aws.table_ports import TablePorts
from tests.support.aws.template import functions
from tests.template.conftest import EVENTS, World

EXPECTED: dict[str, dict[str, Any]] = json.loads((EVENTS / "expected.json").read_text())
APP = "/api/v1/video/{appId}"
ACTIONS = {
    f"POST {APP}/presets": "preset.added",
    f"PATCH {APP}/presets/{{presetId}}": "preset.changed",
    f"POST {APP}/presets/{{presetId}}/activate": "preset.activated",
    f"DELETE {APP}/presets/{{presetId}}": "preset.removed",
    f"POST {APP}/agents": "agent.added",
    f"PATCH {APP}/agents/{{agentId}}": "agent.changed",
    f"DELETE {APP}/agents/{{agentId}}": "agent.changed",
    f"PUT {APP}/agents/{{agentId}}/working-hours": "agent.changed",
    f"POST {APP}/agents/{{agentId}}/exceptions": "exception.added",
    f"DELETE {APP}/agents/{{agentId}}/exceptions/{{exceptionId}}": "exception.removed",
    f"POST {APP}/agents/{{agentId}}/do-not-disturb": "do_not_disturb.added",
    f"DELETE {APP}/agents/{{agentId}}/do-not-disturb/{{windowId}}": "do_not_disturb.removed",
    f"POST {APP}/webhooks": "webhook.added",
    f"PATCH {APP}/webhooks/{{webhookId}}": "webhook.changed",
    f"POST {APP}/webhooks/{{webhookId}}/rotate-secret": "webhook.rotated",
    f"DELETE {APP}/webhooks/{{webhookId}}": "webhook.removed",
    f"POST {APP}/webhooks/{{webhookId}}/test": "webhook.tested",
    f"POST {APP}/webhooks/{{webhookId}}/replay": "webhook.replayed",
    f"POST {APP}/webhooks/{{webhookId}}/deliveries/{{deliveryId}}/resend": "webhook.resent",
    "POST /api/v1/use-cases": "use_case.added",
    "PATCH /api/v1/use-cases/{useCaseId}": "use_case.changed",
    "DELETE /api/v1/use-cases/{useCaseId}": "use_case.removed",
    "POST /api/v1/numbers": "number.added",
    "PATCH /api/v1/numbers/{numberId}": "number.changed",
    "DELETE /api/v1/numbers/{numberId}": "number.removed",
    "POST /api/v1/do-not-call": "do_not_call.listed",
    "DELETE /api/v1/do-not-call/{phoneNumber}": "do_not_call.unlisted",
    "POST /api/v1/campaigns/{campaignId}/pause": "campaign.paused",
    "POST /api/v1/campaigns/{campaignId}/resume": "campaign.resumed",
    "POST /api/v1/campaigns/{campaignId}/cancel": "campaign.canceled",
    "ANY /api/v1/campaigns/{campaignId}/export.csv": "campaign.exported",
}
"""What each route that changes a setting, or hands out a table, is in the log."""
DONE_BEFORE = {f"POST {APP}/webhooks/{{webhookId}}/{what}" for what in ("replay", "deliveries/{deliveryId}/resend")}
"""Of these the events find the deliveries on their way already: `tests/handlers/webhooks` has them go out once more."""
OTHERWISE = {
    "what happens to a call is on its timeline": {
        f"POST {APP}/scheduled-calls",
        f"POST {APP}/scheduled-calls/bulk",
        f"PATCH {APP}/scheduled-calls/{{id}}",
        f"DELETE {APP}/scheduled-calls/{{id}}",
        *(
            f"POST {APP}/scheduled-calls/{{id}}/{act}"
            for act in ("claim", "complete", "confirm", "no-show", "reminders", "reopen", "start")
        ),
        *(f"POST /api/v1/guest/{{token}}/{act}" for act in ("cancel", "confirm", "reschedule")),
    },
    "a hold ends by itself": {f"POST {APP}/holds", f"DELETE {APP}/holds/{{holdId}}"},
    "a guest proves an address": {f"POST {APP}/verifications"},
    "what happens in a room is on its call": {"POST /api/calls", "POST /api/calls/{id}/end"},
    "what happens to a phone call is among its events, and a campaign says when it was created": {
        "POST /api/v1/calls/{callId}/cancel",
        "POST /api/v1/calls/{callId}/stop",
        "POST /api/v1/dial/outbound",
        "POST /api/v1/dial/preflight",
        "POST /api/v1/dial/scheduled",
        "POST /api/v1/dial/uploads",
    },
    "a carrier is nobody who changes settings": {
        f"POST /api/v1/dial/carriers/twilio/{what}/{{organizationId}}/{{callId}}/{{attempt}}"
        for what in ("answer", "status")
    },
    "a token is no key: who may have one is a client's setting": {"POST /api/v1/oauth/token"},
}
"""Routes that change no setting, by the reason."""
NEVER = re.compile(r"@|\+\d{6}|\b(sls|slk|slw|slv|slc)_|whsec_|MDEyMzQ1|secret-of|Bearer", re.IGNORECASE)
"""Addresses, phone numbers, and what secrets begin with."""
CALLERS = {(folder, route) for folder, one in functions().items() for route in one.routes}


def _changes_something(route: str) -> bool:
    method, _, path = route.partition(" ")
    return method in {"POST", "PUT", "PATCH", "DELETE"} and path.startswith("/api/")


def _event_of(folder: str, route: str) -> dict[str, Any]:
    """The first event of a route that is answered well."""
    for name, outcome in EXPECTED[folder].items():
        event: dict[str, Any] = json.loads((EVENTS / folder / f"{name}.json").read_text())
        if event.get("routeKey") == route and isinstance(outcome, int) and outcome < 300:
            return event
    raise LookupError(route)


def _log(aws: Any) -> list[AuditEntry]:
    return TablePorts(aws).audited()


def _since(before: list[AuditEntry], aws: Any) -> list[AuditEntry]:
    """What was written since the log was read: its order is that of the table, not of time."""
    return [entry for entry in _log(aws) if entry not in before]


def test_every_route_that_changes_something_is_in_the_log_or_says_why_not():
    changing = {route for _, route in CALLERS if _changes_something(route)}
    beside = set[str]().union(*OTHERWISE.values())
    assert changing == beside | {route for route in ACTIONS if _changes_something(route)}
    assert not beside & ACTIONS.keys()


def test_every_table_that_is_handed_out_is_in_the_log():
    tables = {route for _, route in CALLERS if "export" in route and route.partition(" ")[2].startswith("/api/")}
    assert tables <= ACTIONS.keys()


@pytest.mark.parametrize(
    ("folder", "route"),
    [pytest.param(*caller, id=caller[1]) for caller in sorted(CALLERS) if caller[1] in ACTIONS.keys() - DONE_BEFORE],
)
def test_a_change_is_one_entry_by_its_caller_and_a_repeat_is_none(world: World, aws: Any, folder: str, route: str):
    event, before = _event_of(folder, route), _log(aws)
    named, asked = (event["requestContext"][part] for part in ("authorizer", "http"))
    assert world.invoke(folder, event)["statusCode"] < 300
    (entry,) = _since(before, aws)
    assert entry.action == ACTIONS[route]
    assert entry.author == Author(
        type=AuthorType.CLIENT,
        surface=Surface.API,
        id=named["lambda"]["client_id"],
        network=network_of(asked["sourceIp"]),
    )
    assert entry.organization_id == named["lambda"]["organization_id"]
    assert entry.app_id == event.get("pathParameters", {}).get("appId")
    assert entry.subject_id
    assert entry.before != entry.after
    assert not NEVER.search(json.dumps([entry.subject_id, entry.before, entry.after], ensure_ascii=False))
    if "idempotency-key" in event["headers"]:
        world.invoke(folder, event)
        assert _since(before, aws) == [entry]


KEYS = {
    *(f"{kind}.{verb}" for kind in ("client", "api_key", "widget_key") for verb in ("added", "revoked")),
    *("client.rotated", "client.retired"),
}


SOURCES = (ROOT / "layers/common/python/slotline/usecases", ROOT / "tools")
_WRITTEN = "".join(path.read_text() for folder in SOURCES for path in folder.rglob("*.py"))
SPELT = {
    ".".join(found)
    for pattern in (r'"(user|organization|audit)\.([a-z_]+)"', r'entry\([^"()]*"([a-z_]+)\.([a-z_]+)"')
    for found in re.findall(pattern, _WRITTEN)
}
"""Whatever else people do in the pages, and operators by the command line: it is spelt where it is done."""


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_page_of_the_log_has_words_for_every_act(language: str):
    words = catalogue_for(language, "settings").words["audit"]
    for action in {*ACTIONS.values(), *KEYS, *SPELT}:
        kind, _, verb = action.partition(".")
        assert words["kinds"][kind]
        assert words["verbs"][verb]

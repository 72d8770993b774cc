"""Every command of an operator that changes what people set is in the audit log; every other says why it is not."""

import json
from typing import Any

import pytest

from slotline.domain.booking.reminders import Channel
from slotline.domain.booking.sendings import Feedback, hear
from slotline.domain.dialing.campaigns import CampaignState
from slotline.domain.messages.bounds import identity_of
from slotline.domain.shared.audit import AuditEntry, AuthorType, Surface
from slotline.store.booking.items import suppression_to_item
from slotline.store.dynamodb.client import from_values, to_values
from slotline.store.shared.audit import audit_from_item
from tests.handlers.tools.test_numbers import Tables
from tests.support.builders.apps import NOW
from tests.support.builders.bookings import a_sending
from tools.commands import all_commands

ACTIONS = {
    "app create": ["app.added"],
    "preset create": ["preset.added"],
    "preset activate": ["preset.activated"],
    "agent create": ["agent.added"],
    "client create": ["client.added"],
    "client rotate": ["client.rotated"],
    "client revoke": ["client.revoked"],
    "api-key create": ["api_key.added"],
    "api-key revoke": ["api_key.revoked"],
    "widget-key create": ["widget_key.added"],
    "widget-key revoke": ["widget_key.revoked"],
    "numbers grant": ["number.granted"],
    "numbers revoke": ["number.revoked", "campaign.paused"],
    "numbers adopt": ["number.granted"],
    "suppressions lift": ["suppression.lifted"],
    "connection create": ["connection.added"],
    "connection remove": ["connection.removed"],
    "user create": ["user.added"],
}
OTHERWISE = {
    "it only shows": {
        *("app show", "preset show", "numbers list", "numbers conflicts", "suppressions list"),
        *("guest-links show", "connection list"),
    },
    "it writes again what follows from what people set": {
        *("preset recopy", "keys adopt", "counters recount", "rollups rebuild", "numbers renormalize"),
    },
    "calls of which it tells people say so on their timelines": {"zones check"},
    "it is about the deployment, not about an organization, and AWS keeps a trail of it": {
        *("guest-links rotate", "restore take-back"),
    },
}
"""Commands without an entry, by the reason."""


def test_every_command_is_in_the_log_or_says_why_not():
    named = [command for commands in (ACTIONS, *OTHERWISE.values()) for command in commands]
    assert sorted(named) == sorted(f"{command.thing} {command.verb}" for command in all_commands())


@pytest.fixture
def log(provision: Any) -> Any:
    """What has been written since it was last asked."""
    seen: set[str] = set()

    def since() -> list[AuditEntry]:
        found = provision.access.dynamodb.scan(TableName=provision.access.table, ConsistentRead=True)["Items"]
        rows = (from_values(row) for row in found if row["pk"]["S"].startswith("AUDIT#"))
        new = [entry for entry in map(audit_from_item, rows) if entry.entry_id not in seen]
        seen.update(entry.entry_id for entry in new)
        return sorted(new, key=lambda entry: (entry.at, entry.entry_id))

    return since


def test_what_an_operator_does_is_in_the_log_and_says_nothing_secret(run: Any, provision: Any, target: Any, log: Any):
    done = dict.fromkeys(ACTIONS, None)
    log()

    def act(command: str, *arguments: str, stdin: str = "") -> Any:
        answer = run(*command.split(), *arguments, stdin=stdin)
        assert answer.status == 0, answer.err
        entries = log()
        assert sorted(entry.action for entry in entries) == sorted(ACTIONS[command])
        for entry in entries:
            assert (entry.author.type, entry.author.surface) == (AuthorType.OPERATOR, Surface.TOOLS)
            assert entry.before != entry.after
            said = json.dumps([entry.subject_id, entry.before, entry.after])
            assert not any(secret in said for secret in ("sls_", "slk_", "slw_", "example.com", "+1202", "hunter2"))
        done.pop(command)
        return answer.json

    app = act("app create", "--name", "Acme", "--timezone", "UTC")
    of_app, organization = ("--app", app["app_id"]), app["organization_id"]
    preset = act("preset create", *of_app, "--name", "Second")
    act("preset activate", *of_app, "--preset", preset["preset_id"])
    act("agent create", *of_app, "--name", "Ada", "--email", "ada@example.com")
    granted = (*of_app, "--name", "CRM", "--scopes", "dialing:read")
    client = act("client create", *granted)["client_id"]
    act("client rotate", client)
    act("client revoke", client)
    act("api-key revoke", act("api-key create", *granted)["fingerprint"])
    act("widget-key revoke", act("widget-key create", *of_app)["fingerprint"])
    tables, number = Tables(target), "+12025550188"
    tables.campaign(tables.number(organization, number), CampaignState.RUNNING)
    log()
    act("numbers grant", number, *of_app)
    act("numbers revoke", number)
    tables.number(organization, "+12025550189")
    log()
    act("numbers adopt")
    bounced = a_sending(app_id=app["app_id"], channel=Channel.EMAIL, recipient=identity_of("guest@example.com"))
    row = suppression_to_item(hear(bounced, Feedback.BOUNCED_FOR_GOOD, "no_email", NOW).suppression)
    provision.suppressions.client.put_item(TableName=target.scheduling_table, Item=to_values(row))
    act("suppressions lift", *of_app, "guest@example.com")
    provider = ("--name", "Acme", "--issuer", "https://login.acme.example", "--client-id", "slotline", "--secret-stdin")
    connection = act("connection create", *of_app, *provider, stdin="hunter2\n")
    act("connection remove", connection["connection_id"])
    password = "hunter2 is a horse of another colour"
    act(
        "user create",
        *of_app,
        *("--email", "olivia@example.com", "--role", "owner", "--password-stdin"),
        stdin=f"{password}\n",
    )
    assert done == {}

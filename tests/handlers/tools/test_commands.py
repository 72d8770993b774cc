"""What each command leaves behind, and what it says when it cannot be done."""

import json
from dataclasses import replace
from typing import Any

import pytest
from argon2 import PasswordHasher

from slotline.domain.access.identity import Client, RateLimits, proves, secret_hash
from slotline.domain.access.scopes import Scope
from slotline.domain.access.users import Role
from slotline.domain.booking.apps import AssignmentMode, CustomerLimit, Period
from slotline.domain.shared.working_hours import Window
from slotline.store.dynamodb import keys
from slotline.store.dynamodb.client import to_values
from tests.handlers.tools.conftest import STACK
from tools.__main__ import main
from tools.target import Target

NOBODY = "01890000-0000-7000-8000-00000000dead"


class StoppedAt:
    """A client whose user presses Ctrl-C at this request of its kind."""

    def __init__(self, client: Any, operation: str, number: int) -> None:
        self._client, self._operation, self._left = client, operation, number

    def __getattr__(self, name: str) -> Any:
        if name == self._operation:
            self._left -= 1
            if not self._left:
                raise KeyboardInterrupt
        return getattr(self._client, name)


def test_a_new_app_has_a_preset_of_defaults_that_rules(run, provision):
    made = run("app", "create", "--name", " Acme ", "--timezone", "America/Bogota").json
    app = provision.apps.get(made["app_id"])
    assert (app.name, app.timezone) == ("Acme", "America/Bogota")
    assert app.preset == provision.preset(app.app_id, made["active_preset_id"]).preset
    assert app.preset.duration_minutes == 30
    assert run("app", "show", "--app", app.app_id).json["preset"]["horizon_days"] == 730


def test_a_preset_keeps_what_it_is_given_and_rules_once_activated(run, provision, app_id):
    first = provision.apps.get(app_id).preset
    made = run(
        *("preset", "create", "--app", app_id, "--name", "Strict", "--activate"),
        *("--duration-minutes", "45", "--require-confirmation", "on", "--guest-can-cancel", "on"),
        *("--customer-limit", "3/day", "--customer-limit", "10/month", "--assignment-mode", "any_available"),
        *("--reminder", "reminder_24h=whatsapp,email", "--embed-origin", "https://www.example.com"),
        *("--branding-color", "#1a73e8"),
    ).json
    preset = provision.apps.get(app_id).preset
    assert preset.preset_id == made["preset_id"]
    assert (preset.duration_minutes, preset.require_confirmation, preset.guest_can_reschedule) == (45, True, False)
    assert preset.customer_limits == (
        CustomerLimit(max_bookings=3, per=Period.DAY),
        CustomerLimit(max_bookings=10, per=Period.MONTH),
    )
    assert preset.assignment_mode is AssignmentMode.ANY_AVAILABLE
    assert preset.reminders == {"reminder_24h": ["whatsapp", "email"]}
    assert run("preset", "show", "--app", app_id, "--preset", first.preset_id).json["active"] is False
    run("preset", "activate", "--app", app_id, "--preset", first.preset_id)
    assert run("preset", "show", "--app", app_id).json["preset_id"] == first.preset_id


def test_an_agent_works_the_hours_given(run, provision, app_id):
    made = run(
        *("agent", "create", "--app", app_id, "--id", "user_abc", "--name", "Ada", "--email", "ada@acme.example"),
        *("--hours", "mon-tue 09:00-12:00,13:00-24:00 Europe/Madrid", "--hours", "sat 10:00-11:00 UTC"),
        *("--weight", "2"),
    )
    assert made.json == {"agent_id": "user_abc", "app_id": app_id, "windows": 5}
    _, agent = provision.agents.find(app_id, "user_abc")
    assert (agent.name, agent.email, agent.weight, agent.active) == ("Ada", "ada@acme.example", 2, True)
    assert agent.working_hours[0] == Window(weekday=0, start="09:00", end="12:00", zone="Europe/Madrid")
    assert agent.working_hours[-1] == Window(weekday=5, start="10:00", end="11:00", zone="UTC")


def test_a_secret_is_shown_once_and_kept_as_a_hash(run, provision, app_id):
    made = run("client", "create", "--app", app_id, "--name", "CRM", "--scopes", "scheduling:read,scheduling:write")
    client = provision.access.client(made.json["client_id"])
    secret = made.json["client_secret"]
    assert len(secret) == 47
    assert "not shown again" in made.err
    assert proves(client, secret)
    assert secret not in repr(client)
    assert client.scopes == {Scope.SCHEDULING_READ, Scope.SCHEDULING_WRITE}
    assert client.limits == RateLimits(600, 20_000, 200_000)
    assert client.app_ids == {app_id}


def test_a_rotation_has_two_halves(run, provision, app_id):
    made = run(*("client", "create", "--app", app_id, "--name", "CRM"), *("--scopes", "dialing:read")).json
    client_id, first = made["client_id"], made["client_secret"]
    assert "rotate first" in run("client", "rotate", client_id, "--retire").err
    second = run("client", "rotate", client_id).json["client_secret"]
    assert all(proves(provision.access.client(client_id), secret) for secret in (first, second))
    assert "retire the older one" in run("client", "rotate", client_id).err
    assert run("client", "rotate", client_id, "--retire").status == 0
    client = provision.access.client(client_id)
    assert (proves(client, first), proves(client, second)) == (False, True)
    third = run("client", "rotate", client_id).json["client_secret"]
    assert [kept.hash for kept in provision.access.client(client_id).secrets] == [
        secret_hash(second),
        secret_hash(third),
    ]


def test_a_revoked_client_proves_nothing(run, provision, app_id):
    made = run("client", "create", "--app", app_id, "--name", "CRM", "--scopes", "dialing:read").json
    assert run("client", "revoke", made["client_id"]).json["status"] == "revoked"
    assert not proves(provision.access.client(made["client_id"]), made["client_secret"])
    assert run("client", "revoke", NOBODY).err == "error: There is no such client.\n"


def test_an_api_key_is_kept_by_its_hash_until_it_is_revoked(run, provision, app_id):
    made = run(
        *("api-key", "create", "--app", app_id, "--name", "Dialer", "--scopes", "dialing:write"),
        *("--limit-minute", "7", "--limit-hour", "8", "--limit-day", "9"),
    ).json
    assert made["fingerprint"] == secret_hash(made["api_key"])
    assert provision.access.api_key(made["fingerprint"]).limits == RateLimits(7, 8, 9)
    run("api-key", "revoke", made["fingerprint"])
    assert not provision.access.api_key(made["fingerprint"]).is_active


def test_a_widget_key_leads_to_its_app_until_it_is_revoked(run, websites, app_id):
    made = run("widget-key", "create", "--app", app_id).json
    assert made["widget_key"].startswith("slw_")
    assert websites.find(app_id, made["fingerprint"]).app.app_id == app_id
    run("widget-key", "revoke", made["fingerprint"])
    assert websites.find(app_id, made["fingerprint"]) is None
    assert run("widget-key", "revoke", made["fingerprint"]).status == 1


def test_keys_from_before_the_list_are_listed_once_and_end_as_all_others(run, provision, app_id):
    organization_id = provision.apps.get(app_id).organization_id
    grants = Client(
        client_id="01960000-0000-7000-8000-00000000c11e",
        name="Old",
        organization_id=organization_id,
        app_ids=frozenset({app_id}),
        scopes=frozenset(Scope),
    )
    old = {"client": grants.client_id, "api_key": "old-api-key", "widget_key": secret_hash("slw_old")}
    access = provision.access
    access.add_client(grants)
    access.add_api_key("0" * 64, replace(grants, client_id=old["api_key"]))
    for kind in ("client", "api_key"):
        listed_row = to_values(keys.organization_key(organization_id, kind, old[kind]))
        access.dynamodb.delete_item(TableName=access.table, Key=listed_row)
    access.add_widget_key(old["widget_key"], app_id, "2026-01-01T00:00:00Z")
    access.add_widget_key(secret_hash("slw_gone"), NOBODY, "2026-01-01T00:00:00Z")
    made = run("widget-key", "create", "--app", app_id).json

    def listed():
        return {key.id: key.kind for key in provision.keys.of_organization(organization_id)}

    (before,) = listed()
    assert before not in old.values()
    wanted = {"client": 1, "api_key": 1, "widget_key": 1, "without_app": 1}
    assert run("keys", "adopt", "--dry-run").json == wanted
    assert list(listed()) == [before]
    assert run("keys", "adopt").json == wanted
    assert listed() == {before: "widget_key", **{key_id: kind for kind, key_id in old.items()}}
    assert run("keys", "adopt").json == {**dict.fromkeys(wanted, 0), "without_app": 1}
    run("widget-key", "revoke", old["widget_key"])
    run("widget-key", "revoke", made["fingerprint"])
    assert sorted(listed()) == sorted([old["client"], old["api_key"]])
    access.revoke_widget_key(secret_hash("slw_gone"))


def test_a_user_signs_in_with_an_argon2id_password(run, provision, app_id):
    made = run(
        *("user", "create", "--email", "Root@Acme.example", "--role", "admin", "--app", app_id, "--password-stdin"),
        stdin="correct horse battery\n",
    )
    assert made.json["role"] == "admin"
    user = provision.users.by_email("root@acme.example ")
    assert user.password_hash.startswith("$argon2id$")
    assert PasswordHasher().verify(user.password_hash, "correct horse battery")
    assert (user.roles, user.agent_ids, user.is_owner) == ({app_id: Role.ADMIN}, {}, False)
    again = run(
        *("user", "create", "--email", "root@acme.example", "--role", "admin", "--app", app_id, "--password-stdin"),
        stdin="another password\n",
    )
    assert (again.status, again.err) == (1, "error: There is an account with this address already.\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("app", "create", "--name", "x", "--timezone", "EST"), "America/New_York"),
        (("app", "create", "--name", "x", "--timezone", "Mars/Base"), "IANA time zone"),
        (("app", "create", "--name", " ", "--timezone", "UTC"), "--name must have"),
        (("app", "create", "--name", "x", "--timezone", "UTC", "--organization", "x"), "must be a UUID"),
        (("app", "show", "--app", "x"), "--app must be a UUID"),
        (("app", "show", "--app", NOBODY), "There is no app"),
        (("preset", "create", "--app", NOBODY, "--name", "x"), "There is no app"),
        (("preset", "create", "--app", "{app}", "--name", "x", "--duration-minutes", "4"), "from 5 to 480"),
        (("preset", "create", "--app", "{app}", "--name", "x", "--customer-limit", "3/year"), "such as 3/day"),
        (("preset", "create", "--app", "{app}", "--name", "x", "--reminder", "fax=sms"), "kinds invitation"),
        (("preset", "create", "--app", "{app}", "--name", "x", "--embed-origin", "http://a.b"), "an origin"),
        (("preset", "create", "--app", "{app}", "--name", "x", "--branding-color", "red"), "#1a73e8"),
        (("preset", "show", "--app", "{app}", "--preset", NOBODY), "There is no preset"),
        (("preset", "activate", "--app", "{app}", "--preset", NOBODY), "There is no preset"),
        (("preset", "recopy", "--app", NOBODY), "There is no app"),
        (("agent", "create", "--app", NOBODY, "--name", "x", "--email", "a@b.c"), "There is no app"),
        (("agent", "create", "--app", "{app}", "--name", "x", "--email", "a"), "e-mail address"),
        (("agent", "create", "--app", "{app}", "--id", "a#b", "--name", "x", "--email", "a@b.c"), "--id must"),
        (("agent", "create", "--app", "{app}", "--name", "x", "--email", "a@b.c", "--weight", "0"), "from 1 to"),
        (("client", "create", "--app", "{app}", "--name", "x", "--scopes", "all"), "must be among"),
        (("client", "create", "--app", "{app}", "--name", "x", "--scopes", ""), "must be among"),
        (("client", "create", "--app", NOBODY, "--name", "x", "--scopes", "dialing:read"), "There is no app"),
        (("client", "rotate", NOBODY), "There is no client"),
        (("api-key", "revoke", "slk_typed-into-a-shell"), "fingerprint"),
        (("user", "create", "--email", "a@b.c", "--role", "agent", "--app", "{app}"), "--role agent needs"),
        (("user", "create", "--email", "a@b.c", "--role", "admin", "--app", "{app}", "--password-stdin"), "12 to"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(run, app_id, arguments, said):
    ran = run(*(app_id if argument == "{app}" else argument for argument in arguments), stdin="short\n")
    assert ran.status == 1
    assert ran.out == ""
    assert ran.err.startswith("error: ")
    assert ran.err.count("\n") == 1
    assert said in ran.err


@pytest.mark.parametrize(
    "hours",
    [
        "mon-fri",
        "mon-fri 09:00 UTC",
        "mon-fri 9:00-17:00 UTC",
        "mon-fri 17:00-09:00 UTC",
        "mon-fri 00:00-24:01 UTC",
        "lun-vie 09:00-17:00 UTC",
        "mon-fri 09:00-17:00 Nowhere",
        "mon-fri 09:00-12:00,11:00-17:00 UTC",
    ],
)
def test_hours_that_are_none_are_refused(run, app_id, hours):
    ran = run("agent", "create", "--app", app_id, "--name", "x", "--email", "a@b.c", "--hours", hours)
    assert ran.status == 1


def test_an_agents_id_is_taken_once(run, app_id):
    create = ("agent", "create", "--app", app_id, "--id", "a", "--name", "x", "--email", "a@b.c")
    assert run(*create).status == 0
    assert "has an agent a already" in run(*create).err


def test_one_credential_never_spans_two_organizations(run, app_id):
    other = run("app", "create", "--name", "Other", "--timezone", "UTC").json["app_id"]
    ran = run("client", "create", "--app", app_id, "--app", other, "--name", "x", "--scopes", "dialing:read")
    assert "one organization" in ran.err


def test_an_agents_account_is_of_an_agent_of_the_app(run, app_id):
    user = ("user", "create", "--email", "b@b.c", "--role", "agent", "--app", app_id, "--password-stdin")
    assert "There is no agent b" in run(*user, "--agent", "b", stdin="long enough password\n").err
    run("agent", "create", "--app", app_id, "--id", "b", "--name", "B", "--email", "b@b.c")
    assert run(*user, "--agent", "b", stdin="long enough password\n").json["agent_id"] == "b"


def test_whoever_stops_a_recopy_is_told_that_what_was_put_right_stays(run, target, monkeypatch):
    client = target.client("dynamodb")
    run("preset", "recopy")
    for name in ("Acme", "Other"):
        made = run("app", "create", "--name", name, "--timezone", "UTC").json
        client.update_item(
            TableName=target.scheduling_table,
            Key=to_values(keys.preset(made["app_id"], made["active_preset_id"])),
            UpdateExpression="SET duration_minutes = :minutes",
            ExpressionAttributeValues=to_values({":minutes": 25}),
        )
    with monkeypatch.context() as patched:
        patched.setattr(Target, "client", lambda *_: StoppedAt(client, "transact_write_items", 2))
        ran = run("preset", "recopy")
    assert (ran.status, ran.out) == (1, "")
    assert ran.err == "error: stopped; what was put right stays, and the next run does the rest\n"
    assert run("preset", "recopy").json["active_copies"] == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("numbers", "renormalize"), "what was put right stays, and the next run does the rest"),
        (("numbers", "renormalize", "--dry-run"), "nothing was written"),
        (("numbers", "adopt"), "what was granted stays so: look at `numbers conflicts`, then run it again"),
        (("numbers", "adopt", "--dry-run"), "nothing was written"),
        (("numbers", "conflicts"), "nothing was written"),
    ],
)
def test_whoever_stops_a_command_is_told_what_it_leaves_behind(run, target, monkeypatch, arguments, said):
    client = StoppedAt(target.client("dynamodb"), "get_paginator", 1)
    monkeypatch.setattr(Target, "client", lambda *_: client)
    ran = run(*arguments)
    assert (ran.status, ran.out, ran.err) == (1, "", f"error: stopped; {said}\n")


def test_without_json_an_answer_is_lines_of_text(target, monkeypatch, capsys):
    monkeypatch.setattr("tools.__main__.target_of_stack", lambda _name, _region: target)
    assert main(["app", "create", "--name", "Acme", "--timezone", "UTC", "--stack", STACK]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["app_id", "organization_id", "name", "timezone", "active_preset_id"]
    with pytest.raises(json.JSONDecodeError):
        json.loads("\n".join(lines))

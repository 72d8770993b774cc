"""The commands: what each is called with, and what it does. Each answers with what the operator is shown."""

import getpass
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from typing import Any

from slotline.domain.access.identity import RateLimits, secret_hash
from slotline.domain.access.keys import Grants
from slotline.domain.access.users import Role
from slotline.domain.booking.apps import Agent, App, AssignmentMode, Preset
from slotline.domain.shared.plain_json import plain
from slotline.domain.shared.zones import zone
from slotline.ids import new_id
from slotline.store.access.connections import DynamoConnections
from tools import connections, guest_links, reading, suppressions, zones
from tools.connections import connect_options, disconnect_options
from tools.counters import recount, recount_options
from tools.errors import ToolError
from tools.guest_links import rotate_options as link_keys_options
from tools.listed_keys import AdoptKeys
from tools.numbers import (
    adopt_options,
    grant_options,
    list_options,
    number_options,
    numbers_of,
    shown_conflicts,
    shown_grant,
)
from tools.preset_copies import recopy, recopy_options
from tools.provision import NewClient, Person, Provision
from tools.renormalize import Renormalize, renormalize_options
from tools.restore import restore_options, take_back_rows
from tools.suppressions import lift_options
from tools.zones import check_options

Answer = dict[str, Any]
_FAR = 1_000_000_000
_MINUTES = {  # what a preset counts, with its bounds
    "duration_minutes": (5, 480),
    "buffer_before_minutes": (0, 240),
    "buffer_after_minutes": (0, 240),
    "horizon_days": (1, 730),
    "minimum_notice_minutes": (0, 43_200),
    "no_show_grace_minutes": (1, 240),
}
_SWITCHES = (
    "scheduling_enabled",
    "require_confirmation",
    "guest_can_reschedule",
    "guest_can_cancel",
    "cancelled_bookings_count",
)

NOTHING_WRITTEN = "nothing was written"
_PUT_RIGHT = "what was put right stays, and the next run does the rest"
_NUMBER_BY_NUMBER = "some of the numbers may be done; the same command does the rest"
_ADOPTED_KEYS = "what is listed stays so, and the next run does the rest"
_ADOPTED = "what was granted stays so: look at `numbers conflicts`, then run it again"
_TAKEN_BACK = "what came back stays, and the same command does the rest; --rows all only while everything is stopped"


@dataclass(frozen=True)
class Command:
    """`python -m tools <thing> <verb>`. `if_stopped`: what stopping it leaves behind, which a dry run never does."""

    thing: str
    verb: str
    about: str
    options: Callable[[ArgumentParser], None]
    run: Callable[[Provision, Namespace], Answer]
    if_stopped: str = NOTHING_WRITTEN


def all_commands() -> Iterator[Command]:
    """Every command there is, in the order of their help."""
    yield Command("app", "create", "a new app with a preset of defaults", _app_options, create_app)
    yield Command("app", "show", "an app and its active preset", _app_of, show_app)
    yield Command("preset", "create", "a new preset of an app", _preset_options, create_preset)
    yield Command("preset", "show", "a preset: the active one, or one by its id", _preset_show_options, show_preset)
    yield Command("preset", "activate", "make a preset the one that rules", _preset_activate_options, activate_preset)
    yield Command(
        "preset", "recopy", "mend copies that a former release wrote", recopy_options, recopy_presets, _PUT_RIGHT
    )
    yield Command("agent", "create", "a new agent of an app", _agent_options, create_agent)
    yield Command("client", "create", "a new OAuth client; its secret is shown once", _grant_options, create_client)
    yield Command("client", "rotate", "one more secret, or --retire the older one", _rotate_options, rotate_client)
    yield Command("client", "revoke", "stop a client within 60 seconds", _client_of, revoke_client)
    yield Command("api-key", "create", "a new API key, shown once", _grant_options, create_api_key)
    yield Command("api-key", "revoke", "stop an API key within 60 seconds", _fingerprint, revoke_api_key)
    yield Command("widget-key", "create", "a new widget key of an app, shown once", _app_of, create_widget_key)
    yield Command("widget-key", "revoke", "take a widget key away", _fingerprint, revoke_widget_key)
    yield Command("keys", "adopt", "list keys from before the console", adopt_options, adopt_keys, _ADOPTED_KEYS)
    yield Command(
        "numbers", "grant", "let one organization call from numbers", grant_options, grant_numbers, _NUMBER_BY_NUMBER
    )
    yield Command(
        "numbers",
        "revoke",
        "stop calls from numbers within a minute",
        number_options,
        revoke_numbers,
        _NUMBER_BY_NUMBER,
    )
    yield Command("numbers", "list", "whom numbers are granted to", list_options, list_granted_numbers)
    yield Command("numbers", "conflicts", "numbers that several organizations added", _no_options, list_conflicts)
    yield Command(
        "numbers", "adopt", "grant what was added before numbers were granted", adopt_options, adopt_numbers, _ADOPTED
    )
    yield Command(
        "numbers",
        "renormalize",
        "put kept numbers into their one form",
        renormalize_options,
        renormalize_numbers,
        _PUT_RIGHT,
    )
    yield Command("counters", "recount", "count every call, and mend what is wrong", recount_options, recount_calls)
    yield Command(
        "rollups", "rebuild", "the same: figures of dashboards are counted too", recount_options, recount_calls
    )
    yield Command("restore", "take-back", "copy rows out of restored tables", restore_options, take_back, _TAKEN_BACK)
    yield Command("guest-links", "show", "the keys that guests' links are made with", _no_options, show_link_keys)
    yield Command("guest-links", "rotate", "one more key, or --replace-all", link_keys_options, rotate_link_keys)
    yield Command("suppressions", "list", "whom an app sends nothing to any more", _app_of, list_suppressions)
    yield Command("suppressions", "lift", "send to an address or a number again", lift_options, lift_suppression)
    yield Command(
        *("connection", "create"),
        "let an organization's people sign in with its own provider (OpenID Connect)",
        connect_options,
        create_connection,
    )
    yield Command("connection", "list", "the providers of an app's organization", _app_of, list_connections)
    yield Command("connection", "remove", "take a provider away", disconnect_options, remove_connection)
    yield Command("zones", "check", "calls whose wall time changed with the rules of zones", check_options, check_zones)
    yield Command("user", "create", "somebody who signs in", _user_options, create_user)


def show_link_keys(provision: Provision, _given: Namespace) -> Answer:
    """The keys of guests' links."""
    return guest_links.shown(provision.number_owners.target)


def rotate_link_keys(provision: Provision, given: Namespace) -> Answer:
    """One more of them."""
    owners = provision.number_owners
    return guest_links.rotate(owners.target, owners.clock, replaces_all=given.replace_all)


def recount_calls(provision: Provision, given: Namespace) -> Answer:
    """Every scheduled call and every phone call counted, listed and found as it is."""
    owners = provision.number_owners
    return recount(owners.target, owners.clock, resumes=given.resume)


def check_zones(provision: Provision, given: Namespace) -> Answer:
    """Calls whose wall time is another than was promised."""
    owners = provision.number_owners
    walker = zones.walker_of(owners.target, owners.clock)
    return zones.dry_run(walker) if given.dry_run else zones.check(walker)


def create_app(provision: Provision, given: Namespace) -> Answer:
    """A new app."""
    zone(given.timezone)
    organization_id = reading.uuid_of(given.organization, "--organization") if given.organization else None
    return _app_answer(provision.create_app(reading.name_of(given.name), given.timezone, organization_id))


def show_app(provision: Provision, given: Namespace) -> Answer:
    """An app."""
    app = provision.apps.get(_app_id(given))
    return _app_answer(app) | {"preset": plain(app.preset)}


def create_preset(provision: Provision, given: Namespace) -> Answer:
    """A new preset; what is not given is the product's default."""
    chosen: dict[str, Any] = {
        name: reading.number_of(getattr(given, name), _option(name), *bounds)
        for name, bounds in _MINUTES.items()
        if getattr(given, name) is not None
    }
    chosen |= {name: getattr(given, name) == "on" for name in _SWITCHES if getattr(given, name) is not None}
    preset = Preset(
        preset_id=new_id(),
        name=reading.name_of(given.name),
        **chosen,
        assignment_mode=AssignmentMode(given.assignment_mode),
        customer_limits=tuple(reading.limit_of(text) for text in given.customer_limit),
        reminders=dict(reading.reminder_of(text) for text in given.reminder),
        allowed_embed_origins=tuple(reading.origin_of(text) for text in given.embed_origin),
        branding_name=reading.name_of(given.branding_name, "--branding-name") if given.branding_name else None,
        branding_color=reading.color_of(given.branding_color) if given.branding_color else None,
    )
    provision.create_preset(_app_id(given), preset, active=given.activate)
    return _preset_answer(preset, active=given.activate)


def show_preset(provision: Provision, given: Namespace) -> Answer:
    """A preset."""
    if given.preset is None:
        return _preset_answer(provision.apps.get(_app_id(given)).preset, active=True)
    found = provision.preset(_app_id(given), reading.id_of(given.preset, "--preset"))
    return _preset_answer(found.preset, active=found.active)


def activate_preset(provision: Provision, given: Namespace) -> Answer:
    """Another preset rules from now on."""
    preset = provision.activate_preset(_app_id(given), reading.id_of(given.preset, "--preset"))
    return _preset_answer(preset, active=True)


def recopy_presets(provision: Provision, given: Namespace) -> Answer:
    """Every copy of a preset as the preset is, of one app or of all."""
    target = provision.number_owners.target
    app_id = provision.apps.get(_app_id(given)).app_id if given.app else None
    return recopy(target.client("dynamodb"), target.scheduling_table, app_id)


def create_agent(provision: Provision, given: Namespace) -> Answer:
    """A new agent."""
    agent = Agent(
        agent_id=reading.id_of(given.id, "--id") if given.id else new_id(),
        name=reading.name_of(given.name),
        email=reading.email_of(given.email),
        weight=reading.number_of(given.weight, "--weight", 1, 1000),
        working_hours=reading.hours_of(given.hours),
    )
    provision.create_agent(_app_id(given), agent)
    return {"agent_id": agent.agent_id, "app_id": _app_id(given), "windows": len(agent.working_hours)}


def create_client(provision: Provision, given: Namespace) -> Answer:
    """A new OAuth client."""
    return _client_answer(provision.create_client(_grants(given)))


def rotate_client(provision: Provision, given: Namespace) -> Answer:
    """The first half of a rotation, or the second."""
    client_id = reading.uuid_of(given.client_id, "the client's id")
    if given.retire:
        provision.retire_secret(client_id)
        return {"client_id": client_id, "active_secrets": 1}
    return _client_answer(provision.rotate_client(client_id))


def revoke_client(provision: Provision, given: Namespace) -> Answer:
    """A client that stops."""
    client_id = reading.uuid_of(given.client_id, "the client's id")
    provision.revoke_client(client_id)
    return {"client_id": client_id, "status": "revoked"}


def create_api_key(provision: Provision, given: Namespace) -> Answer:
    """A new API key."""
    key = provision.create_api_key(_grants(given))
    return {"client_id": key.client_id, "api_key": key.secret, "fingerprint": key.fingerprint}


def revoke_api_key(provision: Provision, given: Namespace) -> Answer:
    """An API key that stops."""
    provision.revoke_api_key(_key_hash(given))
    return {"fingerprint": _key_hash(given), "status": "revoked"}


def create_widget_key(provision: Provision, given: Namespace) -> Answer:
    """A new widget key."""
    key = provision.create_widget_key(_app_id(given))
    return {"app_id": _app_id(given), "widget_key": key.key, "fingerprint": key.fingerprint}


def revoke_widget_key(provision: Provision, given: Namespace) -> Answer:
    """A widget key that is gone."""
    provision.revoke_widget_key(_key_hash(given))
    return {"fingerprint": _key_hash(given), "status": "revoked"}


def adopt_keys(provision: Provision, given: Namespace) -> Answer:
    """Clients and keys from before keys were listed."""
    return AdoptKeys(provision.access, provision.apps)(dry_run=given.dry_run)


def create_user(provision: Provision, given: Namespace) -> Answer:
    """Somebody who signs in; an agent is one agent of one app."""
    role = Role(given.role)
    if (role is Role.AGENT and given.agent is None) or (given.agent is not None and len(given.app) != 1):
        raise ToolError("--role agent needs --agent, and --agent needs one --app")
    person = Person(
        email=reading.email_of(given.email),
        password=reading.password_of(_password(from_stdin=given.password_stdin)),
        role=role,
        app_ids=_app_ids(given),
        agent_id=given.agent,
        name=reading.name_of(given.name) if given.name else None,
    )
    user = provision.create_user(person)
    return {
        "user_id": user.user_id,
        "organization_id": user.organization_id,
        "email": user.email,
        "role": role.value,
        "app_ids": sorted(person.app_ids),
        "agent_id": person.agent_id,
    }


def grant_numbers(provision: Provision, given: Namespace) -> Answer:
    """Numbers that one organization may call from."""
    if given.app:
        organization_id = provision.apps.get(_app_id(given)).organization_id
    else:
        organization_id = reading.uuid_of(given.organization, "--organization")
    owners = provision.number_owners
    return {"granted": [shown_grant(owners.grant(e164, organization_id)) for e164 in numbers_of(given)]}


def revoke_numbers(provision: Provision, given: Namespace) -> Answer:
    """Numbers that nobody may call from."""
    revoked = {e164: provision.number_owners.revoke(e164) for e164 in numbers_of(given)}
    return {"revoked": [{"phone_number": e164, **plain(one)} for e164, one in revoked.items()]}


def list_granted_numbers(provision: Provision, given: Namespace) -> Answer:
    """Whom numbers are granted to."""
    organization_id = reading.uuid_of(given.organization, "--organization") if given.organization else None
    granted = (grant for grant in provision.number_owners.grants.all() if grant.organization_id)
    wanted = [grant for grant in granted if organization_id in (None, grant.organization_id)]
    return {"numbers": [shown_grant(grant) for grant in sorted(wanted, key=lambda grant: grant.phone_number)]}


def list_conflicts(provision: Provision, given: Namespace) -> Answer:
    """Numbers in several hands, which nobody has."""
    del given
    return {"conflicts": shown_conflicts(provision.number_owners.conflicts())}


def adopt_numbers(provision: Provision, given: Namespace) -> Answer:
    """Numbers from before numbers were granted."""
    granted, contested = provision.number_owners.adopt(dry_run=given.dry_run)
    return {"granted": [shown_grant(grant) for grant in granted], "conflicts": shown_conflicts(contested)}


def renormalize_numbers(provision: Provision, given: Namespace) -> Answer:
    """Numbers that were kept in a form that nobody compares."""
    done = Renormalize(provision.number_owners, dry_run=given.dry_run)()
    return {"changed": dict(done.changed), "unreadable": done.unreadable, "conflicts": done.conflicts}


def take_back(provision: Provision, given: Namespace) -> Answer:
    """Rows of restored tables."""
    owners = provision.number_owners
    return take_back_rows(owners.target, owners.clock, given)


def list_suppressions(provision: Provision, given: Namespace) -> Answer:
    """Whom an app sends nothing to any more."""
    app_id = provision.apps.get(_app_id(given)).app_id
    return {"suppressions": [suppressions.shown(one) for one in suppressions.all_of(provision.suppressions, app_id)]}


def lift_suppression(provision: Provision, given: Namespace) -> Answer:
    """Somebody who is sent to again."""
    app = provision.apps.get(_app_id(given))
    lifted = suppressions.lift(provision.suppressions, app, given.recipient, provision.clock)
    return {"app_id": _app_id(given), "lifted": [channel.value for channel in lifted]}


def create_connection(provision: Provision, given: Namespace) -> Answer:
    """Another way in for an organization's people."""
    organization_id = provision.apps.get(_app_id(given)).organization_id
    secret = sys.stdin.readline().rstrip("\r\n") if given.secret_stdin else getpass.getpass("Client secret: ")
    made = connections.connect(_connections(provision), provision.clock, organization_id, secret, given)
    return connections.shown(made)


def list_connections(provision: Provision, given: Namespace) -> Answer:
    """The ways in that an organization has beside passwords."""
    organization_id = provision.apps.get(_app_id(given)).organization_id
    found = _connections(provision).of_organization(organization_id)
    return {"organization_id": organization_id, "connections": [connections.shown(one) for one in found]}


def remove_connection(provision: Provision, given: Namespace) -> Answer:
    """One way in less."""
    return connections.shown(connections.disconnect(_connections(provision), provision.clock, given.connection))


def _connections(provision: Provision) -> DynamoConnections:
    return DynamoConnections(provision.users.client, provision.users.table)


def _no_options(parser: ArgumentParser) -> None:
    del parser


def _app_of(parser: ArgumentParser) -> None:
    parser.add_argument("--app", required=True, metavar="ID", help="the app's id")


def _app_options(parser: ArgumentParser) -> None:
    parser.add_argument("--name", required=True)
    parser.add_argument("--timezone", required=True, help="IANA name, such as America/Bogota")
    parser.add_argument("--organization", metavar="ID", help="the organization's id; a new one where none is given")


def _preset_options(parser: ArgumentParser) -> None:
    _app_of(parser)
    parser.add_argument("--name", required=True)
    defaults = {field.name: field.default for field in fields(Preset)}
    for name, (lowest, highest) in _MINUTES.items():
        parser.add_argument(_option(name), metavar="N", help=f"{lowest} to {highest}; {defaults[name]} by default")
    for name in _SWITCHES:
        turned = "on" if defaults[name] else "off"
        parser.add_argument(_option(name), choices=["on", "off"], help=f"{turned} by default")
    modes = [mode.value for mode in AssignmentMode]
    parser.add_argument("--assignment-mode", choices=modes, default=AssignmentMode.PICK_FROM_OPTIONS.value)
    parser.add_argument("--customer-limit", action="append", default=[], metavar="N/PERIOD", help="such as 3/day")
    parser.add_argument("--reminder", action="append", default=[], metavar="KIND=CHANNEL,…")
    parser.add_argument("--embed-origin", action="append", default=[], metavar="ORIGIN")
    parser.add_argument("--branding-name")
    parser.add_argument("--branding-color", metavar="#RRGGBB")
    parser.add_argument("--activate", action="store_true", help="make it the one that rules")


def _preset_show_options(parser: ArgumentParser) -> None:
    _app_of(parser)
    parser.add_argument("--preset", metavar="ID", help="the active one where none is given")


def _preset_activate_options(parser: ArgumentParser) -> None:
    _app_of(parser)
    parser.add_argument("--preset", required=True, metavar="ID")


def _agent_options(parser: ArgumentParser) -> None:
    _app_of(parser)
    parser.add_argument("--id", help="the agent's id; a new one where none is given")
    parser.add_argument("--name", required=True)
    parser.add_argument("--email", required=True)
    parser.add_argument("--weight", default="1", metavar="N", help="share of round-robin bookings; 1 by default")
    parser.add_argument(
        "--hours", action="append", default=[], metavar="LINE", help='such as "mon-fri 09:00-17:00 UTC"; repeatable'
    )


def _grant_options(parser: ArgumentParser) -> None:
    parser.add_argument("--name", required=True, help="whose it is")
    parser.add_argument("--app", required=True, action="append", metavar="ID", help="repeatable")
    parser.add_argument("--scopes", required=True, help='such as "scheduling:read scheduling:write"')
    defaults = RateLimits()
    for window in ("minute", "hour", "day"):
        default = str(getattr(defaults, window))
        parser.add_argument(f"--limit-{window}", default=default, metavar="N", help=f"{default} by default")


def _client_of(parser: ArgumentParser) -> None:
    parser.add_argument("client_id")


def _rotate_options(parser: ArgumentParser) -> None:
    _client_of(parser)
    parser.add_argument("--retire", action="store_true", help="end the rotation: the older secret stops")


def _fingerprint(parser: ArgumentParser) -> None:
    parser.add_argument("key", nargs="?", help="its fingerprint; where none is given, the key is asked for")


def _user_options(parser: ArgumentParser) -> None:
    parser.add_argument("--email", required=True)
    parser.add_argument("--name", help="at first what stands before the @")
    parser.add_argument("--role", required=True, choices=[role.value for role in Role])
    parser.add_argument("--app", required=True, action="append", metavar="ID", help="repeatable")
    parser.add_argument("--agent", metavar="ID", help="which agent this is")
    parser.add_argument("--password-stdin", action="store_true", help="read the password's line from standard input")


def _grants(given: Namespace) -> Grants:
    limits = [
        reading.number_of(getattr(given, f"limit_{window}"), f"--limit-{window}", 1, _FAR)
        for window in ("minute", "hour", "day")
    ]
    return Grants(reading.name_of(given.name), _app_ids(given), reading.scopes_of(given.scopes), RateLimits(*limits))


def _app_id(given: Namespace) -> str:
    return reading.uuid_of(given.app, "--app")


def _app_ids(given: Namespace) -> list[str]:
    return [reading.uuid_of(app_id, "--app") for app_id in given.app]


def _app_answer(app: App) -> Answer:
    return {
        "app_id": app.app_id,
        "organization_id": app.organization_id,
        "name": app.name,
        "timezone": app.timezone,
        "active_preset_id": app.preset.preset_id,
    }


def _preset_answer(preset: Preset, *, active: bool) -> Answer:
    return {**plain(preset), "active": active}


def _client_answer(client: NewClient) -> Answer:
    return {"client_id": client.client_id, "client_secret": client.secret}


def _key_hash(given: Namespace) -> str:
    """What is kept of a key. The key itself is asked for, because what is typed after a command is logged by shells."""
    if given.key is None:
        given.key = secret_hash(getpass.getpass("Key: ").strip())
    if len(given.key) != 64 or set(given.key) - set("0123456789abcdef"):
        raise ToolError("give the key's fingerprint (64 hex digits), or none and type the key")
    return str(given.key)


def _password(*, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass.getpass("Password: ")
    if getpass.getpass("Again: ") != password:
        raise ToolError("the two passwords are not the same")
    return password


def _option(name: str) -> str:
    return "--" + name.replace("_", "-")

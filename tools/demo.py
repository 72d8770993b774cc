"""The data that a fresh local system starts with: two apps, their agents, and one credential of every kind."""

import secrets
from typing import Any

from slotline.domain.access.identity import RateLimits, Role
from slotline.domain.access.scopes import Scope
from slotline.domain.booking.apps import Agent, App, CustomerLimit, Period, Preset
from slotline.domain.booking.questions import Question, QuestionType
from slotline.domain.dialing.numbers import CarrierName, Number
from slotline.domain.dialing.use_cases import UseCase
from slotline.domain.shared.working_hours import Window
from slotline.ids import new_id
from tools.provision import Grants, NewClient, Provision
from tools.target import Target

AGENTS = (
    ("Ada Park", "ada", ("english", "onboarding")),
    ("Ben Okoye", "ben", ("english",)),
    ("Carla Díaz", "carla", ("english", "spanish")),
)
HOURS = tuple(Window(weekday=day, start="09:00", end="17:00", zone="UTC") for day in range(5))
READS = frozenset({Scope.SCHEDULING_READ, Scope.DIALING_READ})
DIALS = frozenset({Scope.DIALING_READ, Scope.DIALING_WRITE})
# Only the minute's window is ever felt: the hour's and the day's are wider than it lets through.
LIMITS = RateLimits(minute=100_000, hour=10_000_000, day=150_000_000)
TWO_YEARS_DAYS = 730
NUMBERS = tuple(f"+120255501{last:02}" for last in range(100))
"""What the demo's organization may call from: fictitious numbers, +12025550100 to +12025550199."""
DOCUMENTED_PRESET = "my-preset"
"""The id in the documented example of an instant call, so that the example runs as it is printed."""


def seed(target: Target, *, api_base_url: str, video_base_url: str, inbox_url: str | None) -> dict[str, Any]:
    """Write the demo's data into fresh tables. Returns what `.local/demo.json` says about it, secrets included."""
    provision = Provision.of(target)
    app = provision.create_app("Demo", "UTC", preset=_consultation())
    onboarding = _onboarding()
    provision.create_preset(app.app_id, onboarding, active=False)
    provision.create_preset(
        app.app_id, Preset(preset_id=DOCUMENTED_PRESET, name="Instant calls", public=False), active=False
    )
    agent_ids = [_agent(provision, app, *agent) for agent in AGENTS]
    client = _client(provision, app, "Demo", frozenset(Scope))
    reader = _client(provision, app, "Demo, reading only", READS)
    api_key = provision.create_api_key(Grants("Demo dialer", [app.app_id], DIALS, LIMITS))
    return {
        "api_base_url": api_base_url,
        "video_base_url": video_base_url,
        "app_id": app.app_id,
        "client_id": client.client_id,
        "client_secret": client.secret,
        "read_only_client": {"client_id": reader.client_id, "client_secret": reader.secret},
        "other_app": _other_app(provision),
        "widget_key": provision.create_widget_key(app.app_id, LIMITS).key,
        "agent_ids": agent_ids,
        "services": [{"preset_id": preset.preset_id, "slug": preset.slug} for preset in (app.preset, onboarding)],
        "api_key": api_key.secret,
        "use_case_id": _use_case(provision, app),
        "number_id": _number(provision, app),
        "admin": _user(provision, app, "admin@demo.example", Role.ADMIN),
        "agent": _user(provision, app, "ada@demo.example", Role.AGENT, agent_ids[0]),
        "inbox_url": inbox_url,
    }


def _consultation() -> Preset:
    """The service that rules what names none."""
    return Preset(
        preset_id=new_id(),
        name="Default",
        slug="consultation",
        title={"en": "Consultation", "es": "Consulta"},
        horizon_days=TWO_YEARS_DAYS,
    )


def _onboarding() -> Preset:
    """A service that asks its guests something: one must be answered, and one is answered by a link."""
    topic = Question(
        key="topic",
        label={"en": "What is it about?", "es": "¿De qué se trata?"},
        type=QuestionType.SINGLE_CHOICE,
        required=True,
        options=("A new account", "An account that is there"),
    )
    seats = Question(key="seats", label={"en": "How many seats?", "es": "¿Cuántos puestos?"}, type=QuestionType.NUMBER)
    campaign = Question(key="campaign", label="Campaign", type=QuestionType.SHORT_TEXT, hidden=True)
    return Preset(
        preset_id=new_id(),
        name="Onboarding",
        slug="onboarding",
        title={"en": "Onboarding", "es": "Bienvenida"},
        description={"en": "We set up your account together.", "es": "Configuramos juntos su cuenta."},
        duration_minutes=45,
        buffer_after_minutes=15,
        horizon_days=TWO_YEARS_DAYS,
        questions=(topic, seats, campaign),
    )


def _other_app(provision: Provision) -> dict[str, str]:
    """An app of another organization, whose preset is as strict as the demo's is lenient."""
    preset = Preset(
        preset_id=new_id(),
        name="Strict",
        horizon_days=TWO_YEARS_DAYS,
        require_confirmation=True,
        guest_can_reschedule=True,
        guest_can_cancel=True,
        customer_limits=(CustomerLimit(max_bookings=3, per=Period.DAY),),
    )
    app = provision.create_app("Other", "UTC", preset=preset)
    _agent(provision, app, "Dana Weiss", "dana")
    client = _client(provision, app, "Other", frozenset(Scope))
    return {"app_id": app.app_id, "client_id": client.client_id, "client_secret": client.secret}


def _use_case(provision: Provision, app: App) -> str:
    """What the demo's calls are for. They go out at any hour, so that each can be seen at once."""
    use_case = UseCase(
        id="",
        organization_id=app.organization_id,
        name="Kate",
        callee_start="00:00",
        callee_end="24:00",
        params={"message": "Hello {first_name}, this is a call of the demo."},
    )
    return provision.create_use_case(use_case).id


def _number(provision: Provision, app: App) -> str:
    provision.number_owners.hand_over(NUMBERS, app.organization_id)
    number = Number(
        id="",
        organization_id=app.organization_id,
        phone_number=NUMBERS[0],
        carrier=CarrierName.TWILIO,
        name="Demo",
        calls_per_second=10,
        lines=50,
    )
    return provision.create_number(number).id


def _agent(provision: Provision, app: App, name: str, mailbox: str, tags: tuple[str, ...] = ()) -> str:
    agent = Agent(agent_id=new_id(), name=name, email=f"{mailbox}@demo.example", tags=tags, working_hours=HOURS)
    provision.create_agent(app.app_id, agent)
    return agent.agent_id


def _client(provision: Provision, app: App, name: str, scopes: frozenset[Scope]) -> NewClient:
    return provision.create_client(Grants(name, [app.app_id], scopes, LIMITS))


def _user(provision: Provision, app: App, email: str, role: Role, agent_id: str | None = None) -> dict[str, str]:
    """An account that takes the place of an earlier demo's: the addresses are always the same."""
    password = secrets.token_urlsafe(12)
    provision.access.replace_user(provision.user(email, password, role, [app.app_id], agent_id))
    return {"email": email, "password": password} | ({"agent_id": agent_id} if agent_id else {})

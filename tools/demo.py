"""The data that a fresh local system starts with: two apps, their agents, and one credential of every kind."""

import base64
import secrets
from contextlib import suppress
from typing import Any

from slotline.domain.access.identity import RateLimits
from slotline.domain.access.keys import Grants
from slotline.domain.access.scopes import Scope
from slotline.domain.access.users import Role
from slotline.domain.booking.apps import Agent, App, AssignmentMode, CustomerLimit, Period, Preset, Verification
from slotline.domain.booking.questions import Question, QuestionType
from slotline.domain.dialing.numbers import CarrierName, Number
from slotline.domain.dialing.use_cases import UseCase
from slotline.domain.shared.origins import normal_origin
from slotline.domain.shared.working_hours import Window
from slotline.ids import new_id
from tools.provision import NewClient, Person, Provision
from tools.target import Target

AGENTS = (
    ("Ada Park", "ada", "America/New_York", ("english", "onboarding")),
    ("Ben Okoye", "ben", "Africa/Lagos", ("english",)),
    ("Carla Díaz", "carla", "Europe/Madrid", ("english", "spanish")),
)
READS = frozenset({Scope.SCHEDULING_READ, Scope.DIALING_READ})
DIALS = frozenset({Scope.DIALING_READ, Scope.DIALING_WRITE})
# Only the minute's window is ever felt: the hour's and the day's are wider than it lets through.
LIMITS = RateLimits(minute=100_000, hour=10_000_000, day=150_000_000)
TWO_YEARS_DAYS = 730
NUMBERS = tuple(f"+120255501{last:02}" for last in range(100))
"""What the demo's organization may call from: fictitious numbers, +12025550100 to +12025550199."""
WEBSITES = ("https://www.example.com", "http://localhost:3000", "http://127.0.0.1:3000")
"""Whose pages may show the booking page in a frame, beside the local system's own: where websites are developed."""
MAILS = {
    "invitation": ["email"],
    "reminder_24h": ["email", "sms"],
    "reminder_1h": ["email"],
    "cancellation": ["email"],
}
DOCUMENTED_PRESET = "my-preset"
"""The id in the documented example of an instant call, so that the example runs as it is printed."""


def seed(target: Target, *, api_base_url: str, video_base_url: str, inbox_url: str | None) -> dict[str, Any]:
    """Write the demo's data into fresh tables. Returns what `.local/demo.json` says about it, secrets included."""
    provision = Provision.of(target)
    app = provision.create_app("Demo", "UTC", preset=_default())
    services = _services(_origins(api_base_url))
    for preset in (*services, Preset(preset_id=DOCUMENTED_PRESET, name="Instant calls", public=False)):
        provision.create_preset(app.app_id, preset, active=False)
    agents = [_agent(provision, app, *agent) for agent in AGENTS]
    agent_ids = [agent.agent_id for agent in agents]
    widget_key = provision.create_widget_key(app.app_id, LIMITS).key
    client = _client(provision, app, "Demo", frozenset(Scope))
    reader = _client(provision, app, "Demo, reading only", READS)
    api_key = provision.create_api_key(Grants("Demo dialer", [app.app_id], DIALS, LIMITS))
    return {
        "api_base_url": api_base_url,
        "video_base_url": video_base_url,
        "booking_url": f"{api_base_url}/book/{app.app_id}?widgetKey={widget_key}",
        "app_id": app.app_id,
        "app_name": app.name,
        "client_id": client.client_id,
        "client_secret": client.secret,
        "read_only_client": {"client_id": reader.client_id, "client_secret": reader.secret},
        "other_app": _other_app(provision),
        "widget_key": widget_key,
        "agent_ids": agent_ids,
        "agents": [{"agent_id": one.agent_id, "name": one.name, "timezone": one.timezone} for one in agents],
        "services": [{"preset_id": one.preset_id, "slug": one.slug, "name": one.name} for one in services],
        "api_key": api_key.secret,
        "use_case_id": _use_case(provision, app),
        "number_id": _number(provision, app),
        "owner": _user(provision, app, "Owner of the demo", Role.OWNER),
        "admin": _user(provision, app, "Admin of the demo", Role.ADMIN),
        "supervisor": _user(provision, app, "Supervisor of the demo", Role.SUPERVISOR),
        "agent": _user(provision, app, agents[0].name, Role.AGENT, agent_id=agent_ids[0], second_factor=False),
        "console_url": f"{video_base_url}/console/{app.app_id}",
        "my_url": f"{video_base_url}/my/{app.app_id}",
        "inbox_url": inbox_url,
    }


def _default() -> Preset:
    """What rules bookings that name no service: nothing is sent, and nothing is asked."""
    return Preset(preset_id=new_id(), name="Default", public=False, horizon_days=TWO_YEARS_DAYS)


def _origins(base_url: str) -> tuple[str, ...]:
    """Who may show the booking page: the local system itself by both of its names, and websites in development."""
    own: list[str] = []
    with suppress(ValueError):  # whoever tests the seed has no system
        own = [normal_origin(base_url), normal_origin(base_url.replace("//localhost", "//127.0.0.1"))]
    return tuple(dict.fromkeys((*own, *WEBSITES)))


def _services(origins: tuple[str, ...]) -> tuple[Preset, Preset, Preset]:
    """What guests may book: one service for each way that the booking page goes."""
    for_guests: dict[str, Any] = {
        "horizon_days": TWO_YEARS_DAYS,
        "guest_can_reschedule": True,
        "guest_can_cancel": True,
        "reminders": MAILS,
        "allowed_embed_origins": origins,
    }
    consultation = Preset(
        preset_id=new_id(),
        name="Consultation",
        slug="consultation",
        title={"en": "Consultation", "es": "Consulta", "ar": "استشارة"},
        description={
            "en": "Half an hour with the expert of your choice.",
            "es": "Media hora con la persona experta que elija.",
            "ar": "نصف ساعة مع الخبير الذي تختاره.",
        },
        assignment_mode=AssignmentMode.PICK_FROM_OPTIONS,
        **for_guests,
    )
    onboarding = Preset(
        preset_id=new_id(),
        name="Onboarding",
        slug="onboarding",
        title={"en": "Onboarding", "es": "Bienvenida", "ar": "بدء الاستخدام"},
        description={
            "en": "We set up your account together.",
            "es": "Configuramos juntos su cuenta.",
            "ar": "نُعدّ حسابك معًا.",
        },
        assignment_mode=AssignmentMode.ANY_AVAILABLE,
        duration_minutes=45,
        buffer_after_minutes=15,
        require_confirmation=True,
        branding_color="#0b6e4f",
        questions=_questions(),
        **for_guests,
    )
    account_review = Preset(
        preset_id=new_id(),
        name="Account review",
        slug="account-review",
        title={"en": "Account review", "es": "Revisión de la cuenta", "ar": "مراجعة الحساب"},
        description={
            "en": "A quarter of an hour about what you use. We first send you a code, because we talk about your data.",
            "es": "Un cuarto de hora sobre lo que usa. Antes le enviamos un código, porque hablamos de sus datos.",
            "ar": "ربع ساعة عمّا تستخدمه. نرسل إليك رمزًا أولًا لأننا نتحدث عن بياناتك.",
        },
        assignment_mode=AssignmentMode.PICK_FROM_OPTIONS,
        duration_minutes=15,
        verification=Verification.EMAIL,
        **for_guests,
    )
    return consultation, onboarding, account_review


def _questions() -> tuple[Question, ...]:
    """Questions of several types: one must be answered, and one is answered by the link that leads to the page."""
    topic = Question(
        key="topic",
        label={"en": "What is it about?", "es": "¿De qué se trata?", "ar": "ما الموضوع؟"},
        type=QuestionType.SINGLE_CHOICE,
        required=True,
        options=("A new account", "An account that is there"),
    )
    seats = Question(
        key="seats",
        label={"en": "How many seats?", "es": "¿Cuántos puestos?", "ar": "كم عدد المقاعد؟"},
        type=QuestionType.NUMBER,
        help={
            "en": "Everybody who signs in needs one.",
            "es": "Cada persona que entra necesita uno.",
            "ar": "كل من يسجّل الدخول يحتاج إلى مقعد.",
        },
    )
    channels = Question(
        key="channels",
        label={
            "en": "How do you reach your customers?",
            "es": "¿Cómo contacta con sus clientes?",
            "ar": "كيف تتواصل مع عملائك؟",
        },
        type=QuestionType.MULTI_CHOICE,
        options=("E-mail", "Phone", "WhatsApp"),
    )
    go_live = Question(
        key="go_live",
        label={"en": "When do you want to start?", "es": "¿Cuándo quiere empezar?", "ar": "متى تريد البدء؟"},
        type=QuestionType.DATE,
    )
    campaign = Question(key="campaign", label="Campaign", type=QuestionType.SHORT_TEXT, hidden=True)
    return topic, seats, channels, go_live, campaign


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


def _agent(
    provision: Provision, app: App, name: str, mailbox: str, zone: str = "UTC", tags: tuple[str, ...] = ()
) -> Agent:
    """Somebody who works from nine to five on the clocks of their own zone, Monday to Friday."""
    agent = Agent(
        agent_id=new_id(),
        name=name,
        email=f"{mailbox}@demo.example",
        timezone=zone,
        tags=tags,
        working_hours=tuple(Window(weekday=day, start="09:00", end="17:00", zone=zone) for day in range(5)),
    )
    provision.create_agent(app.app_id, agent)
    return agent


def _client(provision: Provision, app: App, name: str, scopes: frozenset[Scope]) -> NewClient:
    return provision.create_client(Grants(name, [app.app_id], scopes, LIMITS))


def _user(
    provision: Provision, app: App, name: str, role: Role, *, agent_id: str | None = None, second_factor: bool = True
) -> dict[str, str]:
    """An account that takes the place of an earlier demo's: the addresses are always the same."""
    email = f"{name.partition(' ')[0].lower()}@demo.example"
    password = secrets.token_urlsafe(12)
    totp_secret = base64.b32encode(secrets.token_bytes(20)).decode() if second_factor else None
    if earlier := provision.users.by_email(email):
        provision.users.remove(earlier)
    person = Person(
        email=email,
        password=password,
        role=role,
        app_ids=[app.app_id],
        agent_id=agent_id,
        name=name,
        totp_secret=totp_secret,
    )
    provision.create_user(person)
    return (
        {"email": email, "password": password}
        | ({"totp_secret": totp_secret} if totp_secret else {})
        | ({"agent_id": agent_id} if agent_id else {})
    )

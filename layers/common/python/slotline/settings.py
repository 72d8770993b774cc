"""What a deployment decides, read from the environment once per process and never at import."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

QUEUE_VARIABLES = {
    "reminder": "REMINDERS_QUEUE_URL",
    "call": "CALLS_QUEUE_URL",
    "hold": "CALLS_QUEUE_URL",
    "recording": "CALLS_QUEUE_URL",
    "code": "REMINDERS_QUEUE_URL",
    "way_in": "REMINDERS_QUEUE_URL",
    "delivery": "DELIVERIES_QUEUE_URL",
    "attempt": "ATTEMPTS_QUEUE_URL",
    "import": "IMPORTS_QUEUE_URL",
    "campaign": "CAMPAIGNS_QUEUE_URL",
    "bulk": "BULK_QUEUE_URL",
    "room": "CALLS_QUEUE_URL",
    "zone_rules": "CALLS_QUEUE_URL",
}
"""Where a function finds the URL of a queue, by the `DueKind` that goes there. It has those that it sends to."""


OWN_CLIENT, BOTO3 = "own", "boto3"


@dataclass(frozen=True, slots=True)
class Settings:
    """The environment of every function: `Globals.Function.Environment` of `template.yaml`."""

    scheduling_table: str
    dialing_table: str
    access_table: str
    signing_key_ids: tuple[str, ...]
    """KMS key ids. The first signs; all are published and verify (rotation: RFC 7517 §4.5, `kid`)."""
    api_base_url: str
    """Without a trailing slash; empty where a deployment has no domain of its own: the request's host then."""
    video_base_url: str
    fallback_base_url: str = ""
    """The API's own address, for what is not asked by a request: messages and webhooks."""
    queue_urls: Mapping[str, str] = field(default_factory=dict)
    """By what is due, as in `QUEUE_VARIABLES`; empty where the function does not send to it."""
    dead_letters_url: str = ""
    """Where records of a stream go that nobody can read."""
    schedule_group: str = ""
    fire_due_arn: str = ""
    fire_due_role_arn: str = ""
    schedule_dead_letters_arn: str = ""
    uploads_bucket: str = ""
    """Where tables of calls are put that are too large for a request."""
    recordings_bucket: str = ""
    """Where recordings of calls are kept."""
    webhook_allowed_networks: tuple[str, ...] = ()
    """The operator's own networks, in CIDR notation: webhooks may go there as well, without TLS too."""
    webhook_refused_ports: tuple[int, ...] = ()
    """Ports in those networks to which no webhook goes: the system's own, if it runs there itself."""
    guest_link_secret_id: str = ""
    """Name or ARN of the secret with the keys of guests' links (`slotline.domain.booking.guest_links`)."""
    relay_secret_id: str = ""
    """Name or ARN of the secret with the relays of rooms (`slotline.domain.instant.relays`); empty: there are none."""
    client_of_aws: str = OWN_CLIENT
    """Who asks AWS: `slotline.aws.direct`, or boto3."""

    @property
    def rooms_at(self) -> str:
        """Where join links lead when no request tells under which name the system was reached."""
        return self.video_base_url or self.api_base_url or self.fallback_base_url

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> "Settings":
        """Read the process's environment. Raises KeyError naming what the template did not set."""
        env = os.environ if environ is None else environ
        return cls(
            scheduling_table=env["SCHEDULING_TABLE"],
            dialing_table=env["DIALING_TABLE"],
            access_table=env["ACCESS_TABLE"],
            signing_key_ids=tuple(key for key in env["SIGNING_KEY_IDS"].split(",") if key),
            api_base_url=env.get("API_BASE_URL", "").rstrip("/"),
            video_base_url=env.get("VIDEO_BASE_URL", "").rstrip("/"),
            fallback_base_url=env.get("FALLBACK_BASE_URL", "").rstrip("/"),
            queue_urls={kind: env.get(variable, "") for kind, variable in QUEUE_VARIABLES.items()},
            dead_letters_url=env.get("STREAM_DEAD_LETTERS_URL", ""),
            schedule_group=env.get("SCHEDULE_GROUP", ""),
            fire_due_arn=env.get("FIRE_DUE_ARN", ""),
            fire_due_role_arn=env.get("FIRE_DUE_ROLE_ARN", ""),
            schedule_dead_letters_arn=env.get("SCHEDULE_DEAD_LETTERS_ARN", ""),
            uploads_bucket=env.get("UPLOADS_BUCKET", ""),
            recordings_bucket=env.get("RECORDINGS_BUCKET", ""),
            webhook_allowed_networks=tuple(env.get("WEBHOOK_ALLOWED_NETWORKS", "").replace(",", " ").split()),
            webhook_refused_ports=tuple(
                int(port) for port in env.get("WEBHOOK_REFUSED_PORTS", "").replace(",", " ").split()
            ),
            guest_link_secret_id=env.get("GUEST_LINK_SECRET_ID", ""),
            relay_secret_id=env.get("RELAY_SECRET_ID", ""),
            client_of_aws=_client(env),
        )


def _client(env: Mapping[str, str]) -> str:
    """What either variable says. The second is the first one's name of the release before, and goes with the next."""
    said = {variable: env.get(variable) or OWN_CLIENT for variable in ("CLIENT_OF_AWS", "DYNAMODB_CLIENT")}
    for variable, name in said.items():
        if name not in {OWN_CLIENT, BOTO3}:
            raise ValueError(f"{variable} must be {OWN_CLIENT} or {BOTO3}, not {name}")
    return BOTO3 if BOTO3 in said.values() else OWN_CLIENT


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelSettings:
    """Whom a deployment sends as. Only the function that sends has them; what is empty is not set up."""

    email_sender: str
    """A verified address. Whose call it is stands before it as a name."""
    email_configuration_set: str
    sms_origination_identity: str
    sms_configuration_set: str
    whatsapp_phone_number_id: str
    meta_api_version: str
    genesys_integration_id: str
    genesys_secret_id: str
    """Name or ARN of a secret: JSON with `client_id` and `client_secret`."""
    genesys_login_url: str
    genesys_api_url: str

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> "ChannelSettings":
        """Read the process's environment. `GENESYS_REGION`, such as `mypurecloud.com`, stands for both of its URLs."""
        env = os.environ if environ is None else environ
        region = env.get("GENESYS_REGION", "")
        return cls(
            email_sender=env.get("EMAIL_SENDER", ""),
            email_configuration_set=env.get("EMAIL_CONFIGURATION_SET", ""),
            sms_origination_identity=env.get("SMS_ORIGINATION_IDENTITY", ""),
            sms_configuration_set=env.get("SMS_CONFIGURATION_SET", ""),
            whatsapp_phone_number_id=env.get("WHATSAPP_PHONE_NUMBER_ID", ""),
            meta_api_version=env.get("META_API_VERSION", ""),
            genesys_integration_id=env.get("GENESYS_INTEGRATION_ID", ""),
            genesys_secret_id=env.get("GENESYS_SECRET_ID", ""),
            genesys_login_url=_genesys_url(env, "GENESYS_LOGIN_URL", "login", region),
            genesys_api_url=_genesys_url(env, "GENESYS_API_URL", "api", region),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierSettings:
    """By whom a deployment's calls are placed. Only the functions that speak to carriers have it; empty: not set up."""

    callbacks_at: str
    """Where carriers report to, as they reach it: the API's own address, without a trailing slash."""
    twilio_secret_id: str
    """Name or ARN of a secret: JSON with `account_sid` and `auth_token`."""
    twilio_api_url: str
    connect_instance_id: str
    connect_flow_id: str

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> "CarrierSettings":
        """Read the process's environment."""
        env = os.environ if environ is None else environ
        return cls(
            callbacks_at=(env.get("API_BASE_URL", "") or env.get("FALLBACK_BASE_URL", "")).rstrip("/"),
            twilio_secret_id=env.get("TWILIO_SECRET_ID", ""),
            twilio_api_url=env.get("TWILIO_API_URL", "").rstrip("/") or "https://api.twilio.com",
            connect_instance_id=env.get("CONNECT_INSTANCE_ID", ""),
            connect_flow_id=env.get("CONNECT_FLOW_ID", ""),
        )


def _genesys_url(env: Mapping[str, str], name: str, host: str, region: str) -> str:
    return env.get(name, "").rstrip("/") or (f"https://{host}.{region}" if region else "")

"""Where the system runs: the repository, and what its processes find in their environment."""

import os
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[1]
REGION = "us-east-1"
ACCOUNT_ID = "000000000000"
LOOPBACK = "127.0.0.1"
RECEIVERS = ("127.0.0.1/32", "::1/128")
"""Where webhooks may go although it is not public: to receivers that are developed on this machine."""
GENESYS_SECRET_ID = "slotline-local-genesys"  # noqa: S105 - its name
TWILIO_SECRET_ID = "slotline-local-twilio"  # noqa: S105 - its name
RELAY_SECRET_ID = "slotline-local-relays"  # noqa: S105 - its name

_FAKE_ACCOUNT = {
    "AWS_ACCESS_KEY_ID": "local",
    "AWS_SECRET_ACCESS_KEY": "local",
    "AWS_REGION": REGION,
    "AWS_DEFAULT_REGION": REGION,
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
    # All traffic is loopback. On macOS this also keeps a forked process from asking the system for its
    # proxies, which ends it.
    "NO_PROXY": "*",
    "no_proxy": "*",
}


def fake_account() -> dict[str, str]:
    """Settings that keep every AWS client away from the developer's own account."""
    return dict(_FAKE_ACCOUNT)


def child_environment() -> dict[str, str]:
    """This process's environment without anything of AWS's but the fake account."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return {**kept, **fake_account()}


def handler_environment(emulator_url: str, private_url: str, base_url: str) -> dict[str, str]:
    """What Lambda would set for handlers, and where its services and the providers of messages are here.

    No webhook goes to the system's own ports: behind them are the clock, the inbox and the emulator, which ask nobody
    who they are.
    """
    own = (urlsplit(url).port for url in (emulator_url, private_url, base_url))
    return {
        **fake_account(),
        **sender_environment(f"{private_url}/providers"),
        "AWS_ENDPOINT_URL": emulator_url,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "WEBHOOK_REFUSED_PORTS": ",".join(str(port) for port in own),
        "POWERTOOLS_TRACE_DISABLED": "true",
        "TZ": "UTC",
        "RELAY_SECRET_ID": RELAY_SECRET_ID,
    }


def sender_environment(providers_url: str) -> dict[str, str]:
    """Every channel set up, with providers that deliver into the local inbox, and a carrier to dial through."""
    return {
        "AWS_ENDPOINT_URL_SESV2": f"{providers_url}/ses",
        "AWS_ENDPOINT_URL_PINPOINT_SMS_VOICE_V2": f"{providers_url}/sms",
        "AWS_ENDPOINT_URL_SOCIALMESSAGING": f"{providers_url}/whatsapp",
        "EMAIL_SENDER": "calls@slotline.local",
        "EMAIL_CONFIGURATION_SET": "slotline",
        "SMS_ORIGINATION_IDENTITY": "Slotline",
        "SMS_CONFIGURATION_SET": "slotline",
        "WHATSAPP_PHONE_NUMBER_ID": "phone-number-id-00000000000000000000000000000000",
        "META_API_VERSION": "v23.0",
        "GENESYS_LOGIN_URL": f"{providers_url}/genesys",
        "GENESYS_API_URL": f"{providers_url}/genesys",
        "GENESYS_INTEGRATION_ID": "local",
        "GENESYS_SECRET_ID": GENESYS_SECRET_ID,
        "TWILIO_SECRET_ID": TWILIO_SECRET_ID,
        "TWILIO_API_URL": f"{providers_url}/twilio",
    }

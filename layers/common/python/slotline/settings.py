"""What a deployment decides, read from the environment once per process and never at import."""

import os
from collections.abc import Mapping
from dataclasses import dataclass


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
    webhook_allowed_networks: tuple[str, ...] = ()
    """The operator's own networks, in CIDR notation: webhooks may go there as well, without TLS too."""

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
            webhook_allowed_networks=tuple(env.get("WEBHOOK_ALLOWED_NETWORKS", "").replace(",", " ").split()),
        )

"""Requests to customers' URLs."""

from functools import cache

from slotline.domain.shared.public_addresses import networks_of
from slotline.egress.urllib3_egress import Urllib3Egress
from slotline.ports.shared import Egress
from slotline.wiring import common


@cache
def egress() -> Egress:
    """Requests to customers' URLs."""
    settings = common.settings()
    return Urllib3Egress(
        deadline=common.deadline(),
        allowed_networks=networks_of(settings.webhook_allowed_networks),
        refused_ports=settings.webhook_refused_ports,
    )

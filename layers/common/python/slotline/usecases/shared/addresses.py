"""Whether requests may go to a customer's address: asked when the address is kept, and again at every request."""

from slotline.domain.shared.errors import InvalidRequest
from slotline.ports.shared import AddressRefused, Egress


def check_url(egress: Egress, url: str, field: str = "url") -> None:
    """Raises InvalidRequest, about this field, for an address that requests may not go to."""
    try:
        egress.check(url)
    except AddressRefused as error:
        raise InvalidRequest.of_field(field, str(error), "address_refused") from error

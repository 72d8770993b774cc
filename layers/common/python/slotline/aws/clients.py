"""Our own client of a service, where the environment says that it is to be asked."""

from datetime import timedelta

from slotline.aws import Patience
from slotline.aws.direct import DirectClient
from slotline.aws.endpoint import endpoint, is_behind_a_proxy
from slotline.aws.services import SERVICES
from slotline.ports.shared import Deadline


def own_client(name: str, deadline: Deadline, patience: Patience, then: timedelta) -> DirectClient | None:
    """None if a proxy is on the way: ours knows of none. Raises KeyError for a service that it does not know."""
    service = SERVICES[name]
    place = endpoint(service)
    if is_behind_a_proxy(place.url):
        return None
    if name == "s3":
        from slotline.aws.s3 import S3Client  # which few functions need

        return S3Client(service, place, deadline, patience, then=then)
    return DirectClient(service, place, deadline, patience, then=then)

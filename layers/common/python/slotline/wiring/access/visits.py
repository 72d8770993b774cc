"""Websites at routes that partners call, too."""

from typing import TYPE_CHECKING

from slotline.http.access.website_visits import WebsiteVisits, website_visits
from slotline.wiring import common

if TYPE_CHECKING:
    from slotline.http.access.website_visit import Admit


def visits(*, of_one_preset: bool = True) -> WebsiteVisits:
    """Who admits websites to a route; what it takes is imported with the first that comes."""

    def admission() -> "Admit":
        from slotline.wiring.access.websites import admit_website

        return admit_website()

    return website_visits(common, admission, of_one_preset=of_one_preset)

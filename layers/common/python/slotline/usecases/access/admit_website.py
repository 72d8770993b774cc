"""Name the website behind an app's id and a widget key."""

from dataclasses import dataclass

from slotline.domain.access.identity import secret_hash
from slotline.domain.access.websites import Website, could_be
from slotline.domain.shared.errors import Unauthorized
from slotline.ports.access import Websites


@dataclass(frozen=True, slots=True, kw_only=True)
class AdmitWebsite:
    """Admits a request by its app's id and widget key."""

    websites: Websites

    def __call__(self, app_id: str, widget_key: str, preset: str | None = None) -> Website:
        """The website, with the public preset of this id or slug.

        Raises Unauthorized, the same for an unknown key, another app's and a revoked one.
        """
        known = could_be(app_id, widget_key)
        found = self.websites.find(app_id, secret_hash(widget_key), preset) if known else None
        if found is None:
            raise wrong_key()
        return found


def wrong_key() -> Unauthorized:
    """What is said of every widget key that names no website."""
    return Unauthorized("The widget key is not one of this app's: it is wrong, or it was revoked.")

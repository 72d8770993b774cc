"""POST /api/v1/oauth/token: client credentials for an access token."""

from slotline import observability
from slotline.domain.access.identity import TokenRefused
from slotline.domain.shared.errors import DomainError, Unavailable
from slotline.http.access import oauth
from slotline.ports.shared import StoreBusyError
from slotline.wiring import common
from slotline.wiring.access import tokens


def handler(event: oauth.Event, context: object) -> oauth.Answer:
    """Answer one payload 2.0 event."""
    common.begin(context)
    now = common.clock().now()
    try:
        request = oauth.read(event)
        token = tokens.issue_token()(request, oauth.issuer(event, common.settings().api_base_url))
    except (TokenRefused, DomainError) as refusal:
        return oauth.refused(event, refusal, now)
    except StoreBusyError as error:
        observability.log_failure("no token could be issued", error)
        return oauth.refused(event, Unavailable("The service is busy. Try again in a moment."), now)
    except Exception as error:  # noqa: BLE001 - the last resort: recorded, and answered without a word about us
        observability.log_unexpected(error)
        observability.flush()
        return oauth.failed(event, now)
    return oauth.issued(event, token, now)

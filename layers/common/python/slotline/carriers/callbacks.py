"""Where carriers report to: the address of one attempt, which says whose it is and which.

The address is ours, and the carrier signs it with what it reports: nobody else can report about an attempt.
"""

from urllib.parse import quote

STATUS = "/api/v1/dial/carriers/twilio/status"
ANSWER = "/api/v1/dial/carriers/twilio/answer"


def place_of(organization_id: str, call_id: str, attempt: int) -> str:
    """The end of an attempt's addresses."""
    return f"/{quote(organization_id, safe='')}/{quote(call_id, safe='')}/{attempt}"

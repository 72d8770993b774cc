"""What Genesys Cloud says in the address of My schedules: which conversation its agent is in.

Genesys fills the address in when it opens the frame, but an address is anybody's to write. So each value is checked
for what it can be, and what is none, such as a placeholder that nobody filled in, is left out.
"""

import re
from collections.abc import Mapping
from contextlib import suppress

from slotline.domain.shared.origins import genesys_origin
from slotline.pages.kit import Asked

CONVERSATION, HOST, ENVIRONMENT = "conversationId", "gcHostOrigin", "gcTargetEnv"
METADATA = "genesys"
"""Under which name a booking's metadata has it."""
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,62}", re.ASCII)


def said_by_genesys(asked: Asked) -> Mapping[str, str]:
    """The conversation and where it is, by the names that Genesys has for them; nothing without a conversation."""
    conversation = (asked.said(CONVERSATION) or "").lower()
    if not _ID.fullmatch(conversation):
        return {}
    found = {CONVERSATION: conversation}
    with suppress(ValueError):
        found[HOST] = genesys_origin(asked.said(HOST) or "")
    environment = (asked.said(ENVIRONMENT) or "").lower()
    return {**found, ENVIRONMENT: environment} if _NAME.fullmatch(environment) else found


def conversation_of(metadata: Mapping[str, object] | None) -> str | None:
    """The conversation that a booking was made in; its metadata may be anybody's."""
    said = (metadata or {}).get(METADATA)
    found = said.get(CONVERSATION) if isinstance(said, Mapping) else None
    return found if isinstance(found, str) and _ID.fullmatch(found) else None

"""Give an organization an address to put a file of calls at."""

from collections.abc import Mapping
from datetime import datetime

from slotline.domain.dialing.campaign_requests import UPLOAD_INVITED_FOR
from slotline.domain.dialing.imports import Invitation
from slotline.domain.shared.idempotency import IdempotencyKey, Receipt
from slotline.ports.dialing import Uploads
from slotline.ports.shared import Ids, RateLimitCheck
from slotline.usecases.shared.once import Once


def invite_upload(
    uploads: Uploads,
    ids: Ids,
    once: Once,
    organization_id: str,
    size: int,
    key: IdempotencyKey | None,
    check_rate: RateLimitCheck,
) -> tuple[str, Invitation, bool]:
    """The upload's id, and where to put it; True where an earlier request with the same key was answered with that id.

    The address is signed anew each time: it is a secret for an hour, and no receipt keeps it.
    """
    new_id = ids.new()

    def act(now: datetime) -> Mapping[str, object]:
        answer = {"upload_id": new_id}
        if key is not None:
            once.receipts.keep(Receipt(key=key, result=answer, answered_at=now))
        return answer

    answered = once(key, check_rate, act)
    upload_id = str(answered.result["upload_id"])
    return upload_id, uploads.invite(organization_id, upload_id, size, UPLOAD_INVITED_FOR), answered.replayed

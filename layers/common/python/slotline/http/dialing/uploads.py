"""Files of calls that are put beside the API: what is asked, and where they go."""

from typing import Annotated, Literal, Self

from pydantic import Field

from slotline.domain.dialing.campaign_requests import LARGEST_UPLOAD, UPLOAD
from slotline.domain.dialing.imports import Invitation
from slotline.domain.shared.instants import format_instant
from slotline.http.core.fields import WholeNumber
from slotline.http.core.models import DialBody, Model, Moment


class UploadBody(DialBody):
    """The body of `POST dial/uploads`."""

    size: Annotated[WholeNumber, Field(ge=1, le=LARGEST_UPLOAD)] = Field(description="Bytes of the file, exactly")


class UploadView(Model):
    """Where a file is put: one PUT of the whole file with these headers. Then `csv_file` names it."""

    csv_file: str
    method: Literal["PUT"] = "PUT"
    url: str
    headers: dict[str, str]
    expires_at: Moment

    @classmethod
    def of(cls, upload_id: str, invitation: Invitation) -> Self:
        """The view of an invitation."""
        return cls(
            csv_file=UPLOAD + upload_id,
            url=invitation.url,
            headers=dict(invitation.headers),
            expires_at=format_instant(invitation.expires_at),
        )

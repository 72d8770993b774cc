"""Changes of scheduled calls as they travel: of one call, its end or its agent, and the same change of many."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from slotline.domain.booking.calls import CallStatus
from slotline.domain.booking.requests import CALL_FIELDS, CallUpdate
from slotline.http.core.documents import ErrorContent
from slotline.http.core.fields import (
    AgentId,
    Buffer,
    Duration,
    Email,
    ExternalId,
    Instant,
    Language,
    Metadata,
    Notes,
    OneLine,
    Phone,
    Reason,
    Zone,
    refused,
)
from slotline.http.core.models import Model, RequestBody, not_sent


class ScheduledCallChanges(RequestBody):
    """The body of `PATCH scheduled-calls/{id}`. At least one field besides `reason` is required; it changes nothing."""

    # What is not sent has no value here: `model_fields_set` tells. What may be null is cleared by it.
    scheduled_at_utc: Instant = Field(default_factory=not_sent)
    duration_minutes: Duration = Field(default_factory=not_sent, description="Minutes; a longer call needs free time")
    buffer_before_minutes: Buffer = Field(default_factory=not_sent)
    buffer_after_minutes: Buffer = Field(default_factory=not_sent)
    assigned_agent_id: AgentId | None = Field(
        default_factory=not_sent, description="null: no agent, whose time is free again; an admin may assign another"
    )
    guest_name: OneLine = Field(default_factory=not_sent)
    guest_phone: Phone | None = Field(default_factory=not_sent)
    guest_email: Email | None = Field(default_factory=not_sent)
    guest_timezone: Zone = Field(default_factory=not_sent)
    guest_language: Language = Field(default_factory=not_sent)
    guest_intake_notes: Notes = Field(default_factory=not_sent)
    external_id: ExternalId | None = Field(default_factory=not_sent, description="null clears it")
    metadata: Metadata | None = Field(default_factory=not_sent, description="Replaced whole; null clears it")
    answers: Annotated[dict[str, Any], Field(strict=True)] = Field(
        default_factory=not_sent,
        description="To the questions that the call was booked with, by their keys: those sent change, null clears one",
    )
    reason: Reason | None = None

    @model_validator(mode="after")
    def _something_to_change(self) -> Self:
        if not self.model_fields_set - {"reason"}:
            raise refused("nothing_to_change", "at least one field besides reason is required")
        return self

    def to_update(self) -> CallUpdate:
        """What the core is asked: the fields that were sent, and no others."""
        sent = self.model_fields_set
        return CallUpdate(
            scheduled_at=self.scheduled_at_utc if "scheduled_at_utc" in sent else None,
            assigned_agent_id=self.assigned_agent_id if "assigned_agent_id" in sent else None,
            unassign="assigned_agent_id" in sent and self.assigned_agent_id is None,
            fields={name: getattr(self, name) for name in CALL_FIELDS if name in sent},
            answers=self.answers if "answers" in sent else {},
            guest={name.removeprefix("guest_"): getattr(self, name) for name in sent if name.startswith("guest_")},
            reason=self.reason,
        )


class Cancellation(RequestBody):
    """The body of `DELETE scheduled-calls/{id}`, which may be left out."""

    reason: Reason | None = None


class Reopening(RequestBody):
    """The body of `POST scheduled-calls/{id}/reopen`."""

    reason: Annotated[Reason, Field(min_length=1)]

    @field_validator("reason")
    @classmethod
    def _something_said(cls, reason: str) -> str:
        if not reason.strip():
            raise refused("required", "must say why the start was a mistake")
        return reason


class ClaimRequest(RequestBody):
    """The body of `POST scheduled-calls/{id}/claim`."""

    agent_id: AgentId


class BulkRequest(RequestBody):
    """The body of `POST scheduled-calls/bulk`: the same change for up to a hundred calls."""

    action: Literal["cancel", "reassign"]
    ids: Annotated[list[Annotated[str, Field(strict=True, max_length=64)]], Field(min_length=1, max_length=100)]
    assigned_agent_id: Annotated[AgentId | None, Field(description="Required to reassign")] = None
    reason: Reason | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.action == "reassign" and self.assigned_agent_id is None:
            raise refused("required", "assignedAgentId is required to reassign")
        if self.action == "cancel" and self.assigned_agent_id is not None:
            raise refused("not_allowed", "assignedAgentId is only for reassign")
        return self


class BulkResult(Model):
    """What became of one call: its state afterwards, or the error."""

    id: str
    ok: bool
    status: CallStatus | None = None
    revision: int | None = None
    external_id: str | None = None
    metadata: dict[str, Any] | None = None
    error: ErrorContent | None = None


class BulkData(Model):
    """`data` of a bulk change: a result per id, in the order asked."""

    results: list[BulkResult]

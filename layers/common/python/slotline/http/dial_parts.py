"""What answers about calls have in common with the answer that created them. Small: most doors of dialing import it."""

from typing import Self

from pydantic import BaseModel, Field

from slotline.domain.errors import Detail


class CallMetadata(BaseModel):
    """What is known of a call beside its parameters. `call_sid` is the carrier's id of its last attempt."""

    call_sid: str | None
    from_: str = Field(alias="from")
    to: str
    recording_sid: str | None
    tags: list[str]
    custom: dict[str, str]


class RowFault(BaseModel):
    """What is wrong with a row. `row` counts from 1 in `calls`; in a CSV file the header is row 1."""

    source: str | None
    row: int | None
    field: str | None
    code: str
    message: str

    @classmethod
    def of(cls, detail: Detail) -> Self:
        """The view of a fault."""
        return cls(
            source=_text_or_none(detail.extra.get("source")),
            row=row if isinstance(row := detail.extra.get("row"), int) else None,
            field=detail.field,
            code=detail.code,
            message=detail.message,
        )


def _text_or_none(value: object) -> str | None:
    return value if isinstance(value, str) else None

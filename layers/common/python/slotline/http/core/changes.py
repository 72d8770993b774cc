"""What every PATCH asks of its body."""

from typing import Self

from pydantic import ConfigDict, model_validator

from slotline.http.core.fields import refused
from slotline.http.core.models import Model


class SomethingToChange(Model):
    """A body in which at least one field is sent; what is not sent stays as it is."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    @model_validator(mode="after")
    def _something_to_change(self) -> Self:
        if not self.model_fields_set:
            raise refused("nothing_to_change", "at least one field is required")
        return self

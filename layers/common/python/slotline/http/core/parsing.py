"""Fields that came otherwise than as a body of JSON, read into the models of the API: their rules are in one place."""

from collections.abc import Mapping
from typing import TypeVar

from pydantic import ValidationError

from slotline.http.core.messages import invalid
from slotline.http.core.models import Model

Body = TypeVar("Body", bound=Model)


def parse(model: type[Body], fields: Mapping[str, object]) -> Body:
    """The model of these fields. Raises InvalidRequest that names every bad one, and repeats none of them."""
    try:
        return model.model_validate(fields)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False)
    raise invalid(faults, (tuple(map(str, fault["loc"])) for fault in faults), [model])

"""What is wrong with a request, in the words of this API: no text of a library ever reaches a client."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, get_args

from pydantic import BaseModel

from slotline.domain.shared.errors import MOST_DETAILS, Detail, InvalidRequest

LONGEST_NAME = 100
_IS_KEY = "[key]"
_QUOTED = re.compile(r"'([^']*)'")

_OBJECT = "must be an object"
_WHOLE_NUMBER = "must be a whole number"
_FLAG = "must be true or false"
_CHOICE = "must be one of {choices}"
_MESSAGES = {
    "missing": "is required",
    "string_type": "must be text",
    "string_too_short": "must have at least {min_length} characters",
    "string_too_long": "must have at most {max_length} characters",
    "int_type": _WHOLE_NUMBER,
    "int_parsing": _WHOLE_NUMBER,
    "int_parsing_size": _WHOLE_NUMBER + " of at most 20 digits",
    "int_from_float": _WHOLE_NUMBER,
    "float_type": "must be a number",
    "finite_number": "must be a finite number",
    "bool_type": _FLAG,
    "bool_parsing": _FLAG,
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "enum": _CHOICE,
    "literal_error": _CHOICE,
    "list_type": "must be a list",
    "too_short": "must have at least {min_length} entries",
    "too_long": "must have at most {max_length} entries",
    "dict_type": _OBJECT,
    "model_type": _OBJECT,
    "model_attributes_type": _OBJECT,
}
_OTHERWISE = "is not a value that this field takes"


def invalid(
    faults: Sequence[Mapping[str, Any]], places: Iterable[tuple[str, ...]], models: Sequence[Any]
) -> InvalidRequest:
    """The refusal of what pydantic found: every bad field as its sender spelled it, the first of them in words.

    `places`: where in the request each fault is. `models`: what the request was read into.
    """
    details = [
        _detail(fault, place, models)
        for fault, place in zip(faults[:MOST_DETAILS], places, strict=False)  # some may be left out: see `total`
    ]
    return InvalidRequest.of_all(details, total=len(faults))


def unknown(name: str, known: Iterable[str], what: str) -> str:
    """What is said of a name that nothing has: the one that was meant, if one is close."""
    from slotline.domain.shared.closest import did_you_mean

    return f"is not a {what} of this request{did_you_mean(name, known)}"


def shown_name(name: str) -> str:
    """A name that a client made up, as an answer repeats it."""
    return name if len(name) <= LONGEST_NAME else f"{name[:LONGEST_NAME]}…"


def _detail(fault: Mapping[str, Any], place: tuple[str, ...], models: Sequence[Any]) -> Detail:
    context = fault.get("ctx") or {}
    code = str(context.get("code", fault["type"]))
    if fault["type"] == "extra_forbidden":
        message = unknown(place[-1], _names_beside(place, models), "field")
    else:
        message = str(context.get("message") or _worded(fault["type"], context))
    if place and place[-1] == _IS_KEY:
        place, message = place[:-1], f"is not a name here: {message}"
    return Detail(message, code, ".".join(shown_name(part) for part in place) or None)


def _worded(kind: str, context: Mapping[str, Any]) -> str:
    text = _MESSAGES.get(kind, _OTHERWISE)
    return text.format(**context, choices=", ".join(_QUOTED.findall(str(context.get("expected", "")))))


def _names_beside(place: tuple[str, ...], models: Sequence[Any]) -> list[str]:
    """The fields that there are where an unknown one stands."""
    here = list(models)
    for step in place[:-1]:
        found = [
            field.annotation
            for model in _models_in(here)
            for name, field in model.model_fields.items()
            if step == (field.alias or name)
        ]
        here = found or here  # a position in a list, or a name in a mapping, leads to no field
    return [field.alias or name for model in _models_in(here) for name, field in model.model_fields.items()]


def _models_in(annotations: Iterable[Any]) -> Iterator[type[BaseModel]]:
    for annotation in annotations:
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            yield annotation
        else:
            yield from _models_in(get_args(annotation))

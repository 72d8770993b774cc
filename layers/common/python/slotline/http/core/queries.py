"""How every query is read: each parameter is known, and is there once unless it is a list; an empty one is absent.

A list comes with commas, by repetition (`status=a&status=b`), or both.
"""

from collections.abc import Collection, Iterable, Sequence
from urllib.parse import parse_qsl

from pydantic import BeforeValidator

from slotline.domain.shared.errors import Detail, InvalidRequest
from slotline.http.core.messages import shown_name, unknown

MOST_PARAMETERS = 300


def read_query(raw: str, single: Collection[str], lists: Collection[str] = ()) -> dict[str, str]:
    """The parameters of a query as it came over the wire, the parts of a list joined by commas.

    Raises InvalidRequest that names every parameter which is not among `single` and `lists`, or comes twice.
    """
    said: dict[str, list[str]] = {}
    for name, value in _pairs(raw):
        said.setdefault(name, []).append(value)
    known = [*single, *lists]
    faults = [
        Detail(_unknown(name, known), "unknown_parameter", shown_name(name)) for name in said if name not in known
    ]
    faults += [
        Detail("must be sent once: it is no list", "repeated", name)
        for name, values in said.items()
        if name in single and len(values) > 1
    ]
    if faults:
        raise InvalidRequest.of_all(faults)
    return {name: ",".join(values) for name, values in said.items() if any(values)}


def _unknown(name: str, known: Sequence[str]) -> str:
    """What is said of a parameter that nothing reads: the one that was meant, or else all that there are."""
    message = unknown(name, known, "parameter")
    return message if "did you mean" in message or not known else f"{message}; it takes {', '.join(known)}"


def _pairs(raw: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(raw, keep_blank_values=True, errors="strict", max_num_fields=MOST_PARAMETERS)
    except UnicodeError as error:
        message = "The query is not UTF-8 text. Write each byte beyond ASCII as %XX of its UTF-8 form."
        raise InvalidRequest(message, [Detail(message, "encoding")]) from error
    except ValueError as error:
        message = f"The query has more than {MOST_PARAMETERS} parameters."
        raise InvalidRequest(message, [Detail(message, "too_many")]) from error


def _parts(value: object) -> object:
    """What commas separate, without the spaces around it; empty parts say nothing."""
    texts: Iterable[object] = value if isinstance(value, list | tuple) else [value]
    return [part.strip() for text in texts if isinstance(text, str) for part in text.split(",") if part.strip()]


BY_COMMAS = BeforeValidator(_parts)
"""On a list: its values come with commas, or by repetition."""

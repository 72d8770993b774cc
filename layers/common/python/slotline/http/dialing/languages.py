"""Languages as dialing takes them: of BCP 47, and as programs and spreadsheets write them."""

from typing import Annotated, Any

from pydantic import BeforeValidator

from slotline.http.core.fields import Language, Notes, refused


def _with_hyphens(value: Any) -> Any:
    return value.replace("_", "-") if isinstance(value, str) else value


def _each_once(value: Any) -> Any:
    """Of two messages in one language, which are two names of JSON, one would be lost in silence."""
    if isinstance(value, dict) and len({str(name).replace("_", "-").casefold() for name in value}) < len(value):
        raise refused("language", "must have one message in each language; en_US and en-US are the same")
    return value


DialLanguage = Annotated[Language, BeforeValidator(_with_hyphens)]
"""`en_US` is `en-US`."""
TextsByLanguage = Annotated[dict[DialLanguage, Notes], BeforeValidator(_each_once)]

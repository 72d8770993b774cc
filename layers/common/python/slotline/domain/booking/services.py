"""Services: presets as people book them, each under its id or its slug; and which preset rules a request."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from slotline.domain.booking.apps import App, Preset
from slotline.domain.shared.errors import AppNotFound, Forbidden, InvalidRequest, SlugIsThere
from slotline.domain.shared.plain_json import compact, plain

LARGEST_TEXTS = 64 * 1024
"""Bytes of what a preset says to guests, as JSON. Every booking reads it with its preset, and a change of it writes it
into four rows at once, of 400 KB at most each."""
TEXTS = ("title", "description", "questions")
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def looks_like_id(name: str) -> bool:
    """Whether a name can be nobody's slug: it is a UUID, as ids are."""
    return _ID.fullmatch(name) is not None


def slug_is_there(slug: str) -> SlugIsThere:
    """What is said of a slug that another preset of the app has, as its slug or its id."""
    message = f"another preset of this app has the slug {slug!r}; choose another one, or change that preset's first"
    return SlugIsThere(message)


def ruled_by(app: App | None, name: str | None, named: Preset | None, *, public_only: bool = False) -> App:
    """The app as a request finds it: under the preset of this name, or under its active one where none is named.

    Raises AppNotFound, or InvalidRequest for a preset that is not there, or no longer. `public_only`: one that is not
    public is as if there were none.
    """
    if app is None:
        raise AppNotFound("There is no such app.")
    preset = named if name is not None and name != app.preset.preset_id else app.preset
    if public_only and preset is not None and not preset.public:
        if name is None:
            raise InvalidRequest.of_field("presetId", "is required: which of the services", "required")
        preset = None
    if preset is app.preset:
        return app
    if preset is None:
        message = f"this app has no preset {name!r}; leave it out for the active one"
        raise InvalidRequest.of_field("presetId", message, "unknown_preset")
    return replace(app, preset=preset)


def check_texts(preset: Preset) -> None:
    """Raises InvalidRequest where a preset has more to say than is read with every booking: on the longest text."""
    sizes = {name: len(compact(plain(getattr(preset, name))).encode(errors="replace")) for name in TEXTS}
    if (size := sum(sizes.values())) > LARGEST_TEXTS:
        message = (
            f"is too long: title, description and questions may have {LARGEST_TEXTS // 1024} KB as JSON, "
            f"all together, and have {-(-size // 1024)} KB"
        )
        raise InvalidRequest.of_field(max(sizes, key=sizes.__getitem__), message, "too_large")


def languages_of(preset: Preset) -> Sequence[str]:
    """The languages that a preset's texts are written in, its own first. What is one text is in that."""
    asked = (text for question in preset.questions for text in (question.label, question.help))
    texts = (preset.title, preset.description, *asked)
    found = {preset.language.casefold(): preset.language}
    for tag in (tag for text in texts if isinstance(text, Mapping) for tag in text):
        found.setdefault(tag.casefold(), tag)
    return list(found.values())


def check_bookable(app: App) -> None:
    """Raises Forbidden where nothing can be booked under the preset that rules."""
    if not app.preset.scheduling_enabled:
        raise Forbidden(f"Scheduling is switched off on the preset {app.preset.name!r}.")

"""How guests get to a service: its link, a QR code of it, and what a website writes to show its booking page."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from io import BytesIO
from typing import Any
from urllib.parse import quote, urlencode

from markupsafe import Markup

from slotline.domain.access.keys import Key, KeyKind
from slotline.domain.booking.apps import Agent, AssignmentMode, PresetOfApp
from slotline.domain.booking.eligibility import Terms, is_eligible
from slotline.domain.shared.errors import NotFound
from slotline.pages.console.service_fields import PAGE_LANGUAGES
from slotline.pages.console.service_forms import SECTION, frame, language_name
from slotline.pages.fields import Field, Option
from slotline.pages.kit import File
from slotline.pages.rendering import Page
from slotline.pages.signed import SignedIn

_TYPED = "widgetKey"
_LONGEST_KEY = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownKey:
    """A widget key of the app, as somebody chooses it. `widget_key`: None for one that nobody can read any more."""

    key_id: str
    label: str
    widget_key: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sharing:
    """What the pages need to say how guests get to a service."""

    service: PresetOfApp
    keys: Sequence[ShownKey]
    """The app's."""
    is_key: Callable[[str], bool]
    """Whether a text is a widget key of the app: for one that is typed, since old ones cannot be read."""
    agents: Sequence[Agent]
    """The app's."""
    pages_at: str
    """The address of this deployment's pages."""

    @property
    def readable(self) -> Sequence[ShownKey]:
        """The keys that a link can be made with."""
        return [key for key in self.keys if key.widget_key]

    @property
    def offered(self) -> Sequence[Agent]:
        """The agents whom a link may name."""
        terms = Terms().under(self.service.preset)
        return sorted((one for one in self.agents if is_eligible(one, terms)), key=lambda one: one.name.casefold())


def shown_keys(signed: SignedIn, keys: Sequence[Key]) -> Sequence[ShownKey]:
    """The app's widget keys among an organization's, those that work."""
    app_id = signed.app.app_id
    return [
        ShownKey(key_id=key.id, label=_label_of(key), widget_key=key.public)
        for key in keys
        if key.kind is KeyKind.WIDGET_KEY and key.is_active and app_id in key.app_ids
    ]


def share_page(signed: SignedIn, sharing: Sharing) -> Page:
    """GET …/services/{preset_id}/share."""
    found, preset, pages_at = sharing.service, sharing.service.preset, sharing.pages_at
    key, typed = _chosen(signed, sharing), signed.asked.query(_TYPED) or ""
    link = _link(signed, sharing, key) if key else None
    context = {
        **frame(signed, found, "share"),
        "fields": _fields(signed, sharing, key),
        "typed": typed[:_LONGEST_KEY],
        "is_wrong": bool(typed) and (key is None or key.widget_key != typed),
        "link": link,
        "code": Markup(qr_code(link)) if link else None,  # noqa: S704 - segno's, of an address
        "way_to_code": f"{frame(signed, found, 'share')['way']}/qr.svg?{urlencode(_said(signed))}",
        "embeds": _embeds(signed, link, pages_at) if link else [],
        "readable": sharing.readable,
        "origins": preset.allowed_embed_origins,
    }
    return signed.page("console_service_share.html", SECTION, context, scripts=("copy.js",))


def code_file(signed: SignedIn, sharing: Sharing) -> File:
    """GET …/services/{preset_id}/qr.svg: the code, to be printed. Raises NotFound without a key to make it with."""
    key = _chosen(signed, sharing)
    if key is None:
        raise NotFound("There is no widget key for the link.")
    code = qr_code(_link(signed, sharing, key))
    name = sharing.service.preset.slug or "booking"
    headers = {"Content-Type": "image/svg+xml", "Content-Disposition": f'attachment; filename="{name}.svg"'}
    return File(code, headers)


def qr_code(text: str) -> str:
    """A QR code with error correction M and its quiet zone, dark on light on every ground, as large as its place."""
    import segno

    written = BytesIO()
    code = segno.make(text, error="m", micro=False)
    code.save(written, kind="svg", light="#fff", omitsize=True, xmldecl=False, svgclass="qr", lineclass=None)
    return written.getvalue().decode()


def _label_of(key: Key) -> str:
    """The end of the key, and the day on which it was made."""
    made = (key.created_at or "")[:10]
    return f"…{(key.public or key.id)[-6:]}{f' ({made})' if made else ''}"


def _chosen(signed: SignedIn, sharing: Sharing) -> ShownKey | None:
    """The key that was typed, if it is one of the app; else the one that was chosen, or the first."""
    wanted, typed, readable = signed.asked.query("key"), signed.asked.query(_TYPED) or "", sharing.readable
    if typed and len(typed) <= _LONGEST_KEY and sharing.is_key(typed):
        return ShownKey(key_id="", label=typed, widget_key=typed)
    return next((key for key in readable if key.key_id == wanted), readable[0] if readable else None)


def _said(signed: SignedIn) -> list[tuple[str, str]]:
    return [(name, value) for name in ("key", _TYPED, "agent", "say") if (value := signed.asked.query(name))]


def _link(signed: SignedIn, sharing: Sharing, key: ShownKey) -> str:
    """The link as a website or a mail has it."""
    preset, agents, pages_at = sharing.service.preset, sharing.offered, sharing.pages_at
    agent_id, language = signed.asked.query("agent"), signed.asked.query("say")
    pairs = [("widgetKey", key.widget_key or "")]
    if agent_id in {agent.agent_id for agent in agents}:
        pairs.append(("agentId", str(agent_id)))
    if language in PAGE_LANGUAGES:
        pairs.append(("lang", str(language)))
    service = quote(preset.slug or preset.preset_id)
    return f"{pages_at}/book/{quote(signed.app.app_id)}/{service}?{urlencode(pairs)}"


def _fields(signed: SignedIn, sharing: Sharing, key: ShownKey | None) -> list[Field]:
    preset, readable, agents = sharing.service.preset, sharing.readable, sharing.offered
    words = signed.texts

    def select(name: str, options: Sequence[tuple[str, str]], chosen: str) -> Field:
        shown = [Option(value=value, label=label, is_chosen=value == chosen) for value, label in options]
        return Field(name=name, label=words.text("share", name), kind="select", options=shown, required=True)

    keys = [(one.key_id, one.label) for one in readable]
    nobody = words.text("share", "agent_needed" if preset.assignment_mode is AssignmentMode.URL_FORCED else "anybody")
    people = [("", nobody), *((agent.agent_id, agent.name) for agent in agents)]
    languages = [("", words.text("share", "guests_own")), *((tag, language_name(words, tag)) for tag in PAGE_LANGUAGES)]
    return [
        *([select("key", keys, key.key_id)] if key and keys else []),
        select("agent", people, signed.asked.query("agent") or ""),
        select("say", languages, signed.asked.query("say") or ""),
    ]


def _embeds(signed: SignedIn, link: str, pages_at: str) -> list[dict[str, Any]]:
    """What a website writes: the script once, and one of three elements."""
    text = escape(signed.texts.text("share", "book_a_call"))
    script = f'<script src="{escape(pages_at)}/static/embed.js" async></script>'
    address = escape(link)
    elements = {
        "inline": f'<div data-slotline="{address}"></div>',
        "popup": f'<a data-slotline-popup href="{address}">{text}</a>',
        "button": f'<button class="slotline-button" data-slotline-popup="{address}">{text}</button>',
    }
    return [{"name": name, "text": f"{script}\n{element}"} for name, element in elements.items()]

"""HTML of a template, and what its browser may do with it.

Everything that is put into a template is escaped. Somebody's words within ours get a direction of their own.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from typing import Any

from jinja2 import BaseLoader, Environment, FileSystemLoader, ModuleLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from slotline.domain.access.websites import origins
from slotline.domain.shared.colours import palette_of
from slotline.pages import assets
from slotline.pages.tables import as_cards
from slotline.words.catalogue import PAGES, RIGHT_TO_LEFT, Catalogue, catalogue_for, fill

HTML = "text/html; charset=utf-8"
BRAND = "#2456e6"
"""Of pages whose organization chose no colour."""
EVERYWHERE: Mapping[str, str] = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",  # with none, the forms of a page would say that they come from nowhere
    "Strict-Transport-Security": "max-age=31536000",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
"""Headers of whatever a page's function answers: a redirection and a calendar file have addresses like its own."""
_HERE = Path(__file__).parent
_COMPILED = _HERE / "compiled"
"""Where a build has templates as Python (`tools/pack.py`): to read and compile them takes as long as all the rest."""
FRAME_SCRIPT = "frame.js"
"""Of every page that a site may show in a frame: it tells that site how high the page is, and what was booked."""
HTMX = "htmx.min.js"
REFRESHING = (HTMX, "lists.js")
"""The files of a page with a part that refreshes itself."""
ANYBODY = "*"
"""In `Look.framed_by`: every site. For pages that are about nobody and change nothing."""
NATIVE_NAMES = {"ar": "العربية", "en": "English", "es": "Español"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How a page looks to its reader. `framed_by`: origins that may show it in a frame, in browsers' spelling, or
    `ANYBODY`; `tells_site`: whether it tells the site around it what happens in it."""

    language: str
    brand: str = BRAND
    framed_by: frozenset[str] = frozenset()
    tells_site: bool = True
    book: str = PAGES
    """Which words the page says."""

    @classmethod
    def of(cls, language: str, brand: str | None = None, embed_origins: Iterable[str] = ()) -> "Look":
        """The look of a service's pages."""
        return cls(language=language, brand=brand or BRAND, framed_by=origins(embed_origins))

    @property
    def is_telling(self) -> bool:
        """Whether there may be a site around it, and it is told."""
        return bool(self.framed_by) and self.tells_site

    @property
    def direction(self) -> str:
        """Of the language's script."""
        return "rtl" if self.language in RIGHT_TO_LEFT else "ltr"

    @property
    def words(self) -> Catalogue:
        """What the page says."""
        return catalogue_for(self.language, self.book)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page that is ready to be sent. `template`: its file's name. `scripts`: files that are written into it;
    `first_scripts`: those that run before anything is shown; `files`: scripts that it loads, in their order.

    `live`: the template of the part that refreshes itself, with the same context. The page has it as `live`, within
    `refreshing` of `components.html`; to the request of that part, it alone is answered.
    """

    template: str | Template
    look: Look
    context: Mapping[str, Any] = field(default_factory=dict)
    scripts: tuple[str, ...] = ()
    first_scripts: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    live: str | Template | None = None
    status: HTTPStatus = HTTPStatus.OK
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: tuple[str, ...] = ()
    """Values of `Set-Cookie`."""
    uses_devices: bool = False
    """Whether it asks for camera, microphone and screen, and has a worker."""
    puts_to: str = ""
    """An origin that its scripts put files to."""

    @property
    def _first_scripts(self) -> tuple[str, ...]:
        return (FRAME_SCRIPT, *self.first_scripts) if self.look.is_telling else self.first_scripts

    def html(self) -> str:
        """The whole document."""
        live = self.part() if self.live else None
        return self._rendered(
            self.template,
            brand_style=Markup(brand_style(self.look.brand)),  # noqa: S704 - six hexadecimal digits each
            scripts=_written(self.scripts),
            first_scripts=_written(self._first_scripts),
            files=self._files,
            live=None if live is None else Markup(live.html),  # noqa: S704 - a template's, which escapes
            live_tag=live and live.tag,
        )

    def part(self) -> "Part":
        """The part that refreshes itself. Raises LookupError if the page has none."""
        if self.live is None:
            raise LookupError(f"{self.template} has no part that refreshes itself")
        return Part(self._rendered(self.live))

    @property
    def _files(self) -> tuple[str, ...]:
        return (*REFRESHING, *self.files) if self.live else self.files

    def _rendered(self, template: str | Template, **more: object) -> str:
        words = self.look.words
        own = {"look": self.look, "t": _Texts(words).marked_up, "say": _Texts(words).plain, "words": words}
        return environment().get_template(template).render(self.context, **own, **more)

    def all_headers(self) -> dict[str, str]:
        """Those of every page, and its own."""
        scripts = self._first_scripts + self.scripts
        shared = headers_of(
            self.look, scripts, loads=bool(self._files), devices=self.uses_devices, puts_to=self.puts_to
        )
        return {**shared, **({"Vary": "HX-Request"} if self.live else {}), **self.headers}


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a page, as its refresh is answered."""

    html: str

    @property
    def tag(self) -> str:
        """What tells it from every other content (RFC 9110 §8.8.3)."""
        return f'"{sha256(self.html.encode()).hexdigest()[:32]}"'


class _Texts:
    """The catalogue's texts, as templates ask for them: `t("book.title", sender=name)`."""

    def __init__(self, words: Catalogue) -> None:
        self._words = words

    def marked_up(self, path: str, **values: object) -> Markup:
        """As HTML: each value is text in a direction of its own."""
        isolated = {name: Markup("<bdi>{}</bdi>").format(value) for name, value in values.items()}
        return Markup(fill(str(escape(self._text(path, values))), isolated))  # noqa: S704 - all of it is escaped

    def plain(self, path: str, **values: object) -> str:
        """As text, for attributes."""
        return fill(self._text(path, values), {name: str(value) for name, value in values.items()})

    def _text(self, path: str, values: Mapping[str, object]) -> str:
        keys = path.split(".")
        count = values.get("count")
        if isinstance(count, int) and isinstance(self._found(keys), Mapping):
            return self._words.text(*keys, self._words.plural_of(count))
        return self._words.text(*keys)

    def _found(self, keys: list[str]) -> object:
        found: Any = self._words.words
        for key in keys:
            found = found[key]
        return found


def script_data(value: object) -> Markup:
    """JSON for a script element, whose text ends at `</script` and changes its rules at `<!--`."""
    return Markup(json.dumps(value, separators=(",", ":")).replace("<", "\\u003c"))  # noqa: S704 - escaped for its place


def _written(names: tuple[str, ...]) -> list[Markup]:
    return [Markup(assets.text_of(name)) for name in names]  # noqa: S704 - files of ours


@cache
def environment() -> Environment:
    """Templates, precompiled in a build."""
    loader: BaseLoader = ModuleLoader(_COMPILED) if _COMPILED.exists() else FileSystemLoader(_HERE / "templates")
    found = Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    found.globals["asset"] = assets.url_of
    found.filters["as_cards"] = as_cards
    found.globals["language_names"] = NATIVE_NAMES
    return found


def compile_templates() -> None:
    """Write templates as Python, for `environment` to find: as a build is packed, never on Lambda."""
    environment().compile_templates(_COMPILED, zip=None, ignore_errors=False)


@cache
def brand_style(colour: str) -> str:
    """The style that says a brand's colours, corrected so that they can be read."""
    try:
        palette = palette_of(colour)
    except ValueError:
        palette = palette_of(BRAND)
    ink, soft = (f"light-dark({light},{dark})" for light, dark in (palette.ink, palette.soft))
    return (
        f":root{{--brand:{palette.brand};--brand-text:{palette.on_brand};--brand-hover:{palette.hover};"
        f"--brand-ink:{ink};--brand-soft:{soft}}}"
    )


_DEVICES = "camera=(self), microphone=(self), display-capture=(self), fullscreen=(self), geolocation=()"


@cache
def headers_of(
    look: Look, scripts: tuple[str, ...], *, loads: bool = False, devices: bool = False, puts_to: str = ""
) -> Mapping[str, str]:
    """What a browser may do with a page: load our stylesheet, run our scripts, send forms to us, and be framed where
    it may be. The address may be a secret, so it goes nowhere; nothing is kept. `loads`: whether scripts are loaded;
    `devices` and `puts_to`: as `Page` has them."""
    hashes = (assets.policy_hash(assets.text_of(name)) for name in scripts)
    run = " ".join((*(["'self'"] if loads else []), *hashes)) or "'none'"
    worker = "worker-src 'self'; " if devices else ""
    asks = f"'self' {puts_to}".strip()
    ancestors = " ".join(("'self'", *sorted(look.framed_by))) if look.framed_by else "'none'"
    return {
        **EVERYWHERE,
        "Content-Type": HTML,
        "Content-Language": look.language,
        "Content-Security-Policy": (
            f"default-src 'none'; style-src 'self' {assets.policy_hash(brand_style(look.brand))}; script-src {run}; "
            f"connect-src {asks}; img-src 'self' data: https:; form-action 'self'; base-uri 'none'; "
            f"{worker}frame-ancestors {ancestors}"
        ),
        "Permissions-Policy": _DEVICES if devices else "camera=(), microphone=(), geolocation=()",
    }

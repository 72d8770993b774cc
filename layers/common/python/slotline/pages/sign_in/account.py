"""The account of whoever is in: name, language, password, second factor, and the sessions that are open."""

from datetime import datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING

from slotline.domain.access.passwords import LONGEST, SHORTEST
from slotline.domain.access.sessions import Session
from slotline.domain.access.sign_in import SessionOver, WeakPassword, WrongPassword
from slotline.domain.access.users import User
from slotline.domain.shared.errors import RateLimited
from slotline.domain.shared.names import is_name
from slotline.pages.fields import Field, Option
from slotline.pages.kit import Redirect
from slotline.pages.rendering import NATIVE_NAMES, Page
from slotline.pages.sign_in.arriving import arrival_of, begun_cookies, ended_cookies
from slotline.pages.sign_in.entering import ENROL, EVERYWHERE, SAID, SIGNED_OUT, over, too_many
from slotline.pages.sign_in.second_factor import ACCOUNT, codes_page
from slotline.pages.signed import SIGN_IN, Answer, SignedIn
from slotline.words.catalogue import Catalogue, languages

if TYPE_CHECKING:
    from slotline.usecases.access.keep_account import KeepAccount

LONGEST_NAME = 100
PASSWORD_CHANGED, FACTOR_REMOVED, SAVED, SESSION_ENDED = "password_changed", "factor_removed", "saved", "session_ended"
_SAYS = frozenset({PASSWORD_CHANGED, FACTOR_REMOVED, SAVED, SESSION_ENDED})


def page(signed: SignedIn, account: "KeepAccount", now: datetime) -> Answer:
    """GET /account."""
    said = signed.asked.query(SAID)
    return _page(signed, account, now, said=said if said in _SAYS else None)


def introduce(signed: SignedIn, account: "KeepAccount", now: datetime) -> Answer:
    """POST /account/profile."""
    asked = signed.asked
    name, language = asked.field("name"), asked.field("language")
    if not is_name(name, LONGEST_NAME):
        return _page(signed, account, now, wrong={"name": "name_wrong"}, status=HTTPStatus.BAD_REQUEST)
    known = language if language in languages(signed.book) else None
    account.introduce(signed.visit.key, name, known, arrival_of(asked))
    return _back(SAVED)


def change_password(signed: SignedIn, account: "KeepAccount", now: datetime) -> Answer:
    """POST /account/password."""
    asked = signed.asked
    try:
        current, new = asked.typed("current"), asked.typed("new")
        begun = account.change_password(signed.visit.key, current, new, arrival_of(asked))
    except (WrongPassword, WeakPassword, RateLimited) as refusal:
        return _refused(signed, account, now, refusal, typed_into="current")
    return _back(PASSWORD_CHANGED, begun_cookies(asked, begun))


def remove_second_factor(signed: SignedIn, account: "KeepAccount", now: datetime) -> Answer:
    """POST /account/second-factor/remove. Whoever must have one is led to the next at once."""
    asked = signed.asked
    try:
        begun = account.remove_second_factor(signed.visit.key, asked.typed("password"), arrival_of(asked))
    except (WrongPassword, RateLimited) as refusal:
        return _refused(signed, account, now, refusal)
    cookies = begun_cookies(asked, begun)
    return Redirect(ENROL, cookies) if begun.is_owing else _back(FACTOR_REMOVED, cookies)


def renew_recovery_codes(signed: SignedIn, account: "KeepAccount", now: datetime) -> Answer:
    """POST /account/second-factor/codes."""
    asked = signed.asked
    try:
        new = account.renew_recovery_codes(signed.visit.key, asked.typed("password"), arrival_of(asked))
    except (WrongPassword, RateLimited) as refusal:
        return _refused(signed, account, now, refusal)
    return codes_page(asked, new, ACCOUNT)


def end_session(signed: SignedIn, account: "KeepAccount") -> Answer:
    """POST /account/sessions/end."""
    asked, own = signed.asked, signed.visit.key.session_hash
    ended = asked.id("session") or ""
    account.end_session(signed.visit.key, ended, arrival_of(asked))
    if ended == own:
        return Redirect(f"{SIGN_IN}?{SAID}={SIGNED_OUT}", ended_cookies(asked))
    return _back(SESSION_ENDED)


def end_all_sessions(signed: SignedIn, account: "KeepAccount") -> Answer:
    """POST /account/sessions/end-all."""
    account.end_all_sessions(signed.visit.key, arrival_of(signed.asked))
    return Redirect(f"{SIGN_IN}?{SAID}={EVERYWHERE}", ended_cookies(signed.asked))


def _back(said: str, cookies: tuple[str, ...] = ()) -> Redirect:
    return Redirect(f"{ACCOUNT}?{SAID}={said}", cookies)


def _refused(
    signed: SignedIn,
    account: "KeepAccount",
    now: datetime,
    refusal: WrongPassword | WeakPassword | RateLimited,
    typed_into: str = "password",
) -> Answer:
    """The page with why nothing was changed. `typed_into`: the field that has the present password."""
    if isinstance(refusal, RateLimited):
        shown = _page(signed, account, now, said="too_many", status=HTTPStatus.TOO_MANY_REQUESTS)
        return too_many(shown, refusal) if isinstance(shown, Page) else shown
    wrong = {"new": refusal.weakness.value} if isinstance(refusal, WeakPassword) else {typed_into: "current_wrong"}
    return _page(signed, account, now, wrong=wrong, status=HTTPStatus.BAD_REQUEST)


def _page(
    signed: SignedIn,
    account: "KeepAccount",
    now: datetime,
    *,
    said: str | None = None,
    wrong: dict[str, str] | None = None,
    status: HTTPStatus = HTTPStatus.OK,
) -> Page | Redirect:
    """The whole page; `wrong`: what is wrong with a field, by its name."""
    words, user = signed.texts, signed.visit.user
    errors = {name: words.text("account", "wrong", why) for name, why in (wrong or {}).items()}
    try:
        sessions = account.open_sessions(signed.visit.key)
    except SessionOver:
        return over(signed.asked)
    context = {
        "said": said,
        "fields": _fields(signed, user, words, errors),
        "errors": errors,
        "sessions": [_session(one, signed, words, now) for one in sessions],
        "codes_left": len(user.second_factor.recovery_hashes) if user.second_factor else 0,
    }
    return signed.page("account.html", "", context, status=status)


def _fields(signed: SignedIn, user: User, words: Catalogue, errors: dict[str, str]) -> dict[str, Field]:
    chosen = signed.asked.field("language") or user.language or ""
    speaks = [Option(value="", label=words.text("account", "language_of_browser"), is_chosen=not chosen)]
    speaks += [
        Option(value=tag, label=NATIVE_NAMES[tag], is_chosen=tag == chosen) for tag in sorted(languages(signed.book))
    ]
    new = {"autocomplete": "new-password", "minlength": str(SHORTEST), "maxlength": str(LONGEST)}
    described = [
        ("name", "text", signed.asked.field("name") or user.name, {"autocomplete": "name"}),
        ("language", "select", "", {}),
        ("current", "password", "", {"autocomplete": "current-password"}),
        ("new", "password", "", new),
        ("password", "password", "", {"autocomplete": "current-password"}),
    ]
    return {
        name: Field(
            name=name,
            label=words.text("account", name),
            kind=kind,
            value=value,
            error=errors.get(name),
            help=words.text("account", "new_help") if name == "new" else None,
            required=True,
            options=speaks if name == "language" else (),
            attributes=attributes,
        )
        for name, kind, value, attributes in described
    }


def _session(session: Session, signed: SignedIn, words: Catalogue, now: datetime) -> dict[str, object]:
    ago = now - session.seen_at
    hours = ago >= timedelta(hours=2)
    count = int(ago.total_seconds() // (3_600 if hours else 60))
    seen = words.text("account", "just_now")
    if count > 0:
        seen = words.counted("account", "hours_ago" if hours else "minutes_ago", count=count)
    return {
        "hash": session.session_hash,
        "is_own": session.session_hash == signed.visit.key.session_hash,
        "program": session.program or words.text("account", "unknown_program"),
        "network": session.network,
        "seen": seen,
    }

"""How somebody signs in: what they come with, how often they may try, and how far a right password brings them.

Tries are counted before they are judged, so that a thousand at once are no more than a thousand one after the other. A
device that its owner signed in with before has a count of its own: whoever spends the account's tries on purpose keeps
nobody out who comes as always.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from slotline.domain.access.identity import email_hash, secret_hash
from slotline.domain.access.passwords import Weakness
from slotline.domain.access.rate_limits import Window
from slotline.domain.access.sessions import SessionKey, Stage
from slotline.domain.access.users import Organization, User
from slotline.domain.shared.audit import Author, AuthorType, Surface
from slotline.domain.shared.errors import InvalidRequest, Unauthorized

DEVICE_COOKIE = "__Host-slotline-device"
DEVICE_PREFIX = "sld_"
DEVICE_LIFE = timedelta(days=180)
"""How long a device is known after it was last signed in with."""

TRIES: Mapping[Window, int] = {Window.MINUTE: 10, Window.HOUR: 30, Window.DAY: 100}
"""Of one account from devices that it does not know, and from each that it does (NIST SP 800-63B §5.2.2: at most
100)."""
TRIES_FROM_A_NETWORK: Mapping[Window, int] = {Window.MINUTE: 60, Window.HOUR: 300, Window.DAY: 1_000}
"""On all accounts together, by devices that these do not know."""
CODES: Mapping[Window, int] = {window: 2 * tries for window, tries in TRIES.items()}
"""Codes of one account from all devices together. Whoever tries them knows its password, and whoever reads its mails
makes a device known with each password that they choose. Unknown devices take half of it, so known ones go on."""

Limits = Mapping[Window, int]


class SignInRefused(Unauthorized):
    """No account, another password, another code, suspended: it is never said which."""

    code = "sign_in_refused"

    def __init__(self) -> None:
        super().__init__("This does not open an account.")


class WrongPassword(SignInRefused):
    """Whoever is in changes what their account is opened by, and does not know its password."""


class SessionOver(Unauthorized):
    """Whoever was on the way in took too long, or was signed out meanwhile."""

    code = "session_over"

    def __init__(self) -> None:
        super().__init__("The session is over.")


class SecondFactorThere(InvalidRequest):
    """There is a second factor already; another one takes its place after it was removed."""

    code = "second_factor_there"

    def __init__(self) -> None:
        super().__init__("There is a second factor already.")


class WeakPassword(InvalidRequest):
    """A new password that is too short, too long, or easy to guess."""

    code = "weak_password"

    def __init__(self, weakness: Weakness) -> None:
        super().__init__("This password cannot be taken.")
        self.weakness = weakness


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """From where, and with what, somebody comes. `network`: of their address; `program`: their browser's name."""

    network: str
    program: str
    session: SessionKey | None = None
    """Of their cookie, whatever it is worth."""
    device: str | None = field(default=None, repr=False)
    """The secret of a device that signed in before, if they have one."""

    @property
    def device_hash(self) -> str | None:
        """The name under which the device is known."""
        return secret_hash(self.device) if self.device else None

    def author(self, user: User | None = None) -> Author:
        """Who acts, as the audit log names them: nobody, until it is known who they are."""
        if user is None:
            return Author(type=AuthorType.NOBODY, surface=Surface.SIGN_IN, network=self.network)
        role = user.highest_role
        return Author(type=AuthorType.USER, surface=Surface.SIGN_IN, id=user.user_id, role=role, network=self.network)


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A session that has begun, and the device it is on: both are told to the browser."""

    key: SessionKey
    stage: Stage
    device: str | None = field(default=None, repr=False)
    """The secret by which the device is known from now on."""

    @property
    def is_owing(self) -> bool:
        """Whether a second factor is to be set up before anything else."""
        return self.stage is Stage.ENROL


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCodes:
    """Recovery codes, which are shown this once, and the session that goes on."""

    begun: Begun
    codes: Sequence[str] = field(repr=False)


def counted_as(email: str, arrival: Arrival, *, is_known: bool) -> list[tuple[str, Limits]]:
    """The counts that a try with a password is taken from. The network's is first: a full one leaves the account's."""
    if is_known:
        return [(f"sign-in-device-{arrival.device_hash}", TRIES)]
    return [
        (f"sign-in-from-{arrival.network}", TRIES_FROM_A_NETWORK),
        (f"sign-in-{email_hash(email)}", TRIES),
    ]


def counted_code_as(user: User, arrival: Arrival, *, is_known: bool) -> list[tuple[str, Limits]]:
    """The counts that a try with a code is taken from, after the password was right."""
    return [
        (f"sign-in-code-{arrival.device_hash if is_known else user.user_id}", TRIES),
        (f"sign-in-codes-{user.user_id}", CODES),
    ]


def stage_after_password(user: User, organization: Organization) -> Stage:
    """How far a right password brings somebody."""
    return Stage.PASSWORD if user.second_factor else stage_once_proven(user, organization)


def stage_once_proven(user: User, organization: Organization) -> Stage:
    """How far somebody is who gave all that the account asks for."""
    is_owed = user.second_factor is None and user.needs_second_factor(organization)
    return Stage.ENROL if is_owed else Stage.IN

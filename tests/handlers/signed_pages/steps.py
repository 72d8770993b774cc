"""Signing in as somebody does it: pages opened, forms filled in and sent."""

from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlencode

import pyotp

from slotline.domain.access.second_factors import recovery_code
from slotline.domain.access.sessions import COOKIE, key_of_cookie
from slotline.domain.access.sign_in import DEVICE_COOKIE
from slotline.domain.access.users import User
from slotline.domain.shared.audit import AuditEntry
from slotline.store.dynamodb.client import from_values
from slotline.store.shared.audit import audit_from_item
from slotline.tokens.passwords import Argon2Passwords
from tests.support.aws.table_ports import TablePorts
from tests.support.builders.people import Browser, Reply

PASSWORD = "correct horse battery staple"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
CODE = recovery_code(bytes(range(10)))
SESSION, DEVICE = COOKIE, DEVICE_COOKIE


def kept(people: TablePorts, user: User) -> User:
    """The account with a password, in the table."""
    user = replace(user, password_hash=Argon2Passwords().hashed(PASSWORD))
    people.users.add(user)
    return user


def try_password(browser: Browser, email: str, password: str = PASSWORD, way: str = "/sign-in") -> Reply:
    """Open the page, type both, send the form; the answer as it is."""
    form = browser.get(way).page.form("sign-in")
    return browser.send("POST", form.action, urlencode(form.filled({"email": email, "password": password})))


def try_code(browser: Browser, code: str, way: str = "/sign-in/code") -> Reply:
    """The same with the code of the second factor."""
    form = browser.get(way).page.form("code")
    return browser.send("POST", form.action, urlencode(form.filled({"code": code})))


def code_now(people: TablePorts, steps: int = 0, secret: str = SECRET) -> str:
    """What the authenticator shows, some steps from now."""
    return pyotp.TOTP(secret).at(people.clock.now() + timedelta(seconds=30 * steps))


def is_in(browser: Browser) -> bool:
    """Whether the browser sees pages that people sign in to."""
    return not browser.get("/console").location.startswith("/sign-in")


def entries(people: TablePorts) -> list[AuditEntry]:
    """What the audit log holds, in order."""
    rows = [from_values(row) for row in people.client.scan(TableName="AccessTable")["Items"]]
    found = [audit_from_item(row) for row in rows if row["pk"].startswith("AUDIT#")]
    return sorted(found, key=lambda one: (one.at, one.entry_id))


def actions(people: TablePorts) -> list[str]:
    """What was done, in order."""
    return [entry.action for entry in entries(people)]


def sign_out(browser: Browser) -> Reply:
    """Press the button that every page has."""
    return send(browser, "/sign-out")


def send(browser: Browser, path: str, **fields: str) -> Reply:
    """Send a form of the session that the browser has by now."""
    key = key_of_cookie(browser.jar[SESSION])
    assert key
    return browser.send("POST", path, urlencode({"csrf": key.csrf_token, **fields}))

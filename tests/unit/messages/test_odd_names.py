"""Two hundred odd names through every text of an e-mail: each arrives whole, and does nothing else."""

import hashlib
import re
from email import message_from_bytes
from email.header import decode_header, make_header
from email.utils import getaddresses

import pytest
from icalendar import Calendar

from slotline.channels.ses_email import compose
from slotline.domain.booking.reminders import ReminderKind
from slotline.domain.shared.names import check_name, without_links
from slotline.words.catalogue import languages
from tests.support.builders.messages import HAIR_SPACE, OCCASIONS, SENDER, make_message, parsed, part, text_of
from tests.support.interpreters import VERSIONS, found, run_by
from tests.support.names import ODD_NAMES

GUEST = "ana@guest.example"
FIELDS = [
    *("From", "To", "Subject", "Content-Language", "Auto-Submitted"),
    *("X-Auto-Response-Suppress", "X-Slotline-Kind", "X-Slotline-Call", "X-Slotline-Audience"),
    *("MIME-Version", "Content-Type"),
]
COMPOSE = """
from hashlib import sha256
from slotline.channels.mail import CalendarPart, Mail, composed
from slotline.channels.mail_head import Mailbox
from slotline.domain.shared.names import check_name, one_line, without_links

def written(name):
    check_name(name)
    line, prose = one_line(name), without_links(one_line(name), "\\u200a")
    return composed(Mail(
        sender=Mailbox(line, "calls@slotline.example"),
        recipient=Mailbox(line, "ana@guest.example"),
        reply_to=Mailbox(line, "eva@slotline.example"),
        subject="Video call with " + line,
        text="Hola " + prose + ":\\nmañana\\n",
        html="<p>" + prose + "</p>\\n",
        calendar=CalendarPart(method="REQUEST", file=line.encode()),
    ))
"""
DIGESTS = "print(json.dumps([sha256(written(name)).hexdigest() for name in json.load(sys.stdin)]))"


def the_head(raw: bytes) -> list[tuple[str, str]]:
    """The fields as a reader of RFC 5322 has them: unfolded, and not decoded."""
    head = raw.partition(b"\r\n\r\n")[0].decode("ascii")
    return [
        (name, value) for name, _, value in (line.partition(": ") for line in re.sub(r"\r\n ", " ", head).split("\r\n"))
    ]


def decoded(text: str) -> str:
    return str(make_header(decode_header(text)))


def test_there_are_two_hundred_and_every_door_takes_them():
    assert len(ODD_NAMES) >= 200
    for name in ODD_NAMES:
        check_name(name)
        assert len(name) <= 200


@pytest.mark.parametrize("name", ODD_NAMES)
def test_a_name_arrives_whole_in_one_mailbox_and_makes_no_line(name):
    raw = compose(make_message(guest_name=name, sender_name=name, agent_name=name), GUEST, SENDER)
    assert max(raw) < 128
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert b"\r" not in raw.replace(b"\r\n", b"")
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    fields = the_head(raw)
    assert [field for field, _ in fields] == FIELDS
    for (_, value), address in zip(fields, (SENDER, GUEST), strict=False):
        ((shown, mailbox),) = getaddresses([value])
        assert (decoded(shown), mailbox) == (name, address)
        assert all(len(word) <= 75 for word in re.findall(r"=\?[^ ]*", value))
    subject = decoded(dict(fields)["Subject"])
    assert subject.startswith(f"Your video call with {name}: ")


@pytest.mark.parametrize("name", ODD_NAMES)
def test_a_name_is_text_in_every_part(name):
    email = parsed(compose(make_message(guest_name=name, sender_name=name, agent_name=name), GUEST, SENDER))
    in_text = without_links(name, HAIR_SPACE)
    assert f"Hello {in_text},\n" in text_of(email)
    assert text_of(email).endswith(f"\n{in_text}\n")
    payload = part(email, "text/calendar").get_payload(decode=True)
    assert isinstance(payload, bytes)
    calendar = Calendar.from_ical(payload)
    (event,) = calendar.walk("VEVENT")
    assert event["SUMMARY"] == f"Video call with {name}"
    assert event["ATTENDEE"] == f"mailto:{GUEST}"
    assert [one.name for one in calendar.walk()] == ["VCALENDAR", "VEVENT"]
    lines = payload.replace(b"\r\n ", b"").decode().split("\r\n")
    quoted = name.replace("^", "^^").replace('"', "^'")
    assert next(line for line in lines if line.startswith("ATTENDEE")).startswith(
        (f'ATTENDEE;CN="{quoted}";', f"ATTENDEE;CN={quoted};")
    )


@pytest.mark.parametrize("occasion", OCCASIONS, ids=str)
@pytest.mark.parametrize("language", sorted(languages()))
def test_no_byte_of_any_mail_is_over_127(occasion, language):
    message = make_message(**occasion, language=language, reason="Mañana no puedo — perdón", agent_name="Łukasz")
    raw = compose(message, GUEST, SENDER)
    assert max(raw) < 128
    kinds = {one["Content-Transfer-Encoding"] for one in message_from_bytes(raw).walk() if not one.is_multipart()}
    assert kinds <= {"quoted-printable", "base64"}


def test_a_reason_is_one_line_of_text_and_nothing_else():
    for reason in ODD_NAMES:
        raw = compose(make_message(kind=ReminderKind.CANCELLATION, reason=reason), GUEST, SENDER)
        assert [field for field, _ in the_head(raw)] == FIELDS
        assert f"Reason: {reason}\n" in text_of(parsed(raw))


@pytest.mark.parametrize("version", VERSIONS)
def test_the_bytes_are_the_same_on_every_interpreter(version):
    if not found(version):
        pytest.skip(f"Python {version} was not found")
    here: dict[str, object] = {}
    exec(COMPOSE, here)
    written = here["written"]
    assert callable(written)
    expected = [hashlib.sha256(written(name)).hexdigest() for name in ODD_NAMES]
    for python in found(version):
        assert run_by(python, COMPOSE + DIGESTS, ODD_NAMES) == expected

"""Mails with a link by which somebody chooses a password."""

from email import message_from_bytes, policy

import pytest

from slotline.channels.mail import composed
from slotline.channels.way_in_words import way_in_mail
from slotline.domain.messages.way_in_message import WayInMessage

URL = "https://video.example.com/password/slt_x"


@pytest.mark.parametrize("language", ["en", "es", "ar"])
@pytest.mark.parametrize("is_invitation", [True, False])
def test_the_mail_has_its_link_as_text_and_as_html_and_names_who_it_is_from(language: str, is_invitation: bool):
    message = WayInMessage(
        recipient="ada@example.com",
        reader="Ada <script>",
        language=language,
        sender_name="Northwind Clinic",
        is_invitation=is_invitation,
        url=URL,
        hours=1,
    )
    mail = message_from_bytes(
        composed(way_in_mail(message, "ada@example.com", "calls@example.com")), policy=policy.default
    )
    text, html = (mail.get_body((kind,)) for kind in ("plain", "html"))
    assert text is not None
    assert html is not None
    assert URL in text.get_content()
    assert f'href="{URL}"' in html.get_content()
    assert "<script>" not in html.get_content()
    assert "Northwind Clinic" in str(mail["Subject"])
    assert "{" not in text.get_content()
    assert f'lang="{language}"' in html.get_content()
    assert mail["X-Slotline-Kind"] == ("way_in_invitation" if is_invitation else "way_in_reset")

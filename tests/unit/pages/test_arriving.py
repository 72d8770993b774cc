"""What a browser says of itself when somebody signs in, in words that its owner recognises."""

import pytest

from slotline.pages.sign_in.arriving import program_of

CHROME = "(KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36"


@pytest.mark.parametrize(
    ("said", "program"),
    [
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 {CHROME}", "Chrome, Windows"),
        (f"Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 {CHROME} Edg/156.0.0.0", "Edge, Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0", "Firefox, Linux"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) Version/19.0 Safari/605.1.15", "Safari, macOS"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) CriOS/156.0 Mobile Safari/604.1", "Chrome, iPhone"),
        (f"Mozilla/5.0 (Linux; Android 16; Pixel 9) AppleWebKit/537.36 {CHROME}", "Chrome, Android"),
        ("curl/8.7.1", ""),
        ("<script>", ""),
        ("", ""),
    ],
)
def test_a_session_names_its_browser_and_its_system_and_nothing_that_somebody_made_up(said: str, program: str):
    assert program_of(said) == program

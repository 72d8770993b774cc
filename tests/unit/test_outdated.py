"""The pinned zone rules beside the newest ones: told, and nothing fails."""

import pytest

from tools.outdated import verdict


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ("2026.6", "Zone rules: tzdata 2026.6 is pinned, and is the newest."),
        (None, "Zone rules: tzdata 2026.6 is pinned; pip could not say which version is the newest."),
        ("2026.7", "WARNING: zone rules are behind: tzdata 2026.6 is pinned, 2026.7 is there. "),
    ],
)
def test_whether_the_pin_is_behind_is_told(found: str | None, said: str) -> None:
    assert verdict("2026.6", found).startswith(said)

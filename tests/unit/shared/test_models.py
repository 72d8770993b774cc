"""What models of requests say of themselves."""

from slotline.http.core.models import RequestBody


class Asked(RequestBody):
    """A request of these tests."""

    guest_email: str


def test_a_model_never_shows_what_it_holds_so_that_no_log_can() -> None:
    asked = Asked.model_validate({"guestEmail": "ada@example.com"})
    assert (repr(asked), f"{asked}") == ("Asked()", "Asked()")

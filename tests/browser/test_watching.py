"""The tests' own eyes: what a page does wrong is seen."""

import pytest

from tests.support.browser.made_up import show
from tests.support.browser.visits import Visits


@pytest.fixture
def watched(browser, backstage):
    """Visits of which the test itself says what was complained about."""
    visits = Visits(browser, backstage.system.base_url, backstage.ahead)
    yield visits
    visits.end()


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("<script>console.error('lost')</script>", "console error: lost"),
        ("<script>console.warn('odd')</script>", "console warning: odd"),
        ("<script>throw new Error('broken')</script>", "uncaught: "),
        ("<script>Promise.reject(new Error('broken'))</script>", "uncaught: "),
        ("<script>fetch('/__local/nothing').then((answer) => answer.text())</script>", "answer 404: GET "),
        ("<script>fetch('http://192.0.2.1/').catch(() => 0)</script>", "another host was asked: GET http://192.0.2.1/"),
        ("<p style='color: red'>Red</p>", "Content Security Policy"),
        ("<img src='/made-up' alt=''>", "Content Security Policy"),
        (
            "<input pattern='[(]' value='1'><script>document.querySelector('input').checkValidity()</script>",
            "Pattern attribute value",
        ),
    ],
)
def test_what_a_page_does_wrong_is_complained_about(watched, body, said):
    show(watched(), body)
    assert said in "\n".join(watched.end())


def test_what_a_test_expects_is_no_complaint(watched):
    page = watched(statuses={404}, complaints=["Content Security Policy"])
    show(
        page, "<p style='color: red'>Red</p><script>fetch('/__local/nothing').then((answer) => answer.text())</script>"
    )
    assert watched.end() == []


def test_a_page_without_fault_has_no_complaint(watched):
    show(watched(), "<p>Well</p><script>fetch('/__local/clock').then((answer) => answer.text())</script>")
    assert watched.end() == []


def test_a_broken_policy_is_complained_about_without_javascript_too(watched):
    show(watched(javascript=False), "<p style='color: red'>Red</p>")
    assert "Content Security Policy" in "\n".join(watched.end())


def test_the_browsers_clock_goes_with_the_systems(visit, backstage):
    backstage.clock.advance_to(backstage.weekday(days=3))
    page = visit("/__local/inbox")
    seconds = page.evaluate("Date.now()") / 1000 - backstage.clock.now().timestamp()
    assert abs(seconds) < 60

"""The checks that every page passes find what they are there for."""

import pytest

from tests.support.browser.accessible import check_accessible, complaints_of_axe
from tests.support.browser.keyboard import check_focus_order, tab_to
from tests.support.browser.layout import check_reflow
from tests.support.browser.made_up import AnotherSite, another_site, show
from tests.support.browser.visits import Visits

STRICT = "default-src 'none'; script-src 'none'"
STYLED = "default-src 'none'; style-src 'unsafe-inline'"
FORM = """
<main><h1>Form</h1><p><a href="#top">Up</a></p>
<form><p><label>Name <input autocomplete="name"></label></p>
<p><label><input type="radio" name="way"> Mail</label> <label><input type="radio" name="way"> Phone</label></p>
<p><label>Day <input type="date"></label></p><p><button>Send</button></p></form>
<details><summary>More</summary><p><a href="#more">Folded</a></p></details></main>
"""


def test_a_good_page_passes_every_check_although_it_allows_no_script(visit: Visits):
    page = visit()
    show(page, FORM, STRICT)
    check_accessible(page)
    check_reflow(page)
    assert check_focus_order(page) == ["Up", "Name", "Mail", "Day", "Send", "More"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("<main><h1>Form</h1><input></main>", "violation label (critical) at input: "),
        ("<h1>Alone</h1>", "violation region (moderate) at h1: "),
        (
            "<main><h1>Small</h1>" + "<button style='font-size: 8px; padding: 0'>a</button>" * 2 + "</main>",
            "violation target-size",
        ),
        ("<main><h1>Faint</h1><p style='color: #aaa'>Faint</p></main>", "violation color-contrast (serious) at p: "),
        (
            "<main><h1>Unclear</h1><p style='background: linear-gradient(#000, #fff)'>Text</p></main>",
            "undecided color-contrast (serious) at p: ",
        ),
    ],
)
def test_what_is_not_accessible_is_named_with_its_rule_its_place_and_the_reason(visit: Visits, body, said):
    page = visit()
    show(page, body, STYLED)
    with pytest.raises(AssertionError, match="is not accessible") as caught:
        check_accessible(page)
    (line,) = [line for line in str(caught.value).splitlines() if line.startswith(said)][:1]
    assert line.rpartition(": ")[2]


def test_what_is_cut_off_in_a_table_that_scrolls_by_itself_is_judged_at_its_other_end(visit: Visits):
    page = visit()
    cells = "".join(f"<td style='padding: 0 5rem; color: {{colour}}'>{number}</td>" for number in range(6))
    table = (
        "<main><h1>Table</h1><div role='region' aria-label='Calls' tabindex='0' style='overflow-x: auto; width: 20rem'>"
        f"<table><tr>{cells}</tr></table></div></main>"
    )
    show(page, table.replace("{colour}", "#111"), STYLED)
    check_accessible(page)
    show(page, table.replace("{colour}", "#bbb"), STYLED)
    with pytest.raises(AssertionError, match="color-contrast"):
        check_accessible(page)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("<div class='card' style='width: 400px'>Wide</div>", '400 %: too wide: div.card "Wide"'),
        ("<p style='white-space: nowrap'>" + "word " * 40 + "</p>", "text of 200 %: too wide: p"),
        ("<p style='height: 20px; overflow: hidden'>" + "word " * 40 + "</p>", "a narrow phone: cut off: p"),
    ],
)
def test_what_is_lost_when_a_page_is_magnified_is_named(visit: Visits, body, said):
    page = visit()
    show(page, body, STYLED)
    with pytest.raises(AssertionError, match="does not keep its shape") as caught:
        check_reflow(page)
    assert said in str(caught.value)
    assert page.viewport_size == {"width": 1280, "height": 800}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (
            "<a tabindex='3'>c</a><a tabindex='2'>b</a><a tabindex='1'>a</a>",
            "not in the order of the document: [0, 2, 1]",
        ),
        ("<button>a</button><button style='outline: none'>b</button>", "the focus is not seen: b"),
        ("<button>a</button><div style='position: fixed; inset: 0; background: #fff'></div>", "covered: a"),
        (
            "<button autofocus>a</button><a href='#'>b</a><script>onkeydown = (key) => key.preventDefault()</script>",
            "Tab stays at a",
        ),
    ],
)
def test_what_is_wrong_by_keyboard_is_named(visit: Visits, body, said):
    page = visit()
    show(page, body, STYLED + "; script-src 'unsafe-inline'")
    with pytest.raises(AssertionError, match="by keyboard") as caught:
        check_focus_order(page)
    assert said in str(caught.value)


def test_tab_comes_to_what_it_is_asked_for_and_to_nothing_else(visit: Visits):
    page = visit()
    show(page, FORM, STRICT)
    tab_to(page, page.get_by_role("button"))
    page.keyboard.press("Shift+Tab")
    with pytest.raises(AssertionError, match="Tab does not come to"):
        tab_to(page, page.get_by_text("Folded"))


def test_tab_waits_for_what_it_is_asked_for(visit: Visits):
    """A click may still be leading there: who counts the stops of the page before gives up too early."""
    page = visit()
    show(page, "<main><h1>Before</h1></main>", STRICT)
    page.evaluate("(form) => { setTimeout(() => { document.body.innerHTML = form; }, 300); }", FORM)
    tab_to(page, page.get_by_role("button"))


def test_a_page_in_a_frame_of_another_site_is_checked_as_well(visit: Visits, site: AnotherSite):
    with another_site("clinic") as framed:
        inside = framed.has("<main><h1>Framed</h1><button></button></main>", "/inside")
        page = visit(site.has(f'<main><h1>Frame</h1><iframe title="Framed" src="{inside}"></iframe></main>'))
        assert any(line.startswith("violation button-name") and "iframe" in line for line in complaints_of_axe(page))

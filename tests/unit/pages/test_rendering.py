"""HTML of templates: whatever is put in is text, and what a page says comes from the catalogues."""

import html
import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from jinja2 import UndefinedError

from slotline.pages.assets import policy_hash
from slotline.pages.fields import Field, Option
from slotline.pages.rendering import BRAND, Look, Page, brand_style, environment, script_data
from slotline.words.catalogue import PAGES, languages

NASTY = """"><script>alert(1)</script><img src=x onerror='alert(2)'>&amp; {{ 7 * 7 }} </title></textarea> \u202e"""
FIELDS = {
    kind: Field(
        name=NASTY,
        label=NASTY,
        kind=kind,
        value=NASTY,
        help=NASTY,
        error=NASTY,
        options=[Option(value=NASTY, label=NASTY, is_chosen=True)],
        attributes={"placeholder": NASTY},
    )
    for kind in ("text", "email", "tel", "phone", "area", "select", "radio", "checkbox")
}


class Elements(HTMLParser):
    """The elements of a document, with their attributes, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def rendered(text: str, language: str = "en", **context: object) -> str:
    """The main part of a page with this template."""
    source = (
        "{% extends 'layout.html' %}{% import 'components.html' as ui with context %}{% block title %}{% endblock %}"
        "{% block main %}" + text + "{% endblock %}"
    )
    page = Page(template=environment().from_string(source), look=Look(language=language), context=context).html()
    return page.partition('tabindex="-1">\n')[2].partition("</main>")[0].removesuffix("\n")


@pytest.mark.parametrize(
    "template",
    [
        "<p>{{ said }}</p>",
        '<p title="{{ said }}">x</p>',
        "<p>{{ t('book.title', service=said) }}</p>",
        "<p title=\"{{ say('book.title', service=said) }}\">x</p>",
        "{% call ui.notice('bad') %}<p>{{ said }}</p>{% endcall %}",
        "{{ ui.face(said) }}",
        "{{ ui.face('A', said) }}",
        *("{{ ui.control(fields." + kind + ") }}" for kind in FIELDS),
        "{{ ui.code_input(said, said, said) }}",
        "{{ ui.progress('p', said, 1, 2, said) }}",
        "<ul>{{ ui.option(said, said, said, said) }}</ul>",
        "{{ ui.tabs(said, [{'label': said, 'way': said, 'is_chosen': true}]) }}",
        "{% call ui.table('t', said, [{'label': said, 'is_number': true}]) %}<tr><td>{{ said }}</td></tr>{% endcall %}",
        "{{ ui.turning(said, said, said, said, said) }}",
        "{{ ui.empty('calendar', said, said) }}",
        "{% call ui.dialog('d', said) %}<p>{{ said }}</p>{{ ui.closes('o', said) }}{% endcall %}",
        "{{ ui.opens('d', 'o', said) }}",
    ],
)
def test_whatever_is_put_into_a_page_is_text_between_tags_and_in_attributes(template):
    elements = Elements(rendered(template, said=NASTY, fields=FIELDS))
    assert not {"script", "title"} & {tag for tag, _ in elements.found}
    for tag, attributes in elements.found:
        assert not any(name.startswith("on") for name in attributes), tag
        assert tag != "img" or attributes["src"] == NASTY
    assert "49" not in elements.text, "it would be a template"


def test_a_value_in_an_attribute_and_in_a_text_area_comes_back_as_it_was_typed():
    inputs = Elements(rendered("{{ ui.control(field) }}", field=FIELDS["text"])).found
    assert dict(inputs)["input"]["value"] == NASTY
    area = rendered("{{ ui.control(field) }}", field=replace(FIELDS["area"], value="\n first\n"))
    (typed,) = re.findall(r"<textarea[^>]*>\n(.*)</textarea>", area, re.DOTALL)
    assert html.unescape(typed) == "\n first\n", "HTML drops a line break at the beginning, so there is one more"


def test_data_for_a_script_ends_its_element_nowhere_and_is_read_as_it_was():
    data = {"a": "</script><!-- <script>", "b": ["\u2028", "'", '"', "&amp;"]}
    text = str(script_data(data))
    assert "<" not in text
    assert json.loads(text) == data
    assert rendered('<script type="application/json">{{ data }}</script>', data=script_data(data)).count("<") == 2


def test_somebodys_words_within_ours_have_a_direction_of_their_own_in_html_and_are_bare_in_attributes():
    assert rendered("{{ t('book.title', service='<b>') }}") == "Book: <bdi>&lt;b&gt;</bdi>"
    assert rendered("{{ say('book.title', service='<b>') }}") == "Book: &lt;b&gt;"


def test_a_value_that_looks_like_a_placeholder_is_not_filled_again():
    assert rendered("{{ t('book.title', service='{service} {count}') }}") == "Book: <bdi>{service} {count}</bdi>"


@pytest.mark.parametrize(
    ("language", "count", "said"),
    [
        ("en", 1, "<bdi>1</bdi> minute"),
        ("en", 2, "<bdi>2</bdi> minutes"),
        ("es", 1, "<bdi>1</bdi> minuto"),
        ("ar", 2, "دقيقتان"),
        ("ar", 5, "<bdi>5</bdi> دقائق"),
    ],
)
def test_a_text_that_counts_is_in_the_plural_of_its_number(language, count, said):
    assert rendered("{{ t('book.minutes', count=count) }}", language, count=count) == said


@pytest.mark.parametrize("ask", ["t('book.nothing')", "say('nothing.title')", "t('book.title')", "t('book')"])
def test_a_text_that_is_not_there_or_lacks_a_value_fails(ask):
    with pytest.raises(KeyError):
        rendered("{{ " + ask + " }}")


def test_a_template_that_asks_for_what_it_was_not_given_fails():
    with pytest.raises(UndefinedError):
        rendered("{{ guest.name }}")


@pytest.mark.parametrize("language", sorted(languages(PAGES)))
def test_a_document_says_its_language_and_direction_and_its_headers_the_same(language):
    page = Page(
        template="problem.html",
        look=Look(language=language),
        context={"problem": "busy", "again": True, "sent": [], "icon": "clock", "wait": None},
    )
    tags = dict(Elements(page.html()).found)
    direction = "rtl" if language == "ar" else "ltr"
    assert tags["html"] == {"lang": language, "dir": direction}
    assert page.all_headers()["Content-Language"] == language


@pytest.mark.parametrize("brand", [BRAND, "#ffee00", "#000000", "red;}</style><script>", ""])
def test_the_brands_style_is_the_only_inline_style_and_the_policy_names_it(brand):
    page = Page(
        template="problem.html",
        look=Look.of("en", brand),
        context={"problem": "busy", "again": True, "sent": [], "icon": "clock", "wait": None},
    )
    text, policy = page.html(), page.all_headers()["Content-Security-Policy"]
    assert re.findall(r"<style>(.*?)</style>", text, re.DOTALL) == [brand_style(brand or BRAND)]
    assert f"style-src 'self' {policy_hash(brand_style(brand or BRAND))};" in policy
    assert "script" not in text
    assert not any("style" in attributes for _, attributes in Elements(text).found)
    assert "unsafe" not in policy


def test_a_page_is_framed_by_the_origins_that_its_service_lists_and_by_nobody_if_it_lists_none():
    def ancestors(*listed: str) -> str:
        page = Page(template="problem.html", look=Look.of("en", None, listed))
        return page.all_headers()["Content-Security-Policy"].partition("frame-ancestors ")[2]

    assert ancestors() == "'none'"
    listed = ("https://shop.example", "http://localhost:3000", "https://x.example; script-src *", "javascript:1")
    assert ancestors(*listed) == "'self' http://localhost:3000 https://shop.example"

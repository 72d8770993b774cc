"""`/__local/components` shows everything that pages are built of, in every language."""

import asyncio
import re
from typing import Any

import pytest

from local.components import page as shown
from local.gateway.answers import Answer
from local.gateway.components_page import PATH, ComponentsPage
from local.gateway.events import Request
from slotline.pages.assets import policy_hash, text_of
from slotline.pages.rendering import environment
from slotline.words.catalogue import PAGES, catalogue_for, languages

OF_SIGNED_PAGES = {"copied", "refreshing", "shows", "hides"}
"""They say words of the pages for people who sign in, which are not in Arabic, or are looks of none: those pages are
looked at themselves."""


def ask(query: str = "", method: str = "GET", accepted: str = "en") -> Answer:
    headers = (("accept-language", accepted), ("host", "localhost"))
    return asyncio.run(ComponentsPage()(Request(method, PATH, query, headers, b"", "127.0.0.1")))


def test_it_is_a_page_of_the_kit_with_its_headers():
    answer = ask()
    headers = dict(answer.headers)
    assert (answer.status, headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert f"script-src {policy_hash(text_of('dialogs.js'))};" in headers["Content-Security-Policy"]
    assert b"<h1>Components</h1>" in answer.body


def test_it_speaks_the_language_that_is_asked_for_and_runs_as_that_does():
    assert b'<html lang="ar" dir="rtl">' in ask("lang=ar").body
    assert b'<html lang="es" dir="ltr">' in ask(accepted="es-CO").body


def test_a_problem_has_its_status_and_an_unknown_one_is_none():
    assert (ask("problem=busy").status, ask("problem=%00x&lang=%00").status) == (503, 200)


def test_it_is_only_read():
    assert ask(method="POST").status == 405


def test_every_component_is_shown():
    source = environment().loader.get_source(environment(), "components.html")[0]  # type: ignore[union-attr] # it has one
    macros = set(re.findall(r"{% macro (\w+)\(", source))
    used = set(re.findall(r"ui\.(\w+)\(", (shown._HERE / "page.html").read_text()))
    by_control = {"area", "choices", "input", "labelled", "described", "flag", "phone", "select"}
    assert macros - by_control - OF_SIGNED_PAGES == used
    kinds = {field.kind for field in shown._fields(shown._words()["en"])}
    assert kinds == {"text", "email", "tel", "phone", "select", "area", "flag", "radio", "checkbox"}


def test_every_problem_that_has_words_is_shown():
    problems = {name for name, text in catalogue_for("en", PAGES).words["problem"].items() if "title" in text}
    assert set(shown.PROBLEMS) == problems


def test_its_words_are_in_every_language_of_pages():
    def shape(words: dict[str, Any]) -> dict[str, int]:
        return {key: len(text) if isinstance(text, list) else 1 for key, text in words.items()}

    words = shown._words()
    assert set(words) == languages(PAGES)
    assert all(shape(dict(words[language])) == shape(dict(words["en"])) for language in words)


@pytest.mark.parametrize("language", sorted(languages(PAGES)))
@pytest.mark.parametrize("problem", sorted(shown.PROBLEMS))
def test_every_problem_says_what_happened_and_what_to_do_in_every_language(problem, language):
    text = shown.page(problem, language, None).html()
    assert re.search(r"<h1>[^<]+</h1>\n<p>[^<]+", text)

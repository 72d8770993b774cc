"""What the rules refuse is said in the reader's words: every code of theirs has some, or the reason stands here."""

import ast
from collections.abc import Iterator, Mapping
from functools import cache

import pytest

from slotline.domain.dialing.campaigns import CampaignState
from slotline.domain.shared.errors import CampaignIsFinal, Conflict, Detail, DomainError, InvalidRequest
from slotline.pages.refusals import SAID, code_text, fault_text, refusal_text
from slotline.words.catalogue import catalogue_for
from tests.support.aws.moto_tables import ROOT

LANGUAGES = ("en", "es")
RULES = [ROOT / "layers/common/python/slotline" / layer for layer in ("domain", "usecases")]
PLACES: Mapping[str, int] = {"of_field": 2, "Detail": 1, "fault": 2, "_refused": 3, "_unreadable": 1}
"""Where a call that refuses has its code."""
NOT_SHOWN: Mapping[str, set[str]] = {
    "a form of ours has no such field, or cannot say that": {
        *("unknown", "unknown_question", "foreign_recipient", "no_role", "hold_mismatch"),
        *("data_uri", "upload", "nothing_kept", "unknown_preset", "preset_active"),
    },
    "pages of guests have words of their own": {
        *("wrong_code", "no_verification", "verification_over", "verification_required"),
    },
    "pages of accounts, and of people, have words of their own": {
        *("last_owner", "no_owner", "no_way_in", "own_account", "proof_refused", "second_factor_there"),
        *("session_over", "sign_in_refused", "weak_password"),
    },
    "whole pages are about it": {
        *("app_not_found", "unauthorized", "no_pass", "pass_over", "method_not_allowed"),
        *("body_too_large", "content_type", "error", "client_limit", "code_limit", "hold_limit", "stale_hold"),
    },
    "the room's page has words of its own": {
        *("somebody_waits", "seat_taken", "seat_lost", "seat_left", "nobody_waits", "room_closed", "not_host"),
        *("not_agreed", "recording_complete", "too_many_recordings", "enum"),
    },
    "the details say more": {"rows"},
    "others of the same kind say it": {"too_many_exceptions"},
}
"""Codes without words, by the reason."""


@cache
def codes() -> frozenset[str]:
    """Every code that the rules spell."""
    return frozenset(_codes())


def _codes() -> Iterator[str]:
    for path in sorted(path for layer in RULES for path in layer.rglob("*.py")):
        nodes = list(ast.walk(ast.parse(path.read_text())))
        assigned = [
            (getattr(node.targets[0], "id", ""), node.value.value)
            for node in nodes
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        ]
        yield from (str(value) for name, value in assigned if name == "code")
        constants = dict(assigned)
        for node in nodes:
            name = getattr(node.func, "attr", getattr(node.func, "id", "")) if isinstance(node, ast.Call) else ""
            if name in PLACES and len(node.args) > PLACES[name]:  # type: ignore[attr-defined]
                given = node.args[PLACES[name]]  # type: ignore[attr-defined]
                code = given.value if isinstance(given, ast.Constant) else constants.get(getattr(given, "id", ""))
                if code:
                    yield str(code)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_has_words_or_a_reason_why_it_needs_none(language: str):
    known: set[str] = {"missing", "required", "string_too_short", "too_short", "too_long", "too_large", "text"}
    for book, path in {"console": "bulk refusal", "dialing": "dialing refusals", "settings": "hooks refusals"}.items():
        words = catalogue_for(language, book).words
        own = words
        for part in path.split():
            own = own[part]
        known |= words["refusals"].keys() | words["faults"].keys() | own.keys()
    found = codes()
    assert {"slot_taken", "phone", "address_refused", "duplicate", "final_state"} <= found
    assert found - known == set[str]().union(*NOT_SHOWN.values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_code_is_said_in_the_readers_words_and_one_without_words_as_the_rules_say_it(language: str):
    words = catalogue_for(language, "dialing")
    told = InvalidRequest.of_field("url", "must be absolute", "url")
    assert fault_text(told.details[0], words) == words.text("faults", "url")
    assert fault_text(Detail("must be odd", "odd"), words) == "must be odd"
    assert fault_text(Detail("de la página", SAID), words) == "de la página"
    assert fault_text(Detail("is required", "required"), words) == words.text("faults", "missing")
    assert refusal_text(DomainError("It is odd."), words) == "It is odd."
    assert refusal_text(Conflict("It is odd.", [Detail("It is odd.", "odd")]), words) == words.text(
        "refusals", "conflict"
    )
    assert code_text("odd", words) == words.text("refusals", "conflict")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_has_words_of_its_own_for_what_is_something_else_there(language: str):
    words = catalogue_for(language, "dialing")
    over = CampaignIsFinal(f"The campaign is {CampaignState.COMPLETED}.")
    own = words.words["dialing"]["refusals"]
    assert refusal_text(over, words, own) == own["final_state"] != refusal_text(over, words)

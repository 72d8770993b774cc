"""The booking page's door: who is let in, by what, and what is asked of the store for it."""

import os
import random
import subprocess
import sys
from base64 import b64decode
from dataclasses import dataclass, field, replace
from string import ascii_letters, digits
from typing import Any

import pytest

from slotline.domain.access.identity import RateLimits, secret_hash
from slotline.domain.access.websites import Purpose, visitor_of
from slotline.domain.booking.apps import Preset
from slotline.domain.booking.guest_links import LinkKeys
from slotline.domain.booking.holds import visitor_holders
from slotline.domain.booking.page_passes import HEAD_LENGTH, LIFE, MOST_SEALED, made, token_of
from slotline.domain.booking.prefills import Prefill
from slotline.domain.booking.questions import Question, QuestionType
from slotline.domain.shared.errors import NoPass, PassOver, RateLimited, Unauthorized
from slotline.http.access.page_door import Admitted, PageDoor
from slotline.tokens.page_passes import AesSeals
from slotline.usecases.access.admit_page import AdmitPage
from tests.support.builders.apps import NOW, SetClock
from tests.support.builders.bookings import APP_ID, OTHER_APP_ID, an_app
from tests.support.builders.guest_links import KEYS
from tests.support.memory.access import MemoryAccess
from tests.support.memory.presets import MemoryPresets
from tests.support.memory.rates import MemoryRates
from tests.support.memory.running import NumberedIds
from tests.support.memory.store import MemoryStore

KEY = "slw_example-example-example-example-example-123"
SOURCE, OTHER_SOURCE = "192.0.2.1", "192.0.2.2"
SLUG = "first-visit"
VISIT = Preset(
    preset_id="01890000-0000-7000-8000-0000000000b1",
    name="Visit",
    slug=SLUG,
    questions=(
        Question(key="reason", label="Why?", type=QuestionType.SHORT_TEXT),
        Question(key="campaign", label="From", type=QuestionType.SHORT_TEXT, hidden=True),
    ),
)
SAID = [("name", "Jane Doe"), ("email", "jane@example.com"), ("campaign", "spring"), ("externalId", "crm-7")]


@dataclass
class CountedAccess(MemoryAccess):
    """Websites in memory, and how often one was looked for."""

    asked: int = 0

    def find(self, app_id: str, key_hash: str, preset: str | None = None) -> Any:
        self.asked += 1
        return super().find(app_id, key_hash, preset)


@dataclass
class CountedSeals(AesSeals):
    """Seals, and how often they were used."""

    used: int = 0

    def seal(self, key: bytes, text: str, beside: bytes) -> bytes:
        self.used += 1
        return super().seal(key, text, beside)

    def opened(self, key: bytes, sealed: bytes, beside: bytes) -> str | None:
        self.used += 1
        return super().opened(key, sealed, beside)


@dataclass
class Tools:
    """What the door takes from the wiring."""

    time: SetClock = field(default_factory=SetClock)
    counters: MemoryRates = field(default_factory=MemoryRates)

    def clock(self) -> SetClock:
        return self.time

    def rates(self) -> MemoryRates:
        return self.counters


@dataclass
class House:
    """An app with a public service and a widget key; its door, and all that this uses."""

    tools: Tools = field(default_factory=Tools)
    link_keys: LinkKeys = KEYS

    def __post_init__(self) -> None:
        self.store = MemoryStore(self.tools.time)
        self.access = CountedAccess(self.store)
        for app_id in (APP_ID, OTHER_APP_ID):
            self.store.apps[app_id] = an_app(app_id)
        self.presets = MemoryPresets(self.store)
        self.presets.add(APP_ID, VISIT, NOW, None)
        self.set_limits(RateLimits(minute=60, hour=1_000, day=10_000))
        self.seals = CountedSeals()
        self.admission = AdmitPage(
            websites=self.access,
            keys=lambda: self.link_keys,
            seals=self.seals,
            clock=self.tools.time,
            ids=NumberedIds(),
            screen=lambda _: None,
        )
        self.door = PageDoor(self.tools, lambda: self.admission)

    def set_limits(self, limits: RateLimits) -> None:
        self.access.add_widget_key(secret_hash(KEY), APP_ID, "2026-04-01T00:00:00.000Z", limits)

    def enter(self, source: str = SOURCE, query: Any = (), service: str | None = SLUG) -> Admitted:
        return self.door.enter(source, APP_ID, KEY, service, query)

    def step(self, token: str, source: str = SOURCE, service: str = SLUG, **how: Any) -> Admitted:
        return self.door.step(source, how.pop("app_id", APP_ID), service, token, **how)

    def counted(self) -> int:
        return len(self.tools.counters.counters)


@pytest.fixture
def house() -> House:
    return House()


def test_the_widget_key_opens_the_page_and_a_pass_every_step_after_it(house: House):
    first = house.enter()
    then = house.step(first.pass_token)
    assert (then.website, then.visit) == (first.website, first.visit)
    assert then.website.preset == VISIT
    assert (then.pass_token, then.ends_at) == (first.pass_token, NOW + LIFE)


def test_no_step_after_the_first_has_the_key_or_anything_of_the_guest_in_its_address(house: House):
    token = house.enter(query=SAID).pass_token
    raw = b"".join(b64decode(part + "=" * (-len(part) % 4), b"-_") for part in token.split("."))
    for said in (KEY, *(value for _, value in SAID)):
        assert said not in token
        assert said.encode() not in raw


def test_neither_a_pass_nor_anything_of_the_guest_is_in_what_a_traceback_shows(house: House):
    admitted = house.enter(query=SAID)
    shown = repr(admitted)
    assert "by=HandedPass" in shown
    for secret in (KEY, admitted.pass_token[:40], KEYS.for_addresses, SOURCE, "Jane Doe", "jane@example.com"):
        assert secret not in shown


def test_each_opening_of_the_page_is_a_visit_of_its_own(house: House):
    assert house.enter().visit.visit != house.enter().visit.visit


@pytest.mark.parametrize(
    ("app_id", "key"), [(APP_ID, "slw_wrong"), (OTHER_APP_ID, KEY), (APP_ID, ""), ("", KEY), (APP_ID, "é" * 9)]
)
def test_a_wrong_key_and_another_apps_open_nothing_and_are_not_counted(house: House, app_id: str, key: str):
    with pytest.raises(Unauthorized, match="not one of this app's"):
        house.door.enter(SOURCE, app_id, key, SLUG)
    assert house.counted() == 0


def test_a_key_that_was_revoked_is_found_out_at_the_next_step(house: House):
    token = house.enter().pass_token
    house.access.revoke_widget_key(secret_hash(KEY))
    with pytest.raises(Unauthorized, match="revoked") as refused:
        house.step(token)
    assert not isinstance(refused.value, NoPass | PassOver)


@pytest.mark.parametrize("text", ["", "form", "A" * HEAD_LENGTH, "A" * HEAD_LENGTH + ".AAAA"])
def test_a_forged_pass_asks_the_store_nothing(house: House, text: str):
    with pytest.raises(NoPass):
        house.step(text)
    assert (house.access.asked, house.counted()) == (0, 0)


def test_a_pass_that_is_over_says_so_and_asks_the_store_nothing(house: House):
    token = house.enter(query=SAID).pass_token
    house.tools.time.advance(hours=2, seconds=-1)
    house.step(token)
    asked, counted = house.access.asked, house.counted()
    house.tools.time.advance(seconds=1)
    with pytest.raises(PassOver):
        house.step(token)
    assert (house.access.asked, house.counted()) == (asked, counted)


def test_a_pass_of_another_service_and_of_another_app_is_none(house: House):
    token = house.enter().pass_token
    for where in ({"service": VISIT.preset_id}, {"service": "other"}, {"app_id": OTHER_APP_ID}):
        with pytest.raises(NoPass):
            house.step(token, **where)


def test_a_step_asks_for_the_website_once_and_so_does_the_first(house: House):
    token = house.enter(query=SAID).pass_token
    assert house.access.asked == 1
    house.step(token)
    assert house.access.asked == 2


def test_a_pass_lasts_over_a_rotation_and_ends_with_the_key_that_leaked(house: House):
    token = house.enter(query=SAID).pass_token
    house.link_keys = KEYS.rotated("z" * 64, NOW)
    house.tools.time.advance(minutes=20)
    assert house.step(token).prefill.name == "Jane Doe"
    newer = house.enter(query=SAID).pass_token
    assert house.step(newer).prefill.name == "Jane Doe"
    house.link_keys = KEYS.replaced("w" * 64)
    for each in (token, newer):
        with pytest.raises(NoPass):
            house.step(each)


def test_what_the_first_link_said_comes_with_every_step(house: House):
    first = house.enter(query=[*SAID, ("utm_source", "letter")])
    then = house.step(first.pass_token)
    assert then.prefill == first.prefill
    assert then.prefill == Prefill(
        name="Jane Doe", email="jane@example.com", answers={"campaign": "spring"}, external_id="crm-7"
    )


def test_a_link_that_says_nothing_of_the_guest_seals_nothing(house: House):
    token = house.enter(query=[("utm_source", "letter")]).pass_token
    assert len(token) == HEAD_LENGTH
    assert house.step(token).prefill == Prefill()
    assert house.seals.used == 0


def test_what_was_sealed_for_one_visit_is_none_behind_another(house: House):
    one, other = (house.enter(query=SAID).pass_token.split(".") for _ in range(2))
    assert house.step(f"{one[0]}.{one[1]}").prefill.name == "Jane Doe"
    for mixed in (f"{one[0]}.{other[1]}", f"{one[0]}.{one[1]}.{one[1]}", f"{one[0]}.{one[1]}A", f"{one[0]}."):
        with pytest.raises(NoPass):
            house.step(mixed)


def test_a_link_that_says_too_much_loses_its_longest_parts_and_opens(house: House):
    words = random.Random(17)
    long = ["".join(words.choices(ascii_letters + digits, k=200)) for _ in range(20)]
    said = [*SAID, *((f"metadata[key-{number}]", value) for number, value in enumerate(long[:10]))]
    assert len(house.enter(query=said).prefill.metadata) == 10, "ten values of 200 letters and digits by chance fit"
    said = [*SAID, *((f"metadata[{key}]", value) for key, value in zip(long[::2], long[1::2], strict=True))]
    admitted = house.enter(query=said)
    assert 0 < len(admitted.prefill.metadata) < 10
    assert admitted.prefill.name == "Jane Doe"
    assert len(admitted.pass_token) <= HEAD_LENGTH + 1 + -(-MOST_SEALED * 4 // 3) <= 3_960
    assert house.step(admitted.pass_token).prefill == admitted.prefill


def test_a_service_that_is_not_public_or_not_there_gets_no_pass(house: House):
    for service in ("staff-only", "x" * 5_000, None):
        admitted = house.enter(service=service)
        assert (admitted.by, admitted.website.preset, admitted.prefill) == (None, None, Prefill())
        with pytest.raises(LookupError):
            assert admitted.pass_token


def test_a_page_of_several_services_hands_out_a_pass_for_each_in_the_same_visit(house: House):
    listed = house.enter(service=None)
    chosen = house.door.for_service(listed, SLUG, VISIT, SAID)
    assert house.step(chosen.pass_token).visit.visit == listed.visit.visit
    assert house.step(chosen.pass_token).prefill.name == "Jane Doe"


def test_a_service_that_is_private_by_now_is_gone_for_whoever_has_a_pass(house: House):
    token = house.enter().pass_token
    kept = house.store.presets[APP_ID, VISIT.preset_id]
    house.store.presets[APP_ID, VISIT.preset_id] = replace(kept, preset=replace(VISIT, public=False))
    assert house.step(token).website.preset is None


def test_use_cases_know_the_guest_by_visit_and_by_address(house: House):
    admitted = house.enter()
    caller, visitor = admitted.caller, admitted.caller.visitor
    assert visitor is not None
    assert visitor.visit == admitted.visit.visit
    assert caller.holders == visitor_holders(admitted.website.principal, visitor.visit, visitor.address)
    assert caller.principal == house.step(admitted.pass_token, OTHER_SOURCE).caller.principal, "wherever it goes on"
    assert caller.principal != house.enter().caller.principal
    assert (caller.source.value, caller.actor.id) == ("public_booking", None)
    assert caller.app_ids == {APP_ID}


def test_an_address_is_one_visitor_at_every_step_and_another_at_another_key(house: House):
    first = house.enter()
    addresses = {each.caller.visitor.address for each in (first, house.step(first.pass_token)) if each.caller.visitor}
    assert len(addresses) == 1
    assert SOURCE not in addresses.pop()
    salts = {f"{KEYS.for_addresses}{secret_hash(key)}" for key in (KEY, "slw_other")}
    assert first.visit.visitors_salt in salts
    assert len({visitor_of(SOURCE, salt) for salt in salts}) == 2


def test_one_visitor_who_looks_without_end_leaves_the_page_to_the_others(house: House):
    token = house.enter().pass_token
    for _ in range(59):
        house.step(token)
    with pytest.raises(RateLimited, match="from one visitor"):
        house.step(token)
    house.step(token, OTHER_SOURCE)
    house.tools.time.advance(minutes=1)
    house.step(token)


def test_looking_at_pages_never_uses_up_bookings_nor_bookings_the_looking(house: House):
    token = house.enter().pass_token
    for _ in range(59):
        house.step(token)
    for _ in range(10):
        house.step(token, purpose=Purpose.BOOK)
    with pytest.raises(RateLimited, match="More than 10 requests from one visitor"):
        house.step(token, purpose=Purpose.BOOK)


def test_the_keys_whole_limit_binds_all_visitors_together(house: House):
    house.set_limits(RateLimits(minute=0, hour=1_000, day=10_000))
    with pytest.raises(RateLimited) as refused:
        house.enter()
    assert "visitor" not in refused.value.message


def test_a_pass_for_a_key_that_never_was_opens_nothing(house: House):
    forged = made(KEYS, APP_ID, SLUG, key_hash="00" * 32, visit="01890000-0000-7000-8000-00000000ab01", now=NOW)
    with pytest.raises(Unauthorized):
        house.step(token_of(forged))


def test_the_door_starts_without_the_models_of_the_api_and_without_a_cipher():
    heavy = ("pydantic", "aws_lambda_powertools", "cryptography", "boto3", "botocore", "phonenumbers", "idna")
    modules = "slotline.http.access.page_door, slotline.usecases.access.admit_page, slotline.tokens.page_passes"
    program = f"import sys, {modules}; print([name for name in {heavy} if name in sys.modules])"
    layer = {"PYTHONPATH": "layers/common/python", "PATH": os.environ["PATH"]}
    command = [sys.executable, "-c", program]
    said = subprocess.run(command, env=layer, capture_output=True, text=True, check=True).stdout
    assert said.strip() == "[]"

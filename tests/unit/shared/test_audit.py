"""What the audit log says of a change."""

from datetime import UTC, datetime

import pytest

from slotline.domain.booking.apps import Agent
from slotline.domain.shared.audit import (
    HIDDEN,
    LONGEST_VALUE,
    Audited,
    Author,
    AuthorType,
    Organization,
    Surface,
    changes,
)
from slotline.domain.shared.networks import network_of
from slotline.store.dynamodb.client import from_values, to_values
from slotline.store.shared.audit import audit_from_item, audit_item

AUTHOR = Author(type=AuthorType.USER, surface=Surface.CONSOLE, id="user-1", role="admin", network="192.0.2.0/24")


def test_a_change_says_only_what_is_another_by_it():
    found = changes(Agent(agent_id="a", name="Ada", weight=1), Agent(agent_id="a", name="Ada", weight=3))
    assert (found.before, found.after) == ({"weight": 1}, {"weight": 3})


def test_something_new_says_what_was_set_and_something_gone_what_it_was():
    agent = Agent(agent_id="a", name="Ada", tags=("es",))
    said = {"agent_id": "a", "name": "Ada", "tags": ["es"], "weight": 1, "active": True, "turns": 0, "turns_back": 0}
    assert changes(None, agent).after == said
    assert changes(agent, None).before == said


def test_of_a_hidden_field_the_log_says_only_that_it_was_changed():
    before, after = {"email": "ada@example.com", "turns": 3}, {"email": "grace@example.com", "turns": 4}
    found = changes(before, after, hidden={"email"}, left_out={"turns"})
    assert (found.before, found.after) == ({"email": HIDDEN}, {"email": HIDDEN})


def test_a_long_value_is_kept_by_its_beginning():
    found = changes(None, {"notes": "a" * 9_000, "list": ["b" * 9_000]})
    assert [len(str(value)) for value in found.after.values()] == [LONGEST_VALUE, LONGEST_VALUE]


def test_an_entry_comes_back_from_its_row_as_it_was_written():
    nested: object = 0.5
    for _ in range(40):  # deeper than DynamoDB nests
        nested = [nested]
    audited = Audited(id="entry-1", at=datetime(2026, 5, 1, 15, tzinfo=UTC), author=AUTHOR)
    of = Organization(organization_id="organization-1")
    entry = audited.entry("use_case.changed", "use-case-1", {"params": None}, {"params": nested}, of=of)
    assert entry.subject_type == "use_case"
    assert audit_from_item(from_values(to_values(audit_item(entry)))) == entry


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2:3::4", "2001:db8:1::/48"),
        ("::ffff:192.0.2.77", "192.0.2.0/24"),
        ("not an address", ""),
    ],
)
def test_of_an_address_only_its_network_is_kept(address: str, network: str):
    assert network_of(address) == network

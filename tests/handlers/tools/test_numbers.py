"""The operator grants numbers to organizations, and takes them away."""

from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from slotline.domain.dialing.campaigns import CampaignState
from slotline.domain.dialing.numbers import Number
from slotline.ids import new_id
from slotline.store.dialing.campaigns import DynamoCampaigns
from slotline.store.dialing.settings import NUMBERS, DynamoDialSettings
from tests.support.builders.apps import NOW, SetClock
from tests.support.builders.dialing import a_campaign, a_number
from tools import demo

_NEXT = count()


@pytest.fixture
def number() -> str:
    """One that no other test has."""
    return f"+1202555{next(_NEXT) + 1000:04}"


@pytest.fixture
def organization() -> str:
    return new_id()


class Tables:
    """What organizations have, past the handlers: as it was written before numbers were granted."""

    def __init__(self, target: Any) -> None:
        client = target.client("dynamodb")
        self.numbers = DynamoDialSettings(client, target.dialing_table, target.access_table, SetClock(), NUMBERS)
        self.campaigns = DynamoCampaigns(client, target.dialing_table, target.access_table)

    def number(self, organization_id: str, e164: str, days: int = 0) -> Number:
        at = NOW + timedelta(days=days)
        added = a_number(id=new_id(), organization_id=organization_id, phone_number=e164, created_at=at)
        self.numbers.add(added, None)
        return added

    def campaign(self, number: Number, state: CampaignState) -> str:
        campaign = a_campaign(state, id=new_id(), organization_id=number.organization_id, number_id=number.id)
        self.campaigns.open(campaign)
        return campaign.id

    def state(self, organization_id: str, campaign_id: str) -> tuple[str, str | None]:
        campaign = self.campaigns.get(organization_id, campaign_id)
        assert campaign
        return campaign.state.value, campaign.reason


@pytest.fixture
def tables(target: Any) -> Tables:
    return Tables(target)


def test_a_number_is_granted_to_one_organization_and_again_changes_nothing(run, number, organization):
    grant = ("numbers", "grant", number, "--organization", organization)
    granted = run(*grant).json
    assert granted == {"granted": [{"phone_number": number, "organization_id": organization, "number_id": None}]}
    assert run(*grant).json == granted
    assert run("numbers", "list", "--organization", organization).json["numbers"] == granted["granted"]
    refused = run("numbers", "grant", number, "--organization", new_id())
    assert (refused.status, f"granted to organization {organization}" in refused.err) == (1, True)
    assert run("numbers", "list", "--organization", organization).json["numbers"] == granted["granted"]


def test_several_are_granted_at_once_in_whatever_form_and_to_the_organization_of_an_app(run, app_id, number):
    written = f"+1 ({number[2:5]}) {number[5:8]}-{number[8:]}"
    app = run("app", "show", "--app", app_id).json
    ran = run("numbers", "grant", written, "+44 20 7946 0958", "--app", app_id)
    assert [one["phone_number"] for one in ran.json["granted"]] == [number, "+442079460958"]
    assert {one["organization_id"] for one in ran.json["granted"]} == {app["organization_id"]}
    run("numbers", "revoke", "+442079460958")


@pytest.mark.parametrize("written", ["12025550100", "+12", "911", "sales"])
def test_what_is_no_number_grants_nothing(run, organization, number, written):
    ran = run("numbers", "grant", number, written, "--organization", organization)
    assert (ran.status, ran.err.startswith("error: ")) == (1, True)
    assert run("numbers", "list", "--organization", organization).json == {"numbers": []}


def test_a_revoked_number_pauses_the_campaigns_that_use_it_and_no_other(run, tables, number, organization):
    run("numbers", "grant", number, "--organization", organization)
    ours, other = tables.number(organization, number), tables.number(organization, "+12025559999")
    running, importing, canceled = (
        tables.campaign(ours, state)
        for state in (CampaignState.RUNNING, CampaignState.IMPORTING, CampaignState.CANCELED)
    )
    elsewhere = tables.campaign(other, CampaignState.RUNNING)
    ran = run("numbers", "revoke", number).json
    assert ran == {"revoked": [{"phone_number": number, "organization_id": organization, "paused_campaigns": 2}]}
    for campaign_id in (running, importing):
        assert tables.state(organization, campaign_id) == ("paused", "number_not_granted")
    assert tables.state(organization, canceled) == ("canceled", None)
    assert tables.state(organization, elsewhere) == ("running", None)
    assert run("numbers", "list", "--organization", organization).json == {"numbers": []}


def test_a_revocation_that_died_on_its_way_is_done_by_the_same_command(run, tables, provision, number, organization):
    run("numbers", "grant", number, "--organization", organization)
    campaign_id = tables.campaign(tables.number(organization, number), CampaignState.RUNNING)
    grants = provision.number_owners.grants
    grants.put(grants.get(number).revoked(NOW))
    assert run("numbers", "revoke", number).json["revoked"][0]["paused_campaigns"] == 1
    assert tables.state(organization, campaign_id) == ("paused", "number_not_granted")


def test_what_nobody_has_cannot_be_revoked(run, number):
    ran = run("numbers", "revoke", number)
    assert (ran.status, "granted to nobody" in ran.err) == (1, True)


def test_a_number_that_comes_back_is_the_one_that_its_organization_had(run, tables, provision, number, organization):
    run("numbers", "grant", number, "--organization", organization)
    ours = tables.number(organization, number)
    run("numbers", "revoke", number)
    run("numbers", "grant", number, "--organization", new_id())
    assert provision.number_owners.grants.get(number).number_id is None
    run("numbers", "revoke", number)
    again = run("numbers", "grant", number, "--organization", organization).json["granted"][0]
    assert again["number_id"] == ours.id


class TestAtTheUpdate:
    def test_a_number_that_one_organization_has_is_granted_to_it(self, run, tables, number, organization):
        ours = tables.number(organization, number)
        wanted = {"phone_number": number, "organization_id": organization, "number_id": ours.id}
        assert wanted in run("numbers", "adopt", "--dry-run").json["granted"]
        assert run("numbers", "list", "--organization", organization).json == {"numbers": []}
        assert wanted in run("numbers", "adopt").json["granted"]
        assert run("numbers", "list", "--organization", organization).json == {"numbers": [wanted]}
        assert run("numbers", "adopt").json == {"granted": [], "conflicts": []}

    def test_of_two_rows_of_one_organization_the_older_one_counts(self, run, tables, provision, number, organization):
        tables.number(organization, number, days=1)
        first = tables.number(organization, number)
        run("numbers", "adopt")
        assert provision.number_owners.grants.get(number).number_id == first.id

    def test_a_number_in_two_hands_is_nobodys_and_its_campaigns_are_paused(self, run, tables, number, organization):
        other = new_id()
        rows = [tables.number(one, number) for one in (organization, other)]
        campaigns = [tables.campaign(row, CampaignState.RUNNING) for row in rows]
        conflict = {
            "phone_number": number,
            "added_by": [{"organization_id": row.organization_id, "number_id": row.id} for row in rows],
        }
        found = run("numbers", "conflicts").json["conflicts"]
        assert [one["phone_number"] for one in found] == [number]
        assert sorted(one["number_id"] for one in found[0]["added_by"]) == sorted(row.id for row in rows)
        assert number in [one["phone_number"] for one in run("numbers", "adopt").json["conflicts"]]
        for row, campaign_id in zip(rows, campaigns, strict=True):
            assert tables.state(row.organization_id, campaign_id) == ("paused", "number_not_granted")
        assert run("numbers", "list", "--organization", organization).json == {"numbers": []}
        assert [one["phone_number"] for one in run("numbers", "conflicts").json["conflicts"]] == [number]
        granted = run("numbers", "grant", number, "--organization", other).json["granted"][0]
        assert granted["number_id"] == conflict["added_by"][1]["number_id"]
        assert run("numbers", "conflicts").json == {"conflicts": []}

    def test_what_the_operator_has_decided_stays(self, run, tables, number, organization):
        tables.number(organization, number)
        run("numbers", "grant", number, "--organization", organization)
        run("numbers", "revoke", number)
        run("numbers", "adopt")
        assert run("numbers", "list", "--organization", organization).json == {"numbers": []}


def test_the_demos_organization_may_add_a_hundred_numbers(target, provision):
    sown = demo.seed(target, api_base_url="", video_base_url="", inbox_url=None)
    owner = provision.apps.get(sown["app_id"]).organization_id
    granted = {grant.phone_number: grant for grant in provision.number_owners.grants.all()}
    assert {granted[e164].organization_id for e164 in demo.NUMBERS} == {owner}
    assert (demo.NUMBERS[0], demo.NUMBERS[-1], len(demo.NUMBERS)) == ("+12025550100", "+12025550199", 100)
    assert granted["+12025550100"].number_id == sown["number_id"]

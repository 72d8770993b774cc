"""Rules of an organization's people: what somebody can be, and who may change whom."""

from dataclasses import replace

import pytest

from slotline.domain.access.people import (
    LastOwner,
    NotAnOwner,
    OwnAccount,
    Place,
    check_may_change,
    check_owner_is_left,
    check_place,
    resumed,
    signed_out,
    signed_out_if_owing,
    suspended,
    takes_an_owner,
    without_second_factor,
)
from slotline.domain.access.users import Organization, Role, SecondFactor, User, UserStatus
from slotline.domain.shared.errors import InvalidRequest
from tests.support.builders.people import a_user

AGENTS = {"app": frozenset({"agent-1"}), "other": frozenset[str]()}
OWNER, SECOND = a_user(Role.OWNER), a_user(Role.OWNER, "second")
ADMIN = a_user(Role.ADMIN)


@pytest.mark.parametrize(
    "place",
    [
        Place(is_owner=True),
        Place(is_owner=True, agent_ids={"app": "agent-1"}),
        Place(roles={"app": Role.AGENT}, agent_ids={"app": "agent-1"}),
        Place(roles={"app": Role.ADMIN, "other": Role.SUPERVISOR}),
        Place(roles={"app": Role.SUPERVISOR}, agent_ids={"app": "agent-1"}),
    ],
)
def test_somebody_is_an_owner_or_something_in_some_of_the_apps(place: Place):
    check_place(place, AGENTS)


@pytest.mark.parametrize(
    ("place", "wrong"),
    [
        (Place(), {"roles"}),
        (Place(roles={"app": Role.AGENT}), {"agents.app"}),
        (Place(roles={"app": Role.AGENT}, agent_ids={"app": "agent-9"}), {"agents.app"}),
        (Place(roles={"app": Role.ADMIN}, agent_ids={"other": "agent-1"}), {"agents.other"}),
        (Place(roles={"other": Role.ADMIN}, agent_ids={"app": "agent-1"}), {"roles.app"}),
        (Place(roles={"app": Role.OWNER}), {"roles.app"}),
        (Place(roles={"elsewhere": Role.ADMIN, "app": Role.AGENT}), {"roles.elsewhere", "agents.app"}),
    ],
)
def test_all_that_is_wrong_with_a_place_is_said_at_once(place: Place, wrong: set[str]):
    with pytest.raises(InvalidRequest) as refused:
        check_place(place, AGENTS)
    assert {detail.field for detail in refused.value.details} == wrong


@pytest.mark.parametrize(
    ("author", "subject", "refusal"),
    [
        (None, ADMIN, NotAnOwner),
        (ADMIN, OWNER, NotAnOwner),
        (replace(OWNER, status=UserStatus.SUSPENDED), ADMIN, NotAnOwner),
        (replace(OWNER, organization_id="organization-2"), ADMIN, NotAnOwner),
        (OWNER, OWNER, OwnAccount),
    ],
)
def test_only_an_owner_changes_somebody_and_nobody_themselves(
    author: User | None, subject: User, refusal: type[Exception]
):
    check_may_change(OWNER, subject) if subject is not OWNER else check_may_change(SECOND, subject)
    with pytest.raises(refusal):
        check_may_change(author, subject)


def test_an_owner_who_cannot_sign_in_is_not_the_one_who_is_left():
    check_owner_is_left([OWNER, SECOND, ADMIN], OWNER)
    for status in (UserStatus.SUSPENDED, UserStatus.INVITED):
        with pytest.raises(LastOwner):
            check_owner_is_left([OWNER, replace(SECOND, status=status), ADMIN], OWNER)


@pytest.mark.parametrize(
    ("before", "after", "takes"),
    [
        (OWNER, None, True),
        (OWNER, suspended(OWNER), True),
        (OWNER, Place(roles={"app": Role.ADMIN}).taken_by(OWNER), True),
        (OWNER, signed_out(OWNER), False),
        (suspended(OWNER), None, False),
        (ADMIN, None, False),
        (ADMIN, Place(is_owner=True).taken_by(ADMIN), False),
    ],
)
def test_it_is_known_when_there_is_one_owner_less(before: User, after: User | None, takes: bool):
    assert takes_an_owner(before, after) is takes


def test_whoever_was_suspended_before_they_chose_a_password_is_invited_again():
    assert resumed(suspended(ADMIN)).status is UserStatus.INVITED
    for way_in in ({"password_hash": "hash"}, {"identities": frozenset({"issuer subject"})}):
        assert resumed(suspended(replace(ADMIN, **way_in))).status is UserStatus.ACTIVE


def test_sessions_that_ended_do_not_come_back_when_somebody_does():
    again = resumed(suspended(replace(ADMIN, password_hash="hash")))
    assert again.session_epoch > ADMIN.session_epoch


def test_a_second_factor_that_was_lost_ends_the_sessions_that_it_opened():
    with_one = replace(ADMIN, second_factor=SecondFactor(secret="secret"))
    without = without_second_factor(with_one)
    assert (without.second_factor, without.session_epoch) == (None, with_one.session_epoch + 1)
    assert without_second_factor(without) == without


SUPERVISOR = a_user(Role.SUPERVISOR)
ACME = Organization(organization_id=SUPERVISOR.organization_id)


@pytest.mark.parametrize(
    ("before", "place", "organization", "is_signed_out"),
    [
        (SUPERVISOR, Place(roles={"app": Role.ADMIN}), ACME, True),
        (SUPERVISOR, Place(is_owner=True), ACME, True),
        (SUPERVISOR, Place(roles={"app": Role.AGENT}), ACME, False),
        (SUPERVISOR, Place(is_owner=True), replace(ACME, requires_second_factor=False), False),
        (replace(SUPERVISOR, second_factor=SecondFactor(secret="secret")), Place(is_owner=True), ACME, False),
        (ADMIN, Place(is_owner=True), ACME, False),
        (replace(SUPERVISOR, status=UserStatus.INVITED), Place(is_owner=True), ACME, False),
    ],
)
def test_whoever_is_made_somebody_who_must_have_a_second_factor_and_has_none_is_signed_out_to_set_one_up(
    before: User, place: Place, organization: Organization, is_signed_out: bool
):
    after = signed_out_if_owing(before, place.taken_by(before), organization)
    assert (after.session_epoch > before.session_epoch) is is_signed_out

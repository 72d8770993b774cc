"""Links by which somebody chooses a password: asked for, sent and used; and invitations."""

from functools import cache
from typing import TYPE_CHECKING

from slotline.store.access.ways_in import DynamoWaysIn
from slotline.wiring import common

if TYPE_CHECKING:
    from slotline.usecases.access.ask_for_way_in import AskForWayIn
    from slotline.usecases.access.choose_password import ChoosePassword
    from slotline.usecases.access.invite_user import InviteUser


@cache
def ways_in() -> DynamoWaysIn:
    """Mails that were asked for, and what is kept of links."""
    return DynamoWaysIn(common.dynamodb(), common.settings().access_table)


@cache
def ask_for_way_in() -> "AskForWayIn":
    """Has mails sent."""
    from slotline.usecases.access.ask_for_way_in import AskForWayIn
    from slotline.wiring.shared.queues import queues

    return AskForWayIn(ways=ways_in(), queues=queues(), rates=common.rates(), clock=common.clock(), ids=common.ids())


@cache
def choose_password() -> "ChoosePassword":
    """Lets somebody choose a password."""
    from slotline.ids import new_secret
    from slotline.usecases.access.choose_password import ChoosePassword
    from slotline.wiring.access.sign_in import begin_session, passwords, users

    return ChoosePassword(
        ways=ways_in(),
        users=users(),
        passwords=passwords(),
        begin=begin_session(),
        clock=common.clock(),
        backoff=common.backoff(),
        new_secret=new_secret,
    )


@cache
def invite_user() -> "InviteUser":
    """Invites people."""
    from slotline.usecases.access.invite_user import InviteUser
    from slotline.wiring.access.audit_log import audit_log
    from slotline.wiring.access.sign_in import users

    return InviteUser(users=users(), audit=audit_log(), ask=ask_for_way_in(), clock=common.clock(), ids=common.ids())

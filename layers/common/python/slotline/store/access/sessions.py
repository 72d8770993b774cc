"""Sessions of people who signed in, in DynamoDB: rows beside their user's, which end by themselves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from slotline.aws import code_of, raising_store_busy
from slotline.domain.access.sessions import LIFE, Session, Stage
from slotline.domain.access.users import User
from slotline.domain.access.visits import Entrance, VisitedApp
from slotline.domain.access.websites import origins
from slotline.domain.shared.audit import AuditEntry
from slotline.domain.shared.instants import parse_instant
from slotline.ports.access import AccountChange, KnownDevice
from slotline.ports.shared import RaceLost
from slotline.store.access.users import change_part, user_from_item
from slotline.store.dynamodb import keys, parts
from slotline.store.dynamodb.client import DynamoDBClient, to_values
from slotline.store.dynamodb.rows import get_row, get_rows, query_rows, row_of
from slotline.store.dynamodb.transactions import ConditionsFailed, Labelled, transact
from slotline.store.shared.audit import audit_part

_LAST = "\uffff"


@dataclass(frozen=True, slots=True)
class DynamoSessions:
    """`Sessions` on AccessTable; apps are on SchedulingTable."""

    client: DynamoDBClient
    scheduling_table: str
    access_table: str

    def enter(self, user_id: str, session_hash: str, app_id: str | None = None) -> Entrance | None:
        """One consistent BatchGetItem: whoever was signed out, suspended or given another role, is so at once."""
        session_key, user_key = keys.session(user_id, session_hash), keys.user(user_id)
        wanted: dict[str, list[Mapping[str, str]]] = {self.access_table: [session_key, user_key]}
        if app_id is not None:
            wanted[self.scheduling_table] = [keys.app(app_id)]
        found = get_rows(self.client, wanted)
        session, user = row_of(found, session_key), row_of(found, user_key)
        app = row_of(found, keys.app(app_id)) if app_id is not None else None
        if session is None or user is None:
            return None
        return Entrance(session=_session(session), user=user_from_item(user), app=app_from_item(app) if app else None)

    def app(self, app_id: str) -> VisitedApp | None:
        """One consistent GetItem."""
        row = get_row(self.client, self.scheduling_table, keys.app(app_id))
        return app_from_item(row) if row else None

    def apps_of(self, user: User) -> Sequence[VisitedApp]:
        """A Query for an owner, whose apps are all of the organization; then a BatchGetItem for every hundred."""
        ids = set(user.roles)
        if user.is_owner:
            first = keys.organization_app(user.organization_id)
            ids |= {row["app_id"] for row in query_rows(self.client, self.access_table, first, first["sk"] + _LAST)}
        wanted = [keys.app(app_id) for app_id in sorted(ids)]
        found = get_rows(self.client, {self.scheduling_table: wanted}) if wanted else {}
        apps = [app_from_item(row) for key in wanted if (row := row_of(found, key))]
        return sorted((app for app in apps if user.role_in(app.app_id, app.organization_id)), key=lambda app: app.name)

    def begin(
        self,
        session: Session,
        replaces: Session | None = None,
        entry: AuditEntry | None = None,
        account: AccountChange | None = None,
        device: KnownDevice | None = None,
    ) -> None:
        """One transaction: a new session, and none any more in the place of the one it takes."""
        labelled: list[Labelled] = [("session", parts.put_new(self.access_table, _item(session)))]
        if replaces:
            old = keys.session(replaces.user_id, replaces.session_hash)
            labelled.append(("old", parts.delete(self.access_table, old)))
        if account:
            labelled.append(("user", change_part(self.access_table, account.before, account.after)))
        if device:
            labelled.append(("device", device_part(self.access_table, device)))
        if entry:
            labelled.append(("audit", audit_part(self.access_table, entry)))
        try:
            transact(self.client, labelled)
        except ConditionsFailed as refused:
            raise RaceLost from refused

    def end(self, user_id: str, session_hash: str, entry: AuditEntry | None = None) -> None:
        """One transaction; a session that is not there has ended already."""
        gone = parts.delete(self.access_table, keys.session(user_id, session_hash))
        labelled: list[Labelled] = [("session", gone)]
        if entry:
            labelled.append(("audit", audit_part(self.access_table, entry)))
        try:
            transact(self.client, labelled)
        except ConditionsFailed:
            return

    def seen(self, session: Session, now: datetime) -> None:
        """One UpdateItem; nothing for a session that has ended meanwhile."""
        with raising_store_busy():
            try:
                self.client.update_item(
                    TableName=self.access_table,
                    Key=to_values(keys.session(session.user_id, session.session_hash)),
                    UpdateExpression="SET seen_at = :now",
                    ConditionExpression="attribute_exists(pk)",
                    ExpressionAttributeValues=to_values({":now": now}),
                )
            except ClientError as refused:
                if code_of(refused) != "ConditionalCheckFailedException":
                    raise

    def knows(self, user_id: str, device_hash: str, now: datetime) -> bool:
        """One consistent GetItem; what has ended may not have been cleared away yet."""
        row = get_row(self.client, self.access_table, keys.known_device(user_id, device_hash))
        return row is not None and row["expires_at"] > now.timestamp()

    def of_user(self, user_id: str) -> Sequence[Session]:
        """A consistent Query. Sessions whose time is over may be among them."""
        first = keys.session(user_id)
        return [_session(row) for row in query_rows(self.client, self.access_table, first, first["sk"] + _LAST)]


def device_part(table: str, device: KnownDevice) -> parts.Part:
    """Know a device until then, whether or not it is known."""
    key = keys.known_device(device.user_id, device.device_hash)
    return parts.put_row(table, {**key, "expires_at": int(device.until.timestamp())})


def _item(session: Session) -> dict[str, object]:
    return {
        **keys.session(session.user_id, session.session_hash),
        "session_hash": session.session_hash,
        "user_id": session.user_id,
        "epoch": session.epoch,
        "stage": session.stage.value,
        "created_at": session.created_at,
        "seen_at": session.seen_at,
        "network": session.network,
        "program": session.program,
        "expires_at": int((session.created_at + LIFE).timestamp()),
    }


def _session(item: Mapping[str, Any]) -> Session:
    return Session(
        session_hash=item["session_hash"],
        user_id=item["user_id"],
        epoch=item["epoch"],
        stage=Stage(item["stage"]),
        created_at=parse_instant(item["created_at"]),
        seen_at=parse_instant(item["seen_at"]),
        network=item["network"],
        program=item["program"],
    )


def app_from_item(item: Mapping[str, Any]) -> VisitedApp:
    """The app of a row, as far as a visit has it."""
    return VisitedApp(
        app_id=item["app_id"],
        organization_id=item["organization_id"],
        name=item["name"],
        timezone=item["timezone"],
        frame_origins=origins(item["preset"].get("genesys_origins") or ()),
    )

"""A recount: what is derived from each call is compared with the call, and mended; then it may be shown.

Scheduled calls, what happened to messages about them, webhooks' deliveries and phone calls are walked over alike;
`Subjects` says how they differ. The system may be running: each call is mended on condition that it still is as it was
read, and counters change with it in one transaction. So nothing is counted twice. How far a walk has come is kept, so
it may be stopped anywhere.
"""

from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from itertools import chain
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from slotline.aws import raising_store_busy
from slotline.clock import FullJitter
from slotline.domain.booking.call_json import call_from_json
from slotline.domain.booking.rollups import OF_MESSAGES
from slotline.ports.shared import Clock, Derivations, Derived, RaceLost, StoreBusyError, Underivable
from slotline.store.booking import derived as booking
from slotline.store.booking.items import event_from_item
from slotline.store.dialing import derived as dialing
from slotline.store.dialing.items import dial_call_from_item
from slotline.store.dynamodb import keys
from slotline.store.dynamodb.client import AttributeValues, Item, from_values, to_values
from slotline.store.dynamodb.rows import BATCH, Key, get_row, get_rows, query_rows, row_of
from slotline.store.shared.derived import DynamoDerivations
from slotline.store.webhooks.deliveries import delivery_from_item
from slotline.store.webhooks.derived import derived_of_delivery
from slotline.usecases.shared.retrying import retry
from tools.errors import ToolError
from tools.target import Target

MOST_SHOWN = 100
"""Of the calls that nobody can read."""
GO_ON = "`counters recount --resume` goes on from there"


def _own_partition(place: Key) -> str:
    return place["pk"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Subjects:
    """What a walk looks for: rows of one kind, what follows from each, and what may be shown in the end."""

    name: str
    table: str
    sk: str
    """What the sort keys of these rows begin with."""
    derived_of: Callable[[Item], Derived]
    record_of: Callable[[Key], str] = _own_partition
    """The partition of a subject's record."""
    subject_of: Callable[[str], Key | None]
    """The subject whose record has this partition; None if it is one of another kind."""
    is_one: Callable[[Item], bool] = lambda _: True
    """Whether a row is a subject, by its key, `event_type`, `revision` and `expires_at`."""
    owner_sk: str = ""
    """The sort key of whoever has subjects, if they are marked one by one."""
    marks_of: Callable[[Sequence[Item]], Sequence[Key]]
    """Given the owners of a page: the rows that say, after the walk, that all subjects are counted."""


def scheduled_calls(table: str) -> Subjects:
    """Calls that guests book. Each app has a mark of its own: one that is new is counted from its beginning."""
    sk = keys.call("", "")["sk"]
    return Subjects(
        name="calls",
        table=table,
        sk=sk,
        derived_of=lambda row: booking.derived_of_call(call_from_json(row)),
        subject_of=lambda pk: None if keys.place_of_event(pk) else {"pk": pk, "sk": sk},
        owner_sk=keys.app("")["sk"],
        marks_of=lambda apps: [keys.calls_are_counted(app["app_id"]) for app in apps],
    )


def messages(table: str) -> Subjects:
    """What happened to messages about calls: those events are counted for dashboards, which have marks of their own."""

    def derived_of(row: Item) -> Derived:
        derived = booking.derived_of_event(row["app_id"], event_from_item(row))
        if derived is None:
            raise ValueError(row["event_type"])
        return derived

    return Subjects(
        name="messages",
        table=table,
        sk=keys.EVENTS,
        derived_of=derived_of,
        record_of=keys.as_subject,
        subject_of=keys.place_of_event,
        is_one=lambda row: row["event_type"] in OF_MESSAGES,
        owner_sk=keys.app("")["sk"],
        marks_of=lambda apps: [keys.is_rolled_up(app["app_id"]) for app in apps],
    )


def deliveries(table: str, clock: Clock) -> Subjects:
    """Webhooks' deliveries, until they expire: then what they came to stays counted. Those that a release before has
    written count no changes, and are counted once they change."""
    now = clock.now().timestamp()
    return Subjects(
        name="deliveries",
        table=table,
        sk=keys.DELIVERIES,
        derived_of=lambda row: derived_of_delivery(delivery_from_item(row)),
        record_of=keys.as_subject,
        subject_of=lambda _: None,
        is_one=lambda row: "revision" in row and row["expires_at"] > now,
        marks_of=lambda _: [],
    )


def phone_calls(table: str) -> Subjects:
    """Calls that are dialled. There is one mark: no row says that an organization begins."""
    return Subjects(
        name="phone_calls",
        table=table,
        sk=keys.dial_call("", "")["sk"],
        derived_of=lambda row: dialing.derived_of_call(dial_call_from_item(row)),
        record_of=lambda place: f"{place['pk']}{keys.OF_RECORD}",
        subject_of=lambda pk: {"pk": pk.removesuffix(keys.OF_RECORD), "sk": keys.dial_call("", "")["sk"]},
        marks_of=lambda _: [keys.dials_are_counted(), keys.dials_are_rolled_up()],
    )


@dataclass(slots=True)
class Found:
    """What a walk has found: how many subjects, how many that were not counted rightly, and which nobody can read."""

    subjects: int = 0
    mended: int = 0
    unreadable: list[str] = field(default_factory=list)
    unreadable_in_all: int = 0

    def shown(self, name: str) -> dict[str, Any]:
        """For the operator."""
        answer: dict[str, Any] = {name: self.subjects, f"{name}_mended": self.mended}
        if self.unreadable_in_all:
            answer |= {f"{name}_unreadable": self.unreadable, f"{name}_unreadable_in_all": self.unreadable_in_all}
        return answer


@dataclass(slots=True)
class Recount:
    """One walk over a table. `page`: how many rows a request looks at; None: a megabyte.

    Its place is a row of the access table, which no stream follows; so are the marks that wait there for its end.
    """

    client: Any
    subjects: Subjects
    access_table: str
    derivations: Derivations
    page: int | None = None
    found: Found = field(default_factory=Found)

    def __call__(self, *, resumes: bool = False) -> None:
        """To the end, from the beginning or from where an earlier one was stopped. Raises StoreBusyError."""
        if not resumes:
            self.forget()
        begun = get_row(self.client, self.access_table, keys.walk(self.subjects.name))
        place = to_values(begun["place"]) if begun and "place" in begun else None
        if begun:
            self.found = Found(**begun["found"])
        is_over = begun is not None and place is None
        while not is_over:
            rows, place = self._page(place)
            self._look_at(rows)
            self._set_aside(self.subjects.marks_of([row for row in rows if row["sk"] == self.subjects.owner_sk]))
            is_over = place is None
            self._put(self.access_table, self._reached(place))
        for row in self._set_aside_marks():
            self._put(self.subjects.table, row["mark"])

    def forget(self) -> None:
        """The next one begins at the beginning."""
        for key in (keys.walk(self.subjects.name), *self._set_aside_marks()):
            with raising_store_busy():
                self.client.delete_item(TableName=self.access_table, Key=to_values({"pk": key["pk"], "sk": key["sk"]}))

    def _page(self, place: AttributeValues | None) -> tuple[Sequence[Item], AttributeValues | None]:
        """Keys of subjects, of records (one may be left without its subject) and of owners, and where to go on."""
        kinds = {":subject": self.subjects.sk, ":record": _RECORD, ":owner": self.subjects.owner_sk or self.subjects.sk}
        request: dict[str, Any] = {
            "TableName": self.subjects.table,
            "ConsistentRead": True,
            "ProjectionExpression": "pk, sk, app_id, event_type, revision, expires_at",
            "FilterExpression": " OR ".join(f"begins_with(sk, {kind})" for kind in kinds),
            "ExpressionAttributeValues": to_values(kinds),
            **({"ExclusiveStartKey": place} if place else {}),
            **({"Limit": self.page} if self.page else {}),
        }
        with raising_store_busy():
            answer = self.client.scan(**request)
        return [from_values(row) for row in answer["Items"]], answer.get("LastEvaluatedKey")

    def _look_at(self, rows: Sequence[Item]) -> None:
        """A subject and its record may be on two pages: it is compared twice then, and counted on its own."""
        of_records = (self.subjects.subject_of(row["pk"]) for row in rows if row["sk"] == _RECORD)
        here = {_at(row) for row in rows if row["sk"].startswith(self.subjects.sk) and self.subjects.is_one(row)}
        wanted = sorted(here | {_at(place) for place in of_records if place})
        unreadable: set[tuple[str, str]] = set()
        for start in range(0, len(wanted), BATCH):
            unreadable.update(self._compare(wanted[start : start + BATCH]))
        self._count(len(here), [pk for pk, _ in sorted(here & unreadable)])

    def _count(self, subjects: int, unreadable: Sequence[str]) -> None:
        self.found.subjects += subjects
        self.found.unreadable = [*self.found.unreadable, *unreadable][:MOST_SHOWN]
        self.found.unreadable_in_all += len(unreadable)

    def _compare(self, places: Sequence[tuple[str, str]]) -> Sequence[tuple[str, str]]:
        """Mend those that are wrong. Answers with the ones that nobody can read, or whose rows the store refuses."""
        try:
            mended, unreadable = retry(partial(self._mend, places), FullJitter(), on=(RaceLost, StoreBusyError))
        except Underivable:
            if len(places) == 1:
                return places
            return list(chain.from_iterable(self._compare([place]) for place in places))
        self.found.mended += mended
        return unreadable

    def _mend(self, places: Sequence[tuple[str, str]]) -> tuple[int, Sequence[tuple[str, str]]]:
        wanted: list[Key] = [{"pk": pk, "sk": sk} for pk, sk in places]
        rows = get_rows(self.client, {self.subjects.table: wanted})
        read: list[tuple[Key, Derived]] = []
        unreadable: list[tuple[str, str]] = []
        for place in wanted:
            row = row_of(rows, place)
            gone = Derived(subject=self.subjects.record_of(place), version=0, is_gone=True)
            try:
                read.append((place, self.subjects.derived_of(row) if row else gone))
            except (KeyError, TypeError, ValueError):
                unreadable.append(_at(place))
        return self.derivations.mend(read), unreadable

    def _set_aside(self, marks: Sequence[Key]) -> None:
        """Until the end: only then is everything counted."""
        for mark in marks:
            self._put(self.access_table, {**keys.mark_of_walk(self.subjects.name, mark["pk"]), "mark": mark})

    def _set_aside_marks(self) -> Sequence[Item]:
        first = keys.mark_of_walk(self.subjects.name)
        return query_rows(self.client, self.access_table, first, keys.last_of(first))

    def _reached(self, place: AttributeValues | None) -> Item:
        """Without a place: the walk is over, but what was asked for may be more walks than this."""
        kept = {"place": from_values(place)} if place else {}
        return {**keys.walk(self.subjects.name), "found": asdict(self.found), **kept}

    def _put(self, table: str, row: Mapping[str, object]) -> None:
        with raising_store_busy():
            self.client.put_item(TableName=table, Item=to_values(row))


def walks_of(target: Target, clock: Clock, page: int | None = None) -> Iterator[Recount]:
    """One for each table that has subjects."""
    client = target.client("dynamodb")
    scheduling, dialing_table = target.scheduling_table, target.dialing_table
    for subjects in (
        scheduled_calls(scheduling),
        messages(scheduling),
        deliveries(scheduling, clock),
        phone_calls(dialing_table),
    ):
        derivations = DynamoDerivations(client, subjects.table, clock)
        yield Recount(client, subjects, target.access_table, derivations, page=page)


def recount(target: Target, clock: Clock, *, resumes: bool) -> dict[str, Any]:
    """What the operator is shown of all walks. Raises ToolError if it is stopped, or AWS stops it."""
    walks = list(walks_of(target, clock))
    try:
        for walk in walks:
            walk(resumes=resumes)
        for walk in walks:
            walk.forget()
    except KeyboardInterrupt as stopped:
        raise ToolError(f"stopped; {GO_ON}") from stopped
    except (StoreBusyError, BotoCoreError, ClientError) as failure:
        raise ToolError(f"AWS: {failure}; {GO_ON}") from failure
    answer: dict[str, Any] = {}
    for walk in walks:
        answer |= walk.found.shown(walk.subjects.name)
    return answer


def recount_options(parser: ArgumentParser) -> None:
    """Of `counters recount`."""
    parser.add_argument("--resume", action="store_true", help="go on from where the last run was stopped")


def mark_if_new(target: Target) -> None:
    """All phone calls of a table that has no row are counted: those that come are counted from the stream."""
    client = target.client("dynamodb")
    with raising_store_busy():
        if not client.scan(TableName=target.dialing_table, Limit=1, ConsistentRead=True)["Items"]:
            for mark in (keys.dials_are_counted(), keys.dials_are_rolled_up()):
                client.put_item(TableName=target.dialing_table, Item=to_values(mark))


def _at(place: Mapping[str, Any]) -> tuple[str, str]:
    return place["pk"], place["sk"]


_RECORD = keys.derived("")["sk"]

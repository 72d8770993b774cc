"""Agents' calendars as a search reads them: many rows, few requests, and nothing made of a row that is not needed."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from typing import Any

from slotline.aws import raising_store_busy
from slotline.domain.booking.apps import Agent
from slotline.domain.booking.claims import ClaimKind
from slotline.domain.booking.eligibility import Terms, is_eligible
from slotline.domain.booking.slots import Busy
from slotline.domain.shared.instants import format_instant
from slotline.domain.shared.intervals import Interval
from slotline.ports.booking import AppCalendars, Taken
from slotline.ports.shared import StoreBusyError
from slotline.store.booking import items
from slotline.store.booking.preset_rows import app_of, keys_by_name, preset_by_name
from slotline.store.dynamodb import keys
from slotline.store.dynamodb.client import DynamoDBClient, Item, from_values, to_values

BATCH = 100
"""Rows that one BatchGetItem reads."""
AT_ONCE = 8
"""Requests under way at the same time."""

_CLAIM = len(items.CLAIM)
_KINDS = {kind.value: kind for kind in ClaimKind}
"""To ask the enumeration for each of 20,000 claims takes as long as to read them."""

Rows = list[Mapping[str, Any]]
Key = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class DynamoCalendars:
    """`Calendars` on SchedulingTable. Strongly consistent: what it shows as free was free when it was read."""

    client: DynamoDBClient
    table: str

    def read(
        self,
        app_id: str,
        agent_id: str | None,
        around: Interval,
        now: datetime,
        preset: str | None = None,
        asked: Terms | None = None,
    ) -> AppCalendars:
        """The app and its agents (one request, more only beyond 1 MB), then their days and the preset, a hundred rows
        a request."""
        app_row, active = self._app_and_agents(app_id, agent_id)
        app = app_of(self.client, self.table, app_row)
        terms = asked or Terms()
        if app and preset is None:
            terms = terms.under(app.preset)
        read = {
            keys.agent_day(app_id, agent.agent_id, around.start.date())["pk"]: _AgentRead(agent)
            for agent in active
            if is_eligible(agent, terms)
        }
        day_keys = [
            keys.agent_day(app_id, one.agent.agent_id, day)
            for one in read.values()
            for day in one.agent.utc_days_for(around)
        ]
        over, named = format_instant(now), dict[tuple[str, str], Mapping[str, Any]]()
        for row in self._get_all([*keys_by_name(app_id, preset), *day_keys]):
            if (one := read.get(row["pk"]["S"])) is not None:
                one.add(row, over)
            else:
                named[row["pk"]["S"], row["sk"]["S"]] = row
        return AppCalendars(
            app=app,
            named_preset=preset_by_name(named, app, preset),
            # By its id: a claim over midnight stands in two days.
            agents=[(one.agent, sorted(one.busy.values())) for one in read.values()],
            not_eligible=[agent for agent in active if not is_eligible(agent, terms)],
            ended={one.agent.agent_id: one.ended for one in read.values() if one.ended},
        )

    def agents(self, app_id: str, agent_id: str | None) -> Sequence[Agent]:
        """One request, more only beyond 1 MB."""
        return self._app_and_agents(app_id, agent_id)[1]

    def taken(self, app_id: str, days: Sequence[tuple[Agent, Collection[date]]], now: datetime) -> Sequence[Taken]:
        """A hundred days a request, eight requests at a time."""
        read: dict[str, _AgentRead] = {}
        wanted: list[Key] = []
        for agent, of_agent in days:
            day_keys = [keys.agent_day(app_id, agent.agent_id, day) for day in of_agent]
            wanted += day_keys
            read.update((key["pk"], _AgentRead(agent, with_ended=True)) for key in day_keys[:1])
        over = format_instant(now)
        for row in self._get_all(wanted):
            read[row["pk"]["S"]].add(row, over)
        found = {one.agent.agent_id: Taken(busy=sorted(one.busy.values()), ended=one.ended) for one in read.values()}
        return [found.get(agent.agent_id, Taken()) for agent, _ in days]

    def _app_and_agents(self, app_id: str, agent_id: str | None) -> tuple[Item | None, Sequence[Agent]]:
        if agent_id is not None:
            rows = [from_values(row) for row in self._get([keys.app(app_id), keys.agent(app_id, agent_id)])]
        else:
            rows = [from_values(row) for row in self._rows_of(app_id)]
        app_row = next((row for row in rows if row["sk"] == keys.app(app_id)["sk"]), None)
        agent_rows = [row for row in rows if "agent_id" in row]
        return app_row, [agent for agent in map(items.agent_from_item, agent_rows) if agent.active]

    def _rows_of(self, app_id: str) -> Iterable[Mapping[str, Any]]:
        """The app's row and its agents' (`AGENT#…` sorts before `APP`): one range of its partition."""
        request: dict[str, Any] = {
            "TableName": self.table,
            "ConsistentRead": True,
            "KeyConditionExpression": "pk = :pk AND sk BETWEEN :first AND :last",
            "ExpressionAttributeValues": to_values(
                {
                    ":pk": keys.app(app_id)["pk"],
                    ":first": keys.agent(app_id, "")["sk"],
                    ":last": keys.app(app_id)["sk"],
                }
            ),
        }
        while True:
            with raising_store_busy():
                answer = self.client.query(**request)
            yield from answer["Items"]
            if "LastEvaluatedKey" not in answer:
                return
            request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def _get_all(self, wanted: Sequence[Key]) -> Iterable[Mapping[str, Any]]:
        rest = iter(wanted)
        batches = list(iter(lambda: list(islice(rest, BATCH)), []))
        if len(batches) <= 1:
            return [row for batch in batches for row in self._get(batch)]
        with ThreadPoolExecutor(max_workers=AT_ONCE) as beside:
            return [row for rows in beside.map(self._get, batches) for row in rows]

    def _get(self, batch: Sequence[Key]) -> Rows:
        with raising_store_busy():
            answer = self.client.batch_get_item(
                RequestItems={self.table: {"Keys": [to_values(key) for key in batch], "ConsistentRead": True}}
            )
        if answer.get("UnprocessedKeys"):
            raise StoreBusyError("unprocessed keys")
        rows: Rows = list(answer["Responses"].get(self.table, []))
        return rows


@dataclass(slots=True)
class _AgentRead:
    """An agent, and what was read of their days: what is taken, by its id, and the starts of calls that are over."""

    agent: Agent
    busy: dict[str, Busy] = field(default_factory=dict)
    ended: list[int] = field(default_factory=list)
    with_ended: bool = False
    """Whether the latter are read in any case, and not only if the agent's calls a day are counted."""

    def add(self, row: Mapping[str, Any], over: str) -> None:
        """Take in a day, without holds that are over by then.

        Straight from DynamoDB's values: a month of a hundred agents has 20,000 claims.
        """
        busy, counts = self.busy, self.with_ended or self.agent.max_calls_per_day is not None
        for name, value in row.items():
            if name.startswith(items.CLAIM):
                fields = value["M"]
                if "expires_at" in fields and fields["expires_at"]["S"] <= over:
                    continue
                claim_id = name[_CLAIM:]
                busy[claim_id] = Busy(
                    int(fields["start"]["N"]),
                    int(fields["end"]["N"]),
                    int(fields["before"]["N"]),
                    int(fields["after"]["N"]),
                    _KINDS[fields["kind"]["S"]],
                    claim_id,
                )
            elif counts and name.startswith(items.ENDED):
                self.ended.append(int(value["N"]))

"""Apps, presets, agents and their exceptions as rows, and back."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from slotline.domain.booking.agent_time import ExceptionKind, ExceptionState, ScheduleException
from slotline.domain.booking.apps import Agent, App, AssignmentMode, CustomerLimit, Period, Preset
from slotline.domain.shared.instants import instant_or_none
from slotline.domain.shared.plain_json import plain
from slotline.domain.shared.working_hours import Window
from slotline.store.dynamodb import keys
from slotline.store.dynamodb.client import Item


def app_from_item(item: Mapping[str, Any]) -> App:
    """The app of a row, with the copy of its active preset."""
    return App(
        app_id=item["app_id"],
        organization_id=item["organization_id"],
        name=item["name"],
        timezone=item["timezone"],
        preset=preset_from_map(item["preset"]),
    )


def preset_from_map(fields: Mapping[str, Any]) -> Preset:
    """The preset of a row or of an app's copy."""
    known = {name: fields[name] for name in Preset.__dataclass_fields__ if fields.get(name) is not None}
    known["assignment_mode"] = AssignmentMode(known.get("assignment_mode", AssignmentMode.PICK_FROM_OPTIONS))
    known["customer_limits"] = tuple(
        CustomerLimit(max_bookings=limit["max_bookings"], per=Period(limit["per"]))
        for limit in known.get("customer_limits", ())
    )
    known["allowed_embed_origins"] = tuple(known.get("allowed_embed_origins", ()))
    return Preset(**known)


def preset_to_map(preset: Preset) -> Item:
    """A preset as it is kept, both in its own row and in its app's. What is not set is left out."""
    return {name: value for name, value in plain(preset).items() if value is not None}


def agent_to_item(app_id: str, agent: Agent, created_at: datetime) -> Item:
    """The row of a new agent."""
    fields = {**plain(agent), "exceptions": {}, "created_at": created_at}
    return {**keys.agent(app_id, agent.agent_id), **fields}


def agent_from_item(item: Mapping[str, Any]) -> Agent:
    """The agent of a row."""
    return Agent(
        agent_id=item["agent_id"],
        name=item["name"],
        email=item.get("email"),
        weight=item.get("weight", 1),
        active=item.get("active", True),
        working_hours=tuple(
            Window(weekday=window["weekday"], start=window["start"], end=window["end"], zone=window["zone"])
            for window in item.get("working_hours", ())
        ),
        exceptions=tuple(exception_from_map(fields) for fields in item.get("exceptions", {}).values()),
        turns=item.get("turns", 0),
        last_turn_at=instant_or_none(item.get("last_turn_at")),
    )


def exception_to_map(exception: ScheduleException) -> Item:
    """An exception as it stands in its agent's row."""
    return {
        "id": exception.id,
        "kind": exception.kind.value,
        "first": exception.first.isoformat(),
        "last": exception.last.isoformat(),
        "zone": exception.zone,
        "start": exception.start,
        "end": exception.end,
        **({"label": exception.label} if exception.label else {}),
        **({} if exception.state is ExceptionState.APPLIED else {"state": exception.state.value}),
    }


def exception_from_map(fields: Mapping[str, Any]) -> ScheduleException:
    """The exception in an agent's row."""
    return ScheduleException(
        id=fields["id"],
        kind=ExceptionKind(fields["kind"]),
        first=date.fromisoformat(fields["first"]),
        last=date.fromisoformat(fields["last"]),
        zone=fields["zone"],
        start=fields["start"],
        end=fields["end"],
        label=fields.get("label"),
        state=ExceptionState(fields.get("state", ExceptionState.APPLIED)),
    )

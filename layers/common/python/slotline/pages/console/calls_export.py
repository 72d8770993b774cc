"""Calls as CSV: every column, a part at a time. A script puts the parts together; without one, there is the first."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

from slotline.domain.booking.calls import Call
from slotline.domain.shared.csv_lines import csv_line
from slotline.domain.shared.instants import format_instant
from slotline.domain.shared.plain_json import compact, plain
from slotline.pages.console.calls_asked import CallsAsked, place_or_none, text_of
from slotline.pages.kit import File
from slotline.pages.signed import SignedIn
from slotline.ports.apps import Agents, Presets
from slotline.ports.shared import Clock
from slotline.usecases.booking.export_calls import ExportCalls

_BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"
"""By which spreadsheets know UTF-8."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportPages:
    """The export, on the ports that it reads from."""

    export: Callable[[], ExportCalls]
    agents: Callable[[], Agents]
    presets: Callable[[], Presets]
    clock: Clock

    def calls(self, signed: SignedIn) -> File:
        """POST /console/{app_id}/calls/export: the calls of a filter, from where the part before ended."""
        app, zone, now = signed.app, signed.zone, self.clock.now()
        filters = CallsAsked.of(parse_qsl(signed.asked.field("filter"), keep_blank_values=True))
        after = place_or_none(signed.asked.field("after"))
        asked = filters.turned_to(after) if after else filters.first_page
        query = asked.to_query(app.app_id, zone, now, is_counted=False)
        found, place = self.export()(query, app, signed.author)
        names = Names(
            zone=zone,
            agents={one.agent_id: one.name for one in self.agents().all(app.app_id)[1]},
            services={one.preset_id: one.name for one in self.presets().all(app.app_id)[1]},
        )
        lines = (csv_line(cells) for cells in _rows(found, names, heads=after is None))
        headers = {
            "Content-Type": "text/csv; charset=utf-8",
            "Content-Disposition": f'attachment; filename="bookings-{now.astimezone(zone):%Y-%m-%d}.csv"',
            **({"Slotline-Next": text_of(place)} if place else {}),
        }
        return File(("" if after else _BOM) + "".join(lines), headers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What ids are called, and the zone of local times."""

    zone: ZoneInfo
    agents: dict[str, str]
    services: dict[str, str]


Cell = Callable[[Call, Names], Any]
COLUMNS: dict[str, Cell] = {
    "id": lambda call, _: call.id,
    "status": lambda call, _: call.status.value,
    "scheduledAtUtc": lambda call, _: format_instant(call.scheduled_at),
    "scheduledAtLocal": lambda call, names: f"{call.scheduled_at.astimezone(names.zone):%Y-%m-%d %H:%M}",
    "timezone": lambda _, names: names.zone.key,
    "durationMinutes": lambda call, _: call.duration_minutes,
    "bufferBeforeMinutes": lambda call, _: call.buffer_before_minutes,
    "bufferAfterMinutes": lambda call, _: call.buffer_after_minutes,
    "guestName": lambda call, _: call.guest.name,
    "guestEmail": lambda call, _: call.guest.email,
    "guestPhone": lambda call, _: call.guest.phone_e164 or call.guest.phone,
    "guestTimezone": lambda call, _: call.guest.timezone,
    "guestLanguage": lambda call, _: call.guest.language,
    "guestIntakeNotes": lambda call, _: call.guest.intake_notes,
    "assignedAgentId": lambda call, _: call.assigned_agent_id,
    "assignedAgentName": lambda call, names: names.agents.get(call.assigned_agent_id or ""),
    "assignmentMethod": lambda call, _: call.assignment_method.value,
    "presetId": lambda call, _: call.preset_id,
    "serviceName": lambda call, names: names.services.get(call.preset_id or ""),
    "bookingSource": lambda call, _: call.booking_source.value,
    "createdAt": lambda call, _: format_instant(call.created_at),
    "updatedAt": lambda call, _: format_instant(call.updated_at),
    "cancelledAt": lambda call, _: format_instant(call.cancelled_at) if call.cancelled_at else None,
    "cancellationReason": lambda call, _: call.cancellation_reason,
    "externalId": lambda call, _: call.external_id,
    "answers": lambda call, _: compact(plain(call.answers)) if call.answers else None,
    "metadata": lambda call, _: compact(plain(call.metadata)) if call.metadata else None,
}
"""By their heads, which are the API's names."""


def _rows(calls: Sequence[Call], names: Names, *, heads: bool) -> Iterator[Sequence[object]]:
    if heads:
        yield list(COLUMNS)
    for call in calls:
        yield [cell(call, names) for cell in COLUMNS.values()]

"""POST /c/{callId}/recordings, …/part and …/stop: a side's own recording of what it sends, brought part by part."""

from collections.abc import Mapping
from typing import Any

from slotline.domain.instant.recordings import container_of
from slotline.http.core.parsing import parse
from slotline.http.instant.room_api import Answer, Event, PartBody, ProgressBody, RecordBody, serve_room
from slotline.wiring import common
from slotline.wiring.instant import recordings


def start(call_id: str, fields: dict[str, Any]) -> Mapping[str, object]:
    """A new file; its number."""
    body = parse(RecordBody, fields)
    recording = recordings.start_recording()(call_id, body.page(), container_of(body.mime_type), body.start)
    return {"number": recording.number}


def part(call_id: str, fields: dict[str, Any]) -> Mapping[str, object]:
    """Where the next part of it goes, or what is no part yet."""
    body = parse(PartBody, fields)
    bring, about = recordings.bring_part(), (call_id, body.page(), body.progress())
    if body.tail_after is not None:
        return {"url": bring.tail(*about, body.tail_after, body.size)}
    return {"url": bring.part(*about, body.part or 0, body.size)}


def stop(call_id: str, fields: dict[str, Any]) -> Mapping[str, object]:
    """It is complete."""
    body = parse(ProgressBody, fields)
    return {"state": recordings.complete_recordings().of_page(call_id, body.page(), body.progress()).state.value}


_ACTS = {"recordings": start, "part": part, "stop": stop}


def handler(event: Event, context: object) -> Answer:
    """The Lambda's entry point."""
    return serve_room(event, context, common, _ACTS[event["rawPath"].rpartition("/")[2]])

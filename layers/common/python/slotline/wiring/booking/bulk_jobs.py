"""Changes of many calls. What does them is imported when it is first needed: pages draft, start and read."""

from functools import cache
from typing import TYPE_CHECKING

from slotline.ports.booking import BulkJobs
from slotline.store.booking.bulk_jobs import DynamoBulkJobs
from slotline.wiring import common
from slotline.wiring.booking.agents import agents
from slotline.wiring.booking.calls import calls

if TYPE_CHECKING:
    from slotline.usecases.booking.keep_bulk_jobs import DraftBulk, ReadBulk, StartBulk, StopBulk
    from slotline.usecases.booking.work_bulk import Told, WorkBulk


@cache
def bulk_jobs() -> BulkJobs:
    """Where they are kept."""
    settings = common.settings()
    return DynamoBulkJobs(common.dynamodb(), settings.scheduling_table, settings.access_table)


@cache
def draft_bulk() -> "DraftBulk":
    """New ones."""
    from slotline.usecases.booking.keep_bulk_jobs import DraftBulk

    return DraftBulk(jobs=bulk_jobs(), calls=calls(), clock=common.clock(), ids=common.ids())


@cache
def start_bulk() -> "StartBulk":
    """Their start."""
    from slotline.usecases.booking.keep_bulk_jobs import StartBulk

    return StartBulk(
        jobs=bulk_jobs(), agents=agents(), clock=common.clock(), ids=common.ids(), backoff=common.backoff()
    )


@cache
def stop_bulk() -> "StopBulk":
    """Their end before the last call."""
    from slotline.usecases.booking.keep_bulk_jobs import StopBulk

    return StopBulk(jobs=bulk_jobs(), clock=common.clock(), ids=common.ids())


@cache
def read_bulk() -> "ReadBulk":
    """What became of each call."""
    from slotline.usecases.booking.keep_bulk_jobs import ReadBulk

    return ReadBulk(jobs=bulk_jobs(), calls=calls())


@cache
def work_bulk(told: "Told") -> "WorkBulk":
    """Who changes the calls."""
    from slotline.usecases.booking.bulk_decisions import BulkDecisions
    from slotline.usecases.booking.work_bulk import WorkBulk
    from slotline.wiring.booking.bookings import bookings, change_call
    from slotline.wiring.shared import phones

    return WorkBulk(
        jobs=bulk_jobs(),
        change_call=change_call(),
        decision=BulkDecisions(bookings=bookings(), screen=phones.refusal_of),
        clock=common.clock(),
        ids=common.ids(),
        told=told,
    )

"""Many bookings changed at once, in the console: which ones, what is done with them, how far it is, and each result.

A job is drafted by the form of the list, so that the page which asks for the start shows exactly the bookings of it.
It goes on by itself; its page only looks.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from slotline.domain.booking.apps import Agent
from slotline.domain.booking.bulk_jobs import (
    LONGEST_REASON,
    MOST_CALLS,
    BulkAction,
    BulkChange,
    BulkJob,
    BulkState,
    RowState,
    checked_change,
)
from slotline.domain.shared.errors import Conflict, DomainError, InvalidRequest
from slotline.pages.calls.shown import CallWords
from slotline.pages.console.calls import base_of
from slotline.pages.console.calls_asked import CallsAsked
from slotline.pages.fields import Field, Option
from slotline.pages.kit import LONGEST_ID, Redirect
from slotline.pages.refusals import code_text, refusal_text
from slotline.pages.rendering import Page
from slotline.pages.signed import Answer, SignedIn
from slotline.ports.access import Users
from slotline.ports.apps import Agents, Presets
from slotline.ports.booking import BulkJobs
from slotline.ports.shared import Clock
from slotline.usecases.booking.keep_bulk_jobs import DraftBulk, ReadBulk, ShownJob, ShownRow, StartBulk, StopBulk
from slotline.words.catalogue import Catalogue
from slotline.words.dates import zone_of

ANYBODY = "anybody"
"""In the form of a reassignment, in the place of an agent: whoever is free."""
RECENT = 60
"""Jobs and drafts that the list of jobs looks at."""
_BADGES: Mapping[RowState, str] = {
    RowState.PENDING: "quiet",
    RowState.DONE: "good",
    RowState.UNCHANGED: "quiet",
    RowState.REFUSED: "bad",
}
_JOB_BADGES: Mapping[BulkState, str] = {BulkState.DONE: "good", BulkState.STOPPED: "warn"}
_SHOWN: Mapping[str, frozenset[RowState]] = {
    "all": frozenset(RowState),
    "refused": frozenset({RowState.REFUSED}),
    "pending": frozenset({RowState.PENDING}),
}
"""Which rows a page of results shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkPages:
    """The pages, on what they ask and read."""

    draft: Callable[[], DraftBulk]
    start: Callable[[], StartBulk]
    stop: Callable[[], StopBulk]
    read: Callable[[], ReadBulk]
    jobs: Callable[[], BulkJobs]
    agents: Callable[[], Agents]
    presets: Callable[[], Presets]
    users: Callable[[], Users]
    clock: Clock

    def choose(self, signed: SignedIn) -> Answer:
        """POST …/calls/bulk: a draft of the rows that were ticked, or of all that match the list's address."""
        asked, now = signed.asked, self.clock.now()
        try:
            change = checked_change(asked.field("action"), None, None)
            if asked.field("all"):
                filters = CallsAsked.of(parse_qsl(asked.field("filter"), max_num_fields=100))
                query = filters.to_query(signed.app.app_id, signed.zone, now, is_counted=False)
                job = self.draft().of_query(query, signed.actor, change)
            else:
                ids = [one for one in asked.form.get("call", ()) if 0 < len(one) <= LONGEST_ID]
                job = self.draft().of_calls(signed.app.app_id, ids, signed.actor, change)
        except (InvalidRequest, ValueError) as error:
            return self._nothing(signed, error)
        return Redirect(_way(signed, job.id))

    def list(self, signed: SignedIn) -> Page:
        """GET …/calls/bulk: the jobs of the last weeks."""
        jobs, words = self.jobs().recent(signed.app.app_id, RECENT), self._words(signed)
        people = self._people(jobs)
        return signed.page(
            "console_bulk_jobs.html",
            "calls",
            {
                "base": base_of(signed),
                "here": _way(signed),
                "jobs": [_shown_job(job, words, people, _way(signed, job.id)) for job in jobs],
                "news": words.texts.words["bulk"]["news"],
            },
            live="console_bulk_jobs_list.html",
        )

    def show(self, signed: SignedIn, refused: str | None = None) -> Page:
        """GET …/calls/bulk/{job_id}: the question before a start, or how far it is, with a page of its bookings."""
        asked = signed.asked
        name = asked.query("show") if asked.query("show") in _SHOWN else "all"
        states = _SHOWN[name or "all"]
        shown = self.read()(signed.app.app_id, asked.part("job_id"), _number(asked.query("after")), states)
        words = self._words(signed)
        here = _way(signed, shown.job.id)
        if shown.job.state is BulkState.DRAFT:
            return self._question(signed, shown, words, refused)
        now = self.clock.now()
        return signed.page(
            "console_bulk.html",
            "calls",
            {
                **_page_of(shown, words, signed, name),
                "job": _shown_job(shown.job, words, self._people([shown.job]), here),
                "show": name,
                "tabs": _tabs(shown.job, here, words.texts, name),
                "zone": zone_of(words.dates, now.astimezone(words.zone)),
                "refused": refused,
            },
            live="console_bulk_rows.html",
            status=HTTPStatus.CONFLICT if refused else HTTPStatus.OK,
        )

    def begin(self, signed: SignedIn) -> Answer:
        """POST …/calls/bulk/{job_id}/start: it runs from now on. Again: it runs already."""
        app_id, job_id = signed.app.app_id, signed.asked.part("job_id")
        job, texts = self.read().job(app_id, job_id), signed.texts
        action = job.change.action if job.change else BulkAction.CANCEL
        try:
            agent_id = signed.asked.id("agent")
            reason = signed.asked.field("reason")
            change = checked_change(action.value, None if agent_id == ANYBODY else agent_id, reason)
            self.start()(signed.app, job_id, change, signed.actor, signed.author)
        except InvalidRequest as error:
            return self.show(signed, _refusal(texts, error))
        return Redirect(_way(signed, job_id))

    def end(self, signed: SignedIn) -> Answer:
        """POST …/calls/bulk/{job_id}/stop: it does nothing more. One that is over meanwhile says so by itself."""
        job_id = signed.asked.part("job_id")
        try:
            self.stop()(signed.app, job_id, signed.author)
        except Conflict:
            return self.show(signed, signed.texts.text("bulk", "refusal", "over"))
        return Redirect(_way(signed, job_id))

    def again(self, signed: SignedIn) -> Answer:
        """POST …/calls/bulk/{job_id}/again: a draft of the bookings that were refused."""
        job = self.read().job(signed.app.app_id, signed.asked.part("job_id"))
        try:
            return Redirect(_way(signed, self.draft().of_refused(job, signed.actor).id))
        except InvalidRequest as error:
            return self.show(signed, _refusal(signed.texts, error))

    def _question(self, signed: SignedIn, shown: ShownJob, words: CallWords, refused: str | None) -> Page:
        job = shown.job
        change = job.change or BulkChange(action=BulkAction.CANCEL)
        return signed.page(
            "console_bulk_draft.html",
            "calls",
            {
                **_page_of(shown, words, signed, "all"),
                "action": change.action.value,
                "total": job.total,
                "fields": self._fields(signed, change, words.texts),
                "refused": refused,
            },
            status=HTTPStatus.BAD_REQUEST if refused else HTTPStatus.OK,
        )

    def _fields(self, signed: SignedIn, change: BulkChange, texts: Catalogue) -> Sequence[Field]:
        asked = signed.asked
        reason = Field(
            name="reason",
            label=texts.text("bulk", "reason"),
            value=asked.field("reason") or change.reason or "",
            help=texts.text("bulk", "reason_help", change.action.value),
            attributes={"maxlength": str(LONGEST_REASON)},
        )
        if change.action is BulkAction.CANCEL:
            return [reason]
        chosen = asked.field("agent") or change.agent_id or ANYBODY
        _, agents = self.agents().all(signed.app.app_id)
        options = [
            Option(value=ANYBODY, label=texts.text("bulk", "anybody"), is_chosen=chosen == ANYBODY),
            *_of(agents, chosen),
        ]
        help_text = texts.text("bulk", "agent_help")
        agent = Field(
            name="agent",
            label=texts.text("bulk", "agent"),
            kind="select",
            required=True,
            options=options,
            help=help_text,
        )
        return [agent, reason]

    def _nothing(self, signed: SignedIn, error: Exception) -> Page:
        """The list's form chose nothing that can be changed at once."""
        code = error.details[0].code if isinstance(error, InvalidRequest) and error.details else "none"
        context = {
            "base": base_of(signed),
            "code": code if code in {"none", "too_many"} else "none",
            "most": MOST_CALLS,
        }
        return signed.page("console_bulk_nothing.html", "calls", context, status=HTTPStatus.BAD_REQUEST)

    def _words(self, signed: SignedIn) -> CallWords:
        app_id = signed.app.app_id
        return CallWords.of(signed, self.clock.now(), self.agents().all(app_id)[1], self.presets().all(app_id)[1])

    def _people(self, jobs: Sequence[BulkJob]) -> Mapping[str, str]:
        ids = sorted({job.actor.id for job in jobs if job.actor.id})
        return {one.user_id: one.name for one in self.users().several(ids)} if ids else {}


def _way(signed: SignedIn, job_id: str | None = None) -> str:
    base = f"{base_of(signed)}/bulk"
    return base if job_id is None else f"{base}/{quote(job_id, safe='')}"


def _of(agents: Sequence[Agent], chosen: str) -> Sequence[Option]:
    return [
        Option(value=one.agent_id, label=one.name, is_chosen=one.agent_id == chosen)
        for one in sorted(agents, key=lambda one: one.name.casefold())
        if one.active
    ]


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) <= 5 else 0


def _page_of(shown: ShownJob, words: CallWords, signed: SignedIn, show: str | None) -> dict[str, Any]:
    """The rows, and the ways around them."""
    here = _way(signed, shown.job.id)
    base = base_of(signed)
    filters = [("show", show)] if show and show != "all" else []
    after = [*filters, ("after", str(shown.after))]
    is_first = not signed.asked.query("after")
    return {
        "base": base,
        "here": here,
        "list": _way(signed),
        "this": f"{here}?{urlencode(signed.asked.pairs)}" if signed.asked.pairs else here,
        "rows": [_shown_row(row, words, base, shown.job) for row in shown.rows],
        "way_first": None if is_first else f"{here}?{urlencode(filters)}" if filters else here,
        "way_after": f"{here}?{urlencode(after)}" if shown.after else None,
    }


def _shown_row(shown: ShownRow, words: CallWords, base: str, job: BulkJob) -> dict[str, Any]:
    row, texts = shown.row, words.texts
    way = f"{base}/{quote(row.call_id, safe='')}"
    state = "skipped" if row.state is RowState.PENDING and job.state is BulkState.STOPPED else row.state.value
    return {
        "number": row.number,
        "state": row.state.value,
        "call": words.row(shown.call, way) if shown.call else None,
        "call_id": row.call_id,
        "badge": {"name": texts.text("bulk", "row", state), "kind": _BADGES[row.state]},
        "why": _why(texts, row.code) if row.code else None,
    }


def _why(texts: Catalogue, code: str) -> str:
    return code_text(code, texts, texts.words["bulk"]["refusal"])


def _refusal(texts: Catalogue, error: DomainError) -> str:
    return refusal_text(error, texts, texts.words["bulk"]["refusal"])


def _shown_job(job: BulkJob, words: CallWords, people: Mapping[str, str], way: str) -> dict[str, Any]:
    change = job.change or BulkChange(action=BulkAction.CANCEL)
    state = BulkState.STOPPING if job.is_to_stop and job.is_under_way else job.state
    over = job.total - job.pending
    return {
        "id": job.id,
        "way": way,
        "action": change.action.value,
        "agent": words.agent(change.agent_id),
        "reason": change.reason,
        "total": job.total,
        "over": over,
        "done": job.done,
        "unchanged": job.unchanged,
        "refused": job.refused,
        "pending": job.pending,
        "state": state.value,
        "badge": {"name": words.texts.text("bulk", "state", state.value), "kind": _JOB_BADGES.get(state, "")},
        "is_under_way": job.is_under_way,
        "may_stop": job.is_under_way and not job.is_to_stop,
        "waits": job.passes > 0 and job.is_under_way,
        "started": words.moment(job.started_at) if job.started_at else None,
        "ended": words.moment(job.ended_at) if job.ended_at else None,
        "who": people.get(job.actor.id or ""),
        "revision": job.revision,
    }


def _tabs(job: BulkJob, here: str, texts: Catalogue, chosen: str | None) -> Sequence[Mapping[str, Any]]:
    counts = {"all": job.total, "refused": job.refused, "pending": job.pending}
    return [
        {
            "label": f"{texts.text('bulk', 'show', name)} ({counts[name]})",
            "way": here if name == "all" else f"{here}?show={name}",
            "is_chosen": name == chosen,
        }
        for name in _SHOWN
    ]

"""A provider says what became of a message: tell it on the call's timeline, and send nothing more there if it is final.

Reports come twice, in any order, before our own record that the message went out, and after the call is over. Each is
looked up by the ids that the message went out with, and what is not news changes nothing.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from slotline.domain.access.rate_limits import no_rate_limit
from slotline.domain.booking.apps import App
from slotline.domain.booking.calls import Call
from slotline.domain.booking.sendings import Sending, hear
from slotline.domain.booking.timeline import came_back
from slotline.domain.messages.feedback import FeedbackReport
from slotline.domain.shared.errors import AppNotFound, NotFound
from slotline.ports.messages import Reminders
from slotline.usecases.booking.change_call import SYSTEM, Change, ChangeCall


class Heard(StrEnum):
    """What became of a report. `unmatched`: it is about no message that this system sent, or remembers."""

    RECORDED = "recorded"
    KNOWN = "known"
    UNMATCHED = "unmatched"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordFeedback:
    """Records one report."""

    reminders: Reminders
    change_call: ChangeCall

    def __call__(self, report: FeedbackReport) -> Heard:
        """What became of it. Raises StoreBusyError or Unavailable: it may be called again."""
        sending = self._sending(report)
        if sending is None:
            return Heard.UNMATCHED
        if not sending.is_news(report.feedback):
            return Heard.KNOWN
        is_news = False

        def decide(call: Call, app: App, now: datetime) -> Change | None:  # noqa: ARG001 - every decision takes these
            nonlocal is_news
            seen = self._sending(report)
            is_news = seen is not None and seen.is_news(report.feedback)
            if seen is None or not is_news:
                return None  # recorded by another, or by an earlier try
            draft = came_back(seen, report.feedback, report.reason)
            return Change(call=call, event_drafts=[draft], heard=hear(seen, report.feedback, report.reason, now))

        try:
            self.change_call(sending.app_id, sending.call_id, decide, SYSTEM, None, no_rate_limit)
        except (AppNotFound, NotFound):
            return Heard.UNMATCHED
        return Heard.RECORDED if is_news else Heard.KNOWN

    def _sending(self, report: FeedbackReport) -> Sending | None:
        """The message that it is about, if that went out over this channel."""
        if report.reference is None:
            return None
        reference = report.reference
        found = self.reminders.sending(reference.app_id, reference.call_id, reference.sending_id)
        return found if found is not None and found.channel is report.channel else None

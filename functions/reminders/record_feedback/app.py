"""The queue of what providers say of messages later: each report is told on its call's timeline."""

from datetime import timedelta
from typing import Any

from slotline import observability
from slotline.channels.aws_feedback import reports_in
from slotline.domain.booking.sendings import Feedback
from slotline.queues.batches import each
from slotline.usecases.messages.record_feedback import Heard
from slotline.wiring import common
from slotline.wiring.messages import feedback

A_REPORT = timedelta(seconds=8)
"""Both times that a message is looked up, and a change of its call that loses some races."""


def _record(body: str) -> None:
    for report in reports_in(body):
        heard = feedback.record_feedback()(report)
        if heard is Heard.UNMATCHED:
            observability.count({"FeedbackUnmatched": 1})
        elif heard is Heard.RECORDED:
            is_bounce = report.feedback is not Feedback.COMPLAINED
            observability.count({"RemindersBounced" if is_bounce else "RemindersComplained": 1})


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """The Lambda's entry point."""
    common.begin(context)
    told_as = ("feedback could not be recorded", "Feedback")
    return each(event, _record, common.deadline(), A_REPORT, told_as=told_as)

"""Go through a campaign before it is one: what would be dialled, and whom nobody would reach."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from slotline.domain.dialing.barred import BarredRow, BarredRows
from slotline.domain.dialing.campaign_requests import CampaignRequest
from slotline.domain.shared.errors import InvalidRequest
from slotline.ports.dialing import DoNotCallList
from slotline.usecases.dialing.schedule_calls import PlanCalls, Planned, Rows


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewCalls:
    """Goes through the rows of a request. `exists`: whether some numbering plan has a number in E.164."""

    plan: PlanCalls
    do_not_call: DoNotCallList
    exists: Callable[[str], bool]

    def __call__(self, request: CampaignRequest, rows: Rows, now: datetime) -> tuple[Planned, Sequence[BarredRow]]:
        """The calls of the good rows, whatever the others are, and the rows that reach nobody.

        Raises InvalidRequest.
        """
        if request.upload_id:
            message = "must be text or a data: URI; an upload is checked on import"
            raise InvalidRequest.of_field("csv_file", message, "upload")
        barred = BarredRows(self.plan.screen, self.exists)
        found = self.plan(replace(request, skips_bad_rows=True), lambda: barred.passing(rows()), now)
        return found, barred.among(partial(self.do_not_call.listed_among, request.organization_id))

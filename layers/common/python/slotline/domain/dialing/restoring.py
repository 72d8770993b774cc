"""What of a dial call comes back from a backup.

The rule guarded here: a phone rings at most once for an attempt, though the backup does not know whom the carrier has
called since it was taken. What cannot be undone is never forgotten: if the call in the table has had an attempt since,
it stays as it is. If there is no such call to ask, an attempt is taken for made wherever one may have been made: it is
Unknown, the carrier is asked what became of it, and no other attempt follows.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from slotline.domain.dialing.attempted_calls import AttemptedCall
from slotline.domain.dialing.attempts import DialAttempt
from slotline.domain.dialing.calls import DialCall, Over
from slotline.domain.dialing.campaigns import Campaign, CampaignState
from slotline.domain.dialing.numbers import CarrierName
from slotline.domain.dialing.statuses import DialStatus

UNSEEN = 1_000
"""How far the revision of what comes back jumps. Whoever was told of a later revision than the backup has is told of
higher ones from now on: receivers of webhooks keep the order, and no delivery is taken for one that was made."""

RESTORED = "restored"
"""Why a campaign waits, and why a call ended, in a word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """When the backup was taken, and since when nothing has been dialled."""

    cut: datetime
    stopped: datetime

    def may_have_dialled(self, kept: DialCall, campaign: Campaign | None) -> bool:
        """Whether an attempt at the call may have been claimed between the cut and the stop.

        What is not due by then was not dialled, unless it waited for its campaign: whoever resumes one brings its calls
        forward.
        """
        if kept.is_over:
            return False
        waited = campaign is not None and (campaign.state is CampaignState.PAUSED or campaign.resumption is not None)
        return kept.is_under_way or waited or (kept.due_at is not None and kept.due_at <= self.stopped)


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoredCall:
    """A call as it comes back. `attempt`: the one that is taken for made, None if there is none."""

    call: DialCall
    attempt: DialAttempt | None = None


def restored_call(
    kept: DialCall,
    there: DialCall | None,
    backup: Backup,
    *,
    campaign: Campaign | None,
    carrier: CarrierName | None,
    claim_id: str,
    now: datetime,
) -> RestoredCall | None:
    """What is written in place of what is there; None if that stays.

    `kept`, `campaign` and `carrier` are the backup's; `carrier` is None if it no longer knows the call's number.
    """
    back = replace(kept, revision=max(kept.revision, there.revision if there else 0) + UNSEEN, updated_at=now)
    if there is not None:
        return None if _stays(kept, there) else RestoredCall(call=back)
    if not backup.may_have_dialled(kept, campaign):
        return RestoredCall(call=back)
    if kept.is_under_way:
        return RestoredCall(call=replace(back, is_called_off=True))
    if carrier is None:  # nobody can be asked
        return RestoredCall(call=replace(back, is_called_off=True).ended(Over(reason=RESTORED), now))
    claimed = AttemptedCall.claimed(back, carrier, claim_id, backup.cut)
    unknown = replace(claimed.call, status=DialStatus.UNKNOWN, is_called_off=True, due_at=now, updated_at=now)
    return RestoredCall(call=unknown, attempt=replace(claimed.attempt, status=DialStatus.UNKNOWN))


def restored_campaign(kept: Campaign, there: Campaign | None, now: datetime) -> Campaign | None:
    """What is written in place of what is there; None if that stays.

    What would dial comes back paused: somebody looks, and resumes it. If its calls were still being created, nobody
    knows which of them have been since, and creating them again would call people twice: it comes back canceled.
    """
    creates = kept.state in (CampaignState.CREATING, CampaignState.IMPORTING)
    if creates and there is not None:
        return None
    to = CampaignState.CANCELED if creates else CampaignState.PAUSED
    back = kept.moved_to(to, now, RESTORED) if creates or kept.state.places_calls else kept
    if there and replace(there, revision=back.revision, updated_at=back.updated_at) == back:
        return None
    return replace(back, revision=max(kept.revision, there.revision if there else 0) + UNSEEN)


def _stays(kept: DialCall, there: DialCall) -> bool:
    """Whether the call that is there knows more than the backup, or says the same."""
    if there.last_attempt != kept.last_attempt or kept.is_under_way:
        return True
    if there.is_over and not there.campaign_id:  # nothing would hold it up: somebody called it off
        return True
    return replace(there, revision=kept.revision, updated_at=kept.updated_at) == kept

"""New calls. Numbering plans, 50 ms of imports, are only with those who read numbers; judging comes with a rule."""

from functools import cache

from slotline.domain.dialing.retry_rules import Reach
from slotline.store.dialing.settings import use_case_of
from slotline.telephony import numbering
from slotline.usecases.dialing.call_now import CallNow
from slotline.usecases.dialing.preview_calls import PreviewCalls
from slotline.usecases.dialing.schedule_calls import PlanCalls, ScheduleCalls
from slotline.wiring import common
from slotline.wiring.dialing.calls import campaigns, dial_calls, uploads
from slotline.wiring.dialing.changing import find_number
from slotline.wiring.dialing.settings import do_not_call, use_cases
from slotline.wiring.shared.receipts import once


@cache
def plan_calls() -> PlanCalls:
    """What a request would create."""
    return PlanCalls(
        use_cases=use_cases(),
        find_number=find_number(),
        screen=numbering.refusal_of,
        zones_of=numbering.zones_of,
        flaw=_flaw,
    )


def _flaw(query: str, reach: Reach) -> str | None:
    from slotline.conditions.judging import flaw

    return flaw(query, reach)


@cache
def preview_calls() -> PreviewCalls:
    """What a request would be like."""
    return PreviewCalls(plan=plan_calls(), do_not_call=do_not_call(), exists=numbering.exists)


@cache
def schedule_calls() -> ScheduleCalls:
    """Many calls at once."""
    return ScheduleCalls(
        plan=plan_calls(),
        campaigns=campaigns(),
        calls=dial_calls(),
        uploads=uploads(),
        ids=common.ids(),
        once=once(),
        to_use_case=use_case_of,
    )


@cache
def call_now() -> CallNow:
    """One call."""
    return CallNow(plan=plan_calls(), calls=dial_calls(), ids=common.ids(), once=once(), to_use_case=use_case_of)

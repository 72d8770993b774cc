"""What the form's buttons do: keep the time, send for a code, book. What stands against it becomes the form again."""

from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Protocol

from slotline.domain.booking.sent_codes import CodeRequest
from slotline.domain.shared.errors import DomainError, NotFound
from slotline.http.access.page_door import Admitted
from slotline.pages.booking.filling import AROUND, ChosenTime, FormStep, nearest
from slotline.pages.booking.notices import Notice
from slotline.pages.booking.outcomes import notice_of, refused_in_form
from slotline.pages.booking.shown import Setting
from slotline.pages.rendering import Page
from slotline.usecases.booking.free_month import Search
from slotline.usecases.booking.hold_slot import HoldRequest

if TYPE_CHECKING:  # most requests look, and what books is imported when somebody does
    from slotline.usecases.booking.book_call import Booked
    from slotline.usecases.booking.book_on_page import BookOnPage
    from slotline.usecases.booking.hold_slot import HoldSlot
    from slotline.usecases.booking.send_for_code import SendForCode

HELD_SECONDS = 600


class UseCases(Protocol):
    """What acts, as `slotline.wiring.booking.pages` has it."""

    def hold_slot(self) -> "HoldSlot":
        """New holds."""
        ...

    def send_for_code(self) -> "SendForCode":
        """New codes."""
        ...

    def book_on_page(self) -> "BookOnPage":
        """New bookings."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Acting:
    """A guest who acts. `search`: the free times of the service, of the agent whom the guest chose, if they choose."""

    guest: Admitted
    setting: Setting
    use_cases: UseCases
    search: Search

    def keep(self, chosen: ChosenTime) -> ChosenTime:
        """Hold the time; the visit's hold before it ends in the same moment. Raises what stands against it."""
        setting, caller = self.setting, self.guest.caller
        request = HoldRequest(
            app_id=setting.app.app_id,
            holders=caller.holders,
            by_guest=True,
            agent_id=None if setting.finds_agent else chosen.agent_id,
            start=chosen.start,
            seconds=HELD_SECONDS,
            preset_id=setting.preset.preset_id,
        )
        return chosen.kept_by(self.use_cases.hold_slot()(request, None, caller.check_rate).hold)

    def keep_longer(self, step: FormStep) -> Page:
        """The same form, its time held from now on."""
        try:
            return replace(step, chosen=self.keep(step.chosen)).page()
        except DomainError as error:
            return self.refused(step, error)

    def send_for_code(self, step: FormStep) -> Page:
        """The form, asking for the code that is on its way to the guest."""
        caller = self.guest.caller
        assert caller.visitor is not None  # noqa: S101 - for the type checker: the page's guests are visitors
        request = CodeRequest(
            app_id=self.setting.app.app_id,
            visitor=caller.visitor.address,
            guest=step.form.guest(self.setting.zone.key),
            preset_id=self.setting.preset.preset_id,
        )
        try:
            sent = self.use_cases.send_for_code()(request, None, caller.check_rate)
        except DomainError as error:
            return self.refused(step, error)
        return replace(step, code_for=str(sent.result["id"])).page()

    def book(self, step: FormStep) -> "Booked":
        """Book what the form asks for, once it was checked. Raises what stands against it."""
        caller = self.guest.caller
        return self.use_cases.book_on_page()(
            step.request(caller, self.guest.prefill),
            step.idempotency_key(caller),
            caller.check_rate,
            chose_agent=not self.setting.finds_agent,
        )

    def refused(self, step: FormStep, error: DomainError) -> Page:
        """The form with what stands against it, and other times if it is the time. Raises what no guest can mend."""
        if (errors := refused_in_form(error, self.setting.texts)) is not None:
            return replace(step, form=step.form.with_errors(errors)).page(HTTPStatus.BAD_REQUEST)
        notice = notice_of(error)
        if notice is None:
            raise error
        if notice.offers_others:
            notice, step = self._with_others(notice, step.chosen), replace(step, chosen=step.chosen.let_go())
        return step.page(notice.status, notice)

    def _with_others(self, notice: Notice, chosen: ChosenTime) -> Notice:
        now, start = self.setting.now, chosen.start
        agent_id = None if self.setting.finds_agent else chosen.agent_id
        try:
            found = self.search(max(start - AROUND, now), max(start, now) + AROUND)
        except NotFound:  # the one agent of the link is gone
            return notice.with_others(())
        return notice.with_others(nearest(found, start, agent_id))

"""Let a guest into the booking page: with the widget key at its first step, with a page pass at every other."""

from collections.abc import Sequence
from dataclasses import dataclass

from slotline.domain.access.identity import secret_hash
from slotline.domain.access.websites import LONGEST_ID, PageVisit, could_be
from slotline.domain.booking import page_passes
from slotline.domain.booking.answers import AnswerRules
from slotline.domain.booking.apps import Preset
from slotline.domain.booking.page_passes import MOST_SEALED, HandedPass, OpenedPass, no_pass
from slotline.domain.booking.prefills import Prefill, prefill_from, prefill_of
from slotline.domain.shared.phones import Screen
from slotline.domain_names import to_ascii
from slotline.ports.access import Seals, Websites
from slotline.ports.booking import GuestLinkKeys
from slotline.ports.shared import Clock, Ids
from slotline.usecases.access.admit_website import wrong_key


@dataclass(frozen=True, slots=True, kw_only=True)
class AdmitPage:
    """Admits a guest to the booking page."""

    websites: Websites
    keys: GuestLinkKeys
    seals: Seals
    clock: Clock
    ids: Ids
    screen: Screen

    def enter(self, app_id: str, widget_key: str, service: str | None = None) -> PageVisit:
        """A new visit by the widget key, with the public preset of this id or slug.

        Raises Unauthorized, as `AdmitWebsite` does, or StoreBusyError.
        """
        if not could_be(app_id, widget_key):
            raise wrong_key()
        return self._visit(app_id, secret_hash(widget_key), service, self.ids.new())

    def hand_out(
        self, visit: PageVisit, service: str, preset: Preset, query: Sequence[tuple[str, str]] = ()
    ) -> HandedPass:
        """A pass for a service as addresses name it. `query`: what the link says of the guest. Asks the store nothing.

        What does not fit into an address is left out, the longest first.
        """
        website, now, keys = visit.website, self.clock.now(), self.keys()
        made = page_passes.made(
            keys, website.app.app_id, service, key_hash=website.key.key_hash, visit=visit.visit, now=now
        )
        rules = AnswerRules(
            questions=preset.questions,
            to_ascii=to_ascii,
            screen=self.screen,
            language=preset.language,
            fallback=preset.language,
        )
        prefill, sealed = self._sealed(made, prefill_of(query, rules))
        return HandedPass(token=page_passes.token_of(made, sealed), ends_at=made.said.ends_at, prefill=prefill)

    def step(self, app_id: str, service: str, token: str) -> tuple[PageVisit, HandedPass]:
        """The visit that a pass is of, as the key and the service are by now.

        Raises NoPass or PassOver before anything is asked; Unauthorized once the key was revoked; StoreBusyError.
        """
        opened = page_passes.opened(self.keys(), token, app_id, service)
        prefill = self._unsealed(opened)
        opened.said.check_lasts(self.clock.now())
        visit = self._visit(app_id, opened.said.key_hash, service, opened.said.visit)
        return visit, HandedPass(token=token, ends_at=opened.said.ends_at, prefill=prefill)

    def _visit(self, app_id: str, key_hash: str, service: str | None, visit: str) -> PageVisit:
        named = service if service is not None and len(service) <= LONGEST_ID else None
        found = self.websites.find(app_id, key_hash, named)
        if found is None:
            raise wrong_key()
        return PageVisit(website=found, visit=visit, visitors_salt=f"{self.keys().for_addresses}{key_hash}")

    def _sealed(self, made: OpenedPass, prefill: Prefill) -> tuple[Prefill, bytes]:
        for shorter in prefill.ever_shorter():
            if not shorter.text:
                break
            sealed = self.seals.seal(made.key.for_prefills, shorter.text, made.head)
            if len(sealed) <= MOST_SEALED:
                return shorter, sealed
        return Prefill(), b""

    def _unsealed(self, opened: OpenedPass) -> Prefill:
        if not opened.sealed:
            return Prefill()
        text = self.seals.opened(opened.key.for_prefills, opened.sealed, opened.head)
        if text is None:
            raise no_pass()
        return prefill_from(text)

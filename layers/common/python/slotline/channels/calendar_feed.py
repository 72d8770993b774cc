"""An agent's bookings as a calendar that programs read again and again.

Its entries have the names and numbers of those in mails to the agent (`slotline.channels.calendar_entries`). Whoever
has the address reads them, and so does the company that keeps somebody's calendar: of a guest they have the name, and
everything else is behind the link, for whoever signs in. A booking that is cancelled, or somebody else's now, is not
there any more: programs take the file for all that there is, and some would show a cancelled entry like any other.

Nobody organizes or attends: so it is no publication (RFC 5546 §3.2.1) but what a calendar may be handed (RFC 5545
§3.6), and DTSTAMP says when an entry last changed.
"""

from dataclasses import dataclass
from datetime import timedelta

from slotline.channels.calendar_entries import Entry, entry_lines, file_of, text_value, uid_of
from slotline.channels.wording import NO_NAME
from slotline.domain.booking.agents_bookings import AgentsBookings
from slotline.domain.booking.calls import Call, CallStatus
from slotline.domain.booking.invitations import sequence_of
from slotline.domain.booking.texts import text_in
from slotline.domain.shared.names import one_line
from slotline.words.catalogue import Catalogue, catalogue_for, fill
from slotline.words.direction import isolated

ASK_EVERY = timedelta(hours=1)
"""How often programs are asked to look. Google and Microsoft take their own time: 3 to 24 hours."""


@dataclass(frozen=True, slots=True)
class CatalogueFeedWords:
    """`FeedWords` from the catalogues."""

    def calendar(self, read: AgentsBookings, language: str | None, bookings_at: str) -> str:
        """The whole calendar. The same bookings are the same text."""
        words = catalogue_for(language or read.app.preset.language)
        name = text_value(f"{one_line(read.app.name)}: {one_line(read.agent.name)}")
        every = f"PT{ASK_EVERY // timedelta(hours=1)}H"
        head = (
            f"NAME:{name}",
            f"X-WR-CALNAME:{name}",  # what it was called before RFC 7986, and most programs still read
            f"REFRESH-INTERVAL;VALUE=DURATION:{every}",
            f"X-PUBLISHED-TTL:{every}",
        )
        entries = (entry_lines(_entry(read, call, words, f"{bookings_at}{call.id}")) for call in read.calls)
        return file_of(head, entries).decode()


def _entry(read: AgentsBookings, call: Call, words: Catalogue, url: str) -> Entry:
    guest = isolated(one_line(call.guest.name) or NO_NAME, words.language)
    return Entry(
        uid=uid_of(call.id, read.agent.agent_id),
        sequence=sequence_of(call),
        changed_at=call.updated_at,
        starts_at=call.scheduled_at,
        minutes=call.duration_minutes,
        title=fill(words.text("agents_title"), {"guest": guest}),
        description="\n".join(filter(None, (_service(read, call, words), f"{words.text('feed', 'open')}: {url}"))),
        url=url,
        status="TENTATIVE" if call.status is CallStatus.PENDING_CONFIRMATION else "CONFIRMED",
    )


def _service(read: AgentsBookings, call: Call, words: Catalogue) -> str:
    preset = read.preset_of(call)
    if preset is None:
        return ""
    title = text_in(preset.title, words.language, preset.language) if preset.title else preset.name
    return isolated(one_line(title), words.language)

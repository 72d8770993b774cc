"""Two people in a room: real browsers with a made-up camera, microphone and screen, through the local system."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.support import patient
from tests.support.browser.backstage import Practice
from tests.support.browser.visits import Visits

ARGUMENTS = (
    "--use-fake-device-for-media-stream=device-count=4",
    "--autoplay-policy=no-user-gesture-required",
    "--auto-select-tab-capture-source-by-title=Shared",
)
"""Of Chromium: cameras, of which the first and the last show a moving picture as others do, a microphone that beeps
every second, and a tab with the title `Shared` as the screen that is chosen to be shared. Without a made-up dialog,
which would choose a made-up screen."""
BETWEEN_LOOKS_MS = 400
_PIXELS = """
(id) => {
  const video = document.getElementById(id), canvas = document.createElement("canvas");
  canvas.width = 64; canvas.height = 48;
  const at = canvas.getContext("2d");
  at.drawImage(video, 0, 0, 64, 48);
  return [...at.getImageData(0, 0, 64, 48).data].filter((_, index) => index % 4 !== 3);
}
"""
_LOUDEST = """
async (milliseconds) => {
  const context = new AudioContext(), analyser = context.createAnalyser();
  context.createMediaStreamSource(document.getElementById("theirs").srcObject).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  let loudest = 0;
  for (const end = performance.now() + milliseconds; performance.now() < end;) {
    analyser.getFloatTimeDomainData(samples);
    for (const sample of samples) loudest = Math.max(loudest, Math.abs(sample));
    await new Promise((done) => setTimeout(done, 20));
  }
  await context.close();
  return loudest;
}
"""


_PLAYS = """
() => {
  const video = document.getElementById("theirs");
  return !video.muted && !video.paused && video.volume > 0 && document.getElementById("hear").hidden;
}
"""
_GOES_OUT = "() => (window.__tracks || []).some((one) => one.readyState === 'live')"
_KEEPS = """
for (const name of ["getUserMedia", "getDisplayMedia"]) {
  const ask = navigator.mediaDevices?.[name]?.bind(navigator.mediaDevices);
  if (ask) navigator.mediaDevices[name] = async (...said) => {
    const stream = await ask(...said);
    (window.__tracks ||= []).push(...stream.getTracks());
    return stream;
  };
}
window.RTCPeerConnection = class extends RTCPeerConnection {
  constructor(...said) { super(...said); (window.__connections ||= []).push(this); }
};
"""
_WAY = """
async () => {
  const open = window.__connections.filter((one) => one.connectionState === "connected");
  const stats = await open.at(-1).getStats();
  let pair = null;
  stats.forEach((one) => { if (one.type === "transport") pair = stats.get(one.selectedCandidatePairId); });
  return stats.get(pair.localCandidateId).candidateType;
}
"""


def start_call(practice: Practice, **said: Any) -> dict[str, Any]:
    """What a website is told of an instant call that it started."""
    answer = patient.post(
        f"{practice.own.system.base_url}/api/calls",
        json=said,
        headers={"X-App-Id": practice.app_id, "X-Widget-Key": practice.widget_key},
    )
    assert answer.status_code == 201, answer.text
    data: dict[str, Any] = answer.json()["data"]
    return data


@dataclass(frozen=True, slots=True)
class Talker:
    """Somebody with a room's page before them."""

    page: Page

    @classmethod
    def watched(cls, page: Page, url: str) -> "Talker":
        """Opens a room on an empty page, of which it is known afterwards which way its sound and picture take."""
        page.context.grant_permissions(["camera", "microphone"])
        page.add_init_script(_KEEPS)
        page.goto(url)
        return cls(page)

    def way(self) -> str:
        """By which kind of address this side is connected: such as `relay`."""
        return str(self.page.evaluate(_WAY))

    def expect_connecting(self) -> None:
        """Wait until the page says that the other side is looked for."""
        expect(self.told).to_contain_text("Connecting")

    def join(self, name: str = "") -> "Talker":
        """Give a name and go in, as the page lets one."""
        if name:
            self.page.locator("#name").fill(name)
        self.page.locator("#enter").click()
        return self

    def end(self) -> None:
        """End the call for both, and say so again when asked."""
        self.press("end")
        self.press("end-now")

    def press(self, button: str) -> None:
        """Press one of the room's buttons, by its id."""
        self.page.locator(f"#{button}").click()

    @property
    def told(self) -> Locator:
        """What the page says of the other side while there is no picture."""
        return self.page.locator("#waiting")

    def expect_connected(self) -> None:
        """Wait until both pages have found each other."""
        expect(self.page.locator("#theirs-name")).to_be_visible()

    def expect_moving_picture(self) -> None:
        """Wait until the other side's picture is there, and moves."""
        self._await(self._moves, "no moving picture of the other side")

    def expect_all_off(self) -> None:
        """Wait until neither camera nor microphone nor screen goes anywhere."""
        self._await(lambda: not self.page.evaluate(_GOES_OUT), "something of this side is still on")

    def expect_still(self) -> None:
        """Wait until no picture of the other side is shown."""
        expect(self.page.locator("#theirs-off")).to_be_visible()

    def expect_sound(self) -> None:
        """Wait until the other side is heard: sound comes, and the page plays it."""
        self._await(lambda: self.page.evaluate(_LOUDEST, 1500) > 0.05, "nothing of the other side is heard")
        self._await(lambda: self.page.evaluate(_PLAYS), "the page does not play what comes")

    def expect_silence(self) -> None:
        """Wait until the other side is not heard for two seconds, in which its microphone beeps twice."""
        self._await(lambda: self.page.evaluate(_LOUDEST, 2000) < 0.01, "the other side is heard")

    def take_other_camera(self) -> None:
        """Choose the last camera."""
        self.press("settings")
        choice = self.page.locator("#video-device")
        choice.select_option(index=choice.locator("option").count() - 1)
        self.page.locator("#settings-dialog").get_by_role("button").click()

    def say(self, text: str) -> None:
        """Write in the chat."""
        if self.page.locator("#chat").is_hidden():
            self.press("chat-open")
        self.page.locator("#text").fill(text)
        self.page.locator("#text").press("Enter")

    def expect_said(self, text: str) -> None:
        """Wait until the chat has this line; opens the chat."""
        if self.page.locator("#chat").is_hidden():
            self.press("chat-open")
        expect(self.page.locator("#said li > span").get_by_text(text, exact=True).last).to_be_visible()

    def picture(self) -> list[int]:
        """The other side's picture now: 64 by 48 pixels of red, green and blue."""
        found: list[int] = self.page.evaluate(_PIXELS, "theirs")
        return found

    def expect_colour(self, colour: tuple[int, int, int]) -> None:
        """Wait until the middle of the other side's picture is of this colour."""

        def is_so() -> bool:
            middle = (24 * 64 + 32) * 3
            return all(abs(is_now - then) < 60 for is_now, then in zip(self.picture()[middle:], colour, strict=False))

        self._await(is_so, f"the picture is not {colour}")

    def _moves(self) -> bool:
        if self.page.locator("#theirs").evaluate("(one) => one.readyState < 2 || one.classList.contains('unseen')"):
            return False
        before = self.picture()
        self.page.wait_for_timeout(BETWEEN_LOOKS_MS)
        after = self.picture()
        changed = sum(abs(one - other) > 30 for one, other in zip(before, after, strict=True))
        return max(after) > 60 and changed > 20

    def _await(self, is_so: Callable[[], bool], what: str) -> None:
        for _ in range(60):
            if is_so():
                return
            self.page.wait_for_timeout(250)
        raise AssertionError(what)


Meet = Callable[..., Talker]
"""Opens a room's link, as `Visits` opens pages."""


def meeting(visits: Visits) -> Meet:
    """Opens rooms' links by these visits."""

    def opened(url: str, **how: Any) -> Talker:
        return Talker.watched(visits(**how), url)

    return opened

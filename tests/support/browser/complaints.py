"""What a browser complains about while a test drives it: every complaint that the test did not expect fails it."""

from collections.abc import Collection
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, Response, WebError

OURS = {"localhost", "127.0.0.1", "::1"}
"""Where everything comes from that a page loads; a name below `localhost` is a test's other site."""
INSIDE = {"about", "blob", "data"}
TOLD_BY_THE_ANSWER = "Failed to load resource:"
"""How the console repeats an answer of 400 and above, or a failed request; both are watched themselves."""
LEFT = "net::ERR_ABORTED"
"""The page was left, or the answer is a download: nobody refused anything."""


@dataclass
class Complaints:
    """The complaints of one context. A test expects statuses, and complaints by some of their words."""

    statuses: Collection[int] = ()
    words: Collection[str] = ()
    found: list[str] = field(default_factory=list)

    def listen(self, context: BrowserContext) -> None:
        """To all its pages: what they log, throw, ask for and are answered."""
        context.on("console", self._console)
        context.on("weberror", self._error)
        context.on("request", self._request)
        context.on("requestfailed", self._failed)
        context.on("response", self._answered)

    def unexpected(self) -> list[str]:
        """Those that nobody expected."""
        return [each for each in self.found if not any(words in each for words in self.words)]

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not message.text.startswith(TOLD_BY_THE_ANSWER):
            self.found.append(f"console {message.type}: {message.text}")

    def _error(self, error: WebError) -> None:
        self.found.append(f"uncaught: {error.error}")

    def _request(self, request: Request) -> None:
        url = urlsplit(request.url)
        is_ours = url.hostname in OURS or (url.hostname or "").endswith(".localhost")
        if url.scheme not in INSIDE and not is_ours:
            self.found.append(f"another host was asked: {request.method} {request.url}")

    def _failed(self, request: Request) -> None:
        if request.failure != LEFT:
            self.found.append(f"request failed: {request.method} {request.url}: {request.failure}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self.statuses:
            self.found.append(f"answer {response.status}: {response.request.method} {response.url}")

"""Somebody opens the local system in a browser and does what its start page says."""

import re
import subprocess
from datetime import datetime, timedelta
from html import unescape
from urllib.parse import urlsplit

import pytest

from local.process import RunningSystem
from tests.support import patient

pytestmark = pytest.mark.system

SIGNED = {"/console", "/my"}
"""Whoever is not signed in comes to the page to do that."""
BROWSER = {"accept": "text/html,*/*;q=0.8"}


@pytest.fixture
def page(system: RunningSystem) -> str:
    """What a browser shows at the system's address."""
    answer = patient.get(system.base_url, headers=BROWSER, follow_redirects=True)
    assert (answer.status_code, answer.url.path) == (200, "/__local")
    return answer.text


def test_the_first_request_works_as_printed(page: str) -> None:
    (lines,) = re.findall(r'<pre class="code">(.*?)</pre>', page, re.DOTALL)
    shell = ["bash", "-euo", "pipefail", "-c", unescape(lines)]
    printed = subprocess.run(shell, capture_output=True, text=True, timeout=patient.SECONDS, check=True).stdout
    assert '"slug":"consultation"' in printed


def test_every_link_of_the_start_page_leads_to_a_page(system: RunningSystem, page: str) -> None:
    links = [unescape(link) for link in re.findall(r'href="([^"]+)"', page)]
    assert {"/api/v1/docs", "/__local/inbox", "/?deployed"} <= {*links}
    for link in links:
        answer = patient.get(system.base_url + link, headers=BROWSER, follow_redirects=link in SIGNED)
        assert (link, answer.status_code) == (link, 200)
        assert answer.headers["content-type"] == "text/html; charset=utf-8"


def test_the_front_page_of_a_deployment_is_seen_here(system: RunningSystem) -> None:
    shown = patient.get(f"{system.base_url}/?deployed", headers=BROWSER)
    assert (shown.status_code, shown.text) == (200, patient.get(system.base_url).text)
    assert "<h1>Slotline</h1>" in shown.text
    assert "machine" not in shown.text


@pytest.mark.parametrize("path", ["/docs", "/api", "/api/v1", "/api/v1/docs/"])
def test_short_addresses_and_a_slash_too_many_lead_to_the_documents(system: RunningSystem, path: str) -> None:
    answer = patient.get(system.base_url + path)
    assert answer.status_code == 308
    assert urlsplit(answer.headers["location"]).netloc == ""
    assert patient.get(system.base_url + path, follow_redirects=True).url.path == "/api/v1/docs"


def services(system: RunningSystem, origin: str) -> list[str]:
    """The demo's services, as a page of this origin may show them with the demo's widget key."""
    app_id, key = system.demo["app_id"], system.demo["widget_key"]
    headers = {"X-App-Id": app_id, "X-Widget-Key": key, "Origin": origin}
    answer = patient.get(f"{system.base_url}/api/v1/video/{app_id}/services", headers=headers)
    assert answer.status_code == 200, answer.text
    return [service["slug"] for service in answer.json()["data"]["services"]]


def test_the_demos_widget_key_opens_its_services_to_the_systems_own_pages_and_to_no_stranger(
    system: RunningSystem,
) -> None:
    offered = [service["slug"] for service in system.demo["services"]]
    for origin in (system.base_url, system.base_url.replace("localhost", "127.0.0.1"), "https://www.example.com"):
        assert set(services(system, origin)) >= set(offered)  # other tests of the same system may add some
    assert not set(services(system, "https://stranger.example.com")) & set(offered)


@pytest.mark.parametrize("slug", ["consultation", "onboarding", "account-review"])
def test_every_service_of_the_demo_has_free_times_within_a_week(system: RunningSystem, slug: str) -> None:
    app_id, key = system.demo["app_id"], system.demo["widget_key"]
    now = datetime.fromisoformat(patient.get(f"{system.base_url}/__local/clock").json()["now"])
    asked = {"presetId": slug, "fromUtc": now.isoformat(), "toUtc": (now + timedelta(days=7)).isoformat()}
    answer = patient.get(
        f"{system.base_url}/api/v1/video/{app_id}/availability",
        params=asked,
        headers={"X-App-Id": app_id, "X-Widget-Key": key, "Origin": system.base_url},
    )
    assert answer.status_code == 200, answer.text
    assert answer.json()["data"]["slots"]

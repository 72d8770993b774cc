"""What a partner has of the system before requests to it are made up: something of every kind, by the dictionaries from
which schemathesis takes values.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from slotline.domain.access.scopes import Scope
from tests.support.worlds.api import Api, OwnApp, text

FEW = 6
"""Things of each kind that made-up requests may read and change."""


def belongings_of(api: Api, app: OwnApp, widget_key: str, hooks: str, numbers: list[str]) -> dict[str, list[str]]:
    """All of it, made by this client. `hooks`: where webhooks go; `numbers`: those that it may call from."""
    return _well_formed() | _made(api, app, widget_key) | _sent(api, hooks) | _to_be_dialled(api, app, numbers)


def _made(api: Api, app: OwnApp, widget_key: str) -> dict[str, list[str]]:
    """Things of every kind that made-up requests may read and change, by their ids."""
    monday, busy, spare = _monday_to_come(), app.agent_ids[:2], app.agent_ids[2:]
    days = [monday + timedelta(days=day) for day in range(FEW)]
    base = f"/api/v1/video/{app.app_id}"

    def made(path: str, kind: str, body: dict[str, Any], **headers: str) -> str:
        answer = api.client.post(path, json=body, headers=headers).raise_for_status().json()["data"]
        return str(answer[kind]["id" if kind != "preset" else "preset_id"] if kind else answer["callId"])

    return {
        "apps": [app.app_id],
        "agents": list(busy),
        "spare_agents": list(spare),
        "calls": [api.book(busy[0], day + timedelta(hours=9)) for day in days],
        "unconfirmed": [api.book(busy[1], day + timedelta(hours=9), requireConfirmation=True) for day in days],
        "pooled": [api.book(None, day + timedelta(hours=15), assignmentMethod="pool") for day in days],
        "kept": [api.book(busy[1], day + timedelta(hours=17)) for day in days],
        "to_start": [_soon(api) for _ in days],
        "to_cancel": [api.book(busy[0], day + timedelta(hours=12)) for day in days],
        "to_change": [api.book(busy[1], day + timedelta(hours=12)) for day in days],
        **_behind_links(api, busy[0], days),
        "started": [_started(api) for _ in days],
        "to_reopen": [_started(api) for _ in days],
        "holds": [made(f"{base}/holds", "hold", _slot(spare[1], day)) for day in days],
        "services": [made(f"{base}/presets", "preset", {"name": "Served", "slug": "served", "public": True}), "served"],
        "spare_presets": [made(f"{base}/presets", "preset", {"name": f"Spare {n}"}) for n in range(FEW)],
        "steady_presets": [made(f"{base}/presets", "preset", {"name": "Steady", "public": True})],
        "proving_presets": [
            made(f"{base}/presets", "preset", {"name": "Proving", "public": True, "verification": "email"})
        ],
        "exceptions": [
            made(f"{base}/agents/{spare[0]}/exceptions", "exception", _blocked(day + timedelta(days=100)))
            for day in days
        ],
        "windows": [
            made(f"{base}/agents/{spare[0]}/do-not-disturb", "do_not_disturb", _quiet(day + timedelta(days=200)))
            for day in days
        ],
        "video_calls": [
            made("/api/calls", "", {}, **{"x-app-id": app.app_id, "x-widget-key": widget_key}) for _ in range(FEW)
        ],
    }


def _slot(agent_id: str, day: datetime) -> dict[str, str]:
    return {"agentId": agent_id, "startUtc": text(day + timedelta(hours=9))}


def _behind_links(api: Api, agent_id: str, days: list[datetime]) -> dict[str, list[str]]:
    """What guests' links end with, by what is done behind them."""

    def links(hour: int, **changes: Any) -> list[str]:
        booked = [api.create(agent_id, day + timedelta(hours=hour), **changes) for day in days]
        return [answer.json()["data"]["call"]["guest_url"].rpartition("/")[2] for answer in booked]

    return {
        "guests": links(19),
        "guests_to_confirm": links(20, requireConfirmation=True),
        "guests_to_cancel": links(21),
        "guests_to_move": links(22),
    }


def _soon(api: Api) -> str:
    """A call that may be started now and for hours. It is nobody's, so any number begin at once."""
    start = datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(minutes=30)
    return api.book(None, start, durationMinutes=240)


def _started(api: Api) -> str:
    call_id = _soon(api)
    api.ask("POST", f"{call_id}/start").raise_for_status()
    return call_id


def _sent(api: Api, url: str) -> dict[str, list[str]]:
    """Webhooks to this address, one of which was sent something."""
    base, body = f"/api/v1/video/{api.app_id}/webhooks", {"url": url, "events": ["scheduled.created"]}

    def told(path: str = "", said: dict[str, Any] | None = None) -> dict[str, Any]:
        return dict(api.client.post(base + path, json=said).raise_for_status().json()["data"])

    kept, *spare = [str(told(said=body)["webhook"]["id"]) for _ in range(FEW)]
    deliveries = [str(told(f"/{kept}/test")["delivery"]["id"]) for _ in range(FEW)]
    return {"receivers": [url], "webhooks": [kept], "spare_webhooks": spare, "deliveries": deliveries}


def _to_be_dialled(api: Api, app: OwnApp, numbers: list[str]) -> dict[str, list[str]]:
    """Settings, campaigns, calls and files of dialing. Those that made-up requests may take away are called spare."""

    def made(path: str, body: dict[str, Any]) -> Any:
        answer = api.client.post(f"/api/v1/{path}", json=body).raise_for_status().json()
        return answer.get("data", answer)

    def use_case(name: str) -> str:
        return str(made("use-cases", {"name": name, "callee_start": "00:00", "callee_end": "24:00"})["use_case"]["id"])

    for e164 in numbers:
        app.grants(e164)
    granted = iter(numbers)

    def number(name: str) -> str:
        body = {"name": name, "phone_number": next(granted), "carrier": "twilio"}
        return str(made("numbers", body)["number"]["id"])

    steady = {"use_case_id": use_case("Steady"), "number_id": number("Steady")}
    later = {"phone_number": "+12025550143", "scheduled_date": _monday_to_come().date().isoformat()}
    campaigns = [made("dial/scheduled", {**steady, "calls": [later]}) for _ in range(2 * FEW)]
    listed = [f"+1202555{number:04}" for number in range(FEW)]
    made("do-not-call", {"phone_numbers": listed})
    return {
        "use_cases": [steady["use_case_id"]],
        "numbers": [steady["number_id"]],
        "spare_use_cases": [use_case("Spare") for _ in range(FEW)],
        "spare_numbers": [number("Spare") for _ in range(FEW)],
        "granted": list(granted),
        "campaigns": [campaign["campaign_id"] for campaign in campaigns[:FEW]],
        "spare_campaigns": [campaign["campaign_id"] for campaign in campaigns[FEW:]],
        "dial_calls": [campaign["createdCalls"][0]["id"] for campaign in campaigns],
        "tables": ["phone_number\n+12025550143\n", made("dial/uploads", {"size": 9})["csv_file"]],
        "listed": listed,
    }


def _blocked(day: datetime) -> dict[str, str]:
    return {"kind": "blocked", "dateFrom": day.date().isoformat(), "dateTo": day.date().isoformat()}


def _quiet(day: datetime) -> dict[str, str]:
    return {"startUtc": text(day), "endUtc": text(day + timedelta(hours=2))}


def _monday_to_come() -> datetime:
    """The one after the next: it does not begin while requests are made up, on no day of the week."""
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + timedelta(days=14 - midnight.weekday())


def _well_formed() -> dict[str, list[str]]:
    """Values that make a made-up request an acceptable one."""
    monday = _monday_to_come()
    days = [monday + timedelta(days=day) for day in range(10)]
    return {
        "visits": ["01890000-0000-7000-8000-00000000ab01", "01890000-0000-7000-8000-00000000ab02"],
        "scopes": [Scope.SCHEDULING_READ.value, " ".join(Scope)],
        "days": [text(day) for day in days[:5]],
        "later_days": [text(day) for day in days[5:]],
        "dates": [day.date().isoformat() for day in days[:5]],
        "later_dates": [day.date().isoformat() for day in days[5:]],
        "starts": [text(day + timedelta(hours=10, minutes=30 * half)) for day in days[:5] for half in range(12)],
        "openings": ["08:00", "09:00"],
        "closings": ["17:30", "24:00"],
        "zones": ["UTC", "America/Bogota", "Europe/Berlin", "Australia/Lord_Howe"],
        "phones": ["+57 300 123 4567", "+1 (212) 555-0100", "+442079460000"],
        "emails": ["jane@example.com", "j.o'hara+calls@mail.example.org"],
        "dialable": ["+12025550143", "+57 300 555 0143"],
        "names": ["Jane Doe", "José Ñandú", "李雷"],
    }

"""The whole system as a child process: up, used, edited, and down without a trace. What starts one is slow."""

import asyncio
import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import boto3
import httpx
import pytest

from local.invoke import fill
from local.options import Options
from local.process import SystemFailedError, running_system
from local.surroundings import ROOT
from local.system import Code
from local.template import read_template
from slotline.domain.booking.reminders import Channel
from slotline.wiring import common
from slotline.wiring.messages.messengers import messenger
from tests.support import patient
from tests.support.builders.messages import make_message

from .conftest import eventually, write_project


def run_command(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "local", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=patient.SECONDS, check=False)


def answers(url: str) -> bool:
    try:
        patient.get(url)
    except httpx.TransportError:
        return False
    return True


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return write_project(tmp_path_factory.mktemp("edited"))


@pytest.fixture(scope="module")
def system(project):
    with running_system(120, template=project, seed="", reload=True) as running:
        yield running


def body(system, path: str = "/echo/1") -> dict:
    return patient.get(system.base_url + path).json()


@pytest.mark.slow
def test_functions_find_the_deployed_stack(system):
    about = body(system)
    assert about["table"] == system.tables["scheduling"]
    assert about["stage"] == "local"
    assert system.system.environment["API"] == system.base_url
    assert about["name"] == system.system.resources["Echo"]


@pytest.mark.slow
def test_its_files_are_their_owners_alone(system):
    for name in ("system.json", "demo.json"):
        assert stat.S_IMODE((system.state_dir / name).stat().st_mode) == 0o600


@pytest.mark.slow
def test_it_listens_on_loopback_only(system):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))
        outside = probe.getsockname()[0]
    if outside.startswith("127."):
        pytest.skip("this machine has no other address")
    for url in (system.base_url, system.emulator_url, system.system.functions_url):
        assert not answers(f"http://{outside}:{httpx.URL(url).port}")


@pytest.mark.slow
def test_the_emulator_reaches_the_functions(system):
    client = boto3.client(
        "lambda",
        endpoint_url=system.emulator_url,
        region_name=system.region,
        aws_access_key_id="local",
        aws_secret_access_key="local",
    )
    name = system.system.resources["Odd"]

    def invoke(case: str) -> dict:
        return client.invoke(FunctionName=name, Payload=json.dumps({"pathParameters": {"case": case}}))

    try:
        assert json.loads(invoke("text")["Payload"].read()) == "just text"
        failed = invoke("raises")
        assert failed["FunctionError"]
        assert "ZeroDivisionError" in failed["Payload"].read().decode()
    finally:
        client.close()


@pytest.mark.slow
def test_what_a_function_sends_over_any_channel_ends_in_the_inbox(system, monkeypatch):
    """In the environment that functions have here, with the credentials that the emulator keeps."""
    environment = patient.post(
        system.system.functions_url + "Odd", json={"pathParameters": {"case": "environment"}}
    ).json()
    for name, value in environment.items():
        if name.startswith(("AWS_", "EMAIL_", "SMS_", "WHATSAPP_", "META_", "GENESYS_")):
            monkeypatch.setenv(name, value)
    for name in ("SCHEDULING_TABLE", "DIALING_TABLE", "ACCESS_TABLE", "SIGNING_KEY_IDS"):
        monkeypatch.setenv(name, "unused")  # every function has them, and what sends asks none
    messenger.cache_clear()
    common.settings.cache_clear()
    ids = []
    for channel in Channel:
        made = messenger(channel)
        assert made is not None
        recipient = "ana@guest.example" if channel is Channel.EMAIL else "+573005550100"
        ids.append(made.send(make_message(channel=channel, recipient=recipient)))
    messenger.cache_clear()
    common.settings.cache_clear()
    assert [one["id"] for one in body(system, "/__local/inbox")["messages"]] == ids


@pytest.mark.slow
def test_invoke_prints_the_functions_json(system, tmp_path):
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"pathParameters": {"case": "dict"}}))
    state = ("--state-dir", str(system.state_dir))
    done = run_command("invoke", "Odd", str(event), *state)
    assert (done.returncode, json.loads(done.stdout)) == (0, {"price": 1.5})
    event.write_text(json.dumps({"pathParameters": {"case": "raises"}}))
    failed = run_command("invoke", "Odd", str(event), *state)
    assert (failed.returncode, json.loads(failed.stdout)["errorType"]) == (1, "ZeroDivisionError")
    unknown = run_command("invoke", "Nobody", str(event), *state)
    assert (unknown.returncode, unknown.stdout) == (1, "")
    assert unknown.stderr.startswith("There is no function Nobody; there are Broken, Echo")
    assert run_command("invoke", "Odd", str(tmp_path / "none.json"), *state).returncode == 1


def test_invoke_without_a_system_says_so(tmp_path):
    event = tmp_path / "event.json"
    event.write_text("{}")
    done = run_command("invoke", "Odd", str(event), "--state-dir", str(tmp_path))
    assert (done.returncode, done.stderr) == (1, "Nothing runs here: start it with `make run`\n")


def test_events_are_filled_from_the_demo_data():
    text = '{"a": "${app_id}", "b": "Bearer ${agent_id}", "c": "${unknown}"}'
    filled = fill(text, {"app_id": 'q"x', "agent_ids": ["one", "two"], "admin": {"email": "e"}})
    assert json.loads(filled) == {"a": 'q"x', "b": "Bearer one", "c": "${unknown}"}


@pytest.mark.slow
def test_an_edit_is_served_and_no_request_fails_meanwhile(system, project):
    shared = project.parent / "layers/common/shared.py"
    seen, wrong, stop = set(), [], threading.Event()

    def keep_asking() -> None:
        while not stop.is_set():
            try:  # a connection of its own each time: none may be refused
                answer = patient.get(system.base_url + "/echo/1")
                seen.add(answer.json()["greeting"] if answer.status_code == 200 else wrong.append(answer.status_code))
            except httpx.HTTPError as error:
                wrong.append(error)

    threads = [threading.Thread(target=keep_asking) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        eventually(lambda: "hello" in seen)
        shared.write_text("GREETING = 'good evening'\n")
        eventually(lambda: "good evening" in seen)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert wrong == []
    assert body(system)["greeting"] == "good evening"


@pytest.mark.slow
def test_a_mistake_is_a_500_until_it_is_put_right(system, project):
    echo = project.parent / "functions/echo/app.py"
    good = echo.read_text()
    echo.write_text("def handler(:\n")
    eventually(lambda: patient.get(system.base_url + "/echo/1").status_code == 500)
    assert patient.get(system.base_url + "/odd/plain").status_code == 200
    assert "SyntaxError" in system.log_file.read_text()
    echo.write_text(good)
    eventually(lambda: patient.get(system.base_url + "/echo/1").status_code == 200)


@pytest.mark.slow
def test_a_route_can_be_added_and_a_broken_template_survived(system, project):
    good = project.read_text()
    project.write_text("Resources: [")
    eventually(lambda: patient.get(system.base_url + "/echo/1").status_code == 500)
    project.write_text(good.replace('"/echo/{id}":', '"/other/{id}":'))
    eventually(lambda: patient.get(system.base_url + "/other/1").status_code == 200)
    project.write_text(good)
    eventually(lambda: patient.get(system.base_url + "/echo/1").status_code == 200)
    assert "deployed only at the start" in system.log_file.read_text()


def test_a_watch_that_cannot_begin_says_so_and_lets_the_system_go_on(tmp_path, capsys):
    options = Options(template=write_project(tmp_path / "gone"))
    code = Code(options, read_template(options.template), gateway=None, pool=None, environment={}, names={})
    shutil.rmtree(tmp_path / "gone")

    async def watch() -> bool:
        begun = asyncio.Event()
        await code.watch(begun.set)
        return begun.is_set()

    assert asyncio.run(watch()), "the start does not wait for it for ever"
    assert "edits are not noticed" in capsys.readouterr().err


@pytest.mark.slow
def test_an_import_that_never_ends_is_left_behind_by_the_next_edit(system, project):
    echo = project.parent / "functions/echo/app.py"
    good = echo.read_text()
    told = system.log_file.read_text().count("functions/echo/app.py changed")
    echo.write_text("while True: pass\n")
    eventually(lambda: system.log_file.read_text().count("functions/echo/app.py changed") > told)
    echo.write_text(good + "\n")
    eventually(lambda: patient.get(system.base_url + "/echo/1").status_code == 200)


def test_a_port_in_use_is_one_clear_line(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = run_command("run", "--port", str(port), "--state-dir", str(tmp_path / "state"))
    assert done.returncode == 1
    assert done.stderr == f"Port {port} is in use; choose another: PORT={port + 1} make run\n"
    assert not (tmp_path / "state").exists()


def children(parent: int) -> set[int]:
    """All processes that descend from one (Linux)."""
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents[int(path.parent.name)] = int(fields[1])
    found, new = set(), {parent}
    while new:
        new = {pid for pid, above in parents.items() if above in new} - found
        found |= new
    return found


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks processes up as Linux shows them")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_it_ends_and_leaves_no_process_behind(tmp_path, number):
    """Even while a handler is busy, and even where the command is killed outright."""
    project = write_project(tmp_path)
    with running_system(120, template=project, seed="") as system:
        busy = threading.Thread(target=answers, args=(system.base_url + "/slow/sleeps",))
        busy.start()
        eventually(lambda: len(children(system.pid)) >= 3)
        family = children(system.pid)
        began = time.monotonic()
        os.kill(system.pid, number)
        eventually(lambda: not any(alive(pid) for pid in {system.pid, *family}))
        assert time.monotonic() - began < 15, "it waited for the handler, which sleeps for half a minute"
        busy.join()
        if number != signal.SIGKILL:
            assert not (system.state_dir / "system.json").exists()
        assert "Traceback" not in system.log_file.read_text()


@pytest.mark.slow
def test_a_system_that_does_not_come_up_shows_why(tmp_path):
    project = write_project(tmp_path)
    with (
        pytest.raises(SystemFailedError, match="The demo data cannot be written"),
        running_system(template=project, seed="nowhere:seed"),
    ):
        pass

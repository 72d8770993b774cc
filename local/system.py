"""The whole system: emulator, deployed stack, handlers, demo data, HTTP; up, kept fresh, and down again."""

import asyncio
import contextlib
import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import tzdata

from local.console import say, tell_failure
from local.emulator import Emulator, SharedEmulator, start_or_share
from local.errors import LocalError
from local.options import Options
from local.sockets import listen
from local.state import SystemFile, withdraw, write_demo, write_system
from local.surroundings import ACCOUNT_ID, RECEIVERS, REGION, child_environment, handler_environment
from local.template import Template, read_template

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


async def run(options: Options) -> int:
    """Run until a signal ends it; the exit code. Raises LocalError where it cannot go on."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in _SIGNALS:
        loop.add_signal_handler(number, stop.set)
    if options.stop_at_eof:
        threading.Thread(target=_await_eof, args=(loop, stop), daemon=True).start()
    running = asyncio.create_task(_run(options))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running
    return 0


def _await_eof(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    while os.read(0, 1024):
        pass
    loop.call_soon_threadsafe(stop.set)


async def _run(options: Options) -> None:
    began = time.monotonic()
    sockets = listen(options.port)
    template = read_template(options.template)
    private = listen(0)
    _prepare(options.state_dir)
    async with contextlib.AsyncExitStack() as cleanup:
        await _serve(options, template, (sockets, private), cleanup, began)


def _prepare(state_dir: Path) -> None:
    """A fresh state folder, and an environment that leads to nobody's real account."""
    state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in ("system.json", "demo.json", "demo.env", "functions.log"):
        (state_dir / name).unlink(missing_ok=True)
    settled = child_environment()
    os.environ.clear()
    os.environ.update(settled)


async def _serve(
    options: Options,
    template: Template,
    sockets: tuple[list[socket.socket], list[socket.socket]],
    cleanup: contextlib.AsyncExitStack,
    began: float,
) -> None:
    """Bring everything up and stay until cancelled; slow starters first, side by side."""
    emulator_starting = asyncio.create_task(start_or_share(options.emulator, options.state_dir))
    cleanup.push_async_callback(_stop_emulator, emulator_starting)
    # Imported while the emulator starts: a third of a second that nobody waits for.
    from local.carrier import LocalCarrier
    from local.clock import LocalClock
    from local.feedback import Feedback
    from local.gateway.app import Gateway
    from local.gateway.pages import pages
    from local.gateway.start_page import StartPage
    from local.host.door import PATH, Door
    from local.host.pool import Pool
    from local.inbox import Inbox
    from local.providers import Providers
    from local.seeding import sow
    from local.server import make_server, stop
    from local.stack import Urls, deploy, keep_secrets

    pool = Pool(options.state_dir.resolve() / "functions.log", options.environments)
    cleanup.push_async_callback(pool.close)
    await pool.prepare()
    public, private = sockets
    port, private_port = public[0].getsockname()[1], private[0].getsockname()[1]
    base_url, private_url = f"http://localhost:{port}", f"http://127.0.0.1:{private_port}"
    urls = Urls(base_url, private_url + PATH)
    inbox, carrier, feedback = Inbox(), LocalCarrier(), Feedback()
    clock = LocalClock(pool)
    gateway = Gateway(pool, renames_headers=options.rename_headers)
    demo: dict[str, Any] = {}
    gateway.show(pages(inbox, carrier, clock, StartPage(clock, demo, gateway.serves)))
    server = make_server(gateway, Door(pool), Providers(inbox, carrier, feedback), private_port)
    serving = asyncio.create_task(server.serve(sockets=[*public, *private]))
    cleanup.push_async_callback(stop, server, serving)
    emulator = await emulator_starting
    clock.moves(emulator)
    webhooks_to = ",".join((*RECEIVERS, *options.webhooks_to.replace(",", " ").split()))
    stack = await asyncio.to_thread(
        deploy,
        template,
        emulator.url,
        urls,
        name=options.stack_name,
        stage=options.stage,
        webhooks_to=webhooks_to,
        environments=options.environments,
    )
    feedback.opens(emulator.url, stack.resources.get("FeedbackTopic"))
    # Ours last: a template names its senders too, and here they are nobody's.
    environment = {**stack.environment, **handler_environment(emulator.url, private_url, base_url)}
    code = Code(options, template, gateway, pool, environment, stack.functions)
    loading = asyncio.create_task(code.load())
    cleanup.callback(loading.cancel)
    await asyncio.to_thread(keep_secrets, emulator.url, options.relays)
    demo |= await asyncio.to_thread(sow, options.seed, template, emulator.url, stack.environment, base_url)
    await loading
    if options.reload:  # before anybody is told that it is up: whoever is may edit at once
        begun = asyncio.Event()
        watching = asyncio.create_task(code.watch(begun.set))
        cleanup.callback(watching.cancel)
        await begun.wait()
    demo_file = write_demo(options.state_dir, demo)
    system = SystemFile(
        base_url=base_url,
        port=port,
        pid=os.getpid(),
        emulator_url=emulator.url,
        functions_url=urls.functions,
        region=REGION,
        account_id=ACCOUNT_ID,
        stack_name=options.stack_name,
        tables={
            name: stack.environment.get(f"{name.upper()}_TABLE", "") for name in ("scheduling", "dialing", "access")
        },
        signing_key_id=stack.environment.get("SIGNING_KEY_IDS", "").partition(",")[0],
        environment=stack.environment,
        resources=stack.resources,
        demo_file=str(demo_file.resolve()),
    )
    cleanup.callback(withdraw, options.state_dir, system.pid)
    write_system(options.state_dir / "system.json", system)
    if options.ready_file is not None:
        write_system(options.ready_file, system)
    _banner(options, base_url, time.monotonic() - began)
    await emulator.ended()
    raise LocalError(f"The emulator has ended; see {options.state_dir / 'emulator.log'}")


async def _stop_emulator(starting: asyncio.Task[Emulator | SharedEmulator]) -> None:
    starting.cancel()
    with contextlib.suppress(asyncio.CancelledError, LocalError):
        await (await starting).stop()


def _banner(options: Options, base_url: str, seconds: float) -> None:
    say(
        f"\nSlotline runs on {base_url} (up in {seconds:.1f} s; Ctrl-C ends it)\n"
        f"  start here     {base_url}/__local\n"
        f"  API documents  {base_url}/api/v1/docs\n"
        f"  inbox          {base_url}/__local/inbox\n"
        f"  demo data      {options.state_dir / 'demo.json'}\n"
        f"  function logs  {options.state_dir / 'functions.log'}\n"
        "  webhooks       go to this machine too, such as http://localhost:3000/hook; not to the system's own ports\n"
        f"  zone rules     {tzdata.IANA_VERSION} (tzdata {tzdata.__version__})\n"
    )


class Code:
    """The functions' code and the template's routes, loaded and, after an edit, loaded anew."""

    def __init__(
        self,
        options: Options,
        template: Template,
        gateway: Any,
        pool: Any,
        environment: dict[str, str],
        names: dict[str, str],
    ) -> None:
        self._options = options
        self._template = template
        self._broken = False
        self._gateway = gateway
        self._pool = pool
        self._environment = environment
        self._names = names
        self._reloading: asyncio.Task[None] | None = None

    async def load(self) -> None:
        """Import the handlers, open the gateway, and say what cannot be imported."""
        errors = await self._pool.load(self._template, self._environment, self._names)
        if not self._broken:
            self._gateway.use(self._template)
        _tell(errors)

    async def watch(self, begun: Callable[[], object]) -> None:
        """Load anew whenever a file is edited, until cancelled; `begun` is called once every later edit is noticed."""
        from local.watch import watch

        try:
            await watch(self._template.root, self._options.template.resolve(), self._changed, begun)
        except* (OSError, RuntimeError) as errors:  # the latter are the watcher's own, such as its limit of files
            say(f"The system goes on with the code it has; edits are not noticed: {errors.exceptions[0]}")

    def _changed(self, paths: set[Path]) -> None:
        if self._reloading is not None:
            self._reloading.cancel()  # it loads what is old already, or never ends
        self._reloading = asyncio.create_task(self._reload(paths))

    async def _reload(self, paths: set[Path]) -> None:
        root = self._template.root
        shown = sorted(str(path.relative_to(root)) if path.is_relative_to(root) else str(path) for path in paths)
        more = f" and {len(shown) - 1} more" if len(shown) > 1 else ""
        # Said before the loading: where that never ends, this line names the edit to look at.
        say(f"{shown[0]}{more} changed: loading anew")
        if self._options.template.resolve() in paths:
            self._reread()
        began = time.monotonic()
        await self.load()
        say(f"Loaded anew in {time.monotonic() - began:.1f} s")

    def _reread(self) -> None:
        try:
            self._template = read_template(self._options.template)
            self._broken = False
            say("The template's routes are read anew; its resources are deployed only at the start.")
        except LocalError as error:
            self._broken = True
            self._gateway.refuse()
            say(f"{error}. Every request is a 500 until that is put right.")


def _tell(errors: dict[str, dict[str, Any]]) -> None:
    """Name each error once: a mistake in the layer spoils every function in the same way."""
    spoiled: dict[str, list[str]] = {}
    for logical_id, error in errors.items():
        spoiled.setdefault(f"{error.get('errorType')}: {error.get('errorMessage')}", []).append(logical_id)
    for functions in spoiled.values():
        more = f" (and {len(functions) - 1} more)" if len(functions) > 1 else ""
        tell_failure(functions[0] + more, errors[functions[0]])

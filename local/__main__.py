"""The command line: `python -m local run` and `python -m local invoke`."""

import argparse
import asyncio
import os
import sys
from pathlib import Path

from local.console import say
from local.errors import LocalError
from local.options import Options


def main() -> int:
    """Do what the command line says; the exit code."""
    arguments = _parser().parse_args()
    try:
        return _invoke(arguments) if arguments.command == "invoke" else _run(arguments)
    except LocalError as error:
        say(str(error))
        return 1


def _parser() -> argparse.ArgumentParser:
    default = Options()
    parser = argparse.ArgumentParser(prog="python -m local", description="Slotline on one machine.")
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="run the whole system until Ctrl-C")
    run.add_argument("--port", type=int, default=default.port, help="0 for any free one (default: %(default)s)")
    run.add_argument("--template", type=Path, default=default.template, help="another SAM template")
    run.add_argument("--state-dir", type=Path, default=default.state_dir, help="where its files go")
    run.add_argument("--ready-file", type=Path, help="written, whole, once requests are answered")
    run.add_argument("--seed", default=default.seed, metavar="MODULE:FUNCTION", help="demo data; empty for none")
    run.add_argument("--environments", type=int, default=default.environments, help="most handlers at a time")
    run.add_argument("--no-reload", action="store_true", help="do not watch for edits")
    run.add_argument(
        "--webhooks-to",
        default=os.environ.get("WEBHOOK_ALLOWED_NETWORKS", ""),
        metavar="NETWORKS",
        help="let webhooks go to these networks too, such as 10.20.0.0/16, beside receivers on this machine "
        "(default: $WEBHOOK_ALLOWED_NETWORKS, or none)",
    )
    run.add_argument(
        "--relays",
        default=os.environ.get("RELAYS", ""),
        metavar="JSON",
        help="the STUN and TURN servers of rooms, as docs/rooms.md has them (default: $RELAYS, or none)",
    )
    run.add_argument(
        "--rename-headers",
        action="store_true",
        help="rename and drop the headers of answers that API Gateway may rename or drop, such as WWW-Authenticate",
    )
    run.add_argument("--stack-name", default=default.stack_name, help="what its stack is called (default: %(default)s)")
    run.add_argument("--stage", default=default.stage, help="the stack's stage (default: %(default)s)")
    run.add_argument(
        "--emulator", default="", metavar="URL", help="share the emulator of another system that runs here"
    )
    run.add_argument("--stop-at-eof", action="store_true", help="stop when standard input ends")
    invoke = commands.add_parser("invoke", help="run one function of the running system")
    invoke.add_argument("function", help="its logical id in the template")
    invoke.add_argument("event", type=Path, help="a JSON file")
    invoke.add_argument("--state-dir", type=Path, default=default.state_dir)
    return parser


def _run(arguments: argparse.Namespace) -> int:
    from local.system import run

    options = Options(
        port=arguments.port,
        template=arguments.template,
        state_dir=arguments.state_dir,
        ready_file=arguments.ready_file,
        seed=arguments.seed,
        environments=arguments.environments,
        reload=not arguments.no_reload,
        stop_at_eof=arguments.stop_at_eof,
        rename_headers=arguments.rename_headers,
        stack_name=arguments.stack_name,
        stage=arguments.stage,
        emulator=arguments.emulator,
        webhooks_to=arguments.webhooks_to,
        relays=arguments.relays,
    )
    return asyncio.new_event_loop().run_until_complete(run(options))


def _invoke(arguments: argparse.Namespace) -> int:
    from local.invoke import invoke

    went_well, answer = invoke(arguments.function, arguments.event, arguments.state_dir)
    print(answer)
    return 0 if went_well else 1


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # Not sys.exit: that would wait for a thread which may still be deploying when Ctrl-C came.
    os._exit(code)

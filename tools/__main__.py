"""`python -m tools`: set up apps, agents and credentials, on AWS (`--stack`) or on this machine (`--local`)."""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from slotline.domain.shared.errors import DomainError
from slotline.ports.shared import RaceLost, StoreBusyError
from tools.commands import NOTHING_WRITTEN, Command, all_commands
from tools.errors import ToolError
from tools.provision import Provision
from tools.target import Target, target_of_local_system, target_of_stack

_SECRETS = ("client_secret", "api_key", "widget_key")
_PLACES: Mapping[str, Any] = {"stack": None, "local": False, "region": None, "json": False}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. 0: done; 1: not done, and one line on standard error says why."""
    given = _parser().parse_args(arguments)
    command: Command = given.command
    try:
        answer = command.run(Provision.of(_target(given)), given)
    except (ToolError, DomainError) as refusal:
        return _refuse(str(refusal))
    except RaceLost:
        return _refuse("somebody changed this just now; look, then try again")
    except (StoreBusyError, BotoCoreError, ClientError) as failure:
        return _refuse(f"AWS: {failure}")
    except (KeyboardInterrupt, EOFError):
        writes = not getattr(given, "dry_run", False)
        return _refuse(f"stopped; {command.if_stopped if writes else NOTHING_WRITTEN}")
    _show(answer, as_json=given.json)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tools", description=__doc__)
    _add_places(parser, dict(_PLACES))
    things = parser.add_subparsers(metavar="THING", required=True)
    verbs: dict[str, Any] = {}
    for command in all_commands():
        if command.thing not in verbs:
            thing = things.add_parser(command.thing, help=f"{command.thing} commands")
            verbs[command.thing] = thing.add_subparsers(metavar="VERB", required=True)
        leaf = verbs[command.thing].add_parser(command.verb, help=command.about, description=command.about)
        _add_places(leaf, dict.fromkeys(_PLACES, argparse.SUPPRESS))
        command.options(leaf)
        leaf.set_defaults(command=command)
    return parser


def _add_places(parser: argparse.ArgumentParser, defaults: Mapping[str, Any]) -> None:
    """Where to, and how to answer: before the command or after it."""
    parser.add_argument("--stack", metavar="NAME", default=defaults["stack"], help="a deployed CloudFormation stack")
    parser.add_argument(
        "--region", default=defaults["region"], help="the stack's region, where it is not the profile's"
    )
    parser.add_argument("--local", action="store_true", default=defaults["local"], help="what `make run` started")
    parser.add_argument("--json", action="store_true", default=defaults["json"], help="answer in JSON")


def _target(given: argparse.Namespace) -> Target:
    if bool(given.stack) == given.local:
        raise ToolError("say where: --stack NAME for a deployed stack, or --local for what `make run` started")
    return target_of_local_system() if given.local else target_of_stack(given.stack, given.region)


def _show(answer: Mapping[str, Any], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(answer, indent=2))
    else:
        width = max(len(name) for name in answer)
        for name, value in answer.items():
            print(f"{name:<{width}}  {value if isinstance(value, str) else json.dumps(value)}")
    if any(name in answer for name in _SECRETS):
        print("Keep the secret now: it is not shown again.", file=sys.stderr)


def _refuse(why: str) -> int:
    print(f"error: {' '.join(why.split())}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())

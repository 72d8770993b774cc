"""The commands of the guides are ones that AWS's command line takes, and what they ask of answers is in them."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import botocore.session
import jmespath
import pytest
from botocore import xform_name
from botocore.model import OperationModel, Shape

from tests.support.aws.moto_tables import ROOT
from tests.support.aws.template import deployed, functions, template, transformed

GUIDE = (ROOT / "docs/deploying.md").read_text()
PAGES = sorted((ROOT / "docs").glob("*.md"))
OF_THE_COMMAND_LINE = {"query", "output", "region", "profile", "no-cli-pager", "max-items"}
SERVICES = {"s3api": "s3"}
FUNCTIONS = ("output", "physical")
"""What the list defines for itself: an output of the stack, and a resource by its logical id."""


@dataclass(frozen=True)
class Command:
    """`aws SERVICE OPERATION --name value …`, as a page has it."""

    page: str
    text: str

    @property
    def parts(self) -> list[str]:
        """Its words. What the shell would fill in, or the reader, is any word."""
        plain = re.sub(r'"?\$\((?:[^()]|\([^()]*\))*\)"?|<[\w ]+>', "word", self.text)
        return shlex.split(plain, comments=True)

    @property
    def operation(self) -> OperationModel:
        """Its model. Fails if there is none."""
        service, name = self.parts[1:3]
        model = _services().get_service_model(SERVICES.get(service, service))
        names = {xform_name(one, "-"): one for one in model.operation_names}
        return model.operation_model(names[name])

    @property
    def options(self) -> dict[str, list[str]]:
        """By its name, what follows an option."""
        found: dict[str, list[str]] = {}
        name = ""
        for word in self.parts[3:]:
            if word.startswith("--"):
                name = word[2:]
                found[name] = []
            else:
                found[name].append(word)
        return found


@cache
def _services() -> botocore.session.Session:
    return botocore.session.get_session()


def _commands() -> Iterator[Command]:
    for page in PAGES:
        text = page.read_text()
        fenced = "".join(re.findall(r"```sh\n(.*?)```", text, re.DOTALL))
        inline = re.findall(r"`(aws [^`]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
        lines = [line for line in fenced.splitlines() if re.match(r"aws |\w+\(\) \{ aws |for .*; do aws ", line)]
        for line in [*lines, *inline]:
            plain = re.sub(r"^(?:\w+\(\) \{|for .*; do) (.*); (?:\}|done)$", r"\1", line)
            # a mention such as `aws logs test-metric-filter` has no options to be looked at
            yield Command(page.name, plain)


COMMANDS = list(_commands())
ASKED = [command for command in COMMANDS if "--" in command.text]


def test_the_guides_have_commands():
    assert len(COMMANDS) > 25
    assert len([command for command in ASKED if command.page == "deploying.md"]) > 25


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: f"{command.page}: {command.text[:60]}")
def test_a_command_names_an_operation_that_there_is(command: Command):
    assert command.operation.name


@pytest.mark.parametrize("command", ASKED, ids=lambda command: f"{command.page}: {command.text[:60]}")
def test_a_command_has_the_parameters_of_its_operation(command: Command):
    takes = command.operation.input_shape
    members = {xform_name(name, "-"): shape for name, shape in takes.members.items()} if takes else {}
    given = command.options.keys() - OF_THE_COMMAND_LINE
    flags = {name.removeprefix("no-") for name in given}
    assert flags <= members.keys(), f"there are {sorted(members)}"
    assert {xform_name(name, "-") for name in takes.required_members if takes} <= flags
    for name in flags & command.options.keys():
        values, allowed = command.options[name], getattr(members[name], "enum", None)
        assert not allowed or set(values) <= set(allowed)


def test_the_guide_counts_routes_and_aliases_as_there_are():
    paths = template()["Resources"]["HttpApi"]["Properties"]["DefinitionBody"]["paths"]
    routes = sum(len(operations) for operations in paths.values())
    assert re.findall(r"ours has (\d+)|#=> (\d{2,})\n", GUIDE)[:2] == [(str(routes), ""), ("", str(routes))]
    assert re.findall(r"(\d+) aliases", GUIDE) == [str(len(functions()))]


def _fields(shape: Shape) -> set[str]:
    return set(getattr(shape, "members", {}))


@pytest.mark.parametrize(
    "command",
    [one for one in ASKED if "query" in one.options],
    ids=lambda command: f"{command.page}: {command.text[:60]}",
)
def test_what_is_asked_of_an_answer_is_in_it(command: Command):
    (query,) = command.options["query"]
    parsed = jmespath.compile(query).parsed
    first = set(_first_fields(parsed))
    assert first
    assert first <= _fields(command.operation.output_shape)


def _first_fields(node: dict[str, Any]) -> Iterator[str]:
    """The fields that an expression takes of the answer itself."""
    kind, children = node["type"], node["children"]
    if kind == "field":
        yield node["value"]
    elif kind in {"multi_select_list", "function_expression"}:
        for child in children:
            yield from _first_fields(child)
    elif children:
        yield from _first_fields(children[0])


@pytest.mark.parametrize("name", sorted(set(re.findall(r"\(physical (\w+)\)", GUIDE))))
def test_a_resource_that_is_looked_up_is_one_of_the_stack(name: str):
    assert name in transformed(Canary="true")["Resources"]


@pytest.mark.parametrize("name", sorted(set(re.findall(r"\(output (\w+)\)", GUIDE))))
def test_an_output_that_is_looked_up_is_one_of_the_stack(name: str):
    assert name in transformed()["Outputs"]


def test_the_number_of_routes_is_the_templates():
    paths = deployed()["HttpApi"]["Properties"]["Body"]["paths"]
    count = sum(len(methods) for methods in paths.values())
    assert f"ours has {count}." in GUIDE
    assert f'--query "length(Items)"\n#=> {count}\n' in GUIDE


def test_each_command_of_the_list_says_what_it_must_print():
    listed = GUIDE[GUIDE.index("## Checked at the first deployment") : GUIDE.index("## On AWS it differs")]
    blocks = re.findall(r"```sh\n(.*?)```", listed, re.DOTALL)[1:]
    silent = re.compile(r"\w+=|\w+\(\) \{|sleep |curl .* > ")
    for block in blocks:
        lines = block.splitlines()
        for line, after in zip(lines, [*lines[1:], ""], strict=True):
            assert line.startswith("#=> ") or silent.match(line) or after.startswith("#=> "), line


def _table() -> list[list[str]]:
    rows = [line for line in GUIDE[GUIDE.index("## On AWS it differs") :].splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in row.strip("|").split(" | ")] for row in rows[1:]]


def test_each_line_of_what_differs_says_how_it_shows_here_and_which_check_it_has():
    rows = _table()
    checks = set(re.findall(r"^\*\*(\d+)\. ", GUIDE, re.MULTILINE))
    assert len(rows) > 20
    for row in rows:
        assert len(row) == 4, row
        assert all(row[:3]), row
        assert set(re.findall(r"\b\d+\b", row[3])) <= checks, row

"""How a request gets to a route's handler: whether the route is its, what it says, and whether that is what is taken.

Powertools finds out what a handler takes, from its signature, and describes that in the OpenAPI document. It reads a
request too, for every kind of event and of parameter that it knows, and looks at the signature again for each. Handlers
here take few kinds, so what they take is found out once for each route, when it is first asked (decision 62).
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property, wraps
from inspect import signature
from typing import Annotated, Any, TypeVar, cast, get_origin

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.compat import ModelField
from aws_lambda_powertools.event_handler.openapi.dependant import get_dependant
from aws_lambda_powertools.event_handler.openapi.params import Dependant
from pydantic import BaseModel

from slotline.http.core.caller import Caller
from slotline.http.core.messages import invalid
from slotline.http.core.queries import read_query
from slotline.http.core.rights import Rights, rights_of

Event = Mapping[str, Any]
Parse = Callable[[str], dict[str, Any]]
Handler = TypeVar("Handler", bound=Callable[..., Any])
_PART = re.compile(r"<(\w+)>")
"""A part of a route's path that may be anything."""

CurrentCaller = Annotated[Caller, "who sends this request"]
"""A parameter of a handler that is who sends the request."""


def pattern_of(rule: str) -> re.Pattern[str]:
    """A route's path, of which a part in angle brackets may be any text without a slash.

    Powertools' own takes few characters beyond letters and digits: a number with no-break spaces was no address.
    """
    return re.compile("^{}$".format(_PART.sub(r"(?P<\1>[^/]+)", rule)))


def without_caller(handler: Handler) -> Handler:
    """The handler as the OpenAPI document describes it: nobody sends the caller as a parameter."""
    names = _callers_of(handler)
    if not names:
        return handler

    @wraps(handler)
    def described(**said: Any) -> Any:
        return handler(**said)

    shown = signature(handler)
    left = [parameter for name, parameter in shown.parameters.items() if name not in names]
    described.__annotations__ = {name: kind for name, kind in handler.__annotations__.items() if name not in names}
    described.__signature__ = shown.replace(parameters=left)  # type: ignore[attr-defined]  # as PEP 362 has it
    return cast("Handler", described)


class Door:
    """A route with its handler."""

    def __init__(self, method: str, rule: str, handler: Callable[..., Response[str]]) -> None:
        self.method, self._rule, self._handler = method, rule, handler
        self._callers = _callers_of(handler)
        self.pattern = pattern_of(rule)
        self.rights: Rights | None = rights_of(handler)

    def opened_by(self, method: str, path: str) -> dict[str, str] | None:
        """What the path says, if this is the request's route."""
        found = self.pattern.match(path) if method == self.method else None
        return found.groupdict() if found else None

    def read(self, path: Mapping[str, str], event: Event, parse: Parse) -> dict[str, Any]:
        """What the handler takes. Raises InvalidRequest that names every bad field."""
        return self._taken.read(path, event, parse)

    def answer(self, said: Mapping[str, Any], caller: Caller | None) -> Response[str]:
        """What the handler says."""
        return self._handler(**said, **dict.fromkeys(self._callers, caller))

    @cached_property
    def _taken(self) -> "_Taken":
        return _Taken(get_dependant(path=_PART.sub(r"{\1}", self._rule), call=without_caller(self._handler)))


class _Taken:
    """What a handler takes: parts of the path, parameters or one model of them, headers, a body."""

    def __init__(self, described: Dependant) -> None:
        """As Powertools describes it. Raises TypeError for what is not read here."""
        query = described.query_params
        if (
            described.cookie_params
            or described.dependencies
            or len(described.body_params) > 1
            or any(_model_of(field) for field in described.header_params)
            or (len(query) > 1 and any(_model_of(field) for field in query))
        ):
            raise TypeError(f"{described.call}: no door reads a cookie, a dependency, a second body, or two models")
        self._path = [_Part(field, "path", field.alias) for field in described.path_params]
        self._query = [_Part(field, "query", field.alias) for field in query]
        self._headers = [_Part(field, "header", field.alias) for field in described.header_params]
        self._body = next((_Part(field, "body") for field in described.body_params), None)
        self._models = [field.type_ for field in described.body_params]
        self._is_model = any(_model_of(field) for field in query)
        self._lists = {name: is_list for field in query for name, is_list in _parameters(field)}
        """The parameters of the query, and whether each is a list."""
        self._single = [name for name, is_list in self._lists.items() if not is_list]
        self._several = [name for name, is_list in self._lists.items() if is_list]

    def read(self, path: Mapping[str, str], event: Event, parse: Parse) -> dict[str, Any]:
        """The values by the names of the handler's parameters. Raises InvalidRequest that names every bad field."""
        said = read_query(event.get("rawQueryString") or "", self._single, self._several)
        values: dict[str, Any] = {}
        faults: list[dict[str, Any]] = []
        for part in self._path:
            part.take(path.get(part.alias), values, faults)
        for part in self._query:
            part.take(self._in_parts(said) if self._is_model else said.get(part.alias), values, faults)
        if self._headers:
            headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
            for part in self._headers:
                part.take(headers.get(part.alias), values, faults)
        if self._body:
            text = event.get("body")
            self._body.take(parse(text) if text else None, values, faults)
        if faults:
            raise invalid(faults, (self._place(fault["loc"]) for fault in faults), self._models)
        return values

    def _in_parts(self, query: Mapping[str, str]) -> dict[str, str | list[str]]:
        """The query with the values of its lists one by one."""
        return {name: value.split(",") if self._lists[name] else value for name, value in query.items()}

    def _place(self, location: Sequence[object]) -> tuple[str, ...]:
        """Where in the request something is wrong. Of a query only the parameter counts, not what it is read into."""
        where, *parts = (str(part) for part in location)
        return tuple(part for part in parts if part in self._lists)[:1] if where == "query" else tuple(parts)


class _Part:
    """One thing that a handler takes. `place`: where in the request it is."""

    def __init__(self, field: ModelField, *place: str) -> None:
        self.alias = field.alias
        self._place, self._name, self._validate = place, field.name, field.validate
        self._is_required = field.required
        self._default = field.get_default()

    def take(self, said: Any, values: dict[str, Any], faults: list[dict[str, Any]]) -> None:
        """Put its value among the values, or what is wrong with it among the faults."""
        if said is not None:
            values[self._name], found = self._validate(said, loc=self._place)
            if found:
                faults.extend(found)
        elif self._is_required:
            faults.append({"type": "missing", "loc": self._place})
        else:
            values[self._name] = self._default


def _parameters(field: ModelField) -> Iterator[tuple[str, bool]]:
    """The parameters of a query that are read into this, and whether each is a list."""
    model = _model_of(field)
    if model is None:
        yield field.alias, False
        return
    for name, inner in model.model_fields.items():
        yield inner.alias or name, get_origin(inner.annotation) is list


def _model_of(field: ModelField) -> type[BaseModel] | None:
    """The model that a whole query is read into."""
    return field.type_ if isinstance(field.type_, type) and issubclass(field.type_, BaseModel) else None


def _callers_of(handler: Callable[..., Any]) -> tuple[str, ...]:
    return tuple(name for name, kind in handler.__annotations__.items() if kind == CurrentCaller)
